/* report.h -- what the programs of the bench share to say what they saw. */
#ifndef SUYUAN_BENCH_REPORT_H
#define SUYUAN_BENCH_REPORT_H

#include <stddef.h>
#include <stdint.h>

/* Sorts; the value below which per_mille of them lie. 0 for none. */
int64_t report_quantile(int64_t *values, size_t n, unsigned per_mille);
/* Prints {"events":..,"start_us":..,"end_us":..} with more (",..." or "") at
 * its end, on the monotonic clock that all processes share, and stays until
 * standard input is closed: whoever measures reads this process's times, and
 * those of its connections, before they are gone. */
void report_and_stay(uint64_t events, int64_t start_us, int64_t end_us,
		     const char *more);

#endif
