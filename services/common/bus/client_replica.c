/* client_replica.c -- one address of a service: a DEALER, the monitor that
 * tells when its connection comes and goes, and the probe that tells which
 * instance answers there. A socket that lost its connection is replaced by a
 * new one, so that nothing stale is delivered to the next process there. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "bus/client_internal.h"
#include "bus/context.h"
#include "log.h"
#include "metrics.h"
#include "timeutil.h"
#include "utf8.h"

/* Asked when nothing else was heard for so long. */
#define PROBE_AFTER_US (1000 * US_PER_MS)
#define PROBE_STARTING_US (200 * US_PER_MS)
#define PROBE_TIMEOUT_MS 4000
/* A replica that is stopped, or a connection that libzmq believes in and nobody
 * else: a probe had 1.5 s. Lanes that wait there hold up the others of their
 * publisher, whose window they fill. */
#define SILENT_MAX_US (2500 * US_PER_MS)
/* libzmq may stop retrying after its handshake was refused. */
#define REFUSED_WAIT_US (1000 * US_PER_MS)
#define REOPEN_WAIT_US (50 * US_PER_MS)

static struct metric refused =
	METRIC(METRIC_COUNTER, "suyuan_bus_client_refused_total",
	       "Handshakes that failed: refused, or not answered in time.");
static struct metric lost =
	METRIC(METRIC_COUNTER, "suyuan_bus_client_lost_total",
	       "Connections to replicas that were lost.");
static struct metric malformed =
	METRIC(METRIC_COUNTER, "suyuan_bus_client_malformed_total",
	       "Frames from a service that could not be understood.");

static void dialled_lost(struct dialled *d, int64_t wait_us)
{
	if (d->connected)
		metric_add(&lost, 1);
	if (d->pub.up)
		log_info("%s: lost", d->endpoint);
	dialled_close(d);
	d->reopen_at_us = time_monotonic_us() + wait_us;
}

static bool readable_cb(void *arg)
{
	struct dialled *d = arg;
	struct frame frame;
	zmq_msg_t part[2];
	const char *why = "not two frames";
	int parts = 0, more;

	/* Keeps the first two frames; a peer that sends more is wrong. */
	zmq_msg_init(&part[0]);
	zmq_msg_init(&part[1]);
	do {
		zmq_msg_t *msg = &part[parts == 0 ? 0 : 1];

		if (zmq_msg_recv(msg, d->dealer->socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&part[0]);
			zmq_msg_close(&part[1]);
			return false;
		}
		parts++;
		more = zmq_msg_more(msg);
	} while (more);
	if (parts == 2 &&
	    frame_parse(zmq_msg_data(&part[0]), zmq_msg_size(&part[0]),
			zmq_msg_data(&part[1]), zmq_msg_size(&part[1]), &frame,
			&why) == 0) {
		client_take(d, &frame);
	} else {
		metric_add(&malformed, 1);
		log_warn("%s: a frame was dropped: %s", d->endpoint, why);
	}
	zmq_msg_close(&part[0]);
	zmq_msg_close(&part[1]);
	return true;
}

static void handle_event(struct dialled *d, unsigned event)
{
	switch (event) {
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		d->connected = true;
		d->trouble = DIAL_FINE;
		d->heard_us = time_monotonic_us();
		d->probe = dialled_probe(d);
		return;
	case ZMQ_EVENT_DISCONNECTED:
		if (!d->connected)
			return; /* libzmq tries again by itself */
		dialled_lost(d, REOPEN_WAIT_US);
		return;
	case ZMQ_EVENT_CONNECT_RETRIED: /* by libzmq itself */
		dialled_failed(d, DIAL_NOBODY);
		return;
	default: /* the handshake failed */
		metric_add(&refused, 1);
		dialled_failed(d, event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
					  ? DIAL_REFUSED
					  : DIAL_NO_CURVE);
		dialled_lost(d, REFUSED_WAIT_US);
		return;
	}
}

