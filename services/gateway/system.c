/* system.c -- GET /system: what of it answers, how long the logs are, who is
 * behind, whose clock differs. It is asked for when somebody looks, for all who
 * look at the same time; what did not answer in time keeps its last value and
 * says how old that is. */
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "bus/must.h"
#include "log.h"
#include "sessions.h"
#include "sse.h"
#include "suyuan/v1/kpi.pb-c.h"
#include "timeutil.h"
#include "uuid.h"

/* Younger values are not asked for again. */
#define FRESH_US (2 * US_PER_S)
#define ASK_MS 1500
/* An answer is given by then, whatever is missing. */
#define PATIENCE_MS 2000

/* What was last heard of a service. */
struct heard {
	struct system_state *system;
	enum peer peer;
	int shards_nr;
	struct heard_shard {
		struct heard *heard;
		uint32_t number;
		uint64_t head, request;
		bool asked;
	} shards[TAIL_SHARDS];
	int64_t heads_at_us;
	uint64_t behind;
	int64_t behind_at_us;
	char not_ready[128]; /* why it did not say how far behind it is */
};

/* Somebody waits for what is being asked; in the request's arena. */
struct looker {
	struct request *req;
	struct looker *prev, *next;
};

struct system_state {
	struct gateway *gw;
	int64_t started_us;
	uint8_t instance_id[UUID_BYTES];
	struct heard services[PEERS_NR]; /* [PEER_GATEWAY] is not used */
	int64_t database_offset_us, database_at_us;
	int64_t database_asked_us; /* wall clock */
	int64_t asked_us;          /* monotonic: of the last round */
	int open;                  /* answers that are waited for */
	struct looker *lookers;
	uv_timer_t patience;
	bool closed;
	int users; /* the clock's pipe, the timer */
};

static void unref(struct system_state *system)
{
	if (--system->users == 0)
		free(system);
}

/* --- the reply -------------------------------------------------------------
 */

static void put_replicas(const struct bus_client *client,
			 Sy__V1__ServiceStatus *to, struct arena *arena)
{
	int n = bus_client_replicas(client);

	to->processes =
		arena_alloc(arena, ((size_t)n + 1) * sizeof(*to->processes));
	for (int i = 0; i < n; i++) {
		const struct bus_replica *r = bus_client_replica(client, i);
		Sy__V1__ReplicaStatus *status;

		if (!r->up)
			continue;
		status = arena_alloc(arena, sizeof(*status));
		sy__v1__replica_status__init(status);
		status->instance_id.data = arena_memdup(arena, r->instance_id,
							sizeof(r->instance_id));
		status->instance_id.len = sizeof(r->instance_id);
		status->leaving = r->leaving;
		to->processes[to->n_processes++] = status;
	}
	to->replicas = (uint32_t)to->n_processes;
	to->reachable = to->replicas > 0;
}

static void put_heads(const struct heard *heard, Sy__V1__ServiceStatus *to,
		      struct arena *arena)
{
	to->heads_at_us = heard->heads_at_us;
	if (heard->heads_at_us == 0)
		return;
	to->heads = arena_alloc(arena,
				(size_t)heard->shards_nr * sizeof(*to->heads));
	for (int i = 0; i < heard->shards_nr; i++) {
		Sy__V1__ShardHead *head = arena_alloc(arena, sizeof(*head));

		sy__v1__shard_head__init(head);
		head->shard = (uint32_t)i;
		head->offset = heard->shards[i].head;
		to->heads[to->n_heads++] = head;
		to->events += head->offset;
	}
}

static Sy__V1__ServiceStatus *service_status(const struct heard *heard,
					     struct arena *arena)
{
	Sy__V1__ServiceStatus *to = arena_alloc(arena, sizeof(*to));

	sy__v1__service_status__init(to);
	to->name = (char *)peer_names[heard->peer];
	put_replicas(heard->system->gw->peers[heard->peer], to, arena);
	put_heads(heard, to, arena);
	to->events_behind = heard->behind;
	to->events_behind_at_us = heard->behind_at_us;
	to->not_ready = to->reachable ? arena_strdup(arena, heard->not_ready)
				      : (char *)"no replica answers";
	return to;
}

