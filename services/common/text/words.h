/* words.h -- what a text is found by: its words, in one form for all that mean
 * the same. A question goes through the same steps as the texts it is asked of,
 * so nothing here may depend on more than the word itself: the script decides
 * the stemmer, since a question of one word has no language to be guessed.
 *
 *	ICU word breaks -> NFKC and case fold -> Snowball (Cyrillic: Russian,
 *	Latin: English)
 *
 * Chinese is found by substrings: each Han character and each pair of
 * neighbours stand for themselves. Where the dictionary breaks a sentence
 * depends on the words around; a pair is there whatever they are. */
#ifndef SUYUAN_WORDS_H
#define SUYUAN_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "error.h"

struct words;

int words_open(struct words **w_r, struct error *err);
void words_close(struct words **w); /* NULL does nothing */

struct word {
	const char *lexeme;
	size_t begin, end; /* bytes of the text */
	int position;      /* from 0; of a pair that of its first character */
	bool han;          /* a character or a pair */
};
struct word_list {
	struct word *w;
	size_t n;
};

/* Longer ones are cut: nobody types them. */
#define LEXEME_MAX_BYTES 120

/* The stem of one folded word; len bytes of it, what is longer than
 * LEXEME_MAX_BYTES is its own. Good until the next one. */
const char *words_stem(struct words *w, const char *word, size_t len,
		       size_t *len_r);

/* The words of a valid UTF-8 text, at most max positions; all in the arena. */
struct word_list words_of_text(struct words *w, struct arena *arena,
			       const char *text, int max);

/* The same of a question: Chinese is broken by ICU's dictionary, and each word
 * of it is one entry whose parts are to stand side by side. */
struct term {
	const char *const *lexemes; /* at successive positions */
	size_t n;
	size_t begin, end;
	bool han;
};
struct term_list {
	struct term *t;
	size_t n;
};
struct term_list words_of_question(struct words *w, struct arena *arena,
				   const char *text, int max);

#endif
