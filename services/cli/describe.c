/* describe.c -- `suyuan methods`: what can be asked, with its fields. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "methods.h"
#include "json/pbtext.h"

static const char *type_name(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return pb_form(field) == PB_TIME ? "time" : "integer as string";
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return "integer as string";
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return pb_form(field) == PB_DAY ? "day" : "integer";
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return "integer";
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return "number";
	case PROTOBUF_C_TYPE_BOOL:
		return "true or false";
	case PROTOBUF_C_TYPE_ENUM:
		return "one of";
	case PROTOBUF_C_TYPE_STRING:
		return "string";
	case PROTOBUF_C_TYPE_BYTES:
		return "hexadecimal";
	case PROTOBUF_C_TYPE_MESSAGE:
		return "object";
	}
	return "";
}

/* The depth is that of the .proto files, which do not recurse. */
static void print_fields(const ProtobufCMessageDescriptor *desc, int indent)
{
	for (unsigned i = 0; i < desc->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &desc->fields[i];
		const ProtobufCEnumDescriptor *e = f->descriptor;

		printf("%*s%-*s %s%s", indent, "", 26 - indent, f->name,
		       f->label == PROTOBUF_C_LABEL_REPEATED ? "list of " : "",
		       type_name(f));
		for (unsigned v = 0;
		     f->type == PROTOBUF_C_TYPE_ENUM && v < e->n_values; v++)
			printf(" %s", e->values[v].name);
		putchar('\n');
		if (f->type == PROTOBUF_C_TYPE_MESSAGE)
			print_fields(f->descriptor, indent + 2);
	}
}

enum cli_exit command_methods(struct cli *cli, int argc, char **argv)
{
	struct method m;

	(void)cli;
	if (argc > 2)
		return cli_usage("methods [METHOD]");
	if (argc == 1) {
		for (unsigned i = 0; method_at(i, &m); i++)
			printf("%-12s %-20s %s\n", m.service, m.rpc->name,
			       m.writes ? "writes" : "reads");
		return CLI_OK;
	}
	if (method_find(argv[1], &m) < 0)
		return cli_usage("no method '%s'; see suyuan methods", argv[1]);
	printf("%s of %s\n\nrequest\n", m.rpc->name, m.service);
	print_fields(m.rpc->input, 2);
	puts("\nreply");
	print_fields(m.rpc->output, 2);
	return CLI_OK;
}
