/* sse.c -- GET /events: the events of a stream as they are accepted, to who may
 * see them. The id of each is where the listener stands in every shard, so that
 * Last-Event-ID goes on from there whichever gateway it comes to. */
#include "sse.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "bus/must.h"
#include "sessions.h"
#include "suyuan/v1/bus.pb-c.h"
#include "timeutil.h"

/* Also the pace of catching up: a page of events each. */
#define TICK_MS 50
#define BEAT_US (15 * US_PER_S)
/* More waits for a client: it is given nothing until that has gone out, and
 * then fetches what it missed meanwhile. So a burst costs no memory a listener.
 */
#define FULL_BYTES ((size_t)128 * 1024)
/* A page that missed more is better read anew. */
#define REPLAY_MAX 10000
#define REPLAY_EVENTS 200
#define REPLAY_MS 3000
#define AGAIN_US (500 * US_PER_MS)
#define PER_SESSION_MAX 8
#define LISTENERS_MAX 1000

static struct metric given =
	METRIC(METRIC_COUNTER, "suyuan_gateway_sse_events_total",
	       "Events that were given to listeners.");

/* --- writing ---------------------------------------------------------------
 */

static void listener_end(struct listener *l)
{
	if (l->ended)
		return;
	l->ended = true;
	stream_end(l->stream);
}

static void write_text(struct listener *l, const char *text)
{
	if (!l->ended)
		stream_write(l->stream, text, strlen(text));
}

/* An id alone moves Last-Event-ID and is no event. */
static void write_position(struct listener *l, const char *before)
{
	char positions[POSITIONS_TEXT_MAX];
	char text[POSITIONS_TEXT_MAX + 64];

	snprintf(text, sizeof(text), "%sid: %s\n\n", before,
		 positions_write(l->done, l->tail->shards_nr, positions));
	write_text(l, text);
}

static void write_event(struct listener *l, struct seen_event *seen)
{
	char positions[POSITIONS_TEXT_MAX];
	char id[POSITIONS_TEXT_MAX + 16];

	snprintf(id, sizeof(id), "id: %s\ndata: ",
		 positions_write(l->done, l->tail->shards_nr, positions));
	write_text(l, id);
	write_text(l, seen_json(l->tail, seen));
	write_text(l, "\n\n");
	metric_add(&given, 1);
}

static void give(struct listener *l, struct seen_event *seen)
{
	struct bus_grant grant;

	if (l->ended || !l->placed || seen->offset != l->done[seen->shard] + 1)
		return;
	l->done[seen->shard] = seen->offset;
	if (seen->event &&
	    replica_grant(l->streams->gw->replica, l->principal, &grant) &&
	    event_visible(l->streams->gw->replica, &grant, seen))
		write_event(l, seen);
}

void listeners_give(struct tail *tail, struct seen_event *seen)
{
	struct listener *l;

	DL_FOREACH (tail->streams->listeners, l)
		if (l->tail == tail && !l->ended &&
		    stream_waiting(l->stream) <= FULL_BYTES)
			give(l, seen);
}

/* --- where it stands -------------------------------------------------------
 */

static bool heads_known(const struct tail *tail)
{
	for (int i = 0; i < tail->shards_nr; i++)
		if (tail->shards[i].next == 0)
			return false;
	return true;
}

/* From the heads on; the page is told to read anew what it shows. */
static void skip_to_heads(struct listener *l)
{
	for (int i = 0; i < l->tail->shards_nr; i++)
		l->done[i] = l->tail->shards[i].next - 1;
}

static void reset(struct listener *l)
{
	skip_to_heads(l);
	write_position(l, "event: reset\ndata: {}\n");
}

/* Events between it and the tail; UINT64_MAX: it stands behind the log's end,
 * so it was another log. */
static uint64_t behind(const struct listener *l)
{
	uint64_t sum = 0;

	for (int i = 0; i < l->tail->shards_nr; i++) {
		uint64_t head = l->tail->shards[i].next - 1;

		if (l->done[i] > head)
			return UINT64_MAX;
		sum += head - l->done[i];
	}
	return sum;
}

void listeners_reset(struct tail *tail)
{
	struct listener *l;

	/* Its new place is found as soon as all heads are known. */
	DL_FOREACH (tail->streams->listeners, l) {
		if (l->tail != tail)
			continue;
		l->placed = false;
		l->resumes = true;
		memset(l->done, 0xff, sizeof(l->done));
	}
}

