/* secrets.c -- see secrets.h. Passwords themselves: passwords.c. */
#include "secrets.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define CODE_BYTES 24
#define TOKEN_ID_BYTES 8

static size_t chars_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

bool password_acceptable(const char *password)
{
	size_t n = chars_of(password);

	return n >= PASSWORD_CHARS_MIN && n <= PASSWORD_CHARS_MAX;
}

bool note_acceptable(const char *note)
{
	for (const char *p = note; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return chars_of(note) <= TOKEN_NOTE_CHARS;
}

void secret_make_code(char code_r[SECRET_TEXT_MAX])
{
	uint8_t bytes[CODE_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(code_r, SECRET_TEXT_MAX, bytes, sizeof(bytes),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
}

void secret_make_token(char token_r[SECRET_TEXT_MAX],
		       char token_id_r[TOKEN_ID_MAX])
{
	uint8_t id[TOKEN_ID_BYTES];
	char code[SECRET_TEXT_MAX];

	randombytes_buf(id, sizeof(id));
	sodium_bin2hex(token_id_r, TOKEN_ID_MAX, id, sizeof(id));
	secret_make_code(code);
	snprintf(token_r, SECRET_TEXT_MAX, "sy_%.16s_%.32s", token_id_r, code);
	sodium_memzero(code, sizeof(code));
}

void secret_hash(const char *text, uint8_t hash_r[SECRET_HASH_BYTES])
{
	crypto_generichash(hash_r, SECRET_HASH_BYTES, (const uint8_t *)text,
			   strlen(text), NULL, 0);
}
