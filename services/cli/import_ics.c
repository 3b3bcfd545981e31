/* import_ics.c -- the days of an .ics file as records of a calendar. */
#include <stdlib.h>
#include <string.h>

#include "import.h"

int import_ics(struct import *im, const char *path, const char *calendar,
	       int first_year, int last_year, struct error *err)
{
	char *text;
	size_t n;
	int status;

	im->ics_path = path;
	im->calendar = calendar;
	text = input_whole(path, ICS_BYTES_MAX, &n, err);
	if (!text)
		return -1;
	status = ics_read(text, n, first_year, last_year, &im->days,
			  &im->days_nr, err);
	free(text);
	return status < 0 ? error_prefix(err, "%s", path) : 0;
}

/* By its script: an event's summary does not say. */
static const char *language_of(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p >= 0xe3 && *p <= 0xe9)
			return "zh";
		else if (*p == 0xd0 || *p == 0xd1)
			return "ru";
	return "en";
}

static void set_name(Sy__V1__CalendarDay *day, const char *summary,
		     struct arena *arena)
{
	Sy__V1__Label *label;

	if (!summary[0])
		return;
	label = (Sy__V1__Label *)pb_message_new(&sy__v1__label__descriptor,
						arena);
	label->lang = (char *)language_of(summary);
	label->text = arena_strdup(arena, summary);
	day->names = arena_alloc(arena, sizeof(Sy__V1__Label *));
	day->names[day->n_names++] = label;
}

static void set_hours(Sy__V1__CalendarDay *day, const struct day_hours *hours,
		      struct arena *arena)
{
	day->hours = arena_alloc(arena,
				 CALENDAR_HOURS_MAX * sizeof(Sy__V1__Hours *));
	for (int i = 0; i < hours->n; i++) {
		Sy__V1__Hours *h = (Sy__V1__Hours *)pb_message_new(
			&sy__v1__hours__descriptor, arena);

		h->from_minute = hours->open[i].from_minute;
		h->to_minute = hours->open[i].to_minute;
		day->hours[day->n_hours++] = h;
	}
}

Sy__V1__DirectoryRecord *import_next_day(struct import *im, struct arena *arena)
{
	const struct ics_day *from;
	Sy__V1__DirectoryRecord *record;
	Sy__V1__CalendarDay *day;

	if (im->days_at == im->days_nr)
		return NULL;
	from = &im->days[im->days_at++];
	im->rows++;
	day = (Sy__V1__CalendarDay *)pb_message_new(
		&sy__v1__calendar_day__descriptor, arena);
	day->calendar = arena_strdup(arena, im->calendar);
	day->day = from->day;
	if (from->kind == ICS_HOURS)
		set_hours(day, &from->hours, arena);
	if (from->kind == ICS_LIKE)
		day->like_weekday = (uint32_t)from->like_weekday + 1;
	set_name(day, from->summary, arena);
	record = (Sy__V1__DirectoryRecord *)pb_message_new(
		&sy__v1__directory_record__descriptor, arena);
	record->record_case = SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY;
	record->calendar_day = day;
	return record;
}
