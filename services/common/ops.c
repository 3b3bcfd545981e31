/* ops.c -- libmicrohttpd without threads of its own: its epoll descriptor says
 * when there is something to do, its timeout when at the latest. Plain HTTP and
 * nothing secret: it belongs on a port that only the operator's net reaches. */
#include "ops.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "metrics.h"

/* A probe and a scraper or two; whoever opens more waits. */
#define CONNECTIONS_MAX 32u
#define CONNECTION_TIMEOUT_S 10u
#define CONNECTION_MEMORY_BYTES ((size_t)16 * 1024)

struct ops {
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer;
	int handles; /* that are not closed yet */
	int port;
	ops_ready_fn *ready;
	void *arg;
};

/* --- answers ------------------------------------------------------------ */

static enum MHD_Result answer(struct MHD_Connection *connection,
			      unsigned status, const char *header,
			      const char *value, const char *text, size_t len,
			      enum MHD_ResponseMemoryMode mode)
{
	/* libmicrohttpd does not write to what it is given. */
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, (void *)text, mode);
	enum MHD_Result res;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, header, value);
	res = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return res;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection,
				   unsigned status, const char *text)
{
	char line[256];
	int len = snprintf(line, sizeof(line), "%s\n", text);

	if (len >= (int)sizeof(line))
		len = (int)sizeof(line) - 1;
	return answer(connection, status, MHD_HTTP_HEADER_CONTENT_TYPE,
		      "text/plain; charset=utf-8", line, (size_t)len,
		      MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result answer_live(struct ops *ops,
				   struct MHD_Connection *connection)
{
	(void)ops;
	return answer_text(connection, MHD_HTTP_OK, "live");
}

static enum MHD_Result answer_ready(struct ops *ops,
				    struct MHD_Connection *connection)
{
	const char *why = "not ready";

	if (ops->ready(ops->arg, &why))
		return answer_text(connection, MHD_HTTP_OK, "ready");
	return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, why);
}

static struct metric ready_gauge = METRIC(METRIC_GAUGE, "suyuan_service_ready",
					  "1 while /readyz says so.");

static enum MHD_Result answer_metrics(struct ops *ops,
				      struct MHD_Connection *connection)
{
	const char *why;
	size_t len;
	char *text;

	metric_set(&ready_gauge, ops->ready(ops->arg, &why));
	text = metrics_render(&len);
	if (!text)
		return MHD_NO;
	return answer(connection, MHD_HTTP_OK, MHD_HTTP_HEADER_CONTENT_TYPE,
		      "text/plain; version=0.0.4; charset=utf-8", text, len,
		      MHD_RESPMEM_MUST_FREE);
}

static const struct {
	const char *path;
	enum MHD_Result (*answer)(struct ops *ops,
				  struct MHD_Connection *connection);
} pages[] = {
	{ "/livez", answer_live },
	{ "/readyz", answer_ready },
	{ "/metrics", answer_metrics },
};

static enum MHD_Result request_cb(void *arg, struct MHD_Connection *connection,
				  const char *path, const char *method,
				  const char *version, const char *body,
				  size_t *body_bytes, void **state)
{
	static const char only_get[] = "only GET\n";

	(void)version;
	(void)body;
	(void)body_bytes;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			      MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_GET,
			      only_get, sizeof(only_get) - 1,
			      MHD_RESPMEM_PERSISTENT);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcmp(path, pages[i].path) == 0)
			return pages[i].answer(arg, connection);
	}
	return answer_text(connection, MHD_HTTP_NOT_FOUND,
			   "there are /livez, /readyz and /metrics");
}

/* --- in the loop --------------------------------------------------------- */

static void timer_cb(uv_timer_t *timer);

static void run(struct ops *ops)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(ops->daemon);
	if (MHD_get_timeout(ops->daemon, &ms) == MHD_YES)
		uv_timer_start(&ops->timer, timer_cb, ms, 0);
	else
		uv_timer_stop(&ops->timer);
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

/* Our own socket, because libmicrohttpd does not say why it cannot bind. */
static int listen_on(const char *host, int port, int *port_r, struct error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE };
	struct addrinfo *list;
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
	} bound;
	socklen_t bound_len = sizeof(bound);
	char service[16], bound_service[16];
	int fd, res, one = 1;

	snprintf(service, sizeof(service), "%d", port);
	res = getaddrinfo(host, service, &hints, &list);
	if (res != 0)
		return error_set(err, "operations port on %s: %s", host,
				 gai_strerror(res));
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, list->ai_addr, list->ai_addrlen) < 0 ||
	    listen(fd, SOMAXCONN) < 0 ||
	    getsockname(fd, &bound.any, &bound_len) < 0) {
		error_set(err, "operations port %s:%d: %s", host, port,
			  strerror(errno));
		goto fail;
	}
	res = getnameinfo(&bound.any, bound_len, NULL, 0, bound_service,
			  sizeof(bound_service), NI_NUMERICSERV);
	if (res != 0) {
		error_set(err, "operations port %s:%d: %s", host, port,
			  gai_strerror(res));
		goto fail;
	}
	*port_r = atoi(bound_service);
	freeaddrinfo(list);
	return fd;
fail:
	freeaddrinfo(list);
	if (fd >= 0)
		close(fd);
	return -1;
}

int ops_open(struct ops **ops_r, uv_loop_t *loop, const char *host, int port,
	     ops_ready_fn *ready, void *arg, struct error *err)
{
	struct ops *ops = calloc(1, sizeof(*ops));
	const union MHD_DaemonInfo *info;
	int fd;

	*ops_r = NULL;
	if (!ops)
		return error_set(err, "operations port: no memory");
	ops->ready = ready;
	ops->arg = arg;
	fd = listen_on(host, port, &ops->port, err);
	if (fd < 0) {
		free(ops);
		return -1;
	}
	ops->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, request_cb, ops,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		CONNECTION_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		CONNECTION_MEMORY_BYTES, MHD_OPTION_END);
	if (!ops->daemon) {
		/* libmicrohttpd has closed the socket. */
		free(ops);
		return error_set(err,
				 "operations port %s:%d: HTTP does not "
				 "start",
				 host, port);
	}
	info = MHD_get_daemon_info(ops->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	uv_timer_init(loop, &ops->timer);
	uv_poll_init(loop, &ops->poll, info->epoll_fd);
	ops->handles = 2;
	ops->timer.data = ops;
	ops->poll.data = ops;
	uv_poll_start(&ops->poll, UV_READABLE, poll_cb);
	run(ops);
	*ops_r = ops;
	return 0;
}

int ops_port(const struct ops *ops)
{
	return ops->port;
}

static void closed_cb(uv_handle_t *handle)
{
	struct ops *ops = handle->data;

	if (--ops->handles == 0)
		free(ops);
}

void ops_close(struct ops **ops_p)
{
	struct ops *ops = ops_p ? *ops_p : NULL;

	if (!ops)
		return;
	*ops_p = NULL;
	/* The handles first: the descriptor goes with the daemon. */
	uv_close((uv_handle_t *)&ops->timer, closed_cb);
	uv_close((uv_handle_t *)&ops->poll, closed_cb);
	MHD_stop_daemon(ops->daemon);
}
