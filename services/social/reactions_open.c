/* reactions_open.c -- which mentions need a reaction: by the rules of the
 * directory, as they come in and when they have changed; by a person.
 */
#include <string.h>

#include "reactions.h"
#include "timeutil.h"
#include "watches.h"

/* What was said longer ago when it came needs no answer any more: files of last
 * year open nothing. */
#define NEWS_US (30 * US_PER_DAY)

struct wanted {
	const Sy__V1__MentionFacts *facts;
	uint64_t mentions, reach;
	const Sy__V1__Policy *found;
};

static bool wanted_cb(const Sy__V1__Policy *policy, void *arg)
{
	struct wanted *w = arg;

	if (!reaction_rule_fits(policy->reaction, w->facts, w->mentions,
				w->reach))
		return true;
	w->found = policy;
	return false;
}

const Sy__V1__ReactionRule *reaction_wanted(const struct social *svc,
					    const Sy__V1__MentionFacts *facts,
					    uint64_t mentions, uint64_t reach,
					    int64_t now_us, struct arena *arena,
					    const char **policy_r)
{
	const char *watch;
	const struct policy_case of = {
		.kind = mention_class_code(facts->mention_class),
		.channel = facts->source,
		.topic = facts->topic,
		.unit = facts->unit,
		.segment = "",
		.product = "",
	};
	struct wanted w = { .facts = facts,
			    .mentions = mentions,
			    .reach = reach };

	if (facts->spam || facts->deleted ||
	    facts->published_at_us < now_us - NEWS_US)
		return NULL;
	replica_policies(svc->replica, SY__V1__POLICY__RULE_REACTION,
			 (int32_t)(now_us / US_PER_DAY), &of, wanted_cb, &w);
	if (w.found != NULL) {
		*policy_r = w.found->code;
		return w.found->reaction;
	}
	watch = watches_reaction(svc, facts);
	if (watch == NULL)
		return NULL;
	*policy_r = arena_printf(arena, "watch:%s", watch);
	return reaction_rule_usual(arena);
}

static void facts_take(Sy__V1__ReactionFacts *f,
		       const Sy__V1__MentionFacts *from)
{
	f->unit = from->unit;
	f->topic = from->topic;
	f->source = from->source;
	f->mention_class = from->mention_class;
	f->sentiment = from->sentiment;
	f->published_at_us = from->published_at_us;
	f->published_day = from->published_day;
}

/* Policies live until the loop next runs, the batch longer. */
static Sy__V1__ReactionRule *rule_copy(struct arena *arena,
				       const Sy__V1__ReactionRule *rule)
{
	size_t len = sy__v1__reaction_rule__get_packed_size(rule);
	uint8_t *bytes = arena_alloc(arena, len + 1);

	sy__v1__reaction_rule__pack(rule, bytes);
	return sy__v1__reaction_rule__unpack(&arena->allocator, len, bytes);
}

struct reaction *reaction_open(struct reactions *all,
			       const struct bus_item *item,
			       const struct mention *m,
			       const Sy__V1__ReactionRule *rule,
			       const char *policy, uint32_t priority)
{
	struct reaction *r = reactions_add(all, m->id);
	Sy__V1__ReactionFacts *f = arena_alloc(all->arena, sizeof(*f));
	const char *by =
		policy[0] != '\0' ? all->svc->service.name : item->principal;

	sy__v1__reaction_facts__init(f);
	r->now = arena_alloc(all->arena, sizeof(*r->now));
	sy__v1__reaction_stored__init(r->now);
	r->now->facts = f;
	r->now->rule = rule_copy(all->arena, rule);
	facts_take(f, m->after->facts);
	f->mention_id = r->id_text;
	f->mentions = 1;
	f->policy = arena_strdup(all->arena, policy);
	f->priority = priority != 0 ? priority : rule->priority;
	f->opened_at_us = all->batch->now_us;
	reaction_step(all, item, r, STEP_OPENED, f->opened_at_us, by, NULL);
	return r;
}

void reaction_follow_mention(struct reactions *all, const struct bus_item *item,
			     struct reaction *r, const struct mention *m)
{
	const Sy__V1__ReactionFacts before = *r->now->facts;
	Sy__V1__ReactionFacts *f = r->now->facts;

	facts_take(f, m->after->facts);
	if (strcmp(f->unit, before.unit) == 0 &&
	    strcmp(f->topic, before.topic) == 0 &&
	    f->mention_class == before.mention_class &&
	    f->sentiment == before.sentiment &&
	    f->published_at_us == before.published_at_us)
		return;
	reaction_note(all, item, r, "changed", all->batch->now_us,
		      all->svc->service.name, NULL);
}

static bool changed(const struct mention *m)
{
	const Sy__V1__MentionFacts *a =
		m->before != NULL ? m->before->facts : NULL;
	const Sy__V1__MentionFacts *b = m->after->facts;

	return a == NULL || a->mention_class != b->mention_class ||
	       a->sentiment != b->sentiment || a->reach != b->reach ||
	       a->published_at_us != b->published_at_us ||
	       a->n_watches != b->n_watches ||
	       strcmp(a->topic, b->topic) != 0 || strcmp(a->unit, b->unit) != 0;
}

/* One that is new cannot have a reaction, since its key was never seen. One
 * that has changed may: it is judged by a command of its own, so that intake
 * asks nothing for it here. */
void reactions_open_batch(struct reactions *all)
{
	const struct mentions *mentions = mentions_of_batch();
	const Sy__V1__ReactionRule *rule;
	const char *policy;

	if (mentions == NULL)
		return;
	for (struct mention *m = mentions_first(mentions); m != NULL;
	     m = m->next) {
		if (m->cause == NULL || m->after == NULL || m->known)
			continue;
		rule = reaction_wanted(all->svc, m->after->facts, 1,
				       m->after->facts->reach,
				       all->batch->now_us, all->arena, &policy);
		if (rule != NULL)
			reaction_open(all, m->cause, m, rule, policy, 0);
	}
}

bool mention_to_judge(const struct mention *m)
{
	return m->cause != NULL && m->known && m->after != NULL && changed(m);
}
