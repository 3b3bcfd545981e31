/* clocks.c -- see clocks.h: what happened to a case becomes the events that
 * each of its clocks hears, and sla_judge says how it stands.
 */
#include <string.h>

#include "clocks.h"
#include "timeutil.h"

#define BIT(moment) (1U << SY__V1__CLOCK_MOMENT__##moment)
/* What a reopening undoes. */
#define LATE_STOPS                                                             \
	(BIT(AT_RESOLUTION) | BIT(AT_INFORMING) | BIT(AT_CLOSING) |            \
	 BIT(AT_FINAL_ANSWER))

/* What clocks may hear of one fact. */
struct moment {
	int64_t at_us;
	unsigned moments; /* of ClockMoment, a bit each */
	const struct appeal_fact *fact;
	bool ends; /* the case */
};

struct judgement {
	const struct clock_source *source;
	struct arena *arena;
	const struct appeal_facts *after;
	int64_t now_us;
	struct moment *moments; /* ascending */
	size_t moments_nr;
	struct sla_event *events; /* room for two a moment */
	Sy__V1__AppealClock **out;
	size_t out_nr;
};

/* --- what happened --- */

static unsigned moments_of(const struct appeal_fact *fact)
{
	const Sy__V1__AppealDetail *ruled = fact->detail;
	unsigned routed = 0;

	if (fact->type <= FACT_CLASSIFY && ruled != NULL &&
	    (ruled->unit[0] != '\0' || ruled->department[0] != '\0'))
		routed = BIT(AT_ROUTING);
	switch ((int)fact->type) {
	case FACT_REGISTER:
		return routed | BIT(AT_REGISTRATION) |
		       (fact->code[CODE_TOPIC][0] != '\0'
				? BIT(AT_CLASSIFICATION)
				: 0);
	case FACT_CLASSIFY:
		return routed | BIT(AT_CLASSIFICATION);
	case FACT_ROUTE:
		return BIT(AT_ROUTING);
	case FACT_ANSWER:
		return BIT(AT_FIRST_ANSWER);
	case FACT_RESOLVE:
		return BIT(AT_FIRST_ANSWER) | BIT(AT_RESOLUTION) |
		       BIT(AT_FINAL_ANSWER);
	case FACT_INFORM:
		return BIT(AT_INFORMING) | BIT(AT_FINAL_ANSWER);
	case FACT_CLOSE:
		return BIT(AT_CLOSING) | BIT(AT_FINAL_ANSWER);
	default:
		return 0;
	}
}

static bool is_heard(const struct appeal_fact *fact)
{
	if (fact->fit != FIT_TAKEN)
		return false;
	switch ((int)fact->type) {
	case FACT_WITHDRAW:
	case FACT_MERGE:
	case FACT_REOPEN:
	case FACT_PAUSE_CLOCK:
	case FACT_RESUME_CLOCK:
	case FACT_EXTEND_CLOCK:
		return true;
	default:
		return moments_of(fact) != 0;
	}
}

/* By time; of the same instant as the fold took them. */
static void moment_add(struct judgement *j, const struct moment *m)
{
	size_t at = j->moments_nr++;

	for (; at > 0 && j->moments[at - 1].at_us > m->at_us; at--)
		j->moments[at] = j->moments[at - 1];
	j->moments[at] = *m;
}

static bool is_end(const struct appeal_fact *fact)
{
	return fact->type == FACT_CLOSE || fact->type == FACT_WITHDRAW ||
	       fact->type == FACT_MERGE;
}

