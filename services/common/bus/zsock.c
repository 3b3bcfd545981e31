/* zsock.c -- ZMQ_FD in a libuv loop: prepare asks whether there is work and
 * keeps the poll from sleeping (idle), check drains up to a budget, so that
 * timers and PostgreSQL's sockets get their turn under any load. */
#include "bus/zsock.h"

#include <stdlib.h>

#include <zmq.h>

#include "metrics.h"

/* About a millisecond of small messages: what the others may have to wait. */
#define DRAIN_BUDGET 256
#define SAFETY_MS 100
/* Work that was found after the loop slept this long, without the descriptor
 * having been signalled, had lost its wake-up. Shorter sleeps tell nothing: a
 * message may come between the poll and our question. */
#define RESCUE_AFTER_NS (UINT64_C(50) * 1000 * 1000)

static struct metric rescued =
	METRIC(METRIC_COUNTER, "suyuan_bus_rescued_wakeups_total",
	       "Messages found by the safety timer only; must stay 0.");

static bool zsock_has_input(const struct zsock *z)
{
	int events = 0;
	size_t size = sizeof(events);

	/* This also runs libzmq's own commands, which re-arms the descriptor.
	 */
	if (zmq_getsockopt(z->socket, ZMQ_EVENTS, &events, &size) < 0)
		return false;
	return events & ZMQ_POLLIN;
}

static void poll_cb(uv_poll_t *handle, int status, int events)
{
	struct zsock *z = handle->data;

	(void)status;
	(void)events;
	z->woken = true;
}

/* Does nothing but end the poll's sleep: check asks for work after it. */
static void safety_cb(uv_timer_t *handle)
{
	(void)handle;
}

/* Active while there is work, so that the poll does not sleep. */
static void idle_cb(uv_idle_t *handle)
{
	(void)handle;
}

static void prepare_cb(uv_prepare_t *handle)
{
	struct zsock *z = handle->data;

	z->woken = false;
	z->polling = true;
	z->polling_since_ns = uv_hrtime();
	z->pending = zsock_has_input(z);
	if (z->pending)
		uv_idle_start(&z->idle, idle_cb);
}

static void check_cb(uv_check_t *handle)
{
	struct zsock *z = handle->data;
	bool surprised = z->polling && !z->pending && !z->woken;

	z->polling = false;
	uv_idle_stop(&z->idle);
	if (!zsock_has_input(z))
		return;
	if (surprised && uv_hrtime() - z->polling_since_ns > RESCUE_AFTER_NS)
		metric_add(&rescued, 1);
	for (int taken = 0; taken < DRAIN_BUDGET && !z->closed; taken++)
		if (!z->readable_cb(z->arg))
			break;
}

int zsock_watch(struct zsock **z_r, uv_loop_t *loop, void *socket,
		zsock_readable_cb *readable_cb, void *arg)
{
	struct zsock *z;
	int fd;
	size_t size = sizeof(fd);

	*z_r = NULL;
	if (zmq_getsockopt(socket, ZMQ_FD, &fd, &size) < 0)
		return -1;
	z = calloc(1, sizeof(*z));
	if (!z)
		return -1;
	if (uv_poll_init(loop, &z->poll, fd) < 0) {
		free(z);
		return -1;
	}
	metric_show(&rescued);
	z->socket = socket;
	z->readable_cb = readable_cb;
	z->arg = arg;
	/* These cannot fail. */
	uv_prepare_init(loop, &z->prepare);
	uv_check_init(loop, &z->check);
	uv_idle_init(loop, &z->idle);
	uv_timer_init(loop, &z->safety);
	z->handles_open = 5;
	z->poll.data = z;
	z->prepare.data = z;
	z->check.data = z;
	z->idle.data = z;
	z->safety.data = z;
	uv_poll_start(&z->poll, UV_READABLE, poll_cb);
	uv_prepare_start(&z->prepare, prepare_cb);
	uv_check_start(&z->check, check_cb);
	uv_timer_start(&z->safety, safety_cb, SAFETY_MS, SAFETY_MS);
	*z_r = z;
	return 0;
}

void zsock_kick(struct zsock *z)
{
	/* Before our prepare nothing is lost: it asks. After it, the poll must
	 * not sleep on an event that the send has eaten. */
	if (z && z->polling && !z->closed) {
		z->pending = true;
		uv_idle_start(&z->idle, idle_cb);
	}
}

static void closed_cb(uv_handle_t *handle)
{
	struct zsock *z = handle->data;

	if (--z->handles_open == 0)
		free(z);
}

void zsock_close(struct zsock **zp)
{
	struct zsock *z = zp ? *zp : NULL;

	if (!z)
		return;
	*zp = NULL;
	z->closed = true;
	/* Takes the descriptor out of the loop before libzmq closes it. */
	uv_close((uv_handle_t *)&z->poll, closed_cb);
	uv_close((uv_handle_t *)&z->prepare, closed_cb);
	uv_close((uv_handle_t *)&z->check, closed_cb);
	uv_close((uv_handle_t *)&z->idle, closed_cb);
	uv_close((uv_handle_t *)&z->safety, closed_cb);
	zmq_close(z->socket);
	z->socket = NULL;
}
