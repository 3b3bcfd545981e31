/* feeds_store.c -- what the part asks for feeds; who polls has statements of
 * its own connection (feeds_poll.c). */
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
/* clang-format on */
