/* pipe.c -- building a pipe: parameters in PostgreSQL's binary form, copied one
 * after another into one buffer. Nothing is allocated for an element. */
#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* PostgreSQL counts from 2000-01-01. */
#define PG_EPOCH_US INT64_C(946684800000000)
/* A field of the protocol ends at 1 GB; we end long before that. */
#define VALUE_MAX_BYTES ((size_t)512 << 20)

#define ARRAY_HEADER_BYTES 20 /* of one dimension */
#define ARRAY_EMPTY_BYTES 12

static const struct {
	uint32_t oid;
	int32_t width; /* of an element on the wire, 0: any */
	int64_t min, max;
} array_types[] = {
	[DB_ARRAY_BOOL] = { 16, 1, 0, 1 },
	[DB_ARRAY_I16] = { 21, 2, INT16_MIN, INT16_MAX },
	[DB_ARRAY_I32] = { 23, 4, INT32_MIN, INT32_MAX },
	[DB_ARRAY_I64] = { 20, 8, INT64_MIN, INT64_MAX },
	[DB_ARRAY_TEXT] = { 25, 0, 0, 0 },
	[DB_ARRAY_BYTES] = { 17, 0, 0, 0 },
	[DB_ARRAY_UUID] = { 2950, 16, 0, 0 },
	[DB_ARRAY_TIME] = { 1184, 8, INT64_MIN + PG_EPOCH_US, INT64_MAX },
};

void *db_alloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		abort();
	return p;
}

void *db_grow(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n, size);

	if (!p)
		abort();
	return p;
}

struct db_pipe *db_pipe_new(struct db_conn *conn)
{
	struct db_pipe *pipe = db_alloc(1, sizeof(*pipe));

	pipe->conn = conn;
	pipe->failed_step = -1;
	pipe->cap = 4096;
	pipe->buf = db_grow(NULL, pipe->cap, 1);
	return pipe;
}

void db_pipe_drop(struct db_pipe *pipe)
{
	if (!pipe)
		return;
	for (int i = 0; pipe->results && i < pipe->steps_nr; i++)
		PQclear(pipe->results[i]);
	free(pipe->results);
	free(pipe->buf);
	free(pipe->params);
	for (int i = 0; i < pipe->steps_nr; i++)
		free(pipe->steps[i].sql);
	free(pipe->steps);
	free(pipe);
}

int db_pipe_length(const struct db_pipe *pipe)
{
	return pipe->steps_nr;
}

void db_pipe_base(struct db_pipe *pipe, int base)
{
	pipe->base = base;
}

static void add_step(struct db_pipe *pipe, int statement)
{
	assert(!pipe->array_at);
	if (pipe->steps_nr == pipe->steps_cap) {
		pipe->steps_cap = pipe->steps_cap ? 2 * pipe->steps_cap : 16;
		pipe->steps = db_grow(pipe->steps, (size_t)pipe->steps_cap,
				      sizeof(*pipe->steps));
	}
	pipe->steps[pipe->steps_nr++] = (struct db_step){
		.statement = statement,
		.first_param = pipe->params_nr,
	};
}

void db_exec(struct db_pipe *pipe, int statement)
{
	statement += pipe->base;
	assert(statement >= 0 && statement < pipe->conn->statements_nr);
	add_step(pipe, statement);
}

/* --- composed statements --- */

void db_exec_composed(struct db_pipe *pipe)
{
	add_step(pipe, -1);
	db_sql(pipe, "");
}

void db_sql(struct db_pipe *pipe, const char *text)
{
	struct db_step *step = &pipe->steps[pipe->steps_nr - 1];
	size_t len = strlen(text);

	assert(pipe->steps_nr > 0 && step->statement < 0);
	if (step->sql_cap < step->sql_len + len + 1) {
		step->sql_cap = 2 * (step->sql_len + len) + 1024;
		step->sql = db_grow(step->sql, step->sql_cap, 1);
	}
	memcpy(step->sql + step->sql_len, text, len + 1);
	step->sql_len += len;
}

void db_sql_param(struct db_pipe *pipe, const char *type)
{
	const struct db_step *step = &pipe->steps[pipe->steps_nr - 1];
	char place[16];

	snprintf(place, sizeof(place),
		 "$%d::", pipe->params_nr - step->first_param + 1);
	db_sql(pipe, place);
	db_sql(pipe, type);
}

void db_sql_text(struct db_pipe *pipe, const char *before, const char *value)
{
	db_sql(pipe, before);
	db_sql_param(pipe, "text");
	db_text(pipe, value);
}

void db_sql_i64(struct db_pipe *pipe, const char *before, int64_t value)
{
	db_sql(pipe, before);
	db_sql_param(pipe, "bigint");
	db_i64(pipe, value);
}

void db_sql_time(struct db_pipe *pipe, const char *before, int64_t us)
{
	db_sql(pipe, before);
	db_sql_param(pipe, "timestamptz");
	db_time(pipe, us);
}

static void refuse(struct db_pipe *pipe, const char *sqlstate)
{
	if (pipe->refused)
		return;
	pipe->refused = sqlstate;
	pipe->refused_step = pipe->steps_nr - 1;
}

/* Room for len bytes at the end, or NULL if there is a limit. */
static uint8_t *reserve(struct db_pipe *pipe, size_t len)
{
	uint8_t *at;

	if (len > VALUE_MAX_BYTES || pipe->len + len > VALUE_MAX_BYTES) {
		refuse(pipe, "54000");
		return NULL;
	}
	if (pipe->cap - pipe->len < len) {
		while (pipe->cap - pipe->len < len)
			pipe->cap *= 2;
		pipe->buf = db_grow(pipe->buf, pipe->cap, 1);
	}
	at = pipe->buf + pipe->len;
	pipe->len += len;
	return at;
}

