/* compare.c -- Compare: the cells as stored against the cells as counted anew
 * from the logs, up to exactly the positions that the stored ones
 * stand at. Applying goes on meanwhile: cells and positions are read in one
 * snapshot, and the logs are read as far as that and no further.
 *
 * One recount runs at a time, and whoever asks while it does gets its result: a
 * client that hears nothing for some seconds asks again, and must not find that
 * it stands in its own way.
 *
 *	everything (cells, positions) -> FETCH, all shards side by side -> reply
 */
#include <stdlib.h>
#include <string.h>

#include "kpi.h"
#include "log.h"

#define DIFFERENCES_DEFAULT 100
#define DIFFERENCES_MAX 10000
#define FETCH_EVENTS 5000
#define FETCH_BYTES (1024 * 1024)
#define FETCH_TIMEOUT_MS 10000
/* In a row and of one shard: a minute without an answer, and the recount is
 * given up. */
#define FETCH_ATTEMPTS 6

struct compare;
struct shard_reader {
	struct compare *compare;
	const struct stream *stream;
	uint32_t shard;
	uint64_t next_offset, last_offset;
	int attempts;
};

struct waiter {
	struct bus_request *req;
	size_t max_differences;
	struct waiter *next;
};

struct compare {
	struct kpi *kpi;
	struct waiter *waiters;
	struct arena arena;   /* of the tables and the reply */
	struct arena scratch; /* of one batch */
	struct cell_table *stored, *recounted;
	struct shard_reader readers[STREAMS_NR][STREAM_SHARDS];
	int reading; /* shards that are not finished */
	uint64_t events;
	const char *failure; /* why there will be no result */
};

static void read_on(struct shard_reader *reader);

static void compare_end(struct compare *compare)
{
	cell_table_free(compare->stored);
	cell_table_free(compare->recounted);
	arena_reset(&compare->scratch);
	arena_reset(&compare->arena);
	compare->kpi->compare = NULL;
	free(compare);
}

/* --- the result --- */

static char *cells_name(int16_t indicator)
{
	static char names[][24] = {
		[0] = "unknown",
		[CELL_APPEALS] = "appeals",
		[CELL_FIRST_RESPONSE] = "first_response_timely",
		[CELL_RESOLUTION] = "resolution_rate",
		[CELL_MENTIONS] = "mentions",
		[CELL_NEGATIVE] = "negative_mentions",
		[CELL_REACTION] = "reaction_timely",
		[CELL_INQUIRY] = "inquiry_timely",
		[CELL_REPORT] = "report_timely",
	};
	const int16_t names_nr = sizeof(names) / sizeof(names[0]);

	return names[indicator > 0 && indicator < names_nr ? indicator : 0];
}

/* Either may be NULL, not both. */
static void add_difference(struct compare *compare, Sy__V1__CompareReply *reply,
			   const struct cell *stored,
			   const struct cell *recounted)
{
	const struct cell *cell = stored ? stored : recounted;
	int64_t numerator[2] = { stored ? stored->leaf.numerator : 0,
				 recounted ? recounted->leaf.numerator : 0 };
	int64_t denominator[2] = { stored ? stored->leaf.denominator : 0,
				   recounted ? recounted->leaf.denominator
					     : 0 };

	reply->cells++;
	if (numerator[0] == numerator[1] && denominator[0] == denominator[1])
		return;
	reply->differing++;
	if (reply->n_differences == DIFFERENCES_MAX)
		return;

	Sy__V1__CellDifference *d = arena_alloc(&compare->arena, sizeof(*d));
	sy__v1__cell_difference__init(d);
	d->unit = (char *)cell->leaf.unit;
	d->day = cell->leaf.day;
	d->indicator = cells_name(cell->leaf.indicator);
	d->kind = (char *)cell->leaf.kind;
	d->channel = (char *)cell->leaf.channel;
	d->topic = (char *)cell->leaf.topic;
	d->department = (char *)cell->leaf.department;
	d->accepted_day = cell->accepted_day;
	d->stored_numerator = numerator[0];
	d->stored_denominator = denominator[0];
	d->recounted_numerator = numerator[1];
	d->recounted_denominator = denominator[1];
	reply->differences[reply->n_differences++] = d;
}

