/* gateway.h -- HTTP and JSON for people's browsers and for integrators without
 * ZeroMQ. It holds no domain rule: a request is checked, turned into one QUERY
 * in the name of who asks, and its reply turned back.
 *
 *   HTTP -> http.c -> serve.c: route, limits, who asks (sessions.c, tokens.c),
 *   fields (query.c) -> the bus or a handler of our own -> audit.c -> answer.c
 */
#ifndef SUYUAN_GATEWAY_H
#define SUYUAN_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "arena.h"
#include "bus/client.h"
#include "db/db.h"
#include "dir/replica.h"
#include "error.h"
#include "metrics.h"
#include "service.h"
#include "suyuan/v1/common.pb-c.h"
#include "suyuan/v1/directory.pb-c.h"
#include "suyuan/v1/gateway.pb-c.h"

#define GATEWAY_SCHEMA "gateway"
#define GATEWAY_VERSION "0.3.0" /* of the HTTP API too */
#define API_ROOT "/api/v1"
#define SESSION_COOKIE "suyuan_session"

struct gateway_conf {
	struct service_conf common; /* SUYUAN_BIND is where HTTP listens */
	char *complaints;           /* SUYUAN_COMPLAINTS: endpoint */
	char *kpi;                  /* SUYUAN_KPI: endpoint */
	char *social;        /* SUYUAN_SOCIAL: endpoint, empty: there is none */
	char *web_dir;       /* SUYUAN_WEB_DIR, empty: no pages */
	char *path_prefix;   /* SUYUAN_PATH_PREFIX, "" or "/x" */
	char *seal_key;      /* SUYUAN_SEAL_KEY: 64 hex digits */
	char *secure_cookie; /* SUYUAN_SECURE_COOKIE: yes, no; auto = no on a
			      * loopback address only */
	char *trust_proxy;   /* SUYUAN_TRUST_PROXY: yes or no */
	int64_t per_address; /* SUYUAN_CONNECTIONS_PER_ADDRESS */
	int64_t rate;        /* SUYUAN_RATE: requests a second of one caller */
	int64_t rate_address; /* SUYUAN_RATE_ADDRESS: of one address */
	int64_t audit_days; /* SUYUAN_AUDIT_DAYS: kept so long; 0 = for ever */
};
extern const struct conf_entry *const gateway_conf_tables[];

/* Whom a method belongs to. */
enum peer {
	PEER_GATEWAY,
	PEER_DIRECTORY,
	PEER_COMPLAINTS,
	PEER_KPI,
	PEER_SOCIAL,
	PEERS_NR
};
extern const char *const peer_names[PEERS_NR];

struct http;
struct files;
struct limits;
struct tokens;
struct sessions;
struct audit;
struct streams;
struct system_state;

struct gateway {
	struct service service;
	struct gateway_conf conf;
	struct bus_client *peers[PEERS_NR]; /* NULL: [PEER_GATEWAY], and what
					     * the installation has not */
	struct db_conn *db; /* schema gateway; statements: gateway_statements */
	struct http *http;
	struct files *files;
	struct limits *limits;
	struct tokens *tokens;
	/* Of the directory, opened by sessions_open: components consumer and
	 * directory_replica. */
	struct replica *replica;
	struct sessions *sessions;   /* sessions.c */
	struct audit *audit;         /* audit.c; by sessions_open */
	struct streams *streams;     /* sse.c */
	struct system_state *system; /* system.c; by streams_open */
	bool secure_cookie;          /* resolved from conf */
};

/* --- who asks --------------------------------------------------------------
 */

/* Lives in the request's arena. */
struct caller {
	const Sy__V1__Principal *principal;
	uint8_t session_id[16]; /* zero for an API token */
	ProtobufCBinaryData actor_token;
	int64_t expires_at_us; /* of the session (not of the actor token) */
	/* By cookie: what X-CSRF-Token of an unsafe method must equal. NULL: by
	 * bearer token, which no browser sends by itself. */
	const char *csrf_token;
};
bool caller_has_role(const struct caller *caller, const char *role);

