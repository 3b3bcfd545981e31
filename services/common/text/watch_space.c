/* watch_space.c -- where words begin and end for watch rules: the same walk for
 * a text and for what a rule asks of it. And patterns of one word. */
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "text/watch_internal.h"

enum { GAP, WORD, SINGLE };

/* Scripts without spaces, and symbols. */
static int class_of(int32_t c)
{
	int8_t type;

	if (c < 0)
		return GAP;
	if ((c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) ||
	    (c >= 0xf900 && c <= 0xfaff) || c >= 0x20000 ||
	    (c >= 0x0e00 && c <= 0x0eff) || (c >= 0x1000 && c <= 0x109f) ||
	    (c >= 0x1780 && c <= 0x17ff))
		return SINGLE;
	type = u_charType(c);
	switch (type) {
	case U_OTHER_SYMBOL:
	case U_CURRENCY_SYMBOL:
		return SINGLE;
	case U_UPPERCASE_LETTER:
	case U_LOWERCASE_LETTER:
	case U_TITLECASE_LETTER:
	case U_MODIFIER_LETTER:
	case U_OTHER_LETTER:
	case U_NON_SPACING_MARK:
	case U_ENCLOSING_MARK:
	case U_COMBINING_SPACING_MARK:
	case U_DECIMAL_DIGIT_NUMBER:
	case U_LETTER_NUMBER:
	case U_OTHER_NUMBER:
		return WORD;
	default:
		return GAP;
	}
}

/* What a first byte says; of the first three it is how wide the character is.
 */
enum {
	OTHER,
	LETTER,   /* of ASCII */
	CYRILLIC, /* all of U+0400 to U+047F are letters */
	HAN,      /* and U+5000 to U+9FFF words by themselves */
	STAR,
	QUESTION,
	BLANK /* the rest of ASCII */
};
static const uint8_t first_byte[256] = {
	[0 ... ')'] = BLANK,   ['*'] = STAR,
	['+' ... '/'] = BLANK, ['0' ... '9'] = LETTER,
	[':' ... '>'] = BLANK, ['?'] = QUESTION,
	['@'] = BLANK,         ['A' ... 'Z'] = LETTER,
	['[' ... '`'] = BLANK, ['a' ... 'z'] = LETTER,
	['{' ... '}'] = BLANK, ['~'] = STAR,
	[0x7f] = BLANK,        [0xd0 ... 0xd1] = CYRILLIC,
	[0xe5 ... 0xe9] = HAN,
};

int32_t watch_char(const char *s, size_t len, size_t *at)
{
	const uint8_t *bytes = (const uint8_t *)s + *at;
	int32_t i = 0, c;

	U8_NEXT(bytes, i, (int32_t)(len - *at), c);
	*at += (size_t)i;
	return c;
}

/* Half a character at the end is what there is of it. */
static uint32_t within(size_t at, size_t len)
{
	return (uint32_t)(at < len ? at : len);
}

/* How many bytes of letters stand at s. */
static uint32_t word_len(const char *s, size_t len, enum watch_signs signs)
{
	size_t at = 0, next;

	while (at < len) {
		uint8_t first = first_byte[(uint8_t)s[at]];

		if (first == LETTER || first == CYRILLIC) {
			at += first;
		} else if (first == OTHER) {
			next = at;
			if (class_of(watch_char(s, len, &next)) != WORD)
				break;
			at = next;
		} else if ((first == STAR && signs != WATCH_NO_SIGNS) ||
			   (first == QUESTION &&
			    signs == WATCH_STARS_QUESTIONS)) {
			at++;
		} else {
			break;
		}
	}
	return within(at, len);
}

static void add_token(struct watch_spaced *out, uint32_t from, const char *s,
		      uint32_t len, enum watch_token_kind kind, bool glued)
{
	out->t[out->n++] = (struct watch_token){
		.at = out->len,
		.len = len,
		.from = from,
		.kind = (uint8_t)kind,
		.glued = glued,
	};
	memcpy(out->s + out->len, s + from, len);
	out->len += len;
}

/* How many bytes the character that is a word by itself has; 0: it is none. */
static uint32_t single_len(const char *s, size_t len)
{
	uint8_t first = first_byte[(uint8_t)s[0]];
	size_t next = 0;

	if (first == HAN)
		return within(HAN, len);
	return first == OTHER && class_of(watch_char(s, len, &next)) == SINGLE
		       ? (uint32_t)next
		       : 0;
}

void watch_space(struct watch_spaced *out, const char *s, size_t len,
		 enum watch_signs signs)
{
	bool single = false; /* the last thing was one */
	uint32_t at = 0, n;
	size_t next;

	*out = (struct watch_spaced){ .s = out->s, .t = out->t };
	out->s[out->len++] = ' ';
	while (at < len) {
		n = single_len(s + at, len - at);
		if (n > 0) {
			add_token(out, at, s, n, WATCH_SINGLE, single);
			single = true;
			at += n;
			continue;
		}
		if (single)
			out->s[out->len++] = ' ';
		single = false;
		n = word_len(s + at, len - at, signs);
		if (n > 0) {
			add_token(out, at, s, n, WATCH_WORD, false);
			out->s[out->len++] = ' ';
			at += n;
		} else if ((s[at] & 0x80) == 0) {
			at++;
		} else {
			next = at;
			watch_char(s, len, &next);
			at = (uint32_t)next;
		}
	}
	if (single)
		out->s[out->len++] = ' ';
}

/* Back to the last star only: what an earlier one could take, it can too. */
bool watch_glob(const char *pattern, size_t pattern_len, const char *s,
		size_t len)
{
	size_t p = 0, at = 0, star = SIZE_MAX, again = 0;

	while (at < len) {
		if (p < pattern_len && pattern[p] == '*') {
			star = ++p;
			again = at;
		} else if (p < pattern_len &&
			   (pattern[p] == '?' || pattern[p] == s[at])) {
			at++;
			/* one character, whatever its width */
			while (pattern[p] == '?' && at < len &&
			       (s[at] & 0xc0) == 0x80)
				at++;
			p++;
		} else if (star != SIZE_MAX) {
			p = star;
			do
				again++;
			while (again < len && (s[again] & 0xc0) == 0x80);
			at = again;
		} else {
			return false;
		}
	}
	while (p < pattern_len && pattern[p] == '*')
		p++;
	return p == pattern_len;
}
