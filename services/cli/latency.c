/* latency.c -- buckets: 0 to 31 hold one value each, then 16 for each doubling.
 */
#include "latency.h"

#define EXACT 32
#define SUB 16

static unsigned bucket_of(uint64_t us)
{
	unsigned shift;

	if (us < EXACT)
		return (unsigned)us;
	shift = 63 - (unsigned)__builtin_clzll(us) - 4; /* leaves 16 to 31 */
	return EXACT + (shift - 1) * SUB + (unsigned)(us >> shift) - SUB;
}

/* The largest value of a bucket. */
static uint64_t bucket_end(unsigned bucket)
{
	unsigned shift = (bucket - EXACT) / SUB + 1;
	uint64_t first = (bucket - EXACT) % SUB + SUB;

	if (bucket < EXACT)
		return bucket;
	return ((first + 1) << shift) - 1;
}

void latency_add(struct latency *l, uint64_t us)
{
	l->n++;
	l->buckets[bucket_of(us)]++;
	if (us > l->max_us)
		l->max_us = us;
}

uint64_t latency_quantile_us(const struct latency *l, double share)
{
	uint64_t wanted = (uint64_t)((double)l->n * share), seen = 0;

	if (l->n == 0)
		return 0;
	if (wanted == 0)
		wanted = 1;
	for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
		seen += l->buckets[i];
		if (seen >= wanted) {
			uint64_t end = bucket_end(i);

			return end < l->max_us ? end : l->max_us;
		}
	}
	return l->max_us;
}
