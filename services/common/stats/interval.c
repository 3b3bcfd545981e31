/* interval.c -- see interval.h; the quantiles are R's. */
#include "stats/interval.h"

#define MATHLIB_STANDALONE
#include <Rmath.h>
#include <math.h>

#define LOW_TAIL 0.025
#define HIGH_TAIL 0.975

struct interval wilson_interval(int64_t successes, int64_t n)
{
	const double z = qnorm(HIGH_TAIL, 0, 1, 1, 0), zz = z * z;
	const double total = (double)n;
	const double p = (double)successes / total;
	const double centre = p + zz / (2 * total);
	const double half =
		z * sqrt(p * (1 - p) / total + zz / (4 * total * total));
	const double scale = 1 + zz / total;

	/* At both ends centre and half are equal but for rounding. */
	return (struct interval){
		.low = successes == 0 ? 0 : (centre - half) / scale,
		.high = successes == n ? 1 : (centre + half) / scale,
	};
}

struct interval poisson_interval(int64_t count)
{
	const double k = (double)count;

	return (struct interval){
		.low = count == 0 ? 0 : qchisq(LOW_TAIL, 2 * k, 1, 0) / 2,
		.high = qchisq(HIGH_TAIL, 2 * k + 2, 1, 0) / 2,
	};
}
