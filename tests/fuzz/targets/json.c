/* json.c -- the converter between JSON and protobuf, both ways: JSON as HTTP
 * takes it, and messages as services send them. What became a message comes
 * back as the same one. */
#include <string.h>

#include "../lib/fuzz.h"
#include "json/pbjson.h"

static void require_round_trip(const ProtobufCMessage *msg, struct arena *arena)
{
	json_t *json = pbjson_from_message(msg);
	struct error err = { "" };
	ProtobufCMessage *again;
	char *text;

	REQUIRE(json);
	text = json_dumps(json, JSON_COMPACT);
	REQUIRE(text);
	again = pbjson_to_message(json, msg->descriptor, arena, &err);
	REQUIRE(again && fuzz_same(msg, again));
	free(text);
	json_decref(json);
}

static void from_json(const ProtobufCMessageDescriptor *desc, struct fuzz f,
		      struct arena *arena)
{
	json_t *json =
		json_loadb((const char *)f.at, f.left,
			   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	struct error err = { "" };
	ProtobufCMessage *msg;

	if (!json)
		return;
	msg = pbjson_to_message(json, desc, arena, &err);
	if (msg) {
		fuzz_require_clean(msg);
		require_round_trip(msg, arena);
	} else {
		REQUIRE(err.text[0] && fuzz_utf8(err.text));
	}
	json_decref(json);
}

/* A message of a service may hold what no JSON input can: a day of the year
 * 40000, a number of an enum that only a newer program knows. It must still
 * become JSON. */
static void from_wire(const ProtobufCMessageDescriptor *desc, struct fuzz f,
		      struct arena *arena)
{
	ProtobufCMessage *msg = protobuf_c_message_unpack(
		desc, &arena->allocator, f.left, f.at);
	json_t *json;
	char *text;

	if (!msg)
		return;
	json = pbjson_from_message(msg);
	text = json_dumps(json, JSON_COMPACT);
	REQUIRE(json && text);
	free(text);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	const ProtobufCMessageDescriptor *desc =
		fuzz_descriptor((unsigned)fuzz_number(&f, 2));
	struct arena arena;

	arena_init(&arena);
	from_json(desc, f, &arena);
	from_wire(desc, f, &arena);
	arena_reset(&arena);
	return 0;
}
