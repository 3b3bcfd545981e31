/* lists_offices.c -- what pages ask of policies, calendars, employees and
 * service centres. */
#include <stdio.h>
#include <string.h>

#include "lists.h"
#include "store.h"
#include "timeutil.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 500
#define TEXT_CHARS_MAX 100
#define YEAR_MIN 1970
#define YEAR_MAX 2199

struct ask {
	struct bus_request *req;
	uint32_t limit;
};

/* NULL: refused and answered. */
static struct ask *paged(struct bus_request *req, uint32_t limit)
{
	struct ask *ask = arena_alloc(bus_request_arena(req), sizeof(*ask));

	ask->req = req;
	return list_limit(req, limit, LIMIT_DEFAULT, LIMIT_MAX, &ask->limit)
		       ? ask
		       : NULL;
}

/* The packed messages that a statement's rows begin with, at most max. */
static void *messages(struct arena *arena, const struct db_result *res,
		      int statement, size_t max,
		      const ProtobufCMessageDescriptor *desc, size_t *n_r)
{
	size_t rows = (size_t)db_rows(res, statement);
	ProtobufCMessage **list;

	*n_r = rows < max ? rows : max;
	list = arena_alloc(arena, (*n_r + 1) * sizeof(ProtobufCMessage *));
	for (size_t i = 0; i < *n_r; i++)
		list[i] = store_body(arena, res, statement, (int)i, desc);
	return list;
}

/* --- ListPolicies ----------------------------------------------------------
 */

static void list_policies_cb(const struct db_result *res, void *arg)
{
	const struct ask *ask = arg;
	Sy__V1__ListPoliciesReply reply = SY__V1__LIST_POLICIES_REPLY__INIT;

	if (bus_reply_db_error(ask->req, res))
		return;
	reply.policies =
		messages(bus_request_arena(ask->req), res, 0, ask->limit,
			 &sy__v1__policy__descriptor, &reply.n_policies);
	if (reply.n_policies < (size_t)db_rows(res, 0))
		reply.next_code = reply.policies[reply.n_policies - 1]->code;
	bus_reply(ask->req, &reply.base);
}

/* Its number, 0 = any, -1 = there is none of that name. */
static int rule_of(const char *name)
{
	const ProtobufCFieldDescriptor *f;

	if (!name[0])
		return 0;
	f = protobuf_c_message_descriptor_get_field_by_name(
		&sy__v1__policy__descriptor, name);
	return f && f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF ? (int)f->id : -1;
}

void handle_list_policies(struct bus_request *req)
{
	const Sy__V1__ListPoliciesRequest *in =
		(const void *)bus_request_message(req);
	int rule = rule_of(in->rule);
	struct ask *ask;
	struct db_pipe *pipe;
	int32_t day;

	if (rule < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "rule",
				"must be clock, routing, repeat, remedy, "
				"outside_appeal, notice, lookup, reaction or "
				"spam");
		return;
	}
	if (!list_day(req, in->day, &day))
		return;
	ask = paged(req, in->limit);
	if (!ask)
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_LIST_POLICIES);
	db_i32(pipe, rule);
	db_i32(pipe, day);
	db_text(pipe, in->after_code);
	db_i32(pipe, (int32_t)ask->limit + 1);
	db_pipe_run(pipe, list_policies_cb, ask);
}

/* --- ListCalendars, GetCalendar --------------------------------------------
 */

static void list_calendars_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__ListCalendarsReply reply = SY__V1__LIST_CALENDARS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.calendars =
		messages(bus_request_arena(req), res, 0, SIZE_MAX,
			 &sy__v1__calendar__descriptor, &reply.n_calendars);
	bus_reply(req, &reply.base);
}

void handle_list_calendars(struct bus_request *req)
{
	const Sy__V1__ListCalendarsRequest *in =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;
	int32_t day;

	if (!list_day(req, in->day, &day))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_LIST_CALENDARS);
	db_i32(pipe, day);
	db_pipe_run(pipe, list_calendars_cb, req);
}

static void get_calendar_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__GetCalendarReply reply = SY__V1__GET_CALENDAR_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.weeks = messages(arena, res, 0, SIZE_MAX,
			       &sy__v1__calendar__descriptor, &reply.n_weeks);
	reply.days = messages(arena, res, 1, SIZE_MAX,
			      &sy__v1__calendar_day__descriptor, &reply.n_days);
	if (!reply.n_weeks) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"is not known, or not valid in that year");
		return;
	}
	bus_reply(req, &reply.base);
}

static int32_t first_day(uint32_t year)
{
	char text[16];
	int32_t day = 0;

	snprintf(text, sizeof(text), "%04u-01-01", year);
	return day_parse(text, &day) == 0 ? day : 0;
}

static uint32_t this_year(void)
{
	char text[16];
	unsigned year = 0;

	sscanf(day_format((int32_t)(time_now_us() / US_PER_DAY), text), "%4u",
	       &year);
	return year;
}

