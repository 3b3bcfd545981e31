/* feed.c -- FETCH: recent events out of memory, older ones from the database,
 * and a long poll that is answered by the next commit.
 *
 * Another replica's commits are found by reading the heads every 20 ms while
 * somebody waits. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "bus/feed_internal.h"
#include "log.h"
#include "timeutil.h"

#define HEADS_MS 20
#define HEADS_IDLE_US (1 * US_PER_S)
#define FETCH_BYTES_MAX (1024 * 1024)
#define FETCH_WAIT_MAX_MS 30000
#define FETCH_PARKED_MAX 4096

static uint64_t bit_of(uint32_t shard)
{
	return UINT64_C(1) << shard;
}

void fetch_reply(struct bus_server *bus, const struct fetch *fetch,
		 Sy__V1__LogEntry **entries, size_t n)
{
	Sy__V1__Batch batch = SY__V1__BATCH__INIT;
	struct peer *peer = bus_peer(bus, &fetch->from);

	batch.stream = (char *)bus->o.service;
	batch.shard = fetch->shard;
	batch.head_offset = bus->feed->shards[fetch->shard].head;
	/* It sees by itself that there is more. */
	if (peer && n && entries[n - 1]->offset < batch.head_offset)
		peer->told |= bit_of(fetch->shard);
	batch.n_entries = n;
	batch.entries = entries;
	metric_add(&bus_fetched_events, (double)n);
	if (n)
		metric_observe(&bus_fetch_batch_events, (double)n);
	bus_send(bus, &fetch->from, BUS_BATCH, fetch->correlation, &batch.base);
}

void fetch_diverged(struct bus_server *bus, const struct fetch *fetch)
{
	Sy__V1__Diverged diverged = SY__V1__DIVERGED__INIT;

	diverged.stream = (char *)bus->o.service;
	diverged.shard = fetch->shard;
	diverged.offset = fetch->from_offset - 1;
	metric_add(&bus_diverged, 1);
	log_error("a consumer read another log: shard %u offset %llu",
		  fetch->shard, (unsigned long long)fetch->from_offset - 1);
	bus_send(bus, &fetch->from, BUS_DIVERGED, fetch->correlation,
		 &diverged.base);
}

void fetch_out_of_range(struct bus_server *bus, const struct fetch *fetch,
			uint64_t low)
{
	Sy__V1__OutOfRange range = SY__V1__OUT_OF_RANGE__INIT;

	range.stream = (char *)bus->o.service;
	range.shard = fetch->shard;
	range.low_offset = low;
	range.head_offset = bus->feed->shards[fetch->shard].head;
	metric_add(&bus_out_of_range, 1);
	log_error("a reader wants what was removed: shard %u offset %llu, "
		  "the oldest is %llu",
		  fetch->shard, (unsigned long long)fetch->from_offset,
		  (unsigned long long)low);
	bus_send(bus, &fetch->from, BUS_OUT_OF_RANGE, fetch->correlation,
		 &range.base);
}

static void head_reached(struct feed_shard *shard, uint64_t head)
{
	if (head > shard->head)
		shard->head = head;
	shard->head_known = true;
}

/* --- from the database
 * ------------------------------------------------------------ */

/* Rows of BUS_SQL_LOG_READ: the one before the first wanted, if there is one.
 */
static void fetch_rows(struct bus_server *bus, const struct fetch *fetch,
		       const struct db_result *res, uint64_t low)
{
	Sy__V1__LogEntry entries[FETCH_EVENTS_MAX];
	Sy__V1__LogEntry *pointers[FETCH_EVENTS_MAX];
	size_t n = 0, bytes = 0, len;
	int rows = db_rows(res, 0), row = 0;

	if (rows > 0 &&
	    (uint64_t)db_get_i64(res, 0, 0, 0) == fetch->from_offset - 1) {
		const uint8_t *id = db_get_bytes(res, 0, 0, 2, &len);

		if (fetch->has_after &&
		    memcmp(id, fetch->after_event_id, 16) != 0) {
			fetch_diverged(bus, fetch);
			return;
		}
		row = 1;
	} else if (fetch->has_after && fetch->from_offset > low) {
		/* What it has read is not there: an older log. */
		fetch_diverged(bus, fetch);
		return;
	}
	for (; row < rows && n < fetch->max_events; row++, n++) {
		Sy__V1__LogEntry *entry = &entries[n];

		sy__v1__log_entry__init(entry);
		entry->offset = (uint64_t)db_get_i64(res, 0, row, 0);
		entry->accepted_at_us = db_get_time(res, 0, row, 1);
		entry->event.data =
			(uint8_t *)db_get_bytes(res, 0, row, 3, &len);
		entry->event.len = len;
		bytes += len;
		if (n && bytes > fetch->max_bytes)
			break;
		pointers[n] = entry;
	}
	fetch_reply(bus, fetch, pointers, n);
}

