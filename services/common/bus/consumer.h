/* consumer.h -- takes a stream into this service's schema: fetch, apply, commit
 * the effects and the cursor in one transaction, exactly once in effect.
 *
 * Tables: migration component "consumer" (services/common/bus/schema/consumer).
 */
#ifndef SUYUAN_CONSUMER_H
#define SUYUAN_CONSUMER_H

#include "arena.h"
#include "bus/client.h"
#include "db/db.h"
#include "suyuan/v1/operations.pb-c.h"

struct consumer;

/* One event that is about to be applied. */
struct consumer_event {
	uint32_t shard;
	uint64_t offset;
	int64_t accepted_at_us;
	const Sy__V1__Event *event;
};

struct consumer_options {
	uv_loop_t *loop;
	const char *endpoint; /* of the stream's service */
	const char *server_key;
	const struct bus_key *key;
	const char *name; /* of this consumer, in the cursors */
	const char *stream;
	int shards_nr;
	const char *db_url;
	const char *schema;
	const struct db_statement *statements; /* of apply */
	int statements_nr;
	/* Adds the effects of n events (in offset order per shard) to the pipe,
	 * rows in table and key order. Decode into arrays, no waiting. 0, or
	 * -1: this batch cannot be understood, with err. */
	int (*apply)(void *arg, const struct consumer_event *events, size_t n,
		     struct db_pipe *pipe, struct error *err);
	/* After the commit: the same events, for state in memory. May be NULL.
	 */
	void (*applied)(void *arg, const struct consumer_event *events,
			size_t n);
	/* The directory revision that was applied here; events of a higher one
	 * wait. NULL: no such rule (the directory's own stream, bench). */
	uint64_t (*directory_rev)(void *arg);
	/* An event that cannot be applied parks its key and the rest flows;
	 * otherwise its shard stands until it can. */
	bool quarantine;
	void *arg;
};

int consumer_open(struct consumer **c_r, const struct consumer_options *options,
		  struct error *err);
/* Events between the cursors and the heads as last heard of; at least 1 for a
 * shard whose head was not heard of yet. */
uint64_t consumer_behind(const struct consumer *c);
/* Calls cb(ok) once all that the stream held when this was called is applied;
 * !ok after timeout_ms. */
void consumer_confirm(struct consumer *c, int timeout_ms,
		      void (*cb)(bool ok, void *arg), void *arg);
/* A shard that cannot go on: its sentence, NULL when all is well. */
const char *consumer_stuck(const struct consumer *c);
/* Where all consumers of this process stand; in the arena. */
const Sy__V1__GetConsumersReply *consumers_tell(struct arena *arena);
/* Finishes the transaction in flight, gives its leases back, then closed_cb. */
void consumer_drain(struct consumer *c, void (*drained_cb)(void *arg),
		    void *arg);
void consumer_close(struct consumer **c);

#endif
