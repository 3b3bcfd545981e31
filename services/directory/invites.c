/* invites.c -- the first and every forgotten password: a code that an
 * administrator makes, and that works once, within 48 hours. */
#include <string.h>

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

struct accepting {
	struct attempt attempt;
	uint8_t code_hash[SECRET_HASH_BYTES];
	uint8_t key_hash[SECRET_HASH_BYTES];
	bool has_key; /* otherwise a repeat is not known as one */
	bool tried;   /* somebody else had accepted it meanwhile */
};

static void look(struct accepting *k);

static void put_key(struct db_pipe *pipe, const struct accepting *k)
{
	db_bytes(pipe, k->has_key ? k->key_hash : NULL, sizeof(k->key_hash));
}

static void session_cb(const struct db_result *res, void *arg)
{
	struct accepting *k = arg;
	struct bus_request *req = attempt_end(&k->attempt);

	if (!bus_reply_db_error(req, res))
		reply_session(req, res, 0, k->attempt.session_id, "code",
			      REFUSAL);
}

/* Perhaps it was this very request, whose first answer did not come in time. */
static void accepted_cb(const struct db_result *res, void *arg)
{
	struct accepting *k = arg;

	if (res->outcome == DB_OK && db_rows(res, 0) == 0 && !k->tried) {
		k->tried = true;
		look(k);
		return;
	}
	session_cb(res, k);
}

static void password_made_cb(bool ok, void *arg)
{
	struct accepting *k = arg;
	struct attempt *a = &k->attempt;
	struct db_pipe *pipe;

	if (!ok) {
		bus_reply_error(attempt_end(a), SY__V1__ERROR_CODE__BUSY, "",
				"no memory for it now");
		return;
	}
	pipe = bus_request_pipe(a->req);
	db_exec(pipe, SQL_INVITE_ACCEPT);
	db_bytes(pipe, k->code_hash, sizeof(k->code_hash));
	db_text(pipe, password_job_hash(a->job));
	db_uuid(pipe, a->session_id);
	put_key(pipe, k);
	db_pipe_run(pipe, accepted_cb, k);
}

/* The session that the first of the requests began, if it goes on still. */
static void answer_again(struct accepting *k, const struct db_result *res)
{
	struct attempt *a = &k->attempt;
	struct db_pipe *pipe = bus_request_pipe(a->req);
	size_t len;

	memcpy(a->session_id, db_get_bytes(res, 0, 0, 1, &len),
	       sizeof(a->session_id));
	db_exec(pipe, SQL_SESSION_RENEW);
	db_uuid(pipe, a->session_id);
	db_text(pipe, db_get_text(res, 0, 0, 2));
	db_pipe_run(pipe, session_cb, k);
}

/* A code that is no good costs no hashing. */
static void looked_cb(const struct db_result *res, void *arg)
{
	struct accepting *k = arg;
	struct attempt *a = &k->attempt;
	const Sy__V1__AcceptInviteRequest *ask =
		(const void *)bus_request_message(a->req);

	if (res->outcome != DB_OK)
		bus_reply_db_error(attempt_end(a), res);
	else if (db_rows(res, 0) == 0)
		bus_reply_error(attempt_end(a), SY__V1__ERROR_CODE__FORBIDDEN,
				"code", REFUSAL);
	else if (!db_get_bool(res, 0, 0, 0))
		answer_again(k, res);
	else
		password_make(a->job, ask->password, password_made_cb, k);
}

static void look(struct accepting *k)
{
	struct db_pipe *pipe = bus_request_pipe(k->attempt.req);

	db_exec(pipe, SQL_INVITE_LOOK);
	db_bytes(pipe, k->code_hash, sizeof(k->code_hash));
	put_key(pipe, k);
	db_pipe_run(pipe, looked_cb, k);
}

void handle_accept_invite(struct bus_request *req)
{
	const Sy__V1__AcceptInviteRequest *ask =
		(const void *)bus_request_message(req);
	struct accepting *k;
	struct attempt *a;

	if (!password_acceptable(ask->password)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "password",
				"wants 12 to 256 characters");
		return;
	}
	a = attempt_new(req);
	if (!a)
		return;
	k = arena_alloc(bus_request_arena(req), sizeof(*k));
	k->attempt = *a;
	secret_hash(ask->code, k->code_hash);
	k->has_key = bus_request_key(req)[0] != '\0';
	secret_hash(bus_request_key(req), k->key_hash);
	look(k);
}
