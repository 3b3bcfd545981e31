/* test_calendar.c -- working hours: what may be set, what then holds, and open
 * time against a count minute by minute of the wall clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "clock/calendar.h"
#include "random_calendar.h"

#define CASES 3000

static const struct day_hours closed_day;
static const struct day_hours office = { { { 540, 1080 } }, 1 };
static const struct day_hours short_day = { { { 540, 720 }, { 780, 1020 } },
					    2 };

static int32_t day(const char *text)
{
	int32_t n;

	assert_int_equal(day_parse(text, &n), 0);
	return n;
}

static int64_t at(const char *text)
{
	int64_t us;

	assert_int_equal(time_parse_us(text, &us), 0);
	return us;
}

/* Monday to Friday 9 to 18. */
static struct calendar *office_week(void)
{
	struct calendar *c = calendar_new();
	struct day_hours week[7] = { office, office,     office,    office,
				     office, closed_day, closed_day };

	assert_non_null(c);
	assert_int_equal(calendar_set_week(c, day("2000-01-01"), week, NULL),
			 0);
	return c;
}

static void test_days(void **state)
{
	struct calendar *c = office_week();
	struct day_hours hours;

	(void)state;
	/* 2025-03-14 is a Friday; before the first week all is closed */
	assert_int_equal(calendar_hours(c, day("2025-03-14")).n, 1);
	assert_int_equal(calendar_hours(c, day("2025-03-15")).n, 0);
	assert_int_equal(calendar_hours(c, day("1999-12-31")).n, 0);
	assert_int_equal(calendar_hours(c, INT32_MIN).n, 0);
	assert_int_equal(calendar_hours(c, INT32_MAX).n <= 1, 1);

	assert_int_equal(
		calendar_set_day(c, day("2025-03-14"), &closed_day, NULL), 0);
	calendar_set_day_like(c, day("2025-03-15"), 0);
	assert_int_equal(calendar_hours(c, day("2025-03-14")).n, 0);
	assert_int_equal(calendar_hours(c, day("2025-03-15")).n, 1);
	assert_int_equal(calendar_working_day(c, day("2025-03-13"), 1),
			 day("2025-03-15"));

	/* again replaces, unset forgets */
	assert_int_equal(
		calendar_set_day(c, day("2025-03-14"), &short_day, NULL), 0);
	hours = calendar_hours(c, day("2025-03-14"));
	assert_int_equal(hours.n, 2);
	assert_int_equal(hours.open[1].to_minute, 1020);
	calendar_unset_day(c, day("2025-03-14"));
	calendar_unset_day(c, day("2025-03-15"));
	calendar_unset_day(c, day("2025-03-16"));
	assert_int_equal(calendar_hours(c, day("2025-03-14")).n, 1);
	assert_int_equal(calendar_hours(c, day("2025-03-15")).n, 0);
	calendar_free(c);
	calendar_free(NULL);
}

/* A make-up day follows the week that is in force on it, set before or after.
 */
static void test_weeks(void **state)
{
	struct day_hours week[7];
	struct calendar *c;

	(void)state;
	for (int i = 0; i < 7; i++)
		week[i] = short_day;
	c = office_week();
	calendar_set_day_like(c, day("2025-05-31"), 4);
	calendar_set_day_like(c, day("2025-06-01"), 4);
	assert_int_equal(calendar_set_week(c, day("2025-06-01"), week, NULL),
			 0);
	assert_int_equal(calendar_hours(c, day("2025-05-30")).n, 1);
	assert_int_equal(calendar_hours(c, day("2025-05-31")).n, 1);
	assert_int_equal(calendar_hours(c, day("2025-06-01")).n, 2);
	assert_int_equal(calendar_hours(c, day("2025-06-07")).n, 2);
	/* the same first day again replaces */
	week[0] = closed_day;
	assert_int_equal(calendar_set_week(c, day("2025-06-01"), week, NULL),
			 0);
	assert_int_equal(calendar_hours(c, day("2025-06-02")).n, 0);
	assert_int_equal(
		calendar_working_days(c, day("2025-05-30"), day("2025-06-03")),
		3);
	assert_int_equal(
		calendar_working_days(c, day("2025-06-03"), day("2025-05-30")),
		0);
	calendar_free(c);
}

