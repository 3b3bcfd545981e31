/* models_write.c -- what a batch made of models and labels, as statements and
 * events.
 */
#include <stdlib.h>
#include <string.h>

#include "models.h"
#include "settings.h"

/* --- models --- */

static void write_scores(struct db_pipe *pipe, struct arena *arena,
			 const Sy__V1__PutModelRequest *req)
{
	Sy__V1__Model model = SY__V1__MODEL__INIT;
	uint8_t *data;
	size_t len;

	model.n_scores = req->n_scores;
	model.scores = req->scores;
	len = sy__v1__model__get_packed_size(&model);
	data = arena_alloc(arena, len + 1);
	sy__v1__model__pack(&model, data);
	db_bytes(pipe, data, len);
}

static void write_new(struct db_pipe *pipe, struct arena *arena,
		      const struct model_new *n)
{
	if (n->version == 0) {
		db_exec(pipe, MODELS_SQL_PART_PUT);
		db_text(pipe, n->item->principal);
		db_uuid(pipe, n->upload);
		db_i32(pipe, (int32_t)n->req->part);
		db_bytes(pipe, n->req->data.data, n->req->data.len);
		return;
	}
	db_exec(pipe, MODELS_SQL_ADD);
	db_i32(pipe, (int32_t)n->version);
	db_text(pipe, n->item->principal);
	db_uuid(pipe, n->upload);
	db_text(pipe, n->req->note);
	db_i64(pipe, (int64_t)n->bytes);
	db_i64(pipe, (int64_t)n->req->examples);
	db_bytes(pipe, n->req->sha256.data, n->req->sha256.len);
	write_scores(pipe, arena, n->req);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < n->parts_nr; i++)
		db_array_data(pipe, n->parts[i].data, n->parts[i].len);
	db_array_end(pipe);
}

static void write_used(struct db_pipe *pipe, struct bus_batch *batch,
		       const struct model_used *u)
{
	Sy__V1__ModelChanged event = SY__V1__MODEL_CHANGED__INIT;

	db_exec(pipe, MODELS_SQL_USE);
	db_i32(pipe, (int32_t)u->version);
	db_i64(pipe, u->revision - 1);
	db_text(pipe, u->item->principal);
	event.version = u->version;
	event.before = u->before;
	bus_emit(batch, u->item,
		 &(struct bus_event){
			 .type = "ModelChanged",
			 .key = "model",
			 .revision = (uint64_t)u->revision,
			 .occurred_at_us = batch->now_us,
			 .payload = &event.base,
		 });
}

/* --- labels --- */

static int id_order(const void *a, const void *b)
{
	const struct label *const *x = a, *const *y = b;

	return memcmp((*x)->m->id, (*y)->m->id, UUID_BYTES);
}

static size_t labels_changed(const struct models *all,
			     const struct label ***list_r)
{
	const struct label **list;
	size_t n = 0;

	for (const struct label *l = all->labels; l != NULL; l = l->next)
		n += l->changed;
	list = arena_alloc(all->arena, (n + 1) * sizeof(list[0]));
	n = 0;
	for (const struct label *l = all->labels; l != NULL; l = l->next)
		if (l->changed)
			list[n++] = l;
	qsort(list, n, sizeof(list[0]), id_order);
	*list_r = list;
	return n;
}

static void write_labels(struct db_pipe *pipe, const struct models *all)
{
	const struct label **list;
	size_t n = labels_changed(all, &list);

	if (n == 0)
		return;
	db_exec(pipe, MODELS_SQL_LABEL_PUT);
#define COLUMN(type, add)                                                      \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < n; i++) {                               \
			const struct mention *m = list[i]->m;                  \
			const Sy__V1__MentionFacts *f = m->after->facts;       \
                                                                               \
			(void)f;                                               \
			add;                                                   \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)
	COLUMN(DB_ARRAY_UUID, db_array_data(pipe, m->id, UUID_BYTES));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, f->lang));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, m->after->said));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, (int64_t)f->mention_class));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, (int64_t)f->sentiment));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, f->topic));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, f->unit));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, list[i]->by));
	COLUMN(DB_ARRAY_I64, db_array_int(pipe, list[i]->told));
#undef COLUMN
}

/* The mention's own key is that of its reaction. */
static void emit_corrected(struct bus_batch *batch,
			   const struct correction_made *c)
{
	Sy__V1__MentionCorrected event = SY__V1__MENTION_CORRECTED__INIT;
	char id[UUID_TEXT_MAX], key[UUID_TEXT_MAX + 8] = "label-";

	uuid_format(c->label->m->id, id);
	strcat(key, id);
	event.mention_id = id;
	event.head = (char *)c->head.head;
	event.before = (char *)c->head.before;
	event.after = (char *)c->head.after;
	event.model = c->model;
	bus_emit(batch, c->item,
		 &(struct bus_event){
			 .type = "MentionCorrected",
			 .key = key,
			 .revision = (uint64_t)c->revision,
			 .occurred_at_us = batch->now_us,
			 .payload = &event.base,
		 });
}

void models_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const struct models *all = batch->scratch;

	(void)svc;
	if (all == NULL)
		return;
	for (const struct model_new *n = all->new; n != NULL; n = n->next)
		write_new(pipe, all->arena, n);
	for (const struct model_used *u = all->used; u != NULL; u = u->next)
		write_used(pipe, batch, u);
	if (all->used != NULL)
		settings_touch(pipe, model_setting.name);
	write_labels(pipe, all);
	for (const struct correction_made *c = all->made; c != NULL;
	     c = c->next)
		emit_corrected(batch, c);
}
