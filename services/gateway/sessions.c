/* sessions.c -- who a cookie belongs to. Next: session_handlers.c. */
#include "sessions.h"

#include <string.h>

#include "bus/grant.h"
#include "bus/must.h"
#include "log.h"
#include "timeutil.h"

/* Not seen in the table for so long (it cannot be asked): a session may have
 * been ended elsewhere, and is looked for again. */
#define TRUST_US (15 * US_PER_S)
/* A token goes to a service and is checked there: it must last until then. */
#define TOKEN_SPARE_US (5 * US_PER_S)
/* Somebody new may sign in before our copy of the directory has heard. */
#define UNHEARD_US (30 * US_PER_S)

/* --- in memory -------------------------------------------------------------
 */

struct session *sessions_get(struct sessions *ss, const uint8_t *id)
{
	struct session *s;

	HASH_FIND(hh, ss->table, id, SEAL_ID_BYTES, s);
	return s;
}

void sessions_drop(struct sessions *ss, struct session *s)
{
	if (!s)
		return;
	HASH_DEL(ss->table, s);
	free(s->record.data);
	free(s->token.data);
	free(s);
}

static void replace_bytes(ProtobufCBinaryData *to,
			  const ProtobufCBinaryData *from)
{
	free(to->data);
	to->data = must_calloc(1, from->len + 1);
	to->len = from->len;
	memcpy(to->data, from->data, from->len);
}

void session_renewed(struct session *s, const ProtobufCBinaryData *record,
		     const ProtobufCBinaryData *token, int64_t expires_us)
{
	replace_bytes(&s->record, record);
	replace_bytes(&s->token, token);
	s->token_expires_us = expires_us;
}

static struct session *put(struct sessions *ss, const uint8_t *id,
			   const ProtobufCBinaryData *record,
			   const ProtobufCBinaryData *token, int64_t expires_us,
			   const char *csrf, int64_t created_us)
{
	struct session *s = must_calloc(1, sizeof(*s));
	Sy__V1__Principal *principal =
		sy__v1__principal__unpack(NULL, record->len, record->data);

	sessions_drop(ss, sessions_get(ss, id));
	memcpy(s->id, id, SEAL_ID_BYTES);
	if (principal)
		snprintf(s->principal, sizeof(s->principal), "%s",
			 principal->name);
	sy__v1__principal__free_unpacked(principal, NULL);
	snprintf(s->csrf, sizeof(s->csrf), "%s", csrf);
	s->created_us = created_us;
	s->checked_us = time_monotonic_us();
	session_renewed(s, record, token, expires_us);
	HASH_ADD(hh, ss->table, id, SEAL_ID_BYTES, s);
	return s;
}

struct session *sessions_put(struct sessions *ss, const uint8_t *id,
			     const Sy__V1__SignInReply *from, const char *csrf,
			     int64_t created_us)
{
	ProtobufCBinaryData record;
	struct session *s;

	record.len = sy__v1__principal__get_packed_size(from->principal);
	record.data = must_calloc(1, record.len + 1);
	sy__v1__principal__pack(from->principal, record.data);
	s = put(ss, id, &record, &from->actor_token, from->expires_at_us, csrf,
		created_us);
	s->seen_us = s->stored_seen_us = created_us;
	free(record.data);
	return s;
}

uint32_t sessions_count(const struct gateway *gw)
{
	return HASH_COUNT(gw->sessions->table);
}

int64_t session_expires_us(const struct session *s)
{
	int64_t idle_us = s->seen_us + SESSION_IDLE_US;
	int64_t life_us = s->created_us + SESSION_LIFE_US;

	return idle_us < life_us ? idle_us : life_us;
}

/* --- what it may -----------------------------------------------------------
 */

static void take_roles(Sy__V1__Principal *p, const struct bus_grant *grant,
		       struct arena *arena)
{
	static const char *const names[] = { "reader",   "handler", "publisher",
					     "consumer", "admin",   "auditor",
					     "sandbox",  "privacy" };

