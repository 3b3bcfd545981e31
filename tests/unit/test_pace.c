/* test_pace.c -- when events wait for more to share their transaction, at a
 * consumer and at a service.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bus/consumer_internal.h"
#include "bus/internal.h"

static void a_consumer_waits_for_more(void **state)
{
	(void)state;
	assert_true(apply_too_early(0, 1));
	assert_true(apply_too_early(9999, 999));
	assert_false(apply_too_early(10000, 1)); /* never for long */
	assert_false(apply_too_early(0, 1000));  /* nothing that is behind */
	assert_false(apply_too_early(0, 0));
}

static void a_loaded_service_waits_for_more(void **state)
{
	(void)state;
	assert_true(writer_too_early(0, 32, 1));
	assert_true(writer_too_early(2999, 1000, 511));
	assert_false(writer_too_early(3000, 1000, 511)); /* never for long */
	assert_false(writer_too_early(0, 31, 1));     /* behind a small one */
	assert_false(writer_too_early(0, 1000, 512)); /* many go at once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_consumer_waits_for_more),
		cmocka_unit_test(a_loaded_service_waits_for_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
