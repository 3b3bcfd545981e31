/* input.h -- an input file, or stdin as "-". */
#ifndef SUYUAN_CLI_INPUT_H
#define SUYUAN_CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "encoding.h"
#include "error.h"

#define INPUT_CHUNK_BYTES ((size_t)256 * 1024)

struct input {
	const char *encoding_name; /* NULL: UTF-8; before input_open */
	struct encoding *encoding;
	int fd;
	bool regular;         /* can be read again, never makes wait */
	uint64_t total_bytes; /* 0: unknown */
	uint64_t read_bytes;
	char chunk[INPUT_CHUNK_BYTES]; /* in UTF-8 */
	char raw[INPUT_CHUNK_BYTES / ENCODING_GROWS - ENCODING_KEEPS];
};

int input_open(struct input *in, const char *path, struct error *err);
void input_close(struct input *in);
/* Bytes in chunk, 0 at the end, -1 with err, -2: nothing now, poll fd. */
long input_read(struct input *in, struct error *err);

/* The whole of a small file, with a NUL behind it; free() it. NULL with err. */
char *input_whole(const char *path, size_t max_bytes, size_t *len_r,
		  struct error *err);

/* "PREFIX:" and the first 32 hexadecimal digits of SHA-256 over salt (may be
 * empty) and the files' content. name_r has 64 bytes. */
int input_publisher(const char *prefix, const void *salt, size_t salt_len,
		    char *const *paths, size_t paths_nr, char name_r[64],
		    struct error *err);

#endif
