/* limits.c -- token buckets: who asks more than the rate allows waits. A bucket
 * holds two seconds' worth, so that a page which asks ten things at once never
 * notices. Buckets that are full again are forgotten. */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "parts.h"
#include "timeutil.h"

#define BURST_S 2
/* Callers that are remembered at most; the rest share one bucket. */
#define BUCKETS_MAX 50000u
#define SWEEP_US (10 * US_PER_S)

struct bucket {
	int64_t full_at_us; /* when it will be full again, monotonic */
	UT_hash_handle hh;
	char key[];
};

struct limits {
	struct bucket *buckets;
	int64_t swept_us;
};

int limits_open(struct limits **limits_r, struct error *err)
{
	*limits_r = calloc(1, sizeof(**limits_r));
	return *limits_r ? 0 : error_set(err, "limits: no memory");
}

static void drop(struct limits *limits, struct bucket *b)
{
	HASH_DEL(limits->buckets, b);
	free(b);
}

void limits_close(struct limits **limits_p)
{
	struct limits *limits = *limits_p;
	struct bucket *b, *next;

	if (!limits)
		return;
	*limits_p = NULL;
	HASH_ITER (hh, limits->buckets, b, next)
		drop(limits, b);
	free(limits);
}

static void sweep(struct limits *limits, int64_t now_us)
{
	struct bucket *b, *next;

	if (now_us - limits->swept_us < SWEEP_US)
		return;
	limits->swept_us = now_us;
	HASH_ITER (hh, limits->buckets, b, next)
		if (b->full_at_us <= now_us)
			drop(limits, b);
}

static struct bucket *bucket_of(struct limits *limits, const char *key)
{
	struct bucket *b;
	size_t len;

	HASH_FIND_STR(limits->buckets, key, b);
	if (b)
		return b;
	if (HASH_COUNT(limits->buckets) >= BUCKETS_MAX) {
		key = "others";
		HASH_FIND_STR(limits->buckets, key, b);
		if (b)
			return b;
	}
	len = strlen(key) + 1;
	b = calloc(1, sizeof(*b) + len);
	if (!b)
		abort();
	memcpy(b->key, key, len);
	HASH_ADD_STR(limits->buckets, key, b);
	return b;
}

uint32_t limits_take(struct limits *limits, const char *key, int64_t rate,
		     int64_t now_us)
{
	struct bucket *b;
	int64_t each_us, over_us;

	if (rate <= 0)
		return 0;
	sweep(limits, now_us);
	b = bucket_of(limits, key);
	each_us = US_PER_S / rate;
	if (b->full_at_us < now_us)
		b->full_at_us = now_us;
	over_us = b->full_at_us + each_us - now_us - BURST_S * US_PER_S;
	if (over_us > 0)
		return (uint32_t)(over_us / US_PER_MS) + 1;
	b->full_at_us += each_us;
	return 0;
}
