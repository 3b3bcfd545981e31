/* tail.c -- `suyuan tail`: reads a stream's shards without a cursor, so that
 * nothing is moved by looking. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "event_print.h"
#include "methods.h"
#include "stream_read.h"
#include "timeutil.h"

#define SHARDS_MAX 64
#define POLL_MS 1000
#define ANSWER_MS 5000
#define RETRY_MS 500

struct tail {
	struct cli *cli;
	struct bus_client *client;
	const char *stream;
	int64_t shard, from, count; /* -1: all, not given, without end */
	bool from_start, no_follow, json;
	struct shard {
		struct tail *tail;
		uint32_t number;
		uint64_t next;  /* 0: asks for the head first */
		uint64_t until; /* --no-follow: its head at the beginning */
		bool done, began;
		uv_timer_t retry;
	} shards[SHARDS_MAX];
	int shards_nr, open;
	int64_t answered_us; /* monotonic */
	enum cli_exit status;
	struct error *err;
	uv_signal_t sigint;
};

static void finish(struct tail *t, enum cli_exit status)
{
	t->status = status;
	t->open = 0;
	uv_stop(&t->cli->loop);
}

static void fetch(struct shard *s);

static void retry_cb(uv_timer_t *timer)
{
	fetch(timer->data);
}

/* A stream may be silent, a service may not. */
static void silence(struct shard *s)
{
	struct tail *t = s->tail;

	if (time_monotonic_us() - t->answered_us > t->cli->wait_s * US_PER_S) {
		finish(t, cli_unreached(t->cli, t->stream, t->client, t->err));
		return;
	}
	uv_timer_start(&s->retry, retry_cb, RETRY_MS, 0);
}

static void shard_done(struct shard *s)
{
	s->done = true;
	if (--s->tail->open == 0)
		finish(s->tail, CLI_OK);
}

static void take_entries(struct shard *s, const Sy__V1__Batch *batch)
{
	struct tail *t = s->tail;

	for (size_t i = 0; i < batch->n_entries && t->open > 0; i++) {
		if (t->no_follow && batch->entries[i]->offset > s->until)
			return;
		s->next = batch->entries[i]->offset + 1;
		event_print(batch->entries[i], t->stream, s->number, t->json);
		if (t->count > 0 && --t->count == 0)
			finish(t, CLI_OK);
	}
}

/* The first answer tells the head; where to begin follows from it. */
static void begin(struct shard *s, uint64_t low, uint64_t head)
{
	const struct tail *t = s->tail;

	s->began = true;
	s->until = head;
	if (t->from_start)
		s->next = low;
	else if (t->from >= 0)
		s->next = (uint64_t)t->from;
	else
		s->next = head + 1;
	if (t->from >= 0 && s->next > head + 1)
		fprintf(stderr,
			"suyuan: shard %" PRIu32 " ends at %" PRIu64 "%s\n",
			s->number, head,
			t->no_follow ? "" : " so far; waiting");
}

static void take_batch(struct shard *s, const struct frame *answer)
{
	Sy__V1__Batch *batch =
		sy__v1__batch__unpack(NULL, answer->body_len, answer->body);

	if (!batch)
		return;
	if (!s->began)
		begin(s, 1, batch->head_offset);
	else
		take_entries(s, batch);
	sy__v1__batch__free_unpacked(batch, NULL);
	if (!cli_written())
		finish(s->tail, CLI_OK); /* cli_output_end says more */
}

static void take_range(struct shard *s, const struct frame *answer)
{
	Sy__V1__OutOfRange *range = sy__v1__out_of_range__unpack(
		NULL, answer->body_len, answer->body);

	if (!range)
		return;
	if (!s->began) {
		begin(s, range->low_offset, range->head_offset);
	} else {
		fprintf(stderr,
			"suyuan: shard %" PRIu32 " holds %" PRIu64 "-%" PRIu64
			"\n",
			s->number, range->low_offset, range->head_offset);
		finish(s->tail, CLI_USAGE);
	}
	sy__v1__out_of_range__free_unpacked(range, NULL);
}

