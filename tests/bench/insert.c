/* insert.c -- the limit of a single answer (B4): one row, one transaction, at a
 * rate, whatever the answers take: a row's latency counts from the time at
 * which it was due. As many connections as are needed for none to wait.
 *
 *	insert --db URL --events N --rate R [--connections C] [--bytes B]
 */
#include <endian.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"
#include "report.h"
#include "rows.h"
#include "timeutil.h"

#define CONNECTIONS_MAX 64

static const char setup_sql[] =
	"SET client_min_messages = warning;"
	"CREATE SCHEMA IF NOT EXISTS bench_insert;"
	"CREATE TABLE IF NOT EXISTS bench_insert.row ("
	" id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
	" accepted_at timestamptz NOT NULL DEFAULT now(),"
	" event bytea NOT NULL)";
static const char insert_sql[] =
	"INSERT INTO bench_insert.row (event) VALUES ($1)";

struct insert {
	const char *url;
	uint64_t events, rate;
	int bytes;
	int64_t start_us;
	atomic_uint_fast64_t next;
	atomic_bool failed;
	int64_t *latency_us;
};

static PGconn *conn_open(const char *url)
{
	const char *const keywords[] = { "dbname", "application_name", NULL };
	const char *const values[] = { url, "insert", NULL };
	PGconn *conn = PQconnectdbParams(keywords, values, 1);
	PGresult *res;

	if (PQstatus(conn) != CONNECTION_OK || rows_exec(conn, setup_sql) < 0) {
		fprintf(stderr, "%s", PQerrorMessage(conn));
		PQfinish(conn);
		return NULL;
	}
	res = PQprepare(conn, "insert", insert_sql, 1, NULL);
	PQclear(res);
	return conn;
}

static void sleep_until_us(int64_t at_us)
{
	const struct timespec at = {
		.tv_sec = at_us / US_PER_S,
		.tv_nsec = at_us % US_PER_S * 1000,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL))
		;
}

static bool insert_one(PGconn *conn, int bytes)
{
	static const char filler[ROWS_EVENT_MAX_BYTES];
	const char *const values[] = { filler };
	const int lengths[] = { bytes }, formats[] = { 1 };
	/* A statement by itself is a transaction: the answer follows COMMIT. */
	PGresult *res =
		PQexecPrepared(conn, "insert", 1, values, lengths, formats, 0);
	bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;

	PQclear(res);
	return ok;
}

struct worker {
	struct insert *insert;
	PGconn *conn;
	pthread_t thread;
};

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	struct insert *in = worker->insert;
	uint64_t n;

	while (!in->failed &&
	       (n = atomic_fetch_add(&in->next, 1)) < in->events) {
		int64_t due_us =
			in->start_us + (int64_t)(n * US_PER_S / in->rate);

		sleep_until_us(due_us);
		if (!insert_one(worker->conn, in->bytes))
			in->failed = true;
		in->latency_us[n] = time_monotonic_us() - due_us;
	}
	return NULL;
}

static int insert_all(struct insert *in, struct worker *workers, unsigned n)
{
	unsigned started = 0;
	int64_t end_us, p50_us;
	char more[96];

	for (unsigned i = 0; i < n; i++) {
		workers[i].insert = in;
		workers[i].conn = conn_open(in->url);
		if (!workers[i].conn)
			return -1;
	}
	in->start_us = time_monotonic_us() + 10 * US_PER_MS;
	while (started < n &&
	       pthread_create(&workers[started].thread, NULL, worker_main,
			      &workers[started]) == 0)
		started++;
	for (unsigned i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	end_us = time_monotonic_us();
	if (in->failed || started < n)
		return -1;
	p50_us = report_quantile(in->latency_us, in->events, 500);
	snprintf(more, sizeof(more),
		 ",\"p50_us\":%" PRId64 ",\"p99_us\":%" PRId64, p50_us,
		 report_quantile(in->latency_us, in->events, 990));
	report_and_stay(in->events, in->start_us, end_us, more);
	return 0;
}

int bench_insert(int argc, char **argv)
{
	static const struct option options[] = {
		{ "db", required_argument, NULL, 'd' },
		{ "events", required_argument, NULL, 'n' },
		{ "rate", required_argument, NULL, 'r' },
		{ "connections", required_argument, NULL, 'c' },
		{ "bytes", required_argument, NULL, 'b' },
		{ 0 },
	};
	struct insert in = { .url = "", .events = 1, .rate = 1, .bytes = 256 };
	struct worker workers[CONNECTIONS_MAX] = { 0 };
	unsigned connections = 16;
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			in.url = optarg;
			break;
		case 'n':
			in.events = strtoull(optarg, NULL, 10);
			break;
		case 'r':
			in.rate = strtoull(optarg, NULL, 10);
			break;
		case 'c':
			connections = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'b':
			in.bytes = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	in.latency_us = calloc(in.events, sizeof(*in.latency_us));
	if (!in.latency_us || in.rate == 0 || connections == 0 ||
	    connections > CONNECTIONS_MAX || in.bytes < 0 ||
	    in.bytes > ROWS_EVENT_MAX_BYTES)
		return 2;
	status = insert_all(&in, workers, connections);
	for (unsigned i = 0; i < connections; i++)
		PQfinish(workers[i].conn);
	free(in.latency_us);
	return status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
