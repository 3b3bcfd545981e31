/* lists.c -- what pages ask of the directory: units by name, one unit with what
 * is above it, terms, departments, principals. */
#include <string.h>

#include "dir/shape.h"
#include "lists.h"
#include "store.h"
#include "timeutil.h"

#define SEARCH_CHARS_MAX 100
#define SEARCH_LIMIT_DEFAULT 20
#define SEARCH_LIMIT_MAX 100
#define PRINCIPALS_LIMIT_DEFAULT 100
#define PRINCIPALS_LIMIT_MAX 500

static int32_t today(void)
{
	return (int32_t)(time_now_us() / US_PER_DAY);
}

bool list_day(struct bus_request *req, int32_t day, int32_t *day_r)
{
	if (day < 0 || day >= TIME_DAY_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "day",
				"must be from 1970-01-01 to 2199-12-31");
		return false;
	}
	*day_r = day ? day : today();
	return true;
}

bool list_limit(struct bus_request *req, uint32_t limit, uint32_t fallback,
		uint32_t max, uint32_t *limit_r)
{
	if (limit > max) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"must be at most %u", max);
		return false;
	}
	*limit_r = limit ? limit : fallback;
	return true;
}

/* --- SearchUnits -----------------------------------------------------------
 */

static void search_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__SearchUnitsReply reply = SY__V1__SEARCH_UNITS_REPLY__INIT;
	size_t rows;

	if (bus_reply_db_error(req, res))
		return;
	rows = (size_t)db_rows(res, 0);
	reply.units = arena_alloc(arena, (rows + 1) * sizeof(*reply.units));
	reply.paths = arena_alloc(arena, (rows + 1) * sizeof(*reply.paths));
	reply.n_units = reply.n_paths = rows;
	for (size_t i = 0; i < rows; i++) {
		reply.units[i] = store_unit(arena, res, 0, (int)i);
		reply.paths[i] = arena_strdup(
			arena, db_get_text(res, 0, (int)i, STORE_UNIT_COLUMNS));
	}
	bus_reply(req, &reply.base);
}

void handle_search_units(struct bus_request *req)
{
	const Sy__V1__SearchUnitsRequest *ask =
		(const void *)bus_request_message(req);
	uint32_t limit;
	struct db_pipe *pipe;

	if (!ask->text[0] || strlen(ask->text) > (size_t)4 * SEARCH_CHARS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "text",
				"wants 1 to 100 characters");
		return;
	}
	if (!list_limit(req, ask->limit, SEARCH_LIMIT_DEFAULT, SEARCH_LIMIT_MAX,
			&limit))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_SEARCH_UNITS);
	db_text(pipe, ask->text);
	db_i32(pipe, (int32_t)limit);
	db_text(pipe, bus_request_grant(req)->unit);
	db_i32(pipe, today());
	db_pipe_run(pipe, search_cb, req);
}

/* --- GetUnit ---------------------------------------------------------------
 */

/* Rows: from the root down to the unit itself, the depth after its
 * columns. Who sees a
 * subtree sees the ancestors from its root on. */
static void get_unit_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	const char *root = bus_request_grant(req)->unit;
	Sy__V1__GetUnitReply reply = SY__V1__GET_UNIT_REPLY__INIT;
	int rows, first = 0;

	if (bus_reply_db_error(req, res))
		return;
	rows = db_rows(res, 0);
	if (rows == 0 ||
	    db_get_i32(res, 0, rows - 1, STORE_UNIT_COLUMNS) != 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"is not known, or not yet on that day");
		return;
	}
	while (root[0] && first < rows &&
	       strcmp(db_get_text(res, 0, first, 0), root) != 0)
		first++;
	if (first == rows) {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "code",
				"lies outside of your subtree");
		return;
	}
	reply.ancestors =
		arena_alloc(arena, (size_t)rows * sizeof(*reply.ancestors));
	for (int row = first; row < rows - 1; row++)
		reply.ancestors[reply.n_ancestors++] =
			store_unit(arena, res, 0, row);
	reply.unit = store_unit(arena, res, 0, rows - 1);
	reply.children = (uint32_t)db_get_i32(res, 1, 0, 0);
	bus_reply(req, &reply.base);
}

