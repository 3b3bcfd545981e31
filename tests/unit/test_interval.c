/* test_interval.c -- intervals against published worked values and against
 * their definitions.
 * Wilson: Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3.
 * Poisson: Pearson & Hartley, Biometrika Tables for Statisticians I, table 40.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats/interval.h"

#define NEAR(got, want, by) assert_true(fabs((got) - (want)) <= (by))

static void test_wilson_published(void **state)
{
	static const struct {
		int64_t successes, n;
		double low, high;
	} rows[] = {
		{ 81, 263, .2553, .3662 },
		{ 15, 148, .0624, .1605 },
		{ 0, 20, .0000, .1611 },
		{ 1, 29, .0061, .1718 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct interval v =
			wilson_interval(rows[i].successes, rows[i].n);

		NEAR(v.low, rows[i].low, .00005);
		NEAR(v.high, rows[i].high, .00005);
	}
}

/* The limits are the shares at which the score test is just significant: the
 * definition, not the formula. */
static void test_wilson_definition(void **state)
{
	const double z = 1.959963984540054;

	(void)state;
	for (int64_t n = 1; n < 2000; n = n * 3 + 1) {
		for (int64_t k = 1; k < n; k += n / 7 + 1) {
			struct interval v = wilson_interval(k, n);
			double p = (double)k / (double)n;

			NEAR((p - v.low) /
				     sqrt(v.low * (1 - v.low) / (double)n),
			     z, 1e-9);
			NEAR((v.high - p) /
				     sqrt(v.high * (1 - v.high) / (double)n),
			     z, 1e-9);
		}
	}
}

static void test_wilson_ends(void **state)
{
	struct interval none = wilson_interval(0, 7);
	struct interval all = wilson_interval(7, 7);

	(void)state;
	assert_true(none.low == 0 && all.high == 1);
	NEAR(none.high, 1 - all.low, 1e-12);
	NEAR(wilson_interval(1, 1).low, 0.2065, .00005);
	/* as large as a national year */
	NEAR(wilson_interval(500000000, 1000000000).low, .499969, .000001);
}

static void test_poisson_published(void **state)
{
	static const struct {
		int64_t count;
		double low, high;
	} rows[] = {
		{ 0, 0.000, 3.689 },      { 1, 0.025, 5.572 },
		{ 2, 0.242, 7.225 },      { 3, 0.619, 8.767 },
		{ 5, 1.623, 11.668 },     { 10, 4.795, 18.390 },
		{ 20, 12.217, 30.888 },   { 50, 37.111, 65.919 },
		{ 100, 81.364, 121.627 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct interval v = poisson_interval(rows[i].count);

		NEAR(v.low, rows[i].low, .0006);
		NEAR(v.high, rows[i].high, .0006);
	}
}

/* P(X >= k | low) = P(X <= k | high) = 2.5 %, summed term by term. */
static void test_poisson_definition(void **state)
{
	(void)state;
	for (int64_t k = 1; k <= 60; k += 7) {
		struct interval v = poisson_interval(k);
		double below_low = 0, up_to_high = 0;
		double low_term = exp(-v.low), high_term = exp(-v.high);

		for (int64_t i = 0; i <= k; i++) {
			if (i < k)
				below_low += low_term;
			up_to_high += high_term;
			low_term *= v.low / (double)(i + 1);
			high_term *= v.high / (double)(i + 1);
		}
		NEAR(1 - below_low, .025, 1e-10);
		NEAR(up_to_high, .025, 1e-10);
	}
	NEAR(poisson_interval(0).high, -log(.025), 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wilson_published),
		cmocka_unit_test(test_wilson_definition),
		cmocka_unit_test(test_wilson_ends),
		cmocka_unit_test(test_poisson_published),
		cmocka_unit_test(test_poisson_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
