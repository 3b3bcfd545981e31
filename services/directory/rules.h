/* rules.h -- what may stand in the directory: pure functions over the records
 * that a batch touches. No I/O; the caller loads the catalog first. */
#ifndef SUYUAN_DIRECTORY_RULES_H
#define SUYUAN_DIRECTORY_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include "arena.h"
#include "suyuan/v1/directory.pb-c.h"

/* More levels than any organisation has; bounds every walk up the tree. */
#define DIRECTORY_DEPTH_MAX 32
#define SIGNING_KEY_BYTES 32 /* Ed25519 */

/* One version of a record, valid in [from_day, to_day) and at most until the
 * next version begins. */
struct version {
	int32_t from_day;
	int32_t to_day;     /* INT32_MAX = open */
	const char *parent; /* key of the parent, NULL = root or no tree */
	const Sy__V1__DirectoryRecord *record; /* in normal form */
	uint64_t revision;
	bool dirty; /* changed since it was loaded */
	struct version *next_dirty;
};

/* All versions of one key. */
struct entry {
	const char *key; /* "unit/CODE", "kind/CODE", "principal/NAME" ... */
	struct version **versions; /* by from_day */
	size_t n, cap;
	uint64_t revision; /* of the key: the highest of its versions */
	bool assumed;      /* only named: taken to be always valid */
	UT_hash_handle hh;
};

/* The part of the directory that a batch looks at, changes of its earlier
 * items included. Lives in the arena: nothing to free. */
struct catalog {
	struct arena *arena;
	struct entry *entries;
	struct version *dirty;
	uint64_t changes; /* each is one event */
};

void catalog_init(struct catalog *c, struct arena *arena);
struct entry *catalog_find(const struct catalog *c, const char *key);
/* A version as it is stored; record must be in normal form. */
void catalog_load(struct catalog *c, const Sy__V1__DirectoryRecord *record,
		  uint64_t revision);
/* Something happened to a record that does not change it: the next revision of
 * its key, 0 if there is no such record. */
uint64_t catalog_touch(struct catalog *c, const char *key);
/* A key that somebody promises to make before this takes effect. */
void catalog_assume(struct catalog *c, const char *key);

enum put_outcome { PUT_CHANGED, PUT_UNCHANGED, PUT_REFUSED };

struct put_result {
	enum put_outcome outcome;
	/* PUT_CHANGED */
	const char *key;
	uint64_t revision;
	const Sy__V1__DirectoryRecord *before; /* NULL: the first of its day */
	const Sy__V1__DirectoryRecord *after;
	/* PUT_REFUSED */
	Sy__V1__ErrorCode code;
	const char *field; /* static path */
	const char *text;  /* static, no values */
};

/* Judges one record against the catalog and, if it changes something, puts it
 * there. */
void rules_put(struct catalog *c, const Sy__V1__DirectoryRecord *record,
	       struct put_result *r);

struct bus_grant;

/* May who has this grant put this record, by the tree of that day? Else r says
 * why not. */
bool rules_within(const struct catalog *c,
		  const Sy__V1__DirectoryRecord *record,
		  const struct bus_grant *grant, int32_t day,
		  struct put_result *r);

/* May who has this grant read an entry that has versions? What stands at no
 * unit is everybody's. */
bool rules_sees(const struct catalog *c, const struct entry *e,
		const struct bus_grant *grant, int32_t day);

struct merge {
	const char *unit, *into;
	int32_t day;
};
/* What a merge changes, in order; a refusal is the only one then, and the
 * catalog as it was. */
struct merge_result {
	struct put_result *puts;
	size_t n;
	const struct put_result *refused; /* NULL: it is done */
};
void rules_merge(struct catalog *c, const struct merge *merge,
		 const struct bus_grant *grant, int32_t today,
		 struct merge_result *m_r);

/* Whom it moved, and who still names the unit, into the catalog's arena. */
void merge_tell(const struct catalog *c, const char *unit,
		const struct merge_result *m, Sy__V1__MergeUnitsReply *reply);

#endif
