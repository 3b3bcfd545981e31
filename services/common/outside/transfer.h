/* transfer.h -- libcurl on the service's loop: SMTP, IMAP and HTTPS
 * without a thread or a wait. */
#ifndef SUYUAN_OUTSIDE_TRANSFER_H
#define SUYUAN_OUTSIDE_TRANSFER_H

#include <curl/curl.h>
#include <uv.h>

#include "error.h"

struct transfers;

int transfers_open(struct transfers **t_r, uv_loop_t *loop, struct error *err);
/* Transfers that go on are cut off, their cb not called; the easy handles stay
 * their owners'. NULL does nothing. */
void transfers_close(struct transfers **t);

/* What every transfer has: limits, TLS by ca_file ("" = the system's), no
 * redirects, no proxies from the environment. NULL: no memory. */
CURL *transfer_new(const char *ca_file, int64_t timeout_ms);

/* cb is called once, from the loop, never from inside this call; easy can be
 * started again or freed there. */
void transfer_start(struct transfers *t, CURL *easy,
		    void (*cb)(CURL *easy, CURLcode code, void *arg),
		    void *arg);
/* Stops it without a callback. */
void transfer_cut(struct transfers *t, CURL *easy);

/* --- what is uploaded, in one piece --- */

struct upload {
	const char *data;
	size_t len, at;
};
void transfer_upload(CURL *easy, struct upload *upload);

#endif
