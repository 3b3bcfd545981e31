/* conf.c -- what this service reads from its environment. */
#include <stddef.h>

#include "kpi.h"

static const struct conf_entry kpi_conf_entries[] = {
	{ "SUYUAN_COMPLAINTS", CONF_STRING,
	  offsetof(struct kpi_conf, complaints), NULL, 0, 0,
	  "Endpoint of the complaints service, whose log is counted." },
	{ 0 },
};

const struct conf_entry *const kpi_conf_tables[] = {
	service_conf_entries,
	kpi_conf_entries,
	NULL,
};
