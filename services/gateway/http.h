/* http.h -- shared by http.c (connections), stream.c (answers without an end)
 * and listen.c (the socket). */
#ifndef SUYUAN_GATEWAY_HTTP_H
#define SUYUAN_GATEWAY_HTTP_H

#include "parts.h"

enum phase {
	PHASE_HEAD, /* nothing, or not all of a request's head is there */
	PHASE_BODY,
	PHASE_SERVED, /* it is on us */
	PHASE_SENDING,
	PHASE_STREAM, /* an answer without an end */
};

struct connection {
	int fd;
	enum phase phase;
	int64_t since_us;      /* of the phase, monotonic */
	size_t received_bytes; /* of the body */
	struct connection *prev, *next;
};

struct exchange {
	struct request req;
	struct http *http;
	struct MHD_Connection *connection;
	struct connection *tracked;
	const char *uri; /* as it came */
	bool begun;      /* the head is there */
	bool too_large;
	bool suspended, resumed;
	char *body;
	size_t body_bytes, body_size;
	struct extra_header *headers;
	struct MHD_Response *response; /* not yet queued */
	bool lent;                     /* which is not ours to free */
	struct exchange *prev, *next;
};

struct http {
	struct gateway *gw;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer, sweeper;
	int handles; /* that are not closed yet */
	struct connection *connections;
	struct exchange *exchanges;
	struct stream_list streams;
	void (*drained_cb)(void *arg); /* set: draining */
	void *drained_arg;
};

/* listen.c. tcp://HOST:PORT, HOST * for all addresses; a descriptor or -1. */
int http_listen(const char *endpoint, struct error *err);
/* Is the host of an endpoint a loopback address? */
bool endpoint_is_loopback(const char *endpoint);

#endif
