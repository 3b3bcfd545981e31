/* http.c -- libmicrohttpd without threads of its own, its epoll descriptor in
 * the loop. A connection is suspended while its request waits for an answer.
 *
 *   HEAD --all read--> BODY --all read--> SERVED --answered--> SENDING --> HEAD
 *     |                  |                                        |
 *     +------ too slow: the socket is shut down ------------------+
 *
 * Next: serve.c for what a request goes through, listen.c for the socket. */
#include "http.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "timeutil.h"

#define CONNECTIONS_MAX 2000u
#define CONNECTION_MEMORY_BYTES ((size_t)32 * 1024)
/* libmicrohttpd's own timeout begins anew with every byte, so that a byte in
 * nine seconds would hold a connection for ever; ours does not. */
#define IDLE_S 10
#define HEAD_US (IDLE_S * US_PER_S)
#define SENDING_US (60 * US_PER_S)
/* A body may take longer by its size: this is a bad mobile connection. */
#define BODY_BYTES_PER_S 8192
#define SWEEP_MS 1000
/* The body of what is refused is read and dropped, so that the client comes to
 * read why: who is still sending takes an answer and the end of the connection
 * for a failure, nginx too. So long it may be said to be, or it is refused at
 * once ... */
#define ANNOUNCED_MAX_BYTES (2 * BODY_MAX_BYTES)
/* ... and so long one may get that does not say; then the connection is cut. */
#define DISCARD_MAX_BYTES (8 * BODY_MAX_BYTES)

static struct metric connections_gauge =
	METRIC(METRIC_GAUGE, "suyuan_http_connections",
	       "Open connections of the HTTP port.");
static struct metric slow_total =
	METRIC(METRIC_COUNTER, "suyuan_http_slow_total",
	       "Connections that were cut because they were too slow.");

/* --- the loop --------------------------------------------------------------
 */

static void timer_cb(uv_timer_t *timer);

static void run(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(http->daemon);
	if (MHD_get_timeout(http->daemon, &ms) == MHD_YES)
		uv_timer_start(&http->timer, timer_cb, ms, 0);
	else
		uv_timer_stop(&http->timer);
	if (http->drained_cb && !http->exchanges) {
		void (*cb)(void *arg) = http->drained_cb;

		http->drained_cb = NULL;
		cb(http->drained_arg);
	}
}

static void timer_cb(uv_timer_t *timer)
{
	run(timer->data);
}

static void poll_cb(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	run(poll->data);
}

void http_wake(struct http *http)
{
	uv_timer_start(&http->timer, timer_cb, 0, 0);
}

/* --- connections -----------------------------------------------------------
 */

static void phase(struct connection *c, enum phase phase)
{
	c->phase = phase;
	c->since_us = time_monotonic_us();
	c->received_bytes = 0;
}

static int64_t allowed_us(const struct connection *c)
{
	switch (c->phase) {
	case PHASE_HEAD:
		return HEAD_US;
	case PHASE_BODY:
		return HEAD_US +
		       (int64_t)c->received_bytes * US_PER_S / BODY_BYTES_PER_S;
	case PHASE_SENDING:
		return SENDING_US;
	case PHASE_SERVED:
	case PHASE_STREAM:
		break;
	}
	return INT64_MAX;
}

static void sweep_cb(uv_timer_t *timer)
{
	struct http *http = timer->data;
	int64_t now_us = time_monotonic_us();

	for (struct connection *c = http->connections; c; c = c->next) {
		if (now_us - c->since_us <= allowed_us(c))
			continue;
		/* libmicrohttpd sees the end of it and closes. */
		shutdown(c->fd, SHUT_RDWR);
		metric_add(&slow_total, 1);
		phase(c, PHASE_SERVED);
	}
}

static void connection_cb(void *arg, struct MHD_Connection *connection,
			  void **state,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http *http = arg;
	struct connection *c = *state;
	const union MHD_ConnectionInfo *info;

	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		info = MHD_get_connection_info(
			connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		c = calloc(1, sizeof(*c));
		if (!c)
			abort();
		c->fd = info->connect_fd;
		phase(c, PHASE_HEAD);
		c->next = http->connections;
		if (c->next)
			c->next->prev = c;
		http->connections = c;
		*state = c;
		metric_add(&connections_gauge, 1);
		return;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		if (!c)
			return;
		if (c->prev)
			c->prev->next = c->next;
		else
			http->connections = c->next;
		if (c->next)
			c->next->prev = c->prev;
		free(c);
		*state = NULL;
		metric_add(&connections_gauge, -1);
		return;
	}
}

