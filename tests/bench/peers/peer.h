/* peer.h -- what the load programs of the peers share: the same events, the
 * same table behind the consumer, the same report.
 *
 *	PEER publish --port P --events N [--first F] [--bytes B] [--window W]
 *	PEER consume --port P --events N --db URL [--batch N]
 */
#ifndef SUYUAN_BENCH_PEER_H
#define SUYUAN_BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rows.h"

struct peer_options {
	const char *db_url;
	int port;
	uint64_t events, first, window, batch;
	size_t bytes;
};

/* An event is its number and filler; the number is its key in the table. */
struct peer_event {
	uint64_t n;
	uint8_t filler[ROWS_EVENT_MAX_BYTES - sizeof(uint64_t)];
};

/* What a peer's program is; both return 0 or -1 after saying why. */
struct peer {
	const char *name; /* of its connection and its schema */
	int (*publish)(const struct peer_options *options);
	/* Gets events, adds them to rows; commits, then acknowledges. */
	int (*consume)(const struct peer_options *options, struct rows *rows);
};

int peer_main(int argc, char **argv, const struct peer *peer);
/* Adds one event as it came; -1 if it is none of ours. */
int peer_row(struct rows *rows, const void *data, size_t len);

#endif
