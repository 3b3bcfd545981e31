/* minhash.h -- 128 numbers that tell how alike two sets of shingles are, and
 * the 32 keys by which likely copies are found: one-permutation hashing (Li,
 * Owen, Zhang 2012: one hash a shingle, not 128) with optimal densification
 * (Shrivastava 2017: an empty slot borrows from a slot chosen anew for each).
 *
 * The order in which an empty slot looks for a full one is the same for all
 * texts: eight drawn slots, then all by the least of a hash. So it ends after
 * at most 128 steps a slot, also for a text of one shingle. */
#ifndef SUYUAN_MINHASH_H
#define SUYUAN_MINHASH_H

#include "text/shingle.h"

#define MINHASH_SLOTS 128
#define MINHASH_BANDS 32
#define MINHASH_ROWS 4

struct minhash {
	uint32_t slot[MINHASH_SLOTS];
	bool empty; /* of no shingles; like nothing */
};

void text_minhash(struct minhash *m_r, const struct shingles *set);

/* Unbiased; standard deviation sqrt(J(1-J)/128), more for short texts. */
double minhash_estimate(const struct minhash *a, const struct minhash *b);

/* What is compared shares so many of the keys. Texts of Jaccard .7 do so with
 * probability .99, of .5 with .32, of .3 with .002; one key alone .9998, .87
 * and .23 share. */
#define MINHASH_BANDS_LEAST 3
/* False: none, the set is empty. */
bool minhash_bands(const struct minhash *m, uint64_t band_r[MINHASH_BANDS]);

#endif
