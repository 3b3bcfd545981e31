/* operations.h -- the methods of operations.proto, which services answer
 * besides their own: all of them, and those that follow streams
 * (bus_server_options.consumes). */
#ifndef SUYUAN_BUS_OPERATIONS_H
#define SUYUAN_BUS_OPERATIONS_H

#include "bus/server.h"

enum operations_sql {
	OPERATIONS_SQL_LIST,
	OPERATIONS_SQL_TOTALS,
	OPERATIONS_SQL_RETRY,
	OPERATIONS_SQL_DROP,
	OPERATIONS_SQL_NR,
};

/* Of the tables of schema_consumer. */
extern const struct db_statement operations_sql[OPERATIONS_SQL_NR];
extern const struct bus_method common_methods[];
extern const struct bus_method quarantine_methods[];

/* A pipe whose statements are those above. */
struct db_pipe *bus_request_operations_pipe(struct bus_request *req);

#endif
