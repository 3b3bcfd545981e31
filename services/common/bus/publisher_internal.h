/* publisher_internal.h -- what publisher.c (window, callbacks),
 * publisher_lane.c (the queue of one lane) and publisher_wire.c (HELLO, PUBLISH
 * and what answers them) share.
 *
 *              HELLO                WELCOME
 *	LANE_HOMELESS ----> LANE_HELLO ------> LANE_OPEN
 *	     ^                  | no answer        | silence, RETRY, replica
 *	     +------------------+------------------+ lost or leaving
 *
 * A lane's numbers begin at 1 in each run of a program that repeats a file:
 * done_seq <= queued_seq, done_seq <= committed_seq < next_seq.
 *
 * Live, they begin behind what the service has. Until a lane knows (its first
 * WELCOME, and the end of what an earlier run had numbered) numbers behind
 * fixed_seq are provisional: they are neither sent nor done.
 */
#ifndef SUYUAN_PUBLISHER_INTERNAL_H
#define SUYUAN_PUBLISHER_INTERNAL_H

#include "bus/publisher.h"

struct queued {
	uint64_t tag;
	size_t len;
	uint8_t data[]; /* length and packed event, as it stands in PUBLISH */
};

struct reject {
	Sy__V1__Reject *message;
	struct reject *next; /* by sequence, ascending */
};

enum lane_state { LANE_HOMELESS, LANE_HELLO, LANE_OPEN };

struct lane {
	enum lane_state state;
	int replica; /* where it lives, or asks to */
	uint32_t serial;
	uint64_t epoch;
	bool seen_welcome;     /* in this run, or in the one that is restored */
	bool welcomed;         /* in this run */
	bool asked_again;      /* into silence, under the same epoch */
	int64_t wait_until_us; /* BUSY, or after a gap */
	int64_t progress_us;   /* something was sent into silence, or came */
	uint64_t done_seq;     /* reported by done_cb */
	uint64_t seen_seq;     /* the server may forget rejects up to here */
	unsigned unseen_nr;    /* rejects reported beyond it */
	uint64_t committed_seq; /* as last heard; beyond queued_seq when an
				 * earlier run got further */
	uint64_t next_seq;      /* to be sent; in flight lies before */
	uint64_t queued_seq;    /* the last that was submitted */
	uint64_t resume_seq;    /* committed before this run */
	uint64_t fixed_seq;     /* UINT64_MAX: numbers are final */
	uint64_t welcome_seq;   /* all that the first WELCOME called committed
				 */
	struct queued **ring;   /* done_seq + 1 .. queued_seq */
	size_t ring_cap;        /* a power of two */
	struct reject *rejects;
};

/* A HELLO without an answer. */
struct hello {
	struct publisher *p;
	uint64_t request;
	uint32_t lanes; /* bits */
	struct hello *prev, *next;
};

struct publisher {
	struct bus_client *client;
	char name[65];
	uint8_t instance_id[16];
	size_t window_events;
	void (*done_cb)(uint64_t tag, const Sy__V1__Reject *reject, void *arg);
	void (*room_cb)(void *arg);
	void (*fatal_cb)(const Sy__V1__Error *error, void *arg);
	int (*numbered_cb)(unsigned lane, uint64_t base, void *arg);
	void *arg;

	struct lane lanes[BUS_LANES];
	unsigned next_lane; /* whose turn it is to send */
	struct hello *hellos;
	struct publisher_stats stats;
	bool want_room, dead, closed;
	int64_t placed_from_us; /* first look at several replicas */

	struct bus_client_watch watch;
	uv_timer_t tick, soon;
	int handles_open;
};

/* publisher_lane.c */
void lane_push(struct lane *lane, struct queued *event);
struct queued *lane_at(const struct lane *lane, uint64_t seq);
void lane_committed(struct lane *lane, uint64_t last_seq);
/* The last that may be sent. */
uint64_t lane_sendable_seq(const struct lane *lane);
/* Numbers are made final if they can be: true, once. */
bool lane_number(struct lane *lane);
/* Sending starts again behind what is committed. */
void lane_rewind(struct lane *lane);
uint64_t lane_in_flight(const struct lane *lane);
/* What it could send waits for the ACK of what is on its way, to go together.
 */
bool lane_saves_up(const struct lane *lane);
/* Rejects of an answer; known and reported ones are skipped. */
void lane_take_rejects(struct lane *lane, Sy__V1__Reject *const *rejects,
		       size_t n);
/* The oldest event if it is committed, with its reject or NULL; the caller
 * frees both. */
struct queued *lane_pop_done(struct lane *lane, Sy__V1__Reject **reject_r);
void lane_close(struct lane *lane);

/* publisher_wire.c */
void wire_settle(struct publisher *p, int64_t now_us);
void wire_send(struct publisher *p, int64_t now_us);
void wire_take(int replica, const struct frame *frame, void *arg);
void wire_close(struct publisher *p);

/* publisher.c */
void publisher_later(struct publisher *p);
void publisher_fatal(struct publisher *p, const Sy__V1__Error *error);

#endif
