/* error.c -- texts of failures; see error.h. */
#include "error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unicode/utf8.h>

/* Copies text, cut to the size. These texts go into protobuf strings, so a
 * character must not be cut in two. */
static void set_text(struct error *err, const char *text)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t len = strnlen(text, sizeof(err->text));

	if (len == sizeof(err->text)) {
		len = sizeof(err->text) - 1;
		U8_TRUNCATE_IF_INCOMPLETE(bytes, 0, len);
	}
	memcpy(err->text, text, len);
	err->text[len] = '\0';
}

int error_set(struct error *err, const char *fmt, ...)
{
	/* Apart, because the arguments may point into err->text. */
	char text[sizeof(err->text) + 1];
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	set_text(err, text);
	return -1;
}

int error_prefix(struct error *err, const char *fmt, ...)
{
	char text[2 * sizeof(err->text)];
	va_list ap;
	size_t len;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, ": %s", err->text);
	set_text(err, text);
	return -1;
}
