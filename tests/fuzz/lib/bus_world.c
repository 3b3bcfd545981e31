/* bus_world.c -- see bus_world.h. */
#include "bus_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "bus/context.h"
#include "bus/internal.h"
#include "db/private.h"
#include "timeutil.h"

#define MESSAGES_MAX 24
#define NOWHERE "host=/nonexistent dbname=none"
#define NAMES_NR 4

/* Who may send: the names of keys in a registry of our own. */
static const struct {
	const char *name;
	uint32_t roles;
} names[NAMES_NR] = {
	{ "office",
	  ROLE_PUBLISHER | ROLE_HANDLER | ROLE_READER | ROLE_CONSUMER },
	{ "admin", ROLE_ADMIN | ROLE_READER | ROLE_CONSUMER },
	{ "gateway", ROLE_GATEWAY },
	{ "nobody", 0 },
};

static struct {
	uv_loop_t loop;
	struct bus_server bus;
	struct registry *registry;
	char keys[NAMES_NR][KEY_Z85_SIZE];
	void *dealer;
	struct identity id; /* of the dealer, as the router knows it */
	uint8_t signer[crypto_sign_PUBLICKEYBYTES];
	struct db_conn *more[4];
	int more_nr;
	void (*beside)(void); /* NULL: nothing is asked there */
} world;

static bool grant(void *arg, const char *principal, struct bus_grant *grant_r)
{
	(void)arg;
	*grant_r = (struct bus_grant){ .all_streams = true };
	for (size_t i = 0; i < NAMES_NR; i++)
		if (strcmp(names[i].name, principal) == 0)
			grant_r->roles = names[i].roles;
	return grant_r->roles != 0;
}

static const uint8_t *signer(void *arg, const char *key_id)
{
	(void)arg;
	return strcmp(key_id, "fuzz") == 0 ? world.signer : NULL;
}

/* --- opening --- */

static void open_registry(void)
{
	char text[NAMES_NR * (KEY_Z85_SIZE + 16)] = "";
	struct error err;
	size_t len = 0;

	for (size_t i = 0; i < NAMES_NR; i++) {
		char secret[KEY_Z85_SIZE];

		if (zmq_curve_keypair(world.keys[i], secret) < 0)
			abort();
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s %s\n", world.keys[i],
					names[i].name);
	}
	if (registry_open(&world.registry, NULL, fuzz_file(text, len), &err) <
	    0)
		abort();
}

static bool readable_cb(void *arg)
{
	(void)arg;
	return false;
}

/* The dealer says a word, so that the router knows it. */
static void open_sockets(void)
{
	void *router = zmq_socket(bus_context(), ZMQ_ROUTER);
	int one = 1, none = 0;
	int n;

	world.dealer = zmq_socket(bus_context(), ZMQ_DEALER);
	zmq_setsockopt(router, ZMQ_ROUTER_MANDATORY, &one, sizeof(one));
	zmq_setsockopt(router, ZMQ_SNDHWM, &none, sizeof(none));
	zmq_setsockopt(world.dealer, ZMQ_RCVHWM, &none, sizeof(none));
	if (zmq_bind(router, "inproc://fuzz") < 0 ||
	    zmq_connect(world.dealer, "inproc://fuzz") < 0 ||
	    zmq_send(world.dealer, "", 0, 0) < 0)
		abort();
	n = zmq_recv(router, world.id.bytes, BUS_IDENTITY_MAX, 0);
	if (n <= 0 || n > BUS_IDENTITY_MAX)
		abort();
	world.id.len = (uint8_t)n;
	zmq_recv(router, &one, 0, 0);
	if (zsock_watch(&world.bus.router, &world.loop, router, readable_cb,
			NULL) < 0)
		abort();
}

static struct db_conn *conn(const struct db_statement *statements, int nr)
{
	struct db_conn_options o = { .url = NOWHERE,
				     .schema = world.bus.o.schema,
				     .role = "fuzz",
				     .statements = statements,
				     .statements_nr = nr };
	struct db_conn *c;
	struct error err;

