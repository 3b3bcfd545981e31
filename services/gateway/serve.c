/* serve.c -- what a request goes through: address and route, limits, who asks,
 * CSRF, fields, the service or our own handler, audit, answer. Each step either
 * answers or calls the next one, now or later. */
#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "timeutil.h"
#include "json/pbjson.h"

/* Sign-ins a second of one address, twice as many at once: enough for an office
 * at nine, and less than a core of Argon2id. */
#define SIGN_IN_RATE 2

/* What a question or command has come to, while its audit is written. */
struct serving {
	const ProtobufCMessage *reply;
	const Sy__V1__Error *error;
};

/* --- the head --------------------------------------------------------------
 */

/* What does not name a trace begins one. */
static void take_trace(struct request *req)
{
	trace_parse(request_header(req, "traceparent"), &req->trace);
	trace_enter(&req->trace);
	trace_text(&req->trace, req->trace_text);
}

static void take_peer_address(struct request *req)
{
	const struct sockaddr *sa =
		MHD_get_connection_info(exchange_connection(req),
					MHD_CONNECTION_INFO_CLIENT_ADDRESS)
			->client_addr;
	const void *raw = NULL;

	if (sa->sa_family == AF_INET)
		raw = &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	else if (sa->sa_family == AF_INET6)
		raw = &((const struct sockaddr_in6 *)(const void *)sa)
			       ->sin6_addr;
	if (!raw ||
	    !inet_ntop(sa->sa_family, raw, req->address, sizeof(req->address)))
		snprintf(req->address, sizeof(req->address), "unknown");
}

/* The last entry is the one that our own proxy wrote. */
static void take_forwarded_address(struct request *req)
{
	const char *list = request_header(req, "X-Forwarded-For"), *last;
	uint8_t raw[16];

	if (!list || strcmp(req->gw->conf.trust_proxy, "yes") != 0)
		return;
	last = strrchr(list, ',');
	last = last ? last + 1 : list;
	last += strspn(last, " \t");
	if (inet_pton(AF_INET, last, raw) == 1 ||
	    inet_pton(AF_INET6, last, raw) == 1)
		snprintf(req->address, sizeof(req->address), "%s", last);
}

/* False: a method that no path has. */
static bool take_method(struct request *req, const char *method)
{
	if (strcmp(method, "HEAD") == 0) {
		req->head = true;
		method = "GET";
	}
	for (int i = 0; i < HTTP_METHODS_NR; i++) {
		if (strcmp(method, http_method_names[i]) == 0) {
			req->method = (enum http_method)i;
			return true;
		}
	}
	return false;
}

static void add_allow(struct request *req, unsigned allowed)
{
	char text[64] = "OPTIONS";

	for (int i = 0; i < HTTP_METHODS_NR; i++) {
		size_t n = strlen(text);

		if (allowed & 1u << i)
			snprintf(text + n, sizeof(text) - n, ", %s%s",
				 http_method_names[i],
				 i == HTTP_GET ? ", HEAD" : "");
	}
	request_add_header(req, MHD_HTTP_HEADER_ALLOW, text);
}

static void wrong_method(struct request *req, const char *method,
			 unsigned allowed)
{
	add_allow(req, allowed);
	if (strcmp(method, "OPTIONS") == 0)
		request_reply_empty(req, MHD_HTTP_NO_CONTENT);
	else
		request_fail_status(req, MHD_HTTP_METHOD_NOT_ALLOWED,
				    "METHOD_NOT_ALLOWED",
				    "see the Allow header", 0);
}

static bool too_fast(struct request *req, const char *kind, const char *who,
		     int64_t rate)
{
	const char *key = arena_printf(&req->arena, "%s %s", kind, who);
	uint32_t wait_ms =
		limits_take(req->gw->limits, key, rate, time_monotonic_us());

	if (wait_ms)
		request_fail_status(
			req, MHD_HTTP_TOO_MANY_REQUESTS, "RATE_LIMITED",
			"too many requests, see Retry-After", wait_ms);
	return wait_ms != 0;
}

