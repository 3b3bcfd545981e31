/* loop.c -- the library's thread: hands what was taken to the bus's publisher,
 * tells outcomes, keeps the spool small. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/must.h"
#include "log.h"
#include "sdk.h"
#include "timeutil.h"

#define TICK_MS 100
/* Under the lock at a time. */
#define SUBMIT_MAX 256
/* Acknowledged events stay in the spool no longer than this, and no more of
 * them than that (or than waits, if that is more: a rewrite copies it). */
#define QUIET_US (1 * US_PER_S)
#define GONE_MAX_BYTES ((uint64_t)1024 * 1024)

/* --- outcomes --- */

static void outcome_error(struct suyuan_outcome *o, Sy__V1__ErrorCode code,
			  const char *field, const char *text)
{
	const ProtobufCEnumValue *name = protobuf_c_enum_descriptor_get_value(
		&sy__v1__error_code__descriptor, (int)code);

	snprintf(o->code, sizeof(o->code), "%s", name ? name->name : "UNKNOWN");
	snprintf(o->field, sizeof(o->field), "%s", field);
	snprintf(o->text, sizeof(o->text), "%s", text);
}

static void entry_unlink(struct suyuan *s, struct entry *e)
{
	if (e->prev)
		e->prev->next = e->next;
	else
		s->first = e->next;
	if (e->next)
		e->next->prev = e->prev;
	else
		s->last = e->prev;
	if (s->staged == e)
		s->staged = e->next;
	s->live_bytes -= spool_record_bytes(e->len);
	s->stats.waiting--;
}

static void count(struct suyuan *s, const struct suyuan_outcome *o,
		  bool duplicate)
{
	switch (o->result) {
	case SUYUAN_ACCEPTED:
		s->stats.accepted += !duplicate;
		s->stats.duplicate += duplicate;
		break;
	case SUYUAN_REJECTED:
		s->stats.rejected++;
		break;
	case SUYUAN_GIVEN_UP:
		s->stats.given_up++;
		break;
	}
}

/* e has its outcome, and is freed. */
static void tell(struct suyuan *s, struct entry *e, struct suyuan_outcome *o,
		 bool duplicate)
{
	struct waiter *waiter;

	o->recovered = e->recovered;
	o->arg = e->arg;
	snprintf(o->key, sizeof(o->key), "%s", e->key);
	pthread_mutex_lock(&s->lock);
	waiter = e->waiter;
	e->waiter = NULL;
	if (waiter) {
		*waiter->outcome = *o;
		waiter->done = true;
	}
	pthread_mutex_unlock(&s->lock);
	if (!waiter && s->outcome_cb)
		s->outcome_cb(o, s->cb_arg);
	/* Only now, so that flush returns behind the last callback. */
	pthread_mutex_lock(&s->lock);
	entry_unlink(s, e);
	count(s, o, duplicate);
	s->stats.sent = s->sent;
	if (o->result != SUYUAN_GIVEN_UP)
		s->gone_nr[e->lane]++;
	pthread_cond_signal(&s->room);
	if (waiter || s->stats.waiting == 0)
		pthread_cond_broadcast(&s->idle);
	pthread_mutex_unlock(&s->lock);
	entry_free(e);
}

static void done_cb(uint64_t tag, const Sy__V1__Reject *reject, void *arg)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the tag is its address */
	struct entry *e = (struct entry *)(uintptr_t)tag;
	struct suyuan *s = arg;
	struct suyuan_outcome o = { .result = reject ? SUYUAN_REJECTED
						     : SUYUAN_ACCEPTED };
	struct publisher_stats now = publisher_stats(s->publisher);
	bool duplicate = now.resumed > s->resumed;

	s->resumed = now.resumed;
	s->sent = now.sent;
	if (reject)
		outcome_error(&o, reject->code, reject->field, reject->text);
	tell(s, e, &o, duplicate);
}

static void give_up_all(struct suyuan *s)
{
	struct suyuan_outcome o = { .result = SUYUAN_GIVEN_UP };
	size_t code_len = strcspn(s->why, ":");

	if (s->ended) {
		snprintf(o.code, sizeof(o.code), "%.*s", (int)code_len, s->why);
		snprintf(o.text, sizeof(o.text), "%.190s",
			 s->why[code_len] ? s->why + code_len + 2 : "");
	} else {
		snprintf(o.code, sizeof(o.code), "CLOSED");
		snprintf(o.text, sizeof(o.text),
			 "closed before an answer came");
	}
	while (s->first)
		tell(s, s->first, &o, false);
}

static void fatal_cb(const Sy__V1__Error *error, void *arg)
{
	const ProtobufCEnumValue *code = protobuf_c_enum_descriptor_get_value(
		&sy__v1__error_code__descriptor, (int)error->code);
	struct suyuan *s = arg;

	pthread_mutex_lock(&s->lock);
	sdk_end(s, code ? code->name : "UNKNOWN", error->text);
	pthread_mutex_unlock(&s->lock);
}

