/* consumer_lease.c -- which shards this replica takes: of those that are free,
 * or whose lease is over or whose owner has gone, its share; what is above its
 * share it gives back, one shard at a time. Owner, epoch and position are read
 * after the rows are locked, so that a transaction whose answer was lost has
 * ended by then. */
#include <stdlib.h>
#include <string.h>

#include "bus/consumer_internal.h"
#include "bus/must.h"
#include "log.h"
#include "timeutil.h"

/* By the database clock; three renewals fit in. */
#define LEASE_MS 5000
#define RENEW_US (1000 * US_PER_MS)
#define AGAIN_US (200 * US_PER_MS)
/* While shards change hands, and for a while after the last did. */
#define SHARE_US (100 * US_PER_MS)
#define SHARED_US (1000 * US_PER_MS)
#define TRIM_US (2 * US_PER_S)
/* For shards that another replica moves, while somebody waits for them. */
#define READ_US (50 * US_PER_MS)

static void names(struct consumer *c, struct db_pipe *pipe)
{
	db_text(pipe, c->name);
	db_text(pipe, c->stream);
}

/* Events that took effect in a transaction whose answer was lost. */
static void tell_applied(struct shard *s, uint64_t offset)
{
	struct consumer *c = s->c;

	for (const struct fetched *f = s->first; f; f = f->next) {
		size_t n = f->done;

		while (n < f->n && f->events[n].offset <= offset)
			n++;
		metric_add(c->metrics.applied, (double)(n - f->done));
		if (n > f->done && c->o.applied)
			c->o.applied(c->o.arg, f->events + f->done,
				     n - f->done);
	}
	shard_done(s, offset);
}

/* true: the lease is a new one. */
static bool adopt(struct shard *s, bool mine, uint64_t epoch,
		  const struct place *at)
{
	if (!mine) {
		if (s->owned && !s->c->giving)
			log_warn("stream %s shard %u: another replica took it",
				 s->c->stream, s->number);
		s->owned = false;
		s->careful = false;
		shard_unstuck(s);
		shard_seek(s, at);
	} else if (!s->owned || epoch != s->epoch) {
		s->owned = true;
		s->heard = false;
		s->epoch = epoch;
		s->trimmed = 0;
		shard_unstuck(s);
		shard_seek(s, at);
		return true;
	} else if (at->offset > s->at.offset &&
		   at->offset <= s->fetched.offset) {
		tell_applied(s, at->offset);
	} else if (at->offset != s->at.offset) {
		log_warn("stream %s shard %u: the cursor was moved",
			 s->c->stream, s->number);
		shard_seek(s, at);
	}
	return false;
}

static void take_rows(struct consumer *c, const struct db_result *res, int read)
{
	for (int i = 0; i < db_rows(res, read); i++) {
		int32_t number = db_get_i32(res, read, i, 0);
		struct attempt attempt = { 0 };
		struct place at = { .offset = (uint64_t)db_get_i64(res, read, i,
								   3) };
		size_t len = 0;
		const uint8_t *id = db_get_bytes(res, read, i, 4, &len);

		if (number < 0 || number >= c->o.shards_nr)
			continue;
		if (id && len == sizeof(at.event_id))
			memcpy(at.event_id, id, len);
		attempt.first = (uint64_t)db_get_i64(res, read, i, 6);
		attempt.last = (uint64_t)db_get_i64(res, read, i, 7);
		attempt.attempts = db_get_i32(res, read, i, 8);
		attempt.alone = db_get_i32(res, read, i, 9);
		if (adopt(&c->shards[number], db_get_bool(res, read, i, 1),
			  (uint64_t)db_get_i64(res, read, i, 2), &at))
			careful_begin(&c->shards[number],
				      db_get_bool(res, read, i, 5), &attempt);
	}
}

/* What a pipe of leases was for. */
struct leasing {
	struct consumer *c;
	uint64_t sync;
	int give, take; /* positions in the pipe, -1: not in it */
	int read;
	bool init;
};

/* What was given or taken is likely not the last. */
static void share_told(struct consumer *c, const struct leasing *l,
		       const struct db_result *res)
{
	int64_t now_us = time_monotonic_us();

	if (l->give < 0)
		return;
	if (db_rows(res, l->give) || db_rows(res, l->take))
		c->share_until_us = now_us + SHARED_US;
	if (now_us < c->share_until_us)
		c->renew_at_us = now_us + SHARE_US;
}

static void leased_cb(const struct db_result *res, void *arg)
{
	struct leasing *l = arg;
	struct consumer *c = l->c;

	c->leasing = false;
	if (c->closed) {
		/* Only the memory is left. */
	} else if (res->outcome != DB_OK) {
		if (res->outcome == DB_FAILED)
			log_error("leases of stream %s: %s", c->stream,
				  res->text);
		c->synced = false;
		c->renew_at_us = time_monotonic_us() + AGAIN_US;
	} else {
		c->initialised |= l->init;
		c->giving = l->give >= 0 && db_rows(res, l->give) > 0;
		take_rows(c, res, l->read);
		quarantine_loaded(c, res, l->read + 1);
		share_told(c, l, res);
		if (l->sync == c->sync_wanted)
			c->synced = true;
		consumer_later(c);
	}
	free(l);
	consumer_unref(c);
}