static void reply_differences(struct compare *compare)
{
	Sy__V1__CompareReply reply = SY__V1__COMPARE_REPLY__INIT;
	const struct cell *cell;

	reply.events = compare->events;
	reply.differences =
		arena_alloc(&compare->arena,
			    DIFFERENCES_MAX * sizeof(Sy__V1__CellDifference *));
	for (cell = cell_table_next(compare->stored, NULL); cell;
	     cell = cell_table_next(compare->stored, cell))
		add_difference(compare, &reply, cell,
			       cell_table_find(compare->recounted, cell));
	/* A sum of 0 in the stored cells was passed over above. */
	for (cell = cell_table_next(compare->recounted, NULL); cell;
	     cell = cell_table_next(compare->recounted, cell)) {
		const struct cell *stored =
			cell_table_find(compare->stored, cell);

		if (!stored || cell_is_zero(stored))
			add_difference(compare, &reply, NULL, cell);
	}
	log_info("compared %llu cells with %llu events: %llu differ",
		 (unsigned long long)reply.cells,
		 (unsigned long long)reply.events,
		 (unsigned long long)reply.differing);

	size_t found = reply.n_differences;
	for (struct waiter *w = compare->waiters; w; w = w->next) {
		reply.n_differences =
			found < w->max_differences ? found : w->max_differences;
		bus_reply(w->req, &reply.base);
	}
}

static void shard_done(struct compare *compare)
{
	if (--compare->reading > 0)
		return;
	if (compare->failure) {
		log_warn("comparison given up: %s", compare->failure);
		for (struct waiter *w = compare->waiters; w; w = w->next)
			bus_reply_error(w->req, SY__V1__ERROR_CODE__BUSY, "",
					"%s", compare->failure);
	} else {
		reply_differences(compare);
	}
	compare_end(compare);
}

/* --- the log --- */

/* 0, or -1 with compare->failure. */
static int count_entry(struct shard_reader *reader,
		       const Sy__V1__LogEntry *entry)
{
	struct compare *compare = reader->compare;
	struct error err;

	if (entry->offset != reader->next_offset) {
		compare->failure = "the log has a gap";
		return -1;
	}

	const Sy__V1__Event *event =
		sy__v1__event__unpack(&compare->scratch.allocator,
				      entry->event.len, entry->event.data);
	if (!event ||
	    reader->stream->count(compare->recounted, &compare->scratch, event,
				  entry->accepted_at_us, &err) < 0) {
		compare->failure = "an event of the log cannot be read";
		return -1;
	}
	reader->next_offset++;
	compare->events++;
	return 0;
}

static void count_batch(struct shard_reader *reader, const struct frame *answer)
{
	struct compare *compare = reader->compare;
	const Sy__V1__Batch *batch = sy__v1__batch__unpack(
		&compare->scratch.allocator, answer->body_len, answer->body);

	if (!batch) {
		compare->failure = "a batch of the log cannot be read";
		return;
	}
	if (batch->n_entries)
		reader->attempts = 0;
	for (size_t i = 0;
	     i < batch->n_entries && reader->next_offset <= reader->last_offset;
	     i++)
		if (count_entry(reader, batch->entries[i]) < 0)
			break;
	arena_reset(&compare->scratch);
}

static void fetched_cb(const struct frame *answer, void *arg)
{
	struct shard_reader *reader = arg;
	struct compare *compare = reader->compare;

	/* Not every op is an answer to FETCH; op 0 is none at all. */
	switch ((int)answer->op) {
	case BUS_BATCH:
		count_batch(reader, answer);
		break;
	case BUS_OUT_OF_RANGE:
		compare->failure = "the log no longer begins at its beginning";
		break;
	case BUS_DIVERGED:
		compare->failure = "the log is not the one that was applied";
		break;
	case 0:
		break;
	default:
		compare->failure = "the log was refused";
		break;
	}
	if (compare->failure || reader->next_offset > reader->last_offset)
		shard_done(compare);
	else
		read_on(reader);
}

static void read_on(struct shard_reader *reader)
{
	struct compare *compare = reader->compare;
	Sy__V1__Fetch fetch = SY__V1__FETCH__INIT;

	if (compare->kpi->service.draining)
		compare->failure = "this service is draining";
	else if (++reader->attempts > FETCH_ATTEMPTS)
		compare->failure = "the log does not answer";
	if (compare->failure) {
		shard_done(compare);
		return;
	}
	fetch.stream = (char *)reader->stream->name;
	fetch.shard = reader->shard;
	fetch.from_offset = reader->next_offset;
	fetch.max_events = FETCH_EVENTS;
	fetch.max_bytes = FETCH_BYTES;
	bus_client_send(reader->stream->client, -1, BUS_FETCH, &fetch.base,
			FETCH_TIMEOUT_MS, fetched_cb, reader);
}

