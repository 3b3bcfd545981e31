/* test_warnings.c -- when a spike begins and ends, when silence is one, the
 * days and letters of the digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "social/digest.h"
#include "timeutil.h"

static struct spike_series series(int64_t observed, int64_t usual)
{
	struct spike_series s = { .code = "x", .observed = observed };

	for (int i = 0; i < SPIKE_WEEKS; i++)
		s.week[i] = usual + i % 3 - 1;
	return s;
}

static void test_spike(void **state)
{
	struct spike_series s = series(60, 10);

	(void)state;
	spikes_judge(&s, 1, SPIKE_WEEKS);
	assert_true(s.judged && s.begins && !s.ends);
	assert_true(s.expected > 9 && s.expected < 11 && s.bound > s.expected);
	s = series(11, 10);
	spikes_judge(&s, 1, SPIKE_WEEKS);
	assert_true(s.judged && !s.begins);
	/* few are none, whatever they are usually */
	s = series(4, 1);
	memset(s.week, 0, sizeof(s.week));
	spikes_judge(&s, 1, SPIKE_WEEKS);
	assert_false(s.begins);
	/* minimum data first */
	s = series(60, 10);
	spikes_judge(&s, 1, 3);
	assert_true(!s.judged && !s.begins);
}

static void test_lasting(void **state)
{
	struct spike_series s = series(60, 10);
	double middle;

	(void)state;
	s.lasts = true;
	s.peak = 50;
	spikes_judge(&s, 1, SPIKE_WEEKS);
	assert_true(!s.begins && !s.ends && s.rises);
	middle = (s.expected + s.bound) / 2;
	/* between the middle and the bound it goes on */
	s.observed = (int64_t)middle + 1;
	spikes_judge(&s, 1, SPIKE_WEEKS);
	assert_true(!s.begins && !s.ends && !s.rises);
	s.observed = (int64_t)middle;
	spikes_judge(&s, 1, SPIKE_WEEKS);
	assert_true(s.ends);
	/* what cannot be compared does not end by that */
	spikes_judge(&s, 1, 0);
	assert_false(s.ends);
}

static void test_sensitivity(void **state)
{
	bool begins[6];

	(void)state;
	for (uint32_t sensitivity = 0; sensitivity <= 5; sensitivity++) {
		struct spike_series s = series(13, 10);

		s.sensitivity = sensitivity;
		spikes_judge(&s, 1, SPIKE_WEEKS);
		begins[sensitivity] = s.begins;
	}
	assert_int_equal(begins[0], begins[3]);
	assert_true(begins[1]);
	assert_false(begins[5]);
	for (int i = 2; i <= 5; i++)
		assert_true(begins[i] <= begins[i - 1]);
}

/* Of a thousand series as usual only few are told, and the one that is not. */
static void test_many(void **state)
{
	struct spike_series *s = calloc(1001, sizeof(*s));
	int false_ones = 0;

	(void)state;
	srandom(3);
	for (int i = 0; i < 1000; i++) {
		s[i] = series(0, 0);
		for (int k = 0; k <= SPIKE_WEEKS; k++) {
			int64_t n = 0;

			for (int d = 0; d < 100; d++)
				n += random() % 5 == 0;
			if (k == SPIKE_WEEKS)
				s[i].observed = n;
			else
				s[i].week[k] = n;
		}
	}
	s[1000] = series(200, 20);
	spikes_judge(s, 1001, SPIKE_WEEKS);
	assert_true(s[1000].begins);
	for (int i = 0; i < 1000; i++)
		false_ones += s[i].begins;
	assert_true(false_ones <= 2);
	free(s);
}

static void test_silence(void **state)
{
	int64_t few[6] = { 1, 2, 3, 4, 5, 6 };
	int64_t week[7] = { 9, 1, 5, 2, 3, 4, 6 };
	int64_t many[14] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 1000 };
	const int64_t usual_us = 2 * US_PER_HOUR;

	(void)state;
	assert_int_equal(source_usual_us(few, 6), 0);
	assert_int_equal(source_usual_us(week, 7), 9);
	assert_int_equal(source_usual_us(many, 14), 13); /* one was an outage */
	assert_int_equal(warn_usual_us("1,2,3,4,5,6,70"), 70);
	assert_int_equal(warn_usual_us(""), 0);
	assert_false(source_is_silent(3 * US_PER_HOUR, usual_us));
	assert_true(source_is_silent(3 * US_PER_HOUR + 1, usual_us));
	assert_false(source_is_silent(1000 * US_PER_DAY, 0));
	assert_false(source_is_silent(US_PER_MINUTE, US_PER_S));
}

/* --- the digest --- */

