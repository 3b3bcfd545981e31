/* test_ics.c -- .ics files: what their events say of days, and what is refused
 * with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock/ics.h"
#include "timeutil.h"

#define CLOSED "SUMMARY:closed\r\n"

/* The events start at line 3. */
static int read_years(const char *events, int first_year, int last_year,
		      struct ics_day **days_r, size_t *n_r, struct error *err)
{
	char *text;
	int rc;

	assert_true(asprintf(&text,
			     "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n%s"
			     "END:VCALENDAR\r\n",
			     events) > 0);
	rc = ics_read(text, strlen(text), first_year, last_year, days_r, n_r,
		      err);
	free(text);
	return rc;
}

/* "2026-05-01 closed Labour Day" a line. */
static void assert_days(const char *events, int first_year, int last_year,
			const char *expected)
{
	struct ics_day *days = NULL;
	char seen[4096] = "", text[16];
	struct error err = { "" };
	size_t n = 0, used = 0;
	int rc = read_years(events, first_year, last_year, &days, &n, &err);

	assert_string_equal(err.text, "");
	assert_int_equal(rc, 0);
	for (size_t i = 0; i < n; i++) {
		const struct ics_day *d = &days[i];

		used += (size_t)snprintf(seen + used, sizeof(seen) - used,
					 "%s ", day_format(d->day, text));
		if (d->kind == ICS_CLOSED)
			used += (size_t)snprintf(seen + used,
						 sizeof(seen) - used, "closed");
		else if (d->kind == ICS_LIKE)
			used += (size_t)snprintf(seen + used,
						 sizeof(seen) - used, "like %d",
						 d->like_weekday);
		for (int k = 0; k < d->hours.n; k++)
			used += (size_t)snprintf(
				seen + used, sizeof(seen) - used, "%s%d-%d",
				k ? "," : "", d->hours.open[k].from_minute,
				d->hours.open[k].to_minute);
		used += (size_t)snprintf(seen + used, sizeof(seen) - used,
					 " %s\n", d->summary);
	}
	assert_string_equal(seen, expected);
	free(days);
}

#define EVENT(lines) "BEGIN:VEVENT\r\n" lines "END:VEVENT\r\n"
#define DATE(start) "DTSTART;VALUE=DATE:" start "\r\n"
#define UNTIL_DATE(end) "DTEND;VALUE=DATE:" end "\r\n"
#define SUMMARY(text) "SUMMARY:" text "\r\n"

static void test_closed(void **state)
{
	(void)state;
	/* the end is not of it; without one, or with the same day, one day */
	assert_days(
		EVENT(DATE("20260501") UNTIL_DATE("20260504") SUMMARY("劳动节"))
			EVENT(DATE("20260101") SUMMARY("New Year"))
				EVENT(DATE("20260612") UNTIL_DATE("20260612")
					      SUMMARY("День")),
		2026, 2026,
		"2026-01-01 closed New Year\n2026-05-01 closed 劳动节\n"
		"2026-05-02 closed 劳动节\n2026-05-03 closed 劳动节\n"
		"2026-06-12 closed День\n");
	/* DURATION, a folded line, a cancelled event, and what is free */
	assert_days(EVENT(DATE("20260501") "DURATION:P2D\r\n"
					   "SUMMARY:La\r\n bour\r\n"
					   "TRANSP:TRANSPARENT\r\n"
					   "DESCRIPTION:\r\n")
			    EVENT(DATE("20260701") "STATUS:CANCELLED\r\n"),
		    2026, 2026,
		    "2026-05-01 closed Labour\n2026-05-02 closed Labour\n");
	/* said twice */
	assert_days(EVENT(DATE("20260501") SUMMARY("a"))
			    EVENT(DATE("20260501") SUMMARY("b")),
		    2026, 2026, "2026-05-01 closed a\n");
	/* into the span and out of it */
	assert_days(EVENT(DATE("20251230") UNTIL_DATE("20260103") SUMMARY("x")),
		    2026, 2026, "2026-01-01 closed x\n2026-01-02 closed x\n");
}