/* Is it, or the event before it, older than what the database holds? */
static bool wants_archive(const struct fetch *fetch, uint64_t low)
{
	return fetch->from_offset < low ||
	       (fetch->from_offset == low && low > 1 && fetch->has_after);
}

static void fetch_read_cb(const struct db_result *res, void *arg)
{
	struct fetch *fetch = arg;
	struct bus_server *bus = fetch->bus;
	int bounds = fetch->rows_asked ? 1 : 0;
	struct feed_shard *shard;
	uint64_t low;

	if (!bus->router) {
		free(fetch);
		return;
	}
	if (res->outcome != DB_OK) {
		bus_answer_error(bus, &fetch->from, fetch->correlation,
				 SY__V1__ERROR_CODE__BUSY, "",
				 "the log cannot be read now");
		free(fetch);
		return;
	}
	shard = &bus->feed->shards[fetch->shard];
	low = (uint64_t)db_get_i64(res, bounds, 0, 0);
	head_reached(shard, (uint64_t)db_get_i64(res, bounds, 0, 1));
	shard->low = low;
	if (bus->archive && low > fetch->archive_until + 1 &&
	    wants_archive(fetch, low)) {
		fetch_from_archive(fetch);
		return;
	}
	if (!fetch->rows_asked && fetch->from_offset >= low) {
		/* It grew again: a database that was put back. */
		fetch_from_database(fetch);
		return;
	}
	if (fetch->from_offset < low)
		fetch_out_of_range(bus, fetch, low);
	else
		fetch_rows(bus, fetch, res, low);
	free(fetch);
}

void fetch_from_database(struct fetch *fetch)
{
	struct db_pipe *pipe = db_pipe_new(fetch->bus->fetch_conn);

	/* Of what is known to be removed only the bounds are of use. */
	fetch->rows_asked = fetch->from_offset >=
			    fetch->bus->feed->shards[fetch->shard].low;
	if (fetch->rows_asked) {
		db_exec(pipe, BUS_SQL_LOG_READ);
		db_i32(pipe, (int32_t)fetch->shard);
		db_i64(pipe, (int64_t)fetch->from_offset);
		db_i64(pipe, (int64_t)fetch->max_events);
	}
	db_exec(pipe, BUS_SQL_LOG_LOW);
	db_i32(pipe, (int32_t)fetch->shard);
	db_pipe_run(pipe, fetch_read_cb, fetch);
}

/* --- waiting
 * ------------------------------------------------------------------------ */

static void fetch_park(struct bus_server *bus, struct peer *peer,
		       struct fetch *fetch)
{
	DL_APPEND(bus->feed->parked, fetch);
	bus->feed->parked_nr++;
	peer->waits |= bit_of(fetch->shard);
}

/* Takes a parked fetch off the list and answers it. */
static void fetch_serve(struct bus_server *bus, struct fetch *fetch)
{
	struct peer *peer = bus_peer(bus, &fetch->from);

	DL_DELETE(bus->feed->parked, fetch);
	bus->feed->parked_nr--;
	if (peer)
		peer->waits &= ~bit_of(fetch->shard);
	if (fetch_from_memory(bus, fetch)) {
		free(fetch);
	} else if (bus->feed->shards[fetch->shard].head >= fetch->from_offset) {
		fetch_from_database(fetch);
	} else {
		fetch_reply(bus, fetch, NULL, 0);
		free(fetch);
	}
}

/* What was committed when we asked is not there: the database was put back to
 * an older state under us, and all that we remember of lanes, heads and events
 * is of another log. The next process starts from what is stored; publishers
 * and consumers then find out by themselves. */
static void went_back(int shard, uint64_t from, uint64_t to)
{
	log_error("the log went back: shard %d from %llu to %llu; the database "
		  "is an older one",
		  shard, (unsigned long long)from, (unsigned long long)to);
	_exit(EXIT_FAILURE);
}

/* Rings the bell of those who have read the shard and do not wait there: once,
 * until they ask again. */
static void hint(struct bus_server *bus, uint32_t shard, uint64_t head)
{
	Sy__V1__ShardHead shard_head = SY__V1__SHARD_HEAD__INIT;
	Sy__V1__ShardHead *heads = &shard_head;
	Sy__V1__Hint message = SY__V1__HINT__INIT;
	struct peer *peer;

	shard_head.shard = shard;
	shard_head.offset = head;
	message.stream = (char *)bus->o.service;
	message.n_heads = 1;
	message.heads = &heads;
	DL_FOREACH (bus->feed->fetchers, peer) {
		if ((peer->waits | peer->told) & bit_of(shard))
			continue;
		peer->told |= bit_of(shard);
		bus_send(bus, &peer->id, BUS_HINT, 0, &message.base);
	}
}

