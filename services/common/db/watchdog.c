/* watchdog.c -- a client that stops (SIGSTOP, a swapped host, a debugger) in
 * the middle of a transaction holds its locks: mid-pipeline the backend counts
 * as active, so that no timeout of the server fires. Whoever is blocked can
 * only end that backend.
 *
 * The server does not say since when a backend waits for its client, so we look
 * often and act on one that was found in the very same wait all the time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "metrics.h"
#include "private.h"

#define LOOK_EVERY_MS 200
/* More than a pause of a healthy client, less than people notice. */
#define WAIT_MAX_MS 500
/* The look itself must not queue up behind a slow server. */
#define STATEMENT_TIMEOUT_MS 2000
#define SUSPECTS_MAX 64

enum { SQL_SUSPECTS, SQL_TERMINATE, SQL_NR };

/* pg_blocking_pids takes the lock manager's locks: only when there is a
 * candidate, and only for those who wait. state_change is new at each message
 * of the client, so it names the wait. */
static const struct db_statement statements[SQL_NR] = {
	[SQL_SUSPECTS] = {
		"watchdog_suspects",
		"WITH candidate AS MATERIALIZED ("
		" SELECT pid, state_change FROM pg_stat_activity"
		" WHERE usename = current_user AND datname = current_database()"
		" AND pid <> pg_backend_pid() AND wait_event = 'ClientRead'"
		" AND xact_start IS NOT NULL ORDER BY pid LIMIT 64)"
		" SELECT pid, state_change FROM candidate c WHERE EXISTS ("
		" SELECT FROM pg_locks l WHERE NOT l.granted"
		" AND c.pid = ANY (pg_blocking_pids(l.pid)))",
	},
	/* Once more the same wait: pids are used again. */
	[SQL_TERMINATE] = {
		"watchdog_terminate",
		"SELECT pg_terminate_backend(pid), pid FROM pg_stat_activity"
		" WHERE pid = $1::int AND state_change = $2::timestamptz"
		" AND wait_event = 'ClientRead' AND xact_start IS NOT NULL",
	},
};

static struct metric metric_terminated =
	METRIC(METRIC_COUNTER, "suyuan_db_watchdog_terminated_total",
	       "Backends ended because they blocked others while waiting for "
	       "their client.");

struct suspect {
	int32_t pid;
	int64_t state_change_us;
	uint64_t since_ms;
};

struct db_watchdog {
	struct db_conn *conn;
	uv_timer_t timer;
	bool asking;
	bool closed;
	int pending; /* callbacks to come: pipes and the timer's close */
	struct suspect suspects[SUSPECTS_MAX];
	int suspects_nr;
};

static void free_if_done(struct db_watchdog *w)
{
	if (w->closed && w->pending == 0)
		free(w);
}

static void terminated_cb(const struct db_result *res, void *arg)
{
	struct db_watchdog *w = arg;

	if (res->outcome == DB_OK && db_rows(res, 0) > 0 &&
	    db_get_bool(res, 0, 0, 0)) {
		metric_add(&metric_terminated, 1);
		log_warn("watchdog: ended backend %d, which blocked others "
			 "while waiting for its client",
			 db_get_i32(res, 0, 0, 1));
	} else if (res->outcome != DB_OK) {
		log_warn("watchdog: %s", res->text);
	}
	w->pending--;
	free_if_done(w);
}

static void terminate(struct db_watchdog *w, const struct suspect *s)
{
	struct db_pipe *pipe = db_pipe_new(w->conn);

	db_exec(pipe, SQL_TERMINATE);
	db_i32(pipe, s->pid);
	db_time(pipe, s->state_change_us);
	w->pending++;
	db_pipe_run(pipe, terminated_cb, w);
}

static uint64_t seen_since(const struct db_watchdog *w, const struct suspect *s,
			   uint64_t now_ms)
{
	for (int i = 0; i < w->suspects_nr; i++)
		if (w->suspects[i].pid == s->pid &&
		    w->suspects[i].state_change_us == s->state_change_us)
			return w->suspects[i].since_ms;
	return now_ms;
}

static void suspects_cb(const struct db_result *res, void *arg)
{
	struct db_watchdog *w = arg;
	struct suspect now[SUSPECTS_MAX];
	uint64_t now_ms = uv_hrtime() / 1000000;
	int nr = 0;

	w->asking = false;
	w->pending--;
	if (w->closed) {
		free_if_done(w);
		return;
	}
	if (res->outcome != DB_OK) {
		/* What we missed meanwhile we do not know. */
		w->suspects_nr = 0;
		return;
	}
	for (int row = 0; row < db_rows(res, 0) && nr < SUSPECTS_MAX; row++) {
		struct suspect s = {
			.pid = db_get_i32(res, 0, row, 0),
			.state_change_us = db_get_time(res, 0, row, 1),
		};

		s.since_ms = seen_since(w, &s, now_ms);
		if (now_ms - s.since_ms >= WAIT_MAX_MS)
			terminate(w, &s);
		now[nr++] = s;
	}
	memcpy(w->suspects, now, sizeof(*now) * (size_t)nr);
	w->suspects_nr = nr;
}

static void look_cb(uv_timer_t *timer)
{
	struct db_watchdog *w = timer->data;
	struct db_pipe *pipe;

	if (w->asking || !db_conn_up(w->conn))
		return;
	pipe = db_pipe_new(w->conn);
	db_exec(pipe, SQL_SUSPECTS);
	w->asking = true;
	w->pending++;
	db_pipe_run(pipe, suspects_cb, w);
}

int db_watchdog_open(struct db_watchdog **w_r, uv_loop_t *loop, const char *url,
		     const char *schema, struct error *err)
{
	struct db_watchdog *w = db_alloc(1, sizeof(*w));
	char role[80];
	const struct db_conn_options options = {
		.url = url,
		.schema = schema,
		.role = role,
		.statements = statements,
		.statements_nr = SQL_NR,
		.statement_timeout_ms = STATEMENT_TIMEOUT_MS,
	};

	*w_r = NULL;
	snprintf(role, sizeof(role), "%s watchdog", schema);
	if (db_conn_open(&w->conn, loop, &options, err) < 0) {
		free(w);
		return -1;
	}
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	uv_timer_start(&w->timer, look_cb, LOOK_EVERY_MS, LOOK_EVERY_MS);
	*w_r = w;
	return 0;
}

static void timer_closed_cb(uv_handle_t *handle)
{
	struct db_watchdog *w = handle->data;

	w->pending--;
	free_if_done(w);
}

void db_watchdog_close(struct db_watchdog **w_r)
{
	struct db_watchdog *w = w_r ? *w_r : NULL;

	if (!w)
		return;
	*w_r = NULL;
	w->closed = true;
	w->pending++;
	uv_close((uv_handle_t *)&w->timer, timer_closed_cb);
	db_conn_close(&w->conn);
}
