/* decide_life.c -- what only the directory and other cases can tell of a fact:
 * codes, whom it reaches, what it points at.
 */
#include <string.h>

#include "decide.h"
#include "timeutil.h"

bool decide_codes(struct decision *d, struct bus_item *item,
		  const char *const code[CODE_NR], int32_t day)
{
	enum appeal_code unknown = codes_unknown(d->svc->replica, code, day);

	return unknown == CODE_NR ||
	       decide_unknown(d, item, code_names[unknown]);
}

bool decide_scope(struct decision *d, struct bus_item *item, const char *unit,
		  int32_t day)
{
	if (replica_in_subtree(d->svc->replica, unit, item->grant->unit, day))
		return true;
	bus_refuse(item, SY__V1__ERROR_CODE__SCOPE, "unit",
		   "lies outside of the principal's subtree");
	return false;
}

/* The unit and the department that a fact sends something to. */
static bool target_known(struct decision *d, struct bus_item *item,
			 const Sy__V1__AppealDetail *detail, int32_t day)
{
	const char *code[CODE_NR];

	for (int i = 0; i < CODE_NR; i++)
		code[i] = "";
	code[CODE_UNIT] = detail->unit;
	code[CODE_DEPARTMENT] = detail->department;
	return decide_codes(d, item, code, day) &&
	       (detail->unit[0] == '\0' ||
		decide_scope(d, item, detail->unit, day));
}

static bool handler_known(struct decision *d, struct bus_item *item,
			  const char *handler)
{
	struct bus_grant grant;

	if (handler[0] == '\0' || strcmp(handler, "-") == 0)
		return true;
	if (!replica_grant(d->svc->replica, handler, &grant))
		return decide_unknown(d, item, "handler");
	if ((grant.roles & ROLE_HANDLER) != 0)
		return true;
	bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "handler",
		   "is not one who works on appeals");
	return false;
}

static bool term_known(struct decision *d, struct bus_item *item,
		       const char *taxonomy, const char *code, int32_t day)
{
	return replica_term(d->svc->replica, taxonomy, code, day) != NULL ||
	       decide_unknown(d, item, taxonomy);
}

/* --- by policies --- */

static const struct appeal_facts *codes_of(struct decision *d,
					   const struct appeal_case *c)
{
	struct appeal_facts *none;

	if (c != NULL)
		return &c->now;
	none = arena_alloc(&d->batch->arena, sizeof(*none));
	appeal_facts_init(none);
	return none;
}

static bool task_due(struct decision *d, struct bus_item *item,
		     const struct appeal_case *c, const struct asked *a,
		     Sy__V1__AppealDetail *detail, int32_t day)
{
	if (detail->due_us == 0)
		detail->due_us =
			policies_task_due(d->svc->replica, codes_of(d, c), day,
					  detail->unit, a->fact.occurred_at_us);
	if (detail->due_us != 0)
		return true;
	bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "due_us",
		   "is missing, and no policy says it");
	return false;
}

/* Whether a second person is needed is judged once, and kept with the fact. */
static bool remedy_judge(struct decision *d, struct bus_item *item,
			 const struct appeal_case *c,
			 Sy__V1__AppealDetail *detail, int32_t day)
{
	const Sy__V1__Policy *policy =
		policies_first(d->svc->replica, SY__V1__POLICY__RULE_REMEDY,
			       day, codes_of(d, c), detail->remedy);
	const Sy__V1__RemedyRule *rule;

	detail->state = SY__V1__REMEDY_STATE__REMEDY_PROPOSED;
	if (policy == NULL)
		return true;
	rule = policy->remedy;
	if (detail->amount_minor > 0 &&
	    strcmp(rule->currency, detail->currency) != 0) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "currency",
			   "is not that of the policy for remedies");
		return false;
	}
	if (rule->limit_minor > 0 && detail->amount_minor > rule->limit_minor) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "amount_minor",
			   "lies above the limit of the policy for remedies");
		return false;
	}
	if (detail->amount_minor <= rule->free_limit_minor)
		detail->state = SY__V1__REMEDY_STATE__REMEDY_APPROVED;
	return true;
}

Sy__V1__AppealDetail *decide_routing(struct decision *d,
				     const struct appeal_facts *facts,
				     int32_t day)
{
	const struct replica *r = d->svc->replica;
	const Sy__V1__Policy *policy = policies_first(
		r, SY__V1__POLICY__RULE_ROUTING, day, facts, NULL);
	Sy__V1__AppealDetail *detail;

	if (policy == NULL)
		return NULL;
	detail = arena_alloc(&d->batch->arena, sizeof(*detail));
	sy__v1__appeal_detail__init(detail);
	/* The policy's strings live until the loop next runs, a case longer. A
	 * code that has ended since leads nowhere. */
	if (replica_unit(r, policy->routing->unit, day) != NULL)
		detail->unit =
			arena_strdup(&d->batch->arena, policy->routing->unit);
	if (replica_department(r, policy->routing->department, day))
		detail->department = arena_strdup(&d->batch->arena,
						  policy->routing->department);
	detail->green_channel = policy->routing->green_channel;
	return detail;
}

/* --- other cases --- */

