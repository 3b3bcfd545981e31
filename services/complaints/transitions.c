/* transitions.c -- the life of a case as a table: what becomes of each fact in
 * each state, with its sentence. It reads as the specification.
 *
 * A row holds for all the states that it names; every pair stands in exactly
 * one. Waiting stands where an earlier fact may still come and make the place,
 * refused where nothing can.
 */
#include "complaints.h"

#define IN(state) (1U << SY__V1__APPEAL_STATE__APPEAL_##state)
#define TO(state) SY__V1__APPEAL_STATE__APPEAL_##state
#define STAYS TO(NONE)

/* Somebody works on it. */
#define UNROUTED (IN(REGISTERED) | IN(CLASSIFIED))
#define UNHEARD (UNROUTED | IN(ROUTED))
#define AT_WORK (UNHEARD | IN(INVESTIGATED) | IN(ANSWERED) | IN(REOPENED))
#define SETTLED (IN(RESOLVED) | IN(INFORMED))
#define OPEN (AT_WORK | SETTLED)
#define LEFT (IN(CLOSED) | IN(WITHDRAWN))
#define ENDED (LEFT | IN(MERGED))
#define ANY (OPEN | ENDED) /* but PENDING */

#define NOT_YET "cannot lie before the registration"
#define GOES_ON "a merged appeal goes on in another one"

