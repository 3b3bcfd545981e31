/* archive.h -- the part of a log that has left the database, as files that
 * replay reads (README.md "Archive" has the bytes). Everything here blocks: for
 * the worker threads of libuv, and for tests. */
#ifndef SUYUAN_BUS_ARCHIVE_H
#define SUYUAN_BUS_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"
#include "suyuan/v1/bus.pb-c.h"

/* A file of this size is sealed and the next one begun. */
#ifdef SUYUAN_FAULT_POINTS
#define ARCHIVE_FILE_BYTES (16 * 1024) /* so that tests come to it */
#else
#define ARCHIVE_FILE_BYTES (16 * 1024 * 1024)
#endif

struct archive;

/* DIR/STREAM is made and locked for a moment, to prove that we may. file_bytes
 * 0: the default. */
int archive_open(struct archive **a_r, const char *dir, const char *stream,
		 size_t file_bytes, struct error *err);
void archive_close(struct archive **a);

/* --- writing: one thread at a time --- */

enum archive_written {
	ARCHIVE_DONE,
	ARCHIVE_LOCKED, /* another process is at it */
	ARCHIVE_FAILED,
};

/* Makes sure that these entries of a shard (dense, n > 0) stand in the archive,
 * durable and read back: those that it holds are compared, the others appended
 * behind its last. What would leave a gap is refused, and so is what differs
 * from what is held. */
enum archive_written archive_append(struct archive *a, uint32_t shard,
				    Sy__V1__LogEntry *const *entries, size_t n,
				    uint64_t *bytes_r, struct error *err);

/* --- reading: any thread --- */

/* Where an offset stands, so that who reads on need not search. All zero: not
 * known. A hint that is not true any more costs a search. */
struct archive_hint {
	uint64_t file; /* first offset of the file */
	uint64_t offset;
	uint64_t position;
};

struct archive_range {
	uint64_t first, until; /* offsets wanted, until included */
	bool and_before;       /* first - 1 comes along, and is not counted */
	size_t max_events, max_bytes;
};

struct archive_batch {
	Sy__V1__LogEntry **entries; /* dense; in the arena */
	size_t n;
	struct archive_hint last; /* of the last entry */
};

/* Entries from range->first on; none: they are not held. One comes whatever its
 * size. hint may be NULL. -1: something is held and cannot be read. */
int archive_read(const struct archive *a, uint32_t shard,
		 const struct archive_range *range,
		 const struct archive_hint *hint, struct arena *arena,
		 struct archive_batch *batch_r, struct error *err);
/* The lowest offset from which on everything before `before` is held; before
 * itself if its predecessor is not. */
uint64_t archive_low(const struct archive *a, uint32_t shard, uint64_t before);

#endif
