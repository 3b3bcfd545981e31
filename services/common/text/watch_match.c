/* watch_match.c -- a mention against a set: the text as words between spaces,
 * the fields behind it, one scan; each hit marks its term and brings in the
 * rules that it guards; these are worked out at the end.
 *
 * Time: the walk and the scan are linear in the text. What happens on hits is
 * counted in steps and given up at WATCH_STEPS_MAX. */
#include <stdlib.h>
#include <string.h>

#include "text/watch_match.h"

int watch_scratch_open(struct watch_scratch **scratch_r,
		       const struct watch_set *set, struct error *err)
{
	struct watch_scratch *w = calloc(1, sizeof(*w));

	*scratch_r = NULL;
	if (w == NULL)
		return error_set(err, "watch: no memory");
	w->set = set;
	w->marks = calloc((size_t)set->terms_nr + 1, sizeof(*w->marks));
	w->asked = calloc((size_t)set->rules_nr + 1, sizeof(*w->asked));
	w->rules = calloc((size_t)set->rules_nr + 1, sizeof(*w->rules));
	if (w->marks == NULL || w->asked == NULL || w->rules == NULL ||
	    (set->db != NULL && hs_alloc_scratch(set->db, &w->hs) != 0)) {
		watch_scratch_close(&w);
		return error_set(err, "watch: no memory to match with");
	}
	if (set->stems && words_open(&w->words, err) < 0) {
		watch_scratch_close(&w);
		return -1;
	}
	*scratch_r = w;
	return 0;
}

void watch_scratch_close(struct watch_scratch **scratch)
{
	struct watch_scratch *w = scratch != NULL ? *scratch : NULL;

	if (w == NULL)
		return;
	*scratch = NULL;
	hs_free_scratch(w->hs);
	words_close(&w->words);
	free(w->spaced.s);
	free(w->spaced.t);
	free(w->marks);
	free(w->asked);
	free(w->rules);
	free(w->places);
	for (int i = 0; i < 2; i++)
		free(w->side[i].s);
	free(w);
}

static void *resized(void *old, size_t n, size_t each)
{
	void *p = realloc(old, n * each);

	if (p == NULL)
		abort(); /* as an arena does */
	return p;
}

/* --- what is scanned --- */

static size_t value_bytes(const struct watch_subject *subject)
{
	size_t bytes = 0;

	for (size_t i = 0; i < subject->values_nr; i++)
		bytes += strlen(subject->values[i].value) + 3;
	return bytes;
}

static void make_room(struct watch_scratch *w, size_t text_len,
		      size_t values_nr, size_t values_bytes)
{
	size_t bytes = WATCH_SPACED_BYTES(text_len) + values_bytes;
	size_t tokens = text_len + values_nr + 1;

	if (bytes <= w->spaced_size && tokens <= w->tokens_size)
		return;
	w->spaced_size = 2 * bytes;
	w->tokens_size = 2 * tokens;
	w->spaced.s = resized(w->spaced.s, w->spaced_size, 1);
	w->spaced.t =
		resized(w->spaced.t, w->tokens_size, sizeof(*w->spaced.t));
}

static void add_value(struct watch_spaced *spaced,
		      const struct watch_subject_value *v)
{
	size_t len = strlen(v->value);
	char *s = spaced->s + spaced->len;

	*s++ = WATCH_MARK;
	*s++ = WATCH_LETTER(v->field);
	spaced->t[spaced->n++] = (struct watch_token){
		.at = spaced->len + 2,
		.len = (uint32_t)len,
		.kind = WATCH_VALUE,
	};
	/* no value ends itself early */
	for (size_t i = 0; i < len; i++)
		*s++ = v->value[i] == WATCH_MARK ? ' ' : v->value[i];
	*s = WATCH_MARK;
	spaced->len += (uint32_t)len + 3;
}

