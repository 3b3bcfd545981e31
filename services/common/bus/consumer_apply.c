/* consumer_apply.c -- what waits takes effect: events of all shards together in
 * one transaction that first claims their cursors and last moves them. What
 * cannot be applied is bisected down to one event, whose shard stops alone. */
#include <string.h>

#include "bus/consumer_internal.h"
#include "fault.h"
#include "log.h"
#include "timeutil.h"

#define CONFLICTS_MAX 3
/* A transaction costs as much as some tens of events, and a row that it writes
 * as much as several events of its key: those of this time share one, unless
 * that many wait. */
#define PACE_US (10 * US_PER_MS)
#define PACE_EVENTS 1000
#define CONFLICT_US (5 * US_PER_MS)
#define FULL_US (200 * US_PER_MS)
#define FAILED_US (1000 * US_PER_MS)

static bool is_parked(const struct consumer *c,
		      const struct consumer_event *event)
{
	return quarantine_parked(&c->shards[event->shard], event->event->key);
}

/* Takes up to max events of the shard; those of a directory revision that was
 * not applied here wait, and what is behind them too. */
static size_t gather_shard(struct consumer *c, struct shard *s, size_t max,
			   uint64_t revision)
{
	size_t n = 0;

	for (const struct fetched *f = s->first; f; f = f->next) {
		for (size_t i = f->done; i < f->n; i++) {
			if (n == max ||
			    f->events[i].event->directory_rev > revision)
				goto out;
			c->events[c->events_nr++] = f->events[i];
			n++;
		}
	}
out:
	s->running_nr = n;
	return n;
}

/* Fills c->events; a shard that must go alone is returned if it does. */
static struct shard *gather(struct consumer *c, int64_t now_us)
{
	struct shard *careful = careful_shard(c);
	uint64_t revision =
		c->o.directory_rev ? c->o.directory_rev(c->o.arg) : UINT64_MAX;
	int first = c->first_shard;

	c->events_nr = 0;
	if (careful) {
		size_t max = careful_max(careful);

		gather_shard(c, careful,
			     max < c->batch_max ? max : c->batch_max, revision);
		if (c->events_nr)
			return careful;
	}
	/* An event that failed alone is tried alone. */
	for (int i = 0; i < c->o.shards_nr; i++) {
		struct shard *s = &c->shards[i];

		if (s->owned && s->suspect && now_us >= s->retry_at_us &&
		    gather_shard(c, s, 1, revision))
			return NULL;
	}
	for (int i = 0; i < c->o.shards_nr && c->events_nr < c->batch_max;
	     i++) {
		struct shard *s = &c->shards[(first + i) % c->o.shards_nr];

		if (s->owned && !s->suspect && !s->careful)
			gather_shard(c, s, c->batch_max - c->events_nr,
				     revision);
	}
	return NULL;
}

/* Parts the batch: what the handler gets, and behind it what is parked. */
static void part(struct consumer *c)
{
	size_t parked = 0;

	c->handled_nr = 0;
	for (size_t i = 0; i < c->events_nr; i++)
		if (!is_parked(c, &c->events[i]))
			c->parted[c->handled_nr++] = c->events[i];
	for (size_t i = 0; i < c->events_nr; i++)
		if (is_parked(c, &c->events[i]))
			c->parted[c->handled_nr + parked++] = c->events[i];
}

static void apply_settled(struct consumer *c)
{
	c->running = false;
	for (int i = 0; i < c->o.shards_nr; i++)
		c->shards[i].running_nr = 0;
	consumer_later(c);
}

/* This batch can never go in: which event of it? */
static void apply_refused(struct consumer *c, const char *why)
{
	const struct consumer_event *event = &c->events[0];
	struct shard *s = &c->shards[event->shard];

	if (c->events_nr > 1) {
		c->batch_max = c->events_nr / 2;
		return;
	}
	c->batch_max = CONSUMER_BATCH_EVENTS;
	if (quarantine_park(s, event, why))
		return;
	if (!s->suspect)
		log_error("stream %s shard %u offset %llu cannot be applied: "
			  "%s; the shard waits",
			  c->stream, event->shard,
			  (unsigned long long)event->offset, why);
	shard_stuck(s, "an event cannot be applied");
	s->suspect = true;
}

