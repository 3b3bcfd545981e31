/* links.c -- the services that this one follows or asks: the directory, whose
 * copy comes first, and those whose logs are counted. */
#include "kpi.h"

/* Reading every cell of a national post: minutes would be a mistake. */
#define COMPARE_TIMEOUT_MS 120000

static uint64_t directory_rev(void *arg)
{
	const struct stream *stream = arg;

	return replica_revision(stream->kpi->replica);
}

static int follow(struct stream *stream, struct error *err)
{
	struct kpi *kpi = stream->kpi;

	return consumer_open(
		&stream->consumer,
		&(struct consumer_options){
			.loop = &kpi->service.loop,
			.endpoint = stream->endpoint,
			.server_key = registry_key(kpi->service.registry,
						   stream->name),
			.key = &kpi->service.key,
			.name = kpi->conf.consumer,
			.stream = stream->name,
			.shards_nr = STREAM_SHARDS,
			.db_url = kpi->conf.common.db_url,
			.schema = kpi->conf.consumer,
			.statements = kpi_statements,
			.statements_nr = SQL_NR,
			.apply = kpi_apply,
			.applied = kpi_applied,
			.directory_rev = directory_rev,
			.quarantine = true,
			.arg = stream,
		},
		err);
}

int links_follow(struct kpi *kpi, struct error *err)
{
	for (int i = 0; i < STREAMS_NR; i++)
		if (*kpi->streams[i].endpoint &&
		    follow(&kpi->streams[i], err) < 0)
			return -1;
	return 0;
}

/* One after another: each waits for a transaction at most. */
static void drain_next(void *arg)
{
	struct kpi *kpi = arg;

	while (kpi->draining < STREAMS_NR) {
		struct stream *stream = &kpi->streams[kpi->draining++];

		if (stream->consumer) {
			consumer_drain(stream->consumer, drain_next, kpi);
			return;
		}
	}
	kpi->drained_cb(kpi->drained_arg);
}

void links_drain(struct kpi *kpi, void (*drained_cb)(void *arg), void *arg)
{
	kpi->drained_cb = drained_cb;
	kpi->drained_arg = arg;
	drain_next(kpi);
}

void links_close(struct kpi *kpi)
{
	for (int i = 0; i < STREAMS_NR; i++) {
		consumer_close(&kpi->streams[i].consumer);
		bus_client_close(&kpi->streams[i].client);
	}
	db_conn_close(&kpi->compare_db);
	replica_close(&kpi->replica);
}

static int stream_open(struct stream *stream, struct error *err)
{
	struct kpi *kpi = stream->kpi;
	const char *key = registry_key(kpi->service.registry, stream->name);
	struct bus_client_options client = {
		.loop = &kpi->service.loop,
		.endpoint = stream->endpoint,
		.server_key = key,
		.key = &kpi->service.key,
	};

	if (!*stream->endpoint)
		return 0;
	if (!key)
		return error_set(err, "the registry must name the key of %s",
				 stream->name);
	return bus_client_open(&stream->client, &client, err);
}

int links_open(struct kpi *kpi, void (*directory_ready_cb)(void *arg),
	       struct error *err)
{
	struct service *s = &kpi->service;
	const struct service_conf *conf = &kpi->conf.common;
	const char *directory_key = registry_key(s->registry, "directory");

	if (!directory_key)
		return error_set(err, "the registry must name the key of "
				      "directory");
	kpi->streams[0] = (struct stream){ .name = "complaints",
					   .endpoint = kpi->conf.complaints,
					   .count = count_complaints,
					   .kpi = kpi };
	kpi->streams[1] = (struct stream){ .name = "social",
					   .endpoint = kpi->conf.social,
					   .count = count_social,
					   .kpi = kpi };

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

	if (replica_open(&kpi->replica, &replica, err) < 0 ||
	    db_conn_open(&kpi->compare_db, &s->loop, &compare_db, err) < 0)
		return -1;
	for (int i = 0; i < STREAMS_NR; i++)
		if (stream_open(&kpi->streams[i], err) < 0)
			return -1;
	return 0;
}
