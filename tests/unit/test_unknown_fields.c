/* test_unknown_fields.c -- whoever decodes a newer program's message and
 * encodes it again, as a forwarder does, keeps the fields that it does not
 * know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "suyuan/v1/bus.pb-c.h"
#include "suyuan/v1/complaints.pb-c.h"

/* Number 1000 as text, varint, 64 and 32 bits. */
#define NEWER                                                                  \
	"\xc2\x3e\x05newer\xc0\x3e\x96\x01\xc1\x3e"                            \
	"12345678\xc5\x3e"                                                     \
	"1234"
#define NEWER_BYTES (sizeof(NEWER) - 1)

static void assert_kept(const ProtobufCMessageDescriptor *desc,
			const uint8_t *wire, size_t len)
{
	uint8_t again[256];
	struct arena arena;
	ProtobufCMessage *message;

	arena_init(&arena);
	message = protobuf_c_message_unpack(desc, &arena.allocator, len, wire);
	assert_non_null(message);
	assert_int_equal(protobuf_c_message_get_packed_size(message), len);
	assert_int_equal(protobuf_c_message_pack(message, again), len);
	assert_memory_equal(again, wire, len);
	arena_reset(&arena);
}

static void envelope(void **state)
{
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	uint8_t wire[256];
	size_t len;

	(void)state;
	event.type = (char *)"AppealRegistered";
	event.key = (char *)"k";
	event.revision = 7;
	len = sy__v1__event__pack(&event, wire);
	memcpy(wire + len, NEWER, NEWER_BYTES);
	assert_kept(&sy__v1__event__descriptor, wire, len + NEWER_BYTES);
}

/* A message inside another: its unknown fields stand in its own bytes. */
static void nested(void **state)
{
	/* AppealChanged.before = 2, inside it AppealFacts with what is newer.
	 */
	uint8_t wire[256] = { 0x12, NEWER_BYTES };

	(void)state;
	memcpy(wire + 2, NEWER, NEWER_BYTES);
	memcpy(wire + 2 + NEWER_BYTES, NEWER, NEWER_BYTES);
	assert_kept(&sy__v1__appeal_changed__descriptor, wire,
		    2 + 2 * NEWER_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelope),
		cmocka_unit_test(nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
