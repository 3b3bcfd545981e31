/* publisher_wire.c -- lanes on the wire: HELLO takes lanes to a replica,
 * PUBLISH sends their events within its credit, and each ACK, NACK and WELCOME
 * says what is committed, whichever message it answers. */
#include <string.h>

#include "bus/must.h"
#include "bus/publisher_internal.h"
#include "metrics.h"
#include "timeutil.h"

#define ANSWER_MS 3000
#define FRAME_EVENTS_BYTES (1024 * 1024)
#define PUBLISH_EVENTS_FALLBACK 500
#define CREDIT_FALLBACK 1000
#define AGAIN_US (200 * US_PER_MS)
/* After a gap, the NACKs of the frames behind it come in one burst. */
#define GAP_WAIT_US (20 * US_PER_MS)
/* Replicas answer one after the other at start: look around before all lanes
 * settle at the first. */
#define PLACE_AFTER_US (100 * US_PER_MS)
#define REPLICAS_MAX 64
#define EVENTS_TAG 6 /* of Publish.events */

static struct metric hellos =
	METRIC(METRIC_COUNTER, "suyuan_bus_publisher_hellos_total",
	       "Lanes that asked a replica to take them.");
static struct metric rewinds =
	METRIC(METRIC_COUNTER, "suyuan_bus_publisher_rewinds_total",
	       "Times that a lane began to send again what was in flight.");

static bool takes_new_work(const struct publisher *p, int replica)
{
	const struct bus_replica *r = bus_client_replica(p->client, replica);

	return r->up && !r->leaving;
}

/* The lane must say HELLO, here or elsewhere, before it sends again. */
static void lane_evict(struct lane *lane, int64_t wait_us)
{
	if (lane_in_flight(lane) > 0)
		metric_add(&rewinds, 1);
	lane->state = LANE_HOMELESS;
	lane->wait_until_us = time_monotonic_us() + wait_us;
	lane_rewind(lane);
}

/* What the server calls committed may not lie before what it acknowledged to
 * this run: then its database is an older one, and going on would hide that
 * events were lost. */
static bool lane_went_back(struct publisher *p, const struct lane *lane,
			   uint64_t last_seq)
{
	Sy__V1__Error error = SY__V1__ERROR__INIT;

	if (!lane->seen_welcome || last_seq >= lane->committed_seq)
		return false;
	error.code = SY__V1__ERROR_CODE__CONFLICT;
	error.text = (char *)"the service lost events that it acknowledged";
	publisher_fatal(p, &error);
	return true;
}

/* --- HELLO --- */

static void hello_free(struct hello *h)
{
	if (h->prev)
		h->prev->next = h->next;
	else
		h->p->hellos = h->next;
	if (h->next)
		h->next->prev = h->prev;
	free(h);
}

static void lane_welcome(struct publisher *p, struct lane *lane,
			 const Sy__V1__LaneState *state)
{
	/* With many rejects a WELCOME may stop short of what is committed; then
	 * the first PUBLISH tells. */
	if (state->n_rejects == 0 && lane_went_back(p, lane, state->last_seq))
		return;
	if (!lane->welcomed) {
		lane->resume_seq = state->last_seq;
		/* A service of an earlier release does not say it. */
		lane->welcome_seq = state->committed_seq ? state->committed_seq
							 : state->last_seq;
	}
	lane->seen_welcome = lane->welcomed = true;
	lane->state = LANE_OPEN;
	lane->epoch = state->epoch;
	lane->wait_until_us = 0;
	lane->progress_us = time_monotonic_us();
	lane->asked_again = false;
	lane_take_rejects(lane, state->rejects, state->n_rejects);
	lane_committed(lane, state->last_seq);
	lane_rewind(lane);
}

static void welcomed_cb(const struct frame *answer, void *arg)
{
	struct hello *h = arg;
	struct publisher *p = h->p;
	uint32_t asked = h->lanes;
	Sy__V1__Welcome *welcome = NULL;

	hello_free(h);
	if (answer->op == BUS_WELCOME)
		welcome = sy__v1__welcome__unpack(NULL, answer->body_len,
						  answer->body);
	for (size_t i = 0; welcome && i < welcome->n_lanes; i++) {
		uint32_t number = welcome->lanes[i]->lane;

		if (number < BUS_LANES && (asked & (1u << number)) &&
		    p->lanes[number].state == LANE_HELLO)
			lane_welcome(p, &p->lanes[number], welcome->lanes[i]);
	}
	if (welcome)
		sy__v1__welcome__free_unpacked(welcome, NULL);
	for (unsigned i = 0; i < BUS_LANES; i++) {
		struct lane *lane = &p->lanes[i];

		if (!(asked & (1u << i)) || lane->state != LANE_HELLO)
			continue;
		lane_evict(lane, AGAIN_US);
	}
	publisher_later(p);
}

