/* catalog.h -- between catalog.c, shape.c and rules.c. */
#ifndef SUYUAN_DIRECTORY_CATALOG_H
#define SUYUAN_DIRECTORY_CATALOG_H

#include "dir/refs.h"
#include "rules.h"

/* What all sorts of records have in common. */
struct subject {
	const Sy__V1__DirectoryRecord *record;
	const char *key;
	const char *parent_key; /* NULL: root, or not of a tree */
	const char *parent_field;
	const char *end_field;    /* path of its last day, NULL: never ends */
	int32_t from_day, to_day; /* to_day INT32_MAX = open */
	struct record_ref refs[RECORD_REFS_MAX]; /* the parent first */
	size_t refs_nr;
};

/* Key, references and days of a record whose shape is good. */
void subject_of(struct arena *arena, const Sy__V1__DirectoryRecord *record,
		struct subject *s_r);

/* Checks every field for itself and writes the record in normal form (labels
 * ru, zh, en; roles and streams sorted, each once) into the arena. NULL when
 * refused: r has code, field and text. */
const Sy__V1__DirectoryRecord *
shape_normal(struct arena *arena, const Sy__V1__DirectoryRecord *record,
	     struct put_result *r);

struct entry *catalog_get(struct catalog *c, const char *key);
struct version *catalog_set(struct catalog *c, struct entry *e,
			    const struct subject *s);
/* It is to be written, under the next revision of its key. */
void catalog_dirty(struct catalog *c, struct entry *e, struct version *v);
/* Takes catalog_set back: what stood there before, nothing if it had no record.
 */
void catalog_unset(struct entry *e, struct version *v,
		   const struct version *was);
struct version *entry_version(const struct entry *e, int32_t from_day);
/* The day that a version [from_day, to_day) of the entry really ends. */
int32_t entry_end(const struct entry *e, int32_t from_day, int32_t to_day);

#endif
