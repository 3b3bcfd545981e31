/* features.c -- buckets of a text, see features.h.
 *
 *	each token           its hash (of a number: how many digits)
 *	two tokens           both hashes
 *	three Han ones       their hashes
 *	a word               its pieces of 3 to 5 characters, with a mark at
 *	                     either end of it
 *
 * Han characters and pairs are tokens and pairs of tokens already. */
#include <string.h>

#include "text/chars.h"
#include "text/features.h"

#define GRAM_MIN 3
#define GRAM_MAX 5
/* A longer word is none: its pieces end here. */
#define WORD_CHARS_MAX 64
#define EDGE 1 /* no character of a text */

struct gathering {
	struct features out;
	uint32_t *table; /* bucket + 1, or 0 */
	uint32_t mask;
	size_t max;
};

/* Not zero for a token, whatever its hash. */
static inline uint64_t joined(uint64_t a, uint64_t b)
{
	return (a ^ (b + 0x9e3779b97f4a7c15u)) * 0xd6e8feb86659fd93u;
}

static inline uint32_t bucket_of(uint64_t hash)
{
	return (uint32_t)((hash * 0x9fb21c651e98df25u) >> (64 - FEATURE_BITS));
}

static inline void add(struct gathering *g, uint64_t hash, uint32_t begin,
		       uint32_t end)
{
	uint32_t bucket = bucket_of(hash);
	uint32_t at = (bucket * 0x9e3779b1u) >> 7;

	for (;; at++) {
		uint32_t there = g->table[at & g->mask];

		if (there == bucket + 1)
			return;
		if (there == 0)
			break;
	}
	if (g->out.n == g->max)
		return;
	g->table[at & g->mask] = bucket + 1;
	if (g->out.place != NULL)
		g->out.place[g->out.n] = (struct feature_place){ begin, end };
	g->out.bucket[g->out.n++] = bucket;
}

static void add_grams(struct gathering *g, const char *s, const struct token *t)
{
	uint32_t c[WORD_CHARS_MAX + 2];
	size_t n = 0;

	c[n++] = EDGE;
	for (size_t i = t->begin; i < t->end && n <= WORD_CHARS_MAX;)
		c[n++] = char_next(s, &i);
	c[n++] = EDGE;
	for (size_t i = 0; i + GRAM_MIN <= n; i++) {
		uint64_t h = 0x51ed270b;

		for (size_t k = 0; k < GRAM_MAX && i + k < n; k++) {
			h = (h + c[i + k]) * 0x9e3779b97f4a7c15u;
			h ^= h >> 29;
			if (k + 1 >= GRAM_MIN)
				add(g, h, t->begin, t->end);
		}
	}
}

static uint64_t hash_of(const struct token *t)
{
	return joined(t->kind + 1,
		      t->kind == TOKEN_NUMBER ? t->chars : t->hash);
}

static struct features gather(struct arena *arena, const struct tokens *tokens,
			      bool placed)
{
	struct gathering g = { .max = 0 };
	uint64_t before = 0, before2 = 0;
	size_t size = 64;

	for (size_t i = 0; i < tokens->n; i++)
		g.max += 3 + (tokens->t[i].kind == TOKEN_WORD
				      ? 3 * (size_t)tokens->t[i].chars
				      : 0);
	if (g.max > FEATURES_MAX)
		g.max = FEATURES_MAX;
	while (size < g.max + g.max / 2)
		size *= 2;
	g.mask = (uint32_t)size - 1;
	g.table = arena_alloc(arena, size * sizeof(*g.table));
	g.out.bucket = arena_alloc(arena, (g.max + 1) * sizeof(uint32_t));
	if (placed)
		g.out.place =
			arena_alloc(arena, (g.max + 1) * sizeof(*g.out.place));
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->t[i];
		uint64_t h = hash_of(t);

		add(&g, h, t->begin, t->end);
		if (i > 0)
			add(&g, joined(before, h), t[-1].begin, t->end);
		if (i > 1 && t->kind == TOKEN_HAN && t[-1].kind == TOKEN_HAN &&
		    t[-2].kind == TOKEN_HAN)
			add(&g, joined(joined(before2, before), h), t[-2].begin,
			    t->end);
		if (t->kind == TOKEN_WORD)
			add_grams(&g, tokens->s, t);
		before2 = before;
		before = h;
	}
	return g.out;
}

struct features text_features(struct arena *arena, const struct tokens *tokens)
{
	return gather(arena, tokens, false);
}

struct features text_features_placed(struct arena *arena,
				     const struct tokens *tokens)
{
	return gather(arena, tokens, true);
}
