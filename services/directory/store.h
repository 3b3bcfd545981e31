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
	SQL_READ_SIGNING_KEYS,
	SQL_READ_CALENDARS,
	SQL_READ_CALENDAR_DAYS,
	SQL_READ_EMPLOYEES,
	SQL_READ_CENTRES,
	SQL_READ_POLICIES,
	SQL_READ_NOTES,
	SQL_ADVANCE,
	SQL_WRITE_UNITS,
	SQL_WRITE_DEPARTMENTS,
	SQL_WRITE_TERMS,
	SQL_WRITE_DENOMINATORS,
	SQL_WRITE_PRINCIPALS,
	SQL_WRITE_SIGNING_KEYS,
	SQL_WRITE_CALENDARS,
	SQL_WRITE_CALENDAR_DAYS,
	SQL_WRITE_EMPLOYEES,
	SQL_WRITE_CENTRES,
	SQL_WRITE_POLICIES,
	SQL_DELETE_NOTES,
	SQL_LIST_UNITS,
	SQL_STATUS,
	SQL_ALL_PRINCIPALS,
	SQL_ALL_SIGNING_KEYS,
	SQL_SEARCH_UNITS,
	SQL_GET_UNIT,
	SQL_COUNT_CHILDREN,
	SQL_LIST_TERMS,
	SQL_LIST_DEPARTMENTS,
	SQL_LIST_PRINCIPALS,
	SQL_LIST_POLICIES,
	SQL_LIST_CALENDARS,
	SQL_CALENDAR_WEEKS,
	SQL_CALENDAR_DAYS,
	SQL_LIST_EMPLOYEES,
	SQL_LIST_CENTRES,
	SQL_CENTRE_QUARTERS,
	SQL_ALL_OF_UNITS,
	SQL_ALL_OF_DEPARTMENTS,
	SQL_ALL_OF_TERMS,
	SQL_ALL_OF_DENOMINATORS,
	SQL_ALL_OF_PRINCIPALS,
	SQL_ALL_OF_CALENDARS,
	SQL_ALL_OF_CALENDAR_DAYS,
	SQL_ALL_OF_EMPLOYEES,
	SQL_ALL_OF_CENTRES,
	SQL_ALL_OF_POLICIES,
	SQL_SIGN_IN_TRY,
	SQL_SIGN_IN,
	SQL_SESSION_RENEW,
	SQL_SIGN_OUT,
	SQL_INVITE_MAKE,
	SQL_INVITE_LOOK,
	SQL_INVITE_ACCEPT,
	SQL_PASSWORD_CHANGE,
	SQL_FAILURE_NOTE,
	SQL_API_TOKEN_MAKE,
	SQL_API_TOKEN_REVOKE,
	SQL_API_TOKEN_EXCHANGE,
	SQL_LIST_API_TOKENS,
	SQL_NEXT_NOTES,
	SQL_ADD_SECRET,
	SQL_TRIM_SESSIONS,
	SQL_TRIM_INVITES,
	SQL_NR,
};
extern const struct db_statement directory_statements[];
/* Sorts of records; store_read adds one statement more than that. */
#define STORE_SORTS_NR 11

/* Adds the SELECTs of what rules_put needs for these records (NULLs are
 * skipped). */
void store_read(struct db_pipe *pipe, struct arena *arena,
		const Sy__V1__DirectoryRecord *const *records, size_t n);
/* Puts their answers, the first at statement first, into the catalog. Returns
 * the revision that they were read at. */
uint64_t store_load(struct catalog *c, const struct db_result *res, int first);
/* Adds the writes of all dirty versions. */
void store_write(struct db_pipe *pipe, const struct catalog *c,
		 uint64_t revision);

/* The row of a statement that begins with the columns of a unit. */
#define STORE_UNIT_COLUMNS 10
Sy__V1__Unit *store_unit(struct arena *arena, const struct db_result *res,
			 int statement, int row);
Sy__V1__Department *store_department(struct arena *arena,
				     const struct db_result *res, int statement,
				     int row);
Sy__V1__Term *store_term(struct arena *arena, const struct db_result *res,
			 int statement, int row);
Sy__V1__Employee *store_employee(struct arena *arena,
				 const struct db_result *res, int statement,
				 int row);
/* The row of a statement that begins with a packed message. */
ProtobufCMessage *store_body(struct arena *arena, const struct db_result *res,
			     int statement, int row,
			     const ProtobufCMessageDescriptor *desc);
/* The row of one of SQL_ALL_OF_, with where the next page goes on after it. */
Sy__V1__DirectoryRecord *store_record(struct arena *arena,
				      const struct db_result *res,
				      int statement, int row,
				      Sy__V1__DirectoryRecord__RecordCase sort,
				      const char **key_r, int32_t *day_r);
/* The row of a statement that has the columns of a principal. */
Sy__V1__Principal *store_principal(struct arena *arena,
				   const struct db_result *res, int statement,
				   int row);

#endif
