/* shape.c -- each field of a record for itself: is it well formed, and what is
 * its one normal form? Two records that say the same then have the same bytes,
 * so that importing a file twice changes nothing. */
#include <string.h>

#include "bus/grant.h"
#include "catalog.h"
#include "clock/zone.h"
#include "shape.h"

static const char *const roles[] = { "reader",   "handler", "publisher",
				     "consumer", "admin",   "gateway",
				     "auditor",  "sandbox", "privacy" };
#define ROLES_NR (sizeof(roles) / sizeof(roles[0]))

static const struct {
	const char *taxonomy;
	const char *classes[2]; /* one of these, or none at all */
	const char *refusal;
} taxonomies[] = {
	{ "kind", { "complaint", "other" }, "must be complaint or other" },
	{ "channel", { "remote", "in_person" }, "must be remote or in_person" },
	{ "topic", { 0 }, "only kinds and channels have a class" },
	{ "element", { 0 }, "only kinds and channels have a class" },
	{ "product", { 0 }, "only kinds and channels have a class" },
	{ "segment", { 0 }, "only kinds and channels have a class" },
	{ "remedy", { 0 }, "only kinds and channels have a class" },
	{ "cause", { 0 }, "only kinds and channels have a class" },
	{ "red_line", { 0 }, "only kinds and channels have a class" },
	{ "position", { 0 }, "only kinds and channels have a class" },
	{ "centre_service", { 0 }, "only kinds and channels have a class" },
};
#define TAXONOMIES_NR (sizeof(taxonomies) / sizeof(taxonomies[0]))

static Sy__V1__Unit *normal_unit(struct arena *arena, const Sy__V1__Unit *in,
				 struct shape_fault *r)
{
	Sy__V1__Unit *out = arena_alloc(arena, sizeof(*out));

	sy__v1__unit__init(out);
	if (shape_code(r, "unit.code", in->code) < 0 ||
	    shape_code_or_empty(r, "unit.parent", in->parent) < 0 ||
	    shape_code_or_empty(r, "unit.level", in->level) < 0 ||
	    shape_code_or_empty(r, "unit.calendar", in->calendar) < 0 ||
	    shape_days(r, "unit.valid_from_day", "unit.valid_to_day",
		       in->valid_from_day, in->valid_to_day) < 0 ||
	    shape_names(arena, r, "unit.names", in->names, in->n_names,
			&out->names, &out->n_names) < 0)
		return NULL;
	if (in->zone[0] && !zone_get(in->zone)) {
		shape_refuse(r, "unit.zone", "is not an IANA time zone");
		return NULL;
	}
	out->code = arena_strdup(arena, in->code);
	out->parent = arena_strdup(arena, in->parent);
	out->level = arena_strdup(arena, in->level);
	out->zone = arena_strdup(arena, in->zone);
	out->calendar = arena_strdup(arena, in->calendar);
	out->valid_from_day = in->valid_from_day;
	out->valid_to_day = in->valid_to_day;
	return out;
}

static Sy__V1__Department *normal_department(struct arena *arena,
					     const Sy__V1__Department *in,
					     struct shape_fault *r)
{
	Sy__V1__Department *out = arena_alloc(arena, sizeof(*out));

	sy__v1__department__init(out);
	if (shape_code(r, "department.code", in->code) < 0 ||
	    shape_code_or_empty(r, "department.parent", in->parent) < 0 ||
	    shape_days(r, "department.valid_from_day",
		       "department.valid_to_day", in->valid_from_day,
		       in->valid_to_day) < 0 ||
	    shape_names(arena, r, "department.names", in->names, in->n_names,
			&out->names, &out->n_names) < 0)
		return NULL;
	out->code = arena_strdup(arena, in->code);
	out->parent = arena_strdup(arena, in->parent);
	out->valid_from_day = in->valid_from_day;
	out->valid_to_day = in->valid_to_day;
	return out;
}

static int check_class(struct shape_fault *r, const char *taxonomy,
		       const char *class)
{
	for (size_t t = 0; t < TAXONOMIES_NR; t++) {
		const char *const *classes = taxonomies[t].classes;

		if (strcmp(taxonomies[t].taxonomy, taxonomy) != 0)
			continue;
		if (classes[0] ? strcmp(class, classes[0]) == 0 ||
					 strcmp(class, classes[1]) == 0
			       : !class[0])
			return 0;
		return shape_refuse(r, "term.class", taxonomies[t].refusal);
	}
	return shape_refuse(r, "term.taxonomy",
			    "must be kind, channel, topic, element, product, "
			    "segment, remedy, cause, red_line, position or "
			    "centre_service");
}

