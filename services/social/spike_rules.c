/* spike_rules.c -- when more is too much, and when no word is one. */
#include <stdlib.h>

#include "stats/ears.h"
#include "timeutil.h"
#include "warnings.h"

/* alpha of each sensitivity; 3 is that of the method. */
static const double alphas[] = { .025, .1, .05, .025, .01, .001 };

static double alpha_of(const struct spike_series *s)
{
	return alphas[s->sensitivity < sizeof(alphas) / sizeof(alphas[0])
			      ? s->sensitivity
			      : 0];
}

static void compare(struct spike_series *s, size_t weeks)
{
	struct spike_form form = spike_form_default;
	struct spike_verdict v;
	double usual[SPIKE_WEEKS];

	form.alpha = alpha_of(s);
	for (size_t i = 0; i < weeks; i++)
		usual[i] = (double)s->week[i];
	s->judged = spike_judge(&form, usual, weeks, (double)s->observed, &v);
	if (!s->judged)
		return;
	s->expected = v.expected;
	s->bound = v.bound;
	s->p_value = v.p_value;
}

static bool is_candidate(const struct spike_series *s)
{
	return s->judged && s->observed >= SPIKE_EVENTS_MIN;
}

void spikes_judge(struct spike_series *series, size_t n, size_t weeks)
{
	double *p = calloc(n + 1, sizeof(p[0])), cut;
	size_t p_nr = 0;

	if (p == NULL)
		abort();
	for (size_t i = 0; i < n; i++) {
		compare(&series[i], weeks < SPIKE_WEEKS ? weeks : SPIKE_WEEKS);
		if (is_candidate(&series[i]))
			p[p_nr++] = series[i].p_value;
	}
	cut = benjamini_hochberg(p, p_nr, SPIKE_RATE);
	free(p);
	for (size_t i = 0; i < n; i++) {
		struct spike_series *s = &series[i];

		s->begins = !s->lasts && is_candidate(s) &&
			    (double)s->observed > s->bound && cut > 0 &&
			    s->p_value <= cut;
		s->rises = s->lasts && s->observed > s->peak;
		/* Half way back: at the bound itself it would come and go. */
		s->ends = s->lasts && s->judged &&
			  (double)s->observed < (s->expected + s->bound) / 2;
	}
}

/* --- silence --- */

#define DAYS_MIN 7
/* From so many on the longest is left out. */
#define DAYS_MANY 14
#define SILENCE_MIN_US US_PER_HOUR

static int by_value_cb(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int64_t source_usual_us(int64_t *longest_us, size_t n)
{
	if (n < DAYS_MIN)
		return 0;
	qsort(longest_us, n, sizeof(longest_us[0]), by_value_cb);
	return longest_us[n >= DAYS_MANY ? n - 2 : n - 1];
}

bool source_is_silent(int64_t silence_us, int64_t usual_us)
{
	/* half as long again: what was never longer may be so by a little */
	return usual_us > 0 && silence_us > SILENCE_MIN_US &&
	       silence_us > usual_us + usual_us / 2;
}
