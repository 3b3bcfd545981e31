/* uuid.h -- UUID version 7 (RFC 9562): ordered by time of making. */
#ifndef SUYUAN_UUID_H
#define SUYUAN_UUID_H

#include <stdint.h>

#define UUID_BYTES 16
#define UUID_TEXT_MAX 37

/* Monotone within the process, random elsewhere (libsodium). */
void uuid_make(uint8_t uuid[UUID_BYTES]);
/* Lower case with hyphens; returns text. */
char *uuid_format(const uint8_t uuid[UUID_BYTES], char text[UUID_TEXT_MAX]);
/* 0 or -1: not 36 characters of a UUID. */
int uuid_parse(const char *text, uint8_t uuid[UUID_BYTES]);

#endif
