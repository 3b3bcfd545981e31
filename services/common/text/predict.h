/* predict.h -- what is said of a text, whether a trained model (model.h) or the
 * profile's word lists (lexicon.h) say it. A head is a question (class,
 * sentiment, topic); it has one answer, a label. */
#ifndef SUYUAN_PREDICT_H
#define SUYUAN_PREDICT_H

#include <stdbool.h>
#include <stddef.h>

struct prediction {
	const char *head;
	const char *label;  /* the likeliest */
	double probability; /* of it, 0..1 */
	double threshold;
	bool sure; /* it reaches the threshold: no person is needed */
	const char *const *labels;   /* all of the head, */
	const double *probabilities; /* and theirs */
	size_t labels_nr;
};
struct predictions {
	struct prediction *p;
	size_t n; /* 0: nothing is known of this language */
};

/* The first of that name, or NULL. */
const struct prediction *prediction_of(const struct predictions *list,
				       const char *head);

/* A word or n-gram that spoke for the label, the most telling first. */
struct reason {
	size_t begin, end; /* bytes of the normalised text */
	double weight;     /* > 0 */
};
struct reasons {
	struct reason *r;
	size_t n;
};

/* Of all that spoke, in any order: the weights of one place added up, at most
 * max places that do not overlap. Reuses r. */
struct reasons reasons_best(struct reason *r, size_t n, size_t max);

#endif
