/* mention_list.c -- ListMentions: newest first by publication. A page walks at
 * most MENTION_WALK rows of the index by time, of a few units that of each;
 * where the filters are rarer than that, it comes with fewer rows and a cursor
 * that goes on behind what was walked.
 */
#include <stdio.h>
#include <string.h>

#include "mention_read.h"
#include "timeutil.h"
#include "watches.h"

#define LIST_DEFAULT 50
#define LIST_MAX 200

struct listing {
	struct bus_request *req;
	struct mention_list_ask ask;
};

enum { PAGE, WALKED }; /* statements */

/* --- cursors: microseconds and number of the last row --- */

char *mention_cursor_make(struct arena *arena, int64_t at_us, int64_t n)
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
	const Sy__V1__ListMentionsRequest *msg = l->ask.msg;

	if (!social_code_good(l->req, msg->source, "source") ||
	    !social_code_good(l->req, msg->lang, "lang") ||
	    !social_code_good(l->req, msg->topic, "topic") ||
	    !social_code_good(l->req, msg->watch, "watch"))
		return false;
	if (msg->limit > LIST_MAX)
		return bad(l->req, "limit", "wants at most 200");
	l->ask.limit = msg->limit != 0 ? msg->limit : LIST_DEFAULT;
	l->ask.at_us = time_now_us() + 2 * US_PER_DAY;
	l->ask.n = INT64_MAX;
	l->ask.from_us = TIME_MIN_US;
	l->ask.to_us = l->ask.at_us;
	if (!social_days(l->req, msg->days, &l->ask.from_us, &l->ask.to_us))
		return false;
	l->ask.in_cluster = msg->cluster_id[0] != '\0';
	if (l->ask.in_cluster &&
	    uuid_parse(msg->cluster_id, l->ask.cluster) < 0)
		return bad(l->req, "cluster_id", "is not a UUID");
	if (msg->query[0] != '\0' &&
	    !(bus_request_grant(l->req)->roles & ROLE_HANDLER)) {
		bus_reply_error(l->req, SY__V1__ERROR_CODE__FORBIDDEN, "query",
				"asks for texts, which handlers read");
		return false;
	}
	if (l->ask.to_us <= l->ask.from_us)
		return bad(l->req, "days", "ends before it begins");
	if (msg->cursor[0] != '\0' &&
	    !cursor_read(msg->cursor, &l->ask.at_us, &l->ask.n))
		return bad(l->req, "cursor", "is none of this list");
	return true;
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
	for (size_t i = 0; i < n && i < l->ask.limit; i++) {
		Sy__V1__Mention *m =
			mention_of_row(arena, res, PAGE, (int)i, personal);

		if (m == NULL)
			continue;
		/* who asks for what a rule found wants to see where */
		if (l->ask.msg->watch[0] != '\0')
			watches_show(bus_request_svc(l->req), arena, m);
		reply.mentions[reply.n_mentions++] = m;
	}
	if (n > l->ask.limit)
		reply.next_cursor = mention_cursor_make(
			arena,
			db_get_time(res, PAGE, (int)l->ask.limit - 1,
				    MENTION_COLUMNS_NR + 1),
			db_get_i64(res, PAGE, (int)l->ask.limit - 1,
				   MENTION_COLUMNS_NR));
	else if (!l->ask.few && db_rows(res, WALKED) == 1)
		reply.next_cursor = mention_cursor_make(
			arena, db_get_time(res, WALKED, 0, 0),
			db_get_i64(res, WALKED, 0, 1));
	bus_reply(l->req, &reply.base);
}

static void list(struct listing *l)
{
	struct db_pipe *pipe;

	if (l->ask.msg->query[0] != '\0') {
		watch_scan_list(l->req, &l->ask, l->ask.limit);
		return;
	}
	pipe = bus_request_pipe(l->req);
	mention_list_put_page(pipe, &l->ask);
	if (!l->ask.few)
		mention_list_put_walked(pipe, &l->ask);
	db_pipe_run(pipe, listed_cb, l);
}

static void counted_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;

	if (bus_reply_db_error(l->req, res))
		return;
	l->ask.few = db_get_i64(res, 0, 0, 0) <= MENTION_UNITS_FEW;
	list(l);
}

/* How many units there are, as far as it matters. */
static void count(struct listing *l)
{
	struct db_pipe *pipe = bus_request_pipe(l->req);

	mention_list_put_units(pipe, &l->ask);
	db_pipe_run(pipe, counted_cb, l);
}

void handle_list_mentions(struct bus_request *req)
{
	struct listing *l = arena_alloc(bus_request_arena(req), sizeof(*l));

	l->req = req;
	l->ask.msg = (const void *)bus_request_message(req);
	if (!asked(l) || !social_scope(req, l->ask.msg->unit, &l->ask.root))
		return;
	if (l->ask.root[0] != '\0')
		count(l);
	else
		list(l);
}
