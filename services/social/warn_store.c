/* warn_store.c -- every SQL statement about spikes, silent sources and the
 * digest. */
#include "warnings.h"

#define AT(id) [(id)-WARN_SQL_FIRST]
/* sy.v1.MENTION_SPAM is nobody's opinion. */
#define NO_SPAM "t.mention_class <> 7"
/* Of the unit $1 and what lies below; '' = everything. */
#define BELOW(column)                                                          \
	"($1::text = '' OR EXISTS (SELECT FROM dir_unit_path p"                \
	" WHERE p.unit = (" column " COLLATE \"default\")"                     \
	" AND p.ancestor = $1::text"                                           \
	" AND p.from_day <= $2::int AND (p.to_day = 0 OR p.to_day > "          \
	"$2::int)))"

/* clang-format off */
const struct db_statement warn_sql[WARN_SQL_END - WARN_SQL_FIRST] = {
	AT(WARN_SQL_ARRIVED) = { "warn_arrived",
		"INSERT INTO source_new (sources, mentions)"
		" VALUES ($1::text[], $2::int[])" },
	AT(WARN_SQL_STEP_READ) = { "warn_step_read",
		"SELECT FROM warn_step"
		" WHERE duty = $1::text AND last_step = $2::uuid" },
	AT(WARN_SQL_STEP) = { "warn_step",
		"INSERT INTO warn_step VALUES ($1::text, $2::uuid)"
		" ON CONFLICT (duty) DO UPDATE"
		" SET last_step = excluded.last_step" },
	AT(WARN_SQL_SPIKES_BEGIN) = { "warn_spikes_begin",
		"INSERT INTO spike (since_hour, baseline_days, spike_id,"
		" of_what, code, unit, observed, expected, bound, p_value)"
		" SELECT $1::int, $2::int, w.id, w.of_what, w.code, w.unit,"
		" w.observed, w.expected::double precision,"
		" w.bound::double precision, w.p_value::double precision"
		" FROM unnest($3::uuid[], $4::int[], $5::text[], $6::text[],"
		" $7::bigint[], $8::text[], $9::text[], $10::text[]) AS w (id,"
		" of_what, code, unit, observed, expected, bound, p_value)" },
	AT(WARN_SQL_SPIKES_END) = { "warn_spikes_end",
		"UPDATE spike SET until_hour = $1::int"
		" WHERE spike_id = ANY ($2::uuid[]) AND until_hour IS NULL" },
	AT(WARN_SQL_GAPS_BEGIN) = { "warn_gaps_begin",
		"WITH told AS (UPDATE source s SET revision = w.revision"
		" FROM unnest($1::text[], $4::bigint[]) AS w (source, revision)"
		" WHERE s.source = w.source) "
		"INSERT INTO source_gap (source, from_at, usual_us)"
		" SELECT * FROM unnest($1::text[], $2::timestamptz[],"
		" $3::bigint[])" },
	AT(WARN_SQL_GAPS_END) = { "warn_gaps_end",
		"WITH told AS (UPDATE source s SET revision = w.revision"
		" FROM unnest($1::text[], $3::bigint[]) AS w (source, revision)"
		" WHERE s.source = w.source) "
		"UPDATE source_gap g SET to_at = w.to_at"
		" FROM unnest($1::text[], $2::timestamptz[])"
		" AS w (source, to_at)"
		" WHERE g.source = w.source AND g.to_at IS NULL" },
	AT(WARN_SQL_SPIKE_FIND) = { "warn_spike_find",
		"SELECT w.i, s.unit FROM unnest($1::int[], $2::uuid[])"
		" AS w (i, id) JOIN spike s ON s.spike_id = w.id" },
	AT(WARN_SQL_SPIKE_JUDGE) = { "warn_spike_judge",
		"UPDATE spike s SET judged = true, was_right = w.was_right,"
		" judged_by = w.by FROM unnest($1::uuid[], $2::bool[],"
		" $3::text[]) AS w (id, was_right, by)"
		" WHERE s.spike_id = w.id" },
	AT(WARN_SQL_GAPS) = { "warn_gaps",
		"SELECT source, from_at, to_at, usual_us FROM source_gap"
		" WHERE ($1::text = '' OR source = $1::text)"
		" AND from_at < $3::timestamptz"
		" AND (to_at IS NULL OR to_at > $2::timestamptz)"
		" ORDER BY from_at, source LIMIT 1000" },
	AT(WARN_SQL_SOURCES) = { "warn_sources",
		"SELECT s.source, s.first_at, s.last_at,"
		" coalesce((SELECT sum(d.mentions) FROM source_day d"
		" WHERE d.source = s.source AND d.day > $1::int - 7), 0)"
		"::bigint, (SELECT array_to_string(array_agg(d.longest_us),"
		" ',') FROM source_day d WHERE d.source = s.source"
		" AND d.day >= $1::int - 28 AND d.day < $1::int), EXISTS"
		" (SELECT FROM source_gap g WHERE g.source = s.source"
		" AND g.to_at IS NULL) FROM source s ORDER BY s.source" },
	/* Which, its code, what is counted of the day, of the same weekday in
	 * the weeks before, and the reach of the day. */
	AT(WARN_SQL_DIGEST_LINES) = { "warn_digest_lines",
		"SELECT grouping(t.mention_class, t.sentiment, t.topic,"
		" t.source, t.unit), coalesce(t.mention_class::text,"
		" t.sentiment::text, t.topic, t.source, t.unit, ''),"
		" coalesce(sum(t.mentions) FILTER (WHERE t.hour >= $3::int), 0)"
		"::bigint, coalesce(sum(t.mentions)"
		" FILTER (WHERE t.hour < $3::int), 0)::bigint,"
		" coalesce(sum(t.reach) FILTER (WHERE t.hour >= $3::int), 0)"
		"::bigint FROM generate_series(0, $5::int) AS w (k)"
		" JOIN tally_now t ON t.hour >= $3::int - 168 * w.k"
		" AND t.hour < $4::int - 168 * w.k WHERE " BELOW("t.unit")
		" GROUP BY GROUPING SETS ((), (t.mention_class),"
		" (t.sentiment), (t.topic), (t.source), (t.unit))"
		" ORDER BY 1, 3 DESC, 2" },
	AT(WARN_SQL_DIGEST_CLUSTERS) = { "warn_digest_clusters",
		"SELECT c.cluster_id, h.n, c.authors, c.reach, m.topic, m.unit,"
		" left(x.text, 140) FROM (SELECT cluster_id, count(*) AS n"
		" FROM cluster_member WHERE published_at >= $3::timestamptz"
		" AND published_at < $4::timestamptz GROUP BY cluster_id) h"
		" JOIN cluster c USING (cluster_id)"
		" LEFT JOIN mention_key k ON k.mention_id = c.first_mention"
		" LEFT JOIN mention m ON m.day = k.day AND m.n = k.n"
		" LEFT JOIN mention_text x ON x.day = k.day AND x.n = k.n"
		" WHERE c.mentions >= 2 AND " BELOW("m.unit")
		" ORDER BY h.n DESC, c.cluster_id LIMIT 10" },
	AT(WARN_SQL_DIGEST_REACTIONS) = { "warn_digest_reactions",
		"SELECT r.stored FROM reaction r"
		" WHERE r.opened_at >= $3::timestamptz"
		" AND r.opened_at < $4::timestamptz AND " BELOW("r.unit")
		" LIMIT 20000" },
	AT(WARN_SQL_DIGEST_SPIKES) = { "warn_digest_spikes",
		"SELECT " SPIKE_SELECT " FROM spike s"
		" WHERE s.since_hour < $4::int AND (s.until_hour IS NULL"
		" OR s.until_hour > $3::int) AND " BELOW("s.unit")
		" ORDER BY s.p_value, s.code LIMIT 50" },
	AT(WARN_SQL_SPIKES_FIRST_HOUR) = { "warn_spikes_first_hour",
		"SELECT least((SELECT hour FROM tally ORDER BY hour LIMIT 1),"
		" (SELECT min(h) FROM tally_new t, unnest(t.hours) AS h)),"
		" floor(extract(epoch FROM clock_timestamp()) / 3600)::int" },
	/* Of a unit also what was said of those below it. */
	AT(WARN_SQL_SPIKES_COUNT) = { "warn_spikes_count",
		"WITH cells AS MATERIALIZED (SELECT w.k, t.topic, t.unit,"
		" t.source, sum(t.mentions) AS n"
		" FROM generate_series(0, $2::int) AS w (k)"
		" JOIN tally_now t ON t.hour <= $1::int - 168 * w.k"
		" AND t.hour > $1::int - 168 * w.k - 24"
		" WHERE " NO_SPAM " GROUP BY 1, 2, 3, 4), "
		"counts AS (SELECT 1 AS of_what, topic AS code, k,"
		" sum(n) AS n FROM cells WHERE topic <> '' GROUP BY 2, 3"
		" UNION ALL SELECT 2, p.ancestor COLLATE \"C\", c.k, sum(c.n)"
		" FROM cells c JOIN dir_unit_path p"
		" ON p.unit = (c.unit COLLATE \"default\")"
		" AND p.from_day <= $1::int / 24"
		" AND (p.to_day = 0 OR p.to_day > $1::int / 24)"
		" WHERE c.unit <> '' GROUP BY 2, 3"
		" UNION ALL SELECT 3, source, k, sum(n) FROM cells"
		" GROUP BY 2, 3"
		" UNION ALL SELECT 4, h.code, w.k, sum(h.hits)"
		" FROM generate_series(0, $2::int) AS w (k)"
		" JOIN watch_hit_now h ON h.hour <= $1::int - 168 * w.k"
		" AND h.hour > $1::int - 168 * w.k - 24"
		" JOIN watch u ON u.code = h.code AND NOT u.ended"
		" GROUP BY 2, 3), "
		"series AS (SELECT of_what, code, array_agg(k ORDER BY k) AS ks,"
		" array_agg(n::bigint ORDER BY k) AS ns FROM counts"
		" GROUP BY 1, 2) "
		"SELECT j.of_what, j.code, array_to_string(j.ks, ','),"
		" array_to_string(j.ns, ','), j.spike_id, j.observed,"
		" coalesce(u.sensitivity, 0)::int, CASE j.of_what WHEN 2"
		" THEN j.code WHEN 4 THEN u.unit ELSE '' END"
		" FROM (SELECT of_what, code, c.ks, c.ns, s.spike_id,"
		" s.observed FROM series c FULL JOIN (SELECT * FROM spike"
		" WHERE until_hour IS NULL) s USING (of_what, code)) j"
		" LEFT JOIN watch u ON j.of_what = 4 AND u.code = j.code" },
	AT(WARN_SQL_SPIKES_RISE) = { "warn_spikes_rise",
		"UPDATE spike s SET observed = w.observed"
		" FROM unnest($1::uuid[], $2::bigint[]) AS w (id, observed)"
		" WHERE s.spike_id = w.id AND s.until_hour IS NULL" },
	AT(WARN_SQL_SOURCES_FOLD) = { "warn_sources_fold",
		"SELECT source_fold()" },
	AT(WARN_SQL_SOURCES_LOOK) = { "warn_sources_look",
		"SELECT s.source, s.last_at, clock_timestamp(), s.revision,"
		" (SELECT array_to_string(array_agg(d.longest_us), ',')"
		" FROM source_day d WHERE d.source = s.source"
		" AND d.day >= $1::int - 28 AND d.day < $1::int),"
		" g.from_at, g.usual_us FROM source s"
		" LEFT JOIN source_gap g ON g.source = s.source"
		" AND g.to_at IS NULL ORDER BY s.source" },
	AT(WARN_SQL_MAIL_ADD) = { "warn_mail_add",
		"INSERT INTO digest_mail (day, address)"
		" SELECT $1::int, a FROM unnest($2::text[]) AS a"
		" ON CONFLICT DO NOTHING" },
	AT(WARN_SQL_MAIL_TAKE) = { "warn_mail_take",
		"UPDATE digest_mail SET attempts = attempts + 1,"
		" next_at = clock_timestamp() + $2::int * interval '1 ms'"
		" WHERE (day, address) = (SELECT day, address FROM digest_mail"
		" WHERE day >= $1::int AND sent_at IS NULL"
		" AND next_at <= clock_timestamp() ORDER BY day, address"
		" LIMIT 1) RETURNING day, address" },
	AT(WARN_SQL_MAIL_SENT) = { "warn_mail_sent",
		"UPDATE digest_mail SET sent_at = clock_timestamp()"
		" WHERE day = $1::int AND address = $2::text" },
};
/* clang-format on */

