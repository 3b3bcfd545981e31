/* main.c -- Order matters: the schema is current, the directory read and timers
 * can be looked for before the bus takes its first message, so that nothing is
 * accepted that could not be judged or stored.
 */
#include <stdlib.h>

#include "desk.h"
#include "items.h"
#include "log.h"
#include "schema/bus.h"
#include "schema/complaints.h"
#include "schema/consumer.h"
#include "schema/directory_replica.h"
#include "search.h"
#include "subjects.h"

#define SHARDS_NR 16 /* of the stream, for its generation */

static bool ready(void *arg, const char **why_r)
{
	struct complaints *svc = arg;

	return bus_server_ready(svc->bus, why_r);
}

/* The replica and the timers come in any order; told by each. */
static void start_if_ready(void *arg)
{
	struct complaints *svc = arg;
	const char *why;

	if (svc->started || !timers_ready(svc->timers) ||
	    !replica_ready(svc->replica, &why))
		return;
	svc->started = true;
	bus_server_start(svc->bus);
	log_info("taking messages");
}

/* The bus first: its commands call back into the timers. */
static void close_parts(struct complaints *svc)
{
	bus_server_close(&svc->bus);
	timers_close(&svc->timers);
	forgetter_close(&svc->forgetter);
	desk_trim_close(&svc->desk_trim);
	search_close(&svc->search);
	intake_mail_close(&svc->intake_mail);
	lookups_close(&svc->lookups);
	outgoing_close(&svc->outgoing);
	transfers_close(&svc->transfers);
	replica_close(&svc->replica);
}

static void drained_cb(void *arg)
{
	struct complaints *svc = arg;

	close_parts(svc);
	service_stop(&svc->service);
}

static void outgoing_drained_cb(void *arg)
{
	struct complaints *svc = arg;

	bus_server_drain(svc->bus, drained_cb, svc);
}

/* What is half sent is finished first: cut off, it would be sent again. */
static void drain(void *arg)
{
	struct complaints *svc = arg;

	lookups_drain(svc->lookups);
	outgoing_drain(svc->outgoing, outgoing_drained_cb, svc);
}

static int open_parts(struct complaints *svc, struct error *err)
{
	const struct service_conf *conf = &svc->conf.common;
	struct service *s = &svc->service;
	const struct replica_options replica = {
		.loop = &s->loop,
		.endpoint = conf->directory,
		.server_key = registry_key(s->registry, "directory"),
		.key = &s->key,
		.service = s->name,
		.db_url = conf->db_url,
		.schema = s->name,
		.ready_cb = start_if_ready,
		.arg = svc,
	};
	struct bus_server_options bus = {
		.loop = &s->loop,
		.service = s->name,
		.bind = conf->bind,
		.key = &s->key,
		.registry = s->registry,
		.db_url = conf->db_url,
		.schema = s->name,
		.shards_nr = SHARDS_NR,
		.log = svc->conf.log,
		.grant = replica_grant,
		.actor_key = replica_actor_key,
		.svc = svc,
	};

	if (parts_open(complaints_parts, complaints_confirm, &bus, err) < 0)
		return -1;
	if (replica.server_key == NULL)
		return error_set(err, "the registry has no key of directory");
	if (replica_open(&svc->replica, &replica, err) < 0)
		return -1;
	bus.grant_arg = svc->replica;
	bus.actor_key_arg = svc->replica;
	if (bus_server_open(&svc->bus, &bus, err) < 0)
		return -1;
	if (forgetter_open(&svc->forgetter, svc, err) < 0 ||
	    desk_trim_open(&svc->desk_trim, svc, err) < 0 ||
	    search_open(&svc->search, svc, err) < 0 ||
	    transfers_open(&svc->transfers, &s->loop, err) < 0 ||
	    outgoing_open(&svc->outgoing, svc, err) < 0 ||
	    lookups_open(&svc->lookups, svc, err) < 0 ||
	    intake_mail_open(&svc->intake_mail, svc, err) < 0)
		return -1;
	return timers_open(&svc->timers, svc, start_if_ready, err);
}

static const struct db_migration *const components[] = {
	schema_bus, schema_consumer, schema_directory_replica,
	schema_complaints, NULL
};

int main(void)
{
	struct complaints svc = {
		.service = { .name = "complaints",
			     .conf = &svc.conf.common,
			     .drain = drain,
			     .ready = ready,
			     .arg = &svc },
	};
	struct error err;
	int status = EXIT_FAILURE;

	log_open(svc.service.name, LOG_INFO);
	if (conf_load(complaints_conf_tables, &svc.conf, &err) < 0 ||
	    complaints_keys(&svc, &err) < 0 || attachments_open(&err) < 0 ||
	    mail_conf_check(&svc.conf.mail, &svc.mail_from, &err) < 0 ||
	    service_open(&svc.service, components, &err) < 0 ||
	    db_keyed(svc.conf.common.db_url, svc.service.name,
		     "SUYUAN_SUBJECT_KEY", svc.subject_key,
		     sizeof(svc.subject_key), &err) < 0 ||
	    open_parts(&svc, &err) < 0) {
		log_error("cannot start: %s", err.text);
		goto out;
	}
	status = service_run(&svc.service);
out:
	close_parts(&svc);
	service_close(&svc.service);
	mail_from_free(&svc.mail_from);
	attachments_close();
	conf_unload(complaints_conf_tables, &svc.conf);
	return status;
}