static void prepare(struct watch_scratch *w,
		    const struct watch_subject *subject)
{
	size_t len = subject->len;

	w->cut = len > WATCH_TEXT_BYTES;
	if (w->cut)
		len = WATCH_TEXT_BYTES;
	make_room(w, len, subject->values_nr, value_bytes(subject));
	watch_space(&w->spaced, subject->text, len, WATCH_NO_SIGNS);
	w->text_end = w->spaced.len;
	w->text_tokens = w->spaced.n;
	for (size_t i = 0; i < subject->values_nr; i++)
		add_value(&w->spaced, &subject->values[i]);
	w->reach = subject->reach;
	w->places_nr = w->rules_nr = 0;
	w->steps = 0;
	w->stemmed = UINT32_MAX;
	if (++w->round == 0) { /* after four billion texts */
		memset(w->marks, 0, w->set->terms_nr * sizeof(*w->marks));
		memset(w->asked, 0, w->set->rules_nr * sizeof(*w->asked));
		w->round = 1;
	}
}

/* --- hits --- */

uint32_t watch_token_before(const struct watch_scratch *w, uint32_t to)
{
	const struct watch_token *t = w->spaced.t;
	uint32_t low = 0, high = w->spaced.n;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (t[middle].at < to)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static bool has_stem(struct watch_scratch *w, uint32_t token,
		     const struct watch_part *part)
{
	const struct watch_token *t = &w->spaced.t[token];

	if (w->stemmed != token) {
		w->stem = words_stem(w->words, w->spaced.s + t->at, t->len,
				     &w->stem_len);
		w->stemmed = token;
		w->steps += t->len;
	}
	return w->stem_len == part->len &&
	       memcmp(w->stem, part->s, part->len) == 0;
}

static bool is_part(struct watch_scratch *w, uint32_t token,
		    const struct watch_part *part)
{
	const struct watch_token *t = &w->spaced.t[token];
	const char *s = w->spaced.s + t->at;

	w->steps++;
	switch (part->kind) {
	case WATCH_EXACT:
		return (t->kind == WATCH_SINGLE) == part->single &&
		       t->len == part->len && memcmp(s, part->s, t->len) == 0;
	case WATCH_GLOB:
		if (t->kind == WATCH_SINGLE || t->len > WATCH_WORD_MAX)
			return false;
		w->steps += t->len;
		return watch_glob(part->s, part->len, s, t->len);
	case WATCH_STEM:
		return t->kind == WATCH_WORD && t->len <= LEXEME_MAX_BYTES &&
		       has_stem(w, token, part);
	}
	return false;
}

/* Whether the words around the one that was hit are the term's. */
static bool is_phrase(struct watch_scratch *w, const struct watch_term *term,
		      uint32_t token)
{
	uint32_t first = token - term->anchor;

	if (token < term->anchor || w->text_tokens - first < term->parts_nr)
		return false;
	for (uint32_t i = 0; i < term->parts_nr; i++)
		if ((i > 0 &&
		     w->spaced.t[first + i].glued != term->parts[i].glued) ||
		    !is_part(w, first + i, &term->parts[i]))
			return false;
	return true;
}

static bool is_value(struct watch_scratch *w, const struct watch_term *term,
		     uint32_t token)
{
	const struct watch_token *t = &w->spaced.t[token];

	return w->spaced.s[t->at - 1] ==
		       WATCH_LETTER((enum watch_field)term->field) &&
	       is_part(w, token, term->parts);
}

static void ask(struct watch_scratch *w, uint32_t rule)
{
	if (w->asked[rule] == w->round)
		return;
	w->asked[rule] = w->round;
	w->rules[w->rules_nr++] = rule;
}

/* A hit says only that the literal is there: what else a term asks for is
 * looked at when a rule wants to know (watch_is_there). */
static void hit(struct watch_scratch *w, uint32_t nr, uint32_t to)
{
	const struct watch_lists *guards = &w->set->rules_of;
	const struct watch_term *term = &w->set->terms[nr];
	struct watch_mark *mark = &w->marks[nr];

	w->steps++;
	if ((term->field != WATCH_NO_FIELD) != (to > w->text_end))
		return;
	if (mark->round != w->round) {
		*mark = (struct watch_mark){ .round = w->round,
					     .last = UINT32_MAX,
					     .open = !term->exact };
		for (uint32_t i = guards->from[nr]; i < guards->from[nr + 1];
		     i++)
			ask(w, guards->list[i]);
	}
	if (!mark->open && mark->nr == WATCH_PLACES_MAX)
		return;
	if (w->places_nr == w->places_size) {
		w->places_size = w->places_size == 0 ? 256 : 2 * w->places_size;
		w->places =
			resized(w->places, w->places_size, sizeof(*w->places));
	}
	w->places[w->places_nr] = (struct watch_place){ to, mark->last };
	mark->last = w->places_nr++;
	mark->nr++;
}

static int hit_cb(unsigned literal, unsigned long long from,
		  unsigned long long to, unsigned flags, void *arg)
{
	struct watch_scratch *w = arg;
	const struct watch_lists *terms = &w->set->terms_of;

	(void)from;
	(void)flags;
	for (uint32_t i = terms->from[literal]; i < terms->from[literal + 1];
	     i++)
		hit(w, terms->list[i], (uint32_t)to);
	return w->steps > WATCH_STEPS_MAX;
}

static bool is_term(struct watch_scratch *w, const struct watch_term *term,
		    uint32_t to)
{
	uint32_t token = watch_token_before(w, to);

	return term->field != WATCH_NO_FIELD ? is_value(w, term, token)
					     : is_phrase(w, term, token);
}

bool watch_is_there(struct watch_scratch *w, uint32_t nr)
{
	struct watch_mark *mark = &w->marks[nr];
	uint32_t *link = &mark->last, at;

	if (mark->round != w->round)
		return false;
	if (!mark->open)
		return mark->nr > 0;
	mark->open = false;
	mark->nr = 0;
	while ((at = *link) != UINT32_MAX && mark->nr < WATCH_PLACES_MAX) {
		struct watch_place *place = &w->places[at];

		if (is_term(w, &w->set->terms[nr], place->to)) {
			mark->nr++;
			link = &place->before;
		} else {
			*link = place->before;
		}
	}
	*link = UINT32_MAX;
	return mark->nr > 0;
}

/* --- rules --- */

/* Rules that no word guards, but a number. */
static void ask_by_reach(struct watch_scratch *w)
{
	const struct watch_set *set = w->set;

	for (uint32_t i = 0;
	     i < set->least_nr && set->least[i].value <= w->reach; i++)
		ask(w, set->least[i].rule);
	for (uint32_t i = set->most_nr;
	     i > 0 && set->most[i - 1].value >= w->reach; i--)
		ask(w, set->most[i - 1].rule);
}

bool watch_holds(struct watch_scratch *w, const struct watch_code *code)
{
	const struct watch_code *child = code + 1;

	w->steps++;
	switch (code->op) {
	case WATCH_TERM:
	case WATCH_FIELD:
		return watch_is_there(w, code->arg);
	case WATCH_NUMBER:
		return w->reach >= code->least && w->reach <= code->most;
	case WATCH_NOT:
		return !watch_holds(w, child);
	case WATCH_NEAR:
		return watch_near(w, code);
	case WATCH_AND:
	case WATCH_OR:
		break;
	}
	for (uint32_t i = 0; i < code->nr; i++, child += child->skip)
		if (watch_holds(w, child) == (code->op == WATCH_OR))
			return code->op == WATCH_OR;
	return code->op == WATCH_AND;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void watch_match(struct watch_scratch *w, const struct watch_subject *subject,
		 struct watch_hits *hits_r)
{
	const struct watch_set *set = w->set;
	uint32_t n = 0;

	prepare(w, subject);
	if (set->db != NULL)
		hs_scan(set->db, w->spaced.s, w->spaced.len, 0, w->hs, hit_cb,
			w);
	ask_by_reach(w);
	for (uint32_t i = 0; i < w->rules_nr && w->steps <= WATCH_STEPS_MAX;
	     i++)
		if (watch_holds(w, set->code + set->code_at[w->rules[i]]))
			w->rules[n++] = w->rules[i];
	if (n > 1)
		qsort(w->rules, n, sizeof(*w->rules), ascending);
	w->cut = w->cut || w->steps > WATCH_STEPS_MAX;
	*hits_r = (struct watch_hits){ w->rules, n, w->cut };
}
