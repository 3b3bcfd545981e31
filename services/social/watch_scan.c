/* watch_scan.c -- one rule over stored mentions: what it would have found
 * (PreviewWatch), and lists that ask for it. Pages of the list of mentions are
 * read, newest first, and matched here as they come; between two pages
 * everything else has its turn. What a call looks at is bounded.
 */
#include <string.h>

#include "mention_read.h"
#include "timeutil.h"
#include "watches.h"

/* A few milliseconds each. */
#define PAGE 500
#define LIST_PAGES 20
#define LIST_US (2 * US_PER_S)
/* Of a preview: more than these are sampled, as many in each of SLOTS
 * stretches of the time that is asked about. */
#define PREVIEW_MENTIONS 20000
#define SLOTS 20
#define SLOT_PAGES (PREVIEW_MENTIONS / SLOTS / PAGE)
#define PREVIEW_US (4 * US_PER_S)
#define DAYS_DEFAULT 7
#define DAYS_MAX 31
#define EXAMPLES_DEFAULT 20
#define EXAMPLES_MAX 100

struct scan {
	struct bus_request *req;
	struct mention_list_ask ask;
	struct watch_set *set;
	struct watch_scratch *scratch;
	struct arena page; /* what one page needs */
	int64_t until_us;
	int pages;
	size_t limit; /* mentions of the answer, examples */
	bool ended;   /* nothing is behind the last page */
	/* Of a list: */
	Sy__V1__ListMentionsReply list;
	/* Of a preview: */
	Sy__V1__ListMentionsRequest every;
	Sy__V1__PreviewWatchReply preview;
	int64_t from_us, to_us;
	int slot, slot_pages; /* when sampled */
	/* One page was looked at; true: the next is to be read. */
	bool (*go_on)(struct scan *s);
	/* A mention that the rule finds. False: the answer is full. */
	bool (*found)(struct scan *s, const struct db_result *res, int row,
		      Sy__V1__Mention *m);
	const ProtobufCMessage *reply;
};

enum { PAGE_ROWS, WALKED }; /* statements */

/* Everything but the request's. */
static void scan_free(struct scan *s)
{
	watch_scratch_close(&s->scratch);
	watch_set_free(&s->set);
	arena_reset(&s->page);
}

static bool finds(struct scan *s, const Sy__V1__Mention *m)
{
	struct text normal = mention_normal(&s->page, m->title, m->text);
	struct watch_subject subject;
	struct watch_hits hits;

	watch_subject_make(bus_request_svc(s->req), &s->page, m->facts,
			   m->author, &normal, &subject);
	watch_match(s->scratch, &subject, &hits);
	return hits.n > 0;
}

/* The page goes on behind this row. */
static void pass(struct scan *s, const struct db_result *res, int row,
		 const Sy__V1__Mention *m)
{
	s->ask.at_us = m->facts->published_at_us;
	s->ask.n = db_get_i64(res, PAGE_ROWS, row, MENTION_COLUMNS_NR);
	s->preview.looked_at++;
}

static void look_page(struct scan *s);

static void page_cb(const struct db_result *res, void *arg)
{
	struct scan *s = arg;
	int rows;
	bool full = false;

	if (res->outcome != DB_OK) {
		scan_free(s);
		bus_reply_db_error(s->req, res);
		return;
	}
	rows = db_rows(res, PAGE_ROWS);
	for (int i = 0; i < rows && i < PAGE && !full; i++) {
		Sy__V1__Mention *m =
			mention_of_row(&s->page, res, PAGE_ROWS, i, true);

		if (m == NULL)
			continue;
		pass(s, res, i, m);
		full = finds(s, m) && !s->found(s, res, i, m);
	}
	s->ended = !full && rows <= PAGE;
	if (s->ended && !s->ask.few && db_rows(res, WALKED) == 1) {
		s->ended = false;
		s->ask.at_us = db_get_time(res, WALKED, 0, 0);
		s->ask.n = db_get_i64(res, WALKED, 0, 1);
	}
	arena_reset(&s->page);
	s->pages++;
	if (!full && s->go_on(s)) {
		look_page(s);
		return;
	}
	scan_free(s);
	bus_reply(s->req, s->reply);
}

static void look_page(struct scan *s)
{
	struct db_pipe *pipe = bus_request_pipe(s->req);

	mention_list_put_page(pipe, &s->ask);
	if (!s->ask.few)
		mention_list_put_walked(pipe, &s->ask);
	db_pipe_run(pipe, page_cb, s);
}

