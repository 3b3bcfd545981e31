/* test_positions.c -- Last-Event-ID: where a listener stands, as text and back,
 * and what is no such text; who may see which event of the directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/sse.h"

static void comes_back_as_it_was(void **state)
{
	uint64_t done[TAIL_SHARDS], again[TAIL_SHARDS];
	char text[POSITIONS_TEXT_MAX];

	(void)state;
	for (uint64_t i = 0; i < TAIL_SHARDS; i++)
		done[i] = i * 1000003;
	assert_int_equal(
		positions_read(positions_write(done, TAIL_SHARDS, text),
			       TAIL_SHARDS, again),
		0);
	assert_memory_equal(done, again, sizeof(done));
	/* the longest there can be fits */
	for (int i = 0; i < TAIL_SHARDS; i++)
		done[i] = INT64_MAX - 1;
	positions_write(done, TAIL_SHARDS, text);
	assert_int_equal(positions_read(text, TAIL_SHARDS, again), 0);
	assert_memory_equal(done, again, sizeof(done));
	assert_string_equal(positions_write(done, 1, text),
			    "0:9223372036854775806");
}

static void order_is_free(void **state)
{
	uint64_t done[2];

	(void)state;
	assert_int_equal(positions_read("1:7,0:3", 2, done), 0);
	assert_int_equal(done[0], 3);
	assert_int_equal(done[1], 7);
}

static void is_no_position(void **state)
{
	static const char *const bad[] = {
		"",
		"0",
		"0:",
		"0:1",
		"0:1,",
		"0:1,1:",
		"0:1,1:2,",
		"0:1,0:2",
		"0:1,2:2",
		"0:1,1:-2",
		"-0:1,1:2",
		"0:1,1: 2",
		"0:1;1:2",
		"0:1,1:2 ",
		"0:1,,1:2",
		"nonsense",
		"0:1,1:0x2",
		"{}",
		"0:1,4294967297:2",
		"0:1,1:9223372036854775807",
		"0:1,1:99999999999999999999999",
	};
	uint64_t done[2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(positions_read(bad[i], 2, done), -1);
}

static bool shown(uint32_t roles, Sy__V1__DirectoryRecord *record)
{
	const struct bus_grant grant = { .roles = roles };
	Sy__V1__RecordPut put = SY__V1__RECORD_PUT__INIT;
	struct seen_event seen = { .record = &put };

	put.after = record;
	/* Who sees all needs no tree. */
	return event_visible(NULL, &grant, &seen);
}

static void accounts_are_for_administrators(void **state)
{
	Sy__V1__Unit unit = SY__V1__UNIT__INIT;
	Sy__V1__Principal principal = SY__V1__PRINCIPAL__INIT;
	Sy__V1__SigningKey key = SY__V1__SIGNING_KEY__INIT;
	Sy__V1__DirectoryRecord record = SY__V1__DIRECTORY_RECORD__INIT;
	struct seen_event other = { 0 };
	const struct bus_grant all = { .roles = ROLE_READER | ROLE_ADMIN };

	(void)state;
	record.record_case = SY__V1__DIRECTORY_RECORD__RECORD_UNIT;
	record.unit = &unit;
	assert_true(shown(ROLE_READER, &record));
	record.record_case = SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL;
	record.principal = &principal;
	assert_false(shown(ROLE_READER, &record));
	assert_true(shown(ROLE_READER | ROLE_ADMIN, &record));
	record.record_case = SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY;
	record.signing_key = &key;
	assert_false(shown(ROLE_READER | ROLE_ADMIN, &record));
	assert_false(shown(ROLE_READER | ROLE_ADMIN, NULL));
	/* of a type that is not known here */
	assert_false(event_visible(NULL, &all, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_as_it_was),
		cmocka_unit_test(order_is_free),
		cmocka_unit_test(is_no_position),
		cmocka_unit_test(accounts_are_for_administrators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
