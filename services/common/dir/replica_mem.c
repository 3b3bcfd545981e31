/* replica_mem.c -- the directory in memory. Codes have few versions, so these
 * are looked through one after another. */
#include "dir/replica_mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

/* Deeper than the directory allows; a bound, not a rule. */
#define DEPTH_MAX 64
/* "TAXONOMY/CODE" */
#define KEY_MAX (2 * GRANT_CODE_MAX)

struct version {
	int32_t from_day, until_day;
	uint64_t revision;
	char *parent;
	const struct mem_entry *above; /* the parent's, once it was found */
	char *class;
	char *calendar;          /* its own, "" = the parent's */
	const struct zone *zone; /* its own, NULL = the parent's */
	struct replica_unit view;
};

struct mem_entry {
	char *key;
	struct version *versions; /* by from_day */
	size_t n;
	UT_hash_handle hh;
};

struct mem_principal {
	char *name;
	bool revoked;
	uint64_t revision;
	struct bus_grant grant;
	UT_hash_handle hh;
};

struct mem_key {
	char *key_id;
	bool revoked;
	uint64_t revision;
	uint8_t public_key[SIGNING_KEY_BYTES];
	UT_hash_handle hh;
};

/* Out of memory ends the process: the tables and the log have it all. */
static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static struct mem_entry *find(struct mem_entry *table, const char *key)
{
	struct mem_entry *e;

	HASH_FIND_STR(table, key, e);
	return e;
}

static struct version *entry_version(struct mem_entry *e, int32_t from_day)
{
	size_t at = 0;

	while (at < e->n && e->versions[at].from_day < from_day)
		at++;
	if (at < e->n && e->versions[at].from_day == from_day)
		return &e->versions[at];
	e->versions =
		must(realloc(e->versions, (e->n + 1) * sizeof(*e->versions)));
	memmove(e->versions + at + 1, e->versions + at,
		(e->n - at) * sizeof(*e->versions));
	e->versions[at] = (struct version){ .from_day = from_day };
	e->n++;
	return &e->versions[at];
}

static void put(struct mem_entry **table, const char *key,
		const struct mem_version *in)
{
	struct mem_entry *e = find(*table, key);
	struct version *v;

	if (!e) {
		e = must(calloc(1, sizeof(*e)));
		e->key = must(strdup(key));
		HASH_ADD_KEYPTR(hh, *table, e->key, strlen(e->key), e);
	}
	v = entry_version(e, in->from_day);
	if (in->revision < v->revision)
		return;
	free(v->parent);
	free(v->class);
	free(v->calendar);
	v->parent = must(strdup(in->parent));
	v->above = NULL;
	v->class = must(strdup(in->class));
	v->calendar = must(strdup(in->calendar));
	v->zone = in->zone[0] ? zone_get(in->zone) : NULL;
	v->until_day = in->until_day;
	v->revision = in->revision;
}

void mem_put_unit(struct replica_mem *m, const struct mem_version *v)
{
	put(&m->units, v->code, v);
}

void mem_put_department(struct replica_mem *m, const struct mem_version *v)
{
	put(&m->departments, v->code, v);
}

static char *term_key(char key[KEY_MAX], const char *taxonomy, const char *code)
{
	snprintf(key, KEY_MAX, "%s/%s", taxonomy, code);
	return key;
}

void mem_put_term(struct replica_mem *m, const char *taxonomy,
		  const struct mem_version *v)
{
	char key[KEY_MAX];

	put(&m->terms, term_key(key, taxonomy, v->code), v);
}

static void grant_streams(struct bus_grant *grant, const char *streams)
{
	while (*streams) {
		size_t len = strcspn(streams, ",");

		if (len == 1 && *streams == '*') {
			grant->all_streams = true;
		} else if (len > 0 && len < GRANT_CODE_MAX &&
			   grant->streams_nr < GRANT_STREAMS_MAX) {
			memcpy(grant->streams[grant->streams_nr], streams, len);
			grant->streams_nr++;
		}
		streams += len;
		streams += *streams == ',';
	}
}

void mem_put_principal(struct replica_mem *m, const char *name, uint32_t roles,
		       const char *streams, const char *unit, bool revoked,
		       uint64_t revision)
{
	struct mem_principal *p;

	HASH_FIND_STR(m->principals, name, p);
	if (!p) {
		p = must(calloc(1, sizeof(*p)));
		p->name = must(strdup(name));
		HASH_ADD_KEYPTR(hh, m->principals, p->name, strlen(p->name), p);
	}
	if (revision < p->revision)
		return;
	p->revision = revision;
	p->revoked = revoked;
	p->grant = (struct bus_grant){ .roles = roles };
	grant_streams(&p->grant, streams);
	snprintf(p->grant.unit, sizeof(p->grant.unit), "%s", unit);
}

void mem_put_signing_key(struct replica_mem *m, const char *key_id,
			 const uint8_t *public_key, size_t len, bool revoked,
			 uint64_t revision)
{
	struct mem_key *k;

	if (len != SIGNING_KEY_BYTES)
		return;
	HASH_FIND_STR(m->keys, key_id, k);
	if (!k) {
		k = must(calloc(1, sizeof(*k)));
		k->key_id = must(strdup(key_id));
		HASH_ADD_KEYPTR(hh, m->keys, k->key_id, strlen(k->key_id), k);
	}
	if (revision < k->revision)
		return;
	k->revision = revision;
	k->revoked = revoked;
	memcpy(k->public_key, public_key, SIGNING_KEY_BYTES);
}

