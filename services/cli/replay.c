/* replay.c -- `suyuan replay`: a stream from its first event, out of the
 * archive and the database, in order, proved to be whole, onto a file that the
 * next run goes on with. It only reads: a consumer that is to count anew gets a
 * cursor of its own (SUYUAN_CONSUMER), and publishing a log again would be new
 * facts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "methods.h"
#include "progress.h"
#include "replay_check.h"
#include "replay_file.h"
#include "stream_read.h"
#include "timeutil.h"
#include "json/cloudevent.h"

#define BATCH_EVENTS 1000
#define PROBLEMS_TOLD 10

/* An offset, or a time of acceptance. */
struct place {
	const char *option, *text; /* NULL: not said */
	uint64_t offset;           /* 0: a time */
	int64_t at_us;
};

struct replay {
	struct stream_reader reader;
	const char *out;
	bool check_only;
	int64_t shard; /* -1: all */
	struct place from, to;

	uint64_t first[REPLAY_SHARDS_MAX], until[REPLAY_SHARDS_MAX];
	struct replay_check check;
	struct replay_file file;
	struct progress *progress;
	uint64_t unknown; /* of a type that is not known here */
	struct error *err;
};

static int read_place(struct place *p, struct error *err)
{
	if (!p->text)
		return 0;
	if (strspn(p->text, "0123456789") == strlen(p->text))
		p->offset = strtoull(p->text, NULL, 10);
	if (p->offset > 0 || time_parse_us(p->text, &p->at_us) == 0)
		return 0;
	return error_set(err,
			 "--%s: wants an offset from 1, or a time like "
			 "2025-03-31T00:00:00Z",
			 p->option);
}

/* Offsets are both included, of times the second is not. */
static int check_places(const struct replay *r)
{
	const struct place *from = &r->from, *to = &r->to;

	if (!from->text || !to->text)
		return 0;
	if (from->offset && to->offset
		    ? from->offset > to->offset
		    : !from->offset && !to->offset && from->at_us >= to->at_us)
		return error_set(r->err, "--to: lies before --from");
	return 0;
}

static void told(void *arg, const struct replay_event *e, const char *wrong)
{
	const struct replay *r = arg;

	if (r->check.problems <= PROBLEMS_TOLD)
		fprintf(stderr,
			"shard %" PRIu32 " offset %" PRIu64 " key %s: %s\n",
			e->shard, e->offset, e->key, wrong);
}

/* --- from where to where --- */

/* The first offset that was accepted at or after a time. */
static int search(struct replay *r, uint32_t shard, uint64_t low, uint64_t head,
		  int64_t at_us, uint64_t *offset_r)
{
	uint64_t end = head + 1;

	while (low < end) {
		uint64_t middle = low + (end - low) / 2;
		struct stream_answer a;
		int64_t accepted_us;

		if (stream_fetch(&r->reader, shard, middle, NULL, 1, &a,
				 r->err) < 0)
			return -1;
		if (!a.batch || a.batch->n_entries == 0) {
			stream_answer_free(&a);
			return error_set(r->err,
					 "shard %" PRIu32 " has no offset "
					 "%" PRIu64,
					 shard, middle);
		}
		accepted_us = a.batch->entries[0]->accepted_at_us;
		stream_answer_free(&a);
		if (accepted_us < at_us)
			low = middle + 1;
		else
			end = middle;
	}
	*offset_r = low;
	return 0;
}

static int find_ends(struct replay *r, uint32_t shard)
{
	uint64_t low = 1, head, *first = &r->first[shard],
		 *until = &r->until[shard];
	struct stream_answer a;

	if (stream_fetch(&r->reader, shard, 1, NULL, 1, &a, r->err) < 0)
		return -1;
	if (a.range)
		low = a.range->low_offset;
	head = a.range ? a.range->head_offset : a.batch->head_offset;
	stream_answer_free(&a);
	*first = r->from.offset ? r->from.offset : low;
	*until = head;
	if (!r->from.text && low > 1) {
		r->reader.status = CLI_DIFFERENCES;
		return error_set(r->err,
				 "shard %" PRIu32 " holds %" PRIu64 "-%" PRIu64
				 ", and no archive has what was before",
				 shard, low, head);
	}
	if (r->from.text && !r->from.offset &&
	    search(r, shard, low, head, r->from.at_us, first) < 0)
		return -1;
	if (r->to.text && !r->to.offset) {
		if (search(r, shard, low, head, r->to.at_us, until) < 0)
			return -1;
		--*until;
	} else if (r->to.offset && r->to.offset < head) {
		*until = r->to.offset;
	}
	return 0;
}

