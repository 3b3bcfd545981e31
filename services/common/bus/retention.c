/* retention.c -- what is old leaves the database: some segments of one shard at
 * a time are exported to the archive, made durable, read back, and only then
 * removed. One replica does it, whose connection holds the advisory lock; the
 * folder has a lock of its own. Whatever dies between the steps, the next one
 * begins with the oldest segment that is still in the database.
 *
 *	READING --entries--> EXPORTING (worker) --durable--> REMOVING -->
 *READING |                     | | none left           | refused: alarm, again
 *after a minute v                     v next shard            WAITING */
#include <stdlib.h>
#include <string.h>

#include "bus/archive.h"
#include "bus/internal.h"
#include "bus/must.h"
#include "fault.h"
#include "log.h"
#include "timeutil.h"

/* Between two steps that had work: the writer comes first. */
#define STEP_MS 10
#define IDLE_MS 5000
#define FAILED_MS 60000
#define STATEMENT_MS 10000

struct retention {
	struct bus_server *bus;
	struct db_conn *conn;
	uv_timer_t timer;
	uv_work_t work;
	struct archive *archive; /* of bus */
	int shard;
	bool found; /* in this round over the shards */
	bool closed;
	int refs; /* timer, pipe, work */

	struct arena arena;
	Sy__V1__LogEntry **entries;
	size_t n;
	enum archive_written written;
	uint64_t bytes;
	struct error err;
	char told[sizeof(((struct error *)NULL)->text)];
};

static struct metric removed_segments =
	METRIC(METRIC_COUNTER, "suyuan_bus_removed_segments_total",
	       "Rows of the log that were removed after their export.");
static struct metric archived_events =
	METRIC(METRIC_COUNTER, "suyuan_bus_archived_events_total",
	       "Events that were removed after their export.");
static struct metric archived_bytes =
	METRIC(METRIC_COUNTER, "suyuan_bus_archived_bytes_total",
	       "Bytes that were written to the archive.");
static struct metric failing =
	METRIC(METRIC_GAUGE, "suyuan_bus_retention_failing",
	       "1 while old events cannot be exported and so stay.");

static void step_cb(uv_timer_t *timer);

static void retention_unref(struct retention *r)
{
	if (--r->refs > 0)
		return;
	arena_reset(&r->arena);
	bus_unref(r->bus);
	free(r);
}

static void again_in(struct retention *r, uint64_t ms)
{
	arena_reset(&r->arena);
	if (!r->closed)
		uv_timer_start(&r->timer, step_cb, ms, 0);
}

/* The same sentence once. */
static void failed(struct retention *r, const char *text)
{
	metric_set(&failing, 1);
	metric_add(&bus_archive_errors, 1);
	if (strcmp(r->told, text) != 0)
		log_error("SUYUAN_ARCHIVE_DIR: old events stay in the "
			  "database: %s",
			  text);
	strcpy(r->told, text);
	again_in(r, FAILED_MS);
}

static void next_shard(struct retention *r)
{
	uint64_t ms = STEP_MS;

	if (++r->shard == r->bus->o.shards_nr) {
		ms = r->found ? STEP_MS : IDLE_MS;
		r->shard = 0;
		r->found = false;
	}
	again_in(r, ms);
}

/* --- removing --- */

static void removed_cb(const struct db_result *res, void *arg)
{
	struct retention *r = arg;

	if (res->outcome == DB_OK) {
		fault_point("retention_after_remove");
		metric_add(&removed_segments, db_rows(res, 0));
		metric_add(&archived_events, (double)r->n);
		metric_set(&failing, 0);
		r->told[0] = '\0';
		again_in(r, STEP_MS);
	} else {
		/* What is exported already is compared by the next step. */
		if (res->outcome == DB_FAILED)
			log_error("retention: %s", res->text);
		again_in(r, IDLE_MS);
	}
	retention_unref(r);
}

static void remove_exported(struct retention *r)
{
	struct db_pipe *pipe = db_pipe_new(r->conn);

	fault_point("retention_before_remove");
	db_exec(pipe, BUS_SQL_RETENTION_REMOVE);
	db_i32(pipe, r->shard);
	db_i64(pipe, (int64_t)r->entries[r->n - 1]->offset);
	db_fault(pipe, "retention_in_remove");
	r->refs++;
	db_pipe_run(pipe, removed_cb, r);
}

/* --- exporting --- */

static void export_cb(uv_work_t *work)
{
	struct retention *r = work->data;

	r->written = archive_append(r->archive, (uint32_t)r->shard, r->entries,
				    r->n, &r->bytes, &r->err);
}

