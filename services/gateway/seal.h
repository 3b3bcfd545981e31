/* seal.h -- what the browser keeps: the id of a session, sealed with a key that
 * only gateways have (libsodium secretbox), so that an id out of the database
 * opens nothing. */
#ifndef SUYUAN_GATEWAY_SEAL_H
#define SUYUAN_GATEWAY_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define SEAL_KEY_BYTES 32
#define SEAL_ID_BYTES 16
/* base64url of nonce, MAC and id, without padding, and NUL. */
#define SEAL_TEXT_MAX 80

/* 64 hex digits. */
int seal_key(const char *hex, uint8_t key_r[SEAL_KEY_BYTES], struct error *err);
/* Another text at each call. Returns text_r. */
char *seal_text(const uint8_t key[SEAL_KEY_BYTES],
		const uint8_t id[SEAL_ID_BYTES], char text_r[SEAL_TEXT_MAX]);
/* 0, or -1: not sealed with this key, or damaged. len: without NUL. */
int seal_open(const uint8_t key[SEAL_KEY_BYTES], const char *text, size_t len,
	      uint8_t id_r[SEAL_ID_BYTES]);

#endif
