/* calendar.c -- see calendar.h. The days are cut into runs: stretches of one
 * week's rule, and single days that are not as their weekday is. Each run knows
 * how much was open and how many days were worked before it, counted from the
 * first; within a run whole weeks are multiplied. So every question is a search
 * among the runs and a look at less than a week, however far apart its two
 * instants lie. Open time is a sum over local time, once for each stretch
 * between two changes of the zone's clock. */
#include "clock/calendar.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "timeutil.h"

#define DAY_MINUTES 1440
#define MINUTE_US (60 * US_PER_S)
/* Ten years: who opens later does not open. */
#define HORIZON_DAYS 3653
/* No week begins before the year 1, so that the microseconds of all weeks
 * before any instant stay far from the ends of an int64. */
#define FIRST_DAY (-719162)

/* What is added up over days. */
enum counted { MINUTES, WORKED, COUNTED_NR };

struct week {
	int32_t from_day;
	struct day_hours day[7];
};

struct special {
	int32_t day;
	int like; /* weekday, or -1: hours */
	struct day_hours hours;
};

/* Holds from day on, until the next run's. */
struct run {
	int64_t day;
	const struct week *week; /* NULL: none is in force */
	bool single; /* a special day: hours, whatever the weekday */
	struct day_hours hours;
	int64_t before[COUNTED_NR];
	int64_t weekly[COUNTED_NR];
};

struct calendar {
	struct week *weeks; /* ascending */
	size_t weeks_nr;
	struct special *specials; /* ascending */
	size_t specials_nr;
	struct run *runs; /* ascending; the first one from INT32_MIN on */
	size_t runs_nr;
};

static const struct day_hours closed;

static int weekday_of(int64_t day)
{
	return (int)(((day + 3) % 7 + 7) % 7); /* day 0 was a Thursday */
}

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* --- runs ---------------------------------------------------------------- */

static int64_t hours_count(const struct day_hours *hours, enum counted what)
{
	int64_t minutes = 0;

	if (what == WORKED)
		return hours->n > 0;
	for (int i = 0; i < hours->n; i++)
		minutes +=
			hours->open[i].to_minute - hours->open[i].from_minute;
	return minutes;
}

static const struct day_hours *run_hours(const struct run *run, int64_t day)
{
	if (run->single)
		return &run->hours;
	return run->week ? &run->week->day[weekday_of(day)] : &closed;
}

/* Of the run's days up to this one, itself not counted. */
static int64_t run_count(const struct run *run, int64_t to_day,
			 enum counted what)
{
	int64_t n = to_day - run->day;
	int64_t sum = n / 7 * run->weekly[what];

	for (int64_t day = to_day - n % 7; day < to_day; day++)
		sum += hours_count(run_hours(run, day), what);
	return sum;
}

static void runs_add(struct calendar *c, int64_t day, const struct week *week,
		     const struct day_hours *single)
{
	struct run *last = c->runs_nr > 0 ? &c->runs[c->runs_nr - 1] : NULL;
	struct run run = { .day = day, .week = week, .single = single };

	if (single)
		run.hours = *single;
	for (enum counted what = 0; what < COUNTED_NR; what++) {
		if (last)
			run.before[what] =
				last->before[what] + run_count(last, day, what);
		for (int i = 0; week && !single && i < 7; i++)
			run.weekly[what] += hours_count(&week->day[i], what);
	}
	/* a later one of the same day says more */
	if (last && last->day == day)
		*last = run;
	else
		c->runs[c->runs_nr++] = run;
}

static struct day_hours special_hours(const struct special *special,
				      const struct week *week)
{
	if (special->like < 0)
		return special->hours;
	return week ? week->day[special->like] : closed;
}

static _Noreturn void no_memory(void)
{
	log_error("calendar: no memory");
	abort();
}

/* Calendars have a few hundred special days and are read once. */
static void runs_build(struct calendar *c)
{
	const struct week *week = NULL;
	size_t w = 0, s = 0;

	free(c->runs);
	c->runs =
		calloc(1 + c->weeks_nr + 2 * c->specials_nr, sizeof(*c->runs));
	if (!c->runs)
		no_memory();
	c->runs_nr = 0;
	runs_add(c, INT32_MIN, NULL, NULL);
	while (w < c->weeks_nr || s < c->specials_nr) {
		if (s == c->specials_nr ||
		    (w < c->weeks_nr &&
		     c->weeks[w].from_day <= c->specials[s].day)) {
			week = &c->weeks[w++];
			runs_add(c, week->from_day, week, NULL);
		} else {
			struct day_hours hours =
				special_hours(&c->specials[s], week);
			int64_t day = c->specials[s++].day;

			runs_add(c, day, NULL, &hours);
			runs_add(c, day + 1, week, NULL);
		}
	}
}

