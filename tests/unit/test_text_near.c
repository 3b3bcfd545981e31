/* test_text_near.c -- shingles and MinHash against what they stand for: exact
 * sets and their Jaccard index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/minhash.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	srand(11);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static struct shingles shingles(const char *raw)
{
	struct text t = text_normalise(&arena, raw, strlen(raw));
	struct text m = text_mask(&arena, &t);

	return text_shingles(&arena, &m);
}

static size_t count(const char *raw)
{
	return shingles(raw).n;
}

static void test_counts(void **state)
{
	(void)state;
	assert_int_equal(count(""), 0);
	assert_int_equal(count("a"), 1);
	assert_int_equal(count("abcd"), 1);
	assert_int_equal(count("abcde"), 1);
	assert_int_equal(count("abcdefg"), 3);
	assert_int_equal(count("aaaaaaaaaa"), 1);
	assert_int_equal(count("快递太慢"), 3);
	assert_int_equal(count("快"), 1);
	/* ab快, 快递, 递a: from a Han character two, from another five */
	assert_int_equal(count("abc快递abc"), 5);
	assert_int_equal(count("почта россии"), 8);
}

static void test_sorted_and_distinct(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		char raw[2000];
		int letters = 1 + rand() % 26, n = rand() % 1999;
		struct shingles s;

		for (int i = 0; i < n; i++)
			raw[i] = (char)('a' + rand() % letters);
		raw[n] = '\0';
		s = shingles(raw);
		for (size_t i = 1; i < s.n; i++)
			assert_true(s.h[i] > s.h[i - 1]);
		assert_true(s.n <= (size_t)n);
		arena_reset(&arena);
	}
}