	p->n_roles = 0;
	p->roles = arena_alloc(arena, sizeof(names));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (grant->roles & grant_role(names[i]))
			p->roles[p->n_roles++] = (char *)names[i];
	p->unit = arena_strdup(arena, grant->unit);
}

/* False: the directory has revoked this principal. */
static bool still_granted(const struct gateway *gw, const struct session *s,
			  struct bus_grant *grant_r)
{
	if (replica_grant(gw->replica, s->principal, grant_r))
		return true;
	*grant_r = (struct bus_grant){ 0 };
	return time_now_us() - s->created_us < UNHEARD_US;
}

static bool session_holds(const struct gateway *gw, const struct session *s)
{
	int64_t now_us = time_now_us();
	struct bus_grant grant;

	return now_us < session_expires_us(s) &&
	       now_us + TOKEN_SPARE_US < s->token_expires_us &&
	       still_granted(gw, s, &grant);
}

bool sessions_alive(struct gateway *gw, const uint8_t *id)
{
	struct session *s = sessions_get(gw->sessions, id);

	if (!s || !session_holds(gw, s))
		return false;
	s->wanted_us = time_now_us();
	return true;
}

struct caller *session_caller(const struct gateway *gw, const struct session *s,
			      struct arena *arena)
{
	struct caller *caller = arena_alloc(arena, sizeof(*caller));
	Sy__V1__Principal *p = sy__v1__principal__unpack(
		&arena->allocator, s->record.len, s->record.data);
	struct bus_grant grant;

	if (!p) {
		p = arena_alloc(arena, sizeof(*p));
		sy__v1__principal__init(p);
		p->name = arena_strdup(arena, s->principal);
	}
	p->n_streams = 0;
	if (replica_grant(gw->replica, s->principal, &grant))
		take_roles(p, &grant, arena);
	caller->principal = p;
	memcpy(caller->session_id, s->id, SEAL_ID_BYTES);
	caller->actor_token.len = s->token.len;
	caller->actor_token.data =
		arena_memdup(arena, s->token.data, s->token.len);
	caller->expires_at_us = session_expires_us(s);
	caller->csrf_token = arena_strdup(arena, s->csrf);
	return caller;
}

/* --- finding ---------------------------------------------------------------
 */

struct db_pipe *sessions_pipe(struct sessions *ss)
{
	ss->users++;
	return db_pipe_new(ss->gw->db);
}

static void sessions_free(struct sessions *ss)
{
	struct session *s, *next;

	HASH_ITER (hh, ss->table, s, next)
		sessions_drop(ss, s);
	free(ss);
}

bool sessions_done(struct sessions *ss)
{
	bool closed = ss->closed;

	if (--ss->users == 0 && closed)
		sessions_free(ss);
	return !closed;
}

static void found(struct request *req, session_found_cb *cb, struct session *s)
{
	if (!session_holds(req->gw, s)) {
		cb(req, NULL, NULL);
		return;
	}
	s->seen_us = time_now_us();
	cb(req, session_caller(req->gw, s, &req->arena), NULL);
}

/* Of a request whose session is looked for in the table. */
struct finding {
	struct request *req;
	struct sessions *sessions;
	session_found_cb *cb;
	uint8_t id[SEAL_ID_BYTES];
};

static ProtobufCBinaryData bytes_at(const struct db_result *res, int row,
				    int column)
{
	ProtobufCBinaryData bytes;

	bytes.data = (uint8_t *)db_get_bytes(res, 0, row, column, &bytes.len);
	return bytes;
}

static struct session *from_row(struct sessions *ss, const uint8_t *id,
				const struct db_result *res)
{
	ProtobufCBinaryData record = bytes_at(res, 0, SESSION_RECORD);
	ProtobufCBinaryData token = bytes_at(res, 0, SESSION_TOKEN);
	struct session *s;

	s = put(ss, id, &record, &token,
		db_get_time(res, 0, 0, SESSION_TOKEN_EXPIRES),
		db_get_text(res, 0, 0, SESSION_CSRF),
		db_get_time(res, 0, 0, SESSION_CREATED));
	s->seen_us = s->stored_seen_us = db_get_time(res, 0, 0, SESSION_SEEN);
	return s;
}

