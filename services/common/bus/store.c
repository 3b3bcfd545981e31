/* store.c -- every SQL statement of the bus's serving side; the functions that
 * they call stand in schema/. */
#include "bus/store.h"

#include <stdio.h>

const struct db_statement bus_sql[BUS_SQL_NR] = {
	[BUS_SQL_LANE_HELLO] = { "bus_lane_hello",
				 "SELECT r_lane, r_lane_id, "
				 "r_epoch, r_last_seq "
				 "FROM lane_hello($1::text, "
				 "$2::text, $3::smallint[], "
				 "$4::bytea, $5::smallint[])" },
	[BUS_SQL_LANE_FIND] = { "bus_lane_find",
				"SELECT l.lane_id, l.epoch, coalesce((SELECT "
				"s.last_seq "
				"FROM lane_seq s WHERE s.lane_id = l.lane_id "
				"ORDER BY s.last_seq DESC LIMIT 1), 0) FROM "
				"lane l "
				"WHERE l.principal = $1::text AND l.publisher "
				"= $2::text "
				"AND l.lane = $3::integer" },
	[BUS_SQL_LANE_STATE] = { "bus_lane_state",
				 "SELECT r_lane_id, r_epoch, r_last_seq "
				 "FROM lane_state($1::bigint[])" },
	[BUS_SQL_LANE_CLAIM] = { "bus_lane_claim",
				 "SELECT lane_claim($1::bigint[], "
				 "$2::bigint[], "
				 "$3::bigint[], $4::bigint[], "
				 "$5::bigint[], $6::bigint[])" },
	[BUS_SQL_REJECTS_OF] = { "bus_rejects_of",
				 "SELECT l.lane, r.seq, r.code, r.field, "
				 "r.reason "
				 "FROM lane l JOIN reject r ON r.lane_id = "
				 "l.lane_id "
				 "WHERE l.principal = $1::text AND l.publisher "
				 "= $2::text "
				 "AND l.lane = ANY ($3::smallint[]) "
				 "ORDER BY l.lane, r.seq" },
	[BUS_SQL_REJECTS_AFTER] = { "bus_rejects_after",
				    "SELECT r.lane_id, r.seq, r.code, r.field, "
				    "r.reason FROM unnest($1::bigint[], "
				    "$2::bigint[]) AS u (lane_id, after_seq) "
				    "JOIN reject r ON r.lane_id = u.lane_id "
				    "AND r.seq > u.after_seq "
				    "ORDER BY r.lane_id, r.seq" },
	[BUS_SQL_REJECT_ADD] = { "bus_reject_add",
				 "SELECT reject_add($1::bigint[], "
				 "$2::bigint[], $3::integer[], $4::text[], "
				 "$5::text[])" },
	[BUS_SQL_REJECT_FORGET] = { "bus_reject_forget",
				    "DELETE FROM reject r USING "
				    "unnest($1::bigint[], "
				    "$2::bigint[]) AS u (lane_id, seen_seq) "
				    "WHERE r.lane_id = u.lane_id AND r.seq <= "
				    "u.seen_seq" },
	[BUS_SQL_COMMANDS_OF] = { "bus_commands_of",
				  "SELECT u.n, c.body_hash, c.reply "
				  "FROM unnest($1::text[], $2::text[], "
				  "$3::text[]) "
				  "WITH ORDINALITY AS u (principal, method, "
				  "key, n) "
				  "JOIN command c ON c.principal = u.principal "
				  "AND c.method = u.method AND "
				  "c.idempotency_key = u.key" },
	[BUS_SQL_COMMAND_KEEP] = { "bus_command_keep",
				   "SELECT command_keep($1::text[], "
				   "$2::text[], $3::text[], "
				   "$4::bytea[], $5::bytea[])" },
	[BUS_SQL_LOG_APPEND] = { "bus_log_append",
				 "SELECT r_shard, r_head, r_accepted_at "
				 "FROM log_append($1::smallint[], "
				 "$2::integer[], $3::integer[], "
				 "$4::uuid[], $5::bytea[])" },
	[BUS_SQL_LOG_HEADS] = { "bus_log_heads",
				"SELECT s.shard, coalesce((SELECT "
				"l.last_offset FROM log_segment l "
				"WHERE l.shard = s.shard ORDER BY "
				"l.last_offset DESC LIMIT 1), 0) "
				"FROM shard s ORDER BY s.shard" },
	/* One before the first wanted comes along, to compare its id. */
	[BUS_SQL_LOG_READ] = { "bus_log_read",
			       "SELECT l.first_offset + u.n - 1, "
			       "l.accepted_at, u.event_id, u.event "
			       "FROM log_segment l CROSS JOIN LATERAL "
			       "unnest(l.event_ids, l.events) "
			       "WITH ORDINALITY AS u (event_id, event, n) "
			       "WHERE l.shard = $1::integer "
			       "AND l.last_offset >= $2::bigint - 1 "
			       "AND l.first_offset + u.n >= $2::bigint "
			       "ORDER BY l.last_offset, u.n "
			       "LIMIT $3::bigint + 1" },
	[BUS_SQL_LOG_LOW] = { "bus_log_low",
			      "SELECT coalesce((SELECT first_offset FROM "
			      "log_segment WHERE shard = $1::integer "
			      "ORDER BY last_offset LIMIT 1), 1), "
			      "coalesce((SELECT last_offset FROM "
			      "log_segment WHERE shard = $1::integer "
			      "ORDER BY last_offset DESC LIMIT 1), 0)" },
	/* Ours until this connection ends. Asking again only counts. */
	[BUS_SQL_RETENTION_LEAD] = { "bus_retention_lead",
				     "SELECT pg_try_advisory_lock("
				     "hashtextextended('suyuan retention ' "
				     "|| current_schema(), 0))" },
	/* The oldest that are old enough, passed by all readers, and not the
	 * newest, which tells the head: some segments, and not all of 16 MB
	 * either, whole ones. Times do not fall with the offset. */
	[BUS_SQL_RETENTION_READ] = { "bus_retention_read",
				     "WITH oldest AS MATERIALIZED (SELECT "
				     "first_offset, "
				     "last_offset, accepted_at, events FROM "
				     "log_segment "
				     "WHERE shard = $1::integer ORDER BY "
				     "last_offset LIMIT 200), "
				     "measured AS (SELECT *, "
				     "sum(pg_column_size(events)) "
				     "OVER (ORDER BY last_offset) AS bytes "
				     "FROM oldest) "
				     "SELECT m.first_offset + u.n - 1, "
				     "m.accepted_at, u.event "
				     "FROM measured m CROSS JOIN LATERAL "
				     "unnest(m.events) "
				     "WITH ORDINALITY AS u (event, n) "
				     "WHERE m.accepted_at < clock_timestamp() "
				     "- $2::integer * interval '1 day' "
				     "AND m.last_offset < (SELECT last_offset "
				     "FROM log_segment "
				     "WHERE shard = $1::integer ORDER BY "
				     "last_offset DESC LIMIT 1) "
				     "AND m.last_offset <= coalesce((SELECT "
				     "min(applied_offset) "
				     "FROM reader WHERE shard = $1::integer), "
				     "9223372036854775807) "
				     "AND (m.bytes < 4000000 OR m.last_offset "
				     "= "
				     "(SELECT min(last_offset) FROM oldest)) "
				     "ORDER BY m.last_offset, u.n" },
	[BUS_SQL_RETENTION_REMOVE] = { "bus_retention_remove",
				       "DELETE FROM log_segment "
				       "WHERE shard = $1::integer "
				       "AND last_offset <= $2::bigint" },
	[BUS_SQL_LOG_LOWS] = { "bus_log_lows",
			       "SELECT s.shard, coalesce((SELECT "
			       "l.first_offset FROM log_segment l "
			       "WHERE l.shard = s.shard ORDER BY "
			       "l.last_offset LIMIT 1), 1) "
			       "FROM shard s ORDER BY s.shard" },
	/* The position goes down, too: a consumer whose database was put back
	 * reads again. */
	[BUS_SQL_READERS_SEEN] = { "bus_readers_seen",
				   "INSERT INTO reader AS r (consumer, "
				   "principal, shard, "
				   "applied_offset, seen_at) "
				   "SELECT u.consumer, u.principal, u.shard, "
				   "least(u.applied_offset, coalesce((SELECT "
				   "l.last_offset FROM log_segment l WHERE "
				   "l.shard = u.shard ORDER BY l.last_offset "
				   "DESC LIMIT 1), 0)), clock_timestamp() FROM "
				   "unnest($1::text[], "
				   "$2::text[], $3::integer[], $4::bigint[]) "
				   "AS u (consumer, principal, shard, "
				   "applied_offset) "
				   "ORDER BY u.consumer COLLATE \"C\", "
				   "u.principal COLLATE \"C\", u.shard "
				   "ON CONFLICT (consumer, principal, shard) "
				   "DO UPDATE "
				   "SET applied_offset = "
				   "excluded.applied_offset, "
				   "seen_at = excluded.seen_at" },
	[BUS_SQL_READERS_DEAD] = { "bus_readers_dead",
				   "SELECT consumer, principal, min(seen_at) "
				   "FROM reader "
				   "GROUP BY consumer, principal HAVING "
				   "min(seen_at) < "
				   "clock_timestamp() - $1::integer * interval "
				   "'1 s' "
				   "ORDER BY consumer, principal" },
	[BUS_SQL_READERS_LIST] = { "bus_readers_list",
				   "SELECT r.consumer, r.principal, r.shard, "
				   "r.applied_offset, "
				   "coalesce((SELECT l.last_offset FROM "
				   "log_segment l "
				   "WHERE l.shard = r.shard ORDER BY "
				   "l.last_offset DESC "
				   "LIMIT 1), 0), r.seen_at, r.seen_at < "
				   "clock_timestamp() "
				   "- $1::integer * interval '1 s' FROM reader "
				   "r "
				   "ORDER BY r.consumer, r.principal, "
				   "r.shard" },
	[BUS_SQL_READERS_REMOVE] = { "bus_readers_remove",
				     "DELETE FROM reader "
				     "WHERE consumer = $1::text "
				     "AND ($2::bool OR NOT EXISTS ("
				     "SELECT FROM reader b "
				     "WHERE b.consumer = $1::text "
				     "AND b.seen_at > clock_timestamp() "
				     "- make_interval(secs => $3::int)))" },
	[BUS_SQL_READERS_LAST_SEEN] = { "bus_readers_last_seen",
					"SELECT max(seen_at) FROM reader "
					"WHERE consumer = $1::text" },
	[BUS_SQL_TRIM_LANES] = { "bus_trim_lanes", "SELECT lane_trim()" },
	[BUS_SQL_TRIM_COMMANDS] = { "bus_trim_commands",
				    "DELETE FROM command WHERE accepted_at < "
				    "clock_timestamp() - interval '7 days'" },
	/* Days since 1970; the last step of a lane is in lane_seq still. */
	[BUS_SQL_REPORT_DAYS] = { "bus_report_days",
				  "SELECT l.principal, l.publisher, d.day - "
				  "date '1970-01-01', "
				  "sum(d.events)::bigint, "
				  "sum(d.rejected)::bigint, "
				  "sum(d.duplicate)::bigint FROM lane l "
				  "CROSS JOIN LATERAL (SELECT p.day, p.events, "
				  "p.rejected, "
				  "p.duplicate FROM publisher_day p WHERE "
				  "p.lane_id = l.lane_id "
				  "UNION ALL SELECT (s.accepted_at AT TIME "
				  "ZONE 'UTC')::date, "
				  "s.events, s.rejected, s.duplicate FROM "
				  "lane_seq s "
				  "WHERE s.lane_id = l.lane_id AND s.events > "
				  "0) d "
				  "WHERE ($1::text = '' OR l.principal = "
				  "$1::text) "
				  "AND ($2::text = '' OR l.publisher = "
				  "$2::text) "
				  "AND d.day >= date '1970-01-01' + "
				  "$3::integer "
				  "AND d.day < date '1970-01-01' + $4::integer "
				  "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT "
				  "$5::bigint" },
	[BUS_SQL_REPORT_REASONS] = { "bus_report_reasons",
				     "SELECT l.principal, l.publisher, d.day - "
				     "date '1970-01-01', "
				     "d.code, d.field, sum(d.events)::bigint "
				     "FROM reject_day d JOIN lane l ON "
				     "l.lane_id = d.lane_id "
				     "WHERE ($1::text = '' OR l.principal = "
				     "$1::text) "
				     "AND ($2::text = '' OR l.publisher = "
				     "$2::text) "
				     "AND d.day >= date '1970-01-01' + "
				     "$3::integer "
				     "AND d.day < date '1970-01-01' + "
				     "$4::integer "
				     "GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, "
				     "6 DESC, 4, 5 "
				     "LIMIT $5::bigint" },
};

int bus_store_shards(const char *url, const char *schema, int shards_nr,
		     struct error *err)
{
	PGconn *pg = db_connect(url, schema, "shards", 0, err);
	char sql[128];
	PGresult *res;
	int status = 0;

	if (!pg)
		return -1;
	snprintf(sql, sizeof(sql),
		 "INSERT INTO shard SELECT generate_series(0, %d) "
		 "ON CONFLICT DO NOTHING",
		 shards_nr - 1);
	res = PQexec(pg, sql);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		status = error_set(err, "shards: %s", PQerrorMessage(pg));
	PQclear(res);
	PQfinish(pg);
	return status;
}
