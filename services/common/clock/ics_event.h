/* ics_event.h -- one VEVENT, for ics.c: from when to when, and what it says of
 * its days. */
#ifndef SUYUAN_ICS_EVENT_H
#define SUYUAN_ICS_EVENT_H

#include <libical/ical.h>
#include <stdbool.h>

#include "clock/ics.h"

#define ICS_EXCEPT_MAX 512

/* Of all its repetitions. */
struct ics_event {
	icalcomponent *component;
	int line; /* of its BEGIN */
	struct error *err;
	/* found by ics_event_read */
	struct icaltimetype start;
	int32_t days;
	bool timed;
	struct ics_day of; /* but for the day */
	int32_t except[ICS_EXCEPT_MAX];
	size_t except_nr;
};

/* component, line and err are given. 0 or -1. */
int ics_event_read(struct ics_event *event);
/* "line 7: the event WHAT". -1. */
int ics_event_error(const struct ics_event *event, const char *what);

int32_t ics_day_of(struct icaltimetype time);   /* since 1970-01-01 */
bool ics_time_exists(struct icaltimetype time); /* and is of our centuries */

#endif
