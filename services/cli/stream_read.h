/* stream_read.h -- FETCH from a stream's owner, one at a time and waited for;
 * and what a refusal of one says. Nothing is moved by reading. */
#ifndef SUYUAN_CLI_STREAM_READ_H
#define SUYUAN_CLI_STREAM_READ_H

#include "cli.h"

struct stream_reader {
	struct cli *cli;
	const char *stream;
	struct bus_client *client;
	uv_signal_t sigint, sigterm;
	bool interrupted;
	enum cli_exit status; /* of what failed */
};

/* One answer; the one that came is not NULL. */
struct stream_answer {
	Sy__V1__Batch *batch;
	Sy__V1__OutOfRange *range;
	Sy__V1__Diverged *diverged;
};

int stream_open(struct stream_reader *r, struct cli *cli, const char *stream,
		struct error *err);
/* Up to max_events from that offset on, out of the database as it is now, or
 * the archive; after_id: 16 bytes of the event before, NULL: any. Asks until it
 * is answered, as long as --wait says. -1: err and r->status, or interrupted.
 */
int stream_fetch(struct stream_reader *r, uint32_t shard, uint64_t from_offset,
		 const uint8_t *after_id, uint32_t max_events,
		 struct stream_answer *answer_r, struct error *err);
void stream_answer_free(struct stream_answer *answer);
void stream_close(struct stream_reader *r);

/* An answer that is none of those: true if asking again helps, otherwise err
 * says what was refused. */
bool stream_refused_for_now(const struct frame *answer, struct error *err);

#endif
