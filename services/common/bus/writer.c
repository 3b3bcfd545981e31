/* writer.c -- one transaction in flight, everything that came meanwhile in the
 *next one.
 *
 *	idle -> read -> decide -> write -> committed -> idle
 *	         ^        |         |
 *	         |   wait for    conflict, uncertain, full: again
 *	         |   directory   data: halves, down to the one that is refused
 *	         +--------+---------+
 *
 * What a sandbox brings has runs of its own: decided alike, and of what was
 * decided only lanes, rejects and keys of commands are written.
 *
 * Invariant: a work belongs to exactly one intake, and to the queue or one run;
 *it leaves through settle_*, once. */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bus/internal.h"
#include "fault.h"
#include "log.h"
#include "timeutil.h"

/* Conflicts in a row before a batch is halved (BUS.md "Publishing"). */
#define CONFLICTS_MAX 3
#define AGAIN_MS 5
#define FULL_MS 200
/* Then those who wait are told: it may be full for hours. */
#define FULL_TRIES 5

static void run_start(struct bus_server *bus);

static void run_free(struct run *run)
{
	free(run->works);
	free(run);
}

bool writer_idle(const struct bus_server *bus)
{
	return !bus->writer.current && !bus->writer.runs;
}

static void pace_cb(uv_timer_t *timer)
{
	writer_kick(timer->data);
}

/* Comes again when it is time. */
static bool paced(struct bus_server *bus)
{
	struct writer *w = &bus->writer;
	int64_t since_us = time_monotonic_us() - w->started_us;

	if (!writer_too_early(since_us, w->started_events, bus->queued_events))
		return false;
	if (!uv_is_active((uv_handle_t *)&w->timer))
		uv_timer_start(
			&w->timer, pace_cb,
			(uint64_t)((WRITER_PACE_US - since_us) / US_PER_MS) + 1,
			0);
	return true;
}

void writer_kick(struct bus_server *bus)
{
	struct writer *w = &bus->writer;

	if (w->current || !bus->router)
		return;
	if (!w->runs && bus->queue && paced(bus))
		return;
	if (w->runs) {
		w->current = w->runs;
		w->runs = w->runs->next;
	} else if (bus->queue) {
		w->current = writer_next(bus);
	} else {
		bus_drain_check(bus);
		return;
	}
	w->directory_fresh = false;
	w->started_events = w->current->n;
	w->started_us = time_monotonic_us();
	run_start(bus);
}

/* The current run is settled, all of it. */
static void run_done(struct bus_server *bus)
{
	struct writer *w = &bus->writer;

	run_free(w->current);
	w->current = NULL;
	arena_reset(&w->batch.arena);
	writer_kick(bus);
}

/* Takes works that were settled (NULL) out of the current run. */
static void run_compact(struct run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++)
		if (run->works[i])
			run->works[n++] = run->works[i];
	run->n = n;
}

static void again_cb(uv_timer_t *timer)
{
	run_start(timer->data);
}

static void run_again(struct bus_server *bus, uint64_t after_ms)
{
	bus->writer.current->attempts++;
	metric_add(&bus_retries, 1);
	uv_timer_start(&bus->writer.timer, again_cb, after_ms, 0);
}

/* Two halves, the first to go first; one alone is refused by itself. */
static void run_halve(struct bus_server *bus, const struct db_result *res)
{
	struct writer *w = &bus->writer;
	struct run *run = w->current, *first, *second;
	size_t half = run->n / 2;

	if (run->n == 1) {
		struct work *work = run->works[0];

		log_error("refused by the database: %s %s",
			  work->item.method ? work->item.method->name : "?",
			  res->text);
		bus_refuse(&work->item, SY__V1__ERROR_CODE__INTERNAL, "",
			   "the database refused it (%s)", res->sqlstate);
		work->prejudged = true;
		run_again(bus, 0);
		return;
	}
	metric_add(&bus_bisections, 1);
	first = writer_run(run->works, half);
	second = writer_run(run->works + half, run->n - half);
	/* What is known of the lanes may be stale: both ask again. */
	first->attempts = second->attempts = 1;
	first->sandbox = second->sandbox = run->sandbox;
	second->next = w->runs;
	first->next = second;
	w->runs = first;
	run_done(bus);
}

