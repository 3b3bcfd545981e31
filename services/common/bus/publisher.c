/* publisher.c -- the window of a publisher and what its owner hears. All
 * sending and all callbacks happen in one place, publisher_turn(), from the
 * loop: what was submitted or acknowledged together goes on together. Next:
 * publisher_wire.c. */
#include "bus/publisher.h"

#include <string.h>

#include "bus/must.h"
#include "bus/publisher_internal.h"
#include "log.h"
#include "timeutil.h"
#include "uuid.h"

#define WINDOW_FALLBACK 16384
#define TICK_MS 50

static size_t in_window(const struct publisher *p)
{
	return (size_t)p->stats.in_flight;
}

/* Reports what is committed. False: the publisher was closed meanwhile. */
static bool report_lane(struct publisher *p, struct lane *lane)
{
	struct queued *event;
	Sy__V1__Reject *reject;

	while ((event = lane_pop_done(lane, &reject))) {
		p->stats.in_flight--;
		if (lane->done_seq <= lane->resume_seq)
			p->stats.resumed++;
		else
			p->stats.acknowledged++;
		if (reject)
			p->stats.rejected++;
		if (p->done_cb)
			p->done_cb(event->tag, reject, p->arg);
		if (reject)
			sy__v1__reject__free_unpacked(reject, NULL);
		free(event);
		if (p->closed)
			return false;
	}
	return true;
}

static void publisher_turn(struct publisher *p)
{
	int64_t now_us = time_monotonic_us();

	for (unsigned i = 0; i < BUS_LANES; i++) {
		if (!report_lane(p, &p->lanes[i]))
			return;
		if (lane_number(&p->lanes[i]) && p->numbered_cb &&
		    p->numbered_cb(i, p->lanes[i].done_seq, p->arg) < 0)
			p->dead = true;
	}
	if (p->want_room && !p->dead && in_window(p) <= p->window_events / 2) {
		p->want_room = false;
		if (p->room_cb)
			p->room_cb(p->arg);
		if (p->closed)
			return;
	}
	if (p->dead)
		return;
	wire_settle(p, now_us);
	wire_send(p, now_us);
}

static void turn_cb(uv_timer_t *timer)
{
	publisher_turn(timer->data);
}

void publisher_later(struct publisher *p)
{
	if (!p->closed && !uv_is_active((uv_handle_t *)&p->soon))
		uv_timer_start(&p->soon, turn_cb, 0, 0);
}

static void changed_cb(void *arg)
{
	publisher_later(arg);
}

void publisher_fatal(struct publisher *p, const Sy__V1__Error *error)
{
	if (p->dead)
		return;
	p->dead = true;
	log_error("publisher %s ends: %s", p->name, error->text);
	if (p->fatal_cb)
		p->fatal_cb(error, p->arg);
}

static bool name_ok(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.:-");

	return len >= 1 && len <= 64 && name[len] == '\0';
}

static void closed_cb(uv_handle_t *handle)
{
	struct publisher *p = handle->data;

	if (--p->handles_open == 0)
		free(p);
}

int publisher_open(struct publisher **p_r,
		   const struct publisher_options *options, struct error *err)
{
	struct publisher *p;

	*p_r = NULL;
	if (!name_ok(options->name))
		return error_set(err, "publisher name: not "
				      "[a-z0-9_.:-]{1,64}");
	p = must_calloc(1, sizeof(*p));
	memcpy(p->name, options->name, strlen(options->name));
	p->client = options->client;
	p->window_events = options->window_events ? options->window_events
						  : WINDOW_FALLBACK;
	p->done_cb = options->done_cb;
	p->room_cb = options->room_cb;
	p->fatal_cb = options->fatal_cb;
	p->arg = options->arg;
	p->numbered_cb = options->numbered_cb;
	if (options->instance_id)
		memcpy(p->instance_id, options->instance_id, UUID_BYTES);
	else
		uuid_make(p->instance_id);
	for (unsigned i = 0; i < BUS_LANES; i++) {
		p->lanes[i].next_seq = 1;
		p->lanes[i].fixed_seq = options->live ? 0 : UINT64_MAX;
	}
	p->watch.changed_cb = changed_cb;
	p->watch.lane_cb = wire_take;
	p->watch.arg = p;
	bus_client_watch(p->client, &p->watch);
	uv_timer_init(bus_client_loop(p->client), &p->tick);
	uv_timer_init(bus_client_loop(p->client), &p->soon);
	p->tick.data = p;
	p->soon.data = p;
	p->handles_open = 2;
	uv_timer_start(&p->tick, turn_cb, TICK_MS, TICK_MS);
	*p_r = p;
	return 0;
}

/* An event as it stands inside PUBLISH: its length as a varint, then room for
 * its bytes. */
static struct queued *queued_new(uint64_t tag, size_t len)
{
	struct queued *q = must_calloc(1, sizeof(*q) + 10 + len);
	size_t left = len;

	q->tag = tag;
	do {
		q->data[q->len++] =
			(uint8_t)((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
		left >>= 7;
	} while (left);
	return q;
}

/* 0, or why not as publisher_submit says it. */
static int submit_refused(struct publisher *p, size_t len)
{
	if (len > PUBLISHER_EVENT_MAX_BYTES)
		return -1;
	if (p->dead || in_window(p) >= p->window_events) {
		p->want_room = true;
		return 1;
	}
	return 0;
}

static void submit(struct publisher *p, unsigned lane, struct queued *q)
{
	lane_push(&p->lanes[lane], q);
	p->stats.submitted++;
	p->stats.in_flight++;
	publisher_later(p);
}

int publisher_submit(struct publisher *p, const char *lane_key,
		     const Sy__V1__Event *event, uint64_t tag)
{
	size_t len = sy__v1__event__get_packed_size(event);
	int refused = submit_refused(p, len);
	struct queued *q;

	if (refused)
		return refused;
	q = queued_new(tag, len);
	q->len += sy__v1__event__pack(event, q->data + q->len);
	submit(p, publisher_lane(lane_key), q);
	return 0;
}

int publisher_submit_packed(struct publisher *p, unsigned lane,
			    const uint8_t *event, size_t len, uint64_t tag)
{
	int refused = submit_refused(p, len);
	struct queued *q;

	if (refused)
		return refused;
	q = queued_new(tag, len);
	memcpy(q->data + q->len, event, len);
	q->len += len;
	submit(p, lane, q);
	return 0;
}

void publisher_restore(struct publisher *p, unsigned lane, uint64_t base,
		       uint64_t n)
{
	struct lane *l = &p->lanes[lane];

	l->done_seq = l->committed_seq = l->queued_seq = base;
	l->seen_seq = base;
	l->next_seq = base + 1;
	l->fixed_seq = base + n;
	l->seen_welcome = true; /* HELLO says that it is held */
}

struct publisher_stats publisher_stats(const struct publisher *p)
{
	return p->stats;
}

void publisher_close(struct publisher **p_p)
{
	struct publisher *p = p_p ? *p_p : NULL;

	if (!p)
		return;
	*p_p = NULL;
	p->closed = true;
	p->dead = true; /* nothing more is sent */
	bus_client_unwatch(p->client, &p->watch);
	wire_close(p);
	for (unsigned i = 0; i < BUS_LANES; i++)
		lane_close(&p->lanes[i]);
	uv_close((uv_handle_t *)&p->tick, closed_cb);
	uv_close((uv_handle_t *)&p->soon, closed_cb);
}
