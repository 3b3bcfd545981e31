/* spool.c -- the spool file is a sequence of records, integers in network
 *order:
 *
 *	magic "SYSP" | length of the body | crc32c of the body | crc32c of the
 *	12 bytes before | body: type, then
 *	  'H' format 1, instance id (16 bytes), owner     first, once
 *	  'B' lane, number (8 bytes)                      of the event before
 *the lane's first one here 'E' lane, packed event
 *
 * A process that dies leaves a part of a record at the end, a machine that dies
 * perhaps rubbish. Both are cut off: no whole record follows. If one does, the
 * file is damaged, and a person has to look. */
#include "spool.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <isa-l/crc.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bus/must.h"
#include "uuid.h"

#define MAGIC "SYSP"
#define FORMAT 1
#define HEAD_BYTES 16
#define OWNER_MAX 160
/* An event of 256 KiB and what stands around it. */
#define BODY_MAX (512 * 1024)

static uint32_t crc32c(const void *data, size_t len)
{
	return ~crc32_iscsi((unsigned char *)data, (int)len, ~0U);
}

static void head_make(uint8_t head[HEAD_BYTES], uint32_t len, uint32_t body_crc)
{
	uint32_t len_be = htobe32(len), crc_be = htobe32(body_crc), own_be;

	memcpy(head, MAGIC, 4);
	memcpy(head + 4, &len_be, 4);
	memcpy(head + 8, &crc_be, 4);
	own_be = htobe32(crc32c(head, 12));
	memcpy(head + 12, &own_be, 4);
}

/* The length of the body if a whole record stands there, else 0. */
static size_t record_at(const uint8_t *data, uint64_t size, uint64_t at)
{
	uint32_t len, body_crc, own_crc;

	if (size - at < HEAD_BYTES || memcmp(data + at, MAGIC, 4) != 0)
		return 0;
	memcpy(&len, data + at + 4, 4);
	memcpy(&body_crc, data + at + 8, 4);
	memcpy(&own_crc, data + at + 12, 4);
	len = be32toh(len);
	if (be32toh(own_crc) != crc32c(data + at, 12) || len == 0 ||
	    len > BODY_MAX || size - at - HEAD_BYTES < len ||
	    be32toh(body_crc) != crc32c(data + at + HEAD_BYTES, len))
		return 0;
	return len;
}

size_t spool_record_bytes(size_t len)
{
	return HEAD_BYTES + 2 + len;
}

static int failed(const struct spool *spool, struct error *err)
{
	return error_set(err, "spool %s: %s", spool->path, strerror(errno));
}

/* All of it at the end of the file, or nothing. */
static int write_record(const struct spool *spool, int fd, uint64_t *end_bytes,
			const uint8_t *start, size_t start_len,
			const uint8_t *rest, size_t rest_len, struct error *err)
{
	uint8_t head[HEAD_BYTES];
	struct iovec parts[3] = { { head, sizeof(head) },
				  { (void *)start, start_len },
				  { (void *)rest, rest_len } };
	size_t len = start_len + rest_len;
	uint32_t crc = crc32_iscsi((unsigned char *)start, (int)start_len, ~0U);
	ssize_t n;

	crc = ~crc32_iscsi((unsigned char *)rest, (int)rest_len, crc);
	head_make(head, (uint32_t)len, crc);
	do
		n = pwritev(fd, parts, 3, (off_t)*end_bytes);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)(HEAD_BYTES + len)) {
		*end_bytes += (uint64_t)n;
		return 0;
	}
	if (n >= 0)
		errno = ENOSPC;
	failed(spool, err);
	/* If even this fails, what stays is a torn end. */
	if (ftruncate(fd, (off_t)*end_bytes) < 0)
		return -1;
	return -1;
}

static int write_owner(const struct spool *spool, int fd, uint64_t *end_bytes,
		       struct error *err)
{
	uint8_t start[18] = { 'H', FORMAT };

	memcpy(start + 2, spool->instance_id, 16);
	return write_record(spool, fd, end_bytes, start, sizeof(start),
			    (const uint8_t *)spool->owner, strlen(spool->owner),
			    err);
}

static int write_base(const struct spool *spool, int fd, uint64_t *end_bytes,
		      unsigned lane, uint64_t base, struct error *err)
{
	uint8_t start[10] = { 'B', (uint8_t)lane };
	uint64_t base_be = htobe64(base);

	memcpy(start + 2, &base_be, 8);
	return write_record(spool, fd, end_bytes, start, sizeof(start), NULL, 0,
			    err);
}

int spool_append(struct spool *spool, unsigned lane, const uint8_t *event,
		 size_t len, uint64_t *at_bytes_r, struct error *err)
{
	const uint8_t start[2] = { 'E', (uint8_t)lane };

	*at_bytes_r = spool->end_bytes;
	return write_record(spool, spool->fd, &spool->end_bytes, start,
			    sizeof(start), event, len, err);
}

