/* store.c -- every statement of this service, and how their parameters go in.
 *
 * A validity that is open has to_day 0 in the directory's tables; days of an
 * asked range that are open come as the ends of int32. */
#include "kpi.h"

/* clang-format off */

/* What was asked for out of the registry. */
#define ASKED_SQL \
	"asked AS (SELECT * FROM indicator" \
	" WHERE cardinality($1::text[]) = 0 OR code = ANY ($1))"

#define VALID_SQL(row, day) \
	row ".valid_from_day <= " day \
	" AND (" row ".valid_to_day = 0 OR " day " < " row ".valid_to_day)"
#define ON_PATH_SQL(row, day) \
	row ".from_day <= " day \
	" AND (" row ".to_day = 0 OR " day " < " row ".to_day)"

const struct db_statement kpi_statements[SQL_NR] = {
	/* The order is that of the primary key, so that two replicas that add
	 * to the same cells wait for each other and never in a circle. */
	[SQL_ADD_CELLS] = { "add_cells",
		"INSERT INTO cell (day, unit, indicator, kind, channel, topic,"
		" department, accepted_day, numerator, denominator)"
		" SELECT * FROM unnest($1::int[], $2::text[], $3::smallint[],"
		" $4::text[], $5::text[], $6::text[], $7::text[], $8::int[],"
		" $9::bigint[], $10::bigint[])"
		" AS d(day, unit, indicator, kind, channel, topic, department,"
		" accepted_day, numerator, denominator)"
		" ORDER BY day, unit COLLATE \"C\", indicator,"
		" kind COLLATE \"C\", channel COLLATE \"C\","
		" topic COLLATE \"C\", department COLLATE \"C\", accepted_day"
		" ON CONFLICT (day, unit, indicator, kind, channel, topic,"
		" department, accepted_day) DO UPDATE SET"
		" numerator = cell.numerator + excluded.numerator,"
		" denominator = cell.denominator + excluded.denominator" },

	/* Which joins and columns a question needs stands in its flags: only a
	 * plan that sees them leaves the others out. Groups by several codes are
	 * fewer than estimated: with little memory the planner would sort every
	 * cell for them. Holds until the Sync. */
	[SQL_CUSTOM_PLAN] = { "custom_plan",
		"SELECT set_config('plan_cache_mode', 'force_custom_plan',"
		" true), set_config('jit', 'off', true),"
		" set_config('work_mem', '64MB', true)" },

	[SQL_INDICATORS] = { "indicators",
		"WITH " ASKED_SQL
		" SELECT id, code, form, per, measure FROM asked ORDER BY id" },

	/* $9-$16: split by each of enum Dimension, in its order. The child of
	 * the asked unit is the one on the path of the cell's day, ended or not
	 * (its own path, s, goes on to its next version); what the asked unit
	 * itself holds stands under its own code. Cells are added up
	 * by class of kind first and only then taken by each indicator that
	 * reads them; by day too if an indicator began or ended. */
	[SQL_CELLS] = { "cells",
		"WITH " ASKED_SQL ","
		/* Once, not for each cell: new tables have no statistics. Their
		 * index is found by the collation of the directory's codes. */
		" below AS MATERIALIZED (SELECT p.unit, p.from_day, p.to_day,"
		" u.code, s.from_day AS child_from_day, s.to_day AS child_to_day"
		" FROM dir_unit u JOIN dir_unit_path s ON s.ancestor = u.code"
		" AND s.unit = u.code AND s.from_day = u.valid_from_day"
		" JOIN dir_unit_path p ON p.ancestor = u.code"
		" WHERE $13::bool AND u.parent = $2::text),"
		" part AS (SELECT c.indicator AS cells, k.class AS kind_class,"
		" CASE WHEN (SELECT bool_or(valid_from_day > -2147483648"
		" OR valid_to_day < 2147483647) FROM asked) THEN c.day END"
		" AS valid_day,"
		" CASE WHEN $9::bool THEN c.day END AS by_day,"
		" CASE WHEN $10::bool THEN c.kind END AS by_kind,"
		" CASE WHEN $11::bool THEN c.channel END AS by_channel,"
		" CASE WHEN $12::bool THEN c.topic END AS by_topic,"
		" CASE WHEN $13::bool THEN coalesce(child.code, $2) END"
		" AS by_child,"
		" CASE WHEN $14::bool THEN coalesce(h.class, '') END"
		" AS by_channel_class,"
		" CASE WHEN $15::bool THEN date_trunc('month',"
		" date '1970-01-01' + c.day)::date - date '1970-01-01' END"
		" AS by_month,"
		" CASE WHEN $16::bool THEN c.department END AS by_department,"
		" sum(c.numerator)::bigint AS numerator,"
		" sum(c.denominator)::bigint AS denominator,"
		" min(c.day) AS first_day, max(c.day) AS last_day"
		" FROM cell c"
		" LEFT JOIN dir_unit_path p ON $2::text <> ''"
		" AND p.ancestor = $2 AND p.unit = (c.unit COLLATE \"default\")"
		" AND " ON_PATH_SQL("p", "c.day")
		" LEFT JOIN below child ON $13"
		" AND child.unit = (c.unit COLLATE \"default\")"
		" AND child.child_from_day <= c.day AND (child.child_to_day = 0"
		" OR c.day < child.child_to_day)"
		" AND " ON_PATH_SQL("child", "c.day")
		" LEFT JOIN dir_term k ON k.taxonomy = 'kind'"
		" AND k.code = (c.kind COLLATE \"default\")"
		" AND " VALID_SQL("k", "c.day")
		" LEFT JOIN dir_term h ON $14 AND h.taxonomy = 'channel'"
		" AND h.code = (c.channel COLLATE \"default\")"
		" AND " VALID_SQL("h", "c.day")
		" WHERE c.day >= $3::int AND c.day < $4::int"
		" AND c.accepted_day <= $5::int"
		" AND c.indicator = ANY (ARRAY(SELECT cells FROM asked))"
		" AND ($2 = '' OR p.unit IS NOT NULL)"
		" AND ($6::text = '' OR c.kind = $6)"
		" AND ($7::text = '' OR c.channel = $7)"
		" AND ($8::text = '' OR c.topic = $8)"
		" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)"
		" SELECT i.id, by_day, by_kind, by_channel, by_topic, by_child,"
		" by_channel_class, by_month, by_department,"
		" sum(part.numerator)::bigint, sum(part.denominator)::bigint,"
		" min(min(first_day)) OVER (), max(max(last_day)) OVER ()"
		" FROM asked i JOIN part USING (cells)"
		" WHERE (i.kind_class = '' OR part.kind_class = i.kind_class)"
		" AND (valid_day IS NULL OR (i.valid_from_day <= valid_day"
		" AND valid_day < i.valid_to_day))"
		" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"
		" HAVING sum(part.numerator) <> 0 OR sum(part.denominator) <> 0"
		" ORDER BY 1, 8, 2, 6, 3, 4, 7, 5, 9 LIMIT $17::bigint" },

	/* What rates are divided by: a unit's own figure where it has one, else
	 * the sum over its children, found in the same way. Between two edges
	 * neither figures nor tree change. */
	[SQL_EXPOSURES] = { "exposures",
		"WITH RECURSIVE " ASKED_SQL ","
		" measure AS (SELECT DISTINCT measure FROM asked"
		" WHERE measure <> ''),"
		" edge AS (SELECT DISTINCT day FROM ("
		" SELECT valid_from_day FROM measure"
		" JOIN dir_denominator USING (measure)"
		" UNION ALL SELECT valid_to_day FROM measure"
		" JOIN dir_denominator USING (measure) WHERE valid_to_day <> 0"
		" UNION ALL SELECT valid_from_day FROM dir_unit"
		" WHERE EXISTS (SELECT FROM measure)"
		" UNION ALL SELECT valid_to_day FROM dir_unit"
		" WHERE valid_to_day <> 0 AND EXISTS (SELECT FROM measure)"
		" UNION ALL SELECT $3::int) e(day)"
		" WHERE day >= $3 AND day < $4::int),"
		" segment AS (SELECT day, lead(day, 1, $4::int) OVER"
		" (ORDER BY day) AS until FROM edge),"
		" walk(measure, root, day, until, unit, value) AS ("
		" SELECT m.measure, r.root, s.day, s.until, r.root, n.value"
		" FROM measure m CROSS JOIN segment s"
		" JOIN LATERAL (SELECT $2::text AS root"
		" UNION SELECT u.code FROM dir_unit u WHERE $5::bool"
		" AND u.parent = $2 AND " VALID_SQL("u", "s.day") ") r ON true"
		" LEFT JOIN dir_denominator n ON n.unit = r.root"
		" AND n.measure = m.measure AND " VALID_SQL("n", "s.day")
		" UNION ALL"
		" SELECT w.measure, w.root, w.day, w.until, u.code, n.value"
		" FROM walk w JOIN dir_unit u ON u.parent = w.unit"
		" AND " VALID_SQL("u", "w.day")
		" LEFT JOIN dir_denominator n ON n.unit = u.code"
		" AND n.measure = w.measure AND " VALID_SQL("n", "w.day")
		" WHERE w.value IS NULL)"
		" SELECT measure, root, day, until, sum(value)::bigint FROM walk"
		" WHERE value IS NOT NULL GROUP BY 1, 2, 3, 4" },

	/* One statement, so one snapshot: the cells and the positions that they
	 * stand at. */
	[SQL_EVERYTHING] = { "everything",
		"SELECT day, unit, indicator, kind, channel, topic, department,"
		" accepted_day, numerator, denominator FROM cell"
		" UNION ALL"
		" SELECT shard, stream, 0::smallint, '', '', '', '', NULL,"
		" max(position), 0::bigint FROM cursor_position"
		" WHERE consumer = $1 GROUP BY stream, shard" },
	[SQL_ANALYZE] = { "analyze", "ANALYZE cell" },
};

