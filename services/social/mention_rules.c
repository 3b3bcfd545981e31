/* mention_rules.c -- what becomes of a mention that comes: new, a newer
 * version, or nothing. Pure.
 */
#include <string.h>

#include "mentions.h"

bool mention_counts(const Sy__V1__MentionStored *stored)
{
	return stored != NULL && !stored->facts->deleted;
}

enum mention_step mention_put_judge(const struct mention *m,
				    const char *principal, int64_t edited_at_us)
{
	if (m == NULL)
		return MENTION_NEW;
	/* What was deleted does not come back by an edit that is late; of what
	 * retention has taken there is nothing to edit. */
	if (edited_at_us <= m->edited_at_us || !mention_counts(m->after))
		return MENTION_SAME;
	return strcmp(m->brought_by, principal) == 0 ? MENTION_CHANGED
						     : MENTION_FOREIGN;
}

enum mention_step mention_delete_judge(const struct mention *m,
				       const char *principal)
{
	if (m == NULL)
		return MENTION_UNKNOWN;
	if (!mention_counts(m->after))
		return MENTION_SAME;
	return strcmp(m->brought_by, principal) == 0 ? MENTION_CHANGED
						     : MENTION_FOREIGN;
}

Sy__V1__MentionStored *mention_make(struct arena *arena,
				    const Sy__V1__PutMentionRequest *mention,
				    const struct understanding *u,
				    const char *unit, int64_t published_at_us)
{
	Sy__V1__MentionStored *stored = arena_alloc(arena, sizeof(*stored));
	Sy__V1__MentionFacts *facts =
		arena_memdup(arena, &u->facts, sizeof(*facts));

	facts->source = mention->source;
	facts->unit = (char *)unit;
	facts->reach = mention->reach;
	facts->published_at_us = published_at_us;
	sy__v1__mention_stored__init(stored);
	stored->facts = facts;
	stored->class_probability = u->class_probability;
	stored->sentiment_probability = u->sentiment_probability;
	stored->unsure = u->unsure;
	stored->stars = mention->stars;
	stored->feed = mention->feed;
	stored->n_tags = mention->n_tags;
	stored->tags = mention->tags;
	return stored;
}
