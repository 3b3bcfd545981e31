/* answer.c -- from rows to cells: which period and unit a rate is divided by,
 * and the division, which comes last. */
#include <string.h>

#include "kpi.h"

struct indicator {
	int64_t id;
	const char *code, *measure;
	enum indicator_form form;
	int64_t per;
};

/* Columns of SQL_CELLS. */
enum {
	COL_INDICATOR,
	COL_SPLIT,
	COL_NUMERATOR = CELLS_NUMERATOR,
	COL_DENOMINATOR,
	COL_FIRST_DAY,
	COL_LAST_DAY
};

static void read_indicators(const struct db_result *res, struct arena *arena,
			    struct answer *answer)
{
	int n = db_rows(res, ASK_INDICATORS);

	answer->indicators_nr = (size_t)n;
	answer->indicators =
		arena_alloc(arena, (size_t)n * sizeof(*answer->indicators));
	for (int row = 0; row < n; row++)
		answer->indicators[row] = (struct indicator){
			.id = db_get_i64(res, ASK_INDICATORS, row, 0),
			.code = arena_strdup(
				arena,
				db_get_text(res, ASK_INDICATORS, row, 1)),
			.form = (enum indicator_form)db_get_i64(
				res, ASK_INDICATORS, row, 2),
			.per = db_get_i64(res, ASK_INDICATORS, row, 3),
			.measure = arena_strdup(
				arena,
				db_get_text(res, ASK_INDICATORS, row, 4)),
		};
}

static bool all_known(const struct answer *answer,
		      const struct cells_question *question)
{
	for (size_t i = 0; i < question->indicators_nr; i++) {
		size_t k = 0;

		while (k < answer->indicators_nr &&
		       strcmp(answer->indicators[k].code,
			      question->indicators[i]) != 0)
			k++;
		if (k == answer->indicators_nr)
			return false;
	}
	return true;
}

static void read_exposures(const struct db_result *res, struct arena *arena,
			   struct answer *answer)
{
	int n = db_rows(res, ASK_EXPOSURES);

	answer->exposures_nr = (size_t)n;
	answer->exposures =
		arena_alloc(arena, (size_t)n * sizeof(*answer->exposures));
	for (int row = 0; row < n; row++)
		answer->exposures[row] = (struct exposure){
			.measure = arena_strdup(
				arena, db_get_text(res, ASK_EXPOSURES, row, 0)),
			.unit = arena_strdup(
				arena, db_get_text(res, ASK_EXPOSURES, row, 1)),
			.from_day = db_get_i32(res, ASK_EXPOSURES, row, 2),
			.to_day = db_get_i32(res, ASK_EXPOSURES, row, 3),
			.value = db_get_i64(res, ASK_EXPOSURES, row, 4),
		};
}

/* numerator and denominator as summed; the period and unit are what a rate is
 * divided by. */
static Sy__V1__Cell *make_cell(const struct answer *answer,
			       const struct indicator *indicator,
			       int64_t numerator, int64_t denominator,
			       const char *unit, int32_t from_day,
			       int32_t to_day, struct arena *arena)
{
	Sy__V1__Cell *cell = arena_alloc(arena, sizeof(*cell));

	sy__v1__cell__init(cell);
	cell->indicator = arena_strdup(arena, indicator->code);
	cell->numerator = numerator;
	switch (indicator->form) {
	case FORM_COUNT:
		break;
	case FORM_SHARE:
		cell->denominator = denominator;
		break;
	case FORM_RATE:
		cell->denominator = rules_exposure(
			answer->exposures, answer->exposures_nr,
			indicator->measure, unit, from_day, to_day);
		break;
	}
	rules_divide(cell, indicator->form, indicator->per);
	return cell;
}

static bool is_day(Sy__V1__Dimension dimension)
{
	return dimension == SY__V1__DIMENSION__BY_DAY ||
	       dimension == SY__V1__DIMENSION__BY_MONTH;
}

static char *dimension_text(const struct db_result *res, int row,
			    Sy__V1__Dimension dimension, struct arena *arena)
{
	int col = COL_SPLIT - 1 + (int)dimension;

	if (is_day(dimension))
		return arena_printf(arena, "%d",
				    db_get_i32(res, ASK_CELLS, row, col));
	return arena_strdup(arena, db_get_text(res, ASK_CELLS, row, col));
}

/* NULL: a row of the registry that is younger than the other statement. */
static const struct indicator *indicator_of(const struct answer *answer,
					    int64_t id)
{
	for (size_t i = 0; i < answer->indicators_nr; i++)
		if (answer->indicators[i].id == id)
			return &answer->indicators[i];
	return NULL;
}

static Sy__V1__Cell *read_cell(const struct db_result *res, int row,
			       const struct cells_question *question,
			       const struct answer *answer,
			       const struct indicator *indicator,
			       struct arena *arena)
{
	const char *unit = question->unit;
	int32_t from_day = answer->from_day, to_day = answer->to_day;

