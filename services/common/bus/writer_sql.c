/* writer_sql.c -- the two pipelines of the writer, statement by statement.
 * Locks come in this order: lanes, domain rows, shards. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "bus/internal.h"
#include "uuid.h"

/* What a segment may hold to stay inside a page of 8,192 bytes with its header,
 * its other columns and the headers of two arrays; an event has its id, a
 * length and up to 3 bytes of padding beside it. */
#define SEGMENT_BYTES 7960
#define SEGMENT_EVENT_BYTES 23

/* One lane's part of a run. Works of a lane follow each other in sequence. */
struct lane_part {
	const struct lane *lane;
	uint64_t epoch, first_seq, last_seq;
	int64_t rejected_nr, duplicate_nr;
};

static int part_order(const void *a, const void *b)
{
	const struct lane_part *pa = a, *pb = b;

	return (pa->lane->lane_id > pb->lane->lane_id) -
	       (pa->lane->lane_id < pb->lane->lane_id);
}

/* Parts in the order of their locks. */
static size_t lane_parts(struct bus_server *bus, struct lane_part **parts_r)
{
	const struct run *run = bus->writer.current;
	struct lane_part *parts =
		arena_alloc(&bus->writer.batch.arena, run->n * sizeof(*parts));
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++) {
		const struct work *work = run->works[i];
		size_t p = n;

		if (!work->intake->lane)
			continue;
		while (p > 0 && parts[p - 1].lane != work->intake->lane)
			p--;
		if (p == 0) {
			parts[n] = (struct lane_part){
				.lane = work->intake->lane,
				.epoch = work->intake->epoch,
				.first_seq = work->seq,
			};
			p = ++n;
		}
		parts[p - 1].last_seq = work->seq;
		if (work->item.verdict != SY__V1__ERROR_CODE__OK)
			parts[p - 1].rejected_nr++;
		else if (work->item.duplicate)
			parts[p - 1].duplicate_nr++;
	}
	qsort(parts, n, sizeof(*parts), part_order);
	*parts_r = parts;
	return n;
}

typedef int64_t lane_part_fn(const struct lane_part *part);

static int64_t part_lane_id(const struct lane_part *part)
{
	return part->lane->lane_id;
}

static int64_t part_epoch(const struct lane_part *part)
{
	return (int64_t)part->epoch;
}

static int64_t part_first_seq(const struct lane_part *part)
{
	return (int64_t)part->first_seq;
}

static int64_t part_last_seq(const struct lane_part *part)
{
	return (int64_t)part->last_seq;
}

static int64_t part_rejected_nr(const struct lane_part *part)
{
	return part->rejected_nr;
}

static int64_t part_duplicate_nr(const struct lane_part *part)
{
	return part->duplicate_nr;
}

static int64_t part_committed_seq(const struct lane_part *part)
{
	return (int64_t)part->lane->committed_seq;
}

static int64_t part_seen_seq(const struct lane_part *part)
{
	return (int64_t)part->lane->rejects_seen_seq;
}

static void part_array(struct db_pipe *pipe, const struct lane_part *parts,
		       size_t n, lane_part_fn *value)
{
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, value(&parts[i]));
	db_array_end(pipe);
}

/* How far the lanes really came, and what of it was refused. */
static void lane_state(struct db_pipe *pipe, const struct lane_part *parts,
		       size_t n)
{
	db_exec(pipe, BUS_SQL_LANE_STATE);
	part_array(pipe, parts, n, part_lane_id);
	db_exec(pipe, BUS_SQL_REJECTS_AFTER);
	part_array(pipe, parts, n, part_lane_id);
	part_array(pipe, parts, n, part_committed_seq);
}

static void lane_claim(struct db_pipe *pipe, const struct lane_part *parts,
		       size_t n)
{
	db_exec(pipe, BUS_SQL_LANE_CLAIM);
	part_array(pipe, parts, n, part_lane_id);
	part_array(pipe, parts, n, part_epoch);
	part_array(pipe, parts, n, part_first_seq);
	part_array(pipe, parts, n, part_last_seq);
	part_array(pipe, parts, n, part_rejected_nr);
	part_array(pipe, parts, n, part_duplicate_nr);
}

/* --- text arrays over the commands or the rejects of a run
 * ------------------------- */

typedef const char *work_text_fn(const struct work *work);

static const char *work_principal(const struct work *work)
{
	return work->intake->principal;
}

static const char *work_method(const struct work *work)
{
	return work->item.method->name;
}

static const char *work_key(const struct work *work)
{
	return work->intake->idempotency_key;
}

static const char *work_field(const struct work *work)
{
	return work->item.field;
}

static const char *work_reason(const struct work *work)
{
	return work->item.text;
}

static void text_array(struct db_pipe *pipe, struct work *const *works,
		       size_t n, work_text_fn *text)
{
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < n; i++)
		db_array_text(pipe, text(works[i]));
	db_array_end(pipe);
}

