/* main.c -- Order matters: the schema is current before the bus is bound, and
 * the principals are known before it takes messages, so that nobody is refused
 * who may. What it takes: handlers.c. */
#include <stdlib.h>

#include "directory.h"
#include "grants.h"
#include "log.h"
#include "notes.h"
#include "passwords.h"
#include "people.h"
#include "schema/bus.h"
#include "schema/directory.h"
#include "store.h"

static const struct db_migration *const components[] = { schema_bus,
							 schema_directory,
							 NULL };

static bool ready_cb(void *arg, const char **why_r)
{
	const struct directory *dir = arg;

	return bus_server_ready(dir->bus, why_r);
}

/* Nobody's password is being looked at any more, so nobody waits for us. */
static void idle_cb(void *arg)
{
	struct directory *dir = arg;

	passwords_close(&dir->passwords);
	notes_close(&dir->notes);
	grants_close(&dir->grants);
	bus_server_close(&dir->bus);
	service_stop(&dir->service);
}

static void drained_cb(void *arg)
{
	struct directory *dir = arg;

	passwords_when_idle(dir->passwords, idle_cb, dir);
}

static void drain_cb(void *arg)
{
	struct directory *dir = arg;

	notes_stop(dir->notes);
	bus_server_drain(dir->bus, drained_cb, dir);
}

/* Each reading of the principals, until the bus is started. The first of all
 * finds none: those of the file are put, and a later reading finds them. The
 * same for the key to sign with, also when the last one was revoked. */
static void principals_cb(size_t n, void *arg)
{
	struct directory *dir = arg;
	const uint8_t *secret;
	struct error err;

	if (!grants_signer(dir->grants, &secret)) {
		notes_make_key(dir->notes);
		if (!dir->started && n > 0)
			return;
	}
	if (dir->started || dir->bootstrap_left || dir->service.draining)
		return;
	if (n == 0 && dir->bootstrap_done)
		return; /* this reading was on its way before they were put */
	if (n == 0 && dir->conf.bootstrap[0]) {
		if (bootstrap_principals(dir, &err) == 0)
			return;
		log_error("SUYUAN_BOOTSTRAP: %s", err.text);
		dir->service.status = EXIT_FAILURE;
		drain_cb(dir);
		return;
	}
	if (n == 0)
		log_warn("there is no principal: everybody is refused");
	dir->started = true;
	bus_server_start(dir->bus);
}

static int open_all(struct directory *dir, struct error *err)
{
	const struct service_conf *conf = &dir->conf.service;
	const struct bus_server_options options = {
		.loop = &dir->service.loop,
		.service = "directory",
		.bind = conf->bind,
		.key = &dir->service.key,
		.registry = dir->service.registry,
		.db_url = conf->db_url,
		.schema = "directory",
		.shards_nr = 1, /* its offset is the directory's revision */
		.methods = directory_methods,
		.domain = &directory_domain,
		.statements = directory_statements,
		.statements_nr = SQL_NR,
		.grant = grants_answer,
		.svc = dir,
		.grant_arg = dir->grants,
		.actor_key = grants_actor_key,
		.actor_key_arg = dir->grants,
	};

	return bus_server_open(&dir->bus, &options, err);
}

int main(void)
{
	struct directory dir = { 0 };
	struct error err;
	int status = EXIT_FAILURE;

	log_open("directory", LOG_INFO);
	dir.service = (struct service){
		.name = "directory",
		.conf = &dir.conf.service,
		.drain = drain_cb,
		.ready = ready_cb,
		.arg = &dir,
	};
	if (conf_load(directory_conf_tables, &dir.conf, &err) < 0 ||
	    service_open(&dir.service, components, &err) < 0 ||
	    grants_open(&dir.grants, &dir.service.loop, dir.conf.service.db_url,
			principals_cb, &dir, &err) < 0 ||
	    passwords_open(&dir.passwords, &dir.service.loop, &err) < 0 ||
	    notes_open(&dir.notes, &dir, &err) < 0 ||
	    open_all(&dir, &err) < 0) {
		log_error("cannot start: %s", err.text);
		goto out;
	}
	sign_in_open();
	status = service_run(&dir.service);
out:
	bus_server_close(&dir.bus); /* closing what is not open does nothing */
	notes_close(&dir.notes);
	passwords_close(&dir.passwords);
	grants_close(&dir.grants);
	service_close(&dir.service);
	conf_unload(directory_conf_tables, &dir.conf);
	return status;
}
