/* rabbitmq.c -- a RabbitMQ quorum queue doing what the bus does: persistent
 * messages, publisher confirms with a window, and one consumer with a table
 * that acknowledges after its commit, many at once. */
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "peer.h"
#include "report.h"
#include "timeutil.h"

#define QUEUE "bench"
#define CHANNEL 1
#define PERSISTENT 2
#define FRAME_MAX_BYTES 131072
#define PREFETCH_MAX 65535

/* What the confirms have said so far. */
struct confirms {
	uint8_t *seen; /* by tag; tags count from 1 */
	uint64_t low;  /* all up to here are confirmed */
	uint64_t n;
};

static int answered(amqp_rpc_reply_t reply, const char *what)
{
	if (reply.reply_type == AMQP_RESPONSE_NORMAL)
		return 0;
	fprintf(stderr, "%s: %s\n", what,
		reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION
			? amqp_error_string2(reply.library_error)
			: "refused by the server");
	return -1;
}

static int link_open(amqp_connection_state_t *conn_r, int port)
{
	amqp_table_entry_t quorum = {
		.key = amqp_cstring_bytes("x-queue-type"),
		.value = { .kind = AMQP_FIELD_KIND_UTF8,
			   .value.bytes = amqp_cstring_bytes("quorum") },
	};
	const amqp_table_t arguments = { 1, &quorum };
	amqp_connection_state_t conn = amqp_new_connection();
	amqp_socket_t *socket = amqp_tcp_socket_new(conn);

	*conn_r = conn;
	if (!socket || amqp_socket_open(socket, "127.0.0.1", port) != 0) {
		fprintf(stderr, "cannot connect\n");
		return -1;
	}
	if (answered(amqp_login(conn, "/", 0, FRAME_MAX_BYTES, 0,
				AMQP_SASL_METHOD_PLAIN, "guest", "guest"),
		     "login") < 0)
		return -1;
	amqp_channel_open(conn, CHANNEL);
	if (answered(amqp_get_rpc_reply(conn), "channel") < 0)
		return -1;
	amqp_queue_declare(conn, CHANNEL, amqp_cstring_bytes(QUEUE), 0, 1, 0, 0,
			   arguments);
	return answered(amqp_get_rpc_reply(conn), "queue");
}

static void confirm(struct confirms *confirms, uint64_t tag, bool multiple)
{
	uint64_t from = multiple ? confirms->low + 1 : tag;

	for (uint64_t i = from; i <= tag; i++) {
		confirms->n += !confirms->seen[i];
		confirms->seen[i] = 1;
	}
	while (confirms->seen[confirms->low + 1])
		confirms->low++;
}

/* Takes one frame: 1, 0 when none came in time, -1. */
static int take_frame(amqp_connection_state_t conn, struct confirms *confirms,
		      int wait_s)
{
	const struct timeval wait = { .tv_sec = wait_s };
	amqp_frame_t frame;
	const amqp_basic_ack_t *ack;
	int status = amqp_simple_wait_frame_noblock(conn, &frame, &wait);

	if (status == AMQP_STATUS_TIMEOUT)
		return 0;
	if (status != AMQP_STATUS_OK || frame.frame_type != AMQP_FRAME_METHOD ||
	    frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
		fprintf(stderr, "confirm: not what was awaited\n");
		return -1;
	}
	ack = frame.payload.method.decoded;
	confirm(confirms, ack->delivery_tag, ack->multiple);
	amqp_maybe_release_buffers(conn);
	return 1;
}

static int publish_all(amqp_connection_state_t conn,
		       const struct peer_options *o, struct confirms *confirms)
{
	const amqp_basic_properties_t properties = {
		._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
		.delivery_mode = PERSISTENT,
	};
	struct peer_event event = { 0 };
	int status = 1;

	for (uint64_t i = 0; i < o->events && status >= 0; i++) {
		event.n = o->first + i;
		if (amqp_basic_publish(conn, CHANNEL, amqp_empty_bytes,
				       amqp_cstring_bytes(QUEUE), 0, 0,
				       &properties,
				       (amqp_bytes_t){ o->bytes, &event }) != 0)
			return -1;
		/* A look now and then is enough, until the window is full. */
		if (i % 64 == 63)
			while ((status = take_frame(conn, confirms, 0)) == 1)
				;
		while (status >= 0 && i + 1 - confirms->n >= o->window)
			status = take_frame(conn, confirms, 1);
	}
	while (status >= 0 && confirms->n < o->events)
		status = take_frame(conn, confirms, 1);
	return status < 0 ? -1 : 0;
}

