/* http_fields.c -- a request of the HTTP API up to its message: three lines of
 * method, path and query, the rest is the body. */
#include <string.h>

#include "../lib/fuzz.h"
#include "gateway/parts.h"

/* An error goes out as problem+json, whatever the input was. */
static void require_problem(const struct field_error *fault,
			    struct arena *arena)
{
	json_t *json;

	REQUIRE(fuzz_utf8(fault->field) && fuzz_utf8(fault->text));
	REQUIRE(fault->text[0]);
	json = problem_json(400, "INVALID", fault->text, fault->field,
			    problem_pointer(fault->field, arena), 0, "trace");
	REQUIRE(json && json_object_get(json, "detail"));
	json_decref(json);
}

static void read_message(const struct route *route, const char *const *vars,
			 const char *query, struct fuzz *f, struct arena *arena)
{
	const ProtobufCMethodDescriptor *rpc = route_rpc(route);
	struct field_error fault;
	ProtobufCMessage *msg;
	json_t *body = NULL;

	if (!rpc)
		return;
	if (f->left)
		body = json_loadb((const char *)f->at, f->left,
				  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
				  NULL);
	msg = fields_read(rpc->input, route, vars, query, body, arena, &fault);
	if (msg) {
		size_t len = protobuf_c_message_get_packed_size(msg);
		uint8_t *packed = arena_alloc(arena, len + 1);

		fuzz_require_clean(msg);
		protobuf_c_message_pack(msg, packed);
		REQUIRE(fuzz_message(rpc->input, packed, len, arena));
	} else {
		require_problem(&fault, arena);
	}
	json_decref(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	const char *vars[PATH_VARS_MAX] = { NULL };
	const char *method, *path, *query;
	const struct route *route = NULL;
	struct arena arena;
	unsigned allowed = 0;

	arena_init(&arena);
	method = fuzz_line(&f, &arena, NULL);
	path = fuzz_line(&f, &arena, NULL);
	query = fuzz_line(&f, &arena, NULL);
	for (int m = 0; m < HTTP_METHODS_NR; m++)
		if (strcmp(method, http_method_names[m]) == 0)
			route = route_find((enum http_method)m, path, &arena,
					   vars, &allowed);
	if (route) {
		REQUIRE(allowed & 1u << route->method);
		for (int i = 0; route_var(route, i, &arena); i++)
			REQUIRE(vars[i] && *vars[i] && fuzz_utf8(vars[i]));
		read_message(route, vars, query, &f, &arena);
	}
	arena_reset(&arena);
	return 0;
}
