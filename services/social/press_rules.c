/* press_rules.c -- what may become of a question of the press. Pure. */
#include "press.h"

#include <string.h>

#define S(state) SY__V1__PRESS_STATE__PRESS_##state
#define STATES_NR (S(CLOSED) + 1)

#define LINE_MAX_BYTES 256
#define TEXT_MAX 65536
#define URL_MAX 2048
#define CODE_MAX 64
#define PUBLICATIONS_MAX 100

/* What it becomes, NONE: refused with the sentence. */
static const struct {
	Sy__V1__PressState to;
	const char *sentence;
} life[PRESS_STEPS][STATES_NR] = {
	[PRESS_PUT] = {
		[S(NONE)] = { S(ASKED), "the press has asked" },
		[S(ASKED)] = { S(ASKED), "nothing is agreed yet" },
		[S(AGREED)] = { S(NONE), "an agreed statement stands" },
		[S(PUBLISHED)] = { S(NONE), "a published statement stands" },
		[S(CLOSED)] = { S(NONE), "the question is closed" },
	},
	[PRESS_AGREE] = {
		[S(ASKED)] = { S(AGREED), "a second person agrees" },
		[S(AGREED)] = { S(NONE), "a statement is agreed once" },
		[S(PUBLISHED)] = { S(NONE), "a statement is agreed once" },
		[S(CLOSED)] = { S(NONE), "the question is closed" },
	},
	[PRESS_PUBLISH] = {
		[S(ASKED)] = { S(NONE), "nobody has agreed to the statement" },
		[S(AGREED)] = { S(PUBLISHED), "the press has the statement" },
		[S(PUBLISHED)] = { S(PUBLISHED), "it was published again" },
		[S(CLOSED)] = { S(NONE), "the question is closed" },
	},
	[PRESS_CLOSE] = {
		[S(ASKED)] = { S(CLOSED), "it needs no answer any more" },
		[S(AGREED)] = { S(CLOSED), "it needs no answer any more" },
		[S(PUBLISHED)] = { S(CLOSED), "nothing is left to do" },
		[S(CLOSED)] = { S(NONE), "it is closed once" },
	},
};

static bool no(struct press_problem *problem_r, Sy__V1__ErrorCode code,
	       const char *field, const char *text)
{
	*problem_r = (struct press_problem){ code, field, text };
	return false;
}

bool press_take(const Sy__V1__PressQuestion *press, enum press_step step,
		const char *by, Sy__V1__PressState *state_r,
		struct press_problem *problem_r)
{
	Sy__V1__PressState to = life[step][press->state].to;

	if (to == S(NONE))
		return no(problem_r, SY__V1__ERROR_CODE__STATE, "",
			  life[step][press->state].sentence);
	if (step == PRESS_AGREE && press->statement[0] == '\0')
		return no(problem_r, SY__V1__ERROR_CODE__STATE, "statement",
			  "is missing");
	/* four eyes */
	if (step == PRESS_AGREE && strcmp(press->drafted_by, by) == 0)
		return no(problem_r, SY__V1__ERROR_CODE__FORBIDDEN, "",
			  "its author cannot agree to it: another person must");
	if (step == PRESS_PUBLISH && press->n_published >= PUBLICATIONS_MAX)
		return no(problem_r, SY__V1__ERROR_CODE__STATE, "",
			  "was published as often as is kept");
	*state_r = to;
	return true;
}

static bool fits(const char *text, size_t max, const char *field,
		 struct press_problem *problem_r)
{
	return strlen(text) <= max ||
	       no(problem_r, SY__V1__ERROR_CODE__INVALID, field, "is too long");
}

static bool there(const char *text, const char *field,
		  struct press_problem *problem_r)
{
	return text[0] != '\0' ||
	       no(problem_r, SY__V1__ERROR_CODE__INVALID, field, "is missing");
}

static bool is_time(int64_t us, const char *field,
		    struct press_problem *problem_r)
{
	return us >= 0 || no(problem_r, SY__V1__ERROR_CODE__INVALID, field,
			     "lies before 1970");
}

bool press_check(const Sy__V1__PressQuestion *press,
		 struct press_problem *problem_r)
{
	uint8_t id[UUID_BYTES];

	if (!there(press->medium, "press.medium", problem_r) ||
	    !there(press->question, "press.question", problem_r) ||
	    !fits(press->medium, LINE_MAX_BYTES, "press.medium", problem_r) ||
	    !fits(press->asked_by, LINE_MAX_BYTES, "press.asked_by",
		  problem_r) ||
	    !fits(press->question, TEXT_MAX, "press.question", problem_r) ||
	    !fits(press->statement, TEXT_MAX, "press.statement", problem_r) ||
	    !fits(press->topic, CODE_MAX, "press.topic", problem_r) ||
	    !is_time(press->asked_at_us, "press.asked_at_us", problem_r) ||
	    !is_time(press->due_us, "press.due_us", problem_r))
		return false;
	if (press->cluster_id[0] != '\0' &&
	    uuid_parse(press->cluster_id, id) < 0)
		return no(problem_r, SY__V1__ERROR_CODE__INVALID,
			  "press.cluster_id", "is not a UUID");
	return press->due_us == 0 || press->asked_at_us == 0 ||
	       press->due_us > press->asked_at_us ||
	       no(problem_r, SY__V1__ERROR_CODE__INVALID, "press.due_us",
		  "lies before the question");
}

bool publication_check(const Sy__V1__PublishStatementRequest *req,
		       struct press_problem *problem_r)
{
	return there(req->where, "where", problem_r) &&
	       fits(req->where, LINE_MAX_BYTES, "where", problem_r) &&
	       fits(req->url, URL_MAX, "url", problem_r);
}
