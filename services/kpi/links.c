/* links.c -- the services that this one follows or asks: the directory, whose
 * copy comes first, and complaints, whose log is counted. */
#include "kpi.h"

/* Reading every cell of a national post: minutes would be a mistake. */
#define COMPARE_TIMEOUT_MS 120000

static uint64_t directory_rev(void *arg)
{
	const struct kpi *kpi = arg;

	return replica_revision(kpi->replica);
}

int links_follow_complaints(struct kpi *kpi, struct error *err)
{
	return consumer_open(
		&kpi->consumer,
		&(struct consumer_options){
			.loop = &kpi->service.loop,
			.endpoint = kpi->conf.complaints,
			.server_key = registry_key(kpi->service.registry,
						   COMPLAINTS_STREAM),
			.key = &kpi->service.key,
			.name = kpi->conf.consumer,
			.stream = COMPLAINTS_STREAM,
			.shards_nr = COMPLAINTS_SHARDS,
			.db_url = kpi->conf.common.db_url,
			.schema = kpi->conf.consumer,
			.statements = kpi_statements,
			.statements_nr = SQL_NR,
			.apply = kpi_apply,
			.directory_rev = directory_rev,
			.quarantine = true,
			.arg = kpi,
		},
		err);
}

int links_open(struct kpi *kpi, void (*directory_ready_cb)(void *arg),
	       struct error *err)
{
	struct service *s = &kpi->service;
	const struct service_conf *conf = &kpi->conf.common;
	const char *complaints_key =
		registry_key(s->registry, COMPLAINTS_STREAM);
	const char *directory_key = registry_key(s->registry, "directory");

	if (!complaints_key || !directory_key)
		return error_set(err, "the registry must name the keys of "
				      "directory and complaints");

	struct replica_options replica = {
		.loop = &s->loop,
		.endpoint = conf->directory,
		.server_key = directory_key,
		.key = &s->key,
		.service = kpi->conf.consumer,
		.db_url = conf->db_url,
		.schema = kpi->conf.consumer,
		.ready_cb = directory_ready_cb,
		.arg = kpi,
	};
	struct db_conn_options compare_db = {
		.url = conf->db_url,
		.schema = kpi->conf.consumer,
		.role = "kpi compare",
		.statements = kpi_statements,
		.statements_nr = SQL_NR,
		.statement_timeout_ms = COMPARE_TIMEOUT_MS,
	};
	struct bus_client_options complaints = {
		.loop = &s->loop,
		.endpoint = kpi->conf.complaints,
		.server_key = complaints_key,
		.key = &s->key,
	};

	if (replica_open(&kpi->replica, &replica, err) < 0 ||
	    db_conn_open(&kpi->compare_db, &s->loop, &compare_db, err) < 0 ||
	    bus_client_open(&kpi->complaints, &complaints, err) < 0)
		return -1;
	return 0;
}
