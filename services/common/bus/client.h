/* client.h -- the dialling side: one DEALER per replica address, resolved by
 * ourselves and reconciled every few seconds. */
#ifndef SUYUAN_BUS_CLIENT_H
#define SUYUAN_BUS_CLIENT_H

#include <stdbool.h>

#include <uv.h>

#include "bus/frame.h"
#include "bus/keys.h"
#include "error.h"
#include "suyuan/v1/bus.pb-c.h"
#include "trace.h"

struct bus_client;

struct bus_client_options {
	uv_loop_t *loop;
	/* tcp://host:port or tcp://host:first-last; host may be a name with
	 * several addresses. Refusals are expected; replicas are told apart by
	 * the instance id in WELCOME. */
	const char *endpoint;
	const char *server_key;    /* Z85 */
	const struct bus_key *key; /* own */
	/* HINTs, for consumers; may be NULL. */
	void (*hint_cb)(const Sy__V1__Hint *hint, void *arg);
	void *hint_arg;
};

int bus_client_open(struct bus_client **client_r,
		    const struct bus_client_options *options,
		    struct error *err);
/* Requests that still wait are forgotten: what asks is closed first. NULL does
 * nothing; memory goes when libuv has closed the handles. */
void bus_client_close(struct bus_client **client);
uv_loop_t *bus_client_loop(const struct bus_client *client);
/* Replicas that answered in the last heartbeat interval. */
int bus_client_alive(const struct bus_client *client);
/* Why none is up, in words for whoever runs this: nobody answers there, the key
 * is refused, ... "" while one is up or before anything failed. */
#define BUS_TROUBLE_SIZE 256
void bus_client_trouble(const struct bus_client *client,
			char text_r[BUS_TROUBLE_SIZE]);

/* The answer to one request: op and body, or op 0 when no answer came within
 * timeout_ms or the replica went away (sent_r tells nothing: the outcome is
 * unknown). The body lives during the callback. */
typedef void bus_answer_cb(const struct frame *answer, void *arg);

/* Sends to one live replica (replica < 0: any that is not leaving, round robin)
 * and calls cb exactly once, never from inside this call. Returns a number for
 * bus_client_forget. */
uint64_t bus_client_send(struct bus_client *client, int replica, enum bus_op op,
			 const ProtobufCMessage *body, int timeout_ms,
			 bus_answer_cb *cb, void *arg);
/* Sends what has no answer of its own (PUBLISH). 0, or -1: not sent. */
int bus_client_post(struct bus_client *client, int replica, enum bus_op op,
		    const ProtobufCMessage *body);
/* The callback of that request will not be called any more. */
void bus_client_forget(struct bus_client *client, uint64_t request);

/* QUERY with retries on BUSY, RETRY and silence until timeout_ms is over, under
 * the same idempotency key (NULL for methods that read). */
typedef void bus_query_cb(const Sy__V1__Error *error, /* NULL: done */
			  const uint8_t *response, size_t len, void *arg);
void bus_client_query(struct bus_client *client, const char *method,
		      const ProtobufCMessage *request,
		      const char *idempotency_key, int timeout_ms,
		      bus_query_cb *cb, void *arg);
/* The same for somebody else, as only a gateway may; token and trace may be
 * NULL. */
void bus_client_query_as(struct bus_client *client,
			 const ProtobufCBinaryData *actor_token,
			 const struct trace *trace, const char *method,
			 const ProtobufCMessage *request,
			 const char *idempotency_key, int timeout_ms,
			 bus_query_cb *cb, void *arg);

/* --- replicas, for those who place their work themselves (publisher) --- */

struct bus_replica {
	uint32_t serial; /* of the connection: another one, another number */
	bool up;         /* answered lately, and no other address reaches it */
	bool leaving;    /* said GOAWAY: nothing new goes there */
	uint8_t instance_id[16];
	uint32_t credit_events;
	uint32_t max_publish_events;
};

/* Replicas are numbered from 0; one that went away keeps its number for the
 * time that its address exists. */
int bus_client_replicas(const struct bus_client *client);
const struct bus_replica *bus_client_replica(const struct bus_client *client,
					     int replica);

/* Told, from the loop, when a replica came, left or was lost; what was asked of
 * a lost one has been called back before. */
struct bus_client_watch {
	void (*changed_cb)(void *arg);
	/* ACK and NACK, which answer a lane and not a request. May be NULL. */
	void (*lane_cb)(int replica, const struct frame *frame, void *arg);
	void *arg;
	struct bus_client_watch *next;
};
void bus_client_watch(struct bus_client *client,
		      struct bus_client_watch *watch);
void bus_client_unwatch(struct bus_client *client,
			struct bus_client_watch *watch);

#endif
