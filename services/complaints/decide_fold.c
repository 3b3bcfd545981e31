/* decide_fold.c -- a case as its facts make it, with what the fold alone cannot
 * know: its local day, its clocks, and when time changes it next.
 */
#include <string.h>

#include "decide.h"

void decide_fold_life(struct decision *d, struct appeal_case *c,
		      struct case_items *items, struct appeal_facts *after)
{
	struct appeal_fact **order =
		arena_alloc(&d->batch->arena,
			    (c->facts_nr + 1) * sizeof(struct appeal_fact *));

	items_open(items, &d->batch->arena);
	appeal_fold(c->facts, c->facts_nr, order, items, after);
	c->folded = true;
}

static void due_by(int64_t *earliest_us, int64_t us)
{
	if (us != 0 && (*earliest_us == 0 || us < *earliest_us))
		*earliest_us = us;
}

void decide_judge(struct decision *d, struct case_items *items,
		  struct appeal_facts *after, int64_t now_us)
{
	after->judged_us = now_us;
	after->next_due_us = items_due_us(items, 0);
	after->wake_us = items_due_us(items, now_us - 1);
	after->repeat_provisional = items->repeat_until_us > now_us;
	if (after->repeat_provisional)
		due_by(&after->wake_us, items->repeat_until_us);
	appeal_clock(after, &d->svc->policies, now_us);
	if (after->first_response == SY__V1__CLOCK_STATE__CLOCK_RUNNING) {
		due_by(&after->next_due_us, after->first_response_due_us);
		due_by(&after->wake_us, after->first_response_due_us);
	}
}

void decide_fold(struct decision *d, struct appeal_case *c,
		 struct case_items *items, struct appeal_facts *after)
{
	decide_fold_life(d, c, items, after);
	if (after->registered_at_us == 0)
		return;
	/* The day is that of the unit as it was told first: the directory may
	 * give the unit another zone later, which changes no appeal. */
	after->registered_day = c->now.registered_day;
	if (strcmp(after->code[CODE_UNIT], c->now.code[CODE_UNIT]) != 0)
		unit_at(d->svc->replica, after->code[CODE_UNIT],
			after->registered_at_us, &after->registered_day);
	/* What runs is ended by a fact or by its timer, never by another fact
	 * that happens to come late: the breach has its event. */
	decide_judge(d, items, after,
		     case_registered(c) ? c->now.judged_us
					: d->batch->now_us);
}
