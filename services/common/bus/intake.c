/* intake.c -- PUBLISH and writing QUERY become work: decoded, checked by
 * themselves, put in the queue in order of sequence. What the directory or the
 * rows must judge is left to the domain. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bus/check.h"
#include "bus/internal.h"
#include "timeutil.h"
#include "uuid.h"

#define KEY_TEXT_MAX 200
#define CORRELATION_MAX 128

static struct intake *intake_new(const struct incoming *in)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	if (!intake)
		abort();
	arena_init(&intake->arena);
	intake->from = in->from;
	intake->correlation = in->frame.correlation;
	intake->grant = in->grant;
	intake->sandbox = in->grant.roles & ROLE_SANDBOX;
	intake->bytes = in->frame.body_len;
	snprintf(intake->principal, sizeof(intake->principal), "%s",
		 in->principal);
	return intake;
}

void intake_free(struct bus_server *bus, struct intake *intake)
{
	struct peer *peer = bus_peer(bus, &intake->from);

	if (peer && peer->in_flight_events >= intake->n)
		peer->in_flight_events -= intake->n;
	bus->queued_bytes -= intake->bytes;
	arena_reset(&intake->arena);
	free(intake);
}

static void intake_queue(struct bus_server *bus, struct intake *intake)
{
	struct peer *peer = bus_peer(bus, &intake->from);

	if (peer)
		peer->in_flight_events += intake->n;
	intake->left = intake->n;
	bus->queued_events += intake->n;
	bus->queued_bytes += intake->bytes;
	metric_set(&bus_queue_events, (double)bus->queued_events);
	DL_APPEND(bus->queue, intake);
	writer_kick(bus);
}

void intake_purge_lane(struct bus_server *bus, struct lane *lane)
{
	struct intake *intake, *next;

	DL_FOREACH_SAFE (bus->queue, intake, next) {
		size_t waiting = intake->n - intake->taken;

		if (intake->lane != lane)
			continue;
		DL_DELETE(bus->queue, intake);
		bus->queued_events -= waiting;
		lane->work_nr -= waiting;
		intake->left -= waiting;
		if (intake->left == 0)
			intake_free(bus, intake);
	}
}

static bool overloaded(struct bus_server *bus, const struct identity *from,
		       size_t n, size_t bytes)
{
	const struct peer *peer = bus_peer(bus, from);

	/* Twice the credit: an ACK and the next PUBLISH may cross. */
	return bus->queued_events + n > BUS_QUEUE_EVENTS ||
	       bus->queued_bytes + bytes > BUS_QUEUE_BYTES ||
	       (peer && peer->in_flight_events + n > 2 * BUS_CREDIT_EVENTS);
}

static void prejudge(struct work *work, Sy__V1__ErrorCode code,
		     const char *field, const char *text)
{
	bus_refuse(&work->item, code, field, "%s", text);
	work->prejudged = true;
}

/* Decodes the request of a method; refuses the work when it cannot. */
static void request_decode(struct work *work, const uint8_t *data, size_t len)
{
	const ProtobufCMessageDescriptor *desc = work->item.method->request;
	char field[64];
	const char *why;

	if (check_wire(desc, data, len, field, sizeof(field), &why) < 0) {
		bus_refuse(&work->item, SY__V1__ERROR_CODE__INVALID,
			   field[0] ? field : "payload", "%s%s",
			   field[0] ? "" : "is not the request of its type: ",
			   why);
		work->prejudged = true;
		return;
	}
	work->item.request = protobuf_c_message_unpack(
		desc, &work->intake->arena.allocator, len, data);
	if (!work->item.request)
		prejudge(work, SY__V1__ERROR_CODE__MALFORMED, "payload",
			 "cannot be decoded");
}

/* What can be done before its turn comes. */
static void work_prepare(struct bus_server *bus, struct work *work)
{
	const struct bus_domain *domain = bus->o.domain;

	if (!work->prejudged && domain && domain->prepare)
		domain->prepare(bus->o.svc, &work->item, &work->intake->arena);
}

static bool printable(const char *text, size_t max)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return len <= max;
}

