/* lanes.c -- lanes in memory: what was committed, what is queued, which rejects
 * the publisher has not seen. The database has the last word (lane_claim). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/internal.h"
#include "log.h"
#include "timeutil.h"

#define LANE_IDLE_US (600 * US_PER_S)

/* A HELLO, or the reading of one lane, on its way to the database. */
struct hello {
	struct bus_server *bus;
	struct identity from;
	uint64_t correlation;
	char principal[PRINCIPAL_MAX];
	char publisher[PRINCIPAL_MAX + 1];
	uint32_t lane; /* of a reading */
};

static bool publisher_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= PRINCIPAL_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.:-") == len;
}

static char *lane_name(const char *principal, const char *publisher,
		       uint32_t lane)
{
	char *name;

	if (asprintf(&name, "%s\n%s\n%u", principal, publisher, lane) < 0)
		abort();
	return name;
}

static struct lane *lane_find(struct bus_server *bus, const char *principal,
			      const char *publisher, uint32_t number)
{
	char *name = lane_name(principal, publisher, number);
	struct lane *lane;

	HASH_FIND_STR(bus->lanes, name, lane);
	free(name);
	return lane;
}

static struct lane *lane_get(struct bus_server *bus, const char *principal,
			     const char *publisher, uint32_t number)
{
	struct lane *lane = lane_find(bus, principal, publisher, number);

	if (!lane) {
		lane = calloc(1, sizeof(*lane));
		if (!lane)
			abort();
		lane->name = lane_name(principal, publisher, number);
		snprintf(lane->principal, sizeof(lane->principal), "%s",
			 principal);
		snprintf(lane->publisher, sizeof(lane->publisher), "%s",
			 publisher);
		lane->number = number;
		HASH_ADD_KEYPTR(hh, bus->lanes, lane->name, strlen(lane->name),
				lane);
	}
	lane->used_us = time_monotonic_us();
	return lane;
}

static struct lane_reject *reject_push(struct lane *lane, uint64_t seq)
{
	struct lane_reject *reject;

	if (lane->rejects_nr == lane->rejects_cap) {
		lane->rejects_cap = lane->rejects_cap * 2 + 16;
		lane->rejects =
			realloc(lane->rejects,
				lane->rejects_cap * sizeof(*lane->rejects));
		if (!lane->rejects)
			abort();
	}
	reject = &lane->rejects[lane->rejects_nr++];
	memset(reject, 0, sizeof(*reject));
	reject->seq = seq;
	return reject;
}

void lane_reached(struct lane *lane, uint64_t seq)
{
	if (seq > lane->committed_seq)
		lane->committed_seq = seq;
	/* A repeated HELLO may have been answered while this was on its way. */
	if (lane->committed_seq > lane->queued_seq)
		lane->queued_seq = lane->committed_seq;
}

void lane_add_reject(struct lane *lane, uint64_t seq,
		     const struct bus_item *item)
{
	struct lane_reject *reject = reject_push(lane, seq);

	reject->code = (int32_t)item->verdict;
	memcpy(reject->field, item->field, sizeof(reject->field));
	memcpy(reject->text, item->text, sizeof(reject->text));
}

void lane_load_reject(struct lane *lane, const struct db_result *res,
		      int statement, int row)
{
	uint64_t seq = (uint64_t)db_get_i64(res, statement, row, 1);
	struct lane_reject *reject;

	if (lane->rejects_nr && lane->rejects[lane->rejects_nr - 1].seq >= seq)
		return;
	reject = reject_push(lane, seq);
	reject->code = db_get_i32(res, statement, row, 2);
	snprintf(reject->field, sizeof(reject->field), "%s",
		 db_get_text(res, statement, row, 3));
	snprintf(reject->text, sizeof(reject->text), "%s",
		 db_get_text(res, statement, row, 4));
}

void lane_forget_rejects(struct lane *lane, uint64_t seen_seq)
{
	size_t n = 0;

	while (n < lane->rejects_nr && lane->rejects[n].seq <= seen_seq)
		n++;
	if (n == 0)
		return;
	memmove(lane->rejects, lane->rejects + n,
		(lane->rejects_nr - n) * sizeof(*lane->rejects));
	lane->rejects_nr -= n;
	lane->rejects_seen_seq = seen_seq;
}

