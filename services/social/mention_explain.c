/* mention_explain.c -- which words spoke for what a mention is judged to be, by
 * the model in use or, where it says nothing, the profile's word lists.
 */
#include <string.h>

#include "mention_read.h"
#include "models.h"
#include "reader.h"

#define WORDS_MAX 10

/* What is explained. */
struct explained {
	struct arena *arena;
	const char *raw; /* title, line, text */
	size_t title_len, raw_len;
	struct text normal; /* mapped */
	Sy__V1__ExplainMentionReply *reply;
};

static void take_word(struct explained *e, const struct reason *r)
{
	const uint32_t *at = e->normal.at;
	size_t begin = at[r->begin];
	size_t end = r->end < e->normal.len ? at[r->end] : e->raw_len;
	size_t skip = e->title_len > 0 ? e->title_len + 1 : 0;
	Sy__V1__ExplainedWord *w = arena_alloc(e->arena, sizeof(*w));

	while (end > begin && strchr(" \t\r\n", e->raw[end - 1]) != NULL)
		end--;
	sy__v1__explained_word__init(w);
	w->weight = r->weight;
	w->text = arena_printf(e->arena, "%.*s", (int)(end - begin),
			       e->raw + begin);
	if (begin >= skip) {
		w->begin = (uint32_t)(begin - skip);
		w->end = (uint32_t)(end - skip);
	}
	e->reply->words[e->reply->n_words++] = w;
}

static void take(struct explained *e, const struct prediction *p,
		 struct reasons reasons, uint32_t version)
{
	e->reply->label = arena_strdup(e->arena, p->label);
	e->reply->probability = p->probability;
	e->reply->threshold = p->threshold;
	e->reply->model = version;
	e->reply->words =
		arena_alloc(e->arena, (WORDS_MAX + 1) * sizeof(void *));
	for (size_t i = 0; i < reasons.n; i++)
		take_word(e, &reasons.r[i]);
}

/* False: nothing is known of this head in this language. */
static bool explain(struct explained *e, const struct reader *r,
		    const char *lang, const char *head)
{
	struct tokens tokens = text_tokens(e->arena, &e->normal);
	const struct prediction *p = NULL;
	struct predictions said;

	if (r->model != NULL && text_model_has(r->model, lang, head)) {
		struct features f = text_features_placed(e->arena, &tokens);

		said = text_model_predict(r->model, e->arena, &f, lang);
		p = prediction_of(&said, head);
		take(e, p,
		     text_model_explain(r->model, e->arena, &f, lang, head,
					p->label, WORDS_MAX),
		     r->model_version);
		return true;
	}
	if (r->lexicon == NULL)
		return false;
	said = lexicon_predict(r->lexicon, e->arena, &tokens, lang);
	p = prediction_of(&said, head);
	if (p == NULL)
		return false;
	take(e, p,
	     lexicon_explain(r->lexicon, e->arena, &tokens, lang, head,
			     p->label, WORDS_MAX),
	     0);
	return true;
}

static void explain_mention(struct bus_request *req, const Sy__V1__Mention *m,
			    const char *head)
{
	Sy__V1__ExplainMentionReply reply = SY__V1__EXPLAIN_MENTION_REPLY__INIT;
	const struct social *svc = bus_request_svc(req);
	struct explained e = { .arena = bus_request_arena(req),
			       .title_len = strlen(m->title),
			       .reply = &reply };

	e.raw = e.title_len > 0
			? arena_printf(e.arena, "%s\n%s", m->title, m->text)
			: m->text;
	e.raw_len = strlen(e.raw);
	/* what lies behind is never looked at */
	if (e.raw_len > TEXT_MAX_BYTES)
		e.raw_len = TEXT_MAX_BYTES;
	e.normal = text_normalise_mapped(e.arena, e.raw, e.raw_len);
	if (!explain(&e, svc->reader, m->facts->lang, head)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__STATE, "head",
				"nothing judges it in this language");
		return;
	}
	bus_reply(req, &reply.base);
}

static void got_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__ExplainMentionRequest *asked =
		(const void *)bus_request_message(req);
	Sy__V1__Mention *m;

	if (bus_reply_db_error(req, res))
		return;
	m = mention_of_row(bus_request_arena(req), res, 0, 0, true);
	if (m == NULL || !social_sees(bus_request_svc(req),
				      bus_request_grant(req), m->facts->unit)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND,
				"mention_id", "no such mention");
		return;
	}
	if (m->text[0] == '\0' && m->title[0] == '\0') {
		bus_reply_error(req, SY__V1__ERROR_CODE__STATE, "mention_id",
				"has no text");
		return;
	}
	explain_mention(req, m, asked->head[0] != '\0' ? asked->head : "class");
}

void handle_explain_mention(struct bus_request *req)
{
	const Sy__V1__ExplainMentionRequest *asked =
		(const void *)bus_request_message(req);
	uint8_t id[UUID_BYTES];
	struct db_pipe *pipe;

	if (uuid_parse(asked->mention_id, id) < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "mention_id",
				"is not a UUID");
		return;
	}
	if (asked->head[0] != '\0' &&
	    (said_of_head(asked->head) & ~(uint32_t)SAID_UNIT) == 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "head",
				"is not class, sentiment, topic");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, MENTIONS_SQL_GET);
	db_uuid(pipe, id);
	db_pipe_run(pipe, got_cb, req);
}
