/* request.c -- QUERY that reads: decode, check, hand to the service, one reply.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/check.h"
#include "bus/consumer.h"
#include "bus/internal.h"
#include "bus/operations.h"
#include "log.h"
#include "timeutil.h"

struct bus_request {
	struct bus_server *bus;
	struct identity from;
	uint64_t correlation;
	char principal[PRINCIPAL_MAX];
	struct bus_grant grant;
	bool by_actor;
	uint8_t session_id[16];
	struct arena arena;
	const ProtobufCMessage *message;
	const char *method, *key;
	struct trace trace;
};

void bus_answer_error(struct bus_server *bus, const struct identity *to,
		      uint64_t correlation, Sy__V1__ErrorCode code,
		      const char *field, const char *text)
{
	Sy__V1__Reply reply = SY__V1__REPLY__INIT;
	Sy__V1__Error error = SY__V1__ERROR__INIT;

	error.code = code;
	error.field = (char *)field;
	error.text = (char *)text;
	if (code == SY__V1__ERROR_CODE__BUSY)
		error.retry_after_ms = BUS_RETRY_MS;
	reply.error = &error;
	bus_send(bus, to, BUS_REPLY, correlation, &reply.base);
}

/* A line for one that somebody follows. */
static void request_told(const struct bus_request *req, const char *how)
{
	if (!trace_is_set(&req->trace) || !log_enabled(LOG_DEBUG))
		return;
	log_trace(&req->trace);
	log_debug("%s: %s", req->method, how);
	log_trace(NULL);
}

static void request_free(struct bus_request *req)
{
	arena_reset(&req->arena);
	free(req);
}

static void request_read(struct bus_server *bus, const struct incoming *in,
			 const Sy__V1__Query *query,
			 const struct bus_method *method)
{
	struct bus_request *req;
	char field[64];
	const char *why;

	if (check_wire(method->request, query->request.data, query->request.len,
		       field, sizeof(field), &why) < 0) {
		bus_answer_error(bus, &in->from, in->frame.correlation,
				 SY__V1__ERROR_CODE__INVALID, field, why);
		return;
	}
	req = calloc(1, sizeof(*req));
	if (!req)
		abort();
	arena_init(&req->arena);
	req->bus = bus;
	req->from = in->from;
	req->correlation = in->frame.correlation;
	req->grant = in->grant;
	req->by_actor = in->session_id != NULL;
	if (in->session_id)
		memcpy(req->session_id, in->session_id,
		       sizeof(req->session_id));
	req->method = method->name;
	req->key = arena_strdup(&req->arena, query->idempotency_key);
	trace_take(&req->trace, query->trace_id.data, query->trace_id.len,
		   query->span_id.data, query->span_id.len);
	snprintf(req->principal, sizeof(req->principal), "%s", in->principal);
	req->message = protobuf_c_message_unpack(
		method->request, &req->arena.allocator, query->request.len,
		query->request.data);
	if (!req->message) {
		bus_reply_error(req, SY__V1__ERROR_CODE__MALFORMED, "request",
				"cannot be decoded");
		return;
	}
	method->handle(req);
}

static void refuse_actor(struct bus_server *bus, const struct incoming *in,
			 const char *why)
{
	bus_denied(bus, in->principal, why);
	bus_answer_error(bus, &in->from, in->frame.correlation,
			 SY__V1__ERROR_CODE__FORBIDDEN, "actor_token", why);
}

/* A gateway speaks for an actor: from here on it is the actor who asks. By
 * itself it may call what the table grants to gateways, and nothing else
 * whatever other roles it has. False: refused and answered. */
static bool take_actor(struct bus_server *bus, struct incoming *in,
		       const Sy__V1__Query *query,
		       const struct bus_method *method, struct actor *actor)
{
	const char *why;

	if (!(in->grant.roles & ROLE_GATEWAY)) {
		if (!query->actor_token.len)
			return true;
		refuse_actor(bus, in, "only a gateway speaks for others");
		return false;
	}
	if (!query->actor_token.len) {
		if (method->roles & ROLE_GATEWAY)
			return true;
		refuse_actor(bus, in, "a gateway must say for whom it asks");
		return false;
	}
	if (!bus->o.actor_key) {
		refuse_actor(bus, in, "nobody can be spoken for here");
		return false;
	}
	if (actor_verify(query->actor_token.data, query->actor_token.len,
			 time_now_us(), bus->o.actor_key, bus->o.actor_key_arg,
			 actor, &why) < 0) {
		refuse_actor(bus, in, why);
		return false;
	}
	if (!bus->o.grant(bus->o.grant_arg, actor->principal, &in->grant) ||
	    (in->grant.roles & ROLE_GATEWAY)) {
		refuse_actor(bus, in,
			     "the directory grants this actor nothing");
		return false;
	}
	in->principal = actor->principal;
	in->session_id = actor->session_id;
	return true;
}

