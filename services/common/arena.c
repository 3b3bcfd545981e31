/* arena.c -- blocks of 64 KiB that are cut from the front; what is larger than
 * a quarter of that gets a block of its own. */
#include "arena.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define BLOCK_BYTES ((size_t)64 * 1024)
#define LARGE_BYTES (BLOCK_BYTES / 4)
#define ALIGNMENT alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t used, size; /* of data */
	alignas(max_align_t) uint8_t data[];
};

/* Whole blocks are kept for the next batch: a batch comes every millisecond,
 * and malloc would give 64 KiB back to the kernel and fault it in again. Not
 * under ASan, which then sees the use of freed memory; gcc says so by a macro,
 * clang by a feature. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SPARE_BLOCKS 0
#else
#define SPARE_BLOCKS 64
#endif
static _Thread_local struct arena_block *spare;
static _Thread_local int spare_nr;

/* A thread of a program with libsuyuan may end long before the program: its
 * blocks go with it. The key's value says only that there is something to
 * free. */
static pthread_key_t spare_key;
static pthread_once_t spare_once = PTHREAD_ONCE_INIT;
static bool spare_key_made;

static void free_spare_cb(void *unused)
{
	(void)unused;
	while (spare) {
		struct arena_block *block = spare;

		spare = block->next;
		free(block);
	}
	spare_nr = 0;
}

static void make_spare_key(void)
{
	spare_key_made = pthread_key_create(&spare_key, free_spare_cb) == 0;
}

/* False: nobody would free it. */
static bool keep(struct arena_block *block)
{
	if (spare_nr == 0) {
		pthread_once(&spare_once, make_spare_key);
		if (!spare_key_made ||
		    pthread_setspecific(spare_key, &spare) != 0)
			return false;
	}
	block->next = spare;
	spare = block;
	spare_nr++;
	return true;
}

static struct arena_block *new_block(size_t size)
{
	struct arena_block *block = NULL;

	if (size == BLOCK_BYTES && spare) {
		block = spare;
		spare = block->next;
		spare_nr--;
	} else if (size <= SIZE_MAX - sizeof(*block)) {
		block = malloc(sizeof(*block) + size);
	}
	if (!block) {
		log_error("out of memory: %zu bytes", size);
		abort();
	}
	block->used = 0;
	block->size = size;
	return block;
}

static void free_block(struct arena_block *block)
{
	if (block->size != BLOCK_BYTES || spare_nr >= SPARE_BLOCKS ||
	    !keep(block))
		free(block);
}

/* Its own block stands behind the first one, which is still being cut. */
static void *alloc_large(struct arena *a, size_t size)
{
	struct arena_block *block = new_block(size);

	block->used = size;
	if (a->blocks) {
		block->next = a->blocks->next;
		a->blocks->next = block;
	} else {
		block->next = NULL;
		a->blocks = block;
	}
	return block->data;
}

/* Not zeroed. */
static void *alloc_raw(struct arena *a, size_t size)
{
	struct arena_block *block = a->blocks;
	void *p;

	if (size > LARGE_BYTES)
		return alloc_large(a, size);
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (!block || block->size - block->used < size) {
		block = new_block(BLOCK_BYTES);
		block->next = a->blocks;
		a->blocks = block;
	}
	p = block->data + block->used;
	block->used += size;
	return p;
}

static void *protobuf_alloc_cb(void *arg, size_t size)
{
	return alloc_raw(arg, size);
}

static void protobuf_free_cb(void *arg, void *data)
{
	(void)arg;
	(void)data;
}

void arena_init(struct arena *a)
{
	a->blocks = NULL;
	a->allocator.alloc = protobuf_alloc_cb;
	a->allocator.free = protobuf_free_cb;
	a->allocator.allocator_data = a;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(alloc_raw(a, size), 0, size);
}

void *arena_memdup(struct arena *a, const void *data, size_t len)
{
	void *copy = alloc_raw(a, len);

	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_memdup(a, text, strlen(text) + 1);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *text;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = alloc_raw(a, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return text;
}

void arena_reset(struct arena *a)
{
	struct arena_block *block = a->blocks;

	while (block) {
		struct arena_block *next = block->next;

		free_block(block);
		block = next;
	}
	a->blocks = NULL;
}
