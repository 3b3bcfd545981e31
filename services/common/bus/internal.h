/* internal.h -- what the files of the server share:
 *
 *	server.c   the ROUTER: open, authorise, dispatch, drain, close
 *	zap.c      who may shake hands
 *	lanes.c    HELLO and the lanes in memory
 *	intake.c   PUBLISH and writing QUERY become work for the writer
 *	writer.c   the publishing transaction
 *	settle.c   ACK, NACK, REPLY for work that is done
 *	feed.c     FETCH, out of memory or the database
 *	feed_archive.c  FETCH of what has left the database
 *	retention.c     that it leaves: exported first, then removed
 *	readers.c  who reads, and how far that took effect
 *	request.c  QUERY that reads
 *	meters.c   what is counted
 *	store.c    every SQL statement
 */
#ifndef SUYUAN_BUS_INTERNAL_H
#define SUYUAN_BUS_INTERNAL_H

#include <uthash.h>

#include "bus/frame.h"
#include "bus/server.h"
#include "bus/store.h"
#include "bus/zap.h"
#include "bus/zsock.h"
#include "metrics.h"

#define BUS_QUERY_CONNS 4
#define BUS_QUERY_TIMEOUT_MS 2000
/* 2,000 events a transaction made the p99 63 ms (BUS.md "Publishing"). */
#define BUS_BATCH_EVENTS 1000
#define BUS_CREDIT_EVENTS 4096
#define BUS_PUBLISH_EVENTS 500
#define BUS_EVENT_BYTES (256 * 1024)
#define BUS_QUEUE_EVENTS 65536
#define BUS_QUEUE_BYTES (128 * 1024 * 1024)
#define BUS_RETRY_MS 50
#define BUS_ACK_REJECTS 1000
/* Of one transaction for sandboxes, each judged by itself. */
#define BUS_SANDBOX_EVENTS 32
#define BUS_IDENTITY_MAX 15

/* Where a message came from: a connection. */
struct identity {
	uint8_t bytes[BUS_IDENTITY_MAX];
	uint8_t len;
};

struct peer {
	struct identity id;
	int64_t seen_us;
	size_t in_flight_events;
	/* Who FETCHes: shards, a bit each, at which one waits, and of which the
	 * peer knows that they have grown since it asked. */
	bool fetches;
	uint64_t waits, told;
	struct peer *prev, *next; /* of those who FETCH */
	UT_hash_handle hh;
};

struct lane_reject {
	uint64_t seq;
	int32_t code;
	char field[64];
	char text[192];
};

struct lane {
	char *name; /* principal, publisher, lane with \n between */
	char principal[PRINCIPAL_MAX];
	char publisher[PRINCIPAL_MAX + 1];
	uint32_t number;
	int64_t lane_id; /* 0: being read from the database */
	uint64_t epoch;
	uint64_t committed_seq, queued_seq;
	int64_t used_us;
	size_t work_nr;       /* items that point here */
	bool sandbox;         /* all of them are */
	struct identity peer; /* who published last */
	struct lane_reject
		*rejects; /* ascending; publisher has not seen them */
	size_t rejects_nr, rejects_cap;
	uint64_t rejects_seen_seq; /* to be forgotten with the next commit */
	UT_hash_handle hh;
};

struct intake;

/* One event or command on its way through the writer. */
struct work {
	struct bus_item item;
	struct intake *intake;
	uint64_t seq;
	bool prejudged; /* refused before the domain was asked */
};

/* One PUBLISH, one writing QUERY or one command of the service's own. */
struct intake {
	struct arena arena;
	struct identity from;
	char principal[PRINCIPAL_MAX];
	struct bus_grant grant;
	struct lane *lane; /* NULL: a command */
	uint64_t epoch;
	uint64_t correlation;
	bool sandbox; /* judged, and without effect */
	const char *idempotency_key;
	uint8_t body_hash[32];
	void (*done_cb)(Sy__V1__ErrorCode code, void *arg);
	void *done_arg;
	struct work *works;
	size_t n, left;
	size_t taken; /* into runs, of one that is still in the queue */
	size_t bytes;
	struct intake *prev, *next;
};

/* What one transaction carries; bisected when the data is refused. */
struct run {
	struct work **works;
	size_t n;
	bool sandbox;
	int attempts;
	struct run *next;
};

