/* sign_in.c -- a person proves a password and gets an actor token. Wrong name,
 * wrong password and locked name have one answer, after the same work: who
 * guesses learns nothing, not even from the time. */
#include <sodium.h>
#include <string.h>

#include "grants.h"
#include "log.h"
#include "metrics.h"
#include "people.h"
#include "store.h"
#include "timeutil.h"

#define REFUSAL                                                                \
	"name or password is wrong, or there were too many attempts: wait a "  \
	"few minutes"

static struct metric refused_metric =
	METRIC(METRIC_COUNTER, "suyuan_directory_sign_ins_refused_total",
	       "Sign-ins with a wrong name or password, or a locked name");
static struct metric done_metric =
	METRIC(METRIC_COUNTER, "suyuan_directory_sign_ins_total",
	       "Sign-ins with the right password");

void sign_in_open(void)
{
	metric_show(&refused_metric);
	metric_show(&done_metric);
}

struct attempt *attempt_new(struct bus_request *req)
{
	struct directory *dir = bus_request_svc(req);
	struct password_job *job = password_job_new(dir->passwords);
	struct attempt *a;

	if (!job) {
		bus_reply_error(req, SY__V1__ERROR_CODE__BUSY, "",
				"too many sign in at once");
		return NULL;
	}
	a = arena_alloc(bus_request_arena(req), sizeof(*a));
	*a = (struct attempt){ .dir = dir, .req = req, .job = job };
	randombytes_buf(a->session_id, sizeof(a->session_id));
	return a;
}

struct bus_request *attempt_end(struct attempt *a)
{
	password_job_free(a->job);
	return a->req;
}

void reply_session(struct bus_request *req, const struct db_result *res,
		   int statement, const uint8_t session_id[16],
		   const char *field, const char *refusal)
{
	struct directory *dir = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__SignInReply reply = SY__V1__SIGN_IN_REPLY__INIT;
	const uint8_t *secret;
	const char *key_id = grants_signer(dir->grants, &secret);
	struct actor actor = { .issued_at_us = time_now_us() };

	if (db_rows(res, statement) == 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__FORBIDDEN, field, "%s",
				refusal);
		return;
	}
	if (!key_id) {
		bus_reply_error(req, SY__V1__ERROR_CODE__BUSY, "",
				"there is no signing key yet");
		return;
	}
	reply.principal = store_principal(arena, res, statement, 0);
	strncpy(actor.principal, reply.principal->name, PRINCIPAL_MAX - 1);
	memcpy(actor.session_id, session_id, sizeof(actor.session_id));
	actor.expires_at_us = actor.issued_at_us + ACTOR_TOKEN_US;
	reply.expires_at_us = actor.expires_at_us;
	reply.actor_token = actor_sign(&actor, key_id, secret, arena);
	bus_reply(req, &reply.base);
}

void session_ask_cb(const struct db_result *res, void *arg)
{
	struct session_ask *ask = arg;

	if (!bus_reply_db_error(ask->req, res))
		reply_session(ask->req, res, 0, ask->session_id, ask->field,
			      ask->refusal);
}

bool reply_outcome(struct bus_request *req, const char *outcome,
		   const char *field, const char *state_text)
{
	if (strcmp(outcome, "ok") == 0)
		return false;
	if (strcmp(outcome, "unknown") == 0)
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, field,
				"is not known");
	else if (strcmp(outcome, "scope") == 0)
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, field,
				"lies outside of your subtree");
	else
		bus_reply_error(req, SY__V1__ERROR_CODE__STATE, field, "%s",
				state_text);
	return true;
}

/* --- SignIn ----------------------------------------------------------------
 */

static void noted_cb(const struct db_result *res, void *arg)
{
	(void)arg;
	if (res->outcome != DB_OK)
		log_warn("a failed sign-in could not be noted: %s", res->text);
}

/* After a known name with a wrong password. The answer does not wait for it:
 * unknown names have nothing to note. */
