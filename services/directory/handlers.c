/* handlers.c -- what the directory takes: one way to write, PutRecord, whose
 * batches are judged by rules.c, and the questions. */
#include "directory.h"
#include "store.h"
#include "timeutil.h"

#define LIST_LIMIT_DEFAULT 100
#define LIST_LIMIT_MAX 1000

/* --- PutRecord -------------------------------------------------------------
 */

/* Of one batch, until it is committed or starts again. */
struct put {
	struct catalog catalog;
	uint64_t revision; /* that the catalog was read at */
};

static const Sy__V1__DirectoryRecord *item_record(const struct bus_item *item)
{
	return ((const Sy__V1__PutRecordRequest *)item->request)->record;
}

static void put_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const Sy__V1__DirectoryRecord **records =
		arena_alloc(&batch->arena, (batch->n + 1) * sizeof(*records));

	(void)svc;
	for (size_t i = 0; i < batch->n; i++)
		records[i] = item_record(batch->items[i]);
	store_read(pipe, records, batch->n);
}

static void put_one(struct bus_batch *batch, struct put *put,
		    struct bus_item *item)
{
	Sy__V1__PutRecordReply *reply;
	Sy__V1__RecordPut payload = SY__V1__RECORD_PUT__INIT;
	Sy__V1__DirectoryRecord none = SY__V1__DIRECTORY_RECORD__INIT;
	const Sy__V1__DirectoryRecord *record = item_record(item);
	struct put_result r;

	rules_put(&put->catalog, record ? record : &none, &r);
	if (r.outcome == PUT_REFUSED) {
		bus_refuse(item, r.code, r.field, "%s", r.text);
		return;
	}
	reply = arena_alloc(&batch->arena, sizeof(*reply));
	sy__v1__put_record_reply__init(reply);
	reply->changed = r.outcome == PUT_CHANGED;
	item->reply = &reply->base;
	if (r.outcome == PUT_UNCHANGED)
		return;
	payload.before = (Sy__V1__DirectoryRecord *)r.before;
	payload.after = (Sy__V1__DirectoryRecord *)r.after;
	bus_emit(batch, item,
		 &(struct bus_event){
			 .type = "RecordPut",
			 .key = r.key,
			 .revision = r.revision,
			 .occurred_at_us = item->occurred_at_us
						   ? item->occurred_at_us
						   : batch->now_us,
			 .payload = &payload.base,
		 });
}

static enum bus_decision put_decide(void *svc, struct bus_batch *batch,
				    const struct db_result *res, int first,
				    bool directory_fresh)
{
	struct put *put = arena_alloc(&batch->arena, sizeof(*put));

	(void)svc;
	(void)directory_fresh; /* it is us */
	catalog_init(&put->catalog, &batch->arena);
	put->revision = store_load(&put->catalog, res, first);
	batch->directory_rev = put->revision;
	batch->scratch = put;
	for (size_t i = 0; i < batch->n; i++)
		put_one(batch, put, batch->items[i]);
	return BUS_DECIDED;
}

static void put_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const struct put *put = batch->scratch;

	(void)svc;
	store_write(pipe, &put->catalog, put->revision);
}

const struct bus_domain directory_domain = {
	.read = put_read,
	.decide = put_decide,
	.write = put_write,
};

/* --- CheckRecords ----------------------------------------------------------
 */

static void check_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	const Sy__V1__CheckRecordsRequest *ask =
		(const void *)bus_request_message(req);
	Sy__V1__CheckRecordsReply reply = SY__V1__CHECK_RECORDS_REPLY__INIT;
	struct catalog catalog;

	if (bus_reply_db_error(req, res))
		return;
	catalog_init(&catalog, arena);
	store_load(&catalog, res, 0);
	for (size_t i = 0; i < ask->n_assumed; i++)
		catalog_assume(&catalog, ask->assumed[i]);
	reply.problems = arena_alloc(arena, (ask->n_records + 1) *
						    sizeof(*reply.problems));
	for (size_t i = 0; i < ask->n_records; i++) {
		Sy__V1__RecordProblem *problem;
		struct put_result r;

		rules_put(&catalog, ask->records[i], &r);
		reply.would_change += r.outcome == PUT_CHANGED;
		reply.unchanged += r.outcome == PUT_UNCHANGED;
		if (r.outcome != PUT_REFUSED)
			continue;
		problem = arena_alloc(arena, sizeof(*problem));
		sy__v1__record_problem__init(problem);
		problem->index = (uint32_t)i;
		problem->error = arena_alloc(arena, sizeof(*problem->error));
		sy__v1__error__init(problem->error);
		problem->error->code = r.code;
		problem->error->field = (char *)r.field;
		problem->error->text = (char *)r.text;
		reply.problems[reply.n_problems++] = problem;
	}
	bus_reply(req, &reply.base);
}

