/* reactions_get.c -- the queue of reactions, by priority and due first, and one
 * with its steps.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "reactions.h"
#include "timeutil.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 200
/* Later than any due time, and what 'infinity' is for PostgreSQL. */
#define NEVER_US INT64_C(4102444800000000)

/* Columns of a row; cases are those of ROW in reactions_store.c. */
enum { ID, REVISION, STORED, PRIORITY, NEXT_DUE, OPENED, TEXT, AUTHOR, URL };
enum { STEP, AT, BY, TEMPLATE, REASON, SAID, SAID_URL };

static bool may_read_personal(const struct bus_request *req)
{
	return (bus_request_grant(req)->roles & ROLE_HANDLER) != 0;
}

static char *id_of(struct arena *arena, const struct db_result *res, int st,
		   int row)
{
	size_t len;
	const uint8_t *id = db_get_bytes(res, st, row, ID, &len);
	char *text = arena_alloc(arena, UUID_TEXT_MAX);

	return len == UUID_BYTES ? uuid_format(id, text) : text;
}

Sy__V1__Reaction *reaction_of_row(struct arena *arena,
				  const struct db_result *res, int st, int row)
{
	Sy__V1__Reaction *r = arena_alloc(arena, sizeof(*r));
	Sy__V1__ReactionStored *stored;
	const uint8_t *bytes;
	size_t len;

	bytes = db_get_bytes(res, st, row, STORED, &len);
	if (bytes == NULL)
		return NULL;
	stored = sy__v1__reaction_stored__unpack(&arena->allocator, len, bytes);
	if (stored == NULL)
		return NULL;
	sy__v1__reaction__init(r);
	r->reaction_id = id_of(arena, res, st, row);
	r->revision = (uint64_t)db_get_i64(res, st, row, REVISION);
	r->facts = stored->facts;
	r->appeal_state = stored->appeal_state;
	r->appeal_external_id =
		stored->forwarded_at_us != 0 ? r->reaction_id : (char *)"";
	r->text = (char *)db_get_text(res, st, row, TEXT);
	r->author = (char *)db_get_text(res, st, row, AUTHOR);
	r->url = (char *)db_get_text(res, st, row, URL);
	return r;
}

/* --- one --- */

static void steps_fill(struct arena *arena, const struct db_result *res,
		       Sy__V1__Reaction *r)
{
	r->steps = arena_alloc(arena, ((size_t)db_rows(res, 1) + 1) *
					      sizeof(r->steps[0]));
	for (int row = 0; row < db_rows(res, 1); row++) {
		Sy__V1__ReactionStep *s = arena_alloc(arena, sizeof(*s));

		sy__v1__reaction_step__init(s);
		s->step = (char *)db_get_text(res, 1, row, STEP);
		s->at_us = db_get_time(res, 1, row, AT);
		s->by = (char *)db_get_text(res, 1, row, BY);
		s->template_ = (char *)db_get_text(res, 1, row, TEMPLATE);
		s->reason = (char *)db_get_text(res, 1, row, REASON);
		s->text = (char *)db_get_text(res, 1, row, SAID);
		s->url = (char *)db_get_text(res, 1, row, SAID_URL);
		r->steps[r->n_steps++] = s;
	}
}

static void got_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__Reaction *r;

	if (bus_reply_db_error(req, res))
		return;
	r = reaction_of_row(arena, res, 0, 0);
	/* the same answer as for none: ids of other units tell nothing */
	if (r == NULL || !social_sees(bus_request_svc(req),
				      bus_request_grant(req), r->facts->unit)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND,
				"reaction_id", "no such reaction");
		return;
	}
	steps_fill(arena, res, r);
	bus_reply(req, &r->base);
}

void handle_get_reaction(struct bus_request *req)
{
	const Sy__V1__GetReactionRequest *asked =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;
	uint8_t id[UUID_BYTES];

	if (uuid_parse(asked->reaction_id, id) < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "reaction_id",
				"is not a UUID");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, REACTIONS_SQL_GET);
	db_bool(pipe, may_read_personal(req));
	db_uuid(pipe, id);
	db_exec(pipe, REACTIONS_SQL_GET_STEPS);
	db_bool(pipe, may_read_personal(req));
	db_uuid(pipe, id);
	db_pipe_run(pipe, got_cb, req);
}

