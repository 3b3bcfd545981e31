/* uuid.c -- UUIDv7 by RFC 9562, 6.2 method 3: the 12 bits behind the
 * millisecond hold its fraction, so that order is finer than a millisecond, and
 * a value that would not be above the last one takes the last one plus one. */
#include "uuid.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "timeutil.h"

/* libsodium asks the kernel at each call; 64 UUIDs share one. A thread has its
 * own: libsuyuan is called from any. */
static _Thread_local struct {
	uint8_t bytes[64 * 8];
	size_t used;
} pool = { .used = sizeof(pool.bytes) };

/* A child must not repeat what its parent still has in the pool. */
static void drop_pool(void)
{
	pool.used = sizeof(pool.bytes);
}

static void make_ready(void)
{
	if (sodium_init() < 0)
		abort(); /* no random numbers in this system */
	pthread_atfork(NULL, NULL, drop_pool);
}

static void take_random(uint8_t out[8])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_ready);
	if (pool.used == sizeof(pool.bytes)) {
		randombytes_buf(pool.bytes, sizeof(pool.bytes));
		pool.used = 0;
	}
	memcpy(out, pool.bytes + pool.used, 8);
	pool.used += 8;
}

void uuid_make(uint8_t uuid[UUID_BYTES])
{
	static _Thread_local uint64_t
		last; /* 48 bits of ms, 12 bits of 1/4096 ms */
	uint64_t us = (uint64_t)time_now_us();
	uint64_t now = (us / 1000) << 12 | (us % 1000) * 4096 / 1000;

	last = now > last ? now : last + 1;
	for (int i = 0; i < 6; i++)
		uuid[i] = (uint8_t)(last >> (52 - 8 * i));
	uuid[6] = (uint8_t)(0x70 | (last >> 8 & 0x0f));
	uuid[7] = (uint8_t)last;
	take_random(uuid + 8);
	uuid[8] = (uint8_t)(0x80 | (uuid[8] & 0x3f));
}

char *uuid_format(const uint8_t uuid[UUID_BYTES], char text[UUID_TEXT_MAX])
{
	static const char hex[] = "0123456789abcdef";
	char *p = text;

	for (int i = 0; i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[uuid[i] >> 4];
		*p++ = hex[uuid[i] & 0x0f];
	}
	*p = '\0';
	return text;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int uuid_parse(const char *text, uint8_t uuid[UUID_BYTES])
{
	const char *p = text;

	for (int i = 0; i < UUID_BYTES; i++) {
		int high, low;

		if (i == 4 || i == 6 || i == 8 || i == 10) {
			if (*p++ != '-')
				return -1;
		}
		high = nibble(p[0]);
		low = high < 0 ? -1 : nibble(p[1]);
		if (low < 0)
			return -1;
		uuid[i] = (uint8_t)(high << 4 | low);
		p += 2;
	}
	return *p == '\0' ? 0 : -1;
}
