/* sse_tail.c -- reads a stream's shards from their heads on, without a cursor,
 * for as long as somebody listens. */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sse.h"
#include "suyuan/v1/bus.pb-c.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "timeutil.h"
#include "json/cloudevent.h"

#define POLL_MS 20000
#define ANSWER_SPARE_MS 5000
#define HEAD_MS 3000
#define AGAIN_US (500 * US_PER_MS)
#define READ_EVENTS 500
#define READ_BYTES (512u * 1024)

uint64_t fetch_send(struct tail *tail, uint32_t shard, uint64_t from,
		    uint32_t max_events, uint32_t wait_ms, int timeout_ms,
		    bus_answer_cb *cb, void *arg)
{
	Sy__V1__Fetch body = SY__V1__FETCH__INIT;

	body.stream = (char *)peer_names[tail->peer];
	body.shard = shard;
	body.from_offset = from;
	body.max_events = max_events;
	body.max_bytes = READ_BYTES;
	body.wait_ms = wait_ms;
	return bus_client_send(tail->streams->gw->peers[tail->peer], -1,
			       BUS_FETCH, &body.base, timeout_ms, cb, arg);
}

/* --- events ----------------------------------------------------------------
 */

const char *seen_json(const struct tail *tail, struct seen_event *seen)
{
	json_t *json;

	if (seen->json)
		return seen->json;
	json = cloudevent_json(seen->event, peer_names[tail->peer], seen->shard,
			       seen->offset);
	seen->json = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!seen->json)
		abort();
	return seen->json;
}

static void give_entry(struct tail *tail, uint32_t shard,
		       const Sy__V1__LogEntry *entry, seen_fn *give, void *arg)
{
	Sy__V1__Event *event = sy__v1__event__unpack(NULL, entry->event.len,
						     entry->event.data);
	Sy__V1__AppealChanged *appeal = NULL;
	Sy__V1__RecordPut *record = NULL;
	struct seen_event seen = { .shard = shard, .offset = entry->offset };

	if (event) {
		event->accepted_at_us = entry->accepted_at_us;
		if (tail->peer == PEER_COMPLAINTS)
			appeal = sy__v1__appeal_changed__unpack(
				NULL, event->payload.len, event->payload.data);
		else if (strcmp(event->type, "RecordPut") == 0)
			record = sy__v1__record_put__unpack(
				NULL, event->payload.len, event->payload.data);
	}
	seen.event = event;
	seen.appeal = appeal;
	seen.record = record;
	give(arg, &seen);
	free(seen.json);
	sy__v1__record_put__free_unpacked(record, NULL);
	sy__v1__appeal_changed__free_unpacked(appeal, NULL);
	sy__v1__event__free_unpacked(event, NULL);
}

void batch_each(struct tail *tail, const Sy__V1__Batch *batch, seen_fn *give,
		void *arg)
{
	for (size_t i = 0; i < batch->n_entries; i++)
		give_entry(tail, batch->shard, batch->entries[i], give, arg);
}

/* --- reading ---------------------------------------------------------------
 */

static void shard_read(struct tail_shard *s);

static void give_all(void *arg, struct seen_event *seen)
{
	struct tail_shard *s = arg;

	if (seen->offset < s->next)
		return;
	s->next = seen->offset + 1;
	listeners_give(s->tail, seen);
}

static void take_batch(struct tail_shard *s, const Sy__V1__Batch *batch)
{
	if (s->next == 0) {
		s->next = batch->head_offset + 1;
	} else if (batch->n_entries == 0 && batch->head_offset + 1 < s->next) {
		log_warn("shard %u of %s ends before what was read of it",
			 s->number, peer_names[s->tail->peer]);
		s->next = batch->head_offset + 1;
		listeners_reset(s->tail);
	}
	batch_each(s->tail, batch, give_all, s);
}

/* Head not known: also where the log begins behind what was read. */
static void begin_anew(struct tail_shard *s)
{
	s->next = 0;
	listeners_reset(s->tail);
}

static void answer_cb(const struct frame *answer, void *arg)
{
	struct tail_shard *s = arg;
	Sy__V1__Batch *batch = NULL;

	s->asked = false;
	if (answer->op == BUS_BATCH)
		batch = sy__v1__batch__unpack(NULL, answer->body_len,
					      answer->body);
	if (batch) {
		take_batch(s, batch);
		sy__v1__batch__free_unpacked(batch, NULL);
		shard_read(s);
		return;
	}
	if (answer->op == BUS_OUT_OF_RANGE || answer->op == BUS_DIVERGED)
		begin_anew(s);
	else if (answer->op != 0)
		log_warn("%s does not give its log", peer_names[s->tail->peer]);
	s->again_us = time_monotonic_us() + AGAIN_US;
}

static void shard_read(struct tail_shard *s)
{
	struct tail *tail = s->tail;

	if (s->asked)
		return;
	if (tail->listeners_nr == 0) {
		/* Who comes next begins at the heads of then. */
		s->next = 0;
		return;
	}
	s->asked = true;
	/* Nothing is read from so far, but the head is told. */
	if (s->next == 0)
		s->request = fetch_send(tail, s->number, INT64_MAX, 1, 0,
					HEAD_MS, answer_cb, s);
	else
		s->request = fetch_send(tail, s->number, s->next, READ_EVENTS,
					POLL_MS, POLL_MS + ANSWER_SPARE_MS,
					answer_cb, s);
}

void tail_read(struct tail *tail)
{
	int64_t now_us = time_monotonic_us();

	for (int i = 0; i < tail->shards_nr; i++)
		if (tail->shards[i].again_us <= now_us)
			shard_read(&tail->shards[i]);
}

void tail_close(struct tail *tail)
{
	struct bus_client *client = tail->streams->gw->peers[tail->peer];

	for (int i = 0; i < tail->shards_nr; i++)
		if (tail->shards[i].asked && client)
			bus_client_forget(client, tail->shards[i].request);
}
