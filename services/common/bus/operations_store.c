/* operations_store.c -- every statement of operations.c. */
#include "bus/operations.h"

const struct db_statement operations_sql[OPERATIONS_SQL_NR] = {
	[OPERATIONS_SQL_LIST] = {
		"operations_list",
		"SELECT k.consumer, k.stream, k.shard, k.key, k.reason, "
		"k.parked_at, k.retry_wanted, n.events, q.log_offset, "
		"q.accepted_at, q.event FROM parked_key k "
		"CROSS JOIN LATERAL (SELECT count(*) AS events, "
		"min(log_offset) AS first FROM quarantine q "
		"WHERE q.consumer = k.consumer AND q.stream = k.stream "
		"AND q.shard = k.shard AND q.key = k.key) n "
		"LEFT JOIN quarantine q ON q.consumer = k.consumer "
		"AND q.stream = k.stream AND q.shard = k.shard "
		"AND q.log_offset = n.first "
		"WHERE $1::text IN ('', k.stream) "
		"ORDER BY k.parked_at, k.consumer, k.stream, k.key "
		"LIMIT $2::bigint",
	},
	[OPERATIONS_SQL_TOTALS] = {
		"operations_totals",
		"SELECT (SELECT count(*) FROM parked_key "
		"WHERE $1::text IN ('', stream)), "
		"(SELECT count(*) FROM quarantine "
		"WHERE $1::text IN ('', stream))",
	},
	[OPERATIONS_SQL_RETRY] = {
		"operations_retry",
		"UPDATE parked_key SET retry_wanted = true "
		"WHERE stream = $1::text AND key = $2::text",
	},
	[OPERATIONS_SQL_DROP] = {
		"operations_drop",
		"WITH dropped AS (DELETE FROM quarantine q "
		"WHERE q.stream = $1::text AND q.key = $2::text "
		"AND q.log_offset = $3::bigint AND NOT EXISTS ("
		"SELECT FROM quarantine b WHERE b.consumer = q.consumer "
		"AND b.stream = q.stream AND b.shard = q.shard "
		"AND b.key = q.key AND b.log_offset < q.log_offset) "
		"RETURNING q.consumer, q.shard) "
		"UPDATE parked_key k SET retry_wanted = true FROM dropped d "
		"WHERE k.consumer = d.consumer AND k.shard = d.shard "
		"AND k.stream = $1::text AND k.key = $2::text",
	},
};