static const struct run *run_of(const struct calendar *c, int64_t day)
{
	size_t low = 0, high = c->runs_nr;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (c->runs[middle].day <= day)
			low = middle;
		else
			high = middle;
	}
	return &c->runs[low];
}

/* Of all days before this one. */
static int64_t count_before(const struct calendar *c, int64_t day,
			    enum counted what)
{
	const struct run *run = run_of(c, day);

	return run->before[what] + run_count(run, day, what);
}

/* The first day with which the count from the beginning on reaches sum, which
 * is > 0. INT64_MAX: none. */
static int64_t day_of_count(const struct calendar *c, int64_t sum,
			    enum counted what)
{
	size_t low = 0, high = c->runs_nr;
	const struct run *run;
	int64_t day, weeks;

	/* the last run before which it is not reached */
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (c->runs[middle].before[what] < sum)
			low = middle;
		else
			high = middle;
	}
	run = &c->runs[low];
	sum -= run->before[what];
	if (run->single)
		return run->day;
	if (run->weekly[what] == 0)
		return INT64_MAX;
	weeks = (sum - 1) / run->weekly[what];
	sum -= weeks * run->weekly[what];
	for (day = run->day + 7 * weeks;; day++) {
		sum -= hours_count(run_hours(run, day), what);
		if (sum <= 0)
			return day;
	}
}

/* --- made ---------------------------------------------------------------- */

struct calendar *calendar_new(void)
{
	struct calendar *c = calloc(1, sizeof(*c));

	if (c)
		runs_build(c);
	return c;
}

void calendar_free(struct calendar *c)
{
	if (!c)
		return;
	free(c->weeks);
	free(c->specials);
	free(c->runs);
	free(c);
}

static int hours_check(const struct day_hours *hours, struct error *err)
{
	int end = 0;

	if (hours->n > CALENDAR_HOURS_MAX)
		return error_set(err, "more than %d openings a day",
				 CALENDAR_HOURS_MAX);
	for (int i = 0; i < hours->n; i++) {
		const struct hours *open = &hours->open[i];

		if (open->to_minute > DAY_MINUTES)
			return error_set(err, "hours leave the day");
		if (open->from_minute >= open->to_minute)
			return error_set(err, "hours end before they begin");
		if (open->from_minute < end)
			return error_set(err, "hours overlap");
		end = open->to_minute;
	}
	return 0;
}

int calendar_set_week(struct calendar *c, int32_t from_day,
		      const struct day_hours week[7], struct error *err)
{
	static const char *const names[7] = { "Monday",    "Tuesday",
					      "Wednesday", "Thursday",
					      "Friday",    "Saturday",
					      "Sunday" };
	struct week *more;
	size_t at = 0;

	for (int i = 0; i < 7; i++) {
		if (hours_check(&week[i], err) < 0)
			return error_prefix(err, "%s", names[i]);
	}
	if (from_day < FIRST_DAY)
		from_day = FIRST_DAY;
	while (at < c->weeks_nr && c->weeks[at].from_day < from_day)
		at++;
	if (at == c->weeks_nr || c->weeks[at].from_day != from_day) {
		more = reallocarray(c->weeks, c->weeks_nr + 1, sizeof(*more));
		if (!more)
			no_memory();
		memmove(more + at + 1, more + at,
			(c->weeks_nr - at) * sizeof(*more));
		c->weeks = more;
		c->weeks_nr++;
	}
	c->weeks[at].from_day = from_day;
	memcpy(c->weeks[at].day, week, sizeof(c->weeks[at].day));
	runs_build(c);
	return 0;
}

/* Where the day's special stands or would stand. */
static size_t special_at(const struct calendar *c, int32_t day)
{
	size_t at = c->specials_nr;

	while (at > 0 && c->specials[at - 1].day >= day)
		at--;
	return at;
}

static void special_set(struct calendar *c, const struct special *special)
{
	size_t at = special_at(c, special->day);
	struct special *more;

	if (at == c->specials_nr || c->specials[at].day != special->day) {
		more = reallocarray(c->specials, c->specials_nr + 1,
				    sizeof(*more));
		if (!more)
			no_memory();
		memmove(more + at + 1, more + at,
			(c->specials_nr - at) * sizeof(*more));
		c->specials = more;
		c->specials_nr++;
	}
	c->specials[at] = *special;
	runs_build(c);
}

int calendar_set_day(struct calendar *c, int32_t day,
		     const struct day_hours *hours, struct error *err)
{
	struct special special = { .day = day, .like = -1, .hours = *hours };

	if (hours_check(hours, err) < 0)
		return -1;
	special_set(c, &special);
	return 0;
}

void calendar_set_day_like(struct calendar *c, int32_t day, int weekday)
{
	struct special special = { .day = day, .like = weekday };

	special_set(c, &special);
}

