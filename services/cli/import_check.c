/* import_check.c -- `suyuan import directory --dry-run`: the directory judges
 * chunks of records without taking them. What earlier chunks would have made
 * goes along as assumed, as far as a chunk refers to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "dir/refs.h"
#include "import.h"
#include "query.h"

#define CHUNK_RECORDS 500
/* Half of what a frame may hold, for the assumed keys besides. */
#define CHUNK_BYTES ((size_t)1024 * 1024)
#define ANSWER_MS 30000

struct known {
	UT_hash_handle hh;
	char key[];
};

struct chunk {
	struct arena arena;
	Sy__V1__DirectoryRecord *records[CHUNK_RECORDS];
	uint64_t tags[CHUNK_RECORDS];
	size_t n, bytes;
};

/* More than all sorts of records have fields. */
#define FIELDS_MAX 256

struct field_total {
	char *field;
	uint64_t changed, cleared;
};

struct totals {
	uint64_t would_change, added, unchanged, problems;
	struct field_total fields[FIELDS_MAX];
	size_t fields_nr;
};

static void add_field(struct totals *t, const Sy__V1__FieldChange *change)
{
	size_t i = 0;

	while (i < t->fields_nr &&
	       strcmp(t->fields[i].field, change->field) != 0)
		i++;
	if (i == FIELDS_MAX)
		return;
	if (i == t->fields_nr) {
		t->fields[i].field = strdup(change->field);
		if (!t->fields[i].field)
			abort();
		t->fields_nr++;
	}
	t->fields[i].changed += change->changed;
	t->fields[i].cleared += change->cleared;
}

/* A column that is missing clears what it stands for: here it is seen. */
static void tell(const struct import *im, struct totals *t, uint64_t wrong)
{
	for (size_t i = 0; i < im->files_nr; i++)
		printf("%s: %s\n", im->files[i].path,
		       im->files[i].sheet.form->name);
	printf("rows            %llu\nwould change    %llu\n"
	       "of them new     %llu\n"
	       "unchanged       %llu\nwrong           %llu\n",
	       (unsigned long long)im->rows,
	       (unsigned long long)t->would_change,
	       (unsigned long long)t->added, (unsigned long long)t->unchanged,
	       (unsigned long long)wrong);
	for (size_t i = 0; i < t->fields_nr; i++) {
		printf("%s: %llu would change", t->fields[i].field,
		       (unsigned long long)t->fields[i].changed);
		if (t->fields[i].cleared > 0)
			printf(", %llu of them to nothing",
			       (unsigned long long)t->fields[i].cleared);
		putchar('\n');
		free(t->fields[i].field);
	}
}

static void know(struct known **known, const char *key)
{
	struct known *k;

	if (!key)
		return;
	HASH_FIND_STR(*known, key, k);
	if (k)
		return;
	k = malloc(sizeof(*k) + strlen(key) + 1);
	if (!k)
		abort();
	memcpy(k->key, key, strlen(key) + 1);
	HASH_ADD_STR(*known, key, k);
}

static void forget_all(struct known **known)
{
	struct known *k, *next;

	HASH_ITER (hh, *known, k, next) {
		HASH_DEL(*known, k);
		free(k);
	}
}

/* False: there are no more records, or err is filled. */
static bool fill(struct import *im, struct chunk *c, struct error *err)
{
	arena_reset(&c->arena);
	c->n = c->bytes = 0;
	while (c->n < CHUNK_RECORDS && c->bytes < CHUNK_BYTES) {
		Sy__V1__DirectoryRecord *r =
			import_next(im, &c->arena, &c->tags[c->n], err);

		if (!r)
			return false;
		c->bytes += protobuf_c_message_get_packed_size(&r->base);
		c->records[c->n++] = r;
	}
	return true;
}

/* What the chunk's records name and earlier chunks would have made. */
static void assume(Sy__V1__CheckRecordsRequest *request, struct chunk *c,
		   struct known *known)
{
	struct known *assumed = NULL;

	for (size_t i = 0; i < c->n; i++) {
		struct record_ref refs[RECORD_REFS_MAX];
		size_t n = record_refs(c->records[i], refs);

		for (size_t r = 0; r < n; r++) {
			const char *key = arena_printf(
				&c->arena, "%s/%s", refs[r].of, refs[r].code);
			struct known *k;

			HASH_FIND_STR(known, key, k);
			if (k)
				know(&assumed, key);
		}
	}
	request->assumed = arena_alloc(&c->arena, (HASH_COUNT(assumed) + 1) *
							  sizeof(char *));
	for (struct known *k = assumed; k; k = k->hh.next)
		request->assumed[request->n_assumed++] =
			arena_strdup(&c->arena, k->key);
	forget_all(&assumed);
}

/* Asks about the chunk. */
static enum cli_exit ask(struct cli *cli, struct bus_client *client,
			 struct import *im, struct chunk *c,
			 struct known **known, struct totals *totals,
			 struct error *err)
{
	Sy__V1__CheckRecordsRequest request =
		SY__V1__CHECK_RECORDS_REQUEST__INIT;
	struct query_result r = { .arena = &c->arena };
	const Sy__V1__CheckRecordsReply *reply;

	request.records = c->records;
	request.n_records = c->n;
	assume(&request, c, *known);
	method_find("CheckRecords", &r.method);
	query_ask(cli, client, &request.base, NULL, ANSWER_MS, &r);
	if (!r.message) {
		enum cli_exit status = query_refused(&r, err);

		error_prefix(err, "CheckRecords");
		return status;
	}
	reply = (const Sy__V1__CheckRecordsReply *)r.message;
	for (size_t i = 0; i < reply->n_problems; i++) {
		const Sy__V1__RecordProblem *p = reply->problems[i];

		if (p->index < c->n && p->error)
			import_reject(im, c->tags[p->index], p->error->code,
				      p->error->field, p->error->text);
	}
	totals->would_change += reply->would_change;
	totals->added += reply->added;
	for (size_t i = 0; i < reply->n_fields; i++)
		add_field(totals, reply->fields[i]);
	totals->unchanged += reply->unchanged;
	totals->problems += reply->n_problems;
	for (size_t i = 0; i < c->n; i++)
		know(known, record_key(&c->arena, c->records[i]));
	return CLI_OK;
}

enum cli_exit import_check(struct cli *cli, struct import *im,
			   struct error *err)
{
	struct chunk *c = calloc(1, sizeof(*c));
	struct bus_client *client = NULL;
	struct known *known = NULL;
	struct totals totals = { 0 };
	enum cli_exit status = CLI_OK;
	bool more = true;
	uint64_t wrong;

	if (!c)
		abort();
	arena_init(&c->arena);
	if (cli_connect(cli, "directory", &client, err) < 0)
		status = CLI_USAGE;
	while (more && status == CLI_OK) {
		more = fill(im, c, err);
		if (err->text[0])
			status = CLI_USAGE;
		else if (c->n > 0)
			status = ask(cli, client, im, c, &known, &totals, err);
	}
	bus_client_close(&client);
	forget_all(&known);
	arena_reset(&c->arena);
	free(c);
	wrong = im->bad_rows + totals.problems;
	tell(im, &totals, wrong);
	if (status == CLI_OK && wrong > 0)
		return CLI_DIFFERENCES;
	return status;
}
