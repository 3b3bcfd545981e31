/* result.c -- what came back: SQLSTATE -> outcome, binary columns -> values. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* PostgreSQL counts from 2000-01-01. */
#define PG_EPOCH_US INT64_C(946684800000000)

static bool in_class(const char *state, const char *class)
{
	return strncmp(state, class, strlen(class)) == 0;
}

static enum db_outcome outcome_of(const char *state)
{
	if (in_class(state, "40001") || in_class(state, "40P01") ||
	    in_class(state, "55P03"))
		return DB_CONFLICT;
	/* Raised by our own functions: somebody was there before. */
	if (in_class(state, "SY0") && strcmp(state, "SY000") != 0)
		return DB_CONFLICT;
	/* A binary parameter of the wrong width: the SQL lacks a cast. */
	if (in_class(state, "22P03"))
		return DB_FAILED;
	/* 54000: a row or an index entry is too long. */
	if (in_class(state, "22") || in_class(state, "23") ||
	    in_class(state, "54000"))
		return DB_DATA;
	/* 25006: we reached a standby; 58: its disk. */
	if (in_class(state, "53") || in_class(state, "57014") ||
	    in_class(state, "57P0") || in_class(state, "58") ||
	    in_class(state, "25006"))
		return DB_FULL;
	return DB_FAILED;
}

static const char *field(const PGresult *res, int code)
{
	const char *text = PQresultErrorField(res, code);

	return text ? text : "";
}

/* Where, and not the primary message: that quotes the value. */
static void refused_text(struct db_failure *f, const PGresult *res)
{
	static const struct {
		int code;
		const char *name;
	} places[] = {
		{ PG_DIAG_TABLE_NAME, "table" },
		{ PG_DIAG_COLUMN_NAME, "column" },
		{ PG_DIAG_CONSTRAINT_NAME, "constraint" },
	};
	size_t len =
		(size_t)snprintf(f->text, sizeof(f->text),
				 "refused by the database: %s", f->sqlstate);

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *place = field(res, places[i].code);

		if (*place)
			len += (size_t)snprintf(
				f->text + len, sizeof(f->text) - len,
				" %s %.63s", places[i].name, place);
	}
}

void db_failure_read(struct db_failure *f, const PGresult *res)
{
	const char *state = field(res, PG_DIAG_SQLSTATE);
	const char *severity = field(res, PG_DIAG_SEVERITY_NONLOCALIZED);

	memset(f, 0, sizeof(*f));
	/* Without a SQLSTATE it is libpq that lost the server. */
	f->fatal = !state[0] || strcmp(severity, "FATAL") == 0 ||
		   strcmp(severity, "PANIC") == 0;
	snprintf(f->sqlstate, sizeof(f->sqlstate), "%s",
		 state[0] ? state : "08006");
	f->outcome = f->fatal ? DB_UNCERTAIN : outcome_of(f->sqlstate);
	if (!state[0])
		snprintf(f->text, sizeof(f->text), "connection lost");
	else if (f->outcome == DB_DATA || in_class(state, "22"))
		refused_text(f, res);
	else
		snprintf(f->text, sizeof(f->text), "%s",
			 field(res, PG_DIAG_MESSAGE_PRIMARY));
}

const char *db_connection_problem(const PGconn *pg, char *buf, size_t size)
{
	const char *text = pg ? PQerrorMessage(pg) : "no memory";

	snprintf(buf, size, "%.*s", (int)strcspn(text, "\n"), text);
	return buf;
}

const char *db_durability_problem(const PGresult *res)
{
	if (PQntuples(res) != 1 || PQnfields(res) != 3)
		return "durability settings cannot be read";
	if (strcmp(PQgetvalue(res, 0, 0), "on") != 0)
		return "fsync is off: a crash would lose what was "
		       "acknowledged";
	if (strcmp(PQgetvalue(res, 0, 1), "on") != 0)
		return "full_page_writes is off: a crash would corrupt what "
		       "was acknowledged";
	if (strcmp(PQgetvalue(res, 0, 2), "off") == 0)
		return "synchronous_commit is off: a crash would lose what "
		       "was acknowledged";
	return NULL;
}

void db_ignore_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res; /* its texts may hold values */
}

static const PGresult *result_at(const struct db_result *res, int statement)
{
	return statement >= 0 && statement < res->n ? res->results[statement]
						    : NULL;
}

int db_rows(const struct db_result *res, int statement)
{
	PGresult *r;

	if (!result_at(res, statement))
		return 0;
	r = res->results[statement];
	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return PQntuples(r);
	return atoi(PQcmdTuples(r));
}

/* NULL for SQL NULL and for what is not there. */
static const char *cell(const struct db_result *res, int statement, int row,
			int col, int *len_r)
{
	const PGresult *r = result_at(res, statement);

	*len_r = 0;
	if (!r || row < 0 || row >= PQntuples(r) || col < 0 ||
	    col >= PQnfields(r) || PQgetisnull(r, row, col))
		return NULL;
	*len_r = PQgetlength(r, row, col);
	return PQgetvalue(r, row, col);
}

bool db_is_null(const struct db_result *res, int statement, int row, int col)
{
	int len;

	return !cell(res, statement, row, col, &len);
}

bool db_get_bool(const struct db_result *res, int statement, int row, int col)
{
	int len;
	const char *v = cell(res, statement, row, col, &len);

	return v && len == 1 && v[0] != 0;
}

int64_t db_get_i64(const struct db_result *res, int statement, int row, int col)
{
	int len;
	const char *v = cell(res, statement, row, col, &len);
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (v ? len : 0) {
	case 2:
		memcpy(&u16, v, sizeof(u16));
		return (int16_t)be16toh(u16);
	case 4:
		memcpy(&u32, v, sizeof(u32));
		return (int32_t)be32toh(u32);
	case 8:
		memcpy(&u64, v, sizeof(u64));
		return (int64_t)be64toh(u64);
	default:
		return 0;
	}
}

int32_t db_get_i32(const struct db_result *res, int statement, int row, int col)
{
	return (int32_t)db_get_i64(res, statement, row, col);
}

int64_t db_get_time(const struct db_result *res, int statement, int row,
		    int col)
{
	if (db_is_null(res, statement, row, col))
		return 0;
	return db_get_i64(res, statement, row, col) + PG_EPOCH_US;
}

const char *db_get_text(const struct db_result *res, int statement, int row,
			int col)
{
	int len;
	const char *v = cell(res, statement, row, col, &len);

	return v ? v : "";
}

const uint8_t *db_get_bytes(const struct db_result *res, int statement, int row,
			    int col, size_t *len_r)
{
	int len;
	const char *v = cell(res, statement, row, col, &len);

	*len_r = (size_t)len;
	return (const uint8_t *)v;
}
