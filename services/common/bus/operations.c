/* operations.c -- where consumers stand, and quarantine, as an operator sees
 * them. Who holds the lease of a
 * shard does the work (consumer_quarantine.c): a retry is a wish in its table.
 */
#include "bus/operations.h"

#include "bus/consumer.h"
#include "log.h"

#define LIST_DEFAULT 100
#define LIST_MAX 1000

static Sy__V1__ParkedKey *parked_key(struct arena *arena,
				     const struct db_result *res, int row)
{
	Sy__V1__ParkedKey *key = arena_alloc(arena, sizeof(*key));

	sy__v1__parked_key__init(key);
	key->consumer = (char *)db_get_text(res, 0, row, 0);
	key->stream = (char *)db_get_text(res, 0, row, 1);
	key->shard = (uint32_t)db_get_i32(res, 0, row, 2);
	key->key = (char *)db_get_text(res, 0, row, 3);
	key->reason = (char *)db_get_text(res, 0, row, 4);
	key->parked_at_us = db_get_time(res, 0, row, 5);
	key->retry_wanted = db_get_bool(res, 0, row, 6);
	key->events = (uint64_t)db_get_i64(res, 0, row, 7);
	key->first_offset = (uint64_t)db_get_i64(res, 0, row, 8);
	key->first_accepted_at_us = db_get_time(res, 0, row, 9);
	key->first_event.data =
		(uint8_t *)db_get_bytes(res, 0, row, 10, &key->first_event.len);
	return key;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__ListQuarantineReply reply = SY__V1__LIST_QUARANTINE_REPLY__INIT;
	struct arena *arena = bus_request_arena(req);

	if (bus_reply_db_error(req, res))
		return;
	reply.n_keys = (size_t)db_rows(res, 0);
	reply.keys = arena_alloc(arena, (reply.n_keys + 1) *
						sizeof(Sy__V1__ParkedKey *));
	for (size_t i = 0; i < reply.n_keys; i++)
		reply.keys[i] = parked_key(arena, res, (int)i);
	reply.keys_total = (uint64_t)db_get_i64(res, 1, 0, 0);
	reply.events_total = (uint64_t)db_get_i64(res, 1, 0, 1);
	bus_reply(req, &reply.base);
}

static void handle_list_quarantine(struct bus_request *req)
{
	const Sy__V1__ListQuarantineRequest *in =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_operations_pipe(req);
	uint32_t limit = in->limit ? in->limit : LIST_DEFAULT;

	db_exec(pipe, OPERATIONS_SQL_LIST);
	db_text(pipe, in->stream);
	db_i64(pipe, limit < LIST_MAX ? limit : LIST_MAX);
	db_exec(pipe, OPERATIONS_SQL_TOTALS);
	db_text(pipe, in->stream);
	db_pipe_run(pipe, listed_cb, req);
}

static void changed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__QuarantineChanged reply = SY__V1__QUARANTINE_CHANGED__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.keys = (uint64_t)db_rows(res, 0);
	bus_reply(req, &reply.base);
}

/* true: refused and answered. */
static bool unnamed(struct bus_request *req, const char *stream,
		    const char *key)
{
	if (*stream && *key)
		return false;
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID,
			*stream ? "key" : "stream", "is missing");
	return true;
}

static void handle_retry_quarantined(struct bus_request *req)
{
	const Sy__V1__RetryQuarantinedRequest *in =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (unnamed(req, in->stream, in->key))
		return;
	log_info("quarantine: %s wants a key of stream %s tried again",
		 bus_request_principal(req), in->stream);
	pipe = bus_request_operations_pipe(req);
	db_exec(pipe, OPERATIONS_SQL_RETRY);
	db_text(pipe, in->stream);
	db_text(pipe, in->key);
	db_pipe_run(pipe, changed_cb, req);
}

static void handle_drop_quarantined(struct bus_request *req)
{
	const Sy__V1__DropQuarantinedRequest *in =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (unnamed(req, in->stream, in->key))
		return;
	log_warn("quarantine: %s drops offset %llu of stream %s",
		 bus_request_principal(req),
		 (unsigned long long)in->first_offset, in->stream);
	pipe = bus_request_operations_pipe(req);
	db_exec(pipe, OPERATIONS_SQL_DROP);
	db_text(pipe, in->stream);
	db_text(pipe, in->key);
	db_i64(pipe, (int64_t)in->first_offset);
	db_pipe_run(pipe, changed_cb, req);
}

static void handle_get_consumers(struct bus_request *req)
{
	bus_reply(req, &consumers_tell(bus_request_arena(req))->base);
}

/* Operators, and whoever may read the streams that are told of. */
const struct bus_method common_methods[] = {
	{ "GetConsumers", ROLE_ADMIN | ROLE_CONSUMER, BUS_READ,
	  &sy__v1__get_consumers_request__descriptor, handle_get_consumers },
	{ 0 },
};

const struct bus_method quarantine_methods[] = {
	{ "ListQuarantine", ROLE_ADMIN, BUS_READ,
	  &sy__v1__list_quarantine_request__descriptor,
	  handle_list_quarantine },
	{ "RetryQuarantined", ROLE_ADMIN, BUS_READ,
	  &sy__v1__retry_quarantined_request__descriptor,
	  handle_retry_quarantined },
	{ "DropQuarantined", ROLE_ADMIN, BUS_READ,
	  &sy__v1__drop_quarantined_request__descriptor,
	  handle_drop_quarantined },
	{ 0 },
};
