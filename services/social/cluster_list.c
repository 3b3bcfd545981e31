/* cluster_list.c -- clusters as a list: growing now, largest, newest. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clusters.h"
#include "timeutil.h"

#define LIMIT 50
#define LIMIT_MAX 200
/* Of the first mention's text, characters. */
#define TEXT_CHARS 280

enum {
	C_ID,
	C_FIRST,
	C_FIRST_AT,
	C_LAST_AT,
	C_MENTIONS,
	C_AUTHORS,
	C_SOURCES,
	C_REACH,
	C_LAST_HOUR,
	C_SHARD,
	C_CLASS,
	C_SENTIMENT,
	C_TOPIC,
	C_UNIT,
	C_TEXT,
	C_RANK,
};

struct order {
	const char *name;
	const char *rank; /* bigint, the highest first; of c and h */
};
static const struct order orders[] = {
	{ "growing", "coalesce(h.n, 0)" },
	{ "size", "c.mentions" },
	{ "newest", "(extract(epoch FROM c.last_at) * 1000000)::bigint" },
};

struct asked {
	const Sy__V1__ListClustersRequest *req;
	const struct order *order;
	uint32_t limit;
	bool after; /* rank and id of the last one that was shown */
	int64_t rank;
	uint8_t id[UUID_BYTES];
	int64_t from_us, to_us;
};

/* "RANK_ID" */
static bool read_cursor(const char *cursor, struct asked *asked_r)
{
	char *end;

	if (cursor[0] == '\0')
		return true;
	asked_r->after = true;
	asked_r->rank = strtoll(cursor, &end, 10);
	return end != cursor && *end == '_' &&
	       uuid_parse(end + 1, asked_r->id) == 0;
}

static bool read_asked(struct bus_request *req, struct asked *asked_r)
{
	const Sy__V1__ListClustersRequest *list =
		(const void *)bus_request_message(req);

	*asked_r = (struct asked){ .req = list, .order = &orders[0] };
	asked_r->limit = list->limit == 0 ? LIMIT : list->limit;
	if (list->limit > LIMIT_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is at most %d", LIMIT_MAX);
		return false;
	}
	if (list->order[0] != '\0') {
		asked_r->order = NULL;
		for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
			if (strcmp(list->order, orders[i].name) == 0)
				asked_r->order = &orders[i];
	}
	if (asked_r->order == NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "order",
				"is growing, size or newest");
		return false;
	}
	if (!read_cursor(list->cursor, asked_r)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "cursor",
				"is not one that was given out");
		return false;
	}
	asked_r->from_us = INT64_C(0);
	asked_r->to_us = time_now_us() + 2 * US_PER_DAY;
	if (list->days != NULL && list->days->from_day != 0)
		asked_r->from_us = list->days->from_day * US_PER_DAY;
	if (list->days != NULL && list->days->to_day != 0)
		asked_r->to_us = list->days->to_day * US_PER_DAY;
	return true;
}

static void put_after(struct db_pipe *pipe, const struct asked *asked)
{
	if (!asked->after)
		return;
	db_sql(pipe, " AND (");
	db_sql(pipe, asked->order->rank);
	db_sql(pipe, ", c.cluster_id) < (");
	db_sql_param(pipe, "bigint");
	db_i64(pipe, asked->rank);
	db_sql(pipe, ", ");
	db_sql_param(pipe, "uuid");
	db_uuid(pipe, asked->id);
	db_sql(pipe, ")");
}

static void put_list(struct db_pipe *pipe, const struct asked *asked,
		     const char *seen)
{
	db_exec_composed(pipe);
	db_sql(pipe,
	       "SELECT c.cluster_id, c.first_mention, c.first_at, c.last_at,"
	       " c.mentions, c.authors, c.sources, c.reach,"
	       " coalesce(h.n, 0), c.shard::int, m.mention_class::int,"
	       " m.sentiment::int, m.topic, m.unit, left(t.text, ");
	db_sql_param(pipe, "int");
	db_i32(pipe, TEXT_CHARS);
	db_sql(pipe, "), ");
	db_sql(pipe, asked->order->rank);
	db_sql(pipe, " FROM cluster c LEFT JOIN (SELECT cluster_id, count(*)"
		     " AS n FROM cluster_member WHERE published_at >"
		     " clock_timestamp() - interval '1 hour'"
		     " GROUP BY cluster_id) h USING (cluster_id) "
		     "LEFT JOIN mention_key k ON k.mention_id = c.first_mention"
		     " LEFT JOIN mention m ON m.day = k.day AND m.n = k.n"
		     " LEFT JOIN mention_text t ON t.day = k.day"
		     " AND t.n = k.n "
		     "WHERE c.merged_into IS NULL AND c.mentions >= ");
	db_sql_param(pipe, "int");
	db_i32(pipe, asked->req->min_mentions > 2
			     ? (int32_t)asked->req->min_mentions
			     : 2);
	db_sql(pipe, " AND c.last_at >= ");
	db_sql_param(pipe, "timestamptz");
	db_time(pipe, asked->from_us != 0 ? asked->from_us : TIME_MIN_US);
	db_sql(pipe, " AND c.last_at < ");
	db_sql_param(pipe, "timestamptz");
	db_time(pipe, asked->to_us);
	social_put_scope(pipe, "m.unit", asked->req->unit);
	social_put_scope(pipe, "m.unit", seen);
	put_after(pipe, asked);
	db_sql(pipe, " ORDER BY ");
	db_sql(pipe, asked->order->rank);
	db_sql(pipe, " DESC, c.cluster_id DESC LIMIT ");
	db_sql_param(pipe, "bigint");
	db_i64(pipe, asked->limit + 1);
}

