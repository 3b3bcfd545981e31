/* test_sla.c -- clocks against a table of worked examples, which another
 * program counts out minute by minute (tests/reference/clocks.py). CLOCKS_TABLE
 * names another table: tests/integration/clocks has one made at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock/sla.h"
#include "timeutil.h"

#define MINUTE_US (60 * US_PER_S)
#define CALENDARS_MAX 8
#define EVENTS_MAX 16
#define CASE_FIELDS 17

struct named {
	char name[16];
	struct calendar *calendar;
};
static struct named calendars[CALENDARS_MAX];

static struct calendar *calendar_of(const char *name, bool make)
{
	for (int i = 0; i < CALENDARS_MAX; i++) {
		struct named *named = &calendars[i];

		if (strcmp(named->name, name) == 0)
			return named->calendar;
		if (named->calendar == NULL && make) {
			snprintf(named->name, sizeof(named->name), "%s", name);
			named->calendar = calendar_new();
			assert_non_null(named->calendar);
			return named->calendar;
		}
	}
	return NULL;
}

static struct day_hours hours_of(const char *text)
{
	struct day_hours hours = { 0 };
	int from_h, from_m, to_h, to_m, used;

	while (*text != '\0' && *text != '-') {
		assert_int_equal(sscanf(text, "%d:%d-%d:%d%n", &from_h, &from_m,
					&to_h, &to_m, &used),
				 4);
		hours.open[hours.n++] =
			(struct hours){ (uint16_t)(from_h * 60 + from_m),
					(uint16_t)(to_h * 60 + to_m) };
		text += used + (text[used] == ',');
	}
	return hours;
}

static void take_week(char **fields)
{
	struct day_hours week[7];
	struct error err;
	int32_t day;

	for (int i = 0; i < 7; i++)
		week[i] = hours_of(fields[3 + i]);
	assert_int_equal(day_parse(fields[2], &day), 0);
	assert_int_equal(calendar_set_week(calendar_of(fields[1], true), day,
					   week, &err),
			 0);
}

static void take_day(char **fields)
{
	struct calendar *calendar = calendar_of(fields[1], true);
	struct day_hours hours;
	struct error err;
	int32_t day;

	assert_int_equal(day_parse(fields[2], &day), 0);
	if (strncmp(fields[3], "like ", 5) == 0) {
		calendar_set_day_like(calendar, day, fields[3][5] - '1');
		return;
	}
	hours = hours_of(fields[3]);
	assert_int_equal(calendar_set_day(calendar, day, &hours, &err), 0);
}

/* "2025-03-14T10:00+08:00"; "-" is 0. */
static int64_t at(const char *text)
{
	char whole[64];
	int64_t us;

	if (strcmp(text, "-") == 0)
		return 0;
	snprintf(whole, sizeof(whole), "%.16s:00%s", text, text + 16);
	assert_int_equal(time_parse_us(whole, &us), 0);
	return us;
}

/* "90m", "2h" as microseconds, "3d" as days. */
static int64_t amount(const char *text)
{
	int64_t n = strtoll(text, NULL, 10);

	if (strcmp(text, "-") == 0)
		return 0;
	switch (text[strlen(text) - 1]) {
	case 'd':
		return n;
	case 'h':
		return n * US_PER_HOUR;
	default:
		return n * MINUTE_US;
	}
}

static enum sla_measure measure(const char *text)
{
	static const char *const names[] = {
		[SLA_ELAPSED] = "elapsed",
		[SLA_WORKING] = "working",
		[SLA_CALENDAR_DAYS] = "calendar_days",
		[SLA_WORKING_DAYS] = "working_days",
	};
	size_t i = 0;

	while (strcmp(names[i], text) != 0)
		i++;
	return (enum sla_measure)i;
}

static size_t events_of(char *text, struct sla_event *events)
{
	static const char *const names[] = {
		[SLA_START] = "start",     [SLA_STOP] = "stop",
		[SLA_RESTART] = "restart", [SLA_PAUSE] = "pause",
		[SLA_RESUME] = "resume",   [SLA_EXTEND] = "extend",
	};
	size_t n = 0;
	char *one;

	while ((one = strsep(&text, ";")) != NULL) {
		char *name = one + strspn(one, " ");
		char *last = strrchr(name, ' ');
		struct sla_event *event = &events[n++];
		int what = 0;

		assert_true(n <= EVENTS_MAX);
		event->at_us = at(last + 1);
		*last = '\0';
		name = strsep(&name, " ");
		while (strcmp(names[what], name) != 0)
			what++;
		event->what = (enum sla_what)what;
		event->amount = what == SLA_EXTEND
					? amount(name + strlen(name) + 1)
					: 0;
	}
	return n;
}

static int same(const char *name, const char *what, int64_t seen,
		int64_t expected)
{
	if (seen == expected)
		return 0;
	print_error("%s: %s is %lld, not %lld\n", name, what, (long long)seen,
		    (long long)expected);
	return 1;
}

/* Wrong answers. */
static int judge(char **f)
{
	static const char *const states[] = { "none", "running", "paused",
					      "met", "breached" };
	struct sla_event events[EVENTS_MAX];
	struct sla_rule rule = {
		.measure = measure(f[3]),
		.amount = amount(f[5]),
		.warn_before = amount(f[6]),
		.may_pause = strcmp(f[7], "yes") == 0,
		.extension_max = amount(f[8]),
		.calendar = calendar_of(f[4], false),
		.zone = zone_get(f[2]),
	};
	size_t n = events_of(f[9], events);
	int64_t now = at(f[10]), next = 0;
	struct sla_result v;
	int bad = 0;

	assert_non_null(rule.zone);
	v = sla_judge(&rule, events, n, now);
	if (strcmp(states[v.state], f[11]) != 0) {
		print_error("%s: %s, not %s\n", f[1], states[v.state], f[11]);
		bad++;
	}
	bad += same(f[1], "due", v.due_us, at(f[12]));
	bad += same(f[1], "warning", v.warn_us, at(f[13]));
	bad += same(f[1], "remaining", v.remaining_us, amount(f[14]));
	bad += same(f[1], "paused", v.paused_us, amount(f[15]));
	bad += same(f[1], "extended", v.extended, amount(f[16]));
	if (v.state == SLA_RUNNING)
		next = v.warn_us > now ? v.warn_us : v.due_us + 1;
	return bad + same(f[1], "next", v.next_us, next);
}

static void test_table(void **state)
{
	const char *path = getenv("CLOCKS_TABLE");
	int cases = 0, bad = 0;
	char none[] = "";
	size_t room = 0;
	char *line = NULL;
	FILE *f;

	(void)state;
	f = fopen(path ? path : "tests/unit/data/clocks.tsv", "r");
	assert_non_null(f);
	while (getline(&line, &room, f) > 0) {
		char *rest = line, *fields[CASE_FIELDS];
		size_t fields_nr = 0;

		for (int i = 0; i < CASE_FIELDS; i++)
			fields[i] = none;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		while (rest && fields_nr < CASE_FIELDS)
			fields[fields_nr++] = strsep(&rest, "\t");
		if (strcmp(fields[0], "week") == 0) {
			take_week(fields);
		} else if (strcmp(fields[0], "day") == 0) {
			take_day(fields);
		} else {
			assert_int_equal(fields_nr, CASE_FIELDS);
			bad += judge(fields);
			cases++;
		}
	}
	free(line);
	fclose(f);
	for (int i = 0; i < CALENDARS_MAX; i++)
		calendar_free(calendars[i].calendar);
	assert_int_equal(bad, 0);
	assert_true(cases >= 60);
	print_message("%d cases\n", cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