static void test_refused(void **state)
{
	static const struct {
		struct day_hours hours;
		const char *why;
	} rows[] = {
		{ { { { 540, 720 }, { 700, 800 } }, 2 }, "hours overlap" },
		{ { { { 780, 800 }, { 540, 720 } }, 2 }, "hours overlap" },
		{ { { { 720, 540 } }, 1 }, "hours end before they begin" },
		{ { { { 540, 540 } }, 1 }, "hours end before they begin" },
		{ { { { 540, 1441 } }, 1 }, "hours leave the day" },
		{ { { { 0, 0 } }, 9 }, "more than 8 openings a day" },
	};
	struct calendar *c = office_week();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct day_hours week[7] = { [2] = rows[i].hours };
		struct error err;
		char text[80];

		assert_int_equal(calendar_set_day(c, day("2025-03-14"),
						  &rows[i].hours, &err),
				 -1);
		assert_string_equal(err.text, rows[i].why);
		assert_int_equal(calendar_set_week(c, 0, week, &err), -1);
		snprintf(text, sizeof(text), "Wednesday: %s", rows[i].why);
		assert_string_equal(err.text, text);
	}
	/* and nothing of it holds */
	assert_int_equal(calendar_hours(c, day("2025-03-14")).n, 1);
	calendar_free(c);
}

/* 24:00 is the end, and openings may touch. */
static void test_edges(void **state)
{
	static const struct day_hours whole = { { { 0, 720 }, { 720, 1440 } },
						2 };
	const struct zone *utc = zone_get("UTC");
	struct calendar *c = calendar_new();
	struct day_hours week[7];
	int64_t us = at("2025-03-14T00:00:00Z");

	(void)state;
	for (int i = 0; i < 7; i++)
		week[i] = whole;
	assert_int_equal(calendar_set_week(c, INT32_MIN, week, NULL), 0);
	assert_int_equal(calendar_open_us(c, utc, us, us + 9 * US_PER_DAY),
			 9 * US_PER_DAY);
	assert_int_equal(calendar_open_us(c, utc, us + 1, us), 0);
	assert_int_equal(calendar_after_open_us(c, utc, us, US_PER_DAY),
			 us + US_PER_DAY);
	assert_int_equal(calendar_after_open_us(c, utc, us, 0), us);
	calendar_free(c);

	c = office_week();
	assert_false(calendar_is_open(c, utc, us + 9 * US_PER_HOUR - 1));
	assert_true(calendar_is_open(c, utc, us + 9 * US_PER_HOUR));
	assert_true(calendar_is_open(c, utc, us + 18 * US_PER_HOUR - 1));
	assert_false(calendar_is_open(c, utc, us + 18 * US_PER_HOUR));
	/* at closing time, not at the next opening */
	assert_int_equal(calendar_after_open_us(c, utc, us, 9 * US_PER_HOUR),
			 us + 18 * US_PER_HOUR);
	assert_int_equal(calendar_working_day(c, day("2025-03-14"), 0),
			 day("2025-03-14"));
	assert_int_equal(calendar_working_day(c, day("2025-03-15"), 0),
			 day("2025-03-17"));
	assert_int_equal(calendar_working_day(c, day("2025-03-14"), 6),
			 day("2025-03-24"));
	calendar_free(c);
}

