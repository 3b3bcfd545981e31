/* search_store.c -- every SQL statement of the search index. */
#include "search.h"

#define OURS "pg_try_advisory_lock(hashtext('search ' || current_schema()))"

/* clang-format off */
const struct db_statement search_sql[SEARCH_SQL_NR] = {
	/* Of several replicas one indexes: whose session holds the lock, which
	 * ends with it, however it ends. */
	[SEARCH_TAKE] = { "search_take",
		"SELECT q.id, q.appeal_id, q.queued_at, clock_timestamp(),"
		" l.ours FROM (SELECT " OURS " AS ours OFFSET 0) l "
		"LEFT JOIN LATERAL (SELECT * FROM search_queue"
		" ORDER BY id LIMIT $1::bigint) q ON true ORDER BY q.id" },
	[SEARCH_FOLLOW] = { "search_follow",
		"SELECT CASE WHEN " OURS " THEN search_follow_tree() END" },
	/* The customer's row has n -1. */
	[SEARCH_TEXTS] = { "search_texts",
		"SELECT a.appeal_id, a.registered_at, t.n, t.text, a.external_id,"
		" a.kind, a.channel, a.topic, a.element, a.product, a.segment,"
		" a.department, a.handler, a.state::text,"
		" a.escalation::text, a.breached, a.green_channel,"
		" a.repeat_of IS NOT NULL, u.above "
		"FROM unnest($1::uuid[]) AS w (appeal_id) "
		"CROSS JOIN LATERAL (SELECT * FROM appeal s"
		" WHERE s.appeal_id = w.appeal_id"
		" AND s.registered_at IS NOT NULL OFFSET 0) a "
		"CROSS JOIN LATERAL (SELECT string_agg(p.ancestor, E'\\n')"
		" AS above FROM dir_unit_path p"
		" WHERE p.unit = (a.unit COLLATE \"default\")"
		" AND a.registered_day >= p.from_day"
		" AND (p.to_day = 0 OR a.registered_day < p.to_day)) u "
		"LEFT JOIN LATERAL (SELECT x.n, x.text FROM appeal_text x"
		" WHERE x.appeal_id = w.appeal_id"
		" UNION ALL SELECT -1, concat_ws(' | ', p.name, p.phone,"
		" regexp_replace(p.phone, '\\D', '', 'g'), p.email, p.address)"
		" FROM appeal_person p WHERE p.appeal_id = w.appeal_id) t"
		" ON true ORDER BY a.appeal_id, t.n" },
	[SEARCH_PUT] = { "search_put",
		"INSERT INTO appeal_search AS s (appeal_id, registered_at, words) "
		"SELECT w.id, w.at, w.words::tsvector FROM unnest($1::uuid[],"
		" $2::timestamptz[], $3::text[]) AS w (id, at, words) "
		"ON CONFLICT (appeal_id) DO UPDATE"
		" SET registered_at = excluded.registered_at,"
		" words = excluded.words"
		" WHERE s.words <> excluded.words"
		" OR s.registered_at <> excluded.registered_at" },
	[SEARCH_DONE] = { "search_done",
		"DELETE FROM search_queue WHERE id = ANY ($1::bigint[])" },
};
/* clang-format on */
