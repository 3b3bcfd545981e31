/* frame.h -- a message is two frames: a fixed header of 24 bytes and a protobuf
 * body. README.md beside this file documents the bytes. */
#ifndef SUYUAN_FRAME_H
#define SUYUAN_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>
#include <zmq.h>

#define FRAME_HEADER_BYTES 24
#define FRAME_VERSION 1
/* Below 276 bytes libzmq's own handshake breaks; unset, a stranger fills the
 * memory before the handshake (BUS.md "Security"). */
#define FRAME_MAX_BYTES (2 * 1024 * 1024)
/* Of a publisher. */
#define BUS_LANES 16

enum bus_op {
	BUS_HELLO = 1,
	BUS_WELCOME,
	BUS_PUBLISH,
	BUS_ACK,
	BUS_NACK,
	BUS_FETCH,
	BUS_BATCH,
	BUS_OUT_OF_RANGE,
	BUS_DIVERGED,
	BUS_HINT,
	BUS_QUERY,
	BUS_REPLY,
	BUS_GOAWAY,
};

struct frame {
	enum bus_op op;
	uint64_t correlation; /* chosen by who asks, repeated in the answer */
	const uint8_t *body;
	size_t body_len;
};

/* Writes the header of a body into header. */
void frame_header(uint8_t header[FRAME_HEADER_BYTES], enum bus_op op,
		  uint64_t correlation, const uint8_t *body, size_t len);

/* Checks magic, version, op, length and crc32c and fills frame_r, whose body
 * points into the argument. 0 or -1 with *why_r a static sentence. */
int frame_parse(const uint8_t *header, size_t header_len, const uint8_t *body,
		size_t body_len, struct frame *frame_r, const char **why_r);

/* Packs msg and sends header and body without waiting. identity (a ROUTER's
 * first frame) may be NULL. 0, or -1 with errno: EAGAIN (full), EHOSTUNREACH.
 */
int frame_send(void *socket, const void *identity, size_t identity_len,
	       enum bus_op op, uint64_t correlation,
	       const ProtobufCMessage *msg);

#endif
