/* digest_rules.c -- the days, times and addresses of the digest. */
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "timeutil.h"

#define WEEKS_MAX 4

static int32_t hour_up(int64_t us)
{
	return (int32_t)((us + US_PER_HOUR - 1) / US_PER_HOUR);
}

struct digest_day digest_day_of(const struct zone *zone, int32_t day)
{
	int64_t from_us = zone_day_start_us(zone, day);
	int64_t to_us = zone_day_start_us(zone, day + 1);

	return (struct digest_day){
		.day = day,
		.from_us = from_us,
		.to_us = to_us,
		.from_hour = hour_up(from_us),
		.to_hour = hour_up(to_us),
		.utc_day = (int32_t)((to_us - 1) / US_PER_DAY),
	};
}

int32_t digest_weeks(const struct digest_day *day, int32_t first_hour)
{
	int32_t weeks = 0;

	while (weeks < WEEKS_MAX &&
	       first_hour <= day->from_hour - 168 * (weeks + 1))
		weeks++;
	return weeks;
}

int digest_time_read(const char *text, int *minutes_r)
{
	const char *digits = "0123456789";
	int hour, minute;

	if (strlen(text) != 5 || strspn(text, digits) != 2 || text[2] != ':' ||
	    strspn(text + 3, digits) != 2)
		return -1;
	hour = atoi(text);
	minute = atoi(text + 3);
	if (hour > 23 || minute > 59)
		return -1;
	*minutes_r = hour * 60 + minute;
	return 0;
}

int digest_to_read(struct arena *arena, const char *text,
		   const char ***addresses_r, size_t *n_r)
{
	char *rest = arena_strdup(arena, text), *one;

	*addresses_r = arena_alloc(arena, (strlen(text) + 1) *
						  sizeof((*addresses_r)[0]));
	*n_r = 0;
	while ((one = strsep(&rest, ",")) != NULL) {
		one += strspn(one, " ");
		one[strcspn(one, " ")] = '\0';
		if (one[0] == '\0')
			continue;
		if (!address_acceptable(one))
			return -1;
		(*addresses_r)[(*n_r)++] = one;
	}
	return 0;
}

/* --- how long clocks took --- */

static int by_value_cb(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void add_clock(Sy__V1__DigestTimes *t, int64_t *took, size_t *took_nr,
		      const Sy__V1__AppealClock *c)
{
	if (c->state == SY__V1__CLOCK_STATE__CLOCK_MET)
		t->met++;
	else if (c->state == SY__V1__CLOCK_STATE__CLOCK_BREACHED)
		t->breached++;
	else
		t->running++;
	if (c->stopped_at_us > c->started_at_us)
		took[(*took_nr)++] =
			c->stopped_at_us - c->started_at_us - c->paused_us;
}

void digest_times(struct arena *arena, Sy__V1__ReactionFacts *const *reactions,
		  size_t n, Sy__V1__Digest *digest)
{
	static const char *const clocks[] = { "reaction", "inquiry", "report" };
	int64_t *took = arena_alloc(arena, (n + 1) * sizeof(took[0]));

	digest->times = arena_alloc(arena, 3 * sizeof(digest->times[0]));
	for (size_t k = 0; k < 3; k++) {
		Sy__V1__DigestTimes *t = arena_alloc(arena, sizeof(*t));
		size_t took_nr = 0;

		sy__v1__digest_times__init(t);
		t->clock = (char *)clocks[k];
		for (size_t i = 0; i < n; i++)
			for (size_t c = 0; c < reactions[i]->n_clocks; c++)
				if (strcmp(reactions[i]->clocks[c]->clock,
					   clocks[k]) == 0) {
					add_clock(t, took, &took_nr,
						  reactions[i]->clocks[c]);
					break;
				}
		qsort(took, took_nr, sizeof(took[0]), by_value_cb);
		if (took_nr > 0) {
			t->median_us = took[(took_nr - 1) / 2];
			t->p90_us = took[(took_nr * 9 + 9) / 10 - 1];
		}
		digest->times[digest->n_times++] = t;
	}
}
