/* service.h -- what every service's main() does in the same order:
 * configuration, logs, schema, operations port, signals, drain. */
#ifndef SUYUAN_SERVICE_H
#define SUYUAN_SERVICE_H

#include <uv.h>

#include "bus/keys.h"
#include "conf.h"
#include "db/db.h"
#include "ops.h"

/* The variables that every service has; services embed it first in their own.
 */
struct service_conf {
	char *bind;       /* SUYUAN_BIND */
	char *db_url;     /* SUYUAN_DB_URL */
	char *key;        /* SUYUAN_KEY: path of this service's key pair */
	char *registry;   /* SUYUAN_REGISTRY: path */
	char *ops_host;   /* SUYUAN_OPS_HOST */
	int64_t ops_port; /* SUYUAN_OPS_PORT */
	char *log_level;  /* SUYUAN_LOG_LEVEL: debug, info, warn, error */
	char *directory;  /* SUYUAN_DIRECTORY: endpoint; unused by directory */
};

extern const struct conf_entry service_conf_entries[];

struct service {
	const char *name;
	const char *schema; /* NULL: the name */
	struct service_conf *conf;
	uv_loop_t loop;
	struct bus_key key;
	struct registry *registry;
	struct ops *ops;
	/* Called on SIGTERM or SIGINT: drain, then service_stop. */
	void (*drain)(void *arg);
	ops_ready_fn *ready;
	void *arg;
	uv_signal_t sigterm, sigint;
	uv_timer_t drain_timer;
	bool open; /* service_open has made the loop */
	bool draining;
	int sigterm_nr;
	int status;
};

/* Configuration must be loaded into s->conf. Migrates, loads key and registry,
 * opens loop, signals and ops. 0 or -1. */
int service_open(struct service *s,
		 const struct db_migration *const *components,
		 struct error *err);
/* Runs the loop until service_stop. Returns the exit status. */
int service_run(struct service *s);
/* Everything of the service is closed: lets the loop end. */
void service_stop(struct service *s);
/* After the other parts that stand in the loop. A service that is not open, or
 * whose service_open failed, is left alone. */
void service_close(struct service *s);

#endif
