/* server.c -- one ROUTER, each message authorised by itself, dispatched by its
 * op. Next to read: intake.c, then writer.c. */
#include "bus/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/archive.h"
#include "bus/check.h"
#include "bus/context.h"
#include "bus/internal.h"
#include "bus/operations.h"
#include "fault.h"
#include "log.h"
#include "timeutil.h"
#include "uuid.h"

/* A peer that said nothing for this long is forgotten; heartbeats of live
 * clients come every 2 s. */
#define PEER_IDLE_US (60 * US_PER_S)
#define SWEEP_MS 5000
/* Trimming costs a scan of the lanes: every 12th sweep, a minute. */
#define TRIM_SWEEPS 12
#define DENIED_LOG_US US_PER_S
#define HANDSHAKE_IVL_MS 5000
#define BACKLOG 512
#define SEND_HWM 10000
/* A draft option, which zmq.h hides and Debian's library has. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

void bus_send(struct bus_server *bus, const struct identity *to, enum bus_op op,
	      uint64_t correlation, const ProtobufCMessage *msg)
{
	if (to->len == 0 || !bus->router) /* our own, or closing */
		return;
	/* A full queue or a peer that went: the other side asks again. */
	if (frame_send(bus->router->socket, to->bytes, to->len, op, correlation,
		       msg) < 0)
		metric_add(&bus_dropped_sends, 1);
	zsock_kick(bus->router);
}

struct peer *bus_peer(struct bus_server *bus, const struct identity *id)
{
	struct peer *peer;

	HASH_FIND(hh, bus->peers, id, sizeof(*id), peer);
	return peer;
}

static struct peer *peer_seen(struct bus_server *bus, const struct identity *id)
{
	struct peer *peer = bus_peer(bus, id);

	if (!peer) {
		peer = calloc(1, sizeof(*peer));
		if (!peer)
			abort();
		peer->id = *id;
		HASH_ADD(hh, bus->peers, id, sizeof(peer->id), peer);
	}
	peer->seen_us = time_monotonic_us();
	return peer;
}

struct db_conn *bus_query_conn(struct bus_server *bus)
{
	return bus->query_conns[bus->query_next++ % BUS_QUERY_CONNS];
}

