/* zone.h -- local days of an IANA zone, by ICU's own zone data. One thread. */
#ifndef SUYUAN_ZONE_H
#define SUYUAN_ZONE_H

#include <stdbool.h>
#include <stdint.h>

struct zone; /* opened once a name and kept */

/* NULL: not an IANA name. The pointer stays valid for the process's life. */
const struct zone *zone_get(const char *iana);

/* Local time is UTC + offset_us for from_us <= us < to_us; INT64_MIN and
 * INT64_MAX where the clock was or is never changed. */
struct zone_span {
	int64_t from_us, to_us, offset_us;
};
/* The one that holds us. Quick: the changes of 2000..2100 are remembered. */
struct zone_span zone_span_at(const struct zone *z, int64_t us);

/* Day (since 1970-01-01) that it is in the zone at us. */
int32_t zone_local_day(const struct zone *z, int64_t us);

/* The instant at which the day before ends: where midnight is skipped the first
 * one after the gap. */
int64_t zone_day_start_us(const struct zone *z, int32_t day);

/* Local wall time to UTC. Where the clock is set back the first of the two,
 * in a gap the first instant after the gap. */
int64_t zone_to_utc_us(const struct zone *z, int year, int month, int day,
		       int hour, int minute, int second);

#endif
