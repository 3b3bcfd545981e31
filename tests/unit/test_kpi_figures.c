/* test_kpi_figures.c -- how figures are divided, and which periods are
 * compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kpi/kpi.h"
#include "timeutil.h"

/* 2025-03-01 as a day. */
#define DAY 20148

/* --- division ------------------------------------------------------------ */

static void test_divide(void **state)
{
	Sy__V1__Cell cell = SY__V1__CELL__INIT;

	(void)state;
	cell.numerator = 7;
	rules_divide(&cell, FORM_COUNT, 1);
	assert_true(cell.has_value);
	assert_float_equal(cell.value, 7, 0);

	rules_divide(&cell, FORM_SHARE, 1);
	assert_false(cell.has_value);

	/* Wilson of 8 in 10, from the formula with z = 1.959964. */
	cell.numerator = 8;
	cell.denominator = 10;
	rules_divide(&cell, FORM_SHARE, 1);
	assert_true(cell.has_value);
	assert_float_equal(cell.value, 0.8, 1e-12);
	assert_float_equal(cell.low, 0.4901625, 1e-6);
	assert_float_equal(cell.high, 0.9433178, 1e-6);

	/* Garwood's interval of 10: 4.795389 to 18.390356. */
	cell.numerator = 10;
	cell.denominator = 20000;
	rules_divide(&cell, FORM_RATE, 10000);
	assert_true(cell.has_value);
	assert_float_equal(cell.value, 5, 1e-12);
	assert_float_equal(cell.low, 4.795389 / 2, 1e-6);
	assert_float_equal(cell.high, 18.390356 / 2, 1e-6);

	cell.denominator = 0;
	rules_divide(&cell, FORM_RATE, 10000);
	assert_false(cell.has_value);
}

static void test_exposure(void **state)
{
	static const struct exposure s[] = {
		{ "customers", "a", INT32_MIN, 10, 100 },
		{ "customers", "a", 10, 20, 300 },
		{ "customers", "a", 25, INT32_MAX, 1000 },
		{ "customers", "b", 0, 100, 7 },
		{ "parcels", "a", 0, 100, 9 },
	};
	const struct {
		const char *unit;
		int32_t from, to;
		int64_t expected;
	} rows[] = {
		{ "a", 0, 10, 100 }, { "a", 10, 20, 300 }, { "a", 5, 15, 200 },
		{ "a", 9, 12, 233 }, { "a", 20, 25, 0 },   { "a", 15, 30, 650 },
		{ "b", 5, 15, 7 },   { "c", 0, 100, 0 },   { "a", 12, 12, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(rules_exposure(s, 5, "customers", rows[i].unit,
						rows[i].from, rows[i].to),
				 rows[i].expected);
}

static void test_steps(void **state)
{
	const Sy__V1__Dimension month = SY__V1__DIMENSION__BY_MONTH;
	const struct {
		const char *day, *first, *next;
	} rows[] = {
		{ "2025-03-01", "2025-03-01", "2025-04-01" },
		{ "2025-03-31", "2025-03-01", "2025-04-01" },
		{ "2024-02-29", "2024-02-01", "2024-03-01" },
		{ "2024-12-31", "2024-12-01", "2025-01-01" },
		{ "1969-12-31", "1969-12-01", "1970-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int32_t day, first, next;

		assert_int_equal(day_parse(rows[i].day, &day), 0);
		assert_int_equal(day_parse(rows[i].first, &first), 0);
		assert_int_equal(day_parse(rows[i].next, &next), 0);
		assert_int_equal(rules_step_first(month, day), first);
		assert_int_equal(rules_step_next(month, first), next);
	}
	assert_int_equal(rules_step_first(SY__V1__DIMENSION__BY_DAY, DAY), DAY);
	assert_int_equal(rules_step_next(SY__V1__DIMENSION__BY_DAY, DAY),
			 DAY + 1);
}

static int32_t day_of(const char *text)
{
	int32_t day;

	assert_int_equal(day_parse(text, &day), 0);
	return day;
}

static void compared(const char *from, const char *to, const char *before,
		     const char *year_from, const char *year_to)
{
	const struct days days = { day_of(from), day_of(to) };
	const struct days b = rules_days_before(days);
	const struct days y = rules_days_year_before(days);

	assert_int_equal(b.from, day_of(before));
	assert_int_equal(b.to, days.from);
	assert_int_equal(y.from, day_of(year_from));
	assert_int_equal(y.to, day_of(year_to));
}

static void test_periods_compared(void **state)
{
	(void)state;
	/* quarters and months by the calendar */
	compared("2025-04-01", "2025-07-01", "2025-01-01", "2024-04-01",
		 "2024-07-01");
	compared("2025-03-01", "2025-04-01", "2025-02-01", "2024-03-01",
		 "2024-04-01");
	/* other days by their number */
	compared("2025-03-05", "2025-03-12", "2025-02-26", "2024-03-05",
		 "2024-03-12");
	compared("2024-02-29", "2024-03-01", "2024-02-28", "2023-02-28",
		 "2023-03-01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_divide),
		cmocka_unit_test(test_exposure),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_periods_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
