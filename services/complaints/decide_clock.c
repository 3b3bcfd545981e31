/* decide_clock.c -- whether a clock of a case may be paused, resumed, extended.
 * A person is also told when it would change nothing.
 */
#include <string.h>

#include "decide.h"

static bool refuse(struct bus_item *item, Sy__V1__ErrorCode code,
		   const char *field, const char *text)
{
	bus_refuse(item, code, field, "%s", text);
	return false;
}

static bool is_one_of(const Sy__V1__AppealClock *clock, const char *named)
{
	return named[0] == '\0' || strcmp(clock->clock, named) == 0;
}

static bool stands(const Sy__V1__AppealClock *clock, enum fact_type type)
{
	const bool runs = clock->state == SY__V1__CLOCK_STATE__CLOCK_RUNNING;
	const bool paused = clock->state == SY__V1__CLOCK_STATE__CLOCK_PAUSED;

	if (type == FACT_PAUSE_CLOCK)
		return runs;
	return paused || (runs && type == FACT_EXTEND_CLOCK);
}

static bool extension_fits(struct bus_item *item,
			   const Sy__V1__AppealClock *clock,
			   const Sy__V1__ClockRule *rule, uint32_t by)
{
	if (rule->extension_max == 0)
		return refuse(item, SY__V1__ERROR_CODE__INVALID, "clock",
			      "cannot be extended");
	if (by > rule->extension_max ||
	    clock->extended > rule->extension_max - by)
		return refuse(item, SY__V1__ERROR_CODE__INVALID, "by",
			      "is more than the policy allows");
	return true;
}

bool decide_clock(struct decision *d, struct bus_item *item,
		  const struct appeal_case *c, const struct asked *a,
		  const Sy__V1__AppealDetail *detail)
{
	const enum fact_type type = a->fact.type;
	bool known = false, may = false, changes = false;

	for (size_t i = 0; i < c->now.clocks_nr; i++) {
		const Sy__V1__AppealClock *clock = c->now.clocks[i];
		const Sy__V1__ClockRule *rule;

		if (!is_one_of(clock, detail->clock))
			continue;
		known = true;
		rule = policies_clock(d->svc->replica, clock->policy,
				      c->now.registered_day);
		if (rule == NULL)
			continue;
		if (type == FACT_EXTEND_CLOCK &&
		    !extension_fits(item, clock, rule, detail->by))
			return false;
		may |= rule->may_pause || type == FACT_EXTEND_CLOCK;
		changes |= stands(clock, type);
	}
	if (!known && detail->clock[0] != '\0')
		return refuse(item, SY__V1__ERROR_CODE__INVALID, "clock",
			      "is not one of this appeal");
	if (!may)
		return refuse(item, SY__V1__ERROR_CODE__INVALID, "clock",
			      "may not be paused");
	if (!changes && item->event == NULL)
		return refuse(item, SY__V1__ERROR_CODE__STATE, "clock",
			      type == FACT_RESUME_CLOCK ? "is not paused"
							: "does not run");
	return true;
}
