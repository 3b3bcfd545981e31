/* values.h -- what a mapping takes out of a record: columns, templates of them,
 * look-ups, slugs. */
#ifndef SUYUAN_CLI_VALUES_H
#define SUYUAN_CLI_VALUES_H

#include <jansson.h>

#include "arena.h"
#include "error.h"
#include "records.h"

struct column {
	const char *name;
	int index; /* in the CSV header; JSON lines look the name up */
};

struct part { /* of a template: a literal, or a column */
	const char *literal;
	struct column column;
};

struct value {
	struct part *parts;
	size_t parts_nr;
	json_t *map;          /* text -> text, borrowed; may be NULL */
	const char *fallback; /* "default"; may be NULL */
	bool slug;
};

struct text {
	const char *data; /* len bytes and a NUL */
	size_t len;
};

/* "{Column} and {{ text": compiles into the arena. */
int value_template(struct value *v_r, const char *template, struct arena *arena,
		   struct error *err);
/* The whole value is one column. */
void value_column(struct value *v_r, const char *name, struct arena *arena);
/* Finds the columns in a CSV header; JSON lines need none. */
int value_bind(struct value *v, const struct records *records,
	       struct error *err);
int column_bind(struct column *c, const struct records *records,
		struct error *err);

/* 0, or -1 with the problem. The text lives with the record and the arena.
 * Absent columns are empty. */
int column_text(const struct column *c, const struct record *record,
		struct arena *arena, struct text *text_r,
		struct problem *problem);
int value_text(const struct value *v, const struct record *record,
	       struct arena *arena, struct text *text_r,
	       struct problem *problem);

/* Lower case; each run of what is no letter, digit or '_' becomes one '-';
 * none at the ends. "04 BROOKLYN" -> "04-brooklyn". */
struct text text_slug(struct text text, struct arena *arena);

#endif
