/* replica.c -- follows the directory's log: every change goes into the local
 * tables together with the cursor, and then into memory.
 *
 *	one replica of the service holds the lease:  log -> tables -> memory
 *	the others:                                  tables -> memory
 *
 * so each of them also reads, four times a second, what is newer in the tables
 * than in its memory. */
#include "dir/replica.h"

#include <stdio.h>
#include <stdlib.h>

#include "dir/replica_mem.h"
#include "dir/replica_store.h"
#include "log.h"
#include "metrics.h"

#define REFRESH_EVERY_MS 250
#define FIRST_CONFIRM_MS 5000
#define DRAIN_MS 3000
/* Behind an import the database would plan for a minute as if there were none
 * of it, and questions over the tree would take many seconds. */
#define ANALYZE_CHANGES 1000

struct replica {
	struct replica_mem mem;
	struct consumer *consumer;
	struct db_conn *db;
	uv_timer_t timer;
	char *consumer_name;
	bool ready, closing;
	bool refreshing;
	bool confirming_first;
	size_t changed, changed_before; /* since the last ANALYZE; a tick ago */
	struct confirm *confirms;
	void (*ready_cb)(void *arg);
	void *arg;
};

/* Somebody waits until all that the log held is in memory. */
struct confirm {
	struct replica *replica;
	struct confirm *next;
	void (*cb)(bool ok, void *arg);
	void *arg;
};

static struct metric revision_gauge =
	METRIC(METRIC_GAUGE, "suyuan_directory_revision",
	       "Offset of the directory's log that this process has applied.");

static void advanced(const struct replica *r)
{
	metric_set(&revision_gauge, (double)r->mem.revision);
}

/* --- the consumer ----------------------------------------------------------
 */

static int apply(void *arg, const struct consumer_event *events, size_t n,
		 struct db_pipe *pipe, struct error *err)
{
	struct arena arena;
	struct replica_change *changes;
	size_t changes_nr;
	int status;

	(void)arg;
	arena_init(&arena);
	status = replica_decode(&arena, events, n, &changes, &changes_nr, err);
	if (status == 0 && n > 0)
		replica_store(pipe, changes, changes_nr, events[n - 1].offset);
	arena_reset(&arena);
	return status;
}

static void applied(void *arg, const struct consumer_event *events, size_t n)
{
	struct replica *r = arg;
	struct arena arena;
	struct replica_change *changes;
	size_t changes_nr;

	arena_init(&arena);
	if (n > 0 && replica_decode(&arena, events, n, &changes, &changes_nr,
				    NULL) == 0) {
		replica_mem_take(&r->mem, changes, changes_nr,
				 events[n - 1].offset);
		r->changed += changes_nr;
	}
	arena_reset(&arena);
	advanced(r);
}

/* Fails under load: the database comes by itself later. */
static void analyzed_cb(const struct db_result *res, void *arg)
{
	(void)res;
	(void)arg;
}

/* Once an import has come to rest. */
static void analyze(struct replica *r)
{
	bool rests = r->changed == r->changed_before;
	struct db_pipe *pipe;

	r->changed_before = r->changed;
	if (r->changed < ANALYZE_CHANGES || !rests)
		return;
	r->changed = r->changed_before = 0;
	pipe = db_pipe_new(r->db);
	db_exec(pipe, REPLICA_SQL_ANALYZE);
	db_pipe_run(pipe, analyzed_cb, NULL);
}

/* --- the tables, when another replica writes them ------------------------- */

static bool answered(const struct db_result *res)
{
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("directory replica: %s", res->text);
	return res->outcome == DB_OK;
}

static bool refresh_done(struct replica *r, const struct db_result *res)
{
	if (!answered(res))
		return false;
	replica_load_rows(&r->mem, res, 0);
	advanced(r);
	return true;
}

static void refresh_cb(const struct db_result *res, void *arg)
{
	struct replica *r = arg;

	r->refreshing = false;
	if (!r->closing)
		refresh_done(r, res);
}

/* Nearly always nobody has written, and one statement says so. */
static void revision_cb(const struct db_result *res, void *arg)
{
	struct replica *r = arg;
	struct db_pipe *pipe;

	r->refreshing = false;
	if (r->closing || !answered(res) ||
	    (uint64_t)db_get_i64(res, 0, 0, 0) <= r->mem.revision)
		return;
	r->refreshing = true;
	pipe = db_pipe_new(r->db);
	replica_load(pipe, r->mem.revision);
	db_pipe_run(pipe, refresh_cb, r);
}

static void first_confirmed_cb(bool ok, void *arg)
{
	struct replica *r = arg;

	r->confirming_first = false;
	if (!ok || r->ready)
		return;
	r->ready = true;
	log_info("directory applied up to revision %llu",
		 (unsigned long long)r->mem.revision);
	if (r->ready_cb)
		r->ready_cb(r->arg);
}

static void timer_cb(uv_timer_t *timer)
{
	struct replica *r = timer->data;
	struct db_pipe *pipe;

	if (!r->ready && !r->confirming_first) {
		r->confirming_first = true;
		replica_confirm(r, FIRST_CONFIRM_MS, first_confirmed_cb, r);
	}
	if (r->refreshing || !db_conn_up(r->db))
		return;
	analyze(r);
	r->refreshing = true;
	pipe = db_pipe_new(r->db);
	db_exec(pipe, REPLICA_SQL_REVISION);
	db_pipe_run(pipe, revision_cb, r);
}