static void not_now(struct request *req, session_found_cb *cb)
{
	Sy__V1__Error error = SY__V1__ERROR__INIT;

	error.code = SY__V1__ERROR_CODE__BUSY;
	error.text = (char *)"sessions cannot be read now";
	error.retry_after_ms = 1000;
	cb(req, NULL, &error);
}

static void find_cb(const struct db_result *res, void *arg)
{
	struct finding *f = arg;
	struct sessions *ss = f->sessions;

	if (!sessions_done(ss))
		return;
	if (res->outcome != DB_OK) {
		if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
			log_error("session_find: %s", res->text);
		not_now(f->req, f->cb);
	} else if (db_rows(res, 0) == 0) {
		sessions_drop(ss, sessions_get(ss, f->id));
		f->cb(f->req, NULL, NULL);
	} else {
		found(f->req, f->cb, from_row(ss, f->id, res));
	}
}

void session_find(struct request *req, session_found_cb *cb)
{
	struct sessions *ss = req->gw->sessions;
	const char *cookie = request_cookie(req, SESSION_COOKIE);
	uint8_t id[SEAL_ID_BYTES];
	struct finding *f;
	struct session *s;
	struct db_pipe *pipe;

	if (!cookie || seal_open(ss->seal, cookie, strlen(cookie), id) < 0) {
		cb(req, NULL, NULL);
		return;
	}
	s = sessions_get(ss, id);
	if (s && time_monotonic_us() - s->checked_us < TRUST_US) {
		found(req, cb, s);
		return;
	}
	if (!db_conn_up(req->gw->db)) {
		not_now(req, cb);
		return;
	}
	f = arena_alloc(&req->arena, sizeof(*f));
	*f = (struct finding){ .req = req, .sessions = ss, .cb = cb };
	memcpy(f->id, id, sizeof(id));
	pipe = sessions_pipe(ss);
	db_exec(pipe, SQL_SESSION_FIND);
	db_uuid(pipe, id);
	db_i64(pipe, SESSION_IDLE_US);
	db_i64(pipe, SESSION_LIFE_US);
	db_pipe_run(pipe, find_cb, f);
}

/* --- life ------------------------------------------------------------------
 */

static int open_replica(struct gateway *gw, struct error *err)
{
	const char *key = registry_key(gw->service.registry, "directory");

	if (!key)
		return error_set(err, "the registry must name directory's key");
	return replica_open(&gw->replica,
			    &(struct replica_options){
				    .loop = &gw->service.loop,
				    .endpoint = gw->conf.common.directory,
				    .server_key = key,
				    .key = &gw->service.key,
				    .service = GATEWAY_SCHEMA,
				    .db_url = gw->conf.common.db_url,
				    .schema = GATEWAY_SCHEMA,
			    },
			    err);
}

int sessions_open(struct gateway *gw, struct error *err)
{
	struct sessions *ss = must_calloc(1, sizeof(*ss));

	ss->gw = gw;
	if (seal_key(gw->conf.seal_key, ss->seal, err) < 0 ||
	    open_replica(gw, err) < 0) {
		free(ss);
		return -1;
	}
	gw->sessions = ss;
	upkeep_start(ss);
	audit_open(gw);
	return 0;
}

bool sessions_ready(struct gateway *gw, const char **why_r)
{
	if (!replica_ready(gw->replica, why_r))
		return false;
	*why_r = "the database is away";
	return db_conn_up(gw->db);
}

void sessions_close(struct gateway *gw)
{
	struct sessions *ss = gw->sessions;

	replica_close(&gw->replica);
	audit_close(gw);
	if (!ss)
		return;
	gw->sessions = NULL;
	ss->closed = true;
	upkeep_close(ss);
}
