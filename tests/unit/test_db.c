/* test_db.c -- pipes against a real PostgreSQL: types, atomicity, order, and
 * what is said when the server goes away. */
#include "db_fixture.h"

enum {
	SQL_SCALARS,
	SQL_ARRAYS,
	SQL_EMPTY,
	SQL_INSERT,
	SQL_INSERT_MANY,
	SQL_SLEEP,
	SQL_RAISE,
	SQL_SHORT,
	SQL_LATER,
	SQL_SETTINGS,
	SQL_TO_INT,
	SQL_NR
};

static const struct db_statement statements[SQL_NR] = {
	[SQL_SCALARS] = { "scalars",
			  "SELECT $1::bool, $2::int, $3::bigint, $4::text, "
			  "$5::bytea, $6::uuid, $7::timestamptz, $8::text, "
			  "$9::timestamptz, 7::smallint, $6::uuid::text, "
			  "extract(epoch FROM $7::timestamptz)::bigint" },
	[SQL_ARRAYS] = { "arrays",
			 "SELECT * FROM unnest($1::bool[], $2::smallint[], "
			 "$3::int[], $4::bigint[], $5::text[], $6::bytea[], "
			 "$7::uuid[], $8::timestamptz[]) WITH ORDINALITY" },
	[SQL_EMPTY] = { "empty", "SELECT cardinality($1::text[]), "
				 "count(*) FROM unnest($1::text[])" },
	[SQL_INSERT] = { "insert", "INSERT INTO t (id, what) VALUES "
				   "($1::bigint, $2::text) RETURNING id" },
	[SQL_INSERT_MANY] = { "insert_many",
			      "INSERT INTO t (id, what) SELECT * FROM "
			      "unnest($1::bigint[], $2::text[])" },
	[SQL_SLEEP] = { "sleep", "SELECT pg_sleep($1::int / 1000.0)" },
	[SQL_RAISE] = { "raise", "SELECT raise($1::text)" },
	[SQL_SHORT] = { "short", "INSERT INTO short VALUES ($1::text)" },
	[SQL_LATER] = { "later", "INSERT INTO later VALUES ($1::bigint)" },
	[SQL_SETTINGS] = { "settings", "SELECT current_setting('search_path'), "
				       "current_setting('application_name'), "
				       "current_setting('jit'), "
				       "current_setting('statement_timeout')" },
	[SQL_TO_INT] = { "to_int", "SELECT $1::text::int" },
};

static struct db_conn *conn;
static int ups, downs;

static void state_cb(bool up, void *arg)
{
	(void)arg;
	if (up)
		ups++;
	else
		downs++;
}

static struct db_conn *open_conn(const char *url)
{
	const struct db_conn_options options = {
		.url = url,
		.schema = SCHEMA,
		.role = "test writer",
		.statements = statements,
		.statements_nr = SQL_NR,
		.statement_timeout_ms = 3000,
		.state_cb = state_cb,
	};
	struct db_conn *c;
	struct error err;

	if (db_conn_open(&c, &loop, &options, &err) < 0)
		fail_msg("%s", err.text);
	return c;
}

