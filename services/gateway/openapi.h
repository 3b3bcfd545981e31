/* openapi.h -- between openapi.c (paths) and openapi_schema.c (schemas). */
#ifndef SUYUAN_GATEWAY_OPENAPI_H
#define SUYUAN_GATEWAY_OPENAPI_H

#include "parts.h"

/* components/schemas, filled with what is referred to. */
struct schemas {
	json_t *object;
};

/* {"$ref": ...}; the message, and those it needs, are added once. */
json_t *schema_ref(const ProtobufCMessageDescriptor *desc,
		   struct schemas *schemas);
json_t *schema_of_message(const ProtobufCMessageDescriptor *desc,
			  struct schemas *schemas);
json_t *schema_of_field(const ProtobufCFieldDescriptor *field,
			struct schemas *schemas);
/* Problem and CloudEvent, which are no messages. */
void schemas_add_own(struct schemas *schemas);

#endif
