/* encoding.h -- files of programs that do not write UTF-8: windows-1251, GBK,
 * UTF-16, as they come. Pure. */
#ifndef SUYUAN_CLI_ENCODING_H
#define SUYUAN_CLI_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct encoding;

/* name: one that ICU knows ("windows-1251", "GBK", "UTF-16"). NULL with err. */
struct encoding *encoding_open(const char *name, struct error *err);
void encoding_close(struct encoding **e);

/* A byte of a file becomes this many at most; so do those that are kept until
 * the next call, the beginning of a character. */
#define ENCODING_GROWS 4
#define ENCODING_KEEPS 8

/* The next n bytes of the file in UTF-8; how many bytes they are. What is no
 * character becomes a byte that is none in UTF-8 either, so that whoever reads
 * it refuses the field and says where it stands. last: no more follow. out has
 * ENCODING_GROWS * (n + ENCODING_KEEPS). */
size_t encoding_read(struct encoding *e, const char *data, size_t n, bool last,
		     char *out);

#endif
