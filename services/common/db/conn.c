/* conn.c -- the life of a connection.
 *
 *   DOWN --retry--> RESOLVING --> CONNECTING --> PREPARING --> UP
 *     ^                 |             |              |          |
 *     +------ lost, 50 ms doubling to 1 s -----------+----------+
 *   any --db_conn_close--> CLOSED --> freed when libuv has closed the handles
 *
 * Invariant: pg and watch are there from CONNECTING to UP and nowhere else; the
 * socket is watched only while libpq cannot change it under us.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "metrics.h"
#include "private.h"

#define BACKOFF_MIN_MS 50
#define BACKOFF_MAX_MS 1000
/* Of one attempt with one host, from its name to the prepared statements. */
#define ATTEMPT_MS 5000

static struct metric metric_connects =
	METRIC(METRIC_COUNTER, "suyuan_db_connects_total",
	       "Database connections that came up.");
static struct metric metric_losses =
	METRIC(METRIC_COUNTER, "suyuan_db_losses_total",
	       "Database connections that were lost or could not be made.");

static struct metric metric_not_durable =
	METRIC(METRIC_GAUGE, "suyuan_db_not_durable",
	       "1: the server may lose what it has committed; it is refused.");

static void socket_cb(uv_poll_t *watch, int status, int events);

/* --- the socket in the loop --- */

static void watch_closed_cb(uv_handle_t *handle)
{
	free(handle);
}

static void unwatch(struct db_conn *conn)
{
	if (!conn->watch)
		return;
	uv_close((uv_handle_t *)conn->watch, watch_closed_cb);
	conn->watch = NULL;
}

static int watch(struct db_conn *conn, int events)
{
	uv_poll_t *w = db_alloc(1, sizeof(*w));

	if (uv_poll_init(conn->loop, w, PQsocket(conn->pg)) < 0) {
		free(w);
		return -1;
	}
	w->data = conn;
	conn->watch = w;
	conn->watch_writable = events & UV_WRITABLE;
	return uv_poll_start(w, events, socket_cb) < 0 ? -1 : 0;
}

void db_conn_flush(struct db_conn *conn)
{
	int left = PQflush(conn->pg);

	if (left < 0) {
		conn->broken = true;
		return;
	}
	if (conn->watch_writable == (left > 0))
		return;
	conn->watch_writable = left > 0;
	if (uv_poll_start(conn->watch,
			  UV_READABLE | (left > 0 ? UV_WRITABLE : 0),
			  socket_cb) < 0)
		conn->broken = true;
}

/* --- down --- */

static void retry_cb(uv_timer_t *timer);

static void drop_socket(struct db_conn *conn)
{
	unwatch(conn); /* before libpq closes the descriptor */
	PQfinish(conn->pg);
	conn->pg = NULL;
	conn->broken = false;
}

void db_conn_lost(struct db_conn *conn, const char *why)
{
	bool was_up = conn->state == CONN_UP;
	/* Of several hosts the others come at once; that one of them is not
	 * the one is no news. */
	bool others = connstr_next(&conn->str) && !was_up;

	if (!others) {
		metric_add(&metric_losses, 1);
		if (!conn->complained)
			log_warn("database connection \"%s\": %s",
				 conn->str.role, why);
		conn->complained = true;
	}
	drop_socket(conn);
	conn->state = CONN_DOWN;
	uv_timer_start(&conn->retry, retry_cb,
		       others ? 0 : (uint64_t)conn->backoff_ms, 0);
	if (!others)
		conn->backoff_ms = conn->backoff_ms * 2 < BACKOFF_MAX_MS
					   ? conn->backoff_ms * 2
					   : BACKOFF_MAX_MS;
	db_run_lost(conn);
	/* The callbacks may have closed us. */
	if (was_up && conn->state != CONN_CLOSED && conn->state_cb)
		conn->state_cb(false, conn->state_arg);
}

static void lost_by_libpq(struct db_conn *conn)
{
	char text[256];

	db_conn_lost(conn, db_connection_problem(conn->pg, text, sizeof(text)));
}

/* --- preparing: one pipeline --- */

static void came_up(struct db_conn *conn)
{
	uv_timer_stop(&conn->retry);
	conn->state = CONN_UP;
	conn->backoff_ms = BACKOFF_MIN_MS;
	metric_add(&metric_connects, 1);
	if (conn->complained)
		log_info("database connection \"%s\": up", conn->str.role);
	conn->complained = false;
	db_run_next(conn);
	if (conn->state_cb)
		conn->state_cb(true, conn->state_arg);
}

