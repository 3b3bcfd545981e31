/* desk_write.c -- what desk_decide.c made of a batch, as statements; and drafts
 * whose text was sent by another part's item.
 */
#include <string.h>

#include "desk.h"
#include "search.h"

struct record_list {
	struct desk_record **r;
	size_t n;
};

struct version_list {
	const struct desk_record **r; /* of v[i] */
	const struct desk_version **v;
	size_t n;
};

static struct record_list changed(const struct desk_records *records)
{
	struct record_list list = { 0 };
	size_t nr = 0;

	for (struct desk_record *r = records->first; r; r = r->next)
		nr++;
	list.r = arena_alloc(records->arena, (nr + 1) * sizeof(list.r[0]));
	for (struct desk_record *r = records->first; r; r = r->next)
		if (r->revision != r->revision_read)
			list.r[list.n++] = r;
	return list;
}

static bool is_new(const struct desk_version *v)
{
	return v->request != NULL;
}

static bool is_retired(const struct desk_version *v)
{
	return !is_new(v) && v->state != v->state_read &&
	       v->state == SY__V1__DESK_STATE__DESK_RETIRED;
}

static bool is_approved(const struct desk_version *v)
{
	return !is_new(v) && v->state != v->state_read &&
	       v->state == SY__V1__DESK_STATE__DESK_APPROVED;
}

static struct version_list
versions_where(const struct desk_records *records,
	       bool (*wanted)(const struct desk_version *v))
{
	struct version_list list = { 0 };
	size_t nr = 0;

	for (const struct desk_record *r = records->first; r; r = r->next)
		for (const struct desk_version *v = r->versions; v; v = v->next)
			nr++;
	list.r = arena_alloc(records->arena, (nr + 1) * sizeof(list.r[0]));
	list.v = arena_alloc(records->arena, (nr + 1) * sizeof(list.v[0]));
	for (const struct desk_record *r = records->first; r; r = r->next)
		for (const struct desk_version *v = r->versions; v;
		     v = v->next) {
			if (!wanted(v))
				continue;
			list.r[list.n] = r;
			list.v[list.n++] = v;
		}
	return list;
}

/* --- records --- */

static void put_records(struct db_pipe *pipe, const struct record_list *list)
{
	db_array_begin(pipe, DB_ARRAY_I16);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, list->r[i]->kind);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list->n; i++)
		db_array_text(pipe, list->r[i]->code);
	db_array_end(pipe);
}

static void write_records(struct db_pipe *pipe,
			  const struct desk_records *records)
{
	const struct record_list list = changed(records);

	if (list.n == 0)
		return;
	db_exec(pipe, DESK_SQL_CLAIM);
	put_records(pipe, &list);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < list.n; i++)
		db_array_int(pipe, list.r[i]->revision_read);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list.n; i++)
		db_array_text(pipe, list.r[i]->owner);
	db_array_end(pipe);

	db_exec(pipe, DESK_SQL_RECORDS);
	put_records(pipe, &list);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < list.n; i++)
		db_array_int(pipe, list.r[i]->revision);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list.n; i++)
		db_array_text(pipe, list.r[i]->unit);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list.n; i++)
		db_array_text(pipe, list.r[i]->parent);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < list.n; i++)
		db_array_int(pipe, list.r[i]->last);
	db_array_end(pipe);
}

/* --- versions --- */

static void put_versions(struct db_pipe *pipe, const struct version_list *list)
{
	db_array_begin(pipe, DB_ARRAY_I16);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, list->r[i]->kind);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list->n; i++)
		db_array_text(pipe, list->r[i]->code);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, list->v[i]->version);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I16);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, (int64_t)list->v[i]->state);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list->n; i++)
		db_array_text(pipe, list->v[i]->decided_by);
	db_array_end(pipe);
}

static void write_states(struct db_pipe *pipe,
			 const struct desk_records *records,
			 bool (*wanted)(const struct desk_version *v))
{
	const struct version_list list = versions_where(records, wanted);

	if (list.n == 0)
		return;
	db_exec(pipe, DESK_SQL_DECIDED);
	put_versions(pipe, &list);
}

static void write_new(struct db_pipe *pipe, const struct version_list *list)
{
	db_exec(pipe, DESK_SQL_VERSIONS);
	put_versions(pipe, list);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list->n; i++)
		db_array_text(pipe, list->v[i]->author);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list->n; i++)
		db_array_text(pipe, list->v[i]->typed);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < list->n; i++)
		db_array_data(pipe, list->v[i]->body.data,
			      list->v[i]->body.len);
	db_array_end(pipe);
}

/* --- words --- */

enum word_column {
	WORD_CODE,
	WORD_VERSION,
	WORD_LANG,
	WORD_PUBLIC,
	WORD_WORDS
};

