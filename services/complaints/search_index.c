/* search_index.c -- reads what was written since and makes it found: takes the
 * oldest markers of the queue, reads their cases anew, breaks all that was said
 * into words on a thread of the pool, and writes the lexemes and takes the
 * markers away in one transaction. A marker is never lost: after kill -9 the
 * next replica finds it; to read a case twice changes nothing.
 *
 * The intake does not wait for any of this, and is not to be held up by it:
 * between two batches lies a pause as long as half of the last one, while the
 * intake has more than it can do four times as long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/must.h"
#include "complaints.h"
#include "log.h"
#include "metrics.h"
#include "search.h"
#include "timeutil.h"

#define LOOK_MS 200
#define BATCH_MAX 200
#define FOLLOW_US (10 * US_PER_S)
const char *const search_code_names[SEARCH_CODES_NR] = {
	[SEARCH_KIND] = "kind",
	[SEARCH_CHANNEL] = "channel",
	[SEARCH_TOPIC] = "topic",
	[SEARCH_ELEMENT] = "element",
	[SEARCH_PRODUCT] = "product",
	[SEARCH_SEGMENT] = "segment",
	[SEARCH_DEPARTMENT] = "department",
	[SEARCH_HANDLER] = "handler",
	[SEARCH_STATE] = "state",
	[SEARCH_ESCALATION] = "escalation",
	[SEARCH_FLAG] = "flag",
	[SEARCH_IN] = "in",
	[SEARCH_SPAN] = "span",
};

enum texts_column {
	TEXTS_ID,
	TEXTS_AT,
	TEXTS_N,
	TEXTS_TEXT,
	TEXTS_EXTERNAL_ID,
	TEXTS_CODES, /* in the order of enum search_code up to FLAG */
	TEXTS_BREACHED = TEXTS_CODES + SEARCH_FLAG,
	TEXTS_GREEN,
	TEXTS_REPEAT,
	TEXTS_ABOVE, /* a unit a line */
};

/* One case of a batch, on its way to the thread and back. */
struct doc {
	uint8_t id[UUID_BYTES];
	int64_t registered_at_us;
	struct text_buf codes;
	const char **texts;
	size_t texts_nr;
	struct text_buf vector;
};

struct search {
	struct complaints *svc;
	struct words *words;        /* of questions, on the loop */
	struct words *thread_words; /* of the thread */
	struct db_conn *conn;
	uv_timer_t tick;
	uv_work_t work;
	struct arena arena; /* of a batch */
	bool busy;          /* a pipe or the thread is at it */
	bool closing, closed;
	int64_t begun_us; /* of the batch, monotonic */
	/* Revisions of the directory: the index knows, and is about to. */
	uint64_t followed, following;
	int64_t followed_at_us;
	int64_t ids[BATCH_MAX];
	size_t ids_nr;
	struct doc *docs;
	size_t docs_nr;
};

static struct metric indexed =
	METRIC(METRIC_COUNTER, "suyuan_complaints_search_indexed_total",
	       "Cases that were read into the search index.");
static struct metric behind =
	METRIC(METRIC_GAUGE, "suyuan_complaints_search_behind_us",
	       "Age of the oldest text that is not found yet, microseconds.");

void search_add_code(struct text_buf *b, enum search_code code,
		     const char *value)
{
	buf_add_lexeme(b, arena_printf(b->arena, "%s=%s",
				       search_code_names[code], value));
}

int search_span(int64_t registered_at_us)
{
	return (int)(registered_at_us / (SEARCH_SPAN_DAYS * US_PER_DAY));
}

struct words *search_words(const struct search *s)
{
	return s->words;
}

/* --- the rhythm --- */

static void search_free(struct search *s)
{
	words_close(&s->words);
	words_close(&s->thread_words);
	arena_reset(&s->arena);
	free(s);
}

static void look_cb(uv_timer_t *tick);

static uint64_t pause_ms(const struct search *s)
{
	int64_t took_ms = (time_monotonic_us() - s->begun_us) / US_PER_MS + 1;

	return (uint64_t)(bus_server_busy(s->svc->bus) ? 4 * took_ms
						       : (took_ms + 1) / 2);
}

/* The batch has ended, in whatever way. */
static void rest(struct search *s, bool more)
{
	arena_reset(&s->arena);
	s->busy = false;
	s->docs = NULL;
	s->docs_nr = 0;
	if (s->closing) {
		if (s->closed)
			search_free(s);
		return;
	}
	uv_timer_start(&s->tick, look_cb, more ? pause_ms(s) : LOOK_MS, 0);
}

static bool failed(struct search *s, const struct db_result *res)
{
	if (res->outcome == DB_OK && !s->closing)
		return false;
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("search index: %s", res->text);
	rest(s, false);
	return true;
}