static void moments_fill(struct judgement *j, struct appeal_fact *const *order,
			 size_t n)
{
	const size_t room = 2 * n + 1;
	bool closes = false;

	j->moments = arena_alloc(j->arena, room * sizeof(j->moments[0]));
	j->events = arena_alloc(j->arena, 2 * room * sizeof(j->events[0]));
	moment_add(j, &(struct moment){ .at_us = j->after->received_at_us,
					.moments = BIT(AT_RECEIPT) });
	for (size_t i = 0; i < n; i++) {
		const struct appeal_fact *fact = order[i];

		if (!is_heard(fact))
			continue;
		moment_add(j, &(struct moment){ .at_us = fact->occurred_at_us,
						.moments = moments_of(fact),
						.fact = fact });
		/* A closing that was there before the answer ends the case
		 * with the answer. */
		closes |= is_end(fact);
		if (!closes ||
		    (fact->type == FACT_CLOSE &&
		     fact->occurred_at_us < j->after->first_answer_at_us))
			continue;
		if (!is_end(fact) &&
		    (moments_of(fact) & BIT(AT_FIRST_ANSWER)) == 0)
			continue;
		moment_add(j, &(struct moment){ .at_us = fact->occurred_at_us,
						.ends = true });
		closes = false;
	}
}

/* --- one clock --- */

static bool is_days(enum sla_measure measure)
{
	return measure == SLA_CALENDAR_DAYS || measure == SLA_WORKING_DAYS;
}

/* What a moment is to one clock, besides its start and stop. */
static bool control(const struct clock_rule *rule, const struct moment *m,
		    struct sla_event *event)
{
	const Sy__V1__AppealDetail *said = m->fact->detail;

	if (m->fact->type != FACT_PAUSE_CLOCK &&
	    m->fact->type != FACT_RESUME_CLOCK &&
	    m->fact->type != FACT_EXTEND_CLOCK)
		return false;
	if (said->clock[0] != '\0' && strcmp(said->clock, rule->clock) != 0)
		return false;
	event->at_us = m->at_us;
	event->what = m->fact->type == FACT_PAUSE_CLOCK    ? SLA_PAUSE
		      : m->fact->type == FACT_RESUME_CLOCK ? SLA_RESUME
							   : SLA_EXTEND;
	event->amount = (int64_t)said->by *
			(is_days(rule->sla.measure) ? 1 : US_PER_MINUTE);
	return true;
}

/* The events that the clock of this rule hears. by_end_r: what stopped it last
 * was the end of the case, not its own moment. */
static size_t events_fill(struct judgement *j, const struct clock_rule *rule,
			  bool *by_end_r)
{
	const unsigned starts = 1U << rule->start, stops = 1U << rule->stop;
	bool started = false, stopped = false, by_end = false;
	size_t n = 0;

	for (size_t i = 0; i < j->moments_nr; i++) {
		const struct moment *m = &j->moments[i];

		if (m->fact != NULL && control(rule, m, &j->events[n]))
			n++;
		if ((m->moments & starts) != 0 && !started) {
			j->events[n++] =
				(struct sla_event){ m->at_us, SLA_START, 0 };
			started = true;
		}
		if (started && !stopped &&
		    ((m->moments & stops) != 0 || m->ends)) {
			j->events[n++] =
				(struct sla_event){ m->at_us, SLA_STOP, 0 };
			stopped = true;
			by_end = (m->moments & stops) == 0;
		}
		if (stopped && m->fact != NULL &&
		    m->fact->type == FACT_REOPEN &&
		    ((stops & LATE_STOPS) != 0 || by_end)) {
			j->events[n++] =
				(struct sla_event){ m->at_us, SLA_RESTART, 0 };
			stopped = by_end = false;
		}
	}
	*by_end_r = by_end;
	return n;
}

static Sy__V1__ClockState state_of(enum sla_state state)
{
	switch (state) {
	case SLA_NONE:
		break;
	case SLA_RUNNING:
		return SY__V1__CLOCK_STATE__CLOCK_RUNNING;
	case SLA_PAUSED:
		return SY__V1__CLOCK_STATE__CLOCK_PAUSED;
	case SLA_MET:
		return SY__V1__CLOCK_STATE__CLOCK_MET;
	case SLA_BREACHED:
		return SY__V1__CLOCK_STATE__CLOCK_BREACHED;
	}
	return SY__V1__CLOCK_STATE__CLOCK_NONE;
}

