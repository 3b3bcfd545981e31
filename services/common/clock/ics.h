/* ics.h -- days of a calendar out of an iCalendar file (RFC 5545, by libical):
 * what is closed, what is worked, and when. Pure: text in, an array out.
 *
 * What an event says of each of its days, the first that fits:
 *  X-SUYUAN-HOURS:09:00-13:00,14:00-18:00   open at these hours; 24:00 may end
 *  X-SUYUAN-LIKE-WEEKDAY:1                  a make-up day, as on a Monday (1-7)
 *  a DTSTART with a time                    open from DTSTART to DTEND
 *  CATEGORIES with WORKING, or X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY, or a
 *  SUMMARY with 补班, (班) or （班）        a make-up day, as on a Monday
 *  else                                     closed
 * Several timed events of a day add up; any other two events that say
 * different things of one day are an error. TRANSP says nothing: most published
 * holidays are TRANSPARENT, which only means that one may be invited on them.
 * Times are taken as the clock on the wall shows them, whatever their TZID, for
 * a calendar holds in every zone where it is used; a time in UTC is refused.
 * STATUS:CANCELLED is passed over. RRULE (daily or longer), RDATE and EXDATE
 * are expanded; a RECURRENCE-ID is refused. */
#ifndef SUYUAN_ICS_H
#define SUYUAN_ICS_H

#include <stddef.h>
#include <stdint.h>

#include "clock/calendar.h"
#include "error.h"

#define ICS_BYTES_MAX (8 << 20)
#define ICS_DAYS_MAX 20000
#define ICS_SUMMARY_BYTES 256 /* longer ones are cut */

enum ics_kind {
	ICS_CLOSED,
	ICS_HOURS, /* open at hours */
	ICS_LIKE,  /* as on like_weekday */
};

struct ics_day {
	int32_t day; /* since 1970-01-01 */
	enum ics_kind kind;
	struct day_hours hours;
	int like_weekday; /* ICS_LIKE: 0 = Monday, as calendar.h counts */
	char summary[ICS_SUMMARY_BYTES]; /* UTF-8; of the day's first event */
};

/* The days of the years first_year..last_year, ascending, each once. Events of
 * other years are read and left out, but a year of the span that has no day at
 * all is an error: it is last year's file. days_r is for free(). 0, or -1 and
 * err names the line at which the event begins. */
int ics_read(const char *text, size_t n_bytes, int first_year, int last_year,
	     struct ics_day **days_r, size_t *n_r, struct error *err);

#endif
