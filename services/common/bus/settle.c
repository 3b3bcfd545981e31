/* settle.c -- work is done: ACK with rejects, NACK, REPLY. Everything here
 * happens after the commit, or without any effect. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/internal.h"
#include "fault.h"
#include "log.h"

void bus_refuse(struct bus_item *item, Sy__V1__ErrorCode code,
		const char *field, const char *fmt, ...)
{
	va_list args;

	item->verdict = code;
	snprintf(item->field, sizeof(item->field), "%s", field);
	va_start(args, fmt);
	vsnprintf(item->text, sizeof(item->text), fmt, args);
	va_end(args);
}

void settle_ack(struct bus_server *bus, struct lane *lane)
{
	Sy__V1__Ack ack = SY__V1__ACK__INIT;
	struct arena arena;

	arena_init(&arena);
	ack.publisher = lane->publisher;
	ack.lane = lane->number;
	ack.epoch = lane->epoch;
	ack.credit_events = BUS_CREDIT_EVENTS;
	ack.n_rejects = lane_rejects(lane, &arena, &ack.rejects, &ack.last_seq);
	bus_send(bus, &lane->peer, BUS_ACK, 0, &ack.base);
	arena_reset(&arena);
}

void settle_nack(struct bus_server *bus, const struct identity *to,
		 const char *publisher, uint32_t lane, uint64_t epoch,
		 Sy__V1__ErrorCode code, uint64_t expected_seq,
		 const char *text)
{
	Sy__V1__Nack nack = SY__V1__NACK__INIT;
	Sy__V1__Error error = SY__V1__ERROR__INIT;

	error.code = code;
	error.text = (char *)text;
	if (code == SY__V1__ERROR_CODE__BUSY)
		error.retry_after_ms = BUS_RETRY_MS;
	nack.publisher = (char *)publisher;
	nack.lane = lane;
	nack.epoch = epoch;
	nack.error = &error;
	nack.expected_seq = expected_seq;
	bus_send(bus, to, BUS_NACK, 0, &nack.base);
}

void settle_release(struct bus_server *bus, struct work *work)
{
	struct intake *intake = work->intake;

	if (intake->lane)
		intake->lane->work_nr--;
	if (--intake->left == 0)
		intake_free(bus, intake);
}

static void reply_bytes(struct bus_server *bus, const struct intake *intake,
			const uint8_t *data, size_t len)
{
	Sy__V1__Reply reply = SY__V1__REPLY__INIT;

	reply.response.data = (uint8_t *)data;
	reply.response.len = len;
	bus_send(bus, &intake->from, BUS_REPLY, intake->correlation,
		 &reply.base);
}

void settle_stored_reply(struct bus_server *bus, struct work *work,
			 const uint8_t *reply, size_t len)
{
	reply_bytes(bus, work->intake, reply, len);
	settle_release(bus, work);
}

void settle_refused(struct bus_server *bus, struct work *work,
		    Sy__V1__ErrorCode code, const char *field, const char *text)
{
	struct intake *intake = work->intake;

	if (intake->done_cb)
		intake->done_cb(code, intake->done_arg);
	else if (!intake->lane)
		bus_answer_error(bus, &intake->from, intake->correlation, code,
				 field, text);
	settle_release(bus, work);
}

static void command_done(struct bus_server *bus, struct work *work)
{
	struct intake *intake = work->intake;
	const struct bus_item *item = &work->item;
	uint8_t *data;
	size_t len;

	if (item->verdict != SY__V1__ERROR_CODE__OK || intake->done_cb) {
		settle_refused(bus, work, item->verdict, item->field,
			       item->text);
		return;
	}
	len = item->reply ? protobuf_c_message_get_packed_size(item->reply) : 0;
	data = arena_alloc(&intake->arena, len + 1);
	if (item->reply)
		protobuf_c_message_pack(item->reply, data);
	settle_stored_reply(bus, work, data, len);
}

/* Heads of the log moved: consumers hear of it before publishers do. */
static void feed_emitted(struct bus_server *bus, const struct db_result *res)
{
	const struct writer *w = &bus->writer;
	const struct bus_batch *batch = &w->batch;
	int rows =
		w->append_statement < 0 ? 0 : db_rows(res, w->append_statement);

	for (int i = 0; i < rows; i++) {
		int shard = db_get_i32(res, w->append_statement, i, 0);
		size_t first = 0, end;

		while (batch->emitted[first].shard != shard)
			first++;
		for (end = first; end < batch->emitted_nr &&
				  batch->emitted[end].shard == shard;)
			end++;
		feed_committed(
			bus, shard,
			(uint64_t)db_get_i64(res, w->append_statement, i, 1),
			db_get_time(res, w->append_statement, i, 2),
			batch->emitted + first, end - first);
	}
}

/* A line for each that somebody follows. */
static void tell_traced(const struct run *run)
{
	if (!log_enabled(LOG_DEBUG))
		return;
	for (size_t i = 0; i < run->n; i++) {
		const struct bus_item *item = &run->works[i]->item;

		if (!trace_is_set(&item->trace))
			continue;
		log_trace(&item->trace);
		log_debug("%s: %s", item->method ? item->method->name : "event",
			  item->verdict == SY__V1__ERROR_CODE__OK ? "committed"
								  : "refused");
	}
	log_trace(NULL);
}

void settle_committed(struct bus_server *bus, const struct db_result *res)
{
	struct run *run = bus->writer.current;
	struct lane **touched;
	size_t touched_nr = 0;

	touched = arena_alloc(&bus->writer.batch.arena,
			      run->n * sizeof(struct lane *));
	feed_emitted(bus, res);
	tell_traced(run);
	if (run->sandbox)
		metric_add(&bus_sandbox_events, (double)run->n);
	for (size_t i = 0; i < run->n; i++) {
		struct work *work = run->works[i];
		struct lane *lane = work->intake->lane;
		size_t t = 0;

		metric_add(&bus_committed_events, 1);
		if (!lane || lane->epoch != work->intake->epoch)
			continue;
		lane_reached(lane, work->seq);
		if (work->item.verdict != SY__V1__ERROR_CODE__OK) {
			metric_add(&bus_rejected_events, 1);
			lane_add_reject(lane, work->seq, &work->item);
		}
		/* Works of a lane lie together: look back a little. */
		for (t = touched_nr; t > 0 && touched[t - 1] != lane; t--)
			;
		if (t == 0)
			touched[touched_nr++] = lane;
	}
	fault_point("writer_before_ack");
	for (size_t t = 0; t < touched_nr; t++)
		settle_ack(bus, touched[t]);
	for (size_t i = 0; i < run->n; i++) {
		if (run->works[i]->intake->lane)
			settle_release(bus, run->works[i]);
		else
			command_done(bus, run->works[i]);
	}
}
