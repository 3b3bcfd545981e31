/* secrets.h -- the shape of what people and machines prove themselves with:
 * pure, but for the random bytes. */
#ifndef SUYUAN_DIRECTORY_SECRETS_H
#define SUYUAN_DIRECTORY_SECRETS_H

#include <stdbool.h>
#include <stdint.h>

#include "timeutil.h"

/* NIST SP 800-63B asks for 8 at least and 64 that must be taken. */
#define PASSWORD_CHARS_MIN 12
#define PASSWORD_CHARS_MAX 256
#define INVITE_US (48 * US_PER_HOUR)
#define TOKEN_DAYS_DEFAULT 365
#define TOKEN_DAYS_MAX 3650
#define TOKEN_NOTE_CHARS 200

#define SECRET_HASH_BYTES 32
#define SECRET_TEXT_MAX 64
#define TOKEN_ID_MAX 17

/* 12 to 256 characters, whatever they are. */
bool password_acceptable(const char *password);
/* At most characters, and none of them of control. */
bool note_acceptable(const char *note);

/* 192 random bits as base64url: an invite's code. */
void secret_make_code(char code_r[SECRET_TEXT_MAX]);
/* "sy_ID_SECRET": an API token says of itself which it is. */
void secret_make_token(char token_r[SECRET_TEXT_MAX],
		       char token_id_r[TOKEN_ID_MAX]);
/* What is kept of either: BLAKE2b-256. They are random, so it needs no salt. */
void secret_hash(const char *text, uint8_t hash_r[SECRET_HASH_BYTES]);

#endif
