/* pbjson.c -- messages to JSON and back, by protobuf-c's descriptors alone: a
 * new field of a .proto needs nothing here. Depth is bounded by the .proto
 * files, which have no recursive message. */
#include "json/pbjson.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timeutil.h"
#include "utf8.h"
#include "json/pbtext.h"

/* --- out --- */

static json_t *json_from_int64(const ProtobufCFieldDescriptor *field, int64_t v)
{
	char text[TIME_TEXT_MAX];

	if (pb_form(field) == PB_TIME)
		time_format_us(v, text);
	else
		snprintf(text, sizeof(text), "%lld", (long long)v);
	return json_string(text);
}

static json_t *json_from_int32(const ProtobufCFieldDescriptor *field, int32_t v)
{
	char text[16];

	if (pb_form(field) == PB_DAY)
		return json_string(day_format(v, text));
	return json_integer(v);
}

static json_t *json_from_uint64(uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	return json_string(text);
}

/* JSON has no infinities; the names are those of proto3's JSON. */
static json_t *json_from_double(double v)
{
	if (isnan(v))
		return json_string("NaN");
	if (isinf(v))
		return json_string(v < 0 ? "-Infinity" : "Infinity");
	return json_real(v);
}

/* A string that is not UTF-8 (a foreign service's) must not cost the rest. */
static json_t *json_from_string(const char *text)
{
	json_t *json = json_string(text ? text : "");

	return json ? json : json_string("\xef\xbf\xbd");
}

static json_t *json_from_enum(const ProtobufCFieldDescriptor *field, int v)
{
	const ProtobufCEnumValue *value =
		protobuf_c_enum_descriptor_get_value(field->descriptor, v);

	/* A name that only a newer program knows stays a number. */
	return value ? json_string(value->name) : json_integer(v);
}

static json_t *json_from_bytes(const ProtobufCBinaryData *bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * bytes->len + 1);
	json_t *json;

	if (!text)
		return NULL;
	for (size_t i = 0; i < bytes->len; i++) {
		text[2 * i] = digits[bytes->data[i] >> 4];
		text[2 * i + 1] = digits[bytes->data[i] & 15];
	}
	json = json_stringn(text, 2 * bytes->len);
	free(text);
	return json;
}

static json_t *json_from_member(const ProtobufCFieldDescriptor *field,
				const void *member)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return json_from_int32(field, *(const int32_t *)member);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return json_from_int64(field, *(const int64_t *)member);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return json_integer(*(const uint32_t *)member);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return json_from_uint64(*(const uint64_t *)member);
	case PROTOBUF_C_TYPE_FLOAT:
		return json_from_double((double)*(const float *)member);
	case PROTOBUF_C_TYPE_DOUBLE:
		return json_from_double(*(const double *)member);
	case PROTOBUF_C_TYPE_BOOL:
		return json_boolean(*(const protobuf_c_boolean *)member);
	case PROTOBUF_C_TYPE_ENUM:
		return json_from_enum(field, *(const int *)member);
	case PROTOBUF_C_TYPE_STRING:
		return json_from_string(*(char *const *)member);
	case PROTOBUF_C_TYPE_BYTES:
		return json_from_bytes(member);
	case PROTOBUF_C_TYPE_MESSAGE:
		return pbjson_from_message(*(ProtobufCMessage *const *)member);
	}
	return NULL;
}

/* Zero, empty, absent. */
static bool member_is_default(const ProtobufCFieldDescriptor *field,
			      const void *member)
{
	static const char zeros[16];

	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING: {
		const char *text = *(char *const *)member;

		return !text || !*text;
	}
	case PROTOBUF_C_TYPE_BYTES:
		return ((const ProtobufCBinaryData *)member)->len == 0;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}
	return memcmp(member, zeros, pb_member_bytes(field)) == 0;
}

static json_t *json_from_list(const ProtobufCFieldDescriptor *field,
			      const char *elements, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < n; i++) {
		json_t *element = json_from_member(
			field, elements + i * pb_member_bytes(field));

		if (json_array_append_new(list, element) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* False: memory is out. Fields that say nothing are left out. */
static bool add_field(json_t *object, const ProtobufCMessage *msg,
		      const ProtobufCFieldDescriptor *field)
{
	const char *member = (const char *)msg + field->offset;
	const void *quantifier = (const char *)msg + field->quantifier_offset;
	json_t *json;

	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		size_t n = *(const size_t *)quantifier;

		if (n == 0)
			return true;
		json = json_from_list(field, *(char *const *)member, n);
	} else if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
		if (*(const uint32_t *)quantifier != field->id)
			return true;
		json = json_from_member(field, member);
	} else {
		if (member_is_default(field, member))
			return true;
		json = json_from_member(field, member);
	}
	return json_object_set_new(object, field->name, json) == 0;
}

