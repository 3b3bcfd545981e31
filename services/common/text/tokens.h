/* tokens.h -- what stands in a normalised text, in one walk over it that
 * features, gazetteer and lexicon share. Not words.h, whose words are what
 * people search by: this is quick, and keeps smileys. */
#ifndef SUYUAN_TOKENS_H
#define SUYUAN_TOKENS_H

#include <stdint.h>

#include "text/normal.h"

enum token_kind {
	TOKEN_WORD,    /* letters and marks, with digits inside */
	TOKEN_NUMBER,  /* digits alone */
	TOKEN_HAN,     /* one Han or Kana character */
	TOKEN_ADDRESS, /* a URL, a handle, an e-mail address */
	TOKEN_SIGN,    /* a run of one punctuation mark, an emoji */
};

struct token {
	uint32_t begin, end; /* bytes of the text */
	enum token_kind kind;
	uint32_t chars;
	uint64_t hash; /* XXH3 of its bytes, of an address its kind */
	uint64_t stem; /* the same of what token_stem leaves of a word */
};
struct tokens {
	const char *s; /* the text, which is not copied */
	size_t len;
	struct token *t;
	size_t n;
	size_t words, han; /* how many of them are */
};

struct tokens text_tokens(struct arena *arena, const struct text *normal);

/* How many bytes of a Cyrillic word are left without its ending, by one cut at
 * a list of endings: less than Snowball does, in a hundredth of its time. */
size_t token_stem(const char *word, size_t len);

#endif
