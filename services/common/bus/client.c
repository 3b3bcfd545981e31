/* client.c -- requests and their answers over the replicas of a service.
 * Whatever happens to a request -- answered, timed out, its replica lost -- its
 * callback is called once, from the loop. Next: client_replica.c. */
#include "bus/client.h"

#include <stdlib.h>
#include <string.h>

#include "bus/client_internal.h"
#include "bus/must.h"
#include "metrics.h"
#include "timeutil.h"
#include "uuid.h"

#define TICK_MS 50 /* deadlines are seconds */

static struct metric unanswered =
	METRIC(METRIC_COUNTER, "suyuan_bus_client_unanswered_total",
	       "Requests that timed out or whose replica was lost.");

static void soon_cb(uv_timer_t *timer);

void client_later(struct bus_client *client)
{
	if (!client->closed && !uv_is_active((uv_handle_t *)&client->soon))
		uv_timer_start(&client->soon, soon_cb, 0, 0);
}

void client_changed(struct bus_client *client)
{
	client->changed = true;
	client_later(client);
}

/* Removes before calling: the callback may ask again. */
static void answer(struct bus_client *client, struct pending *p,
		   const struct frame *frame)
{
	bus_answer_cb *cb = p->cb;
	void *arg = p->arg;

	HASH_DEL(client->pending, p);
	free(p);
	cb(frame, arg);
}

/* Fails what is due. A callback may forget others or add new ones, so the walk
 * starts again after each; failures are few. */
static void expire(struct bus_client *client, int64_t now_us)
{
	const struct frame nothing = { 0 };
	struct pending *p, *next;

again:
	HASH_ITER (hh, client->pending, p, next) {
		if (p->deadline_us > now_us)
			continue;
		metric_add(&unanswered, 1);
		answer(client, p, &nothing);
		if (client->closed)
			return;
		goto again;
	}
}

static void tell_watches(struct bus_client *client)
{
	struct bus_client_watch *w = client->watches, *next;

	client->changed = false;
	for (; w; w = next) {
		next = w->next;
		w->changed_cb(w->arg);
		if (client->closed)
			return;
	}
}

static void soon_cb(uv_timer_t *timer)
{
	struct bus_client *client = timer->data;

	expire(client, time_monotonic_us());
	if (!client->closed && client->changed)
		tell_watches(client);
	if (!client->closed)
		queries_pump(client, time_monotonic_us());
}

static void tick_cb(uv_timer_t *timer)
{
	struct bus_client *client = timer->data;
	int64_t now_us = time_monotonic_us();

	for (int i = 0; i < client->replicas_nr; i++)
		if (client->replicas[i])
			dialled_tick(client->replicas[i], now_us);
	if (!client->resolving && now_us >= client->resolve_at_us)
		client_resolve(client);
	trouble_tick(client, now_us);
	soon_cb(timer);
}

void client_fail_replica(struct bus_client *client, int replica)
{
	struct pending *p, *next;

	HASH_ITER (hh, client->pending, p, next) {
		if (p->replica != replica)
			continue;
		p->replica = -1;
		p->deadline_us = 0;
		client_later(client);
	}
}

static void tell_lanes(struct bus_client *client, int replica,
		       const struct frame *frame)
{
	struct bus_client_watch *w = client->watches, *next;

	for (; w && !client->closed; w = next) {
		next = w->next;
		if (w->lane_cb)
			w->lane_cb(replica, frame, w->arg);
	}
}

void client_take(struct dialled *d, const struct frame *frame)
{
	struct bus_client *client = d->client;
	struct pending *p;
	Sy__V1__Hint *hint;

	d->heard_us = time_monotonic_us();
	if (frame->op == BUS_HINT) {
		if (!client->hint_cb)
			return;
		hint = sy__v1__hint__unpack(NULL, frame->body_len, frame->body);
		if (hint) {
			client->hint_cb(hint, client->hint_arg);
			sy__v1__hint__free_unpacked(hint, NULL);
		}
		return;
	}
	if (frame->op == BUS_GOAWAY) {
		d->pub.leaving = true;
		client_changed(client);
		return;
	}
	if (frame->op == BUS_ACK || frame->op == BUS_NACK) {
		if (frame->op == BUS_NACK)
			dialled_refused(d, frame);
		tell_lanes(client, d->index, frame);
		return;
	}
	HASH_FIND(hh, client->pending, &frame->correlation,
		  sizeof(frame->correlation), p);
	/* Late, or made up: nobody waits for it. */
	if (p && p->replica == d->index)
		answer(client, p, frame);
}

/* Any replica that takes new work, round robin; -1: none. */
static int choose(struct bus_client *client)
{
	for (int n = 0; n < client->replicas_nr; n++) {
		int i = client->next_replica++ % client->replicas_nr;
		const struct dialled *d = client->replicas[i];

		if (d && d->pub.up && !d->pub.leaving)
			return i;
	}
	return -1;
}

