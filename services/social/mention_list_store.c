/* mention_list_store.c -- the statements of ListMentions, put together of fixed
 * pieces: each is planned for the filters that it has and their values.
 */
#include "mention_read.h"

/* What the index by time knows. */
static void put_window(struct db_pipe *pipe, const struct mention_list_ask *ask)
{
	db_sql_time(pipe, " m.published_at >= ", ask->from_us);
	db_sql_time(pipe, " AND m.published_at < ", ask->to_us);
	db_sql_time(pipe, " AND (m.published_at, m.n) < (", ask->at_us);
	db_sql_i64(pipe, ", ", ask->n);
	db_sql(pipe, ")");
}

static void put_filters(struct db_pipe *pipe,
			const struct mention_list_ask *ask)
{
	const Sy__V1__ListMentionsRequest *msg = ask->msg;

	db_sql(pipe, " NOT m.deleted");
	if (!msg->spam)
		db_sql(pipe, " AND NOT m.spam");
	if (msg->unsure)
		db_sql(pipe, " AND m.unsure");
	if (msg->source[0] != '\0')
		db_sql_text(pipe, " AND m.source = ", msg->source);
	if (msg->lang[0] != '\0')
		db_sql_text(pipe, " AND m.lang = ", msg->lang);
	if (msg->topic[0] != '\0')
		db_sql_text(pipe, " AND m.topic = ", msg->topic);
	if (msg->mention_class != 0)
		db_sql_i64(pipe, " AND m.mention_class = ",
			   (int64_t)msg->mention_class);
	if (msg->sentiment != 0)
		db_sql_i64(pipe,
			   " AND m.sentiment = ", (int64_t)msg->sentiment);
	if (ask->in_cluster) {
		db_sql(pipe, " AND m.mention_id IN (SELECT x.mention_id"
			     " FROM cluster c JOIN cluster_member x"
			     " ON x.cluster_id = coalesce(c.merged_into,"
			     " c.cluster_id) WHERE c.cluster_id = ");
		db_sql_param(pipe, "uuid");
		db_uuid(pipe, ask->cluster);
		db_sql(pipe, ")");
	}
	if (msg->watch[0] != '\0')
		db_sql_text(pipe, " AND position(',' || ", msg->watch);
	if (msg->watch[0] != '\0')
		db_sql(pipe, " || ',' IN m.watches) > 0");
}

#define ORDER " ORDER BY m.published_at DESC, m.n DESC LIMIT "
#define WALKED_COLUMNS                                                         \
	"SELECT m.day, m.n, m.mention_id, m.published_at, m.accepted_at,"      \
	" m.deleted, m.spam, m.unsure, m.mention_class, m.sentiment,"          \
	" m.source, m.lang, m.topic, m.unit, m.watches, m.stored FROM "        \
	"mention m WHERE"
/* Of a subtree as it is today. */
#define SUBTREE                                                                \
	"SELECT p.unit COLLATE \"C\" AS unit FROM dir_unit_path p"             \
	" WHERE (p.to_day = 0 OR p.to_day > extract(epoch FROM now()) / "      \
	"86400)"                                                               \
	" AND p.from_day <= extract(epoch FROM now()) / 86400 AND p.ancestor " \
	"= "

/* The rows of the page, of a few units. */
static void put_few(struct db_pipe *pipe, const struct mention_list_ask *ask)
{
	db_sql_text(pipe, "SELECT m.* FROM (" SUBTREE, ask->root);
	db_sql(pipe, ") u CROSS JOIN LATERAL (" WALKED_COLUMNS
		     " m.unit = u.unit AND");
	put_window(pipe, ask);
	db_sql(pipe, " AND");
	put_filters(pipe, ask);
	db_sql_i64(pipe, ORDER, (int64_t)ask->limit + 1);
	db_sql(pipe, ") m");
}

static void put_walk(struct db_pipe *pipe, const struct mention_list_ask *ask)
{
	db_sql(pipe, "SELECT m.* FROM (" WALKED_COLUMNS);
	put_window(pipe, ask);
	db_sql_i64(pipe, ORDER, MENTION_WALK);
	db_sql(pipe, ") m WHERE");
	put_filters(pipe, ask);
	if (ask->root[0] != '\0') {
		db_sql_text(pipe, " AND m.unit IN (" SUBTREE, ask->root);
		db_sql(pipe, ")");
	}
}

void mention_list_put_page(struct db_pipe *pipe,
			   const struct mention_list_ask *ask)
{
	db_exec_composed(pipe);
	db_sql(pipe, "SELECT " MENTION_COLUMNS ", m.n, m.published_at FROM (");
	if (ask->few)
		put_few(pipe, ask);
	else
		put_walk(pipe, ask);
	db_sql_i64(pipe, ORDER, (int64_t)ask->limit + 1);
	db_sql(pipe, ") m JOIN mention_key k ON k.mention_id = m.mention_id"
		     " LEFT JOIN mention_text t ON t.day = m.day AND t.n = m.n"
		     " ORDER BY m.published_at DESC, m.n DESC");
}

/* Where a walk ends that is as long as it may be. */
void mention_list_put_walked(struct db_pipe *pipe,
			     const struct mention_list_ask *ask)
{
	db_exec_composed(pipe);
	db_sql(pipe, "SELECT m.published_at, m.n FROM mention m WHERE");
	put_window(pipe, ask);
	db_sql_i64(pipe, " ORDER BY m.published_at DESC, m.n DESC OFFSET ",
		   MENTION_WALK - 1);
	db_sql(pipe, " LIMIT 1");
}

void mention_list_put_units(struct db_pipe *pipe,
			    const struct mention_list_ask *ask)
{
	db_exec_composed(pipe);
	db_sql_text(pipe, "SELECT count(*) FROM (" SUBTREE, ask->root);
	db_sql_i64(pipe, " LIMIT ", MENTION_UNITS_FEW + 1);
	db_sql(pipe, ") s");
}
