/* query.c -- `suyuan query` and `suyuan methods`: any method of any service, as
 * JSON, by the descriptors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "methods.h"
#include "query.h"
#include "utf8.h"
#include "uuid.h"
#include "json/pbjson.h"

#define STDIN_MAX_BYTES ((size_t)2 * 1024 * 1024)

struct pending {
	struct query_result *result;
	struct cli *cli;
	bool done;
};

static void query_cb(const Sy__V1__Error *error, const uint8_t *response,
		     size_t len, void *arg)
{
	struct pending *p = arg;
	struct query_result *r = p->result;

	p->done = true;
	uv_stop(&p->cli->loop);
	if (error) {
		r->code = error->code;
		snprintf(r->field, sizeof(r->field), "%.*s",
			 utf8_fit(error->field, sizeof(r->field) - 1),
			 error->field);
		snprintf(r->text, sizeof(r->text), "%.*s",
			 utf8_fit(error->text, sizeof(r->text) - 1),
			 error->text);
		return;
	}
	r->message = protobuf_c_message_unpack(
		r->method.rpc->output, &r->arena->allocator, len, response);
	if (!r->message) {
		r->code = SY__V1__ERROR_CODE__MALFORMED;
		snprintf(r->text, sizeof(r->text),
			 "the reply cannot be decoded");
	}
}

void query_ask(struct cli *cli, struct bus_client *client,
	       const ProtobufCMessage *request, const char *idempotency_key,
	       int timeout_ms, struct query_result *r)
{
	struct pending p = { .result = r, .cli = cli };

	r->code = SY__V1__ERROR_CODE__OK;
	r->message = NULL;
	bus_client_query(client, r->method.rpc->name, request, idempotency_key,
			 timeout_ms, query_cb, &p);
	while (!p.done)
		uv_run(&cli->loop, UV_RUN_DEFAULT);
	if (r->code == SY__V1__ERROR_CODE__TIMEOUT) {
		char trouble[BUS_TROUBLE_SIZE];

		bus_client_trouble(client, trouble);
		if (trouble[0])
			memcpy(r->text, trouble, sizeof(trouble));
	}
}

enum cli_exit query_refused(const struct query_result *r, struct error *err)
{
	error_set(err, "%s%s%s: %s", error_code_name(r->code),
		  r->field[0] ? " " : "", r->field, r->text);
	return r->code == SY__V1__ERROR_CODE__TIMEOUT ? CLI_UNREACHABLE
						      : CLI_DIFFERENCES;
}

enum cli_exit query_refused_print(const struct query_result *r)
{
	struct error err;
	enum cli_exit status = query_refused(r, &err);

	fprintf(stderr, "error %s\n", err.text);
	return status;
}

const char *error_code_name(Sy__V1__ErrorCode code)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
		&sy__v1__error_code__descriptor, (int)code);

	return value ? value->name : "UNKNOWN";
}

static json_t *read_json(const char *text, struct error *err)
{
	json_error_t fault;
	json_t *json;

	if (strcmp(text, "-") == 0) {
		char *data = malloc(STDIN_MAX_BYTES);
		size_t n;

		if (!data)
			abort();
		n = fread(data, 1, STDIN_MAX_BYTES, stdin);
		json = json_loadb(data, n, JSON_REJECT_DUPLICATES, &fault);
		free(data);
	} else {
		json = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
	}
	if (!json)
		error_set(err, "request: line %d, character %d: %.*s",
			  fault.line, fault.column, utf8_fit(fault.text, 120),
			  fault.text);
	return json;
}

static void print_message(const ProtobufCMessage *msg)
{
	json_t *json = pbjson_from_message(msg);

	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
}

/* A comparison that found differences is an outcome for scripts. */
static bool says_differences(const ProtobufCMessage *msg)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(msg->descriptor,
								"differing");

	return f && f->type == PROTOBUF_C_TYPE_UINT64 &&
	       *(const uint64_t *)((const char *)msg + f->offset) > 0;
}

static enum cli_exit print_result(const struct query_result *r)
{
	if (r->message) {
		print_message(r->message);
		return says_differences(r->message) ? CLI_DIFFERENCES : CLI_OK;
	}
	return query_refused_print(r);
}

static enum cli_exit run(struct cli *cli, struct query_result *r,
			 const char *text, const char *key, int timeout_ms,
			 struct error *err)
{
	json_t *json = read_json(text, err);
	struct bus_client *client = NULL;
	ProtobufCMessage *request = NULL;
	char made[UUID_TEXT_MAX];
	uint8_t uuid[UUID_BYTES];

	if (json)
		request = pbjson_to_message(json, r->method.rpc->input,
					    r->arena, err);
	json_decref(json);
	if (!request || cli_open(cli, err) < 0 ||
	    cli_connect(cli, r->method.service, &client, err) < 0)
		return CLI_USAGE;
	if (r->method.writes && !key) {
		uuid_make(uuid);
		key = uuid_format(uuid, made);
		fprintf(stderr, "idempotency key %s\n", key);
	}
	query_ask(cli, client, request, r->method.writes ? key : NULL,
		  timeout_ms, r);
	bus_client_close(&client);
	return print_result(r);
}

enum cli_exit command_query(struct cli *cli, int argc, char **argv)
{
	const char *key = NULL;
	int64_t timeout_s = 10;
	const struct cli_option options[] = {
		{ "idempotency", OPTION_TEXT, &key, 0, 0 },
		{ "timeout", OPTION_NUMBER, &timeout_s, 1, 3600 },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	struct error err = { "" };
	struct arena arena;
	struct query_result r = { .arena = &arena };
	enum cli_exit status;

	if (at < 0)
		return CLI_USAGE;
	if (argc - at < 1 || argc - at > 2)
		return cli_usage("query METHOD [JSON|-]");
	if (method_find(argv[at], &r.method) < 0)
		return cli_usage("no method '%s'; see suyuan methods",
				 argv[at]);
	arena_init(&arena);
	status = run(cli, &r, argc - at == 2 ? argv[at + 1] : "{}", key,
		     (int)timeout_s * 1000, &err);
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	arena_reset(&arena);
	return status;
}
