/* replay_file.h -- the file that a replay writes: a CloudEvent a line. What is
 * in it already is read and judged again, so that a replay goes on where it, or
 * the file of an earlier day, ends. */
#ifndef SUYUAN_CLI_REPLAY_FILE_H
#define SUYUAN_CLI_REPLAY_FILE_H

#include <jansson.h>
#include <stdio.h>

#include "error.h"
#include "replay_check.h"

struct replay_file {
	FILE *file;
	const char *path;
	uint64_t resumed; /* events that were there */
};

/* told: what is wrong with one of the lines. -1: err; another program has it,
 * it cannot be read, or is of another stream. */
int replay_file_open(struct replay_file *f, const char *path,
		     const char *stream, struct replay_check *check,
		     void (*told)(void *arg, const struct replay_event *event,
				  const char *wrong),
		     void *arg, struct error *err);
int replay_file_write(struct replay_file *f, const json_t *event,
		      struct error *err);
/* -1: not all of it is on the disk. */
int replay_file_close(struct replay_file *f, struct error *err);

#endif
