/* load.c -- see load.h. Event k of publisher i of n is the event i + k * n of
 * all, so that one that is held up does not hold up the others. */
#include "bus/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "timeutil.h"
#include "uuid.h"

struct member {
	struct load *load;
	int number;
	struct bus_client *client;
	struct publisher *publisher;
	struct load_event event; /* made, and not yet taken */
	bool has_event;
	bool held; /* the event had no room when it was due */
	uint64_t sent;
};

struct load {
	struct load_options o;
	uv_timer_t limit;
	uv_poll_t due; /* a timerfd: the loop's own timers count in ms */
	int timer_fd, handles;
	struct member *members;
	int opening; /* publishers whose first event is on its way */
	bool stopped, ended;
	struct load_stats stats;
};

static void load_end(struct load *load, const Sy__V1__Error *error)
{
	if (load->ended)
		return;
	load->ended = load->stopped = true;
	uv_poll_stop(&load->due);
	uv_timer_stop(&load->limit);
	load->o.ended(load->o.arg, error);
}

static uint64_t number_of(const struct member *m)
{
	return (uint64_t)m->number +
	       m->sent * (uint64_t)m->load->o.publishers_nr;
}

static int64_t due_us(const struct load *load, uint64_t number)
{
	return load->stats.start_us +
	       (int64_t)(number * US_PER_S / load->o.rate_per_s);
}

static bool is_due(const struct member *m, int64_t now_us)
{
	const struct load *load = m->load;

	if (load->stopped || (load->o.events && number_of(m) >= load->o.events))
		return false;
	if (load->opening)
		return m->sent == 0;
	return !load->o.rate_per_s || due_us(load, number_of(m)) <= now_us;
}

/* 0, or 1 when the publisher has no room. The tag is what its latency counts
 * from. */
static int send_one(struct member *m)
{
	struct load *load = m->load;
	struct load_event *e = &m->event;
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	uint8_t id[UUID_BYTES];
	int64_t from_us = load->o.rate_per_s && !load->opening
				  ? due_us(load, number_of(m))
				  : time_monotonic_us();

	if (!m->has_event) {
		e->occurred_at_us =
			time_now_us() - (time_monotonic_us() - from_us);
		load->o.make(load->o.arg, m->number, m->sent, e);
	}
	m->has_event = true;
	uuid_make(id);
	event.event_id.data = id;
	event.event_id.len = sizeof(id);
	event.type = (char *)e->type;
	event.schema_version = 1;
	event.key = (char *)e->key;
	event.occurred_at_us = e->occurred_at_us;
	event.recorded_at_us = time_now_us();
	event.payload.data = (uint8_t *)e->payload;
	event.payload.len = e->len;
	if (publisher_submit(m->publisher, e->key, &event, (uint64_t)from_us) !=
	    0) {
		m->held = true;
		return 1;
	}
	load->stats.held += m->held;
	m->held = m->has_event = false;
	m->sent++;
	load->stats.offered++;
	return 0;
}

static void send_due(struct member *m)
{
	int64_t now_us = time_monotonic_us();

	while (is_due(m, now_us) && send_one(m) == 0)
		;
}

static void send_all(struct load *load)
{
	for (int i = 0; i < load->o.publishers_nr; i++)
		send_due(&load->members[i]);
}

/* Everything that was offered is answered, and nothing more is. */
static void check_end(struct load *load)
{
	if (load->stats.done < load->stats.offered)
		return;
	if (load->stopped ||
	    (load->o.events && load->stats.offered == load->o.events))
		load_end(load, NULL);
}

static void due_cb(uv_poll_t *poll, int status, int events)
{
	struct load *load = poll->data;
	uint64_t expired;

	(void)status;
	(void)events;
	if (read(load->timer_fd, &expired, sizeof(expired)) > 0)
		send_all(load);
}

void load_stop(struct load *load)
{
	load->stopped = true;
	check_end(load);
}

static void limit_cb(uv_timer_t *timer)
{
	load_stop(timer->data);
}

/* Everything is due at once, or one event after the other; more than these a
 * second are offered by twos and more, as to wake for each would take the
 * processor that the service wants. Latency counts from when one was due. */
#define STEPS_MAX_PER_S UINT64_C(5000)

