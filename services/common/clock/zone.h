/* zone.h -- local days of an IANA zone, by ICU's own zone data. One thread. */
#ifndef SUYUAN_ZONE_H
#define SUYUAN_ZONE_H

#include <stdbool.h>
#include <stdint.h>

struct zone; /* opened once a name and kept */

/* NULL: not an IANA name. The pointer stays valid for the process's life. */
const struct zone *zone_get(const char *iana);

/* Day (since 1970-01-01) that it is in the zone at us. */
int32_t zone_local_day(const struct zone *z, int64_t us);

/* Local wall time to UTC. Where the clock is set back the first of the two,
 * in a gap the first instant after the gap. */
int64_t zone_to_utc_us(const struct zone *z, int year, int month, int day,
		       int hour, int minute, int second);

#endif
