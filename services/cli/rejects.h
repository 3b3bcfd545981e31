/* rejects.h -- the lines that were not taken: the first ones on stderr, all of
 * them in a CSV file if one was asked for. Never a value of the input. */
#ifndef SUYUAN_CLI_REJECTS_H
#define SUYUAN_CLI_REJECTS_H

#include <stdint.h>

#include "error.h"

struct rejects;

/* path NULL: only stderr. */
int rejects_open(struct rejects **r_r, const char *path, struct error *err);
/* file may be "" when there is one only. */
void rejects_add(struct rejects *r, const char *file, uint64_t line,
		 const char *type, const char *field, const char *code,
		 const char *reason);
uint64_t rejects_count(const struct rejects *r);
/* -1: the file could not be written to its end. */
int rejects_close(struct rejects **r, struct error *err);

#endif
