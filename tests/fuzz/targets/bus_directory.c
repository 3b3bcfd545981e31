/* bus_directory.c -- every op and every method as directory takes it, its rules
 * included. */
#include <string.h>

#include "../lib/bus_world.h"
#include "directory/directory.h"
#include "directory/grants.h"
#include "directory/passwords.h"
#include "directory/store.h"

static struct directory dir;

static void read_cb(size_t n, void *arg)
{
	(void)n;
	(void)arg;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const struct bus_server_options options = {
		.service = "directory",
		.schema = "directory",
		.shards_nr = 1,
		.methods = directory_methods,
		.domain = &directory_domain,
		.statements = directory_statements,
		.statements_nr = SQL_NR,
		.svc = &dir,
	};
	struct error err;

	(void)argc;
	(void)argv;
	REQUIRE(passwords_open(&dir.passwords, bus_world_loop(), &err) == 0);
	REQUIRE(grants_open(&dir.grants, bus_world_loop(),
			    "host=/nonexistent dbname=none", read_cb, NULL,
			    &err) == 0);
	bus_world_open(&options);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bus_world_run(data, size);
	return 0;
}
