/* test_db_start.c -- what guards the database: migrations, the refusal of a
 * server that may forget, no server at all, the watchdog, death in an open
 * transaction. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/private.h"
#include "db_fixture.h"

#define OFF_DATABASE "test_db_off"

static struct error err;

static int setup(void **state)
{
	(void)state;
	must("DROP SCHEMA IF EXISTS " SCHEMA " CASCADE");
	err.text[0] = 0;
	uv_loop_init(&loop);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

/* --- migrations --- */

static const struct db_migration bus_1[] = {
	{ "bus", 1, "0001_a",
	  "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n" },
	{ 0 },
};
static const struct db_migration bus_2[] = {
	{ "bus", 1, "0001_a", "SELECT 'never run again' / 0" },
	{ "bus", 2, "0002_b", "ALTER TABLE a ADD COLUMN b int;" },
	{ 0 },
};
static const struct db_migration own[] = {
	{ "own", 1, "0001_view", "CREATE VIEW v AS SELECT id FROM a" },
	{ 0 },
};
static const struct db_migration nothing[] = { { 0 } };
static const struct db_migration broken[] = {
	{ "broken", 1, "0001_good", "CREATE TABLE good (id int)" },
	{ "broken", 2, "0002_bad",
	  "CREATE TABLE better (id int);\n-- ёлка\nSELECT nonsense;" },
	{ 0 },
};
static const struct db_migration commits[] = {
	{ "commits", 1, "0001_commit", "CREATE TABLE c (id int); COMMIT" },
	{ 0 },
};

#define MIGRATE(...)                                                           \
	db_migrate(test_url, SCHEMA,                                           \
		   (const struct db_migration *[]){ __VA_ARGS__, NULL }, 0,    \
		   &err)

static void test_migrate(void **state)
{
	(void)state;
	assert_int_equal(MIGRATE(bus_1, nothing, own), 0);
	assert_int_equal(number("SELECT count(*) FROM test_db.v"), 1);
	/* Twice is once; then only what is new. */
	assert_int_equal(MIGRATE(bus_1, own), 0);
	assert_int_equal(MIGRATE(bus_2, own), 0);
	assert_int_equal(number("SELECT count(b) FROM test_db.a"), 0);
	assert_int_equal(
		number("SELECT count(*) FROM test_db.schema_migration"), 3);
	/* The program of before runs against the schema of now. */
	assert_int_equal(MIGRATE(bus_1, own), 0);
	assert_int_equal(
		number("SELECT count(*) FROM test_db.schema_migration"), 3);
}

static void test_failing_migration_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(MIGRATE(bus_1, broken), -1);
	assert_non_null(strstr(err.text, "broken 0002_bad: 42703"));
	assert_non_null(strstr(err.text, "(line 3)"));
	assert_int_equal(number("SELECT count(*) FROM pg_namespace WHERE "
				"nspname = 'test_db'"),
			 0);
	assert_int_equal(MIGRATE(commits), -1);
	assert_non_null(strstr(err.text, "ends the transaction"));
}

