/* cluster_step.c -- the part that clusters are of the service: what a batch of
 * mentions leaves for the owners, and a step of an owner that is to be told, as
 * a command to itself. */
#include <string.h>

#include "clusters.h"
#include "timeutil.h"

/* --- what a batch leaves --- */

static void leave(struct cluster_pack packs[CLUSTER_SHARDS],
		  struct arena *arena, const char *lang,
		  const struct mention *m, bool gone)
{
	struct cluster_item item = {
		.accepted_at_us = m->accepted_at_us,
		.edited_at_us = m->edited_at_us,
		.known = m->known,
		.gone = gone,
	};

	memcpy(item.id, m->id, UUID_BYTES);
	if (!gone) {
		item.set = m->prepared->u.shingles;
		item.has_author = m->prepared->has_author;
		item.author = m->prepared->author;
		item.link = strstr(m->text->text, "://") != NULL;
	}
	cluster_pack_add(&packs[cluster_shard(lang)], arena, &item);
}

static void leave_mention(struct cluster_pack packs[CLUSTER_SHARDS],
			  struct arena *arena, const struct mention *m)
{
	const char *lang = m->after->facts->lang;
	bool stays = m->text != NULL && !m->after->facts->deleted;

	if (m->known && !m->kept)
		return;
	if (m->before != NULL && m->known &&
	    (m->text_gone || m->after->facts->deleted ||
	     (m->text != NULL &&
	      cluster_shard(m->before->facts->lang) != cluster_shard(lang))))
		leave(packs, arena, m->before->facts->lang, m, true);
	if (stays && (m->prepared->u.shingles.n > 0 || m->known))
		leave(packs, arena, lang, m, false);
}

static void write_todo(struct bus_batch *batch, struct db_pipe *pipe)
{
	struct cluster_pack packs[CLUSTER_SHARDS] = { 0 };
	bool any = false;

	for (const struct mention *m = mentions_first(mentions_of_batch());
	     m != NULL; m = m->next)
		if (m->cause != NULL)
			leave_mention(packs, &batch->arena, m);
	for (int i = 0; i < CLUSTER_SHARDS; i++)
		any |= packs[i].len > 0;
	if (!any)
		return;
	db_exec(pipe, CLUSTERS_SQL_TODO_ADD);
	db_array_begin(pipe, DB_ARRAY_I16);
	for (int i = 0; i < CLUSTER_SHARDS; i++)
		if (packs[i].len > 0)
			db_array_int(pipe, i);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (int i = 0; i < CLUSTER_SHARDS; i++)
		if (packs[i].len > 0)
			db_array_data(pipe, packs[i].data, packs[i].len);
	db_array_end(pipe);
}

/* --- what a step writes --- */

#define EACH_JOIN(join)                                                        \
	for (const struct cluster_join *join = step->joins;                    \
	     join < step->joins + step->joins_nr; join++)                      \
		if (join->stands)

