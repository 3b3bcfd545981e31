/* test_replica_policies.c -- policies and calendars in memory: what matches a
 * case on a day, in which order, and whose working hours a unit has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dir/replica_mem.h"

#define CLOCK SY__V1__POLICY__RULE_CLOCK
#define REPEAT SY__V1__POLICY__RULE_REPEAT

static void put_unit(struct replica_mem *m, const char *code,
		     const char *parent, const char *calendar, int32_t from,
		     uint64_t revision)
{
	mem_put_unit(m, &(struct mem_version){ .code = code,
					       .from_day = from,
					       .parent = parent,
					       .zone = "",
					       .calendar = calendar,
					       .class = "",
					       .revision = revision });
}

static void put_term(struct replica_mem *m, const char *taxonomy,
		     const char *code, const char *parent)
{
	mem_put_term(m, taxonomy,
		     &(struct mem_version){ .code = code,
					    .parent = parent,
					    .zone = "",
					    .calendar = "",
					    .class = "",
					    .revision = 1 });
}

static void put_policy(struct replica_mem *m, const Sy__V1__Policy *p,
		       uint64_t revision)
{
	uint8_t body[1000];

	assert_true(sy__v1__policy__get_packed_size(p) <= sizeof(body));
	mem_put_policy(m, body, sy__v1__policy__pack(p, body), revision);
}

/* A clock of what lies at or below unit and topic ("" = any). */
static void put_clock(struct replica_mem *m, const char *code, uint32_t order,
		      const char *unit, const char *topic, int32_t from,
		      int32_t to, uint64_t revision)
{
	Sy__V1__Policy p = SY__V1__POLICY__INIT;
	Sy__V1__ClockRule clock = SY__V1__CLOCK_RULE__INIT;
	Sy__V1__PolicyMatch match = SY__V1__POLICY_MATCH__INIT;

	match.unit = (char *)unit;
	match.topic = (char *)topic;
	clock.order = order;
	clock.match = &match;
	p.code = (char *)code;
	p.rule_case = CLOCK;
	p.clock = &clock;
	p.valid_from_day = from;
	p.valid_to_day = to;
	put_policy(m, &p, revision);
}

/* --- matching --------------------------------------------------------------
 */

struct seen {
	char codes[200];
	int left;
};

static bool see_cb(const Sy__V1__Policy *policy, void *arg)
{
	struct seen *seen = arg;

	strcat(seen->codes, policy->code);
	strcat(seen->codes, " ");
	return --seen->left > 0;
}

static struct policy_case of(const char *unit, const char *topic)
{
	return (struct policy_case){ .kind = "",
				     .channel = "",
				     .topic = topic,
				     .segment = "",
				     .unit = unit,
				     .product = "" };
}

static const char *seen(struct replica_mem *m, int32_t day, const char *unit,
			const char *topic, int most)
{
	static struct seen s;
	struct policy_case c = of(unit, topic);

	s = (struct seen){ .left = most };
	mem_policies(m, CLOCK, day, &c, see_cb, &s);
	return s.codes;
}

static void below_units_and_terms(void **state)
{
	struct replica_mem m = { 0 };

	(void)state;
	assert_string_equal(seen(&m, 5, "o1", "late", 9), "");
	assert_null(mem_policy(&m, "all", 5));
	put_unit(&m, "post", "", "", 0, 1);
	put_unit(&m, "east", "post", "", 0, 2);
	put_unit(&m, "west", "post", "", 0, 3);
	put_unit(&m, "o1", "east", "", 0, 4);
	put_unit(&m, "o1", "west", "", 100, 5);
	put_term(&m, "topic", "delivery", "");
	put_term(&m, "topic", "late", "delivery");
	put_clock(&m, "all", 0, "", "", 0, 0, 6);
	put_clock(&m, "east", 0, "east", "", 0, 0, 7);
	put_clock(&m, "west-late", 0, "west", "late", 0, 0, 8);
	put_clock(&m, "delivery", 0, "", "delivery", 0, 0, 9);
	assert_string_equal(seen(&m, 5, "o1", "late", 9), "delivery east all ");
	assert_string_equal(seen(&m, 100, "o1", "late", 9),
			    "west-late delivery all ");
	assert_string_equal(seen(&m, 100, "west", "late", 9),
			    "west-late delivery all ");
	assert_string_equal(seen(&m, 5, "o1", "", 9), "east all ");
	assert_string_equal(seen(&m, 5, "", "", 9), "all ");
	assert_string_equal(seen(&m, 5, "post", "other", 9), "all ");
	/* a code that nothing is known of is still itself */
	put_clock(&m, "gone", 0, "gone", "", 0, 0, 10);
	assert_string_equal(seen(&m, 5, "gone", "", 9), "gone all ");
	mem_free(&m);
}

