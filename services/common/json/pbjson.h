/* pbjson.h -- one generic converter between JSON and protobuf, over
 * protobuf-c's descriptors. Linked by cli and gateway only.
 *
 * Field names as in the .proto (snake_case). 64-bit integers are strings;
 * fields that end in _us are RFC 3339 times; fields that end in _day (and
 * known_by_day, registered_day ...) are "YYYY-MM-DD"; enums go by name; bytes
 * are lower-case hex; zero values are left out of the output except inside
 * messages that the caller asks for. On input a 64-bit integer may be a
 * number too. */
#ifndef SUYUAN_PBJSON_H
#define SUYUAN_PBJSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "arena.h"
#include "error.h"

/* New reference; NULL only when memory is out. */
json_t *pbjson_from_message(const ProtobufCMessage *msg);

/* A message in the arena, or NULL with err naming the field by its path
 * ("person.phone: expected a string"). Unknown fields are errors. */
ProtobufCMessage *pbjson_to_message(const json_t *json,
				    const ProtobufCMessageDescriptor *desc,
				    struct arena *arena, struct error *err);

#endif
