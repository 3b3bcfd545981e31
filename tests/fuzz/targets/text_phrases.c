/* text_phrases.c -- names and word lists out of any lines, and any text against
 * them: the first half of the input is the table, the rest is read. */
#include <string.h>

#include "../lib/fuzz.h"
#include "text/gazetteer.h"
#include "text/lexicon.h"

#define NAMES_MAX 200

static void offices(const char *table, const struct tokens *k,
		    struct arena *arena)
{
	struct gazetteer_name names[NAMES_MAX];
	struct fuzz f = { (const uint8_t *)table, strlen(table) };
	struct gazetteer_hits hits;
	struct gazetteer *g;
	size_t n = 0, len;

	while (f.left > 0 && n < NAMES_MAX) {
		names[n].name = fuzz_line(&f, arena, &len);
		names[n++].unit = "unit";
	}
	REQUIRE(gazetteer_open(&g, names, n, NULL) == 0);
	hits = gazetteer_find(g, arena, k);
	REQUIRE(hits.n <= GAZETTEER_HITS_MAX);
	for (size_t i = 0; i < hits.n; i++)
		REQUIRE(hits.h[i].begin < hits.h[i].end &&
			hits.h[i].end <= k->len && hits.h[i].units_nr == 1);
	gazetteer_close(g);
}

static void words(const char *table, const struct tokens *k,
		  struct arena *arena)
{
	const char *csv = arena_printf(
		arena, "lang,head,label,pattern,weight\n%s", table);
	struct lexicon_file file = { "words.csv", csv, strlen(csv) };
	struct predictions list;
	struct lexicon *l;
	struct error err;

	if (lexicon_load(&l, &file, 1, &err) < 0) {
		REQUIRE(l == NULL && strstr(err.text, "words.csv") != NULL);
		return;
	}
	list = lexicon_predict(l, arena, k, "ru");
	for (size_t i = 0; i < list.n; i++) {
		REQUIRE(list.p[i].probability >= 0 &&
			list.p[i].probability <= 1.000001);
		lexicon_explain(l, arena, k, "ru", list.p[i].head,
				list.p[i].label, 5);
	}
	lexicon_close(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct arena arena;
	struct tokens k;
	struct text t;
	char *table;
	size_t len;

	arena_init(&arena);
	table = fuzz_bytes(&f, size / 2, &arena, &len);
	t = text_normalise(&arena, (const char *)f.at, f.left);
	k = text_tokens(&arena, &t);
	offices(table, &k, &arena);
	words(table, &k, &arena);
	arena_reset(&arena);
	return 0;
}
