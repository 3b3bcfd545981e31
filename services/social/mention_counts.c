/* mention_counts.c -- GetMentionCounts: exact sums out of the tallies, those
 * that are not folded yet among them.
 */
#include <string.h>

#include "mention_read.h"
#include "timeutil.h"

#define SPLITS_MAX 3
#define LIMIT_DEFAULT 1000
#define LIMIT_MAX 10000
/* A year of hours, and a leap day. */
#define HOURS_MAX (366 * 24)

struct counting {
	struct bus_request *req;
	const Sy__V1__GetMentionCountsRequest *msg;
	const char *root;
	uint32_t limit;
};

/* What is selected, as text, for each sy.v1.MentionSplit. Units: the child of
 * the asked one that the counted one lies under; itself where it is none. */
static const char *const keys[] = {
	[SY__V1__MENTION_SPLIT__SPLIT_HOUR] = "t.hour",
	[SY__V1__MENTION_SPLIT__SPLIT_DAY] = "t.hour / 24",
	[SY__V1__MENTION_SPLIT__SPLIT_UNIT] = "COALESCE(c.child, t.unit)",
	[SY__V1__MENTION_SPLIT__SPLIT_TOPIC] = "t.topic",
	[SY__V1__MENTION_SPLIT__SPLIT_CLASS] = "t.mention_class",
	[SY__V1__MENTION_SPLIT__SPLIT_SENTIMENT] = "t.sentiment",
	[SY__V1__MENTION_SPLIT__SPLIT_SOURCE] = "t.source",
};
#define KEYS_NR (sizeof(keys) / sizeof(keys[0]))

static bool splits_by(const struct counting *c, Sy__V1__MentionSplit split)
{
	for (size_t i = 0; i < c->msg->n_split_by; i++)
		if (c->msg->split_by[i] == split)
			return true;
	return false;
}

static bool bad(struct bus_request *req, const char *field, const char *text)
{
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s", text);
	return false;
}

static bool asked(struct counting *c)
{
	const Sy__V1__GetMentionCountsRequest *msg = c->msg;

	if (!social_code_good(c->req, msg->source, "source") ||
	    !social_code_good(c->req, msg->topic, "topic"))
		return false;
	if (msg->to_hour <= msg->from_hour || msg->from_hour < 0 ||
	    msg->to_hour - msg->from_hour > HOURS_MAX ||
	    msg->to_hour > INT32_MAX)
		return bad(c->req, "to_hour",
			   "wants 1 to 8784 hours after from_hour");
	if (msg->n_split_by > SPLITS_MAX)
		return bad(c->req, "split_by", "wants at most 3");
	for (size_t i = 0; i < msg->n_split_by; i++)
		if (msg->split_by[i] < 1 || (size_t)msg->split_by[i] >= KEYS_NR)
			return bad(c->req, "split_by", "holds an unknown one");
	if (msg->limit > LIMIT_MAX)
		return bad(c->req, "limit", "wants at most 10000");
	c->limit = msg->limit != 0 ? msg->limit : LIMIT_DEFAULT;
	return true;
}

static void put_text(struct db_pipe *pipe, const char *before,
		     const char *value)
{
	db_sql(pipe, before);
	db_sql_param(pipe, "text");
	db_text(pipe, value);
}

static void put_int(struct db_pipe *pipe, const char *before, int64_t value)
{
	db_sql(pipe, before);
	db_sql_param(pipe, "bigint");
	db_i64(pipe, value);
}

/* The tree of today. */
#define TODAY(p)                                                               \
	"(" p ".to_day = 0 OR " p ".to_day > extract(epoch FROM now()) /"      \
	" 86400) AND " p ".from_day <= extract(epoch FROM now()) / 86400"

static void put_children(struct db_pipe *pipe, const struct counting *c)
{
	put_text(pipe,
		 " LEFT JOIN (SELECT p.unit COLLATE \"C\" AS unit,"
		 " min(p.ancestor) AS child FROM dir_unit_path p JOIN"
		 " (SELECT DISTINCT u.code FROM dir_unit u"
		 " WHERE (u.valid_to_day = 0 OR u.valid_to_day >"
		 " extract(epoch FROM now()) / 86400) AND u.valid_from_day <="
		 " extract(epoch FROM now()) / 86400 AND u.parent = ",
		 c->root);
	db_sql(pipe, ") d ON d.code = p.ancestor WHERE " TODAY(
			     "p") " GROUP BY p.unit) c ON c.unit = t.unit");
}

