/* mention_counts.c -- GetMentionCounts: exact sums out of the tallies, those
 * that are not folded yet among them.
 */
#include <string.h>

#include "mention_read.h"
#include "timeutil.h"
#include "warnings.h"

#define LIMIT_DEFAULT 1000
#define LIMIT_MAX 10000
/* A year of hours, and a leap day. */
#define HOURS_MAX (366 * 24)

struct counting {
	struct bus_request *req;
	struct mention_counts_ask ask;
};

static bool bad(struct bus_request *req, const char *field, const char *text)
{
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s", text);
	return false;
}

static bool asked(struct counting *c)
{
	const Sy__V1__GetMentionCountsRequest *msg = c->ask.msg;

	if (!social_code_good(c->req, msg->source, "source") ||
	    !social_code_good(c->req, msg->topic, "topic"))
		return false;
	if (msg->to_hour <= msg->from_hour || msg->from_hour < 0 ||
	    msg->to_hour - msg->from_hour > HOURS_MAX ||
	    msg->to_hour > INT32_MAX)
		return bad(c->req, "to_hour",
			   "wants 1 to 8784 hours after from_hour");
	if (msg->n_split_by > MENTION_SPLITS_MAX)
		return bad(c->req, "split_by", "wants at most 3");
	for (size_t i = 0; i < msg->n_split_by; i++)
		if (msg->split_by[i] < 1 ||
		    msg->split_by[i] > SY__V1__MENTION_SPLIT__SPLIT_SOURCE)
			return bad(c->req, "split_by", "holds an unknown one");
	if (msg->limit > LIMIT_MAX)
		return bad(c->req, "limit", "wants at most 10000");
	c->ask.limit = msg->limit != 0 ? msg->limit : LIMIT_DEFAULT;
	return true;
}

static Sy__V1__MentionCount *count_of(struct arena *arena,
				      const struct counting *c,
				      const struct db_result *res, int row)
{
	Sy__V1__MentionCount *count = arena_alloc(arena, sizeof(*count));
	int col = 0;

	sy__v1__mention_count__init(count);
	count->keys = arena_alloc(arena, MENTION_SPLITS_MAX * sizeof(char *));
	for (size_t i = 0; i < c->ask.msg->n_split_by; i++)
		count->keys[count->n_keys++] =
			arena_strdup(arena, db_get_text(res, 0, row, col++));
	count->mentions = db_get_i64(res, 0, row, col++);
	count->reach = db_get_i64(res, 0, row, col++);
	return count;
}

static void counted_cb(const struct db_result *res, void *arg)
{
	struct counting *c = arg;
	struct arena *arena = bus_request_arena(c->req);
	Sy__V1__GetMentionCountsReply reply =
		SY__V1__GET_MENTION_COUNTS_REPLY__INIT;
	size_t n;

	if (bus_reply_db_error(c->req, res))
		return;
	n = (size_t)db_rows(res, 0);
	reply.truncated = n > c->ask.limit;
	reply.counts = arena_alloc(arena, (n + 1) * sizeof(void *));
	for (size_t i = 0; i < n && i < c->ask.limit; i++)
		reply.counts[reply.n_counts++] =
			count_of(arena, c, res, (int)i);
	reply.gaps = warn_gaps_take(res, 1, arena, &reply.n_gaps);
	bus_reply(c->req, &reply.base);
}

void handle_get_mention_counts(struct bus_request *req)
{
	struct counting *c = arena_alloc(bus_request_arena(req), sizeof(*c));
	struct db_pipe *pipe;

	c->req = req;
	c->ask.msg = (const void *)bus_request_message(req);
	if (!asked(c) || !social_scope(req, c->ask.msg->unit, &c->ask.root))
		return;
	pipe = bus_request_pipe(req);
	mention_counts_put(pipe, &c->ask);
	warn_gaps_ask(pipe, c->ask.msg->source,
		      c->ask.msg->from_hour * US_PER_HOUR,
		      c->ask.msg->to_hour * US_PER_HOUR);
	db_pipe_run(pipe, counted_cb, c);
}