int spool_number(struct spool *spool, unsigned lane, uint64_t base,
		 struct error *err)
{
	spool->numbered[lane] = true;
	spool->base[lane] = base;
	return write_base(spool, spool->fd, &spool->end_bytes, lane, base, err);
}

/* --- reading --- */

/* 0, or -1: a record that this program did not write. */
static int take_body(struct spool *spool, const uint8_t *body, size_t len,
		     uint64_t at, spool_event_fn *event_fn, void *arg,
		     struct error *err)
{
	uint64_t base;

	if (at == 0) {
		if (body[0] != 'H' || len < 18 || body[1] != FORMAT)
			return error_set(err, "spool %s: not of this format",
					 spool->path);
		if (len - 18 != strlen(spool->owner) ||
		    memcmp(body + 18, spool->owner, len - 18) != 0)
			return error_set(err,
					 "spool %s: belongs to another "
					 "publisher or service",
					 spool->path);
		memcpy(spool->instance_id, body + 2, 16);
		return 0;
	}
	if (len < 2 || body[1] >= SPOOL_LANES ||
	    (body[0] != 'E' && (body[0] != 'B' || len != 10)))
		return error_set(err, "spool %s: unknown record at byte %llu",
				 spool->path, (unsigned long long)at);
	if (body[0] == 'E') {
		event_fn(arg, body[1], body + 2, len - 2, at);
		return 0;
	}
	memcpy(&base, body + 2, 8);
	spool->numbered[body[1]] = true;
	spool->base[body[1]] = be64toh(base);
	return 0;
}

/* A whole record behind what cannot be read. */
static bool more_follows(const uint8_t *data, uint64_t size, uint64_t at)
{
	for (const uint8_t *p;
	     at + 1 < size && (p = memmem(data + at + 1, size - at - 1, MAGIC,
					  sizeof(MAGIC) - 1));
	     at = (uint64_t)(p - data))
		if (record_at(data, size, (uint64_t)(p - data)))
			return true;
	return false;
}

/* Somebody else's file, which is not to be cut. What a dying process left of
 * its first record begins as one, or holds nothing. */
static bool is_foreign(const uint8_t *data, uint64_t size)
{
	return data[0] != 0 &&
	       memcmp(data, MAGIC, size < 4 ? (size_t)size : 4) != 0;
}

static int read_records(struct spool *spool, const uint8_t *data, uint64_t size,
			spool_event_fn *event_fn, void *arg, struct error *err)
{
	uint64_t at = 0;
	size_t len;

	while (at < size && (len = record_at(data, size, at)) > 0) {
		if (take_body(spool, data + at + HEAD_BYTES, len, at, event_fn,
			      arg, err) < 0)
			return -1;
		at += HEAD_BYTES + len;
	}
	if (at < size && more_follows(data, size, at))
		return error_set(err,
				 "spool %s: damaged at byte %llu, and whole "
				 "records follow: set the file aside and "
				 "publish again what it held",
				 spool->path, (unsigned long long)at);
	if (at == 0 && is_foreign(data, size))
		return error_set(err, "spool %s: is another file, no spool",
				 spool->path);
	spool->end_bytes = at;
	spool->torn_bytes = size - at;
	return 0;
}

static int read_file(struct spool *spool, spool_event_fn *event_fn, void *arg,
		     struct error *err)
{
	struct stat st;
	uint8_t *data;
	int status;

	if (fstat(spool->fd, &st) < 0)
		return failed(spool, err);
	if (st.st_size == 0)
		return 0;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, spool->fd,
		    0);
	if (data == MAP_FAILED)
		return failed(spool, err);
	status = read_records(spool, data, (uint64_t)st.st_size, event_fn, arg,
			      err);
	munmap(data, (size_t)st.st_size);
	if (status == 0 && spool->torn_bytes > 0 &&
	    ftruncate(spool->fd, (off_t)spool->end_bytes) < 0)
		return failed(spool, err);
	return status;
}

/* --- opening --- */

