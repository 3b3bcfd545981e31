/* lag.c -- `suyuan lag`: each service says where its consumers stand, and the
 * owner of each stream what comes next and how long it has been there. That is
 * a FETCH behind the position, so a log that is not the one that was read
 * (DIVERGED) shows here too. Nothing is moved by looking. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "lag.h"
#include "methods.h"
#include "query.h"
#include "suyuan/v1/operations.pb-c.h"
#include "timeutil.h"

#define ANSWER_MS 3000
#define AGAIN_MS 100

struct lag {
	struct cli *cli;
	struct {
		const char *name;
		struct bus_client *client;
	} services[CLI_SERVICES_MAX];
	size_t services_nr;

	struct arena arena; /* of one look */
	struct lag_consumer *consumers;
	size_t consumers_nr;
	size_t asked; /* FETCHes that wait for their answer */
	bool json, watch;
	int64_t max_events, max_seconds, every_s;
};

/* --- what the consumers say --- */

static void add_consumer(struct lag *lag, const Sy__V1__ConsumerStatus *from)
{
	struct lag_consumer *c = &lag->consumers[lag->consumers_nr++];

	*c = (struct lag_consumer){ .name = from->consumer,
				    .stream = from->stream,
				    .n = from->n_shards,
				    .trouble = "" };
	c->shards = arena_alloc(&lag->arena, (c->n + 1) * sizeof(*c->shards));
	for (size_t i = 0; i < c->n; i++)
		c->shards[i] = (struct lag_shard){ .at = from->shards[i],
						   .trouble = "" };
}

static void add_reply(struct lag *lag, const Sy__V1__GetConsumersReply *reply)
{
	size_t n = lag->consumers_nr + reply->n_consumers;
	struct lag_consumer *list =
		arena_alloc(&lag->arena, (n + 1) * sizeof(*list));

	if (lag->consumers_nr)
		memcpy(list, lag->consumers, lag->consumers_nr * sizeof(*list));
	lag->consumers = list;
	for (size_t i = 0; i < reply->n_consumers; i++)
		add_consumer(lag, reply->consumers[i]);
}

static enum cli_exit ask_consumers(struct lag *lag, struct error *err)
{
	static const Sy__V1__GetConsumersRequest ask =
		SY__V1__GET_CONSUMERS_REQUEST__INIT;
	const ProtobufCMethodDescriptor *get_consumers =
		protobuf_c_service_descriptor_get_method_by_name(
			&sy__v1__operations__descriptor, "GetConsumers");

	lag->consumers_nr = 0;
	for (size_t i = 0; i < lag->services_nr; i++) {
		struct query_result r = {
			.method = { lag->services[i].name, get_consumers,
				    false },
			.arena = &lag->arena,
		};

		query_ask(lag->cli, lag->services[i].client, &ask.base, NULL,
			  (int)lag->cli->wait_s * 1000, &r);
		if (!r.message) {
			error_set(err, "%s: %s %s", lag->services[i].name,
				  error_code_name(r.code), r.text);
			return r.code == SY__V1__ERROR_CODE__TIMEOUT
				       ? CLI_UNREACHABLE
				       : CLI_DIFFERENCES;
		}
		add_reply(lag, (const Sy__V1__GetConsumersReply *)r.message);
	}
	return CLI_OK;
}

/* --- what the streams say --- */

struct look {
	struct lag *lag;
	struct lag_shard *shard;
};

static void take_batch(struct lag_shard *s, const struct frame *answer)
{
	Sy__V1__Batch *batch =
		sy__v1__batch__unpack(NULL, answer->body_len, answer->body);
	int64_t now_us = time_now_us();

	if (!batch)
		return;
	s->answered = true;
	s->head = batch->head_offset;
	if (s->head > s->at->position)
		s->events = s->head - s->at->position;
	if (batch->n_entries && now_us > batch->entries[0]->accepted_at_us)
		s->behind_us = now_us - batch->entries[0]->accepted_at_us;
	sy__v1__batch__free_unpacked(batch, NULL);
}

