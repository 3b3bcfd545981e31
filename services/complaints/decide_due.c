/* decide_due.c -- time has changed a case, or may have: it is judged as of now,
 * and each change has its event.
 */
#include <string.h>

#include "decide.h"
#include "metrics.h"

static struct metric clocks_breached =
	METRIC(METRIC_COUNTER, "suyuan_complaints_breaches_total",
	       "Clocks that ran out before what they wait for was done");

static void told(struct decision *d, const struct bus_item *item,
		 struct appeal_case *c, const char *type, const char *clock,
		 const char *code, const struct appeal_facts *after)
{
	Sy__V1__AppealDetail *detail =
		arena_alloc(&d->batch->arena, sizeof(*detail));

	sy__v1__appeal_detail__init(detail);
	detail->clock = (char *)clock;
	detail->item = (char *)code;
	decide_effect(d, item, c, type, d->batch->now_us, after)->detail =
		detail;
}

static const Sy__V1__AppealClock *clock_before(const struct appeal_facts *facts,
					       const char *clock)
{
	for (size_t i = 0; i < facts->clocks_nr; i++) {
		if (strcmp(facts->clocks[i]->clock, clock) == 0)
			return facts->clocks[i];
	}
	return NULL;
}

static void clocks_tell(struct decision *d, const struct bus_item *item,
			struct appeal_case *c,
			const struct appeal_facts *before,
			const struct appeal_facts *after)
{
	const Sy__V1__ClockState ran_out = SY__V1__CLOCK_STATE__CLOCK_BREACHED;

	for (size_t i = 0; i < after->clocks_nr; i++) {
		const Sy__V1__AppealClock *now = after->clocks[i];
		const Sy__V1__AppealClock *was =
			clock_before(before, now->clock);

		if (now->state == ran_out &&
		    (was == NULL || was->state != ran_out)) {
			told(d, item, c, "ClockBreached", now->clock, "",
			     after);
			metric_add(&clocks_breached, 1);
		} else if (now->warned && (was == NULL || !was->warned)) {
			told(d, item, c, "ClockWarned", now->clock, "", after);
		}
	}
}

static void items_tell(struct decision *d, const struct bus_item *item,
		       struct appeal_case *c, const struct case_items *items,
		       int64_t before_us, const struct appeal_facts *after)
{
	for (const struct case_item *i = items->first; i != NULL; i = i->next) {
		if (item_overdue(i, after->judged_us) &&
		    !item_overdue(i, before_us))
			told(d, item, c,
			     i->kind == ITEM_TASK ? "TaskOverdue"
						  : "PromiseOverdue",
			     "", i->code, after);
	}
}

void decide_due(struct decision *d, struct bus_item *item)
{
	const Sy__V1__ClockDueRequest *req =
		(const Sy__V1__ClockDueRequest *)item->request;
	const int64_t now_us = d->batch->now_us;
	struct appeal_case *c = NULL;
	struct appeal_facts before;
	struct folded f;
	uint8_t id[UUID_BYTES];

	item->verdict = SY__V1__ERROR_CODE__OK;
	if (uuid_parse(req->appeal_id, id) == 0)
		c = cases_find_id(d->cases, id);
	if (c == NULL) {
		bus_refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "appeal_id",
			   "no such appeal");
		return;
	}
	if (c->now.wake_us == 0 || c->now.wake_us > now_us) {
		c->timer_stale = c->now.wake_us == 0;
		return;
	}
	before = c->now;
	decide_fold_life(d, c, &f);
	f.after.registered_day = c->now.registered_day;
	decide_judge(d, c, &f, now_us, now_us);
	clocks_tell(d, item, c, &before, &f.after);
	items_tell(d, item, c, &f.items, before.judged_us, &f.after);
	if (before.repeat_provisional && !f.after.repeat_provisional)
		told(d, item, c, "RepeatConfirmed", "", "", &f.after);
	/* a policy or a calendar was corrected since it was judged last */
	if (c->now.judged_us == before.judged_us)
		told(d, item, c, "ClocksJudged", "", "", &f.after);
}
