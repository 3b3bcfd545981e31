/* watch_list.c -- the rules with what they found and how often that was right,
 * and the versions of one.
 */
#include <string.h>

#include "mention_read.h"
#include "stats/interval.h"
#include "watches.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000

struct listing {
	struct bus_request *req;
	size_t limit;
};

static Sy__V1__Watch *watch_of(struct arena *arena, const struct db_result *res,
			       int row, int col)
{
	size_t len;
	const uint8_t *bytes = db_get_bytes(res, 0, row, col, &len);

	return sy__v1__watch__unpack(&arena->allocator, len, bytes);
}

static void take_counts(Sy__V1__Watch *w, const struct db_result *res, int row)
{
	int64_t hits = db_get_i64(res, 0, row, 1);
	struct interval precision;

	w->hits = hits > 0 ? (uint64_t)hits : 0;
	w->judged = (uint64_t)db_get_i64(res, 0, row, 2);
	w->right = (uint64_t)db_get_i64(res, 0, row, 3);
	if (w->judged == 0)
		return;
	precision = wilson_interval((int64_t)w->right, (int64_t)w->judged);
	w->precision_low = precision.low;
	w->precision_high = precision.high;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;
	struct arena *arena = bus_request_arena(l->req);
	Sy__V1__ListWatchesReply reply = SY__V1__LIST_WATCHES_REPLY__INIT;
	size_t rows;

	if (bus_reply_db_error(l->req, res))
		return;
	rows = (size_t)db_rows(res, 0);
	reply.watches = arena_alloc(arena, (rows + 1) * sizeof(void *));
	for (size_t i = 0; i < rows && i < l->limit; i++) {
		Sy__V1__Watch *w = watch_of(arena, res, (int)i, 0);

		take_counts(w, res, (int)i);
		reply.watches[reply.n_watches++] = w;
	}
	if (rows > l->limit)
		reply.next_cursor = reply.watches[l->limit - 1]->code;
	bus_reply(l->req, &reply.base);
}

void handle_list_watches(struct bus_request *req)
{
	const Sy__V1__ListWatchesRequest *asked =
		(const void *)bus_request_message(req);
	struct listing *l = arena_alloc(bus_request_arena(req), sizeof(*l));
	struct watch_list_ask ask = {
		.after = asked->cursor,
		.ended = asked->ended,
		.limit = asked->limit != 0 ? asked->limit : LIMIT_DEFAULT,
	};
	struct db_pipe *pipe;

	if (asked->limit > LIMIT_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"wants at most %d", LIMIT_MAX);
		return;
	}
	if (!social_code_good(req, asked->cursor, "cursor") ||
	    !social_scope(req, "", &ask.root))
		return;
	l->req = req;
	l->limit = ask.limit;
	pipe = bus_request_pipe(req);
	watches_put_list(pipe, &ask);
	db_pipe_run(pipe, listed_cb, l);
}

/* --- versions --- */

static void versions_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListWatchesReply reply = SY__V1__LIST_WATCHES_REPLY__INIT;
	int rows;

	if (bus_reply_db_error(req, res))
		return;
	rows = db_rows(res, 0);
	/* the same answer as for none */
	if (rows == 0 ||
	    !social_sees(bus_request_svc(req), bus_request_grant(req),
			 db_get_text(res, 0, 0, 0))) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"no such rule");
		return;
	}
	reply.watches = arena_alloc(arena, (size_t)rows * sizeof(void *));
	for (int row = 0; row < rows; row++)
		reply.watches[reply.n_watches++] = watch_of(arena, res, row, 1);
	bus_reply(req, &reply.base);
}

void handle_list_watch_versions(struct bus_request *req)
{
	const Sy__V1__ListWatchVersionsRequest *asked =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (!social_code_good(req, asked->code, "code"))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, WATCHES_SQL_VERSIONS);
	db_text(pipe, asked->code);
	db_pipe_run(pipe, versions_cb, req);
}