static void take_range(struct lag_shard *s, const struct frame *answer)
{
	Sy__V1__OutOfRange *range = sy__v1__out_of_range__unpack(
		NULL, answer->body_len, answer->body);

	if (!range)
		return;
	s->answered = true;
	s->trouble = "the next event was removed from the log";
	s->head = range->head_offset;
	s->events = s->head - s->at->position;
	sy__v1__out_of_range__free_unpacked(range, NULL);
}

/* BUSY is asked again; what is refused stays so. */
static void take_error(struct lag *lag, struct lag_shard *s,
		       const struct frame *answer)
{
	Sy__V1__Reply *reply =
		sy__v1__reply__unpack(NULL, answer->body_len, answer->body);

	if (reply && reply->error &&
	    reply->error->code != SY__V1__ERROR_CODE__BUSY) {
		s->answered = true;
		s->trouble = arena_printf(&lag->arena, "%s: %s",
					  error_code_name(reply->error->code),
					  reply->error->text);
	}
	if (reply)
		sy__v1__reply__free_unpacked(reply, NULL);
}

static void looked_cb(const struct frame *answer, void *arg)
{
	struct look *look = arg;
	struct lag_shard *s = look->shard;

	s->trouble = s->at->stuck;
	if (answer->op == BUS_BATCH) {
		take_batch(s, answer);
	} else if (answer->op == BUS_OUT_OF_RANGE) {
		take_range(s, answer);
	} else if (answer->op == BUS_DIVERGED) {
		s->answered = true;
		s->trouble = "the log is not the one that was read";
	} else if (answer->op == BUS_REPLY) {
		take_error(look->lag, s, answer);
	}
	if (--look->lag->asked == 0)
		uv_stop(&look->lag->cli->loop);
}

static void look_at(struct lag *lag, struct bus_client *client,
		    const char *stream, struct lag_shard *s)
{
	struct look *look = arena_alloc(&lag->arena, sizeof(*look));
	Sy__V1__Fetch fetch = SY__V1__FETCH__INIT;

	*look = (struct look){ lag, s };
	fetch.stream = (char *)stream;
	fetch.shard = s->at->shard;
	fetch.from_offset = s->at->position + 1;
	fetch.after_event_id = s->at->event_id;
	fetch.max_events = 1;
	lag->asked++;
	bus_client_send(client, -1, BUS_FETCH, &fetch.base, ANSWER_MS,
			looked_cb, look);
}

static struct bus_client *client_of(const struct lag *lag, const char *service)
{
	for (size_t i = 0; i < lag->services_nr; i++)
		if (strcmp(lag->services[i].name, service) == 0)
			return lag->services[i].client;
	return NULL;
}