void handle_get_unit(struct bus_request *req)
{
	const Sy__V1__GetUnitRequest *ask =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;
	int32_t day;

	if (!list_day(req, ask->day, &day))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_GET_UNIT);
	db_text(pipe, ask->code);
	db_i32(pipe, day);
	db_exec(pipe, SQL_COUNT_CHILDREN);
	db_text(pipe, ask->code);
	db_i32(pipe, day);
	db_pipe_run(pipe, get_unit_cb, req);
}

/* --- ListTerms, ListDepartments --------------------------------------------
 */

static void list_terms_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListTermsReply reply = SY__V1__LIST_TERMS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.terms = arena_alloc(arena, ((size_t)db_rows(res, 0) + 1) *
						 sizeof(*reply.terms));
	for (int row = 0; row < db_rows(res, 0); row++)
		reply.terms[reply.n_terms++] = store_term(arena, res, 0, row);
	bus_reply(req, &reply.base);
}

void handle_list_terms(struct bus_request *req)
{
	const Sy__V1__ListTermsRequest *ask =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;
	int32_t day;

	if (!list_day(req, ask->day, &day))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_LIST_TERMS);
	db_text(pipe, ask->taxonomy);
	db_i32(pipe, day);
	db_pipe_run(pipe, list_terms_cb, req);
}

static void list_departments_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListDepartmentsReply reply =
		SY__V1__LIST_DEPARTMENTS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.departments =
		arena_alloc(arena, ((size_t)db_rows(res, 0) + 1) *
					   sizeof(*reply.departments));
	for (int row = 0; row < db_rows(res, 0); row++)
		reply.departments[reply.n_departments++] =
			store_department(arena, res, 0, row);
	bus_reply(req, &reply.base);
}

void handle_list_departments(struct bus_request *req)
{
	const Sy__V1__ListDepartmentsRequest *ask =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;
	int32_t day;

	if (!list_day(req, ask->day, &day))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_LIST_DEPARTMENTS);
	db_i32(pipe, day);
	db_pipe_run(pipe, list_departments_cb, req);
}

/* --- ListPrincipals --------------------------------------------------------
 */

struct principals_ask {
	struct bus_request *req;
	uint32_t limit;
};

static void list_principals_cb(const struct db_result *res, void *arg)
{
	const struct principals_ask *ask = arg;
	struct arena *arena = bus_request_arena(ask->req);
	Sy__V1__ListPrincipalsReply reply = SY__V1__LIST_PRINCIPALS_REPLY__INIT;
	size_t rows;

	if (bus_reply_db_error(ask->req, res))
		return;
	rows = (size_t)db_rows(res, 0);
	reply.principals =
		arena_alloc(arena, (rows + 1) * sizeof(*reply.principals));
	while (reply.n_principals < rows && reply.n_principals < ask->limit) {
		reply.principals[reply.n_principals] =
			store_principal(arena, res, 0, (int)reply.n_principals);
		reply.n_principals++;
	}
	if (reply.n_principals < rows)
		reply.next_name =
			reply.principals[reply.n_principals - 1]->name;
	bus_reply(ask->req, &reply.base);
}

void handle_list_principals(struct bus_request *req)
{
	const Sy__V1__ListPrincipalsRequest *in =
		(const void *)bus_request_message(req);
	struct principals_ask *ask =
		arena_alloc(bus_request_arena(req), sizeof(*ask));
	struct db_pipe *pipe;

	ask->req = req;
	if (!list_limit(req, in->limit, PRINCIPALS_LIMIT_DEFAULT,
			PRINCIPALS_LIMIT_MAX, &ask->limit))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_LIST_PRINCIPALS);
	db_text(pipe, in->after_name);
	db_i32(pipe, (int32_t)ask->limit + 1);
	db_bool(pipe, in->persons_only);
	db_text(pipe, bus_request_grant(req)->unit);
	db_text(pipe, in->name);
	db_text(pipe, in->text);
	db_pipe_run(pipe, list_principals_cb, ask);
}
