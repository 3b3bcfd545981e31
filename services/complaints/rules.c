/* rules.c -- the fold of a case's facts over the table of transitions.c, pure.
 * What a case holds besides its state is folded by items.c, its clocks are
 * judged by clocks.c.
 */
#include <string.h>

#include "items.h"

#define PENDING SY__V1__APPEAL_STATE__APPEAL_PENDING

const char *const code_names[CODE_NR] = {
	[CODE_KIND] = "kind",
	[CODE_CHANNEL] = "channel",
	[CODE_TOPIC] = "topic",
	[CODE_ELEMENT] = "element",
	[CODE_PRODUCT] = "product",
	[CODE_SEGMENT] = "segment",
	[CODE_UNIT] = "unit",
	[CODE_INTAKE_UNIT] = "intake_unit",
	[CODE_DEPARTMENT] = "department",
};

/* The order within one instant: that of the life, what opens before what
 * settles, and an end before what undoes it. */
static const uint8_t ranks[FACT_NR] = {
	[FACT_REGISTER] = 0,
	[FACT_CLASSIFY] = 1,
	[FACT_ROUTE] = 2,
	[FACT_LINK] = 3,
	[FACT_MARK_REPEAT] = 4,
	[FACT_ATTACH_FILE] = 5,
	[FACT_NOTE] = 6,
	[FACT_ESCALATE] = 7,
	[FACT_FLAG_RED_LINE] = 8,
	[FACT_DECIDE_RED_LINE] = 9,
	[FACT_PAUSE_CLOCK] = 10,
	[FACT_RESUME_CLOCK] = 11,
	[FACT_EXTEND_CLOCK] = 12,
	[FACT_MAKE_PROMISE] = 13,
	[FACT_PROPOSE_REMEDY] = 14,
	[FACT_OPEN_TASK] = 15,
	[FACT_SETTLE_TASK] = 16,
	[FACT_DECIDE_REMEDY] = 17,
	[FACT_SETTLE_PROMISE] = 18,
	[FACT_INVESTIGATE] = 19,
	[FACT_ANSWER] = 20,
	[FACT_RESOLVE] = 21,
	[FACT_INFORM] = 22,
	[FACT_CLOSE] = 23,
	[FACT_WITHDRAW] = 24,
	[FACT_RATE] = 25,
	[FACT_REOPEN] = 26,
	[FACT_MERGE] = 27,
	[FACT_KEEP_LOOKUP] = 28,
};

/* True: a happened after b. */
static bool fact_after(const struct appeal_fact *a, const struct appeal_fact *b)
{
	if (a->occurred_at_us != b->occurred_at_us)
		return a->occurred_at_us > b->occurred_at_us;
	if (a->type != b->type)
		return ranks[a->type] > ranks[b->type];
	return a->n > b->n;
}

/* Insertion: facts come nearly in order, and a case has a handful. */
static void facts_order(struct appeal_fact *facts, size_t n,
			struct appeal_fact **order)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		for (; at > 0 && fact_after(order[at - 1], &facts[i]); at--)
			order[at] = order[at - 1];
		order[at] = &facts[i];
	}
}

struct fold {
	struct appeal_fact *facts;
	struct case_items *items;
	struct appeal_facts *after;
	struct appeal_fact *closing; /* waits */
	bool heard; /* an answer or a resolution since the last opening */
};

bool appeal_codes_changed_by(const struct appeal_fact *fact)
{
	return fact->type == FACT_REGISTER || fact->type == FACT_CLASSIFY ||
	       (fact->type == FACT_ROUTE && fact->detail->unit[0] != '\0');
}

void appeal_codes_take(struct appeal_facts *after,
		       const struct appeal_fact *fact)
{
	const Sy__V1__AppealDetail *to = fact->detail;

	for (int i = 0; i < CODE_NR; i++) {
		if (fact->code[i][0] != '\0')
			after->code[i] = fact->code[i];
	}
	if (to == NULL)
		return;
	/* a routing, or what a rule for it said on that day */
	if (to->unit[0] != '\0')
		after->code[CODE_UNIT] = to->unit;
	if (to->department[0] != '\0')
		after->code[CODE_DEPARTMENT] = to->department;
	after->green_channel |= to->green_channel;
}

static void handler_take(struct appeal_facts *after, const char *handler)
{
	if (handler[0] != '\0')
		after->handler = strcmp(handler, "-") == 0 ? "" : handler;
}

static void answered(struct fold *f, int64_t at_us)
{
	f->heard = true;
	if (f->after->first_answer_at_us == 0)
		f->after->first_answer_at_us = at_us;
}

