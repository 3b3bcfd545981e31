/* consumer_quarantine.c -- keys with an event that cannot be applied. The key
 * is parked: in the transaction that moves the cursor past them, its events go
 * to the table quarantine instead of the handler, in order. A person has them
 * tried again (retry_wanted); whoever holds the shard's lease does that here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/consumer_internal.h"
#include "bus/must.h"
#include "log.h"
#include "timeutil.h"

/* More keys than these are no accident of the data: the shard stands. */
#define PARKED_MAX 1000
#define RETRY_EVENTS 500

struct parked {
	char *key;
	bool fresh; /* not yet in the table */
	bool retry_wanted;
	char reason[256]; /* never holds a value */
	UT_hash_handle hh;
};

/* Parked events of one key that are being tried again. */
struct retry {
	struct shard *shard;
	char *key;
	struct fetched *events; /* NULL: to be read */
	size_t max;             /* how many at once: 1 after a failure */
};

static struct parked *parked_find(const struct shard *s, const char *key)
{
	struct parked *parked;

	HASH_FIND_STR(s->parked, key, parked);
	return parked;
}

bool quarantine_parked(const struct shard *s, const char *key)
{
	return parked_find(s, key) != NULL;
}

size_t quarantine_keys(const struct shard *s)
{
	return HASH_COUNT(s->parked);
}

static struct parked *parked_add(struct shard *s, const char *key)
{
	struct parked *parked = must_calloc(1, sizeof(*parked));
	size_t size = strlen(key) + 1;

	parked->key = memcpy(must_calloc(1, size), key, size);
	HASH_ADD_KEYPTR(hh, s->parked, parked->key, size - 1, parked);
	return parked;
}

static void parked_remove(struct shard *s, struct parked *parked)
{
	HASH_DEL(s->parked, parked);
	free(parked->key);
	free(parked);
}

void quarantine_forget(struct shard *s)
{
	struct parked *parked, *next;

	HASH_ITER (hh, s->parked, parked, next)
		parked_remove(s, parked);
}

bool quarantine_park(struct shard *s, const struct consumer_event *event,
		     const char *reason)
{
	struct parked *parked;

	if (!s->c->o.quarantine || parked_find(s, event->event->key) ||
	    HASH_COUNT(s->parked) >= PARKED_MAX)
		return false;
	parked = parked_add(s, event->event->key);
	parked->fresh = true;
	snprintf(parked->reason, sizeof(parked->reason), "%s", reason);
	log_error("stream %s shard %u offset %llu cannot be applied: %s; its "
		  "key is parked",
		  s->c->stream, s->number, (unsigned long long)event->offset,
		  reason);
	return true;
}

void quarantine_read(struct consumer *c, struct db_pipe *pipe)
{
	db_exec(pipe, CONSUMER_SQL_PARKED);
	db_text(pipe, c->name);
	db_text(pipe, c->stream);
}

/* A key whose retry is under way stays: it leaves with its last event. */
void quarantine_loaded(struct consumer *c, const struct db_result *res,
		       int statement)
{
	int rows = db_rows(res, statement);

	for (int i = 0; i < c->o.shards_nr; i++)
		quarantine_forget(&c->shards[i]);
	for (int i = 0; i < rows; i++) {
		int32_t number = db_get_i32(res, statement, i, 0);
		struct parked *parked;

		if (number < 0 || number >= c->o.shards_nr)
			continue;
		parked = parked_add(&c->shards[number],
				    db_get_text(res, statement, i, 1));
		parked->retry_wanted = db_get_bool(res, statement, i, 2);
	}
}

/* --- into quarantine
 * -------------------------------------------------------------------- */

