/* reaction_rules.c -- see reaction_rules.h. The table reads as the
 * specification: a row holds for all the states that it names.
 */
#include "reaction_rules.h"

#include <string.h>

#define S(state) SY__V1__REACTION_STATE__REACTION_##state
#define IN(state) (1U << S(state))
#define STAYS S(NONE)

#define WAITING (IN(OPEN) | IN(ASSIGNED))
#define TAKEN true
#define REFUSED false

#define ELSEWHERE "it goes on in the reaction of its cluster"
#define NO_SUCH "no such reaction"

const char *const reaction_step_names[STEP_NR] = {
	[STEP_OPENED] = "opened",       [STEP_ASSIGNED] = "assigned",
	[STEP_ANSWERED] = "answered",   [STEP_FORWARDED] = "forwarded",
	[STEP_RESULT] = "result",       [STEP_REPORTED] = "reported",
	[STEP_DISMISSED] = "dismissed", [STEP_REOPENED] = "reopened",
	[STEP_MERGED] = "merged",       [STEP_REFUSED] = "refused",
	[STEP_WITHDRAWN] = "withdrawn", [STEP_RESUMED] = "resumed",
};

const struct reaction_transition
	reaction_transitions[STEP_NR][REACTION_ROWS_MAX] = {
	[STEP_OPENED] = {
		{ IN(NONE), TAKEN, S(OPEN), "it needs a reaction" },
		{ ~IN(NONE), REFUSED, STAYS, "has a reaction already" },
	},
	[STEP_ASSIGNED] = {
		{ IN(NONE), REFUSED, STAYS, NO_SUCH },
		/* or OPEN, where nobody has it any more */
		{ WAITING, TAKEN, S(ASSIGNED), "somebody has taken it" },
		{ IN(FORWARDED) | IN(RESULT), TAKEN, STAYS,
		  "another person looks after it" },
		{ IN(ANSWERED) | IN(REPORTED) | IN(DISMISSED), REFUSED, STAYS,
		  "what has ended is assigned after a reopening" },
		{ IN(MERGED), REFUSED, STAYS, ELSEWHERE },
	},
	[STEP_ANSWERED] = {
		{ IN(NONE), REFUSED, STAYS, NO_SUCH },
		{ WAITING, TAKEN, S(ANSWERED),
		  "the customer has an answer on the platform" },
		{ IN(ANSWERED) | IN(FORWARDED) | IN(REPORTED), TAKEN, STAYS,
		  "a further word to the customer, which no clock hears" },
		{ IN(RESULT), REFUSED, STAYS,
		  "the result is there: it is reported" },
		{ IN(DISMISSED), REFUSED, STAYS,
		  "what was dismissed is answered after a reopening" },
		{ IN(MERGED), REFUSED, STAYS, ELSEWHERE },
	},
	[STEP_FORWARDED] = {
		{ IN(NONE), REFUSED, STAYS, NO_SUCH },
		{ WAITING, TAKEN, S(FORWARDED), "the branch inquires" },
		{ IN(ANSWERED), TAKEN, S(FORWARDED),
		  "the answer stands, and the branch inquires" },
		{ IN(FORWARDED) | IN(RESULT) | IN(REPORTED), REFUSED, STAYS,
		  "it is forwarded once" },
		{ IN(DISMISSED), REFUSED, STAYS,
		  "what was dismissed is forwarded after a reopening" },
		{ IN(MERGED), REFUSED, STAYS, ELSEWHERE },
	},
	[STEP_RESULT] = {
		{ IN(FORWARDED), TAKEN, S(RESULT), "the branch has a result" },
		{ ~IN(FORWARDED), REFUSED, STAYS, "no inquiry runs" },
	},
	[STEP_REPORTED] = {
		{ IN(NONE), REFUSED, STAYS, NO_SUCH },
		{ WAITING | IN(ANSWERED) | IN(DISMISSED), REFUSED, STAYS,
		  "nothing was inquired that could be reported" },
		{ IN(FORWARDED), TAKEN, S(REPORTED),
		  "the result is reported as soon as it is there" },
		{ IN(RESULT), TAKEN, S(REPORTED),
		  "the customer knows the result" },
		{ IN(REPORTED), REFUSED, STAYS, "it is reported once" },
		{ IN(MERGED), REFUSED, STAYS, ELSEWHERE },
	},
	[STEP_DISMISSED] = {
		{ IN(NONE), REFUSED, STAYS, NO_SUCH },
		{ WAITING, TAKEN, S(DISMISSED), "it needs no reaction" },
		{ IN(FORWARDED) | IN(RESULT), REFUSED, STAYS,
		  "its appeal is withdrawn or closed" },
		{ IN(ANSWERED) | IN(REPORTED) | IN(DISMISSED), REFUSED, STAYS,
		  "it has its end already" },
		{ IN(MERGED), REFUSED, STAYS, ELSEWHERE },
	},
	[STEP_REOPENED] = {
		{ IN(NONE), REFUSED, STAYS, NO_SUCH },
		{ WAITING, REFUSED, STAYS, "it is open" },
		{ IN(FORWARDED), REFUSED, STAYS, "the branch inquires still" },
		/* or FORWARDED again, where there is an appeal */
		{ IN(ANSWERED) | IN(DISMISSED), TAKEN, S(OPEN),
		  "it needs a reaction after all" },
		{ IN(RESULT) | IN(REPORTED), TAKEN, S(FORWARDED),
		  "the branch inquires again" },
		{ IN(MERGED), REFUSED, STAYS, ELSEWHERE },
	},
	[STEP_MERGED] = {
		{ WAITING, TAKEN, S(MERGED), ELSEWHERE },
		{ ~WAITING, REFUSED, STAYS, "something was done about it" },
	},
	[STEP_REFUSED] = {
		/* or ASSIGNED, or ANSWERED: as it was */
		{ IN(FORWARDED), TAKEN, S(OPEN),
		  "the appeal was refused, somebody looks into it" },
		{ ~IN(FORWARDED), REFUSED, STAYS, "no inquiry runs" },
	},
	[STEP_WITHDRAWN] = {
		{ IN(FORWARDED) | IN(RESULT), TAKEN, S(DISMISSED),
		  "the customer wants no answer any more" },
		{ ~(IN(FORWARDED) | IN(RESULT)), REFUSED, STAYS,
		  "no inquiry runs" },
	},
	[STEP_RESUMED] = {
		{ IN(RESULT) | IN(REPORTED) | IN(DISMISSED), TAKEN,
		  S(FORWARDED), "the branch inquires again" },
		{ ~(IN(RESULT) | IN(REPORTED) | IN(DISMISSED)), REFUSED, STAYS,
		  "no inquiry has ended" },
	},
};

