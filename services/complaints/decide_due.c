/* decide_due.c -- time has changed a case, or may have: it is judged as of now,
 * and each change has its event.
 */
#include <string.h>

#include "decide.h"
#include "metrics.h"

static struct metric clocks_breached =
	METRIC(METRIC_COUNTER, "suyuan_complaints_breaches_total",
	       "Clocks that ran out while nobody answered");

void decide_due(struct decision *d, struct bus_item *item)
{
	const Sy__V1__ClockDueRequest *req =
		(const Sy__V1__ClockDueRequest *)item->request;
	struct appeal_case *c = NULL;
	struct case_items items;
	struct appeal_facts after;
	uint8_t id[UUID_BYTES];

	item->verdict = SY__V1__ERROR_CODE__OK;
	if (uuid_parse(req->appeal_id, id) == 0)
		c = cases_find_id(d->cases, id);
	if (c == NULL) {
		bus_refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "appeal_id",
			   "no such appeal");
		return;
	}
	if (c->now.wake_us == 0 || c->now.wake_us >= d->batch->now_us) {
		c->timer_stale = c->now.wake_us == 0;
		return;
	}
	decide_fold_life(d, c, &items, &after);
	after.registered_day = c->now.registered_day;
	decide_judge(d, &items, &after, d->batch->now_us);
	if (after.first_response == SY__V1__CLOCK_STATE__CLOCK_BREACHED &&
	    c->now.first_response == SY__V1__CLOCK_STATE__CLOCK_RUNNING) {
		decide_effect(d, item, c, "ClockBreached", d->batch->now_us,
			      &after);
		metric_add(&clocks_breached, 1);
	}
}
