/* reactions_duty.c -- what nobody asks for: clocks that have run out, mentions
 * to be looked at again, commands for complaints, and what its log has said.
 *One replica looks (the duty "reactions") and has each done by a command of the
 * service to itself; whoever else looked would find nothing left to change.
 *
 *	reaction.wake_at -> ReactionsDue      reaction_ask  -> JudgeMentions
 *	appeal_heard     -> HearAppeals       reaction_tell -> complaints
 *		                                  -> ToldComplaints
 */
#include <stdlib.h>
#include <string.h>

#include "bus/client.h"
#include "duty/duty.h"
#include "log.h"
#include "metrics.h"
#include "reactions.h"
#include "timeutil.h"

#define LOOK_MS 250
/* Of each sort, at once. */
#define ROWS_MAX 100
#define ANSWER_MS 10000
/* After which a command that complaints did not answer is sent again. */
#define AGAIN_US (2 * US_PER_S)
/* What a closed reaction has said is kept as long as mentions are. */
#define TRIM_US (3600 * US_PER_S)

/* A command for complaints that is on its way. */
struct sending {
	struct reactions_duty *d;
	char reaction_id[UUID_TEXT_MAX];
	uint32_t n;
	int64_t again_us; /* not before; 0: it is on its way */
	bool used;
};

struct reactions_duty {
	struct social *svc;
	struct duty *duty;
	struct db_conn *conn;
	struct bus_client *client; /* NULL: there is no complaints */
	bool looking;
	int deciding; /* commands to ourselves in flight */
	int64_t trim_at_us;
	struct sending sending[ROWS_MAX];
	bool closing;
};

static struct metric told =
	METRIC(METRIC_COUNTER, "suyuan_social_told_complaints_total",
	       "Commands of forwarded reactions that complaints answered");
static struct metric waiting =
	METRIC(METRIC_GAUGE, "suyuan_social_tells_waiting",
	       "Commands for complaints that were on their way or refused for "
	       "now at the last look");

/* --- commands to ourselves --- */

static void decided_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct reactions_duty *d = arg;

	/* whatever the answer: what is still there is found by the next look */
	(void)code;
	d->deciding--;
}

static void command(struct reactions_duty *d, enum reactions_method method,
		    const ProtobufCMessage *request)
{
	d->deciding++;
	bus_server_command(d->svc->bus, &reactions_methods[method], request,
			   decided_cb, d);
}

static char *id_text(struct arena *arena, const struct db_result *res, int st,
		     int row, int col)
{
	size_t len;
	const uint8_t *id = db_get_bytes(res, st, row, col, &len);
	char *text = arena_alloc(arena, UUID_TEXT_MAX);

	return len == UUID_BYTES ? uuid_format(id, text) : text;
}

static void due(struct reactions_duty *d, struct arena *arena,
		const struct db_result *res)
{
	Sy__V1__ReactionsDueRequest req = SY__V1__REACTIONS_DUE_REQUEST__INIT;
	char *ids[ROWS_MAX];

	req.reaction_ids = ids;
	for (int row = 0; row < db_rows(res, DUTY_DUE); row++)
		ids[req.n_reaction_ids++] =
			id_text(arena, res, DUTY_DUE, row, 0);
	if (req.n_reaction_ids > 0)
		command(d, REACTIONS_DUE, &req.base);
}

static void asks(struct reactions_duty *d, struct arena *arena,
		 const struct db_result *res)
{
	Sy__V1__JudgeMentionsRequest req = SY__V1__JUDGE_MENTIONS_REQUEST__INIT;
	char *ids[ROWS_MAX];
	int64_t ns[ROWS_MAX];

	req.mention_ids = ids;
	req.ns = ns;
	for (int row = 0; row < db_rows(res, DUTY_ASKS); row++) {
		ns[req.n_ns++] = db_get_i64(res, DUTY_ASKS, row, 0);
		ids[req.n_mention_ids++] =
			id_text(arena, res, DUTY_ASKS, row, 1);
	}
	if (req.n_ns > 0)
		command(d, REACTIONS_JUDGE, &req.base);
}

