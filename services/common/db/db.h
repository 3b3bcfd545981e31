/* db.h -- asynchronous PostgreSQL: connections in pipeline mode on a libuv
 * loop, prepared statements from one table, binary parameters and results.
 *
 * A struct db_pipe is one pipeline that ends in one Sync: outside of an
 * explicit BEGIN it is one transaction (READ COMMITTED, each statement with a
 * fresh snapshot), which commits at the Sync or not at all. That is the only
 * way we write.
 */
#ifndef SUYUAN_DB_H
#define SUYUAN_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>
#include <uv.h>

#include "error.h"

/* One row of a service's statement table in store.c, indexed by an enum. */
struct db_statement {
	const char *name;
	/* $1..$n. Parameters are binary and the server infers their types, so
	 * each must have exactly the width that the call sends: cast where in
	 * doubt, arrays always. db_i32 $1::int, db_i64 $1::bigint (a bare
	 * LIMIT $1 is bigint), db_time $1::timestamptz, DB_ARRAY_TEXT
	 * $1::text[] and so on. A smallint column takes $1::int; jsonb takes
	 * $1::text::jsonb. A wrong width fails with 22P03 or 08P01 as
	 * DB_FAILED. */
	const char *sql;
};

enum db_outcome {
	DB_OK,        /* committed */
	DB_CONFLICT,  /* 40001, 40P01, 55P03, SY001-SY099: do it all again */
	DB_DATA,      /* classes 22 and 23, 54000: it will never go in */
	DB_FULL,      /* 53xxx, 57014, 58xxx, 25006, or not sent: later */
	DB_UNCERTAIN, /* sent, and the connection was lost before the answer */
	DB_FAILED,    /* anything else: a mistake of ours */
};

/* Of a pipe that was run. Lives during the callback only. */
struct db_result {
	enum db_outcome outcome;
	char sqlstate[6];
	int failed_statement; /* position in the pipe, -1: none or commit */
	const char *text;     /* primary message: no values, no detail; of
			       * classes 22 and 23 only names of columns and
			       * constraints */
	PGresult **results;   /* one a statement; NULL from the failed one on.
			       * Unless the outcome is DB_OK none of it is
			       * known to be committed. */
	int n;
};

typedef void db_pipe_cb(const struct db_result *res, void *arg);

struct db_conn; /* one connection; reconnects by itself */
struct db_pipe;

struct db_conn_options {
	const char *url;    /* libpq connection string */
	const char *schema; /* becomes the search_path */
	const char *role;   /* application_name: "complaints writer" */
	/* The table is copied, its strings are borrowed. Names are unique. */
	const struct db_statement *statements;
	int statements_nr;
	int statement_timeout_ms; /* 0 = none */
	/* For questions whose best plan depends on the parameters. Otherwise
	 * plans are made once, for few rows, and so go by the indexes: a plan
	 * that was made for an array of 1,000 elements reads a whole table. */
	bool custom_plans;
	/* Told on each change; up = connected and prepared. May be NULL. */
	void (*state_cb)(bool up, void *arg);
	void *state_arg;
};

/* Blocks, for what is done once before the loop runs: waits up to wait_s for a
 * server that takes writes. what: for the application_name. NULL with err; else
 * PQfinish() it. */
PGconn *db_connect(const char *url, const char *schema, const char *what,
		   int wait_s, struct error *err);

/* Starts connecting; never blocks. Statements of several tables may be
 * joined by the caller. A connection comes up only if all statements can be
 * prepared and the server is durable (see db_migrate); else it says so in the
 * log and tries again, as it does when it is lost: after 50 ms, doubling to
 * 1 s. */
int db_conn_open(struct db_conn **conn_r, uv_loop_t *loop,
		 const struct db_conn_options *options, struct error *err);
bool db_conn_up(const struct db_conn *conn);
/* Backend pid of the open connection, 0 if none. */
int db_conn_pid(const struct db_conn *conn);
/* Pending pipes are called back from inside this call: DB_UNCERTAIN (sent) or
 * DB_FULL. Pipes being built must have been run or dropped. May be called in
 * any callback. Clears the pointer; memory goes when libuv has closed the
 * handles. NULL does nothing. */
void db_conn_close(struct db_conn **conn);

/* A pipe is built, then run once. Building copies all data; memory that is out
 * aborts the process. A value that has no form on the wire (an integer beyond
 * the array's type, a time before 4713 BC, more than 512 MB) makes the pipe end
 * with DB_DATA without being sent. */
struct db_pipe *db_pipe_new(struct db_conn *conn);
/* Begins the next statement; its parameters follow in order. */
void db_exec(struct db_pipe *pipe, int statement);
/* Or one whose text is put together of fixed pieces, for questions of so many
 * forms that each wants its own plan; it is planned anew each time, for the
 * values that it comes with. Values are parameters, never part of a piece:
 * db_sql_param adds the place of the next one ("$3::text" for "text"), which
 * follows at once by db_text and the like. */