static Sy__V1__AppealClock *clock_make(const struct judgement *j,
				       const struct clock_rule *rule,
				       const struct sla_result *r, bool dropped)
{
	Sy__V1__AppealClock *clock = arena_alloc(j->arena, sizeof(*clock));
	int64_t until_us = r->stopped_us != 0 ? r->stopped_us : j->now_us;

	sy__v1__appeal_clock__init(clock);
	clock->clock = arena_strdup(j->arena, rule->clock);
	clock->policy = arena_strdup(j->arena, rule->policy);
	clock->state = state_of(r->state);
	if (dropped && r->state == SLA_MET)
		clock->state = SY__V1__CLOCK_STATE__CLOCK_NONE;
	clock->started_at_us = r->started_us;
	clock->due_us = r->due_us;
	clock->stopped_at_us = r->stopped_us;
	clock->warn_us = r->warn_us;
	clock->warned = r->warn_us != 0 && until_us >= r->warn_us;
	clock->extended = (uint32_t)(is_days(rule->sla.measure)
					     ? r->extended
					     : r->extended / US_PER_MINUTE);
	clock->paused_us = r->paused_us;
	return clock;
}

static void earliest(int64_t *at_us, int64_t us)
{
	if (us != 0 && (*at_us == 0 || us < *at_us))
		*at_us = us;
}

/* Ended by the customer or by another case: nobody has met it. */
static bool comes_to_nothing(const struct judgement *j, bool by_end)
{
	return by_end && j->after->state != SY__V1__APPEAL_STATE__APPEAL_CLOSED;
}

/* Takes the clock if it has started and, where another choice follows at
 * until_us, had stopped before. */
static void clock_judge(struct judgement *j, struct clock_rule *rule,
			const struct appeal_facts *codes, int64_t until_us,
			struct appeal_facts *after)
{
	const int32_t day = j->after->registered_day;
	struct sla_result r;
	bool by_end;
	size_t n = events_fill(j, rule, &by_end);
	int32_t start_day;

	r = sla_judge(&rule->sla, j->events, n, j->now_us);
	if (r.state == SLA_NONE ||
	    (until_us != 0 && (r.stopped_us == 0 || r.stopped_us >= until_us)))
		return;
	start_day = zone_local_day(rule->sla.zone, r.started_us);
	if (start_day != day) {
		j->source->version(j->source->arg, codes, start_day, rule);
		r = sla_judge(&rule->sla, j->events, n, j->now_us);
	}
	j->out[j->out_nr++] =
		clock_make(j, rule, &r, comes_to_nothing(j, by_end));
	earliest(&after->wake_us, r.next_us);
	if (r.state == SLA_RUNNING)
		earliest(&after->next_due_us, r.due_us);
}

/* --- all of them --- */

/* NULL: not judged yet. */
static Sy__V1__AppealClock **judged(const struct judgement *j,
				    const char *clock)
{
	for (size_t i = 0; i < j->out_nr; i++) {
		if (strcmp(j->out[i]->clock, clock) == 0)
			return &j->out[i];
	}
	return NULL;
}

static void clocks_of_codes(struct judgement *j,
			    const struct appeal_facts *codes, int64_t until_us,
			    struct appeal_facts *after)
{
	struct clock_rule rules[CASE_CLOCKS_MAX];
	size_t n = j->source->choose(j->source->arg, codes,
				     j->after->registered_day, rules);

	for (size_t i = 0; i < n && j->out_nr < CASE_CLOCKS_MAX; i++) {
		if (judged(j, rules[i].clock) == NULL)
			clock_judge(j, &rules[i], codes, until_us, after);
	}
}

/* A clock from before the directory had policies, which none has taken over:
 * it goes on to its own due time. NULL: it has come to nothing. */
static Sy__V1__AppealClock *of_before(const struct judgement *j,
				      const Sy__V1__AppealClock *was,
				      struct appeal_facts *after)
{
	Sy__V1__AppealClock *clock = arena_memdup(j->arena, was, sizeof(*was));
	const int64_t stopped_us = after->first_answer_at_us;

