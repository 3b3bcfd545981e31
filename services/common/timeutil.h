/* timeutil.h -- times are int64 microseconds since 1970, UTC. */
#ifndef SUYUAN_TIMEUTIL_H
#define SUYUAN_TIMEUTIL_H

#include <stddef.h>
#include <stdint.h>

#define US_PER_MS INT64_C(1000)
#define US_PER_S INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_S)
#define US_PER_HOUR (INT64_C(3600) * US_PER_S)
#define US_PER_DAY (INT64_C(86400) * US_PER_S)

/* Outside of these an event's time is refused as INVALID: 2000-01-01 and,
 * against the clock of the machine, one day ahead. */
#define TIME_MIN_US (INT64_C(946684800) * US_PER_S)
/* Days since 1970-01-01 are refused from here on: 2200-01-01. */
#define TIME_DAY_MAX 84006

int64_t time_now_us(void); /* wall clock */
int64_t time_monotonic_us(void);

#define TIME_TEXT_MAX 32
/* "2025-03-14T05:20:00.000000Z"; buf has TIME_TEXT_MAX bytes. Returns buf. */
char *time_format_us(int64_t us, char *buf);
/* RFC 3339 with any offset, fraction optional. 0 or -1. */
int time_parse_us(const char *text, int64_t *us_r);

/* Days since 1970-01-01 and "2025-03-14". buf has 16 bytes. */
char *day_format(int32_t day, char *buf);
int day_parse(const char *text, int32_t *day_r);

#endif
