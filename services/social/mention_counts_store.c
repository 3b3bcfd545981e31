/* mention_counts_store.c -- the statement of GetMentionCounts, put together of
 * fixed pieces.
 */
#include "mention_read.h"

/* What is selected, as text, for each sy.v1.MentionSplit. Units: the child of
 * the asked one that the counted one lies under; itself where it is none. */
static const char *const keys[] = {
	[SY__V1__MENTION_SPLIT__SPLIT_HOUR] = "t.hour",
	[SY__V1__MENTION_SPLIT__SPLIT_DAY] = "t.hour / 24",
	[SY__V1__MENTION_SPLIT__SPLIT_UNIT] = "COALESCE(c.child, t.unit)",
	[SY__V1__MENTION_SPLIT__SPLIT_TOPIC] = "t.topic",
	[SY__V1__MENTION_SPLIT__SPLIT_CLASS] = "t.mention_class",
	[SY__V1__MENTION_SPLIT__SPLIT_SENTIMENT] = "t.sentiment",
	[SY__V1__MENTION_SPLIT__SPLIT_SOURCE] = "t.source",
};

static bool splits_by(const struct mention_counts_ask *ask,
		      Sy__V1__MentionSplit split)
{
	for (size_t i = 0; i < ask->msg->n_split_by; i++)
		if (ask->msg->split_by[i] == split)
			return true;
	return false;
}

/* The tree of today. */
#define TODAY(p)                                                               \
	"(" p ".to_day = 0 OR " p ".to_day > extract(epoch FROM now()) /"      \
	" 86400) AND " p ".from_day <= extract(epoch FROM now()) / 86400"

static void put_children(struct db_pipe *pipe,
			 const struct mention_counts_ask *ask)
{
	db_sql_text(pipe,
		    " LEFT JOIN (SELECT p.unit COLLATE \"C\" AS unit,"
		    " min(p.ancestor) AS child FROM dir_unit_path p JOIN"
		    /* a child's own path begins with its version */
		    " (SELECT u.code FROM dir_unit u JOIN dir_unit_path s"
		    " ON s.ancestor = u.code AND s.unit = u.code"
		    " AND s.from_day = u.valid_from_day WHERE " TODAY(
			    "s") " AND u.parent = ",
		    ask->root);
	db_sql(pipe, ") d ON d.code = p.ancestor WHERE " TODAY(
			     "p") " GROUP BY p.unit) c ON c.unit = t.unit");
}

static void put_filters(struct db_pipe *pipe,
			const struct mention_counts_ask *ask)
{
	const Sy__V1__GetMentionCountsRequest *msg = ask->msg;

	db_sql_i64(pipe, " WHERE t.hour >= ", msg->from_hour);
	db_sql_i64(pipe, " AND t.hour < ", msg->to_hour);
	if (msg->source[0] != '\0')
		db_sql_text(pipe, " AND t.source = ", msg->source);
	if (msg->topic[0] != '\0')
		db_sql_text(pipe, " AND t.topic = ", msg->topic);
	if (msg->mention_class != 0)
		db_sql_i64(pipe, " AND t.mention_class = ",
			   (int64_t)msg->mention_class);
	if (msg->sentiment != 0)
		db_sql_i64(pipe,
			   " AND t.sentiment = ", (int64_t)msg->sentiment);
	if (ask->root[0] != '\0') {
		db_sql_text(pipe,
			    " AND t.unit IN (SELECT s.unit COLLATE \"C\""
			    " FROM dir_unit_path s WHERE " TODAY(
				    "s") " AND"
					 " s.ancestor = ",
			    ask->root);
		db_sql(pipe, ")");
	}
}

void mention_counts_put(struct db_pipe *pipe,
			const struct mention_counts_ask *ask)
{
	const Sy__V1__GetMentionCountsRequest *msg = ask->msg;
	static const char *const places[MENTION_SPLITS_MAX] = { "1", "2", "3" };

	db_exec_composed(pipe);
	db_sql(pipe, "SELECT ");
	for (size_t i = 0; i < msg->n_split_by; i++) {
		db_sql(pipe, "(");
		db_sql(pipe, keys[msg->split_by[i]]);
		db_sql(pipe, ")::text, ");
	}
	db_sql(pipe, "COALESCE(sum(t.mentions), 0)::bigint,"
		     " COALESCE(sum(t.reach), 0)::bigint FROM tally_now t");
	if (splits_by(ask, SY__V1__MENTION_SPLIT__SPLIT_UNIT))
		put_children(pipe, ask);
	put_filters(pipe, ask);
	for (size_t i = 0; i < msg->n_split_by; i++) {
		db_sql(pipe, i == 0 ? " GROUP BY " : ", ");
		db_sql(pipe, places[i]);
	}
	if (msg->n_split_by > 0)
		db_sql(pipe, " HAVING sum(t.mentions) <> 0"
			     " OR sum(t.reach) <> 0");
	for (size_t i = 0; i < msg->n_split_by; i++) {
		db_sql(pipe, i == 0 ? " ORDER BY " : ", ");
		db_sql(pipe, places[i]);
	}
	db_sql_i64(pipe, " LIMIT ", (int64_t)ask->limit + 1);
}