/* Nothing within ten years is nothing; a day within them is found. */
static void test_closed(void **state)
{
	const struct zone *utc = zone_get("UTC");
	int64_t us = at("2025-03-14T00:00:00Z");
	struct calendar *c = calendar_new();

	(void)state;
	assert_int_equal(calendar_after_open_us(c, utc, us, 1), 0);
	assert_int_equal(calendar_working_day(c, day("2025-03-14"), 0),
			 INT32_MAX);
	assert_int_equal(calendar_set_day(c, day("2034-01-01"), &office, NULL),
			 0);
	assert_int_equal(calendar_after_open_us(c, utc, us, 1),
			 at("2034-01-01T09:00:00.000001Z"));
	assert_int_equal(
		calendar_after_open_us(c, utc, us, 9 * US_PER_HOUR + 1), 0);
	assert_int_equal(calendar_working_day(c, day("2025-03-14"), 1),
			 day("2034-01-01"));
	assert_int_equal(calendar_working_day(c, day("2025-03-14"), 2),
			 INT32_MAX);
	assert_int_equal(calendar_working_day(c, day("2020-03-14"), 1),
			 INT32_MAX);
	calendar_free(c);
}

/* --- at random ----------------------------------------------------------- */

/* The wall clock, read anew at every minute of some days about a change of the
 * clock. */
static void test_against_the_wall(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 60; i++) {
		unsigned seed = i;
		struct calendar *c = random_calendar(&seed);
		const struct zone *z = random_zone(&seed);
		int64_t from = random_instant(&seed) / MINUTE_US * MINUTE_US;
		int64_t open = 0, us;

		if (below(&seed, 3) > 0 &&
		    zone_span_at(z, from).to_us != INT64_MAX)
			from = zone_span_at(z, from).to_us -
			       below(&seed, 2880) * MINUTE_US;
		for (us = from; us < from + 3 * US_PER_DAY; us += MINUTE_US) {
			assert_int_equal(calendar_open_us(c, z, from, us),
					 open);
			if (calendar_is_open(c, z, us))
				open += MINUTE_US;
		}
		calendar_free(c);
	}
}

static void test_properties(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= CASES; i++) {
		unsigned seed = i;
		struct calendar *c = random_calendar(&seed);
		const struct zone *z = random_zone(&seed);
		int64_t a = random_instant(&seed);
		int64_t b = a + below(&seed, 90 * 86400) * US_PER_S;
		int64_t d = b + below(&seed, 90 * 86400) * US_PER_S;
		int64_t amount = 1 + below(&seed, 500 * 3600) * US_PER_S;
		int32_t n = (int32_t)(1 + below(&seed, 40));
		int32_t first = zone_local_day(z, a), last;
		int64_t after = calendar_after_open_us(c, z, a, amount);

		/* additive */
		assert_int_equal(calendar_open_us(c, z, a, b) +
					 calendar_open_us(c, z, b, d),
				 calendar_open_us(c, z, a, d));
		/* the inverse, and the first such instant */
		assert_true(after > a);
		assert_int_equal(calendar_open_us(c, z, a, after), amount);
		assert_int_equal(calendar_open_us(c, z, a, after - 1),
				 amount - 1);
		assert_true(calendar_is_open(c, z, after - 1));
		/* in two goes as in one */
		assert_int_equal(
			calendar_after_open_us(
				c, z,
				calendar_after_open_us(c, z, a, amount / 3),
				amount - amount / 3),
			after);
		/* and the days */
		last = calendar_working_day(c, first, n);
		assert_int_equal(calendar_working_days(c, first, last), n);
		assert_int_equal(calendar_working_days(c, first, last - 1),
				 n - 1);
		assert_true(calendar_hours(c, last).n > 0);
		calendar_free(c);
	}
}

/* Days of a zone follow each other without a gap. */
static void test_day_starts(void **state)
{
	unsigned seed = 5;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		const struct zone *z = random_zone(&seed);
		int32_t of = (int32_t)(DAY_2024 + below(&seed, 1096));
		int64_t us = zone_day_start_us(z, of);

		assert_int_equal(zone_local_day(z, us), of);
		assert_int_equal(zone_local_day(z, us - 1), of - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_weeks),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_against_the_wall),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_day_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