static void take_error(struct shard *s, const struct frame *answer)
{
	struct error err;

	if (stream_refused_for_now(answer, &err)) {
		silence(s);
		return;
	}
	*s->tail->err = err;
	finish(s->tail, CLI_DIFFERENCES);
}

static void answer_cb(const struct frame *answer, void *arg)
{
	struct shard *s = arg;
	struct tail *t = s->tail;

	if (t->open == 0)
		return;
	if (answer->op == 0 || answer->op == BUS_GOAWAY) {
		silence(s);
		return;
	}
	t->answered_us = time_monotonic_us();
	if (answer->op == BUS_BATCH) {
		take_batch(s, answer);
	} else if (answer->op == BUS_OUT_OF_RANGE) {
		take_range(s, answer);
	} else {
		take_error(s, answer);
		return;
	}
	if (t->open == 0)
		return;
	if (t->no_follow && s->next > s->until)
		shard_done(s);
	else
		fetch(s);
}

static void fetch(struct shard *s)
{
	Sy__V1__Fetch body = SY__V1__FETCH__INIT;

	body.stream = (char *)s->tail->stream;
	body.shard = s->number;
	body.from_offset = s->began ? s->next : 1;
	body.max_events = s->began ? 1000 : 1;
	body.max_bytes = 1024 * 1024;
	body.wait_ms = s->began && !s->tail->no_follow ? POLL_MS : 0;
	bus_client_send(s->tail->client, -1, BUS_FETCH, &body.base, ANSWER_MS,
			answer_cb, s);
}

static void signal_cb(uv_signal_t *handle, int number)
{
	(void)number;
	finish(handle->data, CLI_OK);
}

static void open_shards(struct tail *t)
{
	int first = t->shard >= 0 ? (int)t->shard : 0;
	int end = t->shard >= 0 ? first + 1 : stream_shards(t->stream);

	for (int i = first; i < end; i++) {
		struct shard *s = &t->shards[t->shards_nr++];

		*s = (struct shard){ .tail = t, .number = (uint32_t)i };
		uv_timer_init(&t->cli->loop, &s->retry);
		s->retry.data = s;
		t->open++;
		fetch(s);
	}
}

static enum cli_exit run(struct cli *cli, struct tail *t, struct error *err)
{
	t->cli = cli;
	t->err = err;
	if (cli_open(cli, err) < 0 ||
	    cli_connect(cli, t->stream, &t->client, err) < 0)
		return CLI_USAGE;
	t->answered_us = time_monotonic_us();
	t->json |= !isatty(STDOUT_FILENO);
	uv_signal_init(&cli->loop, &t->sigint);
	t->sigint.data = t;
	uv_signal_start(&t->sigint, signal_cb, SIGINT);
	open_shards(t);
	while (t->open > 0)
		uv_run(&cli->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&t->sigint, NULL);
	for (int i = 0; i < t->shards_nr; i++)
		uv_close((uv_handle_t *)&t->shards[i].retry, NULL);
	bus_client_close(&t->client);
	uv_run(&cli->loop, UV_RUN_DEFAULT); /* t is on our caller's stack */
	return t->status;
}

enum cli_exit command_tail(struct cli *cli, int argc, char **argv)
{
	struct tail t = { .shard = -1, .from = -1 };
	const struct cli_option options[] = {
		{ "shard", OPTION_NUMBER, &t.shard, 0, SHARDS_MAX - 1 },
		{ "from", OPTION_NUMBER, &t.from, 1, INT64_MAX },
		{ "from-start", OPTION_FLAG, &t.from_start, 0, 0 },
		{ "count", OPTION_NUMBER, &t.count, 1, INT64_MAX },
		{ "no-follow", OPTION_FLAG, &t.no_follow, 0, 0 },
		{ "json", OPTION_FLAG, &t.json, 0, 0 },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	struct error err = { "" };
	enum cli_exit status;

	if (at < 0)
		return CLI_USAGE;
	if (argc - at != 1 || stream_shards(argv[at]) == 0)
		return cli_usage("tail %s [options]", STREAMS);
	t.stream = argv[at];
	if (t.shard >= stream_shards(t.stream))
		return cli_usage("--shard: %s has %d", t.stream,
				 stream_shards(t.stream));
	status = run(cli, &t, &err);
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	return status;
}
