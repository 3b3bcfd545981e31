/* cluster_store.c -- every SQL statement about clusters. Look-ups stand in
 * LATERAL subqueries, see mentions_store.c; in place of EXISTS, for which the
 * whole table may be hashed, whether a subquery with a LIMIT is NULL. */
#include "clusters.h"

#define AT(id) [(id)-CLUSTERS_SQL_FIRST]

/* clang-format off */
const struct db_statement clusters_sql[CLUSTERS_SQL_END - CLUSTERS_SQL_FIRST] = {
	AT(CLUSTERS_SQL_TODO_ADD) = { "clusters_todo_add",
		"INSERT INTO cluster_todo (shard, items)"
		" SELECT * FROM unnest($1::smallint[], $2::bytea[])" },
	AT(CLUSTERS_SQL_TODO_THERE) = { "clusters_todo_there",
		"SELECT count(*) FROM cluster_todo"
		" WHERE shard = $1::int AND id = ANY ($2::bigint[])" },
	AT(CLUSTERS_SQL_DONE) = { "clusters_done",
		"SELECT cluster_done($1::int, $2::bigint[])" },
	AT(CLUSTERS_SQL_MEMBERS_ADD) = { "clusters_members_add",
		"INSERT INTO cluster_member (shard, mention_id, cluster_id,"
		" published_at, source, author, reach)"
		" SELECT $1::int, w.* FROM unnest($2::uuid[], $3::uuid[],"
		" $4::timestamptz[], $5::text[], $6::bigint[], $7::bigint[])"
		" AS w" },
	AT(CLUSTERS_SQL_PUT) = { "clusters_put",
		"INSERT INTO cluster (shard, cluster_id, revision,"
		" first_mention, first_at, last_at, mentions, authors, sources,"
		" reach, told) SELECT $1::int, w.* FROM unnest($2::uuid[],"
		" $3::bigint[], $4::uuid[], $5::timestamptz[],"
		" $6::timestamptz[], $7::bigint[], $8::bigint[], $9::bigint[],"
		" $10::bigint[], $11::bigint[]) AS w "
		"ON CONFLICT (cluster_id) DO UPDATE SET"
		" revision = excluded.revision,"
		" first_mention = excluded.first_mention,"
		" first_at = excluded.first_at, last_at = excluded.last_at,"
		" mentions = excluded.mentions, authors = excluded.authors,"
		" sources = excluded.sources, reach = excluded.reach,"
		" told = excluded.told" },
	AT(CLUSTERS_SQL_MERGE) = { "clusters_merge",
		"SELECT cluster_merge($1::uuid[], $2::uuid[])" },
	/* $1 if they have a reaction that waits, $2 in any case */
	AT(CLUSTERS_SQL_ASK) = { "clusters_ask",
		"INSERT INTO reaction_ask (mention_id)"
		" SELECT r.reaction_id FROM unnest($1::uuid[]) AS w (id)"
		" CROSS JOIN LATERAL (SELECT * FROM reaction s"
		"  WHERE s.reaction_id = w.id OFFSET 0) r"
		" WHERE r.state IN (1, 2) UNION ALL SELECT unnest($2::uuid[])" },
	AT(CLUSTERS_SQL_WINDOW_LEAST) = { "clusters_window_least",
		"SELECT coalesce(min(seconds), $1::bigint)"
		" FROM cluster_window" },
	AT(CLUSTERS_SQL_TODO) = { "clusters_todo",
		"SELECT id, queued_at, clock_timestamp(), items"
		" FROM cluster_todo WHERE shard = $1::int"
		" ORDER BY id LIMIT $2::bigint" },
	AT(CLUSTERS_SQL_REMOVE) = { "clusters_remove",
		"SELECT cluster_remove($1::int, $2::uuid[])" },
	/* Of those that are counted still; what has changed since is told by
	 * another item. After a hand-over one may be a member before its own
	 * item comes: its text was there for those before it. */
	AT(CLUSTERS_SQL_FACTS) = { "clusters_facts",
		"SELECT w.i - 1, k.edited_at, m.deleted, m.published_at,"
		" m.author, m.reach, m.source, m.topic, m.unit,"
		" m.mention_class::int, m.sentiment::int,"
		" (SELECT 1 FROM cluster_member c WHERE c.mention_id = w.id"
		" AND c.shard = $2::int LIMIT 1) IS NOT NULL "
		"FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, i) "
		"CROSS JOIN LATERAL (SELECT * FROM mention_key s"
		" WHERE s.mention_id = w.id OFFSET 0) k "
		"CROSS JOIN LATERAL (SELECT * FROM mention s"
		" WHERE s.day = k.day AND s.n = k.n OFFSET 0) m" },
	AT(CLUSTERS_SQL_READ) = { "clusters_read",
		"SELECT w.i - 1, c.revision, c.told, c.mentions, c.authors,"
		" c.sources, c.reach, c.first_at, c.last_at, c.first_mention,"
		" m.topic, m.unit, m.mention_class::int, m.sentiment::int "
		"FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, i) "
		"CROSS JOIN LATERAL (SELECT * FROM cluster s"
		" WHERE s.cluster_id = w.id OFFSET 0) c "
		"LEFT JOIN LATERAL (SELECT * FROM mention_key s"
		" WHERE s.mention_id = c.first_mention OFFSET 0) k ON true "
		"LEFT JOIN LATERAL (SELECT * FROM mention s"
		" WHERE s.day = k.day AND s.n = k.n OFFSET 0) m ON true" },
	/* Of each mention, whether one of the clusters that it comes to has a
	 * member of its source, of its author. */
	AT(CLUSTERS_SQL_KNOWN) = { "clusters_known",
		"SELECT w.i, (SELECT 1 FROM cluster_member m"
		" WHERE m.cluster_id = w.cluster AND m.source = w.source"
		" LIMIT 1) IS NOT NULL,"
		" (SELECT 1 FROM cluster_member m"
		" WHERE m.cluster_id = w.cluster AND m.source = w.source"
		" AND m.author = w.author LIMIT 1) IS NOT NULL"
		" FROM unnest($1::int[], $2::uuid[],"
		" $3::text[], $4::bigint[]) AS w (i, cluster, source, author)" },
	/* How many authors and sources of the other clusters the largest does
	 * not have: for the price of the others. */
	AT(CLUSTERS_SQL_COUNTS) = { "clusters_counts",
		"SELECT w.i, count(DISTINCT m.author) FILTER (WHERE"
		" (SELECT 1 FROM cluster_member s"
		" WHERE s.cluster_id = w.largest AND s.source = m.source"
		" AND s.author = m.author LIMIT 1) IS NULL),"
		" count(DISTINCT m.source) FILTER (WHERE"
		" (SELECT 1 FROM cluster_member s"
		" WHERE s.cluster_id = w.largest AND s.source = m.source"
		" LIMIT 1) IS NULL) "
		"FROM unnest($1::int[], $2::uuid[], $3::uuid[])"
		" AS w (i, largest, other) CROSS JOIN LATERAL"
		" (SELECT DISTINCT s.source, s.author FROM cluster_member s"
		" WHERE s.cluster_id = w.other OFFSET 0) m GROUP BY w.i" },
	AT(CLUSTERS_SQL_LOAD_FROM) = { "clusters_load_from",
		"SELECT coalesce((SELECT m.n FROM mention m"
		" WHERE cluster_shard(m.lang) = $1::int AND NOT m.deleted"
		" AND m.day >= $3::int"
		" ORDER BY m.n DESC OFFSET $2::bigint LIMIT 1), 0)" },
	AT(CLUSTERS_SQL_LOAD) = { "clusters_load",
		"SELECT m.n, m.mention_id, m.accepted_at, k.edited_at,"
		" t.title, t.text, c.cluster_id FROM (SELECT * FROM mention s"
		" WHERE s.n > $2::bigint AND s.day >= $3::int"
		" AND cluster_shard(s.lang) = $1::int AND NOT s.deleted"
		" ORDER BY s.n LIMIT $4::bigint) m "
		"CROSS JOIN LATERAL (SELECT * FROM mention_text s"
		" WHERE s.day = m.day AND s.n = m.n OFFSET 0) t "
		"CROSS JOIN LATERAL (SELECT * FROM mention_key s"
		" WHERE s.mention_id = m.mention_id OFFSET 0) k "
		"LEFT JOIN LATERAL (SELECT * FROM cluster_member s"
		" WHERE s.mention_id = m.mention_id AND s.shard = $1::int"
		" OFFSET 0) c ON true ORDER BY m.n" },
	AT(CLUSTERS_SQL_FORGET) = { "clusters_forget",
		"SELECT cluster_forget($1::int, clock_timestamp()"
		" - $2::int * interval '1 day')" },
	AT(CLUSTERS_SQL_WINDOW) = { "clusters_window",
		"INSERT INTO cluster_window AS w VALUES ($1::int, $2::bigint)"
		" ON CONFLICT (shard) DO UPDATE SET seconds = excluded.seconds"
		" WHERE w.seconds <> excluded.seconds" },
	/* Alone in its pipe. */
	AT(CLUSTERS_SQL_TIDY) = { "clusters_tidy",
		"VACUUM (SKIP_LOCKED, TRUNCATE false) cluster_todo" },
};
/* clang-format on */