/* --- writing --- */

static void written_cb(const struct db_result *res, void *arg)
{
	struct search *s = arg;

	if (failed(s, res))
		return;
	metric_add(&indexed, (double)s->docs_nr);
	rest(s, true);
}

static void write_docs(struct search *s)
{
	struct db_pipe *pipe = db_pipe_new(s->conn);

	if (s->docs_nr > 0) {
		db_exec(pipe, SEARCH_PUT);
		db_array_begin(pipe, DB_ARRAY_UUID);
		for (size_t i = 0; i < s->docs_nr; i++)
			db_array_data(pipe, s->docs[i].id, UUID_BYTES);
		db_array_end(pipe);
		db_array_begin(pipe, DB_ARRAY_TIME);
		for (size_t i = 0; i < s->docs_nr; i++)
			db_array_int(pipe, s->docs[i].registered_at_us);
		db_array_end(pipe);
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < s->docs_nr; i++)
			db_array_text(pipe, s->docs[i].vector.text);
		db_array_end(pipe);
	}
	db_exec(pipe, SEARCH_DONE);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < s->ids_nr; i++)
		db_array_int(pipe, s->ids[i]);
	db_array_end(pipe);
	db_pipe_run(pipe, written_cb, s);
}

/* --- on the thread --- */

static void doc_words(struct search *s, struct doc *doc)
{
	int position = 0;

	buf_add(&doc->vector, doc->codes.text, doc->codes.len);
	for (size_t i = 0; i < doc->texts_nr; i++)
		if (!buf_add_words(&doc->vector, s->thread_words, doc->texts[i],
				   &position))
			return;
}

static void work_cb(uv_work_t *work)
{
	struct search *s = work->data;

	for (size_t i = 0; i < s->docs_nr; i++)
		doc_words(s, &s->docs[i]);
}

static void worked_cb(uv_work_t *work, int status)
{
	struct search *s = work->data;

	(void)status;
	if (s->closing)
		rest(s, false);
	else
		write_docs(s);
}

/* --- reading --- */

static void add_code(struct text_buf *b, enum search_code code,
		     const char *value)
{
	search_add_code(b, code, value);
	buf_add_text(b, " ");
}

static void read_codes(struct text_buf *b, const struct db_result *res, int row)
{
	static const char *const flags[] = { "breached", "green", "repeat" };
	char *above =
		arena_strdup(b->arena, db_get_text(res, 0, row, TEXTS_ABOVE));
	const char *unit;

	for (int code = 0; code < SEARCH_FLAG; code++)
		add_code(b, (enum search_code)code,
			 db_get_text(res, 0, row, TEXTS_CODES + code));
	for (int flag = 0; flag < 3; flag++)
		if (db_get_bool(res, 0, row, TEXTS_BREACHED + flag))
			add_code(b, SEARCH_FLAG, flags[flag]);
	while ((unit = strsep(&above, "\n")) != NULL)
		add_code(b, SEARCH_IN, unit);
	add_code(b, SEARCH_SPAN,
		 arena_printf(b->arena, "%d",
			      search_span(db_get_time(res, 0, row, TEXTS_AT))));
}

static struct doc *read_doc(struct search *s, const struct db_result *res,
			    int row, size_t rows)
{
	struct doc *doc;
	const uint8_t *id;
	size_t len;

	id = db_get_bytes(res, 0, row, TEXTS_ID, &len);
	if (len != UUID_BYTES)
		return NULL;
	if (s->docs_nr > 0 &&
	    memcmp(s->docs[s->docs_nr - 1].id, id, UUID_BYTES) == 0)
		return &s->docs[s->docs_nr - 1];
	doc = &s->docs[s->docs_nr++];
	memcpy(doc->id, id, UUID_BYTES);
	doc->registered_at_us = db_get_time(res, 0, row, TEXTS_AT);
	doc->codes.arena = &s->arena;
	doc->vector.arena = &s->arena;
	doc->texts = arena_alloc(&s->arena, (rows + 1) * sizeof(char *));
	read_codes(&doc->codes, res, row);
	doc->texts[doc->texts_nr++] = arena_strdup(
		&s->arena, db_get_text(res, 0, row, TEXTS_EXTERNAL_ID));
	return doc;
}

/* How many rows from this one on are of the same case. */
static size_t rows_of_case(const struct db_result *res, int row)
{
	size_t len, n = 0;
	const uint8_t *first = db_get_bytes(res, 0, row, TEXTS_ID, &len);

	for (; row < db_rows(res, 0); row++, n++) {
		const uint8_t *id = db_get_bytes(res, 0, row, TEXTS_ID, &len);

		if (len != UUID_BYTES || memcmp(id, first, UUID_BYTES) != 0)
			break;
	}
	return n;
}

