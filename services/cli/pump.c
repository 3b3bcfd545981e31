/* pump.c -- one loop around a publisher. The source is asked for events as long
 * as the window and the rate allow; the tick looks after all that has to do
 * with time. How it looks on the terminal: progress.c. */
#include "pump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "timeutil.h"
#include "uuid.h"

#define TICK_MS 20
#define EVENTS_PER_TURN 256
/* After Ctrl-C, for what is in flight. */
#define LINGER_US (5 * US_PER_S)

struct pump {
	struct cli *cli;
	const struct pump_options *options;
	const struct pump_source *source;
	struct bus_client *client;
	struct publisher *publisher;
	struct progress *progress;
	uv_idle_t idle;
	uv_timer_t tick;
	uv_signal_t sigint, sigterm;
	uv_poll_t poll;
	bool has_poll;

	struct pump_event pending;
	bool has_pending, ended;
	int64_t began_us;        /* monotonic */
	int64_t silent_since_us; /* 0: a replica answers */
	int64_t interrupted_us;  /* 0: not */
	bool stopped;
	enum cli_exit status;
	struct error *err;
	uint8_t *packed;
	size_t packed_size;
};

static void stop(struct pump *pump, enum cli_exit status)
{
	if (pump->stopped)
		return;
	pump->stopped = true;
	pump->status = status;
	uv_stop(&pump->cli->loop);
}

static void read_on(struct pump *pump);

static void room_cb(void *arg)
{
	read_on(arg);
}

static void done_cb(uint64_t tag, const Sy__V1__Reject *reject, void *arg)
{
	struct pump *pump = arg;

	if (reject)
		pump->source->rejected(pump->source->arg, tag, reject);
}

static void fatal_cb(const Sy__V1__Error *error, void *arg)
{
	struct pump *pump = arg;

	if (error->code == SY__V1__ERROR_CODE__FENCED)
		error_set(pump->err,
			  "another program publishes as %s now; this one stops",
			  pump->options->publisher);
	else
		error_set(pump->err, "%s refuses: %s", pump->options->service,
			  error->text);
	stop(pump, CLI_DIFFERENCES);
}

/* What an earlier run has sent costs no time at the service, so it does not
 * count against the rate. */
static bool rate_allows(const struct pump *pump)
{
	struct publisher_stats s = publisher_stats(pump->publisher);
	uint64_t elapsed_us = (uint64_t)(time_monotonic_us() - pump->began_us);
	uint64_t rate = (uint64_t)pump->options->rate_per_s;

	return rate == 0 ||
	       s.submitted < s.resumed + 1 + elapsed_us * rate / US_PER_S;
}

static int submit(struct pump *pump)
{
	const struct pump_event *from = &pump->pending;
	size_t size = protobuf_c_message_get_packed_size(from->payload);
	uint8_t id[UUID_BYTES];
	Sy__V1__Event event = SY__V1__EVENT__INIT;

	if (size > pump->packed_size) {
		free(pump->packed);
		pump->packed = malloc(2 * size);
		pump->packed_size = 2 * size;
		if (!pump->packed)
			abort();
	}
	uuid_make(id);
	event.event_id.data = id;
	event.event_id.len = sizeof(id);
	event.type = (char *)from->type;
	event.schema_version = 1;
	event.key = (char *)from->key;
	event.occurred_at_us = from->occurred_at_us;
	event.recorded_at_us = time_now_us();
	event.payload.data = pump->packed;
	event.payload.len =
		protobuf_c_message_pack(from->payload, pump->packed);
	return publisher_submit(pump->publisher,
				from->lane_key ? from->lane_key : from->key,
				&event, from->tag);
}

static void readable_cb(uv_poll_t *poll, int status, int events)
{
	struct pump *pump = poll->data;

	(void)status; /* reading will say it */
	(void)events;
	uv_poll_stop(poll);
	read_on(pump);
}

/* True: go on. */
static bool next_event(struct pump *pump)
{
	const struct pump_source *s = pump->source;

	switch (s->next(s->arg, &pump->pending, pump->err)) {
	case PUMP_EVENT:
		pump->has_pending = true;
		return true;
	case PUMP_WAIT:
		uv_poll_start(&pump->poll, UV_READABLE, readable_cb);
		return false;
	case PUMP_END:
		pump->ended = true;
		return false;
	case PUMP_FAILED:
		stop(pump, CLI_USAGE);
		return false;
	}
	return false;
}

static void turn_cb(uv_idle_t *idle)
{
	struct pump *pump = idle->data;

	for (int i = 0; i < EVENTS_PER_TURN; i++) {
		if (pump->ended || pump->stopped || !rate_allows(pump) ||
		    (!pump->has_pending && !next_event(pump))) {
			uv_idle_stop(idle); /* the tick starts it again */
			return;
		}
		switch (submit(pump)) {
		case 0:
			pump->has_pending = false;
			break;
		case 1: /* the window is full: room_cb */
			uv_idle_stop(idle);
			return;
		default: /* the source checks sizes */
			error_set(pump->err, "an event is too large");
			stop(pump, CLI_USAGE);
			return;
		}
	}
}