static void free_table(struct mem_entry **table)
{
	struct mem_entry *e, *next;

	HASH_ITER (hh, *table, e, next) {
		HASH_DEL(*table, e);
		for (size_t i = 0; i < e->n; i++) {
			free(e->versions[i].parent);
			free(e->versions[i].class);
			free(e->versions[i].calendar);
		}
		free(e->versions);
		free(e->key);
		free(e);
	}
}

void mem_free(struct replica_mem *m)
{
	struct mem_principal *p, *next;
	struct mem_key *k, *next_key;

	free_table(&m->units);
	free_table(&m->departments);
	free_table(&m->terms);
	HASH_ITER (hh, m->principals, p, next) {
		HASH_DEL(m->principals, p);
		free(p->name);
		free(p);
	}
	HASH_ITER (hh, m->keys, k, next_key) {
		HASH_DEL(m->keys, k);
		free(k->key_id);
		free(k);
	}
	mem_free_policies(m);
	mem_free_calendars(m);
	m->revision = 0;
}

/* --- look-ups --------------------------------------------------------------
 */

/* The day that the i-th version really ends, 0 = open. */
static int32_t version_end(const struct mem_entry *e, size_t i)
{
	int32_t until = e->versions[i].until_day;

	if (i + 1 == e->n)
		return until;
	if (until && until < e->versions[i + 1].from_day)
		return until;
	return e->versions[i + 1].from_day;
}

static struct version *valid_on(const struct mem_entry *e, int32_t day,
				int32_t *end_r)
{
	if (!e)
		return NULL;
	for (size_t i = e->n; i-- > 0;) {
		if (e->versions[i].from_day > day)
			continue;
		*end_r = version_end(e, i);
		return *end_r == 0 || day < *end_r ? &e->versions[i] : NULL;
	}
	return NULL;
}

/* By what a unit lies somewhere on a day: its last version then, ended or not.
 */
static struct version *placed_on(const struct mem_entry *e, int32_t day)
{
	for (size_t i = e ? e->n : 0; i-- > 0;)
		if (e->versions[i].from_day <= day)
			return &e->versions[i];
	return NULL;
}

/* Entries stay where they are until all go. */
static struct version *above(const struct replica_mem *m, struct version *v,
			     int32_t day)
{
	if (!v->above && v->parent[0])
		v->above = find(m->units, v->parent);
	return placed_on(v->above, day);
}

const struct replica_unit *mem_unit_place(const struct replica_mem *m,
					  const char *code, int32_t day)
{
	const struct mem_entry *e = find(m->units, code);
	struct version *v = placed_on(e, day);
	struct version *up = v;

	if (!v)
		return NULL;
	v->view = (struct replica_unit){
		.code = e->key,
		.parent = v->parent,
		.valid_from_day = v->from_day,
		.valid_to_day = version_end(e, (size_t)(v - e->versions)),
	};
	for (int depth = 0; up && depth < DEPTH_MAX && !v->view.zone; depth++) {
		v->view.zone = up->zone;
		up = above(m, up, day);
	}
	if (!v->view.zone)
		v->view.zone = zone_get("UTC");
	return &v->view;
}

const struct replica_unit *mem_unit(const struct replica_mem *m,
				    const char *code, int32_t day)
{
	const struct replica_unit *u = mem_unit_place(m, code, day);

	return u && (u->valid_to_day == 0 || day < u->valid_to_day) ? u : NULL;
}

bool mem_unit_known(const struct replica_mem *m, const char *code)
{
	return find(m->units, code) != NULL;
}

bool mem_in_subtree(const struct replica_mem *m, const char *unit,
		    const char *root, int32_t day)
{
	struct version *v;

	if (!root[0] || strcmp(unit, root) == 0)
		return true;
	v = placed_on(find(m->units, unit), day);
	for (int depth = 1; depth < DEPTH_MAX && v; depth++) {
		if (strcmp(v->parent, root) == 0)
			return true;
		v = above(m, v, day);
	}
	return false;
}

const char *mem_unit_parent(const struct replica_mem *m, const char *code,
			    int32_t day)
{
	const struct version *v = placed_on(find(m->units, code), day);

	return v ? v->parent : NULL;
}

const struct calendar *mem_unit_calendar(const struct replica_mem *m,
					 const char *unit, int32_t day)
{
	struct version *v = placed_on(find(m->units, unit), day);

	for (int depth = 0; depth < DEPTH_MAX && v; depth++) {
		if (v->calendar[0])
			return mem_calendar(m, v->calendar);
		v = above(m, v, day);
	}
	return NULL;
}

const char *mem_term_parent(const struct replica_mem *m, const char *taxonomy,
			    const char *code, int32_t day)
{
	char key[KEY_MAX];
	int32_t end;
	const struct version *v = valid_on(
		find(m->terms, term_key(key, taxonomy, code)), day, &end);

	return v ? v->parent : NULL;
}

const char *mem_term(const struct replica_mem *m, const char *taxonomy,
		     const char *code, int32_t day)
{
	char key[KEY_MAX];
	int32_t end;
	const struct version *v = valid_on(
		find(m->terms, term_key(key, taxonomy, code)), day, &end);

	return v ? v->class : NULL;
}

bool mem_department(const struct replica_mem *m, const char *code, int32_t day)
{
	int32_t end;

	return valid_on(find(m->departments, code), day, &end) != NULL;
}

bool mem_grant(const struct replica_mem *m, const char *principal,
	       struct bus_grant *grant_r)
{
	struct mem_principal *p;

	HASH_FIND_STR(m->principals, principal, p);
	if (!p || p->revoked)
		return false;
	*grant_r = p->grant;
	return true;
}

const uint8_t *mem_signing_key(const struct replica_mem *m, const char *key_id)
{
	struct mem_key *k;

	HASH_FIND_STR(m->keys, key_id, k);
	return k && !k->revoked ? k->public_key : NULL;
}
