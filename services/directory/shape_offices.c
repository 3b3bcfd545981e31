/* shape_offices.c -- calendars, their days, employees and service centres: each
 * field for itself, and the one normal form. */
#include <string.h>

#include "clock/calendar.h"
#include "shape.h"
#include "timeutil.h"

#define DAY_MINUTES 1440
#define CENTRE_SERVICES_MAX 40
#define PHONE_CHARS 40
#define EMAIL_CHARS 254

/* Hours ascend and do not overlap. */
static int normal_hours(struct arena *arena, struct shape_fault *r,
			const char *field, Sy__V1__Hours *const *hours,
			size_t n, Sy__V1__Hours ***hours_r, size_t *n_r)
{
	uint32_t end = 0;

	if (n > CALENDAR_HOURS_MAX)
		return shape_refuse(r, field, "has more than 8 openings");
	*hours_r = arena_alloc(arena, (n + 1) * sizeof(**hours_r));
	*n_r = n;
	for (size_t i = 0; i < n; i++) {
		Sy__V1__Hours *h = arena_alloc(arena, sizeof(*h));

		sy__v1__hours__init(h);
		h->from_minute = hours[i]->from_minute;
		h->to_minute = hours[i]->to_minute;
		if (h->to_minute > DAY_MINUTES)
			return shape_refuse(r, field, "ends after 24:00");
		if (h->from_minute >= h->to_minute)
			return shape_refuse(r, field, "ends before it begins");
		if (h->from_minute < end)
			return shape_refuse(r, field,
					    "overlaps, or is not in order");
		end = h->to_minute;
		(*hours_r)[i] = h;
	}
	return 0;
}

/* Open days alone, from Monday on. */
static int normal_week(struct arena *arena, struct shape_fault *r,
		       const Sy__V1__Calendar *in, Sy__V1__Calendar *out)
{
	Sy__V1__WeekDay *days[8] = { 0 };

	for (size_t i = 0; i < in->n_week; i++) {
		const Sy__V1__WeekDay *from = in->week[i];
		Sy__V1__WeekDay *day;

		if (from->weekday < 1 || from->weekday > 7)
			return shape_refuse(r, "calendar.week.weekday",
					    "must be 1 (Monday) to 7");
		if (days[from->weekday])
			return shape_refuse(r, "calendar.week.weekday",
					    "is there twice");
		day = arena_alloc(arena, sizeof(*day));
		sy__v1__week_day__init(day);
		day->weekday = from->weekday;
		if (normal_hours(arena, r, "calendar.week.hours", from->hours,
				 from->n_hours, &day->hours, &day->n_hours) < 0)
			return -1;
		days[from->weekday] = day;
	}
	out->week = arena_alloc(arena, 7 * sizeof(struct Sy__V1__WeekDay *));
	for (int d = 1; d <= 7; d++)
		if (days[d] && days[d]->n_hours)
			out->week[out->n_week++] = days[d];
	return 0;
}

Sy__V1__Calendar *normal_calendar(struct arena *arena,
				  const Sy__V1__Calendar *in,
				  struct shape_fault *r)
{
	Sy__V1__Calendar *out = arena_alloc(arena, sizeof(*out));

	sy__v1__calendar__init(out);
	if (shape_code(r, "calendar.code", in->code) < 0 ||
	    shape_days(r, "calendar.valid_from_day", "calendar.valid_to_day",
		       in->valid_from_day, in->valid_to_day) < 0 ||
	    shape_names(arena, r, "calendar.names", in->names, in->n_names,
			&out->names, &out->n_names) < 0 ||
	    normal_week(arena, r, in, out) < 0)
		return NULL;
	out->code = arena_strdup(arena, in->code);
	out->valid_from_day = in->valid_from_day;
	out->valid_to_day = in->valid_to_day;
	return out;
}

static int check_day(struct shape_fault *r, const char *field, int32_t day)
{
	if (day < 0 || day >= TIME_DAY_MAX)
		return shape_refuse(r, field,
				    "must be from 1970-01-01 to 2199-12-31");
	return 0;
}

Sy__V1__CalendarDay *normal_calendar_day(struct arena *arena,
					 const Sy__V1__CalendarDay *in,
					 struct shape_fault *r)
{
	Sy__V1__CalendarDay *out = arena_alloc(arena, sizeof(*out));

	sy__v1__calendar_day__init(out);
	if (shape_code(r, "calendar_day.calendar", in->calendar) < 0 ||
	    check_day(r, "calendar_day.day", in->day) < 0 ||
	    normal_hours(arena, r, "calendar_day.hours", in->hours, in->n_hours,
			 &out->hours, &out->n_hours) < 0 ||
	    shape_names(arena, r, "calendar_day.names", in->names, in->n_names,
			&out->names, &out->n_names) < 0)
		return NULL;
	if (in->like_weekday > 7) {
		shape_refuse(r, "calendar_day.like_weekday",
			     "must be 1 (Monday) to 7");
		return NULL;
	}
	if (in->like_weekday && in->n_hours) {
		shape_refuse(r, "calendar_day.like_weekday",
			     "a day has hours or is like a weekday, not both");
		return NULL;
	}
	out->calendar = arena_strdup(arena, in->calendar);
	out->day = in->day;
	out->like_weekday = in->like_weekday;
	return out;
}

