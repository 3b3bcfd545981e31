/* bus_social.c -- every op and every method as social takes it, its rules and
 * the reading of texts included. */
#include <string.h>

#include "../lib/bus_world.h"
#include "bus/parts.h"
#include "social/mentions.h"

static struct social svc = { .service.name = "social" };

static void confirm(void *arg)
{
	(void)arg;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct part *const parts[] = { &mentions_part, NULL };
	struct bus_server_options options = {
		.service = "social",
		.schema = "social",
		.shards_nr = 16,
		.svc = &svc,
	};
	static char key[65], no_lists[1];
	struct error err;

	(void)argc;
	(void)argv;
	memset(key, 'a', sizeof(key) - 1);
	svc.conf.subject_key = key;
	svc.conf.lexicon = no_lists;
	svc.replica = replica_in_memory();
	REQUIRE(social_keys(&svc, &err) == 0);
	REQUIRE(reader_open(&svc.reader, &svc, &err) == 0);
	REQUIRE(parts_open(parts, confirm, &options, &err) == 0);
	bus_world_open(&options);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bus_world_run(data, size);
	return 0;
}
