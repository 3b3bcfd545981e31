/* bus_client.c -- what a service tells its clients, as a publisher and a
 * question take it: a row of op, number of the request that it answers, two
 * bytes of length, body. */
#include <stdlib.h>
#include <string.h>

#include "../lib/fuzz.h"
#include "bus/client_internal.h"
#include "bus/context.h"
#include "bus/publisher.h"
#include "suyuan/v1/complaints.pb-c.h"

#define MESSAGES_MAX 32
#define EVENTS_NR 6

static uv_loop_t loop;
static struct bus_client client;
static struct dialled dialled;
static void *server; /* the other end, which only listens */
static unsigned done_nr, fatal_nr;

static bool readable_cb(void *arg)
{
	(void)arg;
	return false;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	void *dealer = zmq_socket(bus_context(), ZMQ_DEALER);

	(void)argc;
	(void)argv;
	server = zmq_socket(bus_context(), ZMQ_DEALER);
	uv_loop_init(&loop);
	REQUIRE(zmq_bind(server, "inproc://fuzz") == 0 &&
		zmq_connect(dealer, "inproc://fuzz") == 0);
	client.loop = &loop;
	uv_timer_init(&loop, &client.tick);
	uv_timer_init(&loop, &client.soon);
	client.tick.data = client.soon.data = &client;
	client.replicas[0] = &dialled;
	client.replicas_nr = 1;
	dialled.client = &client;
	REQUIRE(zsock_watch(&dialled.dealer, &loop, dealer, readable_cb,
			    NULL) == 0);
	return 0;
}

static void hear(void)
{
	char byte;

	uv_run(&loop, UV_RUN_NOWAIT);
	while (zmq_recv(server, &byte, 1, ZMQ_DONTWAIT) >= 0)
		;
}

static void done_cb(uint64_t tag, const Sy__V1__Reject *reject, void *arg)
{
	(void)reject;
	(void)arg;
	REQUIRE(tag >= 1 && tag <= EVENTS_NR);
	REQUIRE(++done_nr <= EVENTS_NR);
}

static void fatal_cb(const Sy__V1__Error *error, void *arg)
{
	(void)arg;
	REQUIRE(error && error->text && ++fatal_nr == 1);
}

static void queried_cb(const Sy__V1__Error *error, const uint8_t *response,
		       size_t len, void *arg)
{
	unsigned *answers = arg;

	REQUIRE(error || len == 0 || response);
	REQUIRE(++*answers == 1);
}

static struct publisher *open_publisher(void)
{
	struct publisher_options options = { .client = &client,
					     .name = "fuzz",
					     .done_cb = done_cb,
					     .fatal_cb = fatal_cb };
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	struct publisher *p;
	struct error err;

	done_nr = fatal_nr = 0;
	REQUIRE(publisher_open(&p, &options, &err) == 0);
	event.type = (char *)"RegisterAppeal";
	for (uint64_t i = 1; i <= EVENTS_NR; i++)
		REQUIRE(publisher_submit(p, i % 2 ? "xxhash" : "a", &event,
					 i) == 0);
	return p;
}

static void take_message(struct fuzz *f)
{
	struct frame frame = { .op = (enum bus_op)(1 +
						   fuzz_byte(f) % BUS_GOAWAY) };
	struct arena arena;
	size_t len;

	arena_init(&arena);
	/* The last questions are those that wait. */
	frame.correlation = client.next_correlation - fuzz_byte(f) % 4;
	len = (size_t)fuzz_number(f, 2);
	frame.body = (const uint8_t *)fuzz_bytes(f, len, &arena, &len);
	frame.body_len = len;
	client_take(&dialled, &frame);
	dialled.pub.up = true;
	dialled.pub.leaving = false;
	hear();
	arena_reset(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	Sy__V1__GetAppealRequest request = SY__V1__GET_APPEAL_REQUEST__INIT;
	struct pending *waiting, *next;
	struct publisher *p;
	unsigned answers = 0;

	dialled.connected = dialled.pub.up = true;
	dialled.pub.credit_events = dialled.pub.max_publish_events = 0;
	client.next_correlation = 0;
	p = open_publisher();
	dialled.probe = dialled_probe(&dialled);
	bus_client_query(&client, "GetAppeal", &request.base, NULL, 60000,
			 queried_cb, &answers);
	hear();
	for (int i = 0; f.left && i < MESSAGES_MAX; i++)
		take_message(&f);
	publisher_close(&p);
	queries_close(&client);
	HASH_ITER (hh, client.pending, waiting, next)
		bus_client_forget(&client, waiting->correlation);
	dialled.probe = 0;
	hear();
	return 0;
}
