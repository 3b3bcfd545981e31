/* peer.c -- see peer.h. */
#include "peer.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "timeutil.h"

int peer_row(struct rows *rows, const void *data, size_t len)
{
	uint64_t n;

	if (len < sizeof(n))
		return -1;
	memcpy(&n, data, sizeof(n));
	return rows_add(rows, n, data, len);
}

static int consume(const struct peer *peer, const struct peer_options *options)
{
	char name[64];
	struct rows rows;
	int status;

	snprintf(name, sizeof(name), "%s consumer", peer->name);
	status = rows_open(&rows, options->db_url, name, peer->name);
	if (status == 0)
		status = peer->consume(options, &rows);
	rows_close(&rows);
	return status;
}

int peer_main(int argc, char **argv, const struct peer *peer)
{
	static const struct option options[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "db", required_argument, NULL, 'd' },
		{ "events", required_argument, NULL, 'n' },
		{ "first", required_argument, NULL, 'f' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "window", required_argument, NULL, 'w' },
		{ "batch", required_argument, NULL, 'B' },
		{ 0 },
	};
	struct peer_options o = { .db_url = "",
				  .events = 100000,
				  .window = 16384,
				  .batch = 1000,
				  .bytes = 256 };
	const char *what = argc > 1 ? argv[1] : "";
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'p':
			o.port = atoi(optarg);
			break;
		case 'd':
			o.db_url = optarg;
			break;
		case 'n':
			o.events = strtoull(optarg, NULL, 10);
			break;
		case 'f':
			o.first = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			o.bytes = strtoull(optarg, NULL, 10);
			break;
		case 'w':
			o.window = strtoull(optarg, NULL, 10);
			break;
		case 'B':
			o.batch = strtoull(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	}
	if (o.bytes < sizeof(uint64_t) || o.bytes > ROWS_EVENT_MAX_BYTES ||
	    o.events == 0 || o.window == 0 || o.batch == 0)
		return 2;
	if (strcmp(what, "publish") == 0)
		status = peer->publish(&o);
	else if (strcmp(what, "consume") == 0)
		status = consume(peer, &o);
	else
		return 2;
	return status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