static void fresh_keys(struct consumer *c, struct db_pipe *pipe)
{
	struct parked *parked, *next;

	db_exec(pipe, CONSUMER_SQL_PARK);
	db_text(pipe, c->name);
	db_text(pipe, c->stream);
	for (int column = 0; column < 3; column++) {
		db_array_begin(pipe, column ? DB_ARRAY_TEXT : DB_ARRAY_I32);
		for (int i = 0; i < c->o.shards_nr; i++) {
			HASH_ITER (hh, c->shards[i].parked, parked, next) {
				if (!parked->fresh)
					continue;
				if (column == 0)
					db_array_int(pipe, i);
				else
					db_array_text(pipe,
						      column == 1
							      ? parked->key
							      : parked->reason);
			}
		}
		db_array_end(pipe);
	}
}

void quarantine_write(struct consumer *c, const struct consumer_event *events,
		      size_t n, struct db_pipe *pipe)
{
	fresh_keys(c, pipe);
	db_exec(pipe, CONSUMER_SQL_QUARANTINE);
	db_text(pipe, c->name);
	db_text(pipe, c->stream);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, events[i].shard);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, (int64_t)events[i].offset);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < n; i++)
		db_array_text(pipe, events[i].event->key);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TIME);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, events[i].accepted_at_us);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < n; i++) {
		const ProtobufCMessage *event = &events[i].event->base;
		size_t len = protobuf_c_message_get_packed_size(event);
		uint8_t *data = must_calloc(1, len + 1);

		protobuf_c_message_pack(event, data);
		db_array_data(pipe, data, len);
		free(data);
	}
	db_array_end(pipe);
}

void quarantine_written(struct consumer *c)
{
	struct parked *parked, *next;

	for (int i = 0; i < c->o.shards_nr; i++) {
		HASH_ITER (hh, c->shards[i].parked, parked, next) {
			parked->fresh = false;
		}
	}
}

/* --- and out of it
 * ---------------------------------------------------------------------- */

void retry_close(struct consumer *c)
{
	struct retry *retry = c->retry;

	if (!retry)
		return;
	c->retry = NULL;
	fetched_free(retry->events);
	free(retry->key);
	free(retry);
}

static void key_of(const struct retry *retry, struct db_pipe *pipe)
{
	db_text(pipe, retry->shard->c->name);
	db_text(pipe, retry->shard->c->stream);
	db_i32(pipe, (int32_t)retry->shard->number);
	db_text(pipe, retry->key);
}

static struct retry *retry_wanted(struct consumer *c)
{
	struct parked *parked, *next;
	struct retry *retry;

	for (int i = 0; i < c->o.shards_nr; i++) {
		struct shard *s = &c->shards[i];

		if (!s->owned)
			continue;
		HASH_ITER (hh, s->parked, parked, next) {
			size_t size = strlen(parked->key) + 1;

			if (!parked->retry_wanted)
				continue;
			parked->retry_wanted = false;
			retry = must_calloc(1, sizeof(*retry));
			retry->shard = s;
			retry->key =
				memcpy(must_calloc(1, size), parked->key, size);
			retry->max = RETRY_EVENTS;
			return retry;
		}
	}
	return NULL;
}

static void retry_settled(struct consumer *c, const struct db_result *res)
{
	c->running = false;
	if (!c->closed) {
		if (res->outcome != DB_OK) {
			/* What is parked stays; a person may ask again. */
			log_warn("stream %s: a retry was not done: %s",
				 c->stream, res->text);
			retry_close(c);
			lease_resync(c);
		}
		consumer_later(c);
	}
	consumer_unref(c);
}

/* Events as they lie in the table. */
static void read_cb(const struct db_result *res, void *arg)
{
	struct consumer *c = arg;
	struct retry *retry = c->retry;
	int rows = db_rows(res, 1);
	struct fetched *f;

	if (c->closed || res->outcome != DB_OK)
		goto out;
	f = must_calloc(1, sizeof(*f));
	arena_init(&f->arena);
	f->events =
		arena_alloc(&f->arena, ((size_t)rows + 1) * sizeof(*f->events));
	for (int i = 0; i < rows; i++) {
		struct consumer_event *event = &f->events[f->n];
		size_t len;
		const uint8_t *data = db_get_bytes(res, 1, i, 2, &len);

		event->shard = retry->shard->number;
		event->offset = (uint64_t)db_get_i64(res, 1, i, 0);
		event->accepted_at_us = db_get_time(res, 1, i, 1);
		event->event =
			sy__v1__event__unpack(&f->arena.allocator, len, data);
		if (!event->event)
			break;
		f->n++;
	}
	fetched_free(retry->events);
	retry->events = f;
out:
	retry_settled(c, res);
}