/* --- a request -------------------------------------------------------------
 *
 * read -> served -> answered -> completed. It lives until libmicrohttpd says
 * that it is completed, which is never before it was answered: between the call
 * of a handler and its one answer the pointer may be kept (the connection is
 * suspended meanwhile, and a client that goes away is noticed only then). After
 * the answer the request belongs to http.c: touch it no more. Everything of the
 * request is best allocated in its arena. */

enum http_method { HTTP_GET, HTTP_POST, HTTP_DELETE, HTTP_METHODS_NR };

#define PATH_VARS_MAX 2

struct route;
struct MHD_Connection;

struct request {
	struct gateway *gw;
	const struct route *route; /* NULL: none fits */
	enum http_method method;
	bool head;         /* HEAD: answered as GET, without the body */
	const char *path;  /* decoded, below SUYUAN_PATH_PREFIX */
	const char *query; /* after the '?', as it came; "" */
	const char *vars[PATH_VARS_MAX]; /* {...} of the path, decoded */
	const char *body;
	size_t body_bytes;
	char address[48];   /* of the client, as text */
	struct trace trace; /* with a span of our own */
	char trace_text[TRACE_TEXT_MAX];
	int64_t started_us; /* monotonic */
	struct arena arena;
	const char *idempotency_key; /* NULL: none */
	const struct caller *caller; /* NULL: route is public */
	/* Of the rpc's input type, from path, query and body. */
	ProtobufCMessage *message;
	void *scratch; /* of the handler of our own, between its steps */
	bool is_file;  /* not of the API: a page or what it needs */
	bool answered;
	int status;                        /* of the answer */
	struct serving *serving;           /* serve.c's own */
	struct batch *batch;               /* cloudevents.c's own */
	struct exchanging *token_exchange; /* tokens.c's own */
	struct exchange *exchange;         /* http.c's own */
};

/* A header of the request, NULL if absent. */
const char *request_header(const struct request *req, const char *name);
/* A cookie, NULL if absent. */
const char *request_cookie(const struct request *req, const char *name);
/* A header for the answer (Set-Cookie ...); copied. Before answering. */
void request_add_header(struct request *req, const char *name,
			const char *value);

/* Exactly one of these answers a request. Texts never hold values.
 * A message of the rpc's output type, with the route's status. */
void request_reply(struct request *req, const ProtobufCMessage *message);
/* A reference is taken over. */
void request_reply_json(struct request *req, int status, json_t *json);
void request_reply_empty(struct request *req, int status);
/* problem+json: status by the code (problem.c). field "" or NULL: none. */
__attribute__((format(printf, 4, 5))) void request_fail(struct request *req,
							Sy__V1__ErrorCode code,
							const char *field,
							const char *fmt, ...);
/* The same with an error of a service (NULL is INTERNAL). */
void request_fail_error(struct request *req, const Sy__V1__Error *error);
/* 401: no session, or one that has ended. */
void request_fail_session(struct request *req);
/* A status that no ErrorCode has: 405, 406, 415, 429. code: its name. */
void request_fail_status(struct request *req, int status, const char *code,
			 const char *detail, uint32_t retry_after_ms);

/* An answer without an end (text/event-stream), written piece by piece. NULL:
 * could not begin (it is answered all the same). closed_cb is called once, from
 * the loop, when the client is gone, http is draining or the stream was ended;
 * the stream must not be used after it. */
struct stream;
struct stream *request_stream(struct request *req, const char *content_type,
			      void (*closed_cb)(void *arg), void *arg);
/* Copies. Returns the bytes that wait to be sent: who writes faster than the
 * client reads must hold on, or end the stream. */
size_t stream_write(struct stream *stream, const char *data, size_t len);
size_t stream_waiting(const struct stream *stream);
void stream_end(struct stream *stream);

