/* load.c -- publishes as fast as it is acknowledged, or at a rate whatever the
 * acknowledgements take: then an event's latency counts from the time at which
 * it was due, and nothing is left out because something before it was slow.
 *
 *	load --endpoint E --key FILE --registry FILE --events N [--rate R]
 *	     [--keys K] [--from F] [--bytes B] [--record | --units FILE]
 *	     [--publisher NAME]
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bench.h"
#include "bus/context.h"
#include "bus/publisher.h"
#include "log.h"
#include "report.h"
#include "source.h"
#include "timeutil.h"
#include "uuid.h"

#define LIMIT_MS (600 * 1000)

struct load {
	uv_loop_t loop;
	uv_timer_t limit;
	uv_poll_t due; /* a timerfd: the loop's own timers count in ms */
	int timer_fd;
	struct bus_client *client;
	struct publisher *publisher;
	struct source source;
	uint64_t events, rate, sent, done, rejected;
	int64_t start_us, end_us, last_done_us, longest_silence_us;
	int64_t *latency_us; /* per event; until it is done, its start */
	/* The first event is alone: the clock starts when it is acknowledged,
	 * connected and with its lanes open, as the peers' clocks do. */
	bool opening;
	int status;
};

static void load_end(struct load *load, int status)
{
	load->status = status;
	load->end_us = time_monotonic_us();
	uv_stop(&load->loop);
}

static int64_t due_us(const struct load *load, uint64_t n)
{
	return load->start_us + (int64_t)(n * US_PER_S / load->rate);
}

/* 0, or 1 when the window is full. */
static int send_one(struct load *load)
{
	uint8_t id[UUID_BYTES], payload[SOURCE_PAYLOAD_MAX_BYTES];
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	int64_t now_us = time_now_us();
	char key[SOURCE_KEY_SIZE];

	uuid_make(id);
	event.event_id.data = id;
	event.event_id.len = sizeof(id);
	event.type = (char *)source_type(&load->source);
	event.occurred_at_us = now_us;
	event.payload.data = payload;
	event.payload.len =
		source_make(&load->source, load->sent, now_us, key, payload);
	load->latency_us[load->sent] = load->rate && !load->opening
					       ? due_us(load, load->sent)
					       : time_monotonic_us();
	if (publisher_submit(load->publisher, key, &event, load->sent) != 0)
		return 1;
	load->sent++;
	return 0;
}

static void send_due(struct load *load)
{
	int64_t now_us = time_monotonic_us();

	while (load->sent < (load->opening ? 1 : load->events) &&
	       (!load->rate || load->opening ||
		due_us(load, load->sent) <= now_us) &&
	       send_one(load) == 0)
		;
}

static void due_cb(uv_poll_t *poll, int status, int events)
{
	struct load *load = poll->data;
	uint64_t expired;

	(void)status;
	(void)events;
	if (read(load->timer_fd, &expired, sizeof(expired)) > 0)
		send_due(load);
}

static void limit_cb(uv_timer_t *timer)
{
	log_error("not done in %d s", LIMIT_MS / 1000);
	load_end(timer->data, EXIT_FAILURE);
}

static void room_cb(void *arg)
{
	send_due(arg);
}

/* Everything is due at once, or one event after the other. */
static void load_start(struct load *load)
{
	const int64_t step_ns =
		load->rate ? INT64_C(1000000000) / (int64_t)load->rate : 0;
	const struct itimerspec when = {
		.it_value = { .tv_nsec = 1 },
		.it_interval = { .tv_sec = step_ns / 1000000000,
				 .tv_nsec = step_ns % 1000000000 },
	};

	load->start_us = time_monotonic_us();
	uv_poll_start(&load->due, UV_READABLE, due_cb);
	timerfd_settime(load->timer_fd, 0, &when, NULL);
}

static void done_cb(uint64_t tag, const Sy__V1__Reject *reject, void *arg)
{
	struct load *load = arg;
	int64_t now_us = time_monotonic_us();

	if (load->opening) {
		load->opening = false;
		load_start(load);
	}
	if (load->done &&
	    now_us - load->last_done_us > load->longest_silence_us)
		load->longest_silence_us = now_us - load->last_done_us;
	load->last_done_us = now_us;
	load->latency_us[tag] = now_us - load->latency_us[tag];
	load->rejected += reject != NULL;
	if (++load->done == load->events)
		load_end(load, EXIT_SUCCESS);
}

static void fatal_cb(const Sy__V1__Error *error, void *arg)
{
	log_error("publisher: %d %s", (int)error->code, error->text);
	load_end(arg, EXIT_FAILURE);
}