	if (db_conn_open(&c, &world.loop, &o, &err) < 0)
		abort();
	return c;
}

uv_loop_t *bus_world_loop(void)
{
	if (!world.registry) {
		uv_loop_init(&world.loop);
		open_registry();
	}
	return &world.loop;
}

struct db_conn *bus_world_conn(const struct db_statement *statements, int nr)
{
	return world.more[world.more_nr++] = conn(statements, nr);
}

void bus_world_conf(const struct conf_entry *const *tables, void *base,
		    const char *const *more)
{
	static char key[65];
	struct error err;

	memset(key, 'a', sizeof(key) - 1);
	clearenv(); /* of another installation */
	for (size_t t = 0; tables[t]; t++)
		for (const struct conf_entry *e = tables[t]; e->name; e++)
			if (!e->fallback)
				setenv(e->name, "none", 1);
	setenv("SUYUAN_DB_URL", NOWHERE, 1);
	setenv("SUYUAN_SUBJECT_KEY", key, 1);
	for (; *more; more += 2)
		setenv(more[0], more[1], 1);
	if (conf_load(tables, base, &err) < 0)
		abort();
}

void bus_world_beside(void (*answer)(void))
{
	world.beside = answer;
}

void bus_world_open(const struct bus_server_options *options)
{
	static const uint8_t seed[crypto_sign_SEEDBYTES] = "fuzz";
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	struct bus_server *bus = &world.bus;
	struct error err;

	if (sodium_init() < 0)
		abort();
	crypto_sign_seed_keypair(world.signer, secret, seed);
	bus->o = *options;
	bus->o.loop = bus_world_loop();
	bus->o.registry = world.registry;
	bus->o.grant = grant;
	bus->o.actor_key = signer;
	bus->started = true;
	if (bus_statements_join(bus) < 0)
		abort();
	arena_init(&bus->writer.batch.arena);
	uv_timer_init(&world.loop, &bus->writer.timer);
	bus->writer.timer.data = bus;
	bus->writer_conn = conn(bus->statements, bus->statements_nr);
	bus->fetch_conn = conn(bus->statements, bus->statements_nr);
	for (int i = 0; i < BUS_QUERY_CONNS; i++)
		bus->query_conns[i] = conn(bus->statements, bus->statements_nr);
	if (feed_open(bus, &err) < 0 || readers_open(bus, &err) < 0)
		abort();
	open_sockets();
}

/* --- answers --- */

/* A sentence or a path of ours: what an input holds is mostly no ASCII. */
static void require_ours(const char *text)
{
	for (; *text; text++)
		REQUIRE(*text >= 0x20 && *text < 0x7f);
}

static void require_error(const Sy__V1__Error *error)
{
	REQUIRE(error->code != SY__V1__ERROR_CODE__OK && error->text[0]);
	require_ours(error->field);
	require_ours(error->text);
}

/* One answer, checked as a client would; false: there is none. */
static bool take_answer(uint64_t correlation, unsigned *replies)
{
	uint8_t header[FRAME_HEADER_BYTES + 1];
	const char *why;
	struct arena arena;
	struct frame frame;
	zmq_msg_t body;
	int n = zmq_recv(world.dealer, header, sizeof(header), ZMQ_DONTWAIT);

	if (n < 0)
		return false;
	zmq_msg_init(&body);
	REQUIRE(zmq_msg_recv(&body, world.dealer, ZMQ_DONTWAIT) >= 0);
	REQUIRE(frame_parse(header, (size_t)n, zmq_msg_data(&body),
			    zmq_msg_size(&body), &frame, &why) == 0);
	arena_init(&arena);
	if (frame.op == BUS_REPLY) {
		Sy__V1__Reply *reply = (Sy__V1__Reply *)fuzz_message(
			&sy__v1__reply__descriptor, frame.body, frame.body_len,
			&arena);

		REQUIRE(reply);
		if (reply->error)
			require_error(reply->error);
		*replies += frame.correlation == correlation;
	} else if (frame.op == BUS_NACK) {
		Sy__V1__Nack *nack = (Sy__V1__Nack *)fuzz_message(
			&sy__v1__nack__descriptor, frame.body, frame.body_len,
			&arena);

		REQUIRE(nack && nack->error);
		require_error(nack->error);
	} else {
		REQUIRE(frame.op == BUS_WELCOME || frame.op == BUS_ACK ||
			frame.op == BUS_BATCH || frame.op == BUS_DIVERGED);
	}
	arena_reset(&arena);
	zmq_msg_close(&body);
	return true;
}