/* --- the spool --- */

/* Locked. The file without what has an outcome. */
static int rewrite(struct suyuan *s, struct error *err)
{
	uint64_t *at_bytes =
		must_calloc(s->stats.waiting + 1, sizeof(*at_bytes));
	size_t n = 0;
	int status = spool_rewrite(&s->spool, err);

	for (unsigned i = 0; status == 0 && i < SPOOL_LANES; i++)
		if (s->spool.numbered[i])
			spool_new_base(&s->spool, i,
				       s->spool.base[i] + s->gone_nr[i]);
	for (struct entry *e = s->first; status == 0 && e; e = e->next)
		status = spool_keep(&s->spool, e->at_bytes, e->len,
				    &at_bytes[n++], err);
	if (status == 0)
		status = spool_rewrite_commit(&s->spool, err);
	if (status == 0) {
		n = 0;
		for (struct entry *e = s->first; e; e = e->next)
			e->at_bytes = at_bytes[n++];
		memset(s->gone_nr, 0, sizeof(s->gone_nr));
		s->synced_id = s->taken_id;
		pthread_cond_broadcast(&s->synced);
	} else {
		spool_rewrite_abort(&s->spool);
	}
	free(at_bytes);
	return status;
}

static uint64_t gone_bytes(const struct suyuan *s)
{
	return s->spool.end_bytes - s->live_bytes;
}

static bool some_gone(const struct suyuan *s)
{
	for (unsigned i = 0; i < SPOOL_LANES; i++)
		if (s->gone_nr[i] > 0)
			return true;
	return false;
}

static void tidy_spool(struct suyuan *s, int64_t now_us)
{
	struct error err;
	bool due;

	pthread_mutex_lock(&s->lock);
	if (s->stats.waiting > 0)
		s->quiet_since_us = 0;
	else if (s->quiet_since_us == 0)
		s->quiet_since_us = now_us;
	due = gone_bytes(s) > GONE_MAX_BYTES && gone_bytes(s) > s->live_bytes;
	if (s->quiet_since_us && now_us - s->quiet_since_us > QUIET_US)
		due = true;
	/* Somebody in fdatasync holds the descriptor. */
	if (due && some_gone(s) && !s->syncing && !s->ended &&
	    rewrite(s, &err) < 0)
		log_error("%s", err.text);
	pthread_mutex_unlock(&s->lock);
}

/* The numbers of a lane begin behind base: written down before any is sent. */
static int numbered_cb(unsigned lane, uint64_t base, void *arg)
{
	struct suyuan *s = arg;
	struct error err;
	int status = 0;

	if (!s->has_spool)
		return 0;
	pthread_mutex_lock(&s->lock);
	if (!s->spool.numbered[lane]) {
		status = spool_number(&s->spool, lane, base, &err);
	} else if (s->spool.base[lane] + s->gone_nr[lane] != base) {
		/* The file has lost events that were sent (the machine died):
		 * numbers jump. */
		while (s->syncing)
			pthread_cond_wait(&s->synced, &s->lock);
		s->spool.base[lane] = base - s->gone_nr[lane];
		status = rewrite(s, &err);
	}
	if (status == 0 && s->spool_sync == SUYUAN_SYNC_HOST &&
	    fdatasync(s->spool.fd) < 0)
		status = error_set(&err, "fdatasync failed");
	if (status < 0)
		sdk_end(s, "SPOOL", err.text);
	pthread_mutex_unlock(&s->lock);
	return status;
}

/* What an earlier run had numbered keeps its numbers. */
static void restore(struct suyuan *s)
{
	uint64_t n[SPOOL_LANES] = { 0 };

	for (const struct entry *e = s->first; e; e = e->next)
		n[e->lane]++;
	for (unsigned i = 0; i < SPOOL_LANES; i++)
		if (s->spool.numbered[i])
			publisher_restore(s->publisher, i, s->spool.base[i],
					  n[i]);
}

/* --- turns --- */

static size_t take_staged(struct suyuan *s, struct entry **entries)
{
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	while (n < SUBMIT_MAX && s->staged && s->staged->id <= s->synced_id) {
		entries[n++] = s->staged;
		s->staged = s->staged->next;
	}
	pthread_mutex_unlock(&s->lock);
	return n;
}

static void submit_staged(struct suyuan *s)
{
	struct entry *entries[SUBMIT_MAX];
	size_t n;

	while ((n = take_staged(s, entries)) > 0)
		for (size_t i = 0; i < n; i++) {
			struct entry *e = entries[i];

			/* The window has no end here and sizes are checked:
			 * it is refused after the publisher's end only, and
			 * then given up. */
			publisher_submit_packed(s->publisher, e->lane, e->event,
						e->len, (uintptr_t)e);
			free(e->event);
			e->event = NULL;
		}
}

