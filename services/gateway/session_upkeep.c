/* session_upkeep.c -- what happens to sessions while nobody asks: those that
 * were ended at another gateway are forgotten here, actor tokens are renewed
 * before they end (so that a session may be idle for longer than a token
 * lives), and what is over is deleted. */
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "bus/must.h"
#include "log.h"
#include "sessions.h"
#include "timeutil.h"

/* So long after a sign-out another gateway may still answer. */
#define TURN_MS 3000
/* last_seen_at of the table is behind by this at most: a session of 8 hours
 * does not need a write a request. */
#define SEEN_EVERY_US (60 * US_PER_S)
/* Not asked for so long: it need not be in memory. */
#define MEMORY_IDLE_US (600 * US_PER_S)
#define TRIM_EVERY_TURNS 100
/* Renewals a turn: twice what 10,000 sessions need. */
#define CLAIM_MAX 200
#define RENEW_MS 10000

static struct metric sessions_gauge =
	METRIC(METRIC_GAUGE, "suyuan_gateway_sessions",
	       "Sessions in the memory of this process.");
static struct metric renewed =
	METRIC(METRIC_COUNTER, "suyuan_gateway_tokens_renewed_total",
	       "Actor tokens that the directory renewed.");

static void report(const struct db_result *res, const char *what)
{
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("%s: %s", what, res->text);
}

/* --- looking again ---------------------------------------------------------
 */

/* The ids that were asked for in one look. */
struct look {
	struct sessions *sessions;
	int64_t asked_us; /* monotonic */
	size_t n;
	uint8_t ids[][SEAL_ID_BYTES];
};

static ProtobufCBinaryData bytes_at(const struct db_result *res, int row,
				    int column)
{
	ProtobufCBinaryData bytes;

	bytes.data = (uint8_t *)db_get_bytes(res, 0, row, column, &bytes.len);
	return bytes;
}

static void look_row(struct look *look, const struct db_result *res, int row)
{
	ProtobufCBinaryData id = bytes_at(res, row, CHECK_ID);
	int64_t seen_us = db_get_time(res, 0, row, CHECK_SEEN);
	struct session *s;

	if (id.len != SEAL_ID_BYTES)
		return;
	s = sessions_get(look->sessions, id.data);
	if (!s)
		return;
	s->checked_us = look->asked_us;
	s->stored_seen_us = seen_us;
	/* The same person may be active at another gateway. */
	if (seen_us > s->seen_us)
		s->seen_us = seen_us;
	if (!db_is_null(res, 0, row, CHECK_TOKEN)) {
		ProtobufCBinaryData record = bytes_at(res, row, CHECK_RECORD);
		ProtobufCBinaryData token = bytes_at(res, row, CHECK_TOKEN);

		session_renewed(s, &record, &token,
				db_get_time(res, 0, row, CHECK_TOKEN_EXPIRES));
	}
}

/* Whose row did not come was ended; unless the row was found since. */
static void drop_missing(struct look *look)
{
	for (size_t i = 0; i < look->n; i++) {
		struct session *s = sessions_get(look->sessions, look->ids[i]);

		if (s && s->checked_us < look->asked_us)
			sessions_drop(look->sessions, s);
	}
}

static void look_cb(const struct db_result *res, void *arg)
{
	struct look *look = arg;
	struct sessions *ss = look->sessions;

	if (sessions_done(ss)) {
		ss->checking = false;
		report(res, "session_check");
		if (res->outcome == DB_OK) {
			for (int row = 0; row < db_rows(res, 0); row++)
				look_row(look, res, row);
			drop_missing(look);
		}
	}
	free(look);
}

static void seen_cb(const struct db_result *res, void *arg)
{
	struct sessions *ss = arg;

	if (sessions_done(ss))
		report(res, "session_seen");
}

