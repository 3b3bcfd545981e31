/* upkeep.c -- a connection of its own and a timer: no message waits for it, and
 * each statement is right however many replicas run it at once.
 */
#include "upkeep.h"

#include <stdlib.h>

#include "log.h"
#include "metrics.h"

#define TICK_MS 1000
/* Counts are folded at each second tick, days looked at each ten minutes: they
 * are made for a week ahead. */
#define FOLD_TICKS 2
#define DAYS_TICKS 600
#define DAYS_AHEAD 8

struct upkeep {
	struct social *svc;
	void (*ready_cb)(void *arg);
	struct db_conn *conn;
	uv_timer_t tick;
	int ticks;
	bool working, made; /* a statement is on its way; days were made once */
	bool closing, closed;
};

static struct metric dropped =
	METRIC(METRIC_COUNTER, "suyuan_social_days_dropped_total",
	       "Days whose mentions were dropped since they were kept long "
	       "enough");
static struct metric folded =
	METRIC(METRIC_COUNTER, "suyuan_social_tally_cells_folded_total",
	       "Cells of counts that were added to");

enum { SQL_DAYS, SQL_FORGET, SQL_FOLD, SQL_NR };

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
static const struct db_statement statements[SQL_NR] = {
	[SQL_DAYS] = { "upkeep_days",
		"SELECT mention_days(floor(extract(epoch FROM now()) / 86400)"
		"::integer - 1, $1::integer)" },
	[SQL_FORGET] = { "upkeep_forget",
		"SELECT mention_forget(floor(extract(epoch FROM now()) / 86400)"
		"::integer - $1::integer)" },
	/* one replica is enough */
	[SQL_FOLD] = { "upkeep_fold",
		"SELECT tally_fold() WHERE pg_try_advisory_xact_lock("
		"hashtext('social tally_fold'))" },
};
/* clang-format on */

/* True: it is closing, and may be gone. */
static bool ended(struct upkeep *u, const struct db_result *res)
{
	u->working = false;
	if (u->closing) {
		if (u->closed)
			free(u);
		return true;
	}
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("upkeep: %s %s", res->sqlstate, res->text);
	return false;
}

static void days_cb(const struct db_result *res, void *arg)
{
	struct upkeep *u = arg;

	if (ended(u, res) || res->outcome != DB_OK)
		return;
	metric_add(&dropped, (double)db_get_i32(res, 1, 0, 0));
	if (u->made)
		return;
	u->made = true;
	u->ready_cb(u->svc);
}

static void fold_cb(const struct db_result *res, void *arg)
{
	struct upkeep *u = arg;

	if (!ended(u, res) && res->outcome == DB_OK)
		metric_add(&folded, (double)db_get_i64(res, 0, 0, 0));
}

static void days(struct upkeep *u)
{
	struct db_pipe *pipe = db_pipe_new(u->conn);

	db_exec(pipe, SQL_DAYS);
	db_i32(pipe, DAYS_AHEAD);
	db_exec(pipe, SQL_FORGET);
	db_i32(pipe, (int32_t)u->svc->conf.keep_days);
	u->working = true;
	db_pipe_run(pipe, days_cb, u);
}

static void fold(struct upkeep *u)
{
	struct db_pipe *pipe = db_pipe_new(u->conn);

	db_exec(pipe, SQL_FOLD);
	u->working = true;
	db_pipe_run(pipe, fold_cb, u);
}

static void tick_cb(uv_timer_t *tick)
{
	struct upkeep *u = tick->data;

	if (u->working || !db_conn_up(u->conn))
		return;
	u->ticks++;
	if (!u->made || u->ticks % DAYS_TICKS == 0)
		days(u);
	else if (u->ticks % FOLD_TICKS == 0)
		fold(u);
}

static void state_cb(bool up, void *arg)
{
	struct upkeep *u = arg;

	if (up && !u->working && !u->closing)
		days(u);
}

bool upkeep_ready(const struct upkeep *u)
{
	return u->made;
}

static void closed_cb(uv_handle_t *handle)
{
	struct upkeep *u = handle->data;

	u->closed = true;
	if (!u->working)
		free(u);
}

void upkeep_close(struct upkeep **u_p)
{
	struct upkeep *u = u_p != NULL ? *u_p : NULL;

	if (u == NULL)
		return;
	*u_p = NULL;
	u->closing = true;
	db_conn_close(&u->conn);
	uv_close((uv_handle_t *)&u->tick, closed_cb);
}

int upkeep_open(struct upkeep **u_r, struct social *svc,
		void (*ready_cb)(void *arg), struct error *err)
{
	struct upkeep *u = calloc(1, sizeof(*u));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "social upkeep",
		.statements = statements,
		.statements_nr = SQL_NR,
		.statement_timeout_ms = 30000,
		.state_cb = state_cb,
		.state_arg = u,
	};

	*u_r = NULL;
	if (u == NULL)
		return error_set(err, "upkeep: no memory");
	u->svc = svc;
	u->ready_cb = ready_cb;
	uv_timer_init(&svc->service.loop, &u->tick);
	u->tick.data = u;
	if (db_conn_open(&u->conn, &svc->service.loop, &options, err) < 0) {
		upkeep_close(&u);
		return -1;
	}
	uv_timer_start(&u->tick, tick_cb, TICK_MS, TICK_MS);
	*u_r = u;
	return 0;
}