void calendar_unset_day(struct calendar *c, int32_t day)
{
	size_t at = special_at(c, day);

	if (at == c->specials_nr || c->specials[at].day != day)
		return;
	c->specials_nr--;
	memmove(c->specials + at, c->specials + at + 1,
		(c->specials_nr - at) * sizeof(*c->specials));
	runs_build(c);
}

/* --- asked --------------------------------------------------------------- */

struct day_hours calendar_hours(const struct calendar *c, int32_t day)
{
	return *run_hours(run_of(c, day), day);
}

bool calendar_is_open(const struct calendar *c, const struct zone *z,
		      int64_t us)
{
	int64_t local_us = us + zone_span_at(z, us).offset_us;
	int64_t day = floor_divide(local_us, US_PER_DAY);
	const struct day_hours *hours = run_hours(run_of(c, day), day);

	local_us -= day * US_PER_DAY;
	for (int i = 0; i < hours->n; i++) {
		if (local_us >= hours->open[i].from_minute * MINUTE_US &&
		    local_us < hours->open[i].to_minute * MINUTE_US)
			return true;
	}
	return false;
}

/* Open local time before local_us, since the calendar's beginning. */
static int64_t open_before(const struct calendar *c, int64_t local_us)
{
	int64_t day = floor_divide(local_us, US_PER_DAY);
	const struct run *run = run_of(c, day);
	const struct day_hours *hours = run_hours(run, day);
	int64_t minutes = run->before[MINUTES] + run_count(run, day, MINUTES);
	int64_t open_us = minutes * MINUTE_US;

	local_us -= day * US_PER_DAY;
	for (int i = 0; i < hours->n; i++) {
		int64_t from_us = hours->open[i].from_minute * MINUTE_US;
		int64_t to_us = hours->open[i].to_minute * MINUTE_US;

		if (local_us <= from_us)
			break;
		open_us += (local_us < to_us ? local_us : to_us) - from_us;
	}
	return open_us;
}

/* The first local time before which open_us (> 0) were open, which the caller
 * knows to exist. */
static int64_t local_of_open(const struct calendar *c, int64_t open_us)
{
	int64_t minutes = (open_us + MINUTE_US - 1) / MINUTE_US;
	int64_t day = day_of_count(c, minutes, MINUTES);
	const struct day_hours *hours = run_hours(run_of(c, day), day);
	int i = 0;

	open_us -= count_before(c, day, MINUTES) * MINUTE_US;
	for (; i < hours->n - 1; i++) {
		int64_t length_us = (hours->open[i].to_minute -
				     hours->open[i].from_minute) *
				    MINUTE_US;

		if (open_us <= length_us)
			break;
		open_us -= length_us;
	}
	return day * US_PER_DAY + hours->open[i].from_minute * MINUTE_US +
	       open_us;
}

int64_t calendar_open_us(const struct calendar *c, const struct zone *z,
			 int64_t from_us, int64_t to_us)
{
	int64_t open_us = 0;

	while (from_us < to_us) {
		struct zone_span span = zone_span_at(z, from_us);
		int64_t end_us = span.to_us < to_us ? span.to_us : to_us;

		open_us += open_before(c, end_us + span.offset_us) -
			   open_before(c, from_us + span.offset_us);
		from_us = end_us;
	}
	return open_us;
}

int64_t calendar_after_open_us(const struct calendar *c, const struct zone *z,
			       int64_t from_us, int64_t amount_us)
{
	const int64_t horizon_us = from_us + HORIZON_DAYS * US_PER_DAY;

	if (amount_us <= 0)
		return from_us;
	while (from_us < horizon_us) {
		struct zone_span span = zone_span_at(z, from_us);
		int64_t end_us =
			span.to_us < horizon_us ? span.to_us : horizon_us;
		int64_t before_us = open_before(c, from_us + span.offset_us);
		int64_t open_us =
			open_before(c, end_us + span.offset_us) - before_us;

		if (open_us >= amount_us)
			return local_of_open(c, before_us + amount_us) -
			       span.offset_us;
		amount_us -= open_us;
		from_us = end_us;
	}
	return 0;
}

int32_t calendar_working_day(const struct calendar *c, int32_t day, int32_t n)
{
	int64_t found;

	if (n == 0 && run_hours(run_of(c, day), day)->n > 0)
		return day;
	if (n == 0)
		n = 1;
	found = day_of_count(c, count_before(c, (int64_t)day + 1, WORKED) + n,
			     WORKED);
	if (found > (int64_t)day + HORIZON_DAYS)
		return INT32_MAX;
	return (int32_t)found;
}

int32_t calendar_working_days(const struct calendar *c, int32_t from_day,
			      int32_t to_day)
{
	if (to_day <= from_day)
		return 0;
	return (int32_t)(count_before(c, (int64_t)to_day + 1, WORKED) -
			 count_before(c, (int64_t)from_day + 1, WORKED));
}
