/* cloudevents.c -- POST /events: CloudEvents in JSON, one or up to 500, each
 * the request of a method that writes. The event's id is the idempotency key,
 * so that a batch whose answer was lost is simply sent again. They are asked at
 * once and answered together, one result each. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "suyuan/v1/complaints.pb-c.h"

/* As long as any other write (ask.c), and a large batch twice. */
#define TIMEOUT_MS 20000

struct item {
	struct batch *batch;
	const struct route *route;
	const char *id;
	ProtobufCMessage *message;
	struct trace trace;
	Sy__V1__EventResult result;
};

struct batch {
	struct request *req;
	struct item *items;
	size_t n;
	size_t waiting; /* for replies, then for audits */
	bool alone;     /* not in a list */
	bool audit_failed;
};

/* --- the answer ------------------------------------------------------------
 */

static void answer(struct batch *batch)
{
	struct request *req = batch->req;
	Sy__V1__PublishEventsReply reply = SY__V1__PUBLISH_EVENTS_REPLY__INIT;

	if (batch->audit_failed) {
		request_fail(req, SY__V1__ERROR_CODE__BUSY, NULL,
			     "the audit cannot be written just now");
		return;
	}
	if (batch->alone && batch->items[0].result.error) {
		request_fail_error(req, batch->items[0].result.error);
		return;
	}
	reply.n_results = batch->n;
	reply.results =
		arena_alloc(&req->arena, batch->n * sizeof(*reply.results) + 1);
	for (size_t i = 0; i < batch->n; i++) {
		reply.results[i] = &batch->items[i].result;
		if (batch->items[i].result.accepted)
			reply.accepted++;
		else
			reply.refused++;
	}
	request_reply(req, &reply.base);
}

static void audited_cb(struct request *req, bool ok)
{
	struct batch *batch = req->batch;

	if (!ok)
		batch->audit_failed = true;
	if (--batch->waiting == 0)
		answer(batch);
}

/* Only what reached a service has been done or refused by it. */
static void audit(struct batch *batch)
{
	struct request *req = batch->req;

	batch->waiting = 1;
	for (size_t i = 0; i < batch->n; i++) {
		const struct item *item = &batch->items[i];
		const ProtobufCMessage *reply = NULL;

		if (!item->message)
			continue;
		if (item->result.appeal)
			reply = &item->result.appeal->base;
		batch->waiting++;
		audit_write(req, item->route->rpc, NULL,
			    audit_object(req, item->message, reply),
			    item->result.error ? item->result.error->code
					       : SY__V1__ERROR_CODE__OK,
			    audited_cb);
	}
	audited_cb(req, true);
}

/* --- one event -------------------------------------------------------------
 */

static void refuse(struct item *item, Sy__V1__ErrorCode code, const char *field,
		   const char *text)
{
	struct arena *arena = &item->batch->req->arena;
	Sy__V1__Error *error = arena_alloc(arena, sizeof(*error));

	sy__v1__error__init(error);
	error->code = code;
	error->field = arena_strdup(arena, field);
	error->text = arena_strdup(arena, text);
	item->result.error = error;
	item->result.status = (uint32_t)problem_status(code);
}

static void take_reply(struct item *item, const uint8_t *response, size_t len)
{
	ProtobufCAllocator *allocator = &item->batch->req->arena.allocator;
	Sy__V1__EventResult *result = &item->result;

	if (route_rpc(item->route)->output == &sy__v1__appeal_reply__descriptor)
		result->appeal =
			sy__v1__appeal_reply__unpack(allocator, len, response);
	else if (route_rpc(item->route)->output ==
		 &sy__v1__put_mention_reply__descriptor)
		result->mention = sy__v1__put_mention_reply__unpack(
			allocator, len, response);
	else
		result->record = sy__v1__put_record_reply__unpack(
			allocator, len, response);
	if (!result->appeal && !result->record && !result->mention) {
		refuse(item, SY__V1__ERROR_CODE__INTERNAL, "",
		       "the reply cannot be decoded");
		return;
	}
	result->accepted = true;
	result->status = (uint32_t)item->route->status;
}

