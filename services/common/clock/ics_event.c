/* ics_event.c -- what one event of an .ics file says (ics.h): its days, and
 * whether they are closed, open at hours, or as on another weekday. */
#include "clock/ics_event.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "timeutil.h"
#include "utf8.h"

#define DAY_MINUTES 1440
#define EVENT_DAYS_MAX 366

int32_t ics_day_of(struct icaltimetype time)
{
	time.is_date = 1;
	time.zone = NULL;
	return (int32_t)(icaltime_as_timet(time) / (US_PER_DAY / US_PER_S));
}

static int minute_of(struct icaltimetype time)
{
	return time.hour * 60 + time.minute;
}

bool ics_time_exists(struct icaltimetype time)
{
	struct icaltimetype normal = icaltime_normalize(time);

	return time.year >= 1900 && time.year <= 2200 &&
	       normal.month == time.month && normal.day == time.day &&
	       normal.hour == time.hour && normal.minute == time.minute;
}

static int hours_parse(const char *text, struct day_hours *hours_r)
{
	int from_h, from_m, to_h, to_m, used;

	*hours_r = (struct day_hours){ 0 };
	for (;;) {
		struct hours *open = &hours_r->open[hours_r->n];

		if (hours_r->n == CALENDAR_HOURS_MAX ||
		    sscanf(text, " %2d:%2d - %2d:%2d %n", &from_h, &from_m,
			   &to_h, &to_m, &used) != 4)
			return -1;
		if (from_h < 0 || from_m < 0 || from_m > 59 || to_h > 24 ||
		    to_h < 0 || to_m < 0 || to_m > 59)
			return -1;
		open->from_minute = (uint16_t)(from_h * 60 + from_m);
		open->to_minute = (uint16_t)(to_h * 60 + to_m);
		if (open->from_minute >= open->to_minute ||
		    open->to_minute > DAY_MINUTES ||
		    (hours_r->n > 0 && open->from_minute < open[-1].to_minute))
			return -1;
		hours_r->n++;
		text += used;
		if (*text == '\0')
			return 0;
		if (*text++ != ',')
			return -1;
	}
}

/* Of an X- property; NULL: the event has none. */
static const char *x_value(icalcomponent *component, const char *name)
{
	icalproperty *p =
		icalcomponent_get_first_property(component, ICAL_X_PROPERTY);

	for (; p;
	     p = icalcomponent_get_next_property(component, ICAL_X_PROPERTY)) {
		if (strcasecmp(icalproperty_get_x_name(p), name) == 0)
			return icalproperty_get_value_as_string(p);
	}
	return NULL;
}

static bool is_working(icalcomponent *component, const char *summary)
{
	static const char *const marks[] = { "补班", "(班)", "（班）" };
	const char *special = x_value(component, "X-APPLE-SPECIAL-DAY");
	/* a component has one place for all that walk over it */
	icalproperty *p = icalcomponent_get_first_property(
		component, ICAL_CATEGORIES_PROPERTY);

	for (; p; p = icalcomponent_get_next_property(
			  component, ICAL_CATEGORIES_PROPERTY)) {
		if (strcasecmp(icalproperty_get_categories(p), "WORKING") == 0)
			return true;
	}
	if (special && strcasecmp(special, "ALTERNATE-WORKDAY") == 0)
		return true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strstr(summary, marks[i]))
			return true;
	}
	return false;
}

int ics_event_error(const struct ics_event *event, const char *what)
{
	return error_set(event->err, "line %d: the event %s", event->line,
			 what);
}

/* A line that libical could not read and left out. Many programs write empty
 * texts, which say nothing; an empty DTEND is not one of them. */
static bool is_broken(icalcomponent *component)
{
	static const char *const harmless[] = { "SUMMARY",   "DESCRIPTION",
						"LOCATION",  "COMMENT",
						"CONTACT",   "STATUS",
						"ORGANIZER", "URL" };
	icalproperty *p = icalcomponent_get_first_property(
		component, ICAL_XLICERROR_PROPERTY);

	for (; p; p = icalcomponent_get_next_property(
			  component, ICAL_XLICERROR_PROPERTY)) {
		const char *text = icalproperty_get_xlicerror(p);
		bool is_harmless = false;
		char empty[64];

		for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]);
		     i++) {
			snprintf(empty, sizeof(empty),
				 "No value for %s property.", harmless[i]);
			is_harmless |= strncmp(text, empty, strlen(empty)) == 0;
		}
		if (!is_harmless)
			return true;
	}
	return false;
}

