/* cluster_ask.c -- what the database knows of the mentions and clusters of a
 * step, before it is judged. Nobody else changes clusters of the language. */
#include <string.h>

#include "clusters_owner.h"

enum {
	FACTS_I,
	FACTS_EDITED,
	FACTS_DELETED,
	FACTS_PUBLISHED,
	FACTS_AUTHOR,
	FACTS_REACH,
	FACTS_SOURCE,
	FACTS_TOPIC,
	FACTS_UNIT,
	FACTS_CLASS,
	FACTS_SENTIMENT,
	FACTS_MEMBER
};
enum {
	READ_I,
	READ_REVISION,
	READ_TOLD,
	READ_MENTIONS,
	READ_AUTHORS,
	READ_SOURCES,
	READ_REACH,
	READ_FIRST_AT,
	READ_LAST_AT,
	READ_FIRST,
	READ_TOPIC,
	READ_UNIT,
	READ_CLASS,
	READ_SENTIMENT
};

#define EACH_JOIN(join)                                                        \
	for (struct cluster_join *join = s->plan.joins;                        \
	     join < s->plan.joins + s->plan.joins_nr; join++)

/* --- mentions and clusters --- */

static struct cluster_mention **all_mentions(struct shard *s, size_t *n_r)
{
	struct cluster_mention **all;
	size_t n = 0;

	EACH_JOIN(join)
	n += join->mentions_nr;
	all = arena_alloc(&s->arena, (n + 1) * sizeof(all[0]));
	*n_r = 0;
	EACH_JOIN(join)
	for (size_t i = 0; i < join->mentions_nr; i++)
		all[(*n_r)++] = &join->mentions[i];
	return all;
}

static struct cluster_state **all_clusters(struct shard *s, size_t *n_r)
{
	struct cluster_state **all;
	size_t n = 0;

	EACH_JOIN(join)
	n += join->clusters_nr;
	all = arena_alloc(&s->arena, (n + 1) * sizeof(all[0]));
	*n_r = 0;
	EACH_JOIN(join)
	for (size_t i = 0; i < join->clusters_nr; i++)
		all[(*n_r)++] = &join->clusters[i];
	return all;
}

static void take_facts(struct shard *s, const struct db_result *res,
		       struct cluster_mention **all, size_t n)
{
	for (int row = 0; row < db_rows(res, 0); row++) {
		size_t i = (size_t)db_get_i64(res, 0, row, FACTS_I);
		struct cluster_mention *m;

		if (i >= n)
			continue;
		m = all[i];
		m->found = db_get_time(res, 0, row, FACTS_EDITED) ==
				   m->edited_at_us &&
			   !db_get_bool(res, 0, row, FACTS_MEMBER);
		m->deleted = db_get_bool(res, 0, row, FACTS_DELETED);
		m->published_at_us = db_get_time(res, 0, row, FACTS_PUBLISHED);
		m->has_author = !db_is_null(res, 0, row, FACTS_AUTHOR);
		m->author = db_get_i64(res, 0, row, FACTS_AUTHOR);
		m->reach = (uint64_t)db_get_i64(res, 0, row, FACTS_REACH);
		m->source = arena_strdup(
			&s->arena, db_get_text(res, 0, row, FACTS_SOURCE));
		m->topic = arena_strdup(&s->arena,
					db_get_text(res, 0, row, FACTS_TOPIC));
		m->unit = arena_strdup(&s->arena,
				       db_get_text(res, 0, row, FACTS_UNIT));
		m->mention_class = (Sy__V1__MentionClass)db_get_i32(
			res, 0, row, FACTS_CLASS);
		m->sentiment = (Sy__V1__Sentiment)db_get_i32(res, 0, row,
							     FACTS_SENTIMENT);
	}
}

static void take_clusters(struct shard *s, const struct db_result *res,
			  struct cluster_state **all, size_t n)
{
	for (int row = 0; row < db_rows(res, 1); row++) {
		size_t i = (size_t)db_get_i64(res, 1, row, READ_I), len;
		const uint8_t *first;
		struct cluster_state *c;

		if (i >= n)
			continue;
		c = all[i];
		c->revision = db_get_i64(res, 1, row, READ_REVISION);
		c->told = db_get_i64(res, 1, row, READ_TOLD);
		c->mentions = (uint64_t)db_get_i64(res, 1, row, READ_MENTIONS);
		c->authors = (uint64_t)db_get_i64(res, 1, row, READ_AUTHORS);
		c->sources = (uint64_t)db_get_i64(res, 1, row, READ_SOURCES);
		c->reach = (uint64_t)db_get_i64(res, 1, row, READ_REACH);
		c->first_at_us = db_get_time(res, 1, row, READ_FIRST_AT);
		c->last_at_us = db_get_time(res, 1, row, READ_LAST_AT);
		first = db_get_bytes(res, 1, row, READ_FIRST, &len);
		if (len == UUID_BYTES)
			memcpy(c->first, first, UUID_BYTES);
		c->topic = arena_strdup(&s->arena,
					db_get_text(res, 1, row, READ_TOPIC));
		c->unit = arena_strdup(&s->arena,
				       db_get_text(res, 1, row, READ_UNIT));
		c->mention_class = (Sy__V1__MentionClass)db_get_i32(res, 1, row,
								    READ_CLASS);
		c->sentiment = (Sy__V1__Sentiment)db_get_i32(res, 1, row,
							     READ_SENTIMENT);
	}
}

