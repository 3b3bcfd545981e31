/* train_fit.c -- liblinear, see train_fit.h. L2-regularised logistic regression
 * in the primal, which draws no random numbers, one vector a label. C rises
 * along the grid, each solution being where the next begins. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <linear.h>

#include "text/train_fit.h"

/* Texts have a length near 1: below 1 little is learnt, above 16 all by heart
 * (the labelled files of the bench choose 2 to 8). */
static const double grid[FIT_GRID_NR] = { 1, 2, 4, 8, 16 };
/* Looser than liblinear's own .01: C is chosen to a factor of two only. */
#define SOLVER_EPS .05
/* Of a label that the training part of a fold lacked. */
#define SCORE_UNSEEN (-8.0)

size_t fit_row_bytes(size_t n)
{
	return (n + 2) * sizeof(struct feature_node);
}

static int by_index_cb(const void *a, const void *b)
{
	const struct feature_node *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

struct feature_node *fit_row(struct arena *arena, const uint32_t *index,
			     size_t n, double value, const double *worth,
			     size_t features_nr)
{
	struct feature_node *row = arena_alloc(arena, fit_row_bytes(n));

	for (size_t i = 0; i < n; i++)
		row[i] = (struct feature_node){ (int)index[i],
						value * worth[index[i]] };
	qsort(row, n, sizeof(*row), by_index_cb);
	row[n] = (struct feature_node){ (int)features_nr + 1, 1 };
	row[n + 1].index = -1;
	return row;
}

static void quiet_cb(const char *text)
{
	(void)text;
}

/* --- one solve --- */

struct solving {
	struct problem problem;
	struct parameter parameter;
	int *label;
	double *label_weight;
};

static void solving_open(struct solving *s, struct arena *arena,
			 const struct fit_data *d, int left_out)
{
	size_t *texts = arena_alloc(arena, d->labels_nr * sizeof(*texts));
	size_t n = 0, labels = 0;

	*s = (struct solving){
		.problem = { .n = (int)d->features_nr + 1, .bias = 1 },
		.parameter = { .solver_type = L2R_LR, .eps = SOLVER_EPS }
	};
	s->problem.x = arena_alloc(arena, d->n * sizeof(*s->problem.x));
	s->problem.y = arena_alloc(arena, d->n * sizeof(*s->problem.y));
	for (size_t i = 0; i < d->n; i++) {
		if (d->fold[i] == left_out)
			continue;
		s->problem.x[n] = d->x[i];
		s->problem.y[n++] = d->y[i];
		texts[d->y[i]]++;
	}
	s->problem.l = (int)n;
	s->label = arena_alloc(arena, d->labels_nr * sizeof(*s->label));
	s->label_weight =
		arena_alloc(arena, d->labels_nr * sizeof(*s->label_weight));
	for (size_t i = 0; i < d->labels_nr; i++) {
		if (texts[i] == 0)
			continue;
		s->label[labels] = (int)i;
		s->label_weight[labels++] =
			pow((double)n / (double)(d->labels_nr * texts[i]),
			    d->balance);
	}
	s->parameter.nr_weight = (int)labels;
	s->parameter.weight_label = s->label;
	s->parameter.weight = s->label_weight;
}

/* A vector a label, whatever order liblinear has them in. */
static void weights_of(const struct model *m, const struct fit_data *d,
		       double *weight)
{
	size_t rows = d->features_nr + 1, labels = (size_t)m->nr_class;
	size_t vectors = labels == 2 ? 1 : labels;

	for (size_t i = 0; i < rows * d->labels_nr; i++)
		weight[i] = 0;
	for (size_t k = 0; k < d->labels_nr; k++)
		weight[(rows - 1) * d->labels_nr + k] = SCORE_UNSEEN;
	for (size_t k = 0; k < labels; k++) {
		size_t own = (size_t)m->label[k];

		for (size_t i = 0; i < rows; i++)
			weight[i * d->labels_nr + own] =
				labels == 2 ? (k == 0 ? m->w[i] : -m->w[i])
					    : m->w[i * vectors + k];
	}
}

/* With two labels both vectors are there; with one, nothing is solved. */
static void score_row(const struct fit_data *d, const struct model *m,
		      const struct feature_node *x, double *score)
{
	size_t labels = (size_t)m->nr_class;
	size_t vectors = labels == 2 ? 1 : labels;
	double sum[vectors];

	memset(sum, 0, sizeof(sum));
	for (; x->index > 0; x++) {
		const double *w = m->w + (size_t)(x->index - 1) * vectors;

		for (size_t k = 0; k < vectors; k++)
			sum[k] += w[k] * x->value;
	}
	for (size_t k = 0; k < d->labels_nr; k++)
		score[k] = SCORE_UNSEEN;
	for (size_t k = 0; k < labels; k++)
		score[m->label[k]] =
			labels == 2 ? (k == 0 ? sum[0] : -sum[0]) : sum[k];
}

/* Goes on from *m_p, which it replaces. */
static int solve(struct solving *s, double c, struct model **m_p,
		 const struct fit_data *d, struct error *err)
{
	struct model *before = *m_p;

	s->parameter.C = c;
	s->parameter.init_sol = before != NULL ? before->w : NULL;
	*m_p = train(&s->problem, &s->parameter);
	if (before != NULL)
		free_and_destroy_model(&before);
	if (*m_p == NULL)
		return error_set(err, "training: no memory");
	if (d->step_cb != NULL && !d->step_cb(d->arg))
		return error_set(err, "training: ended by its caller");
	return 0;
}

/* --- what the held-out answers say --- */

void fit_measure(struct fit_score *score, struct arena *arena, const int *y,
		 const double *scores, size_t n, size_t labels_nr)
{
	size_t *right = arena_alloc(arena, labels_nr * sizeof(*right));
	size_t *is = arena_alloc(arena, labels_nr * sizeof(*is));
	size_t *said = arena_alloc(arena, labels_nr * sizeof(*said));
	size_t all = 0, seen = 0;

	*score = (struct fit_score){
		.precision = arena_alloc(arena, labels_nr * sizeof(double)),
		.recall = arena_alloc(arena, labels_nr * sizeof(double)),
		.f1 = arena_alloc(arena, labels_nr * sizeof(double)),
	};
	for (size_t i = 0; i < n; i++) {
		const double *s = scores + i * labels_nr;
		size_t best = 0;

		for (size_t k = 1; k < labels_nr; k++)
			if (s[k] > s[best])
				best = k;
		is[y[i]]++;
		said[best]++;
		right[best] += best == (size_t)y[i];
		all += best == (size_t)y[i];
	}
	for (size_t k = 0; k < labels_nr; k++) {
		if (said[k] > 0)
			score->precision[k] =
				(double)right[k] / (double)said[k];
		if (is[k] > 0)
			score->recall[k] = (double)right[k] / (double)is[k];
		if (is[k] + said[k] > 0)
			score->f1[k] = 2 * (double)right[k] /
				       (double)(is[k] + said[k]);
		seen += is[k] > 0;
		score->macro_f1 += is[k] > 0 ? score->f1[k] : 0;
	}
	score->macro_f1 /= seen > 0 ? (double)seen : 1;
	score->accuracy = n > 0 ? (double)all / (double)n : 0;
}

/* -log likelihood of the labels. */
static double surprise(const struct fit_data *d, const double *scores,
		       double sharpness)
{
	double sum = 0;

	for (size_t i = 0; i < d->n; i++) {
		const double *s = scores + i * d->labels_nr;
		double most = s[0], all;

		for (size_t k = 1; k < d->labels_nr; k++)
			most = s[k] > most ? s[k] : most;
		all = exp((s[0] - most) * sharpness);
		for (size_t k = 1; k < d->labels_nr; k++)
			all += exp((s[k] - most) * sharpness);
		sum += log(all) - (s[d->y[i]] - most) * sharpness;
	}
	return sum;
}

/* It has one minimum: golden section over the logarithm. */
static double sharpness_of(const struct fit_data *d, const double *scores)
{
	const double golden = .6180339887498949;
	double low = log(.05), high = log(20);

	while (high - low > .01) {
		double a = high - golden * (high - low);
		double b = low + golden * (high - low);

		if (surprise(d, scores, exp(a)) < surprise(d, scores, exp(b)))
			high = b;
		else
			low = a;
	}
	return exp((low + high) / 2);
}

/* Scores of one fold's texts for every C. */
static int fit_fold(const struct fit_data *d, int fold, double **scores,
		    struct error *err)
{
	struct model *m = NULL;
	struct solving s;
	struct arena scratch;
	int rc = 0;

	arena_init(&scratch);
	solving_open(&s, &scratch, d, fold);
	for (size_t c = 0; c < FIT_GRID_NR && rc == 0; c++) {
		rc = solve(&s, grid[c], &m, d, err);
		for (size_t i = 0; i < d->n && rc == 0; i++)
			if (d->fold[i] == fold)
				score_row(d, m, d->x[i],
					  scores[c] + i * d->labels_nr);
	}
	if (m != NULL)
		free_and_destroy_model(&m);
	arena_reset(&scratch);
	return rc;
}

int fit_head(struct fit *fit_r, struct arena *arena, const struct fit_data *d,
	     struct error *err)
{
	double *scores[FIT_GRID_NR], best = -1;
	struct model *m = NULL;
	struct solving s;
	struct arena scratch;
	size_t chosen = 0;
	int rc;

	set_print_string_function(quiet_cb);
	for (size_t c = 0; c < FIT_GRID_NR; c++)
		scores[c] = arena_alloc(arena,
					d->n * d->labels_nr * sizeof(double));
	for (size_t f = 0; f < d->folds; f++)
		if (fit_fold(d, (int)f, scores, err) < 0)
			return -1;
	for (size_t c = 0; c < FIT_GRID_NR; c++) {
		struct fit_score score;

		fit_measure(&score, arena, d->y, scores[c], d->n, d->labels_nr);
		/* a larger C has to earn it */
		if (score.macro_f1 > best + .001) {
			best = score.macro_f1;
			chosen = c;
		}
	}
	arena_init(&scratch);
	solving_open(&s, &scratch, d, -1);
	rc = solve(&s, grid[chosen], &m, d, err);
	if (rc == 0) {
		*fit_r = (struct fit){
			.c = grid[chosen],
			.held_out = scores[chosen],
			.sharpness = sharpness_of(d, scores[chosen]),
			.weight = arena_alloc(arena, (d->features_nr + 1) *
							     d->labels_nr *
							     sizeof(double)),
		};
		weights_of(m, d, fit_r->weight);
	}
	if (m != NULL)
		free_and_destroy_model(&m);
	arena_reset(&scratch);
	return rc;
}