/* Asks a service. The callback comes once, from the loop; reply is of the
 * method's output type and lives in the request's arena; on error reply is
 * NULL. token NULL: as the gateway itself (SignIn ...). key NULL: a read. */
typedef void request_answer_cb(struct request *req, const Sy__V1__Error *error,
			       const ProtobufCMessage *reply);
void request_ask(struct request *req, enum peer peer, const char *method,
		 const ProtobufCMessage *message,
		 const ProtobufCBinaryData *token, const char *key,
		 request_answer_cb *cb);

/* --- routes (routes.c): the one table ------------------------------------- */

enum route_access {
	ACCESS_PUBLIC,  /* session_find is not called */
	ACCESS_SESSION, /* cookie or bearer token */
};
enum route_audit {
	AUDIT_NO,
	AUDIT_PERSONAL, /* a read of personal data */
	AUDIT_WRITE,
};

struct route {
	enum http_method method;
	const char *path; /* below API_ROOT: "/appeals/{appeal.appeal_id}" */
	enum peer peer;
	const char *rpc;
	/* Of PEER_GATEWAY: answers, now or later. */
	void (*handle)(struct request *req);
	int status; /* when it went well */
	enum route_access access;
	const char *roles; /* "auditor;admin": one of these; NULL: the service
			    * judges */
	enum route_audit audit;
	/* Where the fields that the service's errors name stand in the body;
	 * NULL: at its top. */
	const char *fields_below;
	/* A field that this route does not take: what is personal stands in no
	 * address. */
	const char *without;
	/* Of several routes of one rpc: what this one is called; else NULL. */
	const char *operation;
	bool csv;       /* answers with a file */
	bool keyed;     /* wants Idempotency-Key */
	bool raw;       /* the handler reads the body, which is no message */
	int timeout_ms; /* 0: TIMEOUT_READ_MS or TIMEOUT_WRITE_MS */
};
extern const struct route routes[];
extern const int routes_nr;

/* --- what SESSIONS implements ---------------------------------------------
 */

/* sessions.c. Reads the cookie, finds the session, renews its actor token when
 * that ends soon, and calls cb exactly once, at once or later. caller lives in
 * req->arena. caller NULL: no session (error NULL, answered with 401), or error
 * says why it could not be found out (database away: BUSY). */
typedef void session_found_cb(struct request *req, const struct caller *caller,
			      const Sy__V1__Error *error);
int sessions_open(struct gateway *gw, struct error *err);
void sessions_close(struct gateway *gw);
bool sessions_ready(struct gateway *gw, const char **why_r);
void session_find(struct request *req, session_found_cb *cb);

void handle_session_get(struct request *req);      /* GET /session */
void handle_session_open(struct request *req);     /* POST: SignInRequest */
void handle_session_close(struct request *req);    /* DELETE /session */
void handle_session_password(struct request *req); /* ChangePasswordRequest */
void handle_invite_accept(struct request *req);    /* AcceptInviteRequest */

/* audit.c. Stores one row before the answer goes out; cb once, later, ok false:
 * not stored (the request then fails with BUSY, and what it read is not
 * shown). action: the rpc. object: an id or code, never personal data. The
 * principal is req->caller's, or the one given (sign-in). */
typedef void audit_written_cb(struct request *req, bool ok);
void audit_write(struct request *req, const char *action, const char *principal,
		 const char *object, Sy__V1__ErrorCode outcome,
		 audit_written_cb *cb);
void handle_audit(struct request *req); /* ListAuditRequest */

/* sse.c, system.c */
int streams_open(struct gateway *gw, struct error *err);
void streams_close(struct gateway *gw);
void handle_events_stream(struct request *req); /* StreamEventsRequest */
void handle_system(struct request *req);

/* store.c: every SQL statement. */
extern const struct db_statement gateway_statements[];
extern const int gateway_statements_nr;

#endif
