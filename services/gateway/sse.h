/* sse.h -- server-sent events out of the logs: sse_tail.c reads each stream
 * once for all, sse.c gives every listener what it may see.
 *
 * One rule keeps a listener exact: an event of a shard is given to it only when
 * it is the next after the last that it was given. What the tail reads beyond
 * that is not for it; it fetches the gap by itself, be it what it missed while
 * it was away or while it caught up.
 */
#ifndef SUYUAN_GATEWAY_SSE_H
#define SUYUAN_GATEWAY_SSE_H

#include "gateway.h"

#define TAIL_SHARDS 16

struct tail_shard {
	struct tail *tail;
	uint32_t number;
	uint64_t next; /* offset that is read next; 0: the head is not known */
	uint64_t request;
	bool asked;
	int64_t again_us; /* monotonic: not before */
};

/* A stream that is read while somebody listens. */
struct tail {
	struct streams *streams;
	enum peer peer;
	int shards_nr;
	int listeners_nr;
	struct tail_shard shards[TAIL_SHARDS];
};

struct listener {
	struct streams *streams;
	struct tail *tail;
	struct stream *stream;
	char principal[PRINCIPAL_MAX];
	uint8_t session_id[16]; /* zero: an API token's */
	int64_t expires_us;     /* of an API token's actor token */
	bool placed;            /* positions are set */
	bool resumes;           /* they came with Last-Event-ID */
	bool ended;
	uint64_t done[TAIL_SHARDS]; /* offset of the last one given */
	uint64_t request;           /* fetches a gap; 0: does not */
	uint32_t gap_shard;
	int64_t gap_again_us; /* monotonic: not before */
	int64_t beat_us;      /* monotonic: of the last heartbeat */
	struct listener *prev, *next;
};

struct streams {
	struct gateway *gw;
	struct tail complaints, directory;
	struct listener *listeners;
	int listeners_nr;
	uv_timer_t tick;
};

/* An event that was read, looked at once for all listeners. */
struct seen_event {
	const Sy__V1__Event *event;
	const Sy__V1__AppealChanged *appeal; /* NULL: not of complaints */
	const Sy__V1__RecordPut *record;     /* NULL: not of the directory */
	uint32_t shard;
	uint64_t offset;
	char *json; /* made at the first need */
};

/* sse_tail.c */
/* Asks for what is due; called each tick and when a listener came. */
void tail_read(struct tail *tail);
void tail_close(struct tail *tail);
uint64_t fetch_send(struct tail *tail, uint32_t shard, uint64_t from,
		    uint32_t max_events, uint32_t wait_ms, int timeout_ms,
		    bus_answer_cb *cb, void *arg);
/* Calls give for each of a batch. */
typedef void seen_fn(void *arg, struct seen_event *seen);
void batch_each(struct tail *tail, const Sy__V1__Batch *batch, seen_fn *give,
		void *arg);
const char *seen_json(const struct tail *tail, struct seen_event *seen);

/* sse.c */
void listeners_give(struct tail *tail, struct seen_event *seen);
/* The log is not the one that was read: it was put back to an older state. */
void listeners_reset(struct tail *tail);

/* sse_filter.c */
/* "0:17,1:4,...", every shard once; or -1. */
int positions_read(const char *text, int shards_nr, uint64_t done_r[]);
#define POSITIONS_TEXT_MAX (TAIL_SHARDS * 24)
char *positions_write(const uint64_t *done, int shards_nr,
		      char text[POSITIONS_TEXT_MAX]);
/* May who has this grant see the event? */
bool event_visible(const struct replica *replica, const struct bus_grant *grant,
		   const struct seen_event *seen);

uint32_t streams_listeners(const struct gateway *gw);

/* system.c */
void system_open(struct gateway *gw);
void system_close(struct gateway *gw);

#endif
