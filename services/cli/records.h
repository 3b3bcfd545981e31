/* records.h -- files of records, CSV or JSON lines, taken apart as they come:
 * the caller feeds bytes and takes records. A line that is wrong is one
 * problem; the rest goes on. No I/O in here. */
#ifndef SUYUAN_CLI_RECORDS_H
#define SUYUAN_CLI_RECORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* An event may have this much; a record that is longer cannot become one. */
#define RECORD_MAX_BYTES ((size_t)256 * 1024)

/* Why a record was refused. Never holds a value of the record. */
struct problem {
	uint64_t line;    /* where the record begins, from 1 */
	const char *code; /* name of an ErrorCode, static */
	const char *type; /* of the event, or "" */
	char field[64];   /* column, or path in the request */
	char text[160];
};
__attribute__((format(printf, 4, 5))) int problem_set(struct problem *p,
						      const char *code,
						      const char *field,
						      const char *fmt, ...);

/* One record; lives until the next call of records_next. */
struct record {
	uint64_t line;
	size_t n; /* CSV: columns, as many as the header has */
	const char *const *values;
	const size_t *lens;
	json_t *json; /* JSON lines: an object; then n is 0 */
};

enum record_outcome {
	RECORD_OK,
	RECORD_HEADER, /* CSV: once, before all others */
	RECORD_BAD,    /* the problem is filled; before the header: give up */
	RECORD_MORE,   /* feed more, or say that there is none */
	RECORD_END,
};

enum record_format { FORMAT_CSV, FORMAT_JSONL };

struct records;
struct records *records_new(enum record_format format);
void records_free(struct records *r);
/* Copies len bytes. Only after RECORD_MORE, or in the beginning. */
void records_feed(struct records *r, const char *data, size_t len);
void records_finish(struct records *r); /* nothing follows */
enum record_outcome records_next(struct records *r, struct record *record_r,
				 struct problem *problem_r);
/* Lines that were read so far, and the header's columns (CSV). */
uint64_t records_lines(const struct records *r);
size_t records_columns(const struct records *r);
/* Its name; NULL if it has none or the header has it twice, which err says. */
const char *records_column(const struct records *r, size_t i,
			   struct error *err);
/* Index of a column: -1 not there, -2 there more than once. */
int records_find_column(const struct records *r, const char *name);

/* True if data is UTF-8 without NUL; *why_r says what is wrong otherwise. */
bool text_valid(const char *data, size_t len, const char **why_r);

#endif
