/* log.c -- one JSON object a line, built on the stack and written with one
 * write(2), so that lines of several threads or processes on one pipe do not
 * mix. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include "timeutil.h"

/* PIPE_BUF on Linux: longer writes to a pipe are not atomic. */
#define LINE_BYTES 4096
#define MESSAGE_BYTES 2048

static const char *log_service = "suyuan";
static enum log_level log_threshold = LOG_INFO;
static char log_trace_text[TRACE_TEXT_MAX];
static bool log_terminal;

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

struct line {
	char buf[LINE_BYTES];
	size_t len;
	size_t limit; /* what comes after the message must still fit */
};

void log_open(const char *service, enum log_level threshold)
{
	log_service = service;
	log_threshold = threshold;
}

void log_open_terminal(const char *program, enum log_level threshold)
{
	log_open(program, threshold);
	log_terminal = true;
}

bool log_enabled(enum log_level level)
{
	return level >= log_threshold;
}

void log_trace(const struct trace *trace)
{
	log_trace_text[0] = '\0';
	if (trace && trace_is_set(trace))
		trace_text(trace, log_trace_text);
}

/* Adds all of it or nothing. */
static void put(struct line *line, const char *data, size_t len)
{
	if (len > line->limit - line->len)
		return;
	memcpy(line->buf + line->len, data, len);
	line->len += len;
}

static void put_text(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

static void put_character(struct line *line, const char *utf8, size_t len,
			  UChar32 c)
{
	char escape[8];

	if (c < 0) {
		put_text(line, "\xEF\xBF\xBD"); /* U+FFFD */
	} else if (c == '"' || c == '\\') {
		escape[0] = '\\';
		escape[1] = (char)c;
		put(line, escape, 2);
	} else if (c == '\n') {
		put_text(line, "\\n");
	} else if (c < 0x20 || c == 0x7f) {
		snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)c);
		put_text(line, escape);
	} else {
		put(line, utf8, len);
	}
}

static void put_escaped(struct line *line, const char *text)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t len = strlen(text), i = 0;

	while (i < len) {
		size_t from = i;
		UChar32 c;

		U8_NEXT(bytes, i, len, c);
		put_character(line, text + from, i - from, c);
	}
}

void log_write(enum log_level level, const char *fmt, ...)
{
	char message[MESSAGE_BYTES], time_text[TIME_TEXT_MAX];
	struct line line = { .limit = LINE_BYTES - sizeof("\"}\n") };
	int saved_errno = errno;
	va_list ap;

	if (level < log_threshold)
		return;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);

	if (log_terminal) {
		dprintf(STDERR_FILENO, "%s: %s\n", log_service, message);
		errno = saved_errno;
		return;
	}
	put_text(&line, "{\"ts\":\"");
	put_text(&line, time_format_us(time_now_us(), time_text));
	put_text(&line, "\",\"level\":\"");
	put_text(&line, level_names[level]);
	put_text(&line, "\",\"service\":\"");
	put_escaped(&line, log_service);
	if (log_trace_text[0]) {
		put_text(&line, "\",\"trace\":\"");
		put_text(&line, log_trace_text);
	}
	put_text(&line, "\",\"msg\":\"");
	put_escaped(&line, message);
	line.limit = LINE_BYTES;
	put_text(&line, "\"}\n");

	/* A line that cannot be written is lost: there is nobody to tell. */
	while (write(STDERR_FILENO, line.buf, line.len) < 0 && errno == EINTR)
		;
	errno = saved_errno;
}