static void heads_cb(const struct db_result *res, void *arg)
{
	struct bus_server *bus = arg;
	struct fetch *fetch, *next;

	if (!bus->router)
		return;
	bus->feed->heads_asked = false;
	if (res->outcome != DB_OK)
		return;
	for (int i = 0; i < db_rows(res, 0) && i < bus->o.shards_nr; i++) {
		struct feed_shard *shard = &bus->feed->shards[i];
		uint64_t head = (uint64_t)db_get_i64(res, 0, i, 1);

		if (head < shard->asked_head)
			went_back(i, shard->asked_head, head);
		if (head > shard->head && shard->head_known)
			hint(bus, (uint32_t)i, head);
		head_reached(shard, head);
	}
	DL_FOREACH_SAFE (bus->feed->parked, fetch, next) {
		if (bus->feed->shards[fetch->shard].head >= fetch->from_offset)
			fetch_serve(bus, fetch);
	}
}

static void timer_cb(uv_timer_t *timer)
{
	struct bus_server *bus = timer->data;
	int64_t now_us = time_monotonic_us();
	struct fetch *fetch, *next;

	DL_FOREACH_SAFE (bus->feed->parked, fetch, next) {
		if (fetch->until_us <= now_us)
			fetch_serve(bus, fetch);
	}
	if ((bus->feed->parked || now_us >= bus->feed->heads_at_us) &&
	    !bus->feed->heads_asked && db_conn_up(bus->fetch_conn)) {
		struct db_pipe *pipe = db_pipe_new(bus->fetch_conn);

		bus->feed->heads_asked = true;
		bus->feed->heads_at_us = now_us + HEADS_IDLE_US;
		for (int i = 0; i < bus->o.shards_nr; i++)
			bus->feed->shards[i].asked_head =
				bus->feed->shards[i].head;
		db_exec(pipe, BUS_SQL_LOG_HEADS);
		db_pipe_run(pipe, heads_cb, bus);
	}
}

void feed_committed(struct bus_server *bus, int shard_nr, uint64_t head_before,
		    int64_t accepted_at_us, const struct bus_emitted *emitted,
		    size_t n)
{
	struct feed_shard *shard = &bus->feed->shards[shard_nr];
	struct fetch *fetch, *next;

	for (size_t i = 0; i < n; i++)
		recent_add(shard, head_before + 1 + i, accepted_at_us,
			   &emitted[i]);
	head_reached(shard, head_before + n);
	hint(bus, (uint32_t)shard_nr, shard->head);
	DL_FOREACH_SAFE (bus->feed->parked, fetch, next) {
		if (fetch->shard == (uint32_t)shard_nr)
			fetch_serve(bus, fetch);
	}
}

/* --- FETCH
 * --------------------------------------------------------------------- */

static const char *fetch_refused(struct bus_server *bus,
				 const struct incoming *in,
				 const Sy__V1__Fetch *msg,
				 Sy__V1__ErrorCode *code_r)
{
	*code_r = SY__V1__ERROR_CODE__FORBIDDEN;
	if (!(in->grant.roles & ROLE_CONSUMER) ||
	    !grant_stream(&in->grant, bus->o.service)) {
		bus_denied(bus, in->principal, "a stream that is not granted");
		return "reading wants the role consumer, and the stream "
		       "granted";
	}
	*code_r = SY__V1__ERROR_CODE__NOT_FOUND;
	if (strcmp(msg->stream, bus->o.service) != 0)
		return "no such stream here";
	*code_r = SY__V1__ERROR_CODE__INVALID;
	if (msg->shard >= (uint32_t)bus->o.shards_nr)
		return "no such shard";
	if (msg->from_offset == 0 || msg->from_offset > INT64_MAX)
		return "from_offset: offsets go from 1 to 2^63 - 1";
	if (msg->applied_offset > INT64_MAX)
		return "applied_offset: offsets go to 2^63 - 1";
	if (msg->after_event_id.len != 0 && msg->after_event_id.len != 16)
		return "after_event_id: wants 16 bytes";
	if (!reader_name_good(msg->consumer))
		return "consumer: wants at most 64 of a-z 0-9 _ . : -";
	*code_r = SY__V1__ERROR_CODE__BUSY;
	if (bus->feed->parked_nr >= FETCH_PARKED_MAX)
		return "too many wait here";
	return NULL;
}

static size_t bounded(uint32_t asked, size_t max)
{
	return asked == 0 || asked > max ? max : asked;
}

