/* beside_store.c -- see beside_store.h. */
#include "beside_store.h"

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement upkeep_sql[UPKEEP_SQL_NR] = {
	[UPKEEP_SQL_DAYS] = { "upkeep_days",
		"SELECT mention_days(floor(extract(epoch FROM now()) / 86400)"
		"::integer - 1, $1::integer)" },
	[UPKEEP_SQL_FORGET] = { "upkeep_forget",
		"SELECT mention_forget(floor(extract(epoch FROM now()) / 86400)"
		"::integer - $1::integer)" },
	/* one replica is enough */
	[UPKEEP_SQL_FOLD] = { "upkeep_fold",
		"SELECT tally_fold() + watch_hit_fold()"
		" WHERE pg_try_advisory_xact_lock("
		"hashtext('social tally_fold'))" },
};

const char settings_look_sql[] = "SELECT name, revision FROM setting";

/* the root is everything */
const char settings_names_sql[] =
	"SELECT u.code, u.name_ru, u.name_zh, u.name_en, c.body"
	" FROM dir_unit u LEFT JOIN dir_centre c ON c.unit = u.code"
	" AND c.valid_to_day = 0 WHERE u.valid_to_day = 0 AND u.parent <> ''";
const char settings_names_revision_sql[] =
	"SELECT COALESCE(max(revision), 0) FROM dir_unit";
/* clang-format on */
