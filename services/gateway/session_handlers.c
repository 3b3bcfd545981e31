/* session_handlers.c -- signing in and out, passwords and invites: the
 *directory decides, the gateway keeps the session and its cookie.
 *
 *	directory -> row in session -> row in audit -> cookie
 */
#include <string.h>

#include <sodium.h>

#include "log.h"
#include "sessions.h"
#include "timeutil.h"
#include "uuid.h"

#define SIGN_OUT_MS 5000

/* What one of these handlers needs in its later steps; in the arena. */
struct step {
	struct sessions *sessions;
	struct request *req;
	const char *action;
	const Sy__V1__SignInReply *signed_in;
	const char *csrf;
	uint8_t id[SEAL_ID_BYTES];
	Sy__V1__ErrorCode outcome;
	const Sy__V1__Error *error;
};

static struct step *step_new(struct request *req, const char *action)
{
	struct step *step = arena_alloc(&req->arena, sizeof(*step));

	*step = (struct step){ .sessions = req->gw->sessions,
			       .req = req,
			       .action = action };
	req->scratch = step;
	return step;
}

static void fail_not_now(struct request *req, const char *what)
{
	request_fail(req, SY__V1__ERROR_CODE__BUSY, "", "%s", what);
}

/* A pipe that failed: true, and it is answered. */
static bool failed(const struct step *step, const struct db_result *res)
{
	if (res->outcome == DB_OK)
		return false;
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("%s: %s", step->action, res->text);
	fail_not_now(step->req, "sessions cannot be written now");
	return true;
}

static const uint8_t no_session[SEAL_ID_BYTES];

static bool by_cookie(const struct caller *caller)
{
	return memcmp(caller->session_id, no_session, SEAL_ID_BYTES) != 0;
}

/* --- the cookie ------------------------------------------------------------
 */

/* Path, so that other programs of the same host do not get it. Without Max-Age
 * it ends with the browser; the session ends by itself (store.h). */
static void set_cookie(struct request *req, const char *value, bool clear)
{
	const char *prefix = req->gw->conf.path_prefix;

	request_add_header(
		req, "Set-Cookie",
		arena_printf(&req->arena,
			     SESSION_COOKIE "=%s; Path=%s; HttpOnly; "
					    "SameSite=Strict%s%s",
			     value, prefix[0] ? prefix : "/",
			     req->gw->secure_cookie ? "; Secure" : "",
			     clear ? "; Max-Age=0" : ""));
}

static void reply_session(struct request *req, const struct caller *caller)
{
	Sy__V1__Session reply = SY__V1__SESSION__INIT;

	reply.principal = (Sy__V1__Principal *)caller->principal;
	reply.expires_at_us = caller->expires_at_us;
	if (caller->csrf_token)
		reply.csrf_token = (char *)caller->csrf_token;
	request_reply(req, &reply.base);
}

void handle_session_get(struct request *req)
{
	reply_session(req, req->caller);
}

/* --- signing in ------------------------------------------------------------
 */

static void forgotten_cb(const struct db_result *res, void *arg)
{
	struct sessions *ss = arg;

	if (sessions_done(ss) && res->outcome != DB_OK)
		log_warn("a session was not deleted; it ends by itself");
}

static void end_session(struct sessions *ss, const uint8_t *id)
{
	struct db_pipe *pipe = sessions_pipe(ss);

	sessions_drop(ss, sessions_get(ss, id));
	db_exec(pipe, SQL_SESSION_END);
	db_uuid(pipe, id);
	db_pipe_run(pipe, forgotten_cb, ss);
}

static void open_audited_cb(struct request *req, bool ok)
{
	const struct step *step = req->scratch;
	const char *cookie = request_cookie(req, SESSION_COOKIE);
	char sealed[SEAL_TEXT_MAX];
	uint8_t before[SEAL_ID_BYTES];
	struct session *s = sessions_get(step->sessions, step->id);

	if (!ok || !s) {
		end_session(step->sessions, step->id);
		fail_not_now(req, "the audit cannot be written now");
		return;
	}
	/* The browser forgets the session that it had. */
	if (cookie && seal_open(step->sessions->seal, cookie, strlen(cookie),
				before) == 0)
		end_session(step->sessions, before);
	set_cookie(req, seal_text(step->sessions->seal, step->id, sealed),
		   false);
	reply_session(req, session_caller(req->gw, s, &req->arena));
}

