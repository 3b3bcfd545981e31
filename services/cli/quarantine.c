/* quarantine.c -- `suyuan quarantine`: what a service could not apply of the
 * streams that it follows, and what is to become of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "methods.h"
#include "operations.h"
#include "suyuan/v1/bus.pb-c.h"
#include "suyuan/v1/operations.pb-c.h"
#include "timeutil.h"

static void print_key(const Sy__V1__ParkedKey *key)
{
	Sy__V1__Event *event = sy__v1__event__unpack(NULL, key->first_event.len,
						     key->first_event.data);
	char at[TIME_TEXT_MAX];

	printf("%s  %s shard %u offset %" PRIu64 "  %s\n"
	       "  since %s, %" PRIu64 " event%s wait%s%s\n  %s\n",
	       key->key, key->stream, key->shard, key->first_offset,
	       event ? event->type : "?", time_format_us(key->parked_at_us, at),
	       key->events, key->events == 1 ? "" : "s",
	       key->events == 1 ? "s" : "",
	       key->retry_wanted ? ", is being tried again" : "", key->reason);
	if (event)
		sy__v1__event__free_unpacked(event, NULL);
}

static enum cli_exit print_list(const ProtobufCMessage *message)
{
	const Sy__V1__ListQuarantineReply *reply = (const void *)message;
	for (size_t i = 0; i < reply->n_keys; i++)
		print_key(reply->keys[i]);
	fprintf(stderr, "%" PRIu64 " keys, %" PRIu64 " events\n",
		reply->keys_total, reply->events_total);
	return reply->keys_total ? CLI_DIFFERENCES : CLI_OK;
}

/* The shard's owner does it; whether it went well shows in the list. */
static enum cli_exit print_changed(const ProtobufCMessage *message)
{
	const Sy__V1__QuarantineChanged *reply = (const void *)message;
	if (reply->keys == 0) {
		fputs("no such key is parked, or its first event is another\n",
		      stderr);
		return CLI_DIFFERENCES;
	}
	puts("asked for: tried again within a second; the list shows the key "
	     "as long as that fails");
	return CLI_OK;
}

enum cli_exit command_quarantine(struct cli *cli, int argc, char **argv)
{
	int64_t limit = 0, offset = 0;
	const char *stream = "";
	const struct cli_option options[] = {
		{ "stream", OPTION_TEXT, &stream, 0, 0 },
		{ "limit", OPTION_NUMBER, &limit, 1, 1000 },
		{ "offset", OPTION_NUMBER, &offset, 1, INT64_MAX },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	Sy__V1__ListQuarantineRequest list =
		SY__V1__LIST_QUARANTINE_REQUEST__INIT;
	Sy__V1__RetryQuarantinedRequest retry =
		SY__V1__RETRY_QUARANTINED_REQUEST__INIT;
	Sy__V1__DropQuarantinedRequest drop =
		SY__V1__DROP_QUARANTINED_REQUEST__INIT;
	const char *service, *verb;

	if (at < 0)
		return CLI_USAGE;
	if (argc - at < 1)
		return cli_usage("quarantine SERVICE [retry|drop KEY]");
	if (*stream && stream_shards(stream) == 0)
		return cli_usage("--stream: %s", STREAMS);
	service = argv[at];
	if (argc - at == 1) {
		list.stream = (char *)stream;
		list.limit = (uint32_t)limit;
		return operations_ask(cli, service, "ListQuarantine",
				      &list.base, print_list);
	}
	verb = argv[at + 1];
	if (argc - at != 3 || !*stream)
		return cli_usage("quarantine SERVICE %s KEY --stream STREAM",
				 verb);
	if (strcmp(verb, "retry") == 0) {
		retry.stream = (char *)stream;
		retry.key = argv[at + 2];
		return operations_ask(cli, service, "RetryQuarantined",
				      &retry.base, print_changed);
	}
	if (strcmp(verb, "drop") != 0)
		return cli_usage("quarantine: retry or drop, not '%s'", verb);
	if (offset == 0)
		return cli_usage("quarantine drop wants --offset: the event "
				 "that is meant, as it was listed");
	drop.stream = (char *)stream;
	drop.key = argv[at + 2];
	drop.first_offset = (uint64_t)offset;
	return operations_ask(cli, service, "DropQuarantined", &drop.base,
			      print_changed);
}
