/* duty_store.h -- the statements of a replica's own connection for leases. */
#ifndef SUYUAN_DUTY_STORE_H
#define SUYUAN_DUTY_STORE_H

#include "db/db.h"

enum duty_sql {
	DUTY_SQL_INIT,
	DUTY_SQL_MEMBER,
	DUTY_SQL_READ,
	DUTY_SQL_MEMBERS,
	DUTY_SQL_TAKE,
	DUTY_SQL_GIVE_TURN,
	DUTY_SQL_GIVE,
	DUTY_SQL_RELEASE,
	DUTY_SQL_LEAVE,
	DUTY_SQL_NR,
};
extern const struct db_statement duty_sql[DUTY_SQL_NR];

/* Of no table: they go with the transactions of others. $ are added behind. */
extern const char duty_claim_call[], duty_ask_where[];

#endif