static Sy__V1__Term *normal_term(struct arena *arena, const Sy__V1__Term *in,
				 struct shape_fault *r)
{
	Sy__V1__Term *out = arena_alloc(arena, sizeof(*out));

	sy__v1__term__init(out);
	if (check_class(r, in->taxonomy, in->class_) < 0 ||
	    shape_code(r, "term.code", in->code) < 0 ||
	    shape_code_or_empty(r, "term.parent", in->parent) < 0 ||
	    shape_days(r, "term.valid_from_day", "term.valid_to_day",
		       in->valid_from_day, in->valid_to_day) < 0 ||
	    shape_names(arena, r, "term.names", in->names, in->n_names,
			&out->names, &out->n_names) < 0)
		return NULL;
	out->taxonomy = arena_strdup(arena, in->taxonomy);
	out->code = arena_strdup(arena, in->code);
	out->parent = arena_strdup(arena, in->parent);
	out->class_ = arena_strdup(arena, in->class_);
	out->valid_from_day = in->valid_from_day;
	out->valid_to_day = in->valid_to_day;
	return out;
}

static Sy__V1__Denominator *normal_denominator(struct arena *arena,
					       const Sy__V1__Denominator *in,
					       struct shape_fault *r)
{
	Sy__V1__Denominator *out = arena_alloc(arena, sizeof(*out));

	sy__v1__denominator__init(out);
	if (shape_code(r, "denominator.unit", in->unit) < 0 ||
	    shape_code(r, "denominator.measure", in->measure) < 0 ||
	    shape_days(r, "denominator.valid_from_day",
		       "denominator.valid_to_day", in->valid_from_day,
		       in->valid_to_day) < 0)
		return NULL;
	if (in->value < 0) {
		shape_refuse(r, "denominator.value", "is negative");
		return NULL;
	}
	out->unit = arena_strdup(arena, in->unit);
	out->measure = arena_strdup(arena, in->measure);
	out->value = in->value;
	out->valid_from_day = in->valid_from_day;
	out->valid_to_day = in->valid_to_day;
	return out;
}

/* The known roles that are named, in the order of roles[]. */
static int normal_roles(struct arena *arena, struct shape_fault *r,
			const Sy__V1__Principal *in, Sy__V1__Principal *out)
{
	bool has[ROLES_NR] = { 0 }, sandbox = false, others = false;

	for (size_t i = 0; i < in->n_roles; i++) {
		size_t k = 0;

		while (k < ROLES_NR && strcmp(in->roles[i], roles[k]) != 0)
			k++;
		if (k == ROLES_NR)
			return shape_refuse(r, "principal.roles",
					    "must be reader, handler, "
					    "publisher, consumer, admin, "
					    "gateway, auditor, sandbox "
					    "or privacy");
		has[k] = true;
		sandbox |= grant_role(roles[k]) == ROLE_SANDBOX;
		others |= !(grant_role(roles[k]) &
			    (ROLE_SANDBOX | ROLE_PUBLISHER));
	}
	if (sandbox && others)
		return shape_refuse(r, "principal.roles",
				    "sandbox goes with publisher alone");
	out->roles = arena_alloc(arena, ROLES_NR * sizeof(*out->roles));
	for (size_t k = 0; k < ROLES_NR; k++)
		if (has[k])
			out->roles[out->n_roles++] =
				arena_strdup(arena, roles[k]);
	return 0;
}

static int normal_streams(struct arena *arena, struct shape_fault *r,
			  const Sy__V1__Principal *in, Sy__V1__Principal *out)
{
	if (in->n_streams > GRANT_STREAMS_MAX)
		return shape_refuse(r, "principal.streams",
				    "names more than 16");
	out->streams =
		arena_alloc(arena, (in->n_streams + 1) * sizeof(*out->streams));
	for (size_t i = 0; i < in->n_streams; i++) {
		const char *stream = in->streams[i];
		size_t at = out->n_streams;

		if (strcmp(stream, "*") != 0 &&
		    shape_code(r, "principal.streams", stream) < 0)
			return -1;
		while (at > 0 && strcmp(out->streams[at - 1], stream) > 0)
			at--;
		if (at > 0 && strcmp(out->streams[at - 1], stream) == 0)
			continue;
		memmove(out->streams + at + 1, out->streams + at,
			(out->n_streams - at) * sizeof(*out->streams));
		out->streams[at] = arena_strdup(arena, stream);
		out->n_streams++;
	}
	return 0;
}

