/* feeds_list.c -- the feeds that a principal may see, and how each goes. */
#include <string.h>

#include "feeds.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000

enum {
	CODE,
	VERSION,
	BODY,
	CHANGED_AT,
	CHANGED_BY,
	ASKED_AT,
	ANSWERED_AT,
	NEXT_AT,
	FAILURES,
	PROBLEM,
	MENTIONS,
	LAST_MENTION_AT,
	BYTES,
	UNCHANGED,
	REFUSED,
};

static Sy__V1__FeedState *state_of(struct arena *arena,
				   const struct db_result *res, int row)
{
	Sy__V1__FeedState *s = arena_alloc(arena, sizeof(*s));

	sy__v1__feed_state__init(s);
	s->asked_at_us = db_get_time(res, 0, row, ASKED_AT);
	s->answered_at_us = db_get_time(res, 0, row, ANSWERED_AT);
	s->next_at_us = db_get_time(res, 0, row, NEXT_AT);
	s->failures = (uint32_t)db_get_i32(res, 0, row, FAILURES);
	s->problem = (char *)db_get_text(res, 0, row, PROBLEM);
	s->mentions = (uint64_t)db_get_i64(res, 0, row, MENTIONS);
	s->last_mention_at_us = db_get_time(res, 0, row, LAST_MENTION_AT);
	s->bytes = (uint64_t)db_get_i64(res, 0, row, BYTES);
	s->unchanged = (uint64_t)db_get_i64(res, 0, row, UNCHANGED);
	s->refused = (uint64_t)db_get_i64(res, 0, row, REFUSED);
	return s;
}

static Sy__V1__Feed *feed_of(struct arena *arena, const struct db_result *res,
			     int row)
{
	size_t len;
	const uint8_t *body = db_get_bytes(res, 0, row, BODY, &len);
	Sy__V1__Feed *feed = sy__v1__feed__unpack(&arena->allocator, len, body);

	if (feed == NULL)
		return NULL;
	feed->version = (uint32_t)db_get_i32(res, 0, row, VERSION);
	feed->changed_at_us = db_get_time(res, 0, row, CHANGED_AT);
	feed->changed_by = (char *)db_get_text(res, 0, row, CHANGED_BY);
	if (!db_is_null(res, 0, row, ASKED_AT))
		feed->state = state_of(arena, res, row);
	return feed;
}

static uint32_t limit_of(const Sy__V1__ListFeedsRequest *asked)
{
	return asked->limit == 0          ? LIMIT_DEFAULT
	       : asked->limit < LIMIT_MAX ? asked->limit
					  : LIMIT_MAX;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	const struct social *svc = bus_request_svc(req);
	uint32_t limit = limit_of((const void *)bus_request_message(req));
	Sy__V1__ListFeedsReply reply = SY__V1__LIST_FEEDS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.feeds = arena_alloc(arena, (limit + 1) * sizeof(reply.feeds[0]));
	for (int row = 0; row < db_rows(res, 0) && row < (int)limit; row++) {
		Sy__V1__Feed *feed = feed_of(arena, res, row);

		if (feed != NULL &&
		    social_sees(svc, bus_request_grant(req), feed->unit))
			reply.feeds[reply.n_feeds++] = feed;
	}
	if (db_rows(res, 0) > (int)limit)
		reply.next_cursor =
			(char *)db_get_text(res, 0, (int)limit - 1, CODE);
	bus_reply(req, &reply.base);
}

void handle_list_feeds(struct bus_request *req)
{
	const Sy__V1__ListFeedsRequest *asked =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, FEEDS_SQL_LIST);
	db_text(pipe, asked->cursor);
	db_bool(pipe, asked->ended);
	db_i64(pipe, limit_of(asked) + 1);
	db_pipe_run(pipe, listed_cb, req);
}
