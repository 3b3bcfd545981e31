/* lexicon.h -- the first classifier: lists of words and phrases, which come
 *with a profile as a table and answer in the form that a trained model does, so
 *that a service can ask whichever it has.
 *
 *	lang,head,label,pattern,weight
 *	ru,sentiment,negative,ужас*,1.5
 *	ru,sentiment,neutral,,1        no pattern: what the label has anyway
 *	ru,negator,,не,-0.8            before a pattern: its weight times this
 *	*,sentiment,positive,👍,1.5    in every language
 *
 * Several files are read as one: words of a language in one, topics of a trade
 *in another. A label's score is the sum of its patterns, each once;
 *probabilities are the softmax of the scores. */
#ifndef SUYUAN_LEXICON_H
#define SUYUAN_LEXICON_H

#include "text/phrases.h"
#include "text/predict.h"

struct lexicon;

#define LEXICON_ROWS_MAX 100000
/* From here on the answer is called sure. */
#define LEXICON_THRESHOLD .6

/* The bytes of a CSV file. */
struct lexicon_file {
	const char *name; /* for what is told */
	const char *csv;
	size_t len;
};

/* -1: which row (the head is row 1) of which file is wrong, and how. */
int lexicon_load(struct lexicon **l_r, const struct lexicon_file *files,
		 size_t n, struct error *err);
void lexicon_close(struct lexicon *l); /* NULL does nothing */

/* One prediction for each head that has rows for the language. */
struct predictions lexicon_predict(const struct lexicon *l, struct arena *arena,
				   const struct tokens *tokens,
				   const char *lang);
struct reasons lexicon_explain(const struct lexicon *l, struct arena *arena,
			       const struct tokens *tokens, const char *lang,
			       const char *head, const char *label, size_t max);

#endif