static void place(struct listener *l)
{
	if (!heads_known(l->tail))
		return;
	l->placed = true;
	if (!l->resumes) {
		skip_to_heads(l);
		write_position(l, "");
	} else if (behind(l) > REPLAY_MAX) {
		reset(l);
	}
}

/* --- what it missed --------------------------------------------------------
 */

static void catch_up(struct listener *l);

static void give_one(void *arg, struct seen_event *seen)
{
	give(arg, seen);
}

static void gap_cb(const struct frame *answer, void *arg)
{
	struct listener *l = arg;
	Sy__V1__Batch *batch = NULL;

	l->request = 0;
	if (answer->op == BUS_BATCH)
		batch = sy__v1__batch__unpack(NULL, answer->body_len,
					      answer->body);
	if (batch && batch->n_entries > 0) {
		batch_each(l->tail, batch, give_one, l);
		catch_up(l);
	} else if (answer->op == BUS_OUT_OF_RANGE && heads_known(l->tail)) {
		/* It has been dropped from the log meanwhile. */
		reset(l);
	} else {
		l->gap_again_us = time_monotonic_us() + AGAIN_US;
	}
	sy__v1__batch__free_unpacked(batch, NULL);
}

static void catch_up(struct listener *l)
{
	if (l->ended || !l->placed || l->request ||
	    time_monotonic_us() < l->gap_again_us ||
	    stream_waiting(l->stream) > FULL_BYTES)
		return;
	for (int i = 0; i < l->tail->shards_nr; i++) {
		if (l->done[i] + 1 >= l->tail->shards[i].next)
			continue;
		l->request = fetch_send(l->tail, (uint32_t)i, l->done[i] + 1,
					REPLAY_EVENTS, 0, REPLAY_MS, gap_cb, l);
		return;
	}
}

/* --- now and then ----------------------------------------------------------
 */

static const uint8_t no_session[16];

static bool may_listen(const struct listener *l)
{
	struct gateway *gw = l->streams->gw;
	struct bus_grant grant;

	if (!replica_grant(gw->replica, l->principal, &grant) ||
	    !(grant.roles & ROLE_READER))
		return false;
	if (memcmp(l->session_id, no_session, sizeof(no_session)) == 0)
		return time_now_us() < l->expires_us;
	return sessions_alive(gw, l->session_id);
}

static void beat(struct listener *l, int64_t now_us)
{
	l->beat_us = now_us;
	if (l->placed)
		write_position(l, ":\n");
	else
		write_text(l, ":\n\n");
}

static void tick_listener(struct listener *l, int64_t now_us)
{
	if (l->ended)
		return;
	if (!may_listen(l)) {
		listener_end(l);
		return;
	}
	if (!l->placed)
		place(l);
	else if (heads_known(l->tail) && behind(l) > REPLAY_MAX)
		reset(l);
	catch_up(l);
	if (now_us - l->beat_us >= BEAT_US)
		beat(l, now_us);
}

static void tick_cb(uv_timer_t *timer)
{
	struct streams *streams = timer->data;
	int64_t now_us = time_monotonic_us();
	struct listener *l, *next;

	tail_read(&streams->complaints);
	tail_read(&streams->directory);
	DL_FOREACH_SAFE (streams->listeners, l, next)
		tick_listener(l, now_us);
}

/* --- who listens -----------------------------------------------------------
 */

static void closed_cb(void *arg)
{
	struct listener *l = arg;
	struct streams *streams = l->streams;

	if (streams) {
		if (l->request)
			bus_client_forget(streams->gw->peers[l->tail->peer],
					  l->request);
		l->tail->listeners_nr--;
		streams->listeners_nr--;
		DL_DELETE(streams->listeners, l);
	}
	free(l);
}

uint32_t streams_listeners(const struct gateway *gw)
{
	return gw->streams ? (uint32_t)gw->streams->listeners_nr : 0;
}

static bool is_of(const struct listener *l, const struct caller *caller)
{
	return memcmp(l->session_id, caller->session_id,
		      sizeof(l->session_id)) == 0 &&
	       strcmp(l->principal, caller->principal->name) == 0;
}

/* The oldest gives way. A page that was left is noticed at the next heartbeat
 * only, so who turns pages fast would otherwise be refused. */
