/* feeds_poll.c -- the duty: feeds that are due are looked at, several at a
 *time, and what they hold goes the way of every mention, as commands of the
 *bus. A look ends with one transaction about its feed, which claims the duty
 *first.
 *
 *	due -> fetch a page -> parse (a thread) -> commands -> next page ... ->
 *end
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <utlist.h>

#include "duty/duty.h"
#include "feeds.h"
#include "log.h"
#include "metrics.h"
#include "timeutil.h"

#define TICK_MS 1000
#define LOOKS_MAX 16

struct look {
	struct feeds *feeds; /* NULL: closed meanwhile */
	struct arena arena;  /* of the look; that of pages is freed with them */
	struct arena page;
	const Sy__V1__Feed *feed;
	char *etag, *last_modified;             /* as known, then as heard */
	char *etag_known, *last_modified_known; /* what is asked with */
	uint32_t failures;
	uint64_t epoch;
	int64_t asked_us;
	int pages;
	uint64_t bytes, refused;
	bool unchanged;
	const char *problem;
	int64_t retry_after_s;
	/* The page in hand. */
	struct feed_fetch *fetch;
	struct feed_mail *mail;
	uint8_t *data;
	size_t len;
	const char *charset;
	struct feed_document document;
	const char *parse_problem;
	size_t waiting; /* commands without an answer */
	size_t late;    /* of these, such as are to be tried again */
	uv_work_t work;
	bool working;
	struct look *prev, *next;
};

struct feeds {
	struct social *svc;
	struct duty *duty;
	struct db_conn *conn;
	struct look *looks;
	size_t looks_nr;
	bool asking; /* for due ones */
};

static struct metric looks_total =
	METRIC(METRIC_COUNTER, "suyuan_social_feed_looks_total",
	       "Feeds that were looked at.");
static struct metric looks_failed =
	METRIC(METRIC_COUNTER, "suyuan_social_feed_failures_total",
	       "Looks at feeds that brought no document.");
static struct metric feed_bytes =
	METRIC(METRIC_COUNTER, "suyuan_social_feed_bytes_total",
	       "Bytes of documents that feeds have sent.");

static void page_next(struct look *l, const char *url);

/* --- the end of a look --- */

static void look_free(struct look *l)
{
	free(l->data);
	arena_reset(&l->page);
	arena_reset(&l->arena);
	free(l);
}

static void looked_cb(const struct db_result *res, void *arg)
{
	struct look *l = arg;
	struct feeds *feeds = l->feeds;

	/* not ours any more: who took it looks again */
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("feeds: %s %s", res->sqlstate, res->text);
	if (feeds != NULL) {
		DL_DELETE(feeds->looks, l);
		feeds->looks_nr--;
	}
	look_free(l);
}

static void look_end(struct look *l)
{
	struct feeds *feeds = l->feeds;
	struct db_pipe *pipe = db_pipe_new(feeds->conn);
	uint32_t failures = l->problem != NULL ? l->failures + 1 : 0;
	double spread = (double)randombytes_uniform(1000) / 1000;

	metric_add(&looks_total, 1);
	metric_add(&looks_failed, l->problem != NULL);
	duty_claim(feeds->duty, l->epoch, pipe);
	db_exec(pipe, FEEDS_POLL_LOOKED);
	db_text(pipe, l->feed->code);
	db_time(pipe, l->asked_us);
	db_text(pipe, l->problem != NULL ? l->problem : "");
	db_i32(pipe, (int32_t)failures);
	db_text(pipe, l->etag);
	db_text(pipe, l->last_modified);
	db_i64(pipe, (int64_t)l->bytes);
	db_i32(pipe, l->unchanged);
	db_i64(pipe, (int64_t)l->refused);
	db_time(pipe, feed_next_us(l->feed, failures, l->retry_after_s, spread,
				   time_now_us()));
	db_pipe_run(pipe, looked_cb, l);
}

static void look_fail(struct look *l, const char *problem)
{
	l->problem = problem;
	/* the whole document is wanted next time, of a mailbox what is behind
	 * the last mail that was taken */
	l->etag = l->feed->kind == SY__V1__FEED_KIND__FEED_MAIL ? l->etag_known
								: (char *)"";
	l->last_modified = (char *)"";
	look_end(l);
}

/* --- a page --- */

static void page_end(struct look *l)
{
	const Sy__V1__FeedMapping *m = l->feed->mapping;
	const char *next = l->document.next, *url = NULL;

	if (l->late > 0) {
		look_fail(l, "the service could not take its mentions just "
			     "then");
		return;
	}
	if (m != NULL && next[0] != '\0' && l->document.n > 0 &&
	    ++l->pages < FEED_PAGES_MAX)
		url = m->next_parameter[0] != '\0'
			      ? feed_page_url(&l->arena, l->feed->url,
					      m->next_parameter, next)
			      : arena_strdup(&l->arena, next);
	arena_reset(&l->page);
	if (url != NULL)
		page_next(l, url);
	else
		look_end(l);
}

