/* token.c -- actor tokens: only what the key has signed is believed. */
#include <string.h>

#include <sodium.h>

#include "../lib/fuzz.h"
#include "bus/actor.h"
#include "timeutil.h"

static uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
static uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint8_t seed[crypto_sign_SEEDBYTES] = "fuzz";

	(void)argc;
	(void)argv;
	REQUIRE(sodium_init() >= 0);
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	return 0;
}

static const uint8_t *key(void *arg, const char *key_id)
{
	(void)arg;
	return strcmp(key_id, "fuzz") == 0 ? public_key : NULL;
}

/* A token with the input's bytes, rightly signed: the signer may be newer. */
static void verify_signed(const uint8_t *data, size_t size, int64_t now_us)
{
	Sy__V1__SignedToken sealed = SY__V1__SIGNED_TOKEN__INIT;
	uint8_t signature[crypto_sign_BYTES], packed[2048];
	const char *why = NULL;
	struct actor actor;

	if (size > 1024)
		return;
	crypto_sign_detached(signature, NULL, data, size, secret_key);
	sealed.token.data = (uint8_t *)data;
	sealed.token.len = size;
	sealed.signature.data = signature;
	sealed.signature.len = sizeof(signature);
	sealed.key_id = (char *)"fuzz";
	size = sy__v1__signed_token__pack(&sealed, packed);
	if (actor_verify(packed, size, now_us, key, NULL, &actor, &why) < 0) {
		REQUIRE(why && *why);
		return;
	}
	REQUIRE(*actor.principal && now_us < actor.expires_at_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int64_t now_us = INT64_C(1772359200) * US_PER_S;
	const char *why = NULL;
	struct actor actor;

	if (actor_verify(data, size, now_us, key, NULL, &actor, &why) < 0)
		REQUIRE(why && *why);
	else
		REQUIRE(strcmp(actor.principal, "office") == 0);
	verify_signed(data, size, now_us);
	return 0;
}