uint64_t bus_client_send(struct bus_client *client, int replica, enum bus_op op,
			 const ProtobufCMessage *body, int timeout_ms,
			 bus_answer_cb *cb, void *arg)
{
	struct pending *p = must_calloc(1, sizeof(*p));
	struct dialled *d = NULL;

	if (replica < 0)
		replica = choose(client);
	if (replica >= 0 && replica < client->replicas_nr)
		d = client->replicas[replica];
	p->correlation = ++client->next_correlation;
	p->replica = replica;
	p->deadline_us = time_monotonic_us() + timeout_ms * US_PER_MS;
	p->cb = cb;
	p->arg = arg;
	HASH_ADD(hh, client->pending, correlation, sizeof(p->correlation), p);
	if (!d || !d->dealer || !d->connected ||
	    frame_send(d->dealer->socket, NULL, 0, op, p->correlation, body) <
		    0) {
		p->replica = -1;
		p->deadline_us = 0;
		client_later(client);
	}
	if (d)
		zsock_kick(d->dealer);
	return p->correlation;
}

int bus_client_post(struct bus_client *client, int replica, enum bus_op op,
		    const ProtobufCMessage *body)
{
	struct dialled *d = client->replicas[replica];
	int status;

	if (!d || !d->dealer || !d->connected)
		return -1;
	status = frame_send(d->dealer->socket, NULL, 0, op, 0, body);
	zsock_kick(d->dealer);
	return status;
}

void bus_client_forget(struct bus_client *client, uint64_t request)
{
	struct pending *p;

	HASH_FIND(hh, client->pending, &request, sizeof(request), p);
	if (p) {
		HASH_DEL(client->pending, p);
		free(p);
	}
}

uv_loop_t *bus_client_loop(const struct bus_client *client)
{
	return client->loop;
}

int bus_client_alive(const struct bus_client *client)
{
	int alive = 0;

	for (int i = 0; i < client->replicas_nr; i++)
		if (client->replicas[i] && client->replicas[i]->pub.up)
			alive++;
	return alive;
}

int bus_client_replicas(const struct bus_client *client)
{
	return client->replicas_nr;
}

const struct bus_replica *bus_client_replica(const struct bus_client *client,
					     int replica)
{
	static const struct bus_replica none;

	if (replica < 0 || replica >= client->replicas_nr ||
	    !client->replicas[replica])
		return &none;
	return &client->replicas[replica]->pub;
}

void bus_client_watch(struct bus_client *client, struct bus_client_watch *watch)
{
	watch->next = client->watches;
	client->watches = watch;
}

void bus_client_unwatch(struct bus_client *client,
			struct bus_client_watch *watch)
{
	for (struct bus_client_watch **w = &client->watches; *w;
	     w = &(*w)->next) {
		if (*w == watch) {
			*w = watch->next;
			return;
		}
	}
}

void client_unref(struct bus_client *client)
{
	if (--client->handles_open > 0)
		return;
	for (int i = 0; i < client->replicas_nr; i++)
		free(client->replicas[i]);
	free(client);
}

static void closed_cb(uv_handle_t *handle)
{
	client_unref(handle->data);
}

int bus_client_open(struct bus_client **client_r,
		    const struct bus_client_options *options, struct error *err)
{
	struct bus_client *client = must_calloc(1, sizeof(*client));

	metric_show(&unanswered);
	*client_r = NULL;
	if (endpoint_parse(options->endpoint, client->host,
			   sizeof(client->host), &client->port_first,
			   &client->port_last) < 0) {
		free(client);
		return error_set(err, "endpoint %s: not tcp://HOST:PORT[-PORT]",
				 options->endpoint);
	}
	if (strlen(options->server_key) != KEY_Z85_SIZE - 1) {
		free(client);
		return error_set(err, "endpoint %s: no server key",
				 options->endpoint);
	}
	memcpy(client->server_key, options->server_key, KEY_Z85_SIZE);
	client->key = *options->key;
	client->loop = options->loop;
	client->hint_cb = options->hint_cb;
	client->hint_arg = options->hint_arg;
	uuid_make(client->instance_id);
	uv_timer_init(client->loop, &client->tick);
	uv_timer_init(client->loop, &client->soon);
	client->tick.data = client;
	client->soon.data = client;
	client->handles_open = 2;
	uv_timer_start(&client->tick, tick_cb, TICK_MS, TICK_MS);
	client_resolve(client);
	*client_r = client;
	return 0;
}

void bus_client_close(struct bus_client **client_p)
{
	struct bus_client *client = client_p ? *client_p : NULL;
	struct pending *p, *next;

	if (!client)
		return;
	*client_p = NULL;
	client->closed = true;
	queries_close(client);
	for (int i = 0; i < client->replicas_nr; i++)
		if (client->replicas[i])
			dialled_close(client->replicas[i]);
	HASH_ITER (hh, client->pending, p, next) {
		HASH_DEL(client->pending, p);
		free(p);
	}
	if (client->resolving)
		uv_cancel((uv_req_t *)&client->resolver);
	uv_close((uv_handle_t *)&client->tick, closed_cb);
	uv_close((uv_handle_t *)&client->soon, closed_cb);
}
