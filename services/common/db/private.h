/* private.h -- what the files of services/common/db share.
 *
 *   connstr.c   what a URL becomes: settings, keepalives, resolved addresses
 *   conn.c      the life of a connection, its socket in the loop
 *   pipe.c      building a pipe
 *   run.c       sending pipes one after another, reading their results
 *   result.c    SQLSTATE -> outcome, columns -> values
 *   connect.c   a connection that blocks, for the start
 *   migrate.c   schema and durability at start
 *   watchdog.c  ends backends that block others and wait for their client
 */
#ifndef SUYUAN_DB_PRIVATE_H
#define SUYUAN_DB_PRIVATE_H

#include <netdb.h>

#include "db.h"

#define CONNSTR_MAX 16
#define CONNSTR_HOSTS_MAX 8

/* Of a list of hosts in the URL; NULL: not said. */
struct connstr_host {
	char *host, *addr, *port;
};

/* Arguments of PQconnectStartParams; keywords end with NULL. At first they have
 * all the URL's hosts, as blocking connections want it. */
struct connstr {
	const char *keywords[CONNSTR_MAX];
	const char *values[CONNSTR_MAX];
	int nr, fixed_nr;
	char *url, *role, *options;
	struct connstr_host hosts[CONNSTR_HOSTS_MAX];
	int hosts_nr, at;
	unsigned round; /* how often all of them were tried */
	char *names, *addrs;
};

int connstr_open(struct connstr *s, const struct db_conn_options *o,
		 struct error *err);
void connstr_close(struct connstr *s);

/* An attempt is made with one host: libpq's own way through a list waits for a
 * silent one for as long as the whole attempt may take, and its resolver
 * blocks. The name of this one that has to be resolved, NULL: none. */
const char *connstr_name(const struct connstr *s);
const char *connstr_port(const struct connstr *s);
/* Sets the arguments to this host, with the addresses of its name (NULL: it has
 * none); of several each round begins with another one. */
void connstr_host(struct connstr *s, const struct addrinfo *addresses);
/* Goes on to the next host. False: all were tried, a new round begins. */
bool connstr_next(struct connstr *s);

struct db_failure {
	enum db_outcome outcome;
	bool fatal; /* the server ends the connection with it */
	char sqlstate[6];
	char text[256];
};

/* What a result with an error means. Never takes values into the text. */
void db_failure_read(struct db_failure *f, const PGresult *res);
/* First line of libpq's text about the connection itself. */
const char *db_connection_problem(const PGconn *pg, char *buf, size_t size);
/* NULL if what is committed here survives a crash, else what is wrong. res is
 * of DB_DURABILITY_SQL, in text or binary (text has one form). */
#define DB_DURABILITY_SQL                                                      \
	"SELECT current_setting('fsync'), current_setting("                    \
	"'full_page_writes'), current_setting('synchronous_commit')"
const char *db_durability_problem(const PGresult *res);
void db_ignore_notice(void *arg, const PGresult *res);

enum conn_state {
	CONN_DOWN, /* waits for the retry timer */
	CONN_RESOLVING,
	CONN_CONNECTING,
	CONN_PREPARING,
	CONN_UP,
	CONN_CLOSED, /* waits for libuv to close the handles */
};

struct db_conn {
	uv_loop_t *loop;
	struct connstr str;
	struct db_statement *statements;
	int statements_nr;
	void (*state_cb)(bool up, void *arg);
	void *state_arg;

	enum conn_state state;
	PGconn *pg;
	uv_poll_t *watch; /* on the socket of pg; frees itself */
	bool watch_writable;
	bool broken; /* found inside of a call that may not call back */
	bool complained;
	uv_timer_t retry; /* DOWN: next attempt; else: end of this attempt */
	uv_timer_t tend;  /* what could not be done inside db_pipe_run */
	uv_getaddrinfo_t resolve;
	bool resolving;
	int resolving_host; /* of str.hosts */
	int open_handles;
	int backoff_ms;
	int prepared; /* results seen while PREPARING */
	bool prepare_failed;

	struct db_pipe *running;
	struct db_pipe *head, **tail; /* queued behind it */

	/* For PQsendQueryPrepared, grown to the longest statement. */
	const char **values;
	int *lengths;
	int *formats;
	int params_cap;
};

struct db_param {
	size_t offset;
	int len; /* -1: NULL */
};

struct db_step {
	int statement; /* -1: sql */
	int first_param;
	char *sql; /* of a composed statement, else NULL */
	size_t sql_len, sql_cap;
};

#ifdef SUYUAN_FAULT_POINTS
#define DB_FAULTS_MAX 8
struct db_fault_mark {
	int after; /* statements */
	const char *point;
};
#endif

struct db_pipe {
	struct db_conn *conn;
	struct db_pipe *next;
	db_pipe_cb *cb;
	void *arg;

	uint8_t *buf;
	size_t len, cap;
	struct db_param *params;
	int params_nr, params_cap;
	struct db_step *steps;
	int steps_nr, steps_cap;
	int base; /* of the ids of the next statements */

	size_t array_at; /* header of the open array */
	int32_t array_nr;
	enum db_array_type array_type;

	/* SQLSTATE of a value that has no form on the wire; the pipe is then
	 * never sent. */
	const char *refused;
	int refused_step;

	uint64_t queued_ms;
	uint64_t sent_ns;
	PGresult **results;
	int position; /* of the next result */
	bool blank;   /* the last PQgetResult gave NULL */
	int failed_step;
	struct db_failure failure;

#ifdef SUYUAN_FAULT_POINTS
	struct db_fault_mark faults[DB_FAULTS_MAX];
	int faults_nr;
	int die_at; /* position, 0: no */
#endif
};

/* calloc and realloc that abort: see arena.h. */
void *db_alloc(size_t n, size_t size);
void *db_grow(void *old, size_t n, size_t size);

/* run.c, called by conn.c */
void db_run_next(struct db_conn *conn);
void db_run_read(struct db_conn *conn);
/* The connection is gone: calls the running pipe back. */
void db_run_lost(struct db_conn *conn);
/* Nothing will be sent any more: calls the queued pipes back. */
void db_run_drain(struct db_conn *conn, const char *why);
void db_run_tend(struct db_conn *conn);

/* conn.c, called by run.c */
void db_conn_flush(struct db_conn *conn);
/* db_run_tend, or the loss of a broken connection, from the loop. */
void db_conn_tend_in(struct db_conn *conn, uint64_t ms);
void db_conn_lost(struct db_conn *conn, const char *why);

#endif
