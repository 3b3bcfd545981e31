/* zap.c -- answers libzmq's questions at inproc://zeromq.zap.01: version,
 * request id, domain, address, identity, mechanism, key. The user id of an
 * admitted connection is its public key in Z85, so that each message can be
 * asked for it. */
#include "bus/zap.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "bus/context.h"
#include "bus/zsock.h"
#include "log.h"
#include "metrics.h"
#include "timeutil.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_PARTS 7
#define PART_MAX 256
/* A peer whose key is refused comes again each second. */
#define TELL_EVERY_US (60 * US_PER_S)

struct zap {
	struct zsock *sock;
	const struct registry *registry;
	char told_key[KEY_Z85_SIZE]; /* last, "": one that could not be read */
	int64_t told_us;             /* monotonic, 0: none was told */
	unsigned untold;             /* denials since */
};

static struct metric admitted =
	METRIC(METRIC_COUNTER, "suyuan_bus_handshakes_admitted_total",
	       "Connections that the key registry admitted");
static struct metric denied =
	METRIC(METRIC_COUNTER, "suyuan_bus_handshakes_denied_total",
	       "Connections refused for their key");

struct part {
	char data[PART_MAX];
	size_t len;
};

/* Another key than the last at most once a second, the same once a minute: a
 * log is no place for whoever wants to fill a disk. */
static void tell_denied(struct zap *zap, const char *key,
			const struct part *address)
{
	int64_t now_us = time_monotonic_us(), since_us = now_us - zap->told_us;
	char fingerprint[KEY_FINGERPRINT_SIZE] = "(none)";

	zap->untold++;
	if (zap->told_us &&
	    since_us < (strcmp(key, zap->told_key) == 0 ? TELL_EVERY_US
							: US_PER_S))
		return;
	if (key[0])
		key_fingerprint(key, fingerprint);
	log_warn("refused: key %s from %.*s, the registry does not name it; "
		 "%u refusals since the last such line",
		 fingerprint, (int)address->len, address->data, zap->untold);
	memcpy(zap->told_key, key, KEY_Z85_SIZE);
	zap->told_us = now_us;
	zap->untold = 0;
}

/* All frames of a request; parts beyond ZAP_PARTS are read and dropped. */
static int zap_receive(void *socket, struct part parts[ZAP_PARTS])
{
	int n = 0, more = 1;
	size_t size = sizeof(more);

	while (more) {
		struct part dropped;
		struct part *part = n < ZAP_PARTS ? &parts[n] : &dropped;
		int len = zmq_recv(socket, part->data, PART_MAX, ZMQ_DONTWAIT);

		if (len < 0)
			return n == 0 ? -1 : n;
		part->len = len < PART_MAX ? (size_t)len : PART_MAX;
		n++;
		zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
	}
	return n;
}

static bool part_is(const struct part *part, const char *text)
{
	return part->len == strlen(text) &&
	       memcmp(part->data, text, part->len) == 0;
}

static void zap_reply(void *socket, const struct part *id, const char *status,
		      const char *text, const char *user)
{
	zmq_send(socket, "1.0", 3, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(socket, id->data, id->len, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(socket, status, 3, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(socket, text, strlen(text), ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(socket, user, strlen(user), ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(socket, "", 0, ZMQ_DONTWAIT);
}

static bool zap_readable_cb(void *arg)
{
	struct zap *zap = arg;
	void *socket = zap->sock->socket;
	struct part parts[ZAP_PARTS] = { 0 };
	char key[KEY_Z85_SIZE] = "";
	int n = zap_receive(socket, parts);

	if (n < 0)
		return false;
	if (n == ZAP_PARTS && part_is(&parts[0], "1.0") &&
	    part_is(&parts[5], "CURVE") && parts[6].len == 32)
		zmq_z85_encode(key, (uint8_t *)parts[6].data, 32);
	if (key[0] && registry_principal(zap->registry, key)) {
		metric_add(&admitted, 1);
		zap_reply(socket, &parts[1], "200", "", key);
	} else { /* a REP must answer, whatever it was asked */
		metric_add(&denied, 1);
		tell_denied(zap, key, &parts[3]);
		zap_reply(socket, &parts[1], "400", "unknown key", "");
	}
	zsock_kick(zap->sock);
	return true;
}

int zap_open(struct zap **zap_r, uv_loop_t *loop,
	     const struct registry *registry, struct error *err)
{
	struct zap *zap = calloc(1, sizeof(*zap));
	void *socket = zmq_socket(bus_context(), ZMQ_REP);
	int linger = 0;

	*zap_r = NULL;
	if (!zap || !socket ||
	    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof(linger)) < 0 ||
	    zmq_bind(socket, ZAP_ENDPOINT) < 0 ||
	    zsock_watch(&zap->sock, loop, socket, zap_readable_cb, zap) < 0) {
		error_set(err, "ZAP handler: %s", zmq_strerror(zmq_errno()));
		if (socket)
			zmq_close(socket);
		free(zap);
		return -1;
	}
	zap->registry = registry;
	metric_show(&admitted);
	metric_show(&denied);
	*zap_r = zap;
	return 0;
}

void zap_close(struct zap **zap)
{
	if (!zap || !*zap)
		return;
	zsock_close(&(*zap)->sock);
	free(*zap);
	*zap = NULL;
}
