/* beside_store.h -- statements of the connections beside the bus: upkeep and
 * settings. */
#ifndef SUYUAN_SOCIAL_BESIDE_STORE_H
#define SUYUAN_SOCIAL_BESIDE_STORE_H

#include "db/db.h"

enum {
	UPKEEP_SQL_DAYS,
	UPKEEP_SQL_FORGET,
	UPKEEP_SQL_FOLD,
	UPKEEP_SQL_NR,
};
extern const struct db_statement upkeep_sql[UPKEEP_SQL_NR];

/* Name and revision of each setting; another's revision is added behind it. */
extern const char settings_look_sql[];
#define SETTINGS_LOOK_MORE " UNION ALL SELECT '%s', (%s)"

/* Units but the root: code, three names, the packed centre; and their
 * revision. */
extern const char settings_names_sql[], settings_names_revision_sql[];

#endif
