/* test_ears.c -- bounds and p-values against those of R, made by
 * tests/reference/ears.R: equal to 1e-9. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "stats/ears.h"

#define TABLE "tests/unit/data/ears.csv"
#define COUNTS_MAX 64

static void must_be_near(double got, double wanted, const char *line)
{
	if (fabs(got - wanted) > 1e-9 * fmax(1, fabs(wanted)))
		fail_msg("got %.17g, R has %.17g: %s", got, wanted, line);
}

static void test_as_r(void **state)
{
	static const char *const names[] = { "C1", "C2", "C3" };
	FILE *f = fopen(TABLE, "r");
	char line[1024];
	int methods[3] = { 0 }, spikes = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		char copy[1024], *rest = copy;
		const char *name, *p_text;
		double alpha, sigma, bound, x[COUNTS_MAX] = { 0 }, got;
		size_t n = 0;

		strcpy(copy, line);
		name = strsep(&rest, ",");
		alpha = strtod(strsep(&rest, ","), NULL);
		sigma = strtod(strsep(&rest, ","), NULL);
		bound = strtod(strsep(&rest, ","), NULL);
		p_text = strsep(&rest, ",");
		while (rest != NULL && n < COUNTS_MAX)
			x[n++] = strtod(strsep(&rest, ","), NULL);
		assert_true(n > 1);
		if (strcmp(name, "spike") == 0) {
			struct spike_form form = spike_form_default;
			struct spike_verdict v;

			form.alpha = alpha;
			form.sd_min = sigma;
			assert_true(spike_judge(&form, x, n - 1, x[n - 1], &v));
			must_be_near(v.bound, bound, line);
			must_be_near(v.p_value, strtod(p_text, NULL), line);
			spikes++;
			continue;
		}
		for (int m = 0; m < 3; m++) {
			struct ears ears = { .method = (enum ears_method)m,
					     .baseline = 7,
					     .alpha = alpha,
					     .sd_min = sigma };

			if (strcmp(name, names[m]) != 0)
				continue;
			methods[m]++;
			assert_true(ears_bound(&ears, x, n - 1, &got));
			must_be_near(got, bound, line);
		}
	}
	fclose(f);
	for (int m = 0; m < 3; m++)
		assert_true(methods[m] >= 20);
	assert_true(spikes >= 50);
}

static void test_too_short(void **state)
{
	const double x[16] = { 0 };
	struct ears ears = { .method = EARS_C1, .baseline = 7, .alpha = .001 };
	struct spike_verdict v;
	double bound;

	(void)state;
	assert_false(ears_bound(&ears, x, 6, &bound));
	assert_true(ears_bound(&ears, x, 7, &bound));
	ears.method = EARS_C3;
	assert_false(ears_bound(&ears, x, 10, &bound));
	assert_true(ears_bound(&ears, x, 11, &bound));
	assert_false(spike_judge(&spike_form_default, x, 3, 100, &v));
	assert_true(spike_judge(&spike_form_default, x, 4, 100, &v));
}

/* A count that was itself a spike hardly lifts the bound. */
static void test_outlier(void **state)
{
	const double calm[7] = { 10, 12, 9, 11, 10, 8, 11 };
	const double once[7] = { 10, 12, 9, 300, 10, 8, 11 };
	struct spike_verdict a, b;

	(void)state;
	spike_judge(&spike_form_default, calm, 7, 30, &a);
	spike_judge(&spike_form_default, once, 7, 30, &b);
	assert_true(b.bound < 2 * a.bound);
	assert_true(a.p_value < .001 && b.p_value < .01);
}

static void test_rate(void **state)
{
	double all[] = { .04, .001, .03, .9 }, none[] = { .04, .2, .3 };

	(void)state;
	assert_true(fabs(benjamini_hochberg(all, 4, .05) - .001) < 1e-15);
	assert_true(benjamini_hochberg(none, 3, .05) == 0);
	all[0] = .01;
	all[1] = .02;
	all[2] = .03;
	all[3] = .04;
	assert_true(fabs(benjamini_hochberg(all, 4, .05) - .04) < 1e-15);
	assert_true(benjamini_hochberg(all, 0, .05) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_r),
		cmocka_unit_test(test_too_short),
		cmocka_unit_test(test_outlier),
		cmocka_unit_test(test_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
