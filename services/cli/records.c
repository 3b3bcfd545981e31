/* records.c -- the bytes of a file of records: feeding, counting lines, going
 * on after a bad one. What a record is: records_csv.c, records_jsonl.c. */
#include "records.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/utf8.h>

#include "records_internal.h"
#include "utf8.h"

int problem_set(struct problem *p, const char *code, const char *field,
		const char *fmt, ...)
{
	va_list ap;

	p->code = code;
	snprintf(p->field, sizeof(p->field), "%.*s",
		 utf8_fit(field, sizeof(p->field) - 1), field);
	va_start(ap, fmt);
	vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);
	utf8_trim(p->text);
	return -1;
}

void *grow(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n, size);

	if (!p) {
		fprintf(stderr, "suyuan: out of memory\n");
		abort();
	}
	return p;
}

bool text_valid(const char *data, size_t len, const char **why_r)
{
	const uint8_t *p = (const uint8_t *)data;

	for (size_t i = 0; i < len;) {
		UChar32 c;

		if (p[i] && p[i] < 0x80) {
			i++;
			continue;
		}
		U8_NEXT(p, i, len, c);
		if (c <= 0) {
			*why_r = c < 0 ? "is not UTF-8: see --encoding"
				       : "holds NUL";
			return false;
		}
	}
	return true;
}

struct records *records_new(enum record_format format)
{
	struct records *r = grow(NULL, 1, sizeof(*r));

	/* A buffer from the start: places in an empty file are places in it. */
	*r = (struct records){ .format = format,
			       .line = 1,
			       .start_line = 1,
			       .buf = grow(NULL, 1, 1),
			       .cap = 1 };
	if (format == FORMAT_CSV)
		csv_reset(r);
	return r;
}

void records_free(struct records *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->columns_nr; i++)
		free(r->columns[i]);
	free(r->columns);
	if (r->format == FORMAT_CSV)
		csv_free(&r->parser);
	free(r->text);
	free(r->offsets);
	free(r->lens);
	free(r->values);
	json_decref(r->json);
	free(r->buf);
	free(r);
}

void records_feed(struct records *r, const char *data, size_t len)
{
	if (r->start > 0) {
		memmove(r->buf, r->buf + r->start, r->len - r->start);
		r->len -= r->start;
		r->pos -= r->start;
		r->start = 0;
	}
	if (r->len + len > r->cap) {
		r->cap = (r->len + len) * 2;
		r->buf = grow(r->buf, r->cap, 1);
	}
	if (len > 0)
		memcpy(r->buf + r->len, data, len);
	r->len += len;
}

void records_finish(struct records *r)
{
	r->finished = true;
}

void records_skip(struct records *r)
{
	r->pos = r->start;
	r->line = r->start_line;
	r->skipping = true;
}

/* Moves to the end of the line. False: it is not there yet. */
static bool skip_line(struct records *r)
{
	const char *from = r->buf + r->pos;
	const char *end = memchr(from, '\n', r->len - r->pos);

	r->pos = end ? (size_t)(end - r->buf) + 1 : r->len;
	r->start = r->pos;
	if (!end)
		return false;
	r->line++;
	r->start_line = r->line;
	r->skipping = false;
	return true;
}

/* A byte order mark says nothing about UTF-8. False: wait for three bytes. */
static bool begin(struct records *r)
{
	if (r->len < 3 && !r->finished)
		return false;
	r->began = true;
	if (r->len >= 3 && memcmp(r->buf, "\xef\xbb\xbf", 3) == 0)
		r->start = r->pos = 3;
	return true;
}

enum record_outcome records_next(struct records *r, struct record *record_r,
				 struct problem *problem_r)
{
	if (!r->began && !begin(r))
		return RECORD_MORE;
	if (r->skipping && r->len > r->pos)
		skip_line(r);
	if (r->skipping)
		return r->finished ? RECORD_END : RECORD_MORE;
	problem_r->type = "";
	return r->format == FORMAT_CSV ? csv_next(r, record_r, problem_r)
				       : jsonl_next(r, record_r, problem_r);
}

uint64_t records_lines(const struct records *r)
{
	/* A last line without its end is a line too. */
	return r->line - (r->pos == 0 || r->buf[r->pos - 1] == '\n');
}

size_t records_columns(const struct records *r)
{
	return r->columns_nr;
}

int records_find_column(const struct records *r, const char *name)
{
	int found = -1;

	for (size_t i = 0; i < r->columns_nr; i++)
		if (strcmp(r->columns[i], name) == 0)
			found = found == -1 ? (int)i : -2;
	return found;
}

const char *records_column(const struct records *r, size_t i, struct error *err)
{
	const char *name = r->columns[i];

	if (name[0] != '\0' && records_find_column(r, name) >= 0)
		return name;
	if (name[0] == '\0')
		error_set(err, "column %zu has no name", i + 1);
	else
		error_set(err, "column '%.*s' is there twice",
			  utf8_fit(name, 64), name);
	return NULL;
}
