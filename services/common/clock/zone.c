/* zone.c -- an ICU calendar a zone. Most questions ask about a time between the
 * same two changes of the clock as the one before, so these and the offset
 * between them are remembered. One thread. */
#include "clock/zone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>
#include <uthash.h>

#include "log.h"
#include "timeutil.h"

#define NAME_UNITS 64 /* the longest IANA name has 32 characters */

/* Milliseconds, as ICU counts: the offset holds for [from, to). */
struct span {
	double from, to;
	int64_t offset_us;
};

struct zone {
	char name[NAME_UNITS];
	UCalendar *calendar;
	struct span *span;
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

static struct zone *open_zone(const char *name)
{
	struct zone *z;
	UChar id[NAME_UNITS];

	u_uastrcpy(id, name);
	if (!is_iana(id, name))
		return NULL;
	z = calloc(1, sizeof(*z));
	if (z)
		z->span = calloc(1, sizeof(*z->span));
	if (z && z->span)
		z->calendar = open_calendar(id);
	if (!z || !z->span || !z->calendar) {
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

static void fill_span(const struct zone *z, double ms)
{
	UErrorCode status = U_ZERO_ERROR;
	struct span *span = z->span;
	int32_t offset_ms;

	ucal_setMillis(z->calendar, ms, &status);
	offset_ms = ucal_get(z->calendar, UCAL_ZONE_OFFSET, &status) +
		    ucal_get(z->calendar, UCAL_DST_OFFSET, &status);
	if (!ucal_getTimeZoneTransitionDate(
		    z->calendar, UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE,
		    &span->from, &status))
		span->from = -INFINITY;
	if (!ucal_getTimeZoneTransitionDate(
		    z->calendar, UCAL_TZ_TRANSITION_NEXT, &span->to, &status))
		span->to = INFINITY;
	span->offset_us = offset_ms * US_PER_MS;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int32_t zone_local_day(const struct zone *z, int64_t us)
{
	double ms = (double)floor_divide(us, US_PER_MS);

	if (!(ms >= z->span->from && ms < z->span->to))
		fill_span(z, ms);
	return (int32_t)floor_divide(us + z->span->offset_us, US_PER_DAY);
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
