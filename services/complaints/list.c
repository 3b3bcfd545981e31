/* list.c -- ListAppeals: what may be asked for, and the steps to a page.
 *
 *	units of the subtree -> walk -> (cut short: where it ended)
 *		-> search index -> (a text was asked for: excerpts) -> reply
 *
 * Most lists end after the walk.
 */
#include <string.h>

#include <sodium.h>

#include "complaints.h"
#include "list.h"
#include "timeutil.h"

#define LIST_DEFAULT 50
#define LIST_MAX 500
/* The order, its time in us and appeal_id, in hex. */
#define CURSOR_BYTES (1 + 8 + UUID_BYTES)

struct listing {
	struct list_ask ask;
	struct question question;
	Sy__V1__AppealRow **rows;
	size_t rows_nr;
	struct list_key last;    /* of the last row */
	struct list_terms terms; /* of the search index */
	int spans;               /* it is asked for at once */
	int64_t behind_us;
	struct bus_request *req;
};

/* --- cursors --- */

static char *cursor_make(struct arena *arena, Sy__V1__AppealOrder order,
			 const struct list_key *key)
{
	char *hex = arena_alloc(arena, 2 * CURSOR_BYTES + 1);
	uint8_t bytes[CURSOR_BYTES] = { (uint8_t)order };

	for (int i = 0; i < 8; i++)
		bytes[1 + i] = (uint8_t)((uint64_t)key->at_us >> (56 - 8 * i));
	memcpy(bytes + 9, key->id, UUID_BYTES);
	return sodium_bin2hex(hex, 2 * CURSOR_BYTES + 1, bytes, sizeof(bytes));
}

static bool cursor_read(const char *hex, Sy__V1__AppealOrder order,
			struct list_key *key_r)
{
	uint8_t bytes[CURSOR_BYTES];
	uint64_t us = 0;
	size_t len = 0;

	if (strlen(hex) != 2 * CURSOR_BYTES ||
	    sodium_hex2bin(bytes, sizeof(bytes), hex, strlen(hex), NULL, &len,
			   NULL) != 0 ||
	    len != sizeof(bytes) || bytes[0] != (uint8_t)order)
		return false;
	for (int i = 0; i < 8; i++)
		us = us << 8 | bytes[1 + i];
	/* what no case has, and timestamptz could not hold */
	if (us < (uint64_t)TIME_MIN_US ||
	    us > (uint64_t)(TIME_MIN_US + 36500 * US_PER_DAY))
		return false;
	key_r->at_us = (int64_t)us;
	memcpy(key_r->id, bytes + 9, UUID_BYTES);
	return true;
}

/* --- rows --- */

static int64_t order_time(Sy__V1__AppealOrder order,
			  const Sy__V1__AppealFacts *facts)
{
	return order == SY__V1__APPEAL_ORDER__DUE_FIRST
		       ? facts->next_due_us
		       : facts->registered_at_us;
}

/* The results end with their callback, the facts with the reply. */
static Sy__V1__AppealFacts *facts_keep(struct arena *arena,
				       const struct appeal_facts *facts)
{
	Sy__V1__AppealFacts proto;
	uint8_t *packed;
	size_t len;

	facts_to_proto(facts, &proto);
	len = sy__v1__appeal_facts__get_packed_size(&proto);
	packed = arena_alloc(arena, len + 1);
	sy__v1__appeal_facts__pack(&proto, packed);
	return sy__v1__appeal_facts__unpack(&arena->allocator, len, packed);
}

static void rows_take(struct listing *l, const struct db_result *res,
		      int statement)
{
	struct arena *arena = bus_request_arena(l->req);
	int n = db_rows(res, statement);

	for (int i = 0; i < n && l->rows_nr < l->ask.limit; i++) {
		Sy__V1__AppealRow *row = arena_alloc(arena, sizeof(*row));
		struct appeal_facts facts;
		const uint8_t *id;
		size_t len;

		sy__v1__appeal_row__init(row);
		id = db_get_bytes(res, statement, i, 0, &len);
		if (len != UUID_BYTES)
			continue;
		memcpy(l->last.id, id, UUID_BYTES);
		row->appeal_id =
			uuid_format(id, arena_alloc(arena, UUID_TEXT_MAX));
		row->source =
			arena_strdup(arena, db_get_text(res, statement, i, 1));
		row->external_id =
			arena_strdup(arena, db_get_text(res, statement, i, 2));
		row->revision = (uint64_t)db_get_i64(res, statement, i, 3);
		store_facts(arena, res, statement, i, STORE_FACTS_COL, &facts);
		row->facts = facts_keep(arena, &facts);
		l->last.at_us = order_time(l->ask.msg->order, row->facts);
		l->rows[l->rows_nr++] = row;
	}
}

