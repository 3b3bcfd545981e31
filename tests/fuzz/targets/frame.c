/* frame.c -- the header of every message of the bus. */
#include <string.h>

#include "../lib/fuzz.h"
#include "bus/frame.h"

/* What was made is read back as it was; a byte changed anywhere is seen. */
static void round_trip(struct fuzz f)
{
	uint8_t header[FRAME_HEADER_BYTES];
	enum bus_op op = (enum bus_op)(BUS_HELLO + fuzz_byte(&f) % BUS_GOAWAY);
	uint64_t correlation = fuzz_number(&f, 8);
	size_t flip_at = fuzz_byte(&f) % sizeof(header);
	uint8_t flip = fuzz_byte(&f);
	struct frame frame;
	const char *why = NULL;

	frame_header(header, op, correlation, f.at, f.left);
	REQUIRE(frame_parse(header, sizeof(header), f.at, f.left, &frame,
			    &why) == 0);
	REQUIRE(frame.op == op && frame.correlation == correlation);
	REQUIRE(frame.body == f.at && frame.body_len == f.left);
	header[flip_at] ^= flip;
	REQUIRE((frame_parse(header, sizeof(header), f.at, f.left, &frame,
			     &why) == 0) == (flip == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	size_t len = fuzz_byte(&f) % (FRAME_HEADER_BYTES + 8);
	struct arena arena;
	struct frame frame;
	const char *why = NULL;
	const char *header;

	round_trip(f);
	arena_init(&arena);
	header = fuzz_bytes(&f, len, &arena, &len);
	if (frame_parse((const uint8_t *)header, len, f.at, f.left, &frame,
			&why) == 0) {
		REQUIRE(frame.op >= BUS_HELLO && frame.op <= BUS_GOAWAY);
		REQUIRE(frame.body_len == f.left);
	} else {
		REQUIRE(why && *why);
	}
	arena_reset(&arena);
	return 0;
}
