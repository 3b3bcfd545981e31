/* store.c -- every statement of this service. Ends of sessions are judged by
 * the database's clock here and by the machine's in memory (sessions.c): a
 * session that one of them thinks ended has ended. */
#include "store.h"

#include "gateway.h"

/* clang-format off */
#define INTERVAL_SQL(us) us "::bigint * interval '1 microsecond'"
/* Parameters: SESSION_IDLE_US, SESSION_LIFE_US. */
#define ALIVE_SQL(idle, life) \
	" last_seen_at > now() - " INTERVAL_SQL(idle) \
	" AND created_at > now() - " INTERVAL_SQL(life)

const struct db_statement gateway_statements[SQL_NR] = {
	[SQL_SESSION_MAKE] = { "session_make",
		"INSERT INTO session (session_id, principal, record,"
		" actor_token, token_expires_at, csrf_token)"
		" VALUES ($1::uuid, $2::text, $3::bytea, $4::bytea,"
		" $5::timestamptz, $6::text)"
		" RETURNING created_at" },

	[SQL_SESSION_FIND] = { "session_find",
		"SELECT record, actor_token, token_expires_at, csrf_token,"
		" created_at, last_seen_at FROM session"
		" WHERE session_id = $1::uuid AND" ALIVE_SQL("$2", "$3") },

	/* In key order: two replicas that know the same sessions wait for each
	 * other and never in a circle. */
	[SQL_SESSION_SEEN] = { "session_seen",
		"UPDATE session s SET last_seen_at = k.seen_at"
		" FROM (SELECT t.session_id, u.seen_at"
		" FROM unnest($1::uuid[], $2::timestamptz[])"
		" AS u (session_id, seen_at)"
		" JOIN session t ON t.session_id = u.session_id"
		" AND t.last_seen_at < u.seen_at"
		" ORDER BY t.session_id FOR NO KEY UPDATE OF t) k"
		" WHERE s.session_id = k.session_id" },

	[SQL_SESSION_CHECK] = { "session_check",
		"SELECT s.session_id,"
		" CASE WHEN s.token_expires_at > k.known THEN s.record END,"
		" CASE WHEN s.token_expires_at > k.known THEN s.actor_token END,"
		" s.token_expires_at, s.last_seen_at"
		" FROM unnest($1::uuid[], $2::timestamptz[])"
		" AS k (session_id, known)"
		" JOIN session s ON s.session_id = k.session_id" },

	[SQL_SESSION_CLAIM] = { "session_claim",
		"UPDATE session s SET renewing_until ="
		" now() + interval '15 seconds'"
		" FROM (SELECT session_id FROM session"
		" WHERE token_expires_at < now() + " INTERVAL_SQL("$1")
		" AND token_expires_at > now()"
		" AND renewing_until < now() AND" ALIVE_SQL("$2", "$3")
		" ORDER BY token_expires_at LIMIT $4::bigint"
		" FOR NO KEY UPDATE SKIP LOCKED) c"
		" WHERE s.session_id = c.session_id"
		" RETURNING s.session_id, s.actor_token" },

	[SQL_SESSION_RENEWED] = { "session_renewed",
		"UPDATE session SET record = $2::bytea,"
		" actor_token = $3::bytea, token_expires_at = $4::timestamptz,"
		" renewing_until = '-infinity'"
		" WHERE session_id = $1::uuid AND token_expires_at < $4" },

	[SQL_SESSION_END] = { "session_end",
		"DELETE FROM session WHERE session_id = $1::uuid" },

	[SQL_SESSION_END_OTHERS] = { "session_end_others",
		"DELETE FROM session WHERE session_id IN ("
		"SELECT session_id FROM session WHERE principal = $1::text"
		" AND session_id <> $2::uuid ORDER BY session_id FOR UPDATE)"
		" RETURNING session_id" },

	/* A token that has expired cannot be renewed: its session is over. */
	[SQL_SESSION_TRIM] = { "session_trim",
		"DELETE FROM session WHERE session_id IN ("
		"SELECT session_id FROM session"
		" WHERE NOT (" ALIVE_SQL("$1", "$2") ")"
		" OR token_expires_at < now() - interval '1 minute'"
		" ORDER BY session_id LIMIT 1000 FOR UPDATE SKIP LOCKED)" },

	[SQL_AUDIT_ADD] = { "audit_add",
		"INSERT INTO audit (principal, unit, action, object, outcome,"
		" trace_id, address)"
		" SELECT * FROM unnest($1::text[], $2::text[], $3::text[],"
		" $4::text[], $5::smallint[], $6::bytea[], $7::text[])" },

	/* Which index serves a question depends on what it names; a plan made
	 * for all of them would read the whole table for a rare name. Holds
	 * until the Sync. */
	[SQL_AUDIT_PLAN] = { "audit_plan",
		"SELECT set_config('plan_cache_mode', 'force_custom_plan',"
		" true)" },

	[SQL_AUDIT_LIST] = { "audit_list",
		"SELECT audit_id, at, principal, action, object, outcome,"
		" trace_id, address FROM audit a"
		" WHERE ($1::timestamptz IS NULL OR at >= $1)"
		" AND ($2::timestamptz IS NULL OR at < $2)"
		" AND ($3::text = '' OR principal = $3)"
		" AND ($4::text = '' OR action = $4)"
		" AND ($5::text = '' OR EXISTS (SELECT FROM dir_unit_path p"
		" WHERE p.ancestor = $5"
		" AND p.unit = (a.unit COLLATE \"default\")"
		" AND p.from_day <= extract(epoch FROM a.at) / 86400"
		" AND (p.to_day = 0"
		" OR extract(epoch FROM a.at) / 86400 < p.to_day)))"
		" AND ($6::timestamptz IS NULL OR (at, audit_id) <"
		" ($6, $7::bigint))"
		" ORDER BY at DESC, audit_id DESC LIMIT $8::bigint" },

	[SQL_AUDIT_TRIM] = { "audit_trim",
		"DELETE FROM audit WHERE audit_id IN ("
		"SELECT audit_id FROM audit"
		" WHERE at < now() - $1::bigint * interval '1 day'"
		" ORDER BY at LIMIT 5000 FOR UPDATE SKIP LOCKED)" },

	[SQL_CLOCK] = { "clock", "SELECT clock_timestamp()" },
};
/* clang-format on */

const int gateway_statements_nr = SQL_NR;

void store_audit_list(struct db_pipe *pipe, const struct audit_question *ask)
{
	db_exec(pipe, SQL_AUDIT_PLAN);
	db_exec(pipe, SQL_AUDIT_LIST);
	db_time(pipe, ask->from_us);
	db_time(pipe, ask->to_us);
	db_text(pipe, ask->principal);
	db_text(pipe, ask->action);
	db_text(pipe, ask->unit);
	db_time(pipe, ask->before_at_us);
	db_i64(pipe, ask->before_id);
	db_i64(pipe, ask->limit);
}
