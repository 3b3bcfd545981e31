/* spool.h -- the file of what was taken and is not acknowledged. Its owner
 * holds a lock around every call. */
#ifndef SUYUAN_SDK_SPOOL_H
#define SUYUAN_SDK_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define SPOOL_LANES 16

struct spool {
	int fd; /* -1: closed */
	char *path;
	char *owner;             /* service and publisher */
	uint8_t instance_id[16]; /* under which its events were numbered */
	/* The first event of the lane in the file has the number base + 1. */
	bool numbered[SPOOL_LANES];
	uint64_t base[SPOOL_LANES];
	uint64_t end_bytes;
	uint64_t torn_bytes; /* cut when opened */

	int new_fd; /* of a rewrite, -1: none */
	uint64_t new_bytes;
	bool new_numbered[SPOOL_LANES];
	uint64_t new_base[SPOOL_LANES];
};

/* An event that stands in the file at at_bytes; false: stop. */
typedef void spool_event_fn(void *arg, unsigned lane, const uint8_t *event,
			    size_t len, uint64_t at_bytes);

/* Makes the file (mode 0600), or locks and reads it. Fails, and changes
 * nothing, when it is locked, another publisher's, or damaged anywhere but at
 * its end. */
int spool_open(struct spool *spool, const char *path, const char *owner,
	       spool_event_fn *event_fn, void *arg, struct error *err);
/* write(2), no more. Nothing of it stays when it fails. */
int spool_append(struct spool *spool, unsigned lane, const uint8_t *event,
		 size_t len, uint64_t *at_bytes_r, struct error *err);
int spool_number(struct spool *spool, unsigned lane, uint64_t base,
		 struct error *err);
/* Bytes that an event of len takes. */
size_t spool_record_bytes(size_t len);

/* A new file with the events that are kept, in their order; it takes the old
 * one's place at commit, durably. Bases are those of the first kept events. */
int spool_rewrite(struct spool *spool, struct error *err);
int spool_keep(struct spool *spool, uint64_t at_bytes, size_t len,
	       uint64_t *at_bytes_r, struct error *err);
void spool_new_base(struct spool *spool, unsigned lane, uint64_t base);
int spool_rewrite_commit(struct spool *spool, struct error *err);
void spool_rewrite_abort(struct spool *spool);

/* remove: it is empty. A zeroed or closed spool: nothing. */
void spool_close(struct spool *spool, bool remove);

#endif
