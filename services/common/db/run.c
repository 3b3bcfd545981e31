/* run.c -- sends the pipes of a connection one after another and reads their
 * results. One pipe is on the wire at a time: a failure then belongs to
 * exactly one transaction, and what is queued is still safe to wait. The next
 * pipe is sent before the callback of the last one runs, so that the server
 * works meanwhile. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "metrics.h"
#include "private.h"

/* How long a pipe that was not sent waits for the connection: longer than a
 * restart of the server takes, shorter than clients wait. */
#define QUEUED_MAX_MS 10000
#define TEND_MS 250

static struct metric metric_pipe_us =
	METRIC(METRIC_HISTOGRAM, "suyuan_db_pipe_us",
	       "Time of one pipe from sending to its Sync, microseconds.");
static struct metric metric_uncertain =
	METRIC(METRIC_COUNTER, "suyuan_db_uncertain_total",
	       "Pipes whose connection was lost before the answer.");

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

static struct db_pipe *pop(struct db_conn *conn)
{
	struct db_pipe *pipe = conn->head;

	if (!pipe)
		return NULL;
	conn->head = pipe->next;
	if (!conn->head)
		conn->tail = &conn->head;
	pipe->next = NULL;
	return pipe;
}

/* --- the end of a pipe --- */

static void call_back(struct db_pipe *pipe)
{
	struct db_result res = {
		.outcome = pipe->failure.outcome,
		.failed_statement = pipe->failed_step,
		.text = pipe->failure.text,
		.results = pipe->results,
		.n = pipe->results ? pipe->steps_nr : 0,
	};

	memcpy(res.sqlstate, pipe->failure.sqlstate, sizeof(res.sqlstate));
	pipe->cb(&res, pipe->arg);
	db_pipe_drop(pipe);
}

static void fail(struct db_pipe *pipe, enum db_outcome outcome,
		 const char *sqlstate, const char *text)
{
	struct db_failure *f = &pipe->failure;

	f->outcome = outcome;
	snprintf(f->sqlstate, sizeof(f->sqlstate), "%s", sqlstate);
	snprintf(f->text, sizeof(f->text), "%s", text);
}

static void finish(struct db_conn *conn)
{
	struct db_pipe *pipe = conn->running;

	conn->running = NULL;
	if (pipe->sent_ns)
		metric_observe(&metric_pipe_us,
			       (double)(uv_hrtime() - pipe->sent_ns) / 1000);
	db_run_next(conn);
	call_back(pipe);
}

void db_run_lost(struct db_conn *conn)
{
	struct db_pipe *pipe = conn->running;

	conn->running = NULL;
	if (conn->head)
		db_conn_tend_in(conn, TEND_MS);
	if (!pipe)
		return;
	if (pipe->refused) {
		call_back(pipe); /* was never on the wire */
		return;
	}
	/* After an error of the server nothing of this pipe was committed;
	 * without one, or with one that ended the session, nobody knows. */
	if (pipe->failure.outcome == DB_OK)
		fail(pipe, DB_UNCERTAIN, "08006", "connection lost");
	if (pipe->failure.outcome == DB_UNCERTAIN)
		metric_add(&metric_uncertain, 1);
	call_back(pipe);
}

void db_run_drain(struct db_conn *conn, const char *why)
{
	struct db_pipe *pipe;

	while ((pipe = pop(conn))) {
		fail(pipe, DB_FULL, "08003", why);
		call_back(pipe);
	}
}

/* --- sending --- */

static void grow_params(struct db_conn *conn, int n)
{
	size_t cap = (size_t)n * 2;

	if (n <= conn->params_cap)
		return;
	conn->params_cap = n * 2;
	conn->values = db_grow(conn->values, cap, sizeof(*conn->values));
	conn->lengths = db_grow(conn->lengths, cap, sizeof(*conn->lengths));
	conn->formats = db_grow(conn->formats, cap, sizeof(*conn->formats));
	for (size_t i = 0; i < cap; i++)
		conn->formats[i] = 1;
}

static int send_step(struct db_conn *conn, const struct db_pipe *pipe, int i)
{
	const struct db_step *step = &pipe->steps[i];
	int end = i + 1 < pipe->steps_nr ? pipe->steps[i + 1].first_param
					 : pipe->params_nr;
	int n = end - step->first_param;

	grow_params(conn, n);
	for (int p = 0; p < n; p++) {
		const struct db_param *param =
			&pipe->params[step->first_param + p];

		conn->lengths[p] = param->len;
		conn->values[p] = param->len < 0 ? NULL
						 : (const char *)pipe->buf +
							   param->offset;
	}
	if (step->sql)
		return PQsendQueryParams(conn->pg, step->sql, n, NULL,
					 conn->values, conn->lengths,
					 conn->formats, 1);
	return PQsendQueryPrepared(
		conn->pg, conn->statements[step->statement].name, n,
		conn->values, conn->lengths, conn->formats, 1);
}

#ifdef SUYUAN_FAULT_POINTS
/* True if the test wants us dead after the i-th statement. */
static bool dies_after(const struct db_pipe *pipe, int i)
{
	for (int m = 0; m < pipe->faults_nr; m++)
		if (pipe->faults[m].after == i &&
		    fault_hit(pipe->faults[m].point))
			return true;
	return false;
}