static void test_worked(void **state)
{
	(void)state;
	assert_days(
		EVENT(DATE("20260104") SUMMARY("元旦 补班")) EVENT(
			DATE("20260214") SUMMARY(
				"春节（班）")) EVENT(DATE("20260228") "CATEGORI"
								      "ES:"
								      "Office,"
								      "working"
								      "\r\n")
			EVENT(DATE("20260509") "X-APPLE-SPECIAL-DAY:ALTERNATE-"
					       "WORKDAY\r\n")
				EVENT(DATE("20260920") "X-SUYUAN-LIKE-WEEKDAY:"
						       "5\r\n")
					EVENT(DATE("20261010") "X-SUYUAN-HOURS:"
							       "14:00-"
							       "18:00\r\n")
						EVENT(DATE(
							"20261011") "X-SUYUAN-"
								    "HOURS:09:"
								    "00-13:"
								    "00, "
								    "14:00-24:"
								    "00\r\n"),
		2026, 2026,
		"2026-01-04 like 0 元旦 补班\n2026-02-14 like 0 春节（班）\n"
		"2026-02-28 like 0 \n2026-05-09 like 0 \n"
		"2026-09-20 like 4 \n2026-10-10 840-1080 \n"
		"2026-10-11 540-780,840-1440 \n");
}

#define TIME(start, end) "DTSTART:" start "\r\nDTEND:" end "\r\n"

static void test_hours(void **state)
{
	(void)state;
	/* several add up, in any order; touching is not overlapping */
	assert_days(EVENT(TIME("20260430T140000", "20260430T170000") SUMMARY(
			    "b")) EVENT(TIME("20260430T090000",
					     "20260430T130000") SUMMARY("a"))
			    EVENT(TIME("20260430T130000", "20260430T140000")),
		    2026, 2026, "2026-04-30 540-780,780-840,840-1020 b\n");
	/* to midnight; by DURATION; as the wall shows it wherever that is */
	assert_days(EVENT(TIME("20260430T220000", "20260501T000000")) EVENT(
			    "DTSTART;TZID=Europe/"
			    "Moscow:20260502T100000\r\nDURATION:PT4H\r\n"),
		    2026, 2026, "2026-04-30 1320-1440 \n2026-05-02 600-840 \n");
}

static void test_repeated(void **state)
{
	(void)state;
	assert_days(EVENT(DATE("20200101") UNTIL_DATE(
			    "20200103") "RRULE:FREQ=YEARLY\r\n" SUMMARY("NY")),
		    2025, 2026,
		    "2025-01-01 closed NY\n2025-01-02 closed NY\n"
		    "2026-01-01 closed NY\n2026-01-02 closed NY\n");
	/* the last Monday of May; an exception and a day more */
	assert_days(EVENT(DATE("20240527") "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-"
					   "1MO\r\n"
					   "EXDATE;VALUE=DATE:20250526\r\n"
					   "RDATE;VALUE=DATE:20250602\r\n"),
		    2024, 2026,
		    "2024-05-27 closed \n2025-06-02 closed \n"
		    "2026-05-25 closed \n");
	/* the 29th of February is not moved; UNTIL and COUNT end it */
	assert_days(EVENT(DATE("20240229") "RRULE:FREQ=YEARLY\r\n")
			    EVENT(DATE("20250101") "RRULE:FREQ=YEARLY;"
						   "COUNT=2\r\n")
				    EVENT(DATE("20270101") "RRULE:FREQ=DAILY;"
							   "UNTIL=20270102"
							   "\r\n"),
		    2024, 2028,
		    "2024-02-29 closed \n2025-01-01 closed \n"
		    "2026-01-01 closed \n2027-01-01 closed \n"
		    "2027-01-02 closed \n2028-02-29 closed \n");
	/* every Saturday half a day */
	assert_days(
		EVENT(TIME("20261205T100000",
			   "20261205T140000") "RRULE:FREQ=WEEKLY;COUNT=3\r\n"),
		2026, 2026,
		"2026-12-05 600-840 \n2026-12-12 600-840 \n"
		"2026-12-19 600-840 \n");
}

