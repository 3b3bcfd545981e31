/* bus_complaints.c -- every op and every method as complaints takes it, its
 * rules included. */
#include <string.h>

#include "../lib/bus_world.h"
#include "complaints/items.h"

static struct complaints svc;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct bus_domain domain = {
		.read = complaints_read,
		.decide = complaints_decide,
		.write = complaints_write,
		.confirm_directory = complaints_confirm,
	};
	static char key[65];
	const struct bus_server_options options = {
		.service = "complaints",
		.schema = "complaints",
		.shards_nr = 16,
		.methods = complaints_methods,
		.domain = &domain,
		.statements = complaints_sql,
		.statements_nr = SQL_NR,
		.svc = &svc,
	};
	struct error err;

	(void)argc;
	(void)argv;
	memset(key, 'a', sizeof(key) - 1);
	svc.conf.subject_key = key;
	svc.replica = replica_in_memory();
	REQUIRE(complaints_keys(&svc, &err) == 0);
	REQUIRE(attachments_open(&err) == 0);
	bus_world_open(&options);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bus_world_run(data, size);
	return 0;
}
