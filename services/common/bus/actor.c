/* actor.c -- actor tokens. Nothing of a token is believed before its signature
 * holds, but the name of the key that shall have signed it. */
#include "bus/actor.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "timeutil.h"

/* Far above what we make: names have 63 characters. */
#define TOKEN_BYTES_MAX 1024
/* Clocks of two machines may differ by this much. */
#define FUTURE_US (60 * US_PER_S)

ProtobufCBinaryData actor_sign(const struct actor *actor, const char *key_id,
			       const uint8_t *secret, struct arena *arena)
{
	Sy__V1__ActorToken token = SY__V1__ACTOR_TOKEN__INIT;
	Sy__V1__SignedToken sealed = SY__V1__SIGNED_TOKEN__INIT;
	ProtobufCBinaryData out;

	token.principal = (char *)actor->principal;
	token.session_id.data = (uint8_t *)actor->session_id;
	token.session_id.len = sizeof(actor->session_id);
	token.issued_at_us = actor->issued_at_us;
	token.expires_at_us = actor->expires_at_us;
	sealed.token.len = sy__v1__actor_token__get_packed_size(&token);
	sealed.token.data = arena_alloc(arena, sealed.token.len);
	sy__v1__actor_token__pack(&token, sealed.token.data);
	sealed.signature.len = crypto_sign_BYTES;
	sealed.signature.data = arena_alloc(arena, crypto_sign_BYTES);
	crypto_sign_detached(sealed.signature.data, NULL, sealed.token.data,
			     sealed.token.len, secret);
	sealed.key_id = (char *)key_id;
	out.len = sy__v1__signed_token__get_packed_size(&sealed);
	out.data = arena_alloc(arena, out.len);
	sy__v1__signed_token__pack(&sealed, out.data);
	return out;
}

static int refuse(const char **why_r, const char *why)
{
	*why_r = why;
	return -1;
}

static int token_read(const Sy__V1__ActorToken *token, int64_t now_us,
		      struct actor *actor_r, const char **why_r)
{
	if (!token || token->session_id.len != sizeof(actor_r->session_id) ||
	    !token->principal[0] || strlen(token->principal) >= PRINCIPAL_MAX)
		return refuse(why_r, "is not an actor token");
	if (now_us >= token->expires_at_us)
		return refuse(why_r, "has expired");
	if (token->issued_at_us > now_us + FUTURE_US)
		return refuse(why_r, "was issued in the future");
	*actor_r = (struct actor){ .issued_at_us = token->issued_at_us,
				   .expires_at_us = token->expires_at_us };
	snprintf(actor_r->principal, sizeof(actor_r->principal), "%s",
		 token->principal);
	memcpy(actor_r->session_id, token->session_id.data,
	       sizeof(actor_r->session_id));
	return 0;
}

static int sealed_read(const Sy__V1__SignedToken *sealed, int64_t now_us,
		       actor_key_fn *key, void *key_arg, struct arena *arena,
		       struct actor *actor_r, const char **why_r)
{
	const uint8_t *public_key;

	if (!sealed || sealed->signature.len != crypto_sign_BYTES)
		return refuse(why_r, "is not an actor token");
	public_key = key(key_arg, sealed->key_id);
	if (!public_key)
		return refuse(why_r, "is signed with an unknown key");
	if (crypto_sign_verify_detached(sealed->signature.data,
					sealed->token.data, sealed->token.len,
					public_key) != 0)
		return refuse(why_r, "has a wrong signature");
	return token_read(sy__v1__actor_token__unpack(&arena->allocator,
						      sealed->token.len,
						      sealed->token.data),
			  now_us, actor_r, why_r);
}

int actor_verify(const uint8_t *token, size_t len, int64_t now_us,
		 actor_key_fn *key, void *key_arg, struct actor *actor_r,
		 const char **why_r)
{
	struct arena arena;
	int status;

	if (len > TOKEN_BYTES_MAX)
		return refuse(why_r, "is not an actor token");
	arena_init(&arena);
	status = sealed_read(
		sy__v1__signed_token__unpack(&arena.allocator, len, token),
		now_us, key, key_arg, &arena, actor_r, why_r);
	arena_reset(&arena);
	return status;
}
