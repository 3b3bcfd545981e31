/* offices.c -- see offices.h. */
#include "offices.h"

#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "records.h"
#include "records_internal.h"

static void add(struct offices *o, const char *code)
{
	if (o->n == o->cap) {
		o->cap = o->cap ? 2 * o->cap : 1024;
		o->codes = grow(o->codes, o->cap, sizeof(*o->codes));
	}
	o->codes[o->n++] = arena_strdup(&o->arena, code);
}

static int take(struct offices *o, struct input *in, struct records *r,
		struct error *err)
{
	struct record row;
	struct problem problem;
	int code = -1, level = -1;
	long n;

	for (;;) {
		switch (records_next(r, &row, &problem)) {
		case RECORD_HEADER:
			code = records_find_column(r, "code");
			level = records_find_column(r, "level");
			if (code < 0 || level < 0)
				return error_set(err, "wants the columns code "
						      "and level");
			break;
		case RECORD_OK:
			if (strcmp(row.values[level], "office") == 0)
				add(o, row.values[code]);
			break;
		case RECORD_BAD:
			return error_set(err, "line %llu: %s",
					 (unsigned long long)problem.line,
					 problem.text);
		case RECORD_MORE:
			n = input_read(in, err);
			if (n < 0)
				return -1;
			if (n == 0)
				records_finish(r);
			else
				records_feed(r, in->chunk, (size_t)n);
			break;
		case RECORD_END:
			return o->n > 0 ? 0
					: error_set(err, "has no unit of "
							 "level office");
		}
	}
}

int offices_load(struct offices *o, const char *path, struct error *err)
{
	struct input *in = calloc(1, sizeof(*in));
	struct records *r;
	int status;

	if (!in)
		abort();
	if (input_open(in, path, err) < 0) {
		free(in);
		return -1;
	}
	r = records_new(FORMAT_CSV);
	status = take(o, in, r, err);
	if (status < 0)
		error_prefix(err, "%s", path);
	records_free(r);
	input_close(in);
	free(in);
	return status;
}

void offices_close(struct offices *o)
{
	arena_reset(&o->arena);
	free(o->codes);
}
