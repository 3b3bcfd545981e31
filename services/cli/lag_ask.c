/* lag_ask.c -- each service says where its consumers stand, and the owner of
 * each stream who reads it, what comes next and how long it has been there.
 * That is a FETCH behind the position, so a log that is not the one that was
 * read (DIVERGED) shows here too. Nothing is moved by looking. Who does not
 * answer is left out and told: this is looked at when something is broken. */
#include <string.h>

#include "lag.h"
#include "methods.h"
#include "query.h"
#include "timeutil.h"

#define ANSWER_MS 3000
#define AGAIN_MS 100

static struct lag_service *service_of(struct lag *lag, const char *name)
{
	for (size_t i = 0; i < lag->services_nr; i++)
		if (strcmp(lag->services[i].name, name) == 0)
			return &lag->services[i];
	return NULL;
}

static void one_less(struct lag *lag)
{
	if (--lag->asked == 0)
		uv_stop(&lag->cli->loop);
}

static void wait_for_answers(struct lag *lag)
{
	while (lag->asked > 0)
		uv_run(&lag->cli->loop, UV_RUN_DEFAULT);
}

/* --- what the services say --- */

struct asked {
	struct lag *lag;
	struct lag_service *service;
	const ProtobufCMethodDescriptor *method;
	bool readers; /* ListReaders; else GetConsumers */
};

static void take_reply(const struct asked *a, const void *reply)
{
	if (a->readers)
		a->service->readers = reply;
	else
		a->service->consumers = reply;
}

static void replied_cb(const Sy__V1__Error *error, const uint8_t *response,
		       size_t len, void *arg)
{
	const struct asked *a = arg;
	struct lag *lag = a->lag;
	char trouble[BUS_TROUBLE_SIZE];

	if (!error) {
		take_reply(a, protobuf_c_message_unpack(a->method->output,
							&lag->arena.allocator,
							len, response));
	} else if (error->code == SY__V1__ERROR_CODE__TIMEOUT) {
		bus_client_trouble(a->service->client, trouble);
		a->service->missing = arena_strdup(
			&lag->arena, trouble[0] ? trouble : error->text);
	} else if (!a->readers) {
		/* without its readers a service tells the most of it still */
		lag->refused =
			arena_printf(&lag->arena, "%s: %s %s", a->service->name,
				     error_code_name(error->code), error->text);
	}
	one_less(lag);
}

static void ask(struct lag *lag, struct lag_service *service, bool readers)
{
	/* Both requests are empty. */
	static const Sy__V1__GetConsumersRequest request =
		SY__V1__GET_CONSUMERS_REQUEST__INIT;
	const char *method = readers ? "ListReaders" : "GetConsumers";
	struct asked *a = arena_alloc(&lag->arena, sizeof(*a));

	*a = (struct asked){ lag, service,
			     protobuf_c_service_descriptor_get_method_by_name(
				     &sy__v1__operations__descriptor, method),
			     readers };
	lag->asked++;
	bus_client_query(service->client, method, &request.base, NULL,
			 (int)lag->cli->wait_s * 1000, replied_cb, a);
}

static void ask_services(struct lag *lag)
{
	for (size_t i = 0; i < lag->services_nr; i++) {
		struct lag_service *s = &lag->services[i];

		s->missing = "";
		s->consumers = NULL;
		s->readers = NULL;
		ask(lag, s, false);
		ask(lag, s, true);
	}
	wait_for_answers(lag);
}

/* --- the consumers --- */

static struct lag_consumer *add(struct lag *lag, const char *name,
				const char *stream, size_t shards)
{
	struct lag_consumer *c;

	if (lag->consumers_nr == lag->consumers_max) {
		size_t max = 2 * lag->consumers_max + 8;
		struct lag_consumer *list =
			arena_alloc(&lag->arena, max * sizeof(*list));

		if (lag->consumers_nr)
			memcpy(list, lag->consumers,
			       lag->consumers_nr * sizeof(*list));
		lag->consumers = list;
		lag->consumers_max = max;
	}
	c = &lag->consumers[lag->consumers_nr++];
	*c = (struct lag_consumer){ .name = name,
				    .stream = stream,
				    .trouble = "" };
	c->shards = arena_alloc(&lag->arena, (shards + 1) * sizeof(*c->shards));
	return c;
}

static void add_shard(struct lag_consumer *c, const Sy__V1__ConsumerShard *at,
		      const char *trouble)
{
	uint64_t head = at->head_offset;

	c->shards[c->n++] = (struct lag_shard){
		.at = at,
		.head = head,
		.events = head > at->position ? head - at->position : 0,
		.trouble = trouble,
	};
}