static void lease_exec(struct consumer *c, struct db_pipe *pipe, int statement)
{
	db_exec(pipe, statement);
	names(c, pipe);
	db_uuid(pipe, c->owner);
}

static void lease_start(struct consumer *c, bool renew)
{
	struct db_pipe *pipe = db_pipe_new(c->conn);
	struct leasing *l = must_calloc(1, sizeof(*l));

	l->c = c;
	l->sync = c->sync_wanted;
	if (renew && !c->initialised) {
		l->init = true;
		db_exec(pipe, CONSUMER_SQL_INIT);
		names(c, pipe);
		db_i32(pipe, c->o.shards_nr);
	}
	l->give = l->take = -1;
	if (renew) {
		lease_exec(c, pipe, CONSUMER_SQL_MEMBER);
		db_i32(pipe, LEASE_MS);
		lease_exec(c, pipe, CONSUMER_SQL_RENEW);
		db_i32(pipe, LEASE_MS);
		l->give = db_pipe_length(pipe);
		lease_exec(c, pipe, CONSUMER_SQL_GIVE);
		l->take = db_pipe_length(pipe);
		lease_exec(c, pipe, CONSUMER_SQL_TAKE);
		db_i32(pipe, LEASE_MS);
	}
	l->read = db_pipe_length(pipe);
	lease_exec(c, pipe, CONSUMER_SQL_READ);
	quarantine_read(c, pipe);
	c->leasing = true;
	c->refs++;
	db_pipe_run(pipe, leased_cb, l);
}

static void trimmed_cb(const struct db_result *res, void *arg)
{
	struct consumer *c = arg;

	c->trimming = false;
	for (int i = 0; !c->closed && i < c->o.shards_nr; i++)
		if (res->outcome == DB_OK && c->shards[i].trim_below)
			c->shards[i].trimmed = c->shards[i].trim_below - 1;
	consumer_unref(c);
}

/* Positions between the last trim and the present one. */
static void trim(struct consumer *c)
{
	struct db_pipe *pipe = db_pipe_new(c->conn);
	int n = 0;

	for (int i = 0; i < c->o.shards_nr; i++) {
		struct shard *s = &c->shards[i];

		s->trim_below = 0;
		if (!s->owned || s->at.offset <= s->trimmed + 1)
			continue;
		s->trim_below = s->at.offset;
		n++;
	}
	if (n == 0) {
		db_pipe_drop(pipe);
		return;
	}
	db_exec(pipe, CONSUMER_SQL_TRIM);
	names(c, pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (int i = 0; i < c->o.shards_nr; i++)
		if (c->shards[i].trim_below)
			db_array_int(pipe, i);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (int i = 0; i < c->o.shards_nr; i++)
		if (c->shards[i].trim_below)
			db_array_int(pipe, (int64_t)c->shards[i].trimmed);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (int i = 0; i < c->o.shards_nr; i++)
		if (c->shards[i].trim_below)
			db_array_int(pipe, (int64_t)c->shards[i].trim_below);
	db_array_end(pipe);
	c->trimming = true;
	c->refs++;
	db_pipe_run(pipe, trimmed_cb, c);
}

void lease_resync(struct consumer *c)
{
	c->synced = false;
	c->sync_wanted++;
	c->renew_at_us = 0;
	consumer_later(c);
}

/* Never beside a transaction of ours: its answer is what we know best. */
static bool may_start(const struct consumer *c)
{
	return !c->leasing && !c->running && db_conn_up(c->conn);
}

void lease_read(struct consumer *c)
{
	int64_t now_us = time_monotonic_us();

	if (!may_start(c) || now_us < c->read_at_us)
		return;
	c->read_at_us = now_us + READ_US;
	lease_start(c, false);
}

void lease_tick(struct consumer *c, int64_t now_us)
{
	if (!db_conn_up(c->conn))
		return;
	if (may_start(c) && now_us >= c->renew_at_us) {
		c->renew_at_us = now_us + RENEW_US;
		lease_start(c, true);
	}
	if (!c->trimming && now_us >= c->trim_at_us) {
		c->trim_at_us = now_us + TRIM_US;
		trim(c);
	}
}

static void released_cb(const struct db_result *res, void *arg)
{
	struct consumer *c = arg;

	if (res->outcome != DB_OK)
		log_warn("leases of stream %s run out by themselves: %s",
			 c->stream, res->text ? res->text : "not connected");
	if (!c->closed)
		c->drained_cb(c->drained_arg);
	consumer_unref(c);
}

void lease_release(struct consumer *c)
{
	struct db_pipe *pipe = db_pipe_new(c->conn);

	lease_exec(c, pipe, CONSUMER_SQL_RELEASE);
	lease_exec(c, pipe, CONSUMER_SQL_LEAVE);
	c->refs++;
	db_pipe_run(pipe, released_cb, c);
}
