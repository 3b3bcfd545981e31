/* changes.c -- see changes.h. Two values of a field are the same if they are
 * packed the same; what has no value is not packed at all. */
#include "changes.h"

#include <string.h>

/* More than all sorts of records have fields. */
#define FIELDS_MAX 256

struct bytes {
	const uint8_t *at;
	size_t len;
};

static const ProtobufCMessage *member_of(const Sy__V1__DirectoryRecord *r,
					 const ProtobufCFieldDescriptor *member)
{
	return *(ProtobufCMessage *const *)(const void *)((const char *)r +
							  member->offset);
}

static struct bytes packed(struct arena *arena, const ProtobufCMessage *msg)
{
	size_t len = protobuf_c_message_get_packed_size(msg);
	uint8_t *at = arena_alloc(arena, len + 1);

	protobuf_c_message_pack(msg, at);
	return (struct bytes){ at, len };
}

static uint64_t varint(const uint8_t **p)
{
	uint64_t v = 0;
	int shift = 0;

	for (; **p & 0x80; (*p)++, shift += 7)
		v |= (uint64_t)(**p & 0x7f) << shift;
	v |= (uint64_t) * (*p)++ << shift;
	return v;
}

/* Past a field whose tag has been read. */
static void skip(const uint8_t **p, uint64_t tag)
{
	uint64_t len;

	switch (tag & 7) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		varint(p);
		return;
	case PROTOBUF_C_WIRE_TYPE_64BIT:
		*p += 8;
		return;
	case PROTOBUF_C_WIRE_TYPE_32BIT:
		*p += 4;
		return;
	default: /* we have packed it: bytes */
		len = varint(p);
		*p += len;
	}
}

/* What a packed message says of one field: fields are packed one after another.
 */
static struct bytes value_of(struct bytes msg, uint32_t id)
{
	const uint8_t *p = msg.at, *end = msg.at + msg.len;
	struct bytes value = { end, 0 };

	while (p < end) {
		const uint8_t *from = p;
		uint64_t tag = varint(&p);

		skip(&p, tag);
		if (tag >> 3 != id)
			continue;
		if (value.len == 0)
			value.at = from;
		value.len = (size_t)(p - value.at);
	}
	return value;
}

static Sy__V1__FieldChange *change_of(struct arena *arena,
				      Sy__V1__CheckRecordsReply *reply,
				      const char *sort, const char *field)
{
	const char *name = arena_printf(arena, "%s.%s", sort, field);
	Sy__V1__FieldChange *change;

	for (size_t i = 0; i < reply->n_fields; i++)
		if (strcmp(reply->fields[i]->field, name) == 0)
			return reply->fields[i];
	if (reply->n_fields == 0)
		reply->fields =
			arena_alloc(arena, FIELDS_MAX * sizeof(*reply->fields));
	if (reply->n_fields == FIELDS_MAX)
		return NULL;
	change = arena_alloc(arena, sizeof(*change));
	sy__v1__field_change__init(change);
	change->field = (char *)name;
	reply->fields[reply->n_fields++] = change;
	return change;
}

void changes_count(struct arena *arena, const Sy__V1__DirectoryRecord *before,
		   const Sy__V1__DirectoryRecord *after,
		   Sy__V1__CheckRecordsReply *reply)
{
	const ProtobufCFieldDescriptor *member =
		protobuf_c_message_descriptor_get_field(
			&sy__v1__directory_record__descriptor,
			after->record_case);
	const ProtobufCMessageDescriptor *desc = member->descriptor;
	struct bytes was, is;

	if (!before) {
		reply->added++;
		return;
	}
	was = packed(arena, member_of(before, member));
	is = packed(arena, member_of(after, member));
	for (unsigned i = 0; i < desc->n_fields; i++) {
		struct bytes a = value_of(was, desc->fields[i].id);
		struct bytes b = value_of(is, desc->fields[i].id);
		Sy__V1__FieldChange *change;

		if (a.len == b.len && memcmp(a.at, b.at, a.len) == 0)
			continue;
		change = change_of(arena, reply, member->name,
				   desc->fields[i].name);
		if (!change)
			return;
		change->changed++;
		change->cleared += b.len == 0;
	}
}