static char *id_at(struct arena *arena, const struct db_result *res, int row,
		   int col)
{
	size_t len;
	const uint8_t *id = db_get_bytes(res, 0, row, col, &len);

	return uuid_format(id, arena_alloc(arena, UUID_TEXT_MAX));
}

static void fill(const struct db_result *res, int row, struct arena *arena,
		 const struct bus_grant *grant, Sy__V1__Cluster *c)
{
	static const char *const langs[CLUSTER_SHARDS] = { "ru", "zh", "en",
							   "other" };

	sy__v1__cluster__init(c);
	c->cluster_id = id_at(arena, res, row, C_ID);
	c->first_mention_id = id_at(arena, res, row, C_FIRST);
	c->first_at_us = db_get_time(res, 0, row, C_FIRST_AT);
	c->last_at_us = db_get_time(res, 0, row, C_LAST_AT);
	c->mentions = (uint64_t)db_get_i64(res, 0, row, C_MENTIONS);
	c->authors = (uint64_t)db_get_i64(res, 0, row, C_AUTHORS);
	c->sources = (uint64_t)db_get_i64(res, 0, row, C_SOURCES);
	c->reach = (uint64_t)db_get_i64(res, 0, row, C_REACH);
	c->last_hour = (uint64_t)db_get_i64(res, 0, row, C_LAST_HOUR);
	c->lang = (char *)
		langs[db_get_i32(res, 0, row, C_SHARD) & (CLUSTER_SHARDS - 1)];
	c->mention_class =
		(Sy__V1__MentionClass)db_get_i32(res, 0, row, C_CLASS);
	c->sentiment = (Sy__V1__Sentiment)db_get_i32(res, 0, row, C_SENTIMENT);
	c->topic = (char *)db_get_text(res, 0, row, C_TOPIC);
	c->unit = (char *)db_get_text(res, 0, row, C_UNIT);
	if (grant->roles & ROLE_HANDLER)
		c->text = (char *)db_get_text(res, 0, row, C_TEXT);
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__ListClustersRequest *asked =
		(const void *)bus_request_message(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListClustersReply reply = SY__V1__LIST_CLUSTERS_REPLY__INIT;
	int rows, limit = (int)(asked->limit == 0 ? LIMIT : asked->limit);

	if (bus_reply_db_error(req, res))
		return;
	rows = db_rows(res, 0) < limit ? db_rows(res, 0) : limit;
	reply.clusters = arena_alloc(arena, ((size_t)rows + 1) *
						    sizeof(reply.clusters[0]));
	for (int row = 0; row < rows; row++) {
		reply.clusters[row] =
			arena_alloc(arena, sizeof(*reply.clusters[row]));
		fill(res, row, arena, bus_request_grant(req),
		     reply.clusters[row]);
	}
	reply.n_clusters = (size_t)rows;
	if (db_rows(res, 0) > limit)
		reply.next_cursor =
			arena_printf(arena, "%" PRId64 "_%s",
				     db_get_i64(res, 0, rows - 1, C_RANK),
				     reply.clusters[rows - 1]->cluster_id);
	reply.window_seconds = db_get_i64(res, 1, 0, 0);
	bus_reply(req, &reply.base);
}

void handle_list_clusters(struct bus_request *req)
{
	struct db_pipe *pipe;
	struct asked asked;

	if (!read_asked(req, &asked))
		return;
	pipe = bus_request_pipe(req);
	put_list(pipe, &asked, bus_request_grant(req)->unit);
	db_exec(pipe, CLUSTERS_SQL_WINDOW_LEAST);
	db_i64(pipe, CLUSTER_WINDOW_US / US_PER_S);
	db_pipe_run(pipe, listed_cb, req);
}
