/* tokens.c -- API tokens of machines: exchanged for an actor token at the
 * directory, and that kept for a while. What is kept is found by a hash, so
 * that no token stands in our memory longer than its request. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "parts.h"
#include "timeutil.h"

/* A revoked token still opens the door for so long, at most. */
#define KEEP_US (60 * US_PER_S)
/* The actor token must outlive the question that it is sent with. */
#define MARGIN_US (30 * US_PER_S)
#define TOKENS_MAX 10000u
#define TOKEN_MAX_BYTES 256
#define HASH_BYTES 32

struct kept {
	uint8_t hash[HASH_BYTES];
	int64_t until_us; /* monotonic */
	uint8_t *packed;  /* a SignInReply */
	size_t packed_len;
	UT_hash_handle hh;
};

struct tokens {
	struct kept *kept;
};

struct exchanging {
	uint8_t hash[HASH_BYTES];
	session_found_cb *cb;
};

int tokens_open(struct gateway *gw, struct error *err)
{
	gw->tokens = calloc(1, sizeof(*gw->tokens));
	return gw->tokens ? 0 : error_set(err, "tokens: no memory");
}

static void drop(struct tokens *tokens, struct kept *k)
{
	HASH_DEL(tokens->kept, k);
	free(k->packed);
	free(k);
}

void tokens_forget(struct gateway *gw)
{
	struct kept *k, *next;

	HASH_ITER (hh, gw->tokens->kept, k, next)
		drop(gw->tokens, k);
}

void tokens_close(struct gateway *gw)
{
	if (!gw->tokens)
		return;
	tokens_forget(gw);
	free(gw->tokens);
	gw->tokens = NULL;
}

static void keep(struct gateway *gw, const uint8_t *hash,
		 const Sy__V1__SignInReply *reply)
{
	struct tokens *tokens = gw->tokens;
	int64_t left_us = reply->expires_at_us - time_now_us() - MARGIN_US;
	struct kept *k;

	if (left_us <= 0)
		return;
	if (HASH_COUNT(tokens->kept) >= TOKENS_MAX)
		tokens_forget(gw);
	HASH_FIND(hh, tokens->kept, hash, HASH_BYTES, k);
	if (k)
		drop(tokens, k);
	k = calloc(1, sizeof(*k));
	if (!k)
		abort();
	memcpy(k->hash, hash, HASH_BYTES);
	k->until_us =
		time_monotonic_us() + (left_us < KEEP_US ? left_us : KEEP_US);
	k->packed_len = sy__v1__sign_in_reply__get_packed_size(reply);
	k->packed = malloc(k->packed_len + 1);
	if (!k->packed)
		abort();
	sy__v1__sign_in_reply__pack(reply, k->packed);
	HASH_ADD(hh, tokens->kept, hash, HASH_BYTES, k);
}

/* reply lives in the request's arena. */
static void found(struct request *req, const Sy__V1__SignInReply *reply,
		  session_found_cb *cb)
{
	struct caller *caller = arena_alloc(&req->arena, sizeof(*caller));

	caller->principal = reply->principal;
	caller->actor_token = reply->actor_token;
	caller->expires_at_us = reply->expires_at_us;
	cb(req, caller, NULL);
}

static void exchanged_cb(struct request *req, const Sy__V1__Error *error,
			 const ProtobufCMessage *message)
{
	const Sy__V1__SignInReply *reply = (const Sy__V1__SignInReply *)message;
	const struct exchanging *ex = req->token_exchange;

	if (!error && reply->principal) {
		keep(req->gw, ex->hash, reply);
		found(req, reply, ex->cb);
	} else if (error && problem_status(error->code) >= 500) {
		ex->cb(req, NULL, error);
	} else {
		/* Unknown, expired, revoked: told apart to nobody. */
		ex->cb(req, NULL, NULL);
	}
}

void tokens_find(struct request *req, const char *token, session_found_cb *cb)
{
	Sy__V1__ExchangeApiTokenRequest ask =
		SY__V1__EXCHANGE_API_TOKEN_REQUEST__INIT;
	struct exchanging *ex = arena_alloc(&req->arena, sizeof(*ex));
	size_t len = strlen(token);
	struct kept *k;

	if (len == 0 || len > TOKEN_MAX_BYTES) {
		cb(req, NULL, NULL);
		return;
	}
	crypto_generichash(ex->hash, sizeof(ex->hash), (const uint8_t *)token,
			   len, NULL, 0);
	HASH_FIND(hh, req->gw->tokens->kept, ex->hash, HASH_BYTES, k);
	if (k && k->until_us > time_monotonic_us()) {
		found(req,
		      sy__v1__sign_in_reply__unpack(&req->arena.allocator,
						    k->packed_len, k->packed),
		      cb);
		return;
	}
	ex->cb = cb;
	req->token_exchange = ex;
	ask.token = (char *)token;
	request_ask(req, PEER_DIRECTORY, "ExchangeApiToken", &ask.base, NULL,
		    NULL, exchanged_cb);
}
