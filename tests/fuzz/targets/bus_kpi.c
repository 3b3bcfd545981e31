/* bus_kpi.c -- every op and every method as kpi takes it. */
#include "../lib/bus_world.h"
#include "kpi/kpi.h"

static struct kpi kpi;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const struct bus_server_options options = {
		.service = "kpi",
		.schema = KPI_SERVICE,
		.shards_nr = KPI_SHARDS,
		.methods = kpi_methods,
		.statements = kpi_statements,
		.statements_nr = SQL_NR,
		.consumes = true,
		.svc = &kpi,
	};

	(void)argc;
	(void)argv;
	kpi.conf.consumer = (char *)KPI_SERVICE;
	kpi.replica = replica_in_memory();
	bus_world_open(&options);
	kpi.compare_db = bus_world_conn(kpi_statements, SQL_NR);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bus_world_run(data, size);
	return 0;
}
