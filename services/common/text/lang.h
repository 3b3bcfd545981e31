/* lang.h -- the language of a text: by its script, then by the letters and the
 * small words that tell languages of one script apart. */
#ifndef SUYUAN_LANG_H
#define SUYUAN_LANG_H

#include "text/normal.h"

/* Fewer letters than this say nothing; a Han character counts for three. */
#define LANG_LETTERS_MIN 6

struct text_lang {
	const char *code;        /* "ru", "zh", "en", "other"; "": too short */
	int share_per_1000;      /* of its script among all letters */
	int confidence_per_1000; /* that it is this one of the script's */
};

/* Of the masked text: addresses and handles are Latin in any language. */
struct text_lang text_language(const struct text *masked);

#endif