static struct connection *connection_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection,
				       MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

/* --- exchanges -------------------------------------------------------------
 */

/* The first that is heard of a request: its line. What this returns is the
 * state of the others. */
static void *request_line_cb(void *arg, const char *uri,
			     struct MHD_Connection *connection)
{
	struct http *http = arg;
	struct exchange *ex = calloc(1, sizeof(*ex));

	if (!ex)
		abort();
	ex->http = http;
	ex->connection = connection;
	ex->tracked = connection_of(connection);
	ex->req.gw = http->gw;
	ex->req.exchange = ex;
	ex->req.started_us = time_monotonic_us();
	arena_init(&ex->req.arena);
	ex->uri = arena_strdup(&ex->req.arena, uri);
	ex->next = http->exchanges;
	if (ex->next)
		ex->next->prev = ex;
	http->exchanges = ex;
	return ex;
}

static void completed_cb(void *arg, struct MHD_Connection *connection,
			 void **state, enum MHD_RequestTerminationCode code)
{
	struct http *http = arg;
	struct exchange *ex = *state;

	(void)connection;
	(void)code;
	if (!ex)
		return;
	*state = NULL;
	if (ex->req.status)
		telemetry_done(&ex->req);
	if (ex->response && !ex->lent)
		MHD_destroy_response(ex->response);
	if (ex->prev)
		ex->prev->next = ex->next;
	else
		http->exchanges = ex->next;
	if (ex->next)
		ex->next->prev = ex->prev;
	phase(ex->tracked, PHASE_HEAD);
	free(ex->body);
	arena_reset(&ex->req.arena);
	free(ex);
	if (http->drained_cb && !http->exchanges)
		http_wake(http);
}

static enum MHD_Result queue(struct exchange *ex)
{
	struct MHD_Response *response = ex->response;
	enum MHD_Result res;

	if (!response)
		return MHD_NO;
	ex->response = NULL;
	if (ex->tracked->phase != PHASE_STREAM)
		phase(ex->tracked, PHASE_SENDING);
	res = MHD_queue_response(ex->connection, (unsigned)ex->req.status,
				 response);
	if (!ex->lent)
		MHD_destroy_response(response);
	return res;
}

static void take_body(struct exchange *ex, const char *data, size_t len)
{
	ex->tracked->received_bytes += len;
	if (ex->req.answered || ex->tracked->received_bytes > BODY_MAX_BYTES)
		return;
	if (ex->body_bytes + len > ex->body_size) {
		size_t size = ex->body_size ? ex->body_size : 2048;

		while (size < ex->body_bytes + len)
			size *= 2;
		ex->body = realloc(ex->body, size);
		if (!ex->body)
			abort();
		ex->body_size = size;
	}
	memcpy(ex->body + ex->body_bytes, data, len);
	ex->body_bytes += len;
}

/* All is read: the answer comes from inside of serve() or later. */
static enum MHD_Result served(struct exchange *ex)
{
	struct request *req = &ex->req;

	req->body = ex->body ? ex->body : "";
	req->body_bytes = ex->body_bytes;
	ex->too_large = ex->tracked->received_bytes > BODY_MAX_BYTES;
	phase(ex->tracked, PHASE_SERVED);
	if (ex->too_large)
		request_fail(req, SY__V1__ERROR_CODE__TOO_LARGE, NULL,
			     "the body is limited to 1.25 MiB");
	else
		serve(req);
	if (req->answered)
		return queue(ex);
	ex->suspended = true;
	MHD_suspend_connection(ex->connection);
	return MHD_YES;
}

