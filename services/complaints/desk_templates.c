/* desk_templates.c -- templates of answers: found, read, and filled from a
 * case.
 */
#include <string.h>

#include "desk.h"
#include "timeutil.h"

/* --- lists --- */

static Sy__V1__Template *template_of(struct arena *arena,
				     const struct desk_row *row, bool texts)
{
	const Sy__V1__PutTemplateRequest *put = desk_row_body(
		arena, row, &sy__v1__put_template_request__descriptor);
	Sy__V1__Template *t = arena_alloc(arena, sizeof(*t));

	if (put == NULL)
		return NULL;
	sy__v1__template__init(t);
	t->code = (char *)row->code;
	t->version = row->version;
	t->state = row->state;
	t->unit = put->unit;
	t->names = put->names;
	t->n_names = put->n_names;
	if (texts) {
		t->texts = put->texts;
		t->n_texts = put->n_texts;
	}
	t->topics = put->topics;
	t->n_topics = put->n_topics;
	t->kinds = put->kinds;
	t->n_kinds = put->n_kinds;
	t->author = (char *)row->author;
	t->decided_by = (char *)row->decided_by;
	t->made_at_us = row->made_at_us;
	t->decided_at_us = row->decided_at_us;
	t->used = row->used;
	return t;
}

static void *listed(struct bus_request *req, const struct desk_row *row)
{
	const Sy__V1__ListTemplatesRequest *msg =
		(const void *)bus_request_message(req);
	Sy__V1__Template *r = template_of(bus_request_arena(req), row, false);

	return r != NULL && desk_offered(r->topics, r->n_topics, msg->topic) &&
			       desk_offered(r->kinds, r->n_kinds, msg->kind)
		       ? r
		       : NULL;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__ListTemplatesRequest *msg =
		(const void *)bus_request_message(req);
	Sy__V1__ListTemplatesReply reply = SY__V1__LIST_TEMPLATES_REPLY__INIT;
	struct desk_made made;

	if (bus_reply_db_error(req, res))
		return;
	desk_rows_make(req, res, listed, &made);
	reply.templates = (Sy__V1__Template **)made.records;
	reply.n_templates = made.n;
	reply.next_code = desk_next_code(&made, msg->limit);
	bus_reply(req, &reply.base);
}

void handle_list_templates(struct bus_request *req)
{
	const Sy__V1__ListTemplatesRequest *msg =
		(const void *)bus_request_message(req);

	desk_list_ask(req, DESK_TEMPLATE, msg->after_code, msg->state,
		      msg->limit, listed_cb);
}

/* --- one --- */

static void *version(struct bus_request *req, const struct desk_row *row)
{
	return template_of(bus_request_arena(req), row, true);
}

static void got_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__GetTemplateReply reply = SY__V1__GET_TEMPLATE_REPLY__INIT;
	struct desk_made made;

	if (bus_reply_db_error(req, res))
		return;
	desk_rows_make(req, res, version, &made);
	reply.versions = (Sy__V1__Template **)made.records;
	reply.n_versions = made.n;
	if (made.n == 0)
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"there is no such template");
	else
		bus_reply(req, &reply.base);
}

void handle_get_template(struct bus_request *req)
{
	const Sy__V1__GetTemplateRequest *msg =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, DESK_SQL_GET);
	db_i32(pipe, DESK_TEMPLATE);
	db_text(pipe, msg->code);
	db_pipe_run(pipe, got_cb, req);
}

/* --- filled from a case --- */

enum { RENDER_TEMPLATE, RENDER_NAMES };

struct rendering {
	struct bus_request *req;
	const struct desk_case *c;
	Sy__V1__RenderTemplateReply reply;
};

/* What it is called in the language, or else in one that there is, or its code.
 */
static const char *name_of(const struct db_result *res, int what,
			   const char *lang, const char *code)
{
	int first = strcmp(lang, "ru") == 0   ? 1
		    : strcmp(lang, "zh") == 0 ? 2
					      : 3;
	const int order[] = { first, 3, 1, 2 };

	for (int row = 0; row < db_rows(res, RENDER_NAMES); row++) {
		if (db_get_i32(res, RENDER_NAMES, row, 0) != what)
			continue;
		for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
			const char *name =
				db_get_text(res, RENDER_NAMES, row, order[i]);

			if (name[0] != '\0')
				return name;
		}
	}
	return code;
}

/* The local day of the case's unit. */
static const char *day_of(struct bus_request *req, const struct desk_case *c,
			  int64_t us, const char *lang)
{
	struct complaints *svc = bus_request_svc(req);
	char *buf = arena_alloc(bus_request_arena(req), 32);

	return us == 0 ? ""
		       : day_in_words(
				 replica_local_day(svc->replica, c->unit, us),
				 lang, buf);
}

static const struct desk_case no_case = {
	.id_text = "",
	.external_id = "",
	.unit = "",
	.department = "",
	.kind = "",
	.topic = "",
	.product = "",
	.segment = "",
	.person_name = "",
};

