/* import_files.c -- several CSV files as one row of records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "dir/refs.h"
#include "import.h"
#include "query.h"

#define TAG(file, line) ((uint64_t)(file) << 48 | (line))
#define TAG_FILE(tag) ((size_t)((tag) >> 48))
#define TAG_LINE(tag) ((tag) & ((UINT64_C(1) << 48) - 1))

static int open_file(struct import *im, struct error *err)
{
	const struct import_file *f = &im->files[im->at];

	im->input->encoding_name = f->encoding;
	if (input_open(im->input, f->path, err) < 0)
		return -1;
	im->records = records_new(FORMAT_CSV);
	return 0;
}

static void close_file(struct import *im)
{
	records_free(im->records);
	im->records = NULL;
	input_close(im->input);
}

/* 1: a row; 0: the file is at its end; -1. Bad rows are noted on the way. */
static int next_row(struct import *im, struct record *row,
		    struct problem *problem, struct error *err)
{
	struct import_file *f = &im->files[im->at];

	for (;;) {
		long n;

		switch (records_next(im->records, row, problem)) {
		case RECORD_OK:
			return 1;
		case RECORD_HEADER:
			if (sheet_bind(&f->sheet, im->records, err) < 0)
				return error_prefix(err, "%s", f->path);
			break;
		case RECORD_BAD:
			if (records_columns(im->records) == 0)
				return error_set(err, "%s: the header %s",
						 f->path, problem->text);
			im->bad_rows++;
			rejects_add(im->rejects, f->path, problem->line, "",
				    problem->field, problem->code,
				    problem->text);
			break;
		case RECORD_MORE:
			n = input_read(im->input, err);
			if (n < 0)
				return error_prefix(err, "%s", f->path);
			im->read_bytes += (uint64_t)n;
			if (n == 0)
				records_finish(im->records);
			else
				records_feed(im->records, im->input->chunk,
					     (size_t)n);
			break;
		case RECORD_END:
			if (!f->sheet.form)
				return error_set(err, "%s: is empty", f->path);
			return 0;
		}
	}
}

/* A file is known by its header. Where its name says another sort, one of both
 * is a mistake: units without their level would make departments. */
static int check_name(const struct import_file *f, struct error *err)
{
	const char *slash = strrchr(f->path, '/');
	const char *name = slash ? slash + 1 : f->path;
	const struct sheet_form *form;

	for (size_t i = 0; (form = sheet_form_at(i)); i++) {
		size_t len = strlen(form->name);

		if (form == f->sheet.form ||
		    strncmp(name, form->name, len) != 0 ||
		    strcmp(name + len, ".csv") != 0)
			continue;
		return error_set(err,
				 "has the columns of %s; %s have %s and %s",
				 f->sheet.form->name, form->name,
				 form->marks[0], form->marks[1]);
	}
	return 0;
}

/* The header alone, to know the order of the files. */
static int look_at(struct import *im, struct error *err)
{
	struct import_file *f = &im->files[im->at];
	struct records *r;
	struct record row;
	struct problem problem;
	int status = -1;
	long n;

	if (open_file(im, err) < 0)
		return -1;
	r = im->records;
	if (!im->input->regular) {
		error_set(err, "%s: is not a file", f->path);
		goto out;
	}
	im->total_bytes += im->input->total_bytes;
	for (;;) {
		enum record_outcome o = records_next(r, &row, &problem);

		if (o == RECORD_HEADER) {
			status = sheet_bind(&f->sheet, r, err);
			if (status == 0)
				status = check_name(f, err);
			if (status < 0)
				error_prefix(err, "%s", f->path);
			break;
		}
		if (o != RECORD_MORE) {
			error_set(err, "%s: has no header", f->path);
			break;
		}
		n = input_read(im->input, err);
		if (n < 0)
			break;
		if (n == 0)
			records_finish(r);
		else
			records_feed(r, im->input->chunk, (size_t)n);
	}
out:
	close_file(im);
	return status;
}

int import_open(struct import *im, struct error *err)
{
	im->input = calloc(1, sizeof(*im->input));
	if (!im->input)
		abort();
	im->input->fd = -1;
	for (im->at = 0; im->at < im->files_nr; im->at++)
		if (look_at(im, err) < 0)
			return -1;
	im->at = 0;
	/* By insertion: stable, and there are few. */
	for (size_t i = 1; i < im->files_nr; i++) {
		struct import_file f = im->files[i];
		size_t j = i;

		for (; j > 0 && im->files[j - 1].sheet.form > f.sheet.form; j--)
			im->files[j] = im->files[j - 1];
		im->files[j] = f;
	}
	return 0;
}

/* --- what stood in the file before -----------------------------------------
 */

struct import_version {
	uint64_t line;
	UT_hash_handle hh;
	char key[]; /* of the record, and its first day */
};

/* Of two rows about one version the last would be put, without a word about the
 * first. Another file may say otherwise: of a profile and an own one the own
 * one, which comes later, is meant. */
static bool stood_before(struct import *im, struct arena *arena,
			 const Sy__V1__DirectoryRecord *record, uint64_t line,
			 struct problem *problem)
{
	int32_t from_day = 0, to_day;
	const char *end_field, *key;
	struct import_version *v;

	record_days(record, &from_day, &to_day, &end_field);
	key = arena_printf(arena, "%s/%d", record_key(arena, record), from_day);
	HASH_FIND_STR(im->seen, key, v);
	if (v) {
		problem->line = line;
		problem_set(problem, "CONFLICT", "",
			    "line %llu is about the same record and first day",
			    (unsigned long long)v->line);
		return true;
	}
	v = malloc(sizeof(*v) + strlen(key) + 1);
	if (!v)
		abort();
	v->line = line;
	memcpy(v->key, key, strlen(key) + 1);
	HASH_ADD_STR(im->seen, key, v);
	return false;
}

static void forget_all(struct import *im)
{
	struct import_version *v, *next;

	HASH_ITER (hh, im->seen, v, next) {
		HASH_DEL(im->seen, v);
		free(v);
	}
}

void import_close(struct import *im)
{
	forget_all(im);
	if (im->records)
		close_file(im);
	free(im->input);
	free(im->days);
}

Sy__V1__DirectoryRecord *import_next(struct import *im, struct arena *arena,
				     uint64_t *tag_r, struct error *err)
{
	struct record row;
	struct problem problem;

	err->text[0] = '\0';
	while (im->at < im->files_nr) {
		Sy__V1__DirectoryRecord *record;
		int got;

		if (!im->records && open_file(im, err) < 0)
			return NULL;
		got = next_row(im, &row, &problem, err);
		if (got < 0)
			return NULL;
		if (got == 0) {
			forget_all(im);
			close_file(im);
			im->at++;
			continue;
		}
		im->rows++;
		record = sheet_record(&im->files[im->at].sheet, &row, arena,
				      &problem);
		if (record &&
		    !stood_before(im, arena, record, row.line, &problem)) {
			*tag_r = TAG(im->at, row.line);
			return record;
		}
		im->bad_rows++;
		rejects_add(im->rejects, im->files[im->at].path, problem.line,
			    "", problem.field, problem.code, problem.text);
	}
	*tag_r = TAG(im->files_nr, im->days_at + 1);
	return import_next_day(im, arena);
}

void import_reject(struct import *im, uint64_t tag, Sy__V1__ErrorCode code,
		   const char *field, const char *text)
{
	bool ics = TAG_FILE(tag) == im->files_nr;

	rejects_add(im->rejects,
		    ics ? im->ics_path : im->files[TAG_FILE(tag)].path,
		    TAG_LINE(tag), "", field, error_code_name(code), text);
}