static void stored_cb(const struct db_result *res, void *arg)
{
	const struct step *step = arg;

	if (!sessions_done(step->sessions) || failed(step, res))
		return;
	sessions_put(step->sessions, step->id, step->signed_in, step->csrf,
		     db_get_time(res, 0, 0, 0));
	audit_write(step->req, step->action, step->signed_in->principal->name,
		    "", SY__V1__ERROR_CODE__OK, open_audited_cb);
}

static void store_session(struct step *step)
{
	const Sy__V1__SignInReply *in = step->signed_in;
	struct arena *arena = &step->req->arena;
	size_t len = sy__v1__principal__get_packed_size(in->principal);
	uint8_t *record = arena_alloc(arena, len + 1), random[32];
	char *csrf = arena_alloc(arena, SESSION_CSRF_MAX);
	struct db_pipe *pipe = sessions_pipe(step->sessions);

	sy__v1__principal__pack(in->principal, record);
	randombytes_buf(step->id, sizeof(step->id));
	randombytes_buf(random, sizeof(random));
	step->csrf = sodium_bin2base64(
		csrf, SESSION_CSRF_MAX, random, sizeof(random),
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	db_exec(pipe, SQL_SESSION_MAKE);
	db_uuid(pipe, step->id);
	db_text(pipe, in->principal->name);
	db_bytes(pipe, record, len);
	db_bytes(pipe, in->actor_token.data, in->actor_token.len);
	db_time(pipe, in->expires_at_us);
	db_text(pipe, csrf);
	db_pipe_run(pipe, stored_cb, step);
}

static void refused_audited_cb(struct request *req, bool ok)
{
	const struct step *step = req->scratch;

	if (ok)
		request_fail_error(req, step->error);
	else
		fail_not_now(req, "the audit cannot be written now");
}

static const Sy__V1__Error *keep_error(struct request *req,
				       const Sy__V1__Error *error)
{
	Sy__V1__Error *copy = arena_alloc(&req->arena, sizeof(*copy));

	sy__v1__error__init(copy);
	copy->code = error->code;
	copy->field = arena_strdup(&req->arena, error->field);
	copy->text = arena_strdup(&req->arena, error->text);
	copy->retry_after_ms = error->retry_after_ms;
	return copy;
}

/* The name only if there is somebody of that name: people type their password
 * there. */
static const char *claimed_name(const struct request *req)
{
	const Sy__V1__SignInRequest *ask = (const void *)req->message;
	struct bus_grant grant;

	if (ask->base.descriptor != &sy__v1__sign_in_request__descriptor ||
	    !replica_grant(req->gw->replica, ask->name, &grant))
		return "";
	return ask->name;
}

static void signed_in_cb(struct request *req, const Sy__V1__Error *error,
			 const ProtobufCMessage *reply)
{
	struct step *step = req->scratch;

	if (error) {
		step->error = keep_error(req, error);
		audit_write(req, step->action, claimed_name(req), "",
			    error->code, refused_audited_cb);
		return;
	}
	step->signed_in = (const void *)reply;
	if (!step->signed_in->principal || !step->signed_in->actor_token.len) {
		request_fail(req, SY__V1__ERROR_CODE__INTERNAL, "",
			     "the directory's answer is incomplete");
		return;
	}
	store_session(step);
}

void handle_session_open(struct request *req)
{
	step_new(req, "SignIn");
	request_ask(req, PEER_DIRECTORY, "SignIn", req->message, NULL, NULL,
		    signed_in_cb);
}

void handle_invite_accept(struct request *req)
{
	uint8_t id[UUID_BYTES];
	char key[UUID_TEXT_MAX];

	step_new(req, "AcceptInvite");
	uuid_make(id);
	request_ask(req, PEER_DIRECTORY, "AcceptInvite", req->message, NULL,
		    uuid_format(id, key), signed_in_cb);
}

/* --- signing out -----------------------------------------------------------
 */

static void told_cb(const Sy__V1__Error *error, const uint8_t *response,
		    size_t len, void *arg)
{
	(void)response;
	(void)len;
	(void)arg;
	if (error)
		log_warn("the directory was not told of a sign-out: %s",
			 error->text);
}

/* That the token is void is a second lock: nobody holds it any more. */
static void tell_directory(struct gateway *gw, const struct caller *caller)
{
	Sy__V1__SignOutRequest ask = SY__V1__SIGN_OUT_REQUEST__INIT;

	ask.actor_token = caller->actor_token;
	bus_client_query(gw->peers[PEER_DIRECTORY], "SignOut", &ask.base, NULL,
			 SIGN_OUT_MS, told_cb, NULL);
}

static void close_audited_cb(struct request *req, bool ok)
{
	if (!ok)
		log_warn("a sign-out is not in the audit");
	set_cookie(req, "", true);
	request_reply_empty(req, 204);
}

static void ended_cb(const struct db_result *res, void *arg)
{
	const struct step *step = arg;

	if (!sessions_done(step->sessions) || failed(step, res))
		return;
	tell_directory(step->req->gw, step->req->caller);
	audit_write(step->req, step->action, NULL, "", SY__V1__ERROR_CODE__OK,
		    close_audited_cb);
}

static void fail_no_session(struct request *req)
{
	request_fail(req, SY__V1__ERROR_CODE__STATE, "",
		     "an API token has no session");
}

void handle_session_close(struct request *req)
{
	struct step *step = step_new(req, "SignOut");
	struct db_pipe *pipe;

	if (!by_cookie(req->caller)) {
		fail_no_session(req);
		return;
	}
	memcpy(step->id, req->caller->session_id, SEAL_ID_BYTES);
	sessions_drop(step->sessions, sessions_get(step->sessions, step->id));
	pipe = sessions_pipe(step->sessions);
	db_exec(pipe, SQL_SESSION_END);
	db_uuid(pipe, step->id);
	db_pipe_run(pipe, ended_cb, step);
}

/* --- another password ------------------------------------------------------
 */

static void password_audited_cb(struct request *req, bool ok)
{
	const struct step *step = req->scratch;

	if (!ok)
		fail_not_now(req, "the audit cannot be written now");
	else if (step->error)
		request_fail_error(req, step->error);
	else
		request_reply_empty(req, 204);
}

/* Who knew the old one is signed out everywhere else. */
static void others_ended_cb(const struct db_result *res, void *arg)
{
	const struct step *step = arg;
	struct sessions *ss = step->sessions;

	if (!sessions_done(ss) || failed(step, res))
		return;
	for (int row = 0; row < db_rows(res, 0); row++) {
		size_t len;
		const uint8_t *id = db_get_bytes(res, 0, row, 0, &len);

		if (len == SEAL_ID_BYTES)
			sessions_drop(ss, sessions_get(ss, id));
	}
	audit_write(step->req, step->action, NULL,
		    step->req->caller->principal->name, SY__V1__ERROR_CODE__OK,
		    password_audited_cb);
}

static void password_set_cb(struct request *req, const Sy__V1__Error *error,
			    const ProtobufCMessage *reply)
{
	struct step *step = req->scratch;
	struct db_pipe *pipe;

	(void)reply;
	if (error) {
		step->error = keep_error(req, error);
		audit_write(req, step->action, NULL,
			    req->caller->principal->name, error->code,
			    password_audited_cb);
		return;
	}
	pipe = sessions_pipe(step->sessions);
	db_exec(pipe, SQL_SESSION_END_OTHERS);
	db_text(pipe, req->caller->principal->name);
	db_uuid(pipe, req->caller->session_id);
	db_pipe_run(pipe, others_ended_cb, step);
}

void handle_session_password(struct request *req)
{
	step_new(req, "ChangePassword");
	if (!by_cookie(req->caller)) {
		fail_no_session(req);
		return;
	}
	request_ask(req, PEER_DIRECTORY, "ChangePassword", req->message,
		    &req->caller->actor_token, NULL, password_set_cb);
}
