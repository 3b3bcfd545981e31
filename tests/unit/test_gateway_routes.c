/* test_gateway_routes.c -- paths against the route table, and that the table
 * holds together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/parts.h"

static struct arena arena;

static const struct route *find(enum http_method method, const char *path,
				const char **vars, unsigned *allowed)
{
	return route_find(method, path, &arena, vars, allowed);
}

static void test_finds(void **state)
{
	static const struct {
		enum http_method method;
		const char *path, *rpc, *var;
	} cases[] = {
		{ HTTP_GET, "/appeals", "ListAppeals", NULL },
		{ HTTP_POST, "/appeals", "RegisterAppeal", NULL },
		{ HTTP_GET, "/appeals/7", "GetAppeal", "7" },
		{ HTTP_POST, "/appeals/a%20b/answers", "AnswerAppeal", "a b" },
		{ HTTP_GET, "/units/a%2Fb", "GetUnit", "a/b" },
		{ HTTP_GET, "/units/%D0%BE", "GetUnit", "\xd0\xbe" },
		/* A literal goes before a variable. */
		{ HTTP_GET, "/units/search", "SearchUnits", NULL },
		{ HTTP_GET, "/units/searching", "GetUnit", "searching" },
		{ HTTP_POST, "/principals/x/invite", "MakeInvite", "x" },
		{ HTTP_DELETE, "/api-tokens/t", "RevokeApiToken", "t" },
		{ HTTP_DELETE, "/session", "CloseSession", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *vars[PATH_VARS_MAX] = { NULL };
		unsigned allowed;
		const struct route *r =
			find(cases[i].method, cases[i].path, vars, &allowed);

		assert_non_null(r);
		assert_string_equal(r->rpc, cases[i].rpc);
		if (cases[i].var)
			assert_string_equal(vars[0], cases[i].var);
		else
			assert_null(vars[0]);
	}
}

static void test_finds_nothing(void **state)
{
	static const char *const paths[] = {
		"",
		"/",
		"/nope",
		"/appeals/",
		"/appeals//answers",
		"/appeals/7/",
		"/appealsx",
		"/Appeals",
		"/units/%",
		"/units/%zz",
		"/units/%00",
		"/units/a%00b",
		"/units/%ff",
		"/units/a/b",
		"appeals",
		"/units/%C0%80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *vars[PATH_VARS_MAX];
		unsigned allowed = 7;

		assert_null(find(HTTP_GET, paths[i], vars, &allowed));
		assert_int_equal(allowed, 0);
	}
}

static void test_allowed(void **state)
{
	const char *vars[PATH_VARS_MAX];
	unsigned allowed;

	(void)state;
	assert_null(find(HTTP_DELETE, "/appeals", vars, &allowed));
	assert_int_equal(allowed, 1u << HTTP_GET | 1u << HTTP_POST);
	assert_non_null(find(HTTP_GET, "/session", vars, &allowed));
	assert_int_equal(allowed,
			 1u << HTTP_GET | 1u << HTTP_POST | 1u << HTTP_DELETE);
	/* The path of SearchUnits is not also that of GetUnit. */
	assert_null(find(HTTP_POST, "/units/search", vars, &allowed));
	assert_int_equal(allowed, 1u << HTTP_GET);
}

static bool tells_caller(const ProtobufCMethodDescriptor *rpc)
{
	return rpc && protobuf_c_message_descriptor_get_field_by_name(
			      rpc->input, "caller");
}

/* Each row: a method that exists, variables that are its fields, and a key
 * wherever something is written through the bus. */
static void test_table(void **state)
{
	(void)state;
	for (int i = 0; i < routes_nr; i++) {
		const struct route *r = &routes[i];
		const ProtobufCMethodDescriptor *rpc = route_rpc(r);
		const char *var;

		assert_true(rpc || (!r->rpc && r->handle));
		/* what the gateway itself makes: its own answers, files, and
		 * the address that a customer comes from */
		assert_true((r->peer == PEER_GATEWAY || r->csv ||
			     tells_caller(rpc)) == (r->handle != NULL));
		if (tells_caller(rpc)) {
			assert_ptr_equal(r->handle, handle_public);
			assert_int_equal(r->access, ACCESS_PUBLIC);
			assert_string_equal(r->without, "caller");
		}
		if (r->method == HTTP_POST && r->audit == AUDIT_WRITE)
			assert_true(r->keyed);
		if (r->access == ACCESS_PUBLIC)
			assert_int_equal(r->audit, AUDIT_NO);
		for (int n = 0; (var = route_var(r, n, &arena)); n++) {
			char *name = arena_strdup(&arena, var);

			name[strcspn(name, ".")] = '\0';
			assert_true(n < PATH_VARS_MAX);
			assert_non_null(
				protobuf_c_message_descriptor_get_field_by_name(
					rpc->input, name));
		}
		for (int j = 0; j < i; j++)
			assert_false(routes[j].method == r->method &&
				     strcmp(routes[j].path, r->path) == 0);
	}
}

static void test_template(void **state)
{
	(void)state;
	assert_string_equal(
		route_template(route_of_rpc("AnswerAppeal"), &arena),
		"/appeals/{appeal_id}/answers");
	assert_string_equal(route_template(route_of_rpc("GetUnit"), &arena),
			    "/units/{code}");
}

static void test_roles(void **state)
{
	(void)state;
	assert_true(role_listed("auditor;admin", "admin"));
	assert_true(role_listed("auditor;admin", "auditor"));
	assert_false(role_listed("auditor;admin", "audit"));
	assert_false(role_listed("auditor;admin", "reader"));
	assert_false(role_listed("", "reader"));
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
		cmocka_unit_test(test_finds),
		cmocka_unit_test(test_finds_nothing),
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_roles),
	};

	arena_init(&arena);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