/* The directory did not answer in time, or the database takes nothing: nothing
 * of the run took effect, the publishers send it again. */
static void run_busy(struct bus_server *bus, const char *why)
{
	struct run *run = bus->writer.current;

	metric_add(&bus_busy_nacks, (double)run->n);
	for (size_t i = 0; i < run->n; i++) {
		struct work *work = run->works[i];
		struct lane *lane = work->intake->lane;

		if (lane && lane->epoch == work->intake->epoch &&
		    lane->queued_seq > lane->committed_seq) {
			intake_purge_lane(bus, lane);
			lane->queued_seq = lane->committed_seq;
			settle_nack(bus, &lane->peer, lane->publisher,
				    lane->number, lane->epoch,
				    SY__V1__ERROR_CODE__BUSY,
				    lane->committed_seq + 1, why);
		}
		settle_refused(bus, work, SY__V1__ERROR_CODE__BUSY, "", why);
	}
	run_done(bus);
}

static void write_done_cb(const struct db_result *res, void *arg)
{
	struct bus_server *bus = arg;
	struct run *run = bus->writer.current;

	if (!bus->router) /* closing */
		return;
	switch (res->outcome) {
	case DB_OK:
		fault_point("writer_after_commit");
		metric_observe(&bus_batch_events, (double)run->n);
		metric_observe(
			&bus_commit_us,
			(double)(time_monotonic_us() - bus->writer.started_us));
		settle_committed(bus, res);
		run_done(bus);
		return;
	case DB_CONFLICT:
		if (run->attempts >= CONFLICTS_MAX && run->n > 1)
			run_halve(bus, res);
		else
			run_again(bus, run->attempts ? AGAIN_MS : 0);
		return;
	case DB_UNCERTAIN:
		/* The lanes' locks and the commands' keys tell at the next read
		 * whether it was committed. */
		log_warn("commit in doubt, looking again: %s", res->text);
		run_again(bus, AGAIN_MS);
		return;
	case DB_FULL:
		log_warn("database: %s", res->text);
		if (run->attempts >= FULL_TRIES)
			run_busy(bus, "the database takes nothing");
		else
			run_again(bus, FULL_MS);
		return;
	case DB_FAILED:
		log_error("write: statement %d: %s %s", res->failed_statement,
			  res->sqlstate, res->text);
		run_halve(bus, res);
		return;
	case DB_DATA:
		run_halve(bus, res);
		return;
	}
}

#ifdef SUYUAN_WITHOUT_ACK_AFTER_COMMIT
/* Wrong, for tests/fault/guards alone: says done before anything is. */
static void ack_early(struct bus_server *bus)
{
	struct run *run = bus->writer.current;

	for (size_t i = 0; i < run->n; i++) {
		lane_reached(run->works[i]->intake->lane, run->works[i]->seq);
		settle_ack(bus, run->works[i]->intake->lane);
	}
}
#else
#define ack_early(bus) ((void)0)
#endif

static void run_write(struct bus_server *bus)
{
	struct db_pipe *pipe = db_pipe_new(bus->writer_conn);

	writer_write_pipe(bus, pipe);
	ack_early(bus);
	db_pipe_run(pipe, write_done_cb, bus);
}

/* --- after the read
 * --------------------------------------------------------------- */

/* Rejects of a commit that was in doubt, before anything of it is acknowledged:
 * a sequence that is named without its reject passes for accepted. */
static void rejects_told(struct lane *lane, const struct db_result *res,
			 int statement)
{
	for (int i = 0; i < db_rows(res, statement); i++)
		if (db_get_i64(res, statement, i, 0) == lane->lane_id)
			lane_load_reject(lane, res, statement, i);
}

/* The row of a lane in the answer of BUS_SQL_LANE_STATE, -1: none. */
static int lane_row(const struct lane *lane, const struct db_result *res,
		    int statement)
{
	for (int row = 0; row < db_rows(res, statement); row++)
		if (db_get_i64(res, statement, row, 0) == lane->lane_id)
			return row;
	return -1;
}

/* Lanes as they are in the database: what was committed is acknowledged, what
 * was taken over is fenced; the rest is tried again. */
