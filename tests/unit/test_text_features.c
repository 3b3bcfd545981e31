/* test_text_features.c -- buckets of a text: a set, within bounds, and the same
 * for what means the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "text/features.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	srand(5);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static struct tokens tokens_of(const char *raw)
{
	struct text t = text_normalise(&arena, raw, strlen(raw));

	return text_tokens(&arena, &t);
}

static void test_features_are_a_set(void **state)
{
	static const char *const raws[] = {
		"",
		"a",
		"Где посылка? Где!!! 快递太慢了 快递",
		"посылка посылка посылка",
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct tokens k = tokens_of(raws[i]);
		struct features f = text_features(&arena, &k);
		struct features p = text_features_placed(&arena, &k);

		assert_null(f.place);
		assert_int_equal(f.n, p.n);
		assert_memory_equal(f.bucket, p.bucket, f.n * sizeof(uint32_t));
		assert_int_equal(f.n == 0, i == 0);
		for (size_t a = 0; a < p.n; a++) {
			assert_true(p.bucket[a] < FEATURE_BUCKETS);
			assert_true(p.place[a].begin < p.place[a].end &&
				    p.place[a].end <= k.len);
			for (size_t b = 0; b < a; b++)
				assert_true(p.bucket[a] != p.bucket[b]);
		}
	}
}

static void test_features_say_what_they_should(void **state)
{
	struct tokens a = tokens_of("12 писем"), b = tokens_of("57 писем"),
		      c = tokens_of("https://a.ru/1"),
		      d = tokens_of("https://b/2");
	struct features x = text_features(&arena, &a);
	struct features y = text_features(&arena, &b);

	(void)state;
	/* which number it is says nothing, which address neither */
	assert_int_equal(x.n, y.n);
	assert_memory_equal(x.bucket, y.bucket, x.n * sizeof(uint32_t));
	x = text_features(&arena, &c);
	y = text_features(&arena, &d);
	assert_int_equal(x.n, 1);
	assert_int_equal(x.bucket[0], y.bucket[0]);
	/* the word; <да, да>, <да> */
	a = tokens_of("да");
	assert_int_equal(text_features(&arena, &a).n, 4);
	/* three characters, two pairs, one triple */
	a = tokens_of("快递员");
	assert_int_equal(text_features(&arena, &a).n, 6);
}

static void test_features_of_junk_are_bounded(void **state)
{
	char *raw = arena_alloc(&arena, TEXT_MAX_BYTES + 1);
	struct tokens k;

	(void)state;
	for (size_t i = 0; i < TEXT_MAX_BYTES; i++)
		raw[i] = (char)(rand() % 12 == 0 ? ' ' : 'a' + rand() % 26);
	k = tokens_of(raw);
	assert_int_equal(text_features(&arena, &k).n, FEATURES_MAX);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_features_are_a_set),
		cmocka_unit_test(test_features_say_what_they_should),
		cmocka_unit_test(test_features_of_junk_are_bounded),
	};

	return cmocka_run_group_tests_name("text_features", tests, setup,
					   teardown);
}
