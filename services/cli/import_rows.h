/* import_rows.h -- rows of the directory's CSV files as records. */
#ifndef SUYUAN_CLI_IMPORT_ROWS_H
#define SUYUAN_CLI_IMPORT_ROWS_H

#include "arena.h"
#include "error.h"
#include "records.h"
#include "suyuan/v1/directory.pb-c.h"
#include "json/pbtext.h"

#define SHEET_COLUMNS_MAX 16
#define SHEET_NAMES_MAX 8

/* What a file's header says: which sort of record its rows are. */
struct sheet {
	const struct sheet_form *form;
	struct {
		enum { CELL_FIELD, CELL_NAME, CELL_LIST } kind;
		struct pb_path path; /* in the record's message */
		const char *lang;    /* CELL_NAME */
	} cells[SHEET_COLUMNS_MAX];
	size_t n;
};

int sheet_bind(struct sheet *sheet_r, const struct records *records,
	       struct arena *arena, struct error *err);
/* Files are imported in this order, so that what is referred to comes first. */
int sheet_rank(const struct sheet *sheet);

/* The record of a row, in the arena; NULL with the problem. */
Sy__V1__DirectoryRecord *sheet_record(const struct sheet *sheet,
				      const struct record *row,
				      struct arena *arena,
				      struct problem *problem);

/* "unit/CODE" and so on, in the arena: what others may refer to once the record
 * is there, and what it refers to itself. NULL: nothing. */
const char *record_makes(const Sy__V1__DirectoryRecord *record,
			 struct arena *arena);
const char *record_refers(const Sy__V1__DirectoryRecord *record,
			  struct arena *arena);

#endif
