/* lookup_call.c -- one call to a system outside. Redirects are followed by
 * hand, since each says anew whom to ask: the host must be allowed, its address
 * reachable, and secrets go to the first one alone. Nothing of what is asked or
 * answered is logged.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "complaints.h"
#include "outside/guard.h"
#include "outside/headers.h"
#include "timeutil.h"

#define REDIRECTS_MAX 3

struct lookup_call {
	struct lookup_ask ask;
	void (*cb)(const struct lookup_answered *a, void *arg);
	void *arg;
	CURL *easy;
	struct curl_slist *headers;
	char *body; /* of the answer */
	size_t len, max;
	bool too_large; /* as libcurl called back */
	struct outside_guard guard;
	struct outside_origin first;
	int redirects;
	int64_t begun_us;
	uv_timer_t later; /* what ends before it began is told from the loop */
	struct lookup_answered answered;
};

static void next(struct lookup_call *call, const char *url);

/* --- the end --- */

static void freed_cb(uv_handle_t *handle)
{
	struct lookup_call *call = handle->data;

	outside_headers_free(&call->headers);
	free(call->body);
	free(call);
}

static void call_free(struct lookup_call *call)
{
	curl_easy_cleanup(call->easy);
	call->easy = NULL;
	uv_close((uv_handle_t *)&call->later, freed_cb);
}

void lookup_call_cut(struct lookup_call *call)
{
	if (call == NULL)
		return;
	if (call->easy != NULL)
		transfer_cut(call->ask.transfers, call->easy);
	call_free(call);
}

static void tell_cb(uv_timer_t *later)
{
	struct lookup_call *call = later->data;

	call->answered.took_ms =
		(uint32_t)((time_monotonic_us() - call->begun_us) / US_PER_MS);
	call->answered.body = call->body;
	call->answered.len = call->len;
	call->cb(&call->answered, call->arg);
	call_free(call);
}

static void end(struct lookup_call *call, Sy__V1__LookupOutcome outcome)
{
	call->answered.outcome = outcome;
	uv_timer_start(&call->later, tell_cb, 0, 0);
}

/* --- what libcurl asks for --- */

static size_t take_cb(char *data, size_t size, size_t n, void *arg)
{
	struct lookup_call *call = arg;
	size_t len = size * n;

	if (len > call->max - call->len) {
		call->too_large = true;
		return 0;
	}
	memcpy(call->body + call->len, data, len);
	call->len += len;
	return len;
}

/* --- one step --- */

static Sy__V1__LookupOutcome outcome_of(const struct lookup_call *call,
					CURLcode code, long status)
{
	if (call->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return SY__V1__LOOKUP_OUTCOME__LOOKUP_TOO_LARGE;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return SY__V1__LOOKUP_OUTCOME__LOOKUP_LATE;
	if (code != CURLE_OK)
		return outside_guard_barred(&call->guard, code)
			       ? SY__V1__LOOKUP_OUTCOME__LOOKUP_FORBIDDEN
			       : SY__V1__LOOKUP_OUTCOME__LOOKUP_UNREACHABLE;
	if (status == 404 || status == 410)
		return SY__V1__LOOKUP_OUTCOME__LOOKUP_NOT_THERE;
	if (status < 200 || status >= 300)
		return SY__V1__LOOKUP_OUTCOME__LOOKUP_REFUSED;
	return SY__V1__LOOKUP_OUTCOME__LOOKUP_DONE;
}

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

static void ended_cb(CURL *easy, CURLcode code, void *arg)
{
	struct lookup_call *call = arg;
	const char *to = NULL;
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	call->answered.status = (uint32_t)status;
	if (code != CURLE_OK || !is_redirect(status)) {
		end(call, outcome_of(call, code, status));
		return;
	}
	curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &to);
	/* what is posted is said to one alone */
	if (to == NULL || call->ask.body != NULL ||
	    call->redirects++ == REDIRECTS_MAX) {
		end(call, SY__V1__LOOKUP_OUTCOME__LOOKUP_REDIRECTED);
		return;
	}
	call->len = 0;
	next(call, to);
}

