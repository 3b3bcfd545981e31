/* check.h -- what protobuf-c does not look at: UTF-8 and NUL in strings. */
#ifndef SUYUAN_CHECK_H
#define SUYUAN_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

/* Walks the wire form by the descriptor. 0, or -1 with the path of the first
 * bad field in field_r ("person.name") and *why_r a static sentence ("not
 * UTF-8", "holds NUL", "truncated"). */
int check_wire(const ProtobufCMessageDescriptor *desc, const uint8_t *data,
	       size_t len, char *field_r, size_t field_size,
	       const char **why_r);

#endif
