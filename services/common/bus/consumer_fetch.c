/* consumer_fetch.c -- FETCH is the credit: one stands open for each shard that
 * has room, parked at the service until there is something. While a batch takes
 * effect the next one is on its way. */
#include <stdlib.h>
#include <string.h>

#include "bus/consumer_internal.h"
#include "bus/must.h"
#include "log.h"
#include "timeutil.h"

#define WAIT_MS 1000
/* A replica that is gone is noticed otherwise; this is for an answer that was
 * lost. Reading from a busy database may take seconds, and to ask again before
 * it is through would never end. */
#define ANSWER_MS (WAIT_MS + 10000)
#define AGAIN_US (50 * US_PER_MS)
#define REFUSED_US (1000 * US_PER_MS)

void fetched_free(struct fetched *f)
{
	if (!f)
		return;
	arena_reset(&f->arena);
	free(f);
}

void shard_seek(struct shard *s, const struct place *at)
{
	while (s->first) {
		struct fetched *f = s->first;

		s->first = f->next;
		fetched_free(f);
	}
	s->last = NULL;
	s->waiting_nr = 0;
	s->waiting_bytes = 0;
	s->running_nr = 0;
	bus_client_forget(s->c->client, s->request);
	s->request = 0;
	s->fetch_at_us = 0;
	s->at = *at;
	s->fetched = *at;
}

void shard_done(struct shard *s, uint64_t offset)
{
	while (s->first) {
		struct fetched *f = s->first;

		while (f->done < f->n && f->events[f->done].offset <= offset) {
			const Sy__V1__Event *event = f->events[f->done].event;

			s->at.offset = f->events[f->done].offset;
			memcpy(s->at.event_id, event->event_id.data, 16);
			s->waiting_nr--;
			f->done++;
		}
		if (f->done < f->n)
			return;
		s->first = f->next;
		if (!s->first)
			s->last = NULL;
		s->waiting_bytes -= f->bytes;
		fetched_free(f);
	}
}

/* The entries must follow what waits, and each be an event. */
static const char *decode(const struct shard *s, struct fetched *f,
			  const Sy__V1__Batch *batch)
{
	f->n = batch->n_entries;
	f->events = arena_alloc(&f->arena, f->n * sizeof(*f->events));
	for (size_t i = 0; i < f->n; i++) {
		const Sy__V1__LogEntry *entry = batch->entries[i];
		struct consumer_event *event = &f->events[i];

		if (entry->offset != s->fetched.offset + 1 + i)
			return "a batch does not follow the one before";
		event->event = sy__v1__event__unpack(&f->arena.allocator,
						     entry->event.len,
						     entry->event.data);
		if (!event->event || event->event->event_id.len != 16)
			return "an event cannot be decoded";
		event->shard = s->number;
		event->offset = entry->offset;
		event->accepted_at_us = entry->accepted_at_us;
	}
	return NULL;
}

static void take_batch(struct shard *s, const struct frame *answer)
{
	struct fetched *f = must_calloc(1, sizeof(*f));
	const struct consumer_event *last;
	Sy__V1__Batch *batch;
	const char *why;

	arena_init(&f->arena);
	batch = sy__v1__batch__unpack(&f->arena.allocator, answer->body_len,
				      answer->body);
	why = batch ? decode(s, f, batch) : "a batch cannot be decoded";
	if (why) {
		shard_stuck(s, why);
		fetched_free(f);
		return;
	}
	if (s->stuck && !s->suspect)
		shard_unstuck(s);
	s->heard = true;
	if (batch->head_offset > s->head)
		s->head = batch->head_offset;
	if (f->n == 0) {
		fetched_free(f);
		return;
	}
	last = &f->events[f->n - 1];
	s->fetched.offset = last->offset;
	memcpy(s->fetched.event_id, last->event->event_id.data, 16);
	if (s->head < last->offset)
		s->head = last->offset;
	f->bytes = answer->body_len;
	s->waiting_nr += f->n;
	s->waiting_bytes += f->bytes;
	if (s->last)
		s->last->next = f;
	else
		s->first = f;
	s->last = f;
}