void handle_get_calendar(struct bus_request *req)
{
	const Sy__V1__GetCalendarRequest *in =
		(const void *)bus_request_message(req);
	uint32_t year = in->year ? in->year : this_year();
	struct db_pipe *pipe;

	if (year < YEAR_MIN || year > YEAR_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "year",
				"must be 1970 to 2199");
		return;
	}
	pipe = bus_request_pipe(req);
	for (int sql = SQL_CALENDAR_WEEKS; sql <= SQL_CALENDAR_DAYS; sql++) {
		db_exec(pipe, sql);
		db_text(pipe, in->code);
		db_i32(pipe, first_day(year));
		db_i32(pipe, first_day(year + 1));
	}
	db_pipe_run(pipe, get_calendar_cb, req);
}

/* --- ListEmployees ---------------------------------------------------------
 */

static void list_employees_cb(const struct db_result *res, void *arg)
{
	const struct ask *ask = arg;
	struct arena *arena = bus_request_arena(ask->req);
	Sy__V1__ListEmployeesReply reply = SY__V1__LIST_EMPLOYEES_REPLY__INIT;
	size_t rows;

	if (bus_reply_db_error(ask->req, res))
		return;
	rows = (size_t)db_rows(res, 0);
	reply.employees =
		arena_alloc(arena, (rows + 1) * sizeof(*reply.employees));
	while (reply.n_employees < rows && reply.n_employees < ask->limit) {
		reply.employees[reply.n_employees] =
			store_employee(arena, res, 0, (int)reply.n_employees);
		reply.n_employees++;
	}
	if (reply.n_employees < rows)
		reply.next_code = reply.employees[reply.n_employees - 1]->code;
	bus_reply(ask->req, &reply.base);
}

void handle_list_employees(struct bus_request *req)
{
	const Sy__V1__ListEmployeesRequest *in =
		(const void *)bus_request_message(req);
	struct ask *ask;
	struct db_pipe *pipe;
	int32_t day;

	if (strlen(in->text) > (size_t)4 * TEXT_CHARS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "text",
				"wants at most 100 characters");
		return;
	}
	if (!list_day(req, in->day, &day))
		return;
	ask = paged(req, in->limit);
	if (!ask)
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_LIST_EMPLOYEES);
	db_text(pipe, in->unit);
	db_text(pipe, in->text);
	db_i32(pipe, day);
	db_text(pipe, in->after_code);
	db_i32(pipe, (int32_t)ask->limit + 1);
	db_text(pipe, bus_request_grant(req)->unit);
	db_pipe_run(pipe, list_employees_cb, ask);
}

/* --- ListCentres -----------------------------------------------------------
 */

static void list_centres_cb(const struct db_result *res, void *arg)
{
	const struct ask *ask = arg;
	struct arena *arena = bus_request_arena(ask->req);
	Sy__V1__ListCentresReply reply = SY__V1__LIST_CENTRES_REPLY__INIT;

	if (bus_reply_db_error(ask->req, res))
		return;
	reply.centres = messages(arena, res, 0, ask->limit,
				 &sy__v1__centre__descriptor, &reply.n_centres);
	if (reply.n_centres < (size_t)db_rows(res, 0))
		reply.next_unit = reply.centres[reply.n_centres - 1]->unit;
	reply.quarters = arena_alloc(arena, ((size_t)db_rows(res, 1) + 1) *
						    sizeof(*reply.quarters));
	for (int row = 0; row < db_rows(res, 1); row++) {
		Sy__V1__CentreQuarter *q = arena_alloc(arena, sizeof(*q));

		sy__v1__centre_quarter__init(q);
		q->first_day = db_get_i32(res, 1, row, 0);
		q->opened = (uint32_t)db_get_i32(res, 1, row, 1);
		q->in_preparation = (uint32_t)db_get_i32(res, 1, row, 2);
		reply.quarters[reply.n_quarters++] = q;
	}
	bus_reply(ask->req, &reply.base);
}

static void centres_asked(struct db_pipe *pipe, int sql,
			  const Sy__V1__ListCentresRequest *in, int32_t day,
			  const struct ask *ask)
{
	db_exec(pipe, sql);
	db_i32(pipe, (int32_t)in->state);
	db_i32(pipe, in->from_day);
	db_i32(pipe, in->to_day);
	db_i32(pipe, day);
	db_text(pipe, bus_request_grant(ask->req)->unit);
}

void handle_list_centres(struct bus_request *req)
{
	const Sy__V1__ListCentresRequest *in =
		(const void *)bus_request_message(req);
	struct ask *ask;
	struct db_pipe *pipe;
	int32_t day;

	if (in->from_day < 0 || in->to_day < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID,
				in->from_day < 0 ? "from_day" : "to_day",
				"must be from 1970-01-01 on");
		return;
	}
	if (!list_day(req, in->day, &day))
		return;
	ask = paged(req, in->limit);
	if (!ask)
		return;
	pipe = bus_request_pipe(req);
	centres_asked(pipe, SQL_LIST_CENTRES, in, day, ask);
	db_i32(pipe, (int32_t)ask->limit + 1);
	db_text(pipe, in->after_unit);
	centres_asked(pipe, SQL_CENTRE_QUARTERS, in, day, ask);
	db_pipe_run(pipe, list_centres_cb, ask);
}