static void render(struct rendering *r, const struct db_result *res,
		   const Sy__V1__Label *text)
{
	struct arena *arena = bus_request_arena(r->req);
	const struct desk_case *c = r->c;
	char number[CASE_NUMBER_MAX];
	const char *value[FIELDS_NR] = {
		[FIELD_EXTERNAL_ID] = c->external_id,
		[FIELD_REGISTERED] =
			day_of(r->req, c, c->registered_at_us, text->lang),
		[FIELD_PERSON_NAME] = c->person_name,
		[FIELD_UNIT_NAME] = name_of(res, 0, text->lang, c->unit),
		[FIELD_DEPARTMENT_NAME] =
			name_of(res, 1, text->lang, c->department),
		[FIELD_TOPIC_NAME] = name_of(res, 2, text->lang, c->topic),
		[FIELD_DUE_ANSWER] = day_of(r->req, c, c->due_us, text->lang),
		[FIELD_NUMBER] =
			c == &no_case ? "" : case_number(c->id, number),
	};
	uint32_t missing;

	r->reply.text =
		template_fill(arena, text->text, value, LINES_ALL, &missing);
	r->reply.missing =
		arena_alloc(arena, FIELDS_NR * sizeof(r->reply.missing[0]));
	for (int i = 0; i < FIELDS_NR; i++)
		if (missing & 1u << i)
			r->reply.missing[r->reply.n_missing++] =
				(char *)desk_field_names[i];
}

/* The approved version's text in the language asked; NULL: answered. */
static const Sy__V1__Label *text_of(struct rendering *r,
				    const struct db_result *res)
{
	struct bus_request *req = r->req;
	struct arena *arena = bus_request_arena(req);
	const Sy__V1__RenderTemplateRequest *msg =
		(const void *)bus_request_message(req);
	const Sy__V1__PutTemplateRequest *put = NULL;
	struct desk_row row;
	char **langs;
	int lang;

	for (int i = 0; i < db_rows(res, RENDER_TEMPLATE) && put == NULL; i++) {
		desk_row_read(res, RENDER_TEMPLATE, i, &row);
		if (row.state == SY__V1__DESK_STATE__DESK_APPROVED &&
		    desk_row_visible(req, &row))
			put = desk_row_body(
				arena, &row,
				&sy__v1__put_template_request__descriptor);
	}
	if (put == NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"there is no approved template of this code");
		return NULL;
	}
	r->reply.version = row.version;
	langs = arena_alloc(arena, (put->n_texts + 1) * sizeof(langs[0]));
	for (size_t i = 0; i < put->n_texts; i++)
		langs[i] = put->texts[i]->lang;
	lang = desk_lang(langs, put->n_texts, msg->lang);
	if (lang < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "lang",
				"the template has no text in this language");
		return NULL;
	}
	return put->texts[lang];
}

static void counted_cb(const struct db_result *res, void *arg)
{
	struct rendering *r = arg;

	if (!bus_reply_db_error(r->req, res))
		bus_reply(r->req, &r->reply.base);
}

static void rendered_cb(const struct db_result *res, void *arg)
{
	struct rendering *r = arg;
	const Sy__V1__RenderTemplateRequest *msg =
		(const void *)bus_request_message(r->req);
	const Sy__V1__Label *text;
	struct db_pipe *pipe;

	if (bus_reply_db_error(r->req, res))
		return;
	text = text_of(r, res);
	if (text == NULL)
		return;
	render(r, res, text);
	if (msg->purpose != SY__V1__DESK_PURPOSE__DESK_ANSWER) {
		bus_reply(r->req, &r->reply.base);
		return;
	}
	pipe = bus_request_pipe(r->req);
	db_exec(pipe, DESK_SQL_USED);
	db_i32(pipe, DESK_TEMPLATE);
	db_text(pipe, msg->code);
	db_pipe_run(pipe, counted_cb, r);
}

static void render_case_cb(struct bus_request *req, const struct desk_case *c)
{
	const Sy__V1__RenderTemplateRequest *msg =
		(const void *)bus_request_message(req);
	struct rendering *r = arena_alloc(bus_request_arena(req), sizeof(*r));
	struct db_pipe *pipe = bus_request_pipe(req);

	r->req = req;
	r->c = c;
	sy__v1__render_template_reply__init(&r->reply);
	db_exec(pipe, DESK_SQL_GET);
	db_i32(pipe, DESK_TEMPLATE);
	db_text(pipe, msg->code);
	db_exec(pipe, DESK_SQL_NAMES);
	db_text(pipe, c->unit);
	db_text(pipe, c->department);
	db_text(pipe, c->topic);
	db_i32(pipe, c->registered_day);
	db_pipe_run(pipe, rendered_cb, r);
}

void handle_render_template(struct bus_request *req)
{
	const Sy__V1__RenderTemplateRequest *msg =
		(const void *)bus_request_message(req);

	/* what is answered elsewhere, in a network, is of no case yet */
	if (msg->appeal_id[0] == '\0')
		render_case_cb(req, &no_case);
	else
		desk_case_read(req, msg->appeal_id, render_case_cb);
}