/* --- the reply --- */

static void reply(struct listing *l)
{
	Sy__V1__ListAppealsReply msg = SY__V1__LIST_APPEALS_REPLY__INIT;

	msg.appeals = l->rows;
	msg.n_appeals = l->rows_nr;
	msg.search_behind_us = l->behind_us;
	if (l->rows_nr == l->ask.limit)
		msg.next_cursor = cursor_make(bus_request_arena(l->req),
					      l->ask.msg->order, &l->last);
	bus_reply(l->req, &msg.base);
}

static void texts_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;
	struct complaints *svc = bus_request_svc(l->req);
	struct arena *arena = bus_request_arena(l->req);

	if (bus_reply_db_error(l->req, res))
		return;
	for (int i = 0; i < db_rows(res, 0); i++) {
		size_t at = (size_t)db_get_i64(res, 0, i, 0) - 1;

		if (at < l->rows_nr && l->rows[at]->n_excerpt == 0)
			excerpt_make(search_words(svc->search), arena,
				     &l->question, db_get_text(res, 0, i, 1),
				     l->rows[at]);
	}
	reply(l);
}

static void finish(struct listing *l)
{
	struct db_pipe *pipe;

	if (l->ask.tsquery == NULL || l->rows_nr == 0) {
		reply(l);
		return;
	}
	pipe = bus_request_pipe(l->req);
	list_texts(pipe, (const Sy__V1__AppealRow *const *)l->rows, l->rows_nr);
	db_pipe_run(pipe, texts_cb, l);
}

/* --- by the search index --- */

static void add_term(struct list_terms *terms, const char *term)
{
	terms->t[terms->n++] = term;
}

static void add_code(struct list_terms *terms, struct arena *arena,
		     enum search_code code, const char *value)
{
	struct text_buf b = { .arena = arena };

	if (value[0] == '\0')
		return;
	search_add_code(&b, code, value);
	add_term(terms, b.text);
}

/* One of the numbers from first to last; of no number nothing is added. */
static void add_numbers(struct list_terms *terms, struct arena *arena,
			enum search_code code, int first, int last)
{
	struct text_buf b = { .arena = arena };

	for (int i = first; i <= last; i++) {
		if (i > first)
			buf_add_text(&b, " | ");
		search_add_code(&b, code, arena_printf(arena, "%d", i));
	}
	if (b.len > 0)
		add_term(terms, b.text);
}

/* The filters that have a lexeme; none if there is none. */
static struct list_terms terms_of(struct arena *arena,
				  const struct list_ask *ask)
{
	const Sy__V1__ListAppealsRequest *m = ask->msg;
	struct list_terms out = { .n = 0 };

	if (ask->tsquery != NULL)
		add_term(&out, ask->tsquery);
	add_code(&out, arena, SEARCH_KIND, m->kind);
	add_code(&out, arena, SEARCH_CHANNEL, m->channel);
	add_code(&out, arena, SEARCH_TOPIC, m->topic);
	add_code(&out, arena, SEARCH_ELEMENT, m->element);
	add_code(&out, arena, SEARCH_PRODUCT, m->product);
	add_code(&out, arena, SEARCH_SEGMENT, m->segment);
	add_code(&out, arena, SEARCH_DEPARTMENT, m->department);
	if (strcmp(m->handler, "-") != 0)
		add_code(&out, arena, SEARCH_HANDLER, m->handler);
	if (m->state != SY__V1__APPEAL_STATE__APPEAL_NONE)
		add_numbers(&out, arena, SEARCH_STATE, (int)m->state,
			    (int)m->state);
	if (m->min_escalation != SY__V1__ESCALATION_LEVEL__ESCALATION_NONE)
		add_numbers(&out, arena, SEARCH_ESCALATION,
			    (int)m->min_escalation,
			    SY__V1__ESCALATION_LEVEL__ESCALATION_MEDIA);
	add_code(&out, arena, SEARCH_FLAG, m->breached_only ? "breached" : "");
	add_code(&out, arena, SEARCH_FLAG, m->green_only ? "green" : "");
	add_code(&out, arena, SEARCH_FLAG, m->repeats_only ? "repeat" : "");
	add_code(&out, arena, SEARCH_IN, ask->root);
	return out;
}

static void search_on(struct listing *l);

enum { SEARCHED_BEHIND, SEARCHED_CONFIG, SEARCHED_ROWS };

/* How many more spans should fill the page, if it goes on as in the last ones;
 * more than LIST_SPANS_MAX: all that there are. */