static void report(struct load *load)
{
	int64_t p50_us = report_quantile(load->latency_us, load->done, 500);
	char more[192];

	snprintf(more, sizeof(more),
		 ",\"rejected\":%" PRIu64 ",\"p50_us\":%" PRId64
		 ",\"p99_us\":%" PRId64 ",\"longest_silence_us\":%" PRId64,
		 load->rejected, p50_us,
		 report_quantile(load->latency_us, load->done, 990),
		 load->longest_silence_us);
	report_and_stay(load->done, load->start_us, load->end_us, more);
}

static int load_open(struct load *load, const char *endpoint,
		     const struct bus_key *key, const char *server_key,
		     const char *name, struct error *err)
{
	const struct bus_client_options client = {
		.loop = &load->loop,
		.endpoint = endpoint,
		.server_key = server_key,
		.key = key,
	};
	struct publisher_options publisher = {
		.name = name,
		.done_cb = done_cb,
		.room_cb = room_cb,
		.fatal_cb = fatal_cb,
		.arg = load,
	};

	if (bus_client_open(&load->client, &client, err) < 0)
		return -1;
	publisher.client = load->client;
	return publisher_open(&load->publisher, &publisher, err);
}

static void load_close(struct load *load)
{
	publisher_close(&load->publisher);
	bus_client_close(&load->client);
	uv_close((uv_handle_t *)&load->limit, NULL);
	uv_close((uv_handle_t *)&load->due, NULL);
	uv_run(&load->loop, UV_RUN_DEFAULT);
	uv_loop_close(&load->loop);
	close(load->timer_fd);
	bus_context_close();
	source_close(&load->source);
	free(load->latency_us);
}

static int load_run(struct load *load, const char *endpoint,
		    const char *key_path, const char *registry_path,
		    const char *name)
{
	struct registry *registry = NULL;
	struct bus_key key;
	struct error err;

	uv_loop_init(&load->loop);
	load->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	uv_timer_init(&load->loop, &load->limit);
	uv_poll_init(&load->loop, &load->due, load->timer_fd);
	load->limit.data = load->due.data = load;
	load->status = EXIT_FAILURE;
	if (key_load(key_path, &key, &err) < 0 ||
	    registry_open(&registry, NULL, registry_path, &err) < 0 ||
	    load_open(load, endpoint, &key,
		      registry_key(registry, source_service(&load->source)),
		      name, &err) < 0) {
		log_error("%s", err.text);
	} else {
		load->opening = true;
		uv_timer_start(&load->limit, limit_cb, LIMIT_MS, 0);
		send_due(load);
		uv_run(&load->loop, UV_RUN_DEFAULT);
		report(load);
	}
	load_close(load);
	registry_close(&registry);
	return load->status;
}

int bench_load(int argc, char **argv)
{
	static const struct option options[] = {
		{ "endpoint", required_argument, NULL, 'e' },
		{ "key", required_argument, NULL, 'k' },
		{ "registry", required_argument, NULL, 'r' },
		{ "events", required_argument, NULL, 'n' },
		{ "keys", required_argument, NULL, 'K' },
		{ "from", required_argument, NULL, 'F' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "rate", required_argument, NULL, 'R' },
		{ "units", required_argument, NULL, 'u' },
		{ "publisher", required_argument, NULL, 'p' },
		{ "record", no_argument, NULL, 'o' },
		{ 0 },
	};
	const char *endpoint = "", *key_path = "", *registry_path = "";
	struct load load = { .events = 100000,
			     .source = { .keys = 10000, .bytes = 200 } };
	char name[48];
	int c;

	snprintf(name, sizeof(name), "load:%" PRId64, time_now_us());
	log_open("bench-load", LOG_WARN);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'e':
			endpoint = optarg;
			break;
		case 'k':
			key_path = optarg;
			break;
		case 'r':
			registry_path = optarg;
			break;
		case 'n':
			load.events = strtoull(optarg, NULL, 10);
			break;
		case 'K':
			load.source.keys = strtoull(optarg, NULL, 10);
			break;
		case 'F':
			load.source.from = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			load.source.bytes = strtoull(optarg, NULL, 10);
			break;
		case 'R':
			load.rate = strtoull(optarg, NULL, 10);
			break;
		case 'o':
			load.source.record = true;
			break;
		case 'u':
			if (source_read_units(&load.source, optarg) < 0)
				return 2;
			break;
		case 'p':
			snprintf(name, sizeof(name), "%s", optarg);
			break;
		default:
			return 2;
		}
	}
	load.source.prefix = name;
	load.latency_us = calloc(load.events, sizeof(*load.latency_us));
	if (!load.latency_us || load.events == 0 || load.source.keys == 0 ||
	    load.source.bytes > SOURCE_FILLER_MAX_BYTES)
		return 2;
	return load_run(&load, endpoint, key_path, registry_path, name);
}
