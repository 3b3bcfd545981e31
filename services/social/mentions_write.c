/* mentions_write.c -- what a batch made of its mentions, as statements, and
 * what that changed of the counts, for the log and for the tables alike.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "mentions_set.h"
#include "timeutil.h"

/* Of one event: far less than a frame. */
#define TALLIES_MAX 2000
/* Several heads of the log, so that replicas seldom wait for each other. */
#define TALLY_KEYS 64

struct list {
	const struct mention **m;
	size_t n;
};

static bool is_new(const struct mention *m)
{
	return m->cause != NULL && !m->known;
}

static bool is_changed(const struct mention *m)
{
	return m->cause != NULL && m->known;
}

static bool is_rewritten(const struct mention *m)
{
	return is_changed(m) && m->kept;
}

static bool has_new_text(const struct mention *m)
{
	return is_new(m) && m->text != NULL;
}

static bool has_changed_text(const struct mention *m)
{
	return is_rewritten(m) && m->text != NULL;
}

static bool has_lost_text(const struct mention *m)
{
	return is_rewritten(m) && m->text_gone;
}

static int id_order(const void *a, const void *b)
{
	const struct mention *const *x = a, *const *y = b;

	return memcmp((*x)->id, (*y)->id, UUID_BYTES);
}

static struct list list_where(const struct mentions *all,
			      bool (*wanted)(const struct mention *m))
{
	struct list list = { 0 };

	list.m = arena_alloc(all->arena, (all->n + 1) * sizeof(list.m[0]));
	for (const struct mention *m = all->first; m != NULL; m = m->next)
		if (wanted(m))
			list.m[list.n++] = m;
	return list;
}

/* --- columns --- */

#define PUT_INTS(name, type, value)                                            \
	static void name(struct db_pipe *pipe, const struct list *l)           \
	{                                                                      \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < l->n; i++) {                            \
			const struct mention *m = l->m[i];                     \
                                                                               \
			db_array_int(pipe, (int64_t)(value));                  \
		}                                                              \
		db_array_end(pipe);                                            \
	}
#define PUT_TEXTS(name, value)                                                 \
	static void name(struct db_pipe *pipe, const struct list *l)           \
	{                                                                      \
		db_array_begin(pipe, DB_ARRAY_TEXT);                           \
		for (size_t i = 0; i < l->n; i++) {                            \
			const struct mention *m = l->m[i];                     \
                                                                               \
			db_array_text(pipe, value);                            \
		}                                                              \
		db_array_end(pipe);                                            \
	}

PUT_INTS(put_days, DB_ARRAY_I32, m->day)
PUT_INTS(put_ns, DB_ARRAY_I64, m->n)
PUT_INTS(put_revisions_read, DB_ARRAY_I32, m->revision_read)
PUT_INTS(put_edited, DB_ARRAY_TIME, m->edited_at_us)
PUT_INTS(put_published, DB_ARRAY_TIME, m->after->facts->published_at_us)
PUT_INTS(put_accepted, DB_ARRAY_TIME, m->accepted_at_us)
PUT_INTS(put_deleted, DB_ARRAY_BOOL, m->after->facts->deleted)
PUT_INTS(put_spam, DB_ARRAY_BOOL, m->after->facts->spam)
PUT_INTS(put_unsure, DB_ARRAY_BOOL, m->after->unsure)
PUT_INTS(put_classes, DB_ARRAY_I16, m->after->facts->mention_class)
PUT_INTS(put_sentiments, DB_ARRAY_I16, m->after->facts->sentiment)
PUT_INTS(put_reaches, DB_ARRAY_I64, m->after->facts->reach)
PUT_INTS(put_forgotten, DB_ARRAY_BOOL, m->after->erased)
PUT_TEXTS(put_brought_by, m->brought_by)
PUT_TEXTS(put_sources, m->after->facts->source)
PUT_TEXTS(put_langs, m->after->facts->lang)
PUT_TEXTS(put_topics, m->after->facts->topic)
PUT_TEXTS(put_units, m->after->facts->unit)
PUT_TEXTS(put_external_ids, m->text->external_id)
PUT_TEXTS(put_urls, m->text->url)
PUT_TEXTS(put_replied, m->text->in_reply_to)
PUT_TEXTS(put_authors, m->text->author)
PUT_TEXTS(put_titles, m->text->title)
PUT_TEXTS(put_texts, m->text->text)

