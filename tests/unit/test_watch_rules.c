/* test_watch_rules.c -- what a watch rule may be, and how its hits are counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "social/watches.h"
#include "timeutil.h"

/* --- fields --- */

static void fields(void **state)
{
	static char long_code[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				  "aaaaaaaaaaaaaaaaaaaaa";
	static char *const bad[] = { (char *)"", (char *)"A", (char *)"a b",
				     (char *)"a,b", long_code };
	Sy__V1__Label names[2] = { SY__V1__LABEL__INIT, SY__V1__LABEL__INIT };
	Sy__V1__Label *list[] = { &names[0], &names[1] };
	Sy__V1__Watch w = SY__V1__WATCH__INIT;
	struct watch_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w.code = bad[i];
		assert_false(watch_check(&w, &fault));
		assert_string_equal(fault.field, "watch.code");
	}
	w.code = (char *)"a.b_c-1";
	assert_true(watch_check(&w, &fault));
	w.sensitivity = 6;
	assert_false(watch_check(&w, &fault));
	assert_string_equal(fault.field, "watch.sensitivity");
	w.sensitivity = 5;
	w.names = list;
	w.n_names = 2;
	names[0].lang = names[1].lang = (char *)"en";
	names[0].text = (char *)"Queues";
	assert_false(watch_check(&w, &fault));
	assert_string_equal(fault.field, "watch.names[1].text");
	names[1].text = (char *)"Lines";
	assert_false(watch_check(&w, &fault));
	assert_string_equal(fault.field, "watch.names[1].lang");
	names[1].lang = (char *)"ru";
	assert_true(watch_check(&w, &fault));
}

static void names_are_folded(void **state)
{
	struct arena arena;
	Sy__V1__Label a = SY__V1__LABEL__INIT, b = SY__V1__LABEL__INIT;

	(void)state;
	arena_init(&arena);
	a.lang = b.lang = (char *)"ru";
	a.text = (char *)"Очередь  на ПОЧТЕ";
	b.text = (char *)"очередь на почте ";
	assert_string_equal(watch_name_key(&arena, &a),
			    watch_name_key(&arena, &b));
	b.lang = (char *)"en";
	assert_string_not_equal(watch_name_key(&arena, &a),
				watch_name_key(&arena, &b));
	arena_reset(&arena);
}

/* --- queries --- */

/* 0: well-formed. */
static uint32_t column_of(const char *query)
{
	struct arena arena;
	struct watch_query q;
	uint32_t column;

	arena_init(&arena);
	watch_query_read(&arena, query, &q);
	column = q.good ? 0 : q.column;
	assert_true(q.good || q.problem[0] != '\0');
	arena_reset(&arena);
	return column;
}

static void queries(void **state)
{
	(void)state;
	assert_int_equal(column_of("почта class:claim lang:ru"), 0);
	assert_int_equal(column_of("sentiment:negative source:vk.com"), 0);
	assert_int_equal(column_of("почта class:anger"), 13);
	assert_int_equal(column_of("почта lang:de"), 12);
	assert_int_equal(column_of("sentiment:bad"), 11);
	assert_int_equal(column_of("source:\"a b\""), 8);
	assert_int_equal(column_of("a AND"), 6);
	/* what the directory knows is not asked for here */
	assert_int_equal(column_of("unit:nowhere topic:nothing"), 0);
}

static bool compiles(const char *query)
{
	struct arena arena;
	struct watch_query q;
	struct watch_set *set;
	struct watch_scratch *scratch;
	bool is;

	arena_init(&arena);
	watch_query_read(&arena, query, &q);
	is = q.good && watch_query_compile(query, &q, &set, &scratch) == 0;
	assert_true(is == q.good);
	if (is) {
		watch_scratch_close(&scratch);
		watch_set_free(&set);
	}
	arena_reset(&arena);
	return is;
}

static void nothing_finds_all(void **state)
{
	(void)state;
	assert_false(compiles("reach<5 OR reach>3"));
	assert_false(compiles("reach<1000000 OR reach>=7 OR почта"));
	assert_true(compiles("reach>3"));
	assert_true(compiles("reach<5"));
	assert_true(compiles("source:a"));
	assert_true(compiles("почта OR lang:ru"));
}

/* --- hits --- */

static char *rule_a = (char *)"a", *rule_b = (char *)"b";

struct fixture {
	Sy__V1__MentionFacts facts;
	Sy__V1__MentionStored stored;
	char *watches[2];
};

static const Sy__V1__MentionStored *stored(struct fixture *f, int32_t hour,
					   char *first, char *second)
{
	sy__v1__mention_facts__init(&f->facts);
	sy__v1__mention_stored__init(&f->stored);
	f->stored.facts = &f->facts;
	f->watches[0] = first;
	f->watches[1] = second;
	f->facts.watches = f->watches;
	f->facts.n_watches = (size_t)(first != NULL) + (second != NULL);
	f->facts.published_at_us = hour * US_PER_HOUR + 1;
	return &f->stored;
}

static void hits(void **state)
{
	static const struct bus_item cause;
	struct fixture f[6];
	struct arena arena;
	struct mention m[3] = {
		/* new; of another rule after an edit; only read */
		{ .after = stored(&f[0], 5, rule_a, rule_b),
		  .cause = &cause,
		  .next = &m[1] },
		{ .before = stored(&f[1], 5, rule_a, NULL),
		  .after = stored(&f[2], 5, rule_b, NULL),
		  .cause = &cause,
		  .next = &m[2] },
		{ .after = stored(&f[3], 5, rule_a, NULL) },
	};
	struct watch_hit_list sum;

	(void)state;
	arena_init(&arena);
	sum = watch_hits_sum(&arena, m);
	assert_int_equal(sum.n, 1);
	assert_string_equal(sum.h[0].code, "b");
	assert_int_equal(sum.h[0].hits, 2);
	assert_int_equal(sum.h[0].hour, 5);
	/* what is deleted or spam is none any more */
	f[0].facts.deleted = true;
	f[2].facts.spam = true;
	sum = watch_hits_sum(&arena, m);
	assert_int_equal(sum.n, 1);
	assert_string_equal(sum.h[0].code, "a");
	assert_int_equal(sum.h[0].hits, -1);
	/* moved by an hour */
	stored(&f[2], 6, rule_a, NULL);
	sum = watch_hits_sum(&arena, m);
	assert_int_equal(sum.n, 2);
	assert_int_equal(sum.h[0].hour, 5);
	assert_int_equal(sum.h[0].hits, -1);
	assert_int_equal(sum.h[1].hour, 6);
	assert_int_equal(sum.h[1].hits, 1);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),  cmocka_unit_test(names_are_folded),
		cmocka_unit_test(queries), cmocka_unit_test(nothing_finds_all),
		cmocka_unit_test(hits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
