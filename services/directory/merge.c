/* merge.c -- one unit into another on a day: a row of ordinary puts, each
 * judged as any other, all or none. The past stays where it was. */
#include <string.h>

#include "bus/grant.h"
#include "catalog.h"
#include "dir/shape.h"
#include "timeutil.h"

struct merger {
	struct catalog *c;
	const struct merge *merge;
	const struct bus_grant *grant;
	int32_t today;
	const char *from_key, *into_key;
	struct merge_result *r;
};

static bool refuse(struct merger *m, Sy__V1__ErrorCode code, const char *field,
		   const char *text)
{
	struct put_result *r = &m->r->puts[m->r->n++];

	*r = (struct put_result){ .outcome = PUT_REFUSED,
				  .code = code,
				  .field = field,
				  .text = text };
	m->r->refused = r;
	return false;
}

/* A copy that can be changed. */
static Sy__V1__DirectoryRecord *copy_of(struct arena *arena,
					const Sy__V1__DirectoryRecord *r)
{
	size_t len = sy__v1__directory_record__get_packed_size(r);
	uint8_t *bytes = arena_alloc(arena, len + 1);

	sy__v1__directory_record__pack(r, bytes);
	return sy__v1__directory_record__unpack(&arena->allocator, len, bytes);
}

static bool put(struct merger *m, const Sy__V1__DirectoryRecord *record)
{
	struct put_result *r = &m->r->puts[m->r->n++];

	*r = (struct put_result){ 0 };
	if (rules_within(m->c, record, m->grant, m->today, r))
		rules_put(m->c, record, r);
	if (r->outcome == PUT_REFUSED)
		m->r->refused = r;
	return r->outcome != PUT_REFUSED;
}

static bool is(const struct version *v,
	       Sy__V1__DirectoryRecord__RecordCase sort)
{
	return v->record->record_case == sort;
}

/* What the version would be called at the other unit from the day on; NULL: it
 * has nothing to do with the unit by then. */
static Sy__V1__DirectoryRecord *
moved(const struct merger *m, const struct entry *e, const struct version *v)
{
	int32_t day = m->merge->day;
	int32_t from = v->from_day > day ? v->from_day : day;
	Sy__V1__DirectoryRecord *r;

	if (entry_end(e, v->from_day, v->to_day) <= day)
		return NULL;
	if (is(v, SY__V1__DIRECTORY_RECORD__RECORD_UNIT) && v->parent &&
	    strcmp(v->parent, m->from_key) == 0) {
		r = copy_of(m->c->arena, v->record);
		r->unit->parent = (char *)m->merge->into;
		r->unit->valid_from_day = from;
		return r;
	}
	if (is(v, SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE) &&
	    strcmp(v->record->employee->unit, m->merge->unit) == 0) {
		r = copy_of(m->c->arena, v->record);
		r->employee->unit = (char *)m->merge->into;
		r->employee->valid_from_day = from;
		return r;
	}
	return NULL;
}

/* Versions are looked at as they were before: a put adds some. */
static bool move_all(struct merger *m)
{
	size_t n = 0, all = 0;
	const Sy__V1__DirectoryRecord **records;

	for (struct entry *e = m->c->entries; e; e = e->hh.next)
		all += e->n;
	records = arena_alloc(m->c->arena, (all + 1) * sizeof(*records));
	for (struct entry *e = m->c->entries; e; e = e->hh.next)
		for (size_t i = 0; i < e->n; i++) {
			records[n] = moved(m, e, e->versions[i]);
			n += records[n] != NULL;
		}
	for (size_t i = 0; i < n; i++)
		if (!put(m, records[i]))
			return false;
	return true;
}

/* Its last version ends on the day. */
static bool end_unit(struct merger *m, const struct entry *e)
{
	const struct version *last = e->versions[e->n - 1];
	Sy__V1__DirectoryRecord *r = copy_of(m->c->arena, last->record);

	if (last->from_day >= m->merge->day)
		return refuse(m, SY__V1__ERROR_CODE__STATE, "day",
			      "the unit has a version that begins then or "
			      "later");
	if (last->to_day < m->merge->day)
		return refuse(m, SY__V1__ERROR_CODE__STATE, "unit",
			      "has ended before");
	r->unit->valid_to_day = m->merge->day;
	return put(m, r);
}