static void put_ids(struct db_pipe *pipe, const struct list *l)
{
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < l->n; i++)
		db_array_data(pipe, l->m[i]->id, UUID_BYTES);
	db_array_end(pipe);
}

/* NULL: not known, or nothing has come of it. */
static void put_author_numbers(struct db_pipe *pipe, const struct list *l)
{
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < l->n; i++) {
		const struct mention *m = l->m[i];

		if (m->text != NULL && m->prepared->has_author)
			db_array_int(pipe, m->prepared->author);
		else
			db_array_data(pipe, NULL, 0);
	}
	db_array_end(pipe);
}

/* ",a,b,", so that each is found with its commas. */
static const char *watches_text(const Sy__V1__MentionFacts *facts,
				struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < facts->n_watches; i++)
		text = arena_printf(arena, "%s%s%s,", text, i == 0 ? "," : "",
				    facts->watches[i]);
	return text;
}

static void put_watches(struct db_pipe *pipe, const struct list *l,
			struct arena *arena)
{
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < l->n; i++)
		db_array_text(pipe, watches_text(l->m[i]->after->facts, arena));
	db_array_end(pipe);
}

static void put_stored(struct db_pipe *pipe, const struct list *l,
		       struct arena *arena)
{
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < l->n; i++) {
		const Sy__V1__MentionStored *s = l->m[i]->after;
		size_t len = sy__v1__mention_stored__get_packed_size(s);
		uint8_t *data = arena_alloc(arena, len + 1);

		sy__v1__mention_stored__pack(s, data);
		db_array_data(pipe, data, len);
	}
	db_array_end(pipe);
}

/* --- statements --- */

static void write_claim(struct db_pipe *pipe, const struct mentions *all)
{
	struct list changed = list_where(all, is_changed);
	struct list new = list_where(all, is_new);

	qsort(changed.m, changed.n, sizeof(changed.m[0]), id_order);
	qsort(new.m, new.n, sizeof(new.m[0]), id_order);
	db_exec(pipe, MENTIONS_SQL_CLAIM);
	put_ids(pipe, &changed);
	put_revisions_read(pipe, &changed);
	put_edited(pipe, &changed);
	put_ids(pipe, &new);
	put_days(pipe, &new);
	put_ns(pipe, &new);
	put_edited(pipe, &new);
	put_brought_by(pipe, &new);
}

/* In the order of the columns of both statements. */
static void put_facts(struct db_pipe *pipe, const struct list *l,
		      struct arena *arena)
{
	put_days(pipe, l);
	put_ns(pipe, l);
	put_published(pipe, l);
	put_deleted(pipe, l);
	put_spam(pipe, l);
	put_unsure(pipe, l);
	put_classes(pipe, l);
	put_sentiments(pipe, l);
	put_sources(pipe, l);
	put_langs(pipe, l);
	put_topics(pipe, l);
	put_units(pipe, l);
	put_reaches(pipe, l);
	put_watches(pipe, l, arena);
	put_author_numbers(pipe, l);
	put_stored(pipe, l, arena);
}

static void put_text(struct db_pipe *pipe, const struct list *l)
{
	put_days(pipe, l);
	put_ns(pipe, l);
	put_external_ids(pipe, l);
	put_urls(pipe, l);
	put_replied(pipe, l);
	put_authors(pipe, l);
	put_titles(pipe, l);
	put_texts(pipe, l);
}

static void write_rows(struct db_pipe *pipe, const struct mentions *all)
{
	struct list l = list_where(all, is_new);

	if (l.n > 0) {
		db_exec(pipe, MENTIONS_SQL_ADD);
		put_facts(pipe, &l, all->arena);
		put_ids(pipe, &l);
		put_accepted(pipe, &l);
	}
	l = list_where(all, is_rewritten);
	if (l.n > 0) {
		db_exec(pipe, MENTIONS_SQL_CHANGE);
		put_facts(pipe, &l, all->arena);
		put_forgotten(pipe, &l);
	}
}

