/* shingle.c -- a text as a set of pieces, see shingle.h. */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "text/chars.h"
#include "text/shingle.h"

/* Hashes are even: a bucket has one or two. More than this is a text that
 * repeats itself, whose equals cost nothing, or one made to be slow. */
#define INSERT_MAX 64
/* Shingles between two looks whether two texts can still be near. */
#define LOOK_EVERY 24

static int by_value_cb(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void sort_bucket(uint32_t *h, size_t n)
{
	if (n > INSERT_MAX) {
		qsort(h, n, sizeof(*h), by_value_cb);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		uint32_t v = h[i];
		size_t k = i;

		for (; k > 0 && h[k - 1] > v; k--)
			h[k] = h[k - 1];
		h[k] = v;
	}
}

/* By where the value lies among all, which for a hash is nearly its place. */
static uint32_t *sorted(struct arena *arena, const uint32_t *h, size_t n)
{
	uint32_t *out = arena_alloc(arena, (n + 1) * sizeof(*out));
	uint32_t *begin = arena_alloc(arena, (n + 2) * sizeof(*begin));

	for (size_t i = 0; i < n; i++)
		begin[((uint64_t)h[i] * n >> 32) + 2]++;
	for (size_t i = 2; i < n + 2; i++)
		begin[i] += begin[i - 1];
	for (size_t i = 0; i < n; i++)
		out[begin[((uint64_t)h[i] * n >> 32) + 1]++] = h[i];
	for (size_t i = 0; i < n; i++)
		sort_bucket(out + begin[i], begin[i + 1] - begin[i]);
	return out;
}

struct shingles text_shingles(struct arena *arena, const struct text *masked)
{
	struct shingles set = { .chars = masked->chars };
	/* where the last characters began, and whether they are Han */
	struct {
		size_t at;
		bool han;
	} last[SHINGLE_CHARS];
	uint32_t *h = arena_alloc(arena, (masked->chars + 1) * sizeof(*h));
	size_t n = 0, seen = 0;

	for (size_t i = 0; i < masked->len; seen++) {
		size_t at = i;
		uint32_t c = char_next(masked->s, &i);

		last[seen % SHINGLE_CHARS].at = at;
		last[seen % SHINGLE_CHARS].han = char_is_han(c);
		if (seen >= 1 && last[(seen - 1) % SHINGLE_CHARS].han) {
			size_t from = last[(seen - 1) % SHINGLE_CHARS].at;

			h[n++] = (uint32_t)XXH3_64bits(masked->s + from,
						       i - from);
		}
		if (seen >= 4 && !last[(seen - 4) % SHINGLE_CHARS].han) {
			size_t from = last[(seen - 4) % SHINGLE_CHARS].at;

			h[n++] = (uint32_t)XXH3_64bits(masked->s + from,
						       i - from);
		}
	}
	/* one too short for a piece is one */
	if (n == 0 && masked->len > 0)
		h[n++] = (uint32_t)XXH3_64bits(masked->s, masked->len);
	set.h = sorted(arena, h, n);
	for (size_t i = 0; i < n; i++)
		if (set.n == 0 || set.h[set.n - 1] != set.h[i])
			set.h[set.n++] = set.h[i];
	return set;
}

/* How many both have from i and k on, until one ends or i is at its end. */
static size_t overlap(const struct shingles *a, const struct shingles *b,
		      size_t *i, size_t *k, size_t end)
{
	size_t both = 0;

	while (*i < end && *k < b->n) {
		uint32_t x = a->h[*i], y = b->h[*k];

		both += x == y;
		*i += x <= y;
		*k += y <= x;
	}
	return both;
}

double shingles_jaccard(const struct shingles *a, const struct shingles *b)
{
	size_t i = 0, k = 0, both = overlap(a, b, &i, &k, a->n);

	return both == 0 ? 0 : (double)both / (double)(a->n + b->n - both);
}

double shingles_threshold(const struct shingles *a, const struct shingles *b)
{
	return a->chars < 60 || b->chars < 60 ? .8 : .7;
}

/* Of what both may have in common still; sets are compared for as long as it is
 * enough, which is not long for most that bands have proposed. */
static double jaccard_at_most(const struct shingles *a,
			      const struct shingles *b, size_t i, size_t k,
			      size_t both)
{
	size_t left = a->n - i < b->n - k ? a->n - i : b->n - k;
	size_t most = both + left;

	return most == 0 ? 0 : (double)most / (double)(a->n + b->n - most);
}

bool shingles_near(const struct shingles *a, const struct shingles *b)
{
	double least = shingles_threshold(a, b);
	size_t i = 0, k = 0, both = 0;

	while (jaccard_at_most(a, b, i, k, both) >= least) {
		size_t end = i + LOOK_EVERY < a->n ? i + LOOK_EVERY : a->n;

		if (i == a->n || k == b->n)
			return true; /* nothing is left: it is the Jaccard */
		both += overlap(a, b, &i, &k, end);
	}
	return false;
}
