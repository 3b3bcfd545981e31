/* report.c -- see report.h. */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	const int64_t *va = a, *vb = b;

	return (*va > *vb) - (*va < *vb);
}

int64_t report_quantile(int64_t *values, size_t n, unsigned per_mille)
{
	qsort(values, n, sizeof(*values), by_value);
	return n ? values[n * per_mille / 1000] : 0;
}

void report_and_stay(uint64_t events, int64_t start_us, int64_t end_us,
		     const char *more)
{
	printf("{\"events\":%" PRIu64 ",\"start_us\":%" PRId64
	       ",\"end_us\":%" PRId64 "%s}\n",
	       events, start_us, end_us, more);
	fflush(stdout);
	while (getchar() != EOF)
		;
}
