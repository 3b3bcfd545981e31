/* pbtext.h -- one field of a protobuf message from text: a CSV column, a JSON
 * string. Linked by cli and gateway only. */
#ifndef SUYUAN_PBTEXT_H
#define SUYUAN_PBTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "arena.h"
#include "error.h"

/* How a number of the .proto is written for people, by its name and type. */
enum pb_form {
	PB_PLAIN,
	PB_TIME, /* int64 ..._us: RFC 3339 */
	PB_DAY,  /* int32 ..._day or day: YYYY-MM-DD */
};
enum pb_form pb_form(const ProtobufCFieldDescriptor *field);

/* Bytes of one element of the field in its message or array. */
size_t pb_member_bytes(const ProtobufCFieldDescriptor *field);

/* What a text for the field must look like: "a day like 2025-03-14". */
const char *pb_wanted(const ProtobufCFieldDescriptor *field);

/* Writes text (len bytes and a NUL) as one element of field to member; strings
 * and bytes go into the arena. 0, or -1: it is not what pb_wanted says. */
int pb_scalar_from_text(const ProtobufCFieldDescriptor *field, void *member,
			const char *text, size_t len, struct arena *arena);

/* "person.phone", looked up once. */
#define PB_PATH_MAX 4
struct pb_path {
	const ProtobufCFieldDescriptor *fields[PB_PATH_MAX];
	int n;
};

/* 0, or -1: no such field, or it cannot be set from one text (repeated, a
 * message). */
int pb_path_find(const ProtobufCMessageDescriptor *desc, const char *path,
		 struct pb_path *path_r, struct error *err);

/* Sets the field in msg, making the messages on the way in the arena. 0 or -1
 * as pb_scalar_from_text. */
int pb_path_set(ProtobufCMessage *msg, const struct pb_path *path,
		const char *text, size_t len, struct arena *arena);

/* An empty message in the arena. */
ProtobufCMessage *pb_message_new(const ProtobufCMessageDescriptor *desc,
				 struct arena *arena);
/* Marks the member of a oneof as the one that is set. False: another one was
 * set before. Fields outside of a oneof: true. */
bool pb_oneof_choose(ProtobufCMessage *msg,
		     const ProtobufCFieldDescriptor *field);

#endif
