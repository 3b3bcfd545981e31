/* parts.h -- what the files of the gateway's core say to each other. What the
 * rest (sessions, audit, streams) uses is in gateway.h. */
#ifndef SUYUAN_GATEWAY_PARTS_H
#define SUYUAN_GATEWAY_PARTS_H

#include <microhttpd.h>

#include "gateway.h"

/* A file of 512 KiB in hex, and what stands around it. */
#define BODY_MAX_BYTES ((size_t)1280 * 1024)
#define EVENTS_MAX 500 /* CloudEvents of one request */
#define KEY_MAX_BYTES 128

/* --- http.c: connections, bodies, the loop -------------------------------- */

int http_open(struct gateway *gw, struct error *err);
/* No new connections; streams end; cb, from the loop, when the last request
 * that was served is answered and gone. */
void http_drain(struct gateway *gw, void (*cb)(void *arg), void *arg);
void http_close(struct gateway *gw);

/* Stands behind a struct request: what libmicrohttpd knows of it. */
struct exchange;
/* Queues the answer (the reference is taken over) now or by resuming. */
void exchange_answer(struct request *req, int status, struct MHD_Response *r);
/* The same with one that stays the caller's. */
void exchange_lend(struct request *req, int status, struct MHD_Response *r);
struct MHD_Connection *exchange_connection(const struct request *req);
/* The headers that request_add_header collected. */
struct extra_header {
	const char *name, *value;
	struct extra_header *next;
};
struct extra_header **exchange_headers(struct request *req);
/* libmicrohttpd is to be run once more, soon. */
void http_wake(struct http *http);

/* stream.c */
struct stream_list {
	struct stream *first;
};
void streams_end_all(struct http *http);
struct stream_list *http_streams(struct http *http);

/* --- serve.c: from the bytes to the answer -------------------------------- */

/* The head is there: false when it was answered already (a body is dropped). */
bool serve_head(struct request *req, const char *method, const char *uri);
/* The body is there as well: answers, now or later. */
void serve(struct request *req);
/* NULL: the value of Idempotency-Key may be one; else what is wrong with it. */
const char *key_refused(const char *key);

/* objects.c: what it was done to, for the audit. reply may be NULL. */
const char *audit_object(struct request *req, const ProtobufCMessage *request,
			 const ProtobufCMessage *reply);

/* --- answer.c ------------------------------------------------------------- */

/* type and text are static, or live as long as the gateway. etag may be NULL.
 */
void request_reply_static(struct request *req, const char *type,
			  const char *text, size_t len);
void request_redirect(struct request *req, const char *location);
bool accepts_gzip(const struct request *req);
/* Is the word in the header "a, b;q=0"? q=0 means no. list may be NULL. */
bool header_lists(const char *list, const char *word);
/* Does If-None-Match name this ETag? */
bool etag_matches(const struct request *req, const char *etag);
/* malloc()ed gzip of data, NULL: it does not become smaller. */
char *gzip_data(const char *data, size_t len, int level, size_t *len_r);
void add_security_headers(struct MHD_Response *response, const char *csp);

/* --- routes.c ------------------------------------------------------------- */

extern const char *const http_method_names[HTTP_METHODS_NR];
/* Splits and decodes path (of API_ROOT and below, as it came) in the arena and
 * finds the route; vars_r are its variables. NULL: no such path, or not by this
 * method: then allowed_r has a bit per method that there is (0: none). */
const struct route *route_find(enum http_method method, const char *path,
			       struct arena *arena,
			       const char *vars_r[PATH_VARS_MAX],
			       unsigned *allowed_r);
const struct route *route_of_rpc(const char *rpc);
/* NULL: the route has no rpc (openapi.json). */
const ProtobufCMethodDescriptor *route_rpc(const struct route *route);
const ProtobufCMethodDescriptor *peer_rpc(enum peer peer, const char *name);
/* "{appeal.appeal_id}" is the field; people and logs see {appeal_id}. */
char *route_template(const struct route *route, struct arena *arena);
/* The n-th variable's field, NULL past the end. */
const char *route_var(const struct route *route, int n, struct arena *arena);
/* A field that the service names, as it stands in the body. */
const char *route_field(const struct route *route, const char *field,
			struct arena *arena);
