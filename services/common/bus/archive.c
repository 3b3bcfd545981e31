/* archive.c -- reading the files of an archive.
 *
 *	DIR/STREAM/03/FIRST-LAST.log   sealed: every byte must be right
 *	DIR/STREAM/03/FIRST.open       grows; what is torn at its end is not
 *there
 *
 * A reader never locks: it sees an open file as far as its records are whole.
 */
#include "bus/archive.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <isa-l/crc.h>
#include <stdlib.h>
#include <string.h>

#include "bus/archive_internal.h"
#include "bus/must.h"

#define MAGIC "SUYUARCH"
#define VERSION 1
#define HEADER_CRC_AT 60
#define BUFFER_BYTES (256 * 1024)

/* --- bytes --- */

uint32_t archive_crc(const uint8_t *length_be, const uint8_t *body, size_t len)
{
	uint32_t crc = crc32_iscsi((unsigned char *)length_be, 4, ~0U);

	return ~crc32_iscsi((unsigned char *)body, (int)len, crc);
}

void archive_header(const struct archive *a, uint32_t shard, uint64_t first,
		    uint8_t header[ARCHIVE_HEADER_BYTES])
{
	uint32_t version_be = htobe32(VERSION), shard_be = htobe32(shard);
	uint64_t first_be = htobe64(first);
	uint32_t crc_be;

	memset(header, 0, ARCHIVE_HEADER_BYTES);
	memcpy(header, MAGIC, 8);
	memcpy(header + 8, &version_be, 4);
	memcpy(header + 12, &shard_be, 4);
	memcpy(header + 16, &first_be, 8);
	memcpy(header + 24, a->stream, ARCHIVE_STREAM_MAX);
	crc_be = htobe32(~crc32_iscsi(header, HEADER_CRC_AT, ~0U));
	memcpy(header + HEADER_CRC_AT, &crc_be, 4);
}

enum archive_record archive_next(FILE *f, uint8_t *buf, size_t *len_r)
{
	uint8_t head[ARCHIVE_RECORD_BYTES];
	size_t got = fread(head, 1, sizeof(head), f);
	uint32_t len_be, crc_be;

	if (got == 0)
		return RECORD_END;
	if (got < sizeof(head))
		return RECORD_TORN;
	memcpy(&len_be, head, 4);
	memcpy(&crc_be, head + 4, 4);
	*len_r = be32toh(len_be);
	if (*len_r == 0 || *len_r > ARCHIVE_RECORD_MAX ||
	    fread(buf, 1, *len_r, f) < *len_r ||
	    be32toh(crc_be) != archive_crc(head, buf, *len_r))
		return RECORD_TORN;
	return RECORD_GOOD;
}

/* --- which files there are --- */

const char *archive_path(const struct archive *a, uint32_t shard,
			 const struct archive_file *file,
			 char buf[ARCHIVE_PATH_MAX])
{
	if (!file)
		snprintf(buf, ARCHIVE_PATH_MAX, "%s/%02" PRIu32, a->dir, shard);
	else if (!file->last)
		snprintf(buf, ARCHIVE_PATH_MAX,
			 "%s/%02" PRIu32 "/%020" PRIu64 ".open", a->dir, shard,
			 file->first);
	else
		snprintf(buf, ARCHIVE_PATH_MAX,
			 "%s/%02" PRIu32 "/%020" PRIu64 "-%020" PRIu64 ".log",
			 a->dir, shard, file->first, file->last);
	return buf;
}

/* Whatever else lies there is not ours. */
static bool file_of_name(const char *name, struct archive_file *file_r)
{
	char again[64];

	file_r->last = 0;
	if (sscanf(name, "%20" SCNu64 "-%20" SCNu64 ".log", &file_r->first,
		   &file_r->last) == 2)
		snprintf(again, sizeof(again),
			 "%020" PRIu64 "-%020" PRIu64 ".log", file_r->first,
			 file_r->last);
	else if (sscanf(name, "%20" SCNu64 ".open", &file_r->first) == 1)
		snprintf(again, sizeof(again), "%020" PRIu64 ".open",
			 file_r->first);
	else
		return false;
	return strcmp(name, again) == 0;
}