#define PUT_MENTIONS(type, add)                                                \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		EACH_JOIN(join)                                                \
		for (size_t i = 0; i < join->mentions_nr; i++) {               \
			const struct cluster_mention *m = &join->mentions[i];  \
                                                                               \
			add;                                                   \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

#define PUT_CLUSTERS(type, add)                                                \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		EACH_JOIN(join)                                                \
		{                                                              \
			const struct cluster_state *c = &join->after;          \
                                                                               \
			add;                                                   \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

static void put_author(struct db_pipe *pipe, const struct cluster_mention *m)
{
	if (m->has_author)
		db_array_int(pipe, m->author);
	else
		db_array_data(pipe, NULL, 0);
}

static void write_members(const struct cluster_step *step, struct db_pipe *pipe)
{
	db_exec(pipe, CLUSTERS_SQL_MEMBERS_ADD);
	db_i32(pipe, step->shard);
	PUT_MENTIONS(DB_ARRAY_UUID, db_array_data(pipe, m->id, UUID_BYTES));
	PUT_MENTIONS(
		DB_ARRAY_UUID,
		((void)m, db_array_data(pipe, join->after.id, UUID_BYTES)));
	PUT_MENTIONS(DB_ARRAY_TIME, db_array_int(pipe, m->published_at_us));
	PUT_MENTIONS(DB_ARRAY_TEXT, db_array_text(pipe, m->source));
	PUT_MENTIONS(DB_ARRAY_I64, put_author(pipe, m));
	PUT_MENTIONS(DB_ARRAY_I64, db_array_int(pipe, (int64_t)m->reach));
}

static void write_clusters(const struct cluster_step *step,
			   struct db_pipe *pipe)
{
	db_exec(pipe, CLUSTERS_SQL_PUT);
	db_i32(pipe, step->shard);
	PUT_CLUSTERS(DB_ARRAY_UUID, db_array_data(pipe, c->id, UUID_BYTES));
	PUT_CLUSTERS(DB_ARRAY_I64, db_array_int(pipe, c->revision));
	PUT_CLUSTERS(DB_ARRAY_UUID, db_array_data(pipe, c->first, UUID_BYTES));
	PUT_CLUSTERS(DB_ARRAY_TIME, db_array_int(pipe, c->first_at_us));
	PUT_CLUSTERS(DB_ARRAY_TIME, db_array_int(pipe, c->last_at_us));
	PUT_CLUSTERS(DB_ARRAY_I64, db_array_int(pipe, (int64_t)c->mentions));
	PUT_CLUSTERS(DB_ARRAY_I64, db_array_int(pipe, (int64_t)c->authors));
	PUT_CLUSTERS(DB_ARRAY_I64, db_array_int(pipe, (int64_t)c->sources));
	PUT_CLUSTERS(DB_ARRAY_I64, db_array_int(pipe, (int64_t)c->reach));
	PUT_CLUSTERS(DB_ARRAY_I64, db_array_int(pipe, c->told));
}

static void write_merges(const struct cluster_step *step, struct db_pipe *pipe)
{
	size_t merges = 0;

	EACH_JOIN(join)
	merges += join->clusters_nr > 1;
	if (merges == 0)
		return;
	db_exec(pipe, CLUSTERS_SQL_MERGE);
	db_array_begin(pipe, DB_ARRAY_UUID);
	EACH_JOIN(join)
	for (size_t i = 1; i < join->clusters_nr; i++)
		db_array_data(pipe, join->after.id, UUID_BYTES);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_UUID);
	EACH_JOIN(join)
	for (size_t i = 1; i < join->clusters_nr; i++)
		db_array_data(pipe, join->clusters[i].id, UUID_BYTES);
	db_array_end(pipe);
}

/* Reactions follow: those of members go on in that of the first, and a cluster
 * that has grown may need one. */
static void write_asks(const struct cluster_step *step, struct db_pipe *pipe)
{
	db_exec(pipe, CLUSTERS_SQL_ASK);
	PUT_MENTIONS(DB_ARRAY_UUID, db_array_data(pipe, m->id, UUID_BYTES));
	db_array_begin(pipe, DB_ARRAY_UUID);
	EACH_JOIN(join)
	if (join->grew)
		db_array_data(pipe, join->after.first, UUID_BYTES);
	db_array_end(pipe);
}

void cluster_step_write(const struct cluster_step *step, struct db_pipe *pipe)
{
	bool any = false;

	duty_claim(step->duty, step->epoch, pipe);
	db_exec(pipe, CLUSTERS_SQL_DONE);
	db_i32(pipe, step->shard);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < step->todo_nr; i++)
		db_array_int(pipe, step->todo[i]);
	db_array_end(pipe);
	EACH_JOIN(join)
	any = true;
	if (!any)
		return;
	write_members(step, pipe);
	write_clusters(step, pipe);
	db_fault(pipe, "clusters_written");
	write_merges(step, pipe);
	write_asks(step, pipe);
}

/* --- what it tells --- */

bool cluster_step_tells(const struct cluster_step *step)
{
	EACH_JOIN(join)
	if (join->grew || join->clusters_nr > 1)
		return true;
	return step->spam_nr > 0;
}

static void emit(struct bus_batch *batch, const struct bus_item *cause,
		 const char *type, const char *key, int64_t revision,
		 const ProtobufCMessage *payload)
{
	const struct bus_event event = {
		.type = type,
		.key = key,
		.revision = (uint64_t)revision,
		.occurred_at_us = batch->now_us,
		.payload = payload,
	};

	bus_emit(batch, cause, &event);
}

static void emit_join(const struct cluster_join *join, struct bus_batch *batch,
		      const struct bus_item *cause)
{
	const struct cluster_state none = { .topic = "", .unit = "" };
	char id[UUID_TEXT_MAX], before_id[UUID_TEXT_MAX], gone[UUID_TEXT_MAX];
	int64_t revision =
		join->clusters_nr > 0 ? join->clusters[0].revision : 0;
	Sy__V1__ClusterFacts before, after;

	cluster_facts_fill(&join->after, id, &after);
	cluster_facts_fill(join->clusters_nr > 0 ? &join->clusters[0] : &none,
			   before_id, &before);
	for (size_t i = 1; i < join->clusters_nr; i++) {
		Sy__V1__ClustersMerged merged = SY__V1__CLUSTERS_MERGED__INIT;

		merged.cluster_id = id;
		merged.merged_id = uuid_format(join->clusters[i].id, gone);
		merged.after = &after;
		emit(batch, cause, "ClustersMerged", id, ++revision,
		     &merged.base);
	}
	if (join->grew) {
		Sy__V1__ClusterGrew grew = SY__V1__CLUSTER_GREW__INIT;

		grew.before = join->clusters_nr > 0 ? &before : NULL;
		grew.after = &after;
		emit(batch, cause, "ClusterGrew", id, ++revision, &grew.base);
	}
}

