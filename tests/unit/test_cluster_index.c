/* test_cluster_index.c -- near-copies found against an exact comparison of all
 * pairs; a budget that binds; groups that merge and go. Each text is put
 * through normal form, mask and shingles as a mention is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "social/cluster_index.h"
#include "text/normal.h"
#include "timeutil.h"

#define WINDOW_US (7 * US_PER_DAY)
#define START_US (20000 * US_PER_DAY)

static uint64_t seed;

static uint32_t draw(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % n);
}

/* --- made texts --- */

static const char *const syllables[][12] = {
	{ "по", "чта", "до", "ста", "вка", "не", "ра", "бо", "та", "ет", "оче",
	  "редь" },
	{ "邮", "局", "服", "务", "很", "慢", "包", "裹", "没", "到", "投",
	  "诉" },
	{ "post", "of", "fice", "par", "cel", "late", "que", "ue", "lost",
	  "serv", "ice", "bad" },
};
#define LANGS (sizeof(syllables) / sizeof(syllables[0]))

static void add_word(char *text, size_t size, size_t lang)
{
	uint32_t n = lang == 1 ? 1 : 2 + draw(3);

	if (lang != 1 && text[0] != '\0')
		strncat(text, " ", size - strlen(text) - 1);
	for (uint32_t i = 0; i < n; i++)
		strncat(text, syllables[lang][draw(12)],
			size - strlen(text) - 1);
}

static char *made(size_t lang, uint32_t words)
{
	char text[4000] = "";

	for (uint32_t i = 0; i < words; i++)
		add_word(text, sizeof(text), lang);
	return strdup(text);
}

/* As people and bots repost: something before, something behind, a word gone.
 */
static char *copied(const char *original, size_t lang)
{
	char text[4200] = "";

	if (draw(3) == 0)
		snprintf(text, sizeof(text), "RT @user%u: ", draw(1000));
	strncat(text, original, sizeof(text) - strlen(text) - 1);
	for (uint32_t i = draw(3); i > 0; i--)
		add_word(text, sizeof(text), lang);
	if (draw(3) == 0) {
		char *gap = strchr(text + strlen(text) / 2, ' ');

		if (gap != NULL)
			*gap = '\0';
	}
	return strdup(text);
}

struct sample {
	struct arena arena;
	struct shingles *sets;
	size_t n;
};

static void sample_make(struct sample *s, size_t n)
{
	char **texts = calloc(n, sizeof(texts[0]));

	arena_init(&s->arena);
	s->sets = calloc(n, sizeof(s->sets[0]));
	s->n = n;
	for (size_t i = 0; i < n; i++) {
		size_t lang = draw(LANGS);
		struct text normal, masked;

		texts[i] = i > 10 && draw(3) == 0
				   ? copied(texts[draw((uint32_t)i)], lang)
				   : made(lang, lang == 1 ? 15 + draw(120)
							  : 4 + draw(30));
		normal = text_normalise(&s->arena, texts[i], strlen(texts[i]));
		masked = text_mask(&s->arena, &normal);
		s->sets[i] = text_shingles(&s->arena, &masked);
	}
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
}

static void sample_free(struct sample *s)
{
	arena_reset(&s->arena);
	free(s->sets);
}

/* --- as the owner of a language does it --- */

static uint32_t put(struct cluster_index *index, const struct shingles *set,
		    int64_t at_us, uint32_t mention)
{
	struct cluster_group group = { .edited_at_us = mention };
	struct cluster_probe probe;
	uint32_t near[CLUSTER_NEAR_MAX], g;
	bool same;
	size_t n;

	memcpy(group.id, &mention, sizeof(mention));
	assert_true(cluster_probe_make(&probe, set));
	n = cluster_index_find(index, &probe, at_us, near, &same);
	g = n > 0 ? near[0] : cluster_index_group(index, &group);
	for (size_t i = 1; i < n; i++)
		cluster_index_merge(index, g, near[i]);
	if (!same)
		cluster_index_add(index, &probe, at_us, g);
	if (n == 0)
		cluster_index_drop(index, g);
	return g;
}