static int setup(void **state)
{
	(void)state;
	must("DROP SCHEMA IF EXISTS " SCHEMA " CASCADE; CREATE SCHEMA " SCHEMA
	     "; SET search_path = " SCHEMA
	     "; CREATE TABLE t (id bigint PRIMARY KEY, what text);"
	     "CREATE TABLE short (s varchar(3));"
	     "CREATE TABLE later (id bigint REFERENCES t DEFERRABLE INITIALLY "
	     "DEFERRED);"
	     "CREATE FUNCTION raise(state text) RETURNS int LANGUAGE plpgsql "
	     "AS $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = state; END "
	     "$$");
	uv_loop_init(&loop);
	ups = downs = ranks = 0;
	conn = open_conn(test_url);
	run_until(&ups, 1, 3000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	db_conn_close(&conn);
	uv_run(&loop, UV_RUN_DEFAULT);
	/* Fails if a handle was left open. */
	return uv_loop_close(&loop);
}

static struct db_pipe *insert(struct db_pipe *pipe, int64_t id)
{
	db_exec(pipe, SQL_INSERT);
	db_i64(pipe, id);
	db_text(pipe, "x");
	return pipe;
}

static struct seen run(struct db_pipe *pipe,
		       void (*look)(const struct db_result *))
{
	struct seen seen = { .look = look };

	db_pipe_run(pipe, seen_cb, &seen);
	assert_int_equal(seen.calls, 0);
	run_until(&seen.calls, 1, 5000);
	run_for(5);
	assert_int_equal(seen.calls, 1);
	return seen;
}

/* --- values --- */

#define SOME_US INT64_C(1741929600123456)
static const uint8_t uuid[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 255 };

static void look_scalars(const struct db_result *res)
{
	size_t len;

	assert_int_equal(db_rows(res, 0), 1);
	assert_true(db_get_bool(res, 0, 0, 0));
	assert_int_equal(db_get_i32(res, 0, 0, 1), INT32_MIN);
	assert_int_equal(db_get_i64(res, 0, 0, 1), INT32_MIN);
	assert_true(db_get_i64(res, 0, 0, 2) == INT64_MAX);
	assert_string_equal(db_get_text(res, 0, 0, 3), "п\\\"'{}");
	assert_memory_equal(db_get_bytes(res, 0, 0, 4, &len), "a\0b", 3);
	assert_int_equal(len, 3);
	assert_memory_equal(db_get_bytes(res, 0, 0, 5, &len), uuid, 16);
	assert_true(db_get_time(res, 0, 0, 6) == SOME_US);
	assert_true(db_is_null(res, 0, 0, 7));
	assert_string_equal(db_get_text(res, 0, 0, 7), "");
	assert_null(db_get_bytes(res, 0, 0, 7, &len));
	assert_int_equal(len, 0);
	assert_true(db_is_null(res, 0, 0, 8));
	assert_int_equal(db_get_time(res, 0, 0, 8), 0);
	assert_int_equal(db_get_i64(res, 0, 0, 9), 7);
	assert_string_equal(db_get_text(res, 0, 0, 10),
			    "01020304-0506-0708-09ff-000000000000");
	assert_int_equal(db_get_i64(res, 0, 0, 11), SOME_US / 1000000);
	/* What is not there is NULL. */
	assert_true(db_is_null(res, 0, 1, 0));
	assert_true(db_is_null(res, 1, 0, 0));
}

static void test_scalars(void **state)
{
	struct db_pipe *pipe = db_pipe_new(conn);

	(void)state;
	db_exec(pipe, SQL_SCALARS);
	db_bool(pipe, true);
	db_i32(pipe, INT32_MIN);
	db_i64(pipe, INT64_MAX);
	db_text(pipe, "п\\\"'{}");
	db_bytes(pipe, "a\0b", 3);
	db_uuid(pipe, uuid);
	db_time(pipe, SOME_US);
	db_text(pipe, NULL);
	db_time(pipe, 0);
	assert_int_equal(db_pipe_length(pipe), 1);
	assert_int_equal(run(pipe, look_scalars).outcome, DB_OK);
}

static void look_arrays(const struct db_result *res)
{
	size_t len;

	assert_int_equal(db_rows(res, 0), 3);
	assert_true(db_get_bool(res, 0, 0, 0));
	assert_int_equal(db_get_i64(res, 0, 0, 1), INT16_MIN);
	assert_int_equal(db_get_i64(res, 0, 0, 2), INT32_MAX);
	assert_true(db_get_i64(res, 0, 0, 3) == INT64_MIN);
	assert_string_equal(db_get_text(res, 0, 0, 4), "{\"п\",NULL}");
	assert_memory_equal(db_get_bytes(res, 0, 0, 5, &len), "\0\1", 2);
	assert_int_equal(len, 2);
	assert_memory_equal(db_get_bytes(res, 0, 0, 6, &len), uuid, 16);
	assert_true(db_get_time(res, 0, 0, 7) == SOME_US);
	for (int col = 0; col < 8; col++)
		assert_true(db_is_null(res, 0, 1, col));
	/* An empty text is no NULL. */
	assert_false(db_is_null(res, 0, 2, 4));
	assert_false(db_is_null(res, 0, 2, 5));
	assert_int_equal(db_get_i64(res, 0, 2, 8), 3);
}

static void test_arrays_with_nulls(void **state)
{
	static const int64_t ints[] = { 1, INT16_MIN, INT32_MAX, INT64_MIN };
	struct db_pipe *pipe = db_pipe_new(conn);

	(void)state;
	db_exec(pipe, SQL_ARRAYS);
	for (int i = 0; i < 4; i++) {
		db_array_begin(pipe, (enum db_array_type)(DB_ARRAY_BOOL + i));
		db_array_int(pipe, ints[i]);
		db_array_data(pipe, NULL, 0);
		db_array_int(pipe, 0);
		db_array_end(pipe);
	}
	db_array_begin(pipe, DB_ARRAY_TEXT);
	db_array_text(pipe, "{\"п\",NULL}");
	db_array_text(pipe, NULL);
	db_array_text(pipe, "");
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	db_array_data(pipe, "\0\1", 2);
	db_array_data(pipe, NULL, 0);
	db_array_data(pipe, "", 0);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_UUID);
	db_array_data(pipe, uuid, 16);
	db_array_data(pipe, NULL, 0);
	db_array_data(pipe, uuid, 16);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TIME);
	db_array_int(pipe, SOME_US);
	db_array_int(pipe, 0);
	db_array_int(pipe, 1);
	db_array_end(pipe);
	assert_int_equal(run(pipe, look_arrays).outcome, DB_OK);
}

