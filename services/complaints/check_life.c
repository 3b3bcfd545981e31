/* check_life.c -- the fields that only one type of fact has, as a table over
 * the requests' descriptors.
 */
#include <string.h>

#include "items.h"
#include "timeutil.h"

enum field_need {
	SAID,       /* a text */
	CODE,       /* of an item, a clock, a term */
	CODE_OR_NO, /* or empty */
	CASE,       /* an appeal_id */
	CASE_OR_NO,
	NUMBER, /* an enum or uint32 from min to max */
	AMOUNT, /* of money, or none */
	TIME,   /* later than the fact itself */
	TIME_OR_NO,
	TRUE,
};

struct field_rule {
	const char *field;
	enum field_need need;
	uint32_t min, max;
	const char *range; /* a sentence */
};

#define RULES_MAX 7
#define A_YEAR_OF_MINUTES (366 * 24 * 60)

#define FIELD(name, of)                                                        \
	{                                                                      \
		.field = (name), .need = (of)                                  \
	}
#define NUMBER_FIELD(name, from, to, sentence)                                 \
	{                                                                      \
		.field = (name), .need = NUMBER, .min = (from), .max = (to),   \
		.range = (sentence)                                            \
	}

/* clang-format off */
static const struct field_rule rules[FACT_NR][RULES_MAX] = {
	[FACT_ROUTE] = { FIELD("unit", CODE_OR_NO), FIELD("department", CODE_OR_NO),
		FIELD("handler", CODE_OR_NO) },
	[FACT_REOPEN] = { FIELD("text", SAID) },
	[FACT_ESCALATE] = { NUMBER_FIELD("level", SY__V1__ESCALATION_LEVEL__ESCALATION_SECOND_LEVEL, SY__V1__ESCALATION_LEVEL__ESCALATION_MEDIA,
		"is not a level") },
	[FACT_MERGE] = { FIELD("into", CASE) },
	[FACT_NOTE] = { FIELD("text", SAID) },
	[FACT_RATE] = { NUMBER_FIELD("rating", 1, 5,
		"is not from 1 to 5") },
	[FACT_PAUSE_CLOCK] = { FIELD("clock", CODE_OR_NO), FIELD("text", SAID) },
	[FACT_RESUME_CLOCK] = { FIELD("clock", CODE_OR_NO) },
	[FACT_EXTEND_CLOCK] = { FIELD("clock", CODE),
		NUMBER_FIELD("by", 1, A_YEAR_OF_MINUTES,
		"is not from 1 to the minutes of a year"),
		FIELD("text", SAID), FIELD("customer_notified", TRUE) },
	[FACT_MAKE_PROMISE] = { FIELD("promise", CODE), FIELD("text", SAID),
		FIELD("owner", CODE_OR_NO), FIELD("due_us", TIME) },
	[FACT_SETTLE_PROMISE] = { FIELD("promise", CODE),
		NUMBER_FIELD("state", SY__V1__PROMISE_STATE__PROMISE_KEPT, SY__V1__PROMISE_STATE__PROMISE_RENEGOTIATED,
		"does not say what became of it"),
		FIELD("due_us", TIME_OR_NO) },
	[FACT_PROPOSE_REMEDY] = { FIELD("remedy_id", CODE), FIELD("remedy", CODE),
		FIELD("amount_minor", AMOUNT) },
	[FACT_DECIDE_REMEDY] = { FIELD("remedy_id", CODE),
		NUMBER_FIELD("state", SY__V1__REMEDY_STATE__REMEDY_APPROVED, SY__V1__REMEDY_STATE__REMEDY_DISPROVED,
		"does not say what became of it") },
	[FACT_OPEN_TASK] = { FIELD("task", CODE), FIELD("unit", CODE_OR_NO),
		FIELD("department", CODE_OR_NO), FIELD("text", SAID),
		FIELD("due_us", TIME_OR_NO) },
	[FACT_SETTLE_TASK] = { FIELD("task", CODE),
		NUMBER_FIELD("state", SY__V1__TASK_STATE__TASK_DONE, SY__V1__TASK_STATE__TASK_DECLINED,
		"does not say what became of it"), FIELD("text", SAID) },
	[FACT_LINK] = { FIELD("matter", CASE_OR_NO) },
	[FACT_MARK_REPEAT] = { FIELD("repeat_of", CASE_OR_NO) },
	[FACT_FLAG_RED_LINE] = { FIELD("red_line", CODE) },
	[FACT_DECIDE_RED_LINE] = { NUMBER_FIELD("outcome", SY__V1__RED_LINE_OUTCOME__RED_LINE_CONFIRMED, SY__V1__RED_LINE_OUTCOME__RED_LINE_DISMISSED,
		"does not say what became of it"), FIELD("text", SAID) },
	[FACT_ATTACH_FILE] = { FIELD("attachment", CODE) },
	[FACT_KEEP_LOOKUP] = { FIELD("lookup", CODE), FIELD("item", CODE) },
};
/* clang-format on */