const struct reaction_transition *
reaction_transition(Sy__V1__ReactionState from, enum reaction_step step)
{
	const struct reaction_transition *t = reaction_transitions[step];

	while ((t->from & (1U << from)) == 0)
		t++;
	return t;
}

bool reaction_waits(Sy__V1__ReactionState state)
{
	return ((1U << state) & (WAITING | IN(FORWARDED) | IN(RESULT))) != 0;
}

static int64_t latest(const struct reaction_life *life)
{
	const int64_t times[] = { life->published_us, life->restarted_us,
				  life->answered_us,  life->forwarded_us,
				  life->result_us,    life->reported_us,
				  life->ended_us };
	int64_t last = 0;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] > last)
			last = times[i];
	return last;
}

static void inquire_again(struct reaction_life *life, int64_t at_us)
{
	life->state = S(FORWARDED);
	life->forwarded_us = at_us;
	life->result_us = life->reported_us = life->ended_us = 0;
}

static Sy__V1__ReactionState waiting(const struct reaction_life *life)
{
	return life->owned ? S(ASSIGNED) : S(OPEN);
}

const char *reaction_take(struct reaction_life *life, enum reaction_step step,
			  int64_t at_us)
{
	const struct reaction_transition *t =
		reaction_transition(life->state, step);

	if (!t->taken)
		return t->sentence;
	if (at_us < latest(life))
		at_us = latest(life);
	if (t->to != STAYS)
		life->state = t->to;
	switch (step) {
	case STEP_OPENED:
	case STEP_ASSIGNED:
		if (t->to != STAYS)
			life->state = waiting(life);
		break;
	case STEP_ANSWERED:
		if (life->answered_us == 0)
			life->answered_us = at_us;
		break;
	case STEP_FORWARDED:
		life->forwarded_us = at_us;
		if (life->answered_us == 0)
			life->answered_us = at_us;
		break;
	case STEP_RESULT:
		life->result_us = at_us;
		break;
	case STEP_REPORTED:
		if (life->result_us == 0)
			life->result_us = at_us;
		life->reported_us = at_us;
		break;
	case STEP_DISMISSED:
	case STEP_MERGED:
	case STEP_WITHDRAWN:
		life->ended_us = at_us;
		break;
	case STEP_REOPENED:
		if (life->forwarded_us != 0) {
			inquire_again(life, at_us);
			break;
		}
		life->answered_us = life->ended_us = 0;
		life->restarted_us = at_us;
		life->state = waiting(life);
		break;
	case STEP_RESUMED:
		inquire_again(life, at_us);
		break;
	case STEP_REFUSED:
		life->state = S(ANSWERED);
		if (life->answered_us == life->forwarded_us) {
			life->answered_us = 0;
			life->state = waiting(life);
		}
		life->forwarded_us = 0;
		break;
	case STEP_NR:
		break;
	}
	return NULL;
}
