/* reactions_write.c -- what a batch has to know of its reactions, and what came
 * of it, as statements and as events.
 */
#include <stdlib.h>
#include <string.h>

#include "reactions.h"

/* --- read --- */

static bool is_own(const struct bus_item *item)
{
	return item->method >= reactions_methods &&
	       item->method <= &reactions_methods[REACTIONS_HEAR];
}

static void put_id(struct db_pipe *pipe, const char *text)
{
	uint8_t id[UUID_BYTES];

	if (uuid_parse(text, id) == 0)
		db_array_data(pipe, id, UUID_BYTES);
}

/* What an item points at: reactions, or mentions, which have the same ids. */
static void put_ids(struct db_pipe *pipe, const struct bus_item *item)
{
	const ProtobufCMessage *req = item->request;
	const Sy__V1__JudgeMentionsRequest *judge = (const void *)req;
	const Sy__V1__ReactionsDueRequest *due = (const void *)req;
	const Sy__V1__HearAppealsRequest *hear = (const void *)req;
	const Sy__V1__GetReactionRequest *first = (const void *)req;

	switch ((enum reactions_method)(item->method - reactions_methods)) {
	case REACTIONS_OPEN:
	case REACTIONS_ASSIGN:
	case REACTIONS_ANSWER:
	case REACTIONS_FORWARD:
	case REACTIONS_REPORT:
	case REACTIONS_DISMISS:
	case REACTIONS_REOPEN:
	case REACTIONS_TOLD:
		/* their first field, all of them */
		put_id(pipe, first->reaction_id);
		break;
	case REACTIONS_JUDGE:
		for (size_t i = 0; i < judge->n_mention_ids; i++)
			put_id(pipe, judge->mention_ids[i]);
		break;
	case REACTIONS_DUE:
		for (size_t i = 0; i < due->n_reaction_ids; i++)
			put_id(pipe, due->reaction_ids[i]);
		break;
	case REACTIONS_HEAR:
		for (size_t i = 0; i < hear->n_heard; i++)
			put_id(pipe, hear->heard[i]->reaction_id);
		break;
	}
}

/* Of all items, of those of one method, or of none. */
static void put_ids_of(struct db_pipe *pipe, const struct bus_batch *batch,
		       int method)
{
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++)
		if (is_own(batch->items[i]) &&
		    (method < 0 ||
		     batch->items[i]->method == &reactions_methods[method]))
			put_ids(pipe, batch->items[i]);
	db_array_end(pipe);
}

static void put_mentions(struct db_pipe *pipe, const struct bus_batch *batch)
{
	uint8_t *ids;
	size_t n = 0, room = 0;

	for (size_t i = 0; i < batch->n; i++) {
		const Sy__V1__JudgeMentionsRequest *judge =
			(const void *)batch->items[i]->request;

		room += batch->items[i]->method ==
					&reactions_methods[REACTIONS_JUDGE]
				? judge->n_mention_ids
				: 1;
	}
	ids = arena_alloc((struct arena *)&batch->arena,
			  (room + 1) * UUID_BYTES);
	for (size_t i = 0; i < batch->n; i++) {
		const struct bus_item *item = batch->items[i];
		const Sy__V1__JudgeMentionsRequest *judge =
			(const void *)item->request;
		const Sy__V1__OpenReactionRequest *open =
			(const void *)item->request;

		if (item->method == &reactions_methods[REACTIONS_OPEN] &&
		    uuid_parse(open->mention_id, ids + n * UUID_BYTES) == 0)
			n++;
		if (item->method != &reactions_methods[REACTIONS_JUDGE])
			continue;
		for (size_t j = 0; j < judge->n_mention_ids; j++)
			if (uuid_parse(judge->mention_ids[j],
				       ids + n * UUID_BYTES) == 0)
				n++;
	}
	mentions_read_ids(pipe, ids, n);
}