json_t *pbjson_from_message(const ProtobufCMessage *msg)
{
	json_t *object = json_object();

	for (unsigned i = 0; object && i < msg->descriptor->n_fields; i++)
		if (!add_field(object, msg, &msg->descriptor->fields[i])) {
			json_decref(object);
			return NULL;
		}
	return object;
}

/* --- in --- */

static int member_from_json(const ProtobufCFieldDescriptor *field, void *member,
			    const json_t *json, struct arena *arena,
			    struct error *err)
{
	char number[40];
	const char *text = number;
	size_t len;

	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		ProtobufCMessage *msg =
			pbjson_to_message(json, field->descriptor, arena, err);

		*(ProtobufCMessage **)member = msg;
		return msg ? 0 : -1;
	}
	if (json_is_boolean(json) && field->type == PROTOBUF_C_TYPE_BOOL) {
		*(protobuf_c_boolean *)member = json_is_true(json);
		return 0;
	}
	if (json_is_string(json) && field->type != PROTOBUF_C_TYPE_BOOL) {
		text = json_string_value(json);
		len = json_string_length(json);
	} else if (json_is_integer(json) &&
		   field->type != PROTOBUF_C_TYPE_STRING &&
		   field->type != PROTOBUF_C_TYPE_BYTES &&
		   field->type != PROTOBUF_C_TYPE_ENUM &&
		   pb_form(field) == PB_PLAIN) {
		len = (size_t)snprintf(number, sizeof(number),
				       "%" JSON_INTEGER_FORMAT,
				       json_integer_value(json));
	} else if (json_is_real(json) &&
		   (field->type == PROTOBUF_C_TYPE_DOUBLE ||
		    field->type == PROTOBUF_C_TYPE_FLOAT)) {
		len = (size_t)snprintf(number, sizeof(number), "%.17g",
				       json_real_value(json));
	} else if (json_is_integer(json) &&
		   field->type == PROTOBUF_C_TYPE_ENUM) {
		*(int *)member = (int)json_integer_value(json);
		return 0;
	} else {
		return error_set(err, "expected %s", pb_wanted(field));
	}
	if (pb_scalar_from_text(field, member, text, len, arena) < 0)
		return error_set(err, "expected %s", pb_wanted(field));
	return 0;
}

static int list_from_json(const ProtobufCFieldDescriptor *field,
			  ProtobufCMessage *msg, const json_t *json,
			  struct arena *arena, struct error *err)
{
	size_t n = json_array_size(json), size = pb_member_bytes(field);
	char *elements;

	if (!json_is_array(json))
		return error_set(err, "%s: expected a list", field->name);
	elements = arena_alloc(arena, n * size + 1);
	for (size_t i = 0; i < n; i++)
		if (member_from_json(field, elements + i * size,
				     json_array_get(json, i), arena, err) < 0)
			return error_prefix(err, "%s[%zu]", field->name, i);
	*(void **)((char *)msg + field->offset) = elements;
	*(size_t *)((char *)msg + field->quantifier_offset) = n;
	return 0;
}

/* Puts the name of an outer field before the path that err begins with. */
static int outer(struct error *err, const ProtobufCFieldDescriptor *field)
{
	struct error inner = *err;

	if (field->type != PROTOBUF_C_TYPE_MESSAGE ||
	    strncmp(inner.text, "expected ", 9) == 0)
		return error_prefix(err, "%s", field->name);
	return error_set(err, "%s.%s", field->name, inner.text);
}

static int field_from_json(const ProtobufCFieldDescriptor *field,
			   ProtobufCMessage *msg, const json_t *json,
			   struct arena *arena, struct error *err)
{
	if (json_is_null(json))
		return 0;
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return list_from_json(field, msg, json, arena, err);
	if (!pb_oneof_choose(msg, field))
		return error_set(err, "%s: only one of several may be given",
				 field->name);
	if (member_from_json(field, (char *)msg + field->offset, json, arena,
			     err) < 0)
		return outer(err, field);
	return 0;
}

ProtobufCMessage *pbjson_to_message(const json_t *json,
				    const ProtobufCMessageDescriptor *desc,
				    struct arena *arena, struct error *err)
{
	ProtobufCMessage *msg;
	const char *name;
	json_t *value;

	if (!json_is_object(json)) {
		error_set(err, "expected an object");
		return NULL;
	}
	msg = pb_message_new(desc, arena);
	json_object_foreach((json_t *)json, name, value)
	{
		const ProtobufCFieldDescriptor *field =
			protobuf_c_message_descriptor_get_field_by_name(desc,
									name);

		if (!field) {
			error_set(err, "%.*s: %s has no such field",
				  utf8_fit(name, 64), name, desc->short_name);
			return NULL;
		}
		if (field_from_json(field, msg, value, arena, err) < 0)
			return NULL;
	}
	return msg;
}
