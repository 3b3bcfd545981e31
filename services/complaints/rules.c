/* rules.c -- the life of a case, pure: a transition table, the fold of a case's
 * facts over it, and the first-response clock. Time is passed in.
 *
 * The table reads as the specification; a pair that it lacks cannot happen
 * (a second registration is told apart by its key before).
 */
#include "complaints.h"

#include "clock/sla.h"

#define PENDING SY__V1__APPEAL_STATE__APPEAL_PENDING
#define REGISTERED SY__V1__APPEAL_STATE__APPEAL_REGISTERED
#define CLASSIFIED SY__V1__APPEAL_STATE__APPEAL_CLASSIFIED
#define ANSWERED SY__V1__APPEAL_STATE__APPEAL_ANSWERED
#define RESOLVED SY__V1__APPEAL_STATE__APPEAL_RESOLVED
#define CLOSED SY__V1__APPEAL_STATE__APPEAL_CLOSED

const struct transition transitions[] = {
	{ PENDING, FACT_REGISTER, FIT_TAKEN, REGISTERED,
	  "the customer's words are on record" },
	{ PENDING, FACT_CLASSIFY, FIT_REFUSED, PENDING,
	  "a classification cannot lie before the registration" },
	{ PENDING, FACT_ANSWER, FIT_REFUSED, PENDING,
	  "an answer cannot lie before the registration" },
	{ PENDING, FACT_RESOLVE, FIT_REFUSED, PENDING,
	  "a resolution cannot lie before the registration" },
	{ PENDING, FACT_CLOSE, FIT_REFUSED, PENDING,
	  "a closing cannot lie before the registration" },

	{ REGISTERED, FACT_REGISTER, FIT_REFUSED, REGISTERED,
	  "an appeal is registered once" },
	{ REGISTERED, FACT_CLASSIFY, FIT_TAKEN, CLASSIFIED,
	  "it is known what the appeal is about" },
	{ REGISTERED, FACT_ANSWER, FIT_TAKEN, ANSWERED,
	  "the customer has the first answer" },
	{ REGISTERED, FACT_RESOLVE, FIT_TAKEN, RESOLVED,
	  "the matter is settled, which is the first answer too" },
	{ REGISTERED, FACT_CLOSE, FIT_WAITS, REGISTERED,
	  "a closing waits for an answer or a resolution" },

	{ CLASSIFIED, FACT_REGISTER, FIT_REFUSED, CLASSIFIED,
	  "an appeal is registered once" },
	{ CLASSIFIED, FACT_CLASSIFY, FIT_TAKEN, CLASSIFIED,
	  "the later classification stands" },
	{ CLASSIFIED, FACT_ANSWER, FIT_TAKEN, ANSWERED,
	  "the customer has the first answer" },
	{ CLASSIFIED, FACT_RESOLVE, FIT_TAKEN, RESOLVED,
	  "the matter is settled, which is the first answer too" },
	{ CLASSIFIED, FACT_CLOSE, FIT_WAITS, CLASSIFIED,
	  "a closing waits for an answer or a resolution" },

	{ ANSWERED, FACT_REGISTER, FIT_REFUSED, ANSWERED,
	  "an appeal is registered once" },
	{ ANSWERED, FACT_CLASSIFY, FIT_TAKEN, ANSWERED,
	  "the codes change, the answer stays" },
	{ ANSWERED, FACT_ANSWER, FIT_TAKEN, ANSWERED,
	  "a further answer, which no clock hears" },
	{ ANSWERED, FACT_RESOLVE, FIT_TAKEN, RESOLVED,
	  "the matter is settled" },
	{ ANSWERED, FACT_CLOSE, FIT_TAKEN, CLOSED,
	  "the customer has an answer and nothing is left to do" },

	{ RESOLVED, FACT_REGISTER, FIT_REFUSED, RESOLVED,
	  "an appeal is registered once" },
	{ RESOLVED, FACT_CLASSIFY, FIT_TAKEN, RESOLVED,
	  "the codes change, the resolution stays" },
	{ RESOLVED, FACT_ANSWER, FIT_TAKEN, RESOLVED,
	  "the customer is told of the resolution" },
	{ RESOLVED, FACT_RESOLVE, FIT_REFUSED, RESOLVED,
	  "an appeal is resolved once" },
	{ RESOLVED, FACT_CLOSE, FIT_TAKEN, CLOSED,
	  "the matter is settled and nothing is left to do" },

	{ CLOSED, FACT_REGISTER, FIT_REFUSED, CLOSED,
	  "an appeal is registered once" },
	{ CLOSED, FACT_CLASSIFY, FIT_REFUSED, CLOSED,
	  "a closed appeal is not classified any more" },
	{ CLOSED, FACT_ANSWER, FIT_TAKEN, CLOSED,
	  "a further answer, the appeal stays closed" },
	{ CLOSED, FACT_RESOLVE, FIT_REFUSED, CLOSED,
	  "a closed appeal is not resolved any more" },
	{ CLOSED, FACT_CLOSE, FIT_REFUSED, CLOSED, "an appeal is closed once" },
};
const size_t transitions_nr = sizeof(transitions) / sizeof(transitions[0]);

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

