/* records_csv.c -- RFC 4180 by libcsv in strict mode, divided as the header is.
 * libcsv does not say where a row began, so it is given one line at a time; a
 * quoted field may go over several. */
#include <stdlib.h>
#include <string.h>

#include "records_internal.h"

/* RFC 4180: spaces are part of a field. */
static int no_space_cb(unsigned char c)
{
	(void)c;
	return 0;
}

void csv_reset(struct records *r)
{
	csv_free(&r->parser);
	csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL);
	csv_set_space_func(&r->parser, no_space_cb);
	csv_set_blk_size(&r->parser, 4096);
	csv_set_delim(&r->parser, (unsigned char)r->delimiter);
	r->in_row = r->row_done = false;
	r->fields = r->text_len = 0;
}

static void field_cb(void *data, size_t len, void *arg)
{
	struct records *r = arg;

	if (r->fields == r->fields_cap) {
		r->fields_cap = r->fields_cap ? 2 * r->fields_cap : 64;
		r->offsets = grow(r->offsets, r->fields_cap, sizeof(size_t));
		r->lens = grow(r->lens, r->fields_cap, sizeof(size_t));
		r->values = grow(r->values, r->fields_cap, sizeof(char *));
	}
	if (r->text_len + len + 1 > r->text_cap) {
		r->text_cap = 2 * (r->text_len + len + 1);
		r->text = grow(r->text, r->text_cap, 1);
	}
	r->offsets[r->fields] = r->text_len;
	r->lens[r->fields++] = len;
	if (len > 0)
		memcpy(r->text + r->text_len, data, len);
	r->text[r->text_len + len] = '\0';
	r->text_len += len + 1;
}

static void row_cb(int c, void *arg)
{
	struct records *r = arg;

	(void)c;
	r->row_done = true;
}

static enum record_outcome refuse(struct records *r, struct problem *p,
				  const char *code, const char *text)
{
	p->line = r->start_line;
	problem_set(p, code, "", "%s", text);
	records_skip(r);
	csv_reset(r);
	return RECORD_BAD;
}

/* How far libcsv may be fed at once: to the end of the line, or of a carriage
 * return that stands alone (which ends a row too), so that no two rows come
 * out of one piece. */
static size_t piece(const struct records *r)
{
	const char *from = r->buf + r->pos;
	size_t left = r->len - r->pos;
	const char *end = memchr(from, '\n', left);
	size_t n = end ? (size_t)(end - from) + 1 : left;
	const char *cr = memchr(from, '\r', n);

	if (cr && cr + 1 != end)
		n = (size_t)(cr - from) + 1;
	return n;
}

/* The row's fields are whole. */
static enum record_outcome take_row(struct records *r, struct record *record_r,
				    struct problem *p)
{
	bool header = r->columns_nr == 0;
	const char *why;
	size_t n = r->fields;

	p->line = record_r->line = r->start_line;
	for (size_t i = 0; i < n; i++)
		r->values[i] = r->text + r->offsets[i];
	r->start = r->pos;
	r->start_line = r->line;
	r->in_row = r->row_done = false;
	r->fields = r->text_len = 0;
	if (!header && n != r->columns_nr) {
		problem_set(p, "INVALID", "", "%zu columns, the header has %zu",
			    n, r->columns_nr);
		return RECORD_BAD;
	}
	for (size_t i = 0; i < n; i++)
		if (!text_valid(r->values[i], r->lens[i], &why)) {
			problem_set(p, "INVALID", header ? "" : r->columns[i],
				    "%s", why);
			return RECORD_BAD;
		}
	record_r->n = n;
	record_r->values = r->values;
	record_r->lens = r->lens;
	record_r->json = NULL;
	if (!header)
		return RECORD_OK;
	r->columns = grow(NULL, n, sizeof(char *));
	for (; r->columns_nr < n; r->columns_nr++)
		if (!(r->columns[r->columns_nr] =
			      strdup(r->values[r->columns_nr])))
			abort();
	return RECORD_HEADER;
}

/* What divides the columns of the header: a comma; where it has none, the
 * semicolon or tab that spreadsheets write where numbers have a decimal comma.
 * '\0': its line is not whole yet. */
static char delimiter(const struct records *r)
{
	bool quoted = false, begun = false;
	char other = ',';

	for (size_t at = r->pos; at < r->len; at++) {
		char c = r->buf[at];
		bool ends = c == '\n' || c == '\r';

		if (c == '"')
			quoted = !quoted;
		if (!quoted && (c == ',' || (ends && begun)))
			return c == ',' ? ',' : other;
		if (!quoted && other == ',' && (c == ';' || c == '\t'))
			other = c;
		begun = begun || !ends;
	}
	return r->finished || r->len - r->pos > RECORD_MAX_BYTES ? other : '\0';
}

enum record_outcome csv_next(struct records *r, struct record *record_r,
			     struct problem *problem_r)
{
	if (!r->delimiter) {
		r->delimiter = delimiter(r);
		if (!r->delimiter)
			return RECORD_MORE;
		csv_set_delim(&r->parser, (unsigned char)r->delimiter);
	}
	while (r->pos < r->len) {
		size_t n = piece(r);
		const char *from = r->buf + r->pos;
		bool blank = !r->in_row && (*from == '\n' || *from == '\r');

		if (r->pos + n - r->start > RECORD_MAX_BYTES)
			return refuse(r, problem_r, "TOO_LARGE",
				      r->line == r->start_line
					      ? "over 262144 bytes"
					      : "over 262144 bytes: is a quote "
						"never closed?");
		r->in_row = !blank;
		if (csv_parse(&r->parser, from, n, field_cb, row_cb, r) != n)
			return refuse(r, problem_r, "MALFORMED",
				      "a quote where none may be");
		r->pos += n;
		r->line += from[n - 1] == '\n';
		if (r->row_done)
			return take_row(r, record_r, problem_r);
		if (blank) {
			r->start = r->pos;
			r->start_line = r->line;
		}
	}
	if (!r->finished)
		return RECORD_MORE;
	if (!r->in_row)
		return RECORD_END;
	if (csv_fini(&r->parser, field_cb, row_cb, r) != 0)
		return refuse(r, problem_r, "MALFORMED",
			      "a quote is never closed");
	r->in_row = false;
	return r->row_done ? take_row(r, record_r, problem_r) : RECORD_END;
}
