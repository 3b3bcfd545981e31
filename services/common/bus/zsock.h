/* zsock.h -- a ZeroMQ socket in a libuv loop. Its descriptor is edge-triggered
 * and is also readable when only a write became possible, so it only wakes the
 * loop: what there is to do is asked of ZMQ_EVENTS, before and after each poll.
 *
 * One thread only: all sockets of a loop live on that loop's thread.
 */
#ifndef SUYUAN_ZSOCK_H
#define SUYUAN_ZSOCK_H

#include <stdbool.h>

#include <uv.h>

/* Takes ONE message if there is one (ZMQ_DONTWAIT), all its frames; true if one
 * was taken, be it good or bad. May call zsock_close. */
typedef bool zsock_readable_cb(void *arg);

struct zsock {
	void *socket;
	zsock_readable_cb *readable_cb;
	void *arg;
	uv_poll_t poll;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t idle;
	uv_timer_t safety;
	int handles_open;
	bool woken;   /* the descriptor was signalled in this turn */
	bool polling; /* between our prepare and our check */
	bool pending; /* prepare saw work */
	bool closed;  /* no callback any more; freed when handles are gone */
	uint64_t polling_since_ns;
};

/* Watches a configured socket; from now on it belongs to *z_r. 0, or -1: the
 * descriptor cannot be watched, and the socket is still the caller's. */
int zsock_watch(struct zsock **z_r, uv_loop_t *loop, void *socket,
		zsock_readable_cb *readable_cb, void *arg);

/* To be called after every send: sending takes the wake-up of a message that
 * came at the same time. NULL does nothing. */
void zsock_kick(struct zsock *z);

/* Closes the ZeroMQ socket too, under the linger it was given. Clears the
 * pointer; memory goes when libuv has closed the handles. */
void zsock_close(struct zsock **z);

#endif
