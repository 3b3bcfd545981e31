/* report.c -- what became of a publisher's events: counts by day, and by reason
 * of what was refused. Its owner compares them with what he has sent. */
#include <string.h>

#include "bus/internal.h"
#include "suyuan/v1/operations.pb-c.h"
#include "timeutil.h"

#define DAYS_FALLBACK 30
#define DAYS_MAX 400
/* A principal with more publishers names one of them. */
#define ROWS_MAX 10000

static Sy__V1__PublisherReason *reason_of(struct arena *arena,
					  const struct db_result *res, int row)
{
	Sy__V1__PublisherReason *r = arena_alloc(arena, sizeof(*r));

	sy__v1__publisher_reason__init(r);
	r->code = (Sy__V1__ErrorCode)db_get_i32(res, 1, row, 3);
	r->field = (char *)db_get_text(res, 1, row, 4);
	r->events = (uint64_t)db_get_i64(res, 1, row, 5);
	return r;
}

/* Both lists come in the same order; *at is the first reason not used. */
static void reasons_add(struct arena *arena, Sy__V1__PublisherDay *day,
			const struct db_result *res, int *at)
{
	int n = db_rows(res, 1), from = *at;

	while (*at < n &&
	       strcmp(db_get_text(res, 1, *at, 0), day->principal) == 0 &&
	       strcmp(db_get_text(res, 1, *at, 1), day->publisher) == 0 &&
	       db_get_i32(res, 1, *at, 2) == day->day)
		++*at;
	day->n_reasons = (size_t)(*at - from);
	day->reasons = arena_alloc(arena, (day->n_reasons + 1) *
						  sizeof(*day->reasons));
	for (int i = from; i < *at; i++)
		day->reasons[i - from] = reason_of(arena, res, i);
}

static void reported_cb(const struct db_result *res, void *arg)
{
	Sy__V1__GetPublisherReportReply reply =
		SY__V1__GET_PUBLISHER_REPORT_REPLY__INIT;
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	int n, reason = 0;

	if (bus_reply_db_error(req, res))
		return;
	n = db_rows(res, 0);
	if (n > ROWS_MAX || db_rows(res, 1) > ROWS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__TOO_LARGE, "publisher",
				"more than %d rows: name one, or fewer days",
				ROWS_MAX);
		return;
	}
	reply.days = arena_alloc(arena, ((size_t)n + 1) * sizeof(*reply.days));
	for (int i = 0; i < n; i++) {
		Sy__V1__PublisherDay *day = arena_alloc(arena, sizeof(*day));

		sy__v1__publisher_day__init(day);
		day->principal = (char *)db_get_text(res, 0, i, 0);
		day->publisher = (char *)db_get_text(res, 0, i, 1);
		day->day = db_get_i32(res, 0, i, 2);
		day->sent = (uint64_t)db_get_i64(res, 0, i, 3);
		day->rejected = (uint64_t)db_get_i64(res, 0, i, 4);
		day->duplicate = (uint64_t)db_get_i64(res, 0, i, 5);
		day->accepted = day->sent - day->rejected - day->duplicate;
		reasons_add(arena, day, res, &reason);
		reply.days[reply.n_days++] = day;
	}
	bus_reply(req, &reply.base);
}

static void report_params(struct db_pipe *pipe, const char *principal,
			  const char *publisher, int32_t from_day,
			  int32_t to_day)
{
	db_text(pipe, principal);
	db_text(pipe, publisher);
	db_i32(pipe, from_day);
	db_i32(pipe, to_day);
	db_i64(pipe, ROWS_MAX + 1);
}

void bus_handle_publisher_report(struct bus_request *req)
{
	const Sy__V1__GetPublisherReportRequest *msg =
		(const Sy__V1__GetPublisherReportRequest *)bus_request_message(
			req);
	bool admin = bus_request_grant(req)->roles & ROLE_ADMIN;
	const char *principal = msg->principal;
	int32_t to_day = msg->to_day, from_day = msg->from_day;
	struct db_pipe *pipe;

	if (!admin && principal[0] &&
	    strcmp(principal, bus_request_principal(req)) != 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__FORBIDDEN, "principal",
				"is another one");
		return;
	}
	if (!admin)
		principal = bus_request_principal(req);
	if (to_day == 0)
		to_day = (int32_t)(time_now_us() / US_PER_DAY) + 1;
	if (from_day == 0)
		from_day = to_day - DAYS_FALLBACK;
	if (from_day < 0 || from_day >= to_day ||
	    to_day - from_day > DAYS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "from_day",
				"wants 1 to %d days up to to_day", DAYS_MAX);
		return;
	}
	pipe = request_bus_pipe(req);
	db_exec(pipe, BUS_SQL_REPORT_DAYS);
	report_params(pipe, principal, msg->publisher, from_day, to_day);
	db_exec(pipe, BUS_SQL_REPORT_REASONS);
	report_params(pipe, principal, msg->publisher, from_day, to_day);
	db_pipe_run(pipe, reported_cb, req);
}