/* --- the events --- */

static int take_entry(struct replay *r, uint32_t shard,
		      const Sy__V1__LogEntry *entry)
{
	Sy__V1__Event *event = sy__v1__event__unpack(NULL, entry->event.len,
						     entry->event.data);
	struct replay_event seen = { .shard = shard,
				     .offset = entry->offset,
				     .accepted_at_us = entry->accepted_at_us };
	const char *wrong;
	int status = 0;

	if (!event || event->event_id.len != sizeof(seen.event_id)) {
		sy__v1__event__free_unpacked(event, NULL);
		return error_set(r->err,
				 "shard %" PRIu32 " offset %" PRIu64 " is no "
				 "event",
				 shard, entry->offset);
	}
	seen.key = event->key;
	seen.revision = event->revision;
	memcpy(seen.event_id, event->event_id.data, sizeof(seen.event_id));
	wrong = replay_check_event(&r->check, &seen);
	if (wrong)
		told(r, &seen, wrong);
	if (!r->check_only) {
		json_t *json;

		event->accepted_at_us = entry->accepted_at_us;
		json = cloudevent_json(event, r->reader.stream, shard,
				       entry->offset);
		r->unknown += json_object_get(json, "data_hex") != NULL;
		status = replay_file_write(&r->file, json, r->err);
		json_decref(json);
	}
	sy__v1__event__free_unpacked(event, NULL);
	return status;
}

static int take_answer(struct replay *r, uint32_t shard,
		       const struct stream_answer *a)
{
	uint64_t next = r->check.shards[shard].next;

	if (a->diverged)
		return error_set(r->err,
				 "shard %" PRIu32 ": the event at %" PRIu64
				 " is another one than was read here: it is "
				 "not the log that it was",
				 shard, a->diverged->offset);
	if (a->range)
		return error_set(
			r->err, "shard %" PRIu32 " holds %" PRIu64 "-%" PRIu64,
			shard, a->range->low_offset, a->range->head_offset);
	if (a->batch->n_entries == 0)
		return error_set(r->err,
				 "shard %" PRIu32 " ends before %" PRIu64,
				 shard, r->until[shard]);
	for (size_t i = 0; i < a->batch->n_entries; i++)
		if (take_entry(r, shard, a->batch->entries[i]) < 0)
			return -1;
	if (r->check.shards[shard].next > next)
		return 0;
	return error_set(r->err, "shard %" PRIu32 " does not go on", shard);
}

static void show(struct replay *r)
{
	const struct publisher_stats shown = { .submitted = r->check.events };
	const struct pump_progress none = { 0 };

	progress_show(r->progress, &none, &shown, false);
}

/* Nothing is to be read, which would prove it: of what the file holds the last
 * event is the log's still, no older backup was put back. */
static int prove_end(struct replay *r, uint32_t shard)
{
	const struct replay_shard *s = &r->check.shards[shard];
	struct stream_answer a;
	int status = 0;

	if (stream_fetch(&r->reader, shard, s->next, s->event_id, 1, &a,
			 r->err) < 0)
		return -1;
	if (a.diverged)
		status = take_answer(r, shard, &a);
	else if (a.range)
		status = error_set(r->err,
				   "shard %" PRIu32 " holds %" PRIu64
				   "-%" PRIu64 ", %s holds up to %" PRIu64
				   ": it is not the log that it was",
				   shard, a.range->low_offset,
				   a.range->head_offset, r->out, s->next - 1);
	stream_answer_free(&a);
	return status;
}

