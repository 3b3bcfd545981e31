/* near.c -- near copies planted among n texts: the pairs that bands and the
 * exact check find, beside all pairs there are.
 *
 * All pairs, exactly, by prefix filtering (Bayardo et al. 2007): two sets of
 * Jaccard j or more share one of the (1-j)n+1 rarest pieces of each, so only
 * texts that share such a piece are compared. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_text.h"
#include "text/minhash.h"

#define VOCABULARY 8000
#define WORD_MAX_BYTES 32
#define JACCARD_LEAST .7
#define PIECE_BITS 22

struct pair {
	uint32_t a, b; /* a < b */
};
struct pairs {
	struct pair *p;
	size_t n, size;
};

static void pair_add(struct pairs *list, uint32_t a, uint32_t b)
{
	if (list->n == list->size) {
		list->size = list->size == 0 ? 4096 : 2 * list->size;
		list->p = realloc(list->p, list->size * sizeof(*list->p));
		if (list->p == NULL)
			abort();
	}
	list->p[list->n++] =
		a < b ? (struct pair){ a, b } : (struct pair){ b, a };
}

static int by_pair_cb(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;

	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	return a->b < b->b ? -1 : a->b > b->b;
}

/* Once each, of those that stand there so many times at least. */
static void pairs_distinct(struct pairs *list, size_t least)
{
	size_t n = 0, times;

	if (list->n > 0)
		qsort(list->p, list->n, sizeof(*list->p), by_pair_cb);
	for (size_t i = 0; i < list->n; i += times) {
		for (times = 1;
		     i + times < list->n &&
		     by_pair_cb(&list->p[i], &list->p[i + times]) == 0;)
			times++;
		if (times >= least)
			list->p[n++] = list->p[i];
	}
	list->n = n;
}

/* Of those that are near, which is asked once a pair. */
static void pairs_confirm(struct pairs *list, const struct shingles *s)
{
	size_t n = 0;

	pairs_distinct(list, 1);
	for (size_t i = 0; i < list->n; i++)
		if (shingles_near(&s[list->p[i].a], &s[list->p[i].b]))
			list->p[n++] = list->p[i];
	list->n = n;
}

/* --- texts --- */

static void make_words(char (*words)[WORD_MAX_BYTES])
{
	for (int i = 0; i < VOCABULARY; i++)
		for (int k = 0, n = 3 + rand() % 8; k < n; k++)
			words[i][k] = (char)('a' + rand() % 26);
}

/* Few words are common. */
static int some_word(void)
{
	double u = (double)rand() / RAND_MAX;

	return (int)(VOCABULARY * u * u * .999);
}

/* A text, as numbers of words. */
struct sentence {
	int word[64];
	int n;
};

static void add_word(struct sentence *s, int word)
{
	s->word[s->n++] = word;
}

/* A text of its own, or with some words of `from` changed. */
static struct sentence make_text(const struct sentence *from,
				 int changed_per_100)
{
	struct sentence s = { .n = 0 };

	if (from == NULL) {
		for (int n = 4 + rand() % 30; n > 0; n--)
			add_word(&s, some_word());
		return s;
	}
	for (int i = 0; i < from->n; i++) {
		int dice = rand() % 300;

		if (dice >= 3 * changed_per_100) {
			add_word(&s, from->word[i]);
		} else if (dice % 3 == 0) {
			add_word(&s, some_word());
		} else if (dice % 3 == 1 && s.n < 60) {
			add_word(&s, from->word[i]);
			add_word(&s, some_word());
		}
	}
	return s;
}

static struct shingles *make_texts(struct arena *arena, size_t n)
{
	static char words[VOCABULARY][WORD_MAX_BYTES];
	struct sentence *all = arena_alloc(arena, n * sizeof(*all));
	struct shingles *s = arena_alloc(arena, n * sizeof(*s));

	srand(1);
	make_words(words);
	for (size_t i = 0; i < n; i++) {
		size_t from = i > 0 ? (size_t)rand() % i : 0;
		/* two in five are copies */
		bool copy = i > 0 && rand() % 5 < 2;
		char *raw = arena_alloc(arena, 64 * WORD_MAX_BYTES);
		struct text t;

		all[i] = make_text(copy ? &all[from] : NULL, rand() % 25);
		for (int k = 0; k < all[i].n; k++) {
			strcat(raw, words[all[i].word[k]]);
			strcat(raw, " ");
		}
		t = text_normalise(arena, raw, strlen(raw));
		t = text_mask(arena, &t);
		s[i] = text_shingles(arena, &t);
	}
	return s;
}

