/* feed_try.c -- TryFeed: what would come of a feed, before anybody relies on
 * it. Nothing is stored. */
#include <string.h>

#include "feeds.h"

#define SHOWN_MAX 10

struct trial {
	struct bus_request *req;
	const Sy__V1__Feed *feed;
	uint8_t *data; /* of the document, in the request's arena */
	size_t len;
	const char *charset;
	struct feed_document document;
	const char *problem;
	Sy__V1__TryFeedReply reply;
	uv_work_t work;
};

static void fill(struct trial *t)
{
	struct arena *arena = bus_request_arena(t->req);
	size_t n = t->document.n < SHOWN_MAX ? t->document.n : SHOWN_MAX;

	t->reply.items = (uint32_t)t->document.n;
	t->reply.refused = (uint32_t)t->document.refused;
	t->reply.mentions = arena_alloc(arena, (n + 1) * sizeof(void *));
	for (size_t i = 0; i < n; i++) {
		const struct feed_item *item = &t->document.items[i];
		Sy__V1__TriedMention *m = arena_alloc(arena, sizeof(*m));

		sy__v1__tried_mention__init(m);
		m->external_id = (char *)item->external_id;
		m->url = (char *)item->url;
		m->title = (char *)item->title;
		m->text = (char *)item->text;
		m->published_at_us = item->published_at_us;
		t->reply.mentions[t->reply.n_mentions++] = m;
	}
}

static void parsed_cb(uv_work_t *work, int status)
{
	struct trial *t = work->data;

	(void)status;
	if (t->problem != NULL) {
		t->reply.problem = (char *)t->problem;
		t->reply.field = (char *)"url";
	} else {
		fill(t);
	}
	bus_reply(t->req, &t->reply.base);
}

static void parse_cb(uv_work_t *work)
{
	struct trial *t = work->data;
	struct arena *arena = bus_request_arena(t->req);

	if (t->feed->kind == SY__V1__FEED_KIND__FEED_JSON)
		feed_parse_json(arena, t->data, t->len, t->feed->mapping,
				&t->document, &t->problem);
	else
		feed_parse_xml(arena, t->data, t->len, t->charset, &t->document,
			       &t->problem);
}

static void fetched_cb(const struct feed_fetched *f, void *arg)
{
	struct trial *t = arg;
	struct social *svc = bus_request_svc(t->req);
	struct arena *arena = bus_request_arena(t->req);

	t->reply.status = (uint32_t)f->status;
	t->reply.bytes = f->len;
	if (f->problem != NULL) {
		t->reply.problem = (char *)f->problem;
		t->reply.field =
			(char *)(f->status == 401 || f->status == 403 ? "secret"
								      : "url");
		bus_reply(t->req, &t->reply.base);
		return;
	}
	t->data = arena_alloc(arena, f->len + 1);
	if (f->len > 0)
		memcpy(t->data, f->data, f->len);
	t->len = f->len;
	t->charset = arena_strdup(arena, f->charset);
	t->work.data = t;
	uv_queue_work(&svc->service.loop, &t->work, parse_cb, parsed_cb);
}

static void mailed_cb(const struct feed_mailed *m, void *arg)
{
	struct trial *t = arg;

	t->reply.bytes = m->bytes;
	if (m->problem != NULL) {
		t->reply.problem = (char *)m->problem;
		t->reply.field = (char *)(m->denied ? "secret" : "url");
	} else {
		t->document = m->document;
		fill(t);
		t->reply.items = (uint32_t)m->listed;
	}
	bus_reply(t->req, &t->reply.base);
}

void handle_try_feed(struct bus_request *req)
{
	const Sy__V1__Feed *feed =
		((const Sy__V1__TryFeedRequest *)bus_request_message(req))
			->feed;
	struct social *svc = bus_request_svc(req);
	struct feed_fault fault;
	struct trial *t;

	if (feed == NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "feed",
				"is missing");
		return;
	}
	if (!feed_check(feed, &fault)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID,
				arena_printf(bus_request_arena(req), "feed.%s",
					     fault.field),
				"%s", fault.text);
		return;
	}
	t = arena_alloc(bus_request_arena(req), sizeof(*t));
	t->req = req;
	t->feed = feed;
	sy__v1__try_feed_reply__init(&t->reply);
	if (feed->kind == SY__V1__FEED_KIND__FEED_MAIL)
		feed_mail_start(svc, bus_request_arena(req), feed, "",
				SHOWN_MAX, mailed_cb, t);
	else
		feed_fetch_start(svc, feed, feed->url, "", "", fetched_cb, t);
}
