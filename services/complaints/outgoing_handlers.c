/* outgoing_handlers.c -- what went out to customers and programs: about a case,
 * and of all cases what waits, was sent or has failed; one may be tried again.
 */
#include <stdlib.h>
#include <string.h>

#include "complaints.h"
#include "desk.h"

#define FIND_DEFAULT 100
#define FIND_MAX 500
#define CHANNEL_MAX 100 /* bytes; "webhook/" and its name are fewer */

/* --- what went out about a case --- */

enum { LIST_CASE, LIST_MESSAGES, LIST_ATTEMPTS };

static void attempts_fill(struct arena *arena, const struct db_result *res,
			  Sy__V1__Outgoing *o)
{
	int n = db_rows(res, LIST_ATTEMPTS);

	o->attempts =
		arena_alloc(arena, ((size_t)n + 1) * sizeof(o->attempts[0]));
	for (int row = 0; row < n; row++) {
		Sy__V1__OutgoingAttempt *a;

		if ((uint64_t)db_get_i64(res, LIST_ATTEMPTS, row, 0) !=
			    o->revision ||
		    strcmp(db_get_text(res, LIST_ATTEMPTS, row, 1),
			   o->channel) != 0)
			continue;
		a = arena_alloc(arena, sizeof(*a));
		sy__v1__outgoing_attempt__init(a);
		a->attempt = (uint32_t)db_get_i64(res, LIST_ATTEMPTS, row, 2);
		a->started_at_us = db_get_time(res, LIST_ATTEMPTS, row, 3);
		a->ended_at_us = db_get_time(res, LIST_ATTEMPTS, row, 4);
		a->outcome = (char *)db_get_text(res, LIST_ATTEMPTS, row, 5);
		a->status = (uint32_t)db_get_i64(res, LIST_ATTEMPTS, row, 6);
		o->attempts[o->n_attempts++] = a;
	}
}

Sy__V1__Outgoing *outgoing_fill(struct arena *arena,
				const struct db_result *res, int st, int row,
				bool personal)
{
	Sy__V1__Outgoing *o = arena_alloc(arena, sizeof(*o));

	sy__v1__outgoing__init(o);
	o->revision = (uint64_t)db_get_i64(res, st, row, 0);
	o->channel = (char *)db_get_text(res, st, row, 1);
	o->event = (char *)db_get_text(res, st, row, 2);
	o->template_ = (char *)db_get_text(res, st, row, 3);
	o->state = (Sy__V1__OutgoingState)db_get_i64(res, st, row, 4);
	o->created_at_us = db_get_time(res, st, row, 5);
	o->next_at_us = db_get_time(res, st, row, 6);
	o->sent_at_us = db_get_time(res, st, row, 7);
	if (personal) {
		o->subject = (char *)db_get_text(res, st, row, 8);
		o->body = (char *)db_get_text(res, st, row, 9);
	}
	return o;
}

static void outgoing_listed_cb(const struct db_result *res, void *arg)
{
	Sy__V1__ListOutgoingReply reply = SY__V1__LIST_OUTGOING_REPLY__INIT;
	struct bus_request *req = arg;
	struct complaints *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	const struct bus_grant *grant = bus_request_grant(req);
	bool personal = (grant->roles & ROLE_HANDLER) != 0;
	struct appeal_facts facts;

	if (bus_reply_db_error(req, res))
		return;
	if (db_rows(res, LIST_CASE) == 1)
		store_facts(arena, res, LIST_CASE, 0, STORE_FACTS_COL, &facts);
	if (db_rows(res, LIST_CASE) != 1 ||
	    !grant_reaches(svc->replica, grant, bus_request_principal(req),
			   db_get_text(res, LIST_CASE, 0, 1), &facts)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "appeal_id",
				"no such appeal");
		return;
	}
	reply.n_messages = (size_t)db_rows(res, LIST_MESSAGES);
	reply.messages = arena_alloc(arena, (reply.n_messages + 1) *
						    sizeof(reply.messages[0]));
	for (int row = 0; row < db_rows(res, LIST_MESSAGES); row++) {
		reply.messages[row] =
			outgoing_fill(arena, res, LIST_MESSAGES, row, personal);
		attempts_fill(arena, res, reply.messages[row]);
	}
	bus_reply(req, &reply.base);
}

void handle_list_outgoing(struct bus_request *req)
{
	const Sy__V1__ListOutgoingRequest *ask =
		(const void *)bus_request_message(req);
	uint8_t id[UUID_BYTES];
	struct db_pipe *pipe;

	if (uuid_parse(ask->appeal_id, id) < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "appeal_id",
				"is not a UUID");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_GET);
	db_uuid(pipe, id);
	db_text(pipe, "");
	db_text(pipe, "");
	db_bool(pipe, false);
	db_exec(pipe, SQL_MAIL + MAIL_OUTGOING_LIST);
	db_uuid(pipe, id);
	db_exec(pipe, SQL_MAIL + MAIL_OUTGOING_ATTEMPTS);
	db_uuid(pipe, id);
	db_pipe_run(pipe, outgoing_listed_cb, req);
}

/* --- of all cases --- */

/* Messages of every unit: False: answered. */
static bool sees_all(struct bus_request *req)
{
	if (bus_request_grant(req)->unit[0] == '\0')
		return true;
	bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "",
			"only somebody who sees all may look at all messages");
	return false;
}