static void put_heard(struct db_pipe *pipe, const struct bus_batch *batch)
{
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < batch->n; i++) {
		const Sy__V1__HearAppealsRequest *hear =
			(const void *)batch->items[i]->request;

		if (batch->items[i]->method !=
		    &reactions_methods[REACTIONS_HEAR])
			continue;
		for (size_t j = 0; j < hear->n_heard; j++)
			db_array_int(pipe, hear->heard[j]->n);
	}
	db_array_end(pipe);
}

void reactions_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	(void)svc;
	if (batch->n == 0)
		return;
	db_exec(pipe, REACTIONS_SQL_READ);
	put_ids_of(pipe, batch, -1);
	put_ids_of(pipe, batch, REACTIONS_JUDGE);
	put_mentions(pipe, batch);
	db_exec(pipe, REACTIONS_SQL_SAID);
	put_ids_of(pipe, batch, REACTIONS_FORWARD);
	db_exec(pipe, REACTIONS_SQL_CLUSTERS);
	put_ids_of(pipe, batch, REACTIONS_JUDGE);
	db_exec(pipe, REACTIONS_SQL_HEARD);
	put_heard(pipe, batch);
	db_exec(pipe, REACTIONS_SQL_TELLS);
	put_ids_of(pipe, batch, REACTIONS_TOLD);
}

/* --- write --- */

struct list {
	const struct reaction **r;
	size_t n;
};

static int id_order(const void *a, const void *b)
{
	const struct reaction *const *x = a, *const *y = b;

	return memcmp((*x)->id, (*y)->id, UUID_BYTES);
}

static struct list list_of(const struct reactions *all, bool new)
{
	struct list list = { 0 };
	size_t n = 0;

	for (const struct reaction *r = all->first; r != NULL; r = r->next)
		n++;
	list.r = arena_alloc(all->arena, (n + 1) * sizeof(list.r[0]));
	for (const struct reaction *r = all->first; r != NULL; r = r->next)
		if (r->revision != r->revision_read &&
		    (r->revision_read == 0) == new)
			list.r[list.n++] = r;
	qsort(list.r, list.n, sizeof(list.r[0]), id_order);
	return list;
}

#define COLUMN(type, value)                                                    \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < l->n; i++) {                            \
			const struct reaction *r = l->r[i];                    \
			const Sy__V1__ReactionFacts *f = r->now->facts;        \
                                                                               \
			(void)f;                                               \
			value;                                                 \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

static void add_uuid(struct db_pipe *pipe, const char *text)
{
	uint8_t id[UUID_BYTES];

	if (text[0] != '\0' && uuid_parse(text, id) == 0)
		db_array_data(pipe, id, UUID_BYTES);
	else
		db_array_data(pipe, NULL, 0);
}

static int64_t ended_us(const struct reaction *r)
{
	const Sy__V1__ReactionFacts *f = r->now->facts;

	if (reaction_waits(f->state))
		return 0;
	return f->reported_at_us != 0     ? f->reported_at_us
	       : r->now->ended_at_us != 0 ? r->now->ended_at_us
					  : f->answered_at_us;
}

static void add_packed(struct db_pipe *pipe, struct arena *arena,
		       const ProtobufCMessage *msg)
{
	size_t len = protobuf_c_message_get_packed_size(msg);
	uint8_t *data = arena_alloc(arena, len + 1);

	protobuf_c_message_pack(msg, data);
	db_array_data(pipe, data, len);
}

static void write_rows(struct db_pipe *pipe, const struct list *l,
		       struct arena *arena)
{
	COLUMN(DB_ARRAY_UUID, db_array_data(pipe, r->id, UUID_BYTES));
	COLUMN(DB_ARRAY_I64, db_array_int(pipe, r->revision));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, (int64_t)f->state));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, f->priority));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, f->unit));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, f->topic));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, f->source));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, f->owner));
	COLUMN(DB_ARRAY_TIME, db_array_int(pipe, f->opened_at_us));
	COLUMN(DB_ARRAY_TIME, db_array_int(pipe, ended_us(r)));
	COLUMN(DB_ARRAY_TIME, db_array_int(pipe, r->next_due_us));
	COLUMN(DB_ARRAY_TIME, db_array_int(pipe, r->wake_us));
	COLUMN(DB_ARRAY_UUID, add_uuid(pipe, f->appeal_id));
	COLUMN(DB_ARRAY_UUID, add_uuid(pipe, f->cluster_id));
	COLUMN(DB_ARRAY_BYTES, add_packed(pipe, arena, &r->now->base));
}

