/* conf.c -- the variables that only the directory has. */
#include <stddef.h>

#include "directory.h"

static const struct conf_entry own_entries[] = {
	{ .name = "SUYUAN_BOOTSTRAP",
	  .type = CONF_STRING,
	  .offset = offsetof(struct directory_conf, bootstrap),
	  .fallback = "",
	  .help = "path of a CSV file with the first principals, read while "
		  "there is none" },
	{ 0 },
};

const struct conf_entry *const directory_conf_tables[] = { service_conf_entries,
							   own_entries, NULL };
