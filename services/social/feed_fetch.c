/* feed_fetch.c -- one document over HTTP. Redirects are followed by hand: each
 * says anew whom to ask, and the secret goes to the first one alone. What a
 * name is resolved to must not lie inside, unless the deployment says so.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "feeds.h"
#include "outside/guard.h"
#include "outside/headers.h"
#include "outside/secrets.h"
#include "outside/transfer.h"

#define REDIRECTS_MAX 5
#define TIMEOUT_MS 30000
#define GROW_BYTES ((size_t)64 << 10)
#define VALIDATOR_MAX 256 /* of ETag and Last-Modified */
#define CHARSET_MAX 40

struct feed_fetch {
	struct social *svc;
	const Sy__V1__Feed *feed;
	void (*cb)(const struct feed_fetched *f, void *arg);
	void *arg;
	const char *etag, *last_modified; /* known already */
	CURL *easy;
	struct curl_slist *headers;
	uint8_t *data;
	size_t len, cap;
	bool too_large;
	struct outside_guard guard;
	struct outside_origin first;
	int redirects;
	uv_timer_t later; /* what ends before it began is told from the loop */
	char etag_now[VALIDATOR_MAX], modified_now[VALIDATOR_MAX];
	char charset[CHARSET_MAX];
	struct feed_fetched fetched;
};

static void ask(struct feed_fetch *f, const char *url);

/* --- the end --- */

static void freed_cb(uv_handle_t *handle)
{
	struct feed_fetch *f = handle->data;

	free(f->data);
	free(f);
}

static void fetch_free(struct feed_fetch *f)
{
	curl_easy_cleanup(f->easy);
	outside_headers_free(&f->headers);
	uv_close((uv_handle_t *)&f->later, freed_cb);
}

void feed_fetch_cut(struct feed_fetch *f)
{
	if (f == NULL)
		return;
	transfer_cut(f->svc->transfers, f->easy);
	fetch_free(f);
}

static void tell_cb(uv_timer_t *later)
{
	struct feed_fetch *f = later->data;

	f->fetched.data = f->data;
	f->fetched.len = f->len;
	f->fetched.charset = f->charset;
	f->fetched.etag = f->etag_now;
	f->fetched.last_modified = f->modified_now;
	f->cb(&f->fetched, f->arg);
	fetch_free(f);
}

static void end(struct feed_fetch *f, const char *problem)
{
	f->fetched.problem = problem;
	uv_timer_start(&f->later, tell_cb, 0, 0);
}

/* --- what libcurl asks for --- */

static size_t take_cb(char *data, size_t size, size_t n, void *arg)
{
	struct feed_fetch *f = arg;
	size_t len = size * n;

	if (len > FEED_DOCUMENT_MAX - f->len) {
		f->too_large = true;
		return 0;
	}
	if (f->len + len > f->cap) {
		f->cap = 2 * (f->len + len) + GROW_BYTES;
		f->data = realloc(f->data, f->cap);
		if (f->data == NULL)
			abort();
	}
	memcpy(f->data + f->len, data, len);
	f->len += len;
	return len;
}

/* Behind "name:", without blanks around; false: another header, or too long. */
static bool header_read(const char *line, size_t len, const char *name,
			char *out, size_t size)
{
	size_t name_len = strlen(name);

	if (len <= name_len || strncasecmp(line, name, name_len) != 0 ||
	    line[name_len] != ':')
		return false;
	line += name_len + 1;
	len -= name_len + 1;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (unsigned char)line[len - 1] <= ' ')
		len--;
	if (len >= size)
		return false;
	memcpy(out, line, len);
	out[len] = '\0';
	return true;
}

static void charset_read(struct feed_fetch *f, const char *type)
{
	const char *at = strcasestr(type, "charset=");
	size_t len;

	if (at == NULL)
		return;
	at += strlen("charset=");
	at += *at == '"';
	len = strcspn(at, "\"; ");
	if (len < sizeof(f->charset)) {
		memcpy(f->charset, at, len);
		f->charset[len] = '\0';
	}
}

static size_t header_cb(char *line, size_t size, size_t n, void *arg)
{
	struct feed_fetch *f = arg;
	char value[VALIDATOR_MAX];
	size_t len = size * n;

	if (header_read(line, len, "ETag", value, sizeof(value)))
		memcpy(f->etag_now, value, sizeof(value));
	else if (header_read(line, len, "Last-Modified", value, sizeof(value)))
		memcpy(f->modified_now, value, sizeof(value));
	else if (header_read(line, len, "Content-Type", value, sizeof(value)))
		charset_read(f, value);
	return len;
}