/* Rows of the table learn when their session was last seen here. */
static void tell_seen(struct sessions *ss)
{
	struct db_pipe *pipe = NULL;
	struct session *s, *next;

	HASH_ITER (hh, ss->table, s, next) {
		if (s->seen_us - s->stored_seen_us < SEEN_EVERY_US)
			continue;
		if (!pipe) {
			pipe = sessions_pipe(ss);
			db_exec(pipe, SQL_SESSION_SEEN);
			db_array_begin(pipe, DB_ARRAY_UUID);
		}
		db_array_data(pipe, s->id, sizeof(s->id));
	}
	if (!pipe)
		return;
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TIME);
	HASH_ITER (hh, ss->table, s, next) {
		if (s->seen_us - s->stored_seen_us < SEEN_EVERY_US)
			continue;
		db_array_int(pipe, s->seen_us);
		s->stored_seen_us = s->seen_us;
	}
	db_array_end(pipe);
	db_pipe_run(pipe, seen_cb, ss);
}

static void look(struct sessions *ss)
{
	size_t n = HASH_COUNT(ss->table);
	struct session *s, *next;
	struct db_pipe *pipe;
	struct look *l;

	if (n == 0 || ss->checking)
		return;
	ss->checking = true;
	l = must_calloc(1, sizeof(*l) + n * sizeof(l->ids[0]));
	l->sessions = ss;
	l->asked_us = time_monotonic_us();
	pipe = sessions_pipe(ss);
	db_exec(pipe, SQL_SESSION_CHECK);
	db_array_begin(pipe, DB_ARRAY_UUID);
	HASH_ITER (hh, ss->table, s, next) {
		memcpy(l->ids[l->n++], s->id, sizeof(s->id));
		db_array_data(pipe, s->id, sizeof(s->id));
	}
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TIME);
	HASH_ITER (hh, ss->table, s, next)
		db_array_int(pipe, s->token_expires_us);
	db_array_end(pipe);
	db_pipe_run(pipe, look_cb, l);
}

static void forget_idle(struct sessions *ss)
{
	int64_t before_us = time_now_us() - MEMORY_IDLE_US;
	struct session *s, *next;

	HASH_ITER (hh, ss->table, s, next)
		if (s->seen_us < before_us && s->wanted_us < before_us &&
		    s->stored_seen_us + SEEN_EVERY_US > s->seen_us)
			sessions_drop(ss, s);
	metric_set(&sessions_gauge, (double)HASH_COUNT(ss->table));
}

/* --- renewing --------------------------------------------------------------
 */

static void errand_end(struct errand *e)
{
	DL_DELETE(e->sessions->errands, e);
	free(e);
}

static void stored_cb(const struct db_result *res, void *arg)
{
	struct sessions *ss = arg;

	if (sessions_done(ss))
		report(res, "session_renewed");
}

static void store_renewed(struct errand *e, const Sy__V1__SignInReply *reply)
{
	struct session *s = sessions_get(e->sessions, e->id);
	struct db_pipe *pipe = sessions_pipe(e->sessions);
	ProtobufCBinaryData record;

	record.len = sy__v1__principal__get_packed_size(reply->principal);
	record.data = must_calloc(1, record.len + 1);
	sy__v1__principal__pack(reply->principal, record.data);
	if (s)
		session_renewed(s, &record, &reply->actor_token,
				reply->expires_at_us);
	db_exec(pipe, SQL_SESSION_RENEWED);
	db_uuid(pipe, e->id);
	db_bytes(pipe, record.data, record.len);
	db_bytes(pipe, reply->actor_token.data, reply->actor_token.len);
	db_time(pipe, reply->expires_at_us);
	db_pipe_run(pipe, stored_cb, e->sessions);
	free(record.data);
	metric_add(&renewed, 1);
}

/* The directory will not have this session any more. */
static void end_refused(struct errand *e)
{
	struct db_pipe *pipe = sessions_pipe(e->sessions);

	sessions_drop(e->sessions, sessions_get(e->sessions, e->id));
	db_exec(pipe, SQL_SESSION_END);
	db_uuid(pipe, e->id);
	db_pipe_run(pipe, stored_cb, e->sessions);
}