static void heard(struct reactions_duty *d, struct arena *arena,
		  const struct db_result *res)
{
	const int st = DUTY_HEARD;
	Sy__V1__HearAppealsRequest req = SY__V1__HEAR_APPEALS_REQUEST__INIT;
	Sy__V1__HeardAppeal *all[ROWS_MAX];

	req.heard = all;
	for (int row = 0; row < db_rows(res, st); row++) {
		Sy__V1__HeardAppeal *h = arena_alloc(arena, sizeof(*h));

		sy__v1__heard_appeal__init(h);
		h->n = db_get_i64(res, st, row, 0);
		h->reaction_id = id_text(arena, res, st, row, 1);
		h->type = (char *)db_get_text(res, st, row, 2);
		h->at_us = db_get_time(res, st, row, 3);
		h->state = (Sy__V1__AppealState)db_get_i64(res, st, row, 4);
		h->task = (char *)db_get_text(res, st, row, 5);
		h->task_state = (uint32_t)db_get_i64(res, st, row, 6);
		h->merged_into = (char *)db_get_text(res, st, row, 7);
		all[req.n_heard++] = h;
	}
	if (req.n_heard > 0)
		command(d, REACTIONS_HEAR, &req.base);
}

/* --- complaints --- */

static const ProtobufCMessageDescriptor *request_of(const char *method)
{
	static const struct {
		const char *method;
		const ProtobufCMessageDescriptor *request;
	} requests[] = {
		{ "RegisterAppeal",
		  &sy__v1__register_appeal_request__descriptor },
		{ "OpenTask", &sy__v1__open_task_request__descriptor },
		{ "AnswerAppeal", &sy__v1__answer_appeal_request__descriptor },
		{ "InformCustomer",
		  &sy__v1__inform_customer_request__descriptor },
		{ "ReopenAppeal", &sy__v1__reopen_appeal_request__descriptor },
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (strcmp(requests[i].method, method) == 0)
			return requests[i].request;
	return NULL;
}

/* Not now: the same once more is right, since complaints knows it by its own
 * key. */
static bool for_now(const Sy__V1__Error *error)
{
	return error->code == SY__V1__ERROR_CODE__BUSY ||
	       error->code == SY__V1__ERROR_CODE__RETRY ||
	       error->code == SY__V1__ERROR_CODE__TIMEOUT ||
	       error->code == SY__V1__ERROR_CODE__INTERNAL ||
	       /* it has no grant for us yet, or not any more */
	       error->code == SY__V1__ERROR_CODE__FORBIDDEN ||
	       error->code == SY__V1__ERROR_CODE__UNKNOWN_METHOD;
}

static void answered_cb(const Sy__V1__Error *error, const uint8_t *response,
			size_t len, void *arg)
{
	struct sending *s = arg;
	Sy__V1__ToldComplaintsRequest req =
		SY__V1__TOLD_COMPLAINTS_REQUEST__INIT;
	Sy__V1__AppealReply *reply = NULL;

	s->again_us = time_monotonic_us() + AGAIN_US;
	if (error != NULL && for_now(error)) {
		log_warn("complaints cannot be told now: code %d",
			 (int)error->code);
		return;
	}
	/* the row is there until the command is done */
	s->used = false;
	req.reaction_id = s->reaction_id;
	req.n = s->n;
	if (error != NULL) {
		log_error("complaints refused what a reaction has to tell: "
			  "code %d, field %s",
			  (int)error->code, error->field);
		req.code = error->code;
	} else {
		reply = sy__v1__appeal_reply__unpack(NULL, len, response);
		if (reply != NULL)
			req.appeal_id = reply->appeal_id;
	}
	metric_add(&told, 1);
	command(s->d, REACTIONS_TOLD, &req.base);
	sy__v1__appeal_reply__free_unpacked(reply, NULL);
}

/* A place for it; NULL: it is on its way, or there is none. */
static struct sending *place_for(struct reactions_duty *d, const char *id,
				 uint32_t n)
{
	struct sending *free_one = NULL;

	for (size_t i = 0; i < ROWS_MAX; i++) {
		struct sending *s = &d->sending[i];

		if (!s->used) {
			free_one = s;
			continue;
		}
		if (strcmp(s->reaction_id, id) == 0 && s->n == n)
			return s->again_us != 0 && s->again_us <=
							   time_monotonic_us()
				       ? s
				       : NULL;
	}
	return free_one;
}

static void send_one(struct reactions_duty *d, struct arena *arena,
		     const struct db_result *res, int row)
{
	const char *id = id_text(arena, res, DUTY_TELLS, row, 0);
	const char *method = db_get_text(res, DUTY_TELLS, row, 2);
	const ProtobufCMessageDescriptor *desc = request_of(method);
	uint32_t n = (uint32_t)db_get_i32(res, DUTY_TELLS, row, 1);
	struct sending *s = place_for(d, id, n);
	ProtobufCMessage *request;
	const uint8_t *body;
	size_t len;

	if (s == NULL || desc == NULL)
		return;
	body = db_get_bytes(res, DUTY_TELLS, row, 3, &len);
	request = protobuf_c_message_unpack(desc, &arena->allocator, len, body);
	if (request == NULL)
		return;
	*s = (struct sending){ .d = d, .n = n, .used = true };
	memcpy(s->reaction_id, id, sizeof(s->reaction_id));
	bus_client_query(d->client, method, request,
			 arena_printf(arena, "social/%s/%u", id, n), ANSWER_MS,
			 answered_cb, s);
}

/* --- the duty --- */

static void looked_cb(const struct db_result *res, void *arg)
{
	struct reactions_duty *d = arg;
	struct arena arena;

	d->looking = false;
	if (d->closing) {
		free(d);
		return;
	}
	if (res->outcome != DB_OK) {
		if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
			log_error("reactions: %s", res->text);
		return;
	}
	if (duty_epoch(d->duty) == 0)
		return;
	arena_init(&arena);
	due(d, &arena, res);
	asks(d, &arena, res);
	heard(d, &arena, res);
	metric_set(&waiting, db_rows(res, DUTY_TELLS));
	for (int row = 0; d->client != NULL && row < db_rows(res, DUTY_TELLS);
	     row++)
		send_one(d, &arena, res, row);
	arena_reset(&arena);
}

static void trim(struct reactions_duty *d, struct db_pipe *pipe)
{
	if (time_monotonic_us() < d->trim_at_us)
		return;
	d->trim_at_us = time_monotonic_us() + TRIM_US;
	db_exec(pipe, DUTY_TRIM);
	db_i32(pipe, (int32_t)d->svc->conf.keep_days);
}

static void tick(struct duty *duty, void *arg)
{
	struct reactions_duty *d = arg;
	struct db_pipe *pipe;

	(void)duty;
	if (d->looking || d->deciding > 0 || !d->svc->started ||
	    !db_conn_up(d->conn))
		return;
	d->looking = true;
	pipe = db_pipe_new(d->conn);
	for (int sql = DUTY_DUE; sql <= DUTY_TELLS; sql++) {
		db_exec(pipe, sql);
		db_i64(pipe, ROWS_MAX);
	}
	trim(d, pipe);
	db_pipe_run(pipe, looked_cb, d);
}

/* The bus is closed before: no command calls back any more. */
void reactions_duty_close(struct reactions_duty **d_p)
{
	struct reactions_duty *d = d_p != NULL ? *d_p : NULL;
	struct db_conn *conn;
	bool looking;

	if (d == NULL)
		return;
	*d_p = NULL;
	d->closing = true;
	conn = d->conn;
	looking = d->looking;
	bus_client_close(&d->client);
	/* calls back who looks, and that frees it */
	db_conn_close(&conn);
	if (!looking)
		free(d);
}

int reactions_duty_open(struct reactions_duty **d_r, struct social *svc,
			struct duties *duties, struct error *err)
{
	struct reactions_duty *d = calloc(1, sizeof(*d));
	const struct db_conn_options conn = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "social reactions",
		.statements = reactions_duty_sql,
		.statements_nr = DUTY_NR,
		.statement_timeout_ms = 10000,
	};
	const struct bus_client_options client = {
		.loop = &svc->service.loop,
		.endpoint = svc->conf.complaints,
		.server_key = registry_key(svc->service.registry, "complaints"),
		.key = &svc->service.key,
	};
	const struct duty_options duty = {
		.name = "reactions",
		.tick = tick,
		.tick_ms = LOOK_MS,
		.arg = d,
	};

	*d_r = NULL;
	if (d == NULL)
		return error_set(err, "reactions: no memory");
	metric_show(&waiting);
	d->svc = svc;
	*d_r = d;
	if (db_conn_open(&d->conn, &svc->service.loop, &conn, err) < 0)
		return -1;
	if (svc->conf.complaints[0] != '\0') {
		if (client.server_key == NULL)
			return error_set(err, "the registry has no key of "
					      "complaints");
		if (bus_client_open(&d->client, &client, err) < 0)
			return -1;
	}
	d->duty = duties_add(duties, &duty);
	return 0;
}
