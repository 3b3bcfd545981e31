/* stream.c -- answers without an end: what is written waits in memory until
 * libmicrohttpd asks for it; with nothing to send, the connection is suspended.
 * A client that went away is noticed at the next write, so whoever owns a
 * stream writes something now and then. */
#include <stdlib.h>
#include <string.h>

#include "http.h"

#define BLOCK_BYTES ((size_t)16 * 1024)

struct stream {
	struct http *http;
	struct MHD_Connection *connection;
	char *data;
	size_t begin, end, size;
	bool suspended, ended;
	void (*closed_cb)(void *arg);
	void *arg;
	struct stream *prev, *next;
};

static struct metric streams_gauge =
	METRIC(METRIC_GAUGE, "suyuan_http_streams",
	       "Open streams of server-sent events.");

static void wake(struct stream *s)
{
	if (!s->suspended)
		return;
	s->suspended = false;
	MHD_resume_connection(s->connection);
	http_wake(s->http);
}

static ssize_t read_cb(void *arg, uint64_t position, char *to, size_t max)
{
	struct stream *s = arg;
	size_t n = s->end - s->begin;

	(void)position;
	if (n == 0 && s->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0) {
		s->suspended = true;
		MHD_suspend_connection(s->connection);
		return 0;
	}
	if (n > max)
		n = max;
	memcpy(to, s->data + s->begin, n);
	s->begin += n;
	if (s->begin == s->end)
		s->begin = s->end = 0;
	return (ssize_t)n;
}

static void free_cb(void *arg)
{
	struct stream *s = arg;
	struct stream_list *list = http_streams(s->http);

	if (s->prev)
		s->prev->next = s->next;
	else
		list->first = s->next;
	if (s->next)
		s->next->prev = s->prev;
	metric_add(&streams_gauge, -1);
	if (s->closed_cb)
		s->closed_cb(s->arg);
	free(s->data);
	free(s);
}

struct stream *request_stream(struct request *req, const char *content_type,
			      void (*closed_cb)(void *arg), void *arg)
{
	struct http *http = req->exchange->http;
	struct stream *s = calloc(1, sizeof(*s));
	struct stream_list *list = http_streams(http);
	struct MHD_Response *response;

	if (!s)
		abort();
	if (http->drained_cb) {
		free(s);
		request_fail(req, SY__V1__ERROR_CODE__BUSY, NULL,
			     "the gateway is stopping");
		return NULL;
	}
	s->http = http;
	s->connection = req->exchange->connection;
	s->closed_cb = closed_cb;
	s->arg = arg;
	response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_cb, s, free_cb);
	if (!response)
		abort();
	s->next = list->first;
	if (s->next)
		s->next->prev = s;
	list->first = s;
	metric_add(&streams_gauge, 1);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				content_type);
	/* A proxy that collects first would hold every event back. */
	MHD_add_response_header(response, "X-Accel-Buffering", "no");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
				"no-store");
	add_security_headers(response, NULL);
	req->exchange->tracked->phase = PHASE_STREAM;
	exchange_answer(req, 200, response);
	return s;
}

size_t stream_write(struct stream *s, const char *data, size_t len)
{
	if (s->end + len > s->size && s->begin > 0) {
		memmove(s->data, s->data + s->begin, s->end - s->begin);
		s->end -= s->begin;
		s->begin = 0;
	}
	if (s->end + len > s->size) {
		size_t size = s->size ? s->size : BLOCK_BYTES;

		while (size < s->end + len)
			size *= 2;
		s->data = realloc(s->data, size);
		if (!s->data)
			abort();
		s->size = size;
	}
	memcpy(s->data + s->end, data, len);
	s->end += len;
	wake(s);
	return s->end - s->begin;
}

size_t stream_waiting(const struct stream *s)
{
	return s->end - s->begin;
}

void stream_end(struct stream *s)
{
	s->ended = true;
	wake(s);
}

void streams_end_all(struct http *http)
{
	for (struct stream *s = http->streams.first; s; s = s->next)
		stream_end(s);
}
