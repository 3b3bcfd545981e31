/* latency.h -- how long things took, in buckets that are at most a sixteenth of
 * the value wide, so that memory does not grow with the number of things. */
#ifndef SUYUAN_CLI_LATENCY_H
#define SUYUAN_CLI_LATENCY_H

#include <stdint.h>

#define LATENCY_BUCKETS 1024

struct latency {
	uint64_t n, max_us;
	uint64_t buckets[LATENCY_BUCKETS];
};

void latency_add(struct latency *l, uint64_t us);
/* What that share of all was not above; 0 when there are none. */
uint64_t latency_quantile_us(const struct latency *l, double share);

#endif
