/* sheets.h -- the CSV files of the directory: which sort of record each holds,
 * which field each column is. Read by import, written by export, so that what
 * is exported is what import takes. */
#ifndef SUYUAN_CLI_SHEETS_H
#define SUYUAN_CLI_SHEETS_H

#include "arena.h"
#include "error.h"
#include "records.h"
#include "suyuan/v1/directory.pb-c.h"
#include "json/pbtext.h"

#define SHEET_COLUMNS_MAX 32

enum sheet_form_of {
	CELL_FIELD,   /* a single value */
	CELL_LABEL,   /* of repeated labels the one in lang */
	CELL_LIST,    /* repeated texts, divided by ';' */
	CELL_HOURS,   /* repeated hours: 09:00-13:00;14:00-18:00 */
	CELL_WEEK,    /* of repeated weekdays the hours of one, 1..7 */
	CELL_WEEKDAY, /* mon .. sun */
	CELL_JSON,    /* repeated messages, as JSON */
};

struct sheet_column {
	const char *name;
	const char *path; /* in the record's message */
	enum sheet_form_of form;
	const char *lang;
	uint32_t weekday;
};

struct sheet_form {
	const char *name; /* of the file, without .csv */
	/* Both must be there for this to be the form. */
	const char *marks[2];
	const ProtobufCMessageDescriptor *desc;
	Sy__V1__DirectoryRecord__RecordCase which;
	Sy__V1__Policy__RuleCase rule;      /* of policies */
	const struct sheet_column *columns; /* to one without a name */
};

/* In the order of import, so that what is referred to comes first. NULL: no
 * more. */
const struct sheet_form *sheet_form_at(size_t n);
/* That a record is written to; NULL: such records are in no file. */
const struct sheet_form *sheet_form_of(const Sy__V1__DirectoryRecord *record);

/* What a file's header says. */
struct sheet {
	const struct sheet_form *form;
	const struct sheet_column *cells[SHEET_COLUMNS_MAX];
	size_t n;
};

int sheet_bind(struct sheet *sheet_r, const struct records *records,
	       struct error *err);

/* The record of a row, in the arena; NULL with the problem. */
Sy__V1__DirectoryRecord *sheet_record(const struct sheet *sheet,
				      const struct record *row,
				      struct arena *arena,
				      struct problem *problem);

/* What stands in the record's cell of that column; "" = nothing. */
const char *sheet_text(const struct sheet_column *column,
		       const Sy__V1__DirectoryRecord *record,
		       struct arena *arena);

#endif