static void load_start(struct load *load)
{
	const uint64_t rate = load->o.rate_per_s < STEPS_MAX_PER_S
				      ? load->o.rate_per_s
				      : STEPS_MAX_PER_S;
	const int64_t step_ns = rate ? INT64_C(1000000000) / (int64_t)rate : 0;
	const struct itimerspec when = {
		.it_value = { .tv_nsec = 1 },
		.it_interval = { .tv_sec = step_ns / 1000000000,
				 .tv_nsec = step_ns % 1000000000 },
	};

	load->stats.start_us = time_monotonic_us();
	uv_poll_start(&load->due, UV_READABLE, due_cb);
	timerfd_settime(load->timer_fd, 0, &when, NULL);
	if (load->o.limit_us)
		uv_timer_start(&load->limit, limit_cb,
			       (uint64_t)load->o.limit_us / 1000, 0);
}

static void done_cb(uint64_t tag, const Sy__V1__Reject *reject, void *arg)
{
	struct member *m = arg;
	struct load *load = m->load;

	load->stats.last_done_us = time_monotonic_us();
	load->stats.done++;
	load->stats.rejected += reject != NULL;
	load->o.done(load->o.arg,
		     load->opening ? -1
				   : load->stats.last_done_us - (int64_t)tag,
		     reject);
	if (load->opening && --load->opening == 0 && !load->stopped)
		load_start(load);
	check_end(load);
}

static void room_cb(void *arg)
{
	send_due(arg);
}

static void fatal_cb(const Sy__V1__Error *error, void *arg)
{
	struct member *m = arg;

	load_end(m->load, error);
}

static int member_open(struct member *m, struct error *err)
{
	const struct load_options *o = &m->load->o;
	char name[96];
	struct publisher_options publisher = {
		.name = name,
		.window_events = o->window_events,
		.done_cb = done_cb,
		.room_cb = room_cb,
		.fatal_cb = fatal_cb,
		.arg = m,
	};

	if (o->publishers_nr == 1)
		snprintf(name, sizeof(name), "%s", o->name);
	else
		snprintf(name, sizeof(name), "%s-%d", o->name, m->number);
	if (bus_client_open(&m->client, &o->client, err) < 0)
		return -1;
	publisher.client = m->client;
	return publisher_open(&m->publisher, &publisher, err);
}

static void closed_cb(uv_handle_t *handle)
{
	struct load *load = handle->data;

	if (--load->handles > 0)
		return;
	close(load->timer_fd);
	free(load->members);
	free(load);
}

int load_open(struct load **load_r, const struct load_options *options,
	      struct error *err)
{
	struct load *load = calloc(1, sizeof(*load));
	int nr = options->publishers_nr;

	if (!load)
		abort();
	if (options->events && (uint64_t)nr > options->events)
		nr = (int)options->events;
	load->o = *options;
	load->o.publishers_nr = nr;
	load->members = calloc((size_t)nr, sizeof(*load->members));
	if (!load->members)
		abort();
	load->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (load->timer_fd < 0) {
		free(load->members);
		free(load);
		return error_set(err, "timerfd: %s", strerror(errno));
	}
	uv_timer_init(options->client.loop, &load->limit);
	uv_poll_init(options->client.loop, &load->due, load->timer_fd);
	load->limit.data = load->due.data = load;
	load->handles = 2;
	load->opening = nr;
	for (int i = 0; i < nr; i++)
		load->members[i] = (struct member){ .load = load, .number = i };
	for (int i = 0; i < nr; i++) {
		if (member_open(&load->members[i], err) < 0) {
			load_close(&load);
			return -1;
		}
	}
	*load_r = load;
	send_all(load);
	return 0;
}

struct load_stats load_stats(const struct load *load)
{
	return load->stats;
}

int load_alive(const struct load *load)
{
	int least = bus_client_alive(load->members[0].client);

	for (int i = 1; i < load->o.publishers_nr; i++) {
		int alive = bus_client_alive(load->members[i].client);

		if (alive < least)
			least = alive;
	}
	return least;
}

void load_close(struct load **load_p)
{
	struct load *load = *load_p;

	if (!load)
		return;
	for (int i = 0; i < load->o.publishers_nr; i++) {
		publisher_close(&load->members[i].publisher);
		bus_client_close(&load->members[i].client);
	}
	uv_close((uv_handle_t *)&load->limit, closed_cb);
	uv_close((uv_handle_t *)&load->due, closed_cb);
	*load_p = NULL;
}