struct bus_emitted {
	int shard;
	uint8_t event_id[16];
	uint8_t *data;
	size_t len;
};

struct writer {
	struct run *runs; /* stack: these first */
	struct run *current;
	struct bus_batch batch;
	bool directory_fresh;
	bool waiting_directory;
	bool sandbox_next; /* whose turn it is when both wait */
	int lanes_statement, commands_statement; /* in the read pipe, -1 */
	int append_statement;                    /* in the write pipe, -1 */
	int64_t started_us; /* the current run, or the last */
	size_t started_events;
	uv_timer_t timer; /* the run is tried again, or the next one begins */
};

struct feed;      /* feed.c */
struct retention; /* retention.c */
struct readers;   /* readers.c */
struct archive;   /* archive.h */

struct bus_server {
	struct bus_server_options o;
	struct zsock *router;
	struct zap *zap;
	char endpoint[256];
	uint8_t instance_id[16];
	bool started, draining;
	void (*drained_cb)(void *arg);
	void *drained_arg;
	struct db_conn *writer_conn, *fetch_conn;
	struct db_conn *query_conns[BUS_QUERY_CONNS];
	unsigned query_next;
	struct db_watchdog *watchdog;
	struct db_statement *statements;
	int statements_nr;
	struct peer *peers;
	struct lane *lanes;
	struct intake *queue; /* head; the writer takes from here */
	size_t queued_events, queued_bytes;
	struct writer writer;
	struct feed *feed;
	struct archive *archive; /* NULL: none */
	struct retention *retention;
	struct readers *readers;
	uv_timer_t sweep;
	int refs; /* handles, and work in other threads */
	struct metric_sampler sampler;
	struct metric **heads; /* one a shard */
};

/* server.c */
void bus_send(struct bus_server *bus, const struct identity *to, enum bus_op op,
	      uint64_t correlation, const ProtobufCMessage *msg);
struct peer *bus_peer(struct bus_server *bus, const struct identity *id);
struct db_conn *bus_query_conn(struct bus_server *bus);
const struct bus_method *bus_method_find(const struct bus_server *bus,
					 const char *name);
void bus_drain_check(struct bus_server *bus);
/* Into bus->statements: the bus's, the service's, and behind them those of
 * operations; -1: no memory. */
int bus_statements_join(struct bus_server *bus);
int bus_conn_open(struct bus_server *bus, struct db_conn **conn_r,
		  const char *role, int timeout_ms, struct error *err);
void bus_ref(struct bus_server *bus);
void bus_unref(struct bus_server *bus);
/* Counts a refusal and logs it at a bounded rate; what: a static phrase. */
void bus_denied(struct bus_server *bus, const char *principal,
		const char *what);

/* A message and who sent it. */
struct incoming {
	struct identity from;
	struct frame frame;
	const char
		*principal; /* of the key; or the actor a gateway speaks for */
	struct bus_grant grant;
	const uint8_t *session_id; /* of that actor, NULL: none */
};

/* server.c. A whole frame, from who holds that key (NULL: from nobody): is
 * authorised by itself and answered, now or later. */
void bus_take(struct bus_server *bus, struct incoming *in, const char *key);

/* lanes.c */
void lanes_hello(struct bus_server *bus, const struct incoming *in);
/* NULL: being read, or not allowed; the answer was sent. */
struct lane *lane_for_publish(struct bus_server *bus, const struct incoming *in,
			      const Sy__V1__Publish *publish);
void lane_reached(struct lane *lane, uint64_t seq);
void lane_add_reject(struct lane *lane, uint64_t seq,
		     const struct bus_item *item);
/* A row (lane, seq, code, field, reason) whose sequence is not known yet. */
void lane_load_reject(struct lane *lane, const struct db_result *res,
		      int statement, int row);
void lane_forget_rejects(struct lane *lane, uint64_t seen_seq);
/* Rejects for an answer, in the arena, and the sequence it may name. */
size_t lane_rejects(const struct lane *lane, struct arena *arena,
		    Sy__V1__Reject ***rejects_r, uint64_t *last_seq_r);
void lanes_sweep(struct bus_server *bus, int64_t now_us);
void lanes_free(struct bus_server *bus);

