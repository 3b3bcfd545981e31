/* main.c -- Order matters: the schema is current, the directory read and the
 * days ahead have their partitions before the bus takes its first message, so
 * that nothing is accepted that could not be judged or stored.
 */
#include <stdlib.h>

#include "clusters.h"
#include "digest.h"
#include "feeds.h"
#include "log.h"
#include "mentions.h"
#include "models.h"
#include "outside/transfer.h"
#include "schema/bus.h"
#include "schema/consumer.h"
#include "schema/directory_replica.h"
#include "schema/duty.h"
#include "schema/social.h"
#include "settings.h"
#include "upkeep.h"
#include "warnings.h"
#include "watches.h"

#define SHARDS_NR 16 /* of the stream, for its generation */
#define CONFIRM_MS 2000

/* What every replica reads again when it has changed. */
static const struct setting *const social_settings[] = { &reader_gazetteer,
							 &watches_setting,
							 &model_setting, NULL };

static bool ready(void *arg, const char **why_r)
{
	struct social *svc = arg;

	return bus_server_ready(svc->bus, why_r);
}

/* The bus first: its commands call back into the others. */
static void close_parts(struct social *svc)
{
	bus_server_close(&svc->bus);
	consumer_close(&svc->complaints);
	duties_close(&svc->duties);
	clusters_close(&svc->clusters);
	warnings_close(&svc->warnings);
	digest_close(&svc->digest);
	feeds_close(&svc->feeds);
	transfers_close(&svc->transfers);
	reactions_duty_close(&svc->reactions);
	settings_close(&svc->settings);
	social_upkeep_close(&svc->upkeep);
	replica_close(&svc->replica);
}

/* The replica, the days and the settings come in any order; told by each. */
static void start_if_ready(void *arg)
{
	struct social *svc = arg;
	struct error err;
	const char *why;

	if (svc->started || !social_upkeep_ready(svc->upkeep) ||
	    !settings_ready(svc->settings) ||
	    !replica_ready(svc->replica, &why))
		return;
	svc->started = true;
	if (reactions_follow(svc, &err) < 0) {
		log_error("cannot follow complaints: %s", err.text);
		svc->service.status = EXIT_FAILURE;
		close_parts(svc);
		service_stop(&svc->service);
		return;
	}
	bus_server_start(svc->bus);
	log_info("taking messages");
}

static void confirmed_cb(bool ok, void *arg)
{
	struct social *svc = arg;

	if (svc->bus != NULL)
		bus_directory_confirmed(svc->bus, ok);
}

static void confirm(void *arg)
{
	struct social *svc = arg;

	replica_confirm(svc->replica, CONFIRM_MS, confirmed_cb, svc);
}

static void drained_cb(void *arg)
{
	struct social *svc = arg;

	close_parts(svc);
	service_stop(&svc->service);
}

static void consumer_drained_cb(void *arg)
{
	struct social *svc = arg;

	bus_server_drain(svc->bus, drained_cb, svc);
}

static void duties_drained_cb(void *arg)
{
	struct social *svc = arg;

	if (svc->complaints != NULL)
		consumer_drain(svc->complaints, consumer_drained_cb, svc);
	else
		consumer_drained_cb(svc);
}

/* Others go on with what was ours while we finish what has come. */
static void drain(void *arg)
{
	struct social *svc = arg;

	duties_drain(svc->duties, duties_drained_cb, svc);
}

static int open_parts(struct social *svc, struct error *err)
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
		.consumes = true,
		.grant = replica_grant,
		.actor_key = replica_actor_key,
		.svc = svc,
	};

	if (replica.server_key == NULL)
		return error_set(err, "the registry has no key of directory");
	mention_meters_open();
	watches_open(svc);
	if (parts_open(social_parts, confirm, &bus, err) < 0 ||
	    replica_open(&svc->replica, &replica, err) < 0)
		return -1;
	bus.grant_arg = svc->replica;
	bus.actor_key_arg = svc->replica;
	if (bus_server_open(&svc->bus, &bus, err) < 0 ||
	    settings_open(&svc->settings, svc, social_settings, start_if_ready,
			  err) < 0)
		return -1;
	if (duties_open(&svc->duties, &s->loop, conf->db_url, s->name, s->name,
			err) < 0 ||
	    clusters_open(&svc->clusters, svc, svc->duties, err) < 0 ||
	    warnings_open(&svc->warnings, svc, svc->duties, err) < 0 ||
	    digest_open(&svc->digest, svc, svc->duties, err) < 0 ||
	    reactions_duty_open(&svc->reactions, svc, svc->duties, err) < 0 ||
	    transfers_open(&svc->transfers, &s->loop, err) < 0 ||
	    feeds_open(&svc->feeds, svc, err) < 0)
		return -1;
	return social_upkeep_open(&svc->upkeep, svc, start_if_ready, err);
}

static const struct db_migration *const components[] = {
	schema_bus,  schema_consumer, schema_directory_replica,
	schema_duty, schema_social,   NULL
};

int main(void)
{
	struct social svc = {
		.service = { .name = "social",
			     .conf = &svc.conf.common,
			     .drain = drain,
			     .ready = ready,
			     .arg = &svc },
	};
	struct error err;
	int status = EXIT_FAILURE;

	log_open(svc.service.name, LOG_INFO);
	if (conf_load(social_conf_tables, &svc.conf, &err) < 0 ||
	    social_conf_check(&svc.conf, &err) < 0 ||
	    social_keys(&svc, &err) < 0 ||
	    reader_open(&svc.reader, &svc, &err) < 0 ||
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
	watches_close(&svc);
	reader_close(&svc.reader);
	conf_unload(social_conf_tables, &svc.conf);
	return status;
}
