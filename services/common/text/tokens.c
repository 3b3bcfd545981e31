/* tokens.c -- the tokens of a normalised text, see tokens.h. */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "text/chars.h"
#include "text/things.h"
#include "text/tokens.h"

static enum token_kind kind_of(enum char_class class)
{
	return class == CHAR_LETTER  ? TOKEN_WORD
	       : class == CHAR_DIGIT ? TOKEN_NUMBER
	       : class == CHAR_HAN   ? TOKEN_HAN
				     : TOKEN_SIGN;
}

/* Whether a character of that class goes on with the token. */
static bool joins(const struct token *t, uint32_t first, uint32_t c,
		  enum char_class class)
{
	switch (t->kind) {
	case TOKEN_WORD:
		return char_in_word(class);
	case TOKEN_NUMBER:
		return class == CHAR_DIGIT;
	case TOKEN_SIGN: /* !!! and ))), but each emoji for itself */
		return c == first && class == CHAR_PUNCT;
	case TOKEN_HAN:
	case TOKEN_ADDRESS:
		return false;
	}
	return false;
}

/* An address is told by its kind: what it says means nothing to anybody here.
 * Returns where it ends, 0: none begins there. */
static size_t address(struct token *t, const struct text *normal, size_t at)
{
	enum thing thing;
	size_t end = thing_address(normal, at, &thing);

	if (end > 0)
		*t = (struct token){ .begin = (uint32_t)at,
				     .end = (uint32_t)end,
				     .kind = TOKEN_ADDRESS,
				     .chars = 1,
				     .hash = thing + 1 };
	return end;
}

/* One of a list of endings of so many bytes; a letter has two. */
static inline bool ends_with(const char *end, const char *list, size_t bytes)
{
	for (; *list != '\0'; list += bytes)
		if (memcmp(end - bytes, list, bytes) == 0)
			return true;
	return false;
}

/* The longest; three letters at least are left. */
size_t token_stem(const char *word, size_t len)
{
	const char *end = word + len;

	if (len < 8 || ((uint8_t)word[0] & 0xfc) != 0xd0)
		return len;
	if (len >= 12 && ends_with(end, "ымиимиогоегоомуемуамиями", 6))
		return len - 6;
	if (len >= 10 && ends_with(end,
				   "яхаховевойейомемамямымимыхихуююю"
				   "аяяяоеееыеиеыйийьюияииию",
				   4))
		return len - 4;
	return ends_with(end, "уюаяоеыиьй", 2) ? len - 2 : len;
}

static uint64_t stem_of(const char *s, const struct token *t)
{
	size_t len = t->end - t->begin, stem;

	if (t->kind != TOKEN_WORD)
		return t->hash;
	stem = token_stem(s + t->begin, len);
	return stem == len ? t->hash : XXH3_64bits(s + t->begin, stem);
}

struct tokens text_tokens(struct arena *arena, const struct text *normal)
{
	struct tokens list = { .s = normal->s, .len = normal->len };
	struct token *t;
	uint32_t first = 0;
	bool open = false;

	/* at most one a character */
	list.t = arena_alloc(arena, (normal->chars + 1) * sizeof(*list.t));
	t = list.t - 1;
	for (size_t i = 0; i < normal->len;) {
		size_t next = i;
		uint32_t c = char_next(normal->s, &next);
		enum char_class class = char_class(c);
		size_t end = 0;

		if (c < 0x80 && !(open && char_in_word(class)))
			end = address(t + 1, normal, i);
		if (end > 0) {
			t++;
			open = false;
			next = end;
		} else if (class == CHAR_SPACE) {
			open = false;
		} else if (open && joins(t, first, c, class)) {
			t->end = (uint32_t)next;
			t->chars++;
		} else {
			*++t = (struct token){ .begin = (uint32_t)i,
					       .end = (uint32_t)next,
					       .kind = kind_of(class),
					       .chars = 1 };
			first = c;
			open = true;
		}
		i = next;
	}
	list.n = (size_t)(t + 1 - list.t);
	for (size_t i = 0; i < list.n; i++) {
		t = &list.t[i];
		if (t->kind != TOKEN_ADDRESS)
			t->hash = XXH3_64bits(list.s + t->begin,
					      t->end - t->begin);
		t->stem = stem_of(list.s, t);
		list.words += t->kind == TOKEN_WORD;
		list.han += t->kind == TOKEN_HAN;
	}
	return list;
}
