/* random_calendar.h -- calendars, zones and instants at random, for the
 * properties that must hold whatever they are. */
#ifndef RANDOM_CALENDAR_H
#define RANDOM_CALENDAR_H

#include <stdlib.h>

#include "clock/calendar.h"
#include "timeutil.h"

#define MINUTE_US (60 * US_PER_S)
#define DAY_2024 19723 /* 2024-01-01 */

static int64_t below(unsigned *seed, int64_t n)
{
	return (int64_t)rand_r(seed) % n;
}

/* Closed one time in four. */
static struct day_hours random_hours(unsigned *seed)
{
	struct day_hours hours = { 0 };
	int64_t from = below(seed, 600), to;

	if (below(seed, 4) == 0)
		return hours;
	for (int64_t n = 1 + below(seed, 3); n > 0 && from < 1440; n--) {
		to = from + 1 + below(seed, 400);
		if (to > 1440 || below(seed, 10) == 0)
			to = 1440;
		hours.open[hours.n++] =
			(struct hours){ (uint16_t)from, (uint16_t)to };
		from = to + below(seed, 200);
	}
	return hours;
}

/* A Monday is always open, in 2024..2026 there is much that is special. */
static struct calendar *random_calendar(unsigned *seed)
{
	struct calendar *calendar = calendar_new();
	struct day_hours week[7], hours;

	for (int64_t weeks = 1 + below(seed, 3); weeks > 0; weeks--) {
		for (int i = 0; i < 7; i++)
			week[i] = random_hours(seed);
		if (week[0].n == 0) {
			week[0].n = 1;
			week[0].open[0] = (struct hours){ 540, 1080 };
		}
		calendar_set_week(
			calendar,
			weeks == 1 ? 0
				   : (int32_t)(DAY_2024 + below(seed, 1000)),
			week, NULL);
	}
	for (int64_t n = below(seed, 200); n > 0; n--) {
		int32_t day = (int32_t)(DAY_2024 + below(seed, 1096));

		hours = random_hours(seed);
		if (below(seed, 3) == 0)
			calendar_set_day_like(calendar, day,
					      (int)below(seed, 7));
		else
			calendar_set_day(calendar, day, &hours, NULL);
	}
	return calendar;
}

static const struct zone *random_zone(unsigned *seed)
{
	static const char *const names[] = {
		"UTC",
		"Asia/Shanghai",
		"Europe/Moscow",
		"Europe/Berlin",
		"America/New_York",
		"America/Havana",
		"Asia/Kathmandu",
		"Australia/Lord_Howe",
		"Pacific/Chatham",
		"America/St_Johns",
		"Africa/Casablanca",
		"Asia/Beirut",
	};

	return zone_get(names[below(seed, sizeof(names) / sizeof(names[0]))]);
}

/* Of 2024..2026, to the microsecond. */
static int64_t random_instant(unsigned *seed)
{
	return (DAY_2024 + below(seed, 1096)) * US_PER_DAY +
	       below(seed, 86400) * US_PER_S + below(seed, US_PER_S);
}

#endif
