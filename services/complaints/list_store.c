/* list_store.c -- the statements of the work list, put together of the pieces
 * below. A list of so many filters has no one plan that fits: each is planned
 * for the filters that it has and the values that they have.
 */
#include <string.h>

#include "complaints.h"
#include "list.h"

/* A day's tree decides, as everywhere. */
#define ON_PATH                                                                \
	"a.registered_day >= p.from_day"                                       \
	" AND (p.to_day = 0 OR a.registered_day < p.to_day) "

static void put_columns(struct db_pipe *pipe)
{
	db_sql(pipe, "SELECT ");
	db_sql(pipe, appeal_columns);
}

/* --- orders --- */

static bool is_newest(const struct list_ask *ask)
{
	return ask->msg->order == SY__V1__APPEAL_ORDER__NEWEST_FIRST;
}

static const char *order_of(const struct list_ask *ask)
{
	switch (ask->msg->order) {
	case SY__V1__APPEAL_ORDER__WAITING_FIRST:
		return " ORDER BY a.registered_at, a.appeal_id LIMIT ";
	case SY__V1__APPEAL_ORDER__DUE_FIRST:
		return " ORDER BY a.next_due, a.appeal_id LIMIT ";
	case SY__V1__APPEAL_ORDER__NEWEST_FIRST:
	case _SY__V1__APPEAL_ORDER_IS_INT_SIZE:
		break;
	}
	return " ORDER BY a.registered_at DESC, a.appeal_id DESC LIMIT ";
}

/* What stands behind the page before, of what the order knows. */
static void put_order_filter(struct db_pipe *pipe, const struct list_ask *ask)
{
	const char *after = " AND (a.registered_at, a.appeal_id) < (";

	switch (ask->msg->order) {
	case SY__V1__APPEAL_ORDER__WAITING_FIRST:
		db_sql(pipe, " a.open AND a.first_answer_at IS NULL");
		after = " AND (a.registered_at, a.appeal_id) > (";
		break;
	case SY__V1__APPEAL_ORDER__DUE_FIRST:
		db_sql(pipe, " a.next_due IS NOT NULL");
		after = " AND (a.next_due, a.appeal_id) > (";
		break;
	case SY__V1__APPEAL_ORDER__NEWEST_FIRST:
	case _SY__V1__APPEAL_ORDER_IS_INT_SIZE:
		db_sql(pipe, " a.registered_at IS NOT NULL");
		break;
	}
	if (ask->from.at_us == 0)
		return;
	db_sql_time(pipe, after, ask->from.at_us);
	db_sql(pipe, ", ");
	db_sql_param(pipe, "uuid");
	db_uuid(pipe, ask->from.id);
	db_sql(pipe, ")");
}

/* --- filters --- */

static void put_code(struct db_pipe *pipe, const char *before,
		     const char *value)
{
	if (value[0] != '\0')
		db_sql_text(pipe, before, value);
}

/* each: row by row, in the order of the rows; else as the planner likes, which
 * may read all of them first. */
static void put_scope(struct db_pipe *pipe, const char *root, bool each)
{
	if (root[0] == '\0')
		return;
	db_sql_text(
		pipe,
		" AND (EXISTS (SELECT FROM dir_unit_path p WHERE p.ancestor = ",
		root);
	db_sql(pipe,
	       " AND p.unit = (a.unit COLLATE \"default\") AND " ON_PATH "))");
	if (each)
		db_sql(pipe, " IS TRUE");
}

/* What was asked for, and of that what may be seen: on the row's day the asked
 * unit may have lain with others. */
static void put_reach(struct db_pipe *pipe, const struct list_ask *ask,
		      bool each)
{
	put_scope(pipe, ask->root, each);
	if (strcmp(ask->grant, ask->root) != 0)
		put_scope(pipe, ask->grant, each);
}