/* A body that is too long to wait for, or that is sent only when we say so. */
static bool is_not_read(const struct request *req)
{
	const char *length =
		request_header(req, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return request_header(req, MHD_HTTP_HEADER_EXPECT) ||
	       (length && strtoull(length, NULL, 10) > ANNOUNCED_MAX_BYTES);
}

static enum MHD_Result access_cb(void *arg, struct MHD_Connection *connection,
				 const char *path, const char *method,
				 const char *version, const char *data,
				 size_t *data_bytes, void **state)
{
	struct exchange *ex = *state;

	(void)arg;
	(void)connection;
	(void)path;
	(void)version;
	if (!ex->begun) {
		ex->begun = true;
		phase(ex->tracked, PHASE_BODY);
		if (serve_head(&ex->req, method, ex->uri) ||
		    !is_not_read(&ex->req))
			return MHD_YES;
		return queue(ex);
	}
	if (*data_bytes) {
		take_body(ex, data, *data_bytes);
		*data_bytes = 0;
		return ex->tracked->received_bytes > DISCARD_MAX_BYTES
			       ? MHD_NO
			       : MHD_YES;
	}
	return ex->req.answered || ex->resumed ? queue(ex) : served(ex);
}

void exchange_lend(struct request *req, int status, struct MHD_Response *r)
{
	struct exchange *ex = req->exchange;

	req->answered = true;
	req->status = status;
	ex->response = r;
	ex->lent = true;
	if (ex->suspended) {
		ex->suspended = false;
		ex->resumed = true;
		MHD_resume_connection(ex->connection);
		http_wake(ex->http);
	}
}

void exchange_answer(struct request *req, int status, struct MHD_Response *r)
{
	struct exchange *ex = req->exchange;

	if (ex->http->drained_cb)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
	exchange_lend(req, status, r);
	ex->lent = false;
}

struct MHD_Connection *exchange_connection(const struct request *req)
{
	return req->exchange->connection;
}

struct extra_header **exchange_headers(struct request *req)
{
	return &req->exchange->headers;
}

/* --- life ------------------------------------------------------------------
 */

/* libmicrohttpd would decode before the path is split at its slashes. */
static size_t unescape_cb(void *arg, struct MHD_Connection *connection,
			  char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

/* Connections, streams and the bus need descriptors; 1,024 are too few. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur =
			limit.rlim_max < 65536 ? limit.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int http_open(struct gateway *gw, struct error *err)
{
	struct http *http = calloc(1, sizeof(*http));
	int fd;

	if (!http)
		return error_set(err, "HTTP: no memory");
	raise_descriptors();
	metric_show(&slow_total);
	http->gw = gw;
	fd = http_listen(gw->conf.common.bind, err);
	if (fd < 0) {
		free(http);
		return -1;
	}
	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		access_cb, http, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT,
		CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)gw->conf.per_address, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		CONNECTION_MEMORY_BYTES, MHD_OPTION_URI_LOG_CALLBACK,
		request_line_cb, http, MHD_OPTION_NOTIFY_COMPLETED,
		completed_cb, http, MHD_OPTION_NOTIFY_CONNECTION, connection_cb,
		http, MHD_OPTION_UNESCAPE_CALLBACK, unescape_cb, NULL,
		MHD_OPTION_END);
	if (!http->daemon) {
		/* libmicrohttpd has closed the socket. */
		free(http);
		return error_set(err, "%s: HTTP does not start",
				 gw->conf.common.bind);
	}
	uv_timer_init(&gw->service.loop, &http->timer);
	uv_timer_init(&gw->service.loop, &http->sweeper);
	uv_poll_init(&gw->service.loop, &http->poll,
		     MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)
			     ->epoll_fd);
	http->timer.data = http->sweeper.data = http->poll.data = http;
	http->handles = 3;
	uv_poll_start(&http->poll, UV_READABLE, poll_cb);
	uv_timer_start(&http->sweeper, sweep_cb, SWEEP_MS, SWEEP_MS);
	gw->http = http;
	run(http);
	return 0;
}

void http_drain(struct gateway *gw, void (*cb)(void *arg), void *arg)
{
	struct http *http = gw->http;
	int fd = MHD_quiesce_daemon(http->daemon);

	if (fd >= 0)
		close(fd);
	http->drained_cb = cb;
	http->drained_arg = arg;
	streams_end_all(http);
	http_wake(http);
}

struct stream_list *http_streams(struct http *http)
{
	return &http->streams;
}

static void closed_cb(uv_handle_t *handle)
{
	struct http *http = handle->data;

	if (--http->handles == 0)
		free(http);
}

/* Whoever would have answered is closed already: what still waits is cut. */
void http_close(struct gateway *gw)
{
	struct http *http = gw->http;

	if (!http)
		return;
	gw->http = NULL;
	http->drained_cb = NULL;
	streams_end_all(http);
	for (struct exchange *ex = http->exchanges; ex; ex = ex->next) {
		if (!ex->suspended)
			continue;
		ex->suspended = false;
		ex->resumed = true;
		MHD_resume_connection(ex->connection);
	}
	uv_close((uv_handle_t *)&http->poll, closed_cb);
	MHD_stop_daemon(http->daemon);
	uv_close((uv_handle_t *)&http->timer, closed_cb);
	uv_close((uv_handle_t *)&http->sweeper, closed_cb);
}
