/* gazetteer.c -- offices named in a text, see gazetteer.h: phrases whose words
 * are alike without their Russian endings. */
#include <stdlib.h>
#include <string.h>

#include "text/gazetteer.h"

struct gazetteer {
	struct phrases *names;
	const char **units; /* of each value */
	struct arena arena; /* of these */
	size_t left_out;
};

static bool is_long_enough(const struct tokens *k)
{
	size_t letters = 0, han = 0;

	for (size_t i = 0; i < k->n; i++) {
		letters += k->t[i].kind == TOKEN_WORD ||
					   k->t[i].kind == TOKEN_NUMBER
				   ? k->t[i].chars
				   : 0;
		han += k->t[i].kind == TOKEN_HAN;
	}
	return letters + (han > 1 ? 3 : han) >= 3;
}

static int add(struct gazetteer *g, struct arena *scratch,
	       const struct gazetteer_name *name, uint32_t unit)
{
	struct text normal =
		text_normalise(scratch, name->name, strlen(name->name));
	struct tokens k = text_tokens(scratch, &normal);

	if (!is_long_enough(&k))
		return -1;
	return phrases_add(g->names, scratch, name->name, unit, NULL);
}

int gazetteer_open(struct gazetteer **g_r, const struct gazetteer_name *names,
		   size_t n, struct error *err)
{
	struct gazetteer *g = calloc(1, sizeof(*g));
	struct arena scratch;
	size_t units = 0;

	*g_r = NULL;
	if (g == NULL)
		return error_set(err, "gazetteer: no memory");
	arena_init(&g->arena);
	if (phrases_open(&g->names, PHRASES_STEMMED, n, err) < 0) {
		gazetteer_close(g);
		return -1;
	}
	g->units = arena_alloc(&g->arena, (n + 1) * sizeof(*g->units));
	arena_init(&scratch);
	for (size_t i = 0; i < n; i++) {
		if (units == 0 ||
		    strcmp(g->units[units - 1], names[i].unit) != 0)
			g->units[units++] =
				arena_strdup(&g->arena, names[i].unit);
		if (add(g, &scratch, &names[i], (uint32_t)(units - 1)) < 0)
			g->left_out++;
		arena_reset(&scratch);
	}
	*g_r = g;
	return 0;
}

void gazetteer_close(struct gazetteer *g)
{
	if (g == NULL)
		return;
	phrases_close(g->names);
	arena_reset(&g->arena);
	free(g);
}

size_t gazetteer_left_out(const struct gazetteer *g)
{
	return g->left_out;
}

struct gazetteer_hits gazetteer_find(const struct gazetteer *g,
				     struct arena *arena,
				     const struct tokens *tokens)
{
	struct phrase_match m[GAZETTEER_HITS_MAX];
	struct gazetteer_hits hits = { 0 };
	size_t n = phrases_find(g->names, arena, tokens, m, GAZETTEER_HITS_MAX);

	if (n == 0)
		return hits;
	hits.h = arena_alloc(arena, n * sizeof(*hits.h));
	for (; hits.n < n; hits.n++) {
		struct phrase_match *at = &m[hits.n];
		struct phrase_match count = *at;
		const char **units;
		size_t nr = 1;

		while (nr < GAZETTEER_UNITS_MAX &&
		       phrases_next(g->names, &count))
			nr++;
		units = arena_alloc(arena, nr * sizeof(*units));
		for (size_t i = 0; i < nr; i++) {
			units[i] = g->units[at->value];
			phrases_next(g->names, at);
		}
		hits.h[hits.n] = (struct gazetteer_hit){
			.begin = tokens->t[at->first].begin,
			.end = tokens->t[at->last].end,
			.units = units,
			.units_nr = nr,
		};
	}
	return hits;
}