static void handle_check_records(struct bus_request *req)
{
	const Sy__V1__CheckRecordsRequest *ask =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_pipe(req);

	store_read(pipe, (const Sy__V1__DirectoryRecord *const *)ask->records,
		   ask->n_records);
	db_pipe_run(pipe, check_cb, req);
}

/* --- ListUnits -------------------------------------------------------------
 */

static uint32_t list_limit(const Sy__V1__ListUnitsRequest *ask)
{
	return ask->limit ? ask->limit : LIST_LIMIT_DEFAULT;
}

static void list_units_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	const Sy__V1__ListUnitsRequest *ask =
		(const void *)bus_request_message(req);
	Sy__V1__ListUnitsReply reply = SY__V1__LIST_UNITS_REPLY__INIT;
	uint32_t limit = list_limit(ask);
	int rows;

	if (bus_reply_db_error(req, res))
		return;
	rows = db_rows(res, 0);
	reply.units =
		arena_alloc(arena, (size_t)(rows + 1) * sizeof(*reply.units));
	for (int row = 0; row < rows && reply.n_units < limit; row++)
		reply.units[reply.n_units++] = store_unit(arena, res, 0, row);
	if (reply.n_units < (size_t)rows)
		reply.next_code = reply.units[reply.n_units - 1]->code;
	bus_reply(req, &reply.base);
}

static void handle_list_units(struct bus_request *req)
{
	const Sy__V1__ListUnitsRequest *ask =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (ask->limit > LIST_LIMIT_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"must be at most %d", LIST_LIMIT_MAX);
		return;
	}
	if (ask->day < 0 || ask->day >= DIRECTORY_DAY_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "day",
				"must be from 1970-01-01 to 2199-12-31");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_LIST_UNITS);
	db_text(pipe, ask->parent);
	db_i32(pipe,
	       ask->day ? ask->day : (int32_t)(time_now_us() / US_PER_DAY));
	db_text(pipe, ask->after_code);
	db_i32(pipe, (int32_t)list_limit(ask) + 1);
	db_text(pipe, bus_request_grant(req)->unit);
	db_pipe_run(pipe, list_units_cb, req);
}

/* --- GetDirectoryStatus ----------------------------------------------------
 */

static void status_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__GetDirectoryStatusReply reply =
		SY__V1__GET_DIRECTORY_STATUS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.revision = (uint64_t)db_get_i64(res, 0, 0, 0);
	reply.units = (uint64_t)db_get_i64(res, 0, 0, 1);
	reply.departments = (uint64_t)db_get_i64(res, 0, 0, 2);
	reply.terms = (uint64_t)db_get_i64(res, 0, 0, 3);
	reply.denominators = (uint64_t)db_get_i64(res, 0, 0, 4);
	reply.principals = (uint64_t)db_get_i64(res, 0, 0, 5);
	bus_reply(req, &reply.base);
}

static void handle_get_directory_status(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_STATUS);
	db_pipe_run(pipe, status_cb, req);
}

/* clang-format off */
const struct bus_method directory_methods[] = {
	{ "PutRecord",          ROLE_ADMIN,  BUS_WRITE,
	  &sy__v1__put_record_request__descriptor,           NULL },
	{ "CheckRecords",       ROLE_ADMIN,  BUS_READ,
	  &sy__v1__check_records_request__descriptor,        handle_check_records },
	{ "ListUnits",          ROLE_READER, BUS_READ,
	  &sy__v1__list_units_request__descriptor,           handle_list_units },
	{ "GetDirectoryStatus", ROLE_READER, BUS_READ,
	  &sy__v1__get_directory_status_request__descriptor, handle_get_directory_status },
	{ 0 },
};
/* clang-format on */
