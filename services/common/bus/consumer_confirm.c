/* consumer_confirm.c -- "is all applied that the stream holds now?": asks the
 * heads of all shards, then waits for the cursors, also for those that another
 * replica moves. */
#include <stdlib.h>

#include "bus/consumer_internal.h"
#include "bus/must.h"
#include "timeutil.h"

#define ANSWER_MS 1000

/* The head of one shard. */
struct ask {
	struct confirm *confirm;
	uint64_t request;
	uint64_t head;
	bool known;
};

struct confirm {
	struct consumer *c;
	void (*cb)(bool ok, void *arg);
	void *arg;
	int64_t deadline_us;
	struct confirm *next;
	struct ask asks[]; /* one a shard */
};

static void asked_cb(const struct frame *answer, void *arg)
{
	struct ask *a = arg;
	struct consumer *c = a->confirm->c;

	a->request = 0;
	if (answer->op == BUS_BATCH) {
		Sy__V1__Batch *batch = sy__v1__batch__unpack(
			NULL, answer->body_len, answer->body);

		if (batch) {
			struct shard *s = &c->shards[a - a->confirm->asks];

			a->known = true;
			a->head = batch->head_offset;
			if (a->head > s->head)
				s->head = a->head;
			sy__v1__batch__free_unpacked(batch, NULL);
		}
	}
	consumer_later(c);
}

static void ask(struct confirm *confirm, int shard)
{
	struct consumer *c = confirm->c;
	Sy__V1__Fetch fetch;

	/* Answered at once and from the database: no replica's memory may
	 * stand in for the head of now. */
	fetch_message(&c->shards[shard], &fetch);
	/* Of another's shard the position is old: that one registers. */
	fetch.consumer = (char *)protobuf_c_empty_string;
	fetch.max_events = 1;
	fetch.max_bytes = 1;
	fetch.wait_ms = 0;
	confirm->asks[shard].request =
		bus_client_send(c->client, -1, BUS_FETCH, &fetch.base,
				ANSWER_MS, asked_cb, &confirm->asks[shard]);
}

static bool confirmed(struct confirm *confirm)
{
	struct consumer *c = confirm->c;
	bool reached = true;

	for (int i = 0; i < c->o.shards_nr; i++) {
		const struct ask *a = &confirm->asks[i];

		if (!a->known) {
			reached = false;
			if (!a->request && bus_client_alive(c->client) > 0)
				ask(confirm, i);
		} else if (c->shards[i].at.offset < a->head) {
			reached = false;
			if (!c->shards[i].owned)
				lease_read(c);
		}
	}
	return reached;
}

static void confirm_free(struct confirm *confirm)
{
	struct consumer *c = confirm->c;

	for (int i = 0; i < c->o.shards_nr; i++)
		bus_client_forget(c->client, confirm->asks[i].request);
	free(confirm);
}

void confirm_tick(struct consumer *c, int64_t now_us)
{
	struct confirm **at = &c->confirms;

	while (*at && !c->closed) {
		struct confirm *confirm = *at;
		bool ok = confirmed(confirm);
		void (*cb)(bool, void *);
		void *arg;

		if (!ok && now_us < confirm->deadline_us) {
			at = &confirm->next;
			continue;
		}
		*at = confirm->next;
		cb = confirm->cb;
		arg = confirm->arg;
		confirm_free(confirm);
		cb(ok, arg);
		at = &c->confirms; /* the callback may have asked again */
	}
}

void consumer_confirm(struct consumer *c, int timeout_ms,
		      void (*cb)(bool ok, void *arg), void *arg)
{
	struct confirm *confirm =
		must_calloc(1, sizeof(*confirm) + (size_t)c->o.shards_nr *
							  sizeof(struct ask));

	confirm->c = c;
	confirm->cb = cb;
	confirm->arg = arg;
	confirm->deadline_us = time_monotonic_us() + timeout_ms * US_PER_MS;
	for (int i = 0; i < c->o.shards_nr; i++)
		confirm->asks[i].confirm = confirm;
	confirm->next = c->confirms;
	c->confirms = confirm;
	consumer_later(c);
}

void confirm_close(struct consumer *c)
{
	while (c->confirms) {
		struct confirm *confirm = c->confirms;

		c->confirms = confirm->next;
		confirm_free(confirm);
	}
}