Sy__V1__Employee *normal_employee(struct arena *arena,
				  const Sy__V1__Employee *in,
				  struct shape_fault *r)
{
	Sy__V1__Employee *out = arena_alloc(arena, sizeof(*out));

	sy__v1__employee__init(out);
	if (shape_code(r, "employee.code", in->code) < 0 ||
	    shape_text(r, "employee.name", in->name, SHAPE_NAME_CHARS) < 0 ||
	    shape_code_or_empty(r, "employee.position", in->position) < 0 ||
	    shape_code(r, "employee.unit", in->unit) < 0 ||
	    shape_code_or_empty(r, "employee.department", in->department) < 0 ||
	    shape_code_or_empty(r, "employee.principal", in->principal) < 0 ||
	    shape_days(r, "employee.valid_from_day", "employee.valid_to_day",
		       in->valid_from_day, in->valid_to_day) < 0)
		return NULL;
	out->code = arena_strdup(arena, in->code);
	out->name = arena_strdup(arena, in->name);
	out->position = arena_strdup(arena, in->position);
	out->unit = arena_strdup(arena, in->unit);
	out->department = arena_strdup(arena, in->department);
	out->principal = arena_strdup(arena, in->principal);
	out->valid_from_day = in->valid_from_day;
	out->valid_to_day = in->valid_to_day;
	return out;
}

/* Each once, in the order of their codes. */
static int normal_services(struct arena *arena, struct shape_fault *r,
			   const Sy__V1__Centre *in, Sy__V1__Centre *out)
{
	if (in->n_services > CENTRE_SERVICES_MAX)
		return shape_refuse(r, "centre.services", "names more than 40");
	out->services = arena_alloc(arena, (in->n_services + 1) *
						   sizeof(*out->services));
	for (size_t i = 0; i < in->n_services; i++) {
		const char *code = in->services[i];
		size_t at = out->n_services;

		if (shape_code(r, "centre.services", code) < 0)
			return -1;
		while (at > 0 && strcmp(out->services[at - 1], code) > 0)
			at--;
		if (at > 0 && strcmp(out->services[at - 1], code) == 0)
			continue;
		memmove(out->services + at + 1, out->services + at,
			(out->n_services - at) * sizeof(*out->services));
		out->services[at] = arena_strdup(arena, code);
		out->n_services++;
	}
	return 0;
}

static int check_opening(struct shape_fault *r, const Sy__V1__Centre *in)
{
	if (check_day(r, "centre.planned_day", in->planned_day) < 0 ||
	    check_day(r, "centre.opened_day", in->opened_day) < 0)
		return -1;
	if (in->open && !in->opened_day)
		return shape_refuse(r, "centre.opened_day",
				    "an open centre was opened on some day");
	if (!in->open && in->opened_day)
		return shape_refuse(r, "centre.opened_day",
				    "is of centres that are open");
	return 0;
}

static int check_contact(struct shape_fault *r, const Sy__V1__Centre *in)
{
	const char *at = strchr(in->email, '@');

	if (strlen(in->phone) > PHONE_CHARS ||
	    strspn(in->phone, "+0123456789 ()-,*#") != strlen(in->phone))
		return shape_refuse(r, "centre.phone",
				    "must be at most 40 of + 0-9 ( ) - , * #");
	if (in->email[0] &&
	    (!at || at == in->email || !at[1] || strpbrk(in->email, " \t") ||
	     strlen(in->email) > EMAIL_CHARS))
		return shape_refuse(r, "centre.email", "is no e-mail address");
	return 0;
}

Sy__V1__Centre *normal_centre(struct arena *arena, const Sy__V1__Centre *in,
			      struct shape_fault *r)
{
	Sy__V1__Centre *out = arena_alloc(arena, sizeof(*out));

	sy__v1__centre__init(out);
	if (shape_code(r, "centre.unit", in->unit) < 0 ||
	    check_opening(r, in) < 0 || check_contact(r, in) < 0 ||
	    shape_code_or_empty(r, "centre.calendar", in->calendar) < 0 ||
	    shape_days(r, "centre.valid_from_day", "centre.valid_to_day",
		       in->valid_from_day, in->valid_to_day) < 0 ||
	    normal_services(arena, r, in, out) < 0 ||
	    shape_names(arena, r, "centre.addresses", in->addresses,
			in->n_addresses, &out->addresses,
			&out->n_addresses) < 0)
		return NULL;
	out->unit = arena_strdup(arena, in->unit);
	out->open = in->open;
	out->planned_day = in->planned_day;
	out->opened_day = in->opened_day;
	out->calendar = arena_strdup(arena, in->calendar);
	out->phone = arena_strdup(arena, in->phone);
	out->email = arena_strdup(arena, in->email);
	out->valid_from_day = in->valid_from_day;
	out->valid_to_day = in->valid_to_day;
	return out;
}