/* Results come in order: durability, then each statement. */
static void take_prepared(struct db_conn *conn, const PGresult *res)
{
	int statement = conn->prepared - 1;
	ExecStatusType status = PQresultStatus(res);
	const char *problem = NULL;
	struct db_failure failure;

	if (status == PGRES_PIPELINE_ABORTED)
		return;
	if (status == PGRES_TUPLES_OK) {
		problem = db_durability_problem(res);
		statement = -1;
		metric_set(&metric_not_durable, problem != NULL);
	} else if (status != PGRES_COMMAND_OK) {
		db_failure_read(&failure, res);
		problem = failure.text;
	}
	if (!problem)
		return;
	conn->prepare_failed = true;
	if (conn->complained)
		return;
	log_error("database connection \"%s\": %s%s%s", conn->str.role,
		  statement >= 0 && statement < conn->statements_nr
			  ? conn->statements[statement].name
			  : "",
		  statement >= 0 ? ": " : "", problem);
	conn->complained = true;
}

static void read_prepared(struct db_conn *conn)
{
	if (!PQconsumeInput(conn->pg)) {
		lost_by_libpq(conn);
		return;
	}
	while (!PQisBusy(conn->pg)) {
		PGresult *res = PQgetResult(conn->pg);
		bool sync = PQresultStatus(res) == PGRES_PIPELINE_SYNC;

		if (!res) {
			conn->prepared++;
			if (conn->prepared > conn->statements_nr + 1) {
				db_conn_lost(conn, "lost while preparing");
				return;
			}
			continue;
		}
		if (!sync)
			take_prepared(conn, res);
		PQclear(res);
		if (sync && conn->prepare_failed) {
			db_conn_lost(conn, "statements cannot be prepared");
			return;
		}
		if (sync) {
			came_up(conn);
			return;
		}
	}
	db_conn_flush(conn);
	if (conn->broken || PQstatus(conn->pg) == CONNECTION_BAD)
		lost_by_libpq(conn);
}

static void prepare(struct db_conn *conn)
{
	int ok;

	conn->state = CONN_PREPARING;
	conn->prepared = 0;
	conn->prepare_failed = false;
	PQsetNoticeReceiver(conn->pg, db_ignore_notice, NULL);
	ok = PQsetnonblocking(conn->pg, 1) == 0 &&
	     PQenterPipelineMode(conn->pg) == 1 &&
	     PQsendQueryParams(conn->pg, DB_DURABILITY_SQL, 0, NULL, NULL, NULL,
			       NULL, 1) == 1;
	for (int i = 0; ok && i < conn->statements_nr; i++)
		ok = PQsendPrepare(conn->pg, conn->statements[i].name,
				   conn->statements[i].sql, 0, NULL) == 1;
	if (!ok || PQpipelineSync(conn->pg) != 1 ||
	    watch(conn, UV_READABLE) < 0) {
		lost_by_libpq(conn);
		return;
	}
	db_conn_flush(conn);
	if (conn->broken)
		lost_by_libpq(conn);
}

/* --- connecting --- */

static void connect_step(struct db_conn *conn)
{
	PostgresPollingStatusType step;

	/* libpq may close this socket and go on with another. */
	unwatch(conn);
	step = PQconnectPoll(conn->pg);
	if (step == PGRES_POLLING_OK)
		prepare(conn);
	else if (step == PGRES_POLLING_FAILED ||
		 watch(conn, step == PGRES_POLLING_READING ? UV_READABLE
							   : UV_WRITABLE) < 0)
		lost_by_libpq(conn);
}

static void start(struct db_conn *conn, const struct addrinfo *addresses)
{
	conn->state = CONN_CONNECTING;
	connstr_host(&conn->str, addresses);
	conn->pg =
		PQconnectStartParams(conn->str.keywords, conn->str.values, 1);
	/* libpq wants to be told first that the socket can be written. */
	if (!conn->pg || PQstatus(conn->pg) == CONNECTION_BAD ||
	    watch(conn, UV_WRITABLE) < 0)
		lost_by_libpq(conn);
}

static void free_if_closed(struct db_conn *conn);
static void attempt(struct db_conn *conn);

static void resolved_cb(uv_getaddrinfo_t *req, int status,
			struct addrinfo *addresses)
{
	struct db_conn *conn = req->data;

	conn->resolving = false;
	if (conn->state == CONN_CLOSED) {
		free_if_closed(conn);
	} else if (conn->state == CONN_RESOLVING &&
		   conn->resolving_host != conn->str.at) {
		attempt(conn); /* this one came too late */
	} else if (conn->state == CONN_RESOLVING && status == 0) {
		start(conn, addresses);
	} else if (conn->state == CONN_RESOLVING) {
		db_conn_lost(conn, uv_strerror(status));
	}
	uv_freeaddrinfo(addresses);
}

