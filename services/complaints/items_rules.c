/* items_rules.c -- what may become of a promise, a remedy, a task and a red
 * line: a table each, every pair with its sentence.
 *
 * Waiting stands where an earlier fact may still come and make the place;
 * refused where nothing can.
 */
#include "items.h"

#define ABSENT ITEM_ABSENT

#define P_OPEN SY__V1__PROMISE_STATE__PROMISE_OPEN
#define P_KEPT SY__V1__PROMISE_STATE__PROMISE_KEPT
#define P_BROKEN SY__V1__PROMISE_STATE__PROMISE_BROKEN
#define P_AGAIN SY__V1__PROMISE_STATE__PROMISE_RENEGOTIATED

static const struct item_transition promise_rows[] = {
	{ ABSENT, P_KEPT, FIT_WAITS, .sentence = "no such promise is known" },
	{ ABSENT, P_BROKEN, FIT_WAITS, .sentence = "no such promise is known" },
	{ ABSENT, P_AGAIN, FIT_WAITS, .sentence = "no such promise is known" },

	{ P_OPEN, P_KEPT, FIT_TAKEN, .sentence = "what was said was done" },
	{ P_OPEN, P_BROKEN, FIT_TAKEN, .sentence = "it will not be done" },
	{ P_OPEN, P_AGAIN, FIT_TAKEN,
	  .sentence = "the customer agrees to another time" },

	{ P_KEPT, P_KEPT, FIT_REFUSED, .sentence = "a promise is kept once" },
	{ P_KEPT, P_BROKEN, FIT_REFUSED,
	  .sentence = "a promise that was kept cannot be broken" },
	{ P_KEPT, P_AGAIN, FIT_REFUSED,
	  .sentence = "a promise that was kept has no other time" },

	{ P_BROKEN, P_KEPT, FIT_REFUSED,
	  .sentence = "a broken promise stays broken" },
	{ P_BROKEN, P_BROKEN, FIT_REFUSED,
	  .sentence = "a promise is broken once" },
	{ P_BROKEN, P_AGAIN, FIT_REFUSED,
	  .sentence = "after a broken promise a new one is made" },

	{ P_AGAIN, P_KEPT, FIT_TAKEN, .sentence = "what was said was done" },
	{ P_AGAIN, P_BROKEN, FIT_TAKEN, .sentence = "it will not be done" },
	{ P_AGAIN, P_AGAIN, FIT_TAKEN, .sentence = "the later time stands" },
};

#define R_PROPOSED SY__V1__REMEDY_STATE__REMEDY_PROPOSED
#define R_APPROVED SY__V1__REMEDY_STATE__REMEDY_APPROVED
#define R_REFUSED SY__V1__REMEDY_STATE__REMEDY_REFUSED
#define R_PAID SY__V1__REMEDY_STATE__REMEDY_PAID
#define R_VERIFIED SY__V1__REMEDY_STATE__REMEDY_VERIFIED
#define R_DISPROVED SY__V1__REMEDY_STATE__REMEDY_DISPROVED

#define FOUR_EYES                                                              \
	.need = NEED_SECOND_PERSON, .unmet_fit = FIT_REFUSED,                  \
	.unmet = "a remedy is judged by another person than who proposed it"

