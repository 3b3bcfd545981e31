/* cluster_list.c -- clusters as a list: growing now, largest, newest. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clusters.h"
#include "mention_read.h"
#include "timeutil.h"

#define LIMIT 50
#define LIMIT_MAX 200

static const char *const orders[] = {
	[CLUSTERS_GROWING] = "growing",
	[CLUSTERS_SIZE] = "size",
	[CLUSTERS_NEWEST] = "newest",
};

/* "RANK_ID" */
static bool read_cursor(const char *cursor, struct clusters_ask *asked_r)
{
	char *end;

	if (cursor[0] == '\0')
		return true;
	asked_r->after = true;
	asked_r->rank = strtoll(cursor, &end, 10);
	return end != cursor && *end == '_' &&
	       uuid_parse(end + 1, asked_r->id) == 0;
}

static bool refused(struct bus_request *req, const char *field,
		    const char *text)
{
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s", text);
	return false;
}

static bool read_order(const char *order, struct clusters_ask *asked_r)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (strcmp(order, orders[i]) == 0) {
			asked_r->order = (enum clusters_order)i;
			return true;
		}
	return order[0] == '\0';
}

static bool read_asked(struct bus_request *req, struct clusters_ask *asked_r)
{
	const Sy__V1__ListClustersRequest *list =
		(const void *)bus_request_message(req);

	*asked_r = (struct clusters_ask){
		.least = list->min_mentions > 2 ? list->min_mentions : 2,
		.limit = list->limit == 0 ? LIMIT : list->limit,
		.from_us = TIME_MIN_US,
		.to_us = time_now_us() + 2 * US_PER_DAY,
	};
	if (list->limit > LIMIT_MAX)
		return refused(req, "limit", "is at most 200");
	if (list->min_mentions > INT32_MAX)
		return refused(req, "min_mentions", "is too many");
	if (!read_order(list->order, asked_r))
		return refused(req, "order", "is growing, size or newest");
	if (!read_cursor(list->cursor, asked_r))
		return refused(req, "cursor", "is not one that was given out");
	return social_days(req, list->days, &asked_r->from_us,
			   &asked_r->to_us) &&
	       social_scope(req, list->unit, &asked_r->root);
}

static char *id_at(struct arena *arena, const struct db_result *res,
		   int statement, int row, int col)
{
	size_t len;
	const uint8_t *id = db_get_bytes(res, statement, row, col, &len);

	return uuid_format(id, arena_alloc(arena, UUID_TEXT_MAX));
}

Sy__V1__Cluster *cluster_of_row(struct arena *arena,
				const struct db_result *res, int st, int row,
				bool personal)
{
	static const char *const langs[CLUSTER_SHARDS] = { "ru", "zh", "en",
							   "other" };
	Sy__V1__Cluster *c;

	if (row >= db_rows(res, st))
		return NULL;
	c = arena_alloc(arena, sizeof(*c));
	sy__v1__cluster__init(c);
	c->cluster_id = id_at(arena, res, st, row, C_ID);
	c->first_mention_id = id_at(arena, res, st, row, C_FIRST);
	c->first_at_us = db_get_time(res, st, row, C_FIRST_AT);
	c->last_at_us = db_get_time(res, st, row, C_LAST_AT);
	c->mentions = (uint64_t)db_get_i64(res, st, row, C_MENTIONS);
	c->authors = (uint64_t)db_get_i64(res, st, row, C_AUTHORS);
	c->sources = (uint64_t)db_get_i64(res, st, row, C_SOURCES);
	c->reach = (uint64_t)db_get_i64(res, st, row, C_REACH);
	c->last_hour = (uint64_t)db_get_i64(res, st, row, C_LAST_HOUR);
	c->lang = (char *)
		langs[db_get_i32(res, st, row, C_SHARD) & (CLUSTER_SHARDS - 1)];
	c->mention_class =
		(Sy__V1__MentionClass)db_get_i32(res, st, row, C_CLASS);
	c->sentiment = (Sy__V1__Sentiment)db_get_i32(res, st, row, C_SENTIMENT);
	c->topic = (char *)db_get_text(res, st, row, C_TOPIC);
	c->unit = (char *)db_get_text(res, st, row, C_UNIT);
	if (personal)
		c->text = (char *)db_get_text(res, st, row, C_TEXT);
	return c;
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
	for (int row = 0; row < rows; row++)
		reply.clusters[row] = cluster_of_row(
			arena, res, 0, row,
			bus_request_grant(req)->roles & ROLE_HANDLER);
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
	struct clusters_ask asked;
	struct db_pipe *pipe;

	if (!read_asked(req, &asked))
		return;
	pipe = bus_request_pipe(req);
	clusters_put_list(pipe, &asked);
	db_exec(pipe, CLUSTERS_SQL_WINDOW_LEAST);
	db_i64(pipe, CLUSTER_WINDOW_US / US_PER_S);
	db_pipe_run(pipe, listed_cb, req);
}