static void order_and_days(void **state)
{
	struct replica_mem m = { 0 };

	(void)state;
	put_clock(&m, "b", 0, "", "", 0, 0, 1);
	put_clock(&m, "a", 0, "", "", 0, 0, 2);
	put_clock(&m, "last", 0, "", "", 0, 50, 3);
	put_clock(&m, "narrow", 0, "post", "", 0, 0, 4);
	put_clock(&m, "z", 9, "", "", 0, 0, 5);
	assert_string_equal(seen(&m, 49, "post", "", 9), "z narrow a b last ");
	assert_string_equal(seen(&m, 50, "post", "", 9), "z narrow a b ");
	assert_string_equal(seen(&m, 50, "post", "", 2), "z narrow ");
	/* from its next version on it counts less; the past stays */
	put_clock(&m, "z", 0, "", "", 70, 80, 6);
	assert_string_equal(seen(&m, 69, "", "", 9), "z a b ");
	assert_string_equal(seen(&m, 70, "", "", 9), "a b z ");
	assert_string_equal(seen(&m, 80, "", "", 9), "a b ");
	assert_int_equal(mem_policy(&m, "z", 69)->clock->order, 9);
	assert_int_equal(mem_policy(&m, "z", 70)->clock->order, 0);
	assert_null(mem_policy(&m, "z", 80));
	assert_null(mem_policy(&m, "last", 50));
	assert_null(mem_policy(&m, "unknown", 0));
	/* older news change nothing, newer ones correct it */
	put_clock(&m, "z", 5, "", "", 70, 0, 5);
	assert_null(mem_policy(&m, "z", 80));
	put_clock(&m, "z", 5, "", "", 70, 0, 7);
	assert_string_equal(seen(&m, 90, "", "", 9), "z a b ");
	mem_free(&m);
}

static void rules_apart(void **state)
{
	struct replica_mem m = { 0 };
	Sy__V1__Policy p = SY__V1__POLICY__INIT;
	Sy__V1__RepeatRule repeat = SY__V1__REPEAT_RULE__INIT;
	struct seen s = { .left = 9 };
	struct policy_case c = of("", "");

	(void)state;
	put_clock(&m, "clock", 0, "", "", 0, 0, 1);
	repeat.window_days = 30;
	p.code = "again";
	p.rule_case = REPEAT;
	p.repeat = &repeat;
	put_policy(&m, &p, 2);
	assert_string_equal(seen(&m, 0, "", "", 9), "clock ");
	mem_policies(&m, REPEAT, 0, &c, see_cb, &s);
	assert_string_equal(s.codes, "again ");
	mem_free(&m);
}

/* Against a reading of the words alone, over random policies and cases. */
static const char *const units[] = { "", "r", "r1", "r2", "r11", "r12", "r21" };
static const char *const topics[] = { "", "t", "t1", "t2", "t11" };
#define N(list) (sizeof(list) / sizeof((list)[0]))

static bool at_or_below(const char *code, const char *want)
{
	return !want[0] || (code[0] && strncmp(code, want, strlen(want)) == 0);
}

static void as_the_words_say(void **state)
{
	struct replica_mem m = { 0 };
	struct {
		const char *unit, *topic;
		int32_t from, to;
	} all[60];

	(void)state;
	srand(7);
	for (size_t i = 1; i < N(units); i++) {
		char parent[8];

		snprintf(parent, sizeof(parent), "%.*s",
			 (int)strlen(units[i]) - 1, units[i]);
		put_unit(&m, units[i], parent, "", 0, i);
	}
	for (size_t i = 1; i < N(topics); i++) {
		char parent[8];

		snprintf(parent, sizeof(parent), "%.*s",
			 (int)strlen(topics[i]) - 1, topics[i]);
		put_term(&m, "topic", topics[i], parent);
	}
	for (size_t i = 0; i < N(all); i++) {
		char code[8];

		all[i].unit = units[(size_t)rand() % N(units)];
		all[i].topic = topics[(size_t)rand() % N(topics)];
		all[i].from = rand() % 50;
		all[i].to = rand() % 3 ? 0 : all[i].from + 1 + rand() % 50;
		snprintf(code, sizeof(code), "p%02zu", i);
		put_clock(&m, code, (uint32_t)(100 - i), all[i].unit,
			  all[i].topic, all[i].from, all[i].to, i + 1);
	}
	for (int round = 0; round < 500; round++) {
		const char *unit = units[(size_t)rand() % N(units)];
		const char *topic = topics[(size_t)rand() % N(topics)];
		int32_t day = rand() % 100;
		char want[400] = "";

		for (size_t i = 0; i < N(all); i++)
			if (all[i].from <= day &&
			    (!all[i].to || day < all[i].to) &&
			    at_or_below(unit, all[i].unit) &&
			    at_or_below(topic, all[i].topic))
				sprintf(want + strlen(want), "p%02zu ", i);
		assert_true(strlen(want) < 200);
		assert_string_equal(seen(&m, day, unit, topic, 99), want);
	}
	mem_free(&m);
}

