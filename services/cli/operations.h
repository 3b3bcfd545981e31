/* operations.h -- asking a service one of the methods of operations.proto. */
#ifndef SUYUAN_CLI_OPERATIONS_H
#define SUYUAN_CLI_OPERATIONS_H

#include "cli.h"

/* Connects, asks, and has the reply printed; what print returns is the end. A
 * refusal or silence is told. */
enum cli_exit operations_ask(struct cli *cli, const char *service,
			     const char *method,
			     const ProtobufCMessage *request,
			     enum cli_exit (*print)(const ProtobufCMessage *));

#endif
