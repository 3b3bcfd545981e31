/* serve.c -- the bench service: Put adds a number to a key's, GetTotals sums
 * up. With BENCH_NOTE it is its own next version, with a field and a column
 * more (tests/bench/newer), which runs beside this one in tests/fault/versions.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "bench.h"
#include "bench.pb-c.h"
#include "bus/server.h"
#include "log.h"
#include "schema/bench.h"
#include "schema/bus.h"
#include "service.h"

#define BAD_VALUE INT64_C(-1000000000000)

enum bench_sql {
	SQL_READ,
	SQL_PUT,
	SQL_TOTALS,
#ifdef BENCH_NOTE
	SQL_NOTE,
#endif
	SQL_NR
};

static const struct db_statement statements[SQL_NR] = {
	[SQL_READ] = { "bench_read", "SELECT key, value, revision "
				     "FROM bench_row WHERE key = ANY "
				     "($1::text[])" },
	[SQL_PUT] = { "bench_put", "SELECT bench_put($1::text[], "
				   "$2::bigint[], $3::bigint[], "
				   "$4::bigint[])" },
	[SQL_TOTALS] = { "bench_totals",
			 "SELECT count(*), coalesce(sum(value), 0)::bigint, "
			 "coalesce(sum(revision), 0)::bigint FROM bench_row" },
#ifdef BENCH_NOTE
	/* The rows were locked in key order by bench_put. */
	[SQL_NOTE] = { "bench_note", "UPDATE bench_row r SET note = u.note "
				     "FROM unnest($1::text[], $2::text[]) "
				     "AS u (key, note) WHERE r.key = u.key "
				     "AND u.note <> ''" },
#endif
};

struct conf {
	struct service_conf service;
	struct bus_log_conf log;
};

static const struct conf_entry log_entries[] = { BUS_LOG_CONF(struct conf, log),
						 { 0 } };
static const struct conf_entry *const tables[] = { service_conf_entries,
						   log_entries, NULL };

struct bench {
	struct conf conf;
	struct service service;
	struct bus_server *bus;
};

/* A key as the batch sees it. */
struct row {
	const char *key;
	int64_t value;
	int64_t read_revision, revision;
	bool bad; /* whatever follows in the batch does not mend it */
#ifdef BENCH_NOTE
	const char *note;
#endif
	UT_hash_handle hh;
};

static const Sy__Bench__PutRequest *put_of(const struct bus_item *item)
{
	return (const Sy__Bench__PutRequest *)item->request;
}

static bool is_put(const struct bus_item *item)
{
	return item->method->request == &sy__bench__put_request__descriptor;
}

static void bench_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	size_t puts = 0;

	(void)svc;
	for (size_t i = 0; i < batch->n; i++)
		puts += is_put(batch->items[i]);
	if (puts == 0)
		return;
	db_exec(pipe, SQL_READ);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < batch->n; i++)
		if (is_put(batch->items[i]))
			db_array_text(pipe, put_of(batch->items[i])->key);
	db_array_end(pipe);
}

static struct row *row_get(struct bus_batch *batch, struct row **rows,
			   const char *key)
{
	struct row *row;

	HASH_FIND_STR(*rows, key, row);
	if (!row) {
		row = arena_alloc(&batch->arena, sizeof(*row));
		row->key = arena_strdup(&batch->arena, key);
		HASH_ADD_KEYPTR(hh, *rows, row->key, strlen(row->key), row);
	}
	return row;
}

static void put_decide(struct bus_batch *batch, struct row **rows,
		       struct bus_item *item)
{
	const Sy__Bench__PutRequest *put = put_of(item);
	Sy__Bench__PutDone done = SY__BENCH__PUT_DONE__INIT;
	Sy__Bench__PutReply *reply;
	struct row *row;

	if (!put->key[0]) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "key",
			   "is empty");
		return;
	}
	if (put->poison) {
		bus_refuse(item, SY__V1__ERROR_CODE__STATE, "poison",
			   "is refused");
		return;
	}
	row = row_get(batch, rows, put->key);
	done.before = row->value;
	row->value += put->value;
	row->bad |= put->bad_row;
	row->revision++;
	done.after = row->value;
	done.filler = put->filler;
#ifdef BENCH_NOTE
	done.note = put->note;
	row->note = put->note;
#endif
	bus_emit(batch, item,
		 &(struct bus_event){
			 .type = "PutDone",
			 .key = row->key,
			 .revision = (uint64_t)row->revision,
			 .occurred_at_us = item->occurred_at_us,
			 .payload = &done.base,
		 });
	reply = arena_alloc(&batch->arena, sizeof(*reply));
	sy__bench__put_reply__init(reply);
	reply->revision = (uint64_t)row->revision;
	reply->total = row->value;
	item->reply = &reply->base;
}

static void record_decide(struct bus_batch *batch, struct bus_item *item)
{
	const Sy__Bench__RecordRequest *record =
		(const Sy__Bench__RecordRequest *)item->request;
	Sy__Bench__Recorded recorded = SY__BENCH__RECORDED__INIT;

	recorded.filler = record->filler;
	recorded.trouble = record->trouble;
	bus_emit(batch, item,
		 &(struct bus_event){
			 .type = "Recorded",
			 .key = record->key,
			 .occurred_at_us = item->occurred_at_us,
			 .payload = &recorded.base,
		 });
}

