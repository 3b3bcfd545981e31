/* ics.c -- see ics.h. libical reads and repeats. At which line an event stands
 * it forgets: events are met in the order of their BEGIN lines, which are
 * counted before. Each event says something of some days (ics_event.h); in the
 * end all that was said of a day is put together. */
#include "clock/ics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ustring.h>

#include "clock/ics_event.h"

#define DEPTH_MAX 8
#define NAME_BYTES 32
/* Steps of all repetitions: a hundred daily ones over a century. */
#define REPEATS_MAX 4000000

/* What one event says of one day. */
struct saying {
	struct ics_day of;
	int line;
	bool timed;
};

struct reading {
	int32_t from_day, to_day; /* both included */
	int last_year;
	int *lines; /* of the events, in their order */
	size_t lines_nr;
	struct saying *sayings;
	size_t n;
	int repeats;
	struct error *err;
};

/* --- lines --------------------------------------------------------------- */

static int lines_add(struct reading *r, int line)
{
	int *more = reallocarray(r->lines, r->lines_nr + 1, sizeof(*more));

	if (!more)
		return error_set(r->err, "no memory");
	r->lines = more;
	r->lines[r->lines_nr++] = line;
	return 0;
}

/* The name after "BEGIN:" or "END:", "" for any other line. */
static void line_name(const char *line, size_t n, const char *word,
		      char name_r[NAME_BYTES])
{
	const size_t skip = strlen(word);

	name_r[0] = '\0';
	while (n > 0 && strchr(" \t\r", line[n - 1]))
		n--;
	if (n <= skip || n - skip >= NAME_BYTES ||
	    strncasecmp(line, word, skip) != 0)
		return;
	memcpy(name_r, line + skip, n - skip);
	name_r[n - skip] = '\0';
}

/* libical forgives what does not end; here it would be half a year that is
 * missing. */
static int lines_scan(struct reading *r, const char *text)
{
	struct {
		char name[NAME_BYTES];
		int line;
	} open[DEPTH_MAX];
	int depth = 0, line = 1;

	for (; *text != '\0'; line++) {
		size_t n = strcspn(text, "\n");
		char begin[NAME_BYTES], end[NAME_BYTES];

		line_name(text, n, "BEGIN:", begin);
		line_name(text, n, "END:", end);
		if (begin[0] != '\0') {
			if (depth == DEPTH_MAX)
				return error_set(r->err, "line %d: too deep",
						 line);
			strcpy(open[depth].name, begin);
			open[depth++].line = line;
			if (strcasecmp(begin, "VEVENT") == 0 &&
			    lines_add(r, line) < 0)
				return -1;
		} else if (end[0] != '\0') {
			if (depth == 0 ||
			    strcasecmp(open[depth - 1].name, end) != 0)
				return error_set(r->err,
						 "line %d: an END without its "
						 "BEGIN",
						 line);
			depth--;
		}
		text += n + (text[n] == '\n');
	}
	if (depth > 0)
		return error_set(r->err, "line %d: a BEGIN without its END",
				 open[depth - 1].line);
	return 0;
}

/* --- its days ------------------------------------------------------------ */

static int say(struct reading *r, const struct ics_event *event,
	       int32_t first_day)
{
	for (int32_t day = first_day; day < first_day + event->days; day++) {
		struct saying *saying;

		if (day < r->from_day || day > r->to_day)
			continue;
		if (r->n == ICS_DAYS_MAX)
			return ics_event_error(
				event, "makes too many days altogether");
		saying = &r->sayings[r->n++];
		*saying = (struct saying){ .of = event->of,
					   .line = event->line,
					   .timed = event->timed };
		saying->of.day = day;
	}
	return 0;
}

static int say_unless_except(struct reading *r, const struct ics_event *event,
			     struct icaltimetype at)
{
	for (size_t i = 0; i < event->except_nr; i++) {
		if (event->except[i] == ics_day_of(at))
			return 0;
	}
	return say(r, event, ics_day_of(at));
}

static int say_rule(struct reading *r, const struct ics_event *event,
		    struct icalrecurrencetype rule)
{
	icalrecur_iterator *each;
	struct icaltimetype at;
	int rc = 0;