static void say_hello(struct publisher *p, int replica, uint32_t lanes)
{
	Sy__V1__Hello message = SY__V1__HELLO__INIT;
	struct hello *h = must_calloc(1, sizeof(*h));
	uint32_t numbers[BUS_LANES], held[BUS_LANES];

	for (unsigned i = 0; i < BUS_LANES; i++) {
		if (!(lanes & (1u << i)))
			continue;
		numbers[message.n_lanes++] = i;
		if (p->lanes[i].seen_welcome)
			held[message.n_held_lanes++] = i;
	}
	message.lanes = numbers;
	message.held_lanes = held;
	message.publisher = p->name;
	message.instance_id.data = p->instance_id;
	message.instance_id.len = sizeof(p->instance_id);
	metric_add(&hellos, (double)message.n_lanes);
	h->p = p;
	h->lanes = lanes;
	h->next = p->hellos;
	if (h->next)
		h->next->prev = h;
	p->hellos = h;
	h->request = bus_client_send(p->client, replica, BUS_HELLO,
				     &message.base, ANSWER_MS, welcomed_cb, h);
}

/* A replica that starts or drains refuses whatever comes, and names no lane:
 * all that wait for an answer there ask again, where work is taken. */
static void refused(struct publisher *p, int replica, int64_t wait_us)
{
	struct hello *h, *next;

	for (unsigned i = 0; i < BUS_LANES; i++) {
		struct lane *lane = &p->lanes[i];

		if (lane->state == LANE_HOMELESS || lane->replica != replica)
			continue;
		for (h = p->hellos; h; h = next) {
			next = h->next;
			if (!(h->lanes & (1u << i)))
				continue;
			bus_client_forget(p->client, h->request);
			hello_free(h);
		}
		lane_evict(lane, wait_us);
	}
}

/* The live replica with the fewest of our lanes, -1: none. */
static int least_loaded(const struct publisher *p)
{
	int best = -1, best_lanes = 0;

	for (int r = 0; r < bus_client_replicas(p->client); r++) {
		int lanes = 0;

		if (!takes_new_work(p, r))
			continue;
		for (unsigned i = 0; i < BUS_LANES; i++)
			if (p->lanes[i].state != LANE_HOMELESS &&
			    p->lanes[i].replica == r)
				lanes++;
		if (best < 0 || lanes < best_lanes) {
			best = r;
			best_lanes = lanes;
		}
	}
	return best;
}

/* True while others may still answer for the first time. */
static bool looks_around(struct publisher *p, int64_t now_us)
{
	if (bus_client_alive(p->client) == 0)
		return true;
	if (!p->placed_from_us)
		p->placed_from_us = now_us;
	return bus_client_replicas(p->client) > 1 &&
	       now_us - p->placed_from_us < PLACE_AFTER_US;
}

/* In flight for too long. Sending again under the epoch that we hold is enough
 * when an ACK was lost, and finds out when another instance has taken the lane:
 * HELLO would take it back. */
static void lane_silent(struct lane *lane, int64_t now_us)
{
	if (lane->asked_again) {
		lane_evict(lane, 0);
		return;
	}
	metric_add(&rewinds, 1);
	lane->asked_again = true;
	lane->progress_us = now_us;
	lane_rewind(lane);
}

/* A lane whose replica is gone, is leaving and has answered all, or is silent
 * has no home any more. */
static void lane_check(struct publisher *p, struct lane *lane, int64_t now_us)
{
	const struct bus_replica *r =
		bus_client_replica(p->client, lane->replica);

	if (lane->state != LANE_OPEN)
		return;
	if (!r->up || r->serial != lane->serial ||
	    (r->leaving && lane_in_flight(lane) == 0))
		lane_evict(lane, 0);
	else if (lane_in_flight(lane) > 0 &&
		 now_us - lane->progress_us > ANSWER_MS * US_PER_MS)
		lane_silent(lane, now_us);
}

