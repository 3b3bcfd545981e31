/* duty_store.c -- every statement about duties. */
#include "duty/duty_store.h"

const char duty_claim_call[] = "SELECT duty_claim(";
const char duty_ask_where[] = "SELECT FROM duty WHERE (name, owner, epoch) = (";

const struct db_statement duty_sql[DUTY_SQL_NR] = {
	[DUTY_SQL_INIT] = {
		"duty_init",
		"INSERT INTO duty (name) SELECT n FROM unnest($1::text[]) AS n "
		"ORDER BY n ON CONFLICT DO NOTHING",
	},
	[DUTY_SQL_MEMBER] = {
		"duty_member",
		"INSERT INTO duty_member AS m "
		"SELECT $1::uuid, clock_timestamp() "
		"+ $2::int * interval '1 ms', a.pid, a.backend_start, "
		"$3::text[] "
		"FROM pg_stat_activity a WHERE a.pid = pg_backend_pid() "
		"ON CONFLICT (owner) DO UPDATE SET until = excluded.until, "
		"pid = excluded.pid, backend_start = excluded.backend_start",
	},
	[DUTY_SQL_READ] = {
		"duty_read",
		"SELECT u.i - 1, d.owner, d.epoch FROM unnest($1::text[]) "
		"WITH ORDINALITY AS u (name, i) JOIN duty d USING (name)",
	},
	[DUTY_SQL_MEMBERS] = {
		"duty_members",
		/* In one order for all who look. */
		"SELECT m.owner, (SELECT coalesce(bit_or(1::bigint "
		"<< (u.i - 1)::int), 0) FROM unnest($1::text[]) "
		"WITH ORDINALITY AS u (name, i) WHERE u.name = ANY (m.names)) "
		"FROM duty_member m WHERE m.until > clock_timestamp() "
		"AND EXISTS (SELECT FROM pg_stat_activity a "
		"WHERE a.pid = m.pid AND a.backend_start = m.backend_start) "
		"ORDER BY m.owner",
	},
	[DUTY_SQL_TAKE] = {
		"duty_take",
		/* Waits for a transaction of who owned it; the epoch tells
		 * whether somebody else was first. */
		"WITH free AS MATERIALIZED (SELECT d.name FROM duty d "
		"JOIN unnest($2::text[], $3::bigint[]) AS u (name, epoch) "
		"ON d.name = u.name AND d.epoch = u.epoch "
		"ORDER BY d.name FOR NO KEY UPDATE OF d) "
		"UPDATE duty d SET owner = $1::uuid, epoch = d.epoch + 1 "
		"FROM free WHERE d.name = free.name",
	},
	[DUTY_SQL_GIVE_TURN] = {
		"duty_give_turn",
		"SELECT pg_advisory_xact_lock(hashtextextended("
		"'duty ' || current_schema(), 0))",
	},
	[DUTY_SQL_GIVE] = {
		"duty_give",
		/* Behind the turn: two that looked at once do not both give. */
		"UPDATE duty SET owner = NULL "
		"WHERE name = $2::text AND owner = $1::uuid "
		"AND NOT EXISTS (SELECT FROM duty WHERE owner IS NULL)",
	},
	[DUTY_SQL_RELEASE] = {
		"duty_release",
		"WITH mine AS MATERIALIZED (SELECT name FROM duty "
		"WHERE owner = $1::uuid ORDER BY name FOR NO KEY UPDATE) "
		"UPDATE duty d SET owner = NULL FROM mine "
		"WHERE d.name = mine.name",
	},
	[DUTY_SQL_LEAVE] = {
		"duty_leave",
		/* And those that ended without a word. */
		"DELETE FROM duty_member WHERE owner = $1::uuid "
		"OR until < clock_timestamp() - interval '1 minute'",
	},
};
