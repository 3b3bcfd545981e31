/* labels.h -- what models and word lists call what a mention is, and what a
 * person said of it instead. Pure. */
#ifndef SUYUAN_SOCIAL_LABELS_H
#define SUYUAN_SOCIAL_LABELS_H

#include <stdbool.h>

#include "arena.h"
#include "suyuan/v1/social.pb-c.h"

/* NONE: no such label. */
Sy__V1__MentionClass class_of_label(const char *label);
Sy__V1__Sentiment sentiment_of_label(const char *label);
/* "" for NONE. */
const char *label_of_class(Sy__V1__MentionClass class);
const char *label_of_sentiment(Sy__V1__Sentiment sentiment);

/* --- corrections --- */

/* Bits of MentionStored.said. */
enum {
	SAID_CLASS = 1,
	SAID_SENTIMENT = 2,
	SAID_TOPIC = 4,
	SAID_UNIT = 8,
};
/* In a request: there is none. */
#define SAID_NONE "-"

/* Bits of a head's name; 0: no such head. */
uint32_t said_of_head(const char *head);

struct correction {
	uint32_t said;
	Sy__V1__MentionClass mention_class;
	Sy__V1__Sentiment sentiment;
	const char *topic, *unit; /* "": there is none */
};
/* False: a value is none of the enumerations', or nothing is said; field_r is
 * the one. */
bool correction_read(const Sy__V1__CorrectMentionRequest *req,
		     struct correction *c_r, const char **field_r);
/* The facts with what was said; NULL: they say so already, by a person. */
Sy__V1__MentionStored *correction_apply(struct arena *arena,
					const Sy__V1__MentionStored *before,
					const struct correction *c);
/* A newer version at its source leaves what a person has said of the one
 * before. */
void correction_keep(Sy__V1__MentionStored *after,
		     const Sy__V1__MentionStored *before);

struct corrected_head {
	const char *head, *before, *after;
};
#define CORRECTED_HEADS_MAX 4
/* Which heads of the facts differ. */
size_t correction_changes(const Sy__V1__MentionFacts *before,
			  const Sy__V1__MentionFacts *after,
			  struct corrected_head heads_r[CORRECTED_HEADS_MAX]);

#endif
