/* cells.c -- an event of the complaints log as kpi counts it. */
#include <string.h>

#include "../lib/fuzz.h"
#include "kpi/kpi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	struct error err = { "" };
	struct arena arena, scratch;
	struct cell_table *table;
	const struct cell *cell = NULL;

	arena_init(&arena);
	arena_init(&scratch);
	table = cell_table_new(&arena);
	while (f.left) {
		size_t len = (size_t)fuzz_number(&f, 2);
		int64_t accepted_at_us = (int64_t)fuzz_number(&f, 7);

		event.type = (char *)"AppealRegistered";
		event.payload.data =
			(uint8_t *)fuzz_bytes(&f, len, &arena, &len);
		event.payload.len = len;
		if (count_complaints(table, &scratch, &event, accepted_at_us,
				     &err) < 0)
			REQUIRE(err.text[0] && fuzz_utf8(err.text));
		arena_reset(&scratch);
	}
	while ((cell = cell_table_next(table, cell)))
		REQUIRE(!cell_is_zero(cell) &&
			cell_table_find(table, cell) == cell);
	cell_table_free(table);
	arena_reset(&arena);
	return 0;
}
