/* lag.h -- how far the consumers of all services are behind the streams that
 * they take: lag.c is the command, lag_ask.c asks, lag_print.c shows. */
#ifndef SUYUAN_CLI_LAG_H
#define SUYUAN_CLI_LAG_H

#include <stdbool.h>
#include <stdio.h>

#include "arena.h"
#include "cli.h"
#include "suyuan/v1/operations.pb-c.h"

/* One shard of a stream, as one consumer has taken it. */
struct lag_shard {
	const Sy__V1__ConsumerShard *at;
	uint64_t head;   /* told by the owner of the stream */
	uint64_t events; /* that did not take effect yet */
	/* Age of the oldest of them, by its accepted_at and our clock. */
	int64_t behind_us;
	const char *trouble; /* "" or why it is more than behind */
	bool answered;
};

struct lag_consumer {
	const char *name, *stream;
	/* By the owner of the stream, as it was last written down there: the
	 * consumer itself did not answer, or is no service's. */
	bool by_stream;
	struct lag_shard *shards;
	size_t n;
	uint64_t events;   /* sum */
	int64_t behind_us; /* largest */
	const char *trouble;
};

struct lag_service {
	const char *name;
	struct bus_client *client;
	/* Of one look. */
	const char *missing; /* "" or why it did not answer */
	const Sy__V1__GetConsumersReply *consumers;
	const Sy__V1__ListReadersReply *readers;
};

struct lag {
	struct cli *cli;
	struct lag_service services[CLI_SERVICES_MAX];
	size_t services_nr;

	struct arena arena; /* of one look */
	struct lag_consumer *consumers;
	size_t consumers_nr, consumers_max;
	size_t asked;        /* answers that are waited for */
	const char *refused; /* NULL, or what a service would not tell us */
};

/* Fills the consumers, and missing of each service; the arena is the caller's
 * to reset. CLI_UNREACHABLE: not all answered, what the others say is there.
 * CLI_DIFFERENCES: somebody may not ask, and err says what. */
enum cli_exit lag_ask(struct lag *lag, struct error *err);

void lag_print_text(FILE *to, const struct lag *lag);
void lag_print_json(FILE *to, const struct lag *lag);

#endif