static const struct item_transition remedy_rows[] = {
	{ ABSENT, R_APPROVED, FIT_WAITS,
	  .sentence = "no such remedy is known" },
	{ ABSENT, R_REFUSED, FIT_WAITS, .sentence = "no such remedy is known" },
	{ ABSENT, R_PAID, FIT_WAITS, .sentence = "no such remedy is known" },
	{ ABSENT, R_VERIFIED, FIT_WAITS,
	  .sentence = "no such remedy is known" },
	{ ABSENT, R_DISPROVED, FIT_WAITS,
	  .sentence = "no such remedy is known" },

	{ R_PROPOSED, R_APPROVED, FIT_TAKEN, FOUR_EYES,
	  .sentence = "a second person agrees" },
	{ R_PROPOSED, R_REFUSED, FIT_TAKEN, FOUR_EYES,
	  .sentence = "a second person does not agree" },
	{ R_PROPOSED, R_PAID, FIT_TAKEN, .need = NEED_VERIFY_LATER,
	  .sentence = "it is paid first and verified later",
	  .unmet = "a payment needs an approval that lies before it",
	  .unmet_fit = FIT_WAITS },
	{ R_PROPOSED, R_VERIFIED, FIT_WAITS,
	  .sentence = "only what was paid is verified" },
	{ R_PROPOSED, R_DISPROVED, FIT_WAITS,
	  .sentence = "only what was paid is disproved" },

	{ R_APPROVED, R_APPROVED, FIT_REFUSED,
	  .sentence = "a remedy is approved once, or needs no approval" },
	{ R_APPROVED, R_REFUSED, FIT_REFUSED,
	  .sentence = "an approved remedy is not refused any more" },
	{ R_APPROVED, R_PAID, FIT_TAKEN,
	  .sentence = "the customer has what was approved" },
	{ R_APPROVED, R_VERIFIED, FIT_WAITS,
	  .sentence = "only what was paid is verified" },
	{ R_APPROVED, R_DISPROVED, FIT_WAITS,
	  .sentence = "only what was paid is disproved" },

	{ R_REFUSED, R_APPROVED, FIT_REFUSED,
	  .sentence = "after a refusal another remedy is proposed" },
	{ R_REFUSED, R_REFUSED, FIT_REFUSED,
	  .sentence = "a remedy is refused once" },
	{ R_REFUSED, R_PAID, FIT_REFUSED,
	  .sentence = "a refused remedy is not paid" },
	{ R_REFUSED, R_VERIFIED, FIT_REFUSED,
	  .sentence = "a refused remedy was not paid" },
	{ R_REFUSED, R_DISPROVED, FIT_REFUSED,
	  .sentence = "a refused remedy was not paid" },

	{ R_PAID, R_APPROVED, FIT_REFUSED,
	  .sentence = "what was paid is verified, not approved" },
	{ R_PAID, R_REFUSED, FIT_REFUSED,
	  .sentence = "what was paid is disproved, not refused" },
	{ R_PAID, R_PAID, FIT_REFUSED, .sentence = "a remedy is paid once" },
	{ R_PAID, R_VERIFIED, FIT_TAKEN, FOUR_EYES,
	  .sentence = "the payment was right" },
	{ R_PAID, R_DISPROVED, FIT_TAKEN, FOUR_EYES,
	  .sentence = "the payment was not due" },

	{ R_VERIFIED, R_APPROVED, FIT_REFUSED,
	  .sentence = "a verified remedy is settled" },
	{ R_VERIFIED, R_REFUSED, FIT_REFUSED,
	  .sentence = "a verified remedy is settled" },
	{ R_VERIFIED, R_PAID, FIT_REFUSED,
	  .sentence = "a remedy is paid once" },
	{ R_VERIFIED, R_VERIFIED, FIT_REFUSED,
	  .sentence = "a remedy is verified once" },
	{ R_VERIFIED, R_DISPROVED, FIT_REFUSED,
	  .sentence = "a verified remedy is settled" },

	{ R_DISPROVED, R_APPROVED, FIT_REFUSED,
	  .sentence = "a disproved remedy is settled" },
	{ R_DISPROVED, R_REFUSED, FIT_REFUSED,
	  .sentence = "a disproved remedy is settled" },
	{ R_DISPROVED, R_PAID, FIT_REFUSED,
	  .sentence = "a remedy is paid once" },
	{ R_DISPROVED, R_VERIFIED, FIT_REFUSED,
	  .sentence = "a disproved remedy is settled" },
	{ R_DISPROVED, R_DISPROVED, FIT_REFUSED,
	  .sentence = "a remedy is disproved once" },
};