/* --- one message --- */

/* The lane 0 of "fuzz" is open to office, so that PUBLISH finds one. */
static void open_lane(void)
{
	struct incoming in = { .from = world.id, .principal = "office" };
	Sy__V1__Publish publish = SY__V1__PUBLISH__INIT;

	publish.publisher = (char *)"fuzz";
	publish.epoch = 1;
	lane_for_publish(&world.bus, &in, &publish);
	world.bus.lanes->lane_id = 1;
	world.bus.lanes->epoch = 1;
}

/* Every case and record is new: nothing was read. */
static void judge(void)
{
	struct bus_server *bus = &world.bus;
	struct bus_batch *batch = &bus->writer.batch;
	struct db_result nothing = { .outcome = DB_OK, .failed_statement = -1 };
	struct db_pipe *pipe;

	if (!bus->writer.current || !batch->n)
		return;
	REQUIRE(bus->o.domain->decide(bus->o.svc, batch, &nothing, 0, true) ==
		BUS_DECIDED);
	for (size_t i = 0; i < batch->n; i++) {
		const struct bus_item *item = batch->items[i];

		if (item->verdict == SY__V1__ERROR_CODE__OK)
			continue;
		REQUIRE(item->text[0]);
		require_ours(item->field);
		require_ours(item->text);
	}
	pipe = db_pipe_new(bus->writer_conn);
	bus->o.domain->write(bus->o.svc, batch, pipe);
	db_pipe_drop(pipe);
}

static void drain(void)
{
	struct bus_server *bus = &world.bus;

	if (world.beside)
		world.beside();
	db_run_drain(bus->writer_conn, "none");
	db_run_drain(bus->fetch_conn, "none");
	for (int i = 0; i < BUS_QUERY_CONNS; i++)
		db_run_drain(bus->query_conns[i], "none");
	for (int i = 0; i < world.more_nr; i++)
		db_run_drain(world.more[i], "none");
}

static void take_message(struct fuzz *f, uint64_t correlation)
{
	struct bus_server *bus = &world.bus;
	struct incoming in = { .from = world.id };
	enum bus_op op = (enum bus_op)(1 + fuzz_byte(f) % BUS_GOAWAY);
	unsigned who = fuzz_byte(f), replies = 0;
	size_t len = (size_t)fuzz_number(f, 2);
	struct arena arena;
	bool waits;

	arena_init(&arena);
	in.frame.op = op;
	in.frame.correlation = correlation;
	in.frame.body = (const uint8_t *)fuzz_bytes(f, len, &arena, &len);
	in.frame.body_len = len;
	bus_take(bus, &in, who % 5 < NAMES_NR ? world.keys[who % 5] : NULL);
	waits = bus->writer.current != NULL;
	if (waits)
		judge();
	drain();
	feed_forget_peer(bus, bus_peer(bus, &world.id));
	while (take_answer(correlation, &replies))
		;
	/* One answer to each question: a command's comes when it is written. */
	REQUIRE(replies == (op == BUS_QUERY && !waits) || op == BUS_FETCH);
	REQUIRE(replies <= 1);
	uv_timer_stop(&bus->writer.timer);
	bus->writer.started_events = 0; /* nothing waits for a pace */
	writer_free(bus);
	arena_reset(&arena);
}

void bus_world_run(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct bus_server *bus = &world.bus;

	open_lane();
	for (uint64_t i = 1; f.left && i <= MESSAGES_MAX; i++)
		take_message(&f, i);
	lanes_free(bus);
	bus->lanes = NULL;
	REQUIRE(bus->queued_events == 0 && bus->queued_bytes == 0);
}
