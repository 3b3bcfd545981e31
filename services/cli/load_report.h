/* load_report.h -- what became of the events that were offered. */
#ifndef SUYUAN_CLI_LOAD_REPORT_H
#define SUYUAN_CLI_LOAD_REPORT_H

#include <stdbool.h>

#include "bus/load.h"
#include "latency.h"

/* More different ones are counted as rejected only. */
#define LOAD_REASONS_MAX 32

struct load_reason {
	int32_t code;
	char field[64];
	uint64_t events;
};

struct load_report {
	int64_t publishers, rate_per_s;
	struct load_stats stats;
	struct latency latency; /* from due to acknowledged */
	struct load_reason reasons[LOAD_REASONS_MAX];
	int reasons_nr;
};

/* latency_us -1: is not to be counted. */
void load_report_add(struct load_report *r, int64_t latency_us,
		     const Sy__V1__Reject *reject);
void load_report_print(const struct load_report *r, bool json);

#endif