static bool is_told(const struct lag *lag, const char *name, const char *stream)
{
	for (size_t i = 0; i < lag->consumers_nr; i++)
		if (strcmp(lag->consumers[i].name, name) == 0 &&
		    strcmp(lag->consumers[i].stream, stream) == 0)
			return true;
	return false;
}

static void add_told(struct lag *lag, const Sy__V1__GetConsumersReply *reply)
{
	for (size_t i = 0; i < reply->n_consumers; i++) {
		const Sy__V1__ConsumerStatus *from = reply->consumers[i];
		struct lag_consumer *c =
			add(lag, from->consumer, from->stream, from->n_shards);

		for (size_t k = 0; k < from->n_shards; k++)
			add_shard(c, from->shards[k], from->shards[k]->stuck);
	}
}

static const char *reader_trouble(struct lag *lag, const Sy__V1__Reader *r)
{
	const struct lag_service *own = service_of(lag, r->principal);
	char at[TIME_TEXT_MAX];

	if (own && own->missing[0])
		return arena_printf(&lag->arena, "%s does not answer",
				    own->name);
	return r->dead ? arena_printf(&lag->arena, "not seen since %s",
				      time_format_us(r->seen_at_us, at))
		       : "";
}

/* Readers come by consumer, principal and shard. */
static void add_readers(struct lag *lag, const char *stream,
			const Sy__V1__ListReadersReply *reply)
{
	for (size_t i = 0, end; i < reply->n_readers; i = end) {
		const char *name = reply->readers[i]->consumer;
		struct lag_consumer *c = NULL;

		for (end = i; end < reply->n_readers &&
			      strcmp(reply->readers[end]->consumer, name) == 0;
		     end++)
			;
		if (!is_told(lag, name, stream))
			c = add(lag, name, stream, end - i);
		for (size_t k = i; c && k < end; k++) {
			const Sy__V1__Reader *r = reply->readers[k];
			Sy__V1__ConsumerShard *at =
				arena_alloc(&lag->arena, sizeof(*at));

			sy__v1__consumer_shard__init(at);
			at->shard = r->shard;
			at->position = r->applied_offset;
			at->head_offset = r->head_offset;
			add_shard(c, at, reader_trouble(lag, r));
			c->by_stream = true;
		}
	}
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
	s->events = s->head > s->at->position ? s->head - s->at->position : 0;
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
	one_less(look->lag);
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

static void unseen(struct lag_shard *s, const char *why)
{
	s->answered = true;
	if (!s->trouble[0])
		s->trouble = why;
}

/* All that has no answer yet, at once. How many were asked. */
static size_t ask_round(struct lag *lag)
{
	for (size_t i = 0; i < lag->consumers_nr; i++) {
		const struct lag_consumer *c = &lag->consumers[i];
		const struct lag_service *owner = service_of(lag, c->stream);

		for (size_t k = 0; k < c->n; k++) {
			struct lag_shard *s = &c->shards[k];

			if (s->answered)
				continue;
			if (!owner)
				unseen(s, "no endpoint of the stream");
			else if (owner->missing[0])
				unseen(s, arena_printf(&lag->arena,
						       "%s does not answer",
						       owner->name));
			else
				look_at(lag, owner->client, c->stream, s);
		}
	}
	return lag->asked;
}

static void ask_streams(struct lag *lag)
{
	int64_t until_us = time_monotonic_us() + lag->cli->wait_s * US_PER_S;

	while (ask_round(lag) > 0) {
		wait_for_answers(lag);
		if (time_monotonic_us() > until_us)
			break;
		cli_pause(lag->cli, AGAIN_MS);
	}
	for (size_t i = 0; i < lag->consumers_nr; i++)
		for (size_t k = 0; k < lag->consumers[i].n; k++)
			if (!lag->consumers[i].shards[k].answered)
				unseen(&lag->consumers[i].shards[k],
				       "the stream does not answer");
}

/* --- all of it --- */

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

enum cli_exit lag_ask(struct lag *lag, struct error *err)
{
	enum cli_exit status = CLI_OK;

	lag->consumers = NULL;
	lag->consumers_nr = lag->consumers_max = 0;
	lag->refused = NULL;
	ask_services(lag);
	for (size_t i = 0; i < lag->services_nr; i++)
		if (lag->services[i].missing[0])
			status = CLI_UNREACHABLE;
		else if (lag->services[i].consumers)
			add_told(lag, lag->services[i].consumers);
	for (size_t i = 0; i < lag->services_nr; i++)
		if (lag->services[i].readers)
			add_readers(lag, lag->services[i].name,
				    lag->services[i].readers);
	if (lag->refused) {
		error_set(err, "%s", lag->refused);
		return CLI_DIFFERENCES;
	}
	ask_streams(lag);
	sum_up(lag);
	return status;
}