/* --- ours --- */

struct band {
	uint64_t key;
	uint32_t text;
};

static int by_key_cb(const void *x, const void *y)
{
	const struct band *a = x, *b = y;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->text < b->text ? -1 : a->text > b->text;
}

static void by_bands(struct pairs *list, struct arena *arena,
		     const struct shingles *s, size_t n)
{
	struct band *bands =
		arena_alloc(arena, n * MINHASH_BANDS * sizeof(*bands));
	size_t nr = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t keys[MINHASH_BANDS];
		struct minhash m;

		text_minhash(&m, &s[i]);
		if (!minhash_bands(&m, keys))
			continue;
		for (size_t k = 0; k < MINHASH_BANDS; k++)
			bands[nr++] = (struct band){ keys[k], (uint32_t)i };
	}
	qsort(bands, nr, sizeof(*bands), by_key_cb);
	for (size_t i = 0; i < nr; i++)
		for (size_t k = i + 1; k < nr && bands[k].key == bands[i].key;
		     k++)
			pair_add(list, bands[i].text, bands[k].text);
}

/* --- exact --- */

static uint32_t *often; /* how many texts have a piece, by some of its bits */

static int by_rarity_cb(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	uint32_t i = often[a >> (32 - PIECE_BITS)];
	uint32_t k = often[b >> (32 - PIECE_BITS)];

	if (i != k)
		return i < k ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void by_prefixes(struct pairs *list, struct arena *arena,
			const struct shingles *s, size_t n)
{
	struct band *prefixes;
	size_t nr = 0, all = 0;

	often = arena_alloc(arena, sizeof(*often) << PIECE_BITS);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < s[i].n; k++, all++)
			often[s[i].h[k] >> (32 - PIECE_BITS)]++;
	prefixes = arena_alloc(arena, all * sizeof(*prefixes));
	for (size_t i = 0; i < n; i++) {
		uint32_t *h = arena_memdup(arena, s[i].h, s[i].n * sizeof(*h));
		size_t prefix = s[i].n -
				(size_t)ceil(JACCARD_LEAST * (double)s[i].n) +
				1;

		if (s[i].n == 0)
			continue;
		qsort(h, s[i].n, sizeof(*h), by_rarity_cb);
		for (size_t k = 0; k < prefix && k < s[i].n; k++)
			prefixes[nr++] = (struct band){ h[k], (uint32_t)i };
	}
	qsort(prefixes, nr, sizeof(*prefixes), by_key_cb);
	for (size_t i = 0; i < nr; i++)
		for (size_t k = i + 1;
		     k < nr && prefixes[k].key == prefixes[i].key; k++)
			pair_add(list, prefixes[i].text, prefixes[k].text);
}

static size_t in_both(const struct pairs *a, const struct pairs *b)
{
	size_t i = 0, k = 0, n = 0;

	while (i < a->n && k < b->n) {
		int c = by_pair_cb(&a->p[i], &b->p[k]);

		n += c == 0;
		i += c <= 0;
		k += c >= 0;
	}
	return n;
}

int bench_near(struct arena *arena, size_t n)
{
	struct shingles *s = make_texts(arena, n);
	struct pairs ours = { 0 }, exact = { 0 };
	size_t candidates, both;
	double began = bench_now();

	by_bands(&ours, arena, s, n);
	pairs_distinct(&ours, MINHASH_BANDS_LEAST);
	candidates = ours.n;
	pairs_confirm(&ours, s);
	printf("bands_seconds %.3f\n", bench_now() - began);
	began = bench_now();
	by_prefixes(&exact, arena, s, n);
	pairs_confirm(&exact, s);
	printf("exact_seconds %.3f\n", bench_now() - began);
	both = in_both(&ours, &exact);
	printf("candidates %zu\npairs %zu\n", candidates, exact.n);
	printf("recall %.5f\n", (double)both / (double)exact.n);
	printf("precision %.5f\n",
	       ours.n > 0 ? (double)both / (double)ours.n : 0);
	free(ours.p);
	free(exact.p);
	return 0;
}