static int send_sync(struct db_conn *conn, const struct db_pipe *pipe)
{
	return pipe->die_at ? PQsendFlushRequest(conn->pg)
			    : PQpipelineSync(conn->pg);
}
#else
static int send_sync(struct db_conn *conn, const struct db_pipe *pipe)
{
	(void)pipe;
	return PQpipelineSync(conn->pg);
}
#endif

/* Never calls back: what goes wrong here is tended from the loop. */
void db_run_next(struct db_conn *conn)
{
	struct db_pipe *pipe;
	int ok = 1;

	if (conn->state != CONN_UP || conn->running || conn->broken)
		return;
	pipe = pop(conn);
	if (!pipe)
		return;
	conn->running = pipe;
	if (pipe->refused) {
		fail(pipe, DB_DATA, pipe->refused,
		     "a value is out of the range of its type");
		pipe->failed_step = pipe->refused_step;
		db_conn_tend_in(conn, 0);
		return;
	}
	pipe->results = db_alloc((size_t)pipe->steps_nr, sizeof(PGresult *));
	pipe->sent_ns = uv_hrtime();
	for (int i = 0; ok && i < pipe->steps_nr; i++) {
		ok = send_step(conn, pipe, i);
#ifdef SUYUAN_FAULT_POINTS
		if (dies_after(pipe, i + 1)) {
			pipe->die_at = i + 1;
			break;
		}
#endif
	}
	if (ok && send_sync(conn, pipe))
		db_conn_flush(conn);
	else
		conn->broken = true;
	if (conn->broken)
		db_conn_tend_in(conn, 0);
}

void db_pipe_run(struct db_pipe *pipe, db_pipe_cb *cb, void *arg)
{
	struct db_conn *conn = pipe->conn;

	pipe->cb = cb;
	pipe->arg = arg;
	pipe->queued_ms = now_ms();
	*conn->tail = pipe;
	conn->tail = &pipe->next;
	db_run_next(conn);
	if (conn->state != CONN_UP)
		db_conn_tend_in(conn, TEND_MS);
}

void db_run_tend(struct db_conn *conn)
{
	uint64_t now = now_ms();

	if (conn->running && conn->running->refused)
		finish(conn);
	while (conn->state != CONN_UP && conn->state != CONN_CLOSED &&
	       conn->head && now - conn->head->queued_ms >= QUEUED_MAX_MS) {
		struct db_pipe *pipe = pop(conn);

		fail(pipe, DB_FULL, "08001", "not connected");
		call_back(pipe);
	}
	if (conn->head && conn->state != CONN_UP)
		db_conn_tend_in(conn, TEND_MS);
}

/* --- reading --- */

static void take_error(struct db_pipe *pipe, const PGresult *res)
{
	struct db_failure failure;

	db_failure_read(&failure, res);
	/* The first one counts: it has undone the pipe, and what follows,
	 * even the end of the session, cannot change that. */
	if (pipe->failure.outcome != DB_OK)
		return;
	pipe->failure = failure;
	/* Past the last statement it is the commit that failed. */
	if (pipe->position < pipe->steps_nr)
		pipe->failed_step = pipe->position;
}

/* Takes one result; true at the Sync. */
static bool take(struct db_pipe *pipe, PGresult *res)
{
	switch (PQresultStatus(res)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		if (pipe->position < pipe->steps_nr &&
		    !pipe->results[pipe->position]) {
			pipe->results[pipe->position] = res;
			return false;
		}
		break;
	case PGRES_PIPELINE_SYNC:
		PQclear(res);
		return true;
	case PGRES_PIPELINE_ABORTED:
		break;
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
	case PGRES_FATAL_ERROR:
		take_error(pipe, res);
		break;
	case PGRES_COPY_OUT:
	case PGRES_COPY_IN:
	case PGRES_COPY_BOTH:
	case PGRES_SINGLE_TUPLE:
		fail(pipe, DB_FAILED, "0A000", "not a statement for a pipe");
		break;
	}
	PQclear(res);
	return false;
}

void db_run_read(struct db_conn *conn)
{
	/* Even if this fails, whole answers may have come before the end. */
	bool lost = !PQconsumeInput(conn->pg);

	while (conn->running && !conn->running->refused &&
	       !PQisBusy(conn->pg)) {
		struct db_pipe *pipe = conn->running;
		PGresult *res = PQgetResult(conn->pg);

		if (res) {
			pipe->blank = false;
			if (take(pipe, res))
				finish(conn);
			if (conn->state != CONN_UP)
				return;
			continue;
		}
		/* One NULL ends a statement; two: there is no answer. */
		if (pipe->blank) {
			lost = true;
			break;
		}
		pipe->blank = true;
		pipe->position++;
#ifdef SUYUAN_FAULT_POINTS
		if (pipe->die_at && pipe->position >= pipe->die_at)
			fault_die();
#endif
	}
	if (!conn->running)
		(void)PQisBusy(conn->pg); /* parses what came unasked */
	if (!lost && PQstatus(conn->pg) != CONNECTION_BAD && !conn->broken)
		db_conn_flush(conn);
	if (lost || PQstatus(conn->pg) == CONNECTION_BAD || conn->broken) {
		char text[256];

		db_conn_lost(conn, db_connection_problem(conn->pg, text,
							 sizeof(text)));
	}
}