static void look_empty(const struct db_result *res)
{
	assert_int_equal(db_get_i64(res, 0, 0, 0), 0);
	assert_false(db_is_null(res, 0, 0, 0));
	assert_int_equal(db_get_i64(res, 0, 0, 1), 0);
	/* And the parameter after it is found. */
	assert_int_equal(db_get_i64(res, 1, 0, 0), 5);
}

static void test_empty_array_and_empty_pipe(void **state)
{
	struct db_pipe *pipe = db_pipe_new(conn);

	(void)state;
	db_exec(pipe, SQL_EMPTY);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	db_array_end(pipe);
	insert(pipe, 5);
	assert_int_equal(run(pipe, look_empty).outcome, DB_OK);
	assert_int_equal(run(db_pipe_new(conn), NULL).outcome, DB_OK);
}

static void test_thousand_rows(void **state)
{
	struct db_pipe *pipe = db_pipe_new(conn);
	char text[32];
	struct seen seen;

	(void)state;
	db_exec(pipe, SQL_INSERT_MANY);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (int i = 0; i < 1000; i++)
		db_array_int(pipe, i);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "row %d", i);
		db_array_text(pipe, text);
	}
	db_array_end(pipe);
	seen = run(pipe, NULL);
	assert_int_equal(seen.outcome, DB_OK);
	assert_int_equal(seen.rows, 1000);
	assert_int_equal(number("SELECT count(*) FROM t WHERE what = "
				"'row ' || id"),
			 1000);
}

/* More than both sockets hold, both ways: neither side may wait for ever. */
static void test_large_both_ways(void **state)
{
	size_t len = 4 << 20;
	char *big = malloc(len + 1);
	struct db_pipe *pipe = db_pipe_new(conn);

	(void)state;
	assert_non_null(big);
	memset(big, 'a', len);
	big[len] = 0;
	for (int i = 0; i < 8; i++) {
		db_exec(pipe, SQL_SCALARS);
		for (int p = 0; p < 9; p++) {
			if (p == 3)
				db_text(pipe, big);
			else
				db_null(pipe);
		}
	}
	free(big);
	assert_int_equal(run(pipe, NULL).outcome, DB_OK);
}

/* --- outcomes --- */

static void test_error_undoes_the_whole_pipe(void **state)
{
	struct db_pipe *pipe = db_pipe_new(conn);
	struct seen seen;

	(void)state;
	insert(pipe, 1);
	insert(pipe, 1); /* the primary key */
	insert(pipe, 2);
	seen = run(pipe, NULL);
	assert_int_equal(seen.outcome, DB_DATA);
	assert_string_equal(seen.sqlstate, "23505");
	assert_int_equal(seen.failed, 1);
	assert_int_equal(seen.n, 3);
	assert_non_null(strstr(seen.text, "t_pkey"));
	assert_int_equal(number("SELECT count(*) FROM t"), 0);
	assert_int_equal(run(insert(db_pipe_new(conn), 3), NULL).outcome,
			 DB_OK);
	assert_int_equal(number("SELECT count(*) FROM t"), 1);
	assert_int_equal(downs, 0);
}