	if (rule.freq < ICAL_DAILY_RECURRENCE ||
	    rule.freq > ICAL_YEARLY_RECURRENCE)
		return ics_event_error(event, "is repeated more than daily");
	each = icalrecur_iterator_new(rule, event->start);
	if (!each)
		return ics_event_error(event, "has an RRULE without any day");
	for (at = icalrecur_iterator_next(each);
	     rc == 0 && !icaltime_is_null_time(at) && at.year <= r->last_year;
	     at = icalrecur_iterator_next(each)) {
		if (++r->repeats > REPEATS_MAX)
			rc = ics_event_error(event, "is repeated too often");
		else
			rc = say_unless_except(r, event, at);
	}
	icalrecur_iterator_free(each);
	return rc;
}

static int say_all(struct reading *r, const struct ics_event *event)
{
	icalcomponent *component = event->component;
	icalproperty *p;

	if (icalcomponent_count_properties(component, ICAL_RRULE_PROPERTY) > 1)
		return ics_event_error(event, "has several RRULE");
	p = icalcomponent_get_first_property(component, ICAL_RRULE_PROPERTY);
	if (p && say_rule(r, event, icalproperty_get_rrule(p)) < 0)
		return -1;
	if (!p && say_unless_except(r, event, event->start) < 0)
		return -1;
	p = icalcomponent_get_first_property(component, ICAL_RDATE_PROPERTY);
	for (; p; p = icalcomponent_get_next_property(component,
						      ICAL_RDATE_PROPERTY)) {
		struct icaltimetype at = icalproperty_get_rdate(p).time;

		if (icaltime_is_null_time(at) || !ics_time_exists(at))
			return ics_event_error(
				event, "has an RDATE that is not a day");
		if (say_unless_except(r, event, at) < 0)
			return -1;
	}
	return 0;
}

static int read_event(struct reading *r, icalcomponent *component, int line)
{
	struct ics_event event = { .component = component,
				   .line = line,
				   .err = r->err };

	if (icalcomponent_get_status(component) == ICAL_STATUS_CANCELLED)
		return 0;
	if (ics_event_read(&event) < 0)
		return -1;
	return say_all(r, &event);
}

static int read_calendar(struct reading *r, icalcomponent *calendar,
			 size_t *events_r)
{
	icalcomponent *event = icalcomponent_get_first_component(
		calendar, ICAL_VEVENT_COMPONENT);

	for (; event; event = icalcomponent_get_next_component(
			      calendar, ICAL_VEVENT_COMPONENT)) {
		if (*events_r == r->lines_nr)
			return error_set(r->err, "an event without its BEGIN");
		if (read_event(r, event, r->lines[(*events_r)++]) < 0)
			return -1;
	}
	return 0;
}

static int read_events(struct reading *r, const char *text)
{
	icalcomponent *root, *calendar;
	size_t events = 0;
	int rc = 0;

	icalerror_set_errors_are_fatal(0);
	root = icalparser_parse_string(text);
	if (root && icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) {
		rc = read_calendar(r, root, &events);
	} else if (root && icalcomponent_isa(root) == ICAL_XROOT_COMPONENT) {
		calendar = icalcomponent_get_first_component(
			root, ICAL_VCALENDAR_COMPONENT);
		for (; calendar && rc == 0;
		     calendar = icalcomponent_get_next_component(
			     root, ICAL_VCALENDAR_COMPONENT))
			rc = read_calendar(r, calendar, &events);
	}
	if (!root)
		rc = error_set(r->err, "not an iCalendar file");
	else if (rc == 0 && events != r->lines_nr)
		rc = error_set(r->err,
			       "line %d: an event that is in no VCALENDAR",
			       r->lines[events]);
	if (root)
		icalcomponent_free(root);
	return rc;
}

/* --- put together -------------------------------------------------------- */

