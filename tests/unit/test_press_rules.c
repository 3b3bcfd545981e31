/* test_press_rules.c -- what may become of a question of the press. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "social/press.h"

#define S(state) SY__V1__PRESS_STATE__PRESS_##state

static Sy__V1__PressQuestion question(Sy__V1__PressState state)
{
	Sy__V1__PressQuestion press = SY__V1__PRESS_QUESTION__INIT;

	press.state = state;
	press.medium = (char *)"The Daily";
	press.question = (char *)"Why?";
	press.statement = (char *)"Because";
	press.drafted_by = (char *)"olga";
	return press;
}

/* Rows: what is done, by somebody else than the author; columns: state from
 * NONE on; the digit of what it becomes, '.' where it has no place. */
static void the_table(void **state)
{
	static const char *const becomes[PRESS_STEPS] = {
		[PRESS_PUT] = "11...",
		[PRESS_AGREE] = ".2...",
		[PRESS_PUBLISH] = "..33.",
		[PRESS_CLOSE] = ".444.",
	};

	(void)state;
	for (int step = 0; step < PRESS_STEPS; step++)
		for (int from = 0; from <= S(CLOSED); from++) {
			Sy__V1__PressQuestion press =
				question((Sy__V1__PressState)from);
			struct press_problem problem = { 0 };
			Sy__V1__PressState to = S(NONE);
			bool is = press_take(&press, (enum press_step)step,
					     "oleg", &to, &problem);
			char got = is ? (char)('0' + to) : '.';

			if (got != becomes[step][from])
				fail_msg("step %d from state %d: %c", step,
					 from, got);
		}
}

static void four_eyes(void **state)
{
	Sy__V1__PressQuestion press = question(S(ASKED));
	struct press_problem problem = { 0 };
	Sy__V1__PressState to;

	(void)state;
	assert_false(press_take(&press, PRESS_AGREE, "olga", &to, &problem));
	assert_int_equal(problem.code, SY__V1__ERROR_CODE__FORBIDDEN);
	press.statement = (char *)"";
	assert_false(press_take(&press, PRESS_AGREE, "oleg", &to, &problem));
	assert_int_equal(problem.code, SY__V1__ERROR_CODE__STATE);
	assert_string_equal(problem.field, "statement");
}

static void fields(void **state)
{
	Sy__V1__PressQuestion press = question(S(NONE));
	Sy__V1__PublishStatementRequest publish =
		SY__V1__PUBLISH_STATEMENT_REQUEST__INIT;
	struct press_problem problem = { 0 };
	char long_one[3000];

	(void)state;
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	assert_true(press_check(&press, &problem));
	press.asked_at_us = press.due_us = 5;
	assert_false(press_check(&press, &problem));
	assert_string_equal(problem.field, "press.due_us");
	press.due_us = 6;
	press.asked_at_us = -1;
	assert_false(press_check(&press, &problem));
	assert_string_equal(problem.field, "press.asked_at_us");
	press.asked_at_us = 5;
	press.cluster_id = (char *)"x";
	assert_false(press_check(&press, &problem));
	assert_string_equal(problem.field, "press.cluster_id");
	press.cluster_id = (char *)"";
	press.medium = long_one;
	assert_false(press_check(&press, &problem));
	assert_string_equal(problem.field, "press.medium");
	assert_false(publication_check(&publish, &problem));
	assert_string_equal(problem.field, "where");
	publish.where = (char *)"radio";
	publish.url = long_one;
	assert_false(publication_check(&publish, &problem));
	assert_string_equal(problem.field, "url");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table),
		cmocka_unit_test(four_eyes),
		cmocka_unit_test(fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