static void link_close(amqp_connection_state_t conn)
{
	amqp_connection_close(conn, AMQP_REPLY_SUCCESS);
	amqp_destroy_connection(conn);
}

static int publish(const struct peer_options *o)
{
	int64_t start_us = time_monotonic_us(), end_us;
	struct confirms confirms = { .seen = calloc(o->events + 2, 1) };
	amqp_connection_state_t conn;
	int status;

	if (!confirms.seen)
		return -1;
	status = link_open(&conn, o->port);
	if (status == 0) {
		amqp_confirm_select(conn, CHANNEL);
		status = answered(amqp_get_rpc_reply(conn), "confirms");
	}
	if (status == 0)
		status = publish_all(conn, o, &confirms);
	end_us = time_monotonic_us();
	if (status == 0)
		report_and_stay(o->events, start_us, end_us, "");
	link_close(conn);
	free(confirms.seen);
	return status;
}

/* 1: a row more; 0: nothing came in time; -1. */
static int take_one(amqp_connection_state_t conn, struct rows *rows,
		    int64_t wait_us, uint64_t *tag_r)
{
	const struct timeval wait = { wait_us / US_PER_S, wait_us % US_PER_S };
	amqp_envelope_t envelope;
	amqp_rpc_reply_t reply;
	int status = 1;

	amqp_maybe_release_buffers(conn);
	reply = amqp_consume_message(conn, &envelope, &wait, 0);
	if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
	    reply.library_error == AMQP_STATUS_TIMEOUT)
		return 0;
	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		return -1;
	if (rows->n == 0)
		status = rows_begin(rows, false) < 0 ? -1 : 1;
	if (status == 1 && peer_row(rows, envelope.message.body.bytes,
				    envelope.message.body.len) < 0)
		status = -1;
	*tag_r = envelope.delivery_tag;
	amqp_destroy_envelope(&envelope);
	return status;
}

/* One transaction of what has come, at most a batch; acknowledged behind it. */
static int take_batch(amqp_connection_state_t conn, struct rows *rows,
		      uint64_t max)
{
	uint64_t tag = 0;
	int status;

	rows->n = 0;
	status = take_one(conn, rows, US_PER_S, &tag);
	while (status == 1 && rows->n < max)
		status = take_one(conn, rows, 0, &tag);
	if (status < 0 || rows->n == 0)
		return status;
	if (rows_commit(rows) < 0)
		return -1;
	return amqp_basic_ack(conn, CHANNEL, tag, 1) == 0 ? 0 : -1;
}

static int consume(const struct peer_options *o, struct rows *rows)
{
	uint64_t prefetch = o->batch * 4, taken = 0;
	amqp_connection_state_t conn;
	int64_t start_us = 0;
	int status = link_open(&conn, o->port);

	if (prefetch > PREFETCH_MAX)
		prefetch = PREFETCH_MAX;
	if (status == 0) {
		amqp_basic_qos(conn, CHANNEL, 0, (uint16_t)prefetch, 0);
		amqp_basic_consume(conn, CHANNEL, amqp_cstring_bytes(QUEUE),
				   amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
		status = answered(amqp_get_rpc_reply(conn), "consume");
	}
	if (status == 0)
		fprintf(stderr, "ready\n");
	while (status == 0 && taken < o->events) {
		status = take_batch(conn, rows, o->batch);
		if (taken == 0)
			start_us = time_monotonic_us();
		taken += status == 0 ? rows->n : 0;
	}
	if (status == 0)
		report_and_stay(taken, start_us, time_monotonic_us(), "");
	link_close(conn);
	return status;
}

int main(int argc, char **argv)
{
	return peer_main(argc, argv,
			 &(struct peer){ "rabbitmq", publish, consume });
}
