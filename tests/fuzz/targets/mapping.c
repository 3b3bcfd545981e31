/* mapping.c -- the mapping file, and what it makes of a file of records. The
 * input is the mapping, then a line "%%", then the records. */
#include <string.h>

#include "../lib/records_path.h"

#define DIVIDER "\n%%\n"

static void apply(const uint8_t *map, size_t map_len, const uint8_t *data,
		  size_t size, enum record_format format)
{
	struct mapping *mapping = NULL;
	struct error err = { "" };

	if (mapping_load(&mapping, &mapping_appeals, (const char *)map, map_len,
			 &err) < 0) {
		REQUIRE(err.text[0] && fuzz_utf8(err.text));
		REQUIRE(!mapping);
		return;
	}
	records_path(format, mapping, data, size, 0);
	mapping_free(&mapping);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *divider = memmem(data, size, DIVIDER, strlen(DIVIDER));
	size_t map_len = divider ? (size_t)(divider - data) : size;
	const uint8_t *rest = divider ? divider + strlen(DIVIDER) : data + size;
	size_t rest_len = size - (size_t)(rest - data);
	/* mapping_load wants a NUL behind its text, as input_whole gives it. */
	struct fuzz f = { data, map_len };
	struct arena arena;
	const char *map;

	arena_init(&arena);
	map = fuzz_rest(&f, &arena, NULL);
	apply((const uint8_t *)map, map_len, rest, rest_len, FORMAT_CSV);
	apply((const uint8_t *)map, map_len, rest, rest_len, FORMAT_JSONL);
	arena_reset(&arena);
	return 0;
}