static void event_check(struct bus_server *bus, struct work *work)
{
	const Sy__V1__Event *event = work->item.event;
	const struct bus_method *method = bus_method_find(bus, event->type);
	char wanted[GRANT_WANTED_SIZE];

	if (event->event_id.len != 16) {
		prejudge(work, SY__V1__ERROR_CODE__INVALID, "event_id",
			 "wants 16 bytes of a UUID");
		return;
	}
	memcpy(work->item.event_id, event->event_id.data, 16);
	if (!method || method->kind != BUS_WRITE) {
		prejudge(work, SY__V1__ERROR_CODE__UNKNOWN_METHOD, "type",
			 "no publication of that type; suyuan methods lists "
			 "them");
		return;
	}
	work->item.method = method;
	if (event->source[0] &&
	    strcmp(event->source, work->intake->principal) != 0) {
		bus_denied(bus, work->intake->principal, "a forged source");
		prejudge(work, SY__V1__ERROR_CODE__FORBIDDEN, "source",
			 "is not the principal of this key");
		return;
	}
	if (!(method->roles & work->intake->grant.roles)) {
		bus_denied(bus, work->intake->principal,
			   "a publication without a role for it");
		prejudge(work, SY__V1__ERROR_CODE__FORBIDDEN, "type",
			 grant_wanted(method->roles, wanted));
		return;
	}
	if (!printable(event->correlation_id, CORRELATION_MAX)) {
		prejudge(work, SY__V1__ERROR_CODE__INVALID, "correlation_id",
			 "wants at most 128 printable ASCII characters");
		return;
	}
	if (event->payload.len > BUS_EVENT_BYTES) {
		prejudge(work, SY__V1__ERROR_CODE__TOO_LARGE, "payload",
			 "at most 262144 bytes");
		return;
	}
	request_decode(work, event->payload.data, event->payload.len);
}

static void work_init(struct work *work, struct intake *intake)
{
	work->intake = intake;
	work->item.principal = intake->principal;
	work->item.grant = &intake->grant;
}

/* Events of the message from skip on, whose sequence is next for the lane. */
static void publish_queue(struct bus_server *bus, const struct incoming *in,
			  struct lane *lane, struct intake *intake,
			  const Sy__V1__Publish *publish, size_t skip)
{
	intake->lane = lane;
	intake->epoch = publish->epoch;
	intake->n = publish->n_events - skip;
	intake->works =
		arena_alloc(&intake->arena, intake->n * sizeof(*intake->works));
	for (size_t i = 0; i < intake->n; i++) {
		const Sy__V1__Event *event = publish->events[skip + i];
		struct work *work = &intake->works[i];

		work_init(work, intake);
		work->seq = publish->first_seq + skip + i;
		work->item.event = event;
		work->item.occurred_at_us = event->occurred_at_us;
		work->item.recorded_at_us = event->recorded_at_us;
		trace_take(&work->item.trace, event->trace_id.data,
			   event->trace_id.len, event->span_id.data,
			   event->span_id.len);
		event_check(bus, work);
		work_prepare(bus, work);
	}
	metric_add(&bus_publishes, 1);
	lane->peer = in->from;
	lane->queued_seq += intake->n;
	lane->work_nr += intake->n;
	intake_queue(bus, intake);
}

/* Refusals and repeats that need no queue; true: the message is dealt with. */
static bool publish_answered(struct bus_server *bus, const struct incoming *in,
			     struct lane *lane, const Sy__V1__Publish *publish)
{
	uint64_t last_seq = publish->first_seq + publish->n_events - 1;

	if (publish->first_seq > lane->queued_seq + 1) {
		metric_add(&bus_gap_nacks, 1);
		settle_nack(bus, &in->from, publish->publisher, publish->lane,
			    publish->epoch, SY__V1__ERROR_CODE__INVALID,
			    lane->queued_seq + 1, "a sequence was left out");
		return true;
	}
	if (last_seq <= lane->committed_seq) {
		metric_add(&bus_duplicate_events, (double)publish->n_events);
		lane->peer = in->from;
		settle_ack(bus, lane);
		return true;
	}
	if (last_seq <= lane->queued_seq) {
		/* In the queue: its ACK will come to who asked last. */
		metric_add(&bus_duplicate_events, (double)publish->n_events);
		lane->peer = in->from;
		return true;
	}
	if (overloaded(bus, &in->from, publish->n_events, in->frame.body_len)) {
		metric_add(&bus_busy_nacks, 1);
		settle_nack(bus, &in->from, publish->publisher, publish->lane,
			    publish->epoch, SY__V1__ERROR_CODE__BUSY,
			    lane->queued_seq + 1, "too much in flight");
		return true;
	}
	return false;
}

