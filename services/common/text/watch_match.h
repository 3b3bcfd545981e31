/* watch_match.h -- what matching keeps from hit to hit: shared by
 * watch_match.c and watch_place.c. */
#ifndef SUYUAN_WATCH_MATCH_H
#define SUYUAN_WATCH_MATCH_H

#include "text/watch_internal.h"

/* Of a term: whether it was found in this round, and where. */
struct watch_mark {
	uint32_t round;
	uint32_t last; /* place, or UINT32_MAX */
	uint32_t nr;
	bool open; /* its places are those of its literal */
};
struct watch_place {
	uint32_t to;     /* the end of the literal in the spaced text */
	uint32_t before; /* the place found before it, or UINT32_MAX */
};
struct watch_span {
	uint32_t first, last; /* tokens */
};
struct watch_spans {
	struct watch_span *s;
	uint32_t n, size;
};

struct watch_scratch {
	const struct watch_set *set;
	hs_scratch_t *hs;
	struct words *words; /* NULL: the set has no stems */
	struct watch_spaced spaced;
	size_t spaced_size, tokens_size;
	uint32_t text_end, text_tokens; /* behind these: fields */
	int64_t reach;
	uint32_t round; /* one a text */
	uint32_t steps;
	bool cut;
	struct watch_mark *marks; /* of each term */
	struct watch_place *places;
	uint32_t places_nr, places_size;
	uint32_t *asked; /* of each rule: the last round it was looked at */
	uint32_t *rules;
	uint32_t rules_nr;
	uint32_t stemmed; /* the token whose stem this is */
	const char *stem;
	size_t stem_len;
	struct watch_spans side[2]; /* of a NEAR */
};

/* The last token that begins before the byte. */
uint32_t watch_token_before(const struct watch_scratch *w, uint32_t to);

/* Whether the text has a term; then its places are right. */
bool watch_is_there(struct watch_scratch *w, uint32_t term);

/* Whether what the code says is so. */
bool watch_holds(struct watch_scratch *w, const struct watch_code *code);
bool watch_near(struct watch_scratch *w, const struct watch_code *code);

#endif
