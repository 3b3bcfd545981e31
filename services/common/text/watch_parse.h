/* watch_parse.h -- a rule on its way to a tree: what watch_parse.c and
 * watch_words.c share. */
#ifndef SUYUAN_WATCH_PARSE_H
#define SUYUAN_WATCH_PARSE_H

#include "text/watch_internal.h"

struct watch_parser {
	struct arena *arena;
	const char *s;
	size_t len, at;
	size_t terms_nr;
	struct watch_value *values; /* their columns are bytes until the end */
	size_t values_nr, values_size;
	const char *why; /* the first thing that is wrong */
	size_t why_at;
};

/* Returns NULL, so that callers can write `return watch_fail(...)`. */
struct watch_node *watch_fail(struct watch_parser *p, size_t at,
			      const char *why);

/* The words of a term that begins at node->begin. */
struct watch_node *watch_words(struct watch_parser *p, struct watch_node *node,
			       const char *text, size_t len,
			       enum watch_signs signs);
/* The value of a field, which stands at `at`. */
struct watch_node *watch_value_of(struct watch_parser *p,
				  struct watch_node *node, size_t at,
				  const char *text, size_t len);

#endif