size_t lane_rejects(const struct lane *lane, struct arena *arena,
		    Sy__V1__Reject ***rejects_r, uint64_t *last_seq_r)
{
	size_t n = lane->rejects_nr;

	*last_seq_r = lane->committed_seq;
	/* A sequence that is named without its reject would be taken for
	 * accepted: the answer reaches no further than the rejects it can
	 * carry. */
	if (n > BUS_ACK_REJECTS) {
		n = BUS_ACK_REJECTS;
		*last_seq_r = lane->rejects[n].seq - 1;
	}
	*rejects_r = arena_alloc(arena, (n + 1) * sizeof(**rejects_r));
	for (size_t i = 0; i < n; i++) {
		const struct lane_reject *from = &lane->rejects[i];
		Sy__V1__Reject *to = arena_alloc(arena, sizeof(*to));

		sy__v1__reject__init(to);
		to->seq = from->seq;
		to->code = (Sy__V1__ErrorCode)from->code;
		to->field = (char *)from->field;
		to->text = (char *)from->text;
		(*rejects_r)[i] = to;
	}
	return n;
}

/* --- HELLO
 * ------------------------------------------------------------------------ */

static void welcome(struct bus_server *bus, const struct hello *hello,
		    const Sy__V1__Hello *msg)
{
	Sy__V1__Welcome reply = SY__V1__WELCOME__INIT;
	struct arena arena;

	arena_init(&arena);
	reply.instance_id.data = bus->instance_id;
	reply.instance_id.len = sizeof(bus->instance_id);
	reply.service = (char *)bus->o.service;
	reply.credit_events = BUS_CREDIT_EVENTS;
	reply.max_publish_events = BUS_PUBLISH_EVENTS;
	reply.max_event_bytes = BUS_EVENT_BYTES;
	reply.lanes =
		arena_alloc(&arena, (msg->n_lanes + 1) * sizeof(*reply.lanes));
	for (size_t i = 0; i < msg->n_lanes; i++) {
		const struct lane *lane = lane_find(
			bus, hello->principal, hello->publisher, msg->lanes[i]);
		Sy__V1__LaneState *state = arena_alloc(&arena, sizeof(*state));

		sy__v1__lane_state__init(state);
		state->lane = lane->number;
		state->epoch = lane->epoch;
		state->committed_seq = lane->committed_seq;
		state->n_rejects = lane_rejects(lane, &arena, &state->rejects,
						&state->last_seq);
		reply.lanes[reply.n_lanes++] = state;
	}
	bus_send(bus, &hello->from, BUS_WELCOME, hello->correlation,
		 &reply.base);
	arena_reset(&arena);
}

/* Rows of BUS_SQL_REJECTS_OF, ordered by lane and sequence. */
static void rejects_load(struct bus_server *bus, const struct hello *hello,
			 const struct db_result *res, int statement)
{
	for (int i = 0; i < db_rows(res, statement); i++)
		lane_load_reject(
			lane_get(bus, hello->principal, hello->publisher,
				 (uint32_t)db_get_i64(res, statement, i, 0)),
			res, statement, i);
}

static void lane_set(struct lane *lane, int64_t lane_id, uint64_t epoch,
		     uint64_t last_seq)
{
	lane->lane_id = lane_id;
	lane->epoch = epoch;
	lane->committed_seq = last_seq;
	lane->queued_seq = last_seq;
	lane->rejects_nr = 0;
	lane->rejects_seen_seq = 0;
}

static void hello_stored_cb(const struct db_result *res, void *arg)
{
	struct hello *hello = arg;
	struct bus_server *bus = hello->bus;
	Sy__V1__Hello msg = SY__V1__HELLO__INIT;
	uint32_t lanes[BUS_LANES];

	if (strcmp(res->sqlstate, "SY005") == 0) {
		metric_add(&bus_fenced_nacks, 1);
		settle_nack(bus, &hello->from, hello->publisher, 0, 0,
			    SY__V1__ERROR_CODE__FENCED, 0,
			    "another instance took the lanes over");
		free(hello);
		return;
	}
	if (res->outcome != DB_OK) {
		/* No WELCOME: the publisher says HELLO again. */
		log_warn("hello: %s", res->text);
		free(hello);
		return;
	}
	for (int i = 0; i < db_rows(res, 0) && i < BUS_LANES; i++) {
		uint32_t number = (uint32_t)db_get_i64(res, 0, i, 0);
		struct lane *lane = lane_get(bus, hello->principal,
					     hello->publisher, number);

		intake_purge_lane(bus, lane);
		lane_set(lane, db_get_i64(res, 0, i, 1),
			 (uint64_t)db_get_i64(res, 0, i, 2),
			 (uint64_t)db_get_i64(res, 0, i, 3));
		lane->peer = hello->from;
		lanes[msg.n_lanes++] = number;
	}
	rejects_load(bus, hello, res, 1);
	msg.lanes = lanes;
	welcome(bus, hello, &msg);
	free(hello);
}