static void texts_cb(const struct db_result *res, void *arg)
{
	struct search *s = arg;
	int rows;

	if (failed(s, res))
		return;
	rows = db_rows(res, 0);
	s->docs =
		arena_alloc(&s->arena, (size_t)(rows + 1) * sizeof(s->docs[0]));
	for (int row = 0; row < rows; row++) {
		struct doc *doc = read_doc(s, res, row, rows_of_case(res, row));

		if (doc == NULL)
			continue;
		if (!db_is_null(res, 0, row, TEXTS_TEXT))
			doc->texts[doc->texts_nr++] = arena_strdup(
				&s->arena,
				db_get_text(res, 0, row, TEXTS_TEXT));
	}
	s->work.data = s;
	if (uv_queue_work(&s->svc->service.loop, &s->work, work_cb,
			  worked_cb) != 0)
		rest(s, false);
}

static void taken_cb(const struct db_result *res, void *arg)
{
	struct search *s = arg;
	struct db_pipe *pipe;
	int st = res->n - 1; /* behind SEARCH_FOLLOW, or alone */
	size_t len;

	if (failed(s, res))
		return;
	s->ids_nr = 0;
	s->followed = s->following;
	metric_set(&behind, db_is_null(res, st, 0, 0)
				    ? 0
				    : (double)(db_get_time(res, st, 0, 3) -
					       db_get_time(res, st, 0, 2)));
	if (db_is_null(res, st, 0, 0) || !db_get_bool(res, st, 0, 4)) {
		rest(s, false);
		return;
	}
	pipe = db_pipe_new(s->conn);
	db_exec(pipe, SEARCH_TEXTS);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (int row = 0; row < db_rows(res, st); row++) {
		const uint8_t *id = db_get_bytes(res, st, row, 1, &len);
		bool known = false;

		s->ids[s->ids_nr++] = db_get_i64(res, st, row, 0);
		for (int i = 0; i < row && !known; i++)
			known = memcmp(db_get_bytes(res, st, i, 1, &len), id,
				       UUID_BYTES) == 0;
		if (!known)
			db_array_data(pipe, id, UUID_BYTES);
	}
	db_array_end(pipe);
	db_pipe_run(pipe, texts_cb, s);
}

/* The directory has changed: units may lie elsewhere. An import changes it many
 * times a second. */
static void follow_tree(struct search *s, struct db_pipe *pipe)
{
	uint64_t revision = replica_revision(s->svc->replica);

	if (revision == s->followed ||
	    s->begun_us < s->followed_at_us + FOLLOW_US)
		return;
	s->following = revision;
	s->followed_at_us = s->begun_us;
	db_exec(pipe, SEARCH_FOLLOW);
}

static void look_cb(uv_timer_t *tick)
{
	struct search *s = tick->data;
	struct db_pipe *pipe;

	if (s->busy)
		return;
	s->busy = true;
	s->begun_us = time_monotonic_us();
	if (!db_conn_up(s->conn)) {
		rest(s, false);
		return;
	}
	pipe = db_pipe_new(s->conn);
	follow_tree(s, pipe);
	db_exec(pipe, SEARCH_TAKE);
	db_i64(pipe, BATCH_MAX);
	db_pipe_run(pipe, taken_cb, s);
}

/* --- its life --- */

static void closed_cb(uv_handle_t *handle)
{
	struct search *s = handle->data;

	s->closed = true;
	if (!s->busy)
		search_free(s);
}

void search_close(struct search **s_p)
{
	struct search *s = s_p != NULL ? *s_p : NULL;

	if (s == NULL)
		return;
	*s_p = NULL;
	s->closing = true;
	db_conn_close(&s->conn);
	uv_close((uv_handle_t *)&s->tick, closed_cb);
}

int search_open(struct search **s_r, struct complaints *svc, struct error *err)
{
	struct search *s = must_calloc(1, sizeof(*s));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "complaints search",
		.statements = search_sql,
		.statements_nr = SEARCH_SQL_NR,
		.statement_timeout_ms = 30000,
	};

	*s_r = NULL;
	s->svc = svc;
	arena_init(&s->arena);
	metric_show(&behind);
	uv_timer_init(&svc->service.loop, &s->tick);
	s->tick.data = s;
	if (words_open(&s->words, err) < 0 ||
	    words_open(&s->thread_words, err) < 0 ||
	    db_conn_open(&s->conn, &svc->service.loop, &options, err) < 0) {
		search_close(&s);
		return -1;
	}
	uv_timer_start(&s->tick, look_cb, LOOK_MS, 0);
	*s_r = s;
	return 0;
}
