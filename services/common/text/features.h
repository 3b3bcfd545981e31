/* features.h -- a text as a linear classifier sees it: a set of buckets, each
 * for a character n-gram, a word or a pair of words. Nothing is allocated for a
 * feature; each counts once, and a text's vector has length 1, so that all its
 * values are 1/sqrt(n). */
#ifndef SUYUAN_FEATURES_H
#define SUYUAN_FEATURES_H

#include "text/tokens.h"

#define FEATURE_BITS 20
#define FEATURE_BUCKETS ((uint32_t)1 << FEATURE_BITS)
/* A text of 64 KiB has more; the rest would say nothing new. */
#define FEATURES_MAX 16384

struct features {
	uint32_t *bucket; /* distinct, in the order of the text */
	size_t n;
	/* where the first of each stands; NULL unless asked for */
	struct feature_place {
		uint32_t begin, end; /* bytes */
	} * place;
};

struct features text_features(struct arena *arena, const struct tokens *tokens);
/* The same with places, for explaining. */
struct features text_features_placed(struct arena *arena,
				     const struct tokens *tokens);

#endif
