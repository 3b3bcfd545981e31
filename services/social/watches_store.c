/* watches_store.c -- every SQL statement about watch rules. */
#include "watches.h"

#include "timeutil.h"

#define AT(id) [(id)-WATCHES_SQL_FIRST]

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement watches_sql[WATCHES_SQL_END - WATCHES_SQL_FIRST] = {
	AT(WATCHES_SQL_READ) = { "watches_read",
		"SELECT code, query_version, stored FROM watch"
		" WHERE code = ANY ($1::text[])" },
	AT(WATCHES_SQL_NAMES) = { "watches_names",
		"SELECT name, code FROM watch_name"
		" WHERE name = ANY ($1::text[])" },
	AT(WATCHES_SQL_COUNT) = { "watches_count",
		"SELECT count(*) FROM watch WHERE NOT ended" },
	/* Of each judgement the mention's facts, whether it is a hit, and what
	 * others have said of the rule as it is. */
	AT(WATCHES_SQL_READ_HITS) = { "watches_read_hits",
		"SELECT m.unit, position(',' || q.code || ',' IN m.watches) > 0"
		" AND NOT m.deleted, j.judged, j.agreed"
		" FROM unnest($1::text[], $2::uuid[], $3::text[])"
		" WITH ORDINALITY AS q (code, id, principal, i)"
		" LEFT JOIN mention_key k ON k.mention_id = q.id"
		" LEFT JOIN mention m ON m.day = k.day AND m.n = k.n"
		" LEFT JOIN watch w ON w.code = q.code"
		" CROSS JOIN LATERAL (SELECT count(*) AS judged,"
		" count(*) FILTER (WHERE s.is_right) AS agreed"
		" FROM watch_judgement s WHERE s.code = q.code"
		" AND s.query_version = w.query_version"
		" AND (s.mention_id, s.principal) <> (q.id, q.principal)) j"
		" ORDER BY q.i" },
	AT(WATCHES_SQL_PUT) = { "watches_put",
		"SELECT watch_put($1::text[], $2::integer[], $3::integer[],"
		" $4::boolean[], $5::text[], $6::smallint[], $7::bytea[],"
		" $8::text[], $9::integer[])" },
	AT(WATCHES_SQL_JUDGE) = { "watches_judge",
		"INSERT INTO watch_judgement VALUES ($1::text, $2::uuid,"
		" $3::text, $4::integer, $5::boolean)"
		" ON CONFLICT (code, mention_id, principal) DO UPDATE SET"
		" query_version = excluded.query_version,"
		" is_right = excluded.is_right, at = clock_timestamp()" },
	AT(WATCHES_SQL_HITS) = { "watches_hits",
		"INSERT INTO watch_hit_new VALUES ($1::text[], $2::integer[],"
		" $3::bigint[])" },
	AT(WATCHES_SQL_VERSIONS) = { "watches_versions",
		"SELECT w.unit, v.stored FROM watch w"
		" JOIN watch_version v USING (code) WHERE w.code = $1::text"
		" ORDER BY v.version DESC LIMIT 1000" },
};

const char watches_select_sql[] =
	"SELECT stored FROM watch WHERE NOT ended ORDER BY code";
/* clang-format on */

void watches_put_list(struct db_pipe *pipe, const struct watch_list_ask *ask)
{
	db_exec_composed(pipe);
	db_sql_text(pipe,
		    "SELECT w.stored, h.hits, j.judged, j.agreed"
		    " FROM (SELECT * FROM watch w WHERE w.code > ",
		    ask->after);
	if (!ask->ended)
		db_sql(pipe, " AND NOT w.ended");
	social_put_scope(pipe, "w.unit", ask->root);
	db_sql_i64(pipe, " ORDER BY w.code LIMIT ", (int64_t)ask->limit + 1);
	db_sql(pipe, ") w CROSS JOIN LATERAL (SELECT"
		     " coalesce(sum(s.hits), 0)::bigint AS hits"
		     " FROM watch_hit_now s WHERE s.code = w.code) h"
		     " CROSS JOIN LATERAL (SELECT count(*) AS judged,"
		     " count(*) FILTER (WHERE s.is_right) AS agreed"
		     " FROM watch_judgement s WHERE s.code = w.code"
		     " AND s.query_version = w.query_version) j"
		     " ORDER BY w.code");
}

void watches_put_total(struct db_pipe *pipe, const char *root, int64_t from_us,
		       int64_t to_us)
{
	db_exec_composed(pipe);
	db_sql_i64(pipe,
		   "SELECT coalesce(sum(t.mentions), 0)::bigint"
		   " FROM tally_now t WHERE t.mention_class <> 7"
		   " AND t.hour >= ",
		   from_us / US_PER_HOUR);
	db_sql_i64(pipe, " AND t.hour < ", to_us / US_PER_HOUR);
	social_put_scope(pipe, "t.unit", root);
}
