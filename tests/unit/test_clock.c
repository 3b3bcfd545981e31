/* test_clock.c -- elapsed clocks, and local days and times of zones whose clock
 * is changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock/sla.h"
#include "clock/zone.h"
#include "timeutil.h"

static int64_t at(const char *text)
{
	int64_t us;

	assert_int_equal(time_parse_us(text, &us), 0);
	return us;
}

/* --- sla ----------------------------------------------------------------- */

/* As the first-response clock asks: 0 = not yet. */
static struct sla_result elapsed(int64_t start, int64_t stop, int64_t limit,
				 int64_t now)
{
	const struct sla_rule rule = { .measure = SLA_ELAPSED,
				       .amount = limit,
				       .zone = zone_get("UTC") };
	const struct sla_event events[] = {
		{ .at_us = start, .what = SLA_START },
		{ .at_us = stop, .what = SLA_STOP },
	};

	return sla_judge(&rule, events,
			 start == 0  ? 0
			 : stop == 0 ? 1
				     : 2,
			 now);
}

static void test_sla(void **state)
{
	const int64_t limit = 48 * US_PER_HOUR;
	const int64_t start = at("2025-03-14T05:20:00Z"), due = start + limit;
	static const struct {
		int64_t stop, now; /* from due; INT64_MAX = not stopped */
		enum sla_state state;
		int64_t remaining;
	} rows[] = {
		{ INT64_MAX, -48 * US_PER_HOUR, SLA_RUNNING, 48 * US_PER_HOUR },
		{ INT64_MAX, -1, SLA_RUNNING, 1 },
		{ INT64_MAX, 0, SLA_RUNNING, 0 },
		{ INT64_MAX, 1, SLA_BREACHED, 0 },
		{ -1, 0, SLA_MET, 0 },
		{ 0, US_PER_DAY, SLA_MET, 0 },
		{ 1, US_PER_DAY, SLA_BREACHED, 0 },
		/* a stop that happened in time and is learnt of late */
		{ -US_PER_HOUR, 30 * US_PER_DAY, SLA_MET, 0 },
		/* and one that is known before the machine's clock is there */
		{ 1, -US_PER_HOUR, SLA_BREACHED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t stop =
			rows[i].stop == INT64_MAX ? 0 : due + rows[i].stop;
		struct sla_result v =
			elapsed(start, stop, limit, due + rows[i].now);

		assert_int_equal(v.state, rows[i].state);
		assert_int_equal(v.due_us, due);
		assert_int_equal(v.remaining_us, rows[i].remaining);
	}
}

static void test_sla_none(void **state)
{
	struct sla_result v = elapsed(0, 0, US_PER_HOUR, time_now_us());

	(void)state;
	assert_int_equal(v.state, SLA_NONE);
	assert_int_equal(v.due_us, 0);
	assert_int_equal(v.remaining_us, 0);
}

/* --- zones --------------------------------------------------------------- */

static void assert_day(const char *zone, const char *instant, const char *want)
{
	const struct zone *z = zone_get(zone);
	char day[16];

	assert_non_null(z);
	day_format(zone_local_day(z, at(instant)), day);
	if (strcmp(day, want) != 0)
		print_error("%s at %s\n", zone, instant);
	assert_string_equal(day, want);
}

/* wall is "2025-03-09 02:30:00". */
static void assert_utc(const char *zone, const char *wall, const char *want)
{
	int year, month, day, hour, minute, second;
	char text[TIME_TEXT_MAX];

	assert_int_equal(sscanf(wall, "%d-%d-%d %d:%d:%d", &year, &month, &day,
				&hour, &minute, &second),
			 6);
	time_format_us(zone_to_utc_us(zone_get(zone), year, month, day, hour,
				      minute, second),
		       text);
	assert_string_equal(text, want);
}

static void test_names(void **state)
{
	static const char *const bad[] = {
		"",
		"Nowhere",
		"GMT+3",
		"BST",
		"PST",
		"Etc/Unknown",
		"america/new_york",
		"Москва",
		"Europe/Moscow ",
	};
	char longer[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(zone_get(bad[i]));
	memset(longer, 'A', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_null(zone_get(longer));
	assert_non_null(zone_get("UTC"));
	assert_non_null(zone_get("EST"));
	assert_non_null(zone_get("Asia/Shanghai"));
	assert_ptr_equal(zone_get("Europe/Moscow"), zone_get("Europe/Moscow"));
}

static void test_local_day(void **state)
{
	(void)state;
	assert_day("UTC", "1969-12-31T23:59:59.999999Z", "1969-12-31");
	assert_day("UTC", "1970-01-01T00:00:00Z", "1970-01-01");
	/* winter -5, summer -4: around midnight of each */
	assert_day("America/New_York", "2025-01-15T04:59:59.999999Z",
		   "2025-01-14");
	assert_day("America/New_York", "2025-01-15T05:00:00Z", "2025-01-15");
	assert_day("America/New_York", "2025-07-15T03:59:59.999999Z",
		   "2025-07-14");
	assert_day("America/New_York", "2025-07-15T04:00:00Z", "2025-07-15");
	/* the day of the change has both offsets */
	assert_day("America/New_York", "2025-03-09T05:00:00Z", "2025-03-09");
	assert_day("America/New_York", "2025-03-10T03:59:59Z", "2025-03-09");
	assert_day("America/New_York", "2025-03-10T04:00:00Z", "2025-03-10");
	assert_day("America/New_York", "2025-11-03T04:59:59Z", "2025-11-02");
	assert_day("America/New_York", "2025-11-03T05:00:00Z", "2025-11-03");
	/* Moscow: +4 without change 2011 to 2014, +3 since 2014-10-26 */
	assert_day("Europe/Moscow", "2014-10-24T20:00:00Z", "2014-10-25");
	assert_day("Europe/Moscow", "2014-10-26T20:59:59Z", "2014-10-26");
	assert_day("Europe/Moscow", "2014-10-26T21:00:00Z", "2014-10-27");
	assert_day("Europe/Moscow", "2025-07-15T20:59:59Z", "2025-07-15");
	assert_day("Europe/Moscow", "2025-07-15T21:00:00Z", "2025-07-16");
	assert_day("Asia/Kolkata", "2025-07-15T18:30:00Z", "2025-07-16");
}

static void test_to_utc(void **state)
{
	(void)state;
	assert_utc("UTC", "2025-03-14 05:20:00", "2025-03-14T05:20:00.000000Z");
	assert_utc("America/New_York", "2025-01-15 12:00:00",
		   "2025-01-15T17:00:00.000000Z");
	assert_utc("America/New_York", "2025-07-15 12:00:00",
		   "2025-07-15T16:00:00.000000Z");
	/* 02:00 to 03:00 does not exist */
	assert_utc("America/New_York", "2025-03-09 01:59:59",
		   "2025-03-09T06:59:59.000000Z");
	assert_utc("America/New_York", "2025-03-09 02:30:00",
		   "2025-03-09T07:00:00.000000Z");
	assert_utc("America/New_York", "2025-03-09 03:00:00",
		   "2025-03-09T07:00:00.000000Z");
	/* 01:00 to 02:00 comes twice: the first, still summer time */
	assert_utc("America/New_York", "2025-11-02 01:30:00",
		   "2025-11-02T05:30:00.000000Z");
	assert_utc("America/New_York", "2025-11-02 02:00:00",
		   "2025-11-02T07:00:00.000000Z");
	assert_utc("Europe/Moscow", "2011-03-27 02:30:00",
		   "2011-03-26T23:00:00.000000Z");
	assert_utc("Europe/Moscow", "2014-10-26 01:30:00",
		   "2014-10-25T21:30:00.000000Z");
	assert_utc("Europe/Moscow", "2025-07-15 00:00:00",
		   "2025-07-14T21:00:00.000000Z");
	/* a midnight that does not exist: the day begins at 01:00 */
	assert_utc("America/Sao_Paulo", "2018-11-04 00:00:00",
		   "2018-11-04T03:00:00.000000Z");
}

/* The remembered span must never answer for a time outside of it: hop about
 * over 26 years and compare with a zone that was never asked before the hop,
 * which is the round trip through zone_to_utc_us. */
static void test_span_is_left(void **state)
{
	const struct zone *z = zone_get("America/New_York");
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int32_t day = 10957 + rand_r(&seed) % 9500; /* 2000 and on */
		char text[16];
		int y, m, d;
		int64_t midnight;

		day_format(day, text);
		assert_int_equal(sscanf(text, "%d-%d-%d", &y, &m, &d), 3);
		midnight = zone_to_utc_us(z, y, m, d, 0, 0, 0);
		assert_int_equal(zone_local_day(z, midnight), day);
		assert_int_equal(zone_local_day(z, midnight - 1), day - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sla),
		cmocka_unit_test(test_sla_none),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_local_day),
		cmocka_unit_test(test_to_utc),
		cmocka_unit_test(test_span_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
