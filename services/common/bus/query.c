/* query.c -- QUERY until it is answered or its time is over: again on BUSY,
 * RETRY and silence, under one idempotency key, so that a command that was done
 * and not answered is not done twice. */
#include <stdlib.h>
#include <string.h>

#include "bus/client_internal.h"
#include "bus/must.h"
#include "timeutil.h"

/* The server's statements end within 2 s. */
#define ATTEMPT_MS 3000
#define AGAIN_MS 100

struct query {
	struct bus_client *client;
	Sy__V1__Query message; /* all that it points to is ours */
	struct trace trace;
	int64_t deadline_us;
	int64_t again_at_us; /* when not asked just now */
	uint64_t request;    /* asked, 0: not */
	bus_query_cb *cb;
	void *arg;
	struct query *prev, *next;
};

static void query_free(struct query *q)
{
	if (q->prev)
		q->prev->next = q->next;
	else
		q->client->queries = q->next;
	if (q->next)
		q->next->prev = q->prev;
	free(q->message.method);
	free(q->message.idempotency_key);
	free(q->message.request.data);
	free(q->message.actor_token.data);
	free(q);
}

static void query_done(struct query *q, const Sy__V1__Error *error,
		       const ProtobufCBinaryData *response)
{
	bus_query_cb *cb = q->cb;
	void *arg = q->arg;

	query_free(q);
	cb(error, response ? response->data : NULL,
	   response ? response->len : 0, arg);
}

static void query_again(struct query *q, int wait_ms)
{
	q->again_at_us = time_monotonic_us() + wait_ms * US_PER_MS;
}

static void replied_cb(const struct frame *answer, void *arg)
{
	struct query *q = arg;
	Sy__V1__Reply *reply = NULL;
	Sy__V1__ErrorCode code;

	q->request = 0;
	if (answer->op == BUS_REPLY)
		reply = sy__v1__reply__unpack(NULL, answer->body_len,
					      answer->body);
	if (!reply) {
		query_again(q, AGAIN_MS);
		return;
	}
	code = reply->error ? reply->error->code : SY__V1__ERROR_CODE__OK;
	if (code == SY__V1__ERROR_CODE__BUSY ||
	    code == SY__V1__ERROR_CODE__RETRY)
		query_again(q, reply->error->retry_after_ms
				       ? (int)reply->error->retry_after_ms
				       : AGAIN_MS);
	else if (code != SY__V1__ERROR_CODE__OK)
		query_done(q, reply->error, NULL);
	else
		query_done(q, NULL, &reply->response);
	sy__v1__reply__free_unpacked(reply, NULL);
}

static void query_timeout(struct query *q)
{
	Sy__V1__Error error = SY__V1__ERROR__INIT;

	error.code = SY__V1__ERROR_CODE__TIMEOUT;
	error.text = bus_client_alive(q->client) > 0
			     ? (char *)"no answer in time"
			     : (char *)"no replica could be reached";
	query_done(q, &error, NULL);
}

/* Asks or gives up what is due; called each tick and when replicas change. */
void queries_pump(struct bus_client *client, int64_t now_us)
{
	struct query *q = client->queries, *next;

	for (; q && !client->closed; q = next) {
		int64_t left_ms = (q->deadline_us - now_us) / US_PER_MS;

		next = q->next;
		if (q->request)
			continue;
		if (left_ms <= 0) {
			query_timeout(q);
			/* The callback may have done anything to the list. */
			next = client->closed ? NULL : client->queries;
			continue;
		}
		if (now_us < q->again_at_us || bus_client_alive(client) == 0)
			continue;
		q->request = bus_client_send(
			client, -1, BUS_QUERY, &q->message.base,
			left_ms < ATTEMPT_MS ? (int)left_ms : ATTEMPT_MS,
			replied_cb, q);
	}
}

static char *copy_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(must_calloc(1, size), text, size);
}

void bus_client_query_as(struct bus_client *client,
			 const ProtobufCBinaryData *actor_token,
			 const struct trace *trace, const char *method,
			 const ProtobufCMessage *request,
			 const char *idempotency_key, int timeout_ms,
			 bus_query_cb *cb, void *arg)
{
	struct query *q = must_calloc(1, sizeof(*q));
	size_t len = protobuf_c_message_get_packed_size(request);

	q->client = client;
	sy__v1__query__init(&q->message);
	q->message.method = copy_text(method);
	q->message.idempotency_key =
		copy_text(idempotency_key ? idempotency_key : "");
	q->message.request.data = must_calloc(1, len + 1);
	q->message.request.len = len;
	protobuf_c_message_pack(request, q->message.request.data);
	if (actor_token && actor_token->len) {
		q->message.actor_token.data = must_calloc(1, actor_token->len);
		q->message.actor_token.len = actor_token->len;
		memcpy(q->message.actor_token.data, actor_token->data,
		       actor_token->len);
	}
	if (trace) {
		q->trace = *trace;
		q->message.trace_id.data = q->trace.id;
		q->message.trace_id.len = sizeof(q->trace.id);
		q->message.span_id.data = q->trace.span;
		q->message.span_id.len = sizeof(q->trace.span);
	}
	q->deadline_us = time_monotonic_us() + timeout_ms * US_PER_MS;
	q->cb = cb;
	q->arg = arg;
	q->next = client->queries;
	if (q->next)
		q->next->prev = q;
	client->queries = q;
	client_later(client);
}

void bus_client_query(struct bus_client *client, const char *method,
		      const ProtobufCMessage *request,
		      const char *idempotency_key, int timeout_ms,
		      bus_query_cb *cb, void *arg)
{
	bus_client_query_as(client, NULL, NULL, method, request,
			    idempotency_key, timeout_ms, cb, arg);
}

void queries_close(struct bus_client *client)
{
	while (client->queries)
		query_free(client->queries);
}
