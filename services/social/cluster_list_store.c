/* cluster_list_store.c -- the question for a list of clusters. */
#include "clusters.h"

/* Of c and h, the highest first. */
static const char *const ranks[] = {
	[CLUSTERS_GROWING] = "coalesce(h.n, 0)",
	[CLUSTERS_SIZE] = "c.mentions",
	[CLUSTERS_NEWEST] = "(extract(epoch FROM c.last_at) * 1000000)::bigint",
};

/* The beginning of what the first one said. */
#define COLUMNS                                                                \
	"SELECT c.cluster_id, c.first_mention, c.first_at, c.last_at,"         \
	" c.mentions, c.authors, c.sources, c.reach, coalesce(h.n, 0),"        \
	" c.shard::int, m.mention_class::int, m.sentiment::int, m.topic,"      \
	" m.unit, left(t.text, 280), "
#define LAST_HOUR "published_at > clock_timestamp() - interval '1 hour'"
#define FIRST                                                                  \
	" LEFT JOIN mention_key k ON k.mention_id = c.first_mention"           \
	" LEFT JOIN mention m ON m.day = k.day AND m.n = k.n"                  \
	" LEFT JOIN mention_text t ON t.day = k.day AND t.n = k.n "

void clusters_put_of(struct db_pipe *pipe, const uint8_t mention_id[UUID_BYTES])
{
	db_exec_composed(pipe);
	db_sql(pipe, COLUMNS
	       "0::bigint FROM cluster_member x"
	       " JOIN cluster c USING (cluster_id) LEFT JOIN LATERAL"
	       " (SELECT count(*) AS n FROM cluster_member y"
	       " WHERE y.cluster_id = c.cluster_id AND y." LAST_HOUR ") h"
	       " ON true" FIRST "WHERE x.mention_id = ");
	db_sql_param(pipe, "uuid");
	db_uuid(pipe, mention_id);
	db_sql(pipe, " AND c.mentions >= 2 LIMIT 1");
}

void clusters_put_list(struct db_pipe *pipe, const struct clusters_ask *ask)
{
	const char *rank = ranks[ask->order];

	db_exec_composed(pipe);
	db_sql(pipe, COLUMNS);
	db_sql(pipe, rank);
	db_sql_i64(pipe,
		   " FROM cluster c LEFT JOIN (SELECT cluster_id, count(*)"
		   " AS n FROM cluster_member WHERE " LAST_HOUR
		   " GROUP BY cluster_id) h USING (cluster_id)" FIRST
		   "WHERE c.merged_into IS NULL AND c.mentions >= ",
		   ask->least);
	db_sql_time(pipe, " AND c.last_at >= ", ask->from_us);
	db_sql_time(pipe, " AND c.last_at < ", ask->to_us);
	social_put_scope(pipe, "m.unit", ask->root);
	if (ask->after) {
		db_sql(pipe, " AND (");
		db_sql(pipe, rank);
		db_sql_i64(pipe, ", c.cluster_id) < (", ask->rank);
		db_sql(pipe, ", ");
		db_sql_param(pipe, "uuid");
		db_uuid(pipe, ask->id);
		db_sql(pipe, ")");
	}
	db_sql(pipe, " ORDER BY ");
	db_sql(pipe, rank);
	db_sql_i64(pipe, " DESC, c.cluster_id DESC LIMIT ",
		   (int64_t)ask->limit + 1);
}