static void take_refusal(struct shard *s, const struct frame *answer)
{
	Sy__V1__Reply *reply =
		sy__v1__reply__unpack(NULL, answer->body_len, answer->body);
	Sy__V1__ErrorCode code = reply && reply->error
					 ? reply->error->code
					 : SY__V1__ERROR_CODE__INTERNAL;

	if (code == SY__V1__ERROR_CODE__BUSY ||
	    code == SY__V1__ERROR_CODE__RETRY) {
		s->fetch_at_us =
			time_monotonic_us() +
			(reply->error->retry_after_ms
				 ? reply->error->retry_after_ms * US_PER_MS
				 : AGAIN_US);
	} else {
		shard_stuck(s, code == SY__V1__ERROR_CODE__FORBIDDEN
				       ? "this consumer may not fetch"
				       : "the service refuses the fetch");
		/* Grants may come later than we. */
		s->retry_at_us = time_monotonic_us() + REFUSED_US;
	}
	if (reply)
		sy__v1__reply__free_unpacked(reply, NULL);
}

static void fetched_cb(const struct frame *answer, void *arg)
{
	struct shard *s = arg;

	s->request = 0;
	if (answer->op == BUS_DIVERGED || answer->op == BUS_OUT_OF_RANGE)
		s->lost_by = answer->op;
	if (answer->op == BUS_BATCH)
		take_batch(s, answer);
	else if (answer->op == BUS_OUT_OF_RANGE)
		shard_stuck(s, "the next event was removed from the log");
	else if (answer->op == BUS_DIVERGED)
		shard_stuck(s, "the log is not the one that was read");
	else if (answer->op == BUS_REPLY)
		take_refusal(s, answer);
	else { /* the connection went: who answers next may be another */
		s->heard = false;
		s->fetch_at_us = time_monotonic_us() + AGAIN_US;
	}
	consumer_later(s->c);
}

void fetch_message(const struct shard *s, Sy__V1__Fetch *fetch)
{
	sy__v1__fetch__init(fetch);
	fetch->consumer = s->c->name;
	fetch->stream = s->c->stream;
	fetch->shard = s->number;
	fetch->from_offset = s->fetched.offset + 1;
	fetch->applied_offset = s->at.offset;
	if (s->fetched.offset > 0) {
		fetch->after_event_id.data = (uint8_t *)s->fetched.event_id;
		fetch->after_event_id.len = sizeof(s->fetched.event_id);
	}
}

/* A suspect's next event waits here already. */
static bool wants(const struct shard *s, int64_t now_us)
{
	return s->owned && !s->request && now_us >= s->fetch_at_us &&
	       (!s->stuck || s->suspect || now_us >= s->retry_at_us) &&
	       s->waiting_nr - s->running_nr < CONSUMER_FETCH_EVENTS &&
	       s->waiting_bytes < 3 * CONSUMER_FETCH_BYTES;
}

void fetch_more(struct consumer *c, int64_t now_us)
{
	if (bus_client_alive(c->client) == 0)
		return;
	for (int i = 0; i < c->o.shards_nr; i++) {
		struct shard *s = &c->shards[i];
		Sy__V1__Fetch fetch;

		if (!wants(s, now_us))
			continue;
		fetch_message(s, &fetch);
		fetch.max_events = CONSUMER_FETCH_EVENTS;
		fetch.max_bytes = CONSUMER_FETCH_BYTES;
		/* The first also tells the head, and whether it is our log. */
		fetch.wait_ms = s->heard ? WAIT_MS : 0;
		metric_add(c->metrics.fetches, 1);
		s->request =
			bus_client_send(c->client, -1, BUS_FETCH, &fetch.base,
					ANSWER_MS, fetched_cb, s);
	}
}

/* A doorbell that may be lost: the parked FETCH answers the same. */
void fetch_hint_cb(const Sy__V1__Hint *hint, void *arg)
{
	struct consumer *c = arg;

	if (strcmp(hint->stream, c->stream) != 0)
		return;
	for (size_t i = 0; i < hint->n_heads; i++) {
		const Sy__V1__ShardHead *head = hint->heads[i];

		if (head->shard >= (uint32_t)c->o.shards_nr)
			continue;
		if (head->offset > c->shards[head->shard].head)
			c->shards[head->shard].head = head->offset;
	}
	consumer_later(c);
}
