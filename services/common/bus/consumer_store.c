/* consumer_store.c -- every statement of a consumer but those of its owner. */
#include "bus/consumer_internal.h"

const struct db_statement consumer_sql[CONSUMER_SQL_NR] = {
	[CONSUMER_SQL_INIT] = {
		"consumer_init",
		"INSERT INTO cursor (consumer, stream, shard) "
		"SELECT $1::text, $2::text, s "
		"FROM generate_series(0, $3::int - 1) AS s "
		"ORDER BY s ON CONFLICT DO NOTHING",
	},
	[CONSUMER_SQL_RENEW] = {
		"consumer_renew",
		"WITH mine AS MATERIALIZED ("
		"SELECT shard FROM cursor "
		"WHERE consumer = $1::text AND stream = $2::text "
		"AND owner = $3::uuid "
		"ORDER BY shard FOR NO KEY UPDATE) "
		"UPDATE cursor c SET lease_until = clock_timestamp() "
		"+ $4::int * interval '1 ms' "
		"FROM mine WHERE c.consumer = $1::text "
		"AND c.stream = $2::text AND c.shard = mine.shard",
	},
	[CONSUMER_SQL_TAKE] = {
		"consumer_take",
		/* What is locked is being used, whatever its lease says. */
		"WITH free AS MATERIALIZED ("
		"SELECT shard FROM cursor "
		"WHERE consumer = $1::text AND stream = $2::text "
		"AND (owner IS NULL OR lease_until < clock_timestamp()) "
		"AND owner IS DISTINCT FROM $3::uuid "
		"ORDER BY shard FOR NO KEY UPDATE SKIP LOCKED) "
		"UPDATE cursor c SET owner = $3::uuid, epoch = c.epoch + 1, "
		"lease_until = clock_timestamp() "
		"+ $4::int * interval '1 ms' "
		"FROM free WHERE c.consumer = $1::text "
		"AND c.stream = $2::text AND c.shard = free.shard",
	},
	[CONSUMER_SQL_READ] = {
		"consumer_read",
		"SELECT c.shard, c.owner IS NOT DISTINCT FROM $3::uuid, "
		"c.epoch, coalesce(p.position, 0), p.event_id "
		"FROM cursor c LEFT JOIN LATERAL ("
		"SELECT position, event_id FROM cursor_position p "
		"WHERE p.consumer = c.consumer AND p.stream = c.stream "
		"AND p.shard = c.shard "
		"ORDER BY p.position DESC LIMIT 1) p ON true "
		"WHERE c.consumer = $1::text AND c.stream = $2::text "
		"ORDER BY c.shard",
	},
	[CONSUMER_SQL_CLAIM] = {
		"consumer_claim",
		"SELECT cursor_claim($1::text, $2::text, $3::int[], "
		"$4::bigint[], $5::bigint[])",
	},
	[CONSUMER_SQL_ADVANCE] = {
		"consumer_advance",
		"INSERT INTO cursor_position "
		"(consumer, stream, shard, position, event_id) "
		"SELECT $1::text, $2::text, u.* "
		"FROM unnest($3::int[], $4::bigint[], $5::bytea[]) AS u",
	},
	[CONSUMER_SQL_TRIM] = {
		"consumer_trim",
		/* From where the last trim ended, so that it never walks over
		 * rows that are dead and cannot be vacuumed yet. */
		"DELETE FROM cursor_position p "
		"USING unnest($3::int[], $4::bigint[], $5::bigint[]) "
		"AS u (shard, above, below) "
		"WHERE p.consumer = $1::text AND p.stream = $2::text "
		"AND p.shard = u.shard "
		"AND p.position > u.above AND p.position < u.below",
	},
	[CONSUMER_SQL_RELEASE] = {
		"consumer_release",
		"WITH mine AS MATERIALIZED ("
		"SELECT shard FROM cursor "
		"WHERE consumer = $1::text AND stream = $2::text "
		"AND owner = $3::uuid "
		"ORDER BY shard FOR NO KEY UPDATE) "
		"UPDATE cursor c SET owner = NULL, lease_until = NULL "
		"FROM mine WHERE c.consumer = $1::text "
		"AND c.stream = $2::text AND c.shard = mine.shard",
	},
};
