/* desk_words.c -- words of a text by ICU's rules and dictionaries: PostgreSQL's
 * own parser takes a Chinese sentence for one word.
 */
#include <stdlib.h>
#include <string.h>

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "desk.h"

/* One for the process, which has one thread. Its rules are the same in every
 * locale; the dictionary goes by the script. */
static UBreakIterator *breaker(void)
{
	static UBreakIterator *words;
	UErrorCode status = U_ZERO_ERROR;

	if (words == NULL)
		words = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
	if (U_FAILURE(status))
		abort(); /* ICU without its data */
	return words;
}

char *desk_words(struct arena *arena, const char *text)
{
	UBreakIterator *words = breaker();
	UErrorCode status = U_ZERO_ERROR;
	UText *ut = utext_openUTF8(NULL, text, -1, &status);
	/* a word has a byte at least, and a blank behind it */
	char *out = arena_alloc(arena, 2 * strlen(text) + 1), *to = out;
	int32_t from, end;

	ubrk_setUText(words, ut, &status);
	if (U_FAILURE(status))
		abort();
	for (from = ubrk_first(words); (end = ubrk_next(words)) != UBRK_DONE;
	     from = end) {
		if (ubrk_getRuleStatus(words) < UBRK_WORD_NONE_LIMIT)
			continue;
		memcpy(to, text + from, (size_t)(end - from));
		to += end - from;
		*to++ = ' ';
	}
	utext_close(ut);
	return out;
}