static enum bus_decision bench_decide(void *svc, struct bus_batch *batch,
				      const struct db_result *res, int first,
				      bool directory_fresh)
{
	struct row *rows = NULL;

	(void)svc;
	(void)directory_fresh;
	for (int i = 0; i < db_rows(res, first); i++) {
		struct row *row =
			row_get(batch, &rows, db_get_text(res, first, i, 0));

		row->value = db_get_i64(res, first, i, 1);
		row->revision = row->read_revision =
			db_get_i64(res, first, i, 2);
	}
	for (size_t i = 0; i < batch->n; i++) {
		if (is_put(batch->items[i]))
			put_decide(batch, &rows, batch->items[i]);
		else
			record_decide(batch, batch->items[i]);
	}
	batch->scratch = rows;
	return BUS_DECIDED;
}

/* The table's CHECK refuses the row of a bad one. */
static int64_t row_value(const struct row *row)
{
	return row->bad ? BAD_VALUE : row->value;
}

static int64_t row_before(const struct row *row)
{
	return row->read_revision;
}

static int64_t row_after(const struct row *row)
{
	return row->revision;
}

static void rows_array(struct db_pipe *pipe, const struct row *rows,
		       int64_t (*value)(const struct row *row))
{
	db_array_begin(pipe, DB_ARRAY_I64);
	for (const struct row *row = rows; row; row = row->hh.next)
		if (row->revision != row->read_revision)
			db_array_int(pipe, value(row));
	db_array_end(pipe);
}

#ifdef BENCH_NOTE
static void notes_write(const struct row *rows, struct db_pipe *pipe)
{
	db_exec(pipe, SQL_NOTE);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (const struct row *row = rows; row; row = row->hh.next)
		db_array_text(pipe, row->key);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (const struct row *row = rows; row; row = row->hh.next)
		db_array_text(pipe, row->note ? row->note : "");
	db_array_end(pipe);
}
#endif

static void bench_write(void *svc, struct bus_batch *batch,
			struct db_pipe *pipe)
{
	const struct row *rows = batch->scratch;

	(void)svc;
	if (!rows)
		return;
	db_exec(pipe, SQL_PUT);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (const struct row *row = rows; row; row = row->hh.next)
		if (row->revision != row->read_revision)
			db_array_text(pipe, row->key);
	db_array_end(pipe);
	rows_array(pipe, rows, row_value);
	rows_array(pipe, rows, row_before);
	rows_array(pipe, rows, row_after);
#ifdef BENCH_NOTE
	notes_write(rows, pipe);
#endif
	/* The table lies in the arena, its index does not. */
	HASH_CLEAR(hh, *(struct row **)&batch->scratch);
}

static const struct bus_domain domain = {
	.read = bench_read,
	.decide = bench_decide,
	.write = bench_write,
};

static void totals_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__Bench__GetTotalsReply reply = SY__BENCH__GET_TOTALS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.keys = (uint64_t)db_get_i64(res, 0, 0, 0);
	reply.total = db_get_i64(res, 0, 0, 1);
	reply.revisions = (uint64_t)db_get_i64(res, 0, 0, 2);
	bus_reply(req, &reply.base);
}

static void handle_get_totals(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_TOTALS);
	db_pipe_run(pipe, totals_cb, req);
}

static const struct bus_method methods[] = {
	{ "Put", ROLE_PUBLISHER, BUS_WRITE, &sy__bench__put_request__descriptor,
	  NULL },
	{ "Record", ROLE_PUBLISHER, BUS_WRITE,
	  &sy__bench__record_request__descriptor, NULL },
	{ "GetTotals", ROLE_READER, BUS_READ,
	  &sy__bench__get_totals_request__descriptor, handle_get_totals },
	{ 0 },
};

/* There is no directory here: the registry alone says who may. */
static bool grant_all(void *arg, const char *principal,
		      struct bus_grant *grant_r)
{
	(void)arg;
	*grant_r = (struct bus_grant){
		.roles = ROLE_READER | ROLE_CONSUMER | ROLE_PUBLISHER,
		.all_streams = true,
	};
	return strcmp(principal, "nobody") != 0;
}

static bool ready_cb(void *arg, const char **why_r)
{
	const struct bench *bench = arg;

	return bus_server_ready(bench->bus, why_r);
}

static void drained_cb(void *arg)
{
	struct bench *bench = arg;

	bus_server_close(&bench->bus);
	service_stop(&bench->service);
}

static void drain_cb(void *arg)
{
	struct bench *bench = arg;

	bus_server_drain(bench->bus, drained_cb, bench);
}

static int bus_open(struct bench *bench, struct error *err)
{
	const struct bus_server_options options = {
		.loop = &bench->service.loop,
		.service = "bench",
		.bind = bench->conf.service.bind,
		.key = &bench->service.key,
		.registry = bench->service.registry,
		.db_url = bench->conf.service.db_url,
		.schema = "bench",
		.shards_nr = 16,
		.log = bench->conf.log,
		.methods = methods,
		.domain = &domain,
		.statements = statements,
		.statements_nr = SQL_NR,
		.grant = grant_all,
		.svc = bench,
	};

	return bus_server_open(&bench->bus, &options, err);
}

int bench_serve(void)
{
	static const struct db_migration *const components[] = { schema_bus,
								 schema_bench,
								 NULL };
	struct bench bench = { 0 };
	struct error err;
	int status = EXIT_FAILURE;

	log_open("bench", LOG_INFO);
	bench.service = (struct service){
		.name = "bench",
		.conf = &bench.conf.service,
		.drain = drain_cb,
		.ready = ready_cb,
		.arg = &bench,
	};
	if (conf_load(tables, &bench.conf, &err) < 0 ||
	    service_open(&bench.service, components, &err) < 0 ||
	    bus_open(&bench, &err) < 0) {
		log_error("cannot start: %s", err.text);
		goto out;
	}
	bus_server_start(bench.bus);
	status = service_run(&bench.service);
out:
	bus_server_close(&bench.bus);
	service_close(&bench.service);
	conf_unload(tables, &bench.conf);
	return status;
}
