/* consumer_status.c -- where the consumers of this process stand, as metrics
 * and to who asks over the bus, told from memory: it answers while the database
 * does not. Shards that another replica takes are told as they were read with
 * the last renewal of the leases, and are no part of the sums. */
#include <stdlib.h>
#include <string.h>

#include "bus/consumer_internal.h"
#include "bus/must.h"
#include "timeutil.h"

static struct consumer *open_consumers;

/* --- metrics --- */

static struct metric *of_stream(const struct consumer *c, enum metric_kind kind,
				const char *name, const char *help)
{
	return metric_new(kind, name, help, "stream=\"%s\"", c->stream);
}

static struct metric *of_shard(const struct consumer *c, int shard,
			       const char *name, const char *help)
{
	return metric_new(METRIC_GAUGE, name, help,
			  "stream=\"%s\",shard=\"%d\"", c->stream, shard);
}

static void metrics_make(struct consumer *c)
{
	struct consumer_metrics *m = &c->metrics;

	m->applied = of_stream(c, METRIC_COUNTER,
			       "suyuan_bus_consumer_applied_events_total",
			       "Events that took effect.");
	m->batches = of_stream(c, METRIC_COUNTER,
			       "suyuan_bus_consumer_batches_total",
			       "Transactions that applied events.");
	m->batch_events = of_stream(c, METRIC_HISTOGRAM,
				    "suyuan_bus_consumer_batch_events",
				    "Events of one such transaction.");
	m->apply_us = of_stream(c, METRIC_HISTOGRAM,
				"suyuan_bus_consumer_apply_microseconds",
				"From its begin to its commit.");
	m->fetches = of_stream(c, METRIC_COUNTER,
			       "suyuan_bus_consumer_fetches_total",
			       "FETCHes that were sent.");
	m->conflicts = of_stream(
		c, METRIC_COUNTER, "suyuan_bus_consumer_conflicts_total",
		"Applying transactions that had to start again.");
	m->stuck =
		of_stream(c, METRIC_GAUGE, "suyuan_bus_consumer_stuck_shards",
			  "Shards that cannot go on.");
	m->diverged = of_stream(c, METRIC_GAUGE,
				"suyuan_bus_consumer_diverged_shards",
				"Of those: the log is another than was read.");
	m->out_of_range = of_stream(
		c, METRIC_GAUGE, "suyuan_bus_consumer_out_of_range_shards",
		"Of those: the next event was removed from the log.");
	m->behind = of_stream(
		c, METRIC_GAUGE, "suyuan_bus_consumer_lag_events",
		"Events between our cursors and the heads last heard of.");
	m->lag_s = of_stream(c, METRIC_GAUGE, "suyuan_bus_consumer_lag_seconds",
			     "Age of the oldest event without effect.");
	m->waiting =
		of_stream(c, METRIC_GAUGE, "suyuan_bus_consumer_waiting_events",
			  "Events that were fetched and wait here.");
	m->replicas =
		of_stream(c, METRIC_GAUGE, "suyuan_bus_consumer_replicas",
			  "Replicas of the stream's service that answer.");
	m->parked =
		of_stream(c, METRIC_GAUGE, "suyuan_bus_consumer_parked_keys",
			  "Keys with events in quarantine.");
	m->heads = must_calloc((size_t)c->o.shards_nr, sizeof(*m->heads));
	m->positions =
		must_calloc((size_t)c->o.shards_nr, sizeof(*m->positions));
	for (int i = 0; i < c->o.shards_nr; i++) {
		m->heads[i] =
			of_shard(c, i, "suyuan_bus_consumer_head_offset",
				 "Last offset of the shard, as last heard of.");
		m->positions[i] =
			of_shard(c, i, "suyuan_bus_consumer_position_offset",
				 "Offset of the last event that took effect.");
	}
}

/* Of what waits here the event tells it; before it came, only since when we
 * knew of it. */
static int64_t shard_lag_us(struct shard *s, int64_t now_us)
{
	int64_t since_us = 0;

	if (s->first) {
		since_us = s->first->events[s->first->done].accepted_at_us;
		s->behind_since_us = 0;
	} else if (s->head > s->at.offset) {
		if (!s->behind_since_us)
			s->behind_since_us = now_us;
		since_us = s->behind_since_us;
	} else {
		s->behind_since_us = 0;
	}
	return since_us && now_us > since_us ? now_us - since_us : 0;
}

