/* rows.c -- see rows.h. Libpq by itself, blocking: nothing of ours stands
 * between the rows and the database. */
#include "rows.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS 16

static const char setup_sql[] =
	"SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS %1$s;"
	"CREATE TABLE IF NOT EXISTS %1$s.shard (shard smallint PRIMARY KEY);"
	"INSERT INTO %1$s.shard SELECT generate_series(0, 15)"
	" ON CONFLICT DO NOTHING;"
	"CREATE TABLE IF NOT EXISTS %1$s.log (shard smallint,"
	" log_offset bigint, accepted_at timestamptz NOT NULL,"
	" event_id uuid NOT NULL, event bytea NOT NULL,"
	" PRIMARY KEY (shard, log_offset));"
	"ALTER TABLE %1$s.log ALTER COLUMN event SET STORAGE EXTERNAL";

int rows_exec(PGconn *conn, const char *sql)
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

int rows_open(struct rows *rows, const char *url, const char *name,
	      const char *schema)
{
	const char *const keywords[] = { "dbname", "application_name", NULL };
	const char *const values[] = { url, name, NULL };
	char setup[1024];

	rows->conn = PQconnectdbParams(keywords, values, 1);
	rows->n = 0;
	snprintf(setup, sizeof(setup), setup_sql, schema);
	snprintf(rows->lock_sql, sizeof(rows->lock_sql),
		 "SELECT shard FROM %s.shard ORDER BY shard "
		 "FOR NO KEY UPDATE",
		 schema);
	snprintf(rows->count_sql, sizeof(rows->count_sql),
		 "SELECT count(*) FROM %s.log", schema);
	snprintf(rows->copy_sql, sizeof(rows->copy_sql),
		 "COPY %s.log FROM STDIN (FORMAT binary)", schema);
	if (PQstatus(rows->conn) == CONNECTION_OK)
		return rows_exec(rows->conn, setup);
	fprintf(stderr, "%s", PQerrorMessage(rows->conn));
	return -1;
}

int64_t rows_held(const struct rows *rows)
{
	PGresult *res = PQexec(rows->conn, rows->count_sql);
	int64_t held = -1;

	if (PQresultStatus(res) == PGRES_TUPLES_OK)
		held = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
	else
		fprintf(stderr, "%s", PQerrorMessage(rows->conn));
	PQclear(res);
	return held;
}

int rows_begin(struct rows *rows, bool lock)
{
	static const char head[19] = "PGCOPY\n\377\r\n";

	rows->n = 0;
	if (rows_exec(rows->conn, "BEGIN") < 0 ||
	    (lock && rows_exec(rows->conn, rows->lock_sql) < 0) ||
	    rows_exec(rows->conn, rows->copy_sql) < 0)
		return -1;
	return PQputCopyData(rows->conn, head, sizeof(head)) == 1 ? 0 : -1;
}

static size_t put_field(uint8_t *to, const void *data, uint32_t len)
{
	uint32_t len_be = htobe32(len);

	memcpy(to, &len_be, 4);
	memcpy(to + 4, data, len);
	return len + 4;
}

int rows_add(struct rows *rows, uint64_t n, const void *event, size_t bytes)
{
	uint16_t fields = htobe16(5), shard = htobe16((uint16_t)(n % SHARDS));
	uint64_t offset = htobe64(n / SHARDS + 1), at = htobe64(n);
	uint8_t row[ROWS_EVENT_MAX_BYTES + 64], id[16] = { 0 };
	size_t len = 2;

	if (bytes > ROWS_EVENT_MAX_BYTES)
		return -1;
	memcpy(row, &fields, 2);
	memcpy(id, &n, sizeof(n));
	len += put_field(row + len, &shard, 2);
	len += put_field(row + len, &offset, 8);
	len += put_field(row + len, &at, 8);
	len += put_field(row + len, id, 16);
	len += put_field(row + len, event, (uint32_t)bytes);
	rows->n++;
	return PQputCopyData(rows->conn, (const char *)row, (int)len) == 1 ? 0
									   : -1;
}

int rows_commit(struct rows *rows)
{
	static const char tail[2] = { '\xff', '\xff' };
	PGresult *res;
	int status = 0;

	if (PQputCopyData(rows->conn, tail, sizeof(tail)) != 1 ||
	    PQputCopyEnd(rows->conn, NULL) != 1)
		status = -1;
	while ((res = PQgetResult(rows->conn))) {
		if (PQresultStatus(res) != PGRES_COMMAND_OK)
			status = -1;
		PQclear(res);
	}
	if (status < 0) {
		fprintf(stderr, "COPY: %s", PQerrorMessage(rows->conn));
		return -1;
	}
	return rows_exec(rows->conn, "COMMIT");
}

void rows_close(struct rows *rows)
{
	PQfinish(rows->conn);
	rows->conn = NULL;
}