/* Nobody promises further ahead. */
#define DUE_AHEAD_US (3660 * US_PER_DAY)

static bool bad(struct problem *problem, const char *field, const char *text)
{
	*problem = (struct problem){ SY__V1__ERROR_CODE__INVALID, field, text };
	return false;
}

static bool text_check(const char *text, const struct field_rule *rule,
		       struct problem *problem)
{
	uint8_t id[UUID_BYTES];
	bool may_be_empty =
		rule->need == CODE_OR_NO || rule->need == CASE_OR_NO;

	if (text[0] == '\0')
		return may_be_empty || bad(problem, rule->field, "is missing");
	if (rule->need == CODE || rule->need == CODE_OR_NO)
		return code_check(text, rule->field, problem);
	if (rule->need != SAID && uuid_parse(text, id) < 0)
		return bad(problem, rule->field, "is not a UUID");
	return true;
}

static bool time_check(int64_t us, const struct field_rule *rule,
		       int64_t occurred_us, struct problem *problem)
{
	if (us == 0)
		return rule->need == TIME_OR_NO ||
		       bad(problem, rule->field, "is missing");
	if (us <= occurred_us)
		return bad(problem, rule->field, "does not lie ahead");
	if (us > occurred_us + DUE_AHEAD_US)
		return bad(problem, rule->field,
			   "lies more than ten years ahead");
	return true;
}

static bool field_check(const struct asked *a, const struct field_rule *rule,
			struct problem *problem)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(
			a->request->descriptor, rule->field);
	const void *at = (const char *)a->request + f->offset;
	uint32_t number;

	switch (rule->need) {
	case SAID:
	case CODE:
	case CODE_OR_NO:
	case CASE:
	case CASE_OR_NO:
		return text_check(*(const char *const *)at, rule, problem);
	case NUMBER:
		number = *(const uint32_t *)at;
		return (number >= rule->min && number <= rule->max) ||
		       bad(problem, rule->field, rule->range);
	case AMOUNT:
		return *(const int64_t *)at >= 0 ||
		       bad(problem, rule->field, "is less than nothing");
	case TIME:
	case TIME_OR_NO:
		return time_check(*(const int64_t *)at, rule,
				  a->fact.occurred_at_us, problem);
	case TRUE:
		return *(const protobuf_c_boolean *)at != 0 ||
		       bad(problem, rule->field, "is required");
	}
	return false;
}

static bool is_currency(const char *text)
{
	return strlen(text) == 3 &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

/* What more than one field says. */
static bool together_check(const struct asked *a, struct problem *problem)
{
	if (a->fact.type == FACT_ROUTE) {
		const Sy__V1__RouteAppealRequest *req =
			(const Sy__V1__RouteAppealRequest *)a->request;

		return req->unit[0] != '\0' || req->department[0] != '\0' ||
		       req->handler[0] != '\0' ||
		       bad(problem, "", "a routing says nothing");
	}
	if (a->fact.type == FACT_OPEN_TASK) {
		const Sy__V1__OpenTaskRequest *req =
			(const Sy__V1__OpenTaskRequest *)a->request;

		return req->unit[0] != '\0' || req->department[0] != '\0' ||
		       bad(problem, "unit", "is missing, and no department");
	}
	if (a->fact.type == FACT_SETTLE_PROMISE) {
		const Sy__V1__SettlePromiseRequest *req =
			(const Sy__V1__SettlePromiseRequest *)a->request;
		bool again = req->state ==
			     SY__V1__PROMISE_STATE__PROMISE_RENEGOTIATED;

		return again == (req->due_us != 0) ||
		       bad(problem, "due_us",
			   again ? "is missing" : "is only of another time");
	}
	if (a->fact.type == FACT_PROPOSE_REMEDY) {
		const Sy__V1__ProposeRemedyRequest *req =
			(const Sy__V1__ProposeRemedyRequest *)a->request;

		if (req->amount_minor == 0)
			return req->currency[0] == '\0' ||
			       bad(problem, "amount_minor", "is missing");
		return is_currency(req->currency) ||
		       bad(problem, "currency", "is not three capital letters");
	}
	return a->fact.type != FACT_ATTACH_FILE ||
	       attachment_check((const Sy__V1__AttachFileRequest *)a->request,
				problem);
}

bool asked_check_life(const struct asked *asked, struct problem *problem_r)
{
	const struct field_rule *rule = rules[asked->fact.type];

	for (; rule->field != NULL; rule++) {
		if (!field_check(asked, rule, problem_r))
			return false;
	}
	return together_check(asked, problem_r);
}
