/* mem_calendars.c -- calendars in memory: what the records say, and of each the
 * struct calendar that is made of it when it is first asked for. */
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "dir/replica_mem.h"
#include "log.h"

struct week_version {
	int32_t from_day, until_day; /* until 0 = open */
	uint64_t revision;
	struct day_hours week[7];
};

struct special_day {
	int32_t day;
	uint32_t like_weekday; /* 1..7, 0 = hours */
	uint64_t revision;
	struct day_hours hours;
	UT_hash_handle hh;
};

struct mem_calendar {
	char *code;
	struct week_version *versions; /* by first day */
	size_t n;
	struct special_day *days;
	struct calendar *made; /* NULL: to be made */
	UT_hash_handle hh;
};

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static struct mem_calendar *get(struct replica_mem *m, const char *code)
{
	struct mem_calendar *c;

	HASH_FIND_STR(m->calendars, code, c);
	if (!c) {
		c = must(calloc(1, sizeof(*c)));
		c->code = must(strdup(code));
		HASH_ADD_KEYPTR(hh, m->calendars, c->code, strlen(c->code), c);
	}
	return c;
}

static struct day_hours day_hours(Sy__V1__Hours *const *hours, size_t n)
{
	struct day_hours d = { 0 };

	for (size_t i = 0; i < n && i < CALENDAR_HOURS_MAX; i++)
		d.open[d.n++] = (struct hours){
			(uint16_t)hours[i]->from_minute,
			(uint16_t)hours[i]->to_minute,
		};
	return d;
}

static void changed(struct mem_calendar *c)
{
	calendar_free(c->made);
	c->made = NULL;
}

static struct week_version *version_from(struct mem_calendar *c, int32_t day)
{
	size_t at = 0;

	while (at < c->n && c->versions[at].from_day < day)
		at++;
	if (at < c->n && c->versions[at].from_day == day)
		return &c->versions[at];
	c->versions =
		must(realloc(c->versions, (c->n + 1) * sizeof(*c->versions)));
	memmove(c->versions + at + 1, c->versions + at,
		(c->n - at) * sizeof(*c->versions));
	c->versions[at] = (struct week_version){ .from_day = day };
	c->n++;
	return &c->versions[at];
}

void mem_put_calendar(struct replica_mem *m, const uint8_t *body, size_t len,
		      uint64_t revision)
{
	Sy__V1__Calendar *in = must(sy__v1__calendar__unpack(NULL, len, body));
	struct mem_calendar *c = get(m, in->code);
	struct week_version *v = version_from(c, in->valid_from_day);

	if (revision >= v->revision) {
		v->revision = revision;
		v->until_day = in->valid_to_day;
		memset(v->week, 0, sizeof(v->week));
		for (size_t i = 0; i < in->n_week; i++)
			v->week[(in->week[i]->weekday + 6) % 7] = day_hours(
				in->week[i]->hours, in->week[i]->n_hours);
		changed(c);
	}
	sy__v1__calendar__free_unpacked(in, NULL);
}

void mem_put_calendar_day(struct replica_mem *m, const uint8_t *body,
			  size_t len, uint64_t revision)
{
	Sy__V1__CalendarDay *in =
		must(sy__v1__calendar_day__unpack(NULL, len, body));
	struct mem_calendar *c = get(m, in->calendar);
	struct special_day *d;

	HASH_FIND_INT(c->days, &in->day, d);
	if (!d) {
		d = must(calloc(1, sizeof(*d)));
		d->day = in->day;
		HASH_ADD_INT(c->days, day, d);
	}
	if (revision >= d->revision) {
		d->revision = revision;
		d->like_weekday = in->like_weekday;
		d->hours = day_hours(in->hours, in->n_hours);
		changed(c);
	}
	sy__v1__calendar_day__free_unpacked(in, NULL);
}

void mem_free_calendars(struct replica_mem *m)
{
	struct mem_calendar *c, *next;
	struct special_day *d, *next_day;

	HASH_ITER (hh, m->calendars, c, next) {
		HASH_DEL(m->calendars, c);
		HASH_ITER (hh, c->days, d, next_day) {
			HASH_DEL(c->days, d);
			free(d);
		}
		calendar_free(c->made);
		free(c->versions);
		free(c->code);
		free(c);
	}
}

/* --- asking ----------------------------------------------------------------
 */

/* From the end of a version on, unless another begins there, it is closed. */
static int set_weeks(struct calendar *to, const struct mem_calendar *c,
		     struct error *err)
{
	static const struct day_hours closed[7];

	for (size_t i = 0; i < c->n; i++) {
		const struct week_version *v = &c->versions[i];

		if (calendar_set_week(to, v->from_day, v->week, err) < 0)
			return -1;
		if (v->until_day &&
		    (i + 1 == c->n || v->until_day < v[1].from_day) &&
		    calendar_set_week(to, v->until_day, closed, err) < 0)
			return -1;
	}
	return 0;
}

static int set_days(struct calendar *to, const struct mem_calendar *c,
		    struct error *err)
{
	for (const struct special_day *d = c->days; d; d = d->hh.next)
		if (d->like_weekday)
			calendar_set_day_like(to, d->day,
					      (int)d->like_weekday - 1);
		else if (calendar_set_day(to, d->day, &d->hours, err) < 0)
			return -1;
	return 0;
}

const struct calendar *mem_calendar(const struct replica_mem *m,
				    const char *code)
{
	struct mem_calendar *c;
	struct error err;

	HASH_FIND_STR(m->calendars, code, c);
	if (!c || !c->n)
		return NULL;
	if (c->made)
		return c->made;
	c->made = must(calendar_new());
	/* The directory has checked them. */
	if (set_weeks(c->made, c, &err) < 0 || set_days(c->made, c, &err) < 0)
		log_error("a calendar of the directory: %s", err.text);
	return c->made;
}
