/* watch_words.c -- what a word, a phrase and a value of a rule stand for: the
 * same folding and the same walk as a text goes through. */
#include <string.h>

#include "text/normal.h"
#include "text/watch_parse.h"

#define TOO_LONG "a word, phrase or value is at most 500 bytes"
#define TOO_OPEN                                                               \
	"* and ? stand with at least two letters, side by side or at "         \
	"an end of the word"

size_t watch_longest(const char *pattern, size_t len, size_t *at_r,
		     size_t *len_r)
{
	size_t best = 0;

	for (size_t at = 0, end; at < len; at = end + 1) {
		size_t chars = at == 0;

		for (end = at;
		     end < len && pattern[end] != '*' && pattern[end] != '?';
		     end++)
			chars += (pattern[end] & 0xc0) != 0x80;
		chars += end == len;
		if (end > at && chars > best) {
			best = chars;
			*at_r = at;
			*len_r = end - at;
		}
	}
	return best;
}

static bool has_wildcard(const char *s, size_t len)
{
	return memchr(s, '*', len) != NULL || memchr(s, '?', len) != NULL;
}

static size_t letters(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += (s[i] & 0xc0) != 0x80 && s[i] != '*' && s[i] != '?';
	return n;
}

/* A hit of its literal is looked at: one letter alone would be in every text.
 */
static bool too_open(const char *s, size_t len, size_t letters_min)
{
	size_t at, run;

	return letters(s, len) < letters_min ||
	       watch_longest(s, len, &at, &run) < 2;
}

/* NULL: a good part; else what is wrong with it. */
static const char *part_of(struct watch_part *part, const char *s, size_t len)
{
	const char *tilde = memchr(s, '~', len);

	part->s = s;
	part->len = len;
	if (tilde != NULL) {
		part->kind = WATCH_STEM;
		part->s++;
		part->len--;
		return tilde != s || len == 1 || has_wildcard(s, len) ||
				       memchr(s + 1, '~', len - 1) != NULL
			       ? "~ stands right before a word that has no *, "
				 "? or other ~"
			       : NULL;
	}
	if (!has_wildcard(s, len))
		return NULL;
	part->kind = WATCH_GLOB;
	return too_open(s, len, 2) ? TOO_OPEN : NULL;
}

static bool touch(const struct watch_token *a, const struct watch_token *b)
{
	return a->kind != b->kind && a->from + a->len == b->from;
}

/* A star at a character that is a word by itself means nothing. */
static bool sign_at_single(const struct watch_spaced *spaced, uint32_t i)
{
	const struct watch_token *t = &spaced->t[i];
	const char *s = spaced->s + t->at;

	return t->kind == WATCH_WORD &&
	       (has_wildcard(s, t->len) || memchr(s, '~', t->len) != NULL) &&
	       ((i > 0 && touch(t - 1, t)) ||
		(i + 1 < spaced->n && touch(t, t + 1)));
}

struct watch_node *watch_words(struct watch_parser *p, struct watch_node *node,
			       const char *text, size_t len,
			       enum watch_signs signs)
{
	struct text folded = text_normalise(p->arena, text, len);
	struct watch_spaced spaced;
	struct watch_part *parts;
	const char *why;

	if (folded.len > WATCH_PHRASE_MAX)
		return watch_fail(p, node->begin, TOO_LONG);
	spaced.s = arena_alloc(p->arena, WATCH_SPACED_BYTES(folded.len));
	spaced.t = arena_alloc(p->arena, folded.len * sizeof(*spaced.t));
	watch_space(&spaced, folded.s, folded.len, signs);
	if (spaced.n == 0)
		return watch_fail(p, node->begin,
				  "there is no letter, digit or symbol in it");
	parts = arena_alloc(p->arena, spaced.n * sizeof(*parts));
	for (uint32_t i = 0; i < spaced.n; i++) {
		const struct watch_token *t = &spaced.t[i];
		const char *s = spaced.s + t->at;

		parts[i].single = t->kind == WATCH_SINGLE;
		parts[i].glued = t->glued;
		why = sign_at_single(&spaced, i)
			      ? "Chinese and symbols are found inside any text "
				"without * ? ~"
			      : part_of(&parts[i], s, t->len);
		if (why == NULL && spaced.n > 1 && memchr(s, '?', t->len))
			why = "a word with ? stands by itself";
		if (why != NULL)
			return watch_fail(p, node->begin, why);
	}
	node->parts = parts;
	node->parts_nr = spaced.n;
	return node;
}

static void note_value(struct watch_parser *p, const struct watch_node *node,
		       size_t at)
{
	if (p->values_nr == p->values_size) {
		size_t size = p->values_size == 0 ? 8 : 2 * p->values_size;
		struct watch_value *v =
			arena_alloc(p->arena, size * sizeof(*v));

		if (p->values_nr > 0)
			memcpy(v, p->values, p->values_nr * sizeof(*v));
		p->values = v;
		p->values_size = size;
	}
	p->values[p->values_nr++] = (struct watch_value){
		.field = node->field,
		.value = node->value,
		.column = at,
	};
}

struct watch_node *watch_value_of(struct watch_parser *p,
				  struct watch_node *node, size_t at,
				  const char *text, size_t len)
{
	struct text folded = text_normalise(p->arena, text, len);

	if (folded.len == 0)
		return watch_fail(p, at, "expected a value right behind the :");
	if (folded.len > WATCH_PHRASE_MAX)
		return watch_fail(p, at, TOO_LONG);
	if (memchr(folded.s, '*', folded.len) != NULL &&
	    too_open(folded.s, folded.len, 1))
		return watch_fail(p, at, TOO_OPEN);
	node->value = folded.s;
	note_value(p, node, at);
	return node;
}