	clock->stopped_at_us = stopped_us;
	if ((stopped_us != 0 ? stopped_us : j->now_us) > was->due_us) {
		clock->state = SY__V1__CLOCK_STATE__CLOCK_BREACHED;
	} else if (stopped_us != 0) {
		clock->state = SY__V1__CLOCK_STATE__CLOCK_MET;
	} else if (after->state == SY__V1__APPEAL_STATE__APPEAL_WITHDRAWN ||
		   after->state == SY__V1__APPEAL_STATE__APPEAL_MERGED) {
		return NULL;
	} else {
		clock->state = SY__V1__CLOCK_STATE__CLOCK_RUNNING;
		earliest(&after->wake_us, was->due_us + 1);
		earliest(&after->next_due_us, was->due_us);
	}
	return clock;
}

static void of_before_keep(struct judgement *j,
			   const struct clocks_before *known,
			   struct appeal_facts *after)
{
	for (size_t i = 0;
	     known->before != NULL && i < known->before->clocks_nr; i++) {
		const Sy__V1__AppealClock *was = known->before->clocks[i];
		Sy__V1__AppealClock *clock;

		if (was->policy[0] != '\0' || judged(j, was->clock) != NULL ||
		    j->out_nr == CASE_CLOCKS_MAX)
			continue;
		clock = of_before(j, was, after);
		if (clock != NULL)
			j->out[j->out_nr++] = clock;
	}
}

static void stopped_keep(struct judgement *j, const struct clocks_before *known)
{
	for (size_t i = 0;
	     known->before != NULL && i < known->before->clocks_nr; i++) {
		Sy__V1__AppealClock *was = known->before->clocks[i];
		Sy__V1__AppealClock **now = judged(j, was->clock);

		if (was->stopped_at_us == 0 ||
		    was->stopped_at_us >= known->since_us)
			continue;
		if (now == NULL && j->out_nr < CASE_CLOCKS_MAX)
			j->out[j->out_nr++] = was;
		/* else it was restarted */
		else if (now != NULL &&
			 (*now)->stopped_at_us == was->stopped_at_us)
			*now = was;
	}
}

static void first_response_take(struct appeal_facts *after)
{
	after->first_response = SY__V1__CLOCK_STATE__CLOCK_NONE;
	after->first_response_due_us = 0;
	for (size_t i = 0; i < after->clocks_nr; i++) {
		const Sy__V1__AppealClock *clock = after->clocks[i];

		if (strcmp(clock->clock, FIRST_RESPONSE) != 0)
			continue;
		after->first_response = clock->state;
		after->first_response_due_us = clock->due_us;
	}
}

void clocks_judge(const struct clock_source *source, struct arena *arena,
		  struct appeal_fact *const *order, size_t n,
		  struct clocks_before known, struct appeal_facts *after,
		  int64_t now_us)
{
	struct judgement j = {
		.source = source,
		.arena = arena,
		.after = after,
		.now_us = now_us,
	};
	struct appeal_facts codes;
	bool any = false;

	moments_fill(&j, order, n);
	j.out = arena_alloc(arena, CASE_CLOCKS_MAX * sizeof(j.out[0]));
	appeal_facts_init(&codes);
	for (size_t i = 0; i < n; i++) {
		const struct appeal_fact *fact = order[i];

		if (fact->fit != FIT_TAKEN || !appeal_codes_changed_by(fact))
			continue;
		if (any)
			clocks_of_codes(&j, &codes, fact->occurred_at_us,
					after);
		appeal_codes_take(&codes, fact);
		any = true;
	}
	clocks_of_codes(&j, &codes, 0, after);
	of_before_keep(&j, &known, after);
	stopped_keep(&j, &known);
	after->clocks = j.out;
	after->clocks_nr = j.out_nr;
	first_response_take(after);
}