struct db_pipe *warn_pipe(struct db_conn *conn)
{
	struct db_pipe *pipe = db_pipe_new(conn);

	db_pipe_base(pipe, -WARN_SQL_FIRST);
	return pipe;
}

void spikes_put_list(struct db_pipe *pipe, const struct spikes_ask *ask)
{
	db_exec_composed(pipe);
	db_sql(pipe, "SELECT " SPIKE_SELECT " FROM spike s WHERE true");
	if (ask->lasting)
		db_sql(pipe, " AND s.until_hour IS NULL");
	if (ask->from_us > 0)
		db_sql_time(pipe, " AND s.told_at >= ", ask->from_us);
	if (ask->to_us > 0)
		db_sql_time(pipe, " AND s.told_at < ", ask->to_us);
	social_put_scope(pipe, "s.unit", ask->root);
	if (ask->told_us > 0) {
		db_sql_time(pipe, " AND (s.told_at, s.spike_id) < (",
			    ask->told_us);
		db_sql(pipe, ", ");
		db_sql_param(pipe, "uuid");
		db_uuid(pipe, ask->id);
		db_sql(pipe, ")");
	}
	db_sql_i64(pipe, " ORDER BY s.told_at DESC, s.spike_id DESC LIMIT ",
		   (int64_t)ask->limit + 1);
}
