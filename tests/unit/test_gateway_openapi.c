/* test_gateway_openapi.c -- the document parses, has every route, and refers to
 * nothing that it does not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/parts.h"

static json_t *document;
static struct arena arena;

static const char *const keys[HTTP_METHODS_NR] = {
	[HTTP_GET] = "get",
	[HTTP_POST] = "post",
	[HTTP_DELETE] = "delete",
};

static json_t *at(json_t *json, const char *path)
{
	char name[128];

	while (json && *path) {
		size_t len = strcspn(path, "/");

		memcpy(name, path, len);
		name[len] = '\0';
		json = json_object_get(json, name);
		path += len + (path[len] == '/');
	}
	return json;
}

static int refs_nr;

static void check_refs(json_t *json)
{
	const char *key;
	json_t *value;

	for (size_t i = 0; i < json_array_size(json); i++)
		check_refs(json_array_get(json, i));
	json_object_foreach(json, key, value)
	{
		check_refs(value);
		if (strcmp(key, "$ref") != 0)
			continue;
		refs_nr++;
		assert_memory_equal(json_string_value(value), "#/", 2);
		assert_non_null(at(document, json_string_value(value) + 2));
	}
}

static void test_parses(void **state)
{
	char *text = json_dumps(document, 0);
	json_t *again = json_loads(text, 0, NULL);

	(void)state;
	assert_non_null(again);
	assert_true(json_equal(document, again));
	assert_string_equal(json_string_value(at(document, "openapi")),
			    "3.1.0");
	json_decref(again);
	free(text);
}

static void test_refers_to_what_is_there(void **state)
{
	(void)state;
	check_refs(document);
	assert_true(refs_nr > 50);
}

static void test_has_every_route(void **state)
{
	json_t *paths = json_object_get(document, "paths"), *item;
	const char *path;
	int operations = 0;

	(void)state;
	for (int i = 0; i < routes_nr; i++) {
		const struct route *r = &routes[i];
		json_t *op = json_object_get(
			json_object_get(paths, route_template(r, &arena)),
			keys[r->method]);
		char status[8];

		assert_non_null(op);
		snprintf(status, sizeof(status), "%d", r->status);
		assert_non_null(at(json_object_get(op, "responses"), status));
		assert_non_null(at(op, "responses/default"));
	}
	json_object_foreach(paths, path, item) operations +=
		(int)json_object_size(item);
	assert_int_equal(operations, routes_nr);
}

static void test_schemas(void **state)
{
	(void)state;
	assert_string_equal(
		json_string_value(at(document, "components/schemas/AppealFacts/"
					       "properties/registered_day/"
					       "format")),
		"date");
	assert_string_equal(
		json_string_value(at(document, "components/schemas/AppealFacts/"
					       "properties/registered_at_us/"
					       "format")),
		"date-time");
	assert_string_equal(
		json_string_value(at(document, "components/schemas/AppealReply/"
					       "properties/revision/type")),
		"string");
	assert_int_equal(
		json_array_size(
			at(document, "components/schemas/AppealState/enum")),
		13);
}

/* What the path says is not asked for again. */
static void test_body_without_path(void **state)
{
	json_t *op = at(document, "paths"), *schema;

	(void)state;
	op = json_object_get(
		json_object_get(op, "/appeals/{appeal_id}/answers"), "post");
	schema = json_object_get(json_object_get(at(op, "requestBody/content"),
						 "application/json"),
				 "schema");
	assert_non_null(at(schema, "properties/text"));
	assert_null(at(schema, "properties/appeal"));
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	document = openapi_document("/x");
	return document ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(document);
	arena_reset(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parses),
		cmocka_unit_test(test_refers_to_what_is_there),
		cmocka_unit_test(test_has_every_route),
		cmocka_unit_test(test_schemas),
		cmocka_unit_test(test_body_without_path),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