static int by_first(const void *a, const void *b)
{
	const struct archive_file *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

int archive_list(const struct archive *a, uint32_t shard,
		 struct archive_files *files_r, struct error *err)
{
	char path[ARCHIVE_PATH_MAX];
	DIR *dir = opendir(archive_path(a, shard, NULL, path));
	struct archive_file file;
	size_t cap = 0;

	*files_r = (struct archive_files){ NULL, 0 };
	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return error_set(err, "shard %" PRIu32 ": %s", shard,
				 strerror(errno));
	for (const struct dirent *e; (e = readdir(dir));) {
		if (!file_of_name(e->d_name, &file))
			continue;
		if (files_r->n == cap) {
			cap = cap ? 2 * cap : 16;
			files_r->files = must_realloc(
				files_r->files, cap * sizeof(*files_r->files));
		}
		files_r->files[files_r->n++] = file;
	}
	closedir(dir);
	if (files_r->n)
		qsort(files_r->files, files_r->n, sizeof(*files_r->files),
		      by_first);
	return 0;
}

/* --- reading --- */

struct reading {
	const struct archive *a;
	uint32_t shard;
	const struct archive_range *range;
	struct arena *arena;
	struct archive_batch *batch;
	size_t bytes, cap;
	uint8_t *buf;
	bool full; /* a limit is reached */
};

static int broken(const struct reading *r, const struct archive_file *file,
		  const char *why, struct error *err)
{
	return error_set(err, "shard %" PRIu32 ", file from %" PRIu64 ": %s",
			 r->shard, file->first, why);
}

/* The file may be sealed, that is renamed, between list and open. */
static FILE *open_file(const struct reading *r, struct archive_file *file)
{
	char path[ARCHIVE_PATH_MAX];
	FILE *f = fopen(archive_path(r->a, r->shard, file, path), "re");
	struct archive_files files;

	if (f || errno != ENOENT || file->last ||
	    archive_list(r->a, r->shard, &files, NULL) < 0)
		return f;
	for (size_t i = 0; i < files.n; i++) {
		if (files.files[i].first != file->first)
			continue;
		*file = files.files[i];
		f = fopen(archive_path(r->a, r->shard, file, path), "re");
	}
	free(files.files);
	return f;
}

static uint64_t wanted_from(const struct archive_range *range)
{
	return range->first - (range->and_before ? 1 : 0);
}

/* Keeps an entry if it is wanted. 0, or -1: it is not the one with this offset.
 */
static int take(struct reading *r, uint64_t offset, size_t len)
{
	bool counted = offset >= r->range->first;
	Sy__V1__LogEntry *entry;

	if (offset < wanted_from(r->range))
		return 0;
	entry = sy__v1__log_entry__unpack(&r->arena->allocator, len, r->buf);
	if (!entry || entry->offset != offset)
		return -1;
	r->bytes += counted ? entry->event.len : 0;
	if (offset > r->range->first && r->bytes > r->range->max_bytes) {
		r->full = true;
		return 0;
	}
	if (r->batch->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 64;
		Sy__V1__LogEntry **more =
			arena_alloc(r->arena, cap * sizeof(*more));

		if (r->cap)
			memcpy(more, r->batch->entries, r->cap * sizeof(*more));
		r->batch->entries = more;
		r->cap = cap;
	}
	r->batch->entries[r->batch->n++] = entry;
	r->full = offset == r->range->until ||
		  (counted &&
		   offset - r->range->first + 1 == r->range->max_events);
	return 0;
}

/* Reads what is wanted of one file, from a position in it that holds offset. */
static int read_records(struct reading *r, const struct archive_file *file,
			FILE *f, uint64_t offset, uint64_t position,
			struct error *err)
{
	size_t len;

	for (;; offset++) {
		enum archive_record record = archive_next(f, r->buf, &len);

		if (record == RECORD_TORN && file->last)
			return broken(r, file, "a record is damaged", err);
		if (record != RECORD_GOOD)
			break;
		if (take(r, offset, len) < 0)
			return broken(r, file, "a record is out of place", err);
		if (r->full &&
		    r->batch->entries[r->batch->n - 1]->offset < offset)
			return 0; /* this one is not taken any more */
		if (offset >= wanted_from(r->range))
			r->batch->last =
				(struct archive_hint){ file->first, offset,
						       position };
		position += ARCHIVE_RECORD_BYTES + len;
		if (r->full)
			return 0;
	}
	if (file->last && offset != file->last + 1)
		return broken(r, file, "it ends before its name says", err);
	return 0;
}

static int read_file(struct reading *r, struct archive_file *file,
		     const struct archive_hint *hint, struct error *err)
{
	uint8_t wanted[ARCHIVE_HEADER_BYTES], header[ARCHIVE_HEADER_BYTES];
	uint64_t offset = file->first, position = ARCHIVE_HEADER_BYTES;
	FILE *f = open_file(r, file);
	int status;

	if (!f)
		return broken(r, file, strerror(errno), err);
	setvbuf(f, NULL, _IOFBF, BUFFER_BYTES);
	archive_header(r->a, r->shard, file->first, wanted);
	if (fread(header, 1, sizeof(header), f) < sizeof(header)) {
		/* One that is being made has no record yet. */
		fclose(f);
		return file->last ? broken(r, file, "no header", err) : 0;
	}
	if (memcmp(header, wanted, sizeof(header)) != 0) {
		fclose(f);
		return broken(r, file, "another file's header", err);
	}
	if (hint && hint->file == file->first && hint->offset > offset &&
	    hint->offset <= wanted_from(r->range) &&
	    fseeko(f, (off_t)hint->position, SEEK_SET) == 0) {
		offset = hint->offset;
		position = hint->position;
	}
	status = read_records(r, file, f, offset, position, err);
	fclose(f);
	return status;
}

int archive_read(const struct archive *a, uint32_t shard,
		 const struct archive_range *range,
		 const struct archive_hint *hint, struct arena *arena,
		 struct archive_batch *batch_r, struct error *err)
{
	struct reading r = { .a = a,
			     .shard = shard,
			     .range = range,
			     .arena = arena,
			     .batch = batch_r };
	struct archive_files files;
	uint64_t next = wanted_from(range);
	int status = 0;

	*batch_r = (struct archive_batch){ NULL, 0, { 0, 0, 0 } };
	if (next > range->until)
		return 0;
	if (archive_list(a, shard, &files, err) < 0)
		return -1;
	r.buf = must_realloc(NULL, ARCHIVE_RECORD_MAX);
	for (size_t i = 0; i < files.n && status == 0 && !r.full; i++) {
		struct archive_file *file = &files.files[i];

		if ((file->last && file->last < next) || file->first > next)
			continue;
		status = read_file(&r, file, hint, err);
		if (batch_r->n)
			next = batch_r->entries[batch_r->n - 1]->offset + 1;
	}
	free(r.buf);
	free(files.files);
	/* Damage, or only a hint of what stood there before? */
	if (hint && hint->file && (status < 0 || batch_r->n == 0))
		return archive_read(a, shard, range, NULL, arena, batch_r, err);
	return status;
}

uint64_t archive_low(const struct archive *a, uint32_t shard, uint64_t before)
{
	struct archive_files files;
	uint64_t low = before;

	if (archive_list(a, shard, &files, NULL) < 0)
		return before;
	for (size_t i = files.n; i-- > 0;) {
		const struct archive_file *file = &files.files[i];

		/* How far an open one reaches is known by reading it: it is the
		 * last, and what left the database stands in it. */
		if (file->first < low && (!file->last || file->last + 1 >= low))
			low = file->first;
	}
	free(files.files);
	return low;
}