/* clang-format on */

/* --- adding --- */

enum column {
	DAY,
	UNIT,
	INDICATOR,
	KIND,
	CHANNEL,
	TOPIC,
	DEPARTMENT,
	ACCEPTED_DAY,
	NUMERATOR,
	DENOMINATOR,
	COLUMNS
};

static void add_value(struct db_pipe *pipe, const struct cell *cell,
		      enum column column)
{
	switch (column) {
	case DAY:
		db_array_int(pipe, cell->leaf.day);
		return;
	case UNIT:
		db_array_text(pipe, cell->leaf.unit);
		return;
	case INDICATOR:
		db_array_int(pipe, cell->leaf.indicator);
		return;
	case KIND:
		db_array_text(pipe, cell->leaf.kind);
		return;
	case CHANNEL:
		db_array_text(pipe, cell->leaf.channel);
		return;
	case TOPIC:
		db_array_text(pipe, cell->leaf.topic);
		return;
	case DEPARTMENT:
		db_array_text(pipe, cell->leaf.department);
		return;
	case ACCEPTED_DAY:
		db_array_int(pipe, cell->accepted_day);
		return;
	case NUMERATOR:
		db_array_int(pipe, cell->leaf.numerator);
		return;
	case DENOMINATOR:
		db_array_int(pipe, cell->leaf.denominator);
		return;
	case COLUMNS:
		return;
	}
}

