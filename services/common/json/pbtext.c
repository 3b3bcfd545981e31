/* pbtext.c -- text into fields, by protobuf-c's descriptors. The other way and
 * whole messages: pbjson.c. */
#include "json/pbtext.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "timeutil.h"

static bool ends_in(const char *name, const char *tail)
{
	size_t n = strlen(name), m = strlen(tail);

	return n >= m && strcmp(name + n - m, tail) == 0;
}

enum pb_form pb_form(const ProtobufCFieldDescriptor *field)
{
	if (field->type == PROTOBUF_C_TYPE_INT64 && ends_in(field->name, "_us"))
		return PB_TIME;
	if (field->type == PROTOBUF_C_TYPE_INT32 &&
	    (ends_in(field->name, "_day") || strcmp(field->name, "day") == 0))
		return PB_DAY;
	return PB_PLAIN;
}

size_t pb_member_bytes(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_ENUM:
	case PROTOBUF_C_TYPE_FLOAT:
		return 4;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	}
	return 0;
}

/* The number in [min, max] that the whole text is. */
static int signed_from_text(const char *text, int64_t min, int64_t max,
			    int64_t *v_r)
{
	char *end;
	long long v;

	if ((*text < '0' || *text > '9') && *text != '-')
		return -1;
	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || *end || end == text || v < min || v > max)
		return -1;
	*v_r = v;
	return 0;
}

static int unsigned_from_text(const char *text, uint64_t max, uint64_t *v_r)
{
	char *end;
	unsigned long long v;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || *end || v > max)
		return -1;
	*v_r = v;
	return 0;
}

static int double_from_text(const char *text, double *v_r)
{
	char *end;

	*v_r = strtod(text, &end);
	return *text == '\0' || *end ? -1 : 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int bytes_from_hex(const char *text, size_t len, struct arena *arena,
			  ProtobufCBinaryData *bytes_r)
{
	uint8_t *data = arena_alloc(arena, len / 2 + 1);

	if (len % 2)
		return -1;
	for (size_t i = 0; i < len / 2; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		data[i] = (uint8_t)(high << 4 | low);
	}
	bytes_r->data = data;
	bytes_r->len = len / 2;
	return 0;
}

static int int32_from_text(const ProtobufCFieldDescriptor *field, int32_t *to,
			   const char *text)
{
	int64_t v = 0;

	if (pb_form(field) == PB_DAY)
		return day_parse(text, to);
	if (signed_from_text(text, INT32_MIN, INT32_MAX, &v) < 0)
		return -1;
	*to = (int32_t)v;
	return 0;
}

static int int64_from_text(const ProtobufCFieldDescriptor *field, int64_t *to,
			   const char *text)
{
	if (pb_form(field) == PB_TIME)
		return time_parse_us(text, to);
	return signed_from_text(text, INT64_MIN, INT64_MAX, to);
}

static int uint32_from_text(const char *text, uint32_t *to)
{
	uint64_t v = 0;

	if (unsigned_from_text(text, UINT32_MAX, &v) < 0)
		return -1;
	*to = (uint32_t)v;
	return 0;
}

static int float_from_text(const char *text, float *to)
{
	double v;

	if (double_from_text(text, &v) < 0)
		return -1;
	*to = (float)v;
	return 0;
}

static int bool_from_text(const char *text, protobuf_c_boolean *to)
{
	*to = strcmp(text, "true") == 0;
	return *to || strcmp(text, "false") == 0 ? 0 : -1;
}

static int enum_from_text(const ProtobufCFieldDescriptor *field, int32_t *to,
			  const char *text)
{
	const ProtobufCEnumValue *value =
		protobuf_c_enum_descriptor_get_value_by_name(field->descriptor,
							     text);

	if (!value)
		return -1;
	*to = value->value;
	return 0;
}

const char *pb_wanted(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return pb_form(field) == PB_DAY ? "a day like 2025-03-14"
						: "a whole number of 32 bits";
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return pb_form(field) == PB_TIME
			       ? "a time like 2025-03-14T05:20:00Z"
			       : "a whole number of 64 bits";
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return "a whole number from 0 to 4294967295";
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return "a whole number from 0";
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return "a number";
	case PROTOBUF_C_TYPE_BOOL:
		return "true or false";
	case PROTOBUF_C_TYPE_ENUM:
		return "a name of the enum";
	case PROTOBUF_C_TYPE_STRING:
		return "a string without NUL";
	case PROTOBUF_C_TYPE_BYTES:
		return "hexadecimal digits";
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}
	return "an object";
}

