/* consumer.c -- the life of a consumer. Everything happens in one place,
 * consumer_turn(), from the loop: leases first, then what waits is applied,
 * then more is fetched. Next: consumer_internal.h, consumer_apply.c. */
#include "bus/consumer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/consumer_internal.h"
#include "bus/must.h"
#include "log.h"
#include "timeutil.h"
#include "uuid.h"

/* Also how often a shard that waits for the directory looks again. */
#define TICK_MS 20

static void turn_cb(uv_timer_t *timer);

void consumer_later(struct consumer *c)
{
	consumer_later_in(c, 0);
}

void consumer_later_in(struct consumer *c, uint64_t ms)
{
	if (c->closed || (uv_is_active((uv_handle_t *)&c->soon) &&
			  uv_timer_get_due_in(&c->soon) <= ms))
		return;
	uv_timer_start(&c->soon, turn_cb, ms, 0);
}

void shard_stuck(struct shard *s, const char *why)
{
	if (!s->stuck || strcmp(s->why, why) != 0)
		log_error("stream %s shard %u stands at %llu: %s", s->c->stream,
			  s->number, (unsigned long long)s->at.offset, why);
	s->stuck = true;
	s->retry_at_us = time_monotonic_us() + CONSUMER_RETRY_US;
	snprintf(s->why, sizeof(s->why), "%s", why);
}

void shard_unstuck(struct shard *s)
{
	if (!s->stuck)
		return;
	log_info("stream %s shard %u goes on", s->c->stream, s->number);
	s->stuck = false;
	s->suspect = false;
	s->lost_by = BUS_BATCH;
}

/* The transaction in flight ends, then the leases are given back; without a
 * database they run out. */
static void drain_turn(struct consumer *c)
{
	if (c->running || c->leasing || c->released)
		return;
	c->released = true;
	if (db_conn_up(c->conn))
		lease_release(c);
	else
		c->drained_cb(c->drained_arg);
}

static void consumer_turn(struct consumer *c)
{
	int64_t now_us = time_monotonic_us();

	if (c->draining) {
		drain_turn(c);
		return;
	}
	lease_tick(c, now_us);
	apply_more(c, now_us);
	fetch_more(c, now_us);
	confirm_tick(c, now_us);
}

static void turn_cb(uv_timer_t *timer)
{
	consumer_turn(timer->data);
}

static void changed_cb(void *arg)
{
	consumer_later(arg);
}

/* A new connection: the old one's last answer may be missing. */
static void db_state_cb(bool up, void *arg)
{
	struct consumer *c = arg;

	if (up && !c->closed)
		lease_resync(c);
}

uint64_t consumer_behind(const struct consumer *c)
{
	uint64_t behind = 0;

	if (!c->initialised)
		return 1;
	for (int i = 0; i < c->o.shards_nr; i++) {
		const struct shard *s = &c->shards[i];

		if (s->owned && s->head > s->at.offset)
			behind += s->head - s->at.offset;
		else if (s->owned && !s->heard)
			behind++;
	}
	return behind;
}

const char *consumer_stuck(const struct consumer *c)
{
	if (c->failed)
		return "a statement of the effects fails";
	for (int i = 0; i < c->o.shards_nr; i++)
		if (c->shards[i].stuck)
			return c->shards[i].why;
	return NULL;
}

/* --- open, drain, close --- */

static char *copy_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(must_calloc(1, size), text, size);
}

static void consumer_free(struct consumer *c)
{
	free(c->name);
	free(c->stream);
	free(c->statements);
	free(c->shards);
	free(c->events);
	free(c->parted);
	free(c);
}

void consumer_unref(struct consumer *c)
{
	if (--c->refs == 0)
		consumer_free(c);
}

static void closed_cb(uv_handle_t *handle)
{
	consumer_unref(handle->data);
}

static struct db_statement *join_statements(const struct consumer_options *o)
{
	size_t nr = CONSUMER_SQL_NR + (size_t)o->statements_nr;
	struct db_statement *joined = must_calloc(nr, sizeof(*joined));

