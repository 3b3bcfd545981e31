/* main.c -- Order matters: the schema is current, then the directory's log is
 * applied (a figure without its tree is wrong, not late), then the other
 * logs are followed and questions are taken. Questions do not wait until they
 * are caught up: every answer says how far behind it is. */
#include <stdlib.h>

#include "kpi.h"
#include "log.h"
#include "schema/bus.h"
#include "schema/consumer.h"
#include "schema/directory_replica.h"
#include "schema/kpi.h"

static void close_parts(struct kpi *kpi)
{
	bus_server_close(&kpi->server);
	links_close(kpi);
	service_stop(&kpi->service);
}

static void directory_ready_cb(void *arg)
{
	struct kpi *kpi = arg;
	struct error err;

	if (kpi->service.draining)
		return;
	if (links_follow(kpi, &err) < 0) {
		log_error("cannot follow the logs: %s", err.text);
		kpi->service.status = EXIT_FAILURE;
		close_parts(kpi);
		return;
	}
	bus_server_start(kpi->server);
}

static int open_server(struct kpi *kpi, struct error *err)
{
	struct service *s = &kpi->service;
	const struct service_conf *conf = &kpi->conf.common;
	struct bus_server_options server = {
		.loop = &s->loop,
		.service = s->name,
		.bind = conf->bind,
		.key = &s->key,
		.registry = s->registry,
		.db_url = conf->db_url,
		.schema = kpi->conf.consumer,
		.shards_nr = KPI_SHARDS,
		.methods = kpi_methods,
		.statements = kpi_statements,
		.statements_nr = SQL_NR,
		.grant = replica_grant,
		.grant_arg = kpi->replica,
		.actor_key = replica_actor_key,
		.actor_key_arg = kpi->replica,
		.consumes = true,
		.svc = kpi,
	};
	return bus_server_open(&kpi->server, &server, err);
}

static bool ready(void *arg, const char **why_r)
{
	struct kpi *kpi = arg;

	if (!replica_ready(kpi->replica, why_r) ||
	    !bus_server_ready(kpi->server, why_r))
		return false;
	*why_r = links_stuck(kpi);
	return !*why_r;
}

static void links_drained_cb(void *arg)
{
	close_parts(arg);
}

static void server_drained_cb(void *arg)
{
	struct kpi *kpi = arg;

	links_drain(kpi, links_drained_cb, kpi);
}

static void drain(void *arg)
{
	struct kpi *kpi = arg;

	bus_server_drain(kpi->server, server_drained_cb, kpi);
}

/* Each name has a schema of its own: a recount beside the one that serves. */
static int open_service(struct kpi *kpi,
			const struct db_migration *const *components,
			struct error *err)
{
	kpi->service.schema = kpi->conf.consumer;
	return service_open(&kpi->service, components, err);
}

int main(void)
{
	static struct kpi kpi;
	const struct db_migration *const components[] = {
		schema_bus, schema_consumer, schema_directory_replica,
		schema_kpi, NULL
	};
	struct error err;
	int status = EXIT_FAILURE;

	kpi.service = (struct service){ .name = KPI_SERVICE,
					.conf = &kpi.conf.common,
					.drain = drain,
					.ready = ready,
					.arg = &kpi };
	log_open(KPI_SERVICE, LOG_INFO);
	if (conf_load(kpi_conf_tables, &kpi.conf, &err) < 0 ||
	    kpi_conf_check(&kpi.conf, &err) < 0 ||
	    open_service(&kpi, components, &err) < 0 ||
	    links_open(&kpi, directory_ready_cb, &err) < 0 ||
	    open_server(&kpi, &err) < 0) {
		log_error("cannot start: %s", err.text);
		close_parts(&kpi);
	} else {
		status = service_run(&kpi.service);
	}
	service_close(&kpi.service);
	conf_unload(kpi_conf_tables, &kpi.conf);
	return status;
}
