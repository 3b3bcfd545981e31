/* ears.h -- is this count more than usual? For series too short for seasons:
 * the Early Aberration Reporting System, and its form for social media.
 *
 * EARS C1, C2, C3: Hutwagner et al., J Urban Health 80 (2003) i89; Fricker,
 * Hegler & Dunfee, Statist Med 27 (2008) 3407. Bounds are those of R's
 * surveillance (1.20.3), of C3 too, where the package puts the day's own count
 * in the place of the mean: what is above that bound has two days of excess
 * before it.
 */
#ifndef SUYUAN_EARS_H
#define SUYUAN_EARS_H

#include <stdbool.h>
#include <stddef.h>

enum ears_method {
	EARS_C1, /* the baseline ends before the day */
	EARS_C2, /* two days before it */
	EARS_C3, /* C2 of the day and of the two before it */
};

struct ears {
	enum ears_method method;
	size_t baseline; /* days, 7 */
	double alpha;    /* .001, of C3 .025 */
	double sd_min;   /* .5 where counts are sparse, else 0 */
};

/* The count above which day t of series is an alarm; false: there is not enough
 * before it. */
bool ears_bound(const struct ears *ears, const double *series, size_t t,
		double *bound_r);

/* --- spikes --- */

/* Against n counts of the same kind of day (the same weekday): the bound is a
 * t quantile, and counts that were themselves spikes weigh less, by the k-th
 * power of how far their studentised residual is beyond the limit. After
 * Espinosa et al., Artif Intell Med 123 (2022) 102200. */
struct spike_form {
	double alpha;         /* .025 */
	double alpha_outlier; /* .05 */
	double k;             /* 4 */
	double sd_min;        /* .5: one more is no spike after all zeroes */
	size_t n_min;         /* fewer say nothing */
};
extern const struct spike_form spike_form_default;

struct spike_verdict {
	double expected, bound;
	double p_value; /* of so many or more */
};
/* False: too few counts. */
bool spike_judge(const struct spike_form *form, const double *usual, size_t n,
		 double observed, struct spike_verdict *verdict_r);

/* Benjamini & Hochberg, J R Statist Soc B 57 (1995) 289: the largest p-value
 * that is a discovery at rate q; 0: none is. Sorts p. */
double benjamini_hochberg(double *p, size_t n, double q);

#endif
