/* rules.c -- how records stand to each other: parents exist and are valid on
 * every day of their children, no unit is above itself, a later first day ends
 * the version before it, the same body again changes nothing. The shape of the
 * single field is shape.c's matter. */
#include <string.h>

#include "catalog.h"

void subject_of(struct arena *arena, const Sy__V1__DirectoryRecord *record,
		struct subject *s_r)
{
	struct subject s = { .record = record, .to_day = INT32_MAX };
	int32_t to_day = 0;

	s.key = record_key(arena, record);
	if (record_days(record, &s.from_day, &to_day, &s.end_field) && to_day)
		s.to_day = to_day;
	s.refs_nr = record_refs(record, s.refs);
	/* A parent is the first that is named. */
	if (s.refs_nr && s.refs[0].how == REF_PARENT) {
		s.parent_key = arena_printf(arena, "%s/%s", s.refs[0].of,
					    s.refs[0].code);
		s.parent_field = s.refs[0].field;
	}
	*s_r = s;
}

/* True if the entry is valid on each day of [from_day, to_day). */
static bool entry_covers(const struct entry *e, int32_t from_day,
			 int32_t to_day)
{
	if (e->assumed)
		return true;
	for (size_t i = 0; i < e->n && from_day < to_day; i++) {
		const struct version *v = e->versions[i];
		int32_t end = entry_end(e, v->from_day, v->to_day);

		if (v->from_day > from_day)
			return false;
		if (end > from_day)
			from_day = end;
	}
	return from_day >= to_day;
}

static bool same_record(struct arena *arena, const Sy__V1__DirectoryRecord *a,
			const Sy__V1__DirectoryRecord *b)
{
	size_t len = sy__v1__directory_record__get_packed_size(a);
	uint8_t *bytes;

	if (sy__v1__directory_record__get_packed_size(b) != len)
		return false;
	bytes = arena_alloc(arena, 2 * len + 1);
	sy__v1__directory_record__pack(a, bytes);
	sy__v1__directory_record__pack(b, bytes + len);
	return memcmp(bytes, bytes + len, len) == 0;
}

static bool refuse(struct put_result *r, Sy__V1__ErrorCode code,
		   const char *field, const char *text)
{
	r->outcome = PUT_REFUSED;
	r->code = code;
	r->field = field;
	r->text = text;
	return false;
}

enum climb { CLIMB_ROOT, CLIMB_CYCLE, CLIMB_DEEP };

/* Follows every parent that key has on a day of [from_day, to_day). Parents
 * differ by day, so this is a walk over a (thin) tree of versions. */
static enum climb climb(const struct catalog *c, const char *key,
			const char *forbidden, int32_t from_day, int32_t to_day,
			int depth)
{
	const struct entry *e;

	if (strcmp(key, forbidden) == 0)
		return CLIMB_CYCLE;
	if (depth > DIRECTORY_DEPTH_MAX)
		return CLIMB_DEEP;
	e = catalog_find(c, key);
	for (size_t i = 0; e && i < e->n; i++) {
		const struct version *v = e->versions[i];
		int32_t end = entry_end(e, v->from_day, v->to_day);
		int32_t from = v->from_day > from_day ? v->from_day : from_day;
		int32_t to = end < to_day ? end : to_day;
		enum climb found;

		if (!v->parent || from >= to)
			continue;
		found = climb(c, v->parent, forbidden, from, to, depth + 1);
		if (found != CLIMB_ROOT)
			return found;
	}
	return CLIMB_ROOT;
}

static bool parent_good(const struct catalog *c, const struct subject *s,
			int32_t end, struct put_result *r)
{
	const struct entry *parent = catalog_find(c, s->parent_key);

	if (strcmp(s->parent_key, s->key) == 0)
		return refuse(r, SY__V1__ERROR_CODE__INVALID, s->parent_field,
			      "is the record itself");
	if (!parent || (!parent->n && !parent->assumed))
		return refuse(r, SY__V1__ERROR_CODE__UNKNOWN_CODE,
			      s->parent_field, "is not known");
	if (!entry_covers(parent, s->from_day, end))
		return refuse(r, SY__V1__ERROR_CODE__INVALID, s->parent_field,
			      "is not valid on every day of the record");
	switch (climb(c, s->parent_key, s->key, s->from_day, end, 1)) {
	case CLIMB_ROOT:
		return true;
	case CLIMB_CYCLE:
		return refuse(r, SY__V1__ERROR_CODE__INVALID, s->parent_field,
			      "lies below the record itself");
	case CLIMB_DEEP:
		return refuse(r, SY__V1__ERROR_CODE__INVALID, s->parent_field,
			      "lies more than 32 levels deep");
	}
	return false;
}

