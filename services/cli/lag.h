/* lag.h -- how far the consumers of all services are behind the streams that
 * they take: lag.c asks, lag_print.c shows. */
#ifndef SUYUAN_CLI_LAG_H
#define SUYUAN_CLI_LAG_H

#include <stdbool.h>
#include <stdio.h>

#include "suyuan/v1/operations.pb-c.h"

/* One shard of a stream, as one consumer has taken it. */
struct lag_shard {
	const Sy__V1__ConsumerShard *at;
	uint64_t head;   /* told by the owner of the stream */
	uint64_t events; /* that did not take effect yet */
	/* Age of the oldest of them, by its accepted_at and our clock. */
	int64_t behind_us;
	const char *trouble; /* "" or why it is more than behind */
	bool answered;
};

struct lag_consumer {
	const char *name, *stream;
	struct lag_shard *shards;
	size_t n;
	uint64_t events;   /* sum */
	int64_t behind_us; /* largest */
	const char *trouble;
};

void lag_print_text(FILE *to, const struct lag_consumer *consumers, size_t n);
void lag_print_json(FILE *to, const struct lag_consumer *consumers, size_t n);

#endif
