/* consumer_careful.c -- after the program had ended uncleanly with the lease of
 * a shard: an event that ends it each time must be found without a debugger.
 * Each batch is written down before it is applied; after two ends at the same
 * place events go one at a time, and one that ended the program twice alone is
 * quarantined. One shard at a time, until it is past what was tried. */
#include "bus/consumer_internal.h"
#include "log.h"

#define ENDS_TOGETHER_MAX 2
#define ENDS_ALONE_MAX 2

static bool alone(const struct shard *s)
{
	return s->attempt.attempts >= ENDS_TOGETHER_MAX;
}

size_t careful_max(const struct shard *s)
{
	return alone(s) ? 1 : CONSUMER_BATCH_EVENTS;
}

struct shard *careful_shard(struct consumer *c)
{
	for (int i = 0; i < c->o.shards_nr; i++) {
		struct shard *s = &c->shards[i];

		if (s->owned && s->careful && s->waiting_nr && !s->suspect)
			return s;
	}
	return NULL;
}

void careful_begin(struct shard *s, bool unclean, const struct attempt *attempt)
{
	s->careful = unclean && s->c->o.quarantine;
	s->attempt = *attempt;
	s->attempt.written = false;
	/* Of another place: it went on from there. */
	if (s->attempt.first != s->at.offset + 1)
		s->attempt = (struct attempt){ .first = s->at.offset + 1 };
}

static void written_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;
	struct consumer *c = s->c;

	c->running = false;
	if (!c->closed) {
		if (res->outcome == DB_OK)
			s->attempt.written = true;
		else
			lease_resync(c);
		consumer_later(c);
	}
	consumer_unref(c);
}

bool careful_write(struct shard *s, const struct consumer_event *events,
		   size_t n)
{
	struct attempt *a = &s->attempt;
	struct consumer *c = s->c;
	struct db_pipe *pipe;

	if (a->written)
		return false;
	if (a->alone >= ENDS_ALONE_MAX &&
	    quarantine_park(s, &events[0],
			    "the program ended while applying it"))
		a->alone = 0;
	a->alone = alone(s) ? a->alone + 1 : 0;
	a->attempts++;
	a->first = events[0].offset;
	if (a->last < events[n - 1].offset)
		a->last = events[n - 1].offset;
	pipe = db_pipe_new(c->conn);
	db_exec(pipe, CONSUMER_SQL_ATTEMPT);
	db_text(pipe, c->name);
	db_text(pipe, c->stream);
	db_array_begin(pipe, DB_ARRAY_I32);
	db_array_int(pipe, s->number);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	db_array_int(pipe, (int64_t)a->first);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	db_array_int(pipe, (int64_t)a->last);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	db_array_int(pipe, a->attempts);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	db_array_int(pipe, a->alone);
	db_array_end(pipe);
	c->running = true;
	c->refs++;
	db_pipe_run(pipe, written_cb, s);
	return true;
}

/* Is the shard past what was tried, once events up to offset are applied? */
static bool over(const struct shard *s, uint64_t offset)
{
	return s->careful && offset >= s->attempt.last;
}

void careful_end(struct shard *s, uint64_t offset, struct db_pipe *pipe)
{
	if (!over(s, offset))
		return;
	db_exec(pipe, CONSUMER_SQL_ATTEMPT_OVER);
	db_text(pipe, s->c->name);
	db_text(pipe, s->c->stream);
	db_array_begin(pipe, DB_ARRAY_I32);
	db_array_int(pipe, s->number);
	db_array_end(pipe);
}

void careful_applied(struct shard *s, uint64_t offset)
{
	if (over(s, offset)) {
		s->careful = false;
		return;
	}
	s->attempt.first = offset + 1;
	s->attempt.alone = 0;
	s->attempt.written = false;
}
