/* consume.c -- a consumer with effects: a row a key, written in key order. How
 * long each took from its occurrence to the commit of its effect goes into a
 * file of microseconds, int64_t each, where one is named. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "arena.h"
#include "bench.h"
#include "bench.pb-c.h"
#include "bus/consumer.h"
#include "log.h"
#include "schema/bench_effect.h"
#include "schema/consumer.h"
#include "service.h"
#include "timeutil.h"

enum effect_sql { SQL_APPLY, SQL_NR };

static const struct db_statement statements[SQL_NR] = {
	[SQL_APPLY] = { "effect_apply",
			"INSERT INTO bench_effect AS e "
			"SELECT * FROM unnest($1::text[], $2::bigint[], "
			"$3::bigint[], $4::bigint[]) "
			"AS u (key, value, events, last_revision) "
			"ORDER BY u.key ON CONFLICT (key) DO UPDATE "
			"SET value = excluded.value, "
			"events = e.events + excluded.events, "
			"last_revision = excluded.last_revision" },
};

struct conf {
	struct service_conf service;
	char *bench;    /* endpoint */
	char *consumer; /* its name, and its schema's */
	char *latencies;
};

static const struct conf_entry own_entries[] = {
	{ "SUYUAN_BENCH", CONF_STRING, offsetof(struct conf, bench), NULL, 0, 0,
	  "endpoint of the bench service" },
	{ "SUYUAN_BENCH_CONSUMER", CONF_STRING, offsetof(struct conf, consumer),
	  NULL, 0, 0, "name of the consumer and of its schema" },
	{ "SUYUAN_BENCH_LATENCIES", CONF_STRING,
	  offsetof(struct conf, latencies), "", 0, 0,
	  "file for the time from occurrence to effect of each event" },
	{ 0 },
};

static const struct conf_entry *const tables[] = { service_conf_entries,
						   own_entries, NULL };

struct follower {
	struct conf conf;
	struct service service;
	struct consumer *consumer;
	FILE *latencies; /* NULL: nobody asks */
};

struct effect {
	const char *key;
	int64_t value, events, revision;
	UT_hash_handle hh;
};

/* What the event leaves at its key: a Put its value, a record its length. */
static int event_value(const Sy__V1__Event *event, struct arena *arena,
		       int64_t *value_r, struct error *err)
{
	Sy__Bench__PutDone *done;
	Sy__Bench__Recorded *recorded;

	if (strcmp(event->type, "Recorded") == 0) {
		recorded = sy__bench__recorded__unpack(&arena->allocator,
						       event->payload.len,
						       event->payload.data);
		if (!recorded)
			return error_set(err, "Recorded: cannot be decoded");
		*value_r = (int64_t)recorded->filler.len;
		switch (recorded->trouble) {
		case SY__BENCH__TROUBLE__NOT_UNDERSTOOD:
			if (getenv("BENCH_MENDED"))
				return 0;
			return error_set(err, "is not understood");
		case SY__BENCH__TROUBLE__BAD_ROW:
			if (!getenv("BENCH_MENDED"))
				*value_r = INT64_MIN; /* the table refuses it */
			return 0;
		case SY__BENCH__TROUBLE__ENDS_PROGRAM:
			if (!getenv("BENCH_MENDED"))
				abort();
			return 0;
		case SY__BENCH__TROUBLE__NO_TROUBLE:
		case _SY__BENCH__TROUBLE_IS_INT_SIZE:
			return 0;
		}
		return 0;
	}
	done = sy__bench__put_done__unpack(
		&arena->allocator, event->payload.len, event->payload.data);
	if (!done)
		return error_set(err, "PutDone: cannot be decoded");
	*value_r = done->after;
	return 0;
}

static int effects_of(const struct consumer_event *events, size_t n,
		      struct arena *arena, struct effect **effects,
		      struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		const Sy__V1__Event *event = events[i].event;
		struct effect *effect;
		int64_t value = 0;

		if (event_value(event, arena, &value, err) < 0)
			return -1;
		HASH_FIND_STR(*effects, event->key, effect);
		if (!effect) {
			effect = arena_alloc(arena, sizeof(*effect));
			effect->key = event->key;
			HASH_ADD_KEYPTR(hh, *effects, effect->key,
					strlen(effect->key), effect);
		}
		/* A bad row stays one whatever follows it in the batch. */
		if (effect->value != INT64_MIN)
			effect->value = value;
		effect->events++;
		effect->revision = (int64_t)event->revision;
	}
	return 0;
}

