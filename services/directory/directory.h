/* directory.h -- the service that knows who and what exists: units,
 * departments, taxonomies, denominators and principals, each record with days
 * of validity. main.c opens it; handlers.c shows what it takes. */
#ifndef SUYUAN_DIRECTORY_H
#define SUYUAN_DIRECTORY_H

#include "bus/server.h"
#include "rules.h"
#include "service.h"

struct directory_conf {
	struct service_conf service; /* first: shares its entries' offsets */
	char *bootstrap;             /* SUYUAN_BOOTSTRAP: path, "" = none */
};

extern const struct conf_entry *const directory_conf_tables[];

struct grants;
struct notes;
struct passwords;

struct directory {
	struct directory_conf conf;
	struct service service;
	struct bus_server *bus;
	struct grants *grants;
	struct passwords *passwords;
	struct notes *notes;
	bool started;        /* the bus takes messages */
	int bootstrap_left;  /* first principals on their way */
	bool bootstrap_done; /* some were put by this process */
};

/* handlers.c */
extern const struct bus_method directory_methods[];
extern const struct bus_domain directory_domain;

/* bootstrap.c: as long as there is no principal nobody may make one; so the
 * first ones come from a file, as changes like any other. Reads the file
 * (CSV: name,roles,streams,unit,revoked, and maybe person,display_name,lang;
 * lists divided by ';') and gives its records to the bus. */
int bootstrap_principals(struct directory *dir, struct error *err);

#endif
