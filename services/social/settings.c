/* settings.c -- see settings.h. One setting is read at a time; while it is
 * being made ready the next looks go on, and a change that comes meanwhile is
 * found by one of them.
 */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "beside_store.h"
#include "log.h"
#include "mentions.h"
#include "metrics.h"

#define LOOK_MS 1000
#define SETTINGS_MAX 8

enum { SQL_LOOK, SQL_FIRST_SELECT };

#define LOOK_BYTES 1024

/* One setting, as far as this replica has come. */
struct kept {
	const struct setting *setting;
	struct settings *settings;
	uint64_t revision;      /* in use */
	uint64_t next_revision; /* being read or made */
	bool loaded;            /* once at least */
	bool making;
	void *made;
	uv_work_t work;
	struct metric *gauge;
};

struct settings {
	struct social *svc;
	void (*ready_cb)(void *arg);
	struct db_statement statements[SQL_FIRST_SELECT + SETTINGS_MAX];
	char look[LOOK_BYTES]; /* the statement */
	struct db_conn *conn;
	uv_timer_t tick;
	struct kept kept[SETTINGS_MAX];
	size_t n;
	struct kept *reading; /* whose rows were asked for */
	size_t turn;          /* who is looked at first, so that all are */
	bool looking;         /* a pipe is on its way */
	size_t making;        /* threads */
	bool told_ready;
	bool closing, closed;
};

static void look(struct settings *s);

static void free_if_done(struct settings *s)
{
	if (s->closed && !s->looking && s->making == 0)
		free(s);
}

bool settings_ready(const struct settings *s)
{
	return s->told_ready;
}

void settings_touch(struct db_pipe *pipe, const char *name)
{
	db_exec(pipe, MENTIONS_SQL_SETTING_TOUCH);
	db_text(pipe, name);
}

static void tell_if_ready(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->kept[i].loaded)
			return;
	if (s->told_ready)
		return;
	s->told_ready = true;
	s->ready_cb(s->svc);
}

/* --- ready on a thread, swapped on the loop --- */

static void make_cb(uv_work_t *work)
{
	struct kept *k = work->data;

	if (k->setting->make != NULL)
		k->setting->make(k->made);
}

static void made_cb(uv_work_t *work, int status)
{
	struct kept *k = work->data;
	struct settings *s = k->settings;
	void *made = k->made;

	k->made = NULL;
	k->making = false;
	s->making--;
	if (s->closing || status != 0) {
		k->setting->drop(made);
		free_if_done(s);
		return;
	}
	k->setting->swap(made, k->setting->arg);
	k->revision = k->next_revision;
	k->loaded = true;
	metric_set(k->gauge, (double)k->revision);
	log_info("setting %s: revision %llu is in use", k->setting->name,
		 (unsigned long long)k->revision);
	tell_if_ready(s);
	/* at the start the others follow at once */
	if (!s->told_ready)
		look(s);
}

static void make(struct settings *s, struct kept *k,
		 const struct db_result *res)
{
	k->made = k->setting->take(res, 0, k->setting->arg);
	if (k->made == NULL)
		return;
	k->work.data = k;
	k->making = true;
	s->making++;
	if (uv_queue_work(&s->svc->service.loop, &k->work, make_cb, made_cb) !=
	    0)
		abort();
}

/* --- looks --- */

/* True: the answer is of no use; it may be the end. */
static bool failed(struct settings *s, const struct db_result *res)
{
	s->looking = false;
	if (s->closing) {
		free_if_done(s);
		return true;
	}
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("settings: %s %s", res->sqlstate, res->text);
	return res->outcome != DB_OK;
}

static void rows_cb(const struct db_result *res, void *arg)
{
	struct settings *s = arg;
	struct kept *k = s->reading;

	if (!failed(s, res))
		make(s, k, res);
}

static void rows_ask(struct settings *s, struct kept *k)
{
	struct db_pipe *pipe = db_pipe_new(s->conn);

	db_exec(pipe, SQL_FIRST_SELECT + (int)(k - s->kept));
	s->reading = k;
	s->looking = true;
	db_pipe_run(pipe, rows_cb, s);
}

