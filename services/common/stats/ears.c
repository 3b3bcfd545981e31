/* ears.c -- see ears.h; the quantiles are R's. */
#include "stats/ears.h"

#define MATHLIB_STANDALONE
#include <Rmath.h>
#include <math.h>
#include <stdlib.h>

/* Days between the baseline and the day, of C2 and C3. */
#define LAG 2
/* C3 looks at the day and at so many before it. */
#define BEFORE 2

const struct spike_form spike_form_default = {
	.alpha = .025,
	.alpha_outlier = .05,
	.k = 4,
	.sd_min = .5,
	.n_min = 4,
};

struct moments {
	double mean, sd;
};

static struct moments moments(const double *x, size_t n)
{
	struct moments m = { 0 };
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		m.mean += x[i];
	m.mean /= (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - m.mean) * (x[i] - m.mean);
	m.sd = sqrt(squares / (double)(n - 1));
	return m;
}

/* Of the baseline that ends lag days before day t. */
static struct moments baseline(const struct ears *ears, const double *series,
			       size_t t, size_t lag)
{
	struct moments m =
		moments(series + t - lag - ears->baseline, ears->baseline);

	m.sd = fmax(m.sd, ears->sd_min);
	return m;
}

/* How many standard deviations above the baseline. */
static double c2(const struct ears *ears, const double *series, size_t t)
{
	struct moments m = baseline(ears, series, t, LAG);

	return (series[t] - m.mean) / m.sd;
}

bool ears_bound(const struct ears *ears, const double *series, size_t t,
		double *bound_r)
{
	double z = qnorm(1 - ears->alpha, 0, 1, 1, 0);
	size_t lag = ears->method == EARS_C1 ? 0 : LAG;
	size_t before = ears->method == EARS_C3 ? BEFORE : 0;
	struct moments m;

	if (t < ears->baseline + lag + before)
		return false;
	for (size_t i = 1; i <= before; i++)
		z -= fmax(0, c2(ears, series, t - i) - 1);
	m = baseline(ears, series, t, lag);
	if (ears->method == EARS_C3)
		*bound_r = fmax(0, series[t] + z * m.sd);
	else
		*bound_r = m.mean + z * m.sd;
	return true;
}

/* Weights of sum n: 1 but for outliers. */
static void weigh(const struct spike_form *form, const double *x, size_t n,
		  double *w)
{
	const double df = (double)n - 2, leverage = 1 / (double)n;
	const double limit = qt(1 - form->alpha_outlier, df, 1, 0);
	struct moments m = moments(x, n);
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double e = x[i] - m.mean;
		/* without the count itself */
		double rest =
			m.sd * m.sd * ((double)n - 1) - e * e / (1 - leverage);
		double s = sqrt(fmax(rest, 0) / df);
		double z = e == 0 ? 0 : fabs(e) / (s * sqrt(1 - leverage));

		w[i] = z > limit ? pow(limit / z, form->k) : 1;
		sum += w[i];
	}
	for (size_t i = 0; i < n; i++)
		w[i] *= (double)n / sum;
}

bool spike_judge(const struct spike_form *form, const double *usual, size_t n,
		 double observed, struct spike_verdict *verdict_r)
{
	double w[64], mean = 0, squares = 0, sd;
	const double df = (double)n - 1;

	if (n < form->n_min || n < 3 || n > sizeof(w) / sizeof(w[0]))
		return false;
	weigh(form, usual, n, w);
	for (size_t i = 0; i < n; i++)
		mean += w[i] * usual[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += w[i] * (usual[i] - mean) * (usual[i] - mean);
	sd = fmax(sqrt(squares / df), form->sd_min) * sqrt(1 + 1 / (double)n);
	*verdict_r = (struct spike_verdict){
		.expected = mean,
		.bound = mean + qt(1 - form->alpha, df, 1, 0) * sd,
		.p_value = pt((observed - mean) / sd, df, 0, 0),
	};
	return true;
}

static int by_value_cb(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double benjamini_hochberg(double *p, size_t n, double q)
{
	qsort(p, n, sizeof(p[0]), by_value_cb);
	for (size_t i = n; i-- > 0;)
		if (p[i] <= q * (double)(i + 1) / (double)n)
			return p[i];
	return 0;
}