/* intake.c */
void intake_publish(struct bus_server *bus, const struct incoming *in);
void intake_command(struct bus_server *bus, const struct incoming *in,
		    const Sy__V1__Query *query,
		    const struct bus_method *method);
/* Drops what waits of a lane in the queue (not what is in a run). */
void intake_purge_lane(struct bus_server *bus, struct lane *lane);
void intake_free(struct bus_server *bus, struct intake *in);

/* writer.c */
void writer_kick(struct bus_server *bus);
bool writer_idle(const struct bus_server *bus);
void writer_free(struct bus_server *bus);

/* writer_next.c */
/* Of n works; NULL: room for them. The caller frees it. */
struct run *writer_run(struct work **works, size_t n);
/* From the queue, which is not empty. */
struct run *writer_next(struct bus_server *bus);
#define WRITER_PACE_US (3 * US_PER_MS)
/* So soon after a transaction of that many events began, those that wait wait
 * for more, until WRITER_PACE_US after it. */
bool writer_too_early(int64_t since_us, size_t last, size_t waiting);

/* writer_sql.c */
void writer_read_pipe(struct bus_server *bus, struct db_pipe *pipe);
void writer_write_pipe(struct bus_server *bus, struct db_pipe *pipe);

/* settle.c */
void settle_ack(struct bus_server *bus, struct lane *lane);
void settle_nack(struct bus_server *bus, const struct identity *to,
		 const char *publisher, uint32_t lane, uint64_t epoch,
		 Sy__V1__ErrorCode code, uint64_t expected_seq,
		 const char *text);
/* After a commit of the current run. */
void settle_committed(struct bus_server *bus, const struct db_result *res);
/* One work that leaves the current run otherwise. */
void settle_stored_reply(struct bus_server *bus, struct work *work,
			 const uint8_t *reply, size_t len);
void settle_refused(struct bus_server *bus, struct work *work,
		    Sy__V1__ErrorCode code, const char *field,
		    const char *text);
void settle_release(struct bus_server *bus, struct work *work);

/* feed.c */
int feed_open(struct bus_server *bus, struct error *err);
void feed_fetch(struct bus_server *bus, const struct incoming *in);
/* Events just committed by our writer, of one shard, in order. */
void feed_committed(struct bus_server *bus, int shard, uint64_t head_before,
		    int64_t accepted_at_us, const struct bus_emitted *emitted,
		    size_t n);
void feed_forget_peer(struct bus_server *bus, struct peer *peer);
uint64_t feed_head(const struct bus_server *bus, int shard);
size_t feed_parked(const struct bus_server *bus);
void feed_close(struct bus_server *bus);

/* readers.c */
int readers_open(struct bus_server *bus, struct error *err);
/* The name of a consumer; empty: none. */
bool reader_name_good(const char *name);
void readers_seen(struct bus_server *bus, const char *principal,
		  const Sy__V1__Fetch *fetch);
/* Every few seconds: what was seen is written, and who was not seen is told. */
void readers_sweep(struct bus_server *bus);
void readers_close(struct bus_server *bus);
extern const struct bus_method readers_methods[];

/* retention.c */
int retention_open(struct bus_server *bus, struct error *err);
void retention_close(struct bus_server *bus);
/* meters.c; behind the last that may fail */
void meters_open(struct bus_server *bus);

/* request.c */
struct bus_server *request_bus(struct bus_request *req);
/* A pipe of the bus's own statements. */
struct db_pipe *request_bus_pipe(struct bus_request *req);
void request_query(struct bus_server *bus, const struct incoming *in);
void bus_answer_error(struct bus_server *bus, const struct identity *to,
		      uint64_t correlation, Sy__V1__ErrorCode code,
		      const char *field, const char *text);

extern struct metric bus_committed_events, bus_publishes, bus_rejected_events,
	bus_denied_messages, bus_batch_events, bus_commit_us,
	bus_duplicate_events, bus_gap_nacks, bus_fenced_nacks, bus_busy_nacks,
	bus_bisections, bus_retries, bus_queue_events, bus_fetched_events,
	bus_sandbox_events, bus_dropped_sends, bus_fetch_batch_events,
	bus_diverged, bus_out_of_range, bus_archive_errors;

#endif
