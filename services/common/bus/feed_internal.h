/* feed_internal.h -- what feed.c, feed_memory.c and feed_archive.c share. */
#ifndef SUYUAN_BUS_FEED_INTERNAL_H
#define SUYUAN_BUS_FEED_INTERNAL_H

#include "bus/archive.h"
#include "bus/internal.h"

#define FETCH_EVENTS_MAX 1000
/* Readers of old events that go on side by side in a shard. */
#define FEED_HINTS 4

struct recent {
	int64_t accepted_at_us;
	uint8_t event_id[16];
	uint8_t *data;
	size_t len;
};

struct feed_shard {
	struct recent *ring; /* by offset modulo RECENT_EVENTS */
	uint64_t first, end; /* [first, end) is held; equal: nothing */
	size_t bytes;
	uint64_t head;
	uint64_t asked_head; /* head when the database was asked for it */
	bool head_known;     /* 0 is the head of an empty shard too */
	/* The database holds nothing before it, as last heard. */
	uint64_t low;
	struct archive_hint hints[FEED_HINTS];
	unsigned hint_next;
};

/* A FETCH that waits, or that the database is asked for. */
struct fetch {
	struct bus_server *bus;
	struct identity from;
	uint64_t correlation;
	uint32_t shard;
	uint64_t from_offset;
	uint8_t after_event_id[16];
	bool has_after;
	size_t max_events, max_bytes;
	int64_t until_us;
	bool rows_asked;        /* and not only where the shard begins */
	uint64_t archive_until; /* the archive was asked up to here */
	struct fetch *prev, *next;
};

struct feed {
	struct feed_shard *shards;
	struct fetch *parked;
	size_t parked_nr;
	struct peer *fetchers;
	bool heads_asked;
	int64_t heads_at_us; /* asked then even if nobody waits */
	uv_timer_t timer;
};

void fetch_reply(struct bus_server *bus, const struct fetch *fetch,
		 Sy__V1__LogEntry **entries, size_t n);
void fetch_diverged(struct bus_server *bus, const struct fetch *fetch);
/* low: the oldest offset that can be read. */
void fetch_out_of_range(struct bus_server *bus, const struct fetch *fetch,
			uint64_t low);
void fetch_from_database(struct fetch *fetch);

/* feed_memory.c */
void recent_add(struct feed_shard *shard, uint64_t offset,
		int64_t accepted_at_us, const struct bus_emitted *from);
void recent_clear(struct feed_shard *shard);
/* True: answered. The event before must be in memory too, to be compared. */
bool fetch_from_memory(struct bus_server *bus, const struct fetch *fetch);

/* feed_archive.c: answers out of the archive what the database does not hold
 * any more, and owns the fetch then. */
void fetch_from_archive(struct fetch *fetch);

#endif
