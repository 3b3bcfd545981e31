/* subject_intake.c -- what a registration tells of its customer: contacts that
 * stand in one appeal are one customer (C21), and a case may repeat an earlier
 * one (C9).
 */
#include <string.h>

#include "subjects.h"
#include "timeutil.h"

static void join_by_rule(struct decision *d, struct bus_item *item,
			 const struct appeal_case *c, struct contact *a,
			 struct contact *b)
{
	struct subjects *s = &d->cases->subjects->s;
	struct subject_link *l;

	/* a link that a person has split is not made again */
	if (contacts_joined(a, b) || subjects_link(s, a, b) != NULL ||
	    a->root->nr + b->root->nr > SET_MAX_BY_RULE)
		return;
	l = subjects_link_add(s, a, b);
	uuid_make(l->id);
	uuid_format(l->id, l->id_text);
	l->revision = 1;
	l->by_rule = true;
	memcpy(l->appeal_id, c->id_text, UUID_TEXT_MAX);
	l->principal = d->svc->service.name;
	l->changed_us = d->batch->now_us;
	l->cause = item;
	contacts_join(a, b);
}

void subjects_registered(struct decision *d, struct bus_item *item,
			 struct appeal_case *c)
{
	const struct contacts_said *said = item->scratch;
	struct subjects *s = &d->cases->subjects->s;
	struct contact *first;
	struct earlier *e;

	if (said->n == 0)
		return;
	first = subjects_contact(s, said->id[0]);
	for (size_t i = 1; i < said->n; i++)
		join_by_rule(d, item, c, first,
			     subjects_contact(s, said->id[i]));
	/* for those that come after it in the batch */
	e = arena_alloc(s->arena, sizeof(*e));
	e->c = c;
	e->next = first->earlier;
	first->earlier = e;
}

/* --- repeats --- */

/* The first that matches. */
struct rule_search {
	const Sy__V1__RepeatRule *rule;
};

static bool rule_cb(const Sy__V1__Policy *policy, void *arg)
{
	struct rule_search *search = arg;

	search->rule = policy->repeat;
	return false;
}

static const Sy__V1__RepeatRule *rule_of(struct decision *d,
					 const struct appeal_facts *facts)
{
	const struct policy_case of = {
		.kind = facts->code[CODE_KIND],
		.channel = facts->code[CODE_CHANNEL],
		.topic = facts->code[CODE_TOPIC],
		.segment = facts->code[CODE_SEGMENT],
		.unit = facts->code[CODE_UNIT],
		.product = facts->code[CODE_PRODUCT],
	};
	struct rule_search search = { NULL };

	replica_policies(d->svc->replica, SY__V1__POLICY__RULE_REPEAT,
			 facts->registered_day, &of, rule_cb, &search);
	return search.rule;
}

/* The batch may know more of a case than the store did. */
static void freshen(const struct decision *d, struct earlier *e)
{
	const struct appeal_case *c = e->c;

	if (c == NULL)
		c = cases_find_id(d->cases, e->id);
	if (c == NULL)
		return;
	memcpy(e->e.id_text, c->id_text, UUID_TEXT_MAX);
	e->e.topic = c->now.code[CODE_TOPIC];
	e->e.product = c->now.code[CODE_PRODUCT];
	e->e.first = c->now.repeat_of;
	e->e.registered_at_us = c->now.registered_at_us;
	e->e.ended_at_us = c->now.closed_at_us != 0 ? c->now.closed_at_us
						    : c->now.resolved_at_us;
}

static struct contact *customer_of(struct decision *d,
				   const struct appeal_case *c)
{
	return subjects_contact(&d->cases->subjects->s, c->subject)->root;
}

