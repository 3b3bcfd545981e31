/* report.c -- GetAppealReport: the quarterly report of appeals (DOMAIN.md C2)
 * by kind, and within each kind by channel class and by topic: two margins, no
 * cross. Each count stands beside those of the period before and of the same
 * days a year earlier, each share beside its base.
 */
#include <string.h>

#include "kpi.h"
#include "timeutil.h"

#define MARGINS_MAX 10000

enum period { PERIOD_NOW, PERIOD_BEFORE, PERIOD_YEAR_BEFORE, PERIODS };
enum margin { MARGIN_CHANNEL_CLASS, MARGIN_TOPIC, MARGINS };

static const char *const margin_names[MARGINS] = { "channel_class", "topic" };

struct report {
	struct bus_request *req;
	struct days days[PERIODS];
	Sy__V1__AppealReportRow **rows;
	size_t rows_nr, rows_max;
	struct arena *arena;
};

/* --- rows --- */

static int64_t *count_of(Sy__V1__AppealReportRow *row, enum period period)
{
	switch (period) {
	case PERIOD_BEFORE:
		return &row->before;
	case PERIOD_YEAR_BEFORE:
		return &row->year_before;
	case PERIOD_NOW:
	case PERIODS:
		break;
	}
	return &row->count;
}

static Sy__V1__AppealReportRow *row_of(struct report *r, const char *margin,
				       const char *kind, const char *code)
{
	Sy__V1__AppealReportRow *row;

	for (size_t i = 0; i < r->rows_nr; i++) {
		row = r->rows[i];
		if (strcmp(row->margin, margin) == 0 &&
		    strcmp(row->kind, kind) == 0 &&
		    strcmp(row->code, code) == 0)
			return row;
	}
	row = arena_alloc(r->arena, sizeof(*row));
	sy__v1__appeal_report_row__init(row);
	row->margin = arena_strdup(r->arena, margin);
	row->kind = arena_strdup(r->arena, kind);
	row->code = arena_strdup(r->arena, code);
	if (r->rows_nr == r->rows_max) {
		size_t max = r->rows_max ? 2 * r->rows_max : 64;
		Sy__V1__AppealReportRow **rows =
			arena_alloc(r->arena, max * sizeof(*rows));

		if (r->rows_nr)
			memcpy(rows, r->rows, r->rows_nr * sizeof(*rows));
		r->rows = rows;
		r->rows_max = max;
	}
	r->rows[r->rows_nr++] = row;
	return row;
}

static void add(struct report *r, enum period period, enum margin margin,
		const char *kind, const char *code, int64_t n)
{
	*count_of(row_of(r, margin_names[margin], kind, code), period) += n;
	/* Both margins add up to the same. */
	if (margin != MARGIN_CHANNEL_CLASS)
		return;
	*count_of(row_of(r, "kind", kind, ""), period) += n;
	*count_of(row_of(r, "all", "", ""), period) += n;
}

static void divide(struct report *r)
{
	const Sy__V1__AppealReportRow *all = row_of(r, "all", "", "");

	for (size_t i = 0; i < r->rows_nr; i++) {
		Sy__V1__AppealReportRow *row = r->rows[i];

		row->of_all = all->count;
		if (*row->kind)
			row->of_kind = row_of(r, "kind", row->kind, "")->count;
		if (row->of_all)
			row->share_of_all =
				(double)row->count / (double)row->of_all;
		if (row->of_kind)
			row->share_of_kind =
				(double)row->count / (double)row->of_kind;
	}
}

/* --- asking --- */

static Sy__V1__DayRange *day_range(struct arena *arena, struct days days)
{
	Sy__V1__DayRange *out = arena_alloc(arena, sizeof(*out));

	sy__v1__day_range__init(out);
	out->from_day = days.from;
	out->to_day = days.to;
	return out;
}

static void read_cb(const struct db_result *res, void *arg)
{
	struct report *r = arg;
	struct kpi *kpi = bus_request_svc(r->req);
	Sy__V1__GetAppealReportReply reply =
		SY__V1__GET_APPEAL_REPORT_REPLY__INIT;
	int statement = 0; /* the first is the plan's */

	if (bus_reply_db_error(r->req, res))
		return;
	row_of(r, "all", "", "");
	for (int period = 0; period < PERIODS; period++)
		for (int margin = 0; margin < MARGINS; margin++) {
			int code = margin == MARGIN_TOPIC
					   ? CELLS_BY_TOPIC
					   : CELLS_BY_CHANNEL_CLASS;

			statement++;
			for (int row = 0; row < db_rows(res, statement); row++)
				add(r, (enum period)period, (enum margin)margin,
				    db_get_text(res, statement, row,
						CELLS_BY_KIND),
				    db_get_text(res, statement, row, code),
				    db_get_i64(res, statement, row,
					       CELLS_NUMERATOR));
		}
	divide(r);
	reply.days = day_range(r->arena, r->days[PERIOD_NOW]);
	reply.days_before = day_range(r->arena, r->days[PERIOD_BEFORE]);
	reply.days_year_before =
		day_range(r->arena, r->days[PERIOD_YEAR_BEFORE]);
	reply.rows = r->rows;
	reply.n_rows = r->rows_nr;
	reply.events_behind = links_behind(kpi);
	bus_reply(r->req, &reply.base);
}

void handle_get_appeal_report(struct bus_request *req)
{
	static const char *const indicators[] = { "appeals" };
	static const Sy__V1__Dimension splits[MARGINS][2] = {
		{ SY__V1__DIMENSION__BY_KIND,
		  SY__V1__DIMENSION__BY_CHANNEL_CLASS },
		{ SY__V1__DIMENSION__BY_KIND, SY__V1__DIMENSION__BY_TOPIC },
	};
	const Sy__V1__GetAppealReportRequest *in =
		(const void *)bus_request_message(req);
	struct arena *arena = bus_request_arena(req);
	struct report *r = arena_alloc(arena, sizeof(*r));
	struct db_pipe *pipe;
	const char *unit;

	r->req = req;
	r->arena = arena;
	if (!in->days || !in->days->from_day || !in->days->to_day ||
	    in->days->from_day >= in->days->to_day) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "days",
				"a first day and a later one are needed");
		return;
	}
	if (in->days->from_day < 0 || in->days->to_day > TIME_DAY_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "days",
				"must be from 1970-01-01 to 2199-12-31");
		return;
	}
	r->days[PERIOD_NOW] =
		(struct days){ in->days->from_day, in->days->to_day };
	r->days[PERIOD_BEFORE] = rules_days_before(r->days[PERIOD_NOW]);
	r->days[PERIOD_YEAR_BEFORE] =
		rules_days_year_before(r->days[PERIOD_NOW]);
	unit = asked_unit(req, in->unit, in->days->to_day);
	if (!unit)
		return;
	pipe = bus_request_pipe(req);
	store_plan(pipe);
	for (int period = 0; period < PERIODS; period++)
		for (int margin = 0; margin < MARGINS; margin++) {
			const struct cells_question question = {
				.unit = unit,
				.indicators = indicators,
				.indicators_nr = 1,
				.from_day = r->days[period].from,
				.to_day = r->days[period].to,
				.known_by_day = in->known_by_day
							? in->known_by_day
							: INT32_MAX,
				.kind = "",
				.channel = "",
				.topic = "",
				.split_by = splits[margin],
				.split_by_nr = 2,
				.limit = MARGINS_MAX,
			};

			store_ask_cells(pipe, &question);
		}
	db_pipe_run(pipe, read_cb, r);
}