static void read_on(struct pump *pump)
{
	bool waiting =
		pump->has_poll && uv_is_active((uv_handle_t *)&pump->poll);

	if (!pump->ended && !pump->stopped && !waiting)
		uv_idle_start(&pump->idle, turn_cb);
}

/* Nobody answers for too long. */
static void watch_service(struct pump *pump, int64_t now_us)
{
	int64_t limit_us = pump->cli->wait_s * US_PER_S;

	if (bus_client_alive(pump->client) > 0) {
		pump->silent_since_us = 0;
		return;
	}
	if (pump->silent_since_us == 0)
		pump->silent_since_us = now_us;
	if (now_us - pump->silent_since_us < limit_us)
		return;
	stop(pump, cli_unreached(pump->cli, pump->options->service,
				 pump->client, pump->err));
}

static void tick_cb(uv_timer_t *timer)
{
	struct pump *pump = timer->data;
	int64_t now_us = time_monotonic_us();
	struct publisher_stats stats = publisher_stats(pump->publisher);
	struct pump_progress p = { 0 };

	if (pump->source->progress)
		pump->source->progress(pump->source->arg, &p);
	progress_show(pump->progress, &p, &stats, pump->silent_since_us != 0);
	if (pump->options->limit_s > 0 &&
	    now_us - pump->began_us > pump->options->limit_s * US_PER_S) {
		pump->ended = true;
		pump->has_pending = false;
	}
	if (pump->ended && stats.in_flight == 0 && !pump->has_pending)
		stop(pump, CLI_OK);
	else if (pump->interrupted_us &&
		 now_us - pump->interrupted_us > LINGER_US)
		stop(pump, CLI_OK);
	watch_service(pump, now_us);
	if (pump->options->rate_per_s > 0)
		read_on(pump);
}

static void signal_cb(uv_signal_t *handle, int number)
{
	struct pump *pump = handle->data;

	(void)number;
	if (pump->interrupted_us) { /* the second one means it */
		stop(pump, CLI_OK);
		return;
	}
	pump->interrupted_us = time_monotonic_us();
	pump->ended = true;
	pump->has_pending = false;
	if (pump->has_poll)
		uv_poll_stop(&pump->poll);
}

static void open_handles(struct pump *pump)
{
	uv_loop_t *loop = &pump->cli->loop;

	uv_idle_init(loop, &pump->idle);
	uv_timer_init(loop, &pump->tick);
	uv_signal_init(loop, &pump->sigint);
	uv_signal_init(loop, &pump->sigterm);
	pump->idle.data = pump->tick.data = pump;
	pump->sigint.data = pump->sigterm.data = pump;
	uv_timer_start(&pump->tick, tick_cb, TICK_MS, TICK_MS);
	uv_signal_start(&pump->sigint, signal_cb, SIGINT);
	uv_signal_start(&pump->sigterm, signal_cb, SIGTERM);
	if (pump->source->wait_fd >= 0) {
		uv_poll_init(loop, &pump->poll, pump->source->wait_fd);
		pump->poll.data = pump;
		pump->has_poll = true;
	}
}

static void close_handles(struct pump *pump)
{
	uv_close((uv_handle_t *)&pump->idle, NULL);
	uv_close((uv_handle_t *)&pump->tick, NULL);
	uv_close((uv_handle_t *)&pump->sigint, NULL);
	uv_close((uv_handle_t *)&pump->sigterm, NULL);
	if (pump->has_poll)
		uv_close((uv_handle_t *)&pump->poll, NULL);
}

enum cli_exit pump_run(struct cli *cli, const struct pump_options *options,
		       const struct pump_source *source,
		       struct pump_result *result_r, struct error *err)
{
	struct pump pump = { .cli = cli,
			     .options = options,
			     .source = source,
			     .err = err,
			     .began_us = time_monotonic_us() };
	struct publisher_options publisher = { .name = options->publisher,
					       .done_cb = done_cb,
					       .room_cb = room_cb,
					       .fatal_cb = fatal_cb,
					       .arg = &pump };

	*result_r = (struct pump_result){ 0 };
	if (cli_connect(cli, options->service, &pump.client, err) < 0)
		return CLI_USAGE;
	publisher.client = pump.client;
	if (publisher_open(&pump.publisher, &publisher, err) < 0) {
		bus_client_close(&pump.client);
		return CLI_USAGE;
	}
	pump.progress = progress_open();
	open_handles(&pump);
	read_on(&pump);
	uv_run(&cli->loop, UV_RUN_DEFAULT);
	progress_close(&pump.progress);
	result_r->stats = publisher_stats(pump.publisher);
	result_r->interrupted = pump.interrupted_us != 0;
	result_r->elapsed_us = (uint64_t)(time_monotonic_us() - pump.began_us);
	publisher_close(&pump.publisher);
	bus_client_close(&pump.client);
	close_handles(&pump);
	uv_run(&cli->loop, UV_RUN_DEFAULT); /* their ends, on this stack */
	free(pump.packed);
	return pump.status;
}