/* Nothing is sent any more; what waits is told so. */
static void shut(struct suyuan *s)
{
	if (!s->publisher)
		return;
	publisher_close(&s->publisher);
	bus_client_unwatch(s->client, &s->watch);
	bus_client_close(&s->client);
	give_up_all(s);
}

static void finish(struct suyuan *s)
{
	struct error err;
	bool empty;

	if (uv_is_closing((uv_handle_t *)&s->wake))
		return;
	pthread_mutex_lock(&s->lock);
	empty = s->stats.waiting == 0 && !s->ended;
	/* Before they are given up: they stay in the file. */
	if (s->has_spool && !empty && !s->ended && some_gone(s) &&
	    rewrite(s, &err) < 0)
		log_error("%s", err.text);
	if (s->has_spool)
		spool_close(&s->spool, empty);
	s->has_spool = false;
	pthread_mutex_unlock(&s->lock);
	shut(s);
	uv_close((uv_handle_t *)&s->wake, NULL);
	uv_close((uv_handle_t *)&s->tick, NULL);
}

static void wake_cb(uv_async_t *wake)
{
	struct suyuan *s = wake->data;
	bool ended, closing;

	pthread_mutex_lock(&s->lock);
	ended = s->ended;
	closing = s->closing;
	pthread_mutex_unlock(&s->lock);
	if (closing)
		finish(s);
	else if (ended)
		shut(s);
	else
		submit_staged(s);
}

static void tick_cb(uv_timer_t *tick)
{
	struct suyuan *s = tick->data;

	if (s->has_spool)
		tidy_spool(s, time_monotonic_us());
	pthread_mutex_lock(&s->lock);
	s->trouble[0] = '\0';
	if (s->publisher) {
		s->stats.sent = publisher_stats(s->publisher).sent;
		bus_client_trouble(s->client, s->trouble);
	}
	pthread_mutex_unlock(&s->lock);
}

static void changed_cb(void *arg)
{
	struct suyuan *s = arg;
	bool alive = bus_client_alive(s->client) > 0;

	if (alive && !s->alive && s->was_alive) {
		pthread_mutex_lock(&s->lock);
		s->stats.reconnects++;
		pthread_mutex_unlock(&s->lock);
	}
	s->alive = alive;
	s->was_alive |= alive;
}

static int open_publisher(struct suyuan *s, struct error *err)
{
	struct bus_client_options client = {
		.loop = &s->loop,
		.endpoint = s->endpoint,
		.server_key = s->server_key,
		.key = &s->key,
	};
	struct publisher_options publisher = {
		.name = s->publisher_name,
		.window_events = SIZE_MAX,
		.done_cb = done_cb,
		.fatal_cb = fatal_cb,
		.arg = s,
		.live = true,
		.instance_id = s->has_spool ? s->spool.instance_id : NULL,
		.numbered_cb = numbered_cb,
	};

	if (bus_client_open(&s->client, &client, err) < 0)
		return -1;
	publisher.client = s->client;
	if (publisher_open(&s->publisher, &publisher, err) < 0) {
		bus_client_close(&s->client);
		return -1;
	}
	s->watch.changed_cb = changed_cb;
	s->watch.arg = s;
	bus_client_watch(s->client, &s->watch);
	if (s->has_spool)
		restore(s);
	submit_staged(s);
	return 0;
}

static void run_out(struct suyuan *s)
{
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
}

int loop_open(struct suyuan *s, struct error *err)
{
	int status = uv_loop_init(&s->loop);

	if (status == 0)
		status = uv_async_init(&s->loop, &s->wake, wake_cb);
	if (status < 0)
		return error_set(err, "event loop: %s", uv_strerror(status));
	uv_timer_init(&s->loop, &s->tick);
	s->wake.data = s->tick.data = s;
	uv_timer_start(&s->tick, tick_cb, TICK_MS, TICK_MS);
	quiet_thread(s);
	status = open_publisher(s, err);
	quiet_thread(NULL);
	if (status < 0) {
		uv_close((uv_handle_t *)&s->wake, NULL);
		uv_close((uv_handle_t *)&s->tick, NULL);
		run_out(s);
	}
	return status;
}

void loop_undo(struct suyuan *s)
{
	publisher_close(&s->publisher);
	bus_client_unwatch(s->client, &s->watch);
	bus_client_close(&s->client);
	uv_close((uv_handle_t *)&s->wake, NULL);
	uv_close((uv_handle_t *)&s->tick, NULL);
	run_out(s);
}

void *loop_thread(void *arg)
{
	struct suyuan *s = arg;

	quiet_thread(s);
	run_out(s);
	return NULL;
}