/* NULL: not below our prefix. */
static const char *below_prefix(const struct gateway *gw, const char *path)
{
	size_t len = strlen(gw->conf.path_prefix);

	if (strncmp(path, gw->conf.path_prefix, len) != 0)
		return NULL;
	return path[len] == '/' || path[len] == '\0' ? path + len : NULL;
}

static bool find_route(struct request *req, const char *method, bool known)
{
	unsigned allowed = 0;

	req->route = route_find(req->method, req->path + strlen(API_ROOT),
				&req->arena, req->vars, &allowed);
	if (known && req->route)
		return true;
	req->route = NULL;
	if (allowed)
		wrong_method(req, method, allowed);
	else
		request_fail(req, SY__V1__ERROR_CODE__NOT_FOUND, NULL,
			     "no such path");
	return false;
}

static enum MHD_Result count_cb(void *arg, enum MHD_ValueKind kind,
				const char *name, const char *value)
{
	(void)kind;
	(void)value;
	if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0 ||
	    strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0)
		++*(int *)arg;
	return MHD_YES;
}

/* With two lengths, a proxy may see another end of the request than we do. */
static bool length_is_doubtful(const struct request *req)
{
	int lengths = 0;

	MHD_get_connection_values(exchange_connection(req), MHD_HEADER_KIND,
				  count_cb, &lengths);
	return lengths > 1;
}