static bool is_of_tree(const Sy__V1__DirectoryRecord *r)
{
	return r->record_case == SY__V1__DIRECTORY_RECORD__RECORD_UNIT ||
	       r->record_case == SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT ||
	       r->record_case == SY__V1__DIRECTORY_RECORD__RECORD_TERM;
}

/* Nothing may hang on a record past its end. */
static bool children_covered(const struct catalog *c, const struct entry *e)
{
	for (const struct entry *child = c->entries; child;
	     child = child->hh.next)
		for (size_t i = 0; i < child->n; i++) {
			const struct version *v = child->versions[i];

			if (v->parent && strcmp(v->parent, e->key) == 0 &&
			    !entry_covers(
				    e, v->from_day,
				    entry_end(child, v->from_day, v->to_day)))
				return false;
		}
	return true;
}

static bool ref_good(const struct catalog *c, const struct subject *s,
		     const struct record_ref *ref, struct put_result *r)
{
	const struct entry *e = catalog_find(
		c, arena_printf(c->arena, "%s/%s", ref->of, ref->code));

	if (!e || (!e->n && !e->assumed))
		return refuse(r, SY__V1__ERROR_CODE__UNKNOWN_CODE, ref->field,
			      "is not known");
	if (ref->how == REF_ON_FIRST_DAY &&
	    !entry_covers(e, s->from_day, s->from_day + 1))
		return refuse(r, SY__V1__ERROR_CODE__INVALID, ref->field,
			      "is not valid on valid_from_day");
	return true;
}

static bool references_good(const struct catalog *c, const struct entry *e,
			    const struct subject *s, struct put_result *r)
{
	if (s->parent_key &&
	    !parent_good(c, s, entry_end(e, s->from_day, s->to_day), r))
		return false;
	for (size_t i = s->parent_key != NULL; i < s->refs_nr; i++)
		if (!ref_good(c, s, &s->refs[i], r))
			return false;
	return true;
}

/* It could not sign in any more, and would be without a name. */
static bool stops_to_be_a_person(const Sy__V1__DirectoryRecord *was,
				 const Sy__V1__DirectoryRecord *now)
{
	return now->record_case == SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL &&
	       was->principal->person && !now->principal->person;
}

void rules_put(struct catalog *c, const Sy__V1__DirectoryRecord *record,
	       struct put_result *r)
{
	const Sy__V1__DirectoryRecord *normal;
	struct version *v, was = { 0 };
	struct subject s;
	struct entry *e;

	*r = (struct put_result){ .outcome = PUT_UNCHANGED };
	normal = shape_normal(c->arena, record, r);
	if (!normal)
		return;
	subject_of(c->arena, normal, &s);
	e = catalog_get(c, s.key);
	v = entry_version(e, s.from_day);
	if (v && same_record(c->arena, v->record, normal))
		return;
	if (!references_good(c, e, &s, r))
		return;
	if (v && stops_to_be_a_person(v->record, normal)) {
		refuse(r, SY__V1__ERROR_CODE__INVALID, "principal.person",
		       "is a person and stays one; is the column missing?");
		return;
	}
	if (v)
		was = *v;
	v = catalog_set(c, e, &s);
	/* Only a record that ends can leave its children in the air. */
	if (s.to_day != INT32_MAX && is_of_tree(normal) &&
	    !children_covered(c, e)) {
		catalog_unset(e, v, &was);
		refuse(r, SY__V1__ERROR_CODE__INVALID, s.end_field,
		       "others still hang on it after that day");
		return;
	}
	catalog_dirty(c, e, v);
	*r = (struct put_result){ .outcome = PUT_CHANGED,
				  .key = e->key,
				  .revision = v->revision,
				  .before = was.record,
				  .after = normal };
}
