/* transfer.c -- services/common/outside/transfer.c without a network: every
 * transfer ends, from the loop, as one to a server that cannot be reached. */
#include "outside/transfer.h"

#include <stdlib.h>

struct transfers {
	uv_loop_t *loop;
};

/* One on its way: the easy handle knows it. */
struct transfer {
	uv_timer_t end;
	CURL *easy;
	void (*cb)(CURL *easy, CURLcode code, void *arg);
	void *arg;
};

static void free_cb(uv_handle_t *handle)
{
	free(handle->data);
}

static void end_cb(uv_timer_t *end)
{
	const struct transfer *t = end->data;

	transfer_cut(NULL, t->easy);
	t->cb(t->easy, CURLE_COULDNT_CONNECT, t->arg);
}

int transfers_open(struct transfers **t_r, uv_loop_t *loop, struct error *err)
{
	(void)err;
	*t_r = calloc(1, sizeof(**t_r));
	if (*t_r == NULL)
		abort();
	(*t_r)->loop = loop;
	return 0;
}

void transfers_close(struct transfers **t)
{
	free(*t);
	*t = NULL;
}

CURL *transfer_new(const char *ca_file, int64_t timeout_ms)
{
	(void)ca_file;
	(void)timeout_ms;
	return curl_easy_init();
}

void transfer_start(struct transfers *transfers, CURL *easy,
		    void (*cb)(CURL *easy, CURLcode code, void *arg), void *arg)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	t->easy = easy;
	t->cb = cb;
	t->arg = arg;
	t->end.data = t;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
	uv_timer_init(transfers->loop, &t->end);
	uv_timer_start(&t->end, end_cb, 0, 0);
}

void transfer_cut(struct transfers *transfers, CURL *easy)
{
	struct transfer *t = NULL;

	(void)transfers;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
	if (t == NULL)
		return;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
	uv_close((uv_handle_t *)&t->end, free_cb);
}

void transfer_upload(CURL *easy, struct upload *upload)
{
	(void)easy;
	(void)upload;
}