static void failure_note(struct bus_request *req, const char *name)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_FAILURE_NOTE);
	db_text(pipe, name);
	db_pipe_run(pipe, noted_cb, NULL);
}

static void signed_in_cb(const struct db_result *res, void *arg)
{
	struct attempt *a = arg;
	struct bus_request *req = attempt_end(a);

	if (bus_reply_db_error(req, res))
		return;
	metric_add(&done_metric, 1);
	reply_session(req, res, 0, a->session_id, "", REFUSAL);
}

/* What the try told of the name; kept while the thread works. */
struct known {
	struct attempt attempt;
	const char *name; /* NULL: not known */
};

static void verified_cb(bool ok, void *arg)
{
	struct known *k = arg;
	struct attempt *a = &k->attempt;
	struct db_pipe *pipe;
	struct bus_request *req;

	if (ok && !a->locked) {
		pipe = bus_request_pipe(a->req);
		db_exec(pipe, SQL_SIGN_IN);
		db_text(pipe, k->name);
		db_uuid(pipe, a->session_id);
		db_pipe_run(pipe, signed_in_cb, a);
		return;
	}
	metric_add(&refused_metric, 1);
	req = attempt_end(a);
	if (k->name && !a->locked)
		failure_note(req, k->name);
	bus_reply_error(req, SY__V1__ERROR_CODE__FORBIDDEN, "", REFUSAL);
}

static void tried_cb(const struct db_result *res, void *arg)
{
	struct known *k = arg;
	struct attempt *a = &k->attempt;
	const Sy__V1__SignInRequest *ask =
		(const void *)bus_request_message(a->req);

	if (res->outcome != DB_OK) {
		bus_reply_db_error(attempt_end(a), res);
		return;
	}
	if (db_rows(res, 0) > 0) {
		k->name = ask->name;
		a->locked = db_get_bool(res, 0, 0, 1);
	}
	password_verify(a->job, ask->password,
			k->name ? db_get_text(res, 0, 0, 0) : NULL, verified_cb,
			k);
}

void handle_sign_in(struct bus_request *req)
{
	const Sy__V1__SignInRequest *ask =
		(const void *)bus_request_message(req);
	struct attempt *a;
	struct known *k;
	struct db_pipe *pipe;

	/* Nobody has such a password, so nobody's time is told. */
	if (strlen(ask->password) > (size_t)4 * PASSWORD_CHARS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "password",
				"has at most 256 characters");
		return;
	}
	a = attempt_new(req);
	if (!a)
		return;
	k = arena_alloc(bus_request_arena(req), sizeof(*k));
	k->attempt = *a;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_SIGN_IN_TRY);
	db_text(pipe, ask->name);
	db_pipe_run(pipe, tried_cb, k);
}

/* --- RenewSession, SignOut -------------------------------------------------
 */

/* False: refused and answered. */
static bool token_take(struct bus_request *req,
		       const ProtobufCBinaryData *token, struct actor *actor)
{
	struct directory *dir = bus_request_svc(req);
	const char *why;

	if (actor_verify(token->data, token->len, time_now_us(),
			 grants_actor_key, dir->grants, actor, &why) == 0)
		return true;
	bus_reply_error(req, SY__V1__ERROR_CODE__FORBIDDEN, "actor_token", "%s",
			why);
	return false;
}

void handle_renew_session(struct bus_request *req)
{
	const Sy__V1__RenewSessionRequest *ask =
		(const void *)bus_request_message(req);
	struct session_ask *s;
	struct actor actor;
	struct db_pipe *pipe;

	if (!token_take(req, &ask->actor_token, &actor))
		return;
	s = arena_alloc(bus_request_arena(req), sizeof(*s));
	*s = (struct session_ask){ .req = req,
				   .field = "actor_token",
				   .refusal = "the session has ended" };
	memcpy(s->session_id, actor.session_id, sizeof(s->session_id));
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_SESSION_RENEW);
	db_uuid(pipe, s->session_id);
	db_text(pipe, actor.principal);
	db_pipe_run(pipe, session_ask_cb, s);
}

