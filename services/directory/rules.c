/* rules.c -- how records stand to each other: parents exist and are valid on
 * every day of their children, no unit is above itself, a later first day ends
 * the version before it, the same body again changes nothing. The shape of the
 * single field is shape.c's matter. */
#include <string.h>

#include "catalog.h"

static int32_t end_of(int32_t to_day)
{
	return to_day ? to_day : INT32_MAX;
}

void subject_of(struct arena *arena, const Sy__V1__DirectoryRecord *record,
		struct subject *s_r)
{
	struct subject s = { .record = record, .to_day = INT32_MAX };

	switch (record->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT: {
		const Sy__V1__Unit *u = record->unit;

		s.key = arena_printf(arena, "unit/%s", u->code);
		if (u->parent[0])
			s.parent_key =
				arena_printf(arena, "unit/%s", u->parent);
		s.ref_field = "unit.parent";
		s.end_field = "unit.valid_to_day";
		s.from_day = u->valid_from_day;
		s.to_day = end_of(u->valid_to_day);
		break;
	}
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT: {
		const Sy__V1__Department *d = record->department;

		s.key = arena_printf(arena, "department/%s", d->code);
		if (d->parent[0])
			s.parent_key =
				arena_printf(arena, "department/%s", d->parent);
		s.ref_field = "department.parent";
		s.end_field = "department.valid_to_day";
		s.from_day = d->valid_from_day;
		s.to_day = end_of(d->valid_to_day);
		break;
	}
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM: {
		const Sy__V1__Term *t = record->term;

		s.key = arena_printf(arena, "%s/%s", t->taxonomy, t->code);
		if (t->parent[0])
			s.parent_key = arena_printf(arena, "%s/%s", t->taxonomy,
						    t->parent);
		s.ref_field = "term.parent";
		s.end_field = "term.valid_to_day";
		s.from_day = t->valid_from_day;
		s.to_day = end_of(t->valid_to_day);
		break;
	}
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR: {
		const Sy__V1__Denominator *d = record->denominator;

		s.key = arena_printf(arena, "denominator/%s/%s", d->unit,
				     d->measure);
		s.unit_key = arena_printf(arena, "unit/%s", d->unit);
		s.ref_field = "denominator.unit";
		s.end_field = "denominator.valid_to_day";
		s.from_day = d->valid_from_day;
		s.to_day = end_of(d->valid_to_day);
		break;
	}
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL: {
		const Sy__V1__Principal *p = record->principal;

		s.key = arena_printf(arena, "principal/%s", p->name);
		if (p->unit[0])
			s.unit_key = arena_printf(arena, "unit/%s", p->unit);
		s.ref_field = "principal.unit";
		break;
	}
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
		s.key = arena_printf(arena, "signing_key/%s",
				     record->signing_key->key_id);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
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
		return refuse(r, SY__V1__ERROR_CODE__INVALID, s->ref_field,
			      "is the record itself");
	if (!parent || (!parent->n && !parent->assumed))
		return refuse(r, SY__V1__ERROR_CODE__UNKNOWN_CODE, s->ref_field,
			      "is not known");
	if (!entry_covers(parent, s->from_day, end))
		return refuse(r, SY__V1__ERROR_CODE__INVALID, s->ref_field,
			      "is not valid on every day of the record");
	switch (climb(c, s->parent_key, s->key, s->from_day, end, 1)) {
	case CLIMB_ROOT:
		return true;
	case CLIMB_CYCLE:
		return refuse(r, SY__V1__ERROR_CODE__INVALID, s->ref_field,
			      "lies below the record itself");
	case CLIMB_DEEP:
		return refuse(r, SY__V1__ERROR_CODE__INVALID, s->ref_field,
			      "lies more than 32 levels deep");
	}
	return false;
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

static bool unit_good(const struct catalog *c, const struct subject *s,
		      struct put_result *r)
{
	const struct entry *unit = catalog_find(c, s->unit_key);

	if (!unit || (!unit->n && !unit->assumed))
		return refuse(r, SY__V1__ERROR_CODE__UNKNOWN_CODE, s->ref_field,
			      "is not known");
	if (s->record->record_case ==
		    SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR &&
	    !entry_covers(unit, s->from_day, s->from_day + 1))
		return refuse(r, SY__V1__ERROR_CODE__INVALID, s->ref_field,
			      "is not valid on valid_from_day");
	return true;
}

static bool references_good(const struct catalog *c, const struct entry *e,
			    const struct subject *s, struct put_result *r)
{
	if (s->parent_key &&
	    !parent_good(c, s, entry_end(e, s->from_day, s->to_day), r))
		return false;
	if (s->unit_key && !unit_good(c, s, r))
		return false;
	return true;
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
	if (v)
		was = *v;
	v = catalog_set(c, e, &s);
	/* Only a record that ends can leave its children in the air. */
	if (s.to_day != INT32_MAX && !children_covered(c, e)) {
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
