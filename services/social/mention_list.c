/* mention_list.c -- ListMentions: newest first by publication. A page walks at
 * most WALK rows of the index by time, of a few units that of each; where the
 * filters are rarer than that, it comes with fewer rows and a cursor that goes
 * on behind what was walked.
 */
#include <stdio.h>
#include <string.h>

#include "mention_read.h"
#include "timeutil.h"

#define LIST_DEFAULT 50
#define LIST_MAX 200
#define WALK 20000
/* A subtree of so many units is read unit by unit. */
#define UNITS_FEW 200

struct listing {
	struct bus_request *req;
	const Sy__V1__ListMentionsRequest *msg;
	const char *root; /* of the subtree; "": everything */
	int64_t from_us, to_us;
	size_t limit;
	/* The page begins behind this one. */
	int64_t at_us, n;
	bool few; /* units in the subtree */
};

enum { PAGE, WALKED }; /* statements */

/* --- cursors: microseconds and number of the last row --- */

static char *cursor_make(struct arena *arena, int64_t at_us, int64_t n)
{
	return arena_printf(arena, "%lld.%lld", (long long)at_us, (long long)n);
}

static bool cursor_read(const char *text, int64_t *at_us_r, int64_t *n_r)
{
	long long at_us, n;
	int end = 0;

	if (sscanf(text, "%18lld.%18lld%n", &at_us, &n, &end) != 2 ||
	    text[end] != '\0' || at_us < TIME_MIN_US || n < 0)
		return false;
	*at_us_r = at_us;
	*n_r = n;
	return true;
}

/* --- the question --- */

static bool bad(struct bus_request *req, const char *field, const char *text)
{
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s", text);
	return false;
}