static size_t works_where(struct bus_server *bus,
			  bool (*wanted)(const struct work *work),
			  struct work ***works_r)
{
	const struct run *run = bus->writer.current;
	struct work **works = arena_alloc(&bus->writer.batch.arena,
					  run->n * sizeof(struct work *));
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++)
		if (wanted(run->works[i]))
			works[n++] = run->works[i];
	*works_r = works;
	return n;
}

static bool is_command(const struct work *work)
{
	return work->intake->idempotency_key != NULL;
}

static bool is_kept_command(const struct work *work)
{
	return is_command(work) && work->item.verdict == SY__V1__ERROR_CODE__OK;
}

static bool is_reject(const struct work *work)
{
	return work->intake->lane &&
	       work->item.verdict != SY__V1__ERROR_CODE__OK;
}

void writer_read_pipe(struct bus_server *bus, struct db_pipe *pipe)
{
	struct writer *w = &bus->writer;
	struct lane_part *parts;
	struct work **commands;
	size_t n;

	w->lanes_statement = w->commands_statement = -1;
	if (w->current->attempts > 0) {
		n = lane_parts(bus, &parts);
		if (n) {
			w->lanes_statement = db_pipe_length(pipe);
			lane_state(pipe, parts, n);
		}
	}
	n = works_where(bus, is_command, &commands);
	if (n) {
		w->commands_statement = db_pipe_length(pipe);
		db_exec(pipe, BUS_SQL_COMMANDS_OF);
		text_array(pipe, commands, n, work_principal);
		text_array(pipe, commands, n, work_method);
		text_array(pipe, commands, n, work_key);
	}
	if (w->batch.n && bus->o.domain->read) {
		db_pipe_base(pipe, BUS_SQL_NR);
		bus->o.domain->read(bus->o.svc, &w->batch, pipe);
	}
}

/* --- the write
 * ---------------------------------------------------------------------- */

static void rejects_write(struct bus_server *bus, struct db_pipe *pipe,
			  const struct lane_part *parts, size_t parts_nr)
{
	struct work **rejects;
	size_t n = works_where(bus, is_reject, &rejects), seen = 0;

	for (size_t i = 0; i < parts_nr; i++)
		seen += parts[i].lane->rejects_seen_seq > 0;
	if (seen) {
		db_exec(pipe, BUS_SQL_REJECT_FORGET);
		part_array(pipe, parts, parts_nr, part_lane_id);
		part_array(pipe, parts, parts_nr, part_seen_seq);
	}
	if (n == 0)
		return;
	db_exec(pipe, BUS_SQL_REJECT_ADD);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, rejects[i]->intake->lane->lane_id);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, (int64_t)rejects[i]->seq);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, (int64_t)rejects[i]->item.verdict);
	db_array_end(pipe);
	text_array(pipe, rejects, n, work_field);
	text_array(pipe, rejects, n, work_reason);
}

static void commands_write(struct bus_server *bus, struct db_pipe *pipe)
{
	struct work **commands;
	size_t n = works_where(bus, is_kept_command, &commands);

	if (n == 0)
		return;
	db_exec(pipe, BUS_SQL_COMMAND_KEEP);
	text_array(pipe, commands, n, work_principal);
	text_array(pipe, commands, n, work_method);
	text_array(pipe, commands, n, work_key);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < n; i++)
		db_array_data(pipe, commands[i]->intake->body_hash,
			      sizeof(commands[i]->intake->body_hash));
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < n; i++) {
		const ProtobufCMessage *reply = commands[i]->item.reply;
		size_t len =
			reply ? protobuf_c_message_get_packed_size(reply) : 0;
		uint8_t *data = arena_alloc(&bus->writer.batch.arena, len + 1);

		if (reply)
			protobuf_c_message_pack(reply, data);
		db_array_data(pipe, data, len);
	}
	db_array_end(pipe);
}

void bus_emit(struct bus_batch *batch, const struct bus_item *cause,
	      const struct bus_event *spec)
{
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	struct bus_emitted *emitted;

	if (batch->emitted_nr == batch->emitted_cap) {
		size_t cap = batch->emitted_cap * 2 + batch->n + 16;

		emitted = arena_alloc(&batch->arena, cap * sizeof(*emitted));
		if (batch->emitted_nr)
			memcpy(emitted, batch->emitted,
			       batch->emitted_nr * sizeof(*emitted));
		batch->emitted = emitted;
		batch->emitted_cap = cap;
	}
	emitted = &batch->emitted[batch->emitted_nr++];
	uuid_make(emitted->event_id);
	/* 64 bits of the key; the writer takes it modulo the shards. */
	emitted->shard = (int)(XXH64(spec->key, strlen(spec->key), 0) >> 33);
	event.event_id.data = emitted->event_id;
	event.event_id.len = sizeof(emitted->event_id);
	event.type = (char *)spec->type;
	event.schema_version = 1;
	event.key = (char *)spec->key;
	event.revision = spec->revision;
	event.occurred_at_us = spec->occurred_at_us;
	event.recorded_at_us = cause->recorded_at_us;
	event.source = (char *)cause->principal;
	event.directory_rev = batch->directory_rev;
	event.causation_id.data = (uint8_t *)cause->event_id;
	event.causation_id.len = sizeof(cause->event_id);
	if (trace_is_set(&cause->trace)) {
		event.trace_id.data = (uint8_t *)cause->trace.id;
		event.trace_id.len = sizeof(cause->trace.id);
		event.span_id.data = (uint8_t *)cause->trace.span;
		event.span_id.len = sizeof(cause->trace.span);
	}
	if (cause->event)
		event.correlation_id = cause->event->correlation_id;
	if (spec->subject) {
		event.subject.data = (uint8_t *)spec->subject;
		event.subject.len = 32;
	}
	event.payload.len = protobuf_c_message_get_packed_size(spec->payload);
	event.payload.data = arena_alloc(&batch->arena, event.payload.len + 1);
	protobuf_c_message_pack(spec->payload, event.payload.data);
	emitted->len = sy__v1__event__get_packed_size(&event);
	emitted->data = arena_alloc(&batch->arena, emitted->len + 1);
	sy__v1__event__pack(&event, emitted->data);
}

