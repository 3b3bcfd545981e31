/* invites.c -- the first and every forgotten password: a code that an
 * administrator makes, and that works once, within 48 hours. */
#include "people.h"
#include "store.h"
#include "timeutil.h"

/* --- MakeInvite ------------------------------------------------------------
 */

struct invite {
	struct bus_request *req;
	char code[SECRET_TEXT_MAX];
	int64_t expires_at_us;
};

static void made_cb(const struct db_result *res, void *arg)
{
	struct invite *invite = arg;
	Sy__V1__MakeInviteReply reply = SY__V1__MAKE_INVITE_REPLY__INIT;

	if (bus_reply_db_error(invite->req, res) ||
	    reply_outcome(invite->req, db_get_text(res, 0, 0, 0), "name",
			  "is not a person, or was revoked"))
		return;
	reply.code = invite->code;
	reply.expires_at_us = invite->expires_at_us;
	bus_reply(invite->req, &reply.base);
}

void handle_make_invite(struct bus_request *req)
{
	const Sy__V1__MakeInviteRequest *ask =
		(const void *)bus_request_message(req);
	struct invite *invite =
		arena_alloc(bus_request_arena(req), sizeof(*invite));
	struct db_pipe *pipe = bus_request_pipe(req);
	uint8_t hash[SECRET_HASH_BYTES];

	invite->req = req;
	invite->expires_at_us = time_now_us() + INVITE_US;
	secret_make_code(invite->code);
	secret_hash(invite->code, hash);
	db_exec(pipe, SQL_INVITE_MAKE);
	db_text(pipe, ask->name);
	db_bytes(pipe, hash, sizeof(hash));
	db_time(pipe, invite->expires_at_us);
	db_text(pipe, bus_request_principal(req));
	db_text(pipe, bus_request_grant(req)->unit);
	db_pipe_run(pipe, made_cb, invite);
}

/* --- AcceptInvite ----------------------------------------------------------
 */

#define REFUSAL "is not, or not any more, valid"

static void accepted_cb(const struct db_result *res, void *arg)
{
	struct attempt *a = arg;
	struct bus_request *req = attempt_end(a);

	if (!bus_reply_db_error(req, res))
		reply_session(req, res, 0, a->session_id, "code", REFUSAL);
}

static void password_made_cb(bool ok, void *arg)
{
	struct attempt *a = arg;
	const Sy__V1__AcceptInviteRequest *ask =
		(const void *)bus_request_message(a->req);
	uint8_t hash[SECRET_HASH_BYTES];
	struct db_pipe *pipe;

	if (!ok) {
		bus_reply_error(attempt_end(a), SY__V1__ERROR_CODE__BUSY, "",
				"no memory for it now");
		return;
	}
	secret_hash(ask->code, hash);
	pipe = bus_request_pipe(a->req);
	db_exec(pipe, SQL_INVITE_ACCEPT);
	db_bytes(pipe, hash, sizeof(hash));
	db_text(pipe, password_job_hash(a->job));
	db_uuid(pipe, a->session_id);
	db_pipe_run(pipe, accepted_cb, a);
}

/* A code that is no good costs no hashing. */
static void looked_cb(const struct db_result *res, void *arg)
{
	struct attempt *a = arg;
	const Sy__V1__AcceptInviteRequest *ask =
		(const void *)bus_request_message(a->req);

	if (res->outcome != DB_OK)
		bus_reply_db_error(attempt_end(a), res);
	else if (db_rows(res, 0) == 0)
		bus_reply_error(attempt_end(a), SY__V1__ERROR_CODE__FORBIDDEN,
				"code", REFUSAL);
	else
		password_make(a->job, ask->password, password_made_cb, a);
}

void handle_accept_invite(struct bus_request *req)
{
	const Sy__V1__AcceptInviteRequest *ask =
		(const void *)bus_request_message(req);
	uint8_t hash[SECRET_HASH_BYTES];
	struct attempt *a;
	struct db_pipe *pipe;

	if (!password_acceptable(ask->password)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "password",
				"wants 12 to 256 characters");
		return;
	}
	a = attempt_new(req);
	if (!a)
		return;
	secret_hash(ask->code, hash);
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_INVITE_LOOK);
	db_bytes(pipe, hash, sizeof(hash));
	db_pipe_run(pipe, looked_cb, a);
}
