/* test_seal.c -- what a browser keeps of its session: opens with its key only,
 * and not when one bit of it differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "gateway/seal.h"

static const char key_hex[] =
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const uint8_t id[SEAL_ID_BYTES] = "0123456789abcde";

static void a_key_is_64_hex_digits(void **state)
{
	uint8_t key[SEAL_KEY_BYTES];
	struct error err;

	(void)state;
	assert_int_equal(seal_key(key_hex, key, &err), 0);
	assert_int_equal(key[0], 0);
	assert_int_equal(key[31], 0x1f);
	assert_int_equal(seal_key("", key, &err), -1);
	assert_int_equal(seal_key(key_hex + 2, key, &err), -1);
	assert_int_equal(seal_key("zz0102030405060708090a0b0c0d0e0f"
				  "101112131415161718191a1b1c1d1e1f",
				  key, &err),
			 -1);
	assert_null(strstr(err.text, "zz")); /* never the value */
}

static void opens_what_was_sealed(void **state)
{
	uint8_t key[SEAL_KEY_BYTES], opened[SEAL_ID_BYTES];
	char text[SEAL_TEXT_MAX], again[SEAL_TEXT_MAX];

	(void)state;
	seal_key(key_hex, key, NULL);
	seal_text(key, id, text);
	assert_int_equal(seal_open(key, text, strlen(text), opened), 0);
	assert_memory_equal(opened, id, sizeof(id));
	/* fit for a cookie as it is (RFC 6265) */
	assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789-_"),
			 strlen(text));
	/* the id cannot be recognised in it, nor in a second one */
	assert_string_not_equal(seal_text(key, id, again), text);
}

static void refuses_what_was_changed(void **state)
{
	uint8_t key[SEAL_KEY_BYTES], opened[SEAL_ID_BYTES];
	char text[SEAL_TEXT_MAX], bad[SEAL_TEXT_MAX + 8];
	size_t len;

	(void)state;
	seal_key(key_hex, key, NULL);
	len = strlen(seal_text(key, id, text));
	for (size_t i = 0; i < len; i++) {
		memcpy(bad, text, len + 1);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		assert_int_equal(seal_open(key, bad, len, opened), -1);
	}
	for (size_t shorter = 0; shorter < len; shorter++)
		assert_int_equal(seal_open(key, text, shorter, opened), -1);
	memset(bad, 'A', sizeof(bad));
	memcpy(bad, text, len);
	assert_int_equal(seal_open(key, bad, len + 4, opened), -1);
	assert_int_equal(seal_open(key, "not base64: ; \x80", 15, opened), -1);
}

static void refuses_another_key(void **state)
{
	uint8_t key[SEAL_KEY_BYTES], opened[SEAL_ID_BYTES];
	char text[SEAL_TEXT_MAX];

	(void)state;
	seal_key(key_hex, key, NULL);
	seal_text(key, id, text);
	key[31] ^= 1;
	assert_int_equal(seal_open(key, text, strlen(text), opened), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_64_hex_digits),
		cmocka_unit_test(opens_what_was_sealed),
		cmocka_unit_test(refuses_what_was_changed),
		cmocka_unit_test(refuses_another_key),
	};

	return sodium_init() < 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
