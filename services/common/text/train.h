/* train.h -- a model out of labelled texts: liblinear's L2-regularised logistic
 * regression, one vector a label, C chosen from a small grid by k-fold
 * cross-validation, whose held-out answers give the macro-F1 that is reported,
 * the sharpness of the probabilities and the thresholds. The same texts and
 * seed give the same bytes. Copies of a text (equal when masked) are in one
 * fold. */
#ifndef SUYUAN_TRAIN_H
#define SUYUAN_TRAIN_H

#include "text/model.h"

struct train_text {
	const char *text; /* raw UTF-8 */
	size_t len;
	const char *lang;          /* NULL: found by text_language */
	const char *const *labels; /* one a head; NULL or "": not labelled */
	size_t line;               /* of the file, for what is told */
};

struct train_options {
	const char *version; /* of the model */
	const char *const *heads;
	size_t heads_nr;
	size_t folds;  /* 2..10; 0: 5 */
	uint64_t seed; /* of the folds */
	/* A label counts (n / (labels * n_label))^balance times: 1 makes all
	 * labels alike. 0: .5, which had the best macro-F1 in both languages of
	 * the bench. */
	double balance;
	/* The least share of right answers among those called sure; 0: .8 */
	double precision;
	size_t texts_max; /* 0: 1,000,000 */
	size_t bytes_max; /* of memory; 0: 2 GiB */
	/* per_1000 of the work; false ends it with an error. May be NULL. */
	bool (*progress_cb)(int per_1000, void *arg);
	void *arg;
};

struct train_label {
	const char *label;
	size_t texts;
	double precision, recall, f1; /* held out */
	double f1_low, f1_high;       /* 95 %, bootstrap; not by evaluate */
};
struct train_result {
	const char *lang, *head;
	size_t texts;
	double c;
	double macro_f1, accuracy;    /* held out */
	double macro_low, macro_high; /* 95 %, bootstrap; not by evaluate */
	double threshold;             /* above it the answer is called sure */
	double sure_share;            /* of the held-out texts */
	struct train_label *labels;
	size_t labels_nr;
};

/* Something wrong with the texts that did not end the training. */
struct train_remark {
	size_t line;      /* 0: of no line */
	size_t other;     /* line that it contradicts, or 0 */
	const char *what; /* never holds the text */
};
#define TRAIN_REMARKS_MAX 1000

struct train_report {
	struct train_result *results; /* a language and head each */
	size_t results_nr;
	struct train_remark *remarks;
	size_t remarks_nr, remarks_left_out;
	size_t texts, left_out;
};

/* A language and head with fewer texts than this, or one label alone, is not
 * trained: a remark says so. */
#define TRAIN_TEXTS_MIN 20
/* A label with fewer examples is left out, with a remark a line. */
#define TRAIN_LABEL_MIN 2

/* -1: nothing could be trained, or a limit was met, or progress_cb said no; the
 * report tells what was seen until then. The report lies in the arena. */
int text_train(struct text_model **m_r, struct train_report *report_r,
	       struct arena *arena, const struct train_text *texts, size_t n,
	       const struct train_options *options, struct error *err);

/* Macro-F1 of a model in use over the same texts, for setting beside the new
 * one's: a result a language and head, without c and sure_share. A label that
 * the model does not know counts as one that it never gives. */
void text_evaluate(const struct text_model *m, struct train_report *report_r,
		   struct arena *arena, const struct train_text *texts,
		   size_t n, const char *const *heads, size_t heads_nr);

#endif