#define T_OPEN SY__V1__TASK_STATE__TASK_OPEN
#define T_DONE SY__V1__TASK_STATE__TASK_DONE
#define T_DECLINED SY__V1__TASK_STATE__TASK_DECLINED

static const struct item_transition task_rows[] = {
	{ ABSENT, T_DONE, FIT_WAITS, .sentence = "no such task is known" },
	{ ABSENT, T_DECLINED, FIT_WAITS, .sentence = "no such task is known" },

	{ T_OPEN, T_DONE, FIT_TAKEN, .sentence = "the branch has its result" },
	{ T_OPEN, T_DECLINED, FIT_TAKEN,
	  .sentence = "the branch says that it is not theirs" },

	{ T_DONE, T_DONE, FIT_REFUSED, .sentence = "a task is settled once" },
	{ T_DONE, T_DECLINED, FIT_REFUSED,
	  .sentence = "a task that was done cannot be declined" },

	{ T_DECLINED, T_DONE, FIT_REFUSED,
	  .sentence = "after a declined task another one is opened" },
	{ T_DECLINED, T_DECLINED, FIT_REFUSED,
	  .sentence = "a task is settled once" },
};

#define L_OPEN SY__V1__RED_LINE_OUTCOME__RED_LINE_OPEN
#define L_CONFIRMED SY__V1__RED_LINE_OUTCOME__RED_LINE_CONFIRMED
#define L_DISMISSED SY__V1__RED_LINE_OUTCOME__RED_LINE_DISMISSED

/* To ask for OPEN is to flag it. */
static const struct item_transition red_line_rows[] = {
	{ ABSENT, L_OPEN, FIT_TAKEN,
	  .sentence = "somebody says that a red line was crossed" },
	{ ABSENT, L_CONFIRMED, FIT_WAITS,
	  .sentence = "no red line is flagged" },
	{ ABSENT, L_DISMISSED, FIT_WAITS,
	  .sentence = "no red line is flagged" },

	{ L_OPEN, L_OPEN, FIT_WAITS,
	  .sentence = "the red line that is flagged is decided first" },
	{ L_OPEN, L_CONFIRMED, FIT_TAKEN, .sentence = "it was crossed" },
	{ L_OPEN, L_DISMISSED, FIT_TAKEN, .sentence = "it was not crossed" },

	{ L_CONFIRMED, L_OPEN, FIT_REFUSED,
	  .sentence = "a crossed red line stands in the case already" },
	{ L_CONFIRMED, L_CONFIRMED, FIT_REFUSED,
	  .sentence = "a red line is decided once" },
	{ L_CONFIRMED, L_DISMISSED, FIT_REFUSED,
	  .sentence = "a red line is decided once" },

	{ L_DISMISSED, L_OPEN, FIT_TAKEN,
	  .sentence = "there is another suspicion" },
	{ L_DISMISSED, L_CONFIRMED, FIT_WAITS,
	  .sentence = "a red line is decided once, and flagged anew" },
	{ L_DISMISSED, L_DISMISSED, FIT_WAITS,
	  .sentence = "a red line is decided once, and flagged anew" },
};

#define TABLE(rows, first, nr)                                                 \
	{                                                                      \
		first, nr, rows, sizeof(rows) / sizeof((rows)[0])              \
	}

const struct item_table item_tables[ITEM_KIND_NR] = {
	[ITEM_PROMISE] = TABLE(promise_rows, P_KEPT, 3),
	[ITEM_REMEDY] = TABLE(remedy_rows, R_APPROVED, 5),
	[ITEM_TASK] = TABLE(task_rows, T_DONE, 2),
	[ITEM_RED_LINE] = TABLE(red_line_rows, L_OPEN, 3),
};

const struct item_transition *item_transition(enum item_kind kind, int from,
					      int asked)
{
	const struct item_table *table = &item_tables[kind];

	if (asked < table->asked_first ||
	    asked - table->asked_first >= table->asked_nr)
		return NULL;
	return &table->rows[(from - ITEM_ABSENT) * table->asked_nr + asked -
			    table->asked_first];
}
