/* answer.c -- what a request ends with: JSON, a problem, nothing; compressed,
 * with an ETag where a page may keep it, and never cached where it holds what
 * only this caller may see now. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zlib.h>

#include "parts.h"
#include "json/pbjson.h"

#define JSON_TYPE "application/json"
#define PROBLEM_TYPE "application/problem+json"
/* Below it the headers weigh more than what is saved. */
#define GZIP_MIN_BYTES 1024
/* On the loop: level 1 does 100 MB/s and saves four fifths of JSON. */
#define GZIP_LEVEL 1
#define API_CSP "default-src 'none'; frame-ancestors 'none'"

/* --- headers ---------------------------------------------------------------
 */

const char *request_header(const struct request *req, const char *name)
{
	return MHD_lookup_connection_value(exchange_connection(req),
					   MHD_HEADER_KIND, name);
}

const char *request_cookie(const struct request *req, const char *name)
{
	return MHD_lookup_connection_value(exchange_connection(req),
					   MHD_COOKIE_KIND, name);
}

void request_add_header(struct request *req, const char *name,
			const char *value)
{
	struct extra_header *h = arena_alloc(&req->arena, sizeof(*h));
	struct extra_header **list = exchange_headers(req);

	h->name = arena_strdup(&req->arena, name);
	h->value = arena_strdup(&req->arena, value);
	h->next = *list;
	*list = h;
}

void add_security_headers(struct MHD_Response *response, const char *csp)
{
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Referrer-Policy", "same-origin");
	MHD_add_response_header(response, "Content-Security-Policy",
				csp ? csp : API_CSP);
	MHD_add_response_header(response, "X-Frame-Options", "DENY");
	MHD_add_response_header(response, "Cross-Origin-Resource-Policy",
				"same-origin");
}

bool header_lists(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list && *list) {
		size_t n = strcspn(list, ",");
		const char *at = list + strspn(list, " \t");

		if ((size_t)(at - list) + len <= n &&
		    strncmp(at, word, len) == 0 &&
		    !strchr("-_abcdefghijklmnopqrstuvwxyz", at[len])) {
			const char *q =
				memmem(at, n - (size_t)(at - list), "q=0", 3);

			return !q ||
			       (q[3] == '.' &&
				strspn(q + 4, "0") != strcspn(q + 4, ", \t"));
		}
		if (at[0] && (size_t)(at - list) + len == n &&
		    strncmp(at, word, len) == 0)
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

bool accepts_gzip(const struct request *req)
{
	return header_lists(
		request_header(req, MHD_HTTP_HEADER_ACCEPT_ENCODING), "gzip");
}

bool etag_matches(const struct request *req, const char *etag)
{
	const char *known = request_header(req, MHD_HTTP_HEADER_IF_NONE_MATCH);

	return known && (strcmp(known, "*") == 0 || strstr(known, etag));
}

char *gzip_data(const char *data, size_t len, int level, size_t *len_r)
{
	z_stream z = { .next_in = (Bytef *)data, .avail_in = (uInt)len };
	char *out = malloc(len);
	int res;

	/* 15 + 16: the largest window, and gzip's header. */
	if (!out || deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8,
				 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(out);
		return NULL;
	}
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)len;
	res = deflate(&z, Z_FINISH);
	*len_r = z.total_out;
	deflateEnd(&z);
	if (res != Z_STREAM_END) {
		free(out);
		return NULL;
	}
	return out;
}

static void finish(struct request *req, int status,
		   struct MHD_Response *response)
{
	for (const struct extra_header *h = *exchange_headers(req); h;
	     h = h->next)
		MHD_add_response_header(response, h->name, h->value);
	MHD_add_response_header(response, "X-Trace-Id", req->trace_text);
	add_security_headers(response, NULL);
	exchange_answer(req, status, response);
}

/* --- answers ---------------------------------------------------------------
 */

static struct MHD_Response *response_of(char *text, size_t len)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		len, text,
		len ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);

	if (!response)
		abort();
	return response;
}

/* Of a read that any page may keep and ask again whether it changed. */
static bool may_be_kept(const struct request *req, int status)
{
	return status == 200 && req->method == HTTP_GET && req->route &&
	       req->route->audit == AUDIT_NO &&
	       (req->route->peer != PEER_GATEWAY || !req->route->rpc);
}

