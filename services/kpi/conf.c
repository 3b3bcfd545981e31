/* conf.c -- what this service reads from its environment. */
#include <stddef.h>

#include <string.h>

#include "kpi.h"

/* A schema's name, with room for what is made of it. */
#define CONSUMER_MAX_BYTES 40

static const struct conf_entry kpi_conf_entries[] = {
	{ "SUYUAN_COMPLAINTS", CONF_STRING,
	  offsetof(struct kpi_conf, complaints), NULL, 0, 0,
	  "Endpoint of the complaints service, whose log is counted." },
	{ "SUYUAN_SOCIAL", CONF_STRING, offsetof(struct kpi_conf, social), "",
	  0, 0,
	  "Endpoint of the social service, whose log is counted; empty: "
	  "none." },
	{ "SUYUAN_CONSUMER", CONF_STRING, offsetof(struct kpi_conf, consumer),
	  "kpi", 0, 0,
	  "Name of the cursors and of the schema; another one counts anew." },
	{ 0 },
};

const struct conf_entry *const kpi_conf_tables[] = {
	service_conf_entries,
	kpi_conf_entries,
	NULL,
};

int kpi_conf_check(const struct kpi_conf *conf, struct error *err)
{
	const char *name = conf->consumer;
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (name[len] || len == 0 || len > CONSUMER_MAX_BYTES ||
	    name[0] < 'a' || strncmp(name, "pg_", 3) == 0)
		return error_set(err, "SUYUAN_CONSUMER: wants a-z, then at "
				      "most 39 of a-z 0-9 _");
	return 0;
}
