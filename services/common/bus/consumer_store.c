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
	[CONSUMER_SQL_MEMBER] = {
		"consumer_member",
		"INSERT INTO consumer_member AS m "
		"SELECT $1::text, $2::text, $3::uuid, clock_timestamp() "
		"+ $4::int * interval '1 ms', a.pid, a.backend_start "
		"FROM pg_stat_activity a WHERE a.pid = pg_backend_pid() "
		"ON CONFLICT (consumer, stream, owner) DO UPDATE "
		"SET until = excluded.until, pid = excluded.pid, "
		"backend_start = excluded.backend_start",
	},
	[CONSUMER_SQL_LEAVE] = {
		"consumer_leave",
		/* And those that ended without a word. */
		"DELETE FROM consumer_member WHERE consumer = $1::text "
		"AND stream = $2::text AND (owner = $3::uuid "
		"OR until < clock_timestamp() - interval '1 minute')",
	},
	[CONSUMER_SQL_GIVE] = {
		"consumer_give",
		/* One at a time: what is on its way to another replica waits. */
		"UPDATE cursor c SET owner = NULL, lease_until = NULL "
		"WHERE c.consumer = $1::text AND c.stream = $2::text "
		"AND c.shard = (SELECT max(m.shard) FROM cursor m "
		"WHERE m.consumer = $1::text AND m.stream = $2::text "
		"AND m.owner = $3::uuid "
		"HAVING count(*) > cursor_share($1::text, $2::text)) "
		"AND NOT EXISTS (SELECT FROM cursor f "
		"WHERE f.consumer = $1::text AND f.stream = $2::text "
		"AND f.owner IS NULL)",
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
		"AND (owner IS NULL OR lease_until < clock_timestamp() "
		"OR NOT EXISTS (SELECT FROM consumer_member m "
		"WHERE m.consumer = $1::text AND m.stream = $2::text "
		"AND m.owner = cursor.owner AND member_alive(m))) "
		"AND owner IS DISTINCT FROM $3::uuid "
		"ORDER BY shard LIMIT greatest(0, "
		"cursor_share($1::text, $2::text) - (SELECT count(*) "
		"FROM cursor o WHERE o.consumer = $1::text "
		"AND o.stream = $2::text AND o.owner = $3::uuid)) "
		"FOR NO KEY UPDATE SKIP LOCKED) "
		"UPDATE cursor c SET owner = $3::uuid, epoch = c.epoch + 1, "
		"unclean = c.owner IS NOT NULL, "
		"lease_until = clock_timestamp() "
		"+ $4::int * interval '1 ms' "
		"FROM free WHERE c.consumer = $1::text "
		"AND c.stream = $2::text AND c.shard = free.shard",
	},
	[CONSUMER_SQL_READ] = {
		"consumer_read",
		"SELECT c.shard, c.owner IS NOT DISTINCT FROM $3::uuid, "
		"c.epoch, coalesce(p.position, 0), p.event_id, c.unclean, "
		"a.first_offset, a.last_offset, a.attempts, a.alone "
		"FROM cursor c LEFT JOIN apply_attempt a "
		"USING (consumer, stream, shard) LEFT JOIN LATERAL ("
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
	[CONSUMER_SQL_PARKED] = {
		"consumer_parked",
		"SELECT shard, key, retry_wanted FROM parked_key "
		"WHERE consumer = $1::text AND stream = $2::text "
		"ORDER BY shard, key",
	},
	[CONSUMER_SQL_PARK] = {
		"consumer_park",
		"INSERT INTO parked_key AS k "
		"(consumer, stream, shard, key, reason) "
		"SELECT $1::text, $2::text, u.* "
		"FROM unnest($3::int[], $4::text[], $5::text[]) AS u "
		"ON CONFLICT (consumer, stream, shard, key) DO UPDATE "
		"SET reason = excluded.reason, retry_wanted = false",
	},
	[CONSUMER_SQL_QUARANTINE] = {
		"consumer_quarantine",
		"INSERT INTO quarantine (consumer, stream, shard, log_offset, "
		"key, accepted_at, event) SELECT $1::text, $2::text, u.* "
		"FROM unnest($3::int[], $4::bigint[], $5::text[], "
		"$6::timestamptz[], $7::bytea[]) AS u",
	},
	[CONSUMER_SQL_PARKED_EVENTS] = {
		"consumer_parked_events",
		"SELECT log_offset, accepted_at, event FROM quarantine "
		"WHERE consumer = $1::text AND stream = $2::text "
		"AND shard = $3::int AND key = $4::text "
		"ORDER BY log_offset LIMIT $5::bigint",
	},
	[CONSUMER_SQL_PARKED_DONE] = {
		"consumer_parked_done",
		"DELETE FROM quarantine "
		"WHERE consumer = $1::text AND stream = $2::text "
		"AND shard = $3::int AND key = $4::text "
		"AND log_offset <= $5::bigint",
	},
	[CONSUMER_SQL_TRIED] = {
		"consumer_tried",
		"UPDATE parked_key SET retry_wanted = false "
		"WHERE consumer = $1::text AND stream = $2::text "
		"AND shard = $3::int AND key = $4::text",
	},
	[CONSUMER_SQL_UNPARK] = {
		"consumer_unpark",
		"DELETE FROM parked_key k "
		"WHERE consumer = $1::text AND stream = $2::text "
		"AND shard = $3::int AND key = $4::text "
		"AND NOT EXISTS (SELECT FROM quarantine q "
		"WHERE q.consumer = k.consumer AND q.stream = k.stream "
		"AND q.shard = k.shard AND q.key = k.key)",
	},
	[CONSUMER_SQL_ATTEMPT] = {
		"consumer_attempt",
		"INSERT INTO apply_attempt AS a SELECT $1::text, $2::text, u.* "
		"FROM unnest($3::int[], $4::bigint[], $5::bigint[], $6::int[], "
		"$7::int[]) AS u ON CONFLICT (consumer, stream, shard) "
		"DO UPDATE SET first_offset = excluded.first_offset, "
		"last_offset = excluded.last_offset, "
		"attempts = excluded.attempts, alone = excluded.alone",
	},
	[CONSUMER_SQL_ATTEMPT_OVER] = {
		"consumer_attempt_over",
		"WITH over AS (DELETE FROM apply_attempt "
		"WHERE consumer = $1::text AND stream = $2::text "
		"AND shard = ANY ($3::int[])) "
		"UPDATE cursor SET unclean = false WHERE consumer = $1::text "
		"AND stream = $2::text AND shard = ANY ($3::int[])",
	},
};
