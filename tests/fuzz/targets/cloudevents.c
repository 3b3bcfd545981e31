/* cloudevents.c -- CloudEvents in, as POST /events reads each of them. */
#include <string.h>

#include "../lib/fuzz.h"
#include "gateway/parts.h"

static void read_event(const json_t *event, struct arena *arena)
{
	struct event_in in;

	event_in_read(event, arena, &in);
	if (in.id)
		REQUIRE(*in.id && strlen(in.id) <= KEY_MAX_BYTES &&
			fuzz_utf8(in.id));
	if (in.message) {
		REQUIRE(in.id && in.route);
		REQUIRE(in.message->descriptor == route_rpc(in.route)->input);
		fuzz_require_clean(in.message);
	} else {
		REQUIRE(in.code != SY__V1__ERROR_CODE__OK);
		REQUIRE(*in.field && fuzz_utf8(in.field));
		REQUIRE(*in.text && fuzz_utf8(in.text));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json =
		json_loadb((const char *)data, size,
			   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	struct arena arena;

	arena_init(&arena);
	if (json_is_array(json))
		for (size_t i = 0; i < json_array_size(json); i++)
			read_event(json_array_get(json, i), &arena);
	else if (json)
		read_event(json, &arena);
	arena_reset(&arena);
	json_decref(json);
	return 0;
}
