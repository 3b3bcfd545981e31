/* desk_drafts.c -- what somebody is about to say on a case, and who else has it
 * open. Heartbeats and autosaves are statements of their own, outside of the
 * batches: they are worth nothing a minute later, and repeating them is safe.
 */
#include <string.h>

#include "desk.h"

/* --- drafts --- */

static void saved_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__SaveDraftRequest *msg =
		(const void *)bus_request_message(req);
	Sy__V1__SaveDraftReply reply = SY__V1__SAVE_DRAFT_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	if (msg->text[0] != '\0' && db_rows(res, 0) == 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__STATE, "appeal_id",
				"was erased: nothing is kept of it");
		return;
	}
	reply.saved_at_us = db_get_time(res, 0, 0, 0);
	bus_reply(req, &reply.base);
}

static void save_case_cb(struct bus_request *req, const struct desk_case *c)
{
	const Sy__V1__SaveDraftRequest *msg =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_pipe(req);
	bool keep = msg->text[0] != '\0';

	db_exec(pipe, keep ? DESK_SQL_DRAFT_PUT : DESK_SQL_DRAFT_DROP);
	db_text(pipe, bus_request_principal(req));
	db_uuid(pipe, c->id);
	db_text(pipe, msg->kind);
	if (keep) {
		db_text(pipe, msg->text);
		db_text(pipe, msg->template_);
	}
	db_pipe_run(pipe, saved_cb, req);
}

void handle_save_draft(struct bus_request *req)
{
	const Sy__V1__SaveDraftRequest *msg =
		(const void *)bus_request_message(req);
	const struct bus_method *method = parts_method(msg->kind);
	struct desk_fault fault;

	if (!draft_check(msg, &fault)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, fault.field,
				"%s", fault.text);
		return;
	}
	if (method == NULL || method->kind != BUS_WRITE ||
	    !(method->roles & ROLE_HANDLER)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "kind",
				"is no method that writes");
		return;
	}
	desk_case_read(req, msg->appeal_id, save_case_cb);
}

Sy__V1__Draft *draft_fill(struct arena *arena, const struct db_result *res,
			  int st, int row)
{
	Sy__V1__Draft *d = arena_alloc(arena, sizeof(*d));

	sy__v1__draft__init(d);
	d->appeal_id = store_id_text(arena, res, st, row);
	d->kind = (char *)db_get_text(res, st, row, 1);
	d->text = (char *)db_get_text(res, st, row, 2);
	d->template_ = (char *)db_get_text(res, st, row, 3);
	d->saved_at_us = db_get_time(res, st, row, 4);
	return d;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListDraftsReply reply = SY__V1__LIST_DRAFTS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.n_drafts = (size_t)db_rows(res, 0);
	reply.drafts =
		arena_alloc(arena, (reply.n_drafts + 1) * sizeof(void *));
	for (size_t i = 0; i < reply.n_drafts; i++)
		reply.drafts[i] = draft_fill(arena, res, 0, (int)i);
	bus_reply(req, &reply.base);
}

void handle_list_drafts(struct bus_request *req)
{
	const Sy__V1__ListDraftsRequest *msg =
		(const void *)bus_request_message(req);
	uint8_t id[UUID_BYTES];
	struct db_pipe *pipe;

	if (msg->appeal_id[0] != '\0' && uuid_parse(msg->appeal_id, id) < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "appeal_id",
				"is not a UUID");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, DESK_SQL_DRAFTS);
	db_text(pipe, bus_request_principal(req));
	if (msg->appeal_id[0] != '\0')
		db_uuid(pipe, id);
	else
		db_null(pipe);
	db_pipe_run(pipe, listed_cb, req);
}

/* --- presence --- */

static void present_cb(const struct db_result *res, void *arg)
{
	enum { OTHERS = 1 };
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__SetPresenceReply reply = SY__V1__SET_PRESENCE_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.n_others = (size_t)db_rows(res, OTHERS);
	reply.others =
		arena_alloc(arena, (reply.n_others + 1) * sizeof(void *));
	for (size_t i = 0; i < reply.n_others; i++) {
		Sy__V1__Presence *p = arena_alloc(arena, sizeof(*p));

		sy__v1__presence__init(p);
		p->principal = (char *)db_get_text(res, OTHERS, (int)i, 0);
		p->writing = db_get_bool(res, OTHERS, (int)i, 1);
		p->seen_at_us = db_get_time(res, OTHERS, (int)i, 2);
		reply.others[i] = p;
	}
	bus_reply(req, &reply.base);
}

static void present_case_cb(struct bus_request *req, const struct desk_case *c)
{
	const Sy__V1__SetPresenceRequest *msg =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, msg->left ? DESK_SQL_PRESENT_DROP : DESK_SQL_PRESENT_PUT);
	db_uuid(pipe, c->id);
	db_text(pipe, bus_request_principal(req));
	if (!msg->left)
		db_bool(pipe, msg->writing);
	db_exec(pipe, DESK_SQL_PRESENT);
	db_uuid(pipe, c->id);
	db_text(pipe, bus_request_principal(req));
	db_pipe_run(pipe, present_cb, req);
}

void handle_set_presence(struct bus_request *req)
{
	const Sy__V1__SetPresenceRequest *msg =
		(const void *)bus_request_message(req);

	desk_case_read(req, msg->appeal_id, present_case_cb);
}
