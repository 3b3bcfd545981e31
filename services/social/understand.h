/* understand.h -- what a mention is found to be by its text alone. The one
 * place where the service asks services/common/text; called by prepare, so
 * nothing of it depends on the database or on other mentions.
 */
#ifndef SUYUAN_SOCIAL_UNDERSTAND_H
#define SUYUAN_SOCIAL_UNDERSTAND_H

#include "social.h"

struct understanding {
	/* lang, mention_class, sentiment, topic, topics, element, units
	 * (candidates, from the text), model, spam, watches; the rest is empty.
	 * Strings are the arena's or never go. */
	Sy__V1__MentionFacts facts;
	double class_probability, sentiment_probability;
	/* A person should decide: the class or the topic is not sure. */
	bool unsure;
};

void understand(struct social *svc, struct arena *arena,
		const Sy__V1__PutMentionRequest *mention,
		struct understanding *u_r);

#endif
