/* dates.c -- dates by ICU, strictly. */
#include "dates.h"

#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/ustring.h>

#include "timeutil.h"

#define DATE_CHARS 64

struct dates {
	UDateFormat *format; /* NULL: RFC 3339 */
	UCalendar *calendar; /* the format's */
};

void dates_close(struct dates **d)
{
	if (!d || !*d)
		return;
	if ((*d)->format)
		udat_close((*d)->format);
	if ((*d)->calendar)
		ucal_close((*d)->calendar);
	free(*d);
	*d = NULL;
}

/* ICU takes any word for a zone and means GMT by it. */
static int zone_check(const UChar *zone, struct error *err)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar canonical[DATE_CHARS];
	UBool known = 0;

	ucal_getCanonicalTimeZoneID(zone, -1, canonical, DATE_CHARS, &known,
				    &status);
	if (U_FAILURE(status) || !known)
		return error_set(err, "zone: no such IANA zone");
	return 0;
}

static int open_pattern(struct dates *d, const char *pattern, const char *zone,
			struct error *err)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar u_pattern[DATE_CHARS], u_zone[DATE_CHARS], out[DATE_CHARS];

	u_strFromUTF8(u_zone, DATE_CHARS, NULL, zone ? zone : "Etc/UTC", -1,
		      &status);
	if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING)
		return error_set(err, "zone: no such IANA zone");
	if (zone_check(u_zone, err) < 0)
		return -1;
	u_strFromUTF8(u_pattern, DATE_CHARS, NULL, pattern, -1, &status);
	if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING)
		return error_set(err, "date_format: too long, or not UTF-8");
	status = U_ZERO_ERROR;
	d->format = udat_open(UDAT_PATTERN, UDAT_PATTERN, "en_US", u_zone, -1,
			      u_pattern, -1, &status);
	if (U_SUCCESS(status)) /* a letter that means nothing shows here only */
		udat_format(d->format, 0, out, DATE_CHARS, NULL, &status);
	if (U_FAILURE(status))
		return error_set(err, "date_format: not an ICU pattern");
	udat_setLenient(d->format, 0);
	d->calendar = ucal_clone(udat_getCalendar(d->format), &status);
	if (U_FAILURE(status))
		return error_set(err, "date_format: %s", u_errorName(status));
	ucal_setAttribute(d->calendar, UCAL_REPEATED_WALL_TIME,
			  UCAL_WALLTIME_FIRST);
	return 0;
}

int dates_open(struct dates **d_r, const char *pattern, const char *zone,
	       struct error *err)
{
	struct dates *d = calloc(1, sizeof(*d));

	*d_r = d;
	if (!d)
		return error_set(err, "no memory");
	if (pattern && open_pattern(d, pattern, zone, err) < 0) {
		dates_close(d_r);
		return -1;
	}
	return 0;
}

int dates_parse(struct dates *d, const char *text, size_t len, int64_t *us_r)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar wide[DATE_CHARS];
	int32_t n = 0, end = 0;
	UDate ms;

	if (!d->format)
		return time_parse_us(text, us_r);
	u_strFromUTF8(wide, DATE_CHARS, &n, text, (int32_t)len, &status);
	if (U_FAILURE(status) || n == 0)
		return -1;
	ucal_clear(d->calendar);
	udat_parseCalendar(d->format, d->calendar, wide, n, &end, &status);
	ms = ucal_getMillis(d->calendar, &status);
	if (U_FAILURE(status) || end != n)
		return -1;
	*us_r = (int64_t)ms * US_PER_MS;
	return 0;
}
