/* chars.h -- one character of a valid UTF-8 text, and its class; for the files
 * of this folder, whose loops these are. */
#ifndef SUYUAN_CHARS_H
#define SUYUAN_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <unicode/uchar.h>

enum char_class {
	CHAR_SPACE,
	CHAR_LETTER, /* and marks, which belong to one */
	CHAR_DIGIT,  /* ASCII; folding has made these of most others */
	CHAR_HAN,    /* and Kana: scripts without spaces */
	CHAR_PUNCT,
	CHAR_SYMBOL, /* emoji, signs, all else */
};

/* The character at s[*i], which is moved behind it. The text is followed by a
 * NUL, so that half a character at its end reads no further than that. */
static inline uint32_t char_next(const char *s, size_t *i)
{
	const uint8_t *p = (const uint8_t *)s + *i;
	uint32_t c = p[0];

	if (c < 0x80) {
		*i += 1;
	} else if (c < 0xe0) {
		*i += 2;
		c = (c & 0x1f) << 6 | (p[1] & 0x3f);
	} else if (c < 0xf0) {
		*i += 3;
		c = (c & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 |
		    (p[2] & 0x3f);
	} else {
		*i += 4;
		c = (c & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
		    (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
	}
	return c;
}

/* How many bytes it has taken; there is room for four. */
static inline size_t char_put(char *to, uint32_t c)
{
	uint8_t *p = (uint8_t *)to;

	if (c < 0x80) {
		p[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (uint8_t)(0xc0 | c >> 6);
		p[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (uint8_t)(0xe0 | c >> 12);
		p[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		p[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (uint8_t)(0xf0 | c >> 18);
	p[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	p[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	p[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

static inline bool char_is_cyrillic(uint32_t c)
{
	return c >= 0x400 && c < 0x530;
}

static inline bool char_is_han(uint32_t c)
{
	return (c >= 0x3400 && c < 0xa000) || (c >= 0x3041 && c <= 0x30fa) ||
	       c == 0x3005 || c == 0x3007 || (c >= 0x20000 && c < 0x33480);
}

static inline enum char_class char_class(uint32_t c)
{
	if (c < 0x80) {
		if (c >= 'a' && c <= 'z')
			return CHAR_LETTER;
		if (c >= '0' && c <= '9')
			return CHAR_DIGIT;
		return c <= 0x20              ? CHAR_SPACE
		       : c >= 'A' && c <= 'Z' ? CHAR_LETTER
					      : CHAR_PUNCT;
	}
	if (c >= 0x430 && c < 0x482)
		return CHAR_LETTER;
	if (char_is_han(c))
		return CHAR_HAN;
	if (u_isalpha((UChar32)c) ||
	    (U_GET_GC_MASK((UChar32)c) & (U_GC_M_MASK | U_GC_N_MASK)) != 0)
		return CHAR_LETTER;
	return u_ispunct((UChar32)c) ? CHAR_PUNCT : CHAR_SYMBOL;
}

static inline bool char_in_word(enum char_class class)
{
	return class == CHAR_LETTER || class == CHAR_DIGIT;
}

#endif
