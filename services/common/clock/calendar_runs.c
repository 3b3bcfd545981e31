/* calendar_runs.c -- a run is a stretch of days under one week's rule, or a
 * single day that is not as its weekday is. Each knows how much was open and
 * how many days were worked before it, counted from the first; within a run
 * whole weeks are multiplied. So every question is a search among the runs and
 * a look at less than a week, however far apart its two days lie. */
#include "clock/calendar_runs.h"

#include <stdlib.h>

#include "log.h"

static const struct day_hours closed;

static int weekday_of(int64_t day)
{
	return (int)(((day + 3) % 7 + 7) % 7); /* day 0 was a Thursday */
}

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

const struct day_hours *run_hours(const struct run *run, int64_t day)
{
	if (run->single)
		return &run->hours;
	return run->week ? &run->week->day[weekday_of(day)] : &closed;
}

int64_t run_before(const struct run *run, int64_t day, enum counted what)
{
	int64_t n = day - run->day;
	int64_t sum = run->before[what] + n / 7 * run->weekly[what];

	for (int64_t of = day - n % 7; of < day; of++)
		sum += hours_count(run_hours(run, of), what);
	return sum;
}

static void runs_add(struct runs *runs, int64_t day, const struct week *week,
		     const struct day_hours *single)
{
	struct run *last = runs->n > 0 ? &runs->run[runs->n - 1] : NULL;
	struct run run = { .day = day, .week = week, .single = single };

	if (single)
		run.hours = *single;
	for (enum counted what = 0; what < COUNTED_NR; what++) {
		if (last)
			run.before[what] = run_before(last, day, what);
		for (int i = 0; week && !single && i < 7; i++)
			run.weekly[what] += hours_count(&week->day[i], what);
	}
	/* a later one of the same day says more */
	if (last && last->day == day)
		*last = run;
	else
		runs->run[runs->n++] = run;
}

static struct day_hours special_hours(const struct special *special,
				      const struct week *week)
{
	if (special->like < 0)
		return special->hours;
	return week ? week->day[special->like] : closed;
}

_Noreturn void calendar_no_memory(void)
{
	log_error("calendar: no memory");
	abort();
}

static void runs_build(const struct calendar *c)
{
	struct runs *runs = c->runs;
	const struct week *week = NULL;
	size_t w = 0, s = 0;

	free(runs->run);
	*runs = (struct runs){ 0 };
	runs->run = calloc(1 + c->weeks_nr + 2 * c->specials_nr,
			   sizeof(*runs->run));
	if (!runs->run)
		calendar_no_memory();
	runs_add(runs, INT32_MIN, NULL, NULL);
	while (w < c->weeks_nr || s < c->specials_nr) {
		if (s == c->specials_nr ||
		    (w < c->weeks_nr &&
		     c->weeks[w].from_day <= c->specials[s].day)) {
			week = &c->weeks[w++];
			runs_add(runs, week->from_day, week, NULL);
		} else {
			struct day_hours hours =
				special_hours(&c->specials[s], week);
			int64_t day = c->specials[s++].day;

			runs_add(runs, day, NULL, &hours);
			runs_add(runs, day + 1, week, NULL);
		}
	}
}

static const struct runs *runs_of(const struct calendar *c)
{
	if (c->runs->stale)
		runs_build(c);
	return c->runs;
}

const struct run *calendar_run(const struct calendar *c, int64_t day)
{
	const struct runs *runs = runs_of(c);
	size_t low = 0, high = runs->n;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (runs->run[middle].day <= day)
			low = middle;
		else
			high = middle;
	}
	return &runs->run[low];
}

int64_t calendar_day_of_count(const struct calendar *c, int64_t sum,
			      enum counted what)
{
	const struct runs *runs = runs_of(c);
	size_t low = 0, high = runs->n;
	const struct run *run;
	int64_t day, weeks;

	/* the last run before which it is not reached */
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (runs->run[middle].before[what] < sum)
			low = middle;
		else
			high = middle;
	}
	run = &runs->run[low];
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