/* --- confirming ------------------------------------------------------------
 */

static void confirm_end(struct confirm *c, bool ok)
{
	struct confirm **at = &c->replica->confirms;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	if (!c->replica->closing)
		c->cb(ok, c->arg);
	free(c);
}

static void confirm_read_cb(const struct db_result *res, void *arg)
{
	struct confirm *c = arg;

	confirm_end(c, !c->replica->closing && refresh_done(c->replica, res));
}

/* The log is in the tables; now, whoever wrote them, into memory. */
static void confirm_applied_cb(bool ok, void *arg)
{
	struct confirm *c = arg;
	struct db_pipe *pipe;

	if (!ok || c->replica->closing) {
		confirm_end(c, false);
		return;
	}
	pipe = db_pipe_new(c->replica->db);
	replica_load(pipe, c->replica->mem.revision);
	db_pipe_run(pipe, confirm_read_cb, c);
}

void replica_confirm(struct replica *r, int timeout_ms,
		     void (*cb)(bool ok, void *arg), void *arg)
{
	struct confirm *c = calloc(1, sizeof(*c));

	if (!c)
		abort(); /* as arena_alloc: a crash is survived */
	*c = (struct confirm){
		.replica = r, .next = r->confirms, .cb = cb, .arg = arg
	};
	r->confirms = c;
	consumer_confirm(r->consumer, timeout_ms, confirm_applied_cb, c);
}

/* --- life ------------------------------------------------------------------
 */

static int open_consumer(struct replica *r,
			 const struct replica_options *options,
			 struct error *err)
{
	if (asprintf(&r->consumer_name, "%s-directory", options->service) < 0) {
		r->consumer_name = NULL;
		return error_set(err, "no memory");
	}
	return consumer_open(&r->consumer,
			     &(struct consumer_options){
				     .loop = options->loop,
				     .endpoint = options->endpoint,
				     .server_key = options->server_key,
				     .key = options->key,
				     .name = r->consumer_name,
				     .stream = "directory",
				     .shards_nr = 1,
				     .db_url = options->db_url,
				     .schema = options->schema,
				     .statements = replica_statements,
				     .statements_nr = REPLICA_SQL_NR,
				     .apply = apply,
				     .applied = applied,
				     .arg = r,
			     },
			     err);
}

int replica_open(struct replica **r_r, const struct replica_options *options,
		 struct error *err)
{
	struct replica *r = calloc(1, sizeof(*r));

	*r_r = NULL;
	if (!r)
		return error_set(err, "no memory");
	r->ready_cb = options->ready_cb;
	r->arg = options->arg;
	if (replica_load_blocking(&r->mem, options->db_url, options->schema,
				  err) < 0) {
		mem_free(&r->mem);
		free(r);
		return -1;
	}
	advanced(r);
	uv_timer_init(options->loop, &r->timer);
	r->timer.data = r;
	*r_r = r;
	if (db_conn_open(&r->db, options->loop,
			 &(struct db_conn_options){
				 .url = options->db_url,
				 .schema = options->schema,
				 .role = "directory replica",
				 .statements = replica_statements,
				 .statements_nr = REPLICA_SQL_NR,
				 .statement_timeout_ms = 2000,
			 },
			 err) < 0 ||
	    open_consumer(r, options, err) < 0) {
		replica_close(r_r);
		return -1;
	}
	uv_timer_start(&r->timer, timer_cb, 0, REFRESH_EVERY_MS);
	return 0;
}

bool replica_ready(const struct replica *r, const char **why_r)
{
	*why_r = consumer_stuck(r->consumer);
	if (*why_r)
		return false;
	*why_r = "the directory is not read yet";
	return r->ready;
}

uint64_t replica_revision(const struct replica *r)
{
	return r->mem.revision;
}

static void timer_closed_cb(uv_handle_t *handle)
{
	struct replica *r = handle->data;

	/* What the consumer had not confirmed is forgotten, without a word. */
	while (r->confirms) {
		struct confirm *c = r->confirms;

		r->confirms = c->next;
		free(c);
	}
	mem_free(&r->mem);
	free(r->consumer_name);
	free(r);
}

static void close_parts(struct replica *r)
{
	if (uv_is_closing((uv_handle_t *)&r->timer))
		return;
	consumer_close(&r->consumer);
	db_conn_close(&r->db);
	uv_close((uv_handle_t *)&r->timer, timer_closed_cb);
}

static void drained_cb(void *arg)
{
	close_parts(arg);
}

static void drain_timeout_cb(uv_timer_t *timer)
{
	close_parts(timer->data);
}

/* The lease is given back first: the next process would wait for its end. */
void replica_close(struct replica **r_r)
{
	struct replica *r = *r_r;

	if (!r)
		return;
	*r_r = NULL;
	r->closing = true;
	if (!r->consumer) {
		close_parts(r);
		return;
	}
	uv_timer_start(&r->timer, drain_timeout_cb, DRAIN_MS, 0);
	consumer_drain(r->consumer, drained_cb, r);
}

struct replica_mem *replica_memory(const struct replica *r)
{
	return (struct replica_mem *)&r->mem;
}