static void taken_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct look *l = arg;

	l->waiting--;
	if (l->feeds == NULL) {
		if (l->waiting == 0)
			look_free(l);
		return;
	}
	if (code == SY__V1__ERROR_CODE__BUSY ||
	    code == SY__V1__ERROR_CODE__RETRY ||
	    code == SY__V1__ERROR_CODE__TIMEOUT ||
	    code == SY__V1__ERROR_CODE__INTERNAL)
		l->late++;
	else if (code != SY__V1__ERROR_CODE__OK)
		l->refused++;
	if (l->waiting == 0)
		page_end(l);
}

static void put_item(struct look *l, const struct feed_item *item)
{
	const Sy__V1__Feed *feed = l->feed;
	Sy__V1__PutMentionRequest put = SY__V1__PUT_MENTION_REQUEST__INIT;
	Sy__V1__DeleteMentionRequest gone =
		SY__V1__DELETE_MENTION_REQUEST__INIT;
	const char *unit = feed->unit[0] != '\0' ? feed->unit : item->unit;
	const char *lang = feed->lang[0] != '\0' ? feed->lang : item->lang;

	if (item->deleted) {
		gone.source = (char *)feed_source(feed);
		gone.external_id = (char *)item->external_id;
		gone.deleted_at_us = l->asked_us;
		bus_server_command(l->feeds->svc->bus,
				   parts_method("DeleteMention"), &gone.base,
				   taken_cb, l);
		return;
	}
	put.source = (char *)feed_source(feed);
	put.external_id = (char *)item->external_id;
	put.url = (char *)item->url;
	put.author = (char *)item->author;
	put.title = (char *)item->title;
	put.text = (char *)item->text;
	put.published_at_us = item->published_at_us != 0 ? item->published_at_us
							 : l->asked_us;
	put.edited_at_us = item->edited_at_us;
	put.lang = (char *)lang;
	put.reach = item->reach;
	put.stars = item->stars;
	put.unit = (char *)unit;
	put.feed = feed->code;
	bus_server_command(l->feeds->svc->bus, parts_method("PutMention"),
			   &put.base, taken_cb, l);
}

static void page_take(struct look *l)
{
	l->refused += l->document.refused;
	/* one that stays keeps the page until all are submitted */
	l->waiting = l->document.n + 1;
	for (size_t i = 0; i < l->document.n; i++)
		put_item(l, &l->document.items[i]);
	taken_cb(SY__V1__ERROR_CODE__OK, l);
}

static void mailed_cb(const struct feed_mailed *m, void *arg)
{
	struct look *l = arg;

	l->mail = NULL;
	l->bytes += m->bytes;
	metric_add(&feed_bytes, (double)m->bytes);
	if (m->problem != NULL && m->document.n == 0) {
		look_fail(l, arena_strdup(&l->arena, m->problem));
		return;
	}
	l->document = m->document;
	l->etag = arena_strdup(&l->arena, m->place);
	page_take(l);
}

static void parsed_cb(uv_work_t *work, int status)
{
	struct look *l = work->data;

	(void)status;
	l->working = false;
	free(l->data);
	l->data = NULL;
	if (l->feeds == NULL) {
		look_free(l);
		return;
	}
	if (l->parse_problem != NULL) {
		look_fail(l, arena_printf(&l->arena, "the document %s",
					  l->parse_problem));
		return;
	}
	page_take(l);
}

static void parse_cb(uv_work_t *work)
{
	struct look *l = work->data;

	if (l->feed->kind == SY__V1__FEED_KIND__FEED_JSON)
		feed_parse_json(&l->page, l->data, l->len, l->feed->mapping,
				&l->document, &l->parse_problem);
	else
		feed_parse_xml(&l->page, l->data, l->len, l->charset,
			       &l->document, &l->parse_problem);
}

static void fetched_cb(const struct feed_fetched *f, void *arg)
{
	struct look *l = arg;

	l->fetch = NULL;
	l->bytes += f->len;
	metric_add(&feed_bytes, (double)f->len);
	l->retry_after_s = f->retry_after_s;
	if (f->problem != NULL) {
		look_fail(l, f->problem);
		return;
	}
	if (f->unchanged) {
		l->unchanged = true;
		look_end(l);
		return;
	}
	if (l->pages == 0) {
		l->etag = arena_strdup(&l->arena, f->etag);
		l->last_modified = arena_strdup(&l->arena, f->last_modified);
	}
	l->data = malloc(f->len + 1);
	if (l->data == NULL)
		abort();
	if (f->len > 0)
		memcpy(l->data, f->data, f->len);
	l->len = f->len;
	l->charset = arena_strdup(&l->page, f->charset);
	l->work.data = l;
	l->working = true;
	uv_queue_work(&l->feeds->svc->service.loop, &l->work, parse_cb,
		      parsed_cb);
}