static size_t root(size_t *parent, size_t i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

static void test_quality(void **state)
{
	enum { N = 3000 };
	struct cluster_index *index = cluster_index_new(64 << 20, WINDOW_US);
	static uint32_t groups[N];
	static size_t parent[N];
	size_t exact = 0, found = 0, both = 0;
	struct sample s;

	(void)state;
	seed = 5;
	sample_make(&s, N);
	for (uint32_t i = 0; i < N; i++)
		groups[i] = put(index, &s.sets[i], START_US + i * US_PER_S, i);
	for (size_t i = 0; i < N; i++)
		parent[i] = i;
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < i; k++)
			if (shingles_near(&s.sets[i], &s.sets[k]))
				parent[root(parent, i)] = root(parent, k);
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < i; k++) {
			bool e = root(parent, i) == root(parent, k);
			bool f = cluster_index_root(index, groups[i]) ==
				 cluster_index_root(index, groups[k]);

			exact += e;
			found += f;
			both += e && f;
		}
	print_message("%zu pairs, recall %.4f, precision %.4f\n", exact,
		      (double)both / (double)exact,
		      (double)both / (double)found);
	assert_true(exact > N / 4);
	assert_true((double)both >= .99 * (double)exact);
	assert_int_equal(both, found); /* each was confirmed */
	cluster_index_free(&index);
	sample_free(&s);
}

/* Memory stays inside the budget, the newest are found, the window is told. */
static void test_budget(void **state)
{
	enum { N = 30000, MB = 4 };
	struct cluster_index *index = cluster_index_new(MB << 20, WINDOW_US);
	struct cluster_index_size size;
	struct sample s;
	size_t hits = 0;
	uint32_t near[CLUSTER_NEAR_MAX];

	(void)state;
	seed = 6;
	sample_make(&s, N);
	for (uint32_t i = 0; i < N; i++)
		put(index, &s.sets[i], START_US + i * US_PER_S, i);
	size = cluster_index_size(index);
	print_message("%zu texts, %zu groups in %zu kB, %lld s\n", size.texts,
		      size.groups, size.bytes >> 10,
		      (long long)(size.window_us / US_PER_S));
	assert_in_range(size.bytes, 1 << 20, MB << 20);
	assert_in_range(size.texts, 3000, N - 1);
	assert_true(size.groups <= size.texts);
	assert_in_range(size.window_us / US_PER_S, 3000, N - 1);
	for (size_t i = N - 2000; i < N; i++) {
		struct cluster_probe probe;
		bool same;

		cluster_probe_make(&probe, &s.sets[i]);
		hits += cluster_index_find(index, &probe,
					   START_US + N * US_PER_S, near,
					   &same) > 0;
	}
	/* of a full bucket the oldest go, never out of all 32 */
	assert_int_equal(hits, 2000);
	cluster_index_free(&index);
	sample_free(&s);
}

static void test_window(void **state)
{
	struct cluster_index *index = cluster_index_new(8 << 20, WINDOW_US);
	struct sample s;
	uint32_t a, b;

	(void)state;
	seed = 7;
	sample_make(&s, 20);
	a = put(index, &s.sets[0], START_US, 0);
	b = put(index, &s.sets[0], START_US + WINDOW_US, 1);
	assert_int_equal(a, b);
	put(index, &s.sets[1], START_US + WINDOW_US + US_PER_S, 2);
	/* the equal text, since old, was added again: it stays known */
	b = put(index, &s.sets[0], START_US + 2 * WINDOW_US, 3);
	assert_int_equal(a, b);
	b = put(index, &s.sets[0], START_US + 3 * WINDOW_US + US_PER_S, 4);
	assert_int_equal(cluster_index_of(index, b)->id[0], 4);
	assert_int_equal(cluster_index_size(index).window_us, WINDOW_US);
	cluster_index_free(&index);
	sample_free(&s);
}

/* What many repost for ever is never forgotten between two of them. */
static void test_refreshed(void **state)
{
	struct cluster_index *index = cluster_index_new(1 << 20, WINDOW_US);
	struct sample s;
	uint32_t first;

	(void)state;
	seed = 8;
	sample_make(&s, 20000);
	first = put(index, &s.sets[0], START_US, 0);
	for (uint32_t i = 1; i < 20000; i++) {
		put(index, &s.sets[i], START_US, i);
		if (i % 100 == 0)
			assert_int_equal(put(index, &s.sets[0], START_US, i),
					 first);
	}
	cluster_index_free(&index);
	sample_free(&s);
}

static void test_groups(void **state)
{
	struct cluster_index *index = cluster_index_new(1 << 20, WINDOW_US);
	struct cluster_group g = { .id = { 1 } };
	uint32_t a = cluster_index_group(index, &g);
	uint32_t b = cluster_index_group(index, &g);
	uint32_t c = cluster_index_group(index, &g);

	(void)state;
	cluster_index_merge(index, a, b);
	cluster_index_merge(index, b, c);
	assert_int_equal(cluster_index_root(index, c), a);
	cluster_index_drop(index, a);
	cluster_index_drop(index, b);
	assert_int_equal(cluster_index_size(index).groups, 3);
	cluster_index_drop(index, c);
	assert_int_equal(cluster_index_size(index).groups, 0);
	assert_int_equal(cluster_index_group(index, &g), a);
	cluster_index_drop(index, a);
	cluster_index_free(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quality),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_refreshed),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
