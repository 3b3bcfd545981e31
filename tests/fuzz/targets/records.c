/* records.c -- a row of directory records through shape and rules: what is put
 * is in normal form, and the same record again changes nothing. Two bytes of
 * length before each. */
#include <string.h>

#include "../lib/fuzz.h"
#include "directory/catalog.h"

static void put(struct catalog *c, const Sy__V1__DirectoryRecord *record)
{
	const Sy__V1__DirectoryRecord *normal, *again;
	struct put_result r = { 0 };
	uint64_t changes;

	rules_put(c, record, &r);
	if (r.outcome == PUT_REFUSED) {
		REQUIRE(r.code != SY__V1__ERROR_CODE__OK);
		REQUIRE(r.field && fuzz_utf8(r.field));
		REQUIRE(r.text && *r.text);
		return;
	}
	normal = shape_normal(c->arena, record, &r);
	REQUIRE(normal);
	again = shape_normal(c->arena, normal, &r);
	REQUIRE(again && fuzz_same(&normal->base, &again->base));
	changes = c->changes;
	rules_put(c, record, &r);
	REQUIRE(r.outcome == PUT_UNCHANGED && c->changes == changes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct arena arena;
	struct catalog catalog;

	arena_init(&arena);
	catalog_init(&catalog, &arena);
	while (f.left) {
		size_t len = (size_t)fuzz_number(&f, 2);
		const char *body = fuzz_bytes(&f, len, &arena, &len);
		ProtobufCMessage *record =
			fuzz_message(&sy__v1__directory_record__descriptor,
				     (const uint8_t *)body, len, &arena);

		if (record)
			put(&catalog, (Sy__V1__DirectoryRecord *)record);
	}
	arena_reset(&arena);
	return 0;
}
