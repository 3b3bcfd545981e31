/* load.c -- Put, Record or RegisterAppeal offered by
 *services/common/bus/load.c, in the form of the peers' programs.
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

#include "bench.h"
#include "bus/context.h"
#include "bus/load.h"
#include "log.h"
#include "report.h"
#include "source.h"
#include "timeutil.h"

#define LIMIT_MS (600 * 1000)

struct bench {
	uv_loop_t loop;
	uv_timer_t limit;
	struct load *load;
	struct source source;
	char key[SOURCE_KEY_SIZE];
	uint8_t payload[SOURCE_PAYLOAD_MAX_BYTES];
	uint64_t events, rate, done;
	int64_t end_us, last_done_us, longest_silence_us;
	int64_t *latency_us;
	int status;
};

static void bench_end(struct bench *bench, int status)
{
	bench->status = status;
	bench->end_us = time_monotonic_us();
	uv_stop(&bench->loop);
}

static void make(void *arg, int publisher, uint64_t n,
		 struct load_event *event_r)
{
	struct bench *bench = arg;

	(void)publisher; /* the only one */
	event_r->type = source_type(&bench->source);
	event_r->key = bench->key;
	event_r->payload = bench->payload;
	event_r->len = source_make(&bench->source, n, event_r->occurred_at_us,
				   bench->key, bench->payload);
}

static void done(void *arg, int64_t latency_us, const Sy__V1__Reject *reject)
{
	struct bench *bench = arg;
	int64_t now_us = time_monotonic_us();

	(void)reject; /* are counted */
	if (bench->last_done_us &&
	    now_us - bench->last_done_us > bench->longest_silence_us)
		bench->longest_silence_us = now_us - bench->last_done_us;
	bench->last_done_us = now_us;
	if (latency_us >= 0)
		bench->latency_us[bench->done++] = latency_us;
}

static void ended(void *arg, const Sy__V1__Error *error)
{
	if (error)
		log_error("publisher: %d %s", (int)error->code, error->text);
	bench_end(arg, error ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void limit_cb(uv_timer_t *timer)
{
	log_error("not done in %d s", LIMIT_MS / 1000);
	bench_end(timer->data, EXIT_FAILURE);
}

static void report(struct bench *bench)
{
	const struct load_stats stats = load_stats(bench->load);
	int64_t p50_us = report_quantile(bench->latency_us, bench->done, 500);
	char more[192];

	snprintf(more, sizeof(more),
		 ",\"rejected\":%" PRIu64 ",\"p50_us\":%" PRId64
		 ",\"p99_us\":%" PRId64 ",\"longest_silence_us\":%" PRId64,
		 stats.rejected, p50_us,
		 report_quantile(bench->latency_us, bench->done, 990),
		 bench->longest_silence_us);
	report_and_stay(stats.done, stats.start_us, bench->end_us, more);
}

static int bench_run(struct bench *bench, const char *endpoint,
		     const char *key_path, const char *registry_path,
		     const char *name)
{
	struct registry *registry = NULL;
	struct bus_key key;
	struct load_options load = {
		.client = { .loop = &bench->loop,
			    .endpoint = endpoint,
			    .key = &key },
		.name = name,
		.publishers_nr = 1,
		.rate_per_s = bench->rate,
		.events = bench->events,
		.make = make,
		.done = done,
		.ended = ended,
		.arg = bench,
	};
	struct error err = { "the registry has no key of the service" };

	uv_loop_init(&bench->loop);
	uv_timer_init(&bench->loop, &bench->limit);
	bench->limit.data = bench;
	bench->status = EXIT_FAILURE;
	if (key_load(key_path, &key, &err) == 0 &&
	    registry_open(&registry, NULL, registry_path, &err) == 0)
		load.client.server_key =
			registry_key(registry, source_service(&bench->source));
	if (!load.client.server_key ||
	    load_open(&bench->load, &load, &err) < 0) {
		log_error("%s", err.text);
	} else {
		uv_timer_start(&bench->limit, limit_cb, LIMIT_MS, 0);
		uv_run(&bench->loop, UV_RUN_DEFAULT);
		report(bench);
	}
	load_close(&bench->load);
	uv_close((uv_handle_t *)&bench->limit, NULL);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	uv_loop_close(&bench->loop);
	bus_context_close();
	registry_close(&registry);
	source_close(&bench->source);
	free(bench->latency_us);
	return bench->status;
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
	struct bench bench = { .events = 100000,
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
			bench.events = strtoull(optarg, NULL, 10);
			break;
		case 'K':
			bench.source.keys = strtoull(optarg, NULL, 10);
			break;
		case 'F':
			bench.source.from = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			bench.source.bytes = strtoull(optarg, NULL, 10);
			break;
		case 'R':
			bench.rate = strtoull(optarg, NULL, 10);
			break;
		case 'o':
			bench.source.record = true;
			break;
		case 'u':
			if (source_read_units(&bench.source, optarg) < 0)
				return 2;
			break;
		case 'p':
			snprintf(name, sizeof(name), "%s", optarg);
			break;
		default:
			return 2;
		}
	}
	bench.source.prefix = name;
	bench.latency_us = calloc(bench.events, sizeof(*bench.latency_us));
	if (!bench.latency_us || bench.events == 0 || bench.source.keys == 0 ||
	    bench.source.bytes > SOURCE_FILLER_MAX_BYTES)
		return 2;
	return bench_run(&bench, endpoint, key_path, registry_path, name);
}