#undef COLUMN
#define COLUMN(type, value)                                                    \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (const struct effect *e = all->effects; e != NULL;         \
		     e = e->next) {                                            \
			value;                                                 \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static bool says(const struct effect *e)
{
	return or_empty(e->said.text)[0] != '\0' ||
	       or_empty(e->said.url)[0] != '\0';
}

static void write_steps(struct db_pipe *pipe, const struct reactions *all)
{
	bool any = false;

	for (const struct effect *e = all->effects; e != NULL; e = e->next)
		any |= says(e);
	db_exec(pipe, REACTIONS_SQL_STEPS);
	COLUMN(DB_ARRAY_UUID, db_array_data(pipe, e->r->id, UUID_BYTES));
	COLUMN(DB_ARRAY_I64, db_array_int(pipe, e->revision));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, e->step));
	COLUMN(DB_ARRAY_TIME, db_array_int(pipe, e->at_us));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, e->by));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, or_empty(e->said.template)));
	/* of what time does, which clock */
	COLUMN(DB_ARRAY_TEXT,
	       db_array_text(pipe, e->clock[0] != '\0'
					   ? e->clock
					   : or_empty(e->said.reason)));
	if (!any)
		return;
	db_exec(pipe, REACTIONS_SQL_SAY);
	COLUMN(DB_ARRAY_UUID,
	       if (says(e)) db_array_data(pipe, e->r->id, UUID_BYTES));
	COLUMN(DB_ARRAY_I64, if (says(e)) db_array_int(pipe, e->revision));
	COLUMN(DB_ARRAY_TEXT,
	       if (says(e)) db_array_text(pipe, or_empty(e->said.text)));
	COLUMN(DB_ARRAY_TEXT,
	       if (says(e)) db_array_text(pipe, or_empty(e->said.url)));
}

#undef COLUMN
#define COLUMN(type, value)                                                    \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (const struct tell *t = all->tells; t != NULL;             \
		     t = t->next)                                              \
			value;                                                 \
		db_array_end(pipe);                                            \
	} while (0)

static void write_tells(struct db_pipe *pipe, const struct reactions *all)
{
	if (all->tells == NULL)
		return;
	db_exec(pipe, REACTIONS_SQL_TELL);
	COLUMN(DB_ARRAY_UUID, db_array_data(pipe, t->r->id, UUID_BYTES));
	COLUMN(DB_ARRAY_I32, db_array_int(pipe, t->n));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, t->method));
	COLUMN(DB_ARRAY_BYTES, add_packed(pipe, all->arena, t->request));
}

#undef COLUMN
#define COLUMN(type, value)                                                    \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < all->told_nr; i++) {                    \
			const struct told *t = &all->told[i];                  \
                                                                               \
			value;                                                 \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

static void write_told(struct db_pipe *pipe, const struct reactions *all)
{
	if (all->told_nr == 0)
		return;
	db_exec(pipe, REACTIONS_SQL_TOLD);
	COLUMN(DB_ARRAY_UUID, db_array_data(pipe, t->reaction, UUID_BYTES));
	COLUMN(DB_ARRAY_I32, db_array_int(pipe, t->n));
	COLUMN(DB_ARRAY_BOOL, db_array_int(pipe, t->all));
}

static void write_ns(struct db_pipe *pipe, int statement, const int64_t *ns,
		     size_t n)
{
	if (n == 0)
		return;
	db_exec(pipe, statement);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, ns[i]);
	db_array_end(pipe);
}