static void test_migrations_at_once(void **state)
{
	enum { NR = 4 };
	pid_t children[NR];

	(void)state;
	for (int i = 0; i < NR; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(MIGRATE(bus_1, own) == 0 ? 0 : 1);
	}
	for (int i = 0; i < NR; i++) {
		int status = -1;

		waitpid(children[i], &status, 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(number("SELECT count(*) FROM test_db.a"), 1);
}

static void test_migrate_refuses(void **state)
{
	const struct db_migration *none[] = { NULL };

	(void)state;
	assert_int_equal(db_migrate("host=/nonexistent", SCHEMA, none, 0, &err),
			 -1);
	assert_non_null(strstr(err.text, "/nonexistent"));
	assert_int_equal(
		db_migrate("password=secret nonsense", SCHEMA, none, 0, &err),
		-1);
	assert_null(strstr(err.text, "secret"));
	assert_int_equal(db_migrate(test_url, "a b", none, 0, &err), -1);
	assert_int_equal(db_migrate(test_url, "", none, 0, &err), -1);
}

/* --- durability --- */

/* test_url with another database, in url. */
static void url_of_database(const char *name, char *url, size_t size)
{
	PQconninfoOption *parts = PQconninfo(outside);
	size_t len = 0;

	url[0] = 0;
	for (PQconninfoOption *o = parts; o->keyword; o++) {
		const char *value = o->val;

		if (strcmp(o->keyword, "dbname") == 0)
			value = name;
		if (value && value[0] && strlen(o->dispchar) == 0)
			len += (size_t)snprintf(url + len, size - len,
						"%s='%s' ", o->keyword, value);
	}
	PQconninfoFree(parts);
}

static void test_refuses_what_may_forget(void **state)
{
	const struct db_migration *tables[] = { bus_1, NULL };
	const struct db_conn_options options = {
		.url = test_url,
		.schema = SCHEMA,
		.role = "test",
	};
	struct db_conn_options off = options;
	struct db_conn *conn;
	char url[2048];

	(void)state;
	must("DROP DATABASE IF EXISTS " OFF_DATABASE);
	must("CREATE DATABASE " OFF_DATABASE);
	must("ALTER DATABASE " OFF_DATABASE " SET synchronous_commit = off");
	url_of_database(OFF_DATABASE, url, sizeof(url));
	assert_int_equal(db_migrate(url, SCHEMA, tables, 0, &err), -1);
	assert_non_null(strstr(err.text, "synchronous_commit is off"));

	/* Nor does a connection come up, whenever it is made. */
	off.url = url;
	assert_int_equal(db_conn_open(&conn, &loop, &off, &err), 0);
	run_for(300);
	assert_false(db_conn_up(conn));
	db_conn_close(&conn);
	assert_int_equal(db_conn_open(&conn, &loop, &options, &err), 0);
	run_for(300);
	assert_true(db_conn_up(conn));
	db_conn_close(&conn);

	/* Settings in the URL's options count as well. */
	snprintf(url, sizeof(url), "%s options='-c synchronous_commit=off'",
		 test_url);
	assert_int_equal(db_migrate(url, SCHEMA, tables, 0, &err), -1);
	must("DROP DATABASE " OFF_DATABASE);
}

static const char *problem_of(const char *sql)
{
	PGresult *res = PQexec(outside, sql);
	const char *problem = db_durability_problem(res);

	PQclear(res);
	return problem;
}

static void test_durability_settings(void **state)
{
	(void)state;
	assert_null(problem_of("SELECT 'on', 'on', 'on'"));
	assert_null(problem_of("SELECT 'on', 'on', 'remote_apply'"));
	assert_non_null(problem_of("SELECT 'off', 'on', 'on'"));
	assert_non_null(problem_of("SELECT 'on', 'off', 'on'"));
	assert_non_null(problem_of("SELECT 'on', 'on', 'off'"));
	assert_non_null(problem_of("SELECT 1"));
	assert_null(problem_of(DB_DURABILITY_SQL));
}

static void test_statement_that_cannot_be_prepared(void **state)
{
	static const struct db_statement bad = { "bad", "SELECT nonsense" };
	const struct db_conn_options options = {
		.url = test_url,
		.schema = SCHEMA,
		.role = "test",
		.statements = &bad,
		.statements_nr = 1,
	};
	struct db_conn *conn;

	(void)state;
	assert_int_equal(db_conn_open(&conn, &loop, &options, &err), 0);
	run_for(300);
	assert_false(db_conn_up(conn));
	db_conn_close(&conn);
}

/* --- no server --- */

static struct db_conn *open_conn(const char *url)
{
	const struct db_conn_options options = {
		.url = url,
		.schema = SCHEMA,
		.role = "test",
	};
	struct db_conn *c;

	if (db_conn_open(&c, &loop, &options, &err) < 0)
		fail_msg("%s", err.text);
	return c;
}

static void test_nobody_there(void **state)
{
	struct db_conn *other = open_conn("host=/nonexistent dbname=postgres");
	struct seen seen = { 0 };
	uint64_t from;

	(void)state;
	run_for(50);
	assert_false(db_conn_up(other));
	from = uv_hrtime();
	db_pipe_run(db_pipe_new(other), seen_cb, &seen);
	run_until(&seen.calls, 1, 12000);
	assert_int_equal(seen.outcome, DB_FULL);
	assert_true(uv_hrtime() - from > UINT64_C(9900000000));
	db_conn_close(&other);
}

static void test_host_by_name(void **state)
{
	struct db_conn *other = open_conn("host=name.invalid dbname=postgres");
	struct db_conn *refused =
		open_conn("host=localhost port=1 dbname=postgres");

	(void)state;
	run_for(300);
	assert_false(db_conn_up(other));
	assert_false(db_conn_up(refused));
	db_conn_close(&other);
	db_conn_close(&refused);
}

/* Takes connections and never says a word. */
static int silent_port(int *sock_r)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(at);
	struct sockaddr *any = (struct sockaddr *)(void *)&at;

	*sock_r = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(*sock_r >= 0);
	assert_int_equal(bind(*sock_r, any, size), 0);
	assert_int_equal(listen(*sock_r, 8), 0);
	assert_int_equal(getsockname(*sock_r, any, &size), 0);
	return ntohs(at.sin_port);
}

/* Behind hosts that say nothing, refuse or have no name stands the one. */
static void test_several_hosts(void **state)
{
	const char *folder = PQhost(outside), *port = PQport(outside);
	struct db_conn *conns[3];
	char urls[3][400];
	int sock, silent = silent_port(&sock);

	(void)state;
	snprintf(urls[0], sizeof(urls[0]),
		 "host=127.0.0.1,%s port=1,%s dbname=%s user=%s", folder, port,
		 PQdb(outside), PQuser(outside));
	snprintf(urls[1], sizeof(urls[1]),
		 "host=name.invalid,/nonexistent,%s port=%s dbname=%s user=%s",
		 folder, port, PQdb(outside), PQuser(outside));
	snprintf(urls[2], sizeof(urls[2]),
		 "host=localhost,%s port=%d,%s dbname=%s user=%s", folder,
		 silent, port, PQdb(outside), PQuser(outside));
	for (int i = 0; i < 3; i++)
		conns[i] = open_conn(urls[i]);
	run_for(2000);
	assert_true(db_conn_up(conns[0]));
	assert_true(db_conn_up(conns[1]));
	assert_false(db_conn_up(conns[2]));
	run_for(5500);
	assert_true(db_conn_up(conns[2]));
	for (int i = 0; i < 3; i++)
		db_conn_close(&conns[i]);
	close(sock);
}

static void test_lists_of_hosts(void **state)
{
	static const char *const bad[] = {
		"host=a,b port=1,2,3",
		"host=a,b hostaddr=127.0.0.1",
		"host=a,b,c,d,e,f,g,h,i",
	};
	const struct db_conn_options options = { .schema = SCHEMA,
						 .role = "test" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct db_conn_options o = options;
		struct db_conn *conn;

		o.url = bad[i];
		assert_int_equal(db_conn_open(&conn, &loop, &o, &err), -1);
		assert_non_null(strstr(err.text, "database URL"));
	}
}

/* --- the watchdog --- */

static PGconn *client(const char *name)
{
	PGconn *pg = PQconnectdb(test_url);
	char sql[80];

	snprintf(sql, sizeof(sql), "SET application_name = '%s'", name);
	PQclear(PQexec(pg, sql));
	return pg;
}

/* Locks the row and stops as a paused replica does: in mid-pipeline, where the
 * server's own timeouts do not fire. */
static PGconn *paused_client(int row)
{
	PGconn *pg = client("paused");
	char sql[80];

	snprintf(sql, sizeof(sql), "UPDATE test_db.a SET id = id WHERE id = %d",
		 row);
	PQenterPipelineMode(pg);
	PQsendQueryParams(pg, sql, 0, NULL, NULL, NULL, NULL, 0);
	PQsendFlushRequest(pg);
	PQflush(pg);
	PQclear(PQgetResult(pg));
	return pg;
}

static long backends(const char *name)
{
	char sql[120];

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM pg_stat_activity WHERE application_name "
		 "= '%s'",
		 name);
	return number(sql);
}