/* --- what is stored --- */

/* A row with the place of a log. */
static void read_place(struct compare *compare, const struct db_result *res,
		       int row)
{
	const char *stream = db_get_text(res, 0, row, 1);
	int64_t shard = db_get_i64(res, 0, row, 0);

	for (int i = 0; i < STREAMS_NR; i++)
		if (shard >= 0 && shard < STREAM_SHARDS &&
		    strcmp(compare->kpi->streams[i].name, stream) == 0)
			compare->readers[i][shard].last_offset =
				(uint64_t)db_get_i64(res, 0, row,
						     EVERYTHING_NUMERATOR);
}

static void read_stored(struct compare *compare, const struct db_result *res)
{
	for (int row = 0, n = db_rows(res, 0); row < n; row++) {
		if (db_is_null(res, 0, row, EVERYTHING_ACCEPTED_DAY)) {
			read_place(compare, res, row);
			continue;
		}
		struct leaf leaf = {
			.day = db_get_i32(res, 0, row, 0),
			.unit = db_get_text(res, 0, row, 1),
			.indicator = (int16_t)db_get_i64(res, 0, row, 2),
			.kind = db_get_text(res, 0, row, 3),
			.channel = db_get_text(res, 0, row, 4),
			.topic = db_get_text(res, 0, row, 5),
			.department = db_get_text(res, 0, row, 6),
			.numerator =
				db_get_i64(res, 0, row, EVERYTHING_NUMERATOR),
			.denominator =
				db_get_i64(res, 0, row, EVERYTHING_DENOMINATOR),
		};
		cell_table_add(compare->stored, &leaf,
			       db_get_i32(res, 0, row, EVERYTHING_ACCEPTED_DAY),
			       1);
	}
}

/* All shards side by side. */
static void read_stream(struct compare *compare, int number)
{
	const struct stream *stream = &compare->kpi->streams[number];

	for (int i = 0; i < STREAM_SHARDS && !compare->failure; i++) {
		struct shard_reader *reader = &compare->readers[number][i];

		reader->compare = compare;
		reader->stream = stream;
		reader->shard = (uint32_t)i;
		reader->next_offset = 1;
		if (!reader->last_offset)
			continue;
		if (!stream->client) {
			compare->failure = "a log that was counted is not "
					   "followed any more";
			return;
		}
		compare->reading++;
		read_on(reader);
	}
}

static void stored_cb(const struct db_result *res, void *arg)
{
	struct compare *compare = arg;

	if (res->outcome == DB_OK)
		read_stored(compare, res);
	else
		compare->failure = "the cells could not be read";

	/* The one that is counted down at the end, so that the result is given
	 * even when there is nothing to read. */
	compare->reading = 1;
	for (int i = 0; i < STREAMS_NR; i++)
		read_stream(compare, i);
	shard_done(compare);
}

static void compare_start(struct kpi *kpi)
{
	struct compare *compare = calloc(1, sizeof(*compare));

	if (!compare)
		abort();
	compare->kpi = kpi;
	arena_init(&compare->arena);
	arena_init(&compare->scratch);
	compare->stored = cell_table_new(&compare->arena);
	compare->recounted = cell_table_new(&compare->arena);
	kpi->compare = compare;

	struct db_pipe *pipe = db_pipe_new(kpi->compare_db);

	store_read_everything(pipe, kpi->conf.consumer);
	db_pipe_run(pipe, stored_cb, compare);
}

void handle_compare(struct bus_request *req)
{
	const Sy__V1__CompareRequest *in =
		(const void *)bus_request_message(req);
	struct kpi *kpi = bus_request_svc(req);

	if (*bus_request_grant(req)->unit) {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "",
				"every unit is compared, and the principal may "
				"see a subtree only");
		return;
	}
	if (in->max_differences > DIFFERENCES_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID,
				"max_differences", "is more than %d",
				DIFFERENCES_MAX);
		return;
	}

	if (!kpi->compare)
		compare_start(kpi);

	struct waiter *waiter =
		arena_alloc(&kpi->compare->arena, sizeof(*waiter));

	waiter->req = req;
	waiter->max_differences =
		in->max_differences ? in->max_differences : DIFFERENCES_DEFAULT;
	waiter->next = kpi->compare->waiters;
	kpi->compare->waiters = waiter;
}