static struct scan *scan_new(struct bus_request *req)
{
	struct scan *s = arena_alloc(bus_request_arena(req), sizeof(*s));

	s->req = req;
	arena_init(&s->page);
	return s;
}

/* --- a list --- */

/* full: the answer has as many as were asked for. */
static void list_cursor(struct scan *s)
{
	s->list.next_cursor = mention_cursor_make(bus_request_arena(s->req),
						  s->ask.at_us, s->ask.n);
}

static bool list_go_on(struct scan *s)
{
	s->list.next_cursor = (char *)"";
	if (s->ended)
		return false;
	list_cursor(s);
	return s->pages < LIST_PAGES && time_now_us() < s->until_us;
}

static bool list_found(struct scan *s, const struct db_result *res, int row,
		       Sy__V1__Mention *m)
{
	(void)m;
	s->list.mentions[s->list.n_mentions++] = mention_of_row(
		bus_request_arena(s->req), res, PAGE_ROWS, row, true);
	if (s->list.n_mentions < s->limit)
		return true;
	list_cursor(s);
	return false;
}

static bool compile(struct scan *s, const char *query, struct watch_query *q)
{
	watch_query_read(bus_request_arena(s->req), query, q);
	return q->good && watch_values_good(bus_request_svc(s->req), q) &&
	       watch_query_compile(query, q, &s->set, &s->scratch) == 0;
}

void watch_scan_list(struct bus_request *req,
		     const struct mention_list_ask *ask, size_t limit)
{
	struct scan *s = scan_new(req);
	struct watch_query q;

	s->ask = *ask;
	s->ask.limit = PAGE;
	s->limit = limit;
	s->go_on = list_go_on;
	s->found = list_found;
	s->reply = &s->list.base;
	s->until_us = time_now_us() + LIST_US;
	sy__v1__list_mentions_reply__init(&s->list);
	s->list.mentions =
		arena_alloc(bus_request_arena(req), limit * sizeof(void *));
	if (compile(s, ask->msg->query, &q)) {
		look_page(s);
		return;
	}
	scan_free(s);
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "query", "%s",
			watch_problem_text(bus_request_arena(req), &q));
}

/* --- a preview --- */

static void slot_take(struct scan *s)
{
	int64_t width_us = (s->to_us - s->from_us) / SLOTS;

	s->ask.to_us = s->to_us - s->slot * width_us;
	s->ask.from_us = s->ask.to_us - width_us;
	s->ask.at_us = s->ask.to_us;
	s->ask.n = INT64_MAX;
	s->slot_pages = 0;
}

static bool preview_go_on(struct scan *s)
{
	bool late = time_now_us() >= s->until_us;

	if (!s->preview.sampled) {
		if (!s->ended && !late &&
		    s->preview.looked_at < PREVIEW_MENTIONS)
			return true;
		s->preview.sampled = !s->ended;
		if (s->ended)
			s->preview.total = s->preview.looked_at;
		return false;
	}
	if (late)
		return false;
	if (!s->ended && ++s->slot_pages < SLOT_PAGES)
		return true;
	if (++s->slot == SLOTS)
		return false;
	slot_take(s);
	return true;
}

static void add_spans(struct scan *s, const Sy__V1__Mention *m,
		      Sy__V1__PreviewMention *p)
{
	struct arena *arena = bus_request_arena(s->req);
	struct text mapped = mention_normal_mapped(&s->page, m->title, m->text);
	struct watch_subject subject;
	struct watch_spans spans;
	struct watch_hits hits;

	watch_subject_make(bus_request_svc(s->req), &s->page, m->facts,
			   m->author, &mapped, &subject);
	watch_match(s->scratch, &subject, &hits);
	spans = watch_spans_of(s->scratch, &s->page, 0, &mapped, m->title,
			       m->text);
	p->span_begin =
		arena_alloc(arena, (spans.n + 1) * sizeof(p->span_begin[0]));
	p->span_end =
		arena_alloc(arena, (spans.n + 1) * sizeof(p->span_end[0]));
	p->n_span_begin = p->n_span_end = spans.n;
	for (size_t i = 0; i < spans.n; i++) {
		p->span_begin[i] = spans.s[i]->begin;
		p->span_end[i] = spans.s[i]->end;
	}
}

