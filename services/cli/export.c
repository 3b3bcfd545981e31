/* export.c -- `suyuan export DIR`: all records of the directory as the CSV
 * files that import takes. Each row can go in when its turn comes: what it
 * hangs on stands before it, and later versions before earlier ones, since they
 * say when those end. */
#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <uthash.h>

#include "cli.h"
#include "dir/refs.h"
#include "query.h"
#include "sheets.h"

#define ANSWER_MS 30000

/* All versions of a key, newest first. */
struct exported_key {
	const char *key;
	struct exported *newest;
	UT_hash_handle hh;
};

struct exported {
	Sy__V1__DirectoryRecord *record;
	struct exported_key *of;
	struct exported *older, *newer;
	bool written, begun;
};

struct export
{
	struct cli *cli;
	struct bus_client *client;
	const char *dir;
	struct arena arena; /* of one sort's records */
	struct exported_key *keys;
	struct exported **all;
	size_t n, cap;
	uint64_t rows;
};

/* --- reading ---------------------------------------------------------------
 */

static int32_t first_day(const Sy__V1__DirectoryRecord *r)
{
	int32_t from_day = 0, to_day;
	const char *end_field;

	record_days(r, &from_day, &to_day, &end_field);
	return from_day;
}

/* Versions of a key come by first day, so the newest is the last. */
static void add(struct export *x, Sy__V1__DirectoryRecord *record)
{
	struct exported *e = arena_alloc(&x->arena, sizeof(*e));
	const char *key = record_key(&x->arena, record);
	struct exported_key *k;

	HASH_FIND_STR(x->keys, key, k);
	if (!k) {
		k = arena_alloc(&x->arena, sizeof(*k));
		k->key = key;
		HASH_ADD_KEYPTR(hh, x->keys, k->key, strlen(k->key), k);
	}
	e->record = record;
	e->of = k;
	e->older = k->newest;
	if (k->newest)
		k->newest->newer = e;
	k->newest = e;
	if (x->n == x->cap) {
		x->cap = x->cap ? 2 * x->cap : 1024;
		x->all = realloc(x->all, x->cap * sizeof(struct exported *));
		if (!x->all)
			abort();
	}
	x->all[x->n++] = e;
}

static enum cli_exit read_sort(struct export *x, const char *sort,
			       struct error *err)
{
	Sy__V1__ListRecordsRequest request = SY__V1__LIST_RECORDS_REQUEST__INIT;

	request.sort = (char *)sort;
	for (;;) {
		struct query_result r = { .arena = &x->arena };
		const Sy__V1__ListRecordsReply *reply;

		method_find("ListRecords", &r.method);
		query_ask(x->cli, x->client, &request.base, NULL, ANSWER_MS,
			  &r);
		if (!r.message) {
			enum cli_exit status = query_refused(&r, err);

			error_prefix(err, "ListRecords");
			return status;
		}
		reply = (const Sy__V1__ListRecordsReply *)r.message;
		for (size_t i = 0; i < reply->n_records; i++)
			add(x, reply->records[i]);
		if (!reply->next_key[0])
			return CLI_OK;
		request.after_key = reply->next_key;
		request.after_day = reply->next_day;
	}
}

/* --- writing ---------------------------------------------------------------
 */

struct sheet_file {
	const struct sheet_form *form;
	FILE *file;
};

static int open_sheet(struct export *x, struct sheet_file *to,
		      const struct sheet_form *form, struct error *err)
{
	const char *path =
		arena_printf(&x->arena, "%s/%s.csv", x->dir, form->name);

	to->form = form;
	to->file = fopen(path, "we");
	if (!to->file)
		return error_set(err, "%s: %s", path, strerror(errno));
	for (size_t i = 0; form->columns[i].name; i++)
		fprintf(to->file, "%s%s", i ? "," : "", form->columns[i].name);
	fputc('\n', to->file);
	return 0;
}