static void retry_read(struct consumer *c)
{
	struct db_pipe *pipe = db_pipe_new(c->conn);

	/* Asked for once: a handler that ends the process does not do so for
	 * ever. */
	db_exec(pipe, CONSUMER_SQL_TRIED);
	key_of(c->retry, pipe);
	db_exec(pipe, CONSUMER_SQL_PARKED_EVENTS);
	key_of(c->retry, pipe);
	db_i64(pipe, (int64_t)c->retry->max);
	c->running = true;
	c->refs++;
	db_pipe_run(pipe, read_cb, c);
}

/* The first of them still cannot be applied, or one behind it. */
static void retry_refused(struct consumer *c, const char *why)
{
	struct retry *retry = c->retry;

	if (retry->max > 1) {
		retry->max = 1;
		fetched_free(retry->events);
		retry->events = NULL;
		return;
	}
	log_error("stream %s shard %u offset %llu still cannot be applied: %s",
		  c->stream, retry->shard->number,
		  (unsigned long long)retry->events->events[0].offset, why);
	retry_close(c);
}

static void retried_cb(const struct db_result *res, void *arg)
{
	struct consumer *c = arg;
	struct retry *retry = c->retry;

	if (c->closed) {
		consumer_unref(c);
		return;
	}
	if (res->outcome == DB_DATA) {
		c->running = false;
		retry_refused(c, res->text);
		consumer_later(c);
		consumer_unref(c);
		return;
	}
	if (res->outcome == DB_OK) {
		metric_add(c->metrics.applied, (double)retry->events->n);
		if (c->o.applied && retry->events->n)
			c->o.applied(c->o.arg, retry->events->events,
				     retry->events->n);
		if (retry->events->n == 0) {
			log_info("stream %s shard %u: a parked key goes on",
				 c->stream, retry->shard->number);
			retry_close(c);
			lease_resync(c); /* which keys are left */
		} else {
			fetched_free(retry->events);
			retry->events = NULL;
		}
	}
	retry_settled(c, res);
}

/* Those that were read take effect and leave; with none left the key is free.
 */
static void retry_apply(struct consumer *c)
{
	struct retry *retry = c->retry;
	struct fetched *f = retry->events;
	struct db_pipe *pipe = db_pipe_new(c->conn);
	struct error err;

	claim_shard(retry->shard, pipe);
	if (f->n) {
		db_pipe_base(pipe, CONSUMER_SQL_NR);
		if (c->o.apply(c->o.arg, f->events, f->n, pipe, &err) < 0) {
			db_pipe_drop(pipe);
			retry_refused(c, err.text);
			consumer_later(c);
			return;
		}
		db_pipe_base(pipe, 0);
		db_exec(pipe, CONSUMER_SQL_PARKED_DONE);
		key_of(retry, pipe);
		db_i64(pipe, (int64_t)f->events[f->n - 1].offset);
	} else {
		db_exec(pipe, CONSUMER_SQL_UNPARK);
		key_of(retry, pipe);
	}
	c->running = true;
	c->refs++;
	db_pipe_run(pipe, retried_cb, c);
}

bool retry_more(struct consumer *c)
{
	if (!c->retry)
		c->retry = retry_wanted(c);
	if (!c->retry)
		return false;
	if (!c->retry->shard->owned) {
		retry_close(c);
		return false;
	}
	if (c->retry->events)
		retry_apply(c);
	else
		retry_read(c);
	return true;
}
