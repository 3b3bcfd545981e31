/* replica_load.c -- what the log and the replica's tables say, into memory. */
#include <string.h>

#include "dir/replica_store.h"

static const struct {
	int sql; /* its rows: body, revision */
	void (*put)(struct replica_mem *m, const uint8_t *body, size_t len,
		    uint64_t revision);
} bodies[] = {
	{ REPLICA_SQL_CALENDARS, mem_put_calendar },
	{ REPLICA_SQL_CALENDAR_DAYS, mem_put_calendar_day },
	{ REPLICA_SQL_POLICIES, mem_put_policy },
};
#define BODIES_NR (sizeof(bodies) / sizeof(bodies[0]))

static void take_body(struct replica_mem *mem, struct arena *arena,
		      const struct replica_change *c, size_t which)
{
	/* The oneof's members are all pointers to messages. */
	const ProtobufCMessage *m = &c->record->policy->base;
	size_t len = protobuf_c_message_get_packed_size(m);
	uint8_t *body = arena_alloc(arena, len + 1);

	protobuf_c_message_pack(m, body);
	bodies[which].put(mem, body, len, c->revision);
}

void replica_mem_take(struct replica_mem *mem,
		      const struct replica_change *changes, size_t n,
		      uint64_t revision)
{
	struct arena arena;

	arena_init(&arena);
	for (const struct replica_change *c = changes; c < changes + n; c++) {
		const Sy__V1__DirectoryRecord *r = c->record;
		struct mem_version v = { .parent = "",
					 .zone = "",
					 .calendar = "",
					 .class = "",
					 .revision = c->revision };

		switch (r->record_case) {
		case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
			v.code = r->unit->code;
			v.from_day = r->unit->valid_from_day;
			v.until_day = r->unit->valid_to_day;
			v.parent = r->unit->parent;
			v.zone = r->unit->zone;
			v.calendar = r->unit->calendar;
			mem_put_unit(mem, &v);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
			v.code = r->department->code;
			v.from_day = r->department->valid_from_day;
			v.until_day = r->department->valid_to_day;
			v.parent = r->department->parent;
			mem_put_department(mem, &v);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
			v.code = r->term->code;
			v.from_day = r->term->valid_from_day;
			v.until_day = r->term->valid_to_day;
			v.parent = r->term->parent;
			v.class = r->term->class_;
			mem_put_term(mem, r->term->taxonomy, &v);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
			mem_put_principal(mem, r->principal->name,
					  replica_roles(r->principal),
					  replica_streams(&arena, r->principal),
					  r->principal->unit,
					  r->principal->revoked, c->revision);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
			mem_put_signing_key(mem, r->signing_key->key_id,
					    r->signing_key->public_key.data,
					    r->signing_key->public_key.len,
					    r->signing_key->revoked,
					    c->revision);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
			take_body(mem, &arena, c, 0);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
			take_body(mem, &arena, c, 1);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
			take_body(mem, &arena, c, 2);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
			/* only SQL divides and counts */
		case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
		case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
			break;
		}
	}
	arena_reset(&arena);
	if (revision > mem->revision)
		mem->revision = revision;
}

void replica_load(struct db_pipe *pipe, uint64_t revision)
{
	db_exec(pipe, REPLICA_SQL_REVISION);
	for (int sql = REPLICA_SQL_UNITS; sql < REPLICA_LOAD_NR; sql++) {
		db_exec(pipe, sql);
		db_i64(pipe, (int64_t)revision);
	}
}

static void load_bodies(struct replica_mem *mem, const struct db_result *res,
			int first)
{
	for (size_t b = 0; b < BODIES_NR; b++) {
		int at = first + bodies[b].sql;

		for (int row = 0; row < db_rows(res, at); row++) {
			size_t len;
			const uint8_t *body =
				db_get_bytes(res, at, row, 0, &len);

			bodies[b].put(mem, body, len,
				      (uint64_t)db_get_i64(res, at, row, 1));
		}
	}
}