/* Something is to be sent, or its numbers are to be learned. */
static bool lane_waits(const struct lane *lane)
{
	return lane->next_seq <= lane_sendable_seq(lane) ||
	       (!lane->welcomed && lane->queued_seq > lane->done_seq);
}

/* Gives every lane that has something to send a replica. Lanes stay where they
 * are as long as that replica lives. */
void wire_settle(struct publisher *p, int64_t now_us)
{
	uint32_t placed[REPLICAS_MAX] = { 0 };

	for (unsigned i = 0; i < BUS_LANES; i++)
		lane_check(p, &p->lanes[i], now_us);
	if (looks_around(p, now_us))
		return;
	for (unsigned i = 0; i < BUS_LANES; i++) {
		struct lane *lane = &p->lanes[i];
		int replica;

		if (lane->state != LANE_HOMELESS || !lane_waits(lane) ||
		    now_us < lane->wait_until_us)
			continue;
		replica = least_loaded(p);
		if (replica < 0 || replica >= REPLICAS_MAX)
			break;
		lane->state = LANE_HELLO;
		lane->replica = replica;
		lane->serial = bus_client_replica(p->client, replica)->serial;
		placed[replica] |= 1u << i;
	}
	for (int r = 0; r < REPLICAS_MAX; r++)
		if (placed[r])
			say_hello(p, r, placed[r]);
}

/* --- PUBLISH --- */

/* Sends up to max events of the lane's in one frame. */
static int publish(struct publisher *p, unsigned index, uint64_t max)
{
	struct lane *lane = &p->lanes[index];
	Sy__V1__Publish message = SY__V1__PUBLISH__INIT;
	ProtobufCMessageUnknownField *events;
	size_t bytes = 0;
	unsigned n = 0;
	int status;

	if (lane_sendable_seq(lane) - lane->next_seq + 1 < max)
		max = lane_sendable_seq(lane) - lane->next_seq + 1;
	/* The events are packed already: they go out as fields that the message
	 * carries unread. */
	events = must_calloc(max, sizeof(*events));
	while (n < max) {
		struct queued *q = lane_at(lane, lane->next_seq + n);

		if (n > 0 && bytes + q->len > FRAME_EVENTS_BYTES)
			break;
		bytes += q->len;
		events[n].tag = EVENTS_TAG;
		events[n].wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
		events[n].len = q->len;
		events[n].data = q->data;
		n++;
	}
	message.publisher = p->name;
	message.lane = index;
	message.epoch = lane->epoch;
	message.first_seq = lane->next_seq;
	message.rejects_seen_seq = lane->seen_seq;
	message.base.n_unknown_fields = n;
	message.base.unknown_fields = events;
	status = bus_client_post(p->client, lane->replica, BUS_PUBLISH,
				 &message.base);
	free(events);
	if (status < 0)
		return -1;
	if (lane_in_flight(lane) == 0)
		lane->progress_us = time_monotonic_us();
	lane->next_seq += n;
	p->stats.sent += n;
	return 0;
}

static uint64_t credit_left(const struct publisher *p, int replica)
{
	const struct bus_replica *r = bus_client_replica(p->client, replica);
	uint64_t credit = r->credit_events ? r->credit_events : CREDIT_FALLBACK;
	uint64_t used = 0;

	for (unsigned i = 0; i < BUS_LANES; i++)
		if (p->lanes[i].state == LANE_OPEN &&
		    p->lanes[i].replica == replica)
			used += lane_in_flight(&p->lanes[i]);
	return used < credit ? credit - used : 0;
}

static bool publish_some(struct publisher *p, unsigned index, int64_t now_us)
{
	struct lane *lane = &p->lanes[index];
	uint64_t max, credit;

	if (lane->state != LANE_OPEN ||
	    lane->next_seq > lane_sendable_seq(lane) ||
	    now_us < lane->wait_until_us || lane_saves_up(lane) ||
	    !takes_new_work(p, lane->replica))
		return false;
	credit = credit_left(p, lane->replica);
	max = bus_client_replica(p->client, lane->replica)->max_publish_events;
	if (max == 0)
		max = PUBLISH_EVENTS_FALLBACK;
	if (credit < max)
		max = credit;
	return max > 0 && publish(p, index, max) == 0;
}