void db_exec_composed(struct db_pipe *pipe);
void db_sql(struct db_pipe *pipe, const char *text);
void db_sql_param(struct db_pipe *pipe, const char *type);
/* A piece, the place of a parameter behind it, and its value. */
void db_sql_text(struct db_pipe *pipe, const char *before, const char *value);
void db_sql_i64(struct db_pipe *pipe, const char *before, int64_t value);
void db_sql_time(struct db_pipe *pipe, const char *before, int64_t us);
void db_null(struct db_pipe *pipe);
void db_bool(struct db_pipe *pipe, bool v);
void db_i32(struct db_pipe *pipe, int32_t v);
void db_i64(struct db_pipe *pipe, int64_t v);
void db_text(struct db_pipe *pipe, const char *v); /* NULL = SQL NULL */
/* v NULL = SQL NULL: empty bytes need some pointer. */
void db_bytes(struct db_pipe *pipe, const void *v, size_t len);
void db_uuid(struct db_pipe *pipe, const uint8_t v[16]);
void db_time(struct db_pipe *pipe, int64_t us); /* timestamptz; 0 = NULL */

/* Arrays (one dimension) for UNNEST: begin, add each element, end. */
enum db_array_type {
	DB_ARRAY_BOOL,
	DB_ARRAY_I16,
	DB_ARRAY_I32,
	DB_ARRAY_I64,
	DB_ARRAY_TEXT,
	DB_ARRAY_BYTES,
	DB_ARRAY_UUID,
	DB_ARRAY_TIME,
};
void db_array_begin(struct db_pipe *pipe, enum db_array_type type);
/* Adds one element of the array's type: pass i (bool, integers, time: us,
 * 0 = NULL for times), or data and len (text, bytes, uuid). Data NULL = SQL
 * NULL, of any type. */
void db_array_int(struct db_pipe *pipe, int64_t i);
void db_array_data(struct db_pipe *pipe, const void *data, size_t len);
void db_array_text(struct db_pipe *pipe, const char *text);
void db_array_end(struct db_pipe *pipe);

int db_pipe_length(const struct db_pipe *pipe); /* statements so far */

/* A test may kill the process at this point (fault.h): the statements so far
 * are run and answered, the transaction is open, then SIGKILL. After one
 * statement at least; at most 8 in a pipe. */
#ifdef SUYUAN_FAULT_POINTS
void db_fault(struct db_pipe *pipe, const char *point);
#else
#define db_fault(pipe, point) ((void)(pipe))
#endif
/* Is added to the id of each later db_exec, for who appends statements of a
 * table that was joined behind another. 0 at first. */
void db_pipe_base(struct db_pipe *pipe, int base);

/* Queues the pipe behind those of the same connection: one at a time is on the
 * wire. cb is called exactly once, never from inside this call; pipe is freed
 * after it. What was not sent waits for the connection up to 10 s, then
 * DB_FULL. A pipe without statements asks for a round trip. */
void db_pipe_run(struct db_pipe *pipe, db_pipe_cb *cb, void *arg);
/* A pipe that was built and is not wanted. */
void db_pipe_drop(struct db_pipe *pipe);

/* Results, binary. Row and column from 0; statement = position in the pipe.
 * What is not there (a row, a column, a failed statement) reads as NULL, and
 * NULL as 0, false, "". db_rows of a statement without a result set is the
 * number of rows that it touched. */
int db_rows(const struct db_result *res, int statement);
bool db_is_null(const struct db_result *res, int statement, int row, int col);
bool db_get_bool(const struct db_result *res, int statement, int row, int col);
int32_t db_get_i32(const struct db_result *res, int statement, int row,
		   int col);
/* int2, int4 or int8 by the column's width. */
int64_t db_get_i64(const struct db_result *res, int statement, int row,
		   int col);
/* timestamptz as us; NULL = 0. */
int64_t db_get_time(const struct db_result *res, int statement, int row,
		    int col);
/* NUL-terminated, owned by the result; "" for NULL. */
const char *db_get_text(const struct db_result *res, int statement, int row,
			int col);
const uint8_t *db_get_bytes(const struct db_result *res, int statement, int row,
			    int col, size_t *len_r);

/* --- at start, blocking, before the loop runs --- */

struct db_migration {
	const char *component; /* "bus", "directory_replica", "complaints" */
	int version; /* from the file name, ascending in a component */
	const char *name;
	const char *sql;
};

/* Applies what is missing, component by component in the given order (a
 * NULL-terminated array of tables, each ended by an entry without a name), in
 * one transaction under an advisory lock. A database that is newer than the
 * program is fine (version N-1 runs against schema N) and is logged. Creates
 * the schema if the login may. Also proves fsync, full_page_writes and
 * synchronous_commit and refuses otherwise (FAULTS.md row 4). Retries while the
 * server is starting, up to wait_s. */
int db_migrate(const char *url, const char *schema,
	       const struct db_migration *const *components, int wait_s,
	       struct error *err);

/* Notes which key a schema's pseudonyms are made with, the first time; later
 * refuses another one. The schema has the table keyed; variable: where the key
 * comes from. */
int db_keyed(const char *url, const char *schema, const char *variable,
	     const uint8_t *key, size_t bytes, struct error *err);

/* Watchdog: an own connection that every 200 ms terminates backends of our
 * own login that wait for their client (ClientRead) inside a transaction for
 * 500 ms and block another backend. */
struct db_watchdog;
int db_watchdog_open(struct db_watchdog **w_r, uv_loop_t *loop, const char *url,
		     const char *schema, struct error *err);
void db_watchdog_close(struct db_watchdog **w);

#endif
