/* bootstrap.c -- the first principals, out of a file: somebody must be allowed
 * to allow. They become ordinary changes in the log, so that every service
 * learns of them as of any other. */
#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "log.h"

enum column {
	COLUMN_NAME,
	COLUMN_ROLES,
	COLUMN_STREAMS,
	COLUMN_UNIT,
	COLUMN_REVOKED,
	COLUMN_PERSON,
	COLUMN_DISPLAY_NAME,
	COLUMN_LANG,
	COLUMNS_NR
};
static const char *const columns[] = { "name",         "roles",   "streams",
				       "unit",         "revoked", "person",
				       "display_name", "lang" };
/* A file of machines alone has these only. */
#define COLUMNS_OF_MACHINES COLUMN_PERSON
#define ROWS_MAX 1000
#define LIST_MAX 32

struct reader {
	struct arena arena;
	char *fields[COLUMNS_NR];
	int field;
	int columns_nr; /* of the header */
	int line;       /* of the row that is read, from 1 */
	const char *problem;
	Sy__V1__PutRecordRequest rows[ROWS_MAX];
	int rows_nr;
};

static const struct bus_method *put_method(void)
{
	const struct bus_method *m = directory_methods;

	while (strcmp(m->name, "PutRecord") != 0)
		m++;
	return m;
}

static void field_cb(void *data, size_t len, void *arg)
{
	struct reader *r = arg;

	if (r->field < COLUMNS_NR) {
		char *text = arena_alloc(&r->arena, len + 1);

		memcpy(text, data, len);
		r->fields[r->field] = text;
	}
	r->field++;
}

/* "a;b" */
static void split(struct reader *r, char *text, char ***list_r, size_t *n_r)
{
	char *save = NULL;

	*list_r = arena_alloc(&r->arena, LIST_MAX * sizeof(**list_r));
	for (char *word = strtok_r(text, ";", &save); word;
	     word = strtok_r(NULL, ";", &save)) {
		if (*n_r == LIST_MAX) {
			r->problem = "more than 32 in a list";
			return;
		}
		(*list_r)[(*n_r)++] = word;
	}
}

static bool truth(struct reader *r, enum column column)
{
	const char *text = r->fields[column];
	bool is = strcmp(text, "true") == 0;

	if (text[0] && !is && strcmp(text, "false") != 0)
		r->problem = "revoked and person must be true or false";
	return is;
}

static void principal_take(struct reader *r)
{
	Sy__V1__DirectoryRecord *record =
		arena_alloc(&r->arena, sizeof(*record));
	Sy__V1__Principal *p = arena_alloc(&r->arena, sizeof(*p));

	if (r->rows_nr == ROWS_MAX) {
		r->problem = "more than 1000 principals";
		return;
	}
	sy__v1__principal__init(p);
	p->name = r->fields[COLUMN_NAME];
	p->unit = r->fields[COLUMN_UNIT];
	split(r, r->fields[COLUMN_ROLES], &p->roles, &p->n_roles);
	split(r, r->fields[COLUMN_STREAMS], &p->streams, &p->n_streams);
	p->revoked = truth(r, COLUMN_REVOKED);
	if (r->columns_nr == COLUMNS_NR) {
		p->person = truth(r, COLUMN_PERSON);
		p->display_name = r->fields[COLUMN_DISPLAY_NAME];
		p->lang = r->fields[COLUMN_LANG];
	}
	sy__v1__directory_record__init(record);
	record->record_case = SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL;
	record->principal = p;
	sy__v1__put_record_request__init(&r->rows[r->rows_nr]);
	r->rows[r->rows_nr++].record = record;
}

static void row_cb(int end, void *arg)
{
	struct reader *r = arg;
	int n = r->field;

	(void)end;
	r->field = 0;
	r->line++;
	if (r->problem)
		return;
	if (r->line == 1)
		r->columns_nr = n == COLUMNS_OF_MACHINES ? n : (int)COLUMNS_NR;
	if (n != r->columns_nr) {
		r->problem = "must have five columns, or eight";
		return;
	}
	for (int i = 0; r->line == 1 && i < n; i++)
		if (strcmp(r->fields[i], columns[i]) != 0)
			r->problem = "must be name,roles,streams,unit,revoked "
				     "and maybe person,display_name,lang";
	if (r->line > 1)
		principal_take(r);
}

static int read_file(struct reader *r, const char *path, struct error *err)
{
	struct csv_parser parser;
	char buf[4096];
	size_t len;
	FILE *file = fopen(path, "re");

	if (!file)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (csv_init(&parser, CSV_APPEND_NULL) != 0) {
		fclose(file);
		return error_set(err, "no memory");
	}
	while ((len = fread(buf, 1, sizeof(buf), file)) > 0 && !r->problem)
		csv_parse(&parser, buf, len, field_cb, row_cb, r);
	csv_fini(&parser, field_cb, row_cb, r);
	csv_free(&parser);
	fclose(file);
	if (!r->problem && !r->rows_nr)
		r->problem = "names no principal";
	if (r->problem)
		return error_set(err, "%s: row %d: %s", path, r->line,
				 r->problem);
	return 0;
}

static void put_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct directory *dir = arg;

	dir->bootstrap_left--;
	if (code == SY__V1__ERROR_CODE__OK)
		dir->bootstrap_done = true;
	else
		log_error("a first principal was refused: %s",
			  protobuf_c_enum_descriptor_get_value(
				  &sy__v1__error_code__descriptor, (int)code)
				  ->name);
}

int bootstrap_principals(struct directory *dir, struct error *err)
{
	struct reader *r = calloc(1, sizeof(*r));
	int res;

	if (!r)
		return error_set(err, "no memory");
	arena_init(&r->arena);
	res = read_file(r, dir->conf.bootstrap, err);
	if (res == 0) {
		log_info("no principals yet: taking %d from the file",
			 r->rows_nr);
		dir->bootstrap_left = r->rows_nr;
		for (int i = 0; i < r->rows_nr; i++)
			bus_server_command(dir->bus, put_method(),
					   &r->rows[i].base, put_cb, dir);
	}
	arena_reset(&r->arena);
	free(r);
	return res;
}
