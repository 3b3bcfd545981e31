/* train_internal.h -- a training on its way, for train.c and train_texts.c. */
#ifndef SUYUAN_TRAIN_INTERNAL_H
#define SUYUAN_TRAIN_INTERNAL_H

#include "text/train.h"

struct sample {
	const struct train_text *text;
	const char *lang;
	const uint32_t *bucket;
	size_t n;
	uint64_t copies; /* the same for texts of the same words */
};

struct training {
	struct arena work; /* gone at the end */
	struct arena *arena;
	const struct train_options *options;
	size_t folds, bytes, bytes_max;
	struct sample *samples;
	size_t n;
	struct train_report *report;
	struct text_model *m;
	size_t steps, steps_done;
	struct error *err;
};

/* At a line, or with 0 at none. */
void train_remark(struct training *t, size_t line, size_t other,
		  const char *what);
/* NULL: it has none for the head. */
const char *train_label_of(const struct sample *s, size_t head);
/* Fills samples: sorted by language, copies side by side. */
int train_take_texts(struct training *t, const struct train_text *texts,
		     size_t n);

#endif
