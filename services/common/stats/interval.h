/* interval.h -- 95 % intervals of shares and rates. */
#ifndef SUYUAN_INTERVAL_H
#define SUYUAN_INTERVAL_H

#include <stdint.h>

struct interval {
	double low, high;
};

/* Wilson score interval of successes/n, n > 0. Wilson, JASA 22 (1927) 209;
 * without continuity correction. */
struct interval wilson_interval(int64_t successes, int64_t n);

/* Exact interval of a Poisson mean from one count >= 0 (Garwood, Biometrika
 * 28 (1936) 437): chi-squared quantiles. Divide by the exposure yourself. */
struct interval poisson_interval(int64_t count);

#endif
