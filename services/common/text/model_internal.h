/* model_internal.h -- a model in memory, for model.c, model_file.c and train.c.
 */
#ifndef SUYUAN_MODEL_INTERNAL_H
#define SUYUAN_MODEL_INTERNAL_H

#include "text/model.h"

/* One head in one language. Its label i is output first + i of a row. */
struct model_head {
	const char *name;
	const char **labels;
	size_t labels_nr;
	size_t first;
	double threshold, sharpness;
	double *offset,
		*scale; /* a label: score = sum * scale / sqrt(n) + offset */
};

struct model_lang {
	const char *code;
	struct model_head *heads;
	size_t heads_nr;
	size_t outputs; /* of all heads */
	uint64_t *map;  /* which buckets have a row */
	uint32_t *rank; /* rows before each word of the map */
	int8_t *rows;
	size_t rows_nr;
};

struct text_model {
	struct arena arena; /* all of it lies there */
	const char *version;
	struct model_lang *langs;
	size_t langs_nr;
	size_t bytes;
};

#define MODEL_MAP_WORDS (FEATURE_BUCKETS / 64)

struct text_model *model_new(struct error *err);
/* Counts rows_nr and fills rank, once the map is there. */
void model_rank(struct model_lang *lang);
/* The row of a bucket, or NULL. */
const int8_t *model_row(const struct model_lang *lang, uint32_t bucket);
const struct model_lang *model_lang_of(const struct text_model *m,
				       const char *code);
const struct model_head *model_head_of(const struct model_lang *lang,
				       const char *name);

/* scores become probabilities */
void model_softmax(double *score, size_t n, double sharpness);

#endif
