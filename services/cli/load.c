/* load.c -- `suyuan load`: appeals and their later facts, made up, offered by
 * several publishers; what the service made of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "bus/load.h"
#include "cli.h"
#include "latency.h"
#include "load_report.h"
#include "offices.h"
#include "progress.h"
#include "sim.h"
#include "sim_requests.h"
#include "timeutil.h"

#define TICK_MS 100
/* After Ctrl-C, for what is in flight. */
#define LINGER_US (5 * US_PER_S)
#define SECONDS_DEFAULT 10
/* More would only be a longer queue in our memory. */
#define WINDOW_EVENTS 2048

/* What one publisher offers: a world of its own, in order. */
struct part {
	struct sim_requests requests;
	struct sim_stream stream;
	uint8_t *packed;
	size_t packed_size;
};

struct loading {
	struct cli *cli;
	int64_t rate, seconds, events, publishers, seed;
	const char *units;
	bool json;

	struct sim_requests world; /* offices, time */
	struct part *parts;
	struct load *load;
	struct progress *progress;
	uv_timer_t tick;
	uv_signal_t sigint, sigterm;
	int64_t silent_since_us; /* 0: the service answers */
	int64_t interrupted_us;  /* 0: not */
	struct load_report report;
	enum cli_exit status;
	struct error *err;
};

static void end(struct loading *c, enum cli_exit status)
{
	c->status = status;
	uv_stop(&c->cli->loop);
}

static void make(void *arg, int publisher, uint64_t n,
		 struct load_event *event_r)
{
	struct loading *c = arg;
	struct part *part = &c->parts[publisher];
	struct pump_event event;
	struct sim_appeal appeal;
	enum sim_type type;
	uint64_t i;
	size_t size;

	(void)n; /* the stream has its own place */
	sim_next(&part->stream, &type, &i, &appeal);
	sim_request(&part->requests, type, i, &appeal, &event);
	size = protobuf_c_message_get_packed_size(event.payload);
	if (size > part->packed_size) {
		free(part->packed);
		part->packed = malloc(2 * size);
		part->packed_size = 2 * size;
		if (!part->packed)
			abort();
	}
	*event_r = (struct load_event){
		.type = event.type,
		.key = event.key,
		.occurred_at_us = event.occurred_at_us,
		.payload = part->packed,
		.len = protobuf_c_message_pack(event.payload, part->packed),
	};
}

static void done(void *arg, int64_t latency_us, const Sy__V1__Reject *reject)
{
	struct loading *c = arg;

	load_report_add(&c->report, latency_us, reject);
}

static void ended(void *arg, const Sy__V1__Error *error)
{
	struct loading *c = arg;

	if (error)
		error_set(c->err, "complaints refuses: %s", error->text);
	end(c, error ? CLI_DIFFERENCES : CLI_OK);
}

/* Nobody answers for too long. */
static void watch_service(struct loading *c, int64_t now_us)
{
	if (load_alive(c->load) > 0) {
		c->silent_since_us = 0;
		return;
	}
	if (c->silent_since_us == 0)
		c->silent_since_us = now_us;
	if (now_us - c->silent_since_us < c->cli->wait_s * US_PER_S)
		return;
	error_set(c->err, "complaints does not answer for %lld s",
		  (long long)c->cli->wait_s);
	end(c, CLI_UNREACHABLE);
}

static void tick_cb(uv_timer_t *timer)
{
	struct loading *c = timer->data;
	const struct load_stats s = load_stats(c->load);
	const struct publisher_stats shown = {
		.submitted = s.offered,
		.rejected = s.rejected,
		.in_flight = s.offered - s.done,
	};
	const struct pump_progress none = { 0 };
	int64_t now_us = time_monotonic_us();

	progress_show(c->progress, &none, &shown, c->silent_since_us != 0);
	watch_service(c, now_us);
	if (c->interrupted_us && now_us - c->interrupted_us > LINGER_US)
		end(c, CLI_OK);
}

static void signal_cb(uv_signal_t *handle, int number)
{
	struct loading *c = handle->data;

	(void)number;
	if (c->interrupted_us) /* the second one means it */
		end(c, CLI_OK);
	c->interrupted_us = time_monotonic_us();
	load_stop(c->load);
}

