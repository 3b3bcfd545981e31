/* load.h -- what offers a service more than it may be able to take, and
 * measures: events as fast as they are acknowledged, or at a rate whatever the
 * acknowledgements take. Then an event's latency counts from the time at which
 * it was due, and nothing is left out because something before it was slow. */
#ifndef SUYUAN_BUS_LOAD_H
#define SUYUAN_BUS_LOAD_H

#include "bus/publisher.h"

#define LOAD_PUBLISHERS_MAX 256

struct load;

/* Lives until the next one of the same publisher is asked for. */
struct load_event {
	const char *type, *key;
	int64_t occurred_at_us; /* given: when it was due; may be changed */
	const uint8_t *payload;
	size_t len;
};

struct load_options {
	struct bus_client_options client; /* each publisher has its own */
	const char *name;     /* of the publisher; of several: NAME-0 ... */
	int publishers_nr;    /* 1 to LOAD_PUBLISHERS_MAX */
	uint64_t rate_per_s;  /* of all; 0: as fast as acknowledged */
	uint64_t events;      /* of all; 0: no limit */
	int64_t limit_us;     /* nothing more is offered then; 0: no limit */
	size_t window_events; /* of each in memory; 0: as of publisher.h */
	/* Number n of that publisher. */
	void (*make)(void *arg, int publisher, uint64_t n,
		     struct load_event *event_r);
	/* Each event, once. -1: of a publisher's first, which had to wait for
	 * the connection too. */
	void (*done)(void *arg, int64_t latency_us,
		     const Sy__V1__Reject *reject);
	/* Once, from the loop: all that was offered is answered (NULL), or a
	 * publisher may not go on. */
	void (*ended)(void *arg, const Sy__V1__Error *error);
	void *arg;
};

struct load_stats {
	uint64_t offered, done, rejected;
	/* Of those, had to wait because a publisher had no room for them. */
	uint64_t held;
	/* Monotonic; from the time at which each publisher has had its first
	 * event acknowledged, alone: connected, with its lanes open. 0: not
	 * yet. */
	int64_t start_us, last_done_us;
};

int load_open(struct load **load_r, const struct load_options *options,
	      struct error *err);
/* Offers nothing more; what is in flight is still waited for. */
void load_stop(struct load *load);
struct load_stats load_stats(const struct load *load);
/* Replicas that answer, of the publisher that reaches the fewest. */
int load_alive(const struct load *load);
/* Not from a callback. Memory goes when libuv has closed the handles: run the
 * loop once more. */
void load_close(struct load **load);

#endif