static void replied_cb(const Sy__V1__Error *error, const uint8_t *response,
		       size_t len, void *arg)
{
	struct item *item = arg;
	struct batch *batch = item->batch;

	if (!error)
		take_reply(item, response, len);
	else if (*error->field)
		refuse(item, error->code,
		       arena_printf(&batch->req->arena, "data.%s",
				    route_field(item->route, error->field,
						&batch->req->arena)),
		       error->text);
	else
		refuse(item, error->code, "", error->text);
	if (--batch->waiting == 0)
		audit(batch);
}

static void ask(struct item *item)
{
	struct request *req = item->batch->req;
	struct bus_client *client = req->gw->peers[item->route->peer];

	if (!client) {
		refuse(item, SY__V1__ERROR_CODE__UNKNOWN_METHOD, "type",
		       "this installation has no such service");
		return;
	}
	item->batch->waiting++;
	bus_client_query_as(client, &req->caller->actor_token, &item->trace,
			    item->route->rpc, item->message, item->id,
			    TIMEOUT_MS, replied_cb, item);
}

static void take_event(struct item *item, const json_t *event)
{
	struct event_in in;

	event_in_read(event, &item->batch->req->arena, &in);
	if (in.id)
		item->result.id = (char *)in.id;
	/* The event's own trace, by the extension that CloudEvents names. */
	if (!trace_parse(in.traceparent, &item->trace))
		item->trace = item->batch->req->trace;
	item->id = item->result.id;
	item->route = in.route;
	item->message = in.message;
	if (!in.message)
		refuse(item, in.code, in.field, in.text);
}

/* --- the body --------------------------------------------------------------
 */

static bool is_json_type(const char *type)
{
	static const char *const types[] = {
		"application/json",
		"application/cloudevents+json",
		"application/cloudevents-batch+json",
	};

	for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++) {
		size_t len = strlen(types[i]);

		if (strncasecmp(type, types[i], len) == 0 &&
		    (type[len] == '\0' || strchr("; \t", type[len])))
			return true;
	}
	return false;
}

static void take_batch(struct request *req, const json_t *json)
{
	struct batch *batch = arena_alloc(&req->arena, sizeof(*batch));

	batch->req = req;
	batch->alone = !json_is_array(json);
	batch->n = batch->alone ? 1 : json_array_size(json);
	batch->items =
		arena_alloc(&req->arena, batch->n * sizeof(*batch->items) + 1);
	req->batch = batch;
	for (size_t i = 0; i < batch->n; i++) {
		struct item *item = &batch->items[i];

		item->batch = batch;
		sy__v1__event_result__init(&item->result);
		take_event(item, batch->alone ? json : json_array_get(json, i));
	}
	/* One more than those that are asked, until all of them are. */
	batch->waiting = 1;
	for (size_t i = 0; i < batch->n; i++)
		if (batch->items[i].message)
			ask(&batch->items[i]);
	if (--batch->waiting == 0)
		audit(batch);
}

void handle_events_publish(struct request *req)
{
	json_error_t fault;
	json_t *json;

	if (!is_json_type(request_header(req, MHD_HTTP_HEADER_CONTENT_TYPE))) {
		request_fail_status(req, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
				    "UNSUPPORTED_MEDIA_TYPE",
				    "Content-Type must be "
				    "application/cloudevents+json, its batch "
				    "form or application/json",
				    0);
		return;
	}
	json = json_loadb(req->body, req->body_bytes,
			  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &fault);
	if (!json)
		request_fail(req, SY__V1__ERROR_CODE__MALFORMED, NULL,
			     "not JSON in UTF-8: line %d, column %d",
			     fault.line, fault.column);
	else if (json_array_size(json) > EVENTS_MAX)
		request_fail(req, SY__V1__ERROR_CODE__TOO_LARGE, NULL,
			     "at most %d events at a time", EVENTS_MAX);
	else
		take_batch(req, json);
	json_decref(json);
}
