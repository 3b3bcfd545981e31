/* desk_articles.c -- the knowledge base: browsed, read, searched; and the
 * public FAQ, which is its approved public articles, for everybody.
 */
#include <string.h>

#include "desk.h"
#include "search.h"

#define FOUND_DEFAULT 20
#define FOUND_MAX 100

static Sy__V1__Article *article_of(struct arena *arena,
				   const struct desk_row *row, bool bodies)
{
	Sy__V1__PutArticleRequest *put = desk_row_body(
		arena, row, &sy__v1__put_article_request__descriptor);
	Sy__V1__Article *a = arena_alloc(arena, sizeof(*a));

	if (put == NULL)
		return NULL;
	sy__v1__article__init(a);
	a->code = (char *)row->code;
	a->version = row->version;
	a->state = row->state;
	a->unit = put->unit;
	a->parent = put->parent;
	a->texts = put->texts;
	a->n_texts = put->n_texts;
	for (size_t i = 0; i < put->n_texts && !bodies; i++)
		put->texts[i]->body = (char *)"";
	a->topics = put->topics;
	a->n_topics = put->n_topics;
	a->kinds = put->kinds;
	a->n_kinds = put->n_kinds;
	a->public_ = put->public_;
	a->author = (char *)row->author;
	a->decided_by = (char *)row->decided_by;
	a->made_at_us = row->made_at_us;
	a->decided_at_us = row->decided_at_us;
	a->used = row->used;
	return a;
}

/* --- lists --- */

static bool below(const Sy__V1__Article *a, const char *parent)
{
	if (strcmp(parent, "-") == 0)
		return a->parent[0] == '\0';
	return parent[0] == '\0' || strcmp(a->parent, parent) == 0;
}

static void *listed(struct bus_request *req, const struct desk_row *row)
{
	const Sy__V1__ListArticlesRequest *msg =
		(const void *)bus_request_message(req);
	Sy__V1__Article *r = article_of(bus_request_arena(req), row, false);

	return r != NULL && below(r, msg->parent) &&
			       desk_offered(r->topics, r->n_topics,
					    msg->topic) &&
			       desk_offered(r->kinds, r->n_kinds, msg->kind)
		       ? r
		       : NULL;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__ListArticlesRequest *msg =
		(const void *)bus_request_message(req);
	Sy__V1__ListArticlesReply reply = SY__V1__LIST_ARTICLES_REPLY__INIT;
	struct desk_made made;

	if (bus_reply_db_error(req, res))
		return;
	desk_rows_make(req, res, listed, &made);
	reply.articles = (Sy__V1__Article **)made.records;
	reply.n_articles = made.n;
	reply.next_code = desk_next_code(&made, msg->limit);
	bus_reply(req, &reply.base);
}

void handle_list_articles(struct bus_request *req)
{
	const Sy__V1__ListArticlesRequest *msg =
		(const void *)bus_request_message(req);

	desk_list_ask(req, DESK_ARTICLE, msg->after_code, msg->state,
		      msg->limit, listed_cb);
}

/* --- one --- */

static void *version(struct bus_request *req, const struct desk_row *row)
{
	return article_of(bus_request_arena(req), row, true);
}

static void got_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__GetArticleReply reply = SY__V1__GET_ARTICLE_REPLY__INIT;
	struct desk_made made;

	if (bus_reply_db_error(req, res))
		return;
	desk_rows_make(req, res, version, &made);
	reply.versions = (Sy__V1__Article **)made.records;
	reply.n_versions = made.n;
	if (made.n == 0)
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"there is no such article");
	else
		bus_reply(req, &reply.base);
}

void handle_get_article(struct bus_request *req)
{
	const Sy__V1__GetArticleRequest *msg =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, DESK_SQL_GET);
	db_i32(pipe, DESK_ARTICLE);
	db_text(pipe, msg->code);
	if (msg->purpose == SY__V1__DESK_PURPOSE__DESK_ANSWER) {
		db_exec(pipe, DESK_SQL_USED);
		db_i32(pipe, DESK_ARTICLE);
		db_text(pipe, msg->code);
	}
	db_pipe_run(pipe, got_cb, req);
}

/* --- search --- */

static void ask_search(struct bus_request *req, const char *text,
		       const char *lang, uint32_t limit, bool public,
		       db_pipe_cb *cb)
{
	struct complaints *svc = bus_request_svc(req);
	struct question question;
	const char *wrong =
		question_read(search_words(svc->search), bus_request_arena(req),
			      text, &question);
	struct db_pipe *pipe;

	if (wrong != NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "text", "%s",
				wrong);
		return;
	}
	if (limit > FOUND_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", FOUND_MAX);
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, DESK_SQL_SEARCH);
	db_text(pipe, question.tsquery);
	db_text(pipe, lang);
	db_bool(pipe, public);
	db_pipe_run(pipe, cb, req);
}