static void signed_out_cb(const struct db_result *res, void *arg)
{
	Sy__V1__SignOutReply reply = SY__V1__SIGN_OUT_REPLY__INIT;
	struct bus_request *req = arg;

	if (!bus_reply_db_error(req, res))
		bus_reply(req, &reply.base);
}

void handle_sign_out(struct bus_request *req)
{
	const Sy__V1__SignOutRequest *ask =
		(const void *)bus_request_message(req);
	struct actor actor;
	struct db_pipe *pipe;

	if (!token_take(req, &ask->actor_token, &actor))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_SIGN_OUT);
	db_text(pipe, actor.principal);
	db_uuid(pipe, actor.session_id);
	db_pipe_run(pipe, signed_out_cb, req);
}

/* --- ChangePassword --------------------------------------------------------
 */

static void changed_cb(const struct db_result *res, void *arg)
{
	Sy__V1__ChangePasswordReply reply = SY__V1__CHANGE_PASSWORD_REPLY__INIT;
	struct bus_request *req = attempt_end(arg);

	if (!bus_reply_db_error(req, res))
		bus_reply(req, &reply.base);
}

static void change_made_cb(bool ok, void *arg)
{
	struct attempt *a = arg;
	struct db_pipe *pipe;

	if (!ok) {
		bus_reply_error(attempt_end(a), SY__V1__ERROR_CODE__BUSY, "",
				"no memory for it now");
		return;
	}
	pipe = bus_request_pipe(a->req);
	db_exec(pipe, SQL_PASSWORD_CHANGE);
	db_text(pipe, bus_request_principal(a->req));
	db_text(pipe, password_job_hash(a->job));
	db_uuid(pipe, bus_request_session(a->req));
	db_pipe_run(pipe, changed_cb, a);
}

static void change_verified_cb(bool ok, void *arg)
{
	struct attempt *a = arg;
	const Sy__V1__ChangePasswordRequest *ask =
		(const void *)bus_request_message(a->req);

	if (ok && !a->locked) {
		password_make(a->job, ask->new_password, change_made_cb, a);
		return;
	}
	if (!a->locked)
		failure_note(a->req, bus_request_principal(a->req));
	bus_reply_error(attempt_end(a), SY__V1__ERROR_CODE__FORBIDDEN,
			"password",
			"is wrong, or there were too many attempts: wait a "
			"few minutes");
}

static void change_tried_cb(const struct db_result *res, void *arg)
{
	struct attempt *a = arg;
	const Sy__V1__ChangePasswordRequest *ask =
		(const void *)bus_request_message(a->req);

	if (res->outcome != DB_OK) {
		bus_reply_db_error(attempt_end(a), res);
		return;
	}
	if (db_rows(res, 0) == 0) {
		bus_reply_error(attempt_end(a), SY__V1__ERROR_CODE__STATE, "",
				"has no password");
		return;
	}
	a->locked = db_get_bool(res, 0, 0, 1);
	password_verify(a->job, ask->password, db_get_text(res, 0, 0, 0),
			change_verified_cb, a);
}

void handle_change_password(struct bus_request *req)
{
	const Sy__V1__ChangePasswordRequest *ask =
		(const void *)bus_request_message(req);
	struct attempt *a;
	struct db_pipe *pipe;

	if (!bus_request_session(req)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__FORBIDDEN,
				"actor_token",
				"only a person who is signed in has a "
				"password to change");
		return;
	}
	if (strlen(ask->password) > (size_t)4 * PASSWORD_CHARS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "password",
				"has at most 256 characters");
		return;
	}
	if (!password_acceptable(ask->new_password)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID,
				"new_password", "wants 12 to 256 characters");
		return;
	}
	a = attempt_new(req);
	if (!a)
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_SIGN_IN_TRY);
	db_text(pipe, bus_request_principal(req));
	db_pipe_run(pipe, change_tried_cb, a);
}
