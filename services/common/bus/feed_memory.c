/* feed_memory.c -- the newest events of each shard, a dense run of them.
 * Another replica's commits leave a gap, then the run starts anew. */
#include <stdlib.h>
#include <string.h>

#include "bus/feed_internal.h"

/* Memory a shard keeps: what a consumer misses while it commits. */
#define RECENT_BYTES (2 * 1024 * 1024)
#define RECENT_EVENTS 8192 /* a power of two */

static struct recent *recent_at(const struct feed_shard *shard, uint64_t offset)
{
	return &shard->ring[offset % RECENT_EVENTS];
}

static void recent_drop_oldest(struct feed_shard *shard)
{
	struct recent *oldest = recent_at(shard, shard->first++);

	shard->bytes -= oldest->len;
	free(oldest->data);
	oldest->data = NULL;
}

void recent_clear(struct feed_shard *shard)
{
	while (shard->first < shard->end)
		recent_drop_oldest(shard);
}

void recent_add(struct feed_shard *shard, uint64_t offset,
		int64_t accepted_at_us, const struct bus_emitted *from)
{
	struct recent *to;

	if (!shard->ring) {
		shard->ring = calloc(RECENT_EVENTS, sizeof(*shard->ring));
		if (!shard->ring)
			abort();
	}
	if (offset != shard->end) {
		recent_clear(shard);
		shard->first = shard->end = offset;
	}
	while (shard->first < shard->end &&
	       (shard->end - shard->first == RECENT_EVENTS ||
		shard->bytes + from->len > RECENT_BYTES))
		recent_drop_oldest(shard);
	to = recent_at(shard, offset);
	to->accepted_at_us = accepted_at_us;
	memcpy(to->event_id, from->event_id, 16);
	to->len = from->len;
	to->data = malloc(from->len + 1);
	if (!to->data)
		abort();
	memcpy(to->data, from->data, from->len);
	shard->bytes += from->len;
	shard->end = offset + 1;
}

bool fetch_from_memory(struct bus_server *bus, const struct fetch *fetch)
{
	const struct feed_shard *shard = &bus->feed->shards[fetch->shard];
	Sy__V1__LogEntry entries[FETCH_EVENTS_MAX];
	Sy__V1__LogEntry *pointers[FETCH_EVENTS_MAX];
	uint64_t first = fetch->from_offset - (fetch->has_after ? 1 : 0);
	size_t n = 0, bytes = 0;

	if (first < shard->first || fetch->from_offset >= shard->end)
		return false;
	if (fetch->has_after && memcmp(recent_at(shard, first)->event_id,
				       fetch->after_event_id, 16) != 0) {
		fetch_diverged(bus, fetch);
		return true;
	}
	for (uint64_t o = fetch->from_offset;
	     o < shard->end && n < fetch->max_events; o++, n++) {
		const struct recent *recent = recent_at(shard, o);

		bytes += recent->len;
		if (n && bytes > fetch->max_bytes)
			break;
		sy__v1__log_entry__init(&entries[n]);
		entries[n].offset = o;
		entries[n].accepted_at_us = recent->accepted_at_us;
		entries[n].event.data = recent->data;
		entries[n].event.len = recent->len;
		pointers[n] = &entries[n];
	}
	fetch_reply(bus, fetch, pointers, n);
	return true;
}