static const struct bus_method *method_in(const struct bus_method *m,
					  const char *name)
{
	for (; m && m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

const struct bus_method *bus_method_find(const struct bus_server *bus,
					 const char *name)
{
	const struct bus_method *const *more = bus->o.more_methods;
	const struct bus_method *m = method_in(bus->o.methods, name);

	for (; !m && more && *more; more++)
		m = method_in(*more, name);
	if (!m)
		m = method_in(readers_methods, name);
	if (!m)
		m = method_in(common_methods, name);
	if (!m && bus->o.consumes)
		m = method_in(quarantine_methods, name);
	return m;
}

void bus_denied(struct bus_server *bus, const char *principal, const char *what)
{
	static int64_t logged_us;
	int64_t now_us = time_monotonic_us();

	(void)bus;
	metric_add(&bus_denied_messages, 1);
	if (now_us - logged_us < DENIED_LOG_US)
		return;
	logged_us = now_us;
	log_warn("refused: %s (principal %s)", what,
		 principal ? principal : "unknown");
}

/* --- receiving --------------------------------------------------------------
 */

/* The answer to a message that may not be or cannot be understood, in the form
 * that its op has. */
static void refuse_incoming(struct bus_server *bus, const struct incoming *in,
			    Sy__V1__ErrorCode code, const char *text)
{
	enum bus_op op = in->frame.op;

	if (op == BUS_PUBLISH || op == BUS_HELLO)
		settle_nack(bus, &in->from, "", 0, 0, code, 0, text);
	else if (op == BUS_QUERY || op == BUS_FETCH)
		bus_answer_error(bus, &in->from, in->frame.correlation, code,
				 "", text);
}

/* The body's own strings are looked at before anything is made of them: they
 * stand in answers and in the names of lanes. */
static bool body_good(struct bus_server *bus, const struct incoming *in)
{
	static const ProtobufCMessageDescriptor
		*const bodies[BUS_GOAWAY + 1] = {
			[BUS_HELLO] = &sy__v1__hello__descriptor,
			[BUS_PUBLISH] = &sy__v1__publish__descriptor,
			[BUS_FETCH] = &sy__v1__fetch__descriptor,
			[BUS_QUERY] = &sy__v1__query__descriptor,
		};
	const ProtobufCMessageDescriptor *desc = bodies[in->frame.op];
	char field[64];
	const char *why;

	if (!desc || check_wire(desc, in->frame.body, in->frame.body_len, field,
				sizeof(field), &why) == 0)
		return true;
	refuse_incoming(bus, in, SY__V1__ERROR_CODE__MALFORMED, why);
	return false;
}

static void dispatch(struct bus_server *bus, const struct incoming *in)
{
	if (!body_good(bus, in))
		return;
	switch (in->frame.op) {
	case BUS_HELLO:
		lanes_hello(bus, in);
		return;
	case BUS_PUBLISH:
		intake_publish(bus, in);
		return;
	case BUS_FETCH:
		feed_fetch(bus, in);
		return;
	case BUS_QUERY:
		request_query(bus, in);
		return;
	case BUS_WELCOME:
	case BUS_ACK:
	case BUS_NACK:
	case BUS_BATCH:
	case BUS_OUT_OF_RANGE:
	case BUS_DIVERGED:
	case BUS_HINT:
	case BUS_REPLY:
	case BUS_GOAWAY:
		bus_denied(bus, in->principal, "an op that only we send");
		return;
	}
}

void bus_take(struct bus_server *bus, struct incoming *in, const char *key)
{
	/* ZAP looked at the handshake only: each message asks again, so that
	 * a revoked key is without effect within the registry's reload. */
	in->principal = key ? registry_principal(bus->o.registry, key) : NULL;
	if (!in->principal) {
		bus_denied(bus, NULL, "a key that the registry does not hold");
		refuse_incoming(bus, in, SY__V1__ERROR_CODE__FORBIDDEN,
				"this key is not registered any more");
		return;
	}
	if (!bus->started || bus->draining) {
		refuse_incoming(bus, in, SY__V1__ERROR_CODE__BUSY,
				bus->draining ? "draining" : "starting");
		return;
	}
	if (!bus->o.grant(bus->o.grant_arg, in->principal, &in->grant)) {
		bus_denied(bus, in->principal, "the directory grants nothing");
		refuse_incoming(bus, in, SY__V1__ERROR_CODE__FORBIDDEN,
				"the directory grants this principal nothing");
		return;
	}
	peer_seen(bus, &in->from);
	dispatch(bus, in);
}

static bool more_parts(void *socket)
{
	int more = 0;
	size_t size = sizeof(more);

	zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
	return more != 0;
}

/* Reads what is left of a message that has too many parts. */
static void drop_parts(void *socket)
{
	while (more_parts(socket)) {
		zmq_msg_t part;

		zmq_msg_init(&part);
		zmq_msg_recv(&part, socket, ZMQ_DONTWAIT);
		zmq_msg_close(&part);
	}
}

static bool readable_cb(void *arg)
{
	struct bus_server *bus = arg;
	void *socket = bus->router->socket;
	uint8_t header[FRAME_HEADER_BYTES + 1];
	struct incoming in = { 0 };
	const char *why = "not two parts";
	zmq_msg_t body;
	int len, header_len = -1;
	bool good = false;

	len = zmq_recv(socket, in.from.bytes, BUS_IDENTITY_MAX, ZMQ_DONTWAIT);
	if (len < 0)
		return false;
	/* libzmq makes 5 bytes; a longer name was set by the peer, against the
	 * protocol, and could not be answered. */
	in.from.len = len <= BUS_IDENTITY_MAX ? (uint8_t)len : 0;
	zmq_msg_init(&body);
	if (more_parts(socket))
		header_len =
			zmq_recv(socket, header, sizeof(header), ZMQ_DONTWAIT);
	if (header_len >= 0 && more_parts(socket) &&
	    zmq_msg_recv(&body, socket, ZMQ_DONTWAIT) >= 0 &&
	    !more_parts(socket))
		good = frame_parse(header, (size_t)header_len,
				   zmq_msg_data(&body), zmq_msg_size(&body),
				   &in.frame, &why) == 0;
	drop_parts(socket);
	if (good && in.from.len) {
		fault_point("server_after_receive");
		bus_take(bus, &in, zmq_msg_gets(&body, "User-Id"));
	} else {
		bus_denied(bus, NULL, why);
		bus_answer_error(bus, &in.from, 0,
				 SY__V1__ERROR_CODE__MALFORMED, "frame", why);
	}
	zmq_msg_close(&body);
	return true;
}

/* --- housekeeping
 * ---------------------------------------------------------------- */

static void trimmed_cb(const struct db_result *res, void *arg)
{
	(void)arg;
	if (res->outcome == DB_FAILED)
		log_error("trim: %s", res->text);
}

static void sweep_cb(uv_timer_t *timer)
{
	struct bus_server *bus = timer->data;
	int64_t now_us = time_monotonic_us();
	struct peer *peer, *next;
	static unsigned turn;

	HASH_ITER (hh, bus->peers, peer, next) {
		if (now_us - peer->seen_us < PEER_IDLE_US)
			continue;
		feed_forget_peer(bus, peer);
		HASH_DEL(bus->peers, peer);
		free(peer);
	}
	lanes_sweep(bus, now_us);
	if (bus->started)
		readers_sweep(bus);
	if (bus->o.domain && ++turn % TRIM_SWEEPS == 0) {
		struct db_pipe *pipe = db_pipe_new(bus_query_conn(bus));

		db_exec(pipe, BUS_SQL_TRIM_LANES);
		db_exec(pipe, BUS_SQL_TRIM_COMMANDS);
		db_pipe_run(pipe, trimmed_cb, bus);
	}
}

/* --- open, drain, close ------------------------------------------------------
 */

static int router_bind(struct bus_server *bus, void *socket, struct error *err)
{
	const char *dash = strrchr(bus->o.bind, '-');
	const char *colon = strrchr(bus->o.bind, ':');
	int first, last;

	if (!colon)
		return error_set(err, "SUYUAN_BIND: wants tcp://host:port");
	first = atoi(colon + 1);
	last = dash && dash > colon ? atoi(dash + 1) : first;
	for (int port = first; port <= last; port++) {
		char endpoint[256];
		size_t size = sizeof(bus->endpoint);

		snprintf(endpoint, sizeof(endpoint), "%.*s:%d",
			 (int)(colon - bus->o.bind), bus->o.bind, port);
		if (zmq_bind(socket, endpoint) == 0)
			return zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT,
					      bus->endpoint, &size);
	}
	return error_set(err, "bind %s: %s", bus->o.bind,
			 zmq_strerror(zmq_errno()));
}

static int router_open(struct bus_server *bus, struct error *err)
{
	void *socket = zmq_socket(bus_context(), ZMQ_ROUTER);
	int one = 1, linger = 200, hwm = SEND_HWM, backlog = BACKLOG;
	int handshake = HANDSHAKE_IVL_MS, heartbeat = 2000, timeout = 10000;
	int64_t max_bytes = FRAME_MAX_BYTES;
	const struct {
		int option;
		const void *value;
		size_t size;
	} options[] = {
		{ ZMQ_MAXMSGSIZE, &max_bytes, sizeof(max_bytes) },
		{ ZMQ_ROUTER_MANDATORY, &one, sizeof(one) },
		{ ZMQ_LINGER, &linger, sizeof(linger) },
		{ ZMQ_SNDHWM, &hwm, sizeof(hwm) },
		{ ZMQ_BACKLOG, &backlog, sizeof(backlog) },
		{ ZMQ_HANDSHAKE_IVL, &handshake, sizeof(handshake) },
		{ ZMQ_HEARTBEAT_IVL, &heartbeat, sizeof(heartbeat) },
		{ ZMQ_HEARTBEAT_TIMEOUT, &timeout, sizeof(timeout) },
		{ ZMQ_CURVE_SERVER, &one, sizeof(one) },
		{ ZMQ_CURVE_SECRETKEY, bus->o.key->secret_z85, KEY_Z85_SIZE },
		{ ZMQ_ZAP_DOMAIN, bus->o.service, strlen(bus->o.service) },
		/* Without a handler CURVE admits everyone: fail closed. */
		{ ZMQ_ZAP_ENFORCE_DOMAIN, &one, sizeof(one) },
	};

	if (!socket)
		return error_set(err, "ROUTER: %s", zmq_strerror(zmq_errno()));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (zmq_setsockopt(socket, options[i].option, options[i].value,
				   options[i].size) == 0)
			continue;
		error_set(err, "ROUTER option %d: %s", options[i].option,
			  zmq_strerror(zmq_errno()));
		zmq_close(socket);
		return -1;
	}
	if (router_bind(bus, socket, err) < 0 ||
	    zsock_watch(&bus->router, bus->o.loop, socket, readable_cb, bus) <
		    0) {
		zmq_close(socket);
		return -1;
	}
	return 0;
}