static void test_refused(void **state)
{
	static const char fine[] = EVENT(DATE("20260101") CLOSED);
	static const struct {
		const char *event, *why;
	} rows[] = {
		{ EVENT(CLOSED), "line 7: the event has no DTSTART" },
		{ EVENT("DTSTART;VALUE=DATE:2026xx01\r\n"),
		  "line 7: the event has a line that is not read" },
		{ EVENT(DATE("20260102") "DTEND;VALUE=DATE:\r\n"),
		  "line 7: the event has a line that is not read" },
		{ EVENT(DATE("20260102") "RRULE:FREQ=YARLY\r\n"),
		  "line 7: the event has a line that is not read" },
		{ EVENT(DATE("20260102") "no property at all\r\n"),
		  "line 7: the event has a line that is not read" },
		{ EVENT(DATE("20260230")),
		  "line 7: the event has a time that does not exist" },
		{ EVENT(TIME("20260102T090000", "20260102T250000")),
		  "line 7: the event has a time that does not exist" },
		{ EVENT(DATE("20260103") UNTIL_DATE("20260102")),
		  "line 7: the event ends before it begins" },
		{ EVENT(TIME("20260102T180000", "20260102T090000")),
		  "line 7: the event has no end after its beginning" },
		{ EVENT(TIME("20260102T090000", "20260102T090000")),
		  "line 7: the event has no end after its beginning" },
		{ EVENT(TIME("20260102T180000", "20260103T000100")),
		  "line 7: the event goes on after midnight" },
		{ EVENT(TIME("20260102T090030", "20260102T100000")),
		  "line 7: the event has a time with seconds" },
		{ EVENT(TIME("20260102T090000Z", "20260102T100000Z")),
		  "line 7: the event has its time in UTC, not as the clock on "
		  "the wall shows it" },
		{ EVENT("DTSTART:20260102T090000\r\n"),
		  "line 7: the event has no end after its beginning" },
		{ EVENT(DATE("20260102") "DTEND:20260103T100000\r\n"),
		  "line 7: the event begins with a day and ends with a time" },
		{ EVENT(DATE("20260102") UNTIL_DATE("20270704")),
		  "line 7: the event is longer than a year" },
		{ EVENT(DATE("20260102") "RRULE:FREQ=HOURLY\r\n"),
		  "line 7: the event is repeated more than daily" },
		{ EVENT(DATE("20260102") "RRULE:FREQ=YEARLY;BYMONTH=2;"
					 "BYMONTHDAY=30\r\n"),
		  "line 7: the event has an RRULE without any day" },
		{ EVENT(DATE("20260102") "RRULE:FREQ=YEARLY\r\n"
					 "RRULE:FREQ=MONTHLY\r\n"),
		  "line 7: the event has several RRULE" },
		{ EVENT(DATE("20260102") "RECURRENCE-ID;VALUE=DATE:"
					 "20260101\r\n"),
		  "line 7: the event replaces a repetition (RECURRENCE-ID): "
		  "give that day an EXDATE instead" },
		{ EVENT(DATE("20260102") "X-SUYUAN-HOURS:9-13\r\n"),
		  "line 7: the event has an X-SUYUAN-HOURS that is not like "
		  "09:00-13:00,14:00-18:00" },
		{ EVENT(DATE("20260102") "X-SUYUAN-HOURS:09:00-13:00,12:00-"
					 "18:00\r\n"),
		  "line 7: the event has an X-SUYUAN-HOURS that is not like "
		  "09:00-13:00,14:00-18:00" },
		{ EVENT(DATE("20260102") "X-SUYUAN-LIKE-WEEKDAY:8\r\n"),
		  "line 7: the event has an X-SUYUAN-LIKE-WEEKDAY that is not "
		  "1..7" },
		{ EVENT(TIME(
			  "20260102T090000",
			  "20260102T100000") "X-SUYUAN-HOURS:09:00-13:00\r\n"),
		  "line 7: the event has both a time and an X-SUYUAN rule" },
		/* two events of a day */
		{ EVENT(DATE("20260101") "CATEGORIES:WORKING\r\n"),
		  "line 7: the event says otherwise of a day than the one of "
		  "line 3" },
		{ EVENT(TIME("20260101T090000", "20260101T100000")),
		  "line 7: the event says otherwise of a day than the one of "
		  "line 3" },
		{ EVENT(TIME("20260102T090000", "20260102T130000"))
			  EVENT(TIME("20260102T120000", "20260102T140000")),
		  "line 11: the event's hours overlap with another's of the "
		  "same day" },
		/* what encloses them */
		{ "BEGIN:VEVENT\r\n" DATE("20260102"),
		  "line 9: an END without its BEGIN" },
		{ "END:VEVENT\r\n", "line 7: an END without its BEGIN" },
		{ "BEGIN:VTODO\r\n" EVENT(DATE("20260102")) "END:VTODO\r\n",
		  "line 8: an event that is in no VCALENDAR" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ics_day *days;
		struct error err = { "" };
		char *text;
		size_t n;

		assert_true(asprintf(&text, "%s%s", fine, rows[i].event) > 0);
		assert_int_equal(read_years(text, 2026, 2026, &days, &n, &err),
				 -1);
		assert_string_equal(err.text, rows[i].why);
		free(text);
	}
}

/* Files that are not what they should be, as a whole. */
static void test_files(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *why;
	} rows[] = {
		{ "", 0, "not an iCalendar file" },
		{ "day,hours\n2026-01-01,9\n", 23, "not an iCalendar file" },
		{ "a\0b", 3, "not a text" },
		{ "\xff\xfe", 2, "not UTF-8" },
		{ "BEGIN:VCALENDAR\n", 16, "line 1: a BEGIN without its END" },
	};
	struct ics_day *days;
	struct error err;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ics_read(rows[i].text, rows[i].n, 2026, 2026,
					  &days, &n, &err),
				 -1);
		assert_string_equal(err.text, rows[i].why);
	}
	/* last year's file; a year in between */
	assert_int_equal(read_years(EVENT(DATE("20250101")), 2026, 2026, &days,
				    &n, &err),
			 -1);
	assert_string_equal(err.text,
			    "the file has no day in 2026: is it another "
			    "year's?");
	assert_int_equal(read_years(EVENT(DATE("20250101"))
					    EVENT(DATE("20270101")),
				    2025, 2027, &days, &n, &err),
			 -1);
	assert_string_equal(err.text,
			    "the file has no day in 2026: is it another "
			    "year's?");
	/* a century of days */
	assert_int_equal(read_years(EVENT(DATE("20000101") "RRULE:FREQ=DAILY"
							   "\r\n"),
				    2000, 2100, &days, &n, &err),
			 -1);
	assert_string_equal(err.text,
			    "line 3: the event makes too many days altogether");
}

