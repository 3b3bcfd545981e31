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

/* Another case that this one is to be merged into, linked to, a repeat of. */
static bool other_fits(struct decision *d, struct bus_item *item,
		       const struct appeal_case *c, const struct asked *a,
		       const char *other_id, const char *field)
{
	const struct appeal_case *other;
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
	return true;
}

static bool points_right(struct decision *d, struct bus_item *item,
			 const struct appeal_case *c, struct asked *a,
			 Sy__V1__AppealDetail *detail, int32_t day)
{
	switch ((int)a->fact.type) {
	case FACT_ROUTE:
		return target_known(d, item, detail, day) &&
		       handler_known(d, item, detail->handler);
	case FACT_OPEN_TASK:
		return target_known(d, item, detail, day);
	case FACT_PROPOSE_REMEDY:
		return term_known(d, item, "remedy", detail->remedy, day);
	case FACT_FLAG_RED_LINE:
		return term_known(d, item, "red_line", detail->red_line, day);
	case FACT_MERGE:
		return other_fits(d, item, c, a, detail->other_appeal, "into");
	case FACT_LINK:
		return other_fits(d, item, c, a, detail->other_appeal,
				  "matter");
	case FACT_MARK_REPEAT:
		return other_fits(d, item, c, a, detail->other_appeal,
				  "repeat_of");
	default:
		return true;
	}
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
	if (detail == NULL)
		return true;
	if (!points_right(d, item, c, a, detail, day))
		return false;
	a->fact.detail = detail;
	if (a->fact.type == FACT_ATTACH_FILE)
		a->fact.file =
			(const Sy__V1__AttachFileRequest *)item->request;
	return true;
}