static struct hello *hello_new(struct bus_server *bus,
			       const struct incoming *in, const char *publisher)
{
	struct hello *hello = calloc(1, sizeof(*hello));

	if (!hello)
		abort();
	hello->bus = bus;
	hello->from = in->from;
	hello->correlation = in->frame.correlation;
	snprintf(hello->principal, sizeof(hello->principal), "%s",
		 in->principal);
	snprintf(hello->publisher, sizeof(hello->publisher), "%s", publisher);
	return hello;
}

/* Each at most once, and of those that a publisher has. */
static bool lanes_good(const uint32_t *lanes, size_t n)
{
	uint32_t named = 0;

	for (size_t i = 0; i < n; i++) {
		if (lanes[i] >= BUS_LANES || named & 1U << lanes[i])
			return false;
		named |= 1U << lanes[i];
	}
	return true;
}

static const char *hello_wrong(const Sy__V1__Hello *msg)
{
	if (!publisher_valid(msg->publisher))
		return "publisher: wants [a-z0-9_.:-]{1,64}";
	if (msg->instance_id.len != 16)
		return "instance_id: wants 16 bytes";
	if (!lanes_good(msg->lanes, msg->n_lanes))
		return "lanes: from 0 to 15, each once";
	if (!lanes_good(msg->held_lanes, msg->n_held_lanes))
		return "held_lanes: from 0 to 15, each once";
	return NULL;
}

static void lanes_array(struct db_pipe *pipe, const uint32_t *lanes, size_t n)
{
	db_array_begin(pipe, DB_ARRAY_I16);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, lanes[i]);
	db_array_end(pipe);
}

static void hello_store(struct bus_server *bus, const struct incoming *in,
			const Sy__V1__Hello *msg)
{
	struct hello *hello = hello_new(bus, in, msg->publisher);
	struct db_pipe *pipe = db_pipe_new(bus_query_conn(bus));

	db_exec(pipe, BUS_SQL_LANE_HELLO);
	db_text(pipe, hello->principal);
	db_text(pipe, hello->publisher);
	lanes_array(pipe, msg->lanes, msg->n_lanes);
	db_bytes(pipe, msg->instance_id.data, msg->instance_id.len);
	lanes_array(pipe, msg->held_lanes, msg->n_held_lanes);
	db_exec(pipe, BUS_SQL_REJECTS_OF);
	db_text(pipe, hello->principal);
	db_text(pipe, hello->publisher);
	lanes_array(pipe, msg->lanes, msg->n_lanes);
	db_pipe_run(pipe, hello_stored_cb, hello);
}

void lanes_hello(struct bus_server *bus, const struct incoming *in)
{
	Sy__V1__Hello *msg =
		sy__v1__hello__unpack(NULL, in->frame.body_len, in->frame.body);
	const char *wrong;

	if (!msg) {
		settle_nack(bus, &in->from, "", 0, 0,
			    SY__V1__ERROR_CODE__MALFORMED, 0, "HELLO");
		return;
	}
	if (msg->n_lanes == 0) { /* a probe: who are you */
		struct hello probe = { .from = in->from,
				       .correlation = in->frame.correlation };

		welcome(bus, &probe, msg);
		goto out;
	}
	wrong = hello_wrong(msg);
	if (wrong) {
		settle_nack(bus, &in->from, msg->publisher, 0, 0,
			    SY__V1__ERROR_CODE__INVALID, 0, wrong);
		goto out;
	}
	if (!(in->grant.roles & (ROLE_PUBLISHER | ROLE_ADMIN))) {
		bus_denied(bus, in->principal, "HELLO without a role for it");
		settle_nack(bus, &in->from, msg->publisher, msg->lanes[0], 0,
			    SY__V1__ERROR_CODE__FORBIDDEN, 0,
			    "publishing wants the role publisher or admin");
		goto out;
	}
	hello_store(bus, in, msg);
out:
	sy__v1__hello__free_unpacked(msg, NULL);
}