/* --- the queue --- */

struct place {
	int32_t priority;
	int64_t us;
	uint8_t id[UUID_BYTES];
};

struct listing {
	struct bus_request *req;
	bool queue; /* what waits for somebody; else the newest first */
	uint32_t limit;
};

static bool place_read(const char *cursor, bool queue, struct place *p_r)
{
	char id[UUID_TEXT_MAX] = "";

	*p_r = (struct place){ .priority = -1 };
	if (!queue) {
		p_r->us = NEVER_US;
		memset(p_r->id, 0xff, UUID_BYTES);
	}
	if (cursor[0] == '\0')
		return true;
	return sscanf(cursor, "%" SCNd32 ".%" SCNd64 ".%36s", &p_r->priority,
		      &p_r->us, id) == 3 &&
	       p_r->us > 0 && p_r->us <= NEVER_US &&
	       uuid_parse(id, p_r->id) == 0;
}

static char *place_text(struct arena *arena, const struct listing *l,
			const struct db_result *res, int row, const char *id)
{
	int64_t us = db_get_time(res, 0, row, l->queue ? NEXT_DUE : OPENED);

	return arena_printf(arena, "%d.%" PRId64 ".%s",
			    (int)db_get_i64(res, 0, row, PRIORITY),
			    us != 0 ? us : NEVER_US, id);
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;
	struct arena *arena = bus_request_arena(l->req);
	Sy__V1__ListReactionsReply reply = SY__V1__LIST_REACTIONS_REPLY__INIT;
	int rows;

	if (bus_reply_db_error(l->req, res))
		return;
	rows = db_rows(res, 0);
	reply.reactions =
		arena_alloc(arena, ((size_t)rows + 1) * sizeof(void *));
	for (int row = 0; row < rows && row < (int)l->limit; row++) {
		Sy__V1__Reaction *r = reaction_of_row(arena, res, 0, row);

		if (r == NULL)
			continue;
		reply.reactions[reply.n_reactions++] = r;
		if (row + 1 == (int)l->limit && rows > row + 1)
			reply.next_cursor =
				place_text(arena, l, res, row, r->reaction_id);
	}
	reply.open = (uint64_t)db_get_i64(res, 1, 0, 0);
	reply.overdue = (uint64_t)db_get_i64(res, 1, 0, 1);
	bus_reply(l->req, &reply.base);
}

static void filter(struct db_pipe *pipe, const struct bus_request *req,
		   const Sy__V1__ListReactionsRequest *asked, int state)
{
	db_bool(pipe, may_read_personal(req));
	db_text(pipe, bus_request_grant(req)->unit);
	db_text(pipe, asked->unit);
	db_i32(pipe, (int32_t)(time_now_us() / US_PER_DAY));
	db_i32(pipe, state);
	db_text(pipe, asked->owner);
	db_text(pipe, asked->source);
	db_text(pipe, asked->topic);
}

void handle_list_reactions(struct bus_request *req)
{
	const Sy__V1__ListReactionsRequest *asked =
		(const void *)bus_request_message(req);
	struct listing *l = arena_alloc(bus_request_arena(req), sizeof(*l));
	struct db_pipe *pipe;
	struct place p;

	l->req = req;
	l->limit = asked->limit != 0 ? asked->limit : LIMIT_DEFAULT;
	if (l->limit > LIMIT_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", LIMIT_MAX);
		return;
	}
	if (asked->state > SY__V1__REACTION_STATE__REACTION_MERGED) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "state",
				"is no state");
		return;
	}
	l->queue = asked->state == SY__V1__REACTION_STATE__REACTION_NONE ||
		   reaction_waits(asked->state);
	if (!place_read(asked->cursor, l->queue, &p)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "cursor",
				"is of no page of this list");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, l->queue ? REACTIONS_SQL_QUEUE : REACTIONS_SQL_HISTORY);
	filter(pipe, req, asked, (int)asked->state);
	if (l->queue)
		db_i32(pipe, p.priority);
	db_time(pipe, p.us != 0 ? p.us : 1);
	db_uuid(pipe, p.id);
	db_i64(pipe, l->limit + 1);
	db_exec(pipe, REACTIONS_SQL_COUNT);
	filter(pipe, req, asked, 0);
	db_pipe_run(pipe, listed_cb, l);
}