static int spans_wanted(const struct listing *l, size_t rows_before)
{
	size_t found = l->rows_nr - rows_before;
	size_t missing = l->ask.limit - l->rows_nr;
	size_t spans = LIST_SPANS_MAX + 1;

	if (found > 0)
		spans = 1 + 2 * missing * (size_t)l->spans / found;
	return spans > LIST_SPANS_MAX ? LIST_SPANS_MAX + 1 : (int)spans;
}

static void searched_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;
	size_t rows_before = l->rows_nr;

	if (bus_reply_db_error(l->req, res))
		return;
	if (l->behind_us == 0 && db_rows(res, SEARCHED_BEHIND) > 0)
		l->behind_us = db_get_time(res, SEARCHED_BEHIND, 0, 1) -
			       db_get_time(res, SEARCHED_BEHIND, 0, 0);
	rows_take(l, res, SEARCHED_ROWS);
	if (l->rows_nr == l->ask.limit || l->spans > LIST_SPANS_MAX) {
		finish(l);
		return;
	}
	l->spans = spans_wanted(l, rows_before);
	search_on(l);
}

static void search_on(struct listing *l)
{
	struct db_pipe *pipe = bus_request_pipe(l->req);
	struct list_terms terms = l->terms;
	int64_t until_us = 0;

	if (l->spans <= LIST_SPANS_MAX) {
		int from = search_span(l->ask.from.at_us);
		int to = from - l->spans;

		add_numbers(&terms, bus_request_arena(l->req), SEARCH_SPAN, to,
			    from);
		until_us = to * (SEARCH_SPAN_DAYS * US_PER_DAY);
	}
	list_behind(pipe);
	list_search(pipe, &l->ask, &terms, until_us);
	l->ask.from = (struct list_key){ .at_us = until_us };
	db_pipe_run(pipe, searched_cb, l);
}

/* --- the walk --- */

static void walk_ended_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;
	const uint8_t *id;
	size_t len;

	if (bus_reply_db_error(l->req, res))
		return;
	id = db_get_bytes(res, 0, 0, 0, &len);
	if (db_rows(res, 0) == 0 || len != UUID_BYTES) {
		finish(l);
		return;
	}
	memcpy(l->ask.from.id, id, UUID_BYTES);
	l->ask.from.at_us = db_get_time(res, 0, 0, 1);
	l->spans = 1;
	if (l->terms.n == 0)
		finish(l);
	else
		search_on(l);
}

static void walked_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;
	int rows = l->ask.tsquery != NULL;
	struct db_pipe *pipe;

	if (bus_reply_db_error(l->req, res))
		return;
	if (rows == 1 && db_rows(res, 0) > 0)
		l->behind_us =
			db_get_time(res, 0, 0, 1) - db_get_time(res, 0, 0, 0);
	rows_take(l, res, rows);
	if (l->rows_nr == l->ask.limit || !list_is_bounded(&l->ask)) {
		finish(l);
		return;
	}
	pipe = bus_request_pipe(l->req);
	list_walk_end(pipe, &l->ask);
	db_pipe_run(pipe, walk_ended_cb, l);
}

static void walk(struct listing *l)
{
	struct db_pipe *pipe = bus_request_pipe(l->req);

	l->terms = terms_of(bus_request_arena(l->req), &l->ask);
	l->ask.terms_nr = l->terms.n;
	if (l->ask.tsquery != NULL)
		list_behind(pipe);
	list_walk(pipe, &l->ask);
	db_pipe_run(pipe, walked_cb, l);
}

static void units_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;

	if (bus_reply_db_error(l->req, res))
		return;
	l->ask.units_nr = db_rows(res, 0);
	walk(l);
}

/* --- what may be asked for --- */

/* The root of what may be listed, NULL: refused and answered. */
static const char *list_root(struct bus_request *req, const char *asked)
{
	struct complaints *svc = bus_request_svc(req);
	const struct bus_grant *grant = bus_request_grant(req);
	int32_t today = (int32_t)(time_now_us() / US_PER_DAY);

	if (asked[0] == '\0')
		return grant->unit;
	if (!replica_unit_known(svc->replica, asked)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__UNKNOWN_CODE, "unit",
				"is not in the directory");
		return NULL;
	}
	if (grant->unit[0] != '\0' &&
	    !replica_in_subtree(svc->replica, asked, grant->unit, today)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "unit",
				"lies outside of the principal's subtree");
		return NULL;
	}
	return asked;
}