static void exported_cb(uv_work_t *work, int status)
{
	struct retention *r = work->data;

	(void)status; /* never cancelled */
	if (r->closed) {
		retention_unref(r);
		return;
	}
	metric_add(&archived_bytes, (double)r->bytes);
	switch (r->written) {
	case ARCHIVE_DONE:
		remove_exported(r);
		break;
	case ARCHIVE_LOCKED:
		again_in(r, IDLE_MS);
		break;
	case ARCHIVE_FAILED:
		failed(r, r->err.text);
		break;
	}
	retention_unref(r);
}

/* --- reading --- */

/* The rows live in the arena until they are removed. */
static void take_rows(struct retention *r, const struct db_result *res)
{
	r->n = (size_t)db_rows(res, 1);
	r->entries = arena_alloc(&r->arena, r->n * sizeof(*r->entries));
	for (size_t i = 0; i < r->n; i++) {
		Sy__V1__LogEntry *entry =
			arena_alloc(&r->arena, sizeof(*entry));
		const uint8_t *data;
		size_t len;

		sy__v1__log_entry__init(entry);
		entry->offset = (uint64_t)db_get_i64(res, 1, (int)i, 0);
		entry->accepted_at_us = db_get_time(res, 1, (int)i, 1);
		data = db_get_bytes(res, 1, (int)i, 2, &len);
		entry->event.data = arena_memdup(&r->arena, data, len);
		entry->event.len = len;
		r->entries[i] = entry;
	}
}

static void read_cb(const struct db_result *res, void *arg)
{
	struct retention *r = arg;

	if (r->closed) {
		retention_unref(r);
		return;
	}
	if (res->outcome != DB_OK) {
		if (res->outcome == DB_FAILED)
			log_error("retention: %s", res->text);
		again_in(r, IDLE_MS);
	} else if (!db_get_bool(res, 0, 0, 0)) {
		again_in(r, IDLE_MS); /* another replica does it */
	} else if (db_rows(res, 1) == 0) {
		next_shard(r);
	} else {
		take_rows(r, res);
		r->found = true;
		r->refs++;
		uv_queue_work(r->bus->o.loop, &r->work, export_cb, exported_cb);
	}
	retention_unref(r);
}

static void step_cb(uv_timer_t *timer)
{
	struct retention *r = timer->data;
	struct db_pipe *pipe;

	if (!r->bus->started || r->bus->draining || !db_conn_up(r->conn)) {
		again_in(r, IDLE_MS);
		return;
	}
	pipe = db_pipe_new(r->conn);
	db_exec(pipe, BUS_SQL_RETENTION_LEAD);
	db_exec(pipe, BUS_SQL_RETENTION_READ);
	db_i32(pipe, r->shard);
	db_i32(pipe, (int32_t)r->bus->o.log.keep_days);
	r->refs++;
	db_pipe_run(pipe, read_cb, r);
}

/* --- open, close --- */

int retention_open(struct bus_server *bus, struct error *err)
{
	const struct bus_log_conf *conf = &bus->o.log;
	struct retention *r;

	/* Seen from the start, at 0. */
	metric_set(&failing, 0);
	metric_add(&removed_segments, 0);
	metric_add(&archived_events, 0);
	metric_add(&archived_bytes, 0);
	if (!conf->archive_dir || !conf->archive_dir[0]) {
		if (conf->keep_days == 0)
			return 0;
		return error_set(err, "SUYUAN_ARCHIVE_DIR: required with "
				      "SUYUAN_LOG_KEEP_DAYS: what leaves the "
				      "database must stand somewhere");
	}
	if (archive_open(&bus->archive, conf->archive_dir, bus->o.service, 0,
			 err) < 0)
		return error_prefix(err, "SUYUAN_ARCHIVE_DIR");
	if (conf->keep_days == 0)
		return 0;
	r = must_calloc(1, sizeof(*r));
	if (bus_conn_open(bus, &r->conn, "retention", STATEMENT_MS, err) < 0) {
		free(r);
		return -1;
	}
	r->bus = bus;
	bus_ref(bus);
	r->archive = bus->archive;
	r->work.data = r;
	r->refs = 1;
	arena_init(&r->arena);
	uv_timer_init(bus->o.loop, &r->timer);
	r->timer.data = r;
	uv_timer_start(&r->timer, step_cb, IDLE_MS, 0);
	bus->retention = r;
	return 0;
}

static void closed_cb(uv_handle_t *handle)
{
	retention_unref(handle->data);
}

void retention_close(struct bus_server *bus)
{
	struct retention *r = bus->retention;

	if (!r)
		return;
	bus->retention = NULL;
	r->closed = true;
	uv_timer_stop(&r->timer);
	db_conn_close(&r->conn);
	uv_close((uv_handle_t *)&r->timer, closed_cb);
}
