/* seal.c -- see seal.h. */
#include "seal.h"

#include <string.h>

#include <sodium.h>

#include "conf.h"

#define SEALED_BYTES                                                           \
	(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES +             \
	 SEAL_ID_BYTES)
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

_Static_assert(SEAL_KEY_BYTES == crypto_secretbox_KEYBYTES, "key");
_Static_assert(sodium_base64_ENCODED_LEN(SEALED_BYTES, VARIANT) <=
		       SEAL_TEXT_MAX,
	       "text");

int seal_key(const char *hex, uint8_t key_r[SEAL_KEY_BYTES], struct error *err)
{
	return conf_key("SUYUAN_SEAL_KEY", hex, key_r, SEAL_KEY_BYTES, err);
}

char *seal_text(const uint8_t key[SEAL_KEY_BYTES],
		const uint8_t id[SEAL_ID_BYTES], char text_r[SEAL_TEXT_MAX])
{
	uint8_t sealed[SEALED_BYTES];

	randombytes_buf(sealed, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, id,
			      SEAL_ID_BYTES, sealed, key);
	return sodium_bin2base64(text_r, SEAL_TEXT_MAX, sealed, sizeof(sealed),
				 VARIANT);
}

int seal_open(const uint8_t key[SEAL_KEY_BYTES], const char *text, size_t len,
	      uint8_t id_r[SEAL_ID_BYTES])
{
	uint8_t sealed[SEALED_BYTES];
	size_t sealed_len;

	if (len >= SEAL_TEXT_MAX ||
	    sodium_base642bin(sealed, sizeof(sealed), text, len, NULL,
			      &sealed_len, NULL, VARIANT) < 0 ||
	    sealed_len != sizeof(sealed))
		return -1;
	return crypto_secretbox_open_easy(
		id_r, sealed + crypto_secretbox_NONCEBYTES,
		sizeof(sealed) - crypto_secretbox_NONCEBYTES, sealed, key);
}