	for (int d = 1; d <= DIMENSIONS; d++) {
		Sy__V1__Dimension dimension = (Sy__V1__Dimension)d;
		int col = COL_SPLIT - 1 + d;

		if (!question_splits(question, dimension))
			continue;
		if (dimension == SY__V1__DIMENSION__BY_CHILD_UNIT)
			unit = db_get_text(res, ASK_CELLS, row, col);
		if (is_day(dimension)) {
			int32_t first = db_get_i32(res, ASK_CELLS, row, col);
			int32_t next = rules_step_next(dimension, first);

			from_day = first > from_day ? first : from_day;
			to_day = next < to_day ? next : to_day;
		}
	}

	Sy__V1__Cell *cell =
		make_cell(answer, indicator,
			  db_get_i64(res, ASK_CELLS, row, COL_NUMERATOR),
			  db_get_i64(res, ASK_CELLS, row, COL_DENOMINATOR),
			  unit, from_day, to_day, arena);

	cell->n_dimensions = question->split_by_nr;
	cell->dimensions =
		arena_alloc(arena, question->split_by_nr * sizeof(char *));
	for (size_t i = 0; i < question->split_by_nr; i++)
		cell->dimensions[i] =
			dimension_text(res, row, question->split_by[i], arena);
	return cell;
}

/* Without a split every indicator has its cell, be it 0. */
static void add_missing(const struct cells_question *question,
			struct answer *answer, struct arena *arena)
{
	Sy__V1__Cell **cells =
		arena_alloc(arena, answer->indicators_nr * sizeof(*cells));

	for (size_t i = 0; i < answer->indicators_nr; i++) {
		const struct indicator *indicator = &answer->indicators[i];

		for (size_t k = 0; k < answer->cells_nr && !cells[i]; k++)
			if (!strcmp(answer->cells[k]->indicator,
				    indicator->code))
				cells[i] = answer->cells[k];
		if (!cells[i])
			cells[i] = make_cell(answer, indicator, 0, 0,
					     question->unit, answer->from_day,
					     answer->to_day, arena);
	}
	answer->cells = cells;
	answer->cells_nr = answer->indicators_nr;
}

enum answer_outcome answer_read(const struct db_result *res,
				const struct cells_question *question,
				struct arena *arena, struct answer *answer_r)
{
	int rows = db_rows(res, ASK_CELLS);

	*answer_r = (struct answer){ .from_day = question->from_day,
				     .to_day = question->to_day };
	read_indicators(res, arena, answer_r);
	if (!all_known(answer_r, question))
		return ANSWER_UNKNOWN_INDICATOR;
	read_exposures(res, arena, answer_r);

	if (question->from_day == INT32_MIN)
		answer_r->from_day =
			rows ? db_get_i32(res, ASK_CELLS, 0, COL_FIRST_DAY)
			     : question->to_day;
	if (question->to_day == INT32_MAX)
		answer_r->to_day =
			rows ? db_get_i32(res, ASK_CELLS, 0, COL_LAST_DAY) + 1
			     : answer_r->from_day;

	if (rows > 0 && (uint32_t)rows > question->limit) {
		answer_r->truncated = true;
		rows = (int)question->limit;
	}
	answer_r->cells =
		arena_alloc(arena, (size_t)rows * sizeof(*answer_r->cells));
	for (int row = 0; row < rows; row++) {
		const struct indicator *indicator =
			indicator_of(answer_r, db_get_i64(res, ASK_CELLS, row,
							  COL_INDICATOR));

		if (indicator)
			answer_r->cells[answer_r->cells_nr++] = read_cell(
				res, row, question, answer_r, indicator, arena);
	}
	if (!question->split_by_nr)
		add_missing(question, answer_r, arena);
	return ANSWER_OK;
}

int answer_fill_steps(struct answer *answer,
		      const struct cells_question *question, size_t max,
		      struct arena *arena)
{
	Sy__V1__Dimension step = question->split_by[0];
	size_t steps = 0, have = 0;

	if (answer->from_day >= answer->to_day) {
		answer->cells_nr = 0;
		return 0;
	}
	/* Cells come in the order of their days. */
	for (int32_t day = rules_step_first(step, answer->from_day);
	     day < answer->to_day; day = rules_step_next(step, day))
		if (++steps > max)
			return -1;

	Sy__V1__Cell **points = arena_alloc(arena, steps * sizeof(*points));
	int32_t first = rules_step_first(step, answer->from_day);

	for (size_t i = 0; i < steps; i++) {
		int32_t next = rules_step_next(step, first);
		char *text = arena_printf(arena, "%d", first);

		if (have < answer->cells_nr &&
		    !strcmp(answer->cells[have]->dimensions[0], text)) {
			points[i] = answer->cells[have++];
		} else {
			points[i] = make_cell(
				answer, &answer->indicators[0], 0, 0,
				question->unit,
				first > answer->from_day ? first
							 : answer->from_day,
				next < answer->to_day ? next : answer->to_day,
				arena);
			points[i]->n_dimensions = 1;
			points[i]->dimensions =
				arena_memdup(arena, &text, sizeof(text));
		}
		first = next;
	}
	answer->cells = points;
	answer->cells_nr = steps;
	return 0;
}
