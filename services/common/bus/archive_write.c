/* archive_write.c -- appending to an archive, so that a crash at any place
 *costs nothing: what stands behind the last whole record is cut off by the next
 * append, and nobody removes an event from the database before it was read back
 * from the file.
 *
 *	lock -> find the end -> append -> fsync -> read back -> seal if full */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus/archive_internal.h"
#include "bus/must.h"
#include "fault.h"
#include "log.h"

/* -1 is an error, with errno. */
static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return status;
}

/* Durable, also when a run before us made it and died. */
static int make_folder(const char *path, const char *parent)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -1;
	return sync_folder(parent);
}

/* The descriptor that holds the lock; -1: errno is EWOULDBLOCK or an error. */
static int lock(const struct archive *a)
{
	char path[ARCHIVE_PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", a->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int archive_open(struct archive **a_r, const char *dir, const char *stream,
		 size_t file_bytes, struct error *err)
{
	struct archive *a = must_calloc(1, sizeof(*a));
	size_t size = strlen(dir) + strlen(stream) + 2;
	int fd;

	*a_r = NULL;
	a->file_bytes = file_bytes ? file_bytes : ARCHIVE_FILE_BYTES;
	a->dir = must_calloc(1, size);
	snprintf(a->dir, size, "%s/%s", dir, stream);
	snprintf(a->stream, sizeof(a->stream), "%s", stream);
	if (make_folder(a->dir, dir) < 0)
		goto fail;
	fd = lock(a);
	if (fd < 0 && errno != EWOULDBLOCK)
		goto fail;
	if (fd >= 0)
		close(fd);
	*a_r = a;
	return 0;
fail:
	error_set(err, "cannot be written: %s", strerror(errno));
	archive_close(&a);
	return -1;
}

void archive_close(struct archive **a_p)
{
	struct archive *a = a_p ? *a_p : NULL;

	if (!a)
		return;
	*a_p = NULL;
	free(a->dir);
	free(a);
}

/* --- where the archive of a shard ends --- */

/* The open file that goes on, file 0: none. last: of the whole shard. */
struct end {
	struct archive_file open;
	uint64_t last;
	uint64_t bytes; /* of the open file that are whole */
	uint64_t file_bytes;
};

static int count_records(const struct archive *a, uint32_t shard,
			 struct end *end, struct error *err)
{
	uint8_t wanted[ARCHIVE_HEADER_BYTES], header[ARCHIVE_HEADER_BYTES];
	char path[ARCHIVE_PATH_MAX];
	FILE *f = fopen(archive_path(a, shard, &end->open, path), "re");
	uint8_t *buf;
	size_t len;

	if (!f)
		return error_set(err, "shard %" PRIu32 ": %s", shard,
				 strerror(errno));
	archive_header(a, shard, end->open.first, wanted);
	len = fread(header, 1, sizeof(header), f);
	if (len == sizeof(header) && memcmp(header, wanted, len) != 0) {
		fclose(f);
		return error_set(err,
				 "shard %" PRIu32 ", file from %" PRIu64
				 ": another file's header",
				 shard, end->open.first);
	}
	if (len < sizeof(header)) { /* no record was written yet */
		end->bytes = 0;
		fclose(f);
		return 0;
	}
	end->bytes = sizeof(header);
	buf = must_realloc(NULL, ARCHIVE_RECORD_MAX);
	while (archive_next(f, buf, &len) == RECORD_GOOD) {
		end->bytes += ARCHIVE_RECORD_BYTES + len;
		end->last++;
	}
	free(buf);
	fclose(f);
	return 0;
}

static int find_end(const struct archive *a, uint32_t shard, struct end *end_r,
		    struct error *err)
{
	const struct archive_end *known = &a->ends[shard];
	struct archive_files files;
	char path[ARCHIVE_PATH_MAX];
	struct stat st;
	int status = 0;

	*end_r = (struct end){ 0 };
	if (archive_list(a, shard, &files, err) < 0)
		return -1;
	for (size_t i = 0; i < files.n && status == 0; i++) {
		const struct archive_file *file = &files.files[i];

		if (file->first != end_r->last + 1 || end_r->open.first)
			status =
				error_set(err,
					  "shard %" PRIu32
					  ": a file is missing before %" PRIu64,
					  shard, file->first);
		else if (file->last)
			end_r->last = file->last;
		else
			end_r->open = *file;
	}
	free(files.files);
	if (status < 0 || !end_r->open.first)
		return status;
	if (stat(archive_path(a, shard, &end_r->open, path), &st) < 0)
		return error_set(err, "shard %" PRIu32 ": %s", shard,
				 strerror(errno));
	end_r->file_bytes = (uint64_t)st.st_size;
	if (known->file == end_r->open.first &&
	    known->bytes == end_r->file_bytes) {
		end_r->last = known->last;
		end_r->bytes = known->bytes;
		return 0;
	}
	return count_records(a, shard, end_r, err);
}

/* --- appending --- */

static size_t record_put(uint8_t *to, const Sy__V1__LogEntry *entry)
{
	size_t len = sy__v1__log_entry__pack(entry, to + ARCHIVE_RECORD_BYTES);
	uint32_t len_be = htobe32((uint32_t)len), crc_be;

	memcpy(to, &len_be, 4);
	crc_be = htobe32(archive_crc(to, to + ARCHIVE_RECORD_BYTES, len));
	memcpy(to + 4, &crc_be, 4);
	return ARCHIVE_RECORD_BYTES + len;
}

static int write_all(int fd, const uint8_t *data, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

/* Header, if the file has none yet, and records, in one buffer. */
static uint8_t *pack(const struct archive *a, uint32_t shard,
		     const struct end *end, Sy__V1__LogEntry *const *entries,
		     size_t n, size_t *len_r)
{
	size_t len = ARCHIVE_HEADER_BYTES, at = 0;
	uint8_t *data;

	for (size_t i = 0; i < n; i++)
		len += ARCHIVE_RECORD_BYTES +
		       sy__v1__log_entry__get_packed_size(entries[i]);
	data = must_realloc(NULL, len);
	if (end->bytes == 0) {
		archive_header(a, shard, end->open.first, data);
		at = ARCHIVE_HEADER_BYTES;
	}
	for (size_t i = 0; i < n; i++)
		at += record_put(data + at, entries[i]);
	*len_r = at;
	return data;
}

static int write_open(const struct archive *a, uint32_t shard, struct end *end,
		      const uint8_t *data, size_t len)
{
	char path[ARCHIVE_PATH_MAX], folder[ARCHIVE_PATH_MAX];
	bool made = end->bytes == 0;
	int fd, status = -1;

	archive_path(a, shard, NULL, folder);
	if (made && make_folder(folder, a->dir) < 0)
		return -1;
	fd = open(archive_path(a, shard, &end->open, path),
		  O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	fault_point("archive_after_create");
	if (end->file_bytes > end->bytes &&
	    ftruncate(fd, (off_t)end->bytes) < 0)
		goto out;
	/* In two parts, so that a test can die between them. */
	if (write_all(fd, data, len / 2, end->bytes) < 0)
		goto out;
	fault_point("archive_torn");
	if (write_all(fd, data + len / 2, len - len / 2, end->bytes + len / 2) <
	    0)
		goto out;
	fault_point("archive_after_write");
	if (fsync(fd) < 0 || (made && sync_folder(folder) < 0))
		goto out;
	fault_point("archive_after_sync");
	/* To be read back from the disk, not from memory. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	end->bytes += len;
	end->file_bytes = end->bytes;
	status = 0;
out:
	close(fd);
	return status;
}

static int read_back(struct archive *a, uint32_t shard,
		     Sy__V1__LogEntry *const *entries, size_t n,
		     const struct archive_hint *hint, struct error *err)
{
	const struct archive_range range = { .first = entries[0]->offset,
					     .until = entries[n - 1]->offset,
					     .max_events = n,
					     .max_bytes = SIZE_MAX };
	struct archive_batch batch;
	struct arena arena;
	int status;

	arena_init(&arena);
	status = archive_read(a, shard, &range, hint, &arena, &batch, err);
	if (status == 0 && batch.n != n)
		status = error_set(err,
				   "shard %" PRIu32
				   ": what was written from %" PRIu64
				   " on cannot be read back",
				   shard, entries[0]->offset);
	for (size_t i = 0; i < n && status == 0; i++) {
		const Sy__V1__LogEntry *was = entries[i];
		const Sy__V1__LogEntry *is = batch.entries[i];

		if (is->accepted_at_us != was->accepted_at_us ||
		    is->event.len != was->event.len ||
		    memcmp(is->event.data, was->event.data, is->event.len) != 0)
			status = error_set(err,
					   "shard %" PRIu32
					   ": the archive holds another "
					   "event at %" PRIu64 " than the log",
					   shard, was->offset);
	}
	arena_reset(&arena);
	return status;
}

static int seal(struct archive *a, uint32_t shard, const struct end *end)
{
	const struct archive_file sealed = { end->open.first, end->last };
	char from[ARCHIVE_PATH_MAX], to[ARCHIVE_PATH_MAX];

	fault_point("archive_before_seal");
	if (rename(archive_path(a, shard, &end->open, from),
		   archive_path(a, shard, &sealed, to)) < 0)
		return -1;
	fault_point("archive_after_seal");
	return sync_folder(archive_path(a, shard, NULL, from));
}

static int append_locked(struct archive *a, uint32_t shard,
			 Sy__V1__LogEntry *const *entries, size_t n,
			 uint64_t *bytes_r, struct error *err)
{
	uint64_t first = entries[0]->offset, last = entries[n - 1]->offset;
	struct archive_hint hint = { 0 };
	struct end end;
	size_t held, len;
	uint8_t *data;

	if (find_end(a, shard, &end, err) < 0)
		return -1;
	/* Before anything is cut off: what the log has lost must be here. */
	if (first > end.last + 1)
		return error_set(
			err,
			"shard %" PRIu32 ": ends at %" PRIu64
			", the log begins at %" PRIu64
			": not the folder that this log was written to",
			shard, end.last, first);
	held = end.last < first ? 0 : (size_t)(end.last - first + 1);
	if (held < n) {
		if (!end.open.first)
			end.open.first = end.last + 1;
		if (end.bytes < end.file_bytes)
			log_warn("archive: shard %" PRIu32 ": %" PRIu64
				 " bytes of an unfinished write are cut off",
				 shard, end.file_bytes - end.bytes);
		data = pack(a, shard, &end, entries + held, n - held, &len);
		/* The header is followed by the first record. */
		hint = (struct archive_hint){
			end.open.first, entries[held]->offset,
			end.bytes ? end.bytes : ARCHIVE_HEADER_BYTES
		};
		if (write_open(a, shard, &end, data, len) < 0) {
			free(data);
			return error_set(err, "shard %" PRIu32 ": %s", shard,
					 strerror(errno));
		}
		free(data);
		end.last = last;
		*bytes_r = len;
	}
	if (read_back(a, shard, entries, n, &hint, err) < 0)
		return -1;
	a->ends[shard] =
		(struct archive_end){ end.open.first, end.last, end.bytes };
	if (end.open.first && end.bytes >= a->file_bytes &&
	    seal(a, shard, &end) < 0)
		return error_set(err, "shard %" PRIu32 ": seal: %s", shard,
				 strerror(errno));
	return 0;
}

enum archive_written archive_append(struct archive *a, uint32_t shard,
				    Sy__V1__LogEntry *const *entries, size_t n,
				    uint64_t *bytes_r, struct error *err)
{
	int fd, status;

	*bytes_r = 0;
	if (shard >= ARCHIVE_SHARDS) {
		error_set(err, "shard %" PRIu32 ": too high", shard);
		return ARCHIVE_FAILED;
	}
	for (size_t i = 1; i < n; i++) {
		if (entries[i]->offset == entries[0]->offset + i)
			continue;
		error_set(err, "shard %" PRIu32 ": a gap before %" PRIu64,
			  shard, entries[i]->offset);
		return ARCHIVE_FAILED;
	}
	fd = lock(a);
	if (fd < 0 && errno == EWOULDBLOCK)
		return ARCHIVE_LOCKED;
	if (fd < 0) {
		error_set(err, "lock: %s", strerror(errno));
		return ARCHIVE_FAILED;
	}
	status = append_locked(a, shard, entries, n, bytes_r, err);
	close(fd);
	return status < 0 ? ARCHIVE_FAILED : ARCHIVE_DONE;
}