static void lanes_told(struct bus_server *bus, const struct db_result *res,
		       int statement)
{
	struct run *run = bus->writer.current;

	for (size_t i = 0; i < run->n; i++) {
		struct work *work = run->works[i];
		struct lane *lane = work->intake->lane;
		int row = lane ? lane_row(lane, res, statement) : -1;
		uint64_t epoch, last_seq;

		if (row < 0)
			continue;
		epoch = (uint64_t)db_get_i64(res, statement, row, 1);
		last_seq = (uint64_t)db_get_i64(res, statement, row, 2);
		if (epoch != work->intake->epoch) {
			metric_add(&bus_fenced_nacks, 1);
			settle_nack(bus, &work->intake->from, lane->publisher,
				    lane->number, work->intake->epoch,
				    SY__V1__ERROR_CODE__FENCED, 0,
				    "another instance took the lane over");
			settle_release(bus, work);
			run->works[i] = NULL;
		} else if (work->seq <= last_seq) {
			if (last_seq > lane->committed_seq) {
				rejects_told(lane, res, statement + 1);
				lane_reached(lane, last_seq);
			}
			if (i + 1 == run->n ||
			    run->works[i + 1]->intake->lane != lane ||
			    run->works[i + 1]->seq > last_seq)
				settle_ack(bus, lane);
			settle_release(bus, work);
			run->works[i] = NULL;
		}
	}
	run_compact(run);
}

static void commands_told(struct bus_server *bus, const struct db_result *res,
			  int statement)
{
	struct run *run = bus->writer.current;
	int64_t n = 0;
	int row = 0;

	for (size_t i = 0; i < run->n; i++) {
		struct work *work = run->works[i];
		size_t hash_len, reply_len;
		const uint8_t *hash, *reply;

		if (!work->intake->idempotency_key)
			continue;
		n++;
		if (row == db_rows(res, statement) ||
		    db_get_i64(res, statement, row, 0) != n)
			continue;
		hash = db_get_bytes(res, statement, row, 1, &hash_len);
		reply = db_get_bytes(res, statement, row, 2, &reply_len);
		if (hash_len == sizeof(work->intake->body_hash) &&
		    memcmp(hash, work->intake->body_hash, hash_len) == 0)
			settle_stored_reply(bus, work, reply, reply_len);
		else
			settle_refused(bus, work,
				       SY__V1__ERROR_CODE__KEY_REUSED,
				       "idempotency_key",
				       "was used with another body");
		run->works[i] = NULL;
		row++;
	}
	run_compact(run);
}

/* The same key twice in one run: the second waits for the next. */
static void commands_split(struct bus_server *bus)
{
	struct run *run = bus->writer.current;

	for (size_t i = 0; i < run->n; i++) {
		const char *key = run->works[i]->intake->idempotency_key;

		for (size_t j = 0; key && j < i; j++) {
			const struct intake *other = run->works[j]->intake;
			struct run *rest;

			if (!other->idempotency_key ||
			    strcmp(other->idempotency_key, key) != 0)
				continue;
			rest = writer_run(run->works + i, run->n - i);
			rest->sandbox = run->sandbox;
			rest->next = bus->writer.runs;
			bus->writer.runs = rest;
			run->n = i;
			return;
		}
	}
}

/* The items that the domain judges: all but those that were refused before. */
static void batch_fill(struct bus_server *bus)
{
	struct run *run = bus->writer.current;
	struct bus_batch *batch = &bus->writer.batch;

	batch->items = arena_alloc(&batch->arena,
				   (run->n + 1) * sizeof(*batch->items));
	batch->n = 0;
	for (size_t i = 0; i < run->n; i++) {
		struct bus_item *item = &run->works[i]->item;

		if (run->works[i]->prejudged)
			continue;
		item->verdict = SY__V1__ERROR_CODE__OK;
		item->reply = NULL;
		item->scratch = NULL;
		batch->items[batch->n++] = item;
	}
	batch->scratch = NULL;
	batch->emitted = NULL;
	batch->emitted_nr = batch->emitted_cap = 0;
	batch->directory_rev = 0;
	batch->now_us = time_now_us();
}

/* Each for itself, against what is there: nobody sees what another of them
 * would have done, so the verdict does not depend on who shares the
 * transaction. The batch is empty then: the domain writes nothing, and the log
 * gets nothing. */
