/* refs.c -- see refs.h. */
#include "dir/refs.h"

struct list {
	struct record_ref *refs;
	size_t n;
};

static void add(struct list *l, enum ref_how how, const char *of,
		const char *code, const char *field)
{
	if (code[0] && l->n < RECORD_REFS_MAX)
		l->refs[l->n++] = (struct record_ref){ of, code, field, how };
}

const Sy__V1__PolicyMatch *policy_match(const Sy__V1__Policy *p)
{
	switch (p->rule_case) {
	case SY__V1__POLICY__RULE_CLOCK:
		return p->clock->match;
	case SY__V1__POLICY__RULE_ROUTING:
		return p->routing->match;
	case SY__V1__POLICY__RULE_REPEAT:
		return p->repeat->match;
	case SY__V1__POLICY__RULE_REMEDY:
		return p->remedy->match;
	case SY__V1__POLICY__RULE_OUTSIDE_APPEAL:
		return p->outside_appeal->match;
	case SY__V1__POLICY__RULE_NOTICE:
		return p->notice->match;
	case SY__V1__POLICY__RULE_LOOKUP:
		return p->lookup->match;
	case SY__V1__POLICY__RULE_REACTION:
		return p->reaction->match;
	case SY__V1__POLICY__RULE_SPAM:
	case SY__V1__POLICY__RULE__NOT_SET:
	case _SY__V1__POLICY__RULE__CASE_IS_INT_SIZE:
		break;
	}
	return NULL;
}

uint32_t policy_order(const Sy__V1__Policy *p)
{
	if (p->rule_case == SY__V1__POLICY__RULE_CLOCK)
		return p->clock->order;
	if (p->rule_case == SY__V1__POLICY__RULE_ROUTING)
		return p->routing->order;
	if (p->rule_case == SY__V1__POLICY__RULE_LOOKUP)
		return p->lookup->order;
	if (p->rule_case == SY__V1__POLICY__RULE_REACTION)
		return p->reaction->order;
	return 0;
}

#define MATCH(rule)                                                            \
	{                                                                      \
		"policy." rule ".match.kind", "policy." rule ".match.channel", \
			"policy." rule ".match.topic",                         \
			"policy." rule ".match.segment",                       \
			"policy." rule ".match.product",                       \
			"policy." rule ".match.unit"                           \
	}

static void add_match(struct list *l, const Sy__V1__Policy *p)
{
	static const char *const fields[][6] = {
		[SY__V1__POLICY__RULE_CLOCK] = MATCH("clock"),
		[SY__V1__POLICY__RULE_ROUTING] = MATCH("routing"),
		[SY__V1__POLICY__RULE_REPEAT] = MATCH("repeat"),
		[SY__V1__POLICY__RULE_REMEDY] = MATCH("remedy"),
		[SY__V1__POLICY__RULE_OUTSIDE_APPEAL] = MATCH("outside_appeal"),
		[SY__V1__POLICY__RULE_NOTICE] = MATCH("notice"),
		[SY__V1__POLICY__RULE_LOOKUP] = MATCH("lookup"),
		[SY__V1__POLICY__RULE_REACTION] = MATCH("reaction"),
	};
	const Sy__V1__PolicyMatch *m = policy_match(p);
	const char *const *field;

	if (!m)
		return;
	field = fields[p->rule_case];
	/* a mention's class and source are no terms */
	if (p->rule_case != SY__V1__POLICY__RULE_REACTION) {
		add(l, REF_KNOWN, "kind", m->kind, field[0]);
		add(l, REF_KNOWN, "channel", m->channel, field[1]);
	}
	add(l, REF_KNOWN, "topic", m->topic, field[2]);
	add(l, REF_KNOWN, "segment", m->segment, field[3]);
	add(l, REF_KNOWN, "product", m->product, field[4]);
	add(l, REF_KNOWN, "unit", m->unit, field[5]);
}

