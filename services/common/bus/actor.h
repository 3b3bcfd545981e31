/* actor.h -- actor tokens: signed by the directory, checked by every service,
 * with Ed25519 (RFC 8032, libsodium). */
#ifndef SUYUAN_ACTOR_H
#define SUYUAN_ACTOR_H

#include <stdint.h>

#include "arena.h"
#include "bus/keys.h"
#include "error.h"
#include "suyuan/v1/bus.pb-c.h"

#define ACTOR_TOKEN_US (INT64_C(600) * 1000000)

struct actor {
	char principal[PRINCIPAL_MAX];
	uint8_t session_id[16];
	int64_t issued_at_us, expires_at_us;
};

/* The public key of an id; NULL: not known, or revoked. */
typedef const uint8_t *actor_key_fn(void *arg, const char *key_id);

/* A packed SignedToken in the arena. secret: 64 bytes of libsodium. */
ProtobufCBinaryData actor_sign(const struct actor *actor, const char *key_id,
			       const uint8_t *secret, struct arena *arena);

/* 0, or -1 with a static sentence in *why_r: malformed, unknown key, bad
 * signature, expired (now_us >= expires), issued in the future (over 60 s). */
int actor_verify(const uint8_t *token, size_t len, int64_t now_us,
		 actor_key_fn *key, void *key_arg, struct actor *actor_r,
		 const char **why_r);

#endif