int bus_statements_join(struct bus_server *bus)
{
	size_t own = (size_t)bus->o.statements_nr;
	size_t operations = bus->o.consumes ? OPERATIONS_SQL_NR : 0;

	bus->statements_nr = (int)(BUS_SQL_NR + own + operations);
	bus->statements =
		calloc((size_t)bus->statements_nr, sizeof(*bus->statements));
	if (!bus->statements)
		return -1;
	memcpy(bus->statements, bus_sql, sizeof(bus_sql));
	if (own)
		memcpy(bus->statements + BUS_SQL_NR, bus->o.statements,
		       own * sizeof(*bus->statements));
	memcpy(bus->statements + BUS_SQL_NR + own, operations_sql,
	       operations * sizeof(*bus->statements));
	return 0;
}

int bus_conn_open(struct bus_server *bus, struct db_conn **conn_r,
		  const char *role, int timeout_ms, struct error *err)
{
	char name[96];
	struct db_conn_options options = {
		.url = bus->o.db_url,
		.schema = bus->o.schema,
		.role = name,
		.statements = bus->statements,
		.statements_nr = bus->statements_nr,
		.statement_timeout_ms = timeout_ms,
		.custom_plans = timeout_ms > 0,
	};

	snprintf(name, sizeof(name), "%s %s", bus->o.service, role);
	return db_conn_open(conn_r, bus->o.loop, &options, err);
}

