/* client_internal.h -- what client.c (requests), client_replica.c (sockets),
 * resolve.c (addresses), query.c (retries) and trouble.c (why there is no
 * connection) share. */
#ifndef SUYUAN_BUS_CLIENT_INTERNAL_H
#define SUYUAN_BUS_CLIENT_INTERNAL_H

#include <uthash.h>

#include "bus/client.h"
#include "bus/zsock.h"

/* Addresses x ports that are dialled at most. */
#define CLIENT_REPLICAS_MAX 64
#define CLIENT_ENDPOINT_MAX 96

/* A request that waits for its answer. */
struct pending {
	uint64_t correlation;
	int replica;         /* -1: its replica is gone */
	int64_t deadline_us; /* monotonic; 0: to be failed */
	bus_answer_cb *cb;
	void *arg;
	UT_hash_handle hh;
};

/* What was last wrong with an address; what says more comes later. */
enum dial_trouble {
	DIAL_FINE,
	DIAL_NOBODY,   /* no connection */
	DIAL_BUSY,     /* it starts, drains, or has no database: see busy */
	DIAL_NO_CURVE, /* a connection, and no handshake */
	DIAL_REFUSED,  /* our key */
};

/* One address: a DEALER and its monitor. */
struct dialled {
	struct bus_client *client;
	int index;
	char endpoint[CLIENT_ENDPOINT_MAX];
	struct bus_replica pub;
	struct zsock *dealer, *monitor;
	bool connected; /* the CURVE handshake succeeded */
	enum dial_trouble trouble;
	char busy[64];    /* what it says */
	int absent_nr;    /* resolutions in a row without this address */
	uint64_t probe;   /* outstanding, 0: none */
	int64_t heard_us; /* any frame, or the handshake */
	int64_t probed_us;
	int64_t reopen_at_us; /* when there is no socket */
};

struct query;

struct bus_client {
	uv_loop_t *loop;
	struct bus_key key;
	char server_key[KEY_Z85_SIZE];
	char host[256];
	int port_first, port_last;
	void (*hint_cb)(const Sy__V1__Hint *hint, void *arg);
	void *hint_arg;
	uint8_t instance_id[16]; /* of this client */

	struct dialled *replicas[CLIENT_REPLICAS_MAX];
	int replicas_nr; /* highest index in use + 1 */
	int next_replica;

	struct pending *pending;
	uint64_t next_correlation;
	struct query *queries;
	struct bus_client_watch *watches;

	uv_timer_t tick; /* deadlines, probes, resolving */
	uv_timer_t soon; /* to call back from the loop */
	bool changed;    /* the watches are to be told */
	uv_getaddrinfo_t resolver;
	bool resolving;
	int unresolved; /* libuv's error, 0: resolved */
	int64_t resolve_at_us;
	int64_t unreached_us; /* since no replica is up, 0: one is */
	bool unreached_told;
	int handles_open;
	bool closed;
};

/* client.c */
void client_later(struct bus_client *client); /* deliver(), from the loop */
void client_changed(struct bus_client *client);
void client_fail_replica(struct bus_client *client, int replica);
void client_take(struct dialled *d, const struct frame *frame);

/* client_replica.c */
void dialled_open(struct dialled *d);
void dialled_tick(struct dialled *d, int64_t now_us);
void dialled_close(struct dialled *d); /* socket only */
uint64_t dialled_probe(struct dialled *d);
void dialled_refused(struct dialled *d, const struct frame *nack);

/* trouble.c */
void dialled_failed(struct dialled *d, enum dial_trouble trouble);
void trouble_tick(struct bus_client *client, int64_t now_us);

/* resolve.c */
int endpoint_parse(const char *endpoint, char *host, size_t host_size,
		   int *first_r, int *last_r);
void client_resolve(struct bus_client *client);

/* query.c */
void queries_pump(struct bus_client *client, int64_t now_us);
void queries_close(struct bus_client *client);

/* The client's memory, once nothing of libuv points to it. */
void client_unref(struct bus_client *client);

#endif
