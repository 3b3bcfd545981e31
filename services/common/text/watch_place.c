/* watch_place.c -- where terms stand: for NEAR, and for showing what a rule has
 * found. At most WATCH_PLACES_MAX places a term. */
#include <stdlib.h>
#include <string.h>

#include "text/watch_match.h"

static void add_span(struct watch_spans *spans, uint32_t first, uint32_t last)
{
	if (spans->n == spans->size) {
		size_t size = spans->size == 0 ? 64 : 2 * (size_t)spans->size;
		void *p = realloc(spans->s, size * sizeof(*spans->s));

		if (p == NULL)
			abort(); /* as an arena does */
		spans->s = p;
		spans->size = (uint32_t)size;
	}
	spans->s[spans->n++] = (struct watch_span){ first, last };
}

static int by_first(const void *a, const void *b)
{
	const struct watch_span *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->last > y->last) - (x->last < y->last);
}

/* Of a term, or of all terms of an OR. */
static void places_of(struct watch_scratch *w, const struct watch_code *code,
		      struct watch_spans *spans)
{
	const struct watch_mark *mark = &w->marks[code->arg];
	const struct watch_term *term = &w->set->terms[code->arg];
	const struct watch_code *child = code + 1;

	w->steps++;
	if (code->op == WATCH_OR) {
		for (uint32_t i = 0; i < code->nr; i++, child += child->skip)
			places_of(w, child, spans);
		return;
	}
	if (!watch_is_there(w, code->arg))
		return;
	for (uint32_t p = mark->last; p != UINT32_MAX;
	     p = w->places[p].before) {
		uint32_t token = watch_token_before(w, w->places[p].to);

		token -= term->exact ? term->parts_nr - 1 : term->anchor;
		add_span(spans, token, token + term->parts_nr - 1);
	}
	w->steps += mark->nr;
}

/* The first that begins behind a token. */
static uint32_t behind(const struct watch_spans *spans, uint32_t token)
{
	uint32_t low = 0, high = spans->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (spans->s[middle].first > token)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Both sides, sorted; false: one is not there at all. */
static bool sides(struct watch_scratch *w, const struct watch_code *near)
{
	const struct watch_code *child = near + 1;

	for (int i = 0; i < 2; i++, child += child->skip) {
		struct watch_spans *spans = &w->side[i];

		spans->n = 0;
		places_of(w, child, spans);
		if (spans->n == 0)
			return false;
		qsort(spans->s, spans->n, sizeof(*spans->s), by_first);
	}
	return true;
}

bool watch_near(struct watch_scratch *w, const struct watch_code *code)
{
	if (!sides(w, code))
		return false;
	for (int i = 0; i < 2; i++) {
		const struct watch_spans *a = &w->side[i], *b = &w->side[!i];

		for (uint32_t k = 0; k < a->n; k++) {
			uint32_t at = behind(b, a->s[k].last);

			if (at < b->n &&
			    b->s[at].first - a->s[k].last <= code->arg)
				return true;
		}
		w->steps += a->n;
	}
	return false;
}

/* --- what is shown --- */

/* All pairs that are near, by their ends: a is before b. */
static void near_pairs(struct watch_scratch *w, const struct watch_code *near,
		       struct watch_spans *out)
{
	if (!sides(w, near))
		return;
	for (int i = 0; i < 2; i++) {
		const struct watch_spans *a = &w->side[i], *b = &w->side[!i];

		for (uint32_t k = 0; k < a->n; k++) {
			uint32_t at = behind(b, a->s[k].last);

			for (; at < b->n &&
			       b->s[at].first - a->s[k].last <= near->arg &&
			       out->n < WATCH_PLACES_MAX;
			     at++) {
				add_span(out, a->s[k].first, a->s[k].last);
				add_span(out, b->s[at].first, b->s[at].last);
			}
		}
	}
}

static void shown(struct watch_scratch *w, const struct watch_code *code,
		  struct watch_spans *out)
{
	const struct watch_code *child = code + 1;

	switch (code->op) {
	case WATCH_TERM:
		places_of(w, code, out);
		return;
	case WATCH_NEAR:
		near_pairs(w, code, out);
		return;
	case WATCH_AND:
	case WATCH_OR:
		for (uint32_t i = 0; i < code->nr; i++, child += child->skip)
			if (watch_holds(w, child))
				shown(w, child, out);
		return;
	case WATCH_NOT:
	case WATCH_FIELD:
	case WATCH_NUMBER:
		return;
	}
}

struct watch_range_list watch_ranges(struct watch_scratch *w,
				     struct arena *arena, uint32_t rule)
{
	struct watch_range_list list = { 0 };
	struct watch_spans spans = { 0 };
	struct watch_range *r;

	shown(w, w->set->code + w->set->code_at[rule], &spans);
	if (spans.n == 0)
		return list;
	qsort(spans.s, spans.n, sizeof(*spans.s), by_first);
	r = arena_alloc(arena, spans.n * sizeof(*r));
	for (uint32_t i = 0; i < spans.n; i++) {
		const struct watch_token *first =
			&w->spaced.t[spans.s[i].first];
		const struct watch_token *last = &w->spaced.t[spans.s[i].last];
		size_t end = last->from + last->len;

		if (list.n > 0 && first->from <= r[list.n - 1].end) {
			if (end > r[list.n - 1].end)
				r[list.n - 1].end = end;
			continue;
		}
		r[list.n++] = (struct watch_range){ first->from, end };
	}
	free(spans.s);
	list.r = r;
	return list;
}
