/* readers.c -- `suyuan readers`: who reads the log of a service under a name,
 * how far that took effect, and the end of one that will not come back. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "operations.h"
#include "suyuan/v1/operations.pb-c.h"
#include "timeutil.h"

/* One line a consumer: its shards follow each other in the reply. */
static enum cli_exit print_list(const ProtobufCMessage *message)
{
	const Sy__V1__ListReadersReply *reply = (const void *)message;
	size_t readers = 0, dead_nr = 0;

	for (size_t i = 0, end; i < reply->n_readers; i = end) {
		const Sy__V1__Reader *first = reply->readers[i];
		uint64_t behind = 0;
		int64_t seen_us = first->seen_at_us;
		bool dead = false;
		char at[TIME_TEXT_MAX];

		for (end = i; end < reply->n_readers; end++) {
			const Sy__V1__Reader *r = reply->readers[end];

			if (strcmp(r->consumer, first->consumer) != 0 ||
			    strcmp(r->principal, first->principal) != 0)
				break;
			if (r->head_offset > r->applied_offset)
				behind += r->head_offset - r->applied_offset;
			if (r->seen_at_us < seen_us)
				seen_us = r->seen_at_us;
			dead |= r->dead;
		}
		printf("%-24s %-16s %2zu shards  %10" PRIu64
		       " behind  seen %s%s\n",
		       first->consumer, first->principal, end - i, behind,
		       time_format_us(seen_us, at), dead ? "  dead" : "");
		readers++;
		dead_nr += dead;
	}
	fprintf(stderr, "%zu readers, %zu dead\n", readers, dead_nr);
	return dead_nr ? CLI_DIFFERENCES : CLI_OK;
}

static enum cli_exit print_removed(const ProtobufCMessage *message)
{
	const Sy__V1__RemoveReaderReply *reply = (const void *)message;
	if (reply->shards == 0) {
		fputs("there is no such reader\n", stderr);
		return CLI_DIFFERENCES;
	}
	printf("removed, with %" PRIu64 " shards; the log waits for it no "
	       "more\n",
	       reply->shards);
	return CLI_OK;
}

enum cli_exit command_readers(struct cli *cli, int argc, char **argv)
{
	bool force = false;
	const struct cli_option options[] = {
		{ "force", OPTION_FLAG, &force, 0, 0 },
		{ 0 },
	};
	Sy__V1__ListReadersRequest list = SY__V1__LIST_READERS_REQUEST__INIT;
	Sy__V1__RemoveReaderRequest removal =
		SY__V1__REMOVE_READER_REQUEST__INIT;
	int at = cli_options(cli, argc, argv, options);

	if (at < 0)
		return CLI_USAGE;
	if (argc - at == 1)
		return operations_ask(cli, argv[at], "ListReaders", &list.base,
				      print_list);
	if (argc - at != 3 || strcmp(argv[at + 1], "remove") != 0)
		return cli_usage("readers SERVICE [remove NAME [--force]]");
	removal.consumer = argv[at + 2];
	removal.force = force;
	return operations_ask(cli, argv[at], "RemoveReader", &removal.base,
			      print_removed);
}
