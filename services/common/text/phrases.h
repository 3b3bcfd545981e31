/* phrases.h -- many phrases looked for at once: a trie of tokens in one hash
 * table, walked from each word's start. What lies between two words of a phrase
 * (full stops, commas, dashes) does not count; a phrase begins and ends where
 * tokens do, which for Chinese is anywhere. Built once, then read-only. */
#ifndef SUYUAN_PHRASES_H
#define SUYUAN_PHRASES_H

#include <stdbool.h>

#include "error.h"
#include "text/tokens.h"

/* More words than that are no name and no phrase. */
#define PHRASE_TOKENS_MAX 48

enum phrases_form {
	PHRASES_STEMMED, /* Cyrillic words are alike without their endings */
	PHRASES_STARS,   /* exact; a word that ends in * is any that begins so;
			  * signs count as words */
};

struct phrases;

int phrases_open(struct phrases **p_r, enum phrases_form form, size_t expected,
		 struct error *err);
void phrases_close(struct phrases *p); /* NULL does nothing */

/* value is told at each match; a phrase may have many values. -1: no words in
 * it, too many, or a star elsewhere than at the end of a word. */
int phrases_add(struct phrases *p, struct arena *scratch, const char *phrase,
		uint32_t value, struct error *err);

struct phrase_match {
	size_t first, last; /* tokens */
	uint32_t value;     /* the first, phrases_next() the others */
	uint32_t more;      /* 0: no others */
};
/* The longest from each place on, none overlapping; at most max. */
size_t phrases_find(const struct phrases *p, struct arena *scratch,
		    const struct tokens *tokens, struct phrase_match *m_r,
		    size_t max);
/* Goes on to the next value of a match. */
bool phrases_next(const struct phrases *p, struct phrase_match *m);

#endif