	memcpy(joined, consumer_sql, sizeof(consumer_sql));
	if (o->statements_nr)
		memcpy(joined + CONSUMER_SQL_NR, o->statements,
		       (size_t)o->statements_nr * sizeof(*joined));
	return joined;
}

static int open_connections(struct consumer *c, struct error *err)
{
	char role[64];
	const struct bus_client_options client = {
		.loop = c->o.loop,
		.endpoint = c->o.endpoint,
		.server_key = c->o.server_key,
		.key = c->o.key,
		.hint_cb = fetch_hint_cb,
		.hint_arg = c,
	};
	const struct db_conn_options conn = {
		.url = c->o.db_url,
		.schema = c->o.schema,
		.role = role,
		.statements = c->statements,
		.statements_nr = CONSUMER_SQL_NR + c->o.statements_nr,
		.state_cb = db_state_cb,
		.state_arg = c,
	};

	/* 63 bytes is what PostgreSQL keeps of an application_name. */
	snprintf(role, sizeof(role), "%.20s consumer of %.20s", c->name,
		 c->stream);
	if (bus_client_open(&c->client, &client, err) < 0)
		return -1;
	if (db_conn_open(&c->conn, c->o.loop, &conn, err) < 0) {
		bus_client_close(&c->client);
		return -1;
	}
	return 0;
}

int consumer_open(struct consumer **c_r, const struct consumer_options *options,
		  struct error *err)
{
	struct consumer *c = must_calloc(1, sizeof(*c));

	*c_r = NULL;
	c->o = *options;
	c->name = copy_text(options->name);
	c->stream = copy_text(options->stream);
	c->statements = join_statements(options);
	c->shards = must_calloc((size_t)c->o.shards_nr, sizeof(*c->shards));
	c->events = must_calloc(CONSUMER_BATCH_EVENTS, sizeof(*c->events));
	c->parted = must_calloc(CONSUMER_BATCH_EVENTS, sizeof(*c->parted));
	c->batch_max = CONSUMER_BATCH_EVENTS;
	uuid_make(c->owner);
	for (int i = 0; i < c->o.shards_nr; i++) {
		c->shards[i].c = c;
		c->shards[i].number = (uint32_t)i;
		c->shards[i].lost_by = BUS_BATCH;
	}
	if (open_connections(c, err) < 0) {
		consumer_free(c);
		return error_prefix(err, "stream %s", options->stream);
	}
	c->watch.changed_cb = changed_cb;
	c->watch.arg = c;
	bus_client_watch(c->client, &c->watch);
	uv_timer_init(c->o.loop, &c->tick);
	uv_timer_init(c->o.loop, &c->soon);
	c->tick.data = c;
	c->soon.data = c;
	c->refs = 2;
	uv_timer_start(&c->tick, turn_cb, TICK_MS, TICK_MS);
	status_open(c);
	*c_r = c;
	return 0;
}

void consumer_drain(struct consumer *c, void (*drained_cb)(void *arg),
		    void *arg)
{
	c->draining = true;
	c->drained_cb = drained_cb;
	c->drained_arg = arg;
	consumer_later(c);
}

void consumer_close(struct consumer **c_p)
{
	struct consumer *c = c_p ? *c_p : NULL;
	const struct place start = { 0 };

	if (!c)
		return;
	*c_p = NULL;
	c->closed = true;
	status_close(c);
	confirm_close(c);
	retry_close(c);
	for (int i = 0; i < c->o.shards_nr; i++) {
		shard_seek(&c->shards[i], &start);
		quarantine_forget(&c->shards[i]);
	}
	bus_client_unwatch(c->client, &c->watch);
	bus_client_close(&c->client);
	db_conn_close(&c->conn);
	uv_close((uv_handle_t *)&c->tick, closed_cb);
	uv_close((uv_handle_t *)&c->soon, closed_cb);
}
