/* operations.c -- see operations.h. */
#include "operations.h"

#include "methods.h"
#include "query.h"
#include "suyuan/v1/operations.pb-c.h"

#define ANSWER_MS 10000

enum cli_exit operations_ask(struct cli *cli, const char *service,
			     const char *method,
			     const ProtobufCMessage *request,
			     enum cli_exit (*print)(const ProtobufCMessage *))
{
	struct arena arena;
	struct query_result r = { .arena = &arena };
	struct bus_client *client = NULL;
	struct error err;
	enum cli_exit status;

	if (stream_shards(service) == 0)
		return cli_usage("no service '%s'; there are %s", service,
				 STREAMS);
	if (cli_open(cli, &err) < 0 ||
	    cli_connect(cli, service, &client, &err) < 0)
		return cli_usage("%s", err.text);
	arena_init(&arena);
	r.method = (struct method){
		.service = service,
		.rpc = protobuf_c_service_descriptor_get_method_by_name(
			&sy__v1__operations__descriptor, method),
	};
	query_ask(cli, client, request, NULL, ANSWER_MS, &r);
	bus_client_close(&client);
	status = r.message ? print(r.message) : query_refused_print(&r);
	arena_reset(&arena);
	return status;
}
