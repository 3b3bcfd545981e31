/* query.h -- one question and its answer, waited for. */
#ifndef SUYUAN_CLI_QUERY_H
#define SUYUAN_CLI_QUERY_H

#include "arena.h"
#include "cli.h"
#include "methods.h"

struct query_result {
	struct method method;            /* set before */
	struct arena *arena;             /* for the reply; set before */
	const ProtobufCMessage *message; /* NULL: see code */
	Sy__V1__ErrorCode code;
	char field[128], text[256];
};

/* Runs the loop until the answer or the timeout is there. */
void query_ask(struct cli *cli, struct bus_client *client,
	       const ProtobufCMessage *request, const char *idempotency_key,
	       int timeout_ms, struct query_result *r);

/* Of one without a message: err says code, field and text. CLI_UNREACHABLE or
 * CLI_DIFFERENCES. */
enum cli_exit query_refused(const struct query_result *r, struct error *err);
/* The same on stderr. */
enum cli_exit query_refused_print(const struct query_result *r);

const char *error_code_name(Sy__V1__ErrorCode code);

#endif
