/* bus_social.c -- every op and every method as social takes it, its rules and
 * the reading of texts included. */
#include "../lib/bus_world.h"
#include "outside/transfer.h"
#include "social/mentions.h"
#include "social/watches.h"

static struct social svc = { .service.name = "social" };

static void confirm(void *arg)
{
	(void)arg;
}

/* What TryFeed has begun comes to its end. */
static void answer_beside(void)
{
	uv_run(&svc.service.loop, UV_RUN_DEFAULT);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const settings[] = {
		"SUYUAN_COMPLAINTS", "tcp://none:1",
		/* small files that are everywhere */
		"SUYUAN_SECRETS_DIR", "/proc/sys/kernel", NULL
	};
	struct bus_server_options options = {
		.service = "social",
		.schema = "social",
		.shards_nr = 16,
		.consumes = true,
		.svc = &svc,
	};
	struct error err;

	(void)argc;
	(void)argv;
	bus_world_conf(social_conf_tables, &svc.conf, settings);
	uv_loop_init(&svc.service.loop);
	svc.replica = replica_in_memory();
	REQUIRE(social_conf_check(&svc.conf, &err) == 0);
	REQUIRE(social_keys(&svc, &err) == 0);
	REQUIRE(reader_open(&svc.reader, &svc, &err) == 0);
	REQUIRE(transfers_open(&svc.transfers, &svc.service.loop, &err) == 0);
	watches_open(&svc);
	REQUIRE(parts_open(social_parts, confirm, &options, &err) == 0);
	bus_world_beside(answer_beside);
	bus_world_open(&options);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bus_world_run(data, size);
	return 0;
}
