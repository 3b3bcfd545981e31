/* lexicon_internal.h -- word lists in memory, for lexicon.c and lexicon_file.c.
 */
#ifndef SUYUAN_LEXICON_INTERNAL_H
#define SUYUAN_LEXICON_INTERNAL_H

#include "text/lexicon.h"

#define LEXICON_HEADS_MAX 8
#define LEXICON_LABELS_MAX 64
#define LEXICON_LANGS_MAX 8
#define LEXICON_NEGATOR (-1)

struct lexicon_head {
	const char *name;
	const char *labels[LEXICON_LABELS_MAX];
	size_t labels_nr;
};

struct lexicon_rule {
	int head; /* or LEXICON_NEGATOR */
	int label;
	double weight;
};

/* The first is "*", for texts of any other language. */
struct lexicon_lang {
	const char *code;
	struct phrases *phrases; /* values are rules */
	unsigned heads;          /* bits: which it has rows for */
	double base[LEXICON_HEADS_MAX][LEXICON_LABELS_MAX];
};

struct lexicon {
	struct arena arena;
	struct lexicon_head heads[LEXICON_HEADS_MAX];
	size_t heads_nr;
	struct lexicon_lang langs[LEXICON_LANGS_MAX];
	size_t langs_nr;
	struct lexicon_rule *rules;
	size_t rules_nr;
};

#endif