static uint64_t revision_told(const struct db_result *res, const char *name)
{
	for (int row = 0; row < db_rows(res, 0); row++)
		if (strcmp(db_get_text(res, 0, row, 0), name) == 0)
			return (uint64_t)db_get_i64(res, 0, row, 1);
	return 0;
}

/* The next that is behind; the others have their turn in the next looks. Rows
 * that are newer than the revision which was read before them are read again.
 */
static void looked_cb(const struct db_result *res, void *arg)
{
	struct settings *s = arg;

	if (failed(s, res))
		return;
	for (size_t i = 0; i < s->n; i++) {
		struct kept *k = &s->kept[(s->turn + i) % s->n];
		uint64_t revision = revision_told(res, k->setting->name);

		if (k->making || (k->loaded && revision == k->revision))
			continue;
		k->next_revision = revision;
		s->turn = (size_t)(k - s->kept) + 1;
		rows_ask(s, k);
		return;
	}
}

static void look(struct settings *s)
{
	struct db_pipe *pipe;

	if (s->looking || s->closing || !db_conn_up(s->conn))
		return;
	pipe = db_pipe_new(s->conn);
	db_exec(pipe, SQL_LOOK);
	s->looking = true;
	db_pipe_run(pipe, looked_cb, s);
}

static void look_cb(uv_timer_t *tick)
{
	look(tick->data);
}

static void state_cb(bool up, void *arg)
{
	if (up)
		look(arg);
}

/* --- open, close --- */

static void closed_cb(uv_handle_t *handle)
{
	struct settings *s = handle->data;

	s->closed = true;
	free_if_done(s);
}

void settings_close(struct settings **s_p)
{
	struct settings *s = s_p != NULL ? *s_p : NULL;

	if (s == NULL)
		return;
	*s_p = NULL;
	s->closing = true;
	db_conn_close(&s->conn);
	uv_close((uv_handle_t *)&s->tick, closed_cb);
}

static void keep(struct settings *s, const struct setting *setting)
{
	s->statements[SQL_FIRST_SELECT + s->n] = setting->select;
	s->kept[s->n].setting = setting;
	s->kept[s->n].settings = s;
	s->kept[s->n].gauge =
		metric_new(METRIC_GAUGE, "suyuan_social_setting_revision",
			   "Revision of a setting that is in use here",
			   "setting=\"%s\"", setting->name);
	s->n++;
	if (setting->revision != NULL) {
		size_t len = strlen(s->look);

		snprintf(s->look + len, sizeof(s->look) - len,
			 SETTINGS_LOOK_MORE, setting->name, setting->revision);
	}
}

int settings_open(struct settings **s_r, struct social *svc,
		  const struct setting *const *list,
		  void (*ready_cb)(void *arg), struct error *err)
{
	struct settings *s = calloc(1, sizeof(*s));
	struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "social settings",
		.statement_timeout_ms = 30000,
		.state_cb = state_cb,
		.state_arg = s,
	};

	*s_r = NULL;
	if (s == NULL)
		return error_set(err, "settings: no memory");
	s->svc = svc;
	s->ready_cb = ready_cb;
	snprintf(s->look, sizeof(s->look), "%s", settings_look_sql);
	s->statements[SQL_LOOK] =
		(struct db_statement){ "settings_look", s->look };
	for (size_t i = 0; list[i] != NULL; i++) {
		if (i == SETTINGS_MAX)
			abort();
		keep(s, list[i]);
	}
	options.statements = s->statements;
	options.statements_nr = SQL_FIRST_SELECT + (int)s->n;
	s->told_ready = s->n == 0;
	uv_timer_init(&svc->service.loop, &s->tick);
	s->tick.data = s;
	if (db_conn_open(&s->conn, &svc->service.loop, &options, err) < 0) {
		settings_close(&s);
		return -1;
	}
	uv_timer_start(&s->tick, look_cb, LOOK_MS, LOOK_MS);
	*s_r = s;
	return 0;
}