static bool state_is_open(Sy__V1__AppealState state)
{
	switch (state) {
	case SY__V1__APPEAL_STATE__APPEAL_REGISTERED:
	case SY__V1__APPEAL_STATE__APPEAL_CLASSIFIED:
	case SY__V1__APPEAL_STATE__APPEAL_ANSWERED:
	case SY__V1__APPEAL_STATE__APPEAL_RESOLVED:
	case SY__V1__APPEAL_STATE__APPEAL_ROUTED:
	case SY__V1__APPEAL_STATE__APPEAL_INVESTIGATED:
	case SY__V1__APPEAL_STATE__APPEAL_INFORMED:
	case SY__V1__APPEAL_STATE__APPEAL_REOPENED:
		return true;
	case SY__V1__APPEAL_STATE__APPEAL_NONE:
	case SY__V1__APPEAL_STATE__APPEAL_PENDING:
	case SY__V1__APPEAL_STATE__APPEAL_CLOSED:
	case SY__V1__APPEAL_STATE__APPEAL_WITHDRAWN:
	case SY__V1__APPEAL_STATE__APPEAL_MERGED:
	case _SY__V1__APPEAL_STATE_IS_INT_SIZE:
		break;
	}
	return false;
}

/* Those that a walk has an index for, or that bound it. */
static void put_near_filters(struct db_pipe *pipe, const struct list_ask *ask)
{
	const Sy__V1__ListAppealsRequest *m = ask->msg;
	uint8_t id[UUID_BYTES];

	if (m->open_only || state_is_open(m->state))
		db_sql(pipe, " AND a.open");
	if (m->from_us != 0)
		db_sql_time(pipe, " AND a.registered_at >= ", m->from_us);
	if (m->to_us != 0)
		db_sql_time(pipe, " AND a.registered_at < ", m->to_us);
	if (m->due_before_us != 0)
		db_sql_time(pipe, " AND a.next_due < ", m->due_before_us);
	if (strcmp(m->handler, "-") == 0)
		db_sql(pipe, " AND a.handler = ''");
	else if (m->handler[0] != '\0') {
		db_sql_text(pipe, " AND a.handler = ", m->handler);
		db_sql(pipe, " AND a.handler <> ''");
	}
	put_code(pipe, " AND a.external_id = ", m->external_id);
	if (m->subject_of[0] != '\0' && uuid_parse(m->subject_of, id) == 0) {
		db_sql(pipe, " AND a.subject = ANY (ARRAY(SELECT"
			     " subject_contacts(ARRAY(SELECT a.subject"
			     " FROM appeal a WHERE a.appeal_id = ");
		db_sql_param(pipe, "uuid");
		db_uuid(pipe, id);
		put_reach(pipe, ask, false);
		db_sql(pipe, "))))");
	}
}

static void put_far_filters(struct db_pipe *pipe, const struct list_ask *ask)
{
	const Sy__V1__ListAppealsRequest *m = ask->msg;

	if (m->state != SY__V1__APPEAL_STATE__APPEAL_NONE)
		db_sql_i64(pipe, " AND a.state = ", m->state);
	put_code(pipe, " AND a.kind = ", m->kind);
	put_code(pipe, " AND a.channel = ", m->channel);
	put_code(pipe, " AND a.topic = ", m->topic);
	put_code(pipe, " AND a.element = ", m->element);
	put_code(pipe, " AND a.product = ", m->product);
	put_code(pipe, " AND a.segment = ", m->segment);
	put_code(pipe, " AND a.department = ", m->department);
	if (m->min_escalation != SY__V1__ESCALATION_LEVEL__ESCALATION_NONE)
		db_sql_i64(pipe, " AND a.escalation >= ", m->min_escalation);
	if (m->breached_only)
		db_sql(pipe, " AND a.breached");
	if (m->green_only)
		db_sql(pipe, " AND a.green_channel");
	if (m->repeats_only)
		db_sql(pipe, " AND a.repeat_of IS NOT NULL");
}

/* --- the walk --- */

