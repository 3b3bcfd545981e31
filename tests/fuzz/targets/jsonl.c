/* jsonl.c -- intake of JSON lines: from the bytes of a file to events, the same
 * whatever pieces the bytes come in. */
#include <string.h>

#include "../lib/records_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	size_t piece = 1 + fuzz_byte(&f) % 64;
	struct mapping *mapping = mapping_identity(&mapping_appeals);
	struct outcome whole, pieces;

	whole = records_path(FORMAT_JSONL, mapping, f.at, f.left, 0);
	mapping_free(&mapping);
	mapping = mapping_identity(&mapping_appeals);
	pieces = records_path(FORMAT_JSONL, mapping, f.at, f.left, piece);
	mapping_free(&mapping);
	REQUIRE(memcmp(&whole, &pieces, sizeof(whole)) == 0);
	REQUIRE(whole.events <= whole.records);
	return 0;
}