static bool monitor_cb(void *arg)
{
	struct dialled *d = arg;
	zmq_msg_t msg;
	uint16_t event = 0;
	bool first = true;
	int more;

	zmq_msg_init(&msg);
	do {
		if (zmq_msg_recv(&msg, d->monitor->socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&msg);
			return false;
		}
		/* Frame 1: event (16 bit) and value (32); frame 2: address. */
		if (first && zmq_msg_size(&msg) >= sizeof(event))
			memcpy(&event, zmq_msg_data(&msg), sizeof(event));
		first = false;
		more = zmq_msg_more(&msg);
	} while (more);
	zmq_msg_close(&msg);
	if (event)
		handle_event(d, event);
	return true;
}

static int set(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value));
}

static int set_key(void *socket, int option, const char *z85)
{
	return zmq_setsockopt(socket, option, z85, KEY_Z85_SIZE);
}

static int configure(const struct bus_client *client, void *socket)
{
	int64_t max_bytes = FRAME_MAX_BYTES;

	if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max_bytes,
			   sizeof(max_bytes)) < 0 ||
	    /* What is unsent when we close has no meaning to anyone. */
	    set(socket, ZMQ_LINGER, 0) < 0 || set(socket, ZMQ_IPV6, 1) < 0 ||
	    /* Credit bounds what is in flight; this only bounds a mistake. */
	    set(socket, ZMQ_SNDHWM, 1000) < 0 ||
	    set(socket, ZMQ_RCVHWM, 1000) < 0 ||
	    set(socket, ZMQ_HEARTBEAT_IVL, 1000) < 0 ||
	    set(socket, ZMQ_HEARTBEAT_TIMEOUT, 3000) < 0 ||
	    set(socket, ZMQ_HEARTBEAT_TTL, 5000) < 0 ||
	    set(socket, ZMQ_HANDSHAKE_IVL, 3000) < 0 ||
	    set(socket, ZMQ_CONNECT_TIMEOUT, 2000) < 0 ||
	    set(socket, ZMQ_RECONNECT_IVL, 50) < 0 ||
	    set(socket, ZMQ_RECONNECT_IVL_MAX, 1000) < 0)
		return -1;
	if (set_key(socket, ZMQ_CURVE_SERVERKEY, client->server_key) < 0 ||
	    set_key(socket, ZMQ_CURVE_PUBLICKEY, client->key.public_z85) < 0 ||
	    set_key(socket, ZMQ_CURVE_SECRETKEY, client->key.secret_z85) < 0)
		return -1;
	return 0;
}

/* The monitor's own inproc address, one a socket that ever was. */
static int monitor(struct dialled *d, void *dealer)
{
	static atomic_ulong serial; /* each thread has a client of its own */
	const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
			   ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED |
			   ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
			   ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
			   ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
	char address[64];
	void *pair;

	snprintf(address, sizeof(address), "inproc://monitor-%lu",
		 atomic_fetch_add(&serial, 1));
	if (zmq_socket_monitor(dealer, address, events) < 0)
		return -1;
	pair = zmq_socket(bus_context(), ZMQ_PAIR);
	if (!pair)
		return -1;
	if (set(pair, ZMQ_LINGER, 0) < 0 || zmq_connect(pair, address) < 0 ||
	    zsock_watch(&d->monitor, d->client->loop, pair, monitor_cb, d) <
		    0) {
		/* First, or the I/O thread waits for this reader for ever. */
		zmq_socket_monitor(dealer, NULL, 0);
		zmq_close(pair);
		return -1;
	}
	return 0;
}

void dialled_open(struct dialled *d)
{
	void *dealer = zmq_socket(bus_context(), ZMQ_DEALER);

	metric_show(&refused);
	metric_show(&lost);
	metric_show(&malformed);
	d->reopen_at_us = time_monotonic_us() + REFUSED_WAIT_US;
	if (!dealer) {
		log_error("%s: %s", d->endpoint, zmq_strerror(zmq_errno()));
		return;
	}
	if (configure(d->client, dealer) < 0 || monitor(d, dealer) < 0 ||
	    zmq_connect(dealer, d->endpoint) < 0 ||
	    zsock_watch(&d->dealer, d->client->loop, dealer, readable_cb, d) <
		    0) {
		log_error("%s: %s", d->endpoint, zmq_strerror(zmq_errno()));
		if (d->monitor)
			zmq_socket_monitor(dealer, NULL, 0);
		zsock_close(&d->monitor);
		zmq_close(dealer);
	}
}