static void put_filters(struct db_pipe *pipe, const struct counting *c)
{
	const Sy__V1__GetMentionCountsRequest *msg = c->msg;

	put_int(pipe, " WHERE t.hour >= ", msg->from_hour);
	put_int(pipe, " AND t.hour < ", msg->to_hour);
	if (msg->source[0] != '\0')
		put_text(pipe, " AND t.source = ", msg->source);
	if (msg->topic[0] != '\0')
		put_text(pipe, " AND t.topic = ", msg->topic);
	if (msg->mention_class != 0)
		put_int(pipe,
			" AND t.mention_class = ", (int64_t)msg->mention_class);
	if (msg->sentiment != 0)
		put_int(pipe, " AND t.sentiment = ", (int64_t)msg->sentiment);
	if (c->root[0] != '\0') {
		put_text(pipe,
			 " AND t.unit IN (SELECT s.unit COLLATE \"C\""
			 " FROM dir_unit_path s WHERE " TODAY(
				 "s") " AND"
				      " s.ancestor = ",
			 c->root);
		db_sql(pipe, ")");
	}
}

static void put_question(struct db_pipe *pipe, const struct counting *c)
{
	const Sy__V1__GetMentionCountsRequest *msg = c->msg;
	static const char *const places[SPLITS_MAX] = { "1", "2", "3" };

	db_exec_composed(pipe);
	db_sql(pipe, "SELECT ");
	for (size_t i = 0; i < msg->n_split_by; i++) {
		db_sql(pipe, "(");
		db_sql(pipe, keys[msg->split_by[i]]);
		db_sql(pipe, ")::text, ");
	}
	db_sql(pipe, "COALESCE(sum(t.mentions), 0)::bigint,"
		     " COALESCE(sum(t.reach), 0)::bigint FROM tally_now t");
	if (splits_by(c, SY__V1__MENTION_SPLIT__SPLIT_UNIT))
		put_children(pipe, c);
	put_filters(pipe, c);
	for (size_t i = 0; i < msg->n_split_by; i++) {
		db_sql(pipe, i == 0 ? " GROUP BY " : ", ");
		db_sql(pipe, places[i]);
	}
	if (msg->n_split_by > 0)
		db_sql(pipe, " HAVING sum(t.mentions) <> 0"
			     " OR sum(t.reach) <> 0");
	for (size_t i = 0; i < msg->n_split_by; i++) {
		db_sql(pipe, i == 0 ? " ORDER BY " : ", ");
		db_sql(pipe, places[i]);
	}
	put_int(pipe, " LIMIT ", (int64_t)c->limit + 1);
}

static Sy__V1__MentionCount *count_of(struct arena *arena,
				      const struct counting *c,
				      const struct db_result *res, int row)
{
	Sy__V1__MentionCount *count = arena_alloc(arena, sizeof(*count));
	int col = 0;

	sy__v1__mention_count__init(count);
	count->keys = arena_alloc(arena, SPLITS_MAX * sizeof(char *));
	for (size_t i = 0; i < c->msg->n_split_by; i++)
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
	reply.truncated = n > c->limit;
	reply.counts = arena_alloc(arena, (n + 1) * sizeof(void *));
	for (size_t i = 0; i < n && i < c->limit; i++)
		reply.counts[reply.n_counts++] =
			count_of(arena, c, res, (int)i);
	bus_reply(c->req, &reply.base);
}

void handle_get_mention_counts(struct bus_request *req)
{
	struct counting *c = arena_alloc(bus_request_arena(req), sizeof(*c));
	struct db_pipe *pipe;

	c->req = req;
	c->msg = (const void *)bus_request_message(req);
	if (!asked(c) || !social_scope(req, c->msg->unit, &c->root))
		return;
	pipe = bus_request_pipe(req);
	put_question(pipe, c);
	db_pipe_run(pipe, counted_cb, c);
}
