/* input.c -- see input.h. */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int input_open(struct input *in, const char *path, struct error *err)
{
	struct stat st;

	in->read_bytes = in->total_bytes = 0;
	in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO
					: open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0 || fstat(in->fd, &st) < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		input_close(in);
		return error_set(err, "%s: is a directory", path);
	}
	if (in->encoding_name) {
		in->encoding = encoding_open(in->encoding_name, err);
		if (!in->encoding) {
			input_close(in);
			return -1;
		}
	}
	in->regular = S_ISREG(st.st_mode);
	if (in->regular)
		in->total_bytes = (uint64_t)st.st_size;
	return 0;
}

void input_close(struct input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->fd = -1;
	encoding_close(&in->encoding);
}

/* As input_read. */
static long read_into(struct input *in, char *to, size_t size,
		      struct error *err)
{
	struct pollfd pfd = { .fd = in->fd, .events = POLLIN };
	ssize_t n;

	if (!in->regular && poll(&pfd, 1, 0) == 0)
		return -2;
	do {
		n = read(in->fd, to, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set(err, "cannot read: %s", strerror(errno));
	in->read_bytes += (uint64_t)n;
	return n;
}

long input_read(struct input *in, struct error *err)
{
	size_t len;
	long n;

	if (!in->encoding)
		return read_into(in, in->chunk, sizeof(in->chunk), err);
	do {
		n = read_into(in, in->raw, sizeof(in->raw), err);
		if (n < 0)
			return n;
		len = encoding_read(in->encoding, in->raw, (size_t)n, n == 0,
				    in->chunk);
	} while (len == 0 && n > 0);
	return (long)len;
}

char *input_whole(const char *path, size_t max_bytes, size_t *len_r,
		  struct error *err)
{
	FILE *file = fopen(path, "re");
	char *data = malloc(max_bytes + 1);
	size_t n = 0;

	if (!data)
		abort();
	if (file)
		n = fread(data, 1, max_bytes + 1, file);
	if (!file || ferror(file)) {
		error_set(err, "%s: %s", path, strerror(errno));
	} else if (n > max_bytes) {
		error_set(err, "%s: over %zu bytes", path, max_bytes);
	} else {
		data[n] = '\0';
		fclose(file);
		*len_r = n;
		return data;
	}
	if (file)
		fclose(file);
	free(data);
	return NULL;
}

static int hash_file(crypto_hash_sha256_state *state, const char *path,
		     struct input *in, struct error *err)
{
	long n;

	if (input_open(in, path, err) < 0)
		return -1;
	if (!in->regular) {
		input_close(in);
		return error_set(err,
				 "%s cannot be read twice: name the "
				 "publisher with --publisher",
				 path);
	}
	while ((n = input_read(in, err)) > 0)
		crypto_hash_sha256_update(
			state, (const unsigned char *)in->chunk, (size_t)n);
	input_close(in);
	return n < 0 ? -1 : 0;
}

int input_publisher(const char *prefix, const void *salt, size_t salt_len,
		    char *const *paths, size_t paths_nr, char name_r[64],
		    struct error *err)
{
	struct input *in = calloc(1, sizeof(*in));
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	char hex[33];
	int status = 0;

	if (!in || sodium_init() < 0)
		abort();
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, salt, salt_len);
	for (size_t i = 0; i < paths_nr && status == 0; i++)
		status = hash_file(&state, paths[i], in, err);
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(hex, sizeof(hex), hash, 16);
	snprintf(name_r, 64, "%.20s:%s", prefix, hex);
	free(in);
	return status;
}
