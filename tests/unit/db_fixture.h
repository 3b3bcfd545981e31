/* db_fixture.h -- what the tests of services/common/db share: a blocking
 * connection that looks on from outside, and a loop that runs until the tested
 * side is done. They need a real server: TEST_DB_URL. */
#ifndef SUYUAN_TEST_DB_FIXTURE_H
#define SUYUAN_TEST_DB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/db.h"

#define SCHEMA "test_db"

static const char *test_url;
static PGconn *outside;
static uv_loop_t loop;

/* Exit status of a program whose tests were skipped. */
#define STATUS_SKIPPED 77

static inline void must(const char *sql)
{
	PGresult *res = PQexec(outside, sql);

	if (PQresultStatus(res) != PGRES_COMMAND_OK &&
	    PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(outside));
	PQclear(res);
}

/* First column of the first row as a number, -1 if there is none. */
static inline long number(const char *sql)
{
	PGresult *res = PQexec(outside, sql);
	long n = -1;

	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(outside));
	if (PQntuples(res) > 0)
		n = strtol(PQgetvalue(res, 0, 0), NULL, 10);
	PQclear(res);
	return n;
}

/* Opens what every test of the program needs, or ends it as skipped. */
static inline void open_outside(void)
{
	test_url = getenv("TEST_DB_URL");
	if (!test_url) {
		printf("SKIPPED: TEST_DB_URL is not set\n");
		exit(STATUS_SKIPPED);
	}
	outside = PQconnectdb(test_url);
	if (PQstatus(outside) != CONNECTION_OK) {
		fprintf(stderr, "%s", PQerrorMessage(outside));
		exit(EXIT_FAILURE);
	}
	PQclear(PQexec(outside, "SET client_min_messages = error"));
	/* These programs share a schema and may be run at once. */
	PQclear(PQexec(outside, "SELECT pg_advisory_lock(5020)"));
}

static inline void tick_cb(uv_timer_t *timer)
{
	++*(unsigned *)timer->data;
}

/* Runs the loop until *flag counts up to n (NULL: never) or for so long, then
 * says whether it did. The tick is short because one round of the loop may
 * call back and then still wait for the next timer. */
static inline bool run_some(const int *flag, int n, unsigned ms)
{
	const unsigned tick_ms = 5;
	uv_timer_t timer;
	unsigned ticks = 0;

	uv_timer_init(&loop, &timer);
	timer.data = &ticks;
	uv_timer_start(&timer, tick_cb, tick_ms, tick_ms);
	while ((!flag || *flag < n) && ticks * tick_ms < ms)
		uv_run(&loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
	return flag && *flag >= n;
}

static inline void run_for(unsigned ms)
{
	run_some(NULL, 0, ms);
}

/* Fails the test after limit_ms. */
static inline void run_until(const int *flag, int n, unsigned limit_ms)
{
	if (!run_some(flag, n, limit_ms))
		fail_msg("nothing after %u ms", limit_ms);
}

/* What a callback has seen; results die with it. */
struct seen {
	int calls;
	int rank; /* in the order of all callbacks */
	enum db_outcome outcome;
	char sqlstate[6];
	char text[256];
	int failed;
	int n, rows;
	void (*look)(const struct db_result *res);
};

static int ranks;

static inline void seen_cb(const struct db_result *res, void *arg)
{
	struct seen *seen = arg;

	seen->calls++;
	seen->rank = ++ranks;
	seen->outcome = res->outcome;
	seen->failed = res->failed_statement;
	seen->n = res->n;
	snprintf(seen->sqlstate, sizeof(seen->sqlstate), "%s", res->sqlstate);
	snprintf(seen->text, sizeof(seen->text), "%s", res->text);
	if (res->n > 0 && res->outcome == DB_OK)
		seen->rows = db_rows(res, res->n - 1);
	if (seen->look)
		seen->look(res);
}

#endif