static enum bus_decision sandbox_decide(struct bus_server *bus,
					const struct db_result *res, int first)
{
	struct writer *w = &bus->writer;
	struct bus_batch *batch = &w->batch;
	enum bus_decision decision = BUS_DECIDED;
	size_t n = batch->n;

	for (; n > 0 && decision == BUS_DECIDED; n--, batch->items++) {
		batch->n = 1;
		decision = bus->o.domain->decide(bus->o.svc, batch, res, first,
						 w->directory_fresh);
	}
	batch->n = 0;
	batch->emitted_nr = 0;
	return decision;
}

static enum bus_decision batch_decide(struct bus_server *bus,
				      const struct db_result *res, int first)
{
	struct writer *w = &bus->writer;

	if (w->current->sandbox)
		return sandbox_decide(bus, res, first);
	if (w->batch.n == 0)
		return BUS_DECIDED;
	return bus->o.domain->decide(bus->o.svc, &w->batch, res, first,
				     w->directory_fresh);
}

static void run_decide(struct bus_server *bus, const struct db_result *res,
		       int first)
{
	batch_fill(bus);
	if (batch_decide(bus, res, first) == BUS_DECIDED) {
		run_write(bus);
		return;
	}
	bus->writer.waiting_directory = true;
	bus->o.domain->confirm_directory(bus->o.svc);
}

void bus_directory_confirmed(struct bus_server *bus, bool ok)
{
	struct writer *w = &bus->writer;

	if (!w->waiting_directory)
		return;
	w->waiting_directory = false;
	if (!ok) {
		run_busy(bus, "the directory is behind");
		return;
	}
	w->directory_fresh = true;
	run_start(bus);
}

static void read_done_cb(const struct db_result *res, void *arg)
{
	struct bus_server *bus = arg;
	struct writer *w = &bus->writer;
	size_t before;
	int first;

	if (!bus->router)
		return;
	if (res->outcome != DB_OK) {
		if (res->outcome == DB_FAILED || res->outcome == DB_DATA) {
			log_error("read: statement %d: %s %s",
				  res->failed_statement, res->sqlstate,
				  res->text);
			run_halve(bus, res);
		} else {
			run_again(bus, FULL_MS);
		}
		return;
	}
	fault_point("writer_after_read");
	before = w->current->n;
	if (w->lanes_statement >= 0)
		lanes_told(bus, res, w->lanes_statement);
	if (w->commands_statement >= 0)
		commands_told(bus, res, w->commands_statement);
	if (w->current->n == 0) {
		run_done(bus);
		return;
	}
	/* Rows were read for the batch as it was: read again for what is left.
	 */
	if (w->current->n != before) {
		run_start(bus);
		return;
	}
	/* The lanes' state is two statements: sequences and rejects. */
	first = 2 * (w->lanes_statement >= 0) + (w->commands_statement >= 0);
	run_decide(bus, res, first);
}

static void run_start(struct bus_server *bus)
{
	struct writer *w = &bus->writer;
	struct db_result nothing = { .outcome = DB_OK, .failed_statement = -1 };
	struct db_pipe *pipe = db_pipe_new(bus->writer_conn);

	arena_reset(&w->batch.arena);
	commands_split(bus);
	batch_fill(bus);
	writer_read_pipe(bus, pipe);
	if (db_pipe_length(pipe) > 0) {
		db_pipe_run(pipe, read_done_cb, bus);
		return;
	}
	db_pipe_drop(pipe);
	run_decide(bus, &nothing, 0);
}

void writer_free(struct bus_server *bus)
{
	struct writer *w = &bus->writer;
	struct intake *intake, *next;
	struct run *run = w->current;

	if (run) {
		run->next = w->runs;
		w->runs = run;
		w->current = NULL;
	}
	while ((run = w->runs)) {
		w->runs = run->next;
		for (size_t i = 0; i < run->n; i++)
			settle_release(bus, run->works[i]);
		run_free(run);
	}
	DL_FOREACH_SAFE (bus->queue, intake, next) {
		DL_DELETE(bus->queue, intake);
		intake_free(bus, intake);
	}
	arena_reset(&w->batch.arena);
}
