/* catalog.c -- the part of the directory that one batch looks at, keyed by
 * record; what may go in is rules.c's matter. */
#include "catalog.h"

/* The table lives and dies with the batch's arena, like all that it points to;
 * each function that adds to it calls its catalog `c`. */
#undef uthash_malloc
#undef uthash_free
#define uthash_malloc(size) arena_alloc(c->arena, (size))
#define uthash_free(ptr, size) ((void)(ptr), (void)(size))

void catalog_init(struct catalog *c, struct arena *arena)
{
	*c = (struct catalog){ .arena = arena };
}

struct entry *catalog_find(const struct catalog *c, const char *key)
{
	struct entry *e;

	HASH_FIND_STR(c->entries, key, e);
	return e;
}

struct entry *catalog_get(struct catalog *c, const char *key)
{
	struct entry *e = catalog_find(c, key);

	if (e)
		return e;
	e = arena_alloc(c->arena, sizeof(*e));
	e->key = arena_strdup(c->arena, key);
	HASH_ADD_KEYPTR(hh, c->entries, e->key, strlen(e->key), e);
	return e;
}

void catalog_assume(struct catalog *c, const char *key)
{
	catalog_get(c, key)->assumed = true;
}

static struct version *entry_insert(struct catalog *c, struct entry *e,
				    int32_t from_day)
{
	size_t at = e->n;

	if (e->n == e->cap) {
		struct version **old = e->versions;

		e->cap = e->cap ? 2 * e->cap : 4;
		e->versions = arena_alloc(c->arena, e->cap * sizeof(*old));
		if (e->n)
			memcpy(e->versions, old, e->n * sizeof(*old));
	}
	for (; at > 0 && e->versions[at - 1]->from_day > from_day; at--)
		e->versions[at] = e->versions[at - 1];
	e->versions[at] = arena_alloc(c->arena, sizeof(struct version));
	e->versions[at]->from_day = from_day;
	e->n++;
	return e->versions[at];
}

struct version *entry_version(const struct entry *e, int32_t from_day)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->versions[i]->from_day == from_day)
			return e->versions[i];
	return NULL;
}

int32_t entry_end(const struct entry *e, int32_t from_day, int32_t to_day)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->versions[i]->from_day > from_day)
			return e->versions[i]->from_day < to_day
				       ? e->versions[i]->from_day
				       : to_day;
	return to_day;
}

struct version *catalog_set(struct catalog *c, struct entry *e,
			    const struct subject *s)
{
	struct version *v = entry_version(e, s->from_day);

	if (!v)
		v = entry_insert(c, e, s->from_day);
	v->to_day = s->to_day;
	v->parent = s->parent_key;
	v->record = s->record;
	return v;
}

void catalog_unset(struct entry *e, struct version *v,
		   const struct version *was)
{
	size_t at = 0;

	if (was->record) {
		*v = *was;
		return;
	}
	while (e->versions[at] != v)
		at++;
	e->n--;
	memmove(e->versions + at, e->versions + at + 1,
		(e->n - at) * sizeof(e->versions[0]));
}

void catalog_load(struct catalog *c, const Sy__V1__DirectoryRecord *record,
		  uint64_t revision)
{
	struct subject s;
	struct entry *e;
	struct version *v;

	subject_of(c->arena, record, &s);
	e = catalog_get(c, s.key);
	v = catalog_set(c, e, &s);
	v->revision = revision;
	if (revision > e->revision)
		e->revision = revision;
}

void catalog_dirty(struct catalog *c, struct entry *e, struct version *v)
{
	v->revision = ++e->revision;
	if (!v->dirty) {
		v->dirty = true;
		v->next_dirty = c->dirty;
		c->dirty = v;
	}
	c->changes++;
}

uint64_t catalog_touch(struct catalog *c, const char *key)
{
	struct entry *e = catalog_find(c, key);

	if (!e || !e->n)
		return 0;
	catalog_dirty(c, e, e->versions[e->n - 1]);
	return e->revision;
}