static int conns_open(struct bus_server *bus, struct error *err)
{
	if (bus_statements_join(bus) < 0)
		return error_set(err, "no memory");
	if (bus_conn_open(bus, &bus->writer_conn, "writer", 0, err) < 0 ||
	    bus_conn_open(bus, &bus->fetch_conn, "fetch", 0, err) < 0 ||
	    db_watchdog_open(&bus->watchdog, bus->o.loop, bus->o.db_url,
			     bus->o.schema, err) < 0)
		return -1;
	for (int i = 0; i < BUS_QUERY_CONNS; i++)
		if (bus_conn_open(bus, &bus->query_conns[i], "query",
				  BUS_QUERY_TIMEOUT_MS, err) < 0)
			return -1;
	return 0;
}

int bus_server_open(struct bus_server **bus_r,
		    const struct bus_server_options *options, struct error *err)
{
	struct bus_server *bus = calloc(1, sizeof(*bus));

	*bus_r = NULL;
	if (!bus)
		return error_set(err, "no memory");
	bus->o = *options;
	uuid_make(bus->instance_id);
	arena_init(&bus->writer.batch.arena);
	uv_timer_init(bus->o.loop, &bus->writer.timer);
	uv_timer_init(bus->o.loop, &bus->sweep);
	bus->writer.timer.data = bus;
	bus->sweep.data = bus;
	bus->refs = 2;
	/* ZAP before bind: nobody shakes hands unseen. */
	if (bus_store_shards(bus->o.db_url, bus->o.schema, bus->o.shards_nr,
			     err) < 0 ||
	    zap_open(&bus->zap, bus->o.loop, bus->o.registry, err) < 0 ||
	    conns_open(bus, err) < 0 || feed_open(bus, err) < 0 ||
	    readers_open(bus, err) < 0 || retention_open(bus, err) < 0 ||
	    router_open(bus, err) < 0) {
		bus_server_close(&bus);
		return -1;
	}
	uv_timer_start(&bus->sweep, sweep_cb, SWEEP_MS, SWEEP_MS);
	meters_open(bus);
	log_info("listening on %s", bus->endpoint);
	*bus_r = bus;
	return 0;
}