/* --- one step --- */

static const char *code_problem(const struct feed_fetch *f, CURLcode code)
{
	if (f->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return "the document is larger than 8 MiB";
	if (outside_guard_barred(&f->guard, code))
		return FEED_INSIDE_PROBLEM;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "no whole answer came within 30 s";
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return "there is no such host";
	if (code == CURLE_PEER_FAILED_VERIFICATION ||
	    code == CURLE_SSL_CONNECT_ERROR)
		return "the server's certificate is not trusted";
	if (code == CURLE_BAD_CONTENT_ENCODING || code == CURLE_WRITE_ERROR)
		return "the document's compression is broken";
	return "the server cannot be reached";
}

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

static void ended_cb(CURL *easy, CURLcode code, void *arg)
{
	struct feed_fetch *f = arg;
	const char *to = NULL;
	curl_off_t retry_after = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &f->fetched.status);
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
	f->fetched.retry_after_s = retry_after;
	if (code != CURLE_OK) {
		end(f, code_problem(f, code));
	} else if (f->fetched.status == 304) {
		f->fetched.unchanged = true;
		end(f, NULL);
	} else if (is_redirect(f->fetched.status)) {
		curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &to);
		if (to == NULL || f->redirects++ == REDIRECTS_MAX) {
			end(f, "the server sends us round and round");
			return;
		}
		f->len = 0;
		ask(f, to);
	} else {
		end(f, feed_status_problem(f->fetched.status));
	}
}

/* False: there is no such secret. */
static bool headers_make(struct feed_fetch *f,
			 const struct outside_origin *origin)
{
	char *secret;
	size_t len;

	outside_headers_free(&f->headers);
	if (f->etag[0] != '\0')
		outside_header_add(&f->headers, "If-None-Match", f->etag);
	if (f->last_modified[0] != '\0')
		outside_header_add(&f->headers, "If-Modified-Since",
				   f->last_modified);
	if (f->feed->secret[0] != '\0' &&
	    outside_same_origin(origin, &f->first)) {
		secret = outside_secret(f->svc->conf.secrets_dir,
					f->feed->secret, &len);
		if (secret == NULL)
			return false;
		outside_header_add(&f->headers, f->feed->secret_header, secret);
		sodium_memzero(secret, len);
		free(secret);
	}
	curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, f->headers);
	return true;
}

static void ask(struct feed_fetch *f, const char *url)
{
	struct outside_origin origin;

	/* a query without a path is an address too */
	if (!outside_origin(url, &origin)) {
		end(f, "its address, or one that it leads to, is no http(s) "
		       "address of a host");
		return;
	}
	if (f->redirects == 0)
		f->first = origin;
	if (!headers_make(f, &origin)) {
		end(f, "the deployment has no secret of that name");
		return;
	}
	curl_easy_setopt(f->easy, CURLOPT_URL, url);
	transfer_start(f->svc->transfers, f->easy, ended_cb, f);
}

static void options_set(struct feed_fetch *f)
{
	CURL *easy = f->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "suyuan");
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
			 (curl_off_t)FEED_DOCUMENT_MAX);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_cb);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_cb);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, f);
	outside_guard_set(&f->guard, &f->svc->conf.feeds_inside, easy);
}

struct feed_fetch *
feed_fetch_start(struct social *svc, const Sy__V1__Feed *feed, const char *url,
		 const char *etag, const char *last_modified,
		 void (*cb)(const struct feed_fetched *f, void *arg), void *arg)
{
	struct feed_fetch *f = calloc(1, sizeof(*f));

	if (f == NULL)
		abort();
	*f = (struct feed_fetch){ .svc = svc,
				  .feed = feed,
				  .etag = etag,
				  .last_modified = last_modified,
				  .cb = cb,
				  .arg = arg };
	f->easy = transfer_new(svc->conf.ca_file, TIMEOUT_MS);
	if (f->easy == NULL)
		abort();
	uv_timer_init(&svc->service.loop, &f->later);
	f->later.data = f;
	options_set(f);
	ask(f, url);
	return f;
}
