/* records_internal.h -- between records.c (bytes, lines, resuming after an
 * error), records_csv.c and records_jsonl.c. */
#ifndef SUYUAN_CLI_RECORDS_INTERNAL_H
#define SUYUAN_CLI_RECORDS_INTERNAL_H

#include <csv.h>

#include "records.h"

/* Bytes not yet done with: [start, pos) belongs to the record that is being
 * read, [pos, len) is unread. */
struct records {
	enum record_format format;
	char *buf;
	size_t start, pos, len, cap;
	uint64_t line, start_line; /* at pos and at start */
	bool finished, began;
	bool skipping; /* to the end of a line that was refused */

	/* CSV */
	struct csv_parser parser;
	char delimiter; /* '\0': the header has not told it yet */
	bool in_row, row_done;
	char *text; /* of the row's fields, each with its NUL */
	size_t text_len, text_cap;
	size_t *offsets, *lens;
	const char **values;
	size_t fields, fields_cap;
	char **columns;
	size_t columns_nr;

	/* JSON lines */
	json_t *json;
};

/* Memory is out: nothing sensible is left to do in a command line tool. */
void *grow(void *old, size_t n, size_t size);

/* The record at start is refused: reading goes on at the line after its first
 * one. Its further lines may be whole records: a quote that was never closed
 * must cost one line and not the rest of the file. */
void records_skip(struct records *r);

enum record_outcome csv_next(struct records *r, struct record *record_r,
			     struct problem *problem_r);
void csv_reset(struct records *r);
enum record_outcome jsonl_next(struct records *r, struct record *record_r,
			       struct problem *problem_r);

#endif