/* Each host has secrets of its own: no policy can send one elsewhere. */
static bool secrets_add(struct lookup_call *call)
{
	const Sy__V1__LookupRule *rule = call->ask.rule;
	char dir[4096];

	for (size_t i = 0; i < rule->n_headers; i++) {
		size_t len = 0;
		char *secret = NULL;
		bool good;

		if (call->ask.secrets_dir[0] != '\0' &&
		    (size_t)snprintf(dir, sizeof(dir), "%s/%s",
				     call->ask.secrets_dir,
				     call->first.host) < sizeof(dir))
			secret = outside_secret(dir, rule->headers[i]->secret,
						&len);
		good = secret != NULL && secret[strcspn(secret, "\r\n")] == 0;
		if (good)
			outside_header_add(&call->headers,
					   rule->headers[i]->name, secret);
		if (secret != NULL)
			sodium_memzero(secret, len);
		free(secret);
		if (!good)
			return false;
	}
	return true;
}

/* To whom, and within what is left of the time. */
static void next(struct lookup_call *call, const char *url)
{
	int64_t spent_ms = (time_monotonic_us() - call->begun_us) / US_PER_MS;
	int64_t left_ms =
		(call->ask.rule->timeout_ms != 0 ? call->ask.rule->timeout_ms
						 : LOOKUP_TIMEOUT_MS) -
		spent_ms;
	struct outside_origin origin;

	if (!outside_origin(url, &origin) ||
	    !outside_hosts_allow(call->ask.hosts, &origin)) {
		end(call, SY__V1__LOOKUP_OUTCOME__LOOKUP_FORBIDDEN);
		return;
	}
	if (left_ms <= 0) {
		end(call, SY__V1__LOOKUP_OUTCOME__LOOKUP_LATE);
		return;
	}
	if (call->redirects == 0) {
		call->first = origin;
		if (!secrets_add(call)) {
			end(call, SY__V1__LOOKUP_OUTCOME__LOOKUP_NO_SECRET);
			return;
		}
	} else if (!outside_same_origin(&origin, &call->first)) {
		curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, NULL);
	}
	curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
	curl_easy_setopt(call->easy, CURLOPT_URL, url);
	if (call->redirects == 0)
		curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
	transfer_start(call->ask.transfers, call->easy, ended_cb, call);
}

static void options_set(struct lookup_call *call)
{
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_cb);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	outside_guard_set(&call->guard, call->ask.hosts, easy);
	/* a connection of somebody else's was not tried by open_cb */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	outside_header_add(&call->headers, "Accept", "application/json");
	if (call->ask.body == NULL)
		return;
	outside_header_add(&call->headers, "Content-Type", "application/json");
	outside_header_add(&call->headers, "Idempotency-Key", call->ask.id);
	outside_header_add(&call->headers, "Expect", "");
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE,
			 (long)strlen(call->ask.body));
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->ask.body);
}

struct lookup_call *
lookup_call_start(const struct lookup_ask *ask,
		  void (*cb)(const struct lookup_answered *a, void *arg),
		  void *arg)
{
	struct lookup_call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		abort();
	call->ask = *ask;
	call->cb = cb;
	call->arg = arg;
	call->begun_us = time_monotonic_us();
	call->max = ask->rule->max_bytes != 0 ? ask->rule->max_bytes
					      : LOOKUP_ANSWER_BYTES;
	call->body = malloc(call->max);
	call->easy = transfer_new(ask->ca_file, LOOKUP_TIMEOUT_MS);
	if (call->body == NULL || call->easy == NULL)
		abort();
	uv_timer_init(ask->loop, &call->later);
	call->later.data = call;
	options_set(call);
	next(call, ask->url);
	return call;
}
