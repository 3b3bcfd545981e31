/* copy.c -- the limit (B2): COPY BINARY of rows like the log's, each
 *transaction under the counter lock of its shard, one connection, nothing else.
 *
 *	copy --db URL --events N [--bytes B] [--batch N]
 */
#include <endian.h>
#include <getopt.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "timeutil.h"

#define ROW_MAX 4200

static const char setup_sql[] =
	"DROP SCHEMA IF EXISTS bench_copy CASCADE; CREATE SCHEMA bench_copy;"
	"CREATE TABLE bench_copy.shard (shard smallint PRIMARY KEY);"
	"INSERT INTO bench_copy.shard SELECT generate_series(0, 15);"
	"CREATE TABLE bench_copy.log (shard smallint, log_offset bigint,"
	" accepted_at timestamptz NOT NULL, event_id uuid NOT NULL,"
	" event bytea NOT NULL, PRIMARY KEY (shard, log_offset));"
	"ALTER TABLE bench_copy.log ALTER COLUMN event SET STORAGE EXTERNAL";
static const char lock_sql[] =
	"SELECT shard FROM bench_copy.shard ORDER BY shard "
	"FOR NO KEY UPDATE";
static const char copy_sql[] = "COPY bench_copy.log FROM STDIN (FORMAT binary)";

static size_t put_field(uint8_t *to, const void *data, uint32_t len)
{
	uint32_t len_be = htobe32(len);

	memcpy(to, &len_be, 4);
	memcpy(to + 4, data, len);
	return len + 4;
}

static size_t put_row(uint8_t *to, uint64_t n, const uint8_t *filler,
		      size_t bytes)
{
	uint16_t fields = htobe16(5), shard = htobe16((uint16_t)(n % 16));
	uint64_t offset = htobe64(n / 16 + 1), at = htobe64(n);
	uint8_t id[16] = { 0 };
	size_t len = 2;

	memcpy(to, &fields, 2);
	memcpy(id, &n, sizeof(n));
	len += put_field(to + len, &shard, 2);
	len += put_field(to + len, &offset, 8);
	len += put_field(to + len, &at, 8);
	len += put_field(to + len, id, 16);
	len += put_field(to + len, filler, (uint32_t)bytes);
	return len;
}

static int exec(PGconn *conn, const char *sql)
{
	PGresult *res = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(res);

	PQclear(res);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	    status == PGRES_COPY_IN)
		return 0;
	fprintf(stderr, "%s: %s", sql, PQerrorMessage(conn));
	return -1;
}

static int copy_batch(PGconn *conn, uint64_t first, uint64_t n,
		      const uint8_t *filler, size_t bytes)
{
	static const uint8_t head[19] = "PGCOPY\n\377\r\n";
	static const uint8_t tail[2] = { 0xff, 0xff };
	uint8_t row[ROW_MAX];
	PGresult *res;
	int status = 0;

	if (exec(conn, "BEGIN") < 0 || exec(conn, lock_sql) < 0 ||
	    exec(conn, copy_sql) < 0)
		return -1;
	PQputCopyData(conn, (const char *)head, sizeof(head));
	for (uint64_t i = 0; i < n; i++)
		PQputCopyData(conn, (const char *)row,
			      (int)put_row(row, first + i, filler, bytes));
	PQputCopyData(conn, (const char *)tail, sizeof(tail));
	PQputCopyEnd(conn, NULL);
	while ((res = PQgetResult(conn))) {
		if (PQresultStatus(res) != PGRES_COMMAND_OK)
			status = -1;
		PQclear(res);
	}
	return status < 0 ? -1 : exec(conn, "COMMIT");
}

int bench_copy(int argc, char **argv)
{
	static const struct option options[] = {
		{ "db", required_argument, NULL, 'd' },
		{ "events", required_argument, NULL, 'n' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "batch", required_argument, NULL, 'B' },
		{ 0 },
	};
	const char *url = "";
	uint64_t events = 200000, batch = 1000;
	size_t bytes = 256;
	uint8_t filler[4000] = { 0 };
	int64_t start_us;
	double seconds;
	PGconn *conn;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			url = optarg;
			break;
		case 'n':
			events = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			bytes = strtoull(optarg, NULL, 10);
			break;
		case 'B':
			batch = strtoull(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	}
	if (bytes > sizeof(filler) || batch == 0)
		return 2;
	conn = PQconnectdb(url);
	if (PQstatus(conn) != CONNECTION_OK || exec(conn, setup_sql) < 0) {
		fprintf(stderr, "%s", PQerrorMessage(conn));
		PQfinish(conn);
		return EXIT_FAILURE;
	}
	start_us = time_monotonic_us();
	for (uint64_t first = 0; first < events; first += batch) {
		uint64_t n = events - first < batch ? events - first : batch;

		if (copy_batch(conn, first, n, filler, bytes) < 0) {
			PQfinish(conn);
			return EXIT_FAILURE;
		}
	}
	seconds = (double)(time_monotonic_us() - start_us) / 1e6;
	printf("{\"events\":%" PRIu64 ",\"seconds\":%.3f,"
	       "\"events_per_s\":%.0f}\n",
	       events, seconds, (double)events / seconds);
	PQfinish(conn);
	return EXIT_SUCCESS;
}