void intake_publish(struct bus_server *bus, const struct incoming *in)
{
	struct intake *intake = intake_new(in);
	Sy__V1__Publish *publish = sy__v1__publish__unpack(
		&intake->arena.allocator, in->frame.body_len, in->frame.body);
	struct lane *lane = NULL;

	if (!publish || publish->n_events == 0 || publish->first_seq == 0 ||
	    publish->n_events > BUS_PUBLISH_EVENTS) {
		settle_nack(bus, &in->from, publish ? publish->publisher : "",
			    publish ? publish->lane : 0,
			    publish ? publish->epoch : 0,
			    publish ? SY__V1__ERROR_CODE__INVALID
				    : SY__V1__ERROR_CODE__MALFORMED,
			    0,
			    "PUBLISH wants 1 to 500 events and a first_seq "
			    "from 1");
		goto drop;
	}
	lane = lane_for_publish(bus, in, publish);
	if (!lane)
		goto drop;
	lane_forget_rejects(lane, publish->rejects_seen_seq);
	if (publish_answered(bus, in, lane, publish))
		goto drop;
	if (lane->work_nr && lane->sandbox != intake->sandbox) {
		/* What waits goes first: it would be overtaken. */
		settle_nack(bus, &in->from, publish->publisher, publish->lane,
			    publish->epoch, SY__V1__ERROR_CODE__BUSY,
			    lane->queued_seq + 1, "the role has just changed");
		goto drop;
	}
	lane->sandbox = intake->sandbox;
	publish_queue(bus, in, lane, intake, publish,
		      (size_t)(lane->queued_seq + 1 - publish->first_seq));
	return;
drop:
	arena_reset(&intake->arena);
	free(intake);
}

void intake_command(struct bus_server *bus, const struct incoming *in,
		    const Sy__V1__Query *query, const struct bus_method *method)
{
	struct intake *intake;
	struct work *work;

	if (!query->idempotency_key[0] ||
	    !printable(query->idempotency_key, KEY_TEXT_MAX)) {
		bus_answer_error(bus, &in->from, in->frame.correlation,
				 SY__V1__ERROR_CODE__INVALID, "idempotency_key",
				 "a method that writes wants 1 to 200 "
				 "printable ASCII characters");
		return;
	}
	if (overloaded(bus, &in->from, 1, in->frame.body_len)) {
		metric_add(&bus_busy_nacks, 1);
		bus_answer_error(bus, &in->from, in->frame.correlation,
				 SY__V1__ERROR_CODE__BUSY, "",
				 "too much in flight");
		return;
	}
	intake = intake_new(in);
	intake->idempotency_key =
		arena_strdup(&intake->arena, query->idempotency_key);
	crypto_generichash(intake->body_hash, sizeof(intake->body_hash),
			   query->request.data, query->request.len, NULL, 0);
	intake->n = 1;
	intake->works = arena_alloc(&intake->arena, sizeof(*intake->works));
	work = intake->works;
	work_init(work, intake);
	work->item.method = method;
	trace_take(&work->item.trace, query->trace_id.data, query->trace_id.len,
		   query->span_id.data, query->span_id.len);
	work->item.recorded_at_us = time_now_us();
	uuid_make(work->item.event_id);
	request_decode(work, query->request.data, query->request.len);
	if (work->prejudged) {
		bus_answer_error(bus, &in->from, in->frame.correlation,
				 work->item.verdict, work->item.field,
				 work->item.text);
		arena_reset(&intake->arena);
		free(intake);
		return;
	}
	work_prepare(bus, work);
	intake_queue(bus, intake);
}

void bus_server_command(struct bus_server *bus, const struct bus_method *method,
			const ProtobufCMessage *request,
			void (*done_cb)(Sy__V1__ErrorCode code, void *arg),
			void *arg)
{
	bus_server_command_as(bus, bus->o.service, method, request, done_cb,
			      arg);
}

void bus_server_command_as(struct bus_server *bus, const char *source,
			   const struct bus_method *method,
			   const ProtobufCMessage *request,
			   void (*done_cb)(Sy__V1__ErrorCode code, void *arg),
			   void *arg)
{
	struct incoming in = { .principal = source };
	struct intake *intake = intake_new(&in);
	size_t len = protobuf_c_message_get_packed_size(request);
	uint8_t *data = arena_alloc(&intake->arena, len + 1);
	struct work *work;

	/* Nobody's scope limits the service itself. */
	intake->grant.roles = UINT32_MAX;
	intake->grant.all_streams = true;
	intake->done_cb = done_cb;
	intake->done_arg = arg;
	intake->n = 1;
	intake->works = arena_alloc(&intake->arena, sizeof(*intake->works));
	work = intake->works;
	work_init(work, intake);
	work->item.method = method;
	work->item.recorded_at_us = time_now_us();
	uuid_make(work->item.event_id);
	protobuf_c_message_pack(request, data);
	request_decode(work, data, len);
	work_prepare(bus, work);
	intake_queue(bus, intake);
}
