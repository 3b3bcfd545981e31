/* public.c -- what comes from people who have not signed in: the service is
 * told the address that it came from, to hold against too many, and nothing
 * else. */
#include <string.h>

#include "parts.h"

static void replied_cb(struct request *req, const Sy__V1__Error *error,
		       const ProtobufCMessage *reply)
{
	if (error)
		request_fail_error(req, error);
	else
		request_reply(req, reply);
}

void handle_public(struct request *req)
{
	const ProtobufCFieldDescriptor *caller =
		protobuf_c_message_descriptor_get_field_by_name(
			req->message->descriptor, "caller");

	*(char **)(void *)((char *)req->message + caller->offset) =
		req->address;
	request_ask(req, req->route->peer, req->route->rpc, req->message, NULL,
		    req->idempotency_key, replied_cb);
}
