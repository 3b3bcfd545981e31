/* watch_build.h -- what compiling a set needs in several places. */
#ifndef SUYUAN_WATCH_BUILD_H
#define SUYUAN_WATCH_BUILD_H

#include "text/watch_internal.h"

/* old with room for an n-th of each bytes; like an arena it aborts when memory
 * is out. */
void *watch_grow(void *old, size_t n, size_t *size, size_t each);

struct watch_pair {
	uint32_t key, value;
};
struct watch_pairs {
	struct watch_pair *p;
	size_t n, size;
};
void watch_pairs_add(struct watch_pairs *pairs, uint32_t key, uint32_t value);
/* In a list the order is that of adding. */
struct watch_lists watch_lists_of(struct arena *arena,
				  const struct watch_pairs *pairs,
				  uint32_t keys_nr);

/* What a term's literal is at most: the words, and what stands around. */
#define WATCH_LITERAL_BYTES (2 * (WATCH_PHRASE_MAX + 4))
struct watch_literal {
	char s[WATCH_LITERAL_BYTES];
	size_t len;
};
/* The bytes of a spaced text without which the term is not there; chooses the
 * term's anchor. */
void watch_literal_of(struct watch_literal *l, struct watch_term *term);

/* Fills rules_of, least and most; uses says how often a term stands in the
 * rules. */
void watch_guards(struct watch_set *set, const uint32_t *uses);

#endif
