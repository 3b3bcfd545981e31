/* rows.h -- rows like the log's into a keyed table like the log's, by COPY
 * BINARY in transactions: the limit beside the bus, and what the consumers of
 * the peers do with the events they get. */
#ifndef SUYUAN_BENCH_ROWS_H
#define SUYUAN_BENCH_ROWS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROWS_EVENT_MAX_BYTES 4000

struct rows {
	PGconn *conn;
	char copy_sql[96], count_sql[96], lock_sql[96];
	uint64_t n; /* in the open transaction */
};

/* Runs one statement; complains to stderr. 0 or -1. */
int rows_exec(PGconn *conn, const char *sql);
/* Connects and makes schema and tables where they are missing. */
int rows_open(struct rows *rows, const char *url, const char *name,
	      const char *schema);
/* How many rows the table holds; -1 on failure. */
int64_t rows_held(const struct rows *rows);
/* lock: the counters of all shards first, as the log's writer does. */
int rows_begin(struct rows *rows, bool lock);
/* The number n is the key: shard n % 16, offset n / 16. */
int rows_add(struct rows *rows, uint64_t n, const void *event, size_t bytes);
int rows_commit(struct rows *rows);
void rows_close(struct rows *rows);

#endif
