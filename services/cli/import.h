/* import.h -- between import.c (the command), import_files.c (the files as one
 * row of records) and import_check.c (the dry run). */
#ifndef SUYUAN_CLI_IMPORT_H
#define SUYUAN_CLI_IMPORT_H

#include "cli.h"
#include "clock/ics.h"
#include "input.h"
#include "pump.h"
#include "rejects.h"
#include "sheets.h"

#define IMPORT_FILES_MAX 64

struct import_file {
	const char *path, *encoding; /* NULL: UTF-8 */
	struct sheet sheet;
};

struct import {
	struct import_file files[IMPORT_FILES_MAX];
	size_t files_nr, at;
	struct input *input;
	struct records *records; /* of files[at]; NULL = not open */
	/* After the files: days of a calendar out of an .ics file. */
	const char *ics_path, *calendar;
	struct ics_day *days;
	size_t days_nr, days_at;
	struct import_version *seen; /* of files[at] so far */
	struct rejects *rejects;
	uint64_t rows, bad_rows;
	uint64_t read_bytes, total_bytes;
};

/* Opens each file once for its header and puts them in order. */
int import_open(struct import *im, struct error *err);
void import_close(struct import *im);

/* The next good record, in the arena; bad rows go to the rejects. NULL at the
 * end (err->text empty) or when a file cannot be read. */
Sy__V1__DirectoryRecord *import_next(struct import *im, struct arena *arena,
				     uint64_t *tag_r, struct error *err);
/* import_ics.c: reads the file's days of the years first_year..last_year, to be
 * days of the calendar. */
int import_ics(struct import *im, const char *path, const char *calendar,
	       int first_year, int last_year, struct error *err);
/* The next of them, NULL at the end. */
Sy__V1__DirectoryRecord *import_next_day(struct import *im,
					 struct arena *arena);
/* Puts a refusal where the tag says. */
void import_reject(struct import *im, uint64_t tag, Sy__V1__ErrorCode code,
		   const char *field, const char *text);

/* Asks the directory what would happen. */
enum cli_exit import_check(struct cli *cli, struct import *im,
			   struct error *err);

#endif