/* --- calendars -------------------------------------------------------------
 */

static void put_week(struct replica_mem *m, const char *code, uint32_t opens,
		     int32_t from, int32_t to, uint64_t revision)
{
	Sy__V1__Calendar c = SY__V1__CALENDAR__INIT;
	Sy__V1__WeekDay days[5], *week[5];
	Sy__V1__Hours hours = SY__V1__HOURS__INIT, *one = &hours;
	uint8_t body[500];

	hours.from_minute = opens;
	hours.to_minute = 1080;
	for (uint32_t d = 0; d < 5; d++) {
		sy__v1__week_day__init(&days[d]);
		days[d].weekday = d + 1;
		days[d].n_hours = 1;
		days[d].hours = &one;
		week[d] = &days[d];
	}
	c.code = (char *)code;
	c.n_week = 5;
	c.week = week;
	c.valid_from_day = from;
	c.valid_to_day = to;
	mem_put_calendar(m, body, sy__v1__calendar__pack(&c, body), revision);
}

static void put_day(struct replica_mem *m, const char *calendar, int32_t day,
		    uint32_t like, uint64_t revision)
{
	Sy__V1__CalendarDay d = SY__V1__CALENDAR_DAY__INIT;
	uint8_t body[100];

	d.calendar = (char *)calendar;
	d.day = day;
	d.like_weekday = like;
	mem_put_calendar_day(m, body, sy__v1__calendar_day__pack(&d, body),
			     revision);
}

/* 1970-01-05 was a Monday. */
#define MONDAY(week) (4 + 7 * (week))

static int opens(struct replica_mem *m, const char *code, int32_t day)
{
	struct day_hours h = calendar_hours(mem_calendar(m, code), day);

	return h.n ? h.open[0].from_minute : -1;
}

static void weeks_and_days(void **state)
{
	struct replica_mem m = { 0 };

	(void)state;
	assert_null(mem_calendar(&m, "ru"));
	/* a day may be told before its calendar */
	put_day(&m, "ru", MONDAY(3), 0, 3);
	assert_null(mem_calendar(&m, "ru"));
	put_week(&m, "ru", 540, 0, 0, 2);
	assert_int_equal(opens(&m, "ru", MONDAY(2)), 540);
	assert_int_equal(opens(&m, "ru", MONDAY(2) + 5), -1);
	assert_int_equal(opens(&m, "ru", MONDAY(3)), -1);
	put_day(&m, "ru", MONDAY(3) + 6, 1, 4);
	assert_int_equal(opens(&m, "ru", MONDAY(3) + 6), 540);
	/* another week from a day on, until it ends */
	put_week(&m, "ru", 600, MONDAY(10), MONDAY(12), 5);
	assert_int_equal(opens(&m, "ru", MONDAY(10) - 3), 540);
	assert_int_equal(opens(&m, "ru", MONDAY(10)), 600);
	assert_int_equal(opens(&m, "ru", MONDAY(12)), -1);
	/* the holiday is no more; older news change nothing */
	put_day(&m, "ru", MONDAY(3), 1, 6);
	assert_int_equal(opens(&m, "ru", MONDAY(3)), 540);
	put_day(&m, "ru", MONDAY(3), 0, 5);
	put_week(&m, "ru", 0, 0, 0, 1);
	assert_int_equal(opens(&m, "ru", MONDAY(3)), 540);
	mem_free(&m);
}

static void calendars_come_from_above(void **state)
{
	struct replica_mem m = { 0 };

	(void)state;
	put_week(&m, "ru", 540, 0, 0, 1);
	put_week(&m, "shop", 600, 0, 0, 2);
	put_unit(&m, "post", "", "ru", 0, 3);
	put_unit(&m, "mid", "post", "", 0, 4);
	put_unit(&m, "office", "mid", "", 0, 5);
	put_unit(&m, "office", "mid", "shop", 50, 6);
	put_unit(&m, "bare", "", "", 0, 7);
	assert_ptr_equal(mem_unit_calendar(&m, "office", 49),
			 mem_calendar(&m, "ru"));
	assert_ptr_equal(mem_unit_calendar(&m, "office", 50),
			 mem_calendar(&m, "shop"));
	assert_ptr_equal(mem_unit_calendar(&m, "post", 0),
			 mem_calendar(&m, "ru"));
	assert_null(mem_unit_calendar(&m, "bare", 0));
	assert_null(mem_unit_calendar(&m, "unknown", 0));
	assert_null(mem_unit_calendar(&m, "", 0));
	mem_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below_units_and_terms),
		cmocka_unit_test(order_and_days),
		cmocka_unit_test(rules_apart),
		cmocka_unit_test(as_the_words_say),
		cmocka_unit_test(weeks_and_days),
		cmocka_unit_test(calendars_come_from_above),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
