/* openapi_schema.c -- messages and enums as JSON Schema, in the form that
 * json/pbjson.c writes and reads. */
#include "openapi.h"
#include "json/pbtext.h"

/* 64 bits do not fit into JavaScript's numbers. */
static json_t *integer_text(const char *pattern)
{
	return json_pack("{s:s,s:s}", "type", "string", "pattern", pattern);
}

static json_t *formatted(const char *format)
{
	return json_pack("{s:s,s:s}", "type", "string", "format", format);
}

static json_t *enum_ref(const ProtobufCEnumDescriptor *desc,
			struct schemas *schemas)
{
	char text[160];

	if (!json_object_get(schemas->object, desc->short_name)) {
		json_t *names = json_array();

		for (unsigned i = 0; i < desc->n_values; i++)
			json_array_append_new(
				names, json_string(desc->values[i].name));
		json_object_set_new(schemas->object, desc->short_name,
				    json_pack("{s:s,s:o}", "type", "string",
					      "enum", names));
	}
	snprintf(text, sizeof(text), "#/components/schemas/%s",
		 desc->short_name);
	return json_pack("{s:s}", "$ref", text);
}

static json_t *element(const ProtobufCFieldDescriptor *field,
		       struct schemas *schemas)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return pb_form(field) == PB_DAY
			       ? formatted("date")
			       : json_pack("{s:s,s:s}", "type", "integer",
					   "format", "int32");
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return pb_form(field) == PB_TIME ? formatted("date-time")
						 : integer_text("^-?\\d+$");
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return json_pack("{s:s,s:i,s:I}", "type", "integer", "minimum",
				 0, "maximum", (json_int_t)UINT32_MAX);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return integer_text("^\\d+$");
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return json_pack("{s:[s,s]}", "type", "number", "string");
	case PROTOBUF_C_TYPE_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case PROTOBUF_C_TYPE_ENUM:
		return enum_ref(field->descriptor, schemas);
	case PROTOBUF_C_TYPE_STRING:
		return json_pack("{s:s}", "type", "string");
	case PROTOBUF_C_TYPE_BYTES:
		return integer_text("^([0-9a-f]{2})*$");
	case PROTOBUF_C_TYPE_MESSAGE:
		return schema_ref(field->descriptor, schemas);
	}
	return json_object();
}

json_t *schema_of_field(const ProtobufCFieldDescriptor *field,
			struct schemas *schemas)
{
	json_t *schema = element(field, schemas);

	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return json_pack("{s:s,s:o}", "type", "array", "items", schema);
	return schema;
}

/* A zero is left out, so nothing is required. */
json_t *schema_of_message(const ProtobufCMessageDescriptor *desc,
			  struct schemas *schemas)
{
	json_t *properties = json_object();

	for (unsigned i = 0; i < desc->n_fields; i++)
		json_object_set_new(properties, desc->fields[i].name,
				    schema_of_field(&desc->fields[i], schemas));
	return json_pack("{s:s,s:b,s:o}", "type", "object",
			 "additionalProperties", false, "properties",
			 properties);
}

json_t *schema_ref(const ProtobufCMessageDescriptor *desc,
		   struct schemas *schemas)
{
	char text[160];

	if (!json_object_get(schemas->object, desc->short_name)) {
		/* Before its fields, so that each is made once. */
		json_object_set_new(schemas->object, desc->short_name,
				    json_object());
		json_object_set_new(schemas->object, desc->short_name,
				    schema_of_message(desc, schemas));
	}
	snprintf(text, sizeof(text), "#/components/schemas/%s",
		 desc->short_name);
	return json_pack("{s:s}", "$ref", text);
}

static void add(struct schemas *schemas, const char *name, const char *text)
{
	json_object_set_new(schemas->object, name, json_loads(text, 0, NULL));
}

void schemas_add_own(struct schemas *schemas)
{
	add(schemas, "Problem",
	    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\","
	    "\"code\"],\"properties\":{"
	    "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
	    "\"status\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\"},"
	    "\"detail\":{\"type\":\"string\"},\"field\":{\"type\":\"string\"},"
	    "\"pointer\":{\"type\":\"string\",\"description\":\"where in the "
	    "body (RFC 6901)\"},\"retry_after_ms\":{\"type\":\"integer\"},"
	    "\"trace_id\":{\"type\":\"string\"}}}");
	add(schemas, "CloudEvent",
	    "{\"type\":\"object\",\"required\":[\"specversion\",\"id\","
	    "\"type\",\"data\"],\"properties\":{"
	    "\"specversion\":{\"const\":\"1.0\"},"
	    "\"id\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":128,"
	    "\"description\":\"the idempotency key\"},"
	    "\"source\":{\"type\":\"string\"},"
	    "\"type\":{\"type\":\"string\",\"description\":\"a method that "
	    "writes: RegisterAppeal, AnswerAppeal, PutRecord ...\"},"
	    "\"time\":{\"type\":\"string\",\"format\":\"date-time\"},"
	    "\"datacontenttype\":{\"const\":\"application/json\"},"
	    "\"data\":{\"type\":\"object\",\"description\":\"the request of "
	    "the method\"}}}");
}