static int read_timed(struct ics_event *event, struct icaltimetype end)
{
	struct hours *open = &event->of.hours.open[0];
	int to_minute;

	if (icaltime_is_utc(event->start) || icaltime_is_utc(end))
		return ics_event_error(
			event, "has its time in UTC, not as the clock on "
			       "the wall shows it");
	if (event->start.second != 0 || end.second != 0)
		return ics_event_error(event, "has a time with seconds");
	to_minute = minute_of(end) +
		    (ics_day_of(end) - ics_day_of(event->start)) * DAY_MINUTES;
	if (to_minute <= minute_of(event->start))
		return ics_event_error(event, "has no end after its beginning");
	if (to_minute > DAY_MINUTES)
		return ics_event_error(event, "goes on after midnight");
	event->timed = true;
	event->days = 1;
	event->of.kind = ICS_HOURS;
	event->of.hours.n = 1;
	open->from_minute = (uint16_t)minute_of(event->start);
	open->to_minute = (uint16_t)to_minute;
	return 0;
}

static int read_span(struct ics_event *event)
{
	struct icaltimetype end;

	event->start = icalcomponent_get_dtstart(event->component);
	end = icalcomponent_get_dtend(event->component);
	if (icaltime_is_null_time(event->start))
		return ics_event_error(event, "has no DTSTART");
	if (!ics_time_exists(event->start) || !ics_time_exists(end))
		return ics_event_error(event, "has a time that does not exist");
	if (!event->start.is_date)
		return read_timed(event, end);

	/* one day without an end, and with its own day as its end */
	event->days = 1;
	if (!end.is_date)
		return ics_event_error(
			event, "begins with a day and ends with a time");
	if (ics_day_of(end) < ics_day_of(event->start))
		return ics_event_error(event, "ends before it begins");
	if (ics_day_of(end) > ics_day_of(event->start))
		event->days = ics_day_of(end) - ics_day_of(event->start);
	if (event->days > EVENT_DAYS_MAX)
		return ics_event_error(event, "is longer than a year");
	return 0;
}

static int read_kind(struct ics_event *event)
{
	const char *hours = x_value(event->component, "X-SUYUAN-HOURS");
	const char *like = x_value(event->component, "X-SUYUAN-LIKE-WEEKDAY");

	if (event->timed && (hours || like))
		return ics_event_error(event,
				       "has both a time and an X-SUYUAN rule");
	if (hours) {
		event->of.kind = ICS_HOURS;
		if (hours_parse(hours, &event->of.hours) < 0)
			return ics_event_error(
				event, "has an X-SUYUAN-HOURS that is not "
				       "like 09:00-13:00,14:00-18:00");
	} else if (like) {
		event->of.kind = ICS_LIKE;
		event->of.like_weekday = like[0] - '1';
		if (like[0] < '1' || like[0] > '7' || like[1] != '\0')
			return ics_event_error(
				event, "has an X-SUYUAN-LIKE-WEEKDAY that "
				       "is not 1..7");
	} else if (!event->timed &&
		   is_working(event->component, event->of.summary)) {
		event->of.kind = ICS_LIKE;
	}
	return 0;
}

/* All EXDATEs first: a component has one place for all that walk over it. */
static int read_excepts(struct ics_event *event)
{
	icalproperty *p = icalcomponent_get_first_property(
		event->component, ICAL_EXDATE_PROPERTY);

	for (; p; p = icalcomponent_get_next_property(event->component,
						      ICAL_EXDATE_PROPERTY)) {
		if (event->except_nr == ICS_EXCEPT_MAX)
			return ics_event_error(event, "has too many EXDATE");
		event->except[event->except_nr++] =
			ics_day_of(icalproperty_get_exdate(p));
	}
	return 0;
}

int ics_event_read(struct ics_event *event)
{
	icalcomponent *component = event->component;
	const char *summary = icalcomponent_get_summary(component);

	if (is_broken(component))
		return ics_event_error(event, "has a line that is not read");
	if (icalcomponent_get_first_property(component,
					     ICAL_RECURRENCEID_PROPERTY))
		return ics_event_error(event,
				       "replaces a repetition (RECURRENCE-ID): "
				       "give that day an EXDATE instead");
	if (summary)
		snprintf(event->of.summary, sizeof(event->of.summary), "%.*s",
			 utf8_fit(summary, sizeof(event->of.summary) - 1),
			 summary);
	if (read_span(event) < 0 || read_kind(event) < 0)
		return -1;
	return read_excepts(event);
}
