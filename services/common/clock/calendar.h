/* calendar.h -- working hours: which minutes of which local days count. Built
 * once from the directory's records (or an .ics file), then only asked: pure,
 * no I/O. Days are local, counted from 1970-01-01; hours are local minutes;
 * instants are UTC microseconds. Daylight saving is the zone's business: an
 * hour of opening that the clocks skip is not worked, one that they repeat is
 * worked twice. */
#ifndef SUYUAN_CALENDAR_H
#define SUYUAN_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "clock/zone.h"
#include "error.h"

/* More openings a day than any office has. */
#define CALENDAR_HOURS_MAX 8

/* Open [from_minute, to_minute) of a local day; 24:00 is 1440. */
struct hours {
	uint16_t from_minute, to_minute;
};
struct day_hours {
	struct hours open[CALENDAR_HOURS_MAX]; /* ascending, apart */
	uint8_t n;                             /* 0 = closed */
};

struct calendar;

/* Owns nothing of its caller's. NULL: no memory. */
struct calendar *calendar_new(void);
void calendar_free(struct calendar *c); /* NULL does nothing */

/* The week that holds from from_day on, until the next call's; weekday 0 is
 * Monday. Any order of calls. 0, or -1: hours that overlap, run backwards or
 * leave the day (err names the weekday). */
int calendar_set_week(struct calendar *c, int32_t from_day,
		      const struct day_hours week[7], struct error *err);
/* One day that is not as its weekday is; again for the same day replaces. */
int calendar_set_day(struct calendar *c, int32_t day,
		     const struct day_hours *hours, struct error *err);
/* A make-up day: as on that weekday (0 = Monday) in the week in force. */
void calendar_set_day_like(struct calendar *c, int32_t day, int weekday);
/* Forgets what calendar_set_day said of it. */
void calendar_unset_day(struct calendar *c, int32_t day);

struct day_hours calendar_hours(const struct calendar *c, int32_t day);
bool calendar_is_open(const struct calendar *c, const struct zone *z,
		      int64_t us);
/* Open time between two instants, 0 when to_us <= from_us. */
int64_t calendar_open_us(const struct calendar *c, const struct zone *z,
			 int64_t from_us, int64_t to_us);
/* The first instant at which amount_us (>= 0) of open time have passed since
 * from_us. 0: not within ten years, the calendar is closed. */
int64_t calendar_after_open_us(const struct calendar *c, const struct zone *z,
			       int64_t from_us, int64_t amount_us);
/* The n-th working day (one with any hours) after day, n >= 1; INT32_MAX: none
 * within ten years. n = 0: day itself, or the next working day. */
int32_t calendar_working_day(const struct calendar *c, int32_t day, int32_t n);
/* Working days after from_day up to to_day itself; 0 when to_day <= from_day.
 */
int32_t calendar_working_days(const struct calendar *c, int32_t from_day,
			      int32_t to_day);

#endif
