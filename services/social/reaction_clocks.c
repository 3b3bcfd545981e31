/* reaction_clocks.c -- the three clocks of a reaction, one after another, and
 * what the directory's rules ask of a mention. Pure.
 */
#include "reaction_rules.h"

#include <string.h>

#include "timeutil.h"

/* Of an elapsed time, this part is left when it warns. */
#define WARN_PART 4

/* --- clocks --- */

struct chain_clock {
	const char *name;
	struct sla_rule sla;
	int64_t start_us, stop_us; /* 0: not yet */
};

static struct sla_rule elapsed(uint32_t minutes)
{
	int64_t amount = (int64_t)minutes * US_PER_MINUTE;

	return (struct sla_rule){
		.measure = SLA_ELAPSED,
		.amount = amount,
		.warn_before = amount / WARN_PART,
	};
}

/* Due after the most days that it may take, warned after the usual ones. */
static struct sla_rule inquiry(const struct reaction_limits *l, uint32_t days)
{
	return (struct sla_rule){
		.measure = l->calendar != NULL ? SLA_WORKING_DAYS
					       : SLA_CALENDAR_DAYS,
		.amount = days,
		.warn_before = days - l->rule->inquiry_days,
		.calendar = l->calendar,
		.zone = l->zone,
	};
}

static void chain_fill(const struct reaction_limits *l,
		       const struct reaction_life *life,
		       struct chain_clock chain[REACTION_CLOCKS])
{
	chain[0] = (struct chain_clock){
		.name = "reaction",
		.sla = elapsed(l->rule->answer_minutes),
		.start_us = life->restarted_us != 0 ? life->restarted_us
						    : life->published_us,
		.stop_us = life->answered_us,
	};
	chain[1] = (struct chain_clock){
		.name = "inquiry",
		.sla = inquiry(l, l->rule->inquiry_days_max),
		.start_us = life->forwarded_us,
		.stop_us = life->result_us,
	};
	chain[2] = (struct chain_clock){
		.name = "report",
		.sla = elapsed(l->rule->report_minutes),
		.start_us = life->result_us,
		.stop_us = life->reported_us,
	};
}

static Sy__V1__ClockState state_of(enum sla_state state)
{
	switch (state) {
	case SLA_RUNNING:
		return SY__V1__CLOCK_STATE__CLOCK_RUNNING;
	case SLA_MET:
		return SY__V1__CLOCK_STATE__CLOCK_MET;
	case SLA_BREACHED:
		return SY__V1__CLOCK_STATE__CLOCK_BREACHED;
	case SLA_NONE:
	case SLA_PAUSED: /* none of these is paused */
		break;
	}
	return SY__V1__CLOCK_STATE__CLOCK_NONE;
}

static Sy__V1__AppealClock *as_it_was(const struct chain_clock *c,
				      int64_t stop_us,
				      Sy__V1__AppealClock *const *before,
				      size_t before_nr)
{
	for (size_t i = 0; i < before_nr; i++)
		if (stop_us != 0 && before[i]->stopped_at_us == stop_us &&
		    before[i]->started_at_us == c->start_us &&
		    strcmp(before[i]->clock, c->name) == 0)
			return before[i];
	return NULL;
}

static void earliest(int64_t *at_us, int64_t us)
{
	if (us != 0 && (*at_us == 0 || us < *at_us))
		*at_us = us;
}

/* What is dismissed or merged before it is late is neither met nor breached. */
static Sy__V1__AppealClock *clock_make(struct arena *arena,
				       const struct reaction_limits *l,
				       const struct chain_clock *c,
				       int64_t ended_us, int64_t now_us,
				       struct reaction_clocks *all)
{
	Sy__V1__AppealClock *clock = arena_alloc(arena, sizeof(*clock));
	int64_t stop_us = c->stop_us != 0 ? c->stop_us : ended_us;
	const struct sla_event events[] = { { c->start_us, SLA_START, 0 },
					    { stop_us, SLA_STOP, 0 } };
	struct sla_result r =
		sla_judge(&c->sla, events, stop_us != 0 ? 2 : 1, now_us);

