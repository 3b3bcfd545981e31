/* openapi.c -- OpenAPI 3.1 out of the route table and protobuf-c's descriptors,
 * made once at start: it cannot say anything that the gateway does not do. The
 * schemas: openapi_schema.c. */
#include "openapi.h"

#include <stdlib.h>
#include <string.h>

#include "suyuan/v1/common.pb-c.h"
#include "json/pbtext.h"

#define OPENAPI_PATH API_ROOT "/openapi.json"

static json_t *ref(const char *section, const char *name)
{
	char text[160];

	snprintf(text, sizeof(text), "#/components/%s/%s", section, name);
	return json_pack("{s:s}", "$ref", text);
}

static json_t *json_content(json_t *schema)
{
	return json_pack("{s:{s:o}}", "application/json", "schema", schema);
}

/* --- parameters ------------------------------------------------------------
 */

static json_t *parameter(const char *where, const char *name, bool required,
			 json_t *schema)
{
	return json_pack("{s:s,s:s,s:b,s:o}", "name", name, "in", where,
			 "required", required, "schema", schema);
}

static const char *last_name(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/* Is the field, or a part of it, what the path says? */
static bool in_path(const struct route *route, const char *name,
		    struct arena *arena)
{
	const char *var;

	for (int i = 0; (var = route_var(route, i, arena)); i++)
		if (strncmp(var, name, strcspn(var, ".")) == 0 &&
		    strlen(name) == strcspn(var, "."))
			return true;
	return false;
}

static json_t *query_schema(const ProtobufCFieldDescriptor *field,
			    struct schemas *schemas)
{
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return json_pack(
			"{s:s,s:s,s:s}", "type", "string", "pattern",
			"^\\d{4}-\\d\\d-\\d\\d\\.\\.\\d{4}-\\d\\d-\\d\\d$",
			"description",
			"FROM..TO, local days, TO itself is not in it");
	return schema_of_field(field, schemas);
}

static void add_query(json_t *list, const struct route *route,
		      const ProtobufCMessageDescriptor *input,
		      struct schemas *schemas, struct arena *arena)
{
	for (unsigned i = 0; i < input->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &input->fields[i];
		json_t *p;

		if (in_path(route, field->name, arena) ||
		    (route->without &&
		     strcmp(route->without, field->name) == 0))
			continue;
		p = parameter("query", field->name, false,
			      query_schema(field, schemas));
		if (field->label == PROTOBUF_C_LABEL_REPEATED)
			json_object_set_new(p, "explode", json_false());
		json_array_append_new(list, p);
	}
}

static json_t *parameters(const struct route *route,
			  const ProtobufCMethodDescriptor *rpc,
			  struct schemas *schemas, struct arena *arena)
{
	json_t *list = json_array();
	const char *var;

	for (int i = 0; (var = route_var(route, i, arena)); i++)
		json_array_append_new(
			list, parameter("path", last_name(var), true,
					json_pack("{s:s,s:i}", "type", "string",
						  "minLength", 1)));
	if (rpc && route->method != HTTP_POST)
		add_query(list, route, rpc->input, schemas, arena);
	if (route->keyed)
		json_array_append_new(list,
				      ref("parameters", "IdempotencyKey"));
	if (route->method != HTTP_GET && route->access == ACCESS_SESSION)
		json_array_append_new(list, ref("parameters", "CsrfToken"));
	return list;
}

/* --- bodies and answers ----------------------------------------------------
 */

static json_t *cloudevents_content(void)
{
	json_t *content = json_object();

	json_object_set_new(
		content, "application/cloudevents+json",
		json_pack("{s:o}", "schema", ref("schemas", "CloudEvent")));
	json_object_set_new(content, "application/cloudevents-batch+json",
			    json_pack("{s:{s:s,s:i,s:o}}", "schema", "type",
				      "array", "maxItems", EVENTS_MAX, "items",
				      ref("schemas", "CloudEvent")));
	return content;
}

/* The message without what the path says. */
static json_t *body_schema(const struct route *route,
			   const ProtobufCMessageDescriptor *input,
			   struct schemas *schemas, struct arena *arena)
{
	json_t *schema, *properties;

	if (!route_var(route, 0, arena))
		return schema_ref(input, schemas);
	schema = schema_of_message(input, schemas);
	properties = json_object_get(schema, "properties");
	for (unsigned i = 0; i < input->n_fields; i++)
		if (in_path(route, input->fields[i].name, arena))
			json_object_del(properties, input->fields[i].name);
	return schema;
}

static json_t *answer_of(const struct route *route,
			 const ProtobufCMethodDescriptor *rpc,
			 struct schemas *schemas)
{
	json_t *answer = json_pack("{s:s}", "description", "Done.");
	json_t *content;

	if (route->status == 204)
		return answer;
	if (route->csv)
		content = json_pack("{s:{s:{s:s}}}", "text/csv", "schema",
				    "type", "string");
	else if (!rpc)
		content = json_content(json_pack("{s:s}", "type", "object"));
	else if (rpc->output == &sy__v1__done__descriptor)
		content = json_pack("{s:{s:{s:s}}}", "text/event-stream",
				    "schema", "type", "string");
	else
		content = json_content(schema_ref(rpc->output, schemas));
	json_object_set_new(answer, "content", content);
	return answer;
}

static json_t *answers(const struct route *route,
		       const ProtobufCMethodDescriptor *rpc,
		       struct schemas *schemas)
{
	json_t *list = json_object();
	char status[8];

	snprintf(status, sizeof(status), "%d", route->status);
	json_object_set_new(list, status, answer_of(route, rpc, schemas));
	json_object_set_new(list, "default", ref("responses", "Problem"));
	return list;
}

static json_t *operation(const struct route *route, struct schemas *schemas,
			 struct arena *arena)
{
	const ProtobufCMethodDescriptor *rpc = route_rpc(route);
	json_t *op = json_object();

	json_object_set_new(op, "operationId",
			    json_string(route->operation ? route->operation
					: rpc            ? rpc->name
							 : "GetOpenApi"));
	json_object_set_new(op, "tags",
			    json_pack("[s]", peer_names[route->peer]));
	json_object_set_new(op, "parameters",
			    parameters(route, rpc, schemas, arena));
	if (route->raw)
		json_object_set_new(op, "requestBody",
				    json_pack("{s:b,s:o}", "required", true,
					      "content",
					      cloudevents_content()));
	else if (rpc && route->method == HTTP_POST)
		json_object_set_new(
			op, "requestBody",
			json_pack("{s:o}", "content",
				  json_content(body_schema(route, rpc->input,
							   schemas, arena))));
	json_object_set_new(op, "responses", answers(route, rpc, schemas));
	if (route->access == ACCESS_PUBLIC)
		json_object_set_new(op, "security", json_array());
	if (route->roles)
		json_object_set_new(op, "x-roles", json_string(route->roles));
	return op;
}

/* --- the document ----------------------------------------------------------
 */

static json_t *security(void)
{
	return json_pack("{s:{s:s,s:s,s:s},s:{s:s,s:s}}", "session", "type",
			 "apiKey", "in", "cookie", "name", SESSION_COOKIE,
			 "token", "type", "http", "scheme", "bearer");
}

static json_t *common_parameters(void)
{
	json_t *key = parameter("header", "Idempotency-Key", true,
				json_pack("{s:s,s:i,s:i}", "type", "string",
					  "minLength", 1, "maxLength",
					  KEY_MAX_BYTES));
	json_t *csrf = parameter("header", "X-CSRF-Token", false,
				 json_pack("{s:s}", "type", "string"));

	json_object_set_new(
		key, "description",
		json_string(
			"The same key with the same body has the effect "
			"once, for 7 days; with another one it is refused."));
	json_object_set_new(csrf, "description",
			    json_string("csrf_token of the session; needed "
					"with the cookie, not with a token."));
	return json_pack("{s:o,s:o}", "IdempotencyKey", key, "CsrfToken", csrf);
}

static json_t *problem_response(void)
{
	return json_pack("{s:s,s:{s:{s:o}}}", "description",
			 "What was wrong (RFC 9457).", "content",
			 "application/problem+json", "schema",
			 ref("schemas", "Problem"));
}

json_t *openapi_document(const char *prefix)
{
	static const char *const keys[HTTP_METHODS_NR] = {
		[HTTP_GET] = "get",
		[HTTP_POST] = "post",
		[HTTP_DELETE] = "delete",
	};
	struct schemas schemas = { json_object() };
	json_t *paths = json_object(), *document = json_object();
	struct arena arena;
	char server[512];

	arena_init(&arena);
	schemas_add_own(&schemas);
	for (int i = 0; i < routes_nr; i++) {
		char *path = route_template(&routes[i], &arena);
		json_t *item = json_object_get(paths, path);

		if (!item) {
			item = json_object();
			json_object_set_new(paths, path, item);
		}
		json_object_set_new(item, keys[routes[i].method],
				    operation(&routes[i], &schemas, &arena));
	}
	arena_reset(&arena);
	snprintf(server, sizeof(server), "%s" API_ROOT, prefix);
	json_object_set_new(document, "openapi", json_string("3.1.0"));
	json_object_set_new(
		document, "info",
		json_pack("{s:s,s:s}", "title", "Suyuan", "version", "1"));
	json_object_set_new(document, "servers",
			    json_pack("[{s:s}]", "url", server));
	json_object_set_new(document, "security",
			    json_pack("[{s:[]},{s:[]}]", "session", "token"));
	json_object_set_new(document, "paths", paths);
	json_object_set_new(document, "components",
			    json_pack("{s:o,s:o,s:{s:o},s:o}", "schemas",
				      schemas.object, "parameters",
				      common_parameters(), "responses",
				      "Problem", problem_response(),
				      "securitySchemes", security()));
	return document;
}

int openapi_open(struct gateway *gw, struct error *err)
{
	json_t *document = openapi_document(gw->conf.path_prefix);
	char *text = json_dumps(document, JSON_INDENT(1));

	json_decref(document);
	if (!text)
		return error_set(err, "OpenAPI: no memory");
	files_add(gw, OPENAPI_PATH, text, strlen(text));
	return 0;
}

void handle_openapi(struct request *req)
{
	files_serve(req, OPENAPI_PATH);
}
