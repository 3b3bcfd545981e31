/* transfer.c -- see transfer.h. libcurl says which sockets and which
 * timeout it waits for, libuv waits (curl_multi_socket_action).
 */
#include "outside/transfer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* To one server; more would be taken for a flood. */
#define HOST_CONNECTIONS_MAX 4L
/* Servers close what is idle; a message that is given to a connection which is
 * being closed is lost. */
#define IDLE_MAX_S 10L
#define CONNECT_MAX_MS 20000L

struct transfers {
	CURLM *multi;
	uv_loop_t *loop;
	uv_timer_t timer;
	bool closing;
};

/* A socket of libcurl's in the loop. */
struct watch {
	uv_poll_t poll;
	struct transfers *t;
	curl_socket_t fd;
};

struct transfer {
	void (*cb)(CURL *easy, CURLcode code, void *arg);
	void *arg;
};

static void free_cb(uv_handle_t *handle)
{
	free(handle->data);
}

/* --- what has ended --- */

static void tell_ended(struct transfers *t)
{
	CURLMsg *msg;
	int left;

	while (!t->closing &&
	       (msg = curl_multi_info_read(t->multi, &left)) != NULL) {
		CURL *easy = msg->easy_handle;
		CURLcode code = msg->data.result;
		struct transfer *transfer = NULL, own;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
		own = *transfer;
		transfer_cut(t, easy);
		own.cb(easy, code, own.arg);
	}
}

static void act(struct transfers *t, curl_socket_t fd, int what)
{
	int running;

	curl_multi_socket_action(t->multi, fd, what, &running);
	tell_ended(t);
}

/* --- what libcurl waits for --- */

static void poll_cb(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;
	int what = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
		   (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);

	act(w->t, w->fd, status < 0 ? CURL_CSELECT_ERR : what);
}

static void watch_close(struct watch *w)
{
	uv_poll_stop(&w->poll);
	uv_close((uv_handle_t *)&w->poll, free_cb);
}

static int socket_cb(CURL *easy, curl_socket_t fd, int what, void *arg,
		     void *of_socket)
{
	struct transfers *t = arg;
	struct watch *w = of_socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL)
			watch_close(w);
		curl_multi_assign(t->multi, fd, NULL);
		return 0;
	}
	if (w == NULL) {
		w = calloc(1, sizeof(*w));
		if (w == NULL || uv_poll_init(t->loop, &w->poll, fd) < 0) {
			free(w);
			return -1;
		}
		w->poll.data = w;
		w->t = t;
		w->fd = fd;
		curl_multi_assign(t->multi, fd, w);
	}
	return uv_poll_start(&w->poll,
			     (what & CURL_POLL_IN ? UV_READABLE : 0) |
				     (what & CURL_POLL_OUT ? UV_WRITABLE : 0),
			     poll_cb);
}

static void timer_cb(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int timeout_cb(CURLM *multi, long ms, void *arg)
{
	struct transfers *t = arg;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&t->timer);
	else
		uv_timer_start(&t->timer, timer_cb, (uint64_t)ms, 0);
	return 0;
}

/* --- life --- */

int transfers_open(struct transfers **t_r, uv_loop_t *loop, struct error *err)
{
	struct transfers *t = calloc(1, sizeof(*t));

	*t_r = NULL;
	if (t == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    (t->multi = curl_multi_init()) == NULL) {
		free(t);
		return error_set(err, "libcurl cannot start");
	}
	t->loop = loop;
	uv_timer_init(loop, &t->timer);
	t->timer.data = t;
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, timeout_cb);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
	curl_multi_setopt(t->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
			  HOST_CONNECTIONS_MAX);
	*t_r = t;
	return 0;
}

void transfers_close(struct transfers **t_p)
{
	struct transfers *t = *t_p;

	if (t == NULL)
		return;
	*t_p = NULL;
	t->closing = true;
	/* gives back the sockets through socket_cb */
	curl_multi_cleanup(t->multi);
	uv_close((uv_handle_t *)&t->timer, free_cb);
}

CURL *transfer_new(const char *ca_file, int64_t timeout_ms)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		return NULL;
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MAX_MS);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	if (ca_file[0] != '\0')
		curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	return easy;
}

void transfer_start(struct transfers *t, CURL *easy,
		    void (*cb)(CURL *easy, CURLcode code, void *arg), void *arg)
{
	struct transfer *transfer = malloc(sizeof(*transfer));

	if (transfer == NULL)
		abort();
	*transfer = (struct transfer){ cb, arg };
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	/* the timer is set by this: nothing happens before the loop runs */
	curl_multi_add_handle(t->multi, easy);
}

void transfer_cut(struct transfers *t, CURL *easy)
{
	struct transfer *transfer = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
	if (transfer == NULL)
		return;
	curl_multi_remove_handle(t->multi, easy);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
	free(transfer);
}

/* --- uploads --- */

static size_t upload_read_cb(char *to, size_t size, size_t n, void *arg)
{
	struct upload *u = arg;
	size_t len = size * n < u->len - u->at ? size * n : u->len - u->at;

	memcpy(to, u->data + u->at, len);
	u->at += len;
	return len;
}

/* A request is sent again when the connection was closed before it began. */
static int upload_seek_cb(void *arg, curl_off_t offset, int origin)
{
	struct upload *u = arg;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > u->len)
		return CURL_SEEKFUNC_FAIL;
	u->at = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

void transfer_upload(CURL *easy, struct upload *upload)
{
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, upload_read_cb);
	curl_easy_setopt(easy, CURLOPT_READDATA, upload);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, upload_seek_cb);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, upload);
}