	sy__v1__appeal_clock__init(clock);
	clock->clock = (char *)c->name;
	clock->policy = (char *)l->policy;
	clock->state = state_of(r.state);
	if (c->stop_us == 0 && r.state == SLA_MET)
		clock->state = SY__V1__CLOCK_STATE__CLOCK_NONE;
	clock->started_at_us = r.started_us;
	clock->due_us = r.due_us;
	clock->stopped_at_us = r.stopped_us;
	clock->warn_us = r.warn_us;
	clock->warned =
		r.warn_us != 0 &&
		(r.stopped_us != 0 ? r.stopped_us : now_us) >= r.warn_us;
	earliest(&all->wake_us, r.next_us);
	/* one that is late is due first */
	if (r.stopped_us == 0)
		earliest(&all->next_due_us, r.due_us);
	return clock;
}

struct reaction_clocks reaction_judge(struct arena *arena,
				      const struct reaction_limits *limits,
				      const struct reaction_life *life,
				      Sy__V1__AppealClock *const *before,
				      size_t before_nr, int64_t now_us)
{
	struct chain_clock chain[REACTION_CLOCKS];
	struct reaction_clocks all = { 0 };

	chain_fill(limits, life, chain);
	for (size_t i = 0; i < REACTION_CLOCKS; i++) {
		const struct chain_clock *c = &chain[i];
		Sy__V1__AppealClock *was;

		if (c->start_us == 0)
			continue;
		was = as_it_was(c,
				c->stop_us != 0 ? c->stop_us : life->ended_us,
				before, before_nr);
		all.clock[all.n++] =
			was != NULL ? was
				    : clock_make(arena, limits, c,
						 life->ended_us, now_us, &all);
	}
	return all;
}

int64_t reaction_task_due(const struct reaction_limits *limits,
			  int64_t forwarded_us)
{
	const struct sla_rule usual =
		inquiry(limits, limits->rule->inquiry_days);
	const struct sla_event start = { forwarded_us, SLA_START, 0 };

	return sla_judge(&usual, &start, 1, forwarded_us).due_us;
}

/* --- rules of the directory --- */

Sy__V1__ReactionRule *reaction_rule_usual(struct arena *arena)
{
	Sy__V1__ReactionRule *rule = arena_alloc(arena, sizeof(*rule));

	sy__v1__reaction_rule__init(rule);
	rule->priority = 3;
	rule->min_mentions = 1;
	rule->answer_minutes = rule->report_minutes = 24 * 60;
	rule->inquiry_days = 8;
	rule->inquiry_days_max = 14;
	return rule;
}

static bool found_by(const Sy__V1__MentionFacts *facts, const char *watch)
{
	for (size_t i = 0; i < facts->n_watches; i++)
		if (strcmp(facts->watches[i], watch) == 0)
			return true;
	return watch[0] == '\0';
}

bool reaction_rule_fits(const Sy__V1__ReactionRule *rule,
			const Sy__V1__MentionFacts *facts, uint64_t mentions,
			uint64_t reach)
{
	return (rule->sentiment == SY__V1__SENTIMENT__SENTIMENT_NONE ||
		rule->sentiment == facts->sentiment) &&
	       reach >= rule->min_reach && mentions >= rule->min_mentions &&
	       found_by(facts, rule->watch);
}

const char *mention_class_code(Sy__V1__MentionClass class)
{
	static const char *const codes[] = { "",       "claim",      "question",
					     "praise", "suggestion", "news",
					     "event",  "spam",       "other" };

	return class < sizeof(codes) / sizeof(codes[0]) ? codes[class] : "";
}

const char *reaction_appeal_kind(const Sy__V1__ReactionRule *rule,
				 Sy__V1__MentionClass class)
{
	if (rule->appeal_kind[0] != '\0')
		return rule->appeal_kind;
	switch ((int)class) {
	case SY__V1__MENTION_CLASS__MENTION_QUESTION:
		return "enquiry";
	case SY__V1__MENTION_CLASS__MENTION_PRAISE:
		return "praise";
	case SY__V1__MENTION_CLASS__MENTION_SUGGESTION:
		return "suggestion";
	default:
		/* what is said in public and needs an inquiry complains */
		return "complaint";
	}
}
