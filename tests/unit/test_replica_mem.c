/* test_replica_mem.c -- the directory in memory: versions, zones, subtrees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dir/replica_mem.h"

static void put(struct replica_mem *m, const char *code, const char *parent,
		const char *zone, int32_t from, int32_t until,
		uint64_t revision)
{
	mem_put_unit(m, &(struct mem_version){ .code = code,
					       .from_day = from,
					       .until_day = until,
					       .parent = parent,
					       .zone = zone,
					       .calendar = "",
					       .class = "",
					       .revision = revision });
}

static void versions_by_day(void **state)
{
	struct replica_mem m = { 0 };
	const struct replica_unit *u;

	(void)state;
	put(&m, "a", "p2", "", 200, 300, 2);
	put(&m, "a", "p1", "", 100, 0, 1);
	assert_null(mem_unit(&m, "b", 100));
	assert_null(mem_unit(&m, "a", 99));
	u = mem_unit(&m, "a", 100);
	assert_non_null(u);
	assert_string_equal(u->code, "a");
	assert_string_equal(u->parent, "p1");
	assert_int_equal(u->valid_from_day, 100);
	assert_int_equal(u->valid_to_day, 200);
	assert_string_equal(mem_unit(&m, "a", 199)->parent, "p1");
	assert_string_equal(mem_unit(&m, "a", 200)->parent, "p2");
	assert_int_equal(mem_unit(&m, "a", 299)->valid_to_day, 300);
	assert_null(mem_unit(&m, "a", 300));
	assert_true(mem_unit_known(&m, "a"));
	assert_false(mem_unit_known(&m, "b"));
	mem_free(&m);
}

static void older_rows_change_nothing(void **state)
{
	struct replica_mem m = { 0 };

	(void)state;
	put(&m, "a", "new", "", 0, 0, 7);
	put(&m, "a", "old", "", 0, 0, 6);
	assert_string_equal(mem_unit(&m, "a", 0)->parent, "new");
	mem_put_principal(&m, "p", ROLE_READER, "", "", true, 9);
	mem_put_principal(&m, "p", ROLE_READER, "", "", false, 8);
	assert_false(mem_grant(&m, "p", &(struct bus_grant){ 0 }));
	mem_free(&m);
}

static void zones_come_from_above(void **state)
{
	struct replica_mem m = { 0 };
	const struct zone *moscow = zone_get("Europe/Moscow");
	const struct zone *omsk = zone_get("Asia/Omsk");

	(void)state;
	assert_non_null(moscow);
	put(&m, "root", "", "Europe/Moscow", 0, 0, 1);
	put(&m, "mid", "root", "", 0, 0, 2);
	put(&m, "leaf", "mid", "", 0, 0, 3);
	put(&m, "own", "mid", "Asia/Omsk", 0, 0, 4);
	put(&m, "bare", "", "", 0, 0, 5);
	assert_ptr_equal(mem_unit(&m, "leaf", 5)->zone, moscow);
	assert_ptr_equal(mem_unit(&m, "own", 5)->zone, omsk);
	assert_ptr_equal(mem_unit(&m, "bare", 5)->zone, zone_get("UTC"));
	/* the branch moves to another zone */
	put(&m, "mid", "root", "Asia/Omsk", 100, 0, 6);
	assert_ptr_equal(mem_unit(&m, "leaf", 99)->zone, moscow);
	assert_ptr_equal(mem_unit(&m, "leaf", 100)->zone, omsk);
	mem_free(&m);
}

static void subtrees_by_day(void **state)
{
	struct replica_mem m = { 0 };

	(void)state;
	put(&m, "root", "", "", 0, 0, 1);
	put(&m, "east", "root", "", 0, 0, 2);
	put(&m, "west", "root", "", 0, 0, 3);
	put(&m, "office", "east", "", 0, 0, 4);
	put(&m, "office", "west", "", 50, 0, 5);
	assert_true(mem_in_subtree(&m, "office", "", 0));
	assert_true(mem_in_subtree(&m, "office", "office", 0));
	assert_true(mem_in_subtree(&m, "office", "root", 0));
	assert_true(mem_in_subtree(&m, "office", "east", 49));
	assert_false(mem_in_subtree(&m, "office", "east", 50));
	assert_true(mem_in_subtree(&m, "office", "west", 50));
	assert_false(mem_in_subtree(&m, "root", "office", 0));
	assert_false(mem_in_subtree(&m, "nowhere", "root", 0));
	/* a circle, which the directory never makes, ends too */
	put(&m, "x", "y", "", 0, 0, 6);
	put(&m, "y", "x", "", 0, 0, 7);
	assert_false(mem_in_subtree(&m, "x", "root", 0));
	assert_non_null(mem_unit(&m, "x", 0));
	mem_free(&m);
}

/* What lay below a unit that has ended, or has ended itself, has its owner,
 * zone and calendar from where it lay last. */