static void *found(struct bus_request *req, const struct desk_row *row)
{
	return article_of(bus_request_arena(req), row, false);
}

static void found_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__SearchArticlesRequest *msg =
		(const void *)bus_request_message(req);
	size_t limit = msg->limit ? msg->limit : FOUND_DEFAULT;
	Sy__V1__SearchArticlesReply reply = SY__V1__SEARCH_ARTICLES_REPLY__INIT;
	struct desk_made made;

	if (bus_reply_db_error(req, res))
		return;
	desk_rows_make(req, res, found, &made);
	reply.articles = (Sy__V1__Article **)made.records;
	reply.n_articles = made.n < limit ? made.n : limit;
	bus_reply(req, &reply.base);
}

void handle_search_articles(struct bus_request *req)
{
	const Sy__V1__SearchArticlesRequest *msg =
		(const void *)bus_request_message(req);

	ask_search(req, msg->text, msg->lang, msg->limit, false, found_cb);
}

/* --- the FAQ --- */

/* NULL: it cannot be shown. */
static Sy__V1__FaqEntry *entry_of(struct arena *arena,
				  const struct desk_row *row, const char *lang,
				  bool body)
{
	const Sy__V1__PutArticleRequest *put = desk_row_body(
		arena, row, &sy__v1__put_article_request__descriptor);
	Sy__V1__FaqEntry *e = arena_alloc(arena, sizeof(*e));
	char **langs;
	int i;

	if (put == NULL || put->n_texts == 0 || !put->public_)
		return NULL;
	langs = arena_alloc(arena, put->n_texts * sizeof(langs[0]));
	for (size_t j = 0; j < put->n_texts; j++)
		langs[j] = put->texts[j]->lang;
	i = desk_lang(langs, put->n_texts, lang);
	if (i < 0)
		i = 0; /* better in another language than not at all */
	sy__v1__faq_entry__init(e);
	e->code = (char *)row->code;
	e->parent = put->parent;
	e->lang = put->texts[i]->lang;
	e->title = put->texts[i]->title;
	if (body)
		e->body = put->texts[i]->body;
	e->changed_at_us = row->decided_at_us;
	return e;
}

static size_t entries(struct bus_request *req, const struct db_result *res,
		      const char *lang, size_t limit, bool body,
		      Sy__V1__FaqEntry ***entries_r)
{
	struct arena *arena = bus_request_arena(req);
	size_t n = 0;

	*entries_r = arena_alloc(arena, (limit + 1) * sizeof(void *));
	for (int i = 0; i < db_rows(res, 0) && n < limit; i++) {
		struct desk_row row;
		Sy__V1__FaqEntry *e;

		desk_row_read(res, 0, i, &row);
		e = entry_of(arena, &row, lang, body);
		if (e != NULL)
			(*entries_r)[n++] = e;
	}
	return n;
}

static void faq_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__GetFaqRequest *msg =
		(const void *)bus_request_message(req);
	Sy__V1__GetFaqReply reply = SY__V1__GET_FAQ_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.n_entries = entries(req, res, msg->lang, (size_t)db_rows(res, 0),
				  false, &reply.entries);
	bus_reply(req, &reply.base);
}

static void faq_article_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__GetFaqArticleRequest *msg =
		(const void *)bus_request_message(req);
	Sy__V1__GetFaqArticleReply reply = SY__V1__GET_FAQ_ARTICLE_REPLY__INIT;
	Sy__V1__FaqEntry **found;

	if (bus_reply_db_error(req, res))
		return;
	if (entries(req, res, msg->lang, 1, true, &found) == 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"there is no such article");
		return;
	}
	reply.entry = found[0];
	bus_reply(req, &reply.base);
}

static void faq_found_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__SearchFaqRequest *msg =
		(const void *)bus_request_message(req);
	Sy__V1__SearchFaqReply reply = SY__V1__SEARCH_FAQ_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.n_entries = entries(req, res, msg->lang,
				  msg->limit ? msg->limit : FOUND_DEFAULT,
				  false, &reply.entries);
	bus_reply(req, &reply.base);
}

static void ask_faq(struct bus_request *req, const char *code, db_pipe_cb *cb)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, DESK_SQL_FAQ);
	db_text(pipe, code);
	db_pipe_run(pipe, cb, req);
}

void handle_get_faq(struct bus_request *req)
{
	ask_faq(req, "", faq_cb);
}

void handle_get_faq_article(struct bus_request *req)
{
	const Sy__V1__GetFaqArticleRequest *msg =
		(const void *)bus_request_message(req);

	if (msg->code[0] == '\0')
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "code",
				"is missing");
	else
		ask_faq(req, msg->code, faq_article_cb);
}

void handle_search_faq(struct bus_request *req)
{
	const Sy__V1__SearchFaqRequest *msg =
		(const void *)bus_request_message(req);

	ask_search(req, msg->text, msg->lang, msg->limit, true, faq_found_cb);
}
