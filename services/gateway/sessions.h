/* sessions.h -- what the session parts share: sessions.c (memory, finding),
 * session_upkeep.c (the table looked at again, tokens renewed) and
 * session_handlers.c (sign-in, sign-out, password, invite).
 *
 *	browser: sealed id -> memory of this process -> table session
 *
 * A request costs the database nothing while its session is in memory; every
 * few seconds one statement asks for all of them whether they are still there.
 */
#ifndef SUYUAN_GATEWAY_SESSIONS_H
#define SUYUAN_GATEWAY_SESSIONS_H

#include <uthash.h>

#include "gateway.h"
#include "seal.h"
#include "store.h"

#define SESSION_CSRF_MAX 44 /* base64url of 32 bytes, and NUL */

struct session {
	uint8_t id[SEAL_ID_BYTES];
	char principal[PRINCIPAL_MAX];
	ProtobufCBinaryData record; /* a Principal, packed */
	ProtobufCBinaryData token;
	int64_t token_expires_us;
	char csrf[SESSION_CSRF_MAX];
	int64_t created_us;
	int64_t seen_us;        /* last request, here */
	int64_t stored_seen_us; /* as the table has it */
	int64_t wanted_us;      /* by sessions_alive */
	int64_t checked_us;     /* monotonic; stood in the table then */
	UT_hash_handle hh;
};

/* Somebody waits for the directory to renew a token, or just to forget one. */
struct errand {
	struct sessions *sessions;
	uint8_t id[SEAL_ID_BYTES];
	struct errand *prev, *next;
};

struct sessions {
	struct gateway *gw;
	uint8_t seal[SEAL_KEY_BYTES];
	struct session *table;
	struct errand *errands;
	uv_timer_t upkeep;
	unsigned turn; /* of the upkeep */
	bool checking, claiming, trimming, closed;
	int users; /* pipes on their way, and the timer */
};

/* sessions.c */
struct session *sessions_get(struct sessions *ss, const uint8_t *id);
/* Puts it into memory, in place of one with the same id. */
struct session *sessions_put(struct sessions *ss, const uint8_t *id,
			     const Sy__V1__SignInReply *from, const char *csrf,
			     int64_t created_us);
void sessions_drop(struct sessions *ss, struct session *s);
void session_renewed(struct session *s, const ProtobufCBinaryData *record,
		     const ProtobufCBinaryData *token, int64_t expires_us);
/* How the session looks to who asks; in the arena. */
struct caller *session_caller(const struct gateway *gw, const struct session *s,
			      struct arena *arena);
int64_t session_expires_us(const struct session *s);
/* A pipe whose callback calls sessions_done first: false, all is closed. */
struct db_pipe *sessions_pipe(struct sessions *ss);
bool sessions_done(struct sessions *ss);

/* session_upkeep.c */
void upkeep_start(struct sessions *ss);
void upkeep_close(struct sessions *ss);

/* What others of the gateway ask. */
uint32_t sessions_count(const struct gateway *gw);
/* Still signed in, as far as this process knows. Who asks again and again keeps
 * the session in memory, not alive. */
bool sessions_alive(struct gateway *gw, const uint8_t *id);

/* audit.c */
void audit_open(struct gateway *gw);
void audit_close(struct gateway *gw);
/* Deletes what is older than SUYUAN_AUDIT_DAYS; now and then. */
void audit_trim(struct gateway *gw);

#endif