static bool preview_found(struct scan *s, const struct db_result *res, int row,
			  Sy__V1__Mention *m)
{
	struct arena *arena = bus_request_arena(s->req);
	Sy__V1__PreviewMention *p;

	(void)res;
	(void)row;
	s->preview.hits++;
	if (s->preview.n_examples == s->limit)
		return true;
	p = arena_alloc(arena, sizeof(*p));
	sy__v1__preview_mention__init(p);
	p->mention_id = arena_strdup(arena, m->mention_id);
	p->source = arena_strdup(arena, m->facts->source);
	p->published_at_us = m->facts->published_at_us;
	p->text = arena_strdup(arena, m->text);
	add_spans(s, m, p);
	s->preview.examples[s->preview.n_examples++] = p;
	return true;
}

static void counted_cb(const struct db_result *res, void *arg)
{
	struct scan *s = arg;

	if (res->outcome != DB_OK) {
		scan_free(s);
		bus_reply_db_error(s->req, res);
		return;
	}
	s->ask.few = s->ask.root[0] != '\0' &&
		     db_get_i64(res, 1, 0, 0) <= MENTION_UNITS_FEW;
	s->preview.total = (uint64_t)db_get_i64(res, 0, 0, 0);
	s->preview.sampled = s->preview.total > PREVIEW_MENTIONS;
	s->ask.at_us = s->to_us;
	s->ask.n = INT64_MAX;
	if (s->preview.sampled)
		slot_take(s);
	look_page(s);
}

/* How many there are, and how many units. */
static void count(struct scan *s)
{
	struct db_pipe *pipe = bus_request_pipe(s->req);

	watches_put_total(pipe, s->ask.root, s->from_us, s->to_us);
	if (s->ask.root[0] != '\0')
		mention_list_put_units(pipe, &s->ask);
	db_pipe_run(pipe, counted_cb, s);
}

static bool bad(struct bus_request *req, const char *field, const char *text)
{
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s", text);
	return false;
}

static bool asked(struct scan *s)
{
	const Sy__V1__PreviewWatchRequest *msg =
		(const void *)bus_request_message(s->req);
	int64_t tomorrow = time_now_us() / US_PER_DAY + 1;

	if (strlen(msg->query) > WATCH_RULE_BYTES)
		return bad(s->req, "query", "has more than 65536 bytes");
	if (msg->limit > EXAMPLES_MAX)
		return bad(s->req, "limit", "wants at most 100");
	s->limit = msg->limit != 0 ? msg->limit : EXAMPLES_DEFAULT;
	s->to_us = tomorrow * US_PER_DAY;
	s->from_us = 0;
	if (!social_days(s->req, msg->days, &s->from_us, &s->to_us))
		return false;
	if (s->from_us == 0)
		s->from_us = s->to_us - DAYS_DEFAULT * US_PER_DAY;
	if (s->to_us <= s->from_us)
		return bad(s->req, "days", "ends before it begins");
	if (s->to_us - s->from_us > DAYS_MAX * US_PER_DAY)
		return bad(s->req, "days", "are more than 31");
	return social_scope(s->req, "", &s->ask.root);
}

/* A rule that is wrong is an answer here, not an error. */
static void answer_problem(struct scan *s, const struct watch_query *q)
{
	struct arena *arena = bus_request_arena(s->req);
	Sy__V1__WatchProblem *problem = arena_alloc(arena, sizeof(*problem));

	sy__v1__watch_problem__init(problem);
	problem->column = q->column;
	problem->text = arena_strdup(arena, q->problem);
	s->preview.problem = problem;
	scan_free(s);
	bus_reply(s->req, s->reply);
}

void handle_preview_watch(struct bus_request *req)
{
	const Sy__V1__PreviewWatchRequest *msg =
		(const void *)bus_request_message(req);
	struct scan *s = scan_new(req);
	struct watch_query q;

	if (!asked(s))
		return;
	sy__v1__preview_watch_reply__init(&s->preview);
	sy__v1__list_mentions_request__init(&s->every);
	s->ask.msg = &s->every;
	s->ask.limit = PAGE;
	s->ask.from_us = s->from_us;
	s->ask.to_us = s->to_us;
	s->go_on = preview_go_on;
	s->found = preview_found;
	s->reply = &s->preview.base;
	s->until_us = time_now_us() + PREVIEW_US;
	s->preview.examples =
		arena_alloc(bus_request_arena(req), s->limit * sizeof(void *));
	if (!compile(s, msg->query, &q)) {
		answer_problem(s, &q);
		return;
	}
	s->preview.formatted = (char *)q.formatted;
	count(s);
}
