/* cluster_rules.c -- what becomes of a cluster that mentions come to. */
#include <stdlib.h>
#include <string.h>

#include "clusters.h"

uint64_t cluster_growth(uint64_t mentions)
{
	static const uint64_t steps[] = { 2, 5, 10 };
	uint64_t reached = 0;

	for (uint64_t decade = 1; decade <= UINT64_MAX / 100; decade *= 10)
		for (size_t i = 0; i < 3; i++) {
			if (steps[i] * decade > mentions)
				return reached;
			reached = steps[i] * decade;
		}
	return reached;
}

static int by_id_cb(const void *a, const void *b)
{
	const struct cluster_mention *x = a, *y = b;
	int order = memcmp(x->id, y->id, UUID_BYTES);

	return order != 0 ? order : (int)y->found - (int)x->found;
}

static void leave_out(struct cluster_join *join)
{
	size_t kept = 0;

	qsort(join->mentions, join->mentions_nr, sizeof(join->mentions[0]),
	      by_id_cb);
	for (size_t i = 0; i < join->mentions_nr; i++) {
		const struct cluster_mention *m = &join->mentions[i];

		if (!m->found || m->deleted ||
		    (kept > 0 && memcmp(join->mentions[kept - 1].id, m->id,
					UUID_BYTES) == 0))
			continue;
		join->mentions[kept++] = *m;
	}
	join->mentions_nr = kept;
}

static int by_author_cb(const void *a, const void *b)
{
	const struct cluster_mention *x = a, *y = b;
	int order = strcmp(x->source, y->source);

	if (order != 0)
		return order;
	return x->author < y->author ? -1 : x->author > y->author;
}

/* Sorted by source and author, which a pseudonym is of. */
static void count_new(const struct cluster_join *join, uint64_t *authors,
		      uint64_t *sources)
{
	const struct cluster_mention *last = NULL, *last_author = NULL;

	for (size_t i = 0; i < join->mentions_nr; i++) {
		const struct cluster_mention *m = &join->mentions[i];

		if (!m->source_known &&
		    (last == NULL || strcmp(last->source, m->source) != 0))
			(*sources)++;
		last = m;
		if (!m->has_author)
			continue;
		if (!m->author_known &&
		    (last_author == NULL || last_author->author != m->author ||
		     strcmp(last_author->source, m->source) != 0))
			(*authors)++;
		last_author = m;
	}
}

static bool comes_first(const struct cluster_state *state, int64_t at_us,
			const uint8_t id[UUID_BYTES])
{
	if (state->mentions == 0 || at_us < state->first_at_us)
		return true;
	return at_us == state->first_at_us &&
	       memcmp(id, state->first, UUID_BYTES) < 0;
}

static void take_first(struct cluster_state *after,
		       const struct cluster_state *from)
{
	memcpy(after->first, from->first, UUID_BYTES);
	after->first_at_us = from->first_at_us;
	after->mention_class = from->mention_class;
	after->sentiment = from->sentiment;
	after->topic = from->topic;
	after->unit = from->unit;
}

static void add(struct cluster_state *after, const struct cluster_state *more)
{
	if (more->mentions == 0)
		return;
	if (comes_first(after, more->first_at_us, more->first))
		take_first(after, more);
	if (after->mentions == 0 || more->last_at_us > after->last_at_us)
		after->last_at_us = more->last_at_us;
	after->mentions += more->mentions;
	after->reach += more->reach;
}

void cluster_judge(struct cluster_join *join, const uint8_t id[UUID_BYTES])
{
	struct cluster_state *after = &join->after;

	leave_out(join);
	qsort(join->mentions, join->mentions_nr, sizeof(join->mentions[0]),
	      by_author_cb);
	*after = (struct cluster_state){ .topic = "", .unit = "" };
	if (join->clusters_nr > 0) {
		*after = join->clusters[0];
		after->authors =
			join->clusters_nr > 1 ? join->authors : after->authors;
		after->sources =
			join->clusters_nr > 1 ? join->sources : after->sources;
	}
	memcpy(after->id, id, UUID_BYTES);
	for (size_t i = 1; i < join->clusters_nr; i++) {
		add(after, &join->clusters[i]);
		if (join->clusters[i].told > after->told)
			after->told = join->clusters[i].told;
	}
	count_new(join, &after->authors, &after->sources);
	for (size_t i = 0; i < join->mentions_nr; i++) {
		const struct cluster_mention *m = &join->mentions[i];
		struct cluster_state one = {
			.mentions = 1,
			.reach = m->reach,
			.first_at_us = m->published_at_us,
			.last_at_us = m->published_at_us,
			.mention_class = m->mention_class,
			.sentiment = m->sentiment,
			.topic = m->topic,
			.unit = m->unit,
		};

		memcpy(one.first, m->id, UUID_BYTES);
		add(after, &one);
	}
	join->stands = join->clusters_nr > 1 ||
		       (join->mentions_nr > 0 && !join->made) ||
		       join->mentions_nr > 1;
	if (join->clusters_nr > 1)
		after->revision += (int64_t)join->clusters_nr - 1;
	join->grew = (int64_t)cluster_growth(after->mentions) > after->told;
	if (!join->grew)
		return;
	after->told = (int64_t)cluster_growth(after->mentions);
	after->revision++;
}

void cluster_facts_fill(const struct cluster_state *state,
			char id_text[UUID_TEXT_MAX],
			Sy__V1__ClusterFacts *facts_r)
{
	sy__v1__cluster_facts__init(facts_r);
	facts_r->cluster_id = uuid_format(state->id, id_text);
	facts_r->mentions = state->mentions;
	facts_r->authors = state->authors;
	facts_r->reach = state->reach;
	facts_r->first_at_us = state->first_at_us;
	facts_r->last_at_us = state->last_at_us;
	facts_r->mention_class = state->mention_class;
	facts_r->sentiment = state->sentiment;
	facts_r->topic = (char *)state->topic;
	facts_r->unit = (char *)state->unit;
}