/* "APPEAL_ID.REVISION.CHANNEL" */
static bool cursor_read(const char *cursor, uint8_t id_r[UUID_BYTES],
			int64_t *revision_r, const char **channel_r)
{
	char id[UUID_TEXT_MAX];
	char *end;

	if (strlen(cursor) < UUID_TEXT_MAX || cursor[UUID_TEXT_MAX - 1] != '.')
		return false;
	memcpy(id, cursor, UUID_TEXT_MAX - 1);
	id[UUID_TEXT_MAX - 1] = '\0';
	*revision_r = strtoll(cursor + UUID_TEXT_MAX, &end, 10);
	*channel_r = end + 1;
	return uuid_parse(id, id_r) == 0 && *end == '.';
}

static uint32_t find_limit(const Sy__V1__FindOutgoingRequest *ask)
{
	return ask->limit == 0 ? FIND_DEFAULT : ask->limit;
}

static Sy__V1__Outgoing *found_row(struct arena *arena,
				   const struct db_result *res, int row)
{
	Sy__V1__Outgoing *o = arena_alloc(arena, sizeof(*o));
	Sy__V1__OutgoingAttempt *a = arena_alloc(arena, sizeof(*a));

	sy__v1__outgoing__init(o);
	o->appeal_id = store_id_text(arena, res, 0, row);
	o->revision = (uint64_t)db_get_i64(res, 0, row, 1);
	o->channel = (char *)db_get_text(res, 0, row, 2);
	o->event = (char *)db_get_text(res, 0, row, 3);
	o->template_ = (char *)db_get_text(res, 0, row, 4);
	o->state = (Sy__V1__OutgoingState)db_get_i64(res, 0, row, 5);
	o->created_at_us = db_get_time(res, 0, row, 6);
	o->next_at_us = db_get_time(res, 0, row, 7);
	o->sent_at_us = db_get_time(res, 0, row, 8);
	sy__v1__outgoing_attempt__init(a);
	a->attempt = (uint32_t)db_get_i64(res, 0, row, 9);
	a->started_at_us = db_get_time(res, 0, row, 10);
	a->ended_at_us = db_get_time(res, 0, row, 11);
	a->outcome = (char *)db_get_text(res, 0, row, 12);
	a->status = (uint32_t)db_get_i64(res, 0, row, 13);
	if (a->attempt == 0)
		return o;
	o->n_attempts = 1;
	o->attempts = arena_alloc(arena, sizeof(o->attempts[0]));
	o->attempts[0] = a;
	return o;
}

static void found_cb(const struct db_result *res, void *arg)
{
	Sy__V1__FindOutgoingReply reply = SY__V1__FIND_OUTGOING_REPLY__INIT;
	struct bus_request *req = arg;
	const Sy__V1__FindOutgoingRequest *ask =
		(const void *)bus_request_message(req);
	struct arena *arena = bus_request_arena(req);
	size_t n;

	if (bus_reply_db_error(req, res))
		return;
	n = (size_t)db_rows(res, 0);
	reply.n_messages = n;
	reply.messages =
		arena_alloc(arena, (n + 1) * sizeof(reply.messages[0]));
	for (int row = 0; row < (int)n; row++)
		reply.messages[row] = found_row(arena, res, row);
	if (n > 0 && n == find_limit(ask)) {
		const Sy__V1__Outgoing *last = reply.messages[n - 1];

		reply.next_cursor = arena_printf(
			arena, "%s.%llu.%s", last->appeal_id,
			(unsigned long long)last->revision, last->channel);
	}
	bus_reply(req, &reply.base);
}

void handle_find_outgoing(struct bus_request *req)
{
	const Sy__V1__FindOutgoingRequest *ask =
		(const void *)bus_request_message(req);
	bool first = ask->cursor[0] == '\0';
	const char *channel = "";
	uint8_t id[UUID_BYTES];
	int64_t revision = 0;
	struct db_pipe *pipe;

	if (!sees_all(req))
		return;
	if (find_limit(ask) > FIND_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", FIND_MAX);
		return;
	}
	if (strlen(ask->channel) > CHANNEL_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "channel",
				"is longer than %d bytes", CHANNEL_MAX);
		return;
	}
	if (!first && !cursor_read(ask->cursor, id, &revision, &channel)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "cursor",
				"is not one that a list has given");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_MAIL + MAIL_OUTGOING_FIND);
	db_i32(pipe, (int32_t)ask->state);
	db_text(pipe, ask->channel);
	if (first)
		db_null(pipe);
	else
		db_uuid(pipe, id);
	db_i64(pipe, revision);
	db_text(pipe, channel);
	db_i64(pipe, find_limit(ask));
	db_pipe_run(pipe, found_cb, req);
}

static void retried_cb(const struct db_result *res, void *arg)
{
	Sy__V1__RetryOutgoingReply reply = SY__V1__RETRY_OUTGOING_REPLY__INIT;
	struct bus_request *req = arg;

	if (bus_reply_db_error(req, res))
		return;
	if (db_rows(res, 0) == 1)
		bus_reply(req, &reply.base);
	else
		bus_reply_error(req, SY__V1__ERROR_CODE__STATE, "",
				"there is no such message, or it was sent");
}

void handle_retry_outgoing(struct bus_request *req)
{
	const Sy__V1__RetryOutgoingRequest *ask =
		(const void *)bus_request_message(req);
	uint8_t id[UUID_BYTES];
	struct db_pipe *pipe;

	if (!sees_all(req))
		return;
	if (uuid_parse(ask->appeal_id, id) < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "appeal_id",
				"is not a UUID");
		return;
	}
	if (strlen(ask->channel) > CHANNEL_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "channel",
				"is longer than %d bytes", CHANNEL_MAX);
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_MAIL + MAIL_OUTGOING_RETRY);
	db_uuid(pipe, id);
	db_i64(pipe, (int64_t)ask->revision);
	db_text(pipe, ask->channel);
	db_pipe_run(pipe, retried_cb, req);
}