/* What only a person has. */
static int check_person(struct shape_fault *r, const Sy__V1__Principal *in)
{

	if (!in->person && in->display_name[0])
		return shape_refuse(r, "principal.display_name",
				    "is of persons only");
	if (!in->person && in->lang[0])
		return shape_refuse(r, "principal.lang", "is of persons only");
	if (!in->person)
		return 0;
	for (size_t i = 0; i < in->n_roles; i++)
		if (strcmp(in->roles[i], "gateway") == 0)
			return shape_refuse(r, "principal.roles",
					    "a person is no gateway");
	if (in->display_name[0] &&
	    shape_text(r, "principal.display_name", in->display_name,
		       SHAPE_NAME_CHARS) < 0)
		return -1;
	if (in->lang[0] && !shape_lang_valid(in->lang))
		return shape_refuse(r, "principal.lang",
				    "must be ru, zh or en");
	return 0;
}

/* What customers lodge by themselves has this source. */
static int check_reserved(struct shape_fault *r, const char *name)
{
	if (strcmp(name, "public") == 0)
		return shape_refuse(r, "principal.name",
				    "public is what customers are called");
	return 0;
}

static Sy__V1__Principal *normal_principal(struct arena *arena,
					   const Sy__V1__Principal *in,
					   struct shape_fault *r)
{
	Sy__V1__Principal *out = arena_alloc(arena, sizeof(*out));

	sy__v1__principal__init(out);
	if (shape_code(r, "principal.name", in->name) < 0 ||
	    check_reserved(r, in->name) < 0 ||
	    shape_code_or_empty(r, "principal.unit", in->unit) < 0 ||
	    normal_roles(arena, r, in, out) < 0 ||
	    normal_streams(arena, r, in, out) < 0 || check_person(r, in) < 0)
		return NULL;
	out->name = arena_strdup(arena, in->name);
	out->unit = arena_strdup(arena, in->unit);
	out->revoked = in->revoked;
	out->person = in->person;
	out->display_name = arena_strdup(arena, in->display_name);
	out->lang = arena_strdup(arena, in->lang);
	return out;
}

static Sy__V1__SigningKey *normal_signing_key(struct arena *arena,
					      const Sy__V1__SigningKey *in,
					      struct shape_fault *r)
{
	Sy__V1__SigningKey *out = arena_alloc(arena, sizeof(*out));

	sy__v1__signing_key__init(out);
	if (shape_code(r, "signing_key.key_id", in->key_id) < 0)
		return NULL;
	if (in->public_key.len != SIGNING_KEY_BYTES) {
		shape_refuse(r, "signing_key.public_key", "wants 32 bytes");
		return NULL;
	}
	out->key_id = arena_strdup(arena, in->key_id);
	out->public_key.data =
		arena_memdup(arena, in->public_key.data, in->public_key.len);
	out->public_key.len = in->public_key.len;
	out->revoked = in->revoked;
	return out;
}

static const Sy__V1__DirectoryRecord *
normal_record(struct arena *arena, const Sy__V1__DirectoryRecord *record,
	      struct shape_fault *r)
{
	Sy__V1__DirectoryRecord *out = arena_alloc(arena, sizeof(*out));

	sy__v1__directory_record__init(out);
	out->record_case = record->record_case;
	switch (record->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		out->unit = normal_unit(arena, record->unit, r);
		return out->unit ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		out->department =
			normal_department(arena, record->department, r);
		return out->department ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		out->term = normal_term(arena, record->term, r);
		return out->term ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		out->denominator =
			normal_denominator(arena, record->denominator, r);
		return out->denominator ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		out->principal = normal_principal(arena, record->principal, r);
		return out->principal ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
		out->signing_key =
			normal_signing_key(arena, record->signing_key, r);
		return out->signing_key ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
		out->calendar = normal_calendar(arena, record->calendar, r);
		return out->calendar ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
		out->calendar_day =
			normal_calendar_day(arena, record->calendar_day, r);
		return out->calendar_day ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		out->employee = normal_employee(arena, record->employee, r);
		return out->employee ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
		out->centre = normal_centre(arena, record->centre, r);
		return out->centre ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
		out->policy = normal_policy(arena, record->policy, r);
		return out->policy ? out : NULL;
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	shape_refuse(r, "record", "is missing");
	return NULL;
}

const Sy__V1__DirectoryRecord *
shape_normal(struct arena *arena, const Sy__V1__DirectoryRecord *record,
	     struct put_result *r)
{
	struct shape_fault fault;
	const Sy__V1__DirectoryRecord *normal =
		normal_record(arena, record, &fault);

	if (normal == NULL) {
		r->outcome = PUT_REFUSED;
		r->code = SY__V1__ERROR_CODE__INVALID;
		r->field = fault.field;
		r->text = fault.text;
	}
	return normal;
}
