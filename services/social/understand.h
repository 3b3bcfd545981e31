/* understand.h -- what a mention is found to be by its text alone. The one
 * place where the service asks services/common/text; called by prepare, so
 * nothing of it depends on the database or on other mentions.
 */
#ifndef SUYUAN_SOCIAL_UNDERSTAND_H
#define SUYUAN_SOCIAL_UNDERSTAND_H

#include "settings.h"
#include "social.h"
#include "text/shingle.h"
#include "text/tokens.h"

struct understanding {
	/* lang, mention_class, sentiment, topic, topics, element, units
	 * (candidates, from the text), model, spam, watches; the rest is empty.
	 * Strings are the arena's or never go. */
	Sy__V1__MentionFacts facts;
	double class_probability, sentiment_probability;
	/* A person should decide: nothing is sure of its class. */
	bool unsure;
	struct text normal; /* mention_normal */
	/* What is compared with other mentions (clusters.h). */
	struct shingles shingles;
};

/* Loads what comes with the profile. */
int reader_open(struct reader **r_r, struct social *svc, struct error *err);
void reader_close(struct reader **r); /* NULL does nothing */

/* The offices' names, as the directory has them. */
extern struct setting reader_gazetteer;

/* Title and text as one, in the form that all reads. */
struct text mention_normal(struct arena *arena, const char *title,
			   const char *text);
/* The same with `at`: of title, a line feed and text, or of text alone. */
struct text mention_normal_mapped(struct arena *arena, const char *title,
				  const char *text);

void understand(struct social *svc, struct arena *arena,
		const Sy__V1__PutMentionRequest *mention,
		struct understanding *u_r);

#endif
