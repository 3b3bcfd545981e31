/* migrate.c -- the schema is current and the server durable before a service
 * takes its first event. Blocking: the loop does not run yet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "private.h"
#include "timeutil.h"

/* Everybody who migrates this schema waits here for the one who is first. */
#define SQL_LOCK                                                               \
	"SELECT pg_advisory_xact_lock(hashtextextended('suyuan ' || $1, 0))"
/* CREATE SCHEMA IF NOT EXISTS asks for the right to create even if there is
 * nothing to do. */
#define SQL_HAS_SCHEMA "SELECT 1 FROM pg_namespace WHERE nspname = $1"
#define SQL_HAS_TABLE                                                          \
	"SELECT 1 FROM pg_class WHERE relname = 'schema_migration' AND "       \
	"relnamespace = to_regnamespace($1)"
#define SQL_CREATE_TABLE                                                       \
	"CREATE TABLE schema_migration ("                                      \
	"component text NOT NULL, version int NOT NULL, "                      \
	"name text NOT NULL, "                                                 \
	"applied_at timestamptz NOT NULL DEFAULT clock_timestamp(), "          \
	"PRIMARY KEY (component, version))"
#define SQL_APPLIED "SELECT version FROM schema_migration WHERE component = $1"
#define SQL_RECORD                                                             \
	"INSERT INTO schema_migration (component, version, name) "             \
	"VALUES ($1, $2::int, $3)"

/* Line of the statement text at which the server has stopped, 0: unknown. */
static int error_line(const PGresult *res, const char *sql)
{
	const char *position =
		PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
	long left = position ? strtol(position, NULL, 10) : 0;
	int line = 1;

	if (left <= 0)
		return 0;
	/* Positions count characters: continuation bytes are not counted. */
	for (const char *c = sql; *c && left > 1; c++) {
		line += *c == '\n';
		left -= ((unsigned char)c[1] & 0xc0) != 0x80;
	}
	return line;
}

static int set_error(struct error *err, const char *what, const PGresult *res,
		     const char *sql)
{
	struct db_failure failure;
	int line = error_line(res, sql);

	db_failure_read(&failure, res);
	if (line)
		return error_set(err, "%s: %s %s (line %d)", what,
				 failure.sqlstate, failure.text, line);
	return error_set(err, "%s: %s %s", what, failure.sqlstate,
			 failure.text);
}

/* Runs one statement with text parameters; the result is the caller's. NULL:
 * failed. */
static PGresult *query(PGconn *pg, const char *what, const char *sql, int n,
		       const char *const *params, struct error *err)
{
	PGresult *res = PQexecParams(pg, sql, n, NULL, params, NULL, NULL, 0);

	if (PQresultStatus(res) == PGRES_TUPLES_OK ||
	    PQresultStatus(res) == PGRES_COMMAND_OK)
		return res;
	set_error(err, what, res, sql);
	PQclear(res);
	return NULL;
}

static int execute(PGconn *pg, const char *what, const char *sql, int n,
		   const char *const *params, struct error *err)
{
	PGresult *res = query(pg, what, sql, n, params, err);

	if (!res)
		return -1;
	PQclear(res);
	return 0;
}

/* 1: there is a row, 0: none, -1: failed. */
static int ask(PGconn *pg, const char *what, const char *sql, const char *param,
	       struct error *err)
{
	PGresult *res = query(pg, what, sql, 1, &param, err);
	int found;

	if (!res)
		return -1;
	found = PQntuples(res) > 0;
	PQclear(res);
	return found;
}

static int check_durability(PGconn *pg, struct error *err)
{
	const char *what = "durability settings";
	PGresult *res = query(pg, what, DB_DURABILITY_SQL, 0, NULL, err);
	const char *problem;

	if (!res)
		return -1;
	problem = db_durability_problem(res);
	PQclear(res);
	return problem ? error_set(err, "database refused: %s", problem) : 0;
}

/* --- one migration, one component --- */

