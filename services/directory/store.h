/* store.h -- every SQL statement of the directory, and how records become rows
 * and rows become records. */
#ifndef SUYUAN_DIRECTORY_STORE_H
#define SUYUAN_DIRECTORY_STORE_H

#include "db/db.h"
#include "rules.h"

enum {
	SQL_READ_REVISION, /* first of READ_: what follows is as old or newer */
	SQL_READ_UNITS,
	SQL_READ_DEPARTMENTS,
	SQL_READ_TERMS,
	SQL_READ_DENOMINATORS,
	SQL_READ_PRINCIPALS,
	SQL_ADVANCE,
	SQL_WRITE_UNITS,
	SQL_WRITE_DEPARTMENTS,
	SQL_WRITE_TERMS,
	SQL_WRITE_DENOMINATORS,
	SQL_WRITE_PRINCIPALS,
	SQL_LIST_UNITS,
	SQL_STATUS,
	SQL_ALL_PRINCIPALS,
	SQL_NR,
};
extern const struct db_statement directory_statements[];

/* Adds the SELECTs of what rules_put needs for these records (NULLs are
 * skipped). */
void store_read(struct db_pipe *pipe,
		const Sy__V1__DirectoryRecord *const *records, size_t n);
/* Puts their answers, the first at statement first, into the catalog. Returns
 * the revision that they were read at. */
uint64_t store_load(struct catalog *c, const struct db_result *res, int first);
/* Adds the writes of all dirty versions. */
void store_write(struct db_pipe *pipe, const struct catalog *c,
		 uint64_t revision);

/* The row of SQL_LIST_UNITS as a message. */
Sy__V1__Unit *store_unit(struct arena *arena, const struct db_result *res,
			 int statement, int row);
/* The row of SQL_ALL_PRINCIPALS as a message. */
Sy__V1__Principal *store_principal(struct arena *arena,
				   const struct db_result *res, int statement,
				   int row);

#endif
