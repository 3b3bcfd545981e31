/* arena.h -- memory that is freed all at once: one batch, one request. */
#ifndef SUYUAN_ARENA_H
#define SUYUAN_ARENA_H

#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

struct arena_block;
struct arena {
	struct arena_block *blocks;
	ProtobufCAllocator allocator; /* valid after arena_init */
};

void arena_init(struct arena *a);
/* Zeroed, aligned for any type. Aborts the process when memory is out (a
 * crash is a case that the log survives). */
__attribute__((returns_nonnull)) void *arena_alloc(struct arena *a,
						   size_t size);
char *arena_strdup(struct arena *a, const char *text);
void *arena_memdup(struct arena *a, const void *data, size_t len);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *a,
							 const char *fmt, ...);
/* Frees all that was allocated; the arena can be used again. */
void arena_reset(struct arena *a);

/* protobuf-c messages that live in the arena: pass &a->allocator to unpack
 * and never call free_unpacked. */

#endif