static int saying_compare_cb(const void *pa, const void *pb)
{
	const struct saying *a = pa, *b = pb;

	if (a->of.day != b->of.day)
		return a->of.day < b->of.day ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static bool same(const struct ics_day *a, const struct ics_day *b)
{
	if (a->kind != b->kind || a->like_weekday != b->like_weekday ||
	    a->hours.n != b->hours.n)
		return false;
	for (int i = 0; i < a->hours.n; i++) {
		if (a->hours.open[i].from_minute !=
			    b->hours.open[i].from_minute ||
		    a->hours.open[i].to_minute != b->hours.open[i].to_minute)
			return false;
	}
	return true;
}

/* The one opening of a timed event among the day's. */
static int hours_add(struct reading *r, struct day_hours *hours,
		     const struct saying *saying)
{
	struct hours added = saying->of.hours.open[0];
	int at = hours->n;

	if (hours->n == CALENDAR_HOURS_MAX)
		return error_set(r->err,
				 "line %d: more than %d openings of a day",
				 saying->line, CALENDAR_HOURS_MAX);
	for (; at > 0 && hours->open[at - 1].from_minute > added.from_minute;
	     at--)
		hours->open[at] = hours->open[at - 1];
	hours->open[at] = added;
	hours->n++;
	if ((at > 0 && hours->open[at - 1].to_minute > added.from_minute) ||
	    (at + 1 < hours->n &&
	     added.to_minute > hours->open[at + 1].from_minute))
		return error_set(r->err,
				 "line %d: the event's hours overlap with "
				 "another's of the same day",
				 saying->line);
	return 0;
}

/* One day a day; n_r of them, in front. */
static int merge(struct reading *r, struct ics_day *days, size_t *n_r)
{
	const struct saying *first = NULL; /* of the day */
	size_t n = 0;

	if (r->n > 0)
		qsort(r->sayings, r->n, sizeof(*r->sayings), saying_compare_cb);
	for (size_t i = 0; i < r->n; i++) {
		const struct saying *saying = &r->sayings[i];

		if (!first || first->of.day != saying->of.day) {
			first = saying;
			days[n++] = saying->of;
		} else if (first->timed && saying->timed) {
			if (hours_add(r, &days[n - 1].hours, saying) < 0)
				return -1;
		} else if (!same(&days[n - 1], &saying->of)) {
			return error_set(r->err,
					 "line %d: the event says otherwise of "
					 "a day than the one of line %d",
					 saying->line, first->line);
		}
	}
	*n_r = n;
	return 0;
}

static int32_t year_begins(int year)
{
	struct icaltimetype day = { .year = year, .month = 1, .day = 1 };

	return ics_day_of(day);
}

static int years_check(const struct ics_day *days, size_t n, int first_year,
		       int last_year, struct error *err)
{
	size_t i = 0;

	for (int year = first_year; year <= last_year; year++) {
		size_t before = i;

		while (i < n && days[i].day < year_begins(year + 1))
			i++;
		if (i == before)
			return error_set(err,
					 "the file has no day in %d: is it "
					 "another year's?",
					 year);
	}
	return 0;
}

static int text_check(const char *text, size_t n_bytes, struct error *err)
{
	UErrorCode status = U_ZERO_ERROR;

	if (n_bytes > ICS_BYTES_MAX)
		return error_set(err, "larger than %d MB", ICS_BYTES_MAX >> 20);
	if (memchr(text, '\0', n_bytes))
		return error_set(err, "not a text");
	u_strFromUTF8(NULL, 0, NULL, text, (int32_t)n_bytes, &status);
	if (status == U_INVALID_CHAR_FOUND)
		return error_set(err, "not UTF-8");
	return 0;
}

int ics_read(const char *text, size_t n_bytes, int first_year, int last_year,
	     struct ics_day **days_r, size_t *n_r, struct error *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8 */
	struct reading r = { .from_day = year_begins(first_year),
			     .to_day = year_begins(last_year + 1) - 1,
			     .last_year = last_year,
			     .err = err };
	struct ics_day *days = NULL;
	char *copy = NULL;
	int rc = -1;

	if (first_year < 1970 || last_year > 2200 || first_year > last_year)
		return error_set(err, "no such years");
	if (n_bytes >= 3 && memcmp(text, mark, 3) == 0) {
		text += 3;
		n_bytes -= 3;
	}
	if (text_check(text, n_bytes, err) < 0)
		return -1;
	copy = strndup(text, n_bytes);
	r.sayings = calloc(ICS_DAYS_MAX, sizeof(*r.sayings));
	days = calloc(ICS_DAYS_MAX, sizeof(*days));
	if (!copy || !r.sayings || !days)
		error_set(err, "no memory");
	else if (lines_scan(&r, copy) == 0 && read_events(&r, copy) == 0 &&
		 merge(&r, days, n_r) == 0)
		rc = years_check(days, *n_r, first_year, last_year, err);
	free(copy);
	free(r.lines);
	free(r.sayings);
	if (rc == 0)
		*days_r = days;
	else
		free(days);
	return rc;
}