static void test_watchdog(void **state)
{
	struct db_watchdog *w;
	PGconn *blocker, *harmless, *begun, *waiter;
	PGresult *res;

	(void)state;
	assert_int_equal(MIGRATE(bus_1), 0);
	must("INSERT INTO test_db.a VALUES (2), (3)");
	blocker = paused_client(1);
	harmless = paused_client(2);
	begun = client("begun");
	PQclear(PQexec(begun, "BEGIN"));
	PQclear(PQexec(begun, "UPDATE test_db.a SET id = id WHERE id = 3"));
	assert_int_equal(db_watchdog_open(&w, &loop, test_url, SCHEMA, &err),
			 0);
	/* Nobody waits for them yet. */
	run_for(1200);
	assert_int_equal(backends("paused"), 2);
	assert_int_equal(backends("begun"), 1);

	waiter = client("waiter");
	PQsendQuery(waiter, "UPDATE test_db.a SET id = id WHERE id = 1");
	run_for(300);
	assert_int_equal(backends("paused"), 2);
	run_for(1000);
	assert_int_equal(backends("paused"), 1);
	res = PQgetResult(waiter);
	assert_int_equal(PQresultStatus(res), PGRES_COMMAND_OK);
	PQclear(res);
	PQclear(PQgetResult(waiter));

	/* One in BEGIN is found as well. */
	PQsendQuery(waiter, "UPDATE test_db.a SET id = id WHERE id = 3");
	run_for(1300);
	assert_int_equal(backends("begun"), 0);
	assert_int_equal(backends("paused"), 1);
	assert_int_equal(backends("waiter"), 1);
	PQfinish(waiter);
	PQfinish(begun);
	PQfinish(harmless);
	PQfinish(blocker);
	db_watchdog_close(&w);
	assert_null(w);
	db_watchdog_close(&w);
}