static void event_trace(const Sy__V1__Event *event, struct trace *t_r)
{
	trace_take(t_r, event->trace_id.data, event->trace_id.len,
		   event->span_id.data, event->span_id.len);
}

/* A line for each that somebody follows. */
static void tell_traced(const struct consumer *c)
{
	struct trace trace;

	if (!log_enabled(LOG_DEBUG))
		return;
	for (size_t i = 0; i < c->events_nr; i++) {
		const struct consumer_event *e = &c->events[i];

		event_trace(e->event, &trace);
		if (!trace_is_set(&trace))
			continue;
		log_trace(&trace);
		log_debug("%s applied: stream %s shard %u offset %llu",
			  e->event->type, c->stream, e->shard,
			  (unsigned long long)e->offset);
	}
	log_trace(NULL);
}

static void apply_done(struct consumer *c)
{
	metric_add(c->metrics.batches, 1);
	metric_observe(c->metrics.batch_events, (double)c->events_nr);
	metric_observe(c->metrics.apply_us,
		       (double)(time_monotonic_us() - c->began_us));
	metric_add(c->metrics.applied, (double)c->events_nr);
	tell_traced(c);
	c->conflicts_nr = 0;
	c->failed = false;
	/* A key that was parked since may wait for a batch of its own. */
	if (c->events_nr > c->handled_nr)
		quarantine_written(c);
	if (c->o.applied && c->handled_nr)
		c->o.applied(c->o.arg, c->parted, c->handled_nr);
	for (int i = 0; i < c->o.shards_nr; i++) {
		struct shard *s = &c->shards[i];
		uint64_t last = 0;

		if (s->running_nr == 0)
			continue;
		for (size_t e = 0; e < c->events_nr; e++)
			if (c->events[e].shard == s->number)
				last = c->events[e].offset;
		shard_done(s, last);
		if (s->careful)
			careful_applied(s, last);
		if (s->suspect)
			shard_unstuck(s);
	}
	if (c->batch_max < CONSUMER_BATCH_EVENTS / 2)
		c->batch_max *= 2;
	else
		c->batch_max = CONSUMER_BATCH_EVENTS;
	/* Whose turn it was stays so while an event is being looked for. */
	if (c->batch_max == CONSUMER_BATCH_EVENTS)
		c->first_shard = (c->first_shard + 1) % c->o.shards_nr;
}

static void apply_conflict(struct consumer *c, const struct db_result *res)
{
	metric_add(c->metrics.conflicts, 1);
	if (strcmp(res->sqlstate, "SY003") == 0) {
		lease_resync(c);
		return;
	}
	c->pause_until_us = time_monotonic_us() + CONFLICT_US;
	if (++c->conflicts_nr % CONFLICTS_MAX == 0 && c->events_nr > 1)
		c->batch_max = c->events_nr / 2;
}

static void applied_cb(const struct db_result *res, void *arg)
{
	struct consumer *c = arg;

	if (c->closed)
		goto out;
	switch (res->outcome) {
	case DB_OK:
		fault_point("consumer_after_commit");
		apply_done(c);
		break;
	case DB_CONFLICT:
		apply_conflict(c, res);
		break;
	case DB_DATA:
		apply_refused(c, res->text);
		break;
	case DB_FULL:
		c->pause_until_us = time_monotonic_us() + FULL_US;
		lease_resync(c);
		break;
	case DB_UNCERTAIN: /* the positions tell whether it was done */
		lease_resync(c);
		break;
	case DB_FAILED:
		if (!c->failed)
			log_error("stream %s: statement %d of the effects "
				  "failed: %s",
				  c->stream, res->failed_statement, res->text);
		c->failed = true;
		c->pause_until_us = time_monotonic_us() + FAILED_US;
		lease_resync(c);
		break;
	}
	apply_settled(c);
out:
	consumer_unref(c);
}

