/* archive_internal.h -- what archive.c (which files there are, reading) and
 * archive_write.c share. */
#ifndef SUYUAN_BUS_ARCHIVE_INTERNAL_H
#define SUYUAN_BUS_ARCHIVE_INTERNAL_H

#include <limits.h>
#include <stdio.h>

#include "bus/archive.h"

#define ARCHIVE_HEADER_BYTES 64
#define ARCHIVE_RECORD_BYTES 8 /* before each record: length, crc32c */
#define ARCHIVE_RECORD_MAX (2 * 1024 * 1024)
#define ARCHIVE_STREAM_MAX 32
#define ARCHIVE_SHARDS 64
#define ARCHIVE_PATH_MAX (PATH_MAX)

/* How far the open file of a shard was when we left it. */
struct archive_end {
	uint64_t file, last;
	uint64_t bytes;
};

struct archive {
	char *dir; /* DIR/STREAM */
	char stream[ARCHIVE_STREAM_MAX];
	size_t file_bytes;
	struct archive_end ends[ARCHIVE_SHARDS]; /* of who writes */
};

struct archive_file {
	uint64_t first, last; /* last 0: still open */
};

struct archive_files {
	struct archive_file *files; /* ascending */
	size_t n;
};

/* Text of a path, in buf. file NULL: the folder. */
const char *archive_path(const struct archive *a, uint32_t shard,
			 const struct archive_file *file,
			 char buf[ARCHIVE_PATH_MAX]);
/* No folder: no files. The caller frees files_r->files. */
int archive_list(const struct archive *a, uint32_t shard,
		 struct archive_files *files_r, struct error *err);
void archive_header(const struct archive *a, uint32_t shard, uint64_t first,
		    uint8_t header[ARCHIVE_HEADER_BYTES]);
uint32_t archive_crc(const uint8_t *length_be, const uint8_t *body, size_t len);

enum archive_record {
	RECORD_GOOD,
	RECORD_END,  /* exactly at the end of the file */
	RECORD_TORN, /* begun and not finished, or not what was written */
};

/* The next record; its body is in buf, of ARCHIVE_RECORD_MAX bytes. */
enum archive_record archive_next(FILE *f, uint8_t *buf, size_t *len_r);

#endif
