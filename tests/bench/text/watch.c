/* watch.c -- what watch rules cost a text: sets of 10 to 10,000 rules, made of
 * the words of the texts themselves, against these texts.
 *
 * One text a line; prints a row a set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_text.h"
#include "text/normal.h"
#include "text/watch.h"

#define CHARS 140
#define TEXTS_MAX 20000
#define WORDS_MAX 400000
#define ROUNDS 15

static struct text texts[TEXTS_MAX];
static size_t texts_nr;
static const char *words[WORDS_MAX];
static size_t words_nr;
static uint64_t state = 7;

static uint32_t below(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % n);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Lines are put together until they have as many characters as a tweet. */
static void read_texts(struct arena *arena, FILE *f)
{
	char *line = NULL, *all = arena_strdup(arena, "");
	size_t size = 0;

	while (texts_nr < TEXTS_MAX && getline(&line, &size, f) > 0) {
		struct text t;

		line[strcspn(line, "\n")] = '\0';
		all = arena_printf(arena, "%s %s", all, line);
		t = text_normalise(arena, all, strlen(all));
		if (t.chars < CHARS)
			continue;
		t.len = 0;
		for (size_t n = 0; n <= CHARS; t.len++)
			n += (t.s[t.len] & 0xc0) != 0x80;
		t.len--;
		texts[texts_nr++] = t;
		all = arena_strdup(arena, "");
	}
	free(line);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each word once, however often it is said: rules ask for what matters, not for
 * what is frequent. A run of Chinese is cut into what people look for: two or
 * three characters.
 */
static void take_words(struct arena *arena)
{
	size_t n = 0;

	for (size_t i = 0; i < texts_nr; i++) {
		char *copy = arena_memdup(arena, texts[i].s, texts[i].len + 1);
		char *save, *word;

		copy[texts[i].len] = '\0';
		for (word = strtok_r(copy, " ,.!?:;\"()", &save);
		     word != NULL && words_nr < WORDS_MAX;
		     word = strtok_r(NULL, " ,.!?:;\"()", &save)) {
			size_t len = strlen(word);
			bool han = (word[0] & 0xe0) == 0xe0;

			if (han && len > 9)
				word[6 + 3 * below(2)] = '\0';
			if (len >= 6 && strpbrk(word, "<>=*~/\\@") == NULL)
				words[words_nr++] = word;
		}
	}
	qsort(words, words_nr, sizeof(*words), by_name);
	for (size_t i = 0; i < words_nr; i++)
		if (n == 0 || strcmp(words[n - 1], words[i]) != 0)
			words[n++] = words[i];
	words_nr = n;
}

static const char *any(void)
{
	return words[below((uint32_t)words_nr)];
}

/* Three to five words a rule, as people write them; a tenth asks fields alone.
 */
static char *rule(struct arena *arena, uint32_t i)
{
	switch (i % 10) {
	case 0:
		return arena_printf(arena, "source:s%u topic:t%u reach>%u", i,
				    below(1000), below(100000));
	case 1:
		return arena_printf(arena, "\"%s\" NEAR/3 (\"%s\" OR \"%s\")",
				    any(), any(), any());
	case 2:
		return arena_printf(arena, "\"~%s\" AND \"%s\" lang:ru", any(),
				    any());
	case 3:
		return arena_printf(arena, "\"%s %s\" OR \"%s\"", any(), any(),
				    any());
	default:
		return arena_printf(
			arena,
			"\"%s\" AND (\"%s\" OR \"%s\") NOT (\"%s\" source:vk)",
			any(), any(), any(), any());
	}
}

static void measure(uint32_t rules_nr)
{
	static const struct watch_subject_value values[] = {
		{ WATCH_SOURCE, "s120" },          { WATCH_LANG, "ru" },
		{ WATCH_CLASS, "claim" },          { WATCH_TOPIC, "t17" },
		{ WATCH_SENTIMENT, "negative" },   { WATCH_UNIT, "644099" },
		{ WATCH_AUTHOR, "a-long-author" },
	};
	struct watch_rule *rules = calloc(rules_nr, sizeof(*rules));
	struct watch_problem problem;
	struct watch_scratch *scratch;
	double best = 1e9, began, compiled;
	struct watch_set *set;
	struct arena arena;
	size_t failed, hits = 0;
	struct error err;

	arena_init(&arena);
	for (uint32_t i = 0; i < rules_nr; i++) {
		const struct watch_tree *tree;

		do {
			rules[i].text = rule(&arena, i);
			rules[i].len = strlen(rules[i].text);
		} while (watch_parse(&arena, rules[i].text, rules[i].len, &tree,
				     &problem) < 0);
	}
	began = seconds();
	if (watch_set_compile(&set, rules, rules_nr, &failed, &problem) < 0 ||
	    watch_scratch_open(&scratch, set, &err) < 0) {
		fprintf(stderr, "watch: %s\n", problem.text);
		exit(1);
	}
	compiled = seconds() - began;
	for (int round = 0; round < ROUNDS; round++) {
		hits = 0;
		began = seconds();
		for (size_t i = 0; i < texts_nr; i++) {
			struct watch_subject s = { texts[i].s, texts[i].len,
						   values, 7, 500 };
			struct watch_hits found;

			watch_match(scratch, &s, &found);
			hits += found.n;
		}
		best = seconds() - began < best ? seconds() - began : best;
	}
	printf("%8u %12.0f %12.2f %10.2f %9.1f\n", rules_nr,
	       best * 1e9 / (double)texts_nr, (double)hits / (double)texts_nr,
	       compiled, (double)watch_set_bytes(set) / 1e6);
	watch_scratch_close(&scratch);
	watch_set_free(&set);
	arena_reset(&arena);
	free(rules);
}

int bench_watch(const char *path, char **sizes, int sizes_nr)
{
	static const char *const usual[] = { "10", "100", "1000", "10000" };
	FILE *f = fopen(path, "re");
	struct arena arena;

	if (f == NULL) {
		perror(path);
		return -1;
	}
	arena_init(&arena);
	read_texts(&arena, f);
	fclose(f);
	take_words(&arena);
	printf("%zu texts of %d characters\n%8s %12s %12s %10s %9s\n", texts_nr,
	       CHARS, "rules", "ns a text", "hits a text", "compile s", "MB");
	for (int i = 0; i < (sizes_nr > 0 ? sizes_nr : 4); i++)
		measure((uint32_t)strtoul(sizes_nr > 0 ? sizes[i] : usual[i],
					  NULL, 10));
	arena_reset(&arena);
	return 0;
}
