/* load.c -- publishes Put (or Record) events of a given size, as fast as they
 *are acknowledged or at a rate, and says how long acknowledgements took.
 *
 *	load --endpoint E --key FILE --registry FILE [--service bench]
 *	     --events N [--keys K] [--from F] [--bytes B] [--rate R]
 *[--publisher NAME]
 *	     [--record]
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench.pb-c.h"
#include "bus/context.h"
#include "bus/publisher.h"
#include "log.h"
#include "timeutil.h"
#include "uuid.h"

#define TICK_MS 1
#define LIMIT_S 600

struct load {
	uv_loop_t loop;
	uv_timer_t timer;
	struct bus_client *client;
	struct publisher *publisher;
	uint64_t events, keys, from, rate, sent, done, rejected;
	size_t bytes;
	bool record;
	uint8_t *filler;
	int64_t start_us, end_us;
	int64_t *sent_us; /* per event; then its latency */
	int status;
};

static void load_end(struct load *load, int status)
{
	load->status = status;
	load->end_us = time_monotonic_us();
	uv_timer_stop(&load->timer);
	uv_stop(&load->loop);
}

/* 0, or 1 when the window is full. */
static int send_one(struct load *load)
{
	Sy__Bench__PutRequest put = SY__BENCH__PUT_REQUEST__INIT;
	Sy__Bench__RecordRequest record = SY__BENCH__RECORD_REQUEST__INIT;
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	uint8_t id[UUID_BYTES], payload[4096];
	char key[32];
	int full;

	snprintf(key, sizeof(key), "k%" PRIu64,
		 load->from + load->sent % load->keys);
	put.key = record.key = key;
	put.value = 1;
	put.filler.data = record.filler.data = load->filler;
	put.filler.len = record.filler.len = load->bytes;
	uuid_make(id);
	event.event_id.data = id;
	event.event_id.len = sizeof(id);
	event.type = (char *)(load->record ? "Record" : "Put");
	event.occurred_at_us = time_now_us();
	event.payload.data = payload;
	event.payload.len =
		load->record ? sy__bench__record_request__pack(&record, payload)
			     : sy__bench__put_request__pack(&put, payload);
	load->sent_us[load->sent] = time_monotonic_us();
	full = publisher_submit(load->publisher, key, &event, load->sent);
	if (full == 0)
		load->sent++;
	return full;
}

static void send_due(struct load *load)
{
	uint64_t due = load->events;

	if (load->rate) {
		int64_t elapsed_us = time_monotonic_us() - load->start_us;

		due = (uint64_t)elapsed_us * load->rate / US_PER_S;
		if (due > load->events)
			due = load->events;
	}
	while (load->sent < due && send_one(load) == 0)
		;
}

static void tick_cb(uv_timer_t *timer)
{
	struct load *load = timer->data;

	if (time_monotonic_us() - load->start_us > LIMIT_S * US_PER_S)
		load_end(load, EXIT_FAILURE);
	else
		send_due(load);
}

static void room_cb(void *arg)
{
	send_due(arg);
}

static void done_cb(uint64_t tag, const Sy__V1__Reject *reject, void *arg)
{
	struct load *load = arg;

	load->sent_us[tag] = time_monotonic_us() - load->sent_us[tag];
	load->rejected += reject != NULL;
	if (++load->done == load->events)
		load_end(load, EXIT_SUCCESS);
}

static void fatal_cb(const Sy__V1__Error *error, void *arg)
{
	log_error("publisher: %d %s", (int)error->code, error->text);
	load_end(arg, EXIT_FAILURE);
}

static int by_value(const void *a, const void *b)
{
	const int64_t *va = a, *vb = b;

	return (*va > *vb) - (*va < *vb);
}

static void report(struct load *load)
{
	double seconds = (double)(load->end_us - load->start_us) / 1e6;
	uint64_t n = load->done;

	qsort(load->sent_us, n, sizeof(*load->sent_us), by_value);
	printf("{\"events\":%" PRIu64 ",\"rejected\":%" PRIu64
	       ",\"seconds\":%.3f,\"events_per_s\":%.0f,"
	       "\"ack_p50_us\":%" PRId64 ",\"ack_p99_us\":%" PRId64 "}\n",
	       n, load->rejected, seconds, (double)n / seconds,
	       n ? load->sent_us[n / 2] : 0,
	       n ? load->sent_us[n * 99 / 100] : 0);
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
		{ "publisher", required_argument, NULL, 'p' },
		{ "record", no_argument, NULL, 'o' },
		{ 0 },
	};
	const char *endpoint = "", *key_path = "", *registry_path = "";
	char name[48];
	struct load load = { .events = 100000, .keys = 10000, .bytes = 200 };
	struct registry *registry = NULL;
	struct bus_key key;
	struct error err;
	int c;

	snprintf(name, sizeof(name), "load:%" PRId64, time_now_us());
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
			load.keys = strtoull(optarg, NULL, 10);
			break;
		case 'F':
			load.from = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			load.bytes = strtoull(optarg, NULL, 10);
			break;
		case 'R':
			load.rate = strtoull(optarg, NULL, 10);
			break;
		case 'o':
			load.record = true;
			break;
		case 'p':
			snprintf(name, sizeof(name), "%s", optarg);
			break;
		default:
			return 2;
		}
	}
	log_open("bench-load", LOG_INFO);
	load.bytes = load.bytes > 4000 ? 4000 : load.bytes;
	load.filler = calloc(1, load.bytes + 1);
	load.sent_us = calloc(load.events, sizeof(*load.sent_us));
	if (!load.filler || !load.sent_us || load.events == 0 || load.keys == 0)
		return 2;
	uv_loop_init(&load.loop);
	if (key_load(key_path, &key, &err) < 0 ||
	    registry_open(&registry, NULL, registry_path, &err) < 0 ||
	    load_open(&load, endpoint, &key, registry_key(registry, "bench"),
		      name, &err) < 0) {
		log_error("%s", err.text);
		return 2;
	}
	uv_timer_init(&load.loop, &load.timer);
	load.timer.data = &load;
	load.start_us = time_monotonic_us();
	uv_timer_start(&load.timer, tick_cb, 0, TICK_MS);
	uv_run(&load.loop, UV_RUN_DEFAULT);
	report(&load);
	publisher_close(&load.publisher);
	bus_client_close(&load.client);
	registry_close(&registry);
	uv_close((uv_handle_t *)&load.timer, NULL);
	uv_run(&load.loop, UV_RUN_DEFAULT);
	uv_loop_close(&load.loop);
	bus_context_close();
	free(load.filler);
	free(load.sent_us);
	return load.status;
}
