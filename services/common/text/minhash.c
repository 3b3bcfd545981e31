/* minhash.c -- one-permutation hashing, see minhash.h. */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "text/minhash.h"

#define SLOT_BITS 7
#define DRAWS 8
#define EMPTY UINT32_MAX

/* Finalizer of SplitMix64: a draw for each slot and try. */
static inline uint64_t mixed(uint64_t x)
{
	x *= 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* The full slot that the empty one borrows from. */
static size_t lender(const uint32_t *slot, const uint8_t *full, size_t full_nr,
		     size_t empty)
{
	uint64_t draws = mixed(empty), least = UINT64_MAX;
	size_t found = full[0];

	for (int i = 0; i < DRAWS; i++) {
		size_t at = draws & (MINHASH_SLOTS - 1);

		if (slot[at] != EMPTY)
			return at;
		draws >>= SLOT_BITS;
	}
	for (size_t i = 0; i < full_nr; i++) {
		uint64_t draw = mixed((uint64_t)full[i] << 8 | empty);

		if (draw < least) {
			least = draw;
			found = full[i];
		}
	}
	return found;
}

void text_minhash(struct minhash *m_r, const struct shingles *set)
{
	uint32_t slot[MINHASH_SLOTS];
	uint8_t full[MINHASH_SLOTS];
	size_t full_nr = 0;

	memset(slot, 0xff, sizeof(slot));
	m_r->empty = set->n == 0;
	/* sorted: the first of a slot is its least */
	for (size_t i = set->n; i-- > 0;)
		slot[set->h[i] >> (32 - SLOT_BITS)] = set->h[i];
	for (size_t i = 0; i < MINHASH_SLOTS; i++)
		if (slot[i] != EMPTY)
			full[full_nr++] = (uint8_t)i;
	memcpy(m_r->slot, slot, sizeof(slot));
	for (size_t i = 0; full_nr > 0 && i < MINHASH_SLOTS; i++)
		if (slot[i] == EMPTY)
			m_r->slot[i] = slot[lender(slot, full, full_nr, i)];
}

double minhash_estimate(const struct minhash *a, const struct minhash *b)
{
	int same = 0;

	if (a->empty || b->empty)
		return 0;
	for (size_t i = 0; i < MINHASH_SLOTS; i++)
		same += a->slot[i] == b->slot[i];
	return (double)same / MINHASH_SLOTS;
}

bool minhash_bands(const struct minhash *m, uint64_t band_r[MINHASH_BANDS])
{
	if (m->empty)
		return false;
	for (size_t i = 0; i < MINHASH_BANDS; i++)
		band_r[i] = XXH3_64bits_withSeed(
			m->slot + i * MINHASH_ROWS,
			MINHASH_ROWS * sizeof(*m->slot), i);
	return true;
}
