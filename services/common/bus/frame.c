/* frame.c -- header bytes, network order:
 *   0 magic "SUYU"   4 version   5 op   6 flags (0)   8 correlation
 *   16 body length   20 crc32c of bytes 0-19 and the body */
#include "bus/frame.h"

#include <endian.h>
#include <errno.h>
#include <isa-l/crc.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "SUYU"
#define CRC_AT 20

static uint32_t frame_crc(const uint8_t *header, const uint8_t *body,
			  size_t len)
{
	/* ISA-L's crc32_iscsi is crc32c without the final inversion; it takes
	 * a non-const pointer and an int. */
	uint32_t crc = crc32_iscsi((unsigned char *)header, CRC_AT, ~0U);

	return ~crc32_iscsi((unsigned char *)body, (int)len, crc);
}

void frame_header(uint8_t header[FRAME_HEADER_BYTES], enum bus_op op,
		  uint64_t correlation, const uint8_t *body, size_t len)
{
	uint64_t correlation_be = htobe64(correlation);
	uint32_t len_be = htobe32((uint32_t)len);
	uint32_t crc_be;

	memcpy(header, MAGIC, 4);
	header[4] = FRAME_VERSION;
	header[5] = (uint8_t)op;
	header[6] = 0;
	header[7] = 0;
	memcpy(header + 8, &correlation_be, 8);
	memcpy(header + 16, &len_be, 4);
	crc_be = htobe32(frame_crc(header, body, len));
	memcpy(header + CRC_AT, &crc_be, 4);
}

int frame_parse(const uint8_t *header, size_t header_len, const uint8_t *body,
		size_t body_len, struct frame *frame_r, const char **why_r)
{
	uint64_t correlation_be;
	uint32_t len_be, crc_be;

	if (header_len != FRAME_HEADER_BYTES || memcmp(header, MAGIC, 4) != 0) {
		*why_r = "no header of ours";
		return -1;
	}
	if (header[4] != FRAME_VERSION) {
		*why_r = "unknown version";
		return -1;
	}
	if (header[5] < BUS_HELLO || header[5] > BUS_GOAWAY) {
		*why_r = "unknown op";
		return -1;
	}
	memcpy(&correlation_be, header + 8, 8);
	memcpy(&len_be, header + 16, 4);
	memcpy(&crc_be, header + CRC_AT, 4);
	if (be32toh(len_be) != body_len) {
		*why_r = "length differs";
		return -1;
	}
	if (be32toh(crc_be) != frame_crc(header, body, body_len)) {
		*why_r = "checksum differs";
		return -1;
	}
	frame_r->op = (enum bus_op)header[5];
	frame_r->correlation = be64toh(correlation_be);
	frame_r->body = body;
	frame_r->body_len = body_len;
	return 0;
}

static void free_body_cb(void *data, void *hint)
{
	(void)hint;
	free(data);
}

int frame_send(void *socket, const void *identity, size_t identity_len,
	       enum bus_op op, uint64_t correlation,
	       const ProtobufCMessage *msg)
{
	size_t len = protobuf_c_message_get_packed_size(msg);
	uint8_t header[FRAME_HEADER_BYTES];
	uint8_t *body = malloc(len + 1);
	zmq_msg_t part;

	if (!body) {
		errno = EAGAIN;
		return -1;
	}
	protobuf_c_message_pack(msg, body);
	frame_header(header, op, correlation, body, len);
	if (identity && zmq_send(socket, identity, identity_len,
				 ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		goto fail;
	/* Once the first part is taken libzmq takes the rest of the message. */
	if (zmq_send(socket, header, sizeof(header),
		     ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		goto fail;
	if (zmq_msg_init_data(&part, body, len, free_body_cb, NULL) < 0)
		goto fail;
	if (zmq_msg_send(&part, socket, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&part);
		return -1;
	}
	return 0;
fail:
	free(body);
	return -1;
}