/* --- a lane that was opened on another replica or before our start
 * ------------- */

static void lane_read_cb(const struct db_result *res, void *arg)
{
	struct hello *hello = arg;
	struct lane *lane = lane_get(hello->bus, hello->principal,
				     hello->publisher, hello->lane);

	if (res->outcome == DB_OK && db_rows(res, 0) == 1 &&
	    lane->lane_id == 0) {
		lane_set(lane, db_get_i64(res, 0, 0, 0),
			 (uint64_t)db_get_i64(res, 0, 0, 1),
			 (uint64_t)db_get_i64(res, 0, 0, 2));
		rejects_load(hello->bus, hello, res, 1);
	} else if (lane->lane_id == 0 && lane->work_nr == 0) {
		HASH_DEL(hello->bus->lanes, lane);
		free(lane->rejects);
		free(lane->name);
		free(lane);
	}
	free(hello);
}

static void lane_read(struct bus_server *bus, const struct incoming *in,
		      const char *publisher, uint32_t number)
{
	struct hello *hello = hello_new(bus, in, publisher);
	struct db_pipe *pipe = db_pipe_new(bus_query_conn(bus));

	hello->lane = number;
	db_exec(pipe, BUS_SQL_LANE_FIND);
	db_text(pipe, hello->principal);
	db_text(pipe, hello->publisher);
	db_i32(pipe, (int32_t)number);
	db_exec(pipe, BUS_SQL_REJECTS_OF);
	db_text(pipe, hello->principal);
	db_text(pipe, hello->publisher);
	lanes_array(pipe, &number, 1);
	db_pipe_run(pipe, lane_read_cb, hello);
}

struct lane *lane_for_publish(struct bus_server *bus, const struct incoming *in,
			      const Sy__V1__Publish *publish)
{
	struct lane *lane = lane_find(bus, in->principal, publish->publisher,
				      publish->lane);

	if (!publisher_valid(publish->publisher) ||
	    publish->lane >= BUS_LANES) {
		settle_nack(bus, &in->from, publish->publisher, publish->lane,
			    publish->epoch, SY__V1__ERROR_CODE__INVALID, 0,
			    "publisher or lane out of range");
		return NULL;
	}
	if (lane && lane->lane_id != 0 && publish->epoch > lane->epoch) {
		/* It said HELLO on another replica since we read it. */
		intake_purge_lane(bus, lane);
		lane->lane_id = 0;
		lane_read(bus, in, publish->publisher, publish->lane);
	} else if (!lane) {
		lane_get(bus, in->principal, publish->publisher, publish->lane);
		lane_read(bus, in, publish->publisher, publish->lane);
	}
	if (!lane || lane->lane_id == 0) {
		settle_nack(bus, &in->from, publish->publisher, publish->lane,
			    publish->epoch, SY__V1__ERROR_CODE__BUSY, 0,
			    "the lane is being read");
		return NULL;
	}
	if (publish->epoch < lane->epoch) {
		metric_add(&bus_fenced_nacks, 1);
		settle_nack(bus, &in->from, publish->publisher, publish->lane,
			    publish->epoch, SY__V1__ERROR_CODE__FENCED, 0,
			    "another instance took the lane over");
		return NULL;
	}
	lane->used_us = time_monotonic_us();
	return lane;
}

void lanes_sweep(struct bus_server *bus, int64_t now_us)
{
	struct lane *lane, *next;

	HASH_ITER (hh, bus->lanes, lane, next) {
		if (now_us - lane->used_us < LANE_IDLE_US || lane->work_nr ||
		    lane->lane_id == 0)
			continue;
		HASH_DEL(bus->lanes, lane);
		free(lane->rejects);
		free(lane->name);
		free(lane);
	}
}

void lanes_free(struct bus_server *bus)
{
	struct lane *lane, *next;

	HASH_ITER (hh, bus->lanes, lane, next) {
		HASH_DEL(bus->lanes, lane);
		free(lane->rejects);
		free(lane->name);
		free(lane);
	}
}