/* text is malloc()ed and taken over. */
static void reply_text(struct request *req, int status, const char *type,
		       char *text, size_t len)
{
	struct MHD_Response *response;
	char etag[40] = "", *packed = NULL;
	size_t packed_len = 0;

	if (may_be_kept(req, status)) {
		XXH128_hash_t hash = XXH3_128bits(text, len);

		snprintf(etag, sizeof(etag), "W/\"%016llx%016llx\"",
			 (unsigned long long)hash.high64,
			 (unsigned long long)hash.low64);
		if (etag_matches(req, etag)) {
			free(text);
			text = NULL;
			len = 0;
			status = MHD_HTTP_NOT_MODIFIED;
		}
	}
	if (len >= GZIP_MIN_BYTES && accepts_gzip(req))
		packed = gzip_data(text, len, GZIP_LEVEL, &packed_len);
	if (packed) {
		free(text);
		response = response_of(packed, packed_len);
		MHD_add_response_header(
			response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	} else {
		response = response_of(text, len);
	}
	if (len)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
					type);
	if (*etag)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
				*etag ? "private, no-cache" : "no-store");
	MHD_add_response_header(response, MHD_HTTP_HEADER_VARY,
				"Accept-Encoding, Cookie, Authorization");
	finish(req, status, response);
}

static void reply_json(struct request *req, int status, const char *type,
		       json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (!text)
		abort();
	reply_text(req, status, type, text, strlen(text));
}

void request_reply_json(struct request *req, int status, json_t *json)
{
	reply_json(req, status, JSON_TYPE, json);
}

void request_reply(struct request *req, const ProtobufCMessage *message)
{
	int status = req->route->status;

	if (status == MHD_HTTP_NO_CONTENT)
		request_reply_empty(req, status);
	else
		request_reply_json(req, status, pbjson_from_message(message));
}

void request_reply_empty(struct request *req, int status)
{
	reply_text(req, status, NULL, NULL, 0);
}

void request_reply_static(struct request *req, const char *type,
			  const char *text, size_t len)
{
	char *copy = malloc(len);

	if (!copy)
		abort();
	memcpy(copy, text, len);
	reply_text(req, MHD_HTTP_OK, type, copy, len);
}

void request_redirect(struct request *req, const char *location)
{
	request_add_header(req, MHD_HTTP_HEADER_LOCATION, location);
	request_reply_empty(req, MHD_HTTP_PERMANENT_REDIRECT);
}

/* --- problems --------------------------------------------------------------
 */

static void reply_problem(struct request *req, int status, const char *code,
			  const char *detail, const char *field,
			  uint32_t retry_after_ms)
{
	const char *pointer = NULL;
	char seconds[16];

	/* A pointer points into a body. */
	if (field && *field && req->method == HTTP_POST)
		pointer = problem_pointer(field, &req->arena);
	if (retry_after_ms) {
		snprintf(seconds, sizeof(seconds), "%u",
			 (retry_after_ms + 999) / 1000);
		request_add_header(req, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	}
	reply_json(req, status, PROBLEM_TYPE,
		   problem_json(status, code, detail, field, pointer,
				retry_after_ms, req->trace_text));
}

void request_fail_error(struct request *req, const Sy__V1__Error *error)
{
	Sy__V1__Error internal = SY__V1__ERROR__INIT;
	uint32_t retry_ms;

	internal.code = SY__V1__ERROR_CODE__INTERNAL;
	if (!error)
		error = &internal;
	retry_ms = error->retry_after_ms;
	if (problem_status(error->code) == MHD_HTTP_SERVICE_UNAVAILABLE &&
	    retry_ms == 0)
		retry_ms = 1000;
	reply_problem(req, problem_status(error->code),
		      problem_code_name(error->code), error->text, error->field,
		      retry_ms);
}

void request_fail(struct request *req, Sy__V1__ErrorCode code,
		  const char *field, const char *fmt, ...)
{
	Sy__V1__Error error = SY__V1__ERROR__INIT;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error.code = code;
	error.text = text;
	if (field)
		error.field = (char *)field;
	request_fail_error(req, &error);
}

void request_fail_session(struct request *req)
{
	request_add_header(req, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
			   "Bearer realm=\"suyuan\"");
	reply_problem(req, MHD_HTTP_UNAUTHORIZED, "NO_SESSION",
		      "there is no session, or it has ended", NULL, 0);
}

void request_fail_status(struct request *req, int status, const char *code,
			 const char *detail, uint32_t retry_after_ms)
{
	reply_problem(req, status, code, detail, NULL, retry_after_ms);
}
