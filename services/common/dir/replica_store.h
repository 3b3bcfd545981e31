/* replica_store.h -- the replica's statements and their parameters. */
#ifndef SUYUAN_REPLICA_STORE_H
#define SUYUAN_REPLICA_STORE_H

#include "arena.h"
#include "bus/consumer.h"
#include "dir/replica_mem.h"

enum {
	REPLICA_SQL_REVISION, /* first of the load: the rest is as new or newer
			       */
	REPLICA_SQL_UNITS,
	REPLICA_SQL_DEPARTMENTS,
	REPLICA_SQL_TERMS,
	REPLICA_SQL_PRINCIPALS,
	REPLICA_SQL_SIGNING_KEYS,
	REPLICA_SQL_CALENDARS,
	REPLICA_SQL_CALENDAR_DAYS,
	REPLICA_SQL_POLICIES,
	REPLICA_SQL_PUT_UNITS,
	REPLICA_SQL_PUT_DEPARTMENTS,
	REPLICA_SQL_PUT_TERMS,
	REPLICA_SQL_PUT_DENOMINATORS,
	REPLICA_SQL_PUT_PRINCIPALS,
	REPLICA_SQL_PUT_SIGNING_KEYS,
	REPLICA_SQL_PUT_CALENDARS,
	REPLICA_SQL_PUT_CALENDAR_DAYS,
	REPLICA_SQL_PUT_EMPLOYEES,
	REPLICA_SQL_PUT_CENTRES,
	REPLICA_SQL_PUT_POLICIES,
	REPLICA_SQL_ADVANCE,
	REPLICA_SQL_ANALYZE,
	REPLICA_SQL_NR,
};
#define REPLICA_LOAD_NR (REPLICA_SQL_POLICIES + 1)
extern const struct db_statement replica_statements[REPLICA_SQL_NR];
/* For a connection that is not db.h's. */
extern const char replica_search_path_sql[];

/* A record with the offset that brought it. */
struct replica_change {
	uint64_t revision;
	const Sy__V1__DirectoryRecord *record;
};

/* Decodes the events; *changes_r is in the arena. Types that this version does
 * not know are left out. 0 or -1. */
int replica_decode(struct arena *arena, const struct consumer_event *events,
		   size_t n, struct replica_change **changes_r, size_t *n_r,
		   struct error *err);
/* Adds the effects of changes up to offset revision to the pipe. */
void replica_store(struct db_pipe *pipe, const struct replica_change *changes,
		   size_t n, uint64_t revision);

/* Of a principal: the bits of its roles, its streams divided by commas. */
uint32_t replica_roles(const Sy__V1__Principal *principal);
const char *replica_streams(struct arena *arena,
			    const Sy__V1__Principal *principal);

/* --- replica_load.c: into memory --- */

/* Adds the load of all that is newer than revision; and its rows into memory,
 * the first statement's at first. */
void replica_load(struct db_pipe *pipe, uint64_t revision);
void replica_load_rows(struct replica_mem *mem, const struct db_result *res,
		       int first);
/* The same over a connection of its own, blocking. */
int replica_load_blocking(struct replica_mem *mem, const char *url,
			  const char *schema, struct error *err);
void replica_mem_take(struct replica_mem *mem,
		      const struct replica_change *changes, size_t n,
		      uint64_t revision);

#endif
