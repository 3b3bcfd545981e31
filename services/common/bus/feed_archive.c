/* feed_archive.c -- FETCH of what the database does not hold any more: read
 * from the files of the archive by a worker thread, answered from the loop. */
#include <stdlib.h>
#include <string.h>

#include "bus/feed_internal.h"
#include "bus/must.h"
#include "log.h"

struct archive_job {
	uv_work_t work;
	struct fetch *fetch;
	const struct archive *archive;
	struct archive_range range;
	struct archive_hint hint;
	struct arena arena;
	struct archive_batch batch;
	uint64_t low; /* of what can be read at all */
	int status;
	struct error err;
};

static void read_cb(uv_work_t *work)
{
	struct archive_job *job = work->data;
	const struct fetch *fetch = job->fetch;

	job->status =
		archive_read(job->archive, fetch->shard, &job->range,
			     &job->hint, &job->arena, &job->batch, &job->err);
	job->low = job->range.until + 1;
	if (job->status == 0 && job->batch.n == 0)
		job->low = archive_low(job->archive, fetch->shard, job->low);
}

static bool same_event(struct archive_job *job, const Sy__V1__LogEntry *entry)
{
	const Sy__V1__Event *event = sy__v1__event__unpack(
		&job->arena.allocator, entry->event.len, entry->event.data);

	return event && event->event_id.len == 16 &&
	       memcmp(event->event_id.data, job->fetch->after_event_id, 16) ==
		       0;
}

/* True: answered. */
static bool answer(struct archive_job *job)
{
	struct fetch *fetch = job->fetch;
	struct bus_server *bus = fetch->bus;
	Sy__V1__LogEntry **entries = job->batch.entries;
	size_t n = job->batch.n;

	if (job->status < 0) {
		metric_add(&bus_archive_errors, 1);
		log_error("the archive cannot be read: %s", job->err.text);
		bus_answer_error(bus, &fetch->from, fetch->correlation,
				 SY__V1__ERROR_CODE__INTERNAL, "",
				 "the archive of the log cannot be read");
		return true;
	}
	if (n && fetch->has_after) {
		if (!same_event(job, entries[0])) {
			fetch_diverged(bus, fetch);
			return true;
		}
		fetch->has_after = false; /* compared */
		entries++;
		n--;
	}
	if (n) {
		fetch_reply(bus, fetch, entries, n);
		return true;
	}
	/* What follows the archive's last stands in the database. */
	if (fetch->from_offset > job->range.until)
		return false;
	fetch_out_of_range(bus, fetch, job->low);
	return true;
}

static void hint_keep(struct feed_shard *shard, const struct archive_job *job)
{
	if (!job->batch.last.file)
		return;
	for (int i = 0; i < FEED_HINTS; i++) {
		if (memcmp(&shard->hints[i], &job->hint, sizeof(job->hint)) !=
		    0)
			continue;
		shard->hints[i] = job->batch.last;
		return;
	}
	shard->hints[shard->hint_next++ % FEED_HINTS] = job->batch.last;
}

static void done_cb(uv_work_t *work, int status)
{
	struct archive_job *job = work->data;
	struct fetch *fetch = job->fetch;
	struct bus_server *bus = fetch->bus;

	(void)status; /* never cancelled */
	if (bus->router) {
		hint_keep(&bus->feed->shards[fetch->shard], job);
		if (!answer(job)) {
			fetch_from_database(fetch);
			fetch = NULL;
		}
	}
	free(fetch);
	arena_reset(&job->arena);
	free(job);
	bus_unref(bus);
}

/* The nearest place before offset that is known. */
static struct archive_hint hint_for(const struct feed_shard *shard,
				    uint64_t offset)
{
	struct archive_hint best = { 0 };

	for (int i = 0; i < FEED_HINTS; i++)
		if (shard->hints[i].offset <= offset &&
		    shard->hints[i].offset > best.offset)
			best = shard->hints[i];
	return best;
}

void fetch_from_archive(struct fetch *fetch)
{
	struct bus_server *bus = fetch->bus;
	const struct feed_shard *shard = &bus->feed->shards[fetch->shard];
	struct archive_job *job = must_calloc(1, sizeof(*job));

	job->work.data = job;
	job->fetch = fetch;
	job->archive = bus->archive;
	job->range.first = fetch->from_offset;
	job->range.and_before = fetch->has_after;
	/* What a folder holds beyond may be of a log that is no more. */
	job->range.until = shard->low - 1;
	job->range.max_events = fetch->max_events;
	job->range.max_bytes = fetch->max_bytes;
	job->hint = hint_for(shard,
			     fetch->from_offset - (fetch->has_after ? 1 : 0));
	arena_init(&job->arena);
	fetch->archive_until = job->range.until;
	bus_ref(bus);
	uv_queue_work(bus->o.loop, &job->work, read_cb, done_cb);
}
