/* store.h -- the bus's own statements; those of a service follow after them. */
#ifndef SUYUAN_BUS_STORE_H
#define SUYUAN_BUS_STORE_H

#include "db/db.h"

enum bus_sql {
	BUS_SQL_LANE_HELLO,
	BUS_SQL_LANE_FIND,
	BUS_SQL_LANE_STATE,
	BUS_SQL_LANE_CLAIM,
	BUS_SQL_REJECTS_OF,
	BUS_SQL_REJECTS_AFTER,
	BUS_SQL_REJECT_ADD,
	BUS_SQL_REJECT_FORGET,
	BUS_SQL_COMMANDS_OF,
	BUS_SQL_COMMAND_KEEP,
	BUS_SQL_LOG_APPEND,
	BUS_SQL_LOG_HEADS,
	BUS_SQL_LOG_READ,
	BUS_SQL_LOG_LOW,
	BUS_SQL_RETENTION_LEAD,
	BUS_SQL_RETENTION_READ,
	BUS_SQL_RETENTION_REMOVE,
	BUS_SQL_LOG_LOWS,
	BUS_SQL_READERS_SEEN,
	BUS_SQL_READERS_DEAD,
	BUS_SQL_READERS_LIST,
	BUS_SQL_READERS_REMOVE,
	BUS_SQL_READERS_LAST_SEEN,
	BUS_SQL_TRIM_LANES,
	BUS_SQL_TRIM_COMMANDS,
	BUS_SQL_REPORT_DAYS,
	BUS_SQL_REPORT_REASONS,
	BUS_SQL_NR,
};

extern const struct db_statement bus_sql[BUS_SQL_NR];

/* Makes the shards of the log, at start, blocking. */
int bus_store_shards(const char *url, const char *schema, int shards_nr,
		     struct error *err);

#endif