static void make_room(const struct streams *streams,
		      const struct caller *caller)
{
	struct listener *l, *oldest = NULL;
	int n = 0;

	DL_FOREACH (streams->listeners, l) {
		if (l->ended || !is_of(l, caller))
			continue;
		if (n++ == 0)
			oldest = l;
	}
	if (n >= PER_SESSION_MAX)
		listener_end(oldest);
}

static struct listener *listener_new(struct request *req, struct tail *tail)
{
	const struct caller *caller = req->caller;
	struct listener *l = must_calloc(1, sizeof(*l));

	l->streams = req->gw->streams;
	l->tail = tail;
	snprintf(l->principal, sizeof(l->principal), "%s",
		 caller->principal->name);
	memcpy(l->session_id, caller->session_id, sizeof(l->session_id));
	l->expires_us = caller->expires_at_us;
	l->beat_us = time_monotonic_us();
	return l;
}

static void listen_to(struct request *req, struct tail *tail)
{
	struct streams *streams = req->gw->streams;
	const char *last = request_header(req, "Last-Event-ID");
	struct listener *l = listener_new(req, tail);

	make_room(streams, req->caller);
	l->resumes = last && last[0];
	if (l->resumes && positions_read(last, tail->shards_nr, l->done) < 0) {
		request_fail(req, SY__V1__ERROR_CODE__INVALID, "",
			     "Last-Event-ID is no id of this stream");
		free(l);
		return;
	}
	l->stream = request_stream(req, "text/event-stream", closed_cb, l);
	if (!l->stream) {
		free(l);
		return;
	}
	DL_APPEND(streams->listeners, l);
	streams->listeners_nr++;
	tail->listeners_nr++;
	write_text(l, "retry: 2000\n\n");
	tail_read(tail);
	place(l);
}

void handle_events_stream(struct request *req)
{
	const Sy__V1__StreamEventsRequest *ask = (const void *)req->message;
	struct streams *streams = req->gw->streams;
	struct tail *tail = NULL;

	if (strcmp(ask->stream, peer_names[PEER_COMPLAINTS]) == 0)
		tail = &streams->complaints;
	else if (strcmp(ask->stream, peer_names[PEER_DIRECTORY]) == 0)
		tail = &streams->directory;
	if (!tail)
		request_fail(req, SY__V1__ERROR_CODE__INVALID, "stream",
			     "must be complaints or directory");
	else if (!caller_has_role(req->caller, "reader"))
		request_fail(req, SY__V1__ERROR_CODE__FORBIDDEN, "",
			     "wants the role reader");
	else if (streams->listeners_nr >= LISTENERS_MAX)
		request_fail(req, SY__V1__ERROR_CODE__BUSY, "",
			     "too many listen here");
	else
		listen_to(req, tail);
}

/* --- life ------------------------------------------------------------------
 */

static void tail_init(struct tail *tail, struct streams *streams,
		      enum peer peer, int shards_nr)
{
	*tail = (struct tail){ .streams = streams,
			       .peer = peer,
			       .shards_nr = shards_nr };
	for (int i = 0; i < shards_nr; i++)
		tail->shards[i] = (struct tail_shard){ .tail = tail,
						       .number = (uint32_t)i };
}

int streams_open(struct gateway *gw, struct error *err)
{
	struct streams *streams = must_calloc(1, sizeof(*streams));

	(void)err;
	streams->gw = gw;
	tail_init(&streams->complaints, streams, PEER_COMPLAINTS, TAIL_SHARDS);
	tail_init(&streams->directory, streams, PEER_DIRECTORY, 1);
	uv_timer_init(&gw->service.loop, &streams->tick);
	streams->tick.data = streams;
	uv_timer_start(&streams->tick, tick_cb, TICK_MS, TICK_MS);
	gw->streams = streams;
	system_open(gw);
	return 0;
}

static void tick_closed_cb(uv_handle_t *handle)
{
	free(handle->data);
}

/* Listeners whose stream http still holds go with it. */
void streams_close(struct gateway *gw)
{
	struct streams *streams = gw->streams;
	struct listener *l, *next;

	system_close(gw);
	if (!streams)
		return;
	gw->streams = NULL;
	tail_close(&streams->complaints);
	tail_close(&streams->directory);
	DL_FOREACH_SAFE (streams->listeners, l, next) {
		if (l->request)
			bus_client_forget(gw->peers[l->tail->peer], l->request);
		DL_DELETE(streams->listeners, l);
		l->streams = NULL;
		listener_end(l);
	}
	uv_close((uv_handle_t *)&streams->tick, tick_closed_cb);
}