static int apply(PGconn *pg, const struct db_migration *m, struct error *err)
{
	const char *params[3] = { m->component, NULL, m->name };
	char version[16], what[160];
	PGresult *res;
	int status = 0;

	snprintf(what, sizeof(what), "migration %s %s", m->component, m->name);
	/* The simple protocol takes a whole file of statements. */
	res = PQexec(pg, m->sql);
	if (PQresultStatus(res) != PGRES_COMMAND_OK &&
	    PQresultStatus(res) != PGRES_TUPLES_OK &&
	    PQresultStatus(res) != PGRES_EMPTY_QUERY)
		status = set_error(err, what, res, m->sql);
	else if (PQtransactionStatus(pg) != PQTRANS_INTRANS)
		status = error_set(err, "%s: ends the transaction", what);
	PQclear(res);
	if (status < 0)
		return -1;
	snprintf(version, sizeof(version), "%d", m->version);
	params[1] = version;
	if (execute(pg, what, SQL_RECORD, 3, params, err) < 0)
		return -1;
	log_info("%s: applied", what);
	return 0;
}

static bool is_applied(const PGresult *applied, int version)
{
	for (int row = 0; row < PQntuples(applied); row++)
		if (atoi(PQgetvalue(applied, row, 0)) == version)
			return true;
	return false;
}

static int migrate_component(PGconn *pg, const struct db_migration *table,
			     struct error *err)
{
	const char *component = table->component;
	int newest = 0, status = 0;
	PGresult *applied;

	if (!table->name)
		return 0;
	applied =
		query(pg, "schema_migration", SQL_APPLIED, 1, &component, err);
	if (!applied)
		return -1;
	for (const struct db_migration *m = table; m->name && status == 0;
	     m++) {
		newest = m->version;
		if (!is_applied(applied, m->version))
			status = apply(pg, m, err);
	}
	for (int row = 0; status == 0 && row < PQntuples(applied); row++) {
		int version = atoi(PQgetvalue(applied, row, 0));

		if (version > newest)
			log_info("schema of %s has version %d, newer than "
				 "this program's %d",
				 component, version, newest);
	}
	PQclear(applied);
	return status;
}

static int migrate_all(PGconn *pg, const char *schema,
		       const struct db_migration *const *components,
		       struct error *err)
{
	char create[128];
	int found;

	if (execute(pg, "migration lock", SQL_LOCK, 1, &schema, err) < 0)
		return -1;
	found = ask(pg, "schema", SQL_HAS_SCHEMA, schema, err);
	if (found < 0)
		return -1;
	/* The name was checked when the connection was made. */
	snprintf(create, sizeof(create), "CREATE SCHEMA %s", schema);
	if (!found && execute(pg, "schema", create, 0, NULL, err) < 0)
		return -1;
	found = ask(pg, "schema_migration", SQL_HAS_TABLE, schema, err);
	if (found < 0)
		return -1;
	if (!found &&
	    execute(pg, "schema_migration", SQL_CREATE_TABLE, 0, NULL, err) < 0)
		return -1;
	for (; *components; components++)
		if (migrate_component(pg, *components, err) < 0)
			return -1;
	return 0;
}

static int migrate_in_transaction(PGconn *pg, const char *schema,
				  const struct db_migration *const *components,
				  struct error *err)
{
	PGresult *res;
	int status;

	if (execute(pg, "migration", "BEGIN", 0, NULL, err) < 0)
		return -1;
	/* On failure the connection is closed, which rolls back. */
	if (migrate_all(pg, schema, components, err) < 0)
		return -1;
	res = query(pg, "migration", "COMMIT", 0, NULL, err);
	if (!res)
		return -1;
	status = strcmp(PQcmdStatus(res), "COMMIT") == 0
			 ? 0
			 : error_set(err, "migration: was rolled back");
	PQclear(res);
	return status;
}

int db_migrate(const char *url, const char *schema,
	       const struct db_migration *const *components, int wait_s,
	       struct error *err)
{
	PGconn *pg = db_connect(url, schema, "migration", wait_s, err);
	int status = -1;

	if (!pg)
		return -1;
	if (check_durability(pg, err) == 0)
		status = migrate_in_transaction(pg, schema, components, err);
	PQfinish(pg);
	return status;
}