static bool end_centre(struct merger *m)
{
	const struct entry *e = catalog_find(
		m->c, arena_printf(m->c->arena, "centre/%s", m->merge->unit));
	const struct version *last = e && e->n ? e->versions[e->n - 1] : NULL;
	Sy__V1__DirectoryRecord *r;

	if (!last || last->to_day <= m->merge->day)
		return true;
	if (last->from_day >= m->merge->day)
		return refuse(m, SY__V1__ERROR_CODE__STATE, "day",
			      "the unit's centre has a version that begins "
			      "then or later");
	r = copy_of(m->c->arena, last->record);
	r->centre->valid_to_day = m->merge->day;
	return put(m, r);
}

static bool run(struct merger *m)
{
	const struct entry *e = catalog_find(m->c, m->from_key);
	const struct entry *into = catalog_find(m->c, m->into_key);

	if (m->merge->day < 1 || m->merge->day >= TIME_DAY_MAX)
		return refuse(m, SY__V1__ERROR_CODE__INVALID, "day",
			      "must be from 1970-01-02 to 2199-12-31");
	if (!e || !e->n)
		return refuse(m, SY__V1__ERROR_CODE__UNKNOWN_CODE, "unit",
			      "is not known");
	if (!into || !into->n)
		return refuse(m, SY__V1__ERROR_CODE__UNKNOWN_CODE, "into",
			      "is not known");
	if (e == into)
		return refuse(m, SY__V1__ERROR_CODE__INVALID, "into",
			      "is the unit itself");
	return move_all(m) && end_centre(m) && end_unit(m, e);
}

/* Entries and versions of its own, over the same records. */
static void copy_catalog(struct catalog *to, const struct catalog *from)
{
	catalog_init(to, from->arena);
	for (const struct entry *e = from->entries; e; e = e->hh.next) {
		struct entry *own = catalog_get(to, e->key);

		own->revision = e->revision;
		own->assumed = e->assumed;
		for (size_t i = 0; i < e->n; i++) {
			struct subject s;

			subject_of(to->arena, e->versions[i]->record, &s);
			catalog_set(to, own, &s)->revision =
				e->versions[i]->revision;
		}
	}
}

/* Each version makes one put at most, and there may be three besides. */
static void begin(struct merge_result *r, const struct catalog *c)
{
	size_t all = 4;

	for (const struct entry *e = c->entries; e; e = e->hh.next)
		all += e->n;
	*r = (struct merge_result){
		.puts = arena_alloc(c->arena, all * sizeof(*r->puts)),
	};
}

void rules_merge(struct catalog *c, const struct merge *merge,
		 const struct bus_grant *grant, int32_t today,
		 struct merge_result *m_r)
{
	struct catalog trial;
	struct merger m = {
		.c = &trial,
		.merge = merge,
		.grant = grant,
		.today = today,
		.from_key = arena_printf(c->arena, "unit/%s", merge->unit),
		.into_key = arena_printf(c->arena, "unit/%s", merge->into),
		.r = m_r,
	};

	/* First where nothing can go wrong. */
	copy_catalog(&trial, c);
	begin(m_r, c);
	if (!run(&m))
		return;
	begin(m_r, c);
	m.c = c;
	run(&m);
}

static bool names_unit(const Sy__V1__DirectoryRecord *r, const char *unit)
{
	struct record_ref refs[RECORD_REFS_MAX];
	size_t n;

	if (r->record_case != SY__V1__DIRECTORY_RECORD__RECORD_POLICY &&
	    r->record_case != SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL)
		return false;
	n = record_refs(r, refs);
	for (size_t i = 0; i < n; i++)
		if (strcmp(refs[i].of, "unit") == 0 &&
		    strcmp(refs[i].code, unit) == 0)
			return true;
	return false;
}

void merge_tell(const struct catalog *c, const char *unit,
		const struct merge_result *m, Sy__V1__MergeUnitsReply *reply)
{
	size_t entries = HASH_COUNT(c->entries);

	reply->units = arena_alloc(c->arena, (m->n + 1) * sizeof(char *));
	reply->employees = arena_alloc(c->arena, (m->n + 1) * sizeof(char *));
	reply->still_named_by =
		arena_alloc(c->arena, (entries + 1) * sizeof(char *));
	for (size_t i = 0; i < m->n; i++) {
		const Sy__V1__DirectoryRecord *r = m->puts[i].after;

		if (!r)
			continue;
		if (r->record_case == SY__V1__DIRECTORY_RECORD__RECORD_UNIT &&
		    strcmp(r->unit->code, unit) != 0)
			reply->units[reply->n_units++] = r->unit->code;
		if (r->record_case == SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE)
			reply->employees[reply->n_employees++] =
				r->employee->code;
	}
	for (const struct entry *e = c->entries; e; e = e->hh.next)
		if (e->n && names_unit(e->versions[e->n - 1]->record, unit))
			reply->still_named_by[reply->n_still_named_by++] =
				(char *)e->key;
}
