/* decide_fold.c -- a case as its facts make it, with what the fold alone cannot
 * know: its local day, its clocks, and when time changes it next.
 */
#include <string.h>

#include "decide.h"

void decide_fold_life(struct decision *d, struct appeal_case *c,
		      struct folded *f)
{
	f->order = arena_alloc(&d->batch->arena,
			       (c->facts_nr + 1) * sizeof(f->order[0]));
	items_open(&f->items, &d->batch->arena);
	appeal_fold(c->facts, c->facts_nr, f->order, &f->items, &f->after);
	c->folded = true;
}

void decide_judge(struct decision *d, const struct appeal_case *c,
		  struct folded *f, int64_t since_us, int64_t now_us)
{
	const struct clock_source source = policies_clocks(d->svc->replica);
	struct appeal_facts *after = &f->after;

	after->judged_us = now_us;
	/* exactly at the due time is in time */
	after->next_due_us = items_due_us(&f->items, now_us - 1);
	after->wake_us = after->next_due_us == 0 ? 0 : after->next_due_us + 1;
	after->repeat_provisional = f->items.repeat_until_us > now_us;
	if (after->repeat_provisional &&
	    (after->wake_us == 0 || after->wake_us > f->items.repeat_until_us))
		after->wake_us = f->items.repeat_until_us;
	clocks_judge(&source, &d->batch->arena, f->order, c->facts_nr,
		     (struct clocks_before){ &c->now, since_us }, after,
		     now_us);
}

void decide_fold(struct decision *d, struct appeal_case *c, struct folded *f)
{
	struct appeal_facts *after = &f->after;

	decide_fold_life(d, c, f);
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
	decide_judge(d, c, f, c->facts[c->facts_nr - 1].occurred_at_us,
		     case_registered(c) ? c->now.judged_us : d->batch->now_us);
}