static void page_next(struct look *l, const char *url)
{
	bool first = l->pages == 0;

	l->fetch = feed_fetch_start(
		l->feeds->svc, l->feed, url, first ? l->etag_known : "",
		first ? l->last_modified_known : "", fetched_cb, l);
}

/* --- which are due --- */

static void look_start(struct feeds *feeds, const struct db_result *res,
		       int row)
{
	struct look *l = calloc(1, sizeof(*l));
	const uint8_t *body;
	size_t len;

	if (l == NULL)
		abort();
	arena_init(&l->arena);
	arena_init(&l->page);
	l->feeds = feeds;
	body = db_get_bytes(res, 1, row, 0, &len);
	l->feed = sy__v1__feed__unpack(&l->arena.allocator, len, body);
	if (l->feed == NULL) {
		look_free(l);
		return;
	}
	l->etag = l->etag_known =
		arena_strdup(&l->arena, db_get_text(res, 1, row, 1));
	l->last_modified = l->last_modified_known =
		arena_strdup(&l->arena, db_get_text(res, 1, row, 2));
	l->failures = (uint32_t)db_get_i32(res, 1, row, 3);
	l->epoch = duty_epoch(feeds->duty);
	l->asked_us = time_now_us();
	DL_APPEND(feeds->looks, l);
	feeds->looks_nr++;
	if (l->feed->kind == SY__V1__FEED_KIND__FEED_MAIL)
		l->mail =
			feed_mail_start(feeds->svc, &l->page, l->feed,
					l->etag_known, SIZE_MAX, mailed_cb, l);
	else
		page_next(l, l->feed->url);
}

static void due_cb(const struct db_result *res, void *arg)
{
	struct feeds *feeds = arg;

	feeds->asking = false;
	if (res->outcome != DB_OK || duty_epoch(feeds->duty) == 0)
		return;
	for (int row = 0; row < db_rows(res, 1); row++)
		look_start(feeds, res, row);
}

static void tick(struct duty *duty, void *arg)
{
	struct feeds *feeds = arg;
	struct db_pipe *pipe;
	struct look *l;

	if (feeds->asking || feeds->looks_nr >= LOOKS_MAX ||
	    !db_conn_up(feeds->conn))
		return;
	feeds->asking = true;
	pipe = db_pipe_new(feeds->conn);
	duty_claim(duty, duty_epoch(duty), pipe);
	db_exec(pipe, FEEDS_POLL_DUE);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	DL_FOREACH (feeds->looks, l)
		db_array_text(pipe, l->feed->code);
	db_array_end(pipe);
	db_i64(pipe, (int64_t)(LOOKS_MAX - feeds->looks_nr));
	db_pipe_run(pipe, due_cb, feeds);
}

/* What is on its way is done by who has the duty next. */
static void forget(struct feeds *feeds)
{
	struct look *l, *next;

	DL_FOREACH_SAFE (feeds->looks, l, next) {
		DL_DELETE(feeds->looks, l);
		l->feeds = NULL;
		if (l->fetch != NULL || l->mail != NULL) {
			feed_fetch_cut(l->fetch);
			feed_mail_cut(l->mail);
			look_free(l);
		}
		/* else its thread, its commands or its statement end it */
	}
	feeds->looks_nr = 0;
}

static void duty_end(struct duty *duty, void *arg)
{
	(void)duty;
	forget(arg);
}

/* --- life --- */

int feeds_open(struct feeds **f_r, struct social *svc, struct error *err)
{
	struct feeds *feeds = calloc(1, sizeof(*feeds));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "social feeds",
		.statements = feeds_poll_sql,
		.statements_nr = FEEDS_POLL_NR,
		.statement_timeout_ms = 10000,
	};

	*f_r = feeds;
	if (feeds == NULL)
		return error_set(err, "feeds: no memory");
	feeds->svc = svc;
	if (db_conn_open(&feeds->conn, &svc->service.loop, &options, err) < 0)
		return -1;
	feeds->duty = duties_add(svc->duties, &(struct duty_options){
						      .name = "feeds",
						      .end = duty_end,
						      .tick = tick,
						      .tick_ms = TICK_MS,
						      .arg = feeds,
					      });
	return 0;
}

void feeds_close(struct feeds **f)
{
	struct feeds *feeds = f != NULL ? *f : NULL;

	if (feeds == NULL)
		return;
	*f = NULL;
	forget(feeds);
	feed_mails_cut(feeds->svc); /* trials */
	db_conn_close(&feeds->conn);
	free(feeds);
}
