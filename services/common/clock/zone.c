/* zone.c -- an ICU calendar a zone. ICU takes microseconds for a question, and
 * clocks of cases ask many: the changes of a century are asked of it once, and
 * most questions are about the same two changes as the one before. One thread.
 */
#include "clock/zone.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>
#include <uthash.h>

#include "log.h"
#include "timeutil.h"

#define NAME_UNITS 64 /* the longest IANA name has 32 characters */

/* The table's first and last instant: 2000-01-01 and 2100-01-01. */
#define TABLE_FROM_US TIME_MIN_US
#define TABLE_TO_US (INT64_C(4102444800) * US_PER_S)
#define SPANS_STEP 64

struct spans {
	struct zone_span *table; /* ascending, without gaps */
	size_t n;
	struct zone_span last; /* the last one that was asked for */
};

struct zone {
	char name[NAME_UNITS];
	UCalendar *calendar;
	struct spans *spans; /* remembers, also in a const zone */
	UT_hash_handle hh;
};

static struct zone *zones;

/* ICU takes more than IANA has: "GMT+3", and old names of three letters, of
 * which BST is in Bangladesh. */
static bool is_iana(const UChar *id, const char *name)
{
	static const char *const three[] = { "CET", "EET", "EST", "GMT", "HST",
					     "MET", "MST", "PRC", "ROC", "ROK",
					     "UCT", "UTC", "WET" };
	UErrorCode status = U_ZERO_ERROR;
	UChar canonical[NAME_UNITS];
	UBool known = false;

	ucal_getCanonicalTimeZoneID(id, -1, canonical, NAME_UNITS, &known,
				    &status);
	if (U_FAILURE(status) || !known || strcmp(name, "Etc/Unknown") == 0)
		return false;
	if (strlen(name) != 3)
		return true;
	for (size_t i = 0; i < sizeof(three) / sizeof(three[0]); i++) {
		if (strcmp(name, three[i]) == 0)
			return true;
	}
	return false;
}

static UCalendar *open_calendar(const UChar *id)
{
	UErrorCode status = U_ZERO_ERROR;
	UCalendar *calendar = ucal_open(id, -1, "en", UCAL_GREGORIAN, &status);

	if (U_FAILURE(status))
		return NULL;
	ucal_setAttribute(calendar, UCAL_REPEATED_WALL_TIME,
			  UCAL_WALLTIME_FIRST);
	ucal_setAttribute(calendar, UCAL_SKIPPED_WALL_TIME,
			  UCAL_WALLTIME_NEXT_VALID);
	return calendar;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* What ICU says of us. */
static struct zone_span ask_span(UCalendar *calendar, int64_t us)
{
	UErrorCode status = U_ZERO_ERROR;
	struct zone_span span = { .from_us = INT64_MIN, .to_us = INT64_MAX };
	double ms;

	ucal_setMillis(calendar, (double)floor_divide(us, US_PER_MS), &status);
	span.offset_us = (ucal_get(calendar, UCAL_ZONE_OFFSET, &status) +
			  ucal_get(calendar, UCAL_DST_OFFSET, &status)) *
			 US_PER_MS;
	if (ucal_getTimeZoneTransitionDate(
		    calendar, UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE, &ms,
		    &status))
		span.from_us = (int64_t)ms * US_PER_MS;
	if (ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT,
					   &ms, &status))
		span.to_us = (int64_t)ms * US_PER_MS;
	return span;
}

/* False: no memory. */
static bool fill_table(struct zone *z)
{
	struct spans *spans = z->spans;
	int64_t us = TABLE_FROM_US;

	while (us < TABLE_TO_US) {
		if (spans->n % SPANS_STEP == 0) {
			void *more = reallocarray(spans->table,
						  spans->n + SPANS_STEP,
						  sizeof(*spans->table));

			if (!more)
				return false;
			spans->table = more;
		}
		spans->last = ask_span(z->calendar, us);
		spans->table[spans->n++] = spans->last;
		us = spans->last.to_us;
	}
	return true;
}

static struct zone *open_zone(const char *name)
{
	struct zone *z;
	UChar id[NAME_UNITS];

	u_uastrcpy(id, name);
	if (!is_iana(id, name))
		return NULL;
	z = calloc(1, sizeof(*z));
	if (z)
		z->spans = calloc(1, sizeof(*z->spans));
	if (z && z->spans)
		z->calendar = open_calendar(id);
	if (!z || !z->spans || !z->calendar || !fill_table(z)) {
		log_error("cannot open time zone %s: no memory", name);
		abort();
	}
	strcpy(z->name, name);
	return z;
}

const struct zone *zone_get(const char *iana)
{
	struct zone *z;

	HASH_FIND_STR(zones, iana, z);
	if (z)
		return z;
	if (strlen(iana) >= NAME_UNITS)
		return NULL;
	z = open_zone(iana);
	if (z)
		HASH_ADD_STR(zones, name, z);
	return z;
}

struct zone_span zone_span_at(const struct zone *z, int64_t us)
{
	struct spans *spans = z->spans;
	size_t low = 0, high = spans->n;

	if (us >= spans->last.from_us && us < spans->last.to_us)
		return spans->last;
	if (us < spans->table[0].from_us ||
	    us >= spans->table[spans->n - 1].to_us) {
		spans->last = ask_span(z->calendar, us);
		return spans->last;
	}
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (spans->table[middle].from_us <= us)
			low = middle;
		else
			high = middle;
	}
	spans->last = spans->table[low];
	return spans->last;
}

int32_t zone_local_day(const struct zone *z, int64_t us)
{
	int64_t local_us = us + zone_span_at(z, us).offset_us;

	return (int32_t)floor_divide(local_us, US_PER_DAY);
}

int64_t zone_day_start_us(const struct zone *z, int32_t day)
{
	int64_t local_us = day * US_PER_DAY;
	/* no zone is as far from UTC as a day */
	struct zone_span span = zone_span_at(z, local_us - US_PER_DAY);
	int64_t us;

	while (span.to_us != INT64_MAX &&
	       span.to_us + span.offset_us <= local_us)
		span = zone_span_at(z, span.to_us);
	us = local_us - span.offset_us;
	return us > span.from_us ? us : span.from_us;
}

int64_t zone_to_utc_us(const struct zone *z, int year, int month, int day,
		       int hour, int minute, int second)
{
	UErrorCode status = U_ZERO_ERROR;

	ucal_clear(z->calendar);
	ucal_setDateTime(z->calendar, year, month - 1, day, hour, minute,
			 second, &status);
	return (int64_t)ucal_getMillis(z->calendar, &status) * US_PER_MS;
}