/* Open work has indexes of its own. */
static bool is_open(const struct list_ask *ask)
{
	const Sy__V1__ListAppealsRequest *m = ask->msg;

	return !is_newest(ask) || m->open_only || state_is_open(m->state) ||
	       m->due_before_us != 0;
}

static bool unit_by_unit(const struct list_ask *ask)
{
	return ask->root[0] != '\0' &&
	       ask->units_nr <=
		       (is_open(ask) ? LIST_UNITS_OPEN : LIST_UNITS_FEW);
}

bool list_is_bounded(const struct list_ask *ask)
{
	const Sy__V1__ListAppealsRequest *m = ask->msg;

	if (ask->tsquery != NULL)
		return true;
	return !is_open(ask) && !unit_by_unit(ask) &&
	       m->external_id[0] == '\0' && m->subject_of[0] == '\0' &&
	       (m->handler[0] == '\0' || m->handler[0] == '-');
}

/* One index walk a unit, each to the page's end at most. */
static void walk_units(struct db_pipe *pipe, const struct list_ask *ask)
{
	put_columns(pipe);
	db_sql(pipe, " FROM dir_unit_path p CROSS JOIN LATERAL (SELECT * "
		     "FROM appeal a WHERE a.unit = p.unit COLLATE \"C\""
		     " AND " ON_PATH "AND ");
	put_order_filter(pipe, ask);
	put_near_filters(pipe, ask);
	put_far_filters(pipe, ask);
	if (strcmp(ask->grant, ask->root) != 0)
		put_scope(pipe, ask->grant, true);
	db_sql_i64(pipe, order_of(ask), ask->limit);
	db_sql_text(pipe, ") a WHERE p.ancestor = ", ask->root);
	db_sql_i64(pipe, order_of(ask), ask->limit);
}

/* The way that a bounded walk goes, whatever it finds on it. */
static void put_way(struct db_pipe *pipe, const struct list_ask *ask)
{
	if (ask->tsquery != NULL) {
		db_sql(pipe, " FROM appeal_search a WHERE ");
		put_order_filter(pipe, ask);
		if (ask->msg->from_us != 0)
			db_sql_time(pipe, " AND a.registered_at >= ",
				    ask->msg->from_us);
		if (ask->msg->to_us != 0)
			db_sql_time(pipe, " AND a.registered_at < ",
				    ask->msg->to_us);
		return;
	}
	db_sql(pipe, " FROM appeal a WHERE ");
	put_order_filter(pipe, ask);
	put_near_filters(pipe, ask);
}

static int64_t way_rows(const struct list_ask *ask)
{
	if (ask->tsquery != NULL)
		return LIST_WALK_TEXTS;
	return ask->terms_nr > 1 ? LIST_WALK_ROWS_RARE : LIST_WALK_ROWS;
}

static void put_way_end(struct db_pipe *pipe, const struct list_ask *ask,
			int64_t rows)
{
	db_sql_i64(pipe, order_of(ask), rows);
}

static void walk_texts(struct db_pipe *pipe, const struct list_ask *ask)
{
	put_columns(pipe);
	db_sql(pipe, " FROM (SELECT a.*");
	put_way(pipe, ask);
	put_way_end(pipe, ask, way_rows(ask));
	db_sql(pipe, ") s JOIN appeal a ON a.appeal_id = s.appeal_id"
		     " WHERE s.words @@ ");
	db_sql_param(pipe, "text::tsquery");
	db_text(pipe, ask->tsquery);
	put_near_filters(pipe, ask);
	put_far_filters(pipe, ask);
	put_reach(pipe, ask, false);
	db_sql_i64(pipe,
		   " ORDER BY s.registered_at DESC, s.appeal_id DESC LIMIT ",
		   ask->limit);
}

