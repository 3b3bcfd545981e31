/* store.h -- the statements of schema gateway by their numbers, and how their
 * parameters go in. */
#ifndef SUYUAN_GATEWAY_STORE_H
#define SUYUAN_GATEWAY_STORE_H

#include "db/db.h"
#include "suyuan/v1/gateway.pb-c.h"

/* Without a request for so long, and at the latest: a session ends. */
#define SESSION_IDLE_US (INT64_C(8) * 3600 * 1000000)
#define SESSION_LIFE_US (INT64_C(7) * 24 * 3600 * 1000000)
/* Less is left of an actor token: the next one is asked for. Half its life, so
 * that the directory may be away as long. */
#define TOKEN_RENEW_US (INT64_C(300) * 1000000)

enum gateway_statement {
	SQL_SESSION_MAKE,
	SQL_SESSION_FIND,
	SQL_SESSION_SEEN,
	SQL_SESSION_CHECK,
	SQL_SESSION_CLAIM,
	SQL_SESSION_RENEWED,
	SQL_SESSION_END,
	SQL_SESSION_END_OTHERS,
	SQL_SESSION_TRIM,
	SQL_AUDIT_ADD,
	SQL_AUDIT_PLAN,
	SQL_AUDIT_LIST,
	SQL_AUDIT_TRIM,
	SQL_CLOCK,
	SQL_NR,
};

/* Columns of SQL_SESSION_FIND. */
enum {
	SESSION_RECORD,
	SESSION_TOKEN,
	SESSION_TOKEN_EXPIRES,
	SESSION_CSRF,
	SESSION_CREATED,
	SESSION_SEEN,
};
/* Columns of SQL_SESSION_CHECK: token and record are NULL unless they are newer
 * than those that were known. */
enum { CHECK_ID, CHECK_RECORD, CHECK_TOKEN, CHECK_TOKEN_EXPIRES, CHECK_SEEN };
/* Columns of SQL_SESSION_CLAIM. */
enum { CLAIM_ID, CLAIM_TOKEN };
/* Columns of SQL_AUDIT_LIST. */
enum {
	AUDIT_ID,
	AUDIT_AT,
	AUDIT_PRINCIPAL,
	AUDIT_ACTION,
	AUDIT_OBJECT,
	AUDIT_OUTCOME,
	AUDIT_TRACE_ID,
	AUDIT_ADDRESS,
};

/* One page of the audit, newest first; before: where the page before ended (0,
 * 0: the first page). unit: root of the subtree that is seen, "" = all. */
struct audit_question {
	int64_t from_us, to_us; /* half open; 0 = no bound */
	const char *principal, *action, *unit;
	int64_t before_at_us, before_id;
	int64_t limit;
};
/* Two statements; the rows are those of the second. */
enum { ASK_AUDIT_PLAN, ASK_AUDIT_ROWS };
void store_audit_list(struct db_pipe *pipe, const struct audit_question *ask);

#endif