static const struct transition *transition_find(Sy__V1__AppealState from,
						enum fact_type fact)
{
	/* five rows a state, in the order of the types */
	size_t state = (size_t)from - (size_t)PENDING;

	return &transitions[state * FACT_NR + (size_t)fact];
}

/* True: a happened after b. */
static bool fact_after(const struct appeal_fact *a, const struct appeal_fact *b)
{
	if (a->occurred_at_us != b->occurred_at_us)
		return a->occurred_at_us > b->occurred_at_us;
	if (a->type != b->type)
		return a->type > b->type;
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

static void codes_take(struct appeal_facts *after,
		       const struct appeal_fact *fact)
{
	for (int i = 0; i < CODE_NR; i++) {
		if (fact->code[i][0] != '\0')
			after->code[i] = fact->code[i];
	}
}

static void fact_take(struct appeal_facts *after,
		      const struct appeal_fact *fact)
{
	switch (fact->type) {
	case FACT_REGISTER:
		after->registered_at_us = fact->occurred_at_us;
		codes_take(after, fact);
		break;
	case FACT_CLASSIFY:
		codes_take(after, fact);
		break;
	case FACT_RESOLVE:
		after->resolved_at_us = fact->occurred_at_us;
		if (after->first_answer_at_us == 0)
			after->first_answer_at_us = fact->occurred_at_us;
		break;
	case FACT_ANSWER:
		if (after->first_answer_at_us == 0)
			after->first_answer_at_us = fact->occurred_at_us;
		break;
	case FACT_CLOSE:
		after->closed_at_us = fact->occurred_at_us;
		break;
	case FACT_NR:
		break;
	}
}

void appeal_fold(struct appeal_fact *facts, size_t n,
		 struct appeal_fact **order, struct appeal_facts *after_r)
{
	struct appeal_fact *closing = NULL; /* waits */
	bool registered = false;

	*after_r = (struct appeal_facts){ .state = PENDING };
	for (int i = 0; i < CODE_NR; i++)
		after_r->code[i] = "";
	for (size_t i = 0; i < n; i++)
		registered |= facts[i].type == FACT_REGISTER;

	facts_order(facts, n, order);
	for (size_t i = 0; i < n; i++) {
		struct appeal_fact *fact = order[i];
		const struct transition *t;

		if (fact->fit == FIT_REFUSED)
			continue;
		if (!registered) {
			fact->fit = FIT_WAITS;
			fact->why = "the registration has not come";
			continue;
		}
		t = transition_find(after_r->state, fact->type);
		fact->fit = t->fit;
		fact->why = t->fit == FIT_TAKEN ? NULL : t->sentence;
		/* of two closings, the first stands */
		if (t->fit == FIT_WAITS && closing != NULL) {
			fact->fit = FIT_REFUSED;
			fact->why = "an appeal is closed once";
		} else if (t->fit == FIT_WAITS) {
			closing = fact;
		} else if (t->fit == FIT_TAKEN) {
			fact_take(after_r, fact);
			after_r->state = t->to;
		}
		/* An office may close first and tell the customer after: the
		 * closing takes effect with the answer, at its own time. */
		if (closing != NULL && after_r->first_answer_at_us != 0) {
			closing->fit = FIT_TAKEN;
			closing->why = NULL;
			fact_take(after_r, closing);
			after_r->state = CLOSED;
			closing = NULL;
		}
	}
}

void appeal_clock(struct appeal_facts *facts,
		  const struct clock_policies *policies, int64_t now_us)
{
	int64_t limit_us = 0;
	struct sla_result clock = { .state = SLA_NONE };

	for (size_t i = 0; i < policies->n; i++) {
		if (policies->rows[i].valid_from_day > facts->registered_day)
			break;
		limit_us = policies->rows[i].limit_us;
	}
	/* no policy on that day: no clock */
	if (limit_us > 0 && facts->registered_at_us != 0) {
		const struct sla_rule rule = { .measure = SLA_ELAPSED,
					       .amount = limit_us };
		const struct sla_event events[] = {
			{ .at_us = facts->registered_at_us, .what = SLA_START },
			{ .at_us = facts->first_answer_at_us,
			  .what = SLA_STOP },
		};

		clock = sla_judge(&rule, events,
				  facts->first_answer_at_us != 0 ? 2 : 1,
				  now_us);
	}
	facts->first_response_due_us = clock.due_us;
	switch (clock.state) {
	case SLA_NONE:
		facts->first_response = SY__V1__CLOCK_STATE__CLOCK_NONE;
		break;
	case SLA_RUNNING:
	case SLA_PAUSED: /* has no pauses */
		facts->first_response = SY__V1__CLOCK_STATE__CLOCK_RUNNING;
		break;
	case SLA_MET:
		facts->first_response = SY__V1__CLOCK_STATE__CLOCK_MET;
		break;
	case SLA_BREACHED:
		facts->first_response = SY__V1__CLOCK_STATE__CLOCK_BREACHED;
		break;
	}
}