void list_walk(struct db_pipe *pipe, const struct list_ask *ask)
{
	bool bounded = list_is_bounded(ask);

	db_exec_composed(pipe);
	if (ask->tsquery != NULL) {
		walk_texts(pipe, ask);
		return;
	}
	if (unit_by_unit(ask)) {
		walk_units(pipe, ask);
		return;
	}
	put_columns(pipe);
	if (bounded)
		db_sql(pipe, " FROM (SELECT a.*");
	put_way(pipe, ask);
	if (bounded) {
		put_way_end(pipe, ask, way_rows(ask));
		db_sql(pipe, ") a WHERE true");
	}
	put_far_filters(pipe, ask);
	put_reach(pipe, ask, !bounded);
	db_sql_i64(pipe, order_of(ask), ask->limit);
}

void list_walk_end(struct db_pipe *pipe, const struct list_ask *ask)
{
	db_exec_composed(pipe);
	db_sql(pipe, "SELECT a.appeal_id, a.registered_at");
	put_way(pipe, ask);
	put_way_end(pipe, ask, 1);
	db_sql_i64(pipe, " OFFSET ", way_rows(ask) - 1);
}

/* --- by the search index --- */

void list_search(struct db_pipe *pipe, const struct list_ask *ask,
		 const struct list_terms *terms, int64_t until_us)
{
	/* For this transaction: the index is what we came for. */
	db_exec_composed(pipe);
	db_sql(pipe, "SELECT set_config('enable_seqscan', 'off', true)");
	db_exec_composed(pipe);
	db_sql(pipe, "WITH hit AS MATERIALIZED (SELECT a.registered_at,"
		     " a.appeal_id FROM appeal_search a WHERE ");
	put_order_filter(pipe, ask);
	if (until_us != 0)
		db_sql_time(pipe, " AND a.registered_at >= ", until_us);
	for (size_t i = 0; i < terms->n; i++) {
		db_sql(pipe, " AND a.words @@ ");
		db_sql_param(pipe, "text::tsquery");
		db_text(pipe, terms->t[i]);
	}
	db_sql(pipe, ") ");
	put_columns(pipe);
	db_sql(pipe, " FROM (SELECT * FROM hit ORDER BY hit.registered_at DESC,"
		     " hit.appeal_id DESC) h "
		     "CROSS JOIN LATERAL (SELECT * FROM appeal a"
		     " WHERE a.appeal_id = h.appeal_id OFFSET 0) a WHERE true");
	put_near_filters(pipe, ask);
	put_far_filters(pipe, ask);
	put_reach(pipe, ask, false);
	db_sql_i64(pipe, order_of(ask), ask->limit);
}

/* --- the rest --- */

void list_units(struct db_pipe *pipe, const struct list_ask *ask)
{
	db_exec_composed(pipe);
	db_sql_text(pipe,
		    "SELECT DISTINCT p.unit FROM dir_unit_path p "
		    "WHERE p.ancestor = ",
		    ask->root);
	db_sql_i64(pipe, " LIMIT ", LIST_UNITS_OPEN + 1);
}

void list_behind(struct db_pipe *pipe)
{
	db_exec_composed(pipe);
	db_sql(pipe, "SELECT queued_at, clock_timestamp() FROM search_queue"
		     " ORDER BY id LIMIT 1");
}

void list_texts(struct db_pipe *pipe, const Sy__V1__AppealRow *const *rows,
		size_t n)
{
	uint8_t id[UUID_BYTES];

	db_exec_composed(pipe);
	db_sql(pipe, "SELECT w.at, t.text FROM unnest(");
	db_sql_param(pipe, "uuid[]) WITH ORDINALITY AS w (id, at) "
			   "CROSS JOIN LATERAL (SELECT x.n, x.text"
			   " FROM appeal_text x WHERE x.appeal_id = w.id"
			   " UNION ALL SELECT 1001, concat_ws(' | ', p.name,"
			   " p.phone, p.email, p.address) FROM appeal_person p"
			   " WHERE p.appeal_id = w.id) t ORDER BY w.at, t.n");
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < n; i++)
		if (uuid_parse(rows[i]->appeal_id, id) == 0)
			db_array_data(pipe, id, sizeof(id));
	db_array_end(pipe);
}