void dialled_close(struct dialled *d)
{
	if (d->dealer) {
		/* Before its reader is closed, see monitor(). */
		zmq_socket_monitor(d->dealer->socket, NULL, 0);
		zsock_close(&d->monitor);
		zsock_close(&d->dealer);
	}
	bus_client_forget(d->client, d->probe);
	d->probe = 0;
	d->connected = false;
	if (d->pub.up)
		client_changed(d->client);
	d->pub = (struct bus_replica){ .serial = d->pub.serial + 1 };
	client_fail_replica(d->client, d->index);
}

void dialled_tick(struct dialled *d, int64_t now_us)
{
	if (!d->dealer) {
		if (now_us >= d->reopen_at_us)
			dialled_open(d);
		return;
	}
	if (!d->connected)
		return;
	if (now_us - d->heard_us > SILENT_MAX_US) {
		log_warn("%s: silent", d->endpoint);
		dialled_lost(d, REOPEN_WAIT_US);
		return;
	}
	if (!d->probe && now_us - d->probed_us >= PROBE_STARTING_US &&
	    (!d->pub.up || now_us - d->heard_us >= PROBE_AFTER_US))
		d->probe = dialled_probe(d);
}

/* Another address that reaches the same process. */
static bool is_duplicate(const struct dialled *d, const uint8_t *instance_id)
{
	const struct bus_client *client = d->client;

	for (int i = 0; i < client->replicas_nr; i++) {
		const struct dialled *other = client->replicas[i];

		if (other && other != d && other->pub.up &&
		    memcmp(other->pub.instance_id, instance_id, 16) == 0)
			return true;
	}
	return false;
}

static void probed_cb(const struct frame *answer, void *arg)
{
	struct dialled *d = arg;
	Sy__V1__Welcome *welcome;

	d->probe = 0;
	if (answer->op != BUS_WELCOME)
		return;
	welcome = sy__v1__welcome__unpack(NULL, answer->body_len, answer->body);
	if (!welcome || welcome->instance_id.len != 16) {
		metric_add(&malformed, 1);
	} else if (!is_duplicate(d, welcome->instance_id.data)) {
		memcpy(d->pub.instance_id, welcome->instance_id.data, 16);
		d->pub.credit_events = welcome->credit_events;
		d->pub.max_publish_events = welcome->max_publish_events;
		if (!d->pub.up) {
			d->pub.up = true;
			d->trouble = DIAL_FINE;
			client_changed(d->client);
			log_info("%s: %s is up", d->endpoint, welcome->service);
		}
	}
	if (welcome)
		sy__v1__welcome__free_unpacked(welcome, NULL);
}

/* A NACK that names no publisher refuses whatever came last. From a replica
 * that starts or drains it is no answer to the probe. One that grants us
 * nothing is there all the same: requests shall go and be refused in their own
 * form. */
void dialled_refused(struct dialled *d, const struct frame *frame)
{
	Sy__V1__Nack *nack;

	if (!d->probe)
		return;
	nack = sy__v1__nack__unpack(NULL, frame->body_len, frame->body);
	if (nack && nack->error && nack->epoch == 0 &&
	    nack->publisher[0] == '\0') {
		bus_client_forget(d->client, d->probe);
		d->probe = 0;
		if (!d->pub.up) {
			snprintf(d->busy, sizeof(d->busy), "%.*s",
				 utf8_fit(nack->error->text,
					  sizeof(d->busy) - 1),
				 nack->error->text);
			dialled_failed(d, DIAL_BUSY);
		}
		if (nack->error->code == SY__V1__ERROR_CODE__FORBIDDEN &&
		    !d->pub.up) {
			d->pub.up = true;
			client_changed(d->client);
		}
	}
	if (nack)
		sy__v1__nack__free_unpacked(nack, NULL);
}

uint64_t dialled_probe(struct dialled *d)
{
	Sy__V1__Hello hello = SY__V1__HELLO__INIT;

	/* A HELLO without lanes takes nothing over: it only asks who is there.
	 */
	hello.instance_id.data = d->client->instance_id;
	hello.instance_id.len = sizeof(d->client->instance_id);
	d->probed_us = time_monotonic_us();
	return bus_client_send(d->client, d->index, BUS_HELLO, &hello.base,
			       PROBE_TIMEOUT_MS, probed_cb, d);
}