/* No text, cut or changed anywhere, does harm: the sanitizers look on. */
static void test_damaged(void **state)
{
	static const char whole[] =
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260101"
		"\r\nRRULE:FREQ=YEARLY;COUNT=3\r\nEXDATE;VALUE=DATE:20270101"
		"\r\nX-SUYUAN-HOURS:09:00-13:00,14:00-18:00\r\nEND:VEVENT\r\n"
		"BEGIN:VEVENT\r\nDTSTART:20260102T090000\r\nDTEND:20260102T10"
		"0000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		char text[sizeof(whole)];
		struct ics_day *days = NULL;
		struct error err;
		size_t n = 0, bytes = sizeof(whole) - 1;

		memcpy(text, whole, sizeof(whole));
		for (int k = rand_r(&seed) % 4; k > 0; k--)
			text[(size_t)rand_r(&seed) % bytes] =
				(char)(32 + rand_r(&seed) % 95);
		if (rand_r(&seed) % 4 == 0)
			bytes = (size_t)rand_r(&seed) % bytes;
		if (ics_read(text, bytes, 2026, 2026, &days, &n, &err) == 0) {
			assert_true(n > 0);
			free(days);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed),  cmocka_unit_test(test_worked),
		cmocka_unit_test(test_hours),   cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_files),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
