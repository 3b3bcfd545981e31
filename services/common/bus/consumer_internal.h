/* consumer_internal.h -- what consumer.c (life, timers), consumer_lease.c
 *(which shards are ours, and where they stand), consumer_fetch.c (events come),
 * consumer_apply.c (events take effect), consumer_quarantine.c (events that
 * cannot), consumer_careful.c (after a crash), consumer_confirm.c and
 * consumer_status.c share.
 *
 *	log of the stream --FETCH--> shard.first .. shard.last (waiting)
 *		--one transaction of many shards--> position
 */
#ifndef SUYUAN_CONSUMER_INTERNAL_H
#define SUYUAN_CONSUMER_INTERNAL_H

#include <uthash.h>

#include "arena.h"
#include "bus/consumer.h"
#include "metrics.h"

#define CONSUMER_FETCH_EVENTS 1000
#define CONSUMER_FETCH_BYTES (1024 * 1024)
#define CONSUMER_BATCH_EVENTS 4000
#define CONSUMER_RETRY_US INT64_C(5000000)

enum consumer_sql {
	CONSUMER_SQL_INIT,
	CONSUMER_SQL_MEMBER,
	CONSUMER_SQL_LEAVE,
	CONSUMER_SQL_GIVE,
	CONSUMER_SQL_RENEW,
	CONSUMER_SQL_TAKE,
	CONSUMER_SQL_READ,
	CONSUMER_SQL_CLAIM,
	CONSUMER_SQL_ADVANCE,
	CONSUMER_SQL_TRIM,
	CONSUMER_SQL_RELEASE,
	CONSUMER_SQL_PARKED,
	CONSUMER_SQL_PARK,
	CONSUMER_SQL_QUARANTINE,
	CONSUMER_SQL_PARKED_EVENTS,
	CONSUMER_SQL_PARKED_DONE,
	CONSUMER_SQL_TRIED,
	CONSUMER_SQL_UNPARK,
	CONSUMER_SQL_ATTEMPT,
	CONSUMER_SQL_ATTEMPT_OVER,
	CONSUMER_SQL_NR,
};

extern const struct db_statement consumer_sql[CONSUMER_SQL_NR];

/* One BATCH, decoded. */
struct fetched {
	struct arena arena;
	struct consumer_event *events;
	size_t n;
	size_t done; /* these took effect */
	size_t bytes;
	struct fetched *next;
};

/* Where a reader stands in a shard. */
struct place {
	uint64_t offset; /* 0: at the beginning */
	uint8_t event_id[16];
};

/* A batch that was written down before it was applied. */
struct attempt {
	uint64_t first, last; /* offsets; last also of the tries before */
	int attempts;         /* at this place */
	int alone;            /* of these, with the one event alone */
	bool written;         /* in the table, by this run */
};

struct parked;

struct shard {
	struct consumer *c;
	uint32_t number;
	bool owned;
	uint64_t epoch;
	struct place at;      /* committed; also of another's shard, as read */
	struct place fetched; /* the last event that waits here, or at */
	uint64_t head;        /* as last heard of */
	bool heard;           /* of the head, under this lease */
	uint64_t trimmed, trim_below;
	struct fetched *first, *last;
	size_t waiting_nr, waiting_bytes;
	size_t running_nr; /* of those, in the transaction in flight */
	uint64_t request;  /* FETCH, 0: none */
	int64_t fetch_at_us;
	/* Cannot go on: why_text says why. An event that cannot be applied is
	 * tried again alone (suspect). */
	bool stuck, suspect;
	struct parked *parked; /* keys in quarantine */
	bool careful;
	struct attempt attempt;
	enum bus_op lost_by; /* BUS_DIVERGED, BUS_OUT_OF_RANGE, or BUS_BATCH */
	int64_t behind_since_us; /* wall clock; 0: not, or it waits here */
	int64_t retry_at_us;
	char why[256];
};

/* Of one stream; OPERATING.md says what each means. */
struct consumer_metrics {
	struct metric *applied, *batches, *batch_events, *apply_us, *fetches,
		*conflicts;
	/* Set when somebody asks: */
	struct metric *stuck, *diverged, *out_of_range, *behind, *lag_s,
		*waiting, *replicas, *parked;
	struct metric **heads, **positions; /* one a shard */
};

struct confirm;
struct retry;