void replica_load_rows(struct replica_mem *mem, const struct db_result *res,
		       int first)
{
	uint64_t revision = (uint64_t)db_get_i64(res, first, 0, 0);
	int principals = first + REPLICA_SQL_PRINCIPALS;
	int keys = first + REPLICA_SQL_SIGNING_KEYS;

	for (int sql = REPLICA_SQL_UNITS; sql <= REPLICA_SQL_TERMS; sql++) {
		int at = first + sql;

		for (int row = 0; row < db_rows(res, at); row++) {
			const char *own = db_get_text(res, at, row, 5);
			const struct mem_version v = {
				.code = db_get_text(res, at, row, 0),
				.from_day = db_get_i32(res, at, row, 1),
				.until_day = db_get_i32(res, at, row, 2),
				.parent = db_get_text(res, at, row, 3),
				.zone = db_get_text(res, at, row, 4),
				.calendar = sql == REPLICA_SQL_UNITS ? own : "",
				.class = sql == REPLICA_SQL_UNITS ? "" : own,
				.revision =
					(uint64_t)db_get_i64(res, at, row, 6),
			};

			if (sql == REPLICA_SQL_UNITS)
				mem_put_unit(mem, &v);
			else if (sql == REPLICA_SQL_DEPARTMENTS)
				mem_put_department(mem, &v);
			else
				mem_put_term(mem, db_get_text(res, at, row, 7),
					     &v);
		}
	}
	for (int row = 0; row < db_rows(res, principals); row++)
		mem_put_principal(
			mem, db_get_text(res, principals, row, 0),
			(uint32_t)db_get_i32(res, principals, row, 1),
			db_get_text(res, principals, row, 2),
			db_get_text(res, principals, row, 3),
			db_get_bool(res, principals, row, 4),
			(uint64_t)db_get_i64(res, principals, row, 5));
	for (int row = 0; row < db_rows(res, keys); row++) {
		size_t len;
		const uint8_t *key = db_get_bytes(res, keys, row, 1, &len);

		mem_put_signing_key(mem, db_get_text(res, keys, row, 0), key,
				    len, db_get_bool(res, keys, row, 2),
				    (uint64_t)db_get_i64(res, keys, row, 3));
	}
	load_bodies(mem, res, first);
	if (revision > mem->revision)
		mem->revision = revision;
}

static int load_all(struct replica_mem *mem, PGconn *pg, const char *schema,
		    struct error *err)
{
	PGresult *results[REPLICA_LOAD_NR] = { 0 };
	const char *const path[] = { schema }, *const zero[] = { "0" };
	PGresult *res = PQexecParams(pg, replica_search_path_sql, 1, NULL, path,
				     NULL, NULL, 0);
	int status = PQresultStatus(res) == PGRES_TUPLES_OK ? 0 : -1;

	PQclear(res);
	for (int i = 0; i < REPLICA_LOAD_NR && status == 0; i++) {
		results[i] = PQexecParams(pg, replica_statements[i].sql,
					  i == REPLICA_SQL_REVISION ? 0 : 1,
					  NULL, zero, NULL, NULL, 1);
		if (PQresultStatus(results[i]) != PGRES_TUPLES_OK)
			status = -1;
	}
	if (status < 0)
		error_set(err, "directory replica: %s", PQerrorMessage(pg));
	else
		replica_load_rows(mem,
				  &(struct db_result){ .outcome = DB_OK,
						       .failed_statement = -1,
						       .results = results,
						       .n = REPLICA_LOAD_NR },
				  0);
	for (int i = 0; i < REPLICA_LOAD_NR; i++)
		PQclear(results[i]);
	return status;
}

int replica_load_blocking(struct replica_mem *mem, const char *url,
			  const char *schema, struct error *err)
{
	PGconn *pg = db_connect(url, schema, "directory", 0, err);
	int status;

	if (!pg)
		return -1;
	status = load_all(mem, pg, schema, err);
	PQfinish(pg);
	return status;
}