static void renewed_cb(const Sy__V1__Error *error, const uint8_t *response,
		       size_t len, void *arg)
{
	struct errand *e = arg;
	Sy__V1__SignInReply *reply = NULL;

	if (!error)
		reply = sy__v1__sign_in_reply__unpack(NULL, len, response);
	if (reply && reply->principal && reply->actor_token.len)
		store_renewed(e, reply);
	else if (error && error->code == SY__V1__ERROR_CODE__FORBIDDEN &&
		 strcmp(error->field, "actor_token") == 0)
		end_refused(e); /* and not: a gateway may not ask */
	else
		log_warn("an actor token was not renewed; asked again in 15 s");
	sy__v1__sign_in_reply__free_unpacked(reply, NULL);
	errand_end(e);
}

static void claimed_cb(const struct db_result *res, void *arg)
{
	struct sessions *ss = arg;

	if (!sessions_done(ss))
		return;
	ss->claiming = false;
	report(res, "session_claim");
	for (int row = 0; res->outcome == DB_OK && row < db_rows(res, 0);
	     row++) {
		Sy__V1__RenewSessionRequest ask =
			SY__V1__RENEW_SESSION_REQUEST__INIT;
		ProtobufCBinaryData id = bytes_at(res, row, CLAIM_ID);
		struct errand *e;

		if (id.len != SEAL_ID_BYTES)
			continue;
		e = must_calloc(1, sizeof(*e));
		e->sessions = ss;
		memcpy(e->id, id.data, id.len);
		DL_APPEND(ss->errands, e);
		ask.actor_token = bytes_at(res, row, CLAIM_TOKEN);
		bus_client_query(ss->gw->peers[PEER_DIRECTORY], "RenewSession",
				 &ask.base, NULL, RENEW_MS, renewed_cb, e);
	}
}

static void claim(struct sessions *ss)
{
	struct db_pipe *pipe;

	if (ss->claiming || !ss->gw->peers[PEER_DIRECTORY])
		return;
	ss->claiming = true;
	pipe = sessions_pipe(ss);
	db_exec(pipe, SQL_SESSION_CLAIM);
	db_i64(pipe, TOKEN_RENEW_US);
	db_i64(pipe, SESSION_IDLE_US);
	db_i64(pipe, SESSION_LIFE_US);
	db_i64(pipe, CLAIM_MAX);
	db_pipe_run(pipe, claimed_cb, ss);
}

/* --- what is over ----------------------------------------------------------
 */

static void trimmed_cb(const struct db_result *res, void *arg)
{
	struct sessions *ss = arg;

	if (!sessions_done(ss))
		return;
	ss->trimming = false;
	report(res, "session_trim");
}

static void trim(struct sessions *ss)
{
	struct db_pipe *pipe;

	audit_trim(ss->gw);
	if (ss->trimming)
		return;
	ss->trimming = true;
	pipe = sessions_pipe(ss);
	db_exec(pipe, SQL_SESSION_TRIM);
	db_i64(pipe, SESSION_IDLE_US);
	db_i64(pipe, SESSION_LIFE_US);
	db_pipe_run(pipe, trimmed_cb, ss);
}

/* --- the timer -------------------------------------------------------------
 */

static void upkeep_cb(uv_timer_t *timer)
{
	struct sessions *ss = timer->data;

	if (!db_conn_up(ss->gw->db))
		return;
	forget_idle(ss);
	tell_seen(ss);
	look(ss);
	claim(ss);
	if (ss->turn++ % TRIM_EVERY_TURNS == 0)
		trim(ss);
}

void upkeep_start(struct sessions *ss)
{
	uv_timer_init(&ss->gw->service.loop, &ss->upkeep);
	ss->upkeep.data = ss;
	ss->users++;
	uv_timer_start(&ss->upkeep, upkeep_cb, TURN_MS, TURN_MS);
}

static void closed_cb(uv_handle_t *handle)
{
	sessions_done(handle->data);
}

void upkeep_close(struct sessions *ss)
{
	struct errand *e, *next;

	/* The bus forgets what was asked when it is closed, right after us. */
	DL_FOREACH_SAFE (ss->errands, e, next)
		errand_end(e);
	uv_close((uv_handle_t *)&ss->upkeep, closed_cb);
}