static void facts_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;
	struct cluster_mention **mentions;
	struct cluster_state **clusters;
	size_t mentions_nr, clusters_nr;

	if (owner_failed(s, res))
		return;
	mentions = all_mentions(s, &mentions_nr);
	clusters = all_clusters(s, &clusters_nr);
	take_facts(s, res, mentions, mentions_nr);
	take_clusters(s, res, clusters, clusters_nr);
	owner_next(s, STAGE_KNOWN);
}

void cluster_ask_facts(struct shard *s)
{
	struct db_pipe *pipe = owner_pipe(s);
	size_t n;
	struct cluster_mention **mentions = all_mentions(s, &n);
	struct cluster_state **clusters;

	db_exec(pipe, CLUSTERS_SQL_FACTS);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < n; i++)
		db_array_data(pipe, mentions[i]->id, UUID_BYTES);
	db_array_end(pipe);
	db_i32(pipe, s->number);
	clusters = all_clusters(s, &n);
	db_exec(pipe, CLUSTERS_SQL_READ);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < n; i++)
		db_array_data(pipe, clusters[i]->id, UUID_BYTES);
	db_array_end(pipe);
	db_pipe_run(pipe, facts_cb, s);
}

/* --- whose members they have already --- */

static void judge_all(struct shard *s)
{
	EACH_JOIN(join)
	{
		uint8_t id[UUID_BYTES];

		memcpy(id, cluster_index_of(s->index, join->group)->id,
		       UUID_BYTES);
		cluster_judge(join, id);
		if (join->made && !join->stands)
			cluster_plan_undo(s->index, join);
	}
}

static const struct cluster_state *largest(const struct cluster_join *join)
{
	const struct cluster_state *found = &join->clusters[0];

	for (size_t k = 1; k < join->clusters_nr; k++)
		if (join->clusters[k].mentions > found->mentions)
			found = &join->clusters[k];
	return found;
}

static void known_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;
	struct cluster_mention **mentions;
	size_t n;

	if (owner_failed(s, res))
		return;
	mentions = all_mentions(s, &n);
	for (int row = 0; row < db_rows(res, 0); row++) {
		size_t i = (size_t)db_get_i32(res, 0, row, 0);

		if (i >= n)
			continue;
		mentions[i]->source_known |= db_get_bool(res, 0, row, 1);
		mentions[i]->author_known |= db_get_bool(res, 0, row, 2);
	}
	EACH_JOIN(join)
	if (join->clusters_nr > 1) {
		join->authors = largest(join)->authors;
		join->sources = largest(join)->sources;
	}
	for (int row = 0; row < db_rows(res, 1); row++) {
		size_t i = (size_t)db_get_i32(res, 1, row, 0);

		if (i >= s->plan.joins_nr)
			continue;
		s->plan.joins[i].authors +=
			(uint64_t)db_get_i64(res, 1, row, 1);
		s->plan.joins[i].sources +=
			(uint64_t)db_get_i64(res, 1, row, 2);
	}
	judge_all(s);
	owner_next(s, STAGE_WRITE);
}

/* Of each mention and each cluster that it comes to: in the order of
 * all_mentions. */
#define PUT_PAIRS(type, add)                                                   \
	do {                                                                   \
		int32_t n = 0;                                                 \
                                                                               \
		db_array_begin(pipe, type);                                    \
		EACH_JOIN(join)                                                \
		for (size_t i = 0; i < join->mentions_nr; i++, n++)            \
			for (size_t k = 0; k < join->clusters_nr; k++) {       \
				const struct cluster_mention *m =              \
					&join->mentions[i];                    \
                                                                               \
				if (!m->found)                                 \
					continue;                              \
				add;                                           \
			}                                                      \
		db_array_end(pipe);                                            \
	} while (0)

/* Of each cluster that meets a larger one. */
#define PUT_OTHERS(type, add)                                                  \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		EACH_JOIN(join)                                                \
		for (size_t k = 0; k < join->clusters_nr; k++) {               \
			const struct cluster_state *other =                    \
				&join->clusters[k];                            \
                                                                               \
			if (other == largest(join))                            \
				continue;                                      \
			add;                                                   \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

void cluster_ask_known(struct shard *s)
{
	struct db_pipe *pipe = owner_pipe(s);

	db_exec(pipe, CLUSTERS_SQL_KNOWN);
	PUT_PAIRS(DB_ARRAY_I32, ((void)m, db_array_int(pipe, n)));
	PUT_PAIRS(DB_ARRAY_UUID,
		  db_array_data(pipe, join->clusters[k].id, UUID_BYTES));
	PUT_PAIRS(DB_ARRAY_TEXT, db_array_text(pipe, m->source));
	PUT_PAIRS(DB_ARRAY_I64, m->has_author ? db_array_int(pipe, m->author)
					      : db_array_data(pipe, NULL, 0));
	db_exec(pipe, CLUSTERS_SQL_COUNTS);
	PUT_OTHERS(DB_ARRAY_I32, db_array_int(pipe, join - s->plan.joins));
	PUT_OTHERS(DB_ARRAY_UUID,
		   db_array_data(pipe, largest(join)->id, UUID_BYTES));
	PUT_OTHERS(DB_ARRAY_UUID, db_array_data(pipe, other->id, UUID_BYTES));
	db_pipe_run(pipe, known_cb, s);
}
