/* records_jsonl.c -- one JSON object a line. */
#include <string.h>

#include "records_internal.h"

/* jansson's own texts quote the input, ours must not. */
static const char *json_fault(const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_invalid_utf8:
		return "is not UTF-8";
	case json_error_null_character:
	case json_error_null_byte_in_key:
	case json_error_null_value:
		return "holds NUL";
	case json_error_duplicate_key:
		return "has a key twice";
	case json_error_numeric_overflow:
		return "has a number that is too large";
	case json_error_unknown:
	case json_error_out_of_memory:
	case json_error_stack_overflow:
	case json_error_cannot_open_file:
	case json_error_invalid_argument:
	case json_error_premature_end_of_input:
	case json_error_end_of_input_expected:
	case json_error_invalid_syntax:
	case json_error_invalid_format:
	case json_error_wrong_type:
	case json_error_item_not_found:
	case json_error_index_out_of_range:
		break;
	}
	return "is not JSON";
}

static enum record_outcome take_line(struct records *r, size_t len,
				     struct record *record_r, struct problem *p)
{
	const char *line = r->buf + r->start;
	enum record_outcome outcome = RECORD_OK;
	json_error_t fault;

	p->line = record_r->line = r->start_line;
	json_decref(r->json);
	r->json = NULL;
	if (memchr(line, '\0', len)) {
		problem_set(p, "INVALID", "", "holds NUL");
		outcome = RECORD_BAD;
	} else if (!(r->json = json_loadb(line, len, JSON_REJECT_DUPLICATES,
					  &fault))) {
		problem_set(p, "MALFORMED", "", "%s at character %d",
			    json_fault(&fault), fault.column);
		outcome = RECORD_BAD;
	} else if (!json_is_object(r->json)) {
		problem_set(p, "MALFORMED", "", "is not an object");
		outcome = RECORD_BAD;
	}
	r->start = r->pos;
	r->start_line = r->line;
	record_r->n = 0;
	record_r->values = NULL;
	record_r->lens = NULL;
	record_r->json = r->json;
	return outcome;
}

static bool blank(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r", line[i]) || !line[i])
			return false;
	return true;
}

enum record_outcome jsonl_next(struct records *r, struct record *record_r,
			       struct problem *problem_r)
{
	for (;;) {
		const char *from = r->buf + r->pos;
		size_t left = r->len - r->pos, len;
		const char *end = left ? memchr(from, '\n', left) : NULL;

		r->pos = end ? (size_t)(end - r->buf) + 1 : r->len;
		len = r->pos - r->start - (end != NULL);
		if (len > RECORD_MAX_BYTES) {
			problem_r->line = r->start_line;
			problem_set(problem_r, "TOO_LARGE", "",
				    "over 262144 bytes");
			records_skip(r);
			return RECORD_BAD;
		}
		if (!end && !r->finished)
			return RECORD_MORE;
		r->line += end != NULL;
		if (!blank(r->buf + r->start, len))
			return take_line(r, len, record_r, problem_r);
		r->start = r->pos;
		r->start_line = r->line;
		if (r->pos == r->len)
			return r->finished ? RECORD_END : RECORD_MORE;
	}
}
