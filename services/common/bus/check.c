/* check.c -- one pass over the wire form before it is unpacked. PostgreSQL
 * refuses NUL and bad UTF-8 in text, and would then refuse a whole merged
 * transaction; protobuf-c follows nesting without a limit. Runs for every
 * message: no allocation, no copy. */
#include "bus/check.h"

#include <stdio.h>
#include <string.h>
#include <unicode/utf8.h>

/* Our deepest message has 5 levels; each level here is one stack frame. */
#define DEPTH_MAX 16

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_64 = 1,
	WIRE_BYTES = 2,
	WIRE_GROUP = 3,
	WIRE_GROUP_END = 4,
	WIRE_32 = 5,
};

static const char truncated[] = "truncated";
static const char malformed[] = "malformed";
static const char wrong_type[] = "has the wrong wire type";

struct walk {
	const ProtobufCFieldDescriptor *path[DEPTH_MAX];
	int depth; /* entries of path that are in use */
	const char *why;
};

static int bad(struct walk *w, const char *why)
{
	w->why = why;
	return -1;
}

static int take_varint(struct walk *w, const uint8_t **p, const uint8_t *end,
		       uint64_t *v_r)
{
	uint64_t v = 0;

	if (*p < end && **p < 0x80) {
		*v_r = *(*p)++;
		return 0;
	}
	for (int shift = 0; shift < 70; shift += 7) {
		uint8_t byte;

		if (*p == end)
			return bad(w, truncated);
		byte = *(*p)++;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*v_r = v;
			return 0;
		}
	}
	return bad(w, malformed);
}

static int skip_bytes(struct walk *w, const uint8_t **p, const uint8_t *end,
		      uint64_t n)
{
	if (n > (uint64_t)(end - *p))
		return bad(w, truncated);
	*p += n;
	return 0;
}

static int check_text(struct walk *w, const uint8_t *s, size_t len)
{
	size_t i = 0;

	if (memchr(s, 0, len))
		return bad(w, "holds NUL");
	while (i < len) {
		uint64_t eight;
		UChar32 c;

		if (len - i >= sizeof(eight)) {
			memcpy(&eight, s + i, sizeof(eight));
			if (!(eight & UINT64_C(0x8080808080808080))) {
				i += sizeof(eight);
				continue;
			}
		}
		U8_NEXT(s, i, len, c);
		if (c < 0)
			return bad(w, "not UTF-8");
	}
	return 0;
}

static enum wire_type wire_type_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		return WIRE_VARINT;
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return WIRE_32;
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return WIRE_64;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return WIRE_BYTES;
	}
	return WIRE_BYTES;
}

static int check_packed(struct walk *w, enum wire_type type, const uint8_t *p,
			const uint8_t *end)
{
	uint64_t v;

	if (type == WIRE_64 || type == WIRE_32)
		return (end - p) % (type == WIRE_64 ? 8 : 4) == 0
			       ? 0
			       : bad(w, truncated);
	while (p < end) {
		if (take_varint(w, &p, end, &v) < 0)
			return -1;
	}
	return 0;
}

static int check_message(struct walk *w, const ProtobufCMessageDescriptor *desc,
			 const uint8_t *p, const uint8_t *end);

/* The content of a length-delimited field that the descriptor knows. */
static int check_content(struct walk *w, const ProtobufCFieldDescriptor *field,
			 const uint8_t *p, const uint8_t *end)
{
	enum wire_type type = wire_type_of(field->type);

	if (field->type == PROTOBUF_C_TYPE_STRING)
		return check_text(w, p, (size_t)(end - p));
	if (field->type == PROTOBUF_C_TYPE_BYTES)
		return 0;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		if (w->depth == DEPTH_MAX)
			return bad(w, "is nested too deep");
		return check_message(w, field->descriptor, p, end);
	}
	if (field->label != PROTOBUF_C_LABEL_REPEATED)
		return bad(w, wrong_type);
	return check_packed(w, type, p, end);
}

/* field is NULL for what the descriptor does not know: only skipped. */
static int check_field(struct walk *w, const ProtobufCFieldDescriptor *field,
		       enum wire_type type, const uint8_t **p,
		       const uint8_t *end)
{
	const uint8_t *from;
	uint64_t v;

	if (field && type != WIRE_BYTES && type != wire_type_of(field->type))
		return bad(w, wrong_type);
	switch (type) {
	case WIRE_VARINT:
		return take_varint(w, p, end, &v);
	case WIRE_64:
		return skip_bytes(w, p, end, 8);
	case WIRE_32:
		return skip_bytes(w, p, end, 4);
	case WIRE_BYTES:
		if (take_varint(w, p, end, &v) < 0)
			return -1;
		from = *p;
		if (skip_bytes(w, p, end, v) < 0)
			return -1;
		return field ? check_content(w, field, from, *p) : 0;
	case WIRE_GROUP:
	case WIRE_GROUP_END:
		break;
	}
	return bad(w, malformed);
}

/* Fields mostly come in the order of their numbers, which is that of the
 * descriptor: the next one or, repeated, the same one is tried first. */
static const ProtobufCFieldDescriptor *
find_field(const ProtobufCMessageDescriptor *desc, uint32_t number,
	   unsigned *hint)
{
	const ProtobufCFieldDescriptor *field;

	for (unsigned i = *hint; i < desc->n_fields && i < *hint + 2; i++) {
		if (desc->fields[i].id == number) {
			*hint = i;
			return &desc->fields[i];
		}
	}
	field = protobuf_c_message_descriptor_get_field(desc, number);
	if (field)
		*hint = (unsigned)(field - desc->fields);
	return field;
}

static int check_message(struct walk *w, const ProtobufCMessageDescriptor *desc,
			 const uint8_t *p, const uint8_t *end)
{
	unsigned hint = 0;

	while (p < end) {
		const ProtobufCFieldDescriptor *field;
		uint64_t tag;

		if (take_varint(w, &p, end, &tag) < 0)
			return -1;
		if (tag > UINT32_MAX || tag >> 3 == 0)
			return bad(w, malformed);
		field = find_field(desc, (uint32_t)(tag >> 3), &hint);
		if (field)
			w->path[w->depth++] = field;
		if (check_field(w, field, (enum wire_type)(tag & 7), &p, end) <
		    0)
			return -1;
		if (field)
			w->depth--;
	}
	return 0;
}

static void write_path(const struct walk *w, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int i = 0; i < w->depth && len < size; i++) {
		int n = snprintf(buf + len, size - len, "%s%s", i ? "." : "",
				 w->path[i]->name);

		len += (size_t)n;
	}
}

int check_wire(const ProtobufCMessageDescriptor *desc, const uint8_t *data,
	       size_t len, char *field_r, size_t field_size, const char **why_r)
{
	struct walk w;

	w.depth = 0;
	w.why = NULL;
	if (len == 0 || check_message(&w, desc, data, data + len) == 0)
		return 0;
	write_path(&w, field_r, field_size);
	*why_r = w.why;
	return -1;
}
