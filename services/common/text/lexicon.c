/* lexicon.c -- answers out of word lists, see lexicon.h; lexicon_file.c reads
 * them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/lexicon_internal.h"
#include "text/model_internal.h"

/* A negator reaches this many tokens on: "not very good". */
#define NEGATED_TOKENS 2
#define MATCHES_MAX 256

void lexicon_close(struct lexicon *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->langs_nr; i++)
		phrases_close(l->langs[i].phrases);
	arena_reset(&l->arena);
	free(l);
}

static const struct lexicon_lang *lang_of(const struct lexicon *l,
					  const char *code)
{
	for (size_t i = 0; i < l->langs_nr; i++)
		if (strcmp(l->langs[i].code, code) == 0)
			return &l->langs[i];
	return &l->langs[0];
}

/* --- what was found --- */

/* One pattern of one label, in the text. */
struct finding {
	const struct lexicon_rule *rule;
	size_t begin, end; /* bytes */
	double weight;
};

static bool is_new(const struct finding *f, size_t n,
		   const struct lexicon_rule *rule)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].rule == rule)
			return false;
	return true;
}

/* How many rules have matched, as far as they are looked at. */
static size_t values_of(const struct phrases *phrases,
			const struct phrase_match *m, size_t matches)
{
	size_t n = 0;

	for (size_t i = 0; i < matches; i++) {
		struct phrase_match one = m[i];

		do
			n++;
		while (phrases_next(phrases, &one));
	}
	return n < MATCHES_MAX ? n : MATCHES_MAX;
}

static size_t findings(const struct lexicon *l, const struct lexicon_lang *lang,
		       struct arena *arena, const struct tokens *tokens,
		       struct finding **f_r)
{
	struct phrase_match m[MATCHES_MAX];
	size_t matches =
		phrases_find(lang->phrases, arena, tokens, m, MATCHES_MAX);
	size_t max = values_of(lang->phrases, m, matches);
	struct finding *f = arena_alloc(arena, max * sizeof(*f));
	size_t n = 0, negated_to = 0;
	double factor = 1;

	for (size_t i = 0; i < matches && n < max; i++) {
		double times = m[i].first <= negated_to ? factor : 1;

		do {
			const struct lexicon_rule *rule = &l->rules[m[i].value];

			if (rule->head == LEXICON_NEGATOR) {
				factor = rule->weight;
				/* from 0 on, which the first can be too */
				negated_to = m[i].last + NEGATED_TOKENS;
			} else if (n < max && is_new(f, n, rule)) {
				f[n++] = (struct finding){
					.rule = rule,
					.begin = tokens->t[m[i].first].begin,
					.end = tokens->t[m[i].last].end,
					.weight = rule->weight * times,
				};
			}
		} while (phrases_next(lang->phrases, &m[i]));
	}
	*f_r = f;
	return n;
}

struct predictions lexicon_predict(const struct lexicon *l, struct arena *arena,
				   const struct tokens *tokens,
				   const char *lang_code)
{
	const struct lexicon_lang *lang = lang_of(l, lang_code);
	struct predictions list = { 0 };
	struct finding *f;
	size_t n = findings(l, lang, arena, tokens, &f);

	list.p = arena_alloc(arena, (l->heads_nr + 1) * sizeof(*list.p));
	for (size_t h = 0; h < l->heads_nr; h++) {
		const struct lexicon_head *head = &l->heads[h];
		struct prediction *p = &list.p[list.n];
		double *score;
		size_t best = 0;

		if ((lang->heads >> h & 1) == 0)
			continue;
		score = arena_memdup(arena, lang->base[h],
				     head->labels_nr * sizeof(*score));
		for (size_t i = 0; i < n; i++)
			if (f[i].rule->head == (int)h)
				score[f[i].rule->label] += f[i].weight;
		model_softmax(score, head->labels_nr, 1);
		for (size_t i = 1; i < head->labels_nr; i++)
			if (score[i] > score[best])
				best = i;
		*p = (struct prediction){
			.head = head->name,
			.label = head->labels[best],
			.probability = score[best],
			.threshold = LEXICON_THRESHOLD,
			.sure = score[best] >= LEXICON_THRESHOLD,
			.labels = head->labels,
			.probabilities = score,
			.labels_nr = head->labels_nr,
		};
		list.n++;
	}
	return list;
}

struct reasons lexicon_explain(const struct lexicon *l, struct arena *arena,
			       const struct tokens *tokens,
			       const char *lang_code, const char *head,
			       const char *label, size_t max)
{
	const struct lexicon_lang *lang = lang_of(l, lang_code);
	struct finding *f;
	size_t n = findings(l, lang, arena, tokens, &f), kept = 0;
	struct reason *r = arena_alloc(arena, (n + 1) * sizeof(*r));

	for (size_t i = 0; i < n; i++) {
		const struct lexicon_head *h = &l->heads[f[i].rule->head];

		if (strcmp(h->name, head) == 0 &&
		    strcmp(h->labels[f[i].rule->label], label) == 0)
			r[kept++] = (struct reason){ f[i].begin, f[i].end,
						     f[i].weight };
	}
	return reasons_best(r, kept, max);
}
