/* items.c -- the fold of a case's items; see items.h. What may become of each
 * stands in items_rules.c.
 */
#include <string.h>

#include "items.h"

enum item_step {
	STEP_NONE, /* about no item */
	STEP_OPENS,
	STEP_SETTLES,
};

static const struct {
	enum item_step step;
	enum item_kind kind;
} steps[FACT_NR] = {
	[FACT_MAKE_PROMISE] = { STEP_OPENS, ITEM_PROMISE },
	[FACT_SETTLE_PROMISE] = { STEP_SETTLES, ITEM_PROMISE },
	[FACT_PROPOSE_REMEDY] = { STEP_OPENS, ITEM_REMEDY },
	[FACT_DECIDE_REMEDY] = { STEP_SETTLES, ITEM_REMEDY },
	[FACT_OPEN_TASK] = { STEP_OPENS, ITEM_TASK },
	[FACT_SETTLE_TASK] = { STEP_SETTLES, ITEM_TASK },
	[FACT_FLAG_RED_LINE] = { STEP_SETTLES, ITEM_RED_LINE },
	[FACT_DECIDE_RED_LINE] = { STEP_SETTLES, ITEM_RED_LINE },
	[FACT_ATTACH_FILE] = { STEP_OPENS, ITEM_ATTACHMENT },
};

void items_open(struct case_items *items, struct arena *arena)
{
	*items = (struct case_items){
		.arena = arena,
		.matter = "",
		.repeat_of = "",
	};
	items->last = &items->first;
	items->waiting_last = &items->waiting;
}

static const char *code_of(const struct appeal_fact *fact)
{
	return steps[fact->type].kind == ITEM_RED_LINE ? ""
						       : fact->detail->item;
}

static struct case_item *find(const struct case_items *items,
			      enum item_kind kind, const char *code)
{
	if (kind == ITEM_RED_LINE)
		return items->red_line;
	for (struct case_item *i = items->first; i != NULL; i = i->next) {
		if (i->kind == kind && strcmp(i->code, code) == 0)
			return i;
	}
	return NULL;
}

const struct case_item *items_find(const struct case_items *items,
				   enum item_kind kind, const char *code)
{
	return find(items, kind, code);
}

/* --- facts that wait --- */

static void wait(struct case_items *items, const struct appeal_fact *fact)
{
	struct item_waiting *w = arena_alloc(items->arena, sizeof(*w));

	w->kind = steps[fact->type].kind;
	w->code = code_of(fact);
	w->n = fact->n;
	*items->waiting_last = w;
	items->waiting_last = &w->next;
}

static void wake(struct case_items *items, const struct case_item *item)
{
	for (struct item_waiting *w = items->waiting; w != NULL; w = w->next) {
		if (w->kind == item->kind && strcmp(w->code, item->code) == 0)
			w->ready = true;
	}
}

int items_woken(struct case_items *items)
{
	for (struct item_waiting **at = &items->waiting; *at != NULL;
	     at = &(*at)->next) {
		struct item_waiting *w = *at;

		if (!w->ready)
			continue;
		*at = w->next;
		if (w->next == NULL)
			items->waiting_last = at;
		return w->n;
	}
	return -1;
}

/* --- one fact --- */

static struct case_item *begin(struct case_items *items,
			       const struct appeal_fact *fact)
{
	struct case_item *item = arena_alloc(items->arena, sizeof(*item));
	enum item_kind kind = steps[fact->type].kind;

	*item = (struct case_item){
		.kind = kind,
		.code = code_of(fact),
		.state = kind == ITEM_REMEDY ? (int)fact->detail->state : 0,
		.said = fact->detail,
		.opened_n = fact->n,
		.opened_by = fact->source,
		.opened_at_us = fact->occurred_at_us,
		.due_us = fact->detail->due_us,
		.settled_n = -1,
	};
	*items->last = item;
	items->last = &item->next;
	items->nr++;
	wake(items, item);
	return item;
}

static enum fact_fit opens(struct case_items *items,
			   const struct appeal_fact *fact, const char **why_r)
{
	if (find(items, steps[fact->type].kind, code_of(fact)) != NULL) {
		*why_r = "this code was used before in the case";
		return FIT_REFUSED;
	}
	if (items->nr >= CASE_ITEMS_MAX) {
		*why_r = "a case holds at most 200 promises, remedies, tasks "
			 "and attachments";
		return FIT_REFUSED;
	}
	begin(items, fact);
	return FIT_TAKEN;
}

