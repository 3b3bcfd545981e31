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

static int class_of_ascii(uint8_t c, enum watch_signs signs)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    (c >= 'A' && c <= 'Z'))
		return WORD;
	if (signs != WATCH_NO_SIGNS &&
	    (c == '*' || c == '~' ||
	     (c == '?' && signs == WATCH_STARS_QUESTIONS)))
		return WORD;
	return GAP;
}

/* The character at s: how wide it is, and its class. Cyrillic and the common
 * Han are told by their first byte. */
static int next(const uint8_t *s, int32_t len, enum watch_signs signs,
		int32_t *width_r)
{
	int32_t at = 0, c;

	if (s[0] < 0x80) {
		*width_r = 1;
		return class_of_ascii(s[0], signs);
	}
	if ((s[0] == 0xd0 || s[0] == 0xd1) && len >= 2 &&
	    (s[1] & 0xc0) == 0x80) {
		*width_r = 2;
		return WORD;
	}
	if (s[0] >= 0xe5 && s[0] <= 0xe9 && len >= 3 && (s[1] & 0xc0) == 0x80 &&
	    (s[2] & 0xc0) == 0x80) {
		*width_r = 3;
		return SINGLE;
	}
	U8_NEXT(s, at, len, c);
	*width_r = at;
	return class_of(c);
}

int32_t watch_char(const char *s, size_t len, size_t *at)
{
	const uint8_t *bytes = (const uint8_t *)s + *at;
	int32_t i = 0, c;

	U8_NEXT(bytes, i, (int32_t)(len - *at), c);
	*at += (size_t)i;
	return c;
}

void watch_space(struct watch_spaced *out, const char *text, size_t len,
		 enum watch_signs signs)
{
	const uint8_t *s = (const uint8_t *)text;
	struct watch_token *t = NULL;
	int before = GAP, class;
	int32_t width;

	out->s[0] = ' ';
	out->len = 1;
	out->n = 0;
	for (uint32_t at = 0; at < len; at += (uint32_t)width) {
		class = next(s + at, (int32_t)(len - at), signs, &width);
		if (class != before && before != GAP)
			out->s[out->len++] = ' ';
		if (class != GAP && (class == SINGLE || before != WORD)) {
			t = &out->t[out->n++];
			*t = (struct watch_token){
				.at = out->len,
				.from = at,
				.kind = class == WORD ? WATCH_WORD
						      : WATCH_SINGLE,
				.glued = class == SINGLE && before == SINGLE,
			};
		}
		if (class != GAP) {
			memcpy(out->s + out->len, s + at, (size_t)width);
			out->len += (uint32_t)width;
			t->len += (uint32_t)width;
		}
		before = class;
	}
	if (before != GAP)
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
