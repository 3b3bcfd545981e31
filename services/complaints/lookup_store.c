/* lookup_store.c -- every statement of look-ups beside those of cases. */
#include "complaints.h"

/* clang-format off */
const struct db_statement lookup_sql[LOOKUP_SQL_NR] = {
	[LOOKUP_SQL_KEPT] = { "lookup_kept",
		"SELECT a.revision, f.occurred_at, f.detail, l.result"
		" FROM appeal_lookup l"
		" JOIN appeal_fact f ON f.appeal_id = l.appeal_id AND f.n = l.n"
		" JOIN appeal a ON a.appeal_id = l.appeal_id "
		"WHERE l.appeal_id = $1::uuid AND l.item = $2::text" },
	[LOOKUP_SQL_COUNT] = { "lookup_count",
		"SELECT count(*) FROM appeal_lookup WHERE appeal_id = $1::uuid" },
};
/* clang-format on */
