/* copy.c -- the limit (B2): COPY BINARY of rows like the log's, each
 * transaction under the counter locks of the shards, one connection, nothing
 * else. Goes on behind the rows that are there already.
 *
 *	copy --db URL --events N [--bytes B] [--batch N]
 */
#include <getopt.h>
#include <stdlib.h>

#include "bench.h"
#include "report.h"
#include "rows.h"
#include "timeutil.h"

static int copy_all(struct rows *rows, uint64_t events, uint64_t batch,
		    size_t bytes)
{
	static const uint8_t filler[ROWS_EVENT_MAX_BYTES];
	int64_t held = rows_held(rows), start_us = time_monotonic_us();

	if (held < 0)
		return -1;
	for (uint64_t done = 0; done < events;) {
		if (rows_begin(rows, true) < 0)
			return -1;
		while (done < events && rows->n < batch)
			if (rows_add(rows, (uint64_t)held + done++, filler,
				     bytes) < 0)
				return -1;
		if (rows_commit(rows) < 0)
			return -1;
	}
	report_and_stay(events, start_us, time_monotonic_us(), "");
	return 0;
}

int bench_copy(int argc, char **argv)
{
	static const struct option options[] = {
		{ "db", required_argument, NULL, 'd' },
		{ "events", required_argument, NULL, 'n' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "batch", required_argument, NULL, 'B' },
		{ 0 },
	};
	const char *url = "";
	uint64_t events = 200000, batch = 1000;
	size_t bytes = 256;
	struct rows rows;
	int c, status = EXIT_FAILURE;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			url = optarg;
			break;
		case 'n':
			events = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			bytes = strtoull(optarg, NULL, 10);
			break;
		case 'B':
			batch = strtoull(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	}
	if (bytes > ROWS_EVENT_MAX_BYTES || batch == 0)
		return 2;
	if (rows_open(&rows, url, "copy", "bench_copy") == 0 &&
	    copy_all(&rows, events, batch, bytes) == 0)
		status = EXIT_SUCCESS;
	rows_close(&rows);
	return status;
}