static void add_policy(struct list *l, const Sy__V1__Policy *p)
{
	add_match(l, p);
	if (p->rule_case == SY__V1__POLICY__RULE_CLOCK)
		add(l, REF_KNOWN, "calendar", p->clock->calendar,
		    "policy.clock.calendar");
	if (p->rule_case == SY__V1__POLICY__RULE_ROUTING) {
		add(l, REF_KNOWN, "unit", p->routing->unit,
		    "policy.routing.unit");
		add(l, REF_KNOWN, "department", p->routing->department,
		    "policy.routing.department");
	}
	if (p->rule_case == SY__V1__POLICY__RULE_REMEDY)
		add(l, REF_KNOWN, "remedy", p->remedy->remedy,
		    "policy.remedy.remedy");
	if (p->rule_case == SY__V1__POLICY__RULE_REACTION) {
		add(l, REF_KNOWN, "calendar", p->reaction->calendar,
		    "policy.reaction.calendar");
		add(l, REF_KNOWN, "kind", p->reaction->appeal_kind,
		    "policy.reaction.appeal_kind");
	}
}

static void add_employee(struct list *l, const Sy__V1__Employee *e)
{
	add(l, REF_KNOWN, "position", e->position, "employee.position");
	add(l, REF_ON_FIRST_DAY, "unit", e->unit, "employee.unit");
	add(l, REF_ON_FIRST_DAY, "department", e->department,
	    "employee.department");
	add(l, REF_KNOWN, "principal", e->principal, "employee.principal");
}

static void add_centre(struct list *l, const Sy__V1__Centre *c)
{
	add(l, REF_ON_FIRST_DAY, "unit", c->unit, "centre.unit");
	add(l, REF_KNOWN, "calendar", c->calendar, "centre.calendar");
	for (size_t i = 0; i < c->n_services; i++)
		add(l, REF_KNOWN, "centre_service", c->services[i],
		    "centre.services");
}

size_t record_refs(const Sy__V1__DirectoryRecord *r,
		   struct record_ref refs[RECORD_REFS_MAX])
{
	struct list l = { .refs = refs };

	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		add(&l, REF_PARENT, "unit", r->unit->parent, "unit.parent");
		add(&l, REF_KNOWN, "calendar", r->unit->calendar,
		    "unit.calendar");
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		add(&l, REF_PARENT, "department", r->department->parent,
		    "department.parent");
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		add(&l, REF_PARENT, r->term->taxonomy, r->term->parent,
		    "term.parent");
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		add(&l, REF_ON_FIRST_DAY, "unit", r->denominator->unit,
		    "denominator.unit");
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		add(&l, REF_KNOWN, "unit", r->principal->unit,
		    "principal.unit");
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
		add(&l, REF_KNOWN, "calendar", r->calendar_day->calendar,
		    "calendar_day.calendar");
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		add_employee(&l, r->employee);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
		add_centre(&l, r->centre);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
		add_policy(&l, r->policy);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return l.n;
}

const char *record_key(struct arena *arena, const Sy__V1__DirectoryRecord *r)
{
	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		return arena_printf(arena, "unit/%s", r->unit->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		return arena_printf(arena, "department/%s",
				    r->department->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		return arena_printf(arena, "%s/%s", r->term->taxonomy,
				    r->term->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		return arena_printf(arena, "denominator/%s/%s",
				    r->denominator->unit,
				    r->denominator->measure);
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		return arena_printf(arena, "principal/%s", r->principal->name);
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
		return arena_printf(arena, "signing_key/%s",
				    r->signing_key->key_id);
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
		return arena_printf(arena, "calendar/%s", r->calendar->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
		return arena_printf(arena, "calendar_day/%s/%d",
				    r->calendar_day->calendar,
				    r->calendar_day->day);
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		return arena_printf(arena, "employee/%s", r->employee->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
		return arena_printf(arena, "centre/%s", r->centre->unit);
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
		return arena_printf(arena, "policy/%s", r->policy->code);
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return NULL;
}

bool record_days(const Sy__V1__DirectoryRecord *r, int32_t *from_r,
		 int32_t *to_r, const char **end_field_r)
{
#define DAYS(member)                                                           \
	do {                                                                   \
		*from_r = r->member->valid_from_day;                           \
		*to_r = r->member->valid_to_day;                               \
		*end_field_r = #member ".valid_to_day";                        \
	} while (0)
	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		DAYS(unit);
		return true;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		DAYS(department);
		return true;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		DAYS(term);
		return true;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		DAYS(denominator);
		return true;
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
		DAYS(calendar);
		return true;
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		DAYS(employee);
		return true;
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
		DAYS(centre);
		return true;
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
		DAYS(policy);
		return true;
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
#undef DAYS
	return false;
}