static void sample(void *arg)
{
	struct consumer *c = arg;
	const struct consumer_metrics *m = &c->metrics;
	int64_t now_us = time_now_us(), lag_us = 0;
	size_t stuck = 0, diverged = 0, out_of_range = 0, waiting = 0;
	size_t parked = 0;

	for (int i = 0; i < c->o.shards_nr; i++) {
		struct shard *s = &c->shards[i];
		int64_t us = s->owned ? shard_lag_us(s, now_us) : 0;

		lag_us = us > lag_us ? us : lag_us;
		stuck += s->stuck;
		diverged += s->stuck && s->lost_by == BUS_DIVERGED;
		out_of_range += s->stuck && s->lost_by == BUS_OUT_OF_RANGE;
		waiting += s->waiting_nr;
		parked += s->owned ? quarantine_keys(s) : 0;
		metric_set(m->heads[i], (double)s->head);
		metric_set(m->positions[i], (double)s->at.offset);
	}
	metric_set(m->stuck, (double)stuck);
	metric_set(m->diverged, (double)diverged);
	metric_set(m->out_of_range, (double)out_of_range);
	metric_set(m->waiting, (double)waiting);
	metric_set(m->parked, (double)parked);
	metric_set(m->lag_s, (double)lag_us / 1e6);
	metric_set(m->behind, (double)consumer_behind(c));
	metric_set(m->replicas, bus_client_alive(c->client));
}

void status_open(struct consumer *c)
{
	metrics_make(c);
	c->sampler.sample = sample;
	c->sampler.arg = c;
	metrics_sampler_add(&c->sampler);
	c->next_open = open_consumers;
	open_consumers = c;
}

/* The registry keeps the metrics. */
void status_close(struct consumer *c)
{
	struct consumer **at = &open_consumers;

	metrics_sampler_remove(&c->sampler);
	free(c->metrics.heads);
	free(c->metrics.positions);
	while (*at && *at != c)
		at = &(*at)->next_open;
	if (*at)
		*at = c->next_open;
}

/* --- over the bus --- */

static Sy__V1__ConsumerShard *tell_shard(const struct shard *s,
					 struct arena *arena)
{
	Sy__V1__ConsumerShard *to = arena_alloc(arena, sizeof(*to));

	sy__v1__consumer_shard__init(to);
	to->shard = s->number;
	to->position = s->at.offset;
	to->head_offset = s->head;
	to->owned = s->owned;
	if (s->at.offset) {
		to->event_id.len = sizeof(s->at.event_id);
		to->event_id.data = arena_memdup(arena, s->at.event_id,
						 sizeof(s->at.event_id));
	}
	if (s->stuck)
		to->stuck = arena_strdup(arena, s->why);
	return to;
}

static Sy__V1__ConsumerStatus *tell_one(const struct consumer *c,
					struct arena *arena)
{
	Sy__V1__ConsumerStatus *to = arena_alloc(arena, sizeof(*to));

	sy__v1__consumer_status__init(to);
	to->consumer = arena_strdup(arena, c->name);
	to->stream = arena_strdup(arena, c->stream);
	to->shards = arena_alloc(arena,
				 (size_t)c->o.shards_nr * sizeof(*to->shards));
	for (int i = 0; i < c->o.shards_nr; i++)
		to->shards[to->n_shards++] = tell_shard(&c->shards[i], arena);
	return to;
}

const Sy__V1__GetConsumersReply *consumers_tell(struct arena *arena)
{
	Sy__V1__GetConsumersReply *reply = arena_alloc(arena, sizeof(*reply));
	size_t n = 0;

	sy__v1__get_consumers_reply__init(reply);
	for (const struct consumer *c = open_consumers; c; c = c->next_open)
		n++;
	reply->consumers =
		arena_alloc(arena, (n + 1) * sizeof(*reply->consumers));
	for (const struct consumer *c = open_consumers; c; c = c->next_open)
		reply->consumers[reply->n_consumers++] = tell_one(c, arena);
	return reply;
}