static int32_t in_ms(int64_t us)
{
	int64_t ms = us / US_PER_MS;

	return ms > INT32_MAX   ? INT32_MAX
	       : ms < INT32_MIN ? INT32_MIN
				: (int32_t)ms;
}

static void reply(struct request *req)
{
	struct gateway *gw = req->gw;
	const struct system_state *system = gw->system;
	Sy__V1__GetSystemReply out = SY__V1__GET_SYSTEM_REPLY__INIT;
	Sy__V1__ServiceStatus *services[PEERS_NR];

	out.services = services;
	for (int p = PEER_GATEWAY + 1; p < PEERS_NR; p++)
		if (gw->peers[p])
			services[out.n_services++] = service_status(
				&system->services[p], &req->arena);
	out.now_us = time_now_us();
	out.version = (char *)GATEWAY_VERSION;
	out.instance_id.data = (uint8_t *)system->instance_id;
	out.instance_id.len = sizeof(system->instance_id);
	out.started_at_us = system->started_us;
	out.database_offset_ms = in_ms(system->database_offset_us);
	out.database_at_us = system->database_at_us;
	out.directory_revision = replica_revision(gw->replica);
	out.sessions = sessions_count(gw);
	out.listeners = streams_listeners(gw);
	request_reply(req, &out.base);
}

static void reply_all(struct system_state *system)
{
	struct looker *l, *next, *list = system->lookers;

	system->lookers = NULL;
	uv_timer_stop(&system->patience);
	DL_FOREACH_SAFE (list, l, next)
		reply(l->req);
}

static void heard_one(struct system_state *system)
{
	if (--system->open == 0)
		reply_all(system);
}

static void patience_cb(uv_timer_t *timer)
{
	reply_all(timer->data);
}

/* --- asking ----------------------------------------------------------------
 */

static void head_cb(const struct frame *answer, void *arg)
{
	struct heard_shard *s = arg;
	Sy__V1__Batch *batch = NULL;

	s->asked = false;
	if (answer->op == BUS_BATCH)
		batch = sy__v1__batch__unpack(NULL, answer->body_len,
					      answer->body);
	if (batch) {
		s->head = batch->head_offset;
		s->heard->heads_at_us = time_now_us();
		sy__v1__batch__free_unpacked(batch, NULL);
	}
	heard_one(s->heard->system);
}

/* From an offset that no log reaches: the answer is the head alone. */
static void ask_heads(struct heard *heard)
{
	Sy__V1__Fetch ask = SY__V1__FETCH__INIT;

	ask.stream = (char *)peer_names[heard->peer];
	ask.from_offset = INT64_MAX;
	ask.max_events = 1;
	for (int i = 0; i < heard->shards_nr; i++) {
		struct heard_shard *s = &heard->shards[i];

		ask.shard = s->number;
		s->asked = true;
		heard->system->open++;
		s->request = bus_client_send(
			heard->system->gw->peers[heard->peer], -1, BUS_FETCH,
			&ask.base, ASK_MS, head_cb, s);
	}
}

static void behind_cb(const Sy__V1__Error *error, const uint8_t *response,
		      size_t len, void *arg)
{
	struct system_state *system = arg;
	struct heard *kpi = &system->services[PEER_KPI];
	Sy__V1__GetCellsReply *cells = NULL;

	if (!error)
		cells = sy__v1__get_cells_reply__unpack(NULL, len, response);
	if (cells) {
		kpi->behind = cells->events_behind;
		kpi->behind_at_us = time_now_us();
	}
	/* Who may not ask has heard nothing about kpi's health. */
	snprintf(kpi->not_ready, sizeof(kpi->not_ready), "%s",
		 error && error->code != SY__V1__ERROR_CODE__FORBIDDEN
			 ? error->text
			 : "");
	sy__v1__get_cells_reply__free_unpacked(cells, NULL);
	heard_one(system);
}

