/* ask.c -- a question to a service in somebody's name, and its reply unpacked
 * where the request keeps all it has. */
#include <string.h>

#include "parts.h"

/* A reader waits for the page; a write is repeated meanwhile, under its key. */
#define TIMEOUT_READ_MS 5000
#define TIMEOUT_WRITE_MS 10000
/* Of a service that nothing is heard of: enough for one that just restarts. */
#define TIMEOUT_ABSENT_MS 2000
#define ABSENT_RETRY_MS 2000

struct ask {
	struct request *req;
	const ProtobufCMethodDescriptor *rpc;
	request_answer_cb *cb;
	bool absent; /* nothing was heard of the service when asked */
};

static void fail(struct ask *ask, Sy__V1__ErrorCode code, const char *text,
		 uint32_t retry_after_ms)
{
	Sy__V1__Error error = SY__V1__ERROR__INIT;

	error.code = code;
	error.text = (char *)text;
	error.retry_after_ms = retry_after_ms;
	ask->cb(ask->req, &error, NULL);
}

static void answered_cb(const Sy__V1__Error *error, const uint8_t *response,
			size_t len, void *arg)
{
	struct ask *ask = arg;
	ProtobufCMessage *reply;

	if (error && error->code == SY__V1__ERROR_CODE__TIMEOUT &&
	    ask->absent) {
		fail(ask, SY__V1__ERROR_CODE__BUSY,
		     "a service that this needs does not answer",
		     ABSENT_RETRY_MS);
		return;
	}
	if (error) {
		ask->cb(ask->req, error, NULL);
		return;
	}
	reply = protobuf_c_message_unpack(
		ask->rpc->output, &ask->req->arena.allocator, len, response);
	if (!reply)
		fail(ask, SY__V1__ERROR_CODE__INTERNAL,
		     "the reply cannot be decoded", 0);
	else
		ask->cb(ask->req, NULL, reply);
}

void request_ask(struct request *req, enum peer peer, const char *method,
		 const ProtobufCMessage *message,
		 const ProtobufCBinaryData *token, const char *key,
		 request_answer_cb *cb)
{
	struct bus_client *client = req->gw->peers[peer];
	struct ask *ask = arena_alloc(&req->arena, sizeof(*ask));
	int timeout_ms = key ? TIMEOUT_WRITE_MS : TIMEOUT_READ_MS;

	*ask = (struct ask){ .req = req,
			     .rpc = peer_rpc(peer, method),
			     .cb = cb };
	if (!client) {
		fail(ask, SY__V1__ERROR_CODE__UNKNOWN_METHOD,
		     "this installation has no such service", 0);
		return;
	}
	ask->absent = bus_client_alive(client) == 0;
	if (req->route && req->route->timeout_ms)
		timeout_ms = req->route->timeout_ms;
	if (ask->absent)
		timeout_ms = TIMEOUT_ABSENT_MS;
	bus_client_query_as(client, token, &req->trace, method, message, key,
			    timeout_ms, answered_cb, ask);
}
