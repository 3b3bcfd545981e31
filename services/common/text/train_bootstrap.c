/* train_bootstrap.c -- how far macro-F1 may lie from the truth for want of
 * texts: the held-out answers are drawn again, with replacement, and measured
 * each time. */
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "text/train_fit.h"

#define DRAWS 400
/* 2.5 % of them at either end. */
#define OUTSIDE (DRAWS / 40)

/* What one text counts for: label and answer. */
struct pair {
	int is, said;
};

struct counts {
	size_t *right, *is, *said;
	double *f1;
};

static int up_cb(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static struct fit_interval interval(double *draws)
{
	qsort(draws, DRAWS, sizeof(*draws), up_cb);
	return (struct fit_interval){ draws[OUTSIDE],
				      draws[DRAWS - 1 - OUTSIDE] };
}

static double macro_of(struct counts *c, size_t labels_nr)
{
	double sum = 0;
	size_t seen = 0;

	for (size_t k = 0; k < labels_nr; k++) {
		size_t both = c->is[k] + c->said[k];

		c->f1[k] =
			both > 0 ? 2 * (double)c->right[k] / (double)both : 0;
		seen += c->is[k] > 0;
		sum += c->is[k] > 0 ? c->f1[k] : 0;
	}
	return seen > 0 ? sum / (double)seen : 0;
}

static double draw(struct counts *c, const struct pair *pairs, size_t n,
		   size_t labels_nr, uint64_t seed, uint64_t turn)
{
	for (size_t k = 0; k < labels_nr; k++)
		c->right[k] = c->is[k] = c->said[k] = 0;
	for (uint64_t i = 0; i < n; i++) {
		const uint64_t key[2] = { turn, i };
		const struct pair *p =
			&pairs[XXH3_64bits_withSeed(key, sizeof(key), seed) %
			       n];

		c->is[p->is]++;
		c->said[p->said]++;
		c->right[p->is] += p->is == p->said;
	}
	return macro_of(c, labels_nr);
}

void fit_bootstrap(struct fit_interval *macro_r, struct fit_interval *f1_r,
		   struct arena *arena, const int *y, const double *scores,
		   size_t n, size_t labels_nr, uint64_t seed)
{
	struct pair *pairs = arena_alloc(arena, n * sizeof(*pairs));
	double *macro = arena_alloc(arena, DRAWS * sizeof(*macro));
	double *f1 = arena_alloc(arena, DRAWS * labels_nr * sizeof(*f1));
	struct counts c = {
		.right = arena_alloc(arena, labels_nr * sizeof(size_t)),
		.is = arena_alloc(arena, labels_nr * sizeof(size_t)),
		.said = arena_alloc(arena, labels_nr * sizeof(size_t)),
		.f1 = arena_alloc(arena, labels_nr * sizeof(double)),
	};

	for (size_t i = 0; i < n; i++) {
		const double *s = scores + i * labels_nr;

		pairs[i].is = y[i];
		for (size_t k = 1; k < labels_nr; k++)
			if (s[k] > s[pairs[i].said])
				pairs[i].said = (int)k;
	}
	for (uint64_t d = 0; d < DRAWS; d++) {
		macro[d] = draw(&c, pairs, n, labels_nr, seed, d);
		for (size_t k = 0; k < labels_nr; k++)
			f1[k * DRAWS + d] = c.f1[k];
	}
	*macro_r = interval(macro);
	for (size_t k = 0; k < labels_nr; k++)
		f1_r[k] = interval(f1 + k * DRAWS);
}