static void query_dispatch(struct bus_server *bus, struct incoming *in,
			   const Sy__V1__Query *query, struct actor *actor)
{
	const struct bus_method *method = bus_method_find(bus, query->method);
	char wanted[GRANT_WANTED_SIZE];

	if (!method) {
		bus_answer_error(bus, &in->from, in->frame.correlation,
				 SY__V1__ERROR_CODE__UNKNOWN_METHOD, "method",
				 "no such method here");
		return;
	}
	if (!take_actor(bus, in, query, method, actor))
		return;
	if (!(method->roles & in->grant.roles)) {
		bus_denied(bus, in->principal, "a method without its role");
		bus_answer_error(bus, &in->from, in->frame.correlation,
				 SY__V1__ERROR_CODE__FORBIDDEN, "method",
				 grant_wanted(method->roles, wanted));
		return;
	}
	if (method->kind == BUS_WRITE)
		intake_command(bus, in, query, method);
	else
		request_read(bus, in, query, method);
}

void request_query(struct bus_server *bus, const struct incoming *in)
{
	struct incoming effective = *in;
	struct actor actor; /* effective may point into it */
	Sy__V1__Query *query =
		sy__v1__query__unpack(NULL, in->frame.body_len, in->frame.body);

	if (!query) {
		bus_answer_error(bus, &in->from, in->frame.correlation,
				 SY__V1__ERROR_CODE__MALFORMED, "", "QUERY");
		return;
	}
	query_dispatch(bus, &effective, query, &actor);
	sy__v1__query__free_unpacked(query, NULL);
}

const ProtobufCMessage *bus_request_message(const struct bus_request *req)
{
	return req->message;
}

const struct bus_grant *bus_request_grant(const struct bus_request *req)
{
	return &req->grant;
}

const char *bus_request_principal(const struct bus_request *req)
{
	return req->principal;
}

const uint8_t *bus_request_session(const struct bus_request *req)
{
	return req->by_actor ? req->session_id : NULL;
}

const char *bus_request_key(const struct bus_request *req)
{
	return req->key;
}

void *bus_request_svc(const struct bus_request *req)
{
	return req->bus->o.svc;
}

struct arena *bus_request_arena(struct bus_request *req)
{
	return &req->arena;
}

struct bus_server *request_bus(struct bus_request *req)
{
	return req->bus;
}

struct db_pipe *request_bus_pipe(struct bus_request *req)
{
	return db_pipe_new(bus_query_conn(req->bus));
}

struct db_pipe *bus_request_pipe(struct bus_request *req)
{
	struct db_pipe *pipe = request_bus_pipe(req);

	db_pipe_base(pipe, BUS_SQL_NR);
	return pipe;
}

struct db_pipe *bus_request_operations_pipe(struct bus_request *req)
{
	struct db_pipe *pipe = db_pipe_new(bus_query_conn(req->bus));

	db_pipe_base(pipe, BUS_SQL_NR + req->bus->o.statements_nr);
	return pipe;
}

void bus_reply(struct bus_request *req, const ProtobufCMessage *message)
{
	Sy__V1__Reply reply = SY__V1__REPLY__INIT;

	reply.response.len = protobuf_c_message_get_packed_size(message);
	if (reply.response.len > FRAME_MAX_BYTES - 4096) {
		bus_reply_error(req, SY__V1__ERROR_CODE__TOO_LARGE, "",
				"the answer is larger than a frame: ask for "
				"less");
		return;
	}
	reply.response.data = arena_alloc(&req->arena, reply.response.len + 1);
	protobuf_c_message_pack(message, reply.response.data);
	bus_send(req->bus, &req->from, BUS_REPLY, req->correlation,
		 &reply.base);
	request_told(req, "answered");
	request_free(req);
}

void bus_reply_error(struct bus_request *req, Sy__V1__ErrorCode code,
		     const char *field, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	bus_answer_error(req->bus, &req->from, req->correlation, code, field,
			 text);
	request_told(req, "refused");
	request_free(req);
}

bool bus_reply_db_error(struct bus_request *req, const struct db_result *res)
{
	switch (res->outcome) {
	case DB_OK:
		return false;
	case DB_CONFLICT:
	case DB_FULL:
	case DB_UNCERTAIN:
		bus_reply_error(req, SY__V1__ERROR_CODE__BUSY, "",
				"the database is busy");
		return true;
	case DB_DATA:
	case DB_FAILED:
		log_trace(&req->trace);
		log_error("%s: statement %d: %s %s", req->method,
			  res->failed_statement, res->sqlstate, res->text);
		log_trace(NULL);
		bus_reply_error(req, SY__V1__ERROR_CODE__INTERNAL, "",
				"cannot be read");
		return true;
	}
	return true;
}