/* The arrays that claim and advance: one element a shard in the batch. */
static void claim(struct consumer *c, struct db_pipe *pipe)
{
	db_exec(pipe, CONSUMER_SQL_CLAIM);
	db_text(pipe, c->name);
	db_text(pipe, c->stream);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (int i = 0; i < c->o.shards_nr; i++)
		if (c->shards[i].running_nr)
			db_array_int(pipe, i);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (int i = 0; i < c->o.shards_nr; i++)
		if (c->shards[i].running_nr)
			db_array_int(pipe, (int64_t)c->shards[i].epoch);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (int i = 0; i < c->o.shards_nr; i++)
		if (c->shards[i].running_nr)
			db_array_int(pipe, (int64_t)c->shards[i].at.offset);
	db_array_end(pipe);
}

void claim_shard(const struct shard *s, struct db_pipe *pipe)
{
	db_exec(pipe, CONSUMER_SQL_CLAIM);
	db_text(pipe, s->c->name);
	db_text(pipe, s->c->stream);
	db_array_begin(pipe, DB_ARRAY_I32);
	db_array_int(pipe, s->number);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	db_array_int(pipe, (int64_t)s->epoch);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	db_array_int(pipe, (int64_t)s->at.offset);
	db_array_end(pipe);
}

/* The last event of a shard in the batch; a shard's lie together. */
static bool is_last(const struct consumer *c, size_t i)
{
	return i + 1 == c->events_nr ||
	       c->events[i + 1].shard != c->events[i].shard;
}

static void advance(struct consumer *c, struct db_pipe *pipe)
{
	db_exec(pipe, CONSUMER_SQL_ADVANCE);
	db_text(pipe, c->name);
	db_text(pipe, c->stream);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < c->events_nr; i++)
		if (is_last(c, i))
			db_array_int(pipe, c->events[i].shard);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < c->events_nr; i++)
		if (is_last(c, i))
			db_array_int(pipe, (int64_t)c->events[i].offset);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < c->events_nr; i++)
		if (is_last(c, i))
			db_array_data(pipe, c->events[i].event->event_id.data,
				      16);
	db_array_end(pipe);
}

bool apply_too_early(int64_t since_us, size_t waiting)
{
	return since_us < PACE_US && waiting > 0 && waiting < PACE_EVENTS;
}

/* Looks again when it is time. */
static bool paced(struct consumer *c, int64_t now_us)
{
	int64_t since_us = now_us - c->began_us;
	size_t waiting = 0;

	for (int i = 0; i < c->o.shards_nr; i++)
		waiting += c->shards[i].waiting_nr;
	if (!apply_too_early(since_us, waiting))
		return false;
	consumer_later_in(c, (uint64_t)((PACE_US - since_us) / US_PER_MS) + 1);
	return true;
}

void apply_more(struct consumer *c, int64_t now_us)
{
	struct db_pipe *pipe;
	struct shard *careful;
	struct error err;

	if (c->running || c->leasing || !c->synced || c->draining ||
	    now_us < c->pause_until_us || !db_conn_up(c->conn))
		return;
	if (retry_more(c) || paced(c, now_us))
		return;
	careful = gather(c, now_us);
	if (c->events_nr == 0 ||
	    (careful && careful_write(careful, c->events, c->events_nr)))
		return;
	fault_point("consumer_before_apply");
	part(c);
	pipe = db_pipe_new(c->conn);
	claim(c, pipe);
	db_pipe_base(pipe, CONSUMER_SQL_NR);
	if (c->handled_nr &&
	    c->o.apply(c->o.arg, c->parted, c->handled_nr, pipe, &err) < 0) {
		db_pipe_drop(pipe);
		apply_refused(c, err.text);
		apply_settled(c);
		return;
	}
	db_pipe_base(pipe, 0);
	if (c->events_nr > c->handled_nr)
		quarantine_write(c, c->parted + c->handled_nr,
				 c->events_nr - c->handled_nr, pipe);
	advance(c, pipe);
	if (careful)
		careful_end(careful, c->events[c->events_nr - 1].offset, pipe);
	c->running = true;
	c->began_us = time_monotonic_us();
	c->refs++;
	db_pipe_run(pipe, applied_cb, c);
}
