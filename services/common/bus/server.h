/* server.h -- the one ROUTER of a service: HELLO, PUBLISH, FETCH, QUERY under
 * CURVE, each message checked against the registry and the grants. */
#ifndef SUYUAN_BUS_SERVER_H
#define SUYUAN_BUS_SERVER_H

#include <uv.h>

#include "bus/actor.h"
#include "bus/batch.h"
#include "bus/grant.h"
#include "bus/keys.h"
#include "error.h"

struct bus_server;

/* How long the log stays in the database. All zero: for ever. */
struct bus_log_conf {
	int64_t keep_days; /* SUYUAN_LOG_KEEP_DAYS */
	char *archive_dir; /* SUYUAN_ARCHIVE_DIR, empty: none */
};

/* The rows of a service's table of variables; field: its struct bus_log_conf. A
 * service without them (the directory) keeps its log for ever. */
#define BUS_LOG_CONF(conf_, field_)                                            \
	{ .name = "SUYUAN_LOG_KEEP_DAYS",                                      \
	  .type = CONF_INT,                                                    \
	  .offset = offsetof(conf_, field_.keep_days),                         \
	  .fallback = "0",                                                     \
	  .min = 0,                                                            \
	  .max = 36500,                                                        \
	  .help = "days that events stay in the database, 0 for ever" },       \
	{                                                                      \
		.name = "SUYUAN_ARCHIVE_DIR", .type = CONF_STRING,             \
		.offset = offsetof(conf_, field_.archive_dir), .fallback = "", \
		.help = "folder that older events are moved to"                \
	}

struct bus_server_options {
	uv_loop_t *loop;
	const char *service; /* name; also the stream's and the ZAP domain's */
	const char *bind;    /* tcp://0.0.0.0:17100; a range tries each port */
	const struct bus_key *key;
	const struct registry *registry;
	const char *db_url;
	const char *schema;
	int shards_nr; /* 16; directory 1; fixed per stream generation */
	struct bus_log_conf log; /* looked at while opening */
	const struct bus_method *methods;
	/* Tables besides it, ended by NULL; NULL: none. */
	const struct bus_method *const *more_methods;
	const struct bus_domain *domain; /* NULL: nothing is written */
	/* The service's statements for domain->read and ->write; their ids are
	 * what db_exec is given there. */
	const struct db_statement *statements;
	int statements_nr;
	/* Follows streams: schema_consumer's tables are there, and the methods
	 * of operations.proto are answered. */
	bool consumes;
	bus_grant_fn *grant;
	void *svc; /* passed to domain, grant and handle (bus_request_svc) */
	void *grant_arg;
	/* Who signs actor tokens; NULL: a gateway may ask nothing here for
	 * somebody else. */
	actor_key_fn *actor_key;
	void *actor_key_arg;
};

/* Binds; messages are taken only after bus_server_start (the schema is current
 * and the directory was read). */
int bus_server_open(struct bus_server **bus_r,
		    const struct bus_server_options *options,
		    struct error *err);
void bus_server_start(struct bus_server *bus);
/* True when started and its database connections are up. */
bool bus_server_ready(const struct bus_server *bus, const char **why_r);
/* A whole batch and more waits: what need not be done now, should not. */
bool bus_server_busy(const struct bus_server *bus);
const char *bus_server_endpoint(const struct bus_server *bus); /* as bound */
/* No more intake, GOAWAY to all, commits what is in flight, then drained_cb. */
void bus_server_drain(struct bus_server *bus, void (*drained_cb)(void *arg),
		      void *arg);
void bus_server_close(struct bus_server **bus);

/* The directory's replica has caught up (ok), or could not in time (!ok: the
 * waiting items are answered BUSY). */
void bus_directory_confirmed(struct bus_server *bus, bool ok);

/* A command of the service itself (a timer that is due): joins the merged
 * transaction. idempotency by the domain. done_cb may be NULL. */
void bus_server_command(struct bus_server *bus, const struct bus_method *method,
			const ProtobufCMessage *request,
			void (*done_cb)(Sy__V1__ErrorCode code, void *arg),
			void *arg);
/* The same in the name of a source that is no principal of the directory:
 * customers who come by themselves. */
void bus_server_command_as(struct bus_server *bus, const char *source,
			   const struct bus_method *method,
			   const ProtobufCMessage *request,
			   void (*done_cb)(Sy__V1__ErrorCode code, void *arg),
			   void *arg);

/* --- requests that read --- */

const ProtobufCMessage *bus_request_message(const struct bus_request *req);
const struct bus_grant *bus_request_grant(const struct bus_request *req);
const char *bus_request_principal(const struct bus_request *req);
/* The idempotency key, "": none came. Of a method that writes the bus itself
 * keeps it; one that reads, and yet changes something, may. */
const char *bus_request_key(const struct bus_request *req);
/* The session of the actor who asks through a gateway, 16 bytes; NULL: it is
 * the principal's own key. */
const uint8_t *bus_request_session(const struct bus_request *req);
void *bus_request_svc(const struct bus_request *req);
struct arena *bus_request_arena(struct bus_request *req); /* until replied */
/* A pipe on one of the query connections (statement timeout 2 s), with the
 * server's statement table. */
struct db_pipe *bus_request_pipe(struct bus_request *req);
/* Exactly one of these, exactly once. */
void bus_reply(struct bus_request *req, const ProtobufCMessage *reply);
__attribute__((format(printf, 4, 5))) void
bus_reply_error(struct bus_request *req, Sy__V1__ErrorCode code,
		const char *field, const char *fmt, ...);
/* GetPublisherReport, for the methods of a service that takes publications: a
 * principal sees its own events, an admin all. */
void bus_handle_publisher_report(struct bus_request *req);
/* Answers for any outcome but DB_OK, logged where it is ours; true if it did.
 */
bool bus_reply_db_error(struct bus_request *req, const struct db_result *res);

#endif