static void test_jaccard_and_threshold(void **state)
{
	uint32_t a[] = { 1, 2, 3, 4, 5, 6, 7 };
	uint32_t b[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct shingles x = { a, 7, 100 }, y = { b, 10, 100 }, none = { 0 };

	(void)state;
	assert_true(fabs(shingles_jaccard(&x, &y) - .7) < 1e-12);
	assert_true(shingles_jaccard(&x, &x) == 1);
	assert_true(shingles_jaccard(&x, &none) == 0);
	assert_true(shingles_jaccard(&none, &none) == 0);
	assert_true(shingles_near(&x, &y));
	y.chars = 59;
	assert_false(shingles_near(&x, &y));
	assert_false(shingles_near(&y, &x));
	assert_true(shingles_near(&y, &y));
	assert_false(shingles_near(&none, &none));
}

static void test_copies_are_equal(void **state)
{
	static const char *const copies[][2] = {
		{ "Где посылка RA123456785RU? Жду 5 дней! @pochta",
		  "где посылка RB987654321CN жду 17 дней @rupost" },
		{ "Иван Иванович, спасибо! https://a.ru/1",
		  "Петр Сергеевич, спасибо https://b.ru/2" },
		{ "快递太慢了!!! http://t.cn/abc",
		  "快递太慢了。http://t.cn/xyz" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct shingles a = shingles(copies[i][0]);
		struct shingles b = shingles(copies[i][1]);

		assert_true(shingles_jaccard(&a, &b) == 1);
	}
}

/* A set of n random pieces, `same` of which it shares with the one of `from`.
 */
static struct shingles random_set(size_t n, const struct shingles *from,
				  size_t same)
{
	struct shingles s = { arena_alloc(&arena, (n + 1) * sizeof(*s.h)), n,
			      n + 4 };

	for (size_t i = 0; i < n; i++)
		s.h[i] = from != NULL && i < same
				 ? from->h[i]
				 : (uint32_t)rand() * 2u + (uint32_t)rand() % 2;
	return s;
}

static int by_value_cb(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Mean error and its spread over many pairs of sets of n pieces, J near j. */
static void estimates(size_t n, double j, double *bias_r, double *spread_r)
{
	enum { PAIRS = 1000 };
	double sum = 0, squares = 0;
	size_t same = (size_t)lrint(2 * j * (double)n / (1 + j));

	for (int i = 0; i < PAIRS; i++) {
		struct shingles a = random_set(n, NULL, 0);
		struct shingles b = random_set(n, &a, same);
		struct minhash x, y;
		double error;

		qsort(a.h, n, sizeof(*a.h), by_value_cb);
		qsort(b.h, n, sizeof(*b.h), by_value_cb);
		text_minhash(&x, &a);
		text_minhash(&y, &b);
		error = minhash_estimate(&x, &y) - shingles_jaccard(&a, &b);
		sum += error;
		squares += error * error;
		arena_reset(&arena);
	}
	*bias_r = sum / PAIRS;
	*spread_r = sqrt(squares / PAIRS);
}

static void test_unbiased(void **state)
{
	static const size_t sizes[] = { 10, 30, 60, 140, 300, 1000 };
	static const double js[] = { .1, .3, .5, .7, .9 };

	(void)state;
	for (size_t s = 0; s < 6; s++) {
		for (size_t k = 0; k < 5; k++) {
			double bias, spread, full;

			estimates(sizes[s], js[k], &bias, &spread);
			full = sqrt(js[k] * (1 - js[k]) / MINHASH_SLOTS);
			/* four standard errors of the mean of 1,000 */
			if (fabs(bias) > 4 * spread / sqrt(1000))
				fail_msg("%zu pieces, J %.1f: bias %.4f",
					 sizes[s], js[k], bias);
			/* the ideal, and what borrowing adds: a set of 10
			 * pieces has 10 slots to tell of */
			if (spread > 1.1 * full + .25 / sqrt((double)sizes[s]))
				fail_msg("%zu pieces, J %.1f: spread %.4f",
					 sizes[s], js[k], spread);
		}
	}
}

static void test_bands(void **state)
{
	static const size_t sizes[] = { 20, 60, 140, 1000 };

	(void)state;
	for (size_t s = 0; s < 4; s++) {
		int found = 0, wrong = 0;

		for (int i = 0; i < 1000; i++) {
			uint64_t k[3][MINHASH_BANDS];
			struct shingles a = random_set(sizes[s], NULL, 0), b, c;
			struct minhash x, y, z;
			bool hit = false, miss = false;

			/* Jaccard .8 and .05 */
			b = random_set(sizes[s], &a, sizes[s] * 8 / 9);
			c = random_set(sizes[s], &a, sizes[s] / 10);
			qsort(a.h, a.n, sizeof(*a.h), by_value_cb);
			qsort(b.h, b.n, sizeof(*b.h), by_value_cb);
			qsort(c.h, c.n, sizeof(*c.h), by_value_cb);
			text_minhash(&x, &a);
			text_minhash(&y, &b);
			text_minhash(&z, &c);
			assert_true(minhash_bands(&x, k[0]));
			assert_true(minhash_bands(&y, k[1]));
			assert_true(minhash_bands(&z, k[2]));
			for (size_t n = 0; n < MINHASH_BANDS; n++) {
				hit = hit || k[0][n] == k[1][n];
				miss = miss || k[0][n] == k[2][n];
			}
			found += hit;
			wrong += miss;
			arena_reset(&arena);
		}
		assert_true(found >= 990);
		assert_true(wrong <= 30);
	}
}

static void test_same_and_empty(void **state)
{
	uint64_t a[MINHASH_BANDS], b[MINHASH_BANDS];
	struct shingles s = shingles("Посылка идёт третью неделю"),
			one = shingles("a"), none = shingles("");
	struct minhash x, y;

	(void)state;
	text_minhash(&x, &s);
	text_minhash(&y, &s);
	assert_true(minhash_estimate(&x, &y) == 1);
	assert_true(minhash_bands(&x, a) && minhash_bands(&y, b));
	assert_memory_equal(a, b, sizeof(a));
	for (size_t i = 1; i < MINHASH_BANDS; i++)
		assert_true(a[i] != a[0]);
	text_minhash(&y, &one);
	for (size_t i = 0; i < MINHASH_SLOTS; i++)
		assert_int_equal(y.slot[i], one.h[0]);
	text_minhash(&y, &none);
	assert_true(y.empty && !minhash_bands(&y, b));
	assert_true(minhash_estimate(&y, &y) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_sorted_and_distinct),
		cmocka_unit_test(test_jaccard_and_threshold),
		cmocka_unit_test(test_copies_are_equal),
		cmocka_unit_test(test_unbiased),
		cmocka_unit_test(test_bands),
		cmocka_unit_test(test_same_and_empty),
	};

	return cmocka_run_group_tests_name("text_near", tests, setup, teardown);
}