static void ended_units_lie_where_they_lay(void **state)
{
	struct replica_mem m = { 0 };
	const struct zone *omsk = zone_get("Asia/Omsk");
	const struct replica_unit *u;

	(void)state;
	put(&m, "root", "", "", 0, 0, 1);
	put(&m, "east", "root", "Asia/Omsk", 0, 100, 2);
	put(&m, "west", "root", "", 0, 0, 3);
	put(&m, "office", "east", "", 10, 50, 4);
	put(&m, "office", "west", "", 200, 0, 5);
	assert_null(mem_unit(&m, "office", 9));
	assert_null(mem_unit_place(&m, "office", 9));
	assert_null(mem_unit_parent(&m, "office", 9));
	assert_false(mem_in_subtree(&m, "office", "root", 9));
	for (int32_t day = 50; day < 200; day += 30) {
		assert_null(mem_unit(&m, "office", day));
		u = mem_unit_place(&m, "office", day);
		assert_non_null(u);
		assert_string_equal(u->parent, "east");
		assert_ptr_equal(u->zone, omsk);
		assert_int_equal(u->valid_to_day, 50);
		assert_true(mem_in_subtree(&m, "office", "east", day));
		assert_true(mem_in_subtree(&m, "office", "root", day));
		assert_false(mem_in_subtree(&m, "office", "west", day));
	}
	assert_string_equal(mem_unit(&m, "office", 200)->parent, "west");
	assert_false(mem_in_subtree(&m, "office", "east", 200));
	mem_free(&m);
}

static void terms_and_departments(void **state)
{
	struct replica_mem m = { 0 };
	struct mem_version v = { .code = "web",
				 .from_day = 10,
				 .parent = "",
				 .zone = "",
				 .calendar = "",
				 .class = "remote",
				 .revision = 1 };

	(void)state;
	mem_put_term(&m, "channel", &v);
	assert_string_equal(mem_term(&m, "channel", "web", 10), "remote");
	assert_null(mem_term(&m, "channel", "web", 9));
	assert_null(mem_term(&m, "kind", "web", 10));
	v.class = "";
	mem_put_term(&m, "topic", &v);
	assert_string_equal(mem_term(&m, "topic", "web", 10), "");
	v.code = "legal";
	v.until_day = 20;
	mem_put_department(&m, &v);
	assert_true(mem_department(&m, "legal", 19));
	assert_false(mem_department(&m, "legal", 20));
	assert_false(mem_department(&m, "web", 19));
	mem_free(&m);
}

static void grants(void **state)
{
	struct replica_mem m = { 0 };
	struct bus_grant g;

	(void)state;
	assert_false(mem_grant(&m, "anna", &g));
	mem_put_principal(&m, "anna", ROLE_READER | ROLE_CONSUMER,
			  "complaints,kpi", "east", false, 1);
	assert_true(mem_grant(&m, "anna", &g));
	assert_int_equal(g.roles, ROLE_READER | ROLE_CONSUMER);
	assert_int_equal(g.streams_nr, 2);
	assert_string_equal(g.streams[1], "kpi");
	assert_false(g.all_streams);
	assert_string_equal(g.unit, "east");
	mem_put_principal(&m, "anna", ROLE_READER, "*", "", false, 2);
	assert_true(mem_grant(&m, "anna", &g));
	assert_true(g.all_streams);
	assert_int_equal(g.streams_nr, 0);
	mem_put_principal(&m, "anna", ROLE_READER, "*", "", true, 3);
	assert_false(mem_grant(&m, "anna", &g));
	mem_free(&m);
}

static void signing_keys(void **state)
{
	struct replica_mem m = { 0 };
	uint8_t first[SIGNING_KEY_BYTES] = { 1 };
	uint8_t second[SIGNING_KEY_BYTES] = { 2 };

	(void)state;
	assert_null(mem_signing_key(&m, "k"));
	mem_put_signing_key(&m, "k", first, 31, false, 1);
	assert_null(mem_signing_key(&m, "k"));
	mem_put_signing_key(&m, "k", first, 32, false, 2);
	mem_put_signing_key(&m, "l", second, 32, false, 3);
	assert_memory_equal(mem_signing_key(&m, "k"), first, 32);
	assert_memory_equal(mem_signing_key(&m, "l"), second, 32);
	mem_put_signing_key(&m, "k", first, 32, true, 4);
	assert_null(mem_signing_key(&m, "k"));
	mem_put_signing_key(&m, "k", first, 32, false, 3);
	assert_null(mem_signing_key(&m, "k"));
	assert_non_null(mem_signing_key(&m, "l"));
	mem_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_by_day),
		cmocka_unit_test(older_rows_change_nothing),
		cmocka_unit_test(zones_come_from_above),
		cmocka_unit_test(subtrees_by_day),
		cmocka_unit_test(ended_units_lie_where_they_lay),
		cmocka_unit_test(terms_and_departments),
		cmocka_unit_test(grants),
		cmocka_unit_test(signing_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
