/* jetstream.c -- NATS JetStream doing what the bus does: a stream in files,
 * asynchronous publishing with a window of acknowledgements, and one consumer
 * with a table. The consumer is pushed to and acknowledges all up to the last
 * of a batch at once: of the ways that were tried the quickest. Not the same
 * promise: the server acknowledges before anything is flushed to the disk. */
#include <nats/nats.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"
#include "report.h"
#include "timeutil.h"

#define STREAM "bench"
#define SUBJECT "bench.put"
#define WAIT_MS 60000
#define NEXT_MS 1000

struct link {
	natsConnection *conn;
	jsCtx *js;
	natsStatus refused; /* the last one that an event met */
};

static int failed(const char *what, natsStatus status)
{
	fprintf(stderr, "%s: %s (%s)\n", what, natsStatus_GetText(status),
		nats_GetLastError(NULL));
	return -1;
}

static void refused_cb(jsCtx *js, jsPubAckErr *err, void *closure)
{
	struct link *link = closure;

	(void)js;
	fprintf(stderr, "publish: %s\n", err->ErrText);
	link->refused = err->Err;
}

static int link_open(struct link *link, const struct peer_options *o)
{
	const char *subjects[] = { SUBJECT };
	jsStreamConfig stream;
	jsOptions options;
	char url[64];
	jsErrCode code = 0;
	natsStatus s;

	memset(link, 0, sizeof(*link));
	snprintf(url, sizeof(url), "nats://127.0.0.1:%d", o->port);
	jsOptions_Init(&options);
	options.PublishAsync.MaxPending = (int64_t)o->window;
	options.PublishAsync.StallWait = WAIT_MS;
	options.PublishAsync.ErrHandler = refused_cb;
	options.PublishAsync.ErrHandlerClosure = link;
	s = natsConnection_ConnectTo(&link->conn, url);
	if (s == NATS_OK)
		s = natsConnection_JetStream(&link->js, link->conn, &options);
	if (s != NATS_OK)
		return failed(url, s);
	jsStreamConfig_Init(&stream);
	stream.Name = STREAM;
	stream.Subjects = subjects;
	stream.SubjectsLen = 1;
	stream.Storage = js_FileStorage;
	stream.Replicas = 1;
	s = js_AddStream(NULL, link->js, &stream, NULL, &code);
	return s == NATS_OK || code == JSStreamNameExistErr
		       ? 0
		       : failed("stream", s);
}

static void link_close(struct link *link)
{
	jsCtx_Destroy(link->js);
	natsConnection_Destroy(link->conn);
	nats_Close();
}

static int publish_all(struct link *link, const struct peer_options *o)
{
	struct peer_event event = { 0 };
	jsPubOptions wait;
	natsStatus s = NATS_OK;

	for (uint64_t i = 0; i < o->events && s == NATS_OK; i++) {
		event.n = o->first + i;
		s = js_PublishAsync(link->js, SUBJECT, &event, (int)o->bytes,
				    NULL);
	}
	jsPubOptions_Init(&wait);
	wait.MaxWait = WAIT_MS;
	if (s == NATS_OK)
		s = js_PublishAsyncComplete(link->js, &wait);
	if (s == NATS_OK)
		s = link->refused;
	return s == NATS_OK ? 0 : failed("publish", s);
}

static int publish(const struct peer_options *o)
{
	int64_t start_us = time_monotonic_us(), end_us;
	struct link link;
	int status = link_open(&link, o);

	if (status == 0)
		status = publish_all(&link, o);
	end_us = time_monotonic_us();
	if (status == 0)
		report_and_stay(o->events, start_us, end_us, "");
	link_close(&link);
	return status;
}

/* One transaction of what has come, at most a batch; acknowledged behind it. */
static int take_batch(natsSubscription *sub, struct rows *rows, uint64_t max)
{
	natsMsg *msg = NULL, *last = NULL;
	natsStatus s;
	int status = 0;

	s = natsSubscription_NextMsg(&msg, sub, NEXT_MS);
	if (s == NATS_TIMEOUT) {
		rows->n = 0;
		return 0;
	}
	if (s != NATS_OK)
		return failed("next", s);
	if (rows_begin(rows, false) < 0)
		status = -1;
	while (msg && status == 0) {
		status = peer_row(rows, natsMsg_GetData(msg),
				  (size_t)natsMsg_GetDataLength(msg));
		natsMsg_Destroy(last);
		last = msg;
		msg = NULL;
		if (rows->n < max)
			natsSubscription_NextMsg(&msg, sub, 0);
	}
	if (status == 0)
		status = rows_commit(rows);
	if (status == 0 && natsMsg_Ack(last, NULL) != NATS_OK)
		status = failed("acknowledge", NATS_ERR);
	natsMsg_Destroy(last);
	natsMsg_Destroy(msg);
	return status;
}

static natsStatus subscribe(natsSubscription **sub, struct link *link,
			    const struct peer_options *o)
{
	jsSubOptions options;
	natsStatus s;

	jsSubOptions_Init(&options);
	options.Stream = STREAM;
	options.ManualAck = true;
	options.Config.Durable = "rows";
	options.Config.AckPolicy = js_AckAll;
	/* It is there before the first event of its round is published. */
	options.Config.DeliverPolicy = js_DeliverNew;
	options.Config.MaxAckPending = (int64_t)o->window;
	s = js_SubscribeSync(sub, link->js, SUBJECT, NULL, &options, NULL);
	if (s == NATS_OK)
		s = natsSubscription_SetPendingLimits(*sub, -1, -1);
	return s;
}

static int consume(const struct peer_options *o, struct rows *rows)
{
	natsSubscription *sub = NULL;
	int64_t start_us = 0;
	uint64_t taken = 0;
	struct link link;
	int status = link_open(&link, o);
	natsStatus s;

	if (status == 0) {
		s = subscribe(&sub, &link, o);
		status = s == NATS_OK ? 0 : failed("subscribe", s);
	}
	if (status == 0)
		fprintf(stderr, "ready\n");
	while (status == 0 && taken < o->events) {
		status = take_batch(sub, rows, o->batch);
		if (taken == 0)
			start_us = time_monotonic_us();
		taken += status == 0 ? rows->n : 0;
	}
	if (status == 0)
		report_and_stay(taken, start_us, time_monotonic_us(), "");
	natsSubscription_Destroy(sub);
	link_close(&link);
	return status;
}

int main(int argc, char **argv)
{
	return peer_main(argc, argv,
			 &(struct peer){ "jetstream", publish, consume });
}