static void again_cb(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

static void pause_ms(struct cli *cli, uint64_t ms)
{
	uv_timer_t timer;

	uv_timer_init(&cli->loop, &timer);
	uv_timer_start(&timer, again_cb, ms, 0);
	uv_run(&cli->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&cli->loop, UV_RUN_NOWAIT); /* it is on this stack */
}

/* All that has no answer yet, at once. How many were asked. */
static size_t ask_round(struct lag *lag)
{
	for (size_t i = 0; i < lag->consumers_nr; i++) {
		const struct lag_consumer *c = &lag->consumers[i];
		struct bus_client *client = client_of(lag, c->stream);

		for (size_t k = 0; k < c->n; k++) {
			struct lag_shard *s = &c->shards[k];

			if (!client) {
				s->answered = true;
				s->trouble = "no endpoint of the stream";
			} else if (!s->answered) {
				look_at(lag, client, c->stream, s);
			}
		}
	}
	return lag->asked;
}

static enum cli_exit ask_streams(struct lag *lag, struct error *err)
{
	int64_t until_us = time_monotonic_us() + lag->cli->wait_s * US_PER_S;

	while (ask_round(lag) > 0) {
		while (lag->asked > 0)
			uv_run(&lag->cli->loop, UV_RUN_DEFAULT);
		if (time_monotonic_us() > until_us) {
			error_set(err, "the streams do not answer for %lld s",
				  (long long)lag->cli->wait_s);
			return CLI_UNREACHABLE;
		}
		pause_ms(lag->cli, AGAIN_MS);
	}
	return CLI_OK;
}

/* --- one look --- */

static void sum_up(struct lag *lag)
{
	for (size_t i = 0; i < lag->consumers_nr; i++) {
		struct lag_consumer *c = &lag->consumers[i];

		for (size_t k = 0; k < c->n; k++) {
			const struct lag_shard *s = &c->shards[k];

			c->events += s->events;
			if (s->behind_us > c->behind_us)
				c->behind_us = s->behind_us;
			if (s->trouble[0])
				c->trouble = s->trouble;
		}
	}
}

static bool within_limits(const struct lag *lag)
{
	for (size_t i = 0; i < lag->consumers_nr; i++) {
		const struct lag_consumer *c = &lag->consumers[i];

		if (c->trouble[0] ||
		    (lag->max_events >= 0 &&
		     c->events > (uint64_t)lag->max_events) ||
		    (lag->max_seconds >= 0 &&
		     c->behind_us > lag->max_seconds * US_PER_S))
			return false;
	}
	return true;
}

static enum cli_exit look(struct lag *lag, struct error *err)
{
	enum cli_exit status = ask_consumers(lag, err);

	if (status == CLI_OK)
		status = ask_streams(lag, err);
	if (status != CLI_OK)
		return status;
	sum_up(lag);
	if (lag->watch && !lag->json && isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	(lag->json ? lag_print_json : lag_print_text)(stdout, lag->consumers,
						      lag->consumers_nr);
	fflush(stdout);
	return within_limits(lag) ? CLI_OK : CLI_DIFFERENCES;
}

static enum cli_exit open_services(struct lag *lag, struct error *err)
{
	const char *name;

	if (cli_open(lag->cli, err) < 0)
		return CLI_USAGE;
	for (unsigned i = 0; (name = service_at(i)); i++) {
		if (!cli_endpoint(lag->cli, name))
			continue;
		lag->services[lag->services_nr].name = name;
		if (cli_connect(lag->cli, name,
				&lag->services[lag->services_nr].client,
				err) < 0)
			return CLI_USAGE;
		lag->services_nr++;
	}
	if (lag->services_nr > 0)
		return CLI_OK;
	error_set(err, "no endpoint of any service");
	return CLI_USAGE;
}

enum cli_exit command_lag(struct cli *cli, int argc, char **argv)
{
	struct lag lag = {
		.cli = cli, .max_events = -1, .max_seconds = -1, .every_s = 2
	};
	const struct cli_option options[] = {
		{ "json", OPTION_FLAG, &lag.json, 0, 0 },
		{ "watch", OPTION_FLAG, &lag.watch, 0, 0 },
		{ "every", OPTION_NUMBER, &lag.every_s, 1, 3600 },
		{ "max-events", OPTION_NUMBER, &lag.max_events, 0, INT64_MAX },
		{ "max-seconds", OPTION_NUMBER, &lag.max_seconds, 0,
		  INT64_MAX / US_PER_S },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	struct error err = { "" };
	enum cli_exit status;

	if (at < 0)
		return CLI_USAGE;
	if (argc != at)
		return cli_usage("lag [options]; see suyuan help lag");
	arena_init(&lag.arena);
	status = open_services(&lag, &err);
	if (status == CLI_OK)
		status = look(&lag, &err);
	while (lag.watch && status < CLI_USAGE) {
		arena_reset(&lag.arena);
		pause_ms(cli, (uint64_t)lag.every_s * 1000);
		status = look(&lag, &err);
	}
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	for (size_t i = 0; i < lag.services_nr; i++)
		bus_client_close(&lag.services[i].client);
	arena_reset(&lag.arena);
	return status;
}