/* A question whose answer has no cell, only how far it is behind. */
static void ask_behind(struct system_state *system, const struct caller *as)
{
	Sy__V1__GetCellsRequest ask = SY__V1__GET_CELLS_REQUEST__INIT;
	Sy__V1__DayRange days = SY__V1__DAY_RANGE__INIT;
	char *indicator = (char *)"appeals";

	days.from_day = 1;
	days.to_day = 2;
	ask.days = &days;
	ask.indicators = &indicator;
	ask.n_indicators = 1;
	ask.limit = 1;
	system->open++;
	bus_client_query_as(system->gw->peers[PEER_KPI], &as->actor_token, NULL,
			    "GetCells", &ask.base, NULL, ASK_MS, behind_cb,
			    system);
}

static void clock_cb(const struct db_result *res, void *arg)
{
	struct system_state *system = arg;
	int64_t now_us = time_now_us();

	if (!system->closed) {
		if (res->outcome == DB_OK) {
			/* It was read about half way there and back. */
			system->database_offset_us =
				db_get_time(res, 0, 0, 0) -
				(system->database_asked_us + now_us) / 2;
			system->database_at_us = now_us;
		}
		heard_one(system);
	}
	unref(system);
}

static void ask_clock(struct system_state *system)
{
	struct db_pipe *pipe;

	if (!db_conn_up(system->gw->db))
		return;
	system->open++;
	system->users++;
	system->database_asked_us = time_now_us();
	pipe = db_pipe_new(system->gw->db);
	db_exec(pipe, SQL_CLOCK);
	db_pipe_run(pipe, clock_cb, system);
}

void handle_system(struct request *req)
{
	struct system_state *system = req->gw->system;
	int64_t now_us = time_monotonic_us();
	struct looker *l;

	if (system->open == 0 && system->asked_us &&
	    now_us - system->asked_us < FRESH_US) {
		reply(req);
		return;
	}
	l = arena_alloc(&req->arena, sizeof(*l));
	l->req = req;
	DL_APPEND(system->lookers, l);
	if (!uv_is_active((uv_handle_t *)&system->patience))
		uv_timer_start(&system->patience, patience_cb, PATIENCE_MS, 0);
	if (system->open > 0)
		return;
	system->asked_us = now_us;
	ask_clock(system);
	ask_behind(system, req->caller);
	for (int p = PEER_GATEWAY + 1; p < PEERS_NR; p++)
		if (system->gw->peers[p])
			ask_heads(&system->services[p]);
}

/* --- life ------------------------------------------------------------------
 */

void system_open(struct gateway *gw)
{
	struct system_state *system = must_calloc(1, sizeof(*system));

	system->gw = gw;
	system->started_us = time_now_us();
	uuid_make(system->instance_id);
	for (int p = PEER_GATEWAY + 1; p < PEERS_NR; p++) {
		struct heard *heard = &system->services[p];

		heard->system = system;
		heard->peer = (enum peer)p;
		heard->shards_nr = p == PEER_DIRECTORY ? 1 : TAIL_SHARDS;
		for (int i = 0; i < heard->shards_nr; i++)
			heard->shards[i] =
				(struct heard_shard){ .heard = heard,
						      .number = (uint32_t)i };
	}
	uv_timer_init(&gw->service.loop, &system->patience);
	system->patience.data = system;
	system->users = 1;
	gw->system = system;
}

static void closed_cb(uv_handle_t *handle)
{
	unref(handle->data);
}

/* kpi's answer is forgotten with the client, which is closed next. */
void system_close(struct gateway *gw)
{
	struct system_state *system = gw->system;

	if (!system)
		return;
	gw->system = NULL;
	system->closed = true;
	for (int p = PEER_GATEWAY + 1; p < PEERS_NR; p++)
		for (int i = 0; i < system->services[p].shards_nr; i++)
			if (system->services[p].shards[i].asked)
				bus_client_forget(
					gw->peers[p],
					system->services[p].shards[i].request);
	uv_close((uv_handle_t *)&system->patience, closed_cb);
}