size_t store_add_cells(struct db_pipe *pipe, const struct cell_table *table)
{
	static const enum db_array_type types[COLUMNS] = {
		[DAY] = DB_ARRAY_I32,         [UNIT] = DB_ARRAY_TEXT,
		[INDICATOR] = DB_ARRAY_I16,   [KIND] = DB_ARRAY_TEXT,
		[CHANNEL] = DB_ARRAY_TEXT,    [TOPIC] = DB_ARRAY_TEXT,
		[DEPARTMENT] = DB_ARRAY_TEXT, [ACCEPTED_DAY] = DB_ARRAY_I32,
		[NUMERATOR] = DB_ARRAY_I64,   [DENOMINATOR] = DB_ARRAY_I64,
	};
	const struct cell *cell = cell_table_next(table, NULL);
	size_t n = 0;

	if (!cell)
		return 0;
	db_exec(pipe, SQL_ADD_CELLS);
	for (int column = 0; column < COLUMNS; column++) {
		db_array_begin(pipe, types[column]);
		for (n = 0, cell = cell_table_next(table, NULL); cell;
		     n++, cell = cell_table_next(table, cell))
			add_value(pipe, cell, (enum column)column);
		db_array_end(pipe);
	}
	return n;
}

/* --- asking --- */

static void put_indicators(struct db_pipe *pipe,
			   const struct cells_question *question)
{
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < question->indicators_nr; i++)
		db_array_text(pipe, question->indicators[i]);
	db_array_end(pipe);
}

bool question_splits(const struct cells_question *question,
		     Sy__V1__Dimension dimension)
{
	for (size_t i = 0; i < question->split_by_nr; i++)
		if (question->split_by[i] == dimension)
			return true;
	return false;
}

void store_plan(struct db_pipe *pipe)
{
	db_exec(pipe, SQL_CUSTOM_PLAN);
}

void store_ask_cells(struct db_pipe *pipe,
		     const struct cells_question *question)
{
	db_exec(pipe, SQL_CELLS);
	put_indicators(pipe, question);
	db_text(pipe, question->unit);
	db_i32(pipe, question->from_day);
	db_i32(pipe, question->to_day);
	db_i32(pipe, question->known_by_day);
	db_text(pipe, question->kind);
	db_text(pipe, question->channel);
	db_text(pipe, question->topic);
	for (int d = 1; d <= DIMENSIONS; d++)
		db_bool(pipe, question_splits(question, (Sy__V1__Dimension)d));
	/* One more tells whether there is more. */
	db_i64(pipe, (int64_t)question->limit + 1);
}

void store_ask(struct db_pipe *pipe, const struct cells_question *question)
{
	store_plan(pipe);

	db_exec(pipe, SQL_INDICATORS);
	put_indicators(pipe, question);

	store_ask_cells(pipe, question);

	db_exec(pipe, SQL_EXPOSURES);
	put_indicators(pipe, question);
	db_text(pipe, question->unit);
	db_i32(pipe, question->from_day);
	db_i32(pipe, question->to_day);
	db_bool(pipe,
		question_splits(question, SY__V1__DIMENSION__BY_CHILD_UNIT));
}

void store_read_everything(struct db_pipe *pipe, const char *consumer)
{
	db_exec(pipe, SQL_EVERYTHING);
	db_text(pipe, consumer);
}