static const char *vector_of(struct words *w, struct arena *arena,
			     const Sy__V1__ArticleText *text)
{
	struct text_buf vector = { .arena = arena };
	int position = 0;

	buf_add_text(&vector, "");
	if (buf_add_words(&vector, w, text->title, &position))
		buf_add_words(&vector, w, text->body, &position);
	return vector.text;
}

static void put_words(struct db_pipe *pipe, const struct version_list *list,
		      struct words *w, struct arena *arena,
		      enum word_column column)
{
	static const enum db_array_type types[] = {
		[WORD_CODE] = DB_ARRAY_TEXT,  [WORD_VERSION] = DB_ARRAY_I32,
		[WORD_LANG] = DB_ARRAY_TEXT,  [WORD_PUBLIC] = DB_ARRAY_BOOL,
		[WORD_WORDS] = DB_ARRAY_TEXT,
	};

	db_array_begin(pipe, types[column]);
	for (size_t i = 0; i < list->n; i++) {
		const Sy__V1__PutArticleRequest *a =
			(const void *)list->v[i]->request;

		if (list->r[i]->kind != DESK_ARTICLE)
			continue;
		for (size_t j = 0; j < a->n_texts; j++) {
			const Sy__V1__ArticleText *t = a->texts[j];

			switch (column) {
			case WORD_CODE:
				db_array_text(pipe, list->r[i]->code);
				break;
			case WORD_VERSION:
				db_array_int(pipe, list->v[i]->version);
				break;
			case WORD_LANG:
				db_array_text(pipe, t->lang);
				break;
			case WORD_PUBLIC:
				db_array_int(pipe, a->public_);
				break;
			case WORD_WORDS:
				db_array_text(pipe, vector_of(w, arena, t));
				break;
			}
		}
	}
	db_array_end(pipe);
}

static void write_words(struct db_pipe *pipe, const struct version_list *list,
			struct words *w, struct arena *arena)
{
	bool any = false;

	for (size_t i = 0; i < list->n; i++)
		any |= list->r[i]->kind == DESK_ARTICLE;
	if (!any)
		return;
	db_exec(pipe, DESK_SQL_WORDS);
	put_words(pipe, list, w, arena, WORD_CODE);
	put_words(pipe, list, w, arena, WORD_VERSION);
	put_words(pipe, list, w, arena, WORD_LANG);
	put_words(pipe, list, w, arena, WORD_PUBLIC);
	put_words(pipe, list, w, arena, WORD_WORDS);
}

/* --- drafts --- */

/* The case that a person has just written to, NULL: not this item. */
static const Sy__V1__AppealReply *sent(const struct bus_item *item)
{
	/* offices and programs publish, they keep no drafts; nor has a case any
	 * that is new */
	if (item->event != NULL ||
	    item->method == &complaints_methods[FACT_REGISTER] ||
	    item->verdict != SY__V1__ERROR_CODE__OK || item->reply == NULL ||
	    item->reply->descriptor != &sy__v1__appeal_reply__descriptor)
		return NULL;
	return (const Sy__V1__AppealReply *)item->reply;
}

static void write_sent(struct db_pipe *pipe, const struct bus_batch *batch)
{
	size_t nr = 0;
	uint8_t id[UUID_BYTES];

	for (size_t i = 0; i < batch->n; i++)
		nr += sent(batch->items[i]) != NULL;
	if (nr == 0)
		return;
	db_exec(pipe, DESK_SQL_SENT);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < batch->n; i++)
		if (sent(batch->items[i]) != NULL)
			db_array_text(pipe, batch->items[i]->principal);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++) {
		const Sy__V1__AppealReply *r = sent(batch->items[i]);

		if (r == NULL)
			continue;
		if (uuid_parse(r->appeal_id, id) == 0)
			db_array_data(pipe, id, sizeof(id));
		else
			db_array_data(pipe, NULL, 0);
	}
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < batch->n; i++)
		if (sent(batch->items[i]) != NULL)
			db_array_text(pipe, batch->items[i]->method->name);
	db_array_end(pipe);
}

void desk_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const struct desk_records *records = batch->scratch;
	const struct complaints *complaints = svc;

	write_sent(pipe, batch);
	if (records == NULL)
		return;
	write_records(pipe, records);
	/* before another takes the place of what is retired */
	write_states(pipe, records, is_retired);
	write_states(pipe, records, is_approved);

	const struct version_list added = versions_where(records, is_new);

	if (added.n > 0) {
		write_new(pipe, &added);
		write_words(pipe, &added, search_words(complaints->search),
			    records->arena);
	}
	if (records->trim) {
		db_exec(pipe, DESK_SQL_TRIM_DRAFTS);
		db_exec(pipe, DESK_SQL_TRIM_PRESENCE);
		db_exec(pipe, DESK_SQL_TRIM_LINKS);
		db_exec(pipe, DESK_SQL_TRIM_TAKEN);
		db_exec(pipe, DESK_SQL_TRIM_VERSIONS);
	}
}
