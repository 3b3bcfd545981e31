/* readers.c -- registered readers: each FETCH that names its consumer says how
 * far it applied. That is noted here and written down every few seconds, in one
 * statement. What was not written yet is lost with the process and said again a
 * second later: until then retention waits for an older position, which is
 * safe.
 */
#include <stdlib.h>
#include <string.h>

#include "bus/internal.h"
#include "bus/must.h"
#include "bus/operations.h"
#include "log.h"
#include "suyuan/v1/operations.pb-c.h"
#include "timeutil.h"

/* Not seen for this long: dead, until a person says so or it comes back. */
#define DEAD_S 3600
#define NAME_MAX_BYTES 64
/* Between two writings; a reader has one a shard. */
#define SEEN_MAX 16384

struct seen_key {
	char consumer[NAME_MAX_BYTES + 1];
	char principal[PRINCIPAL_MAX];
	uint32_t shard;
};

struct seen {
	struct seen_key key;
	uint64_t applied_offset;
	UT_hash_handle hh;
};

struct readers {
	struct seen *seen; /* since the last writing */
	bool writing, surveying;
	/* Names told to be dead, each with a newline behind. */
	char *dead;
	struct metric **lows; /* one a shard */
};

static struct metric dead_readers =
	METRIC(METRIC_GAUGE, "suyuan_bus_dead_readers",
	       "Readers that were not seen for an hour and hold the log.");
static struct metric registered_events =
	METRIC(METRIC_COUNTER, "suyuan_bus_reader_positions_total",
	       "Positions of readers that were written down.");

bool reader_name_good(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.:-");

	return !name[len] && len <= NAME_MAX_BYTES;
}

void readers_seen(struct bus_server *bus, const char *principal,
		  const Sy__V1__Fetch *fetch)
{
	struct readers *readers = bus->readers;
	struct seen_key key;
	struct seen *seen;

	if (!fetch->consumer[0])
		return;
	memset(&key, 0, sizeof(key)); /* it is hashed, padding too */
	strncpy(key.consumer, fetch->consumer, sizeof(key.consumer) - 1);
	strncpy(key.principal, principal, sizeof(key.principal) - 1);
	key.shard = fetch->shard;
	HASH_FIND(hh, readers->seen, &key, sizeof(key), seen);
	if (!seen) {
		if (HASH_COUNT(readers->seen) >= SEEN_MAX)
			return;
		seen = must_calloc(1, sizeof(*seen));
		seen->key = key;
		HASH_ADD(hh, readers->seen, key, sizeof(seen->key), seen);
	}
	seen->applied_offset = fetch->applied_offset;
}

/* consumer NULL: all. */
static void seen_clear(struct readers *readers, const char *consumer)
{
	struct seen *seen, *next;

	HASH_ITER (hh, readers->seen, seen, next) {
		if (consumer && strcmp(seen->key.consumer, consumer) != 0)
			continue;
		HASH_DEL(readers->seen, seen);
		free(seen);
	}
}

static bool is_seen(const struct readers *readers, const char *consumer)
{
	for (const struct seen *s = readers->seen; s; s = s->hh.next)
		if (strcmp(s->key.consumer, consumer) == 0)
			return true;
	return false;
}

static void written_cb(const struct db_result *res, void *arg)
{
	struct bus_server *bus = arg;

	if (!bus->readers)
		return;
	bus->readers->writing = false;
	if (res->outcome == DB_OK)
		metric_add(&registered_events, db_rows(res, 0));
	else if (res->outcome == DB_FAILED)
		log_error("readers: %s", res->text);
}

static void write_seen(struct bus_server *bus)
{
	struct readers *readers = bus->readers;
	struct db_pipe *pipe;

	if (!readers->seen || readers->writing)
		return;
	pipe = db_pipe_new(bus_query_conn(bus));
	db_exec(pipe, BUS_SQL_READERS_SEEN);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (struct seen *s = readers->seen; s; s = s->hh.next)
		db_array_text(pipe, s->key.consumer);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (struct seen *s = readers->seen; s; s = s->hh.next)
		db_array_text(pipe, s->key.principal);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (struct seen *s = readers->seen; s; s = s->hh.next)
		db_array_int(pipe, s->key.shard);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (struct seen *s = readers->seen; s; s = s->hh.next)
		db_array_int(pipe, (int64_t)s->applied_offset);
	db_array_end(pipe);
	seen_clear(readers, NULL);
	readers->writing = true;
	db_pipe_run(pipe, written_cb, bus);
}

/* --- who is dead, and where the log begins --- */