/* All cases of the customer but c. */
static struct earlier_case *earlier_of(struct decision *d, struct contact *root,
				       const struct appeal_case *c, size_t *n_r)
{
	struct earlier_case *cases;
	size_t n = 0;

	for (struct contact *k = root; k != NULL; k = k->next)
		for (struct earlier *e = k->earlier; e != NULL; e = e->next)
			n++;
	cases = arena_alloc(&d->batch->arena, (n + 1) * sizeof(*cases));
	n = 0;
	for (struct contact *k = root; k != NULL; k = k->next) {
		for (struct earlier *e = k->earlier; e != NULL; e = e->next) {
			freshen(d, e);
			if (strcmp(e->e.id_text, c->id_text) != 0)
				cases[n++] = e->e;
		}
	}
	*n_r = n;
	return cases;
}

static bool was_judged(const struct appeal_case *c)
{
	for (size_t i = 0; i < c->facts_nr; i++) {
		if (c->facts[i].type == FACT_MARK_REPEAT)
			return true;
	}
	return false;
}

static void mark(struct decision *d, struct appeal_case *c, int64_t at_us,
		 const struct repeat *repeat)
{
	struct appeal_fact *f = case_fact_room(d->cases, c);
	Sy__V1__AppealDetail *detail =
		arena_alloc(&d->batch->arena, sizeof(*detail));

	sy__v1__appeal_detail__init(detail);
	detail->other_appeal = arena_strdup(&d->batch->arena, repeat->first);
	detail->due_us = repeat->window_end_us;
	*f = (struct appeal_fact){
		.type = FACT_MARK_REPEAT,
		.n = (int)c->facts_nr++,
		.occurred_at_us = at_us,
		.source = d->svc->service.name,
		.text = "",
		.detail = detail,
	};
	for (int i = 0; i < CODE_NR; i++)
		f->code[i] = "";
}

static bool mark_of(struct decision *d, struct contact *root,
		    struct appeal_case *c, const struct appeal_facts *after)
{
	const Sy__V1__RepeatRule *rule;
	const struct earlier_case *cases;
	struct repeat repeat;
	size_t n;

	if (c->erased || after->registered_at_us == 0 ||
	    after->code[CODE_TOPIC][0] == '\0' ||
	    c->facts_nr >= CASE_FACTS_MAX || was_judged(c))
		return false;
	cases = earlier_of(d, root, c, &n);
	rule = n > 0 ? rule_of(d, after) : NULL;
	if (rule == NULL ||
	    !repeat_find(cases, n, after->code[CODE_TOPIC],
			 after->code[CODE_PRODUCT],
			 rule->match != NULL && rule->match->product[0] != '\0',
			 rule->window_days * US_PER_DAY,
			 after->registered_at_us, &repeat))
		return false;
	mark(d, c, after->registered_at_us, &repeat);
	return true;
}

bool subjects_mark_repeat(struct decision *d, struct appeal_case *c,
			  const struct appeal_facts *after)
{
	return c->has_subject && mark_of(d, customer_of(d, c), c, after);
}

static void mark_later(struct decision *d, const struct bus_item *item,
		       struct contact *root, struct appeal_case *c)
{
	struct folded f;

	if (!mark_of(d, root, c, &c->now))
		return;
	decide_fold(d, c, &f);
	decide_effect(d, item, c, fact_events[FACT_MARK_REPEAT],
		      d->batch->now_us, &f.after)
		->detail = c->facts[c->facts_nr - 1].detail;
}

void subjects_ended(struct decision *d, const struct bus_item *item,
		    const struct appeal_case *ended)
{
	struct contact *root;

	if (!ended->has_subject)
		return;
	root = customer_of(d, ended);
	for (struct contact *k = root; k != NULL; k = k->next) {
		for (struct earlier *e = k->earlier; e != NULL; e = e->next) {
			struct appeal_case *c = cases_find_id(
				d->cases, e->c != NULL ? e->c->id : e->id);

			if (c != NULL && c != ended &&
			    c->now.registered_at_us >
				    ended->now.registered_at_us &&
			    c->now.repeat_of[0] == '\0')
				mark_later(d, item, root, c);
		}
	}
}
