/* calendar_runs.h -- for calendar.c: the days of a calendar, cut into runs and
 * added up. */
#ifndef SUYUAN_CALENDAR_RUNS_H
#define SUYUAN_CALENDAR_RUNS_H

#include <stddef.h>

#include "clock/calendar.h"

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

struct runs {
	struct run *run; /* ascending; the first one from INT32_MIN on */
	size_t n;
	bool stale; /* weeks or specials were set since */
};

struct calendar {
	struct week *weeks; /* ascending */
	size_t weeks_nr;
	struct special *specials; /* ascending */
	size_t specials_nr;
	struct runs *runs; /* made when asked, also of a const calendar */
};

_Noreturn void calendar_no_memory(void);

const struct run *calendar_run(const struct calendar *c, int64_t day);
const struct day_hours *run_hours(const struct run *run, int64_t day);

/* Of all days of the calendar before this one, which is the run's or the first
 * after it. */
int64_t run_before(const struct run *run, int64_t day, enum counted what);
/* The first day with which the count from the beginning on reaches sum, which
 * is > 0. INT64_MAX: none. */
int64_t calendar_day_of_count(const struct calendar *c, int64_t sum,
			      enum counted what);

#endif