static void attempt(struct db_conn *conn)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *name = connstr_name(&conn->str);

	uv_timer_start(&conn->retry, retry_cb, ATTEMPT_MS, 0);
	if (!name) {
		start(conn, NULL);
		return;
	}
	conn->state = CONN_RESOLVING;
	if (conn->resolving) /* the last one has not come back yet */
		return;
	conn->resolve.data = conn;
	conn->resolving_host = conn->str.at;
	if (uv_getaddrinfo(conn->loop, &conn->resolve, resolved_cb, name,
			   connstr_port(&conn->str), &hints) < 0)
		db_conn_lost(conn, "name cannot be resolved");
	else
		conn->resolving = true;
}

static void retry_cb(uv_timer_t *timer)
{
	struct db_conn *conn = timer->data;

	if (conn->state == CONN_DOWN)
		attempt(conn);
	else
		db_conn_lost(conn, "no answer to the connection attempt");
}

static void socket_cb(uv_poll_t *w, int status, int events)
{
	struct db_conn *conn = w->data;

	(void)events;
	switch (conn->state) {
	case CONN_CONNECTING:
		connect_step(conn);
		break;
	case CONN_PREPARING:
		read_prepared(conn);
		break;
	case CONN_UP:
		db_run_read(conn);
		break;
	case CONN_DOWN:
	case CONN_RESOLVING:
	case CONN_CLOSED:
		break;
	}
	/* An error shows itself to libpq when it reads, perhaps not before what
	 * came earlier has been read; but libuv has stopped the watch. */
	if (status < 0 && conn->watch == w)
		uv_poll_start(w,
			      UV_READABLE |
				      (conn->watch_writable ? UV_WRITABLE : 0),
			      socket_cb);
}

static void tend_cb(uv_timer_t *timer)
{
	struct db_conn *conn = timer->data;

	if (conn->broken)
		lost_by_libpq(conn);
	else
		db_run_tend(conn);
}

void db_conn_tend_in(struct db_conn *conn, uint64_t ms)
{
	if (conn->state != CONN_CLOSED)
		uv_timer_start(&conn->tend, tend_cb, ms, 0);
}

/* --- open, close --- */

int db_conn_open(struct db_conn **conn_r, uv_loop_t *loop,
		 const struct db_conn_options *options, struct error *err)
{
	struct db_conn *conn = db_alloc(1, sizeof(*conn));
	size_t size =
		(size_t)options->statements_nr * sizeof(*conn->statements);

	metric_show(&metric_losses);
	metric_show(&metric_not_durable);
	*conn_r = NULL;
	if (connstr_open(&conn->str, options, err) < 0) {
		free(conn);
		return -1;
	}
	conn->loop = loop;
	conn->statements = db_alloc(1, size);
	if (size)
		memcpy(conn->statements, options->statements, size);
	conn->statements_nr = options->statements_nr;
	conn->state_cb = options->state_cb;
	conn->state_arg = options->state_arg;
	conn->backoff_ms = BACKOFF_MIN_MS;
	conn->tail = &conn->head;
	/* Timers cannot fail to be made. */
	uv_timer_init(loop, &conn->retry);
	uv_timer_init(loop, &conn->tend);
	conn->retry.data = conn->tend.data = conn;
	conn->open_handles = 2;
	conn->state = CONN_DOWN;
	uv_timer_start(&conn->retry, retry_cb, 0, 0);
	*conn_r = conn;
	return 0;
}

bool db_conn_up(const struct db_conn *conn)
{
	return conn && conn->state == CONN_UP;
}

int db_conn_pid(const struct db_conn *conn)
{
	return db_conn_up(conn) ? PQbackendPID(conn->pg) : 0;
}

static void free_if_closed(struct db_conn *conn)
{
	if (conn->open_handles || conn->resolving)
		return;
	/* What the last callbacks have queued meanwhile. */
	db_run_drain(conn, "connection closed");
	connstr_close(&conn->str);
	free(conn->statements);
	free(conn->values);
	free(conn->lengths);
	free(conn->formats);
	free(conn);
}

static void handle_closed_cb(uv_handle_t *handle)
{
	struct db_conn *conn = handle->data;

	conn->open_handles--;
	free_if_closed(conn);
}

void db_conn_close(struct db_conn **conn_r)
{
	struct db_conn *conn = conn_r ? *conn_r : NULL;

	if (!conn)
		return;
	*conn_r = NULL;
	conn->state = CONN_CLOSED;
	drop_socket(conn);
	if (conn->resolving)
		uv_cancel((uv_req_t *)&conn->resolve);
	db_run_lost(conn);
	db_run_drain(conn, "connection closed");
	uv_close((uv_handle_t *)&conn->retry, handle_closed_cb);
	uv_close((uv_handle_t *)&conn->tend, handle_closed_cb);
}
