/* calendar.c -- see calendar.h. What was set is kept as it was said; open time
 * is a sum over local time (calendar_runs.h), once for each stretch between two
 * changes of the zone's clock. */
#include "clock/calendar_runs.h"

#include <stdlib.h>
#include <string.h>

#include "timeutil.h"

#define DAY_MINUTES 1440
#define MINUTE_US (60 * US_PER_S)
/* Ten years: who opens later does not open. */
#define HORIZON_DAYS 3653
/* No week begins before the year 1, so that the microseconds of all weeks
 * before any instant stay far from the ends of an int64. */
#define FIRST_DAY (-719162)

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* --- made ---------------------------------------------------------------- */

struct calendar *calendar_new(void)
{
	struct calendar *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->runs = calloc(1, sizeof(*c->runs));
	if (!c->runs) {
		free(c);
		return NULL;
	}
	c->runs->stale = true;
	return c;
}

void calendar_free(struct calendar *c)
{
	if (!c)
		return;
	free(c->weeks);
	free(c->specials);
	free(c->runs->run);
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

static void *grown(void *array, size_t n, size_t bytes)
{
	array = reallocarray(array, n, bytes);
	if (!array)
		calendar_no_memory();
	return array;
}

int calendar_set_week(struct calendar *c, int32_t from_day,
		      const struct day_hours week[7], struct error *err)
{
	static const char *const names[7] = { "Monday",    "Tuesday",
					      "Wednesday", "Thursday",
					      "Friday",    "Saturday",
					      "Sunday" };
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
		c->weeks = grown(c->weeks, c->weeks_nr + 1, sizeof(*c->weeks));
		memmove(c->weeks + at + 1, c->weeks + at,
			(c->weeks_nr - at) * sizeof(*c->weeks));
		c->weeks_nr++;
	}
	c->weeks[at].from_day = from_day;
	memcpy(c->weeks[at].day, week, sizeof(c->weeks[at].day));
	c->runs->stale = true;
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

	if (at == c->specials_nr || c->specials[at].day != special->day) {
		c->specials = grown(c->specials, c->specials_nr + 1,
				    sizeof(*c->specials));
		memmove(c->specials + at + 1, c->specials + at,
			(c->specials_nr - at) * sizeof(*c->specials));
		c->specials_nr++;
	}
	c->specials[at] = *special;
	c->runs->stale = true;
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
	c->runs->stale = true;
}

/* --- asked --------------------------------------------------------------- */

struct day_hours calendar_hours(const struct calendar *c, int32_t day)
{
	return *run_hours(calendar_run(c, day), day);
}

bool calendar_is_open(const struct calendar *c, const struct zone *z,
		      int64_t us)
{
	int64_t local_us = us + zone_span_at(z, us).offset_us;
	int64_t day = floor_divide(local_us, US_PER_DAY);
	const struct day_hours *hours = run_hours(calendar_run(c, day), day);

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
	const struct run *run = calendar_run(c, day);
	const struct day_hours *hours = run_hours(run, day);
	int64_t open_us = run_before(run, day, MINUTES) * MINUTE_US;

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
	int64_t day = calendar_day_of_count(c, minutes, MINUTES);
	const struct run *run = calendar_run(c, day);
	const struct day_hours *hours = run_hours(run, day);
	int i = 0;

	open_us -= run_before(run, day, MINUTES) * MINUTE_US;
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

/* Working days up to this one, itself counted. */
static int64_t worked(const struct calendar *c, int32_t day)
{
	const int64_t next = (int64_t)day + 1;

	return run_before(calendar_run(c, next), next, WORKED);
}

int32_t calendar_working_day(const struct calendar *c, int32_t day, int32_t n)
{
	int64_t found;

	if (n == 0 && run_hours(calendar_run(c, day), day)->n > 0)
		return day;
	if (n == 0)
		n = 1;
	found = calendar_day_of_count(c, worked(c, day) + n, WORKED);
	if (found > (int64_t)day + HORIZON_DAYS)
		return INT32_MAX;
	return (int32_t)found;
}

int32_t calendar_working_days(const struct calendar *c, int32_t from_day,
			      int32_t to_day)
{
	if (to_day <= from_day)
		return 0;
	return (int32_t)(worked(c, to_day) - worked(c, from_day));
}