/* By shard, in the order of emission within one: a counting sort. */
static void emitted_sort(struct bus_server *bus)
{
	struct bus_batch *batch = &bus->writer.batch;
	size_t shards = (size_t)bus->o.shards_nr;
	size_t *at = arena_alloc(&batch->arena, (shards + 1) * sizeof(*at));
	struct bus_emitted *sorted =
		arena_alloc(&batch->arena, batch->emitted_nr * sizeof(*sorted));

	for (size_t i = 0; i < batch->emitted_nr; i++) {
		batch->emitted[i].shard %= bus->o.shards_nr;
		at[batch->emitted[i].shard + 1]++;
	}
	for (size_t s = 0; s < shards; s++)
		at[s + 1] += at[s];
	for (size_t i = 0; i < batch->emitted_nr; i++)
		sorted[at[batch->emitted[i].shard]++] = batch->emitted[i];
	batch->emitted = sorted;
}

/* The first event behind the segment that begins at first: those of its shard
 * that fit into one row. */
static size_t segment_end(const struct bus_batch *batch, size_t first)
{
	const struct bus_emitted *emitted = batch->emitted;
	size_t bytes = 0, end = first;

	do
		bytes += emitted[end++].len + SEGMENT_EVENT_BYTES;
	while (end < batch->emitted_nr &&
	       emitted[end].shard == emitted[first].shard &&
	       bytes + emitted[end].len + SEGMENT_EVENT_BYTES <= SEGMENT_BYTES);
	return end;
}

enum segment_array { SEGMENT_SHARD, SEGMENT_FIRST, SEGMENT_LAST };

/* One value a segment; positions count from 1, as PostgreSQL's arrays do. */
static void segment_array(struct db_pipe *pipe, const struct bus_batch *batch,
			  enum segment_array which)
{
	size_t end;

	db_array_begin(pipe,
		       which == SEGMENT_SHARD ? DB_ARRAY_I16 : DB_ARRAY_I32);
	for (size_t first = 0; first < batch->emitted_nr; first = end) {
		end = segment_end(batch, first);
		switch (which) {
		case SEGMENT_SHARD:
			db_array_int(pipe, batch->emitted[first].shard);
			break;
		case SEGMENT_FIRST:
			db_array_int(pipe, (int64_t)first + 1);
			break;
		case SEGMENT_LAST:
			db_array_int(pipe, (int64_t)end);
			break;
		}
	}
	db_array_end(pipe);
}

static void log_append(struct bus_server *bus, struct db_pipe *pipe)
{
	struct bus_batch *batch = &bus->writer.batch;

	emitted_sort(bus);
	db_exec(pipe, BUS_SQL_LOG_APPEND);
	segment_array(pipe, batch, SEGMENT_SHARD);
	segment_array(pipe, batch, SEGMENT_FIRST);
	segment_array(pipe, batch, SEGMENT_LAST);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->emitted_nr; i++)
		db_array_data(pipe, batch->emitted[i].event_id, 16);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < batch->emitted_nr; i++)
		db_array_data(pipe, batch->emitted[i].data,
			      batch->emitted[i].len);
	db_array_end(pipe);
}

void writer_write_pipe(struct bus_server *bus, struct db_pipe *pipe)
{
	struct writer *w = &bus->writer;
	struct lane_part *parts;
	size_t n = lane_parts(bus, &parts);

	if (n) {
		lane_claim(pipe, parts, n);
		db_fault(pipe, "writer_after_lanes");
	}
	if (w->batch.n) {
		int length = db_pipe_length(pipe);

		db_pipe_base(pipe, BUS_SQL_NR);
		bus->o.domain->write(bus->o.svc, &w->batch, pipe);
		db_pipe_base(pipe, 0);
		/* Where all was refused there may be no statement at all. */
		if (db_pipe_length(pipe) > length)
			db_fault(pipe, "writer_after_domain");
	}
	rejects_write(bus, pipe, parts, n);
	commands_write(bus, pipe);
	w->append_statement = -1;
	if (w->batch.emitted_nr) {
		w->append_statement = db_pipe_length(pipe);
		log_append(bus, pipe);
		db_fault(pipe, "writer_after_log");
	}
}
