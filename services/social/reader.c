/* reader.c -- loads what mentions are read with: the word lists once, the names
 * of offices again whenever the directory has changed them.
 */
#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "beside_store.h"
#include "log.h"
#include "models.h"
#include "suyuan/v1/directory.pb-c.h"

#define LEXICON_FILES_MAX 8

/* --- word lists --- */

static char *file_read(const char *path, size_t *len_r, struct error *err)
{
	FILE *f = fopen(path, "rbe");
	char *bytes = NULL;
	size_t size = 0;

	*len_r = 0;
	if (f == NULL) {
		error_set(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	do {
		size += 65536;
		bytes = realloc(bytes, size);
		if (bytes == NULL)
			abort();
		*len_r += fread(bytes + *len_r, 1, size - *len_r, f);
	} while (*len_r == size);
	fclose(f);
	return bytes;
}

static int lexicon_open(struct reader *r, const char *paths, struct error *err)
{
	struct lexicon_file files[LEXICON_FILES_MAX] = { 0 };
	char *list = strdup(paths), *rest = NULL, *path;
	size_t n = 0;
	int status = 0;

	if (list == NULL)
		abort();
	for (path = strtok_r(list, ":", &rest); path != NULL && status == 0;
	     path = strtok_r(NULL, ":", &rest)) {
		if (n == LEXICON_FILES_MAX) {
			status = error_set(err, "more than %d word lists",
					   LEXICON_FILES_MAX);
			break;
		}
		files[n].name = path;
		files[n].csv = file_read(path, &files[n].len, err);
		status = files[n++].csv != NULL ? 0 : -1;
	}
	if (status == 0 && n > 0)
		status = lexicon_load(&r->lexicon, files, n, err);
	for (size_t i = 0; i < n; i++)
		free((void *)files[i].csv);
	free(list);
	return status;
}

int reader_open(struct reader **r_r, struct social *svc, struct error *err)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	*r_r = r;
	if (text_ready(err) < 0 ||
	    lexicon_open(r, svc->conf.lexicon, err) < 0) {
		reader_close(r_r);
		return error_prefix(err, "SUYUAN_LEXICON");
	}
	reader_gazetteer.arg = svc;
	model_setting.arg = svc;
	return 0;
}

void reader_close(struct reader **r_p)
{
	struct reader *r = r_p != NULL ? *r_p : NULL;

	if (r == NULL)
		return;
	*r_p = NULL;
	lexicon_close(r->lexicon);
	text_model_free(r->model);
	gazetteer_close(r->gazetteer);
	free(r);
}

/* --- names of offices --- */

struct names {
	struct arena arena;
	struct gazetteer_name *list;
	size_t n, room;
	struct gazetteer *made;
	struct error err;
};

static void add(struct names *names, const char *unit, const char *name)
{
	if (name[0] == '\0')
		return;
	if (names->n == names->room) {
		size_t room = 2 * names->room + 1024;
		struct gazetteer_name *list =
			arena_alloc(&names->arena, room * sizeof(list[0]));

		if (names->n > 0)
			memcpy(list, names->list, names->n * sizeof(list[0]));
		names->list = list;
		names->room = room;
	}
	names->list[names->n++] = (struct gazetteer_name){
		.name = arena_strdup(&names->arena, name), .unit = unit
	};
}

static void add_addresses(struct names *names, const char *unit,
			  const uint8_t *body, size_t len)
{
	const Sy__V1__Centre *centre =
		len > 0 ? sy__v1__centre__unpack(&names->arena.allocator, len,
						 body)
			: NULL;

	for (size_t i = 0; centre != NULL && i < centre->n_addresses; i++)
		add(names, unit, centre->addresses[i]->text);
}

/* Rows: unit, three names, the packed centre. */
static void *take_names(const struct db_result *res, int statement, void *arg)
{
	struct names *names = calloc(1, sizeof(*names));

	(void)arg;
	if (names == NULL)
		abort();
	arena_init(&names->arena);
	for (int row = 0; row < db_rows(res, statement); row++) {
		const char *unit = arena_strdup(
			&names->arena, db_get_text(res, statement, row, 0));
		const uint8_t *body;
		size_t len;

		for (int col = 1; col <= 3; col++)
			add(names, unit, db_get_text(res, statement, row, col));
		body = db_get_bytes(res, statement, row, 4, &len);
		add_addresses(names, unit, body, len);
	}
	return names;
}

static void make_gazetteer(void *made)
{
	struct names *names = made;

	if (names->n > 0 && gazetteer_open(&names->made, names->list, names->n,
					   &names->err) < 0)
		names->made = NULL;
}

static void drop_names(void *made)
{
	struct names *names = made;

	gazetteer_close(names->made);
	arena_reset(&names->arena);
	free(names);
}

static void swap_gazetteer(void *made, void *arg)
{
	struct social *svc = arg;
	struct names *names = made;
	struct gazetteer *before = svc->reader->gazetteer;

	if (names->n > 0 && names->made == NULL) {
		log_error("names of offices: %s", names->err.text);
	} else {
		svc->reader->gazetteer = names->made;
		names->made = before;
	}
	drop_names(names);
}

struct setting reader_gazetteer = {
	.name = "gazetteer",
	.select = { "settings_names", settings_names_sql },
	.revision = settings_names_revision_sql,
	.take = take_names,
	.make = make_gazetteer,
	.swap = swap_gazetteer,
	.drop = drop_names,
};
