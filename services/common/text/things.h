/* things.h -- addresses and numbers in a normalised text, for mask.c and
 * tokens.c: one way to know a URL. Ask where a word begins; none looks further
 * ahead than 128 bytes before it is sure, so that a walk stays O(length). */
#ifndef SUYUAN_THINGS_H
#define SUYUAN_THINGS_H

#include <stdbool.h>
#include <string.h>

#include "text/normal.h"

enum thing {
	THING_URL,
	THING_MENTION,
	THING_EMAIL,
	THING_PHONE,
	THING_TRACK,
	THING_NUMBER,
};

/* Where it ends; 0: there is none. */
size_t thing_address(const struct text *t, size_t at, enum thing *thing_r);
size_t thing_number(const struct text *t, size_t at, enum thing *thing_r);

static inline bool text_begins(const struct text *t, size_t at,
			       const char *with)
{
	size_t n = strlen(with);

	return t->len - at >= n && memcmp(t->s + at, with, n) == 0;
}

#endif