static bool body_is_too_large(const struct request *req)
{
	const char *length =
		request_header(req, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return length && strtoull(length, NULL, 10) > BODY_MAX_BYTES;
}

bool serve_head(struct request *req, const char *method, const char *uri)
{
	size_t len = strcspn(uri, "?");
	const char *path = below_prefix(
		req->gw, arena_printf(&req->arena, "%.*s", (int)len, uri));
	bool known = take_method(req, method);

	req->query = uri[len] ? uri + len + 1 : "";
	req->path = path ? path : "";
	take_trace(req);
	take_peer_address(req);
	take_forwarded_address(req);
	if (length_is_doubtful(req)) {
		request_add_header(req, MHD_HTTP_HEADER_CONNECTION, "close");
		request_fail(req, SY__V1__ERROR_CODE__MALFORMED, NULL,
			     "the length of the body is given twice");
		return false;
	}
	if (too_fast(req, "address", req->address, req->gw->conf.rate_address))
		return false;
	if (strncmp(req->path, API_ROOT "/", strlen(API_ROOT "/")) == 0) {
		if (!find_route(req, method, known))
			return false;
		if (!body_is_too_large(req))
			return true;
		request_fail(req, SY__V1__ERROR_CODE__TOO_LARGE, NULL,
			     "the body is limited to 1.25 MiB");
		return false;
	}
	if (!path) {
		request_fail(req, SY__V1__ERROR_CODE__NOT_FOUND, NULL,
			     "no such path");
		return false;
	}
	req->is_file = true;
	if (!known || req->method != HTTP_GET) {
		wrong_method(req, method, 1u << HTTP_GET);
		return false;
	}
	return true;
}

/* --- the answer ------------------------------------------------------------
 */

static void answer(struct request *req)
{
	if (req->serving->error)
		request_fail_error(req, req->serving->error);
	else
		request_reply(req, req->serving->reply);
}

static void audited_cb(struct request *req, bool ok)
{
	if (ok)
		answer(req);
	else
		request_fail(req, SY__V1__ERROR_CODE__BUSY, NULL,
			     "the audit cannot be written just now");
}

static const Sy__V1__Error *keep_error(struct request *req,
				       const Sy__V1__Error *error)
{
	size_t len = sy__v1__error__get_packed_size(error);
	uint8_t *packed = arena_alloc(&req->arena, len + 1);
	Sy__V1__Error *kept;

	sy__v1__error__pack(error, packed);
	kept = sy__v1__error__unpack(&req->arena.allocator, len, packed);
	kept->field = (char *)route_field(req->route, kept->field, &req->arena);
	return kept;
}

static void replied_cb(struct request *req, const Sy__V1__Error *error,
		       const ProtobufCMessage *reply)
{
	req->serving = arena_alloc(&req->arena, sizeof(*req->serving));
	req->serving->reply = reply;
	req->serving->error = error ? keep_error(req, error) : NULL;
	if (!error && strcmp(req->route->rpc, "RevokeApiToken") == 0)
		tokens_forget(req->gw);
	if (req->route->audit == AUDIT_NO)
		answer(req);
	else
		audit_write(req,
			    req->route->operation ? req->route->operation
						  : req->route->rpc,
			    NULL, audit_object(req, req->message, reply),
			    error ? error->code : SY__V1__ERROR_CODE__OK,
			    audited_cb);
}

/* --- the fields ------------------------------------------------------------
 */

static bool is_json(const char *type)
{
	static const char json[] = "application/json";
	const size_t len = sizeof(json) - 1;

	return type && strncasecmp(type, json, len) == 0 &&
	       (type[len] == '\0' || strchr("; \t", type[len]));
}

/* False: answered. A POST without a body has no fields. */
static bool take_json(struct request *req, json_t **json_r)
{
	const char *type = request_header(req, MHD_HTTP_HEADER_CONTENT_TYPE);
	json_error_t fault;

	*json_r = NULL;
	if (req->method != HTTP_POST || req->body_bytes == 0)
		return true;
	if (!is_json(type)) {
		request_fail_status(req, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
				    "UNSUPPORTED_MEDIA_TYPE",
				    "Content-Type must be application/json", 0);
		return false;
	}
	/* The field that has a NUL is to be named. */
	*json_r = json_loadb(req->body, req->body_bytes,
			     JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &fault);
	if (*json_r)
		return true;
	/* jansson's own text quotes what stood there. */
	request_fail(req, SY__V1__ERROR_CODE__MALFORMED, NULL,
		     "not JSON in UTF-8: line %d, column %d", fault.line,
		     fault.column);
	return false;
}

/* Does it have the field that the route does not take? */
static bool has_unwanted(const struct request *req)
{
	const ProtobufCFieldDescriptor *field =
		req->route->without
			? protobuf_c_message_descriptor_get_field_by_name(
				  req->message->descriptor, req->route->without)
			: NULL;

	return field &&
	       **(char *const *)(const void *)((const char *)req->message +
					       field->offset);
}

static bool take_fields(struct request *req)
{
	const ProtobufCMethodDescriptor *rpc = route_rpc(req->route);
	struct field_error error;
	json_t *body;

	if (!rpc || req->route->raw)
		return true;
	if (!take_json(req, &body))
		return false;
	req->message = fields_read(rpc->input, req->route, req->vars,
				   req->query, body, &req->arena, &error);
	json_decref(body);
	if (!req->message) {
		request_fail(req, SY__V1__ERROR_CODE__INVALID, error.field,
			     "%s", error.text);
		return false;
	}
	if (has_unwanted(req)) {
		request_fail(req, SY__V1__ERROR_CODE__INVALID,
			     req->route->without,
			     "may be personal: in the body of a POST only");
		return false;
	}
	return true;
}

const char *key_refused(const char *key)
{
	size_t len = key ? strlen(key) : 0;

	if (len == 0 || len > KEY_MAX_BYTES)
		return "a header of 1 to 128 characters is needed";
	for (size_t i = 0; i < len; i++)
		if (key[i] < 0x21 || key[i] > 0x7e)
			return "visible ASCII only";
	return NULL;
}

static bool take_key(struct request *req)
{
	const char *key = request_header(req, "Idempotency-Key");
	const char *wrong = req->route->keyed ? key_refused(key) : NULL;

	if (wrong)
		request_fail(req, SY__V1__ERROR_CODE__INVALID, NULL,
			     "Idempotency-Key: %s", wrong);
	else if (req->route->keyed)
		req->idempotency_key = key;
	return !wrong;
}

static void serve_route(struct request *req)
{
	const struct route *route = req->route;

	if (!take_key(req) || !take_fields(req))
		return;
	if (route->handle)
		route->handle(req);
	else
		/* nobody's question is the gateway's own */
		request_ask(req, route->peer, route->rpc, req->message,
			    req->caller ? &req->caller->actor_token : NULL,
			    req->idempotency_key, replied_cb);
}

/* --- who asks --------------------------------------------------------------
 */

bool caller_has_role(const struct caller *caller, const char *role)
{
	for (size_t i = 0; i < caller->principal->n_roles; i++)
		if (strcmp(caller->principal->roles[i], role) == 0)
			return true;
	return false;
}

static bool has_one_of(const struct caller *caller, const char *roles)
{
	for (size_t i = 0; i < caller->principal->n_roles; i++)
		if (role_listed(roles, caller->principal->roles[i]))
			return true;
	return false;
}

/* Another site's page can make a browser send the cookie, but not this header.
 * Compared in constant time. */
static bool csrf_holds(const struct request *req, const struct caller *caller)
{
	const char *given = request_header(req, "X-CSRF-Token");
	size_t len;

	if (!caller->csrf_token || req->method == HTTP_GET)
		return true;
	len = strlen(caller->csrf_token);
	return given && strlen(given) == len &&
	       sodium_memcmp(given, caller->csrf_token, len) == 0;
}

static void found_cb(struct request *req, const struct caller *caller,
		     const Sy__V1__Error *error)
{
	if (error) {
		request_fail_error(req, error);
		return;
	}
	if (!caller) {
		request_fail_session(req);
		return;
	}
	req->caller = caller;
	if (too_fast(req, "caller", caller->principal->name,
		     req->gw->conf.rate))
		return;
	if (!csrf_holds(req, caller)) {
		request_fail(req, SY__V1__ERROR_CODE__FORBIDDEN, NULL,
			     "X-CSRF-Token is missing or not this session's");
		return;
	}
	if (req->route->roles && !has_one_of(caller, req->route->roles)) {
		request_fail(req, SY__V1__ERROR_CODE__FORBIDDEN, NULL,
			     "one of these roles is needed: %s",
			     req->route->roles);
		return;
	}
	serve_route(req);
}

/* A sign-in that another site's page makes would put its user into ours. */
static bool is_cross_site(const struct request *req)
{
	const char *site = request_header(req, "Sec-Fetch-Site");

	return req->method != HTTP_GET && site &&
	       strcmp(site, "cross-site") == 0;
}

/* Who may come without a session and change something has a password to check,
 * which costs a core a tenth of a second, or a code: not at everybody's cost,
 * and not as often as one would guess. */
static bool guesses(struct request *req)
{
	int64_t rate = req->gw->conf.rate_address;

	return too_fast(req, "sign-in", req->address,
			rate < SIGN_IN_RATE ? rate : SIGN_IN_RATE);
}

void serve(struct request *req)
{
	const char *given;

	if (req->is_file) {
		files_serve(req, req->path);
		return;
	}
	if (is_cross_site(req)) {
		request_fail(req, SY__V1__ERROR_CODE__FORBIDDEN, NULL,
			     "not from the pages of another site");
		return;
	}
	if (req->route->access == ACCESS_PUBLIC) {
		if (req->method == HTTP_GET || !guesses(req))
			serve_route(req);
		return;
	}
	given = request_header(req, MHD_HTTP_HEADER_AUTHORIZATION);
	if (given && strncasecmp(given, "Bearer ", 7) == 0)
		tokens_find(req, given + 7, found_cb);
	else
		session_find(req, found_cb);
}