void cluster_step_emit(const struct cluster_step *step, struct bus_batch *batch,
		       const struct bus_item *cause)
{
	EACH_JOIN(join)
	emit_join(join, batch, cause);
}

/* --- the command --- */

struct decided {
	const struct cluster_step *steps[CLUSTER_SHARDS];
	size_t n;
};

static const struct cluster_step *step_of(const struct social *svc,
					  const struct bus_item *item)
{
	const Sy__V1__ClusterStepRequest *req = (const void *)item->request;
	const struct cluster_step *step =
		req->shard < CLUSTER_SHARDS
			? clusters_step(svc->clusters, (int)req->shard)
			: NULL;

	return step != NULL && step->epoch == req->epoch ? step : NULL;
}

/* What a person has said of it stays. */
static void mark_spam(const struct cluster_step *step, struct bus_batch *batch,
		      const struct bus_item *item)
{
	for (size_t i = 0; i < step->spam_nr; i++) {
		struct mention *m =
			mentions_find(mentions_of_batch(), step->spam[i]);
		const Sy__V1__MentionStored *now = m != NULL ? m->after : NULL;
		Sy__V1__MentionStored *after;

		if (now == NULL || !mention_counts(now) || now->facts->spam ||
		    now->facts->corrected)
			continue;
		after = arena_alloc(&batch->arena, sizeof(*after));
		*after = *now;
		after->facts =
			arena_alloc(&batch->arena, sizeof(*after->facts));
		*after->facts = *now->facts;
		after->facts->spam = true;
		after->facts->mention_class =
			SY__V1__MENTION_CLASS__MENTION_SPAM;
		mentions_change(mentions_of_batch(), m, after, item);
	}
}

/* The duty, the todo, the mentions to be marked. */
#define STEP_STATEMENTS 3

static void clusters_read(void *arg, struct bus_batch *batch,
			  struct db_pipe *pipe)
{
	const struct social *svc = arg;

	for (size_t i = 0; i < batch->n; i++) {
		const struct cluster_step *step = step_of(svc, batch->items[i]);

		if (step == NULL)
			continue;
		duty_ask(step->duty, step->epoch, pipe);
		db_exec(pipe, CLUSTERS_SQL_TODO_THERE);
		db_i32(pipe, step->shard);
		db_array_begin(pipe, DB_ARRAY_I64);
		for (size_t t = 0; t < step->todo_nr; t++)
			db_array_int(pipe, step->todo[t]);
		db_array_end(pipe);
		mentions_read_ids(pipe, step->spam[0], step->spam_nr);
	}
}

static enum bus_decision clusters_decide(void *arg, struct bus_batch *batch,
					 const struct db_result *res, int first,
					 bool directory_fresh)
{
	const struct social *svc = arg;
	struct decided *d = arena_alloc(&batch->arena, sizeof(*d));

	(void)directory_fresh;
	batch->scratch = d;
	for (size_t i = 0; i < batch->n; i++) {
		struct bus_item *item = batch->items[i];
		const struct cluster_step *step = step_of(svc, item);
		int64_t there;

		if (step == NULL) {
			bus_refuse(item, SY__V1__ERROR_CODE__CONFLICT, "shard",
				   "is another's by now");
			continue;
		}
		there = db_get_i64(res, first + 1, 0, 0);
		if (!duty_answer(res, first))
			bus_refuse(item, SY__V1__ERROR_CODE__CONFLICT, "shard",
				   "is another's by now");
		else if (there != (int64_t)step->todo_nr)
			item->duplicate = true;
		else
			d->steps[d->n++] = step;
		if (d->n > 0 && d->steps[d->n - 1] == step) {
			cluster_step_emit(step, batch, item);
			mentions_load(mentions_of_batch(), res, first + 2);
			mark_spam(step, batch, item);
		}
		first += STEP_STATEMENTS;
	}
	return BUS_DECIDED;
}

static void clusters_write(void *svc, struct bus_batch *batch,
			   struct db_pipe *pipe)
{
	const struct decided *d = batch->scratch;

	(void)svc;
	write_todo(batch, pipe);
	for (size_t i = 0; d != NULL && i < d->n; i++)
		cluster_step_write(d->steps[i], pipe);
}

#define READERS (ROLE_READER | ROLE_HANDLER)

/* clang-format off */
const struct bus_method clusters_methods[] = {
	[CLUSTERS_STEP] = { "ClusterStep", 0, BUS_WRITE,
		&sy__v1__cluster_step_request__descriptor, NULL },
	{ "ListClusters", READERS, BUS_READ,
		&sy__v1__list_clusters_request__descriptor,
		handle_list_clusters },
	{ 0 },
};
/* clang-format on */

const struct part clusters_part = {
	.methods = clusters_methods,
	.statements_first = CLUSTERS_SQL_FIRST,
	.statements = clusters_sql,
	.statements_nr = CLUSTERS_SQL_END - CLUSTERS_SQL_FIRST,
	.read = clusters_read,
	.decide = clusters_decide,
	.write = clusters_write,
};