static void emit(struct bus_batch *batch, const struct effect *e)
{
	Sy__V1__ReactionChanged msg = SY__V1__REACTION_CHANGED__INIT;

	msg.reaction_id = (char *)e->r->id_text;
	msg.step = (char *)e->step;
	msg.clock = (char *)e->clock;
	if (!e->first)
		msg.before = (Sy__V1__ReactionFacts *)&e->before;
	msg.after = (Sy__V1__ReactionFacts *)&e->after;
	bus_emit(batch, e->cause,
		 &(struct bus_event){
			 .type = "ReactionChanged",
			 .key = e->r->id_text,
			 .revision = (uint64_t)e->revision,
			 .occurred_at_us = e->at_us,
			 .payload = &msg.base,
		 });
}

static void write_changed(struct db_pipe *pipe, struct reactions *all)
{
	const struct list changed = list_of(all, false);
	const struct list new = list_of(all, true);
	const struct list *l = &changed;

	if (changed.n > 0) {
		db_exec(pipe, REACTIONS_SQL_CLAIM);
		db_array_begin(pipe, DB_ARRAY_UUID);
		for (size_t i = 0; i < l->n; i++)
			db_array_data(pipe, l->r[i]->id, UUID_BYTES);
		db_array_end(pipe);
		db_array_begin(pipe, DB_ARRAY_I64);
		for (size_t i = 0; i < l->n; i++)
			db_array_int(pipe, l->r[i]->revision_read);
		db_array_end(pipe);
		db_exec(pipe, REACTIONS_SQL_CHANGE);
		write_rows(pipe, &changed, all->arena);
	}
	if (new.n > 0) {
		db_exec(pipe, REACTIONS_SQL_ADD);
		write_rows(pipe, &new, all->arena);
	}
}

/* What was edited or corrected is looked at again, by a command of its own. */
static void write_asks(struct db_pipe *pipe)
{
	const struct mentions *mentions = mentions_of_batch();
	bool any = false;

	if (mentions == NULL)
		return;
	for (const struct mention *m = mentions_first(mentions); m != NULL;
	     m = m->next)
		any |= mention_to_judge(m);
	if (!any)
		return;
	db_exec(pipe, REACTIONS_SQL_ASK);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (const struct mention *m = mentions_first(mentions); m != NULL;
	     m = m->next)
		if (mention_to_judge(m))
			db_array_data(pipe, m->id, UUID_BYTES);
	db_array_end(pipe);
}

static bool is_erased(const struct mention *m)
{
	return m->cause != NULL && m->after != NULL && m->after->erased;
}

/* What was said to somebody who is to be forgotten. */
static void write_erased(struct db_pipe *pipe)
{
	const struct mentions *mentions = mentions_of_batch();
	const struct mention *first =
		mentions != NULL ? mentions_first(mentions) : NULL;
	bool any = false;

	for (const struct mention *m = first; m != NULL; m = m->next)
		any |= is_erased(m);
	if (!any)
		return;
	db_exec(pipe, REACTIONS_SQL_ERASE);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (const struct mention *m = first; m != NULL; m = m->next)
		if (is_erased(m))
			db_array_data(pipe, m->id, UUID_BYTES);
	db_array_end(pipe);
}

void reactions_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	struct reactions *all = batch->scratch;

	(void)svc;
	if (all == NULL)
		return;
	write_changed(pipe, all);
	if (all->effects != NULL)
		write_steps(pipe, all);
	write_tells(pipe, all);
	write_told(pipe, all);
	write_ns(pipe, REACTIONS_SQL_HEARD_DROP, all->heard, all->heard_nr);
	write_ns(pipe, REACTIONS_SQL_ASKED, all->asked, all->asked_nr);
	write_asks(pipe);
	write_erased(pipe);
	for (const struct effect *e = all->effects; e != NULL; e = e->next)
		emit(batch, e);
}