/* --- death in an open transaction --- */

#ifdef SUYUAN_FAULT_POINTS
static void never_cb(const struct db_result *res, void *arg)
{
	(void)res;
	(void)arg;
	_exit(1);
}

static void die_in_mid_pipe(void)
{
	static const struct db_statement insert = {
		"insert", "INSERT INTO a VALUES ($1::int)"
	};
	const struct db_conn_options options = {
		.url = test_url,
		.schema = SCHEMA,
		.role = "dying",
		.statements = &insert,
		.statements_nr = 1,
	};
	struct db_conn *conn;
	struct db_pipe *pipe;

	setenv("FAULT_POINT", "between:1", 1);
	if (db_conn_open(&conn, &loop, &options, &err) < 0)
		_exit(2);
	pipe = db_pipe_new(conn);
	db_exec(pipe, 0);
	db_i32(pipe, 10);
	db_fault(pipe, "elsewhere");
	db_exec(pipe, 0);
	db_i32(pipe, 11);
	db_fault(pipe, "between");
	db_exec(pipe, 0);
	db_i32(pipe, 12);
	db_pipe_run(pipe, never_cb, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	_exit(3);
}

static void test_fault_point(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(MIGRATE(bus_1), 0);
	pid = fork();
	if (pid == 0)
		die_in_mid_pipe();
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(number("SELECT count(*) FROM test_db.a"), 1);
}
#endif

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_migrate),
		TEST(test_failing_migration_leaves_nothing),
		TEST(test_migrations_at_once),
		TEST(test_migrate_refuses),
		TEST(test_refuses_what_may_forget),
		TEST(test_durability_settings),
		TEST(test_statement_that_cannot_be_prepared),
		TEST(test_nobody_there),
		TEST(test_host_by_name),
		TEST(test_several_hosts),
		TEST(test_lists_of_hosts),
		TEST(test_watchdog),
#ifdef SUYUAN_FAULT_POINTS
		TEST(test_fault_point),
#endif
	};
	int failed;

	open_outside();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	PQfinish(outside);
	return failed;
}
