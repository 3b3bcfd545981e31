/* handlers.c -- GetCells and GetSeries: check, scope, ask, reply. Compare is in
 * compare.c. */
#include <string.h>

#include "kpi.h"
#include "timeutil.h"

#define CELLS_DEFAULT 1000
#define CELLS_MAX 10000

struct ask {
	struct bus_request *req;
	struct kpi *kpi;
	struct cells_question question;
};

static struct ask *ask_new(struct bus_request *req)
{
	struct ask *ask = arena_alloc(bus_request_arena(req), sizeof(*ask));

	ask->req = req;
	ask->kpi = bus_request_svc(req);
	ask->question.known_by_day = INT32_MAX;
	return ask;
}

/* A day of 0 is one that was left out: that side is open. */
static int take_days(struct ask *ask, const Sy__V1__DayRange *days)
{
	int32_t from = days ? days->from_day : 0;
	int32_t to = days ? days->to_day : 0;

	ask->question.from_day = from ? from : INT32_MIN;
	ask->question.to_day = to ? to : INT32_MAX;
	if (ask->question.from_day < ask->question.to_day)
		return 0;
	bus_reply_error(ask->req, SY__V1__ERROR_CODE__INVALID, "days.to_day",
			"must lie after days.from_day");
	return -1;
}

const char *asked_unit(struct bus_request *req, const char *asked,
		       int32_t to_day)
{
	const struct bus_grant *grant = bus_request_grant(req);
	const struct replica *replica =
		((struct kpi *)bus_request_svc(req))->replica;
	int32_t today = (int32_t)(time_now_us() / US_PER_DAY);
	int32_t day = to_day <= today ? to_day - 1 : today;

	if (!*asked)
		return grant->unit;
	if (!replica_unit_known(replica, asked)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__UNKNOWN_CODE, "unit",
				"the directory has no such unit");
		return NULL;
	}
	if (*grant->unit &&
	    !replica_in_subtree(replica, asked, grant->unit, day)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "unit",
				"lies outside of the subtree of the principal");
		return NULL;
	}
	return asked;
}

static int take_unit(struct ask *ask, const char *asked)
{
	const char *unit = asked_unit(ask->req, asked, ask->question.to_day);

	if (!unit) /* answered: the arena is gone */
		return -1;
	ask->question.unit = unit;
	return 0;
}

static void ask_run(struct ask *ask, db_pipe_cb *cb)
{
	struct db_pipe *pipe = bus_request_pipe(ask->req);

	store_ask(pipe, &ask->question);
	db_pipe_run(pipe, cb, ask);
}

/* 0, or -1: the request was answered. */
static int ask_read(struct ask *ask, const struct db_result *res,
		    const char *field, struct answer *answer_r)
{
	if (bus_reply_db_error(ask->req, res))
		return -1;
	switch (answer_read(res, &ask->question, bus_request_arena(ask->req),
			    answer_r)) {
	case ANSWER_OK:
		return 0;
	case ANSWER_UNKNOWN_INDICATOR:
		break;
	}
	bus_reply_error(ask->req, SY__V1__ERROR_CODE__UNKNOWN_CODE, field,
			"the registry has no such indicator");
	return -1;
}

/* --- GetCells --- */

static void cells_read_cb(const struct db_result *res, void *arg)
{
	struct ask *ask = arg;
	Sy__V1__GetCellsReply reply = SY__V1__GET_CELLS_REPLY__INIT;
	struct answer answer;

	if (ask_read(ask, res, "indicators", &answer) < 0)
		return;
	reply.n_cells = answer.cells_nr;
	reply.cells = answer.cells;
	reply.truncated = answer.truncated;
	reply.events_behind = links_behind(ask->kpi);
	bus_reply(ask->req, &reply.base);
}

static bool is_dimension(Sy__V1__Dimension dimension)
{
	return (int)dimension >= 1 && (int)dimension <= DIMENSIONS;
}

static void handle_get_cells(struct bus_request *req)
{
	const Sy__V1__GetCellsRequest *in =
		(const void *)bus_request_message(req);
	struct ask *ask = ask_new(req);
	struct cells_question *q = &ask->question;

	for (size_t i = 0; i < in->n_split_by; i++) {
		if (is_dimension(in->split_by[i]))
			continue;
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "split_by",
				"is no dimension");
		return;
	}
	if (in->limit > CELLS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", CELLS_MAX);
		return;
	}
	if (take_days(ask, in->days) < 0 || take_unit(ask, in->unit) < 0)
		return;

	q->indicators = (const char *const *)in->indicators;
	q->indicators_nr = in->n_indicators;
	if (in->known_by_day)
		q->known_by_day = in->known_by_day;
	q->kind = in->kind;
	q->channel = in->channel;
	q->topic = in->topic;
	q->split_by = in->split_by;
	q->split_by_nr = in->n_split_by;
	q->limit = in->limit ? in->limit : CELLS_DEFAULT;
	ask_run(ask, cells_read_cb);
}

/* --- GetSeries --- */

static void series_read_cb(const struct db_result *res, void *arg)
{
	struct ask *ask = arg;
	Sy__V1__GetSeriesReply reply = SY__V1__GET_SERIES_REPLY__INIT;
	struct answer answer;

	if (ask_read(ask, res, "indicator", &answer) < 0)
		return;
	if (answer.truncated ||
	    answer_fill_steps(&answer, &ask->question, CELLS_MAX,
			      bus_request_arena(ask->req)) < 0) {
		bus_reply_error(ask->req, SY__V1__ERROR_CODE__INVALID, "days",
				"are more than %d steps", CELLS_MAX);
		return;
	}
	reply.n_points = answer.cells_nr;
	reply.points = answer.cells;
	bus_reply(ask->req, &reply.base);
}

static void handle_get_series(struct bus_request *req)
{
	const Sy__V1__GetSeriesRequest *in =
		(const void *)bus_request_message(req);
	struct ask *ask = ask_new(req);
	struct cells_question *q = &ask->question;

	if (in->step != SY__V1__DIMENSION__BY_DAY &&
	    in->step != SY__V1__DIMENSION__BY_MONTH) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "step",
				"must be BY_DAY or BY_MONTH");
		return;
	}
	if (!*in->indicator) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "indicator",
				"is missing");
		return;
	}
	if (take_days(ask, in->days) < 0 || take_unit(ask, in->unit) < 0)
		return;

	q->indicators = (const char *const *)&in->indicator;
	q->indicators_nr = 1;
	q->kind = in->kind;
	q->channel = in->channel;
	q->topic = in->topic;
	q->split_by = &in->step;
	q->split_by_nr = 1;
	q->limit = CELLS_MAX;
	ask_run(ask, series_read_cb);
}

/* --- the table --- */

#define MAY_READ (ROLE_READER | ROLE_HANDLER)

const struct bus_method kpi_methods[] = {
	{ "GetCells", MAY_READ, BUS_READ,
	  &sy__v1__get_cells_request__descriptor, handle_get_cells },
	{ "GetSeries", MAY_READ, BUS_READ,
	  &sy__v1__get_series_request__descriptor, handle_get_series },
	{ "GetAppealReport", MAY_READ, BUS_READ,
	  &sy__v1__get_appeal_report_request__descriptor,
	  handle_get_appeal_report },
	{ "Compare", ROLE_READER | ROLE_ADMIN, BUS_READ,
	  &sy__v1__compare_request__descriptor, handle_compare },
	{ 0 },
};
