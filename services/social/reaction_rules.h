/* reaction_rules.h -- the life of a point of reaction (S6) and its three
 *chained clocks (S7): pure functions of what has happened to it, of the rule
 *that it was opened by, and of now.
 *
 *	open <-> assigned --> answered                     (the chain ends)
 *	            |  ^          |
 *	            |  +-- refused|
 *	            +--> forwarded <--+--> result --> reported
 *	                     ^        (an appeal)       |
 *	                     +-------- resumed ---------+
 *	dismissed, merged: it needs no answer of its own
 */
#ifndef SUYUAN_SOCIAL_REACTION_RULES_H
#define SUYUAN_SOCIAL_REACTION_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "clock/sla.h"
#include "suyuan/v1/social.pb-c.h"

/* What may happen to it; the names stand in reaction_step_names. */
enum reaction_step {
	STEP_OPENED,
	STEP_ASSIGNED,
	STEP_ANSWERED,
	STEP_FORWARDED,
	STEP_RESULT,
	STEP_REPORTED,
	STEP_DISMISSED,
	STEP_REOPENED,
	STEP_MERGED,
	STEP_REFUSED,   /* complaints does not take it */
	STEP_WITHDRAWN, /* the customer took the appeal back */
	STEP_RESUMED,   /* the appeal was reopened */
	STEP_NR,
};
extern const char *const reaction_step_names[STEP_NR];

struct reaction_transition {
	unsigned from; /* states, a bit each */
	bool taken;
	Sy__V1__ReactionState to; /* NONE: it stays */
	const char *sentence;
};
/* Rows a step; what is left has no states. Every pair stands in exactly one. */
#define REACTION_ROWS_MAX 6
extern const struct reaction_transition reaction_transitions[STEP_NR]
							    [REACTION_ROWS_MAX];
const struct reaction_transition *
reaction_transition(Sy__V1__ReactionState from, enum reaction_step step);

/* Times in us, 0 = not yet; what a reopening undoes is 0 again. */
struct reaction_life {
	Sy__V1__ReactionState state;
	bool owned;
	int64_t published_us;
	int64_t restarted_us; /* opened again, by a person */
	int64_t answered_us;  /* or forwarded */
	int64_t forwarded_us; /* or taken up again; there is an appeal */
	int64_t result_us;
	int64_t reported_us;
	int64_t ended_us; /* dismissed or merged */
};
/* NULL: taken. Else the sentence why it has no place, and nothing changes. A
 * time before the last one is taken as that. */
const char *reaction_take(struct reaction_life *life, enum reaction_step step,
			  int64_t at_us);
/* Somebody or something has yet to do something about it. */
bool reaction_waits(Sy__V1__ReactionState state);

/* --- clocks --- */

#define REACTION_CLOCKS 3
struct reaction_limits {
	const Sy__V1__ReactionRule *rule;
	const char *policy;              /* its code, "": none */
	const struct zone *zone;         /* of the unit */
	const struct calendar *calendar; /* of the rule; NULL: calendar days */
};
struct reaction_clocks {
	Sy__V1__AppealClock *clock[REACTION_CLOCKS];
	size_t n;
	int64_t next_due_us; /* of those that run; 0: none runs */
	int64_t wake_us;     /* when time changes them next; 0: never */
};
/* The clocks as of now. before: as they were; one that had stopped and has not
 * been started again stays as it was judged. */
struct reaction_clocks reaction_judge(struct arena *arena,
				      const struct reaction_limits *limits,
				      const struct reaction_life *life,
				      Sy__V1__AppealClock *const *before,
				      size_t before_nr, int64_t now_us);
/* By when the branch is to answer, so that its task is done in usual time. */
int64_t reaction_task_due(const struct reaction_limits *limits,
			  int64_t forwarded_us);

/* --- rules of the directory --- */

/* The rule of who opens one by hand: that of a policy that says nothing. */
Sy__V1__ReactionRule *reaction_rule_usual(struct arena *arena);
/* What is asked besides the policy's match. mentions: of its cluster. */
bool reaction_rule_fits(const Sy__V1__ReactionRule *rule,
			const Sy__V1__MentionFacts *facts, uint64_t mentions,
			uint64_t reach);
/* As a policy's match names it, "" of none. */
const char *mention_class_code(Sy__V1__MentionClass class);
/* Of the appeal that it becomes. */
const char *reaction_appeal_kind(const Sy__V1__ReactionRule *rule,
				 Sy__V1__MentionClass class);

#endif