static int64_t effect_value(const struct effect *effect)
{
	return effect->value;
}

static int64_t effect_events(const struct effect *effect)
{
	return effect->events;
}

static int64_t effect_revision(const struct effect *effect)
{
	return effect->revision;
}

static void effects_array(struct db_pipe *pipe, const struct effect *effects,
			  int64_t (*value)(const struct effect *effect))
{
	db_array_begin(pipe, DB_ARRAY_I64);
	for (const struct effect *e = effects; e; e = e->hh.next)
		db_array_int(pipe, value(e));
	db_array_end(pipe);
}

static int apply_cb(void *arg, const struct consumer_event *events, size_t n,
		    struct db_pipe *pipe, struct error *err)
{
	struct effect *effects = NULL;
	struct arena arena;
	int status;

	(void)arg;
	arena_init(&arena);
	status = effects_of(events, n, &arena, &effects, err);
	if (status == 0) {
		db_exec(pipe, SQL_APPLY);
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (struct effect *e = effects; e; e = e->hh.next)
			db_array_text(pipe, e->key);
		db_array_end(pipe);
		effects_array(pipe, effects, effect_value);
		effects_array(pipe, effects, effect_events);
		effects_array(pipe, effects, effect_revision);
	}
	HASH_CLEAR(hh, effects);
	arena_reset(&arena);
	return status;
}

static void applied_cb(void *arg, const struct consumer_event *events, size_t n)
{
	const struct follower *f = arg;
	int64_t now_us = time_now_us();

	for (size_t i = 0; i < n; i++) {
		int64_t us = now_us - events[i].event->occurred_at_us;

		fwrite(&us, sizeof(us), 1, f->latencies);
	}
	fflush(f->latencies);
}

static bool ready_cb(void *arg, const char **why_r)
{
	const struct follower *f = arg;

	*why_r = consumer_stuck(f->consumer);
	return !*why_r;
}

static void drained_cb(void *arg)
{
	struct follower *f = arg;

	consumer_close(&f->consumer);
	service_stop(&f->service);
}

static void drain_cb(void *arg)
{
	struct follower *f = arg;

	consumer_drain(f->consumer, drained_cb, f);
}

static int open_latencies(struct follower *f, struct error *err)
{
	if (!*f->conf.latencies)
		return 0;
	f->latencies = fopen(f->conf.latencies, "ae");
	return f->latencies ? 0
			    : error_set(err, "SUYUAN_BENCH_LATENCIES: %s",
					strerror(errno));
}

static int follow(struct follower *f, struct error *err)
{
	const struct consumer_options options = {
		.loop = &f->service.loop,
		.endpoint = f->conf.bench,
		.server_key = registry_key(f->service.registry, "bench"),
		.key = &f->service.key,
		.name = f->conf.consumer,
		.stream = "bench",
		.shards_nr = 16,
		.db_url = f->conf.service.db_url,
		.schema = f->conf.consumer,
		.statements = statements,
		.statements_nr = SQL_NR,
		.apply = apply_cb,
		.applied = f->latencies ? applied_cb : NULL,
		.quarantine = true,
		.arg = f,
	};

	if (!options.server_key)
		return error_set(err, "SUYUAN_REGISTRY: no key of 'bench'");
	return consumer_open(&f->consumer, &options, err);
}

int bench_consume(void)
{
	static const struct db_migration *const components[] = {
		schema_consumer, schema_bench_effect, NULL
	};
	struct follower f = { 0 };
	struct error err;
	int status = EXIT_FAILURE;

	log_open("bench-consumer", LOG_INFO);
	if (conf_load(tables, &f.conf, &err) < 0) {
		log_error("cannot start: %s", err.text);
		goto out;
	}
	f.service = (struct service){
		.name = f.conf.consumer,
		.conf = &f.conf.service,
		.drain = drain_cb,
		.ready = ready_cb,
		.arg = &f,
	};
	if (open_latencies(&f, &err) < 0 ||
	    service_open(&f.service, components, &err) < 0 ||
	    follow(&f, &err) < 0) {
		log_error("cannot start: %s", err.text);
		goto out;
	}
	status = service_run(&f.service);
out:
	consumer_close(&f.consumer);
	service_close(&f.service);
	if (f.latencies)
		fclose(f.latencies);
	conf_unload(tables, &f.conf);
	return status;
}