/* False: refused and answered. */
static bool take_text(struct listing *l)
{
	const Sy__V1__ListAppealsRequest *msg = l->ask.msg;
	struct complaints *svc = bus_request_svc(l->req);
	const char *wrong;

	if (msg->text[0] == '\0')
		return true;
	if ((bus_request_grant(l->req)->roles & ROLE_HANDLER) == 0) {
		bus_reply_error(l->req, SY__V1__ERROR_CODE__FORBIDDEN, "text",
				"is for those who may read what customers say");
		return false;
	}
	if (msg->order != SY__V1__APPEAL_ORDER__NEWEST_FIRST) {
		bus_reply_error(l->req, SY__V1__ERROR_CODE__INVALID, "order",
				"a search has the newest first");
		return false;
	}
	wrong = question_read(search_words(svc->search),
			      bus_request_arena(l->req), msg->text,
			      &l->question);
	if (wrong != NULL) {
		bus_reply_error(l->req, SY__V1__ERROR_CODE__INVALID, "text",
				"%s", wrong);
		return false;
	}
	l->ask.tsquery = l->question.tsquery;
	return true;
}

/* False: refused and answered. */
static bool take_codes(struct listing *l)
{
	const Sy__V1__ListAppealsRequest *m = l->ask.msg;
	const struct {
		const char *value, *field;
	} codes[] = {
		{ m->kind, "kind" },
		{ m->topic, "topic" },
		{ m->channel, "channel" },
		{ m->handler, "handler" },
		{ m->department, "department" },
		{ m->segment, "segment" },
		{ m->product, "product" },
		{ m->element, "element" },
	};
	struct problem problem = { .code = SY__V1__ERROR_CODE__INVALID,
				   .field = "external_id",
				   .text = "is longer than 128 bytes" };
	bool good = strlen(m->external_id) <= EXTERNAL_ID_MAX;

	for (size_t i = 0; good && i < sizeof(codes) / sizeof(codes[0]); i++)
		good = code_check(codes[i].value, codes[i].field, &problem);
	if (!good)
		bus_reply_error(l->req, problem.code, problem.field, "%s",
				problem.text);
	return good;
}

/* False: refused and answered. */
static bool take_times(struct listing *l)
{
	const Sy__V1__ListAppealsRequest *m = l->ask.msg;
	const struct {
		int64_t us;
		const char *field;
	} times[] = {
		{ m->from_us, "from_us" },
		{ m->to_us, "to_us" },
		{ m->due_before_us, "due_before_us" },
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (time_is_storable(times[i].us))
			continue;
		bus_reply_error(l->req, SY__V1__ERROR_CODE__INVALID,
				times[i].field, "is not a time of this system");
		return false;
	}
	return true;
}

/* False: refused and answered. */
static bool take_page(struct listing *l)
{
	const Sy__V1__ListAppealsRequest *msg = l->ask.msg;
	uint8_t id[UUID_BYTES];

	l->ask.limit = msg->limit == 0 ? LIST_DEFAULT : msg->limit;
	if (l->ask.limit > LIST_MAX) {
		bus_reply_error(l->req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", LIST_MAX);
		return false;
	}
	if (msg->cursor[0] != '\0' &&
	    !cursor_read(msg->cursor, msg->order, &l->ask.from)) {
		bus_reply_error(l->req, SY__V1__ERROR_CODE__INVALID, "cursor",
				"is not one that a list in this order gave");
		return false;
	}
	if (msg->subject_of[0] != '\0' && uuid_parse(msg->subject_of, id) < 0) {
		bus_reply_error(l->req, SY__V1__ERROR_CODE__INVALID,
				"subject_of", "is not an appeal_id");
		return false;
	}
	return true;
}

void handle_list_appeals(struct bus_request *req)
{
	struct arena *arena = bus_request_arena(req);
	struct listing *l = arena_alloc(arena, sizeof(*l));
	const char *root;
	struct db_pipe *pipe;

	l->req = req;
	l->ask.msg =
		(const Sy__V1__ListAppealsRequest *)bus_request_message(req);
	if (!take_page(l) || !take_times(l) || !take_codes(l))
		return;
	root = list_root(req, l->ask.msg->unit);
	if (root == NULL) /* answered: the arena is gone */
		return;
	l->ask.root = root;
	l->ask.grant = bus_request_grant(req)->unit;
	if (!take_text(l))
		return;
	l->rows = arena_alloc(arena, l->ask.limit * sizeof(l->rows[0]));
	if (l->ask.root[0] == '\0') {
		walk(l);
		return;
	}
	pipe = bus_request_pipe(req);
	list_units(pipe, &l->ask);
	db_pipe_run(pipe, units_cb, l);
}
