/* search_excerpt.c -- the few words of a text that show why it was found. */
#include <string.h>

#include "complaints.h"
#include "search.h"

/* Of the text on both sides of the first hit. */
#define AROUND_BYTES 90
#define PARTS_MAX 64
/* What lies further inside is found, and not shown. */
#define WORDS_MAX 5000

static bool is_hit(const struct question *q, const struct word *word)
{
	for (size_t i = 0; i < q->hits.n; i++) {
		const struct term *t = &q->hits.t[i];
		bool begins = q->last_is_prefix && i + 1 == q->hits.n;

		for (size_t k = 0; k < t->n; k++) {
			size_t len = strlen(t->lexemes[k]);

			if (strncmp(word->lexeme, t->lexemes[k], len) == 0 &&
			    (begins || word->lexeme[len] == '\0'))
				return true;
		}
	}
	return false;
}

/* How many different terms are among the hits from this one on that an excerpt
 * would show: the place with most of them is the best. */
static unsigned shown_from(const struct question *q,
			   const struct word_list *list, size_t first)
{
	uint32_t seen = 0;

	for (size_t i = first;
	     i < list->n &&
	     list->w[i].end <= list->w[first].begin + AROUND_BYTES;
	     i++) {
		for (size_t k = 0; k < q->hits.n; k++) {
			const struct question one = {
				.hits = { &q->hits.t[k], 1 },
				.last_is_prefix =
					q->last_is_prefix && k + 1 == q->hits.n,
			};

			if (is_hit(&one, &list->w[i]))
				seen |= UINT32_C(1) << k;
		}
	}
	return (unsigned)__builtin_popcount(seen);
}

static void add_part(struct arena *arena, Sy__V1__AppealRow *row,
		     const char *text, size_t from, size_t to, bool hit)
{
	Sy__V1__TextPart *part;

	if (from >= to || row->n_excerpt == PARTS_MAX)
		return;
	part = arena_alloc(arena, sizeof(*part));
	sy__v1__text_part__init(part);
	part->text = arena_printf(arena, "%.*s", (int)(to - from), text + from);
	part->hit = hit;
	row->excerpt[row->n_excerpt++] = part;
}

/* Not inside of a character; at the beginning of a word where one is near. */
static size_t window_begin(const struct word_list *list, size_t hit)
{
	size_t at = list->w[hit].begin, from = at;

	for (size_t i = hit; i-- > 0 && list->w[i].begin + AROUND_BYTES > at;)
		if (list->w[i].begin < from)
			from = list->w[i].begin;
	return from;
}

static size_t window_end(const struct word_list *list, size_t hit)
{
	size_t at = list->w[hit].end, to = at;

	for (size_t i = hit; i < list->n && list->w[i].end < at + AROUND_BYTES;
	     i++)
		if (list->w[i].end > to)
			to = list->w[i].end;
	return to;
}

static void fill(struct arena *arena, const struct question *q,
		 const struct word_list *list, size_t best, const char *text,
		 Sy__V1__AppealRow *row)
{
	size_t from = window_begin(list, best), to = window_end(list, best);
	size_t done = from;

	row->excerpt = arena_alloc(arena, PARTS_MAX * sizeof(row->excerpt[0]));
	if (from > 0)
		add_part(arena, row, "\u2026", 0, 3, false);
	for (size_t i = 0; i < list->n; i++) {
		const struct word *w = &list->w[i];
		size_t begin = w->begin > done ? w->begin : done;

		if (w->begin < from || w->end > to || w->end <= done ||
		    !is_hit(q, w))
			continue;
		add_part(arena, row, text, done, begin, false);
		add_part(arena, row, text, begin, w->end, true);
		done = w->end;
	}
	add_part(arena, row, text, done, to, false);
	if (text[to] != '\0')
		add_part(arena, row, "\u2026", 0, 3, false);
}

bool excerpt_make(struct words *w, struct arena *arena,
		  const struct question *q, const char *text,
		  Sy__V1__AppealRow *row)
{
	struct word_list list = words_of_text(w, arena, text, WORDS_MAX);
	unsigned most = 0;
	size_t best = 0;

	for (size_t i = 0; i < list.n; i++) {
		unsigned n;

		if (!is_hit(q, &list.w[i]))
			continue;
		n = shown_from(q, &list, i);
		if (n > most) {
			most = n;
			best = i;
		}
	}
	if (most > 0)
		fill(arena, q, &list, best, text, row);
	return most > 0;
}
