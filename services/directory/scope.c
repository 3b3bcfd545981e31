/* scope.c -- what an administrator of a subtree may change: units below the own
 * root, and what stands at such units. Terms, departments, calendars and
 * policies are everybody's. */
#include <string.h>

#include "bus/grant.h"
#include "catalog.h"

static bool refuse(struct put_result *r, const char *field, const char *text)
{
	r->outcome = PUT_REFUSED;
	r->code = SY__V1__ERROR_CODE__SCOPE;
	r->field = field;
	r->text = text;
	return false;
}

static bool outside(struct put_result *r, const char *field)
{
	return refuse(r, field, "lies outside of your subtree");
}

static const struct version *version_on(const struct entry *e, int32_t day)
{
	for (size_t i = e ? e->n : 0; i-- > 0;)
		if (e->versions[i]->from_day <= day)
			return e->versions[i];
	return NULL;
}

/* Is the key root's or below it, on the day? */
static bool below(const struct catalog *c, const char *key, const char *root,
		  int32_t day)
{
	for (int depth = 0; key && depth <= DIRECTORY_DEPTH_MAX; depth++) {
		const struct version *v;

		if (strcmp(key, root) == 0)
			return true;
		v = version_on(catalog_find(c, key), day);
		key = v ? v->parent : NULL;
	}
	return false;
}

/* Also where it stands already, so that nothing is taken from elsewhere, on any
 * of its days. The root itself is moved from above only. */
static bool unit_within(const struct catalog *c, const struct subject *s,
			const char *root, int32_t day, struct put_result *r)
{
	const struct entry *e = catalog_find(c, s->key);

	if (strcmp(s->key, root) == 0 || !s->parent_key ||
	    !below(c, s->parent_key, root, day))
		return outside(r, s->parent_field);
	for (size_t i = 0; e && i < e->n; i++)
		if (!e->versions[i]->parent ||
		    !below(c, e->versions[i]->parent, root, day))
			return outside(r, s->parent_field);
	return true;
}

/* Nobody gives what they have not, nor what has no subtree: logs are whole. */
static bool roles_within(const struct bus_grant *grant,
			 const Sy__V1__Principal *p, struct put_result *r)
{
	for (size_t i = 0; i < p->n_roles; i++) {
		uint32_t role = grant_role(p->roles[i]);

		if (role == ROLE_SANDBOX) /* takes something away */
			continue;
		if (!(role & grant->roles) ||
		    role & (ROLE_CONSUMER | ROLE_GATEWAY))
			return refuse(r, "principal.roles",
				      "only somebody who sees all may give it");
	}
	return p->n_streams == 0 ||
	       refuse(r, "principal.streams",
		      "only somebody who sees all may give it");
}

static const char *unit_key(const struct catalog *c, const char *code)
{
	return code[0] ? arena_printf(c->arena, "unit/%s", code) : NULL;
}

static bool principal_within(const struct catalog *c, const struct subject *s,
			     const struct bus_grant *grant, const char *root,
			     int32_t day, struct put_result *r)
{
	const struct entry *e = catalog_find(c, s->key);
	const Sy__V1__Principal *put = s->record->principal;

	if (!below(c, unit_key(c, put->unit), root, day))
		return outside(r, "principal.unit");
	for (size_t i = 0; e && i < e->n; i++) {
		const Sy__V1__Principal *p = e->versions[i]->record->principal;

		if (!below(c, unit_key(c, p->unit), root, day))
			return outside(r, "principal.unit");
		if (!roles_within(grant, p, r))
			return false;
	}
	return roles_within(grant, put, r);
}

/* At whatever unit the employee ever was: else one could be taken away. */
static bool employee_within(const struct catalog *c, const struct subject *s,
			    const char *root, int32_t day, struct put_result *r)
{
	const struct entry *e = catalog_find(c, s->key);

	if (!below(c, unit_key(c, s->record->employee->unit), root, day))
		return outside(r, "employee.unit");
	for (size_t i = 0; e && i < e->n; i++)
		if (!below(c,
			   unit_key(c, e->versions[i]->record->employee->unit),
			   root, day))
			return outside(r, "employee.unit");
	return true;
}

/* The unit at which a record stands, NULL: at none. */
static const char *stands_at(const struct catalog *c,
			     const Sy__V1__DirectoryRecord *r)
{
	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		return unit_key(c, r->unit->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		return unit_key(c, r->denominator->unit);
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		return unit_key(c, r->employee->unit);
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
		return unit_key(c, r->centre->unit);
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return NULL;
}

bool rules_sees(const struct catalog *c, const struct entry *e,
		const struct bus_grant *grant, int32_t day)
{
	const struct version *v = e->n ? version_on(e, day) : NULL;
	const char *at;

	if (!grant->unit[0])
		return true;
	if (!v)
		v = e->versions[0]; /* all of it is still to come */
	at = stands_at(c, v->record);
	return !at || below(c, at, unit_key(c, grant->unit), day);
}

bool rules_within(const struct catalog *c,
		  const Sy__V1__DirectoryRecord *record,
		  const struct bus_grant *grant, int32_t day,
		  struct put_result *r)
{
	const char *root = arena_printf(c->arena, "unit/%s", grant->unit);
	struct subject s;

	if (!grant->unit[0])
		return true;
	subject_of(c->arena, record, &s); /* its shape is not looked at yet */
	switch (record->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		return unit_within(c, &s, root, day, r);
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		return below(c, unit_key(c, record->denominator->unit), root,
			     day) ||
		       outside(r, "denominator.unit");
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		return employee_within(c, &s, root, day, r);
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
		return below(c, unit_key(c, record->centre->unit), root, day) ||
		       outside(r, "centre.unit");
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		return principal_within(c, &s, grant, root, day, r);
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
		return refuse(r, "record",
			      "only somebody who sees all may change it");
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return true; /* refused as missing */
}