static void make_parts(struct loading *c)
{
	c->parts = calloc((size_t)c->publishers, sizeof(*c->parts));
	if (!c->parts)
		abort();
	for (int64_t i = 0; i < c->publishers; i++) {
		struct part *part = &c->parts[i];

		part->requests = c->world;
		part->requests.seed = part->stream.seed =
			sim_hash((uint64_t)c->seed, (uint64_t)i);
	}
}

static void open_handles(struct loading *c)
{
	uv_loop_t *loop = &c->cli->loop;

	uv_timer_init(loop, &c->tick);
	uv_signal_init(loop, &c->sigint);
	uv_signal_init(loop, &c->sigterm);
	c->tick.data = c->sigint.data = c->sigterm.data = c;
	uv_timer_start(&c->tick, tick_cb, TICK_MS, TICK_MS);
	uv_signal_start(&c->sigint, signal_cb, SIGINT);
	uv_signal_start(&c->sigterm, signal_cb, SIGTERM);
}

static enum cli_exit run(struct loading *c)
{
	char name[64];
	struct load_options options = {
		.name = name,
		.publishers_nr = (int)c->publishers,
		.rate_per_s = (uint64_t)c->rate,
		.events = (uint64_t)c->events,
		.limit_us = c->seconds * US_PER_S,
		.window_events = WINDOW_EVENTS,
		.make = make,
		.done = done,
		.ended = ended,
		.arg = c,
	};

	snprintf(name, sizeof(name), "load:%llx:%llx",
		 (unsigned long long)c->seed,
		 (unsigned long long)time_now_us());
	if (cli_client_options(c->cli, "complaints", &options.client, c->err) <
		    0 ||
	    load_open(&c->load, &options, c->err) < 0)
		return CLI_USAGE;
	open_handles(c);
	c->progress = progress_open();
	uv_run(&c->cli->loop, UV_RUN_DEFAULT);
	progress_close(&c->progress);
	c->report.stats = load_stats(c->load);
	load_close(&c->load);
	uv_close((uv_handle_t *)&c->tick, NULL);
	uv_close((uv_handle_t *)&c->sigint, NULL);
	uv_close((uv_handle_t *)&c->sigterm, NULL);
	uv_run(&c->cli->loop, UV_RUN_DEFAULT); /* their ends, on this stack */
	load_report_print(&c->report, c->json);
	if (c->status == CLI_OK &&
	    (c->interrupted_us || c->report.stats.rejected))
		return CLI_DIFFERENCES;
	return c->status;
}

enum cli_exit command_load(struct cli *cli, int argc, char **argv)
{
	struct error err = { "" };
	struct loading c = {
		.cli = cli, .publishers = 1, .seed = time_now_us(), .err = &err
	};
	const struct cli_option options[] = {
		{ "units", OPTION_TEXT, &c.units, 0, 0 },
		{ "rate", OPTION_NUMBER, &c.rate, 0, 10000000 },
		{ "seconds", OPTION_NUMBER, &c.seconds, 1, 30 * 86400 },
		{ "events", OPTION_NUMBER, &c.events, 1, INT64_MAX / 8 },
		{ "publishers", OPTION_NUMBER, &c.publishers, 1,
		  LOAD_PUBLISHERS_MAX },
		{ "seed", OPTION_NUMBER, &c.seed, 0, INT64_MAX },
		{ "json", OPTION_FLAG, &c.json, 0, 0 },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	enum cli_exit status = CLI_USAGE;

	if (at < 0)
		return CLI_USAGE;
	if (argc != at || !c.units)
		return cli_usage("load --units FILE; see suyuan help load");
	if (!c.seconds && !c.events)
		c.seconds = SECONDS_DEFAULT;
	sim_requests_init(&c.world);
	c.world.from_us = time_now_us() - SIM_WINDOW_DAYS * US_PER_DAY;
	c.report.publishers = c.publishers;
	c.report.rate_per_s = c.rate;
	if (offices_load(&c.world.offices, c.units, &err) == 0 &&
	    cli_open(cli, &err) == 0) {
		make_parts(&c);
		status = run(&c);
	}
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	for (int64_t i = 0; c.parts && i < c.publishers; i++)
		free(c.parts[i].packed);
	free(c.parts);
	sim_requests_close(&c.world);
	return status;
}
