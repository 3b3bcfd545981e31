/* keys_edit.c -- changes of the registry file. Everybody who changes it holds
 * its lock, writes a whole new file and renames that over the old one: who
 * reloads sees one or the other, and no change of somebody else is lost. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus/keys.h"

struct change {
	const char *add_key, *add_principal; /* NULL: nothing is added */
	const char *drop;                    /* principal or fingerprint */
	int dropped;
	bool there; /* what is to be added stands there already */
};

/* The file that path names, locked. Somebody may have put another one in its
 * place while we waited for the lock: then again. */
static FILE *open_locked(const char *path, struct stat *st, struct error *err)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		struct stat now;
		FILE *file;

		if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, st) < 0 ||
		    !(file = fdopen(fd, "r"))) {
			error_set(err, "registry %s: %s", path,
				  strerror(errno));
			if (fd >= 0)
				close(fd);
			return NULL;
		}
		if (stat(path, &now) == 0 && now.st_ino == st->st_ino &&
		    now.st_dev == st->st_dev)
			return file;
		fclose(file);
	}
}

static bool is_dropped(const struct change *change, const char *key,
		       const char *principal)
{
	char fingerprint[KEY_FINGERPRINT_SIZE];

	if (!change->drop)
		return false;
	key_fingerprint(key, fingerprint);
	return strcmp(change->drop, principal) == 0 ||
	       strcmp(change->drop, fingerprint) == 0;
}

/* All lines of the new file. */
static int copy(FILE *from, FILE *to, struct change *change, struct error *err)
{
	char line[256], key[KEY_Z85_SIZE], principal[PRINCIPAL_MAX];

	for (int number = 1; fgets(line, sizeof(line), from); number++) {
		switch (key_line_read(line, key, principal)) {
		case KEY_LINE_COMMENT:
			fputs(line, to);
			continue;
		case KEY_LINE_BAD:
			return error_set(err, "line %d: wants 'Z85 principal'",
					 number);
		case KEY_LINE_ENTRY:
			break;
		}
		if (is_dropped(change, key, principal)) {
			change->dropped++;
			continue;
		}
		if (change->add_key && strcmp(key, change->add_key) == 0) {
			if (strcmp(principal, change->add_principal) != 0)
				return error_set(err,
						 "line %d: the key is that of "
						 "another principal",
						 number);
			change->there = true;
		}
		fprintf(to, "%s %s\n", key, principal);
	}
	if (change->add_key && !change->there)
		fprintf(to, "%s %s\n", change->add_key, change->add_principal);
	return 0;
}

/* The rename is kept when the folder is. */
static int sync_folder(const char *path)
{
	char copy_of[PATH_MAX];
	int fd, status;

	snprintf(copy_of, sizeof(copy_of), "%s", path);
	fd = open(dirname(copy_of), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	status = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return status;
}

static int write_new(FILE *from, const struct stat *st, const char *path,
		     struct change *change, struct error *err)
{
	char temporary[PATH_MAX];
	FILE *to;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >=
	    (int)sizeof(temporary))
		return error_set(err, "registry: the path is too long");
	to = fopen(temporary, "we");
	if (!to)
		return error_set(err, "%s: %s", temporary, strerror(errno));
	if (copy(from, to, change, err) < 0) {
		fclose(to);
		unlink(temporary);
		return error_prefix(err, "registry %s", path);
	}
	/* Readable for whom it was; another's file stays so only for root. */
	if (fchown(fileno(to), st->st_uid, st->st_gid) < 0)
		errno = 0;
	if ((fchmod(fileno(to), st->st_mode & 0777) | fflush(to) |
	     fsync(fileno(to)) | fclose(to)) != 0 ||
	    rename(temporary, path) < 0 || sync_folder(path) < 0) {
		error_set(err, "registry %s: %s", path, strerror(errno));
		unlink(temporary);
		return -1;
	}
	return 0;
}

static int edit(const char *path, struct change *change, struct error *err)
{
	struct stat st;
	FILE *from = open_locked(path, &st, err);
	int status;

	if (!from)
		return -1;
	status = write_new(from, &st, path, change, err);
	fclose(from); /* and the lock */
	return status;
}

int registry_add(const char *path, const char *public_z85,
		 const char *principal, struct error *err)
{
	struct change change = { .add_key = public_z85,
				 .add_principal = principal };

	if (!key_valid(public_z85))
		return error_set(err, "key: wants 40 characters of Z85");
	if (!principal_valid(principal))
		return error_set(err, "principal: wants [a-z0-9_.-]{1,%d}",
				 PRINCIPAL_MAX - 1);
	return edit(path, &change, err);
}

int registry_drop(const char *path, const char *what, struct error *err)
{
	struct change change = { .drop = what };

	if (access(path, F_OK) < 0)
		return error_set(err, "registry %s: %s", path, strerror(errno));
	return edit(path, &change, err) < 0 ? -1 : change.dropped;
}
