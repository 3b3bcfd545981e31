/* batch.h -- what a service's domain sees of the bus: batches of items to
 *judge, and the events that follow. The writer (writer.c) carries them through
 *one transaction:
 *
 *	prepare what needs nothing but the item, before it waits for its turn
 *	read    SELECTs that the rules need, outside of any lock
 *	decide  the rules, in memory: a verdict, a reply and events an item
 *	write   lanes, domain rows (in table and key order), shards, log -- one
 *		pipeline, one commit; optimistic: rows that changed since read
 *		raise SY002 and the batch starts again at read
 */
#ifndef SUYUAN_BATCH_H
#define SUYUAN_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "arena.h"
#include "bus/grant.h"
#include "db/db.h"
#include "suyuan/v1/bus.pb-c.h"
#include "trace.h"

struct bus_request; /* server.h */

enum bus_method_kind {
	BUS_READ,  /* QUERY only; handle() answers by itself */
	BUS_WRITE, /* QUERY with an idempotency key, and PUBLISH by type */
};

/* One row of a service's dispatch table; a row without a name ends it.
 * Authorisation stands here: any one of roles is enough. */
struct bus_method {
	const char *name; /* of the rpc; of a publication: its type */
	uint32_t roles;
	enum bus_method_kind kind;
	const ProtobufCMessageDescriptor *request;
	void (*handle)(struct bus_request *req); /* BUS_READ */
};

/* One publication or command. Everything lives until the batch is done. */
struct bus_item {
	const struct bus_method *method;
	ProtobufCMessage *request; /* decoded, strings are valid UTF-8 */
	const char *principal;
	const struct bus_grant *grant;
	uint8_t event_id[16]; /* of the publication, or made for the command */
	int64_t occurred_at_us; /* 0: not said */
	int64_t recorded_at_us;
	const Sy__V1__Event *event; /* NULL for a command */
	struct trace trace;         /* that its events go on with */

	/* Set by decide. Verdict OK means: it takes effect (or is a repeat). */
	Sy__V1__ErrorCode verdict;
	char field[64];
	char text[192];
	bool duplicate;                /* OK, and nothing new: counted apart */
	const ProtobufCMessage *reply; /* in the arena; for commands */
	void *scratch;                 /* the domain's */
	void *prepared; /* by prepare; kept when the batch starts again */
};

struct bus_batch {
	struct bus_item **items; /* in order of arrival */
	size_t n;
	struct arena arena; /* reset when the batch is done or starts again */
	int64_t now_us;     /* wall clock when decide was called */
	uint64_t directory_rev;      /* set by decide: stands in every event */
	void *scratch;               /* the domain's */
	struct bus_emitted *emitted; /* writer's */
	size_t emitted_nr, emitted_cap;
};

/* The item is refused: field by path, text without values. The rest goes on. */
__attribute__((format(printf, 4, 5))) void bus_refuse(struct bus_item *item,
						      Sy__V1__ErrorCode code,
						      const char *field,
						      const char *fmt, ...);

/* An event for the log, from decide or write. The payload is packed at once. */
struct bus_event {
	const char *type;
	const char *key;   /* decides the shard */
	uint64_t revision; /* dense per key, from 1 */
	int64_t occurred_at_us;
	const uint8_t *subject; /* 32 bytes or NULL */
	const ProtobufCMessage *payload;
};
void bus_emit(struct bus_batch *batch, const struct bus_item *cause,
	      const struct bus_event *event);

enum bus_decision {
	BUS_DECIDED,
	/* A code is unknown and the directory's replica may be behind: call
	 * decide again once it has caught up with the head of now. */
	BUS_WAIT_DIRECTORY,
};

struct bus_domain {
	/* Work on the decoded item alone, done once while others are being
	 * committed: nothing of it may depend on the database. Its result, in
	 * the arena, which lives as long as the item, stands in prepared. May
	 * be NULL. */
	void (*prepare)(void *svc, struct bus_item *item, struct arena *arena);
	/* Adds SELECTs to pipe (may add none). */
	void (*read)(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
	/* Changes nothing but the batch: it may be called again, and for a
	 * sandbox with one item at a time of those that were read for.
	 * res holds the answers, the first of read's own at statement first.
	 * directory_fresh: the replica was confirmed after these items came, so
	 * an unknown code is really unknown. */
	enum bus_decision (*decide)(void *svc, struct bus_batch *batch,
				    const struct db_result *res, int first,
				    bool directory_fresh);
	/* Adds the domain's statements for what decide accepted. */
	void (*write)(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
	/* Starts confirming the directory; calls bus_directory_confirmed. NULL:
	 * the service needs no directory. */
	void (*confirm_directory)(void *svc);
};

#endif
