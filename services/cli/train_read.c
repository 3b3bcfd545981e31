/* train_read.c -- labelled texts out of CSV and JSON lines.
 */
#include <stdio.h>
#include <string.h>

#include "input.h"
#include "records.h"
#include "train.h"

/* Of a column's name. */
enum { COLUMN_TEXT, COLUMN_LANG, COLUMN_HEADS, COLUMNS = 2 + TRAIN_HEADS };
static const char *const columns[COLUMNS] = { "text", "lang", "class",
					      "sentiment", "topic" };

struct reading {
	struct trainer *t;
	const char *path;
	struct records *records;
	int column[COLUMNS]; /* -1: there is none */
};

void train_add(struct trainer *t, const struct train_text *text)
{
	if (t->n == t->room) {
		size_t room = 2 * t->room + 4096;
		struct train_text *texts =
			arena_alloc(&t->arena, room * sizeof(*texts));

		if (t->n > 0)
			memcpy(texts, t->texts, t->n * sizeof(*texts));
		t->texts = texts;
		t->room = room;
	}
	t->texts[t->n++] = *text;
}

static void bad(struct reading *r, uint64_t line, const char *field,
		const char *what)
{
	r->t->bad++;
	fprintf(stderr, "%s:%llu: %s%s%s\n", r->path, (unsigned long long)line,
		field, field[0] != '\0' ? ": " : "", what);
}

static int bind_columns(struct reading *r, struct error *err)
{
	bool labelled = false;

	for (int i = 0; i < COLUMNS; i++) {
		r->column[i] = records_find_column(r->records, columns[i]);
		if (r->column[i] == -2)
			return error_set(err,
					 "%s: the column %s is there twice",
					 r->path, columns[i]);
		labelled |= i >= COLUMN_HEADS && r->column[i] >= 0;
	}
	if (r->column[COLUMN_TEXT] < 0 || !labelled)
		return error_set(err,
				 "%s: wants a column text, and class, "
				 "sentiment or topic",
				 r->path);
	return 0;
}

/* NULL: it is no text. "" where there is nothing. */
static const char *value_of(const struct reading *r, const struct record *row,
			    int i, size_t *len_r)
{
	const json_t *json;

	*len_r = 0;
	if (row->json == NULL) {
		if (r->column[i] < 0)
			return "";
		*len_r = row->lens[r->column[i]];
		return row->values[r->column[i]];
	}
	json = json_object_get(row->json, columns[i]);
	if (json == NULL || json_is_null(json))
		return "";
	if (!json_is_string(json))
		return NULL;
	*len_r = json_string_length(json);
	return json_string_value(json);
}

static void take(struct reading *r, const struct record *row)
{
	struct arena *arena = &r->t->arena;
	const char *value[COLUMNS];
	const char **labels =
		arena_alloc(arena, TRAIN_HEADS * sizeof(labels[0]));
	size_t len[COLUMNS];

	for (int i = 0; i < COLUMNS; i++) {
		value[i] = value_of(r, row, i, &len[i]);
		if (value[i] == NULL) {
			bad(r, row->line, columns[i], "is no text");
			return;
		}
	}
	for (int i = 0; i < TRAIN_HEADS; i++)
		labels[i] = arena_strdup(arena, value[COLUMN_HEADS + i]);
	train_add(r->t, &(struct train_text){
				.text = arena_strdup(arena, value[COLUMN_TEXT]),
				.len = len[COLUMN_TEXT],
				.lang = arena_strdup(arena, value[COLUMN_LANG]),
				.labels = labels,
				.line = row->line,
			});
}

static int more(struct reading *r, struct input *in, struct error *err)
{
	long n = input_read(in, err);

	if (n < 0)
		return error_prefix(err, "%s", r->path);
	if (n == 0)
		records_finish(r->records);
	else
		records_feed(r->records, in->chunk, (size_t)n);
	return 0;
}

static int read_all(struct reading *r, struct input *in, struct error *err)
{
	struct problem problem;
	struct record row;

	for (;;) {
		switch (records_next(r->records, &row, &problem)) {
		case RECORD_OK:
			take(r, &row);
			break;
		case RECORD_HEADER:
			if (bind_columns(r, err) < 0)
				return -1;
			break;
		case RECORD_BAD:
			bad(r, problem.line, problem.field, problem.text);
			break;
		case RECORD_MORE:
			if (more(r, in, err) < 0)
				return -1;
			break;
		case RECORD_END:
			return 0;
		}
	}
}

static bool ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n >= m && strcmp(path + n - m, end) == 0;
}

int train_read_file(struct trainer *t, const char *path, struct error *err)
{
	bool jsonl = ends_with(path, ".jsonl") || ends_with(path, ".ndjson");
	struct input *in = arena_alloc(&t->arena, sizeof(*in));
	struct reading r = { .t = t, .path = path };
	size_t first = t->n;
	int status;

	if (t->sources_nr == TRAIN_SOURCES_MAX)
		return error_set(err, "more than %d files", TRAIN_SOURCES_MAX);
	in->encoding_name = t->encoding;
	if (input_open(in, path, err) < 0)
		return -1;
	if (!in->regular) {
		input_close(in);
		return error_set(err, "%s: is not a file", path);
	}
	r.records = records_new(jsonl ? FORMAT_JSONL : FORMAT_CSV);
	status = read_all(&r, in, err);
	if (status == 0 && !jsonl && records_columns(r.records) == 0)
		status = error_set(err, "%s: has no header", path);
	records_free(r.records);
	input_close(in);
	t->sources[t->sources_nr++] =
		(struct train_source){ path, first, t->n - first };
	return status;
}
