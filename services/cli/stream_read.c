/* stream_read.c -- see stream_read.h. */
#include "stream_read.h"

#include <string.h>

#include "query.h"
#include "timeutil.h"
#include "utf8.h"

#define ANSWER_MS 5000
#define AGAIN_MS 300

struct stream_fetch {
	struct stream_reader *reader;
	struct stream_answer *answer;
	struct error *err;
	bool answered, again, refused;
};

bool stream_refused_for_now(const struct frame *answer, struct error *err)
{
	Sy__V1__Nack *nack =
		answer->op == BUS_NACK
			? sy__v1__nack__unpack(NULL, answer->body_len,
					       answer->body)
			: NULL;
	Sy__V1__Reply *reply =
		answer->op == BUS_REPLY
			? sy__v1__reply__unpack(NULL, answer->body_len,
						answer->body)
			: NULL;
	const Sy__V1__Error *e = nack    ? nack->error
				 : reply ? reply->error
					 : NULL;
	bool for_now = e && (e->code == SY__V1__ERROR_CODE__BUSY ||
			     e->code == SY__V1__ERROR_CODE__RETRY);

	if (e)
		error_set(err, "error %s %.*s: %.*s", error_code_name(e->code),
			  utf8_fit(e->field, 60), e->field,
			  utf8_fit(e->text, 120), e->text);
	else
		error_set(err, "an answer of another sort");
	sy__v1__nack__free_unpacked(nack, NULL);
	sy__v1__reply__free_unpacked(reply, NULL);
	return for_now;
}

static void answer_cb(const struct frame *frame, void *arg)
{
	struct stream_fetch *f = arg;
	struct stream_answer *a = f->answer;

	uv_stop(&f->reader->cli->loop);
	if (frame->op == 0 || frame->op == BUS_GOAWAY) {
		f->again = true;
		return;
	}
	if (frame->op == BUS_BATCH)
		a->batch = sy__v1__batch__unpack(NULL, frame->body_len,
						 frame->body);
	else if (frame->op == BUS_OUT_OF_RANGE)
		a->range = sy__v1__out_of_range__unpack(NULL, frame->body_len,
							frame->body);
	else if (frame->op == BUS_DIVERGED)
		a->diverged = sy__v1__diverged__unpack(NULL, frame->body_len,
						       frame->body);
	f->answered = a->batch || a->range || a->diverged;
	if (f->answered)
		return;
	f->again = stream_refused_for_now(frame, f->err);
	f->refused = !f->again;
}

static void signal_cb(uv_signal_t *handle, int number)
{
	struct stream_reader *r = handle->data;

	(void)number;
	r->interrupted = true;
	uv_stop(&r->cli->loop);
}

static int failed(struct stream_reader *r, enum cli_exit status)
{
	r->status = status;
	return -1;
}

int stream_fetch(struct stream_reader *r, uint32_t shard, uint64_t from_offset,
		 const uint8_t *after_id, uint32_t max_events,
		 struct stream_answer *answer_r, struct error *err)
{
	Sy__V1__Fetch body = SY__V1__FETCH__INIT;
	int64_t until_us = time_monotonic_us() + r->cli->wait_s * US_PER_S;
	struct stream_fetch f = { .reader = r, .answer = answer_r, .err = err };

	*answer_r = (struct stream_answer){ 0 };
	body.stream = (char *)r->stream;
	body.shard = shard;
	body.from_offset = from_offset;
	body.max_events = max_events;
	if (after_id) {
		body.after_event_id.data = (uint8_t *)after_id;
		body.after_event_id.len = 16;
	}
	for (;;) {
		uint64_t asked;

		f.again = false;
		asked = bus_client_send(r->client, -1, BUS_FETCH, &body.base,
					ANSWER_MS, answer_cb, &f);
		while (!f.answered && !f.again && !f.refused && !r->interrupted)
			uv_run(&r->cli->loop, UV_RUN_DEFAULT);
		if (f.answered)
			return 0;
		if (f.refused)
			return failed(r, CLI_DIFFERENCES);
		if (!r->interrupted) {
			if (time_monotonic_us() > until_us) {
				return failed(r,
					      cli_unreached(r->cli, r->stream,
							    r->client, err));
			}
			cli_pause(r->cli, AGAIN_MS);
		} else {
			bus_client_forget(r->client, asked);
		}
		if (r->interrupted)
			return failed(r, CLI_DIFFERENCES);
	}
}

void stream_answer_free(struct stream_answer *a)
{
	sy__v1__batch__free_unpacked(a->batch, NULL);
	sy__v1__out_of_range__free_unpacked(a->range, NULL);
	sy__v1__diverged__free_unpacked(a->diverged, NULL);
	*a = (struct stream_answer){ 0 };
}

int stream_open(struct stream_reader *r, struct cli *cli, const char *stream,
		struct error *err)
{
	*r = (struct stream_reader){ .cli = cli, .stream = stream };
	if (cli_open(cli, err) < 0 ||
	    cli_connect(cli, stream, &r->client, err) < 0)
		return -1;
	uv_signal_init(&cli->loop, &r->sigint);
	uv_signal_init(&cli->loop, &r->sigterm);
	r->sigint.data = r->sigterm.data = r;
	uv_signal_start(&r->sigint, signal_cb, SIGINT);
	uv_signal_start(&r->sigterm, signal_cb, SIGTERM);
	return 0;
}

void stream_close(struct stream_reader *r)
{
	if (!r->client)
		return;
	bus_client_close(&r->client);
	uv_close((uv_handle_t *)&r->sigint, NULL);
	uv_close((uv_handle_t *)&r->sigterm, NULL);
	uv_run(&r->cli->loop, UV_RUN_DEFAULT); /* r is its caller's */
}