static int sync_folder(const struct spool *spool, struct error *err)
{
	char *copy = strdup(spool->path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		      : -1;
	int status = fd < 0 || fsync(fd) < 0 ? failed(spool, err) : 0;

	if (fd >= 0)
		close(fd);
	free(copy);
	return status;
}

/* The file may be replaced (a rewrite) between open and lock. */
static int lock_file(struct spool *spool, struct error *err)
{
	struct stat by_fd, by_path;

	for (;;) {
		spool->fd =
			open(spool->path,
			     O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (spool->fd < 0)
			return failed(spool, err);
		if (flock(spool->fd, LOCK_EX | LOCK_NB) < 0) {
			if (errno != EWOULDBLOCK)
				return failed(spool, err);
			return error_set(err,
					 "spool %s: another program has it",
					 spool->path);
		}
		if (fstat(spool->fd, &by_fd) == 0 &&
		    stat(spool->path, &by_path) == 0 &&
		    by_fd.st_ino == by_path.st_ino &&
		    by_fd.st_dev == by_path.st_dev)
			break;
		close(spool->fd);
	}
	if (!S_ISREG(by_fd.st_mode))
		return error_set(err, "spool %s: not a file", spool->path);
	if (fchmod(spool->fd, 0600) < 0)
		return failed(spool, err);
	return 0;
}

int spool_open(struct spool *spool, const char *path, const char *owner,
	       spool_event_fn *event_fn, void *arg, struct error *err)
{
	memset(spool, 0, sizeof(*spool));
	spool->new_fd = -1;
	spool->path = strdup(path);
	spool->owner = strndup(owner, OWNER_MAX);
	if (!spool->path || !spool->owner)
		abort();
	if (lock_file(spool, err) < 0 ||
	    read_file(spool, event_fn, arg, err) < 0) {
		spool_close(spool, false);
		return -1;
	}
	if (spool->end_bytes > 0)
		return 0;
	uuid_make(spool->instance_id);
	if (write_owner(spool, spool->fd, &spool->end_bytes, err) < 0 ||
	    fsync(spool->fd) < 0 || sync_folder(spool, err) < 0) {
		spool_close(spool, false);
		return -1;
	}
	return 0;
}

void spool_close(struct spool *spool, bool remove)
{
	if (!spool->path)
		return;
	spool_rewrite_abort(spool);
	if (remove)
		unlink(spool->path);
	if (spool->fd >= 0)
		close(spool->fd);
	free(spool->path);
	free(spool->owner);
	memset(spool, 0, sizeof(*spool));
	spool->fd = spool->new_fd = -1;
}

/* --- rewriting --- */

static char *new_path(const struct spool *spool)
{
	char *path;

	if (asprintf(&path, "%s.new", spool->path) < 0)
		abort();
	return path;
}

int spool_rewrite(struct spool *spool, struct error *err)
{
	char *path = new_path(spool);

	unlink(path); /* of a run that died; the lock is ours */
	spool->new_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	free(path);
	if (spool->new_fd < 0)
		return failed(spool, err);
	spool->new_bytes = 0;
	memcpy(spool->new_numbered, spool->numbered, sizeof(spool->numbered));
	memcpy(spool->new_base, spool->base, sizeof(spool->base));
	if (flock(spool->new_fd, LOCK_EX | LOCK_NB) < 0)
		return failed(spool, err);
	return write_owner(spool, spool->new_fd, &spool->new_bytes, err);
}

void spool_new_base(struct spool *spool, unsigned lane, uint64_t base)
{
	spool->new_numbered[lane] = true;
	spool->new_base[lane] = base;
}

int spool_keep(struct spool *spool, uint64_t at_bytes, size_t len,
	       uint64_t *at_bytes_r, struct error *err)
{
	size_t bytes = spool_record_bytes(len);
	uint8_t *record = must_calloc(1, bytes);
	int status = 0;

	*at_bytes_r = spool->new_bytes;
	if (pread(spool->fd, record, bytes, (off_t)at_bytes) !=
		    (ssize_t)bytes ||
	    pwrite(spool->new_fd, record, bytes, (off_t)spool->new_bytes) !=
		    (ssize_t)bytes)
		status = failed(spool, err);
	spool->new_bytes += bytes;
	free(record);
	return status;
}

int spool_rewrite_commit(struct spool *spool, struct error *err)
{
	char *path;
	int status;

	for (unsigned i = 0; i < SPOOL_LANES; i++)
		if (spool->new_numbered[i] &&
		    write_base(spool, spool->new_fd, &spool->new_bytes, i,
			       spool->new_base[i], err) < 0)
			return -1;
	if (fsync(spool->new_fd) < 0)
		return failed(spool, err);
	path = new_path(spool);
	status = rename(path, spool->path);
	free(path);
	if (status < 0)
		return failed(spool, err);
	close(spool->fd);
	spool->fd = spool->new_fd;
	spool->new_fd = -1;
	spool->end_bytes = spool->new_bytes;
	memcpy(spool->numbered, spool->new_numbered, sizeof(spool->numbered));
	memcpy(spool->base, spool->new_base, sizeof(spool->base));
	return sync_folder(spool, err);
}

void spool_rewrite_abort(struct spool *spool)
{
	char *path;

	if (spool->new_fd < 0)
		return;
	path = new_path(spool);
	unlink(path);
	free(path);
	close(spool->new_fd);
	spool->new_fd = -1;
}