void bus_server_start(struct bus_server *bus)
{
	bus->started = true;
}

bool bus_server_ready(const struct bus_server *bus, const char **why_r)
{
	*why_r = "the directory is not read yet";
	if (!bus->started)
		return false;
	*why_r = "draining";
	if (bus->draining)
		return false;
	*why_r = "a database connection is down";
	if (!db_conn_up(bus->writer_conn) || !db_conn_up(bus->fetch_conn))
		return false;
	for (int i = 0; i < BUS_QUERY_CONNS; i++)
		if (!db_conn_up(bus->query_conns[i]))
			return false;
	return true;
}

const char *bus_server_endpoint(const struct bus_server *bus)
{
	return bus->endpoint;
}

void bus_drain_check(struct bus_server *bus)
{
	void (*cb)(void *arg) = bus->drained_cb;

	if (!bus->draining || !cb || !writer_idle(bus) || bus->queue)
		return;
	bus->drained_cb = NULL;
	cb(bus->drained_arg);
}

void bus_server_drain(struct bus_server *bus, void (*drained_cb)(void *arg),
		      void *arg)
{
	Sy__V1__Goaway goaway = SY__V1__GOAWAY__INIT;
	struct peer *peer, *next;

	goaway.instance_id.data = bus->instance_id;
	goaway.instance_id.len = sizeof(bus->instance_id);
	bus->draining = true;
	bus->drained_cb = drained_cb;
	bus->drained_arg = arg;
	HASH_ITER (hh, bus->peers, peer, next)
		bus_send(bus, &peer->id, BUS_GOAWAY, 0, &goaway.base);
	bus_drain_check(bus);
}

void bus_ref(struct bus_server *bus)
{
	bus->refs++;
}

void bus_unref(struct bus_server *bus)
{
	if (--bus->refs > 0)
		return;
	archive_close(&bus->archive);
	free(bus->heads);
	free(bus);
}

static void closed_cb(uv_handle_t *handle)
{
	bus_unref(handle->data);
}

void bus_server_close(struct bus_server **bus_p)
{
	struct bus_server *bus = bus_p ? *bus_p : NULL;
	struct peer *peer, *next;

	if (!bus)
		return;
	*bus_p = NULL;
	metrics_sampler_remove(&bus->sampler);
	zsock_close(&bus->router);
	db_conn_close(&bus->writer_conn);
	db_conn_close(&bus->fetch_conn);
	for (int i = 0; i < BUS_QUERY_CONNS; i++)
		db_conn_close(&bus->query_conns[i]);
	db_watchdog_close(&bus->watchdog);
	zap_close(&bus->zap);
	retention_close(bus);
	readers_close(bus);
	feed_close(bus);
	writer_free(bus);
	lanes_free(bus);
	HASH_ITER (hh, bus->peers, peer, next) {
		HASH_DEL(bus->peers, peer);
		free(peer);
	}
	free(bus->statements);
	uv_close((uv_handle_t *)&bus->writer.timer, closed_cb);
	uv_close((uv_handle_t *)&bus->sweep, closed_cb);
}