static bool need_met(const struct case_item *item,
		     const struct appeal_fact *fact, enum item_need need)
{
	switch (need) {
	case NEED_NOTHING:
		break;
	case NEED_SECOND_PERSON:
		return strcmp(item->opened_by, fact->source) != 0;
	case NEED_VERIFY_LATER:
		return item->said->verify_later;
	}
	return true;
}

static void settle(struct case_item *item, const struct appeal_fact *fact,
		   const struct item_transition *t)
{
	item->state = t->asked;
	item->settled_n = fact->n;
	if (item_is_open(item))
		item->due_us = fact->detail->due_us;
	else
		item->settled_at_us = fact->occurred_at_us;
	if (t->need == NEED_SECOND_PERSON)
		item->decided_by = fact->source;
}

static enum fact_fit settles(struct case_items *items,
			     const struct appeal_fact *fact, const char **why_r)
{
	enum item_kind kind = steps[fact->type].kind;
	bool flags = fact->type == FACT_FLAG_RED_LINE;
	struct case_item *item = find(items, kind, code_of(fact));
	const struct item_transition *t = NULL;

	if (flags || fact->detail->state != 0)
		t = item_transition(kind,
				    item == NULL ? ITEM_ABSENT : item->state,
				    flags ? 0 : (int)fact->detail->state);
	if (t == NULL) {
		*why_r = "does not say what became of it";
		return FIT_REFUSED;
	}
	if (t->fit == FIT_TAKEN && item != NULL &&
	    !need_met(item, fact, t->need)) {
		*why_r = t->unmet;
		if (t->unmet_fit == FIT_WAITS)
			wait(items, fact);
		return t->unmet_fit;
	}
	if (t->fit != FIT_TAKEN) {
		*why_r = t->sentence;
		if (t->fit == FIT_WAITS)
			wait(items, fact);
		return t->fit;
	}
	/* nothing else is taken out of nothing */
	if (flags || item == NULL) {
		items->red_line = begin(items, fact);
		return FIT_TAKEN;
	}
	settle(item, fact, t);
	/* makes room for the next */
	if (kind == ITEM_RED_LINE &&
	    t->asked == SY__V1__RED_LINE_OUTCOME__RED_LINE_DISMISSED)
		wake(items, item);
	return FIT_TAKEN;
}

enum fact_fit items_take(struct case_items *items,
			 const struct appeal_fact *fact, const char **why_r)
{
	*why_r = NULL;
	switch (steps[fact->type].step) {
	case STEP_OPENS:
		return opens(items, fact, why_r);
	case STEP_SETTLES:
		return settles(items, fact, why_r);
	case STEP_NONE:
		break;
	}
	/* of these the later stands */
	if (fact->type == FACT_RATE) {
		items->rating = fact->detail->rating;
	} else if (fact->type == FACT_LINK) {
		items->matter = fact->detail->other_appeal;
	} else if (fact->type == FACT_MARK_REPEAT) {
		items->repeat_of = fact->detail->other_appeal;
		items->repeat_until_us = fact->detail->due_us;
	}
	return FIT_TAKEN;
}

/* --- what is asked of it --- */

bool item_is_open(const struct case_item *item)
{
	if (item->kind == ITEM_PROMISE)
		return item->state == SY__V1__PROMISE_STATE__PROMISE_OPEN ||
		       item->state ==
			       SY__V1__PROMISE_STATE__PROMISE_RENEGOTIATED;
	return item->kind == ITEM_TASK &&
	       item->state == SY__V1__TASK_STATE__TASK_OPEN;
}

bool item_overdue(const struct case_item *item, int64_t now_us)
{
	return item_is_open(item) && item->due_us != 0 && now_us > item->due_us;
}

int64_t items_due_us(const struct case_items *items, int64_t now_us)
{
	int64_t due_us = 0;

	for (const struct case_item *i = items->first; i != NULL; i = i->next) {
		if (item_is_open(i) && i->due_us > now_us &&
		    (due_us == 0 || i->due_us < due_us))
			due_us = i->due_us;
	}
	return due_us;
}

struct item_counts items_count(const struct case_items *items)
{
	struct item_counts c = { 0 };

	for (const struct case_item *i = items->first; i != NULL; i = i->next) {
		if (i->kind == ITEM_ATTACHMENT)
			c.attachments++;
		else if (i->kind == ITEM_TASK)
			c.tasks_open += item_is_open(i);
		else if (i->kind != ITEM_PROMISE)
			continue;
		else if (item_is_open(i))
			c.promises_open++;
		else if (i->state == SY__V1__PROMISE_STATE__PROMISE_KEPT)
			c.promises_kept++;
		else
			c.promises_broken++;
	}
	return c;
}