static void test_error_at_commit(void **state)
{
	struct db_pipe *pipe = db_pipe_new(conn);
	struct seen seen;

	(void)state;
	insert(pipe, 1);
	db_exec(pipe, SQL_LATER);
	db_i64(pipe, 99); /* refers to nothing, which the commit finds */
	seen = run(pipe, NULL);
	assert_int_equal(seen.outcome, DB_DATA);
	assert_string_equal(seen.sqlstate, "23503");
	assert_int_equal(seen.failed, -1);
	assert_int_equal(number("SELECT count(*) FROM t"), 0);
	assert_int_equal(run(insert(db_pipe_new(conn), 3), NULL).outcome,
			 DB_OK);
	assert_int_equal(downs, 0);
}

static void test_outcomes(void **state)
{
	static const struct {
		const char *sqlstate;
		enum db_outcome outcome;
	} cases[] = {
		{ "40001", DB_CONFLICT }, { "40P01", DB_CONFLICT },
		{ "55P03", DB_CONFLICT }, { "SY001", DB_CONFLICT },
		{ "SY099", DB_CONFLICT }, { "SY100", DB_FAILED },
		{ "22023", DB_DATA },     { "23514", DB_DATA },
		{ "53100", DB_FULL },     { "53200", DB_FULL },
		{ "57014", DB_FULL },     { "58030", DB_FULL },
		{ "P0001", DB_FAILED },   { "42P01", DB_FAILED },
		{ "XX000", DB_FAILED },   { "22P03", DB_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct db_pipe *pipe = db_pipe_new(conn);
		struct seen seen;

		db_exec(pipe, SQL_RAISE);
		db_text(pipe, cases[i].sqlstate);
		seen = run(pipe, NULL);
		assert_string_equal(seen.sqlstate, cases[i].sqlstate);
		assert_int_equal(seen.outcome, cases[i].outcome);
		assert_int_equal(seen.failed, 0);
	}
	assert_int_equal(downs, 0);
}

static void test_texts_hold_no_values(void **state)
{
	static const int sql[] = { SQL_TO_INT, SQL_SHORT };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct db_pipe *pipe = db_pipe_new(conn);
		struct seen seen;

		db_exec(pipe, sql[i]);
		db_text(pipe, "secret");
		seen = run(pipe, NULL);
		assert_int_equal(seen.outcome, DB_DATA);
		assert_null(strstr(seen.text, "secret"));
		assert_non_null(strstr(seen.text, seen.sqlstate));
	}
}

static void test_value_without_a_form(void **state)
{
	struct db_pipe *pipe = insert(db_pipe_new(conn), 1);
	struct seen seen;

	(void)state;
	db_exec(pipe, SQL_INSERT_MANY);
	db_array_begin(pipe, DB_ARRAY_I16);
	db_array_int(pipe, INT16_MAX + 1);
	db_array_end(pipe);
	seen = run(pipe, NULL);
	assert_int_equal(seen.outcome, DB_DATA);
	assert_string_equal(seen.sqlstate, "22003");
	assert_int_equal(seen.failed, 1);
	assert_int_equal(run(insert(db_pipe_new(conn), 2), NULL).outcome,
			 DB_OK);
	assert_int_equal(number("SELECT count(*) FROM t"), 1);
}

static void test_statement_timeout(void **state)
{
	struct db_pipe *pipe = db_pipe_new(conn);
	struct seen seen;

	(void)state;
	db_exec(pipe, SQL_SLEEP);
	db_i32(pipe, 4500);
	seen = run(pipe, NULL);
	assert_int_equal(seen.outcome, DB_FULL);
	assert_string_equal(seen.sqlstate, "57014");
	assert_int_equal(downs, 0);
}

static void look_settings(const struct db_result *res)
{
	assert_string_equal(db_get_text(res, 0, 0, 0), SCHEMA);
	assert_string_equal(db_get_text(res, 0, 0, 1), "test writer");
	assert_string_equal(db_get_text(res, 0, 0, 2), "off");
	assert_string_equal(db_get_text(res, 0, 0, 3), "3s");
}

static void test_settings(void **state)
{
	struct db_pipe *pipe = db_pipe_new(conn);

	(void)state;
	db_exec(pipe, SQL_SETTINGS);
	assert_int_equal(run(pipe, look_settings).outcome, DB_OK);
}

/* --- order, loss, close --- */

