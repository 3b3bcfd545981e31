/* publisher.h -- 16 lanes of numbered events, kept in memory until
 * acknowledged, sent again after any loss. A program that restarts either
 * publishes the same events in the same order under the same name, and what was
 * committed is skipped by itself (a file), or goes on behind what the service
 * has (live). */
#ifndef SUYUAN_PUBLISHER_H
#define SUYUAN_PUBLISHER_H

#include "bus/client.h"

/* Packed; what a frame of 2 MiB surely carries. */
#define PUBLISHER_EVENT_MAX_BYTES (1024 * 1024)

struct publisher;

struct publisher_stats {
	uint64_t submitted;    /* by publisher_submit */
	uint64_t sent;         /* in PUBLISH, each time that it was */
	uint64_t acknowledged; /* committed in this run, rejects included */
	uint64_t resumed;      /* were committed by an earlier run */
	uint64_t rejected;
	uint64_t in_flight; /* submitted, not yet acknowledged */
};

struct publisher_options {
	struct bus_client *client;
	const char *
		name; /* [a-z0-9_.:-]{1,64}: sequences live under it for ever */
	size_t window_events; /* at most this many in memory; 0 = 16384 */
	/* Each event once it is committed, in order per lane. tag as submitted.
	 * reject is NULL unless it was refused. May be NULL. */
	void (*done_cb)(uint64_t tag, const Sy__V1__Reject *reject, void *arg);
	/* The window has room again. May be NULL. */
	void (*room_cb)(void *arg);
	/* FENCED or FORBIDDEN: this publisher is finished; never say HELLO
	 * again. */
	void (*fatal_cb)(const Sy__V1__Error *error, void *arg);
	void *arg;

	/* The events are new ones: each lane is numbered behind what the
	 * service has at its first WELCOME. */
	bool live;
	/* 16 bytes that an earlier run used and that nobody else does, for
	 * publisher_restore; NULL: new ones. */
	const uint8_t *instance_id;
	/* Live: the lane's next event has the number base + 1; told before the
	 * first is sent. -1: none may be sent any more. May be NULL. */
	int (*numbered_cb)(unsigned lane, uint64_t base, void *arg);
};

int publisher_open(struct publisher **p_r,
		   const struct publisher_options *options, struct error *err);
/* Copies the event; its lane is hash(lane_key). 0, or 1: the window is full,
 * wait for room_cb; or -1: larger than PUBLISHER_EVENT_MAX_BYTES, it takes no
 * number and cannot be published. Never calls back. */
int publisher_submit(struct publisher *p, const char *lane_key,
		     const Sy__V1__Event *event, uint64_t tag);
/* The same for an event that is packed already. */
int publisher_submit_packed(struct publisher *p, unsigned lane,
			    const uint8_t *event, size_t len, uint64_t tag);
/* Live, before anything of the lane is submitted: the next n events were
 * numbered from base + 1 by an earlier run under this instance_id. If the
 * service has them they are done; if another instance had the lane since, the
 * publisher ends FENCED. */
void publisher_restore(struct publisher *p, unsigned lane, uint64_t base,
		       uint64_t n);
struct publisher_stats publisher_stats(const struct publisher *p);
void publisher_close(struct publisher **p);

/* lane = xxh64(lane_key, seed 0) mod 16; documented on the wire, so that
 * clients in other languages agree. */
unsigned publisher_lane(const char *lane_key);

#endif