static struct fetch *fetch_new(struct bus_server *bus,
			       const struct incoming *in,
			       const Sy__V1__Fetch *msg)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));
	uint32_t wait_ms = msg->wait_ms < FETCH_WAIT_MAX_MS ? msg->wait_ms
							    : FETCH_WAIT_MAX_MS;

	if (!fetch)
		abort();
	fetch->bus = bus;
	fetch->from = in->from;
	fetch->correlation = in->frame.correlation;
	fetch->shard = msg->shard;
	fetch->from_offset = msg->from_offset;
	fetch->has_after =
		msg->after_event_id.len == 16 && msg->from_offset > 1;
	if (fetch->has_after)
		memcpy(fetch->after_event_id, msg->after_event_id.data, 16);
	fetch->max_events = bounded(msg->max_events, FETCH_EVENTS_MAX);
	fetch->max_bytes = bounded(msg->max_bytes, FETCH_BYTES_MAX);
	fetch->until_us = time_monotonic_us() + wait_ms * US_PER_MS;
	return fetch;
}

void feed_fetch(struct bus_server *bus, const struct incoming *in)
{
	Sy__V1__Fetch *msg =
		sy__v1__fetch__unpack(NULL, in->frame.body_len, in->frame.body);
	Sy__V1__ErrorCode code;
	const char *refused;
	struct fetch *fetch;
	struct peer *peer;

	if (!msg) {
		bus_answer_error(bus, &in->from, in->frame.correlation,
				 SY__V1__ERROR_CODE__MALFORMED, "", "FETCH");
		return;
	}
	refused = fetch_refused(bus, in, msg, &code);
	if (refused) {
		bus_answer_error(bus, &in->from, in->frame.correlation, code,
				 "", refused);
		goto out;
	}
	peer = bus_peer(bus, &in->from);
	if (!peer->fetches)
		DL_APPEND(bus->feed->fetchers, peer);
	peer->fetches = true;
	peer->told &= ~bit_of(msg->shard);
	readers_seen(bus, in->principal, msg);
	fetch = fetch_new(bus, in, msg);
	/* wait_ms 0 asks the database even when memory says there is nothing:
	 * it must tell the head of now, other replicas' commits included. So
	 * does who has read past our head: that was of another replica, or of
	 * a log that is no more. */
	if (msg->wait_ms && fetch_from_memory(bus, fetch)) {
		free(fetch);
	} else if (bus->archive && msg->wait_ms &&
		   wants_archive(fetch, bus->feed->shards[msg->shard].low)) {
		fetch_from_archive(fetch);
	} else if (msg->wait_ms == 0 ||
		   bus->feed->shards[msg->shard].head + 1 != msg->from_offset ||
		   !bus->feed->shards[msg->shard].head_known) {
		fetch_from_database(fetch);
	} else {
		fetch_park(bus, peer, fetch);
	}
out:
	sy__v1__fetch__free_unpacked(msg, NULL);
}

void feed_forget_peer(struct bus_server *bus, struct peer *peer)
{
	struct fetch *fetch, *next;

	if (peer->fetches)
		DL_DELETE(bus->feed->fetchers, peer);
	peer->fetches = false;
	peer->waits = peer->told = 0;
	DL_FOREACH_SAFE (bus->feed->parked, fetch, next) {
		if (memcmp(&fetch->from, &peer->id, sizeof(peer->id)) != 0)
			continue;
		DL_DELETE(bus->feed->parked, fetch);
		bus->feed->parked_nr--;
		free(fetch);
	}
}

uint64_t feed_head(const struct bus_server *bus, int shard)
{
	return bus->feed->shards[shard].head;
}

size_t feed_parked(const struct bus_server *bus)
{
	return bus->feed->parked_nr;
}

int feed_open(struct bus_server *bus, struct error *err)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	/* a peer has a bit for each */
	if (bus->o.shards_nr > 64)
		abort();
	if (!feed || !(feed->shards = calloc((size_t)bus->o.shards_nr,
					     sizeof(*feed->shards)))) {
		free(feed);
		return error_set(err, "no memory");
	}
	uv_timer_init(bus->o.loop, &feed->timer);
	feed->timer.data = bus;
	uv_timer_start(&feed->timer, timer_cb, HEADS_MS, HEADS_MS);
	bus->feed = feed;
	return 0;
}

static void feed_closed_cb(uv_handle_t *handle)
{
	struct feed *feed =
		(struct feed *)((char *)handle - offsetof(struct feed, timer));

	free(feed);
}

void feed_close(struct bus_server *bus)
{
	struct feed *feed = bus->feed;
	struct fetch *fetch, *next;

	if (!feed)
		return;
	bus->feed = NULL;
	DL_FOREACH_SAFE (feed->parked, fetch, next) {
		DL_DELETE(feed->parked, fetch);
		free(fetch);
	}
	for (int i = 0; i < bus->o.shards_nr; i++) {
		recent_clear(&feed->shards[i]);
		free(feed->shards[i].ring);
	}
	free(feed->shards);
	uv_close((uv_handle_t *)&feed->timer, feed_closed_cb);
}
