/* main.c -- Order matters: what answers is there before HTTP listens, and HTTP
 * has answered, or cut, everything before what it asks is closed. */
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "log.h"
#include "schema/consumer.h"
#include "schema/directory_replica.h"
#include "schema/gateway.h"

#define PREFIX_CHARACTERS                                                      \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/"

static void close_parts(struct gateway *gw)
{
	streams_close(gw);
	links_close(gw);
	sessions_close(gw);
	db_conn_close(&gw->db);
	http_close(gw);
	files_close(gw);
	tokens_close(gw);
	limits_close(&gw->limits);
	service_stop(&gw->service);
}

static void drained_cb(void *arg)
{
	close_parts(arg);
}

static void drain(void *arg)
{
	http_drain(arg, drained_cb, arg);
}

static bool ready(void *arg, const char **why_r)
{
	struct gateway *gw = arg;

	if (!sessions_ready(gw, why_r))
		return false;
	*why_r = "the directory does not answer";
	return bus_client_alive(gw->peers[PEER_DIRECTORY]) > 0;
}

static int open_db(struct gateway *gw, struct error *err)
{
	const struct db_conn_options options = {
		.url = gw->conf.common.db_url,
		.schema = GATEWAY_SCHEMA,
		.role = "gateway",
		.statements = gateway_statements,
		.statements_nr = gateway_statements_nr,
		.statement_timeout_ms = 2000,
	};

	return db_conn_open(&gw->db, &gw->service.loop, &options, err);
}

static int check_conf(struct gateway *gw, struct error *err)
{
	const struct gateway_conf *conf = &gw->conf;
	size_t len = strlen(conf->path_prefix);

	if (len &&
	    (conf->path_prefix[0] != '/' || conf->path_prefix[len - 1] == '/'))
		return error_set(err, "SUYUAN_PATH_PREFIX: begins with a slash "
				      "and does not end with one");
	if (strcmp(conf->trust_proxy, "yes") != 0 &&
	    strcmp(conf->trust_proxy, "no") != 0)
		return error_set(err, "SUYUAN_TRUST_PROXY: not yes or no");
	if (strcmp(conf->secure_cookie, "auto") == 0)
		gw->secure_cookie = !endpoint_is_loopback(conf->common.bind);
	else if (strcmp(conf->secure_cookie, "yes") == 0)
		gw->secure_cookie = true;
	else if (strcmp(conf->secure_cookie, "no") != 0)
		return error_set(err,
				 "SUYUAN_SECURE_COOKIE: not yes, no or auto");
	return 0;
}

static int open_parts(struct gateway *gw, struct error *err)
{
	if (check_conf(gw, err) < 0 || telemetry_open(err) < 0 ||
	    limits_open(&gw->limits, err) < 0 || tokens_open(gw, err) < 0 ||
	    files_open(gw, err) < 0 || openapi_open(gw, err) < 0 ||
	    open_db(gw, err) < 0 || links_open(gw, err) < 0 ||
	    sessions_open(gw, err) < 0 || streams_open(gw, err) < 0)
		return -1;
	return http_open(gw, err);
}

int main(void)
{
	static struct gateway gw;
	const struct db_migration *const components[] = {
		schema_consumer, schema_directory_replica, schema_gateway, NULL
	};
	struct error err;
	int status = EXIT_FAILURE;

	gw.service = (struct service){ .name = GATEWAY_SCHEMA,
				       .conf = &gw.conf.common,
				       .drain = drain,
				       .ready = ready,
				       .arg = &gw };
	log_open(GATEWAY_SCHEMA, LOG_INFO);
	if (conf_load(gateway_conf_tables, &gw.conf, &err) < 0 ||
	    service_open(&gw.service, components, &err) < 0 ||
	    open_parts(&gw, &err) < 0) {
		log_error("cannot start: %s", err.text);
		close_parts(&gw);
	} else {
		log_info("HTTP listens on %s", gw.conf.common.bind);
		status = service_run(&gw.service);
	}
	service_close(&gw.service);
	conf_unload(gateway_conf_tables, &gw.conf);
	return status;
}