const struct transition transitions[FACT_NR][TRANSITIONS_MAX] = {
	[FACT_REGISTER] = {
		{ IN(PENDING), FIT_TAKEN, TO(REGISTERED),
		  "the customer's words are on record" },
		{ ANY, FIT_REFUSED, STAYS, "an appeal is registered once" },
	},
	[FACT_CLASSIFY] = {
		{ IN(PENDING), FIT_REFUSED, STAYS,
		  "a classification " NOT_YET },
		{ IN(REGISTERED), FIT_TAKEN, TO(CLASSIFIED),
		  "it is known what the appeal is about" },
		{ IN(CLASSIFIED), FIT_TAKEN, STAYS,
		  "the later classification stands" },
		{ IN(ROUTED) | IN(INVESTIGATED) | IN(REOPENED), FIT_TAKEN,
		  STAYS, "the codes change, the work goes on" },
		{ IN(ANSWERED), FIT_TAKEN, STAYS,
		  "the codes change, the answer stays" },
		{ SETTLED, FIT_TAKEN, STAYS,
		  "the codes change, the resolution stays" },
		{ IN(CLOSED), FIT_REFUSED, STAYS,
		  "a closed appeal is not classified any more" },
		{ IN(WITHDRAWN), FIT_REFUSED, STAYS,
		  "a withdrawn appeal is not classified any more" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_ANSWER] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "an answer " NOT_YET },
		{ UNHEARD, FIT_TAKEN, TO(ANSWERED),
		  "the customer has the first answer" },
		{ IN(INVESTIGATED), FIT_TAKEN, TO(ANSWERED),
		  "the customer hears what the inquiry has found" },
		{ IN(ANSWERED), FIT_TAKEN, STAYS,
		  "a further answer, which no clock hears" },
		{ IN(REOPENED), FIT_TAKEN, TO(ANSWERED),
		  "the customer has an answer to what was open again" },
		{ SETTLED, FIT_TAKEN, STAYS,
		  "the customer is told of the resolution" },
		{ IN(CLOSED), FIT_TAKEN, STAYS,
		  "a further answer, the appeal stays closed" },
		{ IN(WITHDRAWN), FIT_TAKEN, STAYS,
		  "a word to the customer, the appeal stays withdrawn" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_RESOLVE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a resolution " NOT_YET },
		{ UNHEARD, FIT_TAKEN, TO(RESOLVED),
		  "the matter is settled, which is the first answer too" },
		{ IN(INVESTIGATED) | IN(ANSWERED), FIT_TAKEN, TO(RESOLVED),
		  "the matter is settled" },
		{ IN(REOPENED), FIT_TAKEN, TO(RESOLVED),
		  "the matter is settled again" },
		{ SETTLED, FIT_REFUSED, STAYS, "an appeal is resolved once" },
		{ IN(CLOSED), FIT_REFUSED, STAYS,
		  "a closed appeal is not resolved any more" },
		{ IN(WITHDRAWN), FIT_REFUSED, STAYS,
		  "a withdrawn appeal is not resolved any more" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_CLOSE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a closing " NOT_YET },
		{ UNHEARD, FIT_WAITS, TO(CLOSED),
		  "a closing waits for an answer or a resolution" },
		/* the fold knows whether there was one */
		{ IN(INVESTIGATED) | IN(REOPENED), FIT_WAITS, TO(CLOSED),
		  "a closing waits for an answer or a resolution" },
		{ IN(ANSWERED), FIT_TAKEN, TO(CLOSED),
		  "the customer has an answer and nothing is left to do" },
		{ SETTLED, FIT_TAKEN, TO(CLOSED),
		  "the matter is settled and nothing is left to do" },
		{ IN(CLOSED), FIT_REFUSED, STAYS, "an appeal is closed once" },
		{ IN(WITHDRAWN), FIT_REFUSED, STAYS,
		  "a withdrawn appeal has its end already" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_ROUTE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a routing " NOT_YET },
		{ UNROUTED, FIT_TAKEN, TO(ROUTED),
		  "it is known who has to answer" },
		{ IN(ROUTED), FIT_TAKEN, STAYS, "the later routing stands" },
		{ IN(INVESTIGATED) | IN(ANSWERED) | IN(REOPENED), FIT_TAKEN,
		  STAYS, "others take over, the work goes on" },
		{ SETTLED, FIT_TAKEN, STAYS,
		  "others take over, the resolution stays" },
		{ LEFT, FIT_REFUSED, STAYS,
		  "an appeal that has ended is routed after a reopening" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_INVESTIGATE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "an inquiry " NOT_YET },
		{ UNHEARD | IN(ANSWERED), FIT_TAKEN, TO(INVESTIGATED),
		  "an inquiry goes on" },
		{ IN(INVESTIGATED), FIT_TAKEN, STAYS,
		  "the inquiry goes further" },
		{ IN(REOPENED), FIT_TAKEN, TO(INVESTIGATED),
		  "the inquiry is taken up again" },
		{ SETTLED, FIT_REFUSED, STAYS,
		  "what is settled is looked into after a reopening" },
		{ LEFT, FIT_REFUSED, STAYS,
		  "an appeal that has ended is looked into after a reopening" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_INFORM] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a notice " NOT_YET },
		{ UNHEARD, FIT_WAITS, STAYS,
		  "a notice of measures waits for an answer or a resolution" },
		/* the fold knows whether there was one */
		{ IN(INVESTIGATED) | IN(REOPENED), FIT_WAITS, STAYS,
		  "a notice of measures waits for an answer or a resolution" },
		{ IN(ANSWERED), FIT_TAKEN, STAYS,
		  "the customer knows the measures, the matter is open" },
		{ IN(RESOLVED), FIT_TAKEN, TO(INFORMED),
		  "the customer knows the measures" },
		{ IN(INFORMED), FIT_TAKEN, STAYS,
		  "the customer is told of further measures" },
		{ IN(CLOSED), FIT_TAKEN, STAYS,
		  "the customer knows the measures, the appeal stays closed" },
		{ IN(WITHDRAWN), FIT_REFUSED, STAYS,
		  "a withdrawn appeal has no measures to tell of" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_REOPEN] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a reopening " NOT_YET },
		{ AT_WORK, FIT_WAITS, STAYS,
		  "a reopening waits for the end that it undoes" },
		{ SETTLED, FIT_TAKEN, TO(REOPENED),
		  "the matter is not settled after all" },
		{ IN(CLOSED), FIT_TAKEN, TO(REOPENED),
		  "the closing was too early" },
		{ IN(WITHDRAWN), FIT_TAKEN, TO(REOPENED),
		  "the customer wants an answer after all" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_WITHDRAW] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a withdrawal " NOT_YET },
		{ AT_WORK, FIT_TAKEN, TO(WITHDRAWN),
		  "the customer does not want an answer any more" },
		{ SETTLED, FIT_REFUSED, STAYS,
		  "what is settled is closed, not withdrawn" },
		{ IN(CLOSED), FIT_REFUSED, STAYS,
		  "a closed appeal is not withdrawn any more" },
		{ IN(WITHDRAWN), FIT_REFUSED, STAYS,
		  "an appeal is withdrawn once" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_ESCALATE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "an escalation " NOT_YET },
		{ OPEN, FIT_TAKEN, STAYS, "the highest level stands" },
		{ LEFT, FIT_TAKEN, STAYS,
		  "it was taken further after its end, which stays" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_MERGE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a merger " NOT_YET },
		{ OPEN, FIT_TAKEN, TO(MERGED), GOES_ON },
		{ LEFT, FIT_REFUSED, STAYS,
		  "an appeal that has ended is linked, not merged" },
		{ IN(MERGED), FIT_REFUSED, STAYS, "an appeal is merged once" },
	},
	[FACT_NOTE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a note " NOT_YET },
		{ ANY, FIT_TAKEN, STAYS, "a word among colleagues" },
	},
	[FACT_RATE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a rating " NOT_YET },
		{ UNHEARD | IN(INVESTIGATED) | IN(ANSWERED), FIT_WAITS, STAYS,
		  "a rating waits for what there is to rate" },
		{ IN(REOPENED), FIT_TAKEN, STAYS,
		  "the customer rates what was done before" },
		{ SETTLED | LEFT, FIT_TAKEN, STAYS,
		  "the customer says how it went" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_PAUSE_CLOCK] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a pause " NOT_YET },
		{ OPEN, FIT_TAKEN, STAYS, "the time does not count" },
		{ ENDED, FIT_REFUSED, STAYS,
		  "no clock of an ended appeal runs" },
	},
	[FACT_RESUME_CLOCK] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a resumption " NOT_YET },
		{ OPEN, FIT_TAKEN, STAYS, "the time counts again" },
		{ ENDED, FIT_REFUSED, STAYS,
		  "no clock of an ended appeal runs" },
	},
	[FACT_EXTEND_CLOCK] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "an extension " NOT_YET },
		{ OPEN, FIT_TAKEN, STAYS, "the customer knows of more time" },
		{ ENDED, FIT_REFUSED, STAYS,
		  "no clock of an ended appeal runs" },
	},
	[FACT_MAKE_PROMISE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a promise " NOT_YET },
		{ OPEN, FIT_TAKEN, STAYS, "the customer was promised it" },
		{ ENDED, FIT_REFUSED, STAYS,
		  "in an appeal that has ended nothing is promised" },
	},
	[FACT_SETTLE_PROMISE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS,
		  "what became of a promise " NOT_YET },
		{ ANY, FIT_TAKEN, STAYS, "what became of a promise" },
	},
	[FACT_PROPOSE_REMEDY] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a remedy " NOT_YET },
		{ OPEN, FIT_TAKEN, STAYS, "this would make it good" },
		{ ENDED, FIT_REFUSED, STAYS,
		  "in an appeal that has ended no remedy is proposed" },
	},
	[FACT_DECIDE_REMEDY] = {
		{ IN(PENDING), FIT_REFUSED, STAYS,
		  "what became of a remedy " NOT_YET },
		{ ANY, FIT_TAKEN, STAYS, "what became of a remedy" },
	},
	[FACT_OPEN_TASK] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a task " NOT_YET },
		{ OPEN, FIT_TAKEN, STAYS, "others do a part of it" },
		{ ENDED, FIT_REFUSED, STAYS,
		  "in an appeal that has ended nothing is left to do" },
	},
	[FACT_SETTLE_TASK] = {
		{ IN(PENDING), FIT_REFUSED, STAYS,
		  "what came of a task " NOT_YET },
		{ ANY, FIT_TAKEN, STAYS, "what came of a task" },
	},
	[FACT_LINK] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a link " NOT_YET },
		{ ANY, FIT_TAKEN, STAYS, "it is the same matter" },
	},
	[FACT_MARK_REPEAT] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a repeat " NOT_YET },
		{ ANY, FIT_TAKEN, STAYS, "the customer comes again" },
	},
	[FACT_FLAG_RED_LINE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a red line " NOT_YET },
		{ ANY, FIT_TAKEN, STAYS, "a red line may be crossed" },
	},
	[FACT_DECIDE_RED_LINE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS,
		  "what became of a red line " NOT_YET },
		{ ANY, FIT_TAKEN, STAYS, "what became of a red line" },
	},
	[FACT_ATTACH_FILE] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "an attachment " NOT_YET },
		{ OPEN | LEFT, FIT_TAKEN, STAYS, "a file belongs to it" },
		{ IN(MERGED), FIT_REFUSED, STAYS, GOES_ON },
	},
	[FACT_KEEP_LOOKUP] = {
		{ IN(PENDING), FIT_REFUSED, STAYS, "a look-up " NOT_YET },
		{ ANY, FIT_TAKEN, STAYS, "a system outside was asked" },
	},
};

const struct transition *transition_find(Sy__V1__AppealState from,
					 enum fact_type fact)
{
	const struct transition *t = transitions[fact];

	while ((t->from & (1U << from)) == 0)
		t++;
	return t;
}