/* Another case that this one is to be merged into, linked to, a repeat of. */
static bool other_fits(struct decision *d, struct bus_item *item,
		       const struct appeal_case *c, const struct asked *a,
		       const char *other_id, const char *field)
{
	struct appeal_case *other;
	uint8_t id[UUID_BYTES];

	if (other_id[0] == '\0')
		return true;
	uuid_parse(other_id, id);
	other = cases_find_id(d->cases, id);
	if (other == NULL || !case_registered(other) ||
	    !grant_reaches(d->svc->replica, item->grant, item->principal,
			   other->source, &other->now)) {
		bus_refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, field,
			   "no such appeal");
		return false;
	}
	if (other == c) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, field,
			   "is the appeal itself");
		return false;
	}
	if (a->fact.type == FACT_MERGE &&
	    other->now.state == SY__V1__APPEAL_STATE__APPEAL_MERGED) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, field,
			   "was merged into another one itself");
		return false;
	}
	/* it must not be merged meanwhile, by another replica */
	other->relied_on |= a->fact.type == FACT_MERGE;
	return true;
}

/* Until when a repeat may still turn out to be none: what is due of it. */
static void repeat_window(struct decision *d, const struct appeal_case *c,
			  Sy__V1__AppealDetail *detail, int32_t day)
{
	const struct appeal_case *first;
	const Sy__V1__Policy *policy;
	uint8_t id[UUID_BYTES];

	detail->due_us = 0;
	if (c == NULL || uuid_parse(detail->other_appeal, id) < 0)
		return;
	first = cases_find_id(d->cases, id);
	policy = policies_first(d->svc->replica, SY__V1__POLICY__RULE_REPEAT,
				day, &c->now, NULL);
	if (policy != NULL && first->now.closed_at_us != 0)
		detail->due_us = first->now.closed_at_us +
				 policy->repeat->window_days * US_PER_DAY;
}

/* Who asks twice by one key has one answer; each fact is folded for ever. */
static bool lookup_fits(struct bus_item *item, const struct appeal_case *c,
			const Sy__V1__AppealDetail *detail)
{
	size_t kept = 0;

	for (size_t i = 0; c != NULL && i < c->facts_nr; i++) {
		const struct appeal_fact *f = &c->facts[i];

		if (f->type != FACT_KEEP_LOOKUP)
			continue;
		kept++;
		if (strcmp(f->detail->item, detail->item) != 0)
			continue;
		bus_refuse(item, SY__V1__ERROR_CODE__CONFLICT, "item",
			   "was kept before");
		return false;
	}
	if (kept < CASE_LOOKUPS_MAX)
		return true;
	bus_refuse(item, SY__V1__ERROR_CODE__STATE, "appeal", LOOKUPS_FULL);
	return false;
}

static bool points_right(struct decision *d, struct bus_item *item,
			 const struct appeal_case *c, const struct asked *a,
			 Sy__V1__AppealDetail *detail, int32_t day)
{
	switch ((int)a->fact.type) {
	case FACT_ROUTE:
		return target_known(d, item, detail, day) &&
		       handler_known(d, item, detail->handler);
	case FACT_OPEN_TASK:
		return target_known(d, item, detail, day) &&
		       task_due(d, item, c, a, detail, day);
	case FACT_PROPOSE_REMEDY:
		return term_known(d, item, "remedy", detail->remedy, day) &&
		       remedy_judge(d, item, c, detail, day);
	case FACT_FLAG_RED_LINE:
		return term_known(d, item, "red_line", detail->red_line, day);
	case FACT_MERGE:
		return other_fits(d, item, c, a, detail->other_appeal, "into");
	case FACT_LINK:
		return other_fits(d, item, c, a, detail->other_appeal,
				  "matter");
	case FACT_MARK_REPEAT:
		if (!other_fits(d, item, c, a, detail->other_appeal,
				"repeat_of"))
			return false;
		repeat_window(d, c, detail, day);
		return true;
	case FACT_KEEP_LOOKUP:
		return lookup_fits(item, c, detail);
	case FACT_PAUSE_CLOCK:
	case FACT_RESUME_CLOCK:
	case FACT_EXTEND_CLOCK:
		return c == NULL || !case_registered(c) ||
		       decide_clock(d, item, c, a, detail);
	default:
		return true;
	}
}

/* The classification of a case that nobody has routed by hand. */
static void reroute(struct decision *d, const struct appeal_case *c,
		    struct asked *a)
{
	struct appeal_facts codes;

	if (c == NULL || !case_registered(c) ||
	    a->fact.code[CODE_DEPARTMENT][0] != '\0')
		return;
	for (size_t i = 0; i < c->facts_nr; i++) {
		if (c->facts[i].type == FACT_ROUTE ||
		    c->facts[i].code[CODE_DEPARTMENT][0] != '\0')
			return;
	}
	codes = c->now;
	appeal_codes_take(&codes, &a->fact);
	a->fact.detail = decide_routing(d, &codes, c->now.registered_day);
}

bool decide_life(struct decision *d, struct bus_item *item,
		 const struct appeal_case *c, struct asked *a)
{
	Sy__V1__AppealDetail *detail = asked_detail(&d->batch->arena, a);
	int32_t day = (int32_t)(a->fact.occurred_at_us / US_PER_DAY);

	if (c != NULL && case_registered(c))
		day = c->now.registered_day;
	if (!decide_codes(d, item, a->fact.code, day))
		return false;
	if (a->fact.code[CODE_UNIT][0] != '\0' &&
	    !decide_scope(d, item, a->fact.code[CODE_UNIT], day))
		return false;
	if (a->fact.type == FACT_CLASSIFY)
		reroute(d, c, a);
	if (detail == NULL)
		return true;
	if (!points_right(d, item, c, a, detail, day))
		return false;
	a->fact.detail = detail;
	if (a->fact.type == FACT_ATTACH_FILE)
		a->fact.file = (const Sy__V1__AttachFileRequest *)item->request;
	if (a->fact.type == FACT_KEEP_LOOKUP)
		a->fact.lookup =
			((const Sy__V1__KeepLookupRequest *)item->request)
				->result;
	return true;
}
