/* models_list.c -- the versions of the model, the file of one, and what people
 * said: what a training needs.
 */
#include <string.h>

#include "mention_read.h"
#include "models.h"

#define MODELS_DEFAULT 50
#define MODELS_MAX 200
#define LABELS_DEFAULT 1000
#define LABELS_MAX 5000
/* Of texts in one page; a frame has twice as much. */
#define LABELS_BYTES ((size_t)1024 * 1024)

/* --- versions --- */

static Sy__V1__Model *model_of(struct arena *arena, const struct db_result *res,
			       int row)
{
	size_t len;
	const uint8_t *scores = db_get_bytes(res, 0, row, 7, &len);
	Sy__V1__Model *m =
		sy__v1__model__unpack(&arena->allocator, len, scores);

	m->version = (uint32_t)db_get_i32(res, 0, row, 0);
	m->state = (Sy__V1__ModelState)db_get_i32(res, 0, row, 1);
	m->made_by = (char *)db_get_text(res, 0, row, 2);
	m->made_at_us = m->version != 0 ? db_get_time(res, 0, row, 3) : 0;
	m->note = (char *)db_get_text(res, 0, row, 4);
	m->bytes = (uint64_t)db_get_i64(res, 0, row, 5);
	m->examples = (uint64_t)db_get_i64(res, 0, row, 6);
	m->in_use_since_us = db_get_time(res, 0, row, 8);
	m->used_by = (char *)db_get_text(res, 0, row, 9);
	return m;
}

static void models_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListModelsReply reply = SY__V1__LIST_MODELS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.n_models = (size_t)db_rows(res, 0);
	reply.models =
		arena_alloc(arena, (reply.n_models + 1) * sizeof(void *));
	for (size_t i = 0; i < reply.n_models; i++)
		reply.models[i] = model_of(arena, res, (int)i);
	reply.labels = (uint64_t)db_get_i64(res, 1, 0, 0);
	reply.labels_since = (uint64_t)db_get_i64(res, 1, 0, 1);
	bus_reply(req, &reply.base);
}

void handle_list_models(struct bus_request *req)
{
	const Sy__V1__ListModelsRequest *asked =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (asked->limit > MODELS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", MODELS_MAX);
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, MODELS_SQL_LIST);
	db_i32(pipe,
	       asked->limit != 0 ? (int32_t)asked->limit : MODELS_DEFAULT);
	db_exec(pipe, MODELS_SQL_COUNT_LABELS);
	db_pipe_run(pipe, models_cb, req);
}

/* --- the file of one --- */

static void file_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__GetModelReply reply = SY__V1__GET_MODEL_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	if (db_rows(res, 0) == 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "version",
				"no such part of such a version");
		return;
	}
	reply.data.data =
		(uint8_t *)db_get_bytes(res, 0, 0, 0, &reply.data.len);
	reply.sha256.data =
		(uint8_t *)db_get_bytes(res, 0, 0, 1, &reply.sha256.len);
	reply.parts = (uint32_t)db_get_i64(res, 0, 0, 2);
	bus_reply(req, &reply.base);
}

void handle_get_model(struct bus_request *req)
{
	const Sy__V1__GetModelRequest *asked =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, MODELS_SQL_GET);
	db_i32(pipe, (int32_t)asked->version);
	db_i32(pipe, (int32_t)asked->part);
	db_pipe_run(pipe, file_cb, req);
}

/* --- labels --- */

struct labels_page {
	struct bus_request *req;
	struct labels_ask ask;
};

static Sy__V1__MentionLabel *label_of(struct arena *arena,
				      const struct db_result *res, int row)
{
	Sy__V1__MentionLabel *l = arena_alloc(arena, sizeof(*l));
	const char *title = db_get_text(res, 0, row, 2);
	const char *text = db_get_text(res, 0, row, 3);
	const char *topic = db_get_text(res, 0, row, 7);
	int64_t said = db_get_i64(res, 0, row, 4);

	sy__v1__mention_label__init(l);
	l->mention_id = (char *)db_get_text(res, 0, row, 0);
	l->lang = (char *)db_get_text(res, 0, row, 1);
	l->text = title[0] != '\0' ? arena_printf(arena, "%s\n%s", title, text)
				   : (char *)text;
	if (said & SAID_CLASS)
		l->mention_class =
			(Sy__V1__MentionClass)db_get_i64(res, 0, row, 5);
	if (said & SAID_SENTIMENT)
		l->sentiment = (Sy__V1__Sentiment)db_get_i64(res, 0, row, 6);
	if (said & SAID_TOPIC)
		l->topic = topic[0] != '\0' ? (char *)topic : (char *)SAID_NONE;
	return l;
}

static void labels_cb(const struct db_result *res, void *arg)
{
	struct labels_page *page = arg;
	struct arena *arena = bus_request_arena(page->req);
	Sy__V1__ListLabelsReply reply = SY__V1__LIST_LABELS_REPLY__INIT;
	size_t rows, bytes = 0;

	if (bus_reply_db_error(page->req, res))
		return;
	rows = (size_t)db_rows(res, 0);
	reply.labels = arena_alloc(arena, (rows + 1) * sizeof(void *));
	while (reply.n_labels < rows && reply.n_labels < page->ask.limit &&
	       bytes < LABELS_BYTES) {
		Sy__V1__MentionLabel *l =
			label_of(arena, res, (int)reply.n_labels);

		bytes += strlen(l->text) + 100;
		reply.labels[reply.n_labels++] = l;
	}
	if (reply.n_labels < rows)
		reply.next_cursor =
			reply.labels[reply.n_labels - 1]->mention_id;
	bus_reply(page->req, &reply.base);
}

static bool bad(struct bus_request *req, const char *field, const char *text)
{
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s", text);
	return false;
}

static bool labels_asked(struct labels_page *page,
			 const Sy__V1__ListLabelsRequest *asked)
{
	const uint32_t any = SAID_CLASS | SAID_SENTIMENT | SAID_TOPIC;
	struct labels_ask *ask = &page->ask;

	ask->lang = asked->lang;
	ask->said =
		asked->head[0] != '\0' ? said_of_head(asked->head) & any : any;
	ask->limit = asked->limit != 0 ? asked->limit : LABELS_DEFAULT;
	if (!social_code_good(page->req, asked->lang, "lang"))
		return false;
	if (ask->said == 0)
		return bad(page->req, "head", "is not class, sentiment, topic");
	if (ask->limit > LABELS_MAX)
		return bad(page->req, "limit", "wants at most 5000");
	if (asked->cursor[0] != '\0' &&
	    uuid_parse(asked->cursor, ask->after) < 0)
		return bad(page->req, "cursor", "is none of this list");
	return social_scope(page->req, "", &ask->root);
}

void handle_list_labels(struct bus_request *req)
{
	struct labels_page *page =
		arena_alloc(bus_request_arena(req), sizeof(*page));
	struct db_pipe *pipe;

	page->req = req;
	if (!labels_asked(page, (const void *)bus_request_message(req)))
		return;
	pipe = bus_request_pipe(req);
	labels_put_list(pipe, &page->ask);
	db_pipe_run(pipe, labels_cb, page);
}
