/* test_actor.c -- actor tokens: what the directory signs is taken, anything
 * else is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "bus/actor.h"

#define NOW_US INT64_C(1700000000000000)
#define SECOND_US INT64_C(1000000)

struct fixture {
	struct arena arena;
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	bool revoked;
	struct actor actor;
	const char *why;
};

static const uint8_t *key_of(void *arg, const char *key_id)
{
	const struct fixture *f = arg;

	return strcmp(key_id, "k1") == 0 && !f->revoked ? f->public_key : NULL;
}

static int setup(void **state)
{
	static struct fixture f;

	assert_true(sodium_init() >= 0);
	f = (struct fixture){ .why = "" };
	arena_init(&f.arena);
	crypto_sign_keypair(f.public_key, f.secret);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_reset(&f->arena);
	return 0;
}

static struct actor anna(void)
{
	struct actor actor = { .principal = "anna",
			       .issued_at_us = NOW_US,
			       .expires_at_us = NOW_US + ACTOR_TOKEN_US };

	memset(actor.session_id, 7, sizeof(actor.session_id));
	return actor;
}

static ProtobufCBinaryData sign(struct fixture *f, const struct actor *actor)
{
	return actor_sign(actor, "k1", f->secret, &f->arena);
}

static int verify_at(struct fixture *f, const uint8_t *token, size_t len,
		     int64_t now_us)
{
	f->why = "";
	memset(&f->actor, 0, sizeof(f->actor));
	return actor_verify(token, len, now_us, key_of, f, &f->actor, &f->why);
}

/* Refused, for a reason, and nothing of it leaked out. */
static void assert_refused(struct fixture *f, ProtobufCBinaryData token,
			   int64_t now_us, const char *why)
{
	assert_int_equal(verify_at(f, token.data, token.len, now_us), -1);
	assert_string_equal(f->why, why);
	assert_string_equal(f->actor.principal, "");
}

static void good(void **state)
{
	struct fixture *f = *state;
	struct actor actor = anna();
	ProtobufCBinaryData token = sign(f, &actor);

	assert_int_equal(verify_at(f, token.data, token.len, NOW_US), 0);
	assert_string_equal(f->actor.principal, "anna");
	assert_memory_equal(f->actor.session_id, actor.session_id, 16);
	assert_int_equal(f->actor.issued_at_us, actor.issued_at_us);
	assert_int_equal(f->actor.expires_at_us, actor.expires_at_us);
}

static void times(void **state)
{
	struct fixture *f = *state;
	struct actor actor = anna();
	ProtobufCBinaryData token = sign(f, &actor);

	assert_int_equal(
		verify_at(f, token.data, token.len, actor.expires_at_us - 1),
		0);
	assert_refused(f, token, actor.expires_at_us, "has expired");
	assert_refused(f, token, INT64_MAX, "has expired");
	/* A clock that is a minute behind is borne with. */
	assert_int_equal(
		verify_at(f, token.data, token.len, NOW_US - 60 * SECOND_US),
		0);
	assert_refused(f, token, NOW_US - 60 * SECOND_US - 1,
		       "was issued in the future");
	assert_refused(f, token, 0, "was issued in the future");
}

static void keys(void **state)
{
	struct fixture *f = *state;
	struct actor actor = anna();
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	crypto_sign_keypair(public_key, secret);
	assert_refused(f, actor_sign(&actor, "k2", f->secret, &f->arena),
		       NOW_US, "is signed with an unknown key");
	assert_refused(f, actor_sign(&actor, "", f->secret, &f->arena), NOW_US,
		       "is signed with an unknown key");
	assert_refused(f, actor_sign(&actor, "k1", secret, &f->arena), NOW_US,
		       "has a wrong signature");
	f->revoked = true;
	assert_refused(f, sign(f, &actor), NOW_US,
		       "is signed with an unknown key");
}

static void damaged(void **state)
{
	struct fixture *f = *state;
	struct actor actor = anna();
	ProtobufCBinaryData token = sign(f, &actor);
	uint8_t copy[512];

	assert_true(token.len < sizeof(copy));
	for (size_t len = 0; len < token.len; len++)
		assert_int_equal(verify_at(f, token.data, len, NOW_US), -1);
	for (size_t bit = 0; bit < 8 * token.len; bit++) {
		memcpy(copy, token.data, token.len);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(verify_at(f, copy, token.len, NOW_US), -1);
		assert_true(f->why[0]);
	}
	memset(copy, 0, sizeof(copy));
	assert_int_equal(verify_at(f, copy, sizeof(copy), NOW_US), -1);
}

/* Well signed, and still no token. */
static void senseless(void **state)
{
	struct fixture *f = *state;
	struct actor nameless = anna();
	static uint8_t large[4096];

	nameless.principal[0] = '\0';
	assert_refused(f, sign(f, &nameless), NOW_US, "is not an actor token");
	assert_int_equal(verify_at(f, large, sizeof(large), NOW_US), -1);
}

/* A principal's name that is too long, a session of another length. */
static void misshapen(void **state)
{
	struct fixture *f = *state;
	char name[PRINCIPAL_MAX + 1];
	uint8_t bytes[256], session[16] = { 0 };
	uint8_t signature[crypto_sign_BYTES];

	memset(name, 'a', PRINCIPAL_MAX);
	name[PRINCIPAL_MAX] = '\0';
	for (int i = 0; i < 2; i++) {
		Sy__V1__ActorToken token = SY__V1__ACTOR_TOKEN__INIT;
		Sy__V1__SignedToken sealed = SY__V1__SIGNED_TOKEN__INIT;
		ProtobufCBinaryData packed;

		token.principal = i == 0 ? name : name + 1;
		token.session_id.data = session;
		token.session_id.len = i == 0 ? 16 : 15;
		token.issued_at_us = NOW_US;
		token.expires_at_us = NOW_US + 1;
		sealed.token.len = sy__v1__actor_token__pack(&token, bytes);
		sealed.token.data = bytes;
		crypto_sign_detached(signature, NULL, bytes, sealed.token.len,
				     f->secret);
		sealed.signature.data = signature;
		sealed.signature.len = sizeof(signature);
		sealed.key_id = (char *)"k1";
		packed.len = sy__v1__signed_token__get_packed_size(&sealed);
		packed.data = arena_alloc(&f->arena, packed.len);
		sy__v1__signed_token__pack(&sealed, packed.data);
		assert_refused(f, packed, NOW_US, "is not an actor token");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(good, setup, teardown),
		cmocka_unit_test_setup_teardown(times, setup, teardown),
		cmocka_unit_test_setup_teardown(keys, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(senseless, setup, teardown),
		cmocka_unit_test_setup_teardown(misshapen, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
