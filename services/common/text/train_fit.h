/* train_fit.h -- one head in one language: from rows of features and their
 * labels to weights, for train.c. The only file that knows liblinear is
 * train_fit.c. */
#ifndef SUYUAN_TRAIN_FIT_H
#define SUYUAN_TRAIN_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"

struct feature_node;

struct fit_data {
	struct feature_node **x; /* each ended by the bias and an end */
	int *y;                  /* 0..labels_nr-1 */
	const int *fold;         /* 0..folds-1 */
	size_t n;
	size_t features_nr; /* 1..features_nr, and the bias */
	size_t labels_nr;
	size_t folds;
	double balance;
	bool (*step_cb)(void *arg); /* false: end it */
	void *arg;
};
/* One solve each; for progress. */
#define FIT_GRID_NR 5

struct fit {
	double c;
	double *weight;   /* [features_nr + 1][labels_nr], the last the bias */
	double *held_out; /* [n][labels_nr]: scores of models that had not seen
			     it */
	double sharpness; /* by which the held-out scores are most probable */
};

/* A row out of distinct indices from 1 on; the value of i is value * worth[i].
 */
struct feature_node *fit_row(struct arena *arena, const uint32_t *index,
			     size_t n, double value, const double *worth,
			     size_t features_nr);
size_t fit_row_bytes(size_t n);

int fit_head(struct fit *fit_r, struct arena *arena,
	     const struct fit_data *data, struct error *err);

/* Macro-F1 of the likeliest label; f1 and the others may be NULL. */
struct fit_score {
	double macro_f1, accuracy;
	double *precision, *recall, *f1; /* a label */
};
void fit_measure(struct fit_score *score, struct arena *arena, const int *y,
		 const double *scores, size_t n, size_t labels_nr);

/* 95 % of macro-F1 and of each label's F1 when the n texts are drawn again,
 * with replacement, by the seed. */
struct fit_interval {
	double low, high;
};
void fit_bootstrap(struct fit_interval *macro_r, struct fit_interval *f1_r,
		   struct arena *arena, const int *y, const double *scores,
		   size_t n, size_t labels_nr, uint64_t seed);

#endif
