/* wire.c -- check_wire over every message: what it lets through can be
 * unpacked, is UTF-8 without NUL, and passes again when it is packed. */
#include <string.h>

#include "../lib/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	const ProtobufCMessageDescriptor *desc =
		fuzz_descriptor((unsigned)fuzz_number(&f, 2));
	struct arena arena;
	ProtobufCMessage *msg, *again;
	uint8_t *packed;
	size_t len;

	arena_init(&arena);
	msg = fuzz_message(desc, f.at, f.left, &arena);
	if (msg) {
		len = protobuf_c_message_get_packed_size(msg);
		packed = arena_alloc(&arena, len + 1);
		REQUIRE(protobuf_c_message_pack(msg, packed) == len);
		again = fuzz_message(desc, packed, len, &arena);
		REQUIRE(again && fuzz_same(msg, again));
	}
	arena_reset(&arena);
	return 0;
}