static void test_queue_keeps_order(void **state)
{
	struct seen seen[20] = { { 0 } };

	(void)state;
	for (int i = 0; i < 20; i++)
		db_pipe_run(insert(db_pipe_new(conn), i), seen_cb, &seen[i]);
	run_until(&seen[19].calls, 1, 3000);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(seen[i].calls, 1);
		assert_int_equal(seen[i].rank, i + 1);
		assert_int_equal(seen[i].outcome, DB_OK);
	}
}

static struct db_pipe *slow_pipe(int64_t id)
{
	struct db_pipe *pipe = insert(db_pipe_new(conn), id);

	db_exec(pipe, SQL_SLEEP);
	db_i32(pipe, 1500);
	return pipe;
}

static void test_killed_in_mid_pipe(void **state)
{
	struct seen sent = { 0 }, queued = { 0 };
	int pid = db_conn_pid(conn);
	char sql[80];

	(void)state;
	assert_true(pid > 0);
	db_pipe_run(slow_pipe(1), seen_cb, &sent);
	db_pipe_run(insert(db_pipe_new(conn), 2), seen_cb, &queued);
	run_for(200);
	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)", pid);
	must(sql);
	run_until(&queued.calls, 1, 3000);
	assert_int_equal(sent.calls, 1);
	assert_int_equal(sent.outcome, DB_UNCERTAIN);
	assert_string_equal(sent.sqlstate, "57P01");
	assert_int_equal(sent.rank, 1);
	/* What was not sent has waited for the next connection. */
	assert_int_equal(queued.outcome, DB_OK);
	assert_int_equal(ups, 2);
	assert_int_equal(downs, 1);
	assert_int_not_equal(db_conn_pid(conn), pid);
	assert_int_equal(number("SELECT sum(id) FROM t"), 2);
}

static void test_killed_while_idle(void **state)
{
	char sql[80];

	(void)state;
	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)",
		 db_conn_pid(conn));
	must(sql);
	run_until(&downs, 1, 3000);
	assert_false(db_conn_up(conn));
	assert_int_equal(db_conn_pid(conn), 0);
	assert_int_equal(run(insert(db_pipe_new(conn), 2), NULL).outcome,
			 DB_OK);
}

static void test_close_with_pending(void **state)
{
	struct seen sent = { 0 }, queued = { 0 };

	(void)state;
	db_pipe_run(slow_pipe(1), seen_cb, &sent);
	db_pipe_run(insert(db_pipe_new(conn), 2), seen_cb, &queued);
	run_for(100);
	db_conn_close(&conn);
	assert_null(conn);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(sent.calls, 1);
	assert_int_equal(sent.outcome, DB_UNCERTAIN);
	assert_int_equal(queued.calls, 1);
	assert_int_equal(queued.outcome, DB_FULL);
	db_conn_close(&conn); /* closing again does nothing */
}

static void close_cb(const struct db_result *res, void *arg)
{
	seen_cb(res, arg);
	db_conn_close(&conn);
}

static void test_close_from_a_callback(void **state)
{
	struct seen first = { 0 }, second = { 0 }, third = { 0 };

	(void)state;
	db_pipe_run(insert(db_pipe_new(conn), 1), close_cb, &first);
	db_pipe_run(insert(db_pipe_new(conn), 2), seen_cb, &second);
	db_pipe_run(insert(db_pipe_new(conn), 3), seen_cb, &third);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(first.outcome, DB_OK);
	assert_int_equal(second.outcome, DB_UNCERTAIN);
	assert_int_equal(third.outcome, DB_FULL);
	assert_int_equal(first.calls + second.calls + third.calls, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_scalars),
		TEST(test_arrays_with_nulls),
		TEST(test_empty_array_and_empty_pipe),
		TEST(test_thousand_rows),
		TEST(test_large_both_ways),
		TEST(test_error_undoes_the_whole_pipe),
		TEST(test_error_at_commit),
		TEST(test_outcomes),
		TEST(test_texts_hold_no_values),
		TEST(test_value_without_a_form),
		TEST(test_statement_timeout),
		TEST(test_settings),
		TEST(test_queue_keeps_order),
		TEST(test_killed_in_mid_pipe),
		TEST(test_killed_while_idle),
		TEST(test_close_with_pending),
		TEST(test_close_from_a_callback),
	};
	int failed;

	open_outside();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	PQfinish(outside);
	return failed;
}