/* What it changes besides the state and the items. */
static void fact_take(struct fold *f, const struct appeal_fact *fact)
{
	struct appeal_facts *after = f->after;
	int64_t at_us = fact->occurred_at_us;

	/* the others change items or clocks, or nothing */
	switch ((int)fact->type) {
	case FACT_REGISTER:
		after->registered_at_us = at_us;
		after->received_at_us = at_us;
		if (fact->detail != NULL && fact->detail->received_at_us != 0)
			after->received_at_us = fact->detail->received_at_us;
		appeal_codes_take(after, fact);
		break;
	case FACT_CLASSIFY:
		appeal_codes_take(after, fact);
		break;
	case FACT_ROUTE:
		appeal_codes_take(after, fact);
		handler_take(after, fact->detail->handler);
		break;
	case FACT_ANSWER:
		answered(f, at_us);
		break;
	case FACT_RESOLVE:
		answered(f, at_us);
		after->resolved_at_us = at_us;
		after->last_resolved_at_us = at_us;
		break;
	case FACT_INFORM:
		if (after->informed_at_us == 0)
			after->informed_at_us = at_us;
		break;
	case FACT_CLOSE:
		after->closed_at_us = at_us;
		break;
	case FACT_REOPEN:
		/* what was the end is not any more */
		after->resolved_at_us = 0;
		after->informed_at_us = 0;
		after->closed_at_us = 0;
		after->reopened++;
		f->heard = false;
		break;
	case FACT_ESCALATE:
		if (fact->detail->level > after->escalation)
			after->escalation = fact->detail->level;
		break;
	case FACT_MERGE:
		after->merged_into = fact->detail->other_appeal;
		break;
	default:
		break;
	}
}

static void fact_moves(struct fold *f, struct appeal_fact *fact,
		       Sy__V1__AppealState to)
{
	fact->fit = FIT_TAKEN;
	fact->why = NULL;
	fact_take(f, fact);
	if (to != SY__V1__APPEAL_STATE__APPEAL_NONE)
		f->after->state = to;
}

/* The items may have no place for it though the state has. */
static void fact_put(struct fold *f, struct appeal_fact *fact,
		     Sy__V1__AppealState to)
{
	const char *why;
	int woken;

	fact->fit = items_take(f->items, fact, &why);
	fact->why = why;
	if (fact->fit != FIT_TAKEN)
		return;
	fact_moves(f, fact, to);
	while ((woken = items_woken(f->items)) >= 0) {
		struct appeal_fact *waited = &f->facts[woken];

		waited->fit = items_take(f->items, waited, &why);
		waited->why = why;
	}
}

static void close_waits(struct fold *f, struct appeal_fact *fact)
{
	/* of two closings, the first stands */
	if (f->closing != NULL) {
		fact->fit = FIT_REFUSED;
		fact->why = "an appeal is closed once";
		return;
	}
	f->closing = fact;
}

static void fold_fact(struct fold *f, struct appeal_fact *fact)
{
	const struct transition *t =
		transition_find(f->after->state, fact->type);

	fact->fit = t->fit;
	fact->why = t->fit == FIT_TAKEN ? NULL : t->sentence;
	if (t->fit == FIT_TAKEN)
		fact_put(f, fact, t->to);
	else if (t->fit == FIT_WAITS && fact->type == FACT_CLOSE)
		close_waits(f, fact);
	else if (t->fit == FIT_WAITS && fact->type == FACT_INFORM &&
		 f->after->first_answer_at_us != 0)
		fact_moves(f, fact, t->to);
	/* An office may close first and tell the customer after: the closing
	 * takes effect with the answer, at its own time. */
	if (f->closing != NULL && f->heard) {
		fact_moves(f, f->closing, SY__V1__APPEAL_STATE__APPEAL_CLOSED);
		f->closing = NULL;
	}
	/* another end came instead */
	if (fact->fit == FIT_TAKEN &&
	    (fact->type == FACT_WITHDRAW || fact->type == FACT_MERGE))
		f->closing = NULL;
}

bool appeal_ended(Sy__V1__AppealState state)
{
	return state == SY__V1__APPEAL_STATE__APPEAL_CLOSED ||
	       state == SY__V1__APPEAL_STATE__APPEAL_WITHDRAWN ||
	       state == SY__V1__APPEAL_STATE__APPEAL_MERGED;
}

void appeal_facts_init(struct appeal_facts *facts)
{
	*facts = (struct appeal_facts){
		.handler = "",
		.merged_into = "",
		.repeat_of = "",
		.red_line = "",
		.matter = "",
	};
	for (int i = 0; i < CODE_NR; i++)
		facts->code[i] = "";
}

static void items_to_facts(const struct case_items *items,
			   struct appeal_facts *after)
{
	const struct item_counts counts = items_count(items);

	after->promises_open = counts.promises_open;
	after->promises_kept = counts.promises_kept;
	after->promises_broken = counts.promises_broken;
	after->tasks_open = counts.tasks_open;
	after->attachments = counts.attachments;
	after->matter = items->matter;
	after->repeat_of = items->repeat_of;
	after->rating = items->rating;
	if (items->red_line != NULL) {
		after->red_line = items->red_line->said->red_line;
		after->red_line_outcome =
			(Sy__V1__RedLineOutcome)items->red_line->state;
	}
}

void appeal_fold(struct appeal_fact *facts, size_t n,
		 struct appeal_fact **order, struct case_items *items,
		 struct appeal_facts *after_r)
{
	struct fold f = { .facts = facts, .items = items, .after = after_r };
	bool registered = false;

	appeal_facts_init(after_r);
	after_r->state = PENDING;
	for (size_t i = 0; i < n; i++)
		registered |= facts[i].type == FACT_REGISTER;
	facts_order(facts, n, order);
	for (size_t i = 0; i < n; i++) {
		if (order[i]->fit == FIT_REFUSED)
			continue;
		if (registered) {
			fold_fact(&f, order[i]);
			continue;
		}
		order[i]->fit = FIT_WAITS;
		order[i]->why = "the registration has not come";
	}
	items_to_facts(items, after_r);
}