static void test_days(void **state)
{
	const struct zone *zone = zone_get("Asia/Vladivostok"); /* UTC+10 */
	struct digest_day day = digest_day_of(zone, 20000);

	(void)state;
	assert_true(day.from_us == 20000 * US_PER_DAY - 10 * US_PER_HOUR);
	assert_int_equal(day.from_hour, 20000 * 24 - 10);
	assert_int_equal(day.to_hour, 20001 * 24 - 10);
	assert_int_equal(day.utc_day, 20000);
	assert_int_equal(digest_weeks(&day, day.from_hour - 168), 1);
	assert_int_equal(digest_weeks(&day, day.from_hour - 167), 0);
	assert_int_equal(digest_weeks(&day, 0), 4);
	assert_int_equal(digest_weeks(&day, INT32_MAX), 0);
	/* days of half-hour zones have 24 hours still */
	day = digest_day_of(zone_get("Asia/Kolkata"), 20000);
	assert_int_equal(day.to_hour - day.from_hour, 24);
}

static void test_times_of_day(void **state)
{
	static const char *const wrong[] = { "",      "7:30",  "24:00", "07:60",
					     "07.30", "0a:00", "07:300" };
	int minutes = 0;

	(void)state;
	assert_int_equal(digest_time_read("07:30", &minutes), 0);
	assert_int_equal(minutes, 450);
	assert_int_equal(digest_time_read("23:59", &minutes), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(digest_time_read(wrong[i], &minutes), -1);
}

static void test_addresses(void **state)
{
	struct arena arena;
	const char **to;
	size_t n;

	(void)state;
	arena_init(&arena);
	assert_int_equal(digest_to_read(&arena, "a@b.c, d@e.f,", &to, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(to[1], "d@e.f");
	assert_int_equal(digest_to_read(&arena, "", &to, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(digest_to_read(&arena, "a@b.c,nobody", &to, &n), -1);
	assert_int_equal(digest_to_read(&arena, "a@b.c\r\nBcc:x@y.z", &to, &n),
			 -1);
	arena_reset(&arena);
}

static void test_clocks(void **state)
{
	Sy__V1__Digest d = SY__V1__DIGEST__INIT;
	Sy__V1__ReactionFacts facts[10];
	Sy__V1__ReactionFacts *all[10];
	Sy__V1__AppealClock clocks[10];
	Sy__V1__AppealClock *of[10];
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (int i = 0; i < 10; i++) {
		sy__v1__reaction_facts__init(&facts[i]);
		sy__v1__appeal_clock__init(&clocks[i]);
		clocks[i].clock = "reaction";
		clocks[i].started_at_us = US_PER_DAY;
		if (i < 9)
			clocks[i].stopped_at_us =
				US_PER_DAY + (i + 1) * US_PER_HOUR;
		clocks[i].state = i < 8   ? SY__V1__CLOCK_STATE__CLOCK_MET
				  : i < 9 ? SY__V1__CLOCK_STATE__CLOCK_BREACHED
					  : SY__V1__CLOCK_STATE__CLOCK_RUNNING;
		of[i] = &clocks[i];
		facts[i].clocks = &of[i];
		facts[i].n_clocks = 1;
		all[i] = &facts[i];
	}
	digest_times(&arena, all, 10, &d);
	assert_int_equal(d.n_times, 3);
	assert_int_equal(d.times[0]->met, 8);
	assert_int_equal(d.times[0]->breached, 1);
	assert_int_equal(d.times[0]->running, 1);
	assert_true(d.times[0]->median_us == 5 * US_PER_HOUR);
	assert_true(d.times[0]->p90_us == 9 * US_PER_HOUR);
	assert_int_equal(d.times[1]->met + d.times[1]->running, 0);
	arena_reset(&arena);
}

static void test_page(void **state)
{
	static const char *const langs[] = { "ru", "zh", "en" };
	Sy__V1__Digest d = SY__V1__DIGEST__INIT;
	Sy__V1__DigestLine line = SY__V1__DIGEST_LINE__INIT;
	Sy__V1__DigestLine *lines = &line;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	line.code = "<img src=x onerror=alert(1)>\"&";
	d.day = 20000;
	d.sources = &lines;
	d.n_sources = 1;
	for (int i = 0; i < 3; i++) {
		char *html = digest_html(&arena, &d, langs[i]);

		assert_non_null(strstr(html, "2024-10-04"));
		assert_null(strstr(html, "<img"));
		assert_non_null(strstr(html, "&lt;img src=x onerror=alert(1)"
					     "&gt;&quot;&amp;"));
		assert_non_null(strstr(html, "</html>"));
	}
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spike),
		cmocka_unit_test(test_lasting),
		cmocka_unit_test(test_sensitivity),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_times_of_day),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