static bool names_hold(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at += len)
		if ((at == names || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

static void tell_dead(struct readers *readers, const struct db_result *res)
{
	size_t size = 1, len = 0;
	char *names, at[TIME_TEXT_MAX];

	for (int i = 0; i < db_rows(res, 0); i++)
		size += strlen(db_get_text(res, 0, i, 0)) +
			strlen(db_get_text(res, 0, i, 1)) + 2;
	names = must_calloc(1, size);
	for (int i = 0; i < db_rows(res, 0); i++) {
		const char *consumer = db_get_text(res, 0, i, 0);
		const char *principal = db_get_text(res, 0, i, 1);
		char *name = names + len;

		len += (size_t)sprintf(name, "%s %s", consumer, principal);
		if (!readers->dead || !names_hold(readers->dead, name))
			log_error(
				"reader %s of %s was last seen at %s and "
				"holds the log until it comes back or is "
				"removed",
				consumer, principal,
				time_format_us(db_get_time(res, 0, i, 2), at));
		names[len++] = '\n';
	}
	free(readers->dead);
	readers->dead = names;
	metric_set(&dead_readers, db_rows(res, 0));
}

static void surveyed_cb(const struct db_result *res, void *arg)
{
	struct bus_server *bus = arg;

	if (!bus->readers)
		return;
	bus->readers->surveying = false;
	if (res->outcome != DB_OK)
		return;
	tell_dead(bus->readers, res);
	for (int i = 0; i < db_rows(res, 1) && i < bus->o.shards_nr; i++)
		metric_set(bus->readers->lows[i],
			   (double)db_get_i64(res, 1, i, 1));
}

void readers_sweep(struct bus_server *bus)
{
	struct db_pipe *pipe;

	write_seen(bus);
	if (bus->readers->surveying)
		return;
	bus->readers->surveying = true;
	pipe = db_pipe_new(bus_query_conn(bus));
	db_exec(pipe, BUS_SQL_READERS_DEAD);
	db_i32(pipe, DEAD_S);
	db_exec(pipe, BUS_SQL_LOG_LOWS);
	db_pipe_run(pipe, surveyed_cb, bus);
}

/* --- open, close --- */

int readers_open(struct bus_server *bus, struct error *err)
{
	(void)err;
	bus->readers = must_calloc(1, sizeof(*bus->readers));
	bus->readers->lows = must_calloc((size_t)bus->o.shards_nr,
					 sizeof(*bus->readers->lows));
	for (int i = 0; i < bus->o.shards_nr; i++)
		bus->readers->lows[i] = metric_new(
			METRIC_GAUGE, "suyuan_bus_oldest_offset",
			"First offset of a shard that is in the database.",
			"shard=\"%d\"", i);
	metric_set(&dead_readers, 0);
	metric_add(&registered_events, 0);
	return 0;
}

void readers_close(struct bus_server *bus)
{
	struct readers *readers = bus->readers;

	if (!readers)
		return;
	bus->readers = NULL;
	seen_clear(readers, NULL);
	free(readers->lows);
	free(readers->dead);
	free(readers);
}

/* --- what an operator asks --- */

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__ListReadersReply reply = SY__V1__LIST_READERS_REPLY__INIT;
	struct arena *arena = bus_request_arena(req);

	if (bus_reply_db_error(req, res))
		return;
	reply.n_readers = (size_t)db_rows(res, 0);
	reply.readers = arena_alloc(arena, (reply.n_readers + 1) *
						   sizeof(*reply.readers));
	for (size_t i = 0; i < reply.n_readers; i++) {
		Sy__V1__Reader *r = arena_alloc(arena, sizeof(*r));

		sy__v1__reader__init(r);
		r->consumer = (char *)db_get_text(res, 0, (int)i, 0);
		r->principal = (char *)db_get_text(res, 0, (int)i, 1);
		r->shard = (uint32_t)db_get_i32(res, 0, (int)i, 2);
		r->applied_offset = (uint64_t)db_get_i64(res, 0, (int)i, 3);
		r->head_offset = (uint64_t)db_get_i64(res, 0, (int)i, 4);
		r->seen_at_us = db_get_time(res, 0, (int)i, 5);
		r->dead = db_get_bool(res, 0, (int)i, 6);
		reply.readers[i] = r;
	}
	bus_reply(req, &reply.base);
}

static void handle_list_readers(struct bus_request *req)
{
	struct db_pipe *pipe = request_bus_pipe(req);

	db_exec(pipe, BUS_SQL_READERS_LIST);
	db_i32(pipe, DEAD_S);
	db_pipe_run(pipe, listed_cb, req);
}

static void refuse_live(struct bus_request *req, int64_t seen_us)
{
	char at[TIME_TEXT_MAX];

	bus_reply_error(req, SY__V1__ERROR_CODE__STATE, "consumer",
			"was seen at %s: it still reads, or did within the "
			"hour; force removes it",
			time_format_us(seen_us, at));
}

static void removed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__RemoveReaderRequest *in =
		(const void *)bus_request_message(req);
	Sy__V1__RemoveReaderReply reply = SY__V1__REMOVE_READER_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.shards = (uint64_t)db_rows(res, 0);
	if (reply.shards == 0 && !db_is_null(res, 1, 0, 0)) {
		refuse_live(req, db_get_time(res, 1, 0, 0));
		return;
	}
	if (reply.shards > 0)
		log_warn("%s removes reader %s: the log waits for it no more",
			 bus_request_principal(req), in->consumer);
	bus_reply(req, &reply.base);
}

static void handle_remove_reader(struct bus_request *req)
{
	const Sy__V1__RemoveReaderRequest *in =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (!in->consumer[0] || !reader_name_good(in->consumer)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "consumer",
				"is missing or no name");
		return;
	}
	if (in->force) /* what is not written down yet would come back */
		seen_clear(request_bus(req)->readers, in->consumer);
	else if (is_seen(request_bus(req)->readers, in->consumer)) {
		refuse_live(req, time_now_us());
		return;
	}
	pipe = request_bus_pipe(req);
	db_exec(pipe, BUS_SQL_READERS_REMOVE);
	db_text(pipe, in->consumer);
	db_bool(pipe, in->force);
	db_i32(pipe, DEAD_S);
	db_exec(pipe, BUS_SQL_READERS_LAST_SEEN);
	db_text(pipe, in->consumer);
	db_pipe_run(pipe, removed_cb, req);
}

const struct bus_method readers_methods[] = {
	{ "ListReaders", ROLE_ADMIN | ROLE_CONSUMER, BUS_READ,
	  &sy__v1__list_readers_request__descriptor, handle_list_readers },
	{ "RemoveReader", ROLE_ADMIN, BUS_READ,
	  &sy__v1__remove_reader_request__descriptor, handle_remove_reader },
	{ 0 },
};
