/* test_gateway_fields.c -- path, query and body become one message, or an error
 * that names the field; problems and where they point; limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/parts.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/kpi.pb-c.h"
#include "timeutil.h"

static struct arena arena;
static struct field_error fault;

static void *read_fields(const char *rpc, const char *var, const char *query,
			 const char *body)
{
	const struct route *route = route_of_rpc(rpc);
	const char *vars[PATH_VARS_MAX] = { var };
	json_t *json = body ? json_loads(body, JSON_DECODE_ANY, NULL) : NULL;
	void *msg = fields_read(route_rpc(route)->input, route, vars, query,
				json, &arena, &fault);

	json_decref(json);
	return msg;
}

static void refused(const char *rpc, const char *var, const char *query,
		    const char *body, const char *field)
{
	assert_null(read_fields(rpc, var, query, body));
	assert_string_equal(fault.field, field);
	assert_true(*fault.text);
}

static void test_query(void **state)
{
	const Sy__V1__GetCellsRequest *cells = read_fields(
		"GetCells", NULL,
		"unit=a%2Fb+c&indicators=appeals,complaints&indicators=x"
		"&days=2025-03-01..2025-04-01&split_by=BY_DAY,BY_KIND"
		"&known_by_day=1970-01-03&limit=7&kind=&",
		NULL);

	(void)state;
	assert_non_null(cells);
	assert_string_equal(cells->unit, "a/b c");
	assert_int_equal(cells->n_indicators, 3);
	assert_string_equal(cells->indicators[2], "x");
	assert_int_equal(cells->days->to_day - cells->days->from_day, 31);
	assert_int_equal(cells->n_split_by, 2);
	assert_int_equal(cells->split_by[1], SY__V1__DIMENSION__BY_KIND);
	assert_int_equal(cells->known_by_day, 2);
	assert_int_equal(cells->limit, 7);
	assert_string_equal(cells->kind, "");
}

static void test_query_types(void **state)
{
	const Sy__V1__ListAppealsRequest *list = read_fields(
		"ListAppeals", NULL,
		"from_us=1970-01-01T00:00:01Z&state=APPEAL_CLOSED", NULL);
	const Sy__V1__ListPrincipalsRequest *people =
		read_fields("ListPrincipals", NULL, "persons_only=true", NULL);

	(void)state;
	assert_int_equal(list->from_us, US_PER_S);
	assert_int_equal(list->state, SY__V1__APPEAL_STATE__APPEAL_CLOSED);
	assert_true(people->persons_only);
}

static void test_query_refused(void **state)
{
	(void)state;
	refused("ListAppeals", NULL, "nope=1", NULL, "nope");
	refused("ListAppeals", NULL, "limit=-1", NULL, "limit");
	refused("ListAppeals", NULL, "limit=1&limit=2", NULL, "limit");
	refused("ListAppeals", NULL, "limit=99999999999", NULL, "limit");
	refused("ListAppeals", NULL, "state=closed", NULL, "state");
	refused("ListAppeals", NULL, "from_us=yesterday", NULL, "from_us");
	refused("ListAppeals", NULL, "unit=%ff", NULL, "unit");
	refused("ListAppeals", NULL, "unit=%0", NULL, "unit");
	refused("ListAppeals", NULL, "%00=1", NULL, "");
	refused("ListPrincipals", NULL, "persons_only=1", NULL, "persons_only");
	refused("GetCells", NULL, "days=2025-03-01", NULL, "days");
	refused("GetCells", NULL, "days=a..b", NULL, "days.from_day");
	refused("GetCells", NULL, "split_by=BY_DAY,BY_NIGHT", NULL,
		"split_by[1]");
}

static void test_body_and_path(void **state)
{
	const Sy__V1__AnswerAppealRequest *answer = read_fields(
		"AnswerAppeal", "id-1", "", "{\"text\":\"<script>\"}");

	(void)state;
	assert_non_null(answer);
	assert_string_equal(answer->appeal->appeal_id, "id-1");
	assert_string_equal(answer->text, "<script>");
	assert_non_null(read_fields("CloseAppeal", "id-1", "", NULL));
	refused("AnswerAppeal", "id-1", "",
		"{\"appeal\":{\"appeal_id\":\"other\"}}", "appeal");
	refused("AnswerAppeal", "id-1", "", "[]", "");
	refused("AnswerAppeal", "id-1", "", "{\"text\":1}", "text");
	refused("RegisterAppeal", NULL, "", "{\"person\":{\"phone\":5}}",
		"person.phone");
	refused("RegisterAppeal", NULL, "", "{\"person\":5}", "person");
	refused("RegisterAppeal", NULL, "", "{\"person\":{\"x\":5}}",
		"person.x");
	refused("CheckRecords", NULL, "",
		"{\"records\":[{},{\"unit\":{\"parent\":4}}]}",
		"records[1].unit.parent");
	refused("CheckRecords", NULL, "", "{\"records\":[{},7]}", "records[1]");
}

static void test_pointer(void **state)
{
	(void)state;
	assert_string_equal(problem_pointer("person.phone", &arena),
			    "/person/phone");
	assert_string_equal(problem_pointer("records[12].unit", &arena),
			    "/records/12/unit");
	assert_string_equal(problem_pointer("a/b~c", &arena), "/a~1b~0c");
}

static void test_problem(void **state)
{
	static const struct {
		Sy__V1__ErrorCode code;
		int status;
	} map[] = {
		{ SY__V1__ERROR_CODE__INVALID, 400 },
		{ SY__V1__ERROR_CODE__MALFORMED, 400 },
		{ SY__V1__ERROR_CODE__UNKNOWN_CODE, 422 },
		{ SY__V1__ERROR_CODE__CONFLICT, 409 },
		{ SY__V1__ERROR_CODE__STATE, 409 },
		{ SY__V1__ERROR_CODE__KEY_REUSED, 409 },
		{ SY__V1__ERROR_CODE__FORBIDDEN, 403 },
		{ SY__V1__ERROR_CODE__SCOPE, 403 },
		{ SY__V1__ERROR_CODE__NOT_FOUND, 404 },
		{ SY__V1__ERROR_CODE__TOO_LARGE, 413 },
		{ SY__V1__ERROR_CODE__BUSY, 503 },
		{ SY__V1__ERROR_CODE__RETRY, 503 },
		{ SY__V1__ERROR_CODE__TIMEOUT, 504 },
		{ SY__V1__ERROR_CODE__INTERNAL, 500 },
		{ (Sy__V1__ErrorCode)999, 500 },
	};
	json_t *json;

	(void)state;
	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		assert_int_equal(problem_status(map[i].code), map[i].status);
	json = problem_json(409, "KEY_REUSED", "why", "", NULL, 0, "t");
	assert_string_equal(json_string_value(json_object_get(json, "type")),
			    "urn:suyuan:problem:key-reused");
	assert_string_equal(json_string_value(json_object_get(json, "code")),
			    "KEY_REUSED");
	assert_null(json_object_get(json, "field"));
	assert_null(json_object_get(json, "retry_after_ms"));
	json_decref(json);
}

static void test_limits(void **state)
{
	struct limits *limits;
	int64_t now_us = 5 * US_PER_S;
	int taken = 0;

	(void)state;
	assert_int_equal(limits_open(&limits, NULL), 0);
	while (limits_take(limits, "a", 10, now_us) == 0)
		taken++;
	/* Two seconds' worth at once, then one each tenth of a second. */
	assert_int_equal(taken, 20);
	assert_in_range(limits_take(limits, "a", 10, now_us), 1, 101);
	assert_int_equal(limits_take(limits, "b", 10, now_us), 0);
	assert_int_equal(limits_take(limits, "a", 10, now_us + 100000), 0);
	assert_int_not_equal(limits_take(limits, "a", 10, now_us + 100000), 0);
	assert_int_equal(limits_take(limits, "a", 0, now_us), 0);
	/* After a pause the whole burst is there again. */
	now_us += 60 * US_PER_S;
	for (taken = 0; limits_take(limits, "a", 10, now_us) == 0; taken++)
		;
	assert_int_equal(taken, 20);
	limits_close(&limits);
	assert_null(limits);
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_query_types),
		cmocka_unit_test(test_query_refused),
		cmocka_unit_test(test_body_and_path),
		cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_problem),
		cmocka_unit_test(test_limits),
	};

	arena_init(&arena);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