struct consumer {
	struct consumer_options o;
	char *name, *stream;
	uint8_t owner[16]; /* this run of the program */
	struct bus_client *client;
	struct bus_client_watch watch;
	struct db_conn *conn;
	struct db_statement *statements;
	struct shard *shards;
	struct consumer_metrics metrics;
	struct metric_sampler sampler;

	/* The transaction in flight, or just being built. */
	struct consumer_event *events;
	size_t events_nr;
	struct consumer_event
		*parted; /* the handler's first, then the parked */
	size_t handled_nr;
	bool running;
	int64_t began_us; /* of that transaction */
	size_t batch_max; /* less than all while bisecting */
	int first_shard;  /* whose turn it is */
	int conflicts_nr;
	int64_t pause_until_us;

	/* Leases. Not synced: positions must be read before more is applied. */
	bool leasing, initialised, synced;
	bool giving;          /* a shard was given back just now */
	uint64_t sync_wanted; /* counts; a reading answers those before it */
	int64_t renew_at_us, read_at_us, trim_at_us, share_until_us;
	bool trimming;

	struct retry *retry; /* of a parked key, NULL: none */
	struct confirm *confirms;
	bool draining, released;
	void (*drained_cb)(void *arg);
	void *drained_arg;
	bool failed; /* DB_FAILED: a mistake of ours */

	uv_timer_t tick, soon;
	int refs; /* handles and pipes that point here */
	bool closed;
	struct consumer *next_open;
};

/* consumer.c */
void consumer_later(struct consumer *c);
void consumer_later_in(struct consumer *c, uint64_t ms);
void consumer_unref(struct consumer *c);
void shard_stuck(struct shard *s, const char *why);
void shard_unstuck(struct shard *s);

/* consumer_lease.c */
void lease_tick(struct consumer *c, int64_t now_us);
void lease_resync(struct consumer *c);
void lease_read(struct consumer *c); /* positions only, now and then */
void lease_release(struct consumer *c);

/* consumer_fetch.c */
void fetch_more(struct consumer *c, int64_t now_us);
void fetch_hint_cb(const Sy__V1__Hint *hint, void *arg);
void shard_seek(struct shard *s, const struct place *at); /* forgets the rest */
/* What took effect, up to offset, is dropped from what waits. */
void shard_done(struct shard *s, uint64_t offset);
void fetched_free(struct fetched *f);
void fetch_message(const struct shard *s, Sy__V1__Fetch *fetch);

/* consumer_apply.c */
void apply_more(struct consumer *c, int64_t now_us);
/* So soon after the last transaction began, the few that wait for one wait for
 * more. */
bool apply_too_early(int64_t since_us, size_t waiting);
/* The first statement of a transaction that applies events of this shard. */
void claim_shard(const struct shard *s, struct db_pipe *pipe);

/* consumer_quarantine.c */
bool quarantine_parked(const struct shard *s, const char *key);
size_t quarantine_keys(const struct shard *s);
/* Parks the key of an event that cannot be applied; the next batch puts it in
 * quarantine. false: not done here, or too many: the shard stands. */
bool quarantine_park(struct shard *s, const struct consumer_event *event,
		     const char *reason);
void quarantine_read(struct consumer *c, struct db_pipe *pipe);
void quarantine_loaded(struct consumer *c, const struct db_result *res,
		       int statement);
void quarantine_write(struct consumer *c, const struct consumer_event *events,
		      size_t n, struct db_pipe *pipe);
void quarantine_written(struct consumer *c); /* after the commit */
void quarantine_forget(struct shard *s);
/* Goes on with a key that a person wants tried again. true: a transaction runs.
 */
bool retry_more(struct consumer *c);
void retry_close(struct consumer *c);

/* consumer_careful.c */
void careful_begin(struct shard *s, bool unclean,
		   const struct attempt *attempt);
/* A shard that must go alone now, NULL: none. */
struct shard *careful_shard(struct consumer *c);
size_t careful_max(const struct shard *s);
/* true: the attempt is being written down, then the batch may be applied. */
bool careful_write(struct shard *s, const struct consumer_event *events,
		   size_t n);
void careful_end(struct shard *s, uint64_t offset, struct db_pipe *pipe);
void careful_applied(struct shard *s, uint64_t offset);

/* consumer_confirm.c */
void confirm_tick(struct consumer *c, int64_t now_us);
void confirm_close(struct consumer *c);

/* consumer_status.c */
void status_open(struct consumer *c);
void status_close(struct consumer *c);

#endif