static void write_row(struct export *x, const struct sheet_file *to,
		      const Sy__V1__DirectoryRecord *record)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; to->form->columns[i].name; i++) {
		const char *text =
			sheet_text(&to->form->columns[i], record, &arena);

		if (i)
			fputc(',', to->file);
		if (strpbrk(text, ",\"\r\n") || text[0] == ' ')
			csv_fwrite(to->file, text, strlen(text));
		else
			fputs(text, to->file);
	}
	fputc('\n', to->file);
	arena_reset(&arena);
	x->rows++;
}

/* What has to be there first: the next version of the record, and its parent's
 * versions. begun ends a circle, which days may make of codes. */
static void write_after(struct export *x, const struct sheet_file *to,
			struct exported *e)
{
	struct record_ref refs[RECORD_REFS_MAX];
	struct exported_key *parent = NULL;

	if (e->begun)
		return;
	e->begun = true;
	if (e->newer)
		write_after(x, to, e->newer);
	if (record_refs(e->record, refs) > 0 && refs[0].how == REF_PARENT) {
		const char *key = arena_printf(&x->arena, "%s/%s", refs[0].of,
					       refs[0].code);

		HASH_FIND_STR(x->keys, key, parent);
	}
	/* Those that may be in force while this one is. */
	for (struct exported *p = parent ? parent->newest : NULL; p;
	     p = p->older) {
		if (!e->newer ||
		    first_day(p->record) < first_day(e->newer->record))
			write_after(x, to, p);
		if (first_day(p->record) <= first_day(e->record))
			break;
	}
	write_row(x, to, e->record);
}

static int close_sheet(const struct export *x, struct sheet_file *to,
		       struct error *err)
{
	if (ferror(to->file) | (fclose(to->file) != 0))
		return error_set(err, "%s/%s.csv: %s", x->dir, to->form->name,
				 strerror(errno));
	return 0;
}

static int write_sheet(struct export *x, const struct sheet_form *form,
		       struct error *err)
{
	struct sheet_file to = { 0 };

	for (size_t i = 0; i < x->n; i++) {
		if (sheet_form_of(x->all[i]->record) != form)
			continue;
		if (!to.file && open_sheet(x, &to, form, err) < 0)
			return -1;
		write_after(x, &to, x->all[i]);
	}
	return to.file ? close_sheet(x, &to, err) : 0;
}

/* --- the command -----------------------------------------------------------
 */

static enum cli_exit export_sort(struct export *x, const char *sort,
				 struct error *err)
{
	enum cli_exit status;

	arena_init(&x->arena);
	status = read_sort(x, sort, err);
	for (size_t i = 0; status == CLI_OK && sheet_form_at(i); i++)
		if (write_sheet(x, sheet_form_at(i), err) < 0)
			status = CLI_USAGE;
	HASH_CLEAR(hh, x->keys);
	x->n = 0;
	arena_reset(&x->arena);
	return status;
}

enum cli_exit command_export(struct cli *cli, int argc, char **argv)
{
	static const char *const sorts[] = {
		"calendar", "calendar_day", "unit",      "department",
		"term",     "denominator",  "principal", "employee",
		"centre",   "policy",
	};
	const struct cli_option none[] = { { 0 } };
	int at = cli_options(cli, argc, argv, none);
	struct export x = { .cli = cli };
	struct error err = { "" };
	enum cli_exit status = CLI_OK;

	if (at < 0)
		return CLI_USAGE;
	if (argc - at != 2 || strcmp(argv[at], "directory") != 0)
		return cli_usage("export directory DIR");
	x.dir = argv[at + 1];
	if (mkdir(x.dir, 0777) < 0 && errno != EEXIST)
		return cli_usage("%s: %s", x.dir, strerror(errno));
	if (cli_open(cli, &err) < 0 ||
	    cli_connect(cli, "directory", &x.client, &err) < 0)
		status = CLI_USAGE;
	for (size_t i = 0;
	     status == CLI_OK && i < sizeof(sorts) / sizeof(sorts[0]); i++)
		status = export_sort(&x, sorts[i], &err);
	bus_client_close(&x.client);
	free(x.all);
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	else
		printf("rows            %llu\n", (unsigned long long)x.rows);
	return status;
}