static int read_shard(struct replay *r, uint32_t shard)
{
	const struct replay_shard *s = &r->check.shards[shard];
	const uint8_t *after = s->next ? s->event_id : NULL;
	uint64_t next = s->next ? s->next : r->first[shard];

	if (s->next && s->first != r->first[shard]) {
		r->reader.status = CLI_USAGE;
		return error_set(r->err,
				 "%s begins at %" PRIu64 " in shard %" PRIu32
				 ", and not at %" PRIu64,
				 r->out, s->first, shard, r->first[shard]);
	}
	if (next > r->until[shard])
		return s->next ? prove_end(r, shard) : 0;
	while (next <= r->until[shard]) {
		uint64_t left = r->until[shard] - next + 1;
		struct stream_answer a;
		int status;

		if (stream_fetch(&r->reader, shard, next, after,
				 left < BATCH_EVENTS ? (uint32_t)left
						     : BATCH_EVENTS,
				 &a, r->err) < 0)
			return -1;
		status = take_answer(r, shard, &a);
		stream_answer_free(&a);
		if (status < 0)
			return -1;
		next = s->next;
		after = s->event_id;
		show(r);
	}
	return 0;
}

static int read_all(struct replay *r)
{
	uint32_t first = r->shard >= 0 ? (uint32_t)r->shard : 0;
	uint32_t end = r->shard >= 0
			       ? first + 1
			       : (uint32_t)stream_shards(r->reader.stream);

	r->reader.status = CLI_DIFFERENCES;
	for (uint32_t s = first; s < end; s++)
		if (find_ends(r, s) < 0)
			return -1;
	for (uint32_t s = first; s < end; s++)
		if (read_shard(r, s) < 0)
			return -1;
	return 0;
}

static enum cli_exit summary(const struct replay *r, enum cli_exit status)
{
	fprintf(stderr,
		"events      %" PRIu64 "\nresumed     %" PRIu64
		"\nkeys        %" PRIu64 "\nproblems    %" PRIu64 "\n",
		r->check.events, r->file.resumed, r->check.keys_nr,
		r->check.problems);
	if (r->check.events == 0 && (r->from.text || r->to.text))
		fputs("no event lies there\n", stderr);
	if (r->unknown)
		fprintf(stderr,
			"%" PRIu64 " events are of types that are not known "
			"here: only the beginning of their data is told\n",
			r->unknown);
	if (r->reader.interrupted)
		fprintf(stderr, "stopped%s\n",
			r->out ? "; the same command goes on" : "");
	if (status == CLI_OK && (r->check.problems || r->unknown))
		return CLI_DIFFERENCES;
	return status;
}

static enum cli_exit run(struct cli *cli, struct replay *r, const char *stream)
{
	enum cli_exit status = CLI_OK;

	r->file.file = stdout;
	r->file.path = "stdout";
	if (r->out && replay_file_open(&r->file, r->out, stream, &r->check,
				       told, r, r->err) < 0)
		return CLI_USAGE;
	if (stream_open(&r->reader, cli, stream, r->err) < 0) {
		replay_file_close(&r->file, r->err);
		return CLI_USAGE;
	}
	r->progress = progress_open();
	if (read_all(r) < 0)
		status = r->reader.status;
	progress_close(&r->progress);
	stream_close(&r->reader);
	if (replay_file_close(&r->file, r->err) < 0)
		status = CLI_USAGE;
	return summary(r, status);
}

enum cli_exit command_replay(struct cli *cli, int argc, char **argv)
{
	struct error err = { "" };
	struct replay r = { .shard = -1,
			    .from = { .option = "from" },
			    .to = { .option = "to" },
			    .err = &err };
	const struct cli_option options[] = {
		{ "out", OPTION_TEXT, &r.out, 0, 0 },
		{ "check", OPTION_FLAG, &r.check_only, 0, 0 },
		{ "shard", OPTION_NUMBER, &r.shard, 0, REPLAY_SHARDS_MAX - 1 },
		{ "from", OPTION_TEXT, &r.from.text, 0, 0 },
		{ "to", OPTION_TEXT, &r.to.text, 0, 0 },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	enum cli_exit status = CLI_USAGE;

	if (at < 0)
		return CLI_USAGE;
	if (argc - at != 1 || stream_shards(argv[at]) == 0 ||
	    (r.out && r.check_only))
		return cli_usage("replay %s [--out FILE | --check]", STREAMS);
	if (r.shard >= stream_shards(argv[at]))
		return cli_usage("--shard: %s has %d", argv[at],
				 stream_shards(argv[at]));
	if (read_place(&r.from, &err) == 0 && read_place(&r.to, &err) == 0 &&
	    check_places(&r) == 0)
		status = run(cli, &r, argv[at]);
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	replay_check_close(&r.check);
	return status;
}