bool role_listed(const char *roles, const char *role);

/* --- query.c: fields from path, query and body -----------------------------
 */

/* Decodes %XX (and '+' in queries) in the arena. NULL: malformed, NUL, or not
 * UTF-8. */
char *percent_decode(const char *text, size_t len, bool plus,
		     struct arena *arena);
/* The message of a route, or NULL with the field and what is wrong with it. */
struct field_error {
	char field[256]; /* "person.phone", "records[3].unit" */
	char text[256];
};
ProtobufCMessage *fields_read(const ProtobufCMessageDescriptor *desc,
			      const struct route *route,
			      const char *const *vars, const char *query,
			      const json_t *body, struct arena *arena,
			      struct field_error *error_r);
/* "a.b[3]: text" of pbjson taken apart. */
void field_error_split(const char *text, struct field_error *error_r);

/* --- problem.c ------------------------------------------------------------ */

int problem_status(Sy__V1__ErrorCode code);
const char *problem_code_name(Sy__V1__ErrorCode code);
const char *problem_title(int status);
/* "records[3].unit" -> "/records/3/unit", escaped (RFC 6901). */
char *problem_pointer(const char *field, struct arena *arena);
json_t *problem_json(int status, const char *code, const char *detail,
		     const char *field, const char *pointer,
		     uint32_t retry_after_ms, const char *trace);

/* --- openapi.c, cloudevents.c, tokens.c, limits.c, static.c, telemetry.c ---
 */

/* Behind files_open(), whose files it joins. */
int openapi_open(struct gateway *gw, struct error *err);
json_t *openapi_document(const char *prefix);
void handle_openapi(struct request *req);

void handle_events_publish(struct request *req);

/* export.c */
void handle_export(struct request *req);
void handle_public(struct request *req);
void handle_report_export(struct request *req);
void handle_erasures_export(struct request *req);

/* cloudevents_in.c. One CloudEvent as it came; message NULL: it is refused, and
 * code, field and text say why. Everything lives in the arena. */
struct event_in {
	const struct route *route; /* NULL: of no type that we take */
	const char *id;            /* NULL: none that may be a key */
	const char *traceparent;   /* NULL: none */
	ProtobufCMessage *message;
	Sy__V1__ErrorCode code;
	const char *field, *text;
};
void event_in_read(const json_t *event, struct arena *arena,
		   struct event_in *in_r);

/* Answers like session_find, by Authorization: Bearer. */
int tokens_open(struct gateway *gw, struct error *err);
void tokens_close(struct gateway *gw);
void tokens_find(struct request *req, const char *token, session_found_cb *cb);
/* A token was revoked: nothing of the cache holds any more. */
void tokens_forget(struct gateway *gw);

int limits_open(struct limits **limits_r, struct error *err);
void limits_close(struct limits **limits);
/* Takes one from the bucket that key has at this rate; 0, or the milliseconds
 * until there is one again. rate 0: no limit. */
uint32_t limits_take(struct limits *limits, const char *key, int64_t rate,
		     int64_t now_us);

/* links.c */
int links_open(struct gateway *gw, struct error *err);
void links_close(struct gateway *gw);

int files_open(struct gateway *gw, struct error *err);
void files_close(struct gateway *gw);
/* data is malloc()ed and taken over. */
void files_add(struct gateway *gw, const char *path, char *data, size_t len);
/* path below the prefix: "/", "/assets/x.js". */
void files_serve(struct request *req, const char *path);
/* What answers at a path as it came; NULL: nothing. */
struct file;
const struct file *files_find(const struct files *files, const char *path,
			      struct arena *arena);
const char *file_path(const struct file *file);

/* One line in the log and the metrics of the route. */
void telemetry_done(const struct request *req);
int telemetry_open(struct error *err);

#endif