static void add_param(struct db_pipe *pipe, size_t offset, int len)
{
	assert(pipe->steps_nr > 0);
	if (pipe->params_nr == pipe->params_cap) {
		pipe->params_cap = pipe->params_cap ? 2 * pipe->params_cap : 64;
		pipe->params = db_grow(pipe->params, (size_t)pipe->params_cap,
				       sizeof(*pipe->params));
	}
	pipe->params[pipe->params_nr++] =
		(struct db_param){ .offset = offset, .len = len };
}

void db_null(struct db_pipe *pipe)
{
	add_param(pipe, 0, -1);
}

void db_bytes(struct db_pipe *pipe, const void *v, size_t len)
{
	size_t offset = pipe->len;
	uint8_t *at = v ? reserve(pipe, len) : NULL;

	assert(!pipe->array_at);
	if (at && len)
		memcpy(at, v, len);
	add_param(pipe, offset, at ? (int)len : -1);
}

void db_text(struct db_pipe *pipe, const char *v)
{
	db_bytes(pipe, v, v ? strlen(v) : 0);
}

void db_bool(struct db_pipe *pipe, bool v)
{
	uint8_t byte = v;

	db_bytes(pipe, &byte, sizeof(byte));
}

void db_i32(struct db_pipe *pipe, int32_t v)
{
	uint32_t wire = htobe32((uint32_t)v);

	db_bytes(pipe, &wire, sizeof(wire));
}

void db_i64(struct db_pipe *pipe, int64_t v)
{
	uint64_t wire = htobe64((uint64_t)v);

	db_bytes(pipe, &wire, sizeof(wire));
}

void db_uuid(struct db_pipe *pipe, const uint8_t v[16])
{
	db_bytes(pipe, v, 16);
}

void db_time(struct db_pipe *pipe, int64_t us)
{
	if (us == 0)
		db_null(pipe);
	else if (us < array_types[DB_ARRAY_TIME].min)
		refuse(pipe, "22008");
	else
		db_i64(pipe, us - PG_EPOCH_US);
}

static void put_be32(uint8_t *at, uint32_t v)
{
	uint32_t wire = htobe32(v);

	memcpy(at, &wire, sizeof(wire));
}

void db_array_begin(struct db_pipe *pipe, enum db_array_type type)
{
	assert(!pipe->array_at);
	/* The offset is kept plus one: 0 says that no array is open. */
	pipe->array_at = pipe->len + 1;
	pipe->array_nr = 0;
	pipe->array_type = type;
	reserve(pipe, ARRAY_HEADER_BYTES);
}

/* An element of len bytes that the caller fills, or -1: NULL. */
static uint8_t *add_element(struct db_pipe *pipe, int32_t len)
{
	uint8_t *at = reserve(pipe, 4 + (len > 0 ? (size_t)len : 0));

	assert(pipe->array_at);
	pipe->array_nr++;
	if (!at)
		return NULL;
	put_be32(at, (uint32_t)len);
	return at + 4;
}

void db_array_int(struct db_pipe *pipe, int64_t i)
{
	enum db_array_type type = pipe->array_type;
	int32_t width = array_types[type].width;
	uint64_t wire;
	uint8_t *at;

	assert(width && type != DB_ARRAY_UUID);
	if (type == DB_ARRAY_TIME && i == 0) {
		add_element(pipe, -1);
		return;
	}
	if (i < array_types[type].min || i > array_types[type].max) {
		refuse(pipe, "22003");
		return;
	}
	at = add_element(pipe, width);
	if (!at)
		return;
	wire = htobe64((uint64_t)(type == DB_ARRAY_TIME ? i - PG_EPOCH_US : i));
	memcpy(at, (const uint8_t *)&wire + 8 - width, (size_t)width);
}

void db_array_data(struct db_pipe *pipe, const void *data, size_t len)
{
	uint8_t *at;

	if (!data) {
		add_element(pipe, -1);
		return;
	}
	assert(pipe->array_type == DB_ARRAY_TEXT ||
	       pipe->array_type == DB_ARRAY_BYTES ||
	       (pipe->array_type == DB_ARRAY_UUID && len == 16));
	if (len > VALUE_MAX_BYTES) {
		refuse(pipe, "54000");
		return;
	}
	at = add_element(pipe, (int32_t)len);
	if (at && len)
		memcpy(at, data, len);
}

void db_array_text(struct db_pipe *pipe, const char *text)
{
	db_array_data(pipe, text, text ? strlen(text) : 0);
}

void db_array_end(struct db_pipe *pipe)
{
	size_t offset = pipe->array_at - 1;
	bool empty = pipe->array_nr == 0;
	uint8_t *at = pipe->buf + offset;

	assert(pipe->array_at);
	pipe->array_at = 0;
	if (pipe->refused) {
		add_param(pipe, 0, -1);
		return;
	}
	put_be32(at, empty ? 0 : 1);
	/* "May hold NULLs": the server looks at each element anyway. */
	put_be32(at + 4, 1);
	put_be32(at + 8, array_types[pipe->array_type].oid);
	put_be32(at + 12, (uint32_t)pipe->array_nr);
	put_be32(at + 16, 1);
	if (empty)
		pipe->len = offset + ARRAY_EMPTY_BYTES;
	add_param(pipe, offset, (int)(pipe->len - offset));
}

#ifdef SUYUAN_FAULT_POINTS
void db_fault(struct db_pipe *pipe, const char *point)
{
	assert(pipe->steps_nr > 0 && pipe->faults_nr < DB_FAULTS_MAX);
	pipe->faults[pipe->faults_nr++] = (struct db_fault_mark){
		.after = pipe->steps_nr,
		.point = point,
	};
}
#endif