int pb_scalar_from_text(const ProtobufCFieldDescriptor *field, void *member,
			const char *text, size_t len, struct arena *arena)
{
	if (memchr(text, '\0', len))
		return -1;
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return int32_from_text(field, member, text);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return int64_from_text(field, member, text);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return uint32_from_text(text, member);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return unsigned_from_text(text, UINT64_MAX, member);
	case PROTOBUF_C_TYPE_FLOAT:
		return float_from_text(text, member);
	case PROTOBUF_C_TYPE_DOUBLE:
		return double_from_text(text, member);
	case PROTOBUF_C_TYPE_BOOL:
		return bool_from_text(text, member);
	case PROTOBUF_C_TYPE_ENUM:
		return enum_from_text(field, member, text);
	case PROTOBUF_C_TYPE_STRING:
		*(char **)member = arena_memdup(arena, text, len + 1);
		return 0;
	case PROTOBUF_C_TYPE_BYTES:
		return bytes_from_hex(text, len, arena, member);
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}
	return -1;
}

ProtobufCMessage *pb_message_new(const ProtobufCMessageDescriptor *desc,
				 struct arena *arena)
{
	ProtobufCMessage *msg = arena_alloc(arena, desc->sizeof_message);

	protobuf_c_message_init(desc, msg);
	return msg;
}

bool pb_oneof_choose(ProtobufCMessage *msg,
		     const ProtobufCFieldDescriptor *field)
{
	uint32_t *which;

	if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
		return true;
	which = (uint32_t *)((char *)msg + field->quantifier_offset);
	if (*which != 0 && *which != field->id)
		return false;
	*which = field->id;
	return true;
}

int pb_path_find(const ProtobufCMessageDescriptor *desc, const char *path,
		 struct pb_path *path_r, struct error *err)
{
	const char *rest = path;

	path_r->n = 0;
	for (;;) {
		size_t len = strcspn(rest, ".");
		const ProtobufCFieldDescriptor *field = NULL;
		char name[64];

		if (len < sizeof(name)) {
			memcpy(name, rest, len);
			name[len] = '\0';
			field = protobuf_c_message_descriptor_get_field_by_name(
				desc, name);
		}
		if (!field || path_r->n == PB_PATH_MAX)
			return error_set(err, "%s has no field %s",
					 desc->short_name, path);
		if (field->label == PROTOBUF_C_LABEL_REPEATED)
			return error_set(err, "%s of %s is a list", path,
					 desc->short_name);
		path_r->fields[path_r->n++] = field;
		rest += len;
		if ((field->type == PROTOBUF_C_TYPE_MESSAGE) != (*rest == '.'))
			return error_set(err, "%s of %s is %s single value",
					 path, desc->short_name,
					 *rest ? "below a" : "not a");
		if (*rest == '\0')
			return 0;
		rest++;
		desc = field->descriptor;
	}
}

int pb_path_set(ProtobufCMessage *msg, const struct pb_path *path,
		const char *text, size_t len, struct arena *arena)
{
	for (int i = 0;; i++) {
		const ProtobufCFieldDescriptor *field = path->fields[i];
		void *member = (char *)msg + field->offset;

		if (!pb_oneof_choose(msg, field))
			return -1;
		if (i == path->n - 1)
			return pb_scalar_from_text(field, member, text, len,
						   arena);
		if (!*(ProtobufCMessage **)member)
			*(ProtobufCMessage **)member =
				pb_message_new(field->descriptor, arena);
		msg = *(ProtobufCMessage **)member;
	}
}
