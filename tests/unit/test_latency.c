/* test_latency.c -- quantiles out of buckets are never too low and at most a
 * sixteenth too high. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/latency.h"

static void one_value(void **state)
{
	(void)state;
	for (uint64_t us = 0; us < UINT64_C(1) << 40; us += 1 + us / 7) {
		struct latency l = { 0 };

		latency_add(&l, us);
		latency_add(&l, us * 2 + 100);
		assert_true(latency_quantile_us(&l, 0.5) >= us);
		assert_true(latency_quantile_us(&l, 0.5) <= us + us / 16);
		assert_int_equal(latency_quantile_us(&l, 1), us * 2 + 100);
	}
}

static void shares(void **state)
{
	struct latency l = { 0 };

	(void)state;
	assert_int_equal(latency_quantile_us(&l, 0.99), 0);
	for (uint64_t us = 1; us <= 10000; us++)
		latency_add(&l, us);
	assert_in_range(latency_quantile_us(&l, 0.5), 5000, 5312);
	assert_in_range(latency_quantile_us(&l, 0.99), 9900, 10000);
	assert_int_equal(latency_quantile_us(&l, 1), 10000);
	assert_int_equal(l.max_us, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_value),
		cmocka_unit_test(shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
