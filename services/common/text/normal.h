/* normal.h -- one text in the form that everything else here reads, and the
 * form that near-copies share.
 *
 *	raw -> text_normalise -> text_tokens -> features, gazetteer, lexicon
 *	                      -> text_mask   -> language, shingles
 *
 * Nothing here does I/O or keeps anything; results lie in the arena. Any bytes
 * are safe: what is no UTF-8 becomes U+FFFD, time and memory are O(length). */
#ifndef SUYUAN_NORMAL_H
#define SUYUAN_NORMAL_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"

/* UTF-8, followed by a NUL; a NUL inside the raw text has become a space. */
struct text {
	const char *s;
	size_t len;         /* bytes */
	size_t chars;       /* code points */
	const uint32_t *at; /* of each byte its byte in the raw text, or NULL */
};

/* Texts are cut here; the longest a mention may be. */
#define TEXT_MAX_BYTES ((size_t)64 * 1024)
/* More marks than this upon one letter are dropped: no script needs them. */
#define TEXT_MARKS_MAX 4

/* Ask once at the start: -1 when ICU has no data, the one way that the rest
 * could fail. */
int text_ready(struct error *err);

/* NFKC and case fold (ICU's NFKC_Casefold; the numero sign stays), Russian e
 * with dots as without, no bidi controls nor characters of no width, marks
 * capped, each run of white space and controls one space, none at the ends.
 * Twice is as once. */
struct text text_normalise(struct arena *arena, const char *raw, size_t len);
/* The same with `at`, for showing a range of it in the raw text. */
struct text text_normalise_mapped(struct arena *arena, const char *raw,
				  size_t len);

/* What differs between copies of one text becomes one symbol each. */
#define MASK_URL "\u2197"
#define MASK_MENTION "@"
#define MASK_EMAIL "\u2709"
#define MASK_PHONE "\u260e"
#define MASK_TRACK "\u25a4" /* S10, or eight digits and more */
#define MASK_NUMBER "#"
#define MASK_NAME "\u263a"

/* Of a normalised text: the above, and punctuation as a space; a symbol that
 * follows itself stands once.
 *
 * Names of persons, the whole rule, since case is gone and social texts never
 * had it: Russian, a word and the patronymic after it (Ivan Ivanovich, in all
 * cases); English, one or two words after mr, mrs, ms, miss, dr; Chinese, one
 * of the hundred commonest surnames and up to two characters before xiansheng,
 * nushi or xiaojie. A name without any of these is left as it is. */
struct text text_mask(struct arena *arena, const struct text *normal);

#endif
