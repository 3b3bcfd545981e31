/* shingle.h -- a text as the set of its short pieces, for near-duplicates. A
 * piece is five characters long, two where it begins with a Han or Kana
 * one; the rule looks at the piece alone, so that one character more never
 * changes how the rest of a text is cut. */
#ifndef SUYUAN_SHINGLE_H
#define SUYUAN_SHINGLE_H

#include <stdbool.h>
#include <stdint.h>

#include "text/normal.h"

#define SHINGLE_CHARS 5
#define SHINGLE_CHARS_HAN 2

/* 32 bits of XXH3: among 1,000 pieces a wrong match is one in 10,000. */
struct shingles {
	uint32_t *h; /* sorted, distinct */
	size_t n;
	size_t chars; /* of the text */
};

struct shingles text_shingles(struct arena *arena, const struct text *masked);

/* Exact, O(n). Two empty sets are not alike: 0. */
double shingles_jaccard(const struct shingles *a, const struct shingles *b);

/* From which on two texts are copies: .7, and .8 if one is under 60 characters,
 * where a few words in common are nothing. */
double shingles_threshold(const struct shingles *a, const struct shingles *b);
bool shingles_near(const struct shingles *a, const struct shingles *b);

#endif