static void write_texts(struct db_pipe *pipe, const struct mentions *all)
{
	struct list l = list_where(all, has_new_text);

	if (l.n > 0) {
		db_exec(pipe, MENTIONS_SQL_ADD_TEXT);
		put_text(pipe, &l);
	}
	l = list_where(all, has_changed_text);
	if (l.n > 0) {
		db_exec(pipe, MENTIONS_SQL_CHANGE_TEXT);
		put_text(pipe, &l);
	}
	l = list_where(all, has_lost_text);
	if (l.n > 0) {
		db_exec(pipe, MENTIONS_SQL_DROP_TEXT);
		put_days(pipe, &l);
		put_ns(pipe, &l);
	}
}

/* --- counts --- */

static void write_tally(struct db_pipe *pipe, const struct tallies *sums)
{
	db_exec(pipe, MENTIONS_SQL_TALLY);
#define COLUMN(type, add)                                                      \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < sums->n; i++) {                         \
			const struct tally *t = &sums->t[i];                   \
                                                                               \
			add;                                                   \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)
	COLUMN(DB_ARRAY_I32, db_array_int(pipe, t->hour));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, t->unit));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, t->topic));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, (int64_t)t->mention_class));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, (int64_t)t->sentiment));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, t->source));
	COLUMN(DB_ARRAY_I64, db_array_int(pipe, t->mentions));
	COLUMN(DB_ARRAY_I64, db_array_int(pipe, t->reach));
#undef COLUMN
}

static void emit_tally(const struct social *svc, struct bus_batch *batch,
		       const struct mentions *all, const struct tally *t,
		       size_t n)
{
	Sy__V1__MentionsTallied event = SY__V1__MENTIONS_TALLIED__INIT;
	Sy__V1__MentionTally *rows =
		arena_alloc(all->arena, n * sizeof(rows[0]));
	struct bus_item by_us = { .principal = svc->service.name,
				  .recorded_at_us = batch->now_us };
	struct bus_event spec = {
		.type = "MentionsTallied",
		.key = arena_printf(all->arena, "tally-%u",
				    randombytes_uniform(TALLY_KEYS)),
		.occurred_at_us = batch->now_us,
		.payload = &event.base,
	};

	event.tallies = arena_alloc(all->arena, n * sizeof(event.tallies[0]));
	event.n_tallies = n;
	for (size_t i = 0; i < n; i++) {
		sy__v1__mention_tally__init(&rows[i]);
		rows[i].hour = t[i].hour;
		rows[i].day = t[i].day;
		rows[i].unit = (char *)t[i].unit;
		rows[i].topic = (char *)t[i].topic;
		rows[i].mention_class = t[i].mention_class;
		rows[i].sentiment = t[i].sentiment;
		rows[i].source = (char *)t[i].source;
		rows[i].mentions = t[i].mentions;
		rows[i].reach = t[i].reach;
		event.tallies[i] = &rows[i];
	}
	uuid_make(by_us.event_id);
	bus_emit(batch, &by_us, &spec);
}

static void write_counts(const struct social *svc, struct bus_batch *batch,
			 const struct mentions *all, struct db_pipe *pipe)
{
	struct tallies sums = tally_sum(all->arena, all->first);

	if (sums.n == 0)
		return;
	write_tally(pipe, &sums);
	for (size_t i = 0; i < sums.n; i += TALLIES_MAX)
		emit_tally(svc, batch, all, sums.t + i,
			   sums.n - i < TALLIES_MAX ? sums.n - i : TALLIES_MAX);
}

void mentions_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const struct mentions *all = batch->scratch;
	bool any = false;

	for (const struct mention *m = all->first; m != NULL; m = m->next)
		any |= m->cause != NULL;
	mention_meters_batch(batch, all->first);
	if (!any)
		return;
	write_claim(pipe, all);
	write_rows(pipe, all);
	write_texts(pipe, all);
	write_counts(svc, batch, all, pipe);
}