static bool asked(struct listing *l)
{
	const Sy__V1__ListMentionsRequest *msg = l->msg;

	if (!social_code_good(l->req, msg->source, "source") ||
	    !social_code_good(l->req, msg->lang, "lang") ||
	    !social_code_good(l->req, msg->topic, "topic") ||
	    !social_code_good(l->req, msg->watch, "watch"))
		return false;
	if (msg->limit > LIST_MAX)
		return bad(l->req, "limit", "wants at most 200");
	l->limit = msg->limit != 0 ? msg->limit : LIST_DEFAULT;
	l->at_us = time_now_us() + 2 * US_PER_DAY;
	l->n = INT64_MAX;
	l->from_us = TIME_MIN_US;
	l->to_us = l->at_us;
	if (msg->days != NULL && msg->days->from_day > 0)
		l->from_us = msg->days->from_day * US_PER_DAY;
	if (msg->days != NULL && msg->days->to_day > 0)
		l->to_us = msg->days->to_day * US_PER_DAY;
	if (msg->cluster_id[0] != '\0')
		return bad(l->req, "cluster_id", "cannot be asked for");
	if (msg->query[0] != '\0')
		return bad(l->req, "query", "cannot be asked for");
	if (l->to_us <= l->from_us)
		return bad(l->req, "days", "ends before it begins");
	if (msg->cursor[0] != '\0' &&
	    !cursor_read(msg->cursor, &l->at_us, &l->n))
		return bad(l->req, "cursor", "is none of this list");
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

static void put_time(struct db_pipe *pipe, const char *before, int64_t us)
{
	db_sql(pipe, before);
	db_sql_param(pipe, "timestamptz");
	db_time(pipe, us);
}

/* What the index by time knows. */
static void put_window(struct db_pipe *pipe, const struct listing *l)
{
	put_time(pipe, " m.published_at >= ", l->from_us);
	put_time(pipe, " AND m.published_at < ", l->to_us);
	put_time(pipe, " AND (m.published_at, m.n) < (", l->at_us);
	put_int(pipe, ", ", l->n);
	db_sql(pipe, ")");
}

static void put_filters(struct db_pipe *pipe, const struct listing *l)
{
	const Sy__V1__ListMentionsRequest *msg = l->msg;

	db_sql(pipe, " NOT m.deleted");
	if (!msg->spam)
		db_sql(pipe, " AND NOT m.spam");
	if (msg->unsure)
		db_sql(pipe, " AND m.unsure");
	if (msg->source[0] != '\0')
		put_text(pipe, " AND m.source = ", msg->source);
	if (msg->lang[0] != '\0')
		put_text(pipe, " AND m.lang = ", msg->lang);
	if (msg->topic[0] != '\0')
		put_text(pipe, " AND m.topic = ", msg->topic);
	if (msg->mention_class != 0)
		put_int(pipe,
			" AND m.mention_class = ", (int64_t)msg->mention_class);
	if (msg->sentiment != 0)
		put_int(pipe, " AND m.sentiment = ", (int64_t)msg->sentiment);
	if (msg->watch[0] != '\0')
		put_text(pipe, " AND position(',' || ", msg->watch);
	if (msg->watch[0] != '\0')
		db_sql(pipe, " || ',' IN m.watches) > 0");
}

#define ORDER " ORDER BY m.published_at DESC, m.n DESC LIMIT "
#define WALKED_COLUMNS                                                         \
	"SELECT m.day, m.n, m.mention_id, m.published_at, m.accepted_at,"      \
	" m.deleted, m.spam, m.unsure, m.mention_class, m.sentiment,"          \
	" m.source, m.lang, m.topic, m.unit, m.watches, m.stored FROM "        \
	"mention m WHERE"
/* Of a subtree as it is today. */
#define SUBTREE                                                                \
	"SELECT p.unit COLLATE \"C\" AS unit FROM dir_unit_path p"             \
	" WHERE (p.to_day = 0 OR p.to_day > extract(epoch FROM now()) / "      \
	"86400)"                                                               \
	" AND p.from_day <= extract(epoch FROM now()) / 86400 AND p.ancestor " \
	"= "

/* The rows of the page, of a few units. */
static void put_few(struct db_pipe *pipe, const struct listing *l)
{
	put_text(pipe, "SELECT m.* FROM (" SUBTREE, l->root);
	db_sql(pipe, ") u CROSS JOIN LATERAL (" WALKED_COLUMNS
		     " m.unit = u.unit AND");
	put_window(pipe, l);
	db_sql(pipe, " AND");
	put_filters(pipe, l);
	put_int(pipe, ORDER, (int64_t)l->limit + 1);
	db_sql(pipe, ") m");
}

static void put_walk(struct db_pipe *pipe, const struct listing *l)
{
	db_sql(pipe, "SELECT m.* FROM (" WALKED_COLUMNS);
	put_window(pipe, l);
	put_int(pipe, ORDER, WALK);
	db_sql(pipe, ") m WHERE");
	put_filters(pipe, l);
	if (l->root[0] != '\0') {
		put_text(pipe, " AND m.unit IN (" SUBTREE, l->root);
		db_sql(pipe, ")");
	}
}

static void put_page(struct db_pipe *pipe, const struct listing *l)
{
	db_exec_composed(pipe);
	db_sql(pipe, "SELECT " MENTION_COLUMNS ", m.n FROM (");
	if (l->few)
		put_few(pipe, l);
	else
		put_walk(pipe, l);
	put_int(pipe, ORDER, (int64_t)l->limit + 1);
	db_sql(pipe, ") m JOIN mention_key k ON k.mention_id = m.mention_id"
		     " LEFT JOIN mention_text t ON t.day = m.day AND t.n = m.n"
		     " ORDER BY m.published_at DESC, m.n DESC");
}

/* Where a walk ends that is as long as it may be. */
static void put_walked(struct db_pipe *pipe, const struct listing *l)
{
	db_exec_composed(pipe);
	db_sql(pipe, "SELECT m.published_at, m.n FROM mention m WHERE");
	put_window(pipe, l);
	put_int(pipe, " ORDER BY m.published_at DESC, m.n DESC OFFSET ",
		WALK - 1);
	db_sql(pipe, " LIMIT 1");
}

/* --- the answer --- */

static void listed_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;
	struct arena *arena = bus_request_arena(l->req);
	bool personal = bus_request_grant(l->req)->roles & ROLE_HANDLER;
	Sy__V1__ListMentionsReply reply = SY__V1__LIST_MENTIONS_REPLY__INIT;
	size_t n;

	if (bus_reply_db_error(l->req, res))
		return;
	n = (size_t)db_rows(res, PAGE);
	reply.mentions = arena_alloc(arena, (n + 1) * sizeof(void *));
	for (size_t i = 0; i < n && i < l->limit; i++)
		reply.mentions[reply.n_mentions++] =
			mention_of_row(arena, res, PAGE, (int)i, personal);
	if (n > l->limit)
		reply.next_cursor = cursor_make(
			arena,
			reply.mentions[l->limit - 1]->facts->published_at_us,
			db_get_i64(res, PAGE, (int)l->limit - 1,
				   MENTION_COLUMNS_NR));
	else if (!l->few && db_rows(res, WALKED) == 1)
		reply.next_cursor =
			cursor_make(arena, db_get_time(res, WALKED, 0, 0),
				    db_get_i64(res, WALKED, 0, 1));
	bus_reply(l->req, &reply.base);
}

static void list(struct listing *l)
{
	struct db_pipe *pipe = bus_request_pipe(l->req);

	put_page(pipe, l);
	if (!l->few)
		put_walked(pipe, l);
	db_pipe_run(pipe, listed_cb, l);
}

static void counted_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;

	if (bus_reply_db_error(l->req, res))
		return;
	l->few = db_get_i64(res, 0, 0, 0) <= UNITS_FEW;
	list(l);
}

/* How many units there are, as far as it matters. */
static void count(struct listing *l)
{
	struct db_pipe *pipe = bus_request_pipe(l->req);

	db_exec_composed(pipe);
	put_text(pipe, "SELECT count(*) FROM (" SUBTREE, l->root);
	put_int(pipe, " LIMIT ", UNITS_FEW + 1);
	db_sql(pipe, ") s");
	db_pipe_run(pipe, counted_cb, l);
}

void handle_list_mentions(struct bus_request *req)
{
	struct listing *l = arena_alloc(bus_request_arena(req), sizeof(*l));

	l->req = req;
	l->msg = (const void *)bus_request_message(req);
	if (!asked(l) || !social_scope(req, l->msg->unit, &l->root))
		return;
	if (l->root[0] != '\0')
		count(l);
	else
		list(l);
}
