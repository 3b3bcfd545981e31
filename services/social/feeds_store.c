/* feeds_store.c -- what the part asks for feeds, and who polls, on a connection
 * of its own. */
#include "feeds.h"

#define AT(id) [(id)-FEEDS_SQL_FIRST]

/* clang-format off */
const struct db_statement feeds_sql[FEEDS_SQL_END - FEEDS_SQL_FIRST] = {
	AT(FEEDS_SQL_READ) = { "feeds_read",
		"SELECT f.code, f.version, f.body FROM unnest($1::text[])"
		" AS w (code) JOIN feed_now f ON f.code = w.code" },
	AT(FEEDS_SQL_PUT) = { "feeds_put",
		"SELECT feed_put($1::text[], $2::integer[], $3::boolean[],"
		" $4::bytea[], $5::text[])" },
	/* rows in order of code, as all who lock several */
	AT(FEEDS_SQL_COUNT) = { "feeds_count",
		"UPDATE feed_state s SET mentions = s.mentions + w.n,"
		" last_mention_at = clock_timestamp() FROM (SELECT f.code, w.n"
		" FROM unnest($1::text[], $2::bigint[]) AS w (code, n)"
		" JOIN feed_state f ON f.code = w.code ORDER BY f.code"
		" FOR NO KEY UPDATE OF f) w WHERE s.code = w.code" },
	AT(FEEDS_SQL_LIST) = { "feeds_list",
		"SELECT f.code, f.version, f.body, f.changed_at, f.changed_by,"
		" s.asked_at, s.answered_at, s.next_at, s.failures, s.problem,"
		" s.mentions, s.last_mention_at, s.bytes, s.unchanged,"
		" s.refused FROM feed_now f LEFT JOIN feed_state s USING (code)"
		" WHERE f.code > $1::text AND ($2::boolean OR NOT f.ended)"
		" ORDER BY f.code LIMIT $3" },
};

const struct db_statement feeds_poll_sql[FEEDS_POLL_NR] = {
	[FEEDS_POLL_DUE] = { "feeds_due",
		"SELECT f.body, s.etag, s.last_modified, s.failures"
		" FROM feed_state s JOIN feed_now f USING (code)"
		" WHERE NOT f.ended AND s.next_at <= clock_timestamp()"
		" AND s.code <> ALL ($1::text[])"
		" ORDER BY s.next_at LIMIT $2" },
	/* next_at is before the look where the feed was changed during it: it is
	 * due at once */
	[FEEDS_POLL_LOOKED] = { "feeds_looked",
		"UPDATE feed_state SET asked_at = $2::timestamptz,"
		" answered_at = CASE WHEN $3::text = '' THEN clock_timestamp()"
		" ELSE answered_at END, problem = $3,"
		" failures = $4::integer, etag = $5::text,"
		" last_modified = $6::text, bytes = bytes + $7::bigint,"
		" unchanged = unchanged + $8::integer,"
		" refused = $9::bigint,"
		" next_at = CASE WHEN next_at > $2 THEN next_at"
		" ELSE $10::timestamptz END WHERE code = $1::text" },
};
/* clang-format on */