/* One frame a lane in turn, until nothing more may go out. */
void wire_send(struct publisher *p, int64_t now_us)
{
	unsigned quiet = 0;

	while (quiet < BUS_LANES && !p->dead)
		if (publish_some(p, p->next_lane++ % BUS_LANES, now_us))
			quiet = 0;
		else
			quiet++;
}

/* --- ACK, NACK --- */

static void handle_ack(struct publisher *p, const struct frame *frame)
{
	Sy__V1__Ack *ack =
		sy__v1__ack__unpack(NULL, frame->body_len, frame->body);

	if (ack && strcmp(ack->publisher, p->name) == 0 &&
	    ack->lane < BUS_LANES) {
		struct lane *lane = &p->lanes[ack->lane];

		/* Of whatever epoch: what is committed stays so. */
		lane_take_rejects(lane, ack->rejects, ack->n_rejects);
		lane_committed(lane, ack->last_seq);
		lane->progress_us = time_monotonic_us();
		lane->asked_again = false;
		publisher_later(p);
	}
	if (ack)
		sy__v1__ack__free_unpacked(ack, NULL);
}

static void lane_nack(struct publisher *p, struct lane *lane,
		      const Sy__V1__Nack *nack)
{
	Sy__V1__ErrorCode code = nack->error->code;
	int64_t now_us = time_monotonic_us(), wait_us;

	wait_us = nack->error->retry_after_ms
			  ? nack->error->retry_after_ms * US_PER_MS
			  : AGAIN_US;
	if (lane->state != LANE_OPEN || nack->epoch != lane->epoch)
		return; /* of an epoch that we have left */
	lane->asked_again = false;
	if (code == SY__V1__ERROR_CODE__FENCED) {
		publisher_fatal(p, nack->error);
	} else if (code == SY__V1__ERROR_CODE__RETRY ||
		   code == SY__V1__ERROR_CODE__INTERNAL) {
		lane_evict(lane, wait_us);
	} else if (code == SY__V1__ERROR_CODE__BUSY) {
		metric_add(&rewinds, 1);
		lane_rewind(lane);
		lane->wait_until_us = now_us + wait_us;
	} else if (code == SY__V1__ERROR_CODE__INVALID && nack->expected_seq) {
		/* Frames behind a gap each get this answer: one is enough. */
		if (now_us < lane->wait_until_us ||
		    lane_went_back(p, lane, nack->expected_seq - 1))
			return;
		metric_add(&rewinds, 1);
		lane_rewind(lane);
		lane->next_seq = nack->expected_seq;
		lane->wait_until_us = now_us + GAP_WAIT_US;
	} else {
		publisher_fatal(p, nack->error);
	}
}

static void handle_nack(struct publisher *p, int replica,
			const struct frame *frame)
{
	Sy__V1__Nack *nack =
		sy__v1__nack__unpack(NULL, frame->body_len, frame->body);

	if (!nack || !nack->error) {
		/* Silence will tell. */
	} else if (nack->epoch != 0) {
		if (strcmp(nack->publisher, p->name) == 0 &&
		    nack->lane < BUS_LANES)
			lane_nack(p, &p->lanes[nack->lane], nack);
	} else if (nack->publisher[0] == '\0' ||
		   strcmp(nack->publisher, p->name) == 0) {
		/* To a message, before any lane was looked at. */
		if (nack->error->code == SY__V1__ERROR_CODE__BUSY ||
		    nack->error->code == SY__V1__ERROR_CODE__RETRY ||
		    nack->error->code == SY__V1__ERROR_CODE__INTERNAL)
			refused(p, replica, AGAIN_US);
		else
			publisher_fatal(p, nack->error);
	}
	if (nack)
		sy__v1__nack__free_unpacked(nack, NULL);
	publisher_later(p);
}

void wire_take(int replica, const struct frame *frame, void *arg)
{
	struct publisher *p = arg;

	if (p->dead)
		return;
	if (frame->op == BUS_ACK)
		handle_ack(p, frame);
	else
		handle_nack(p, replica, frame);
}

void wire_close(struct publisher *p)
{
	while (p->hellos) {
		bus_client_forget(p->client, p->hellos->request);
		hello_free(p->hellos);
	}
}
