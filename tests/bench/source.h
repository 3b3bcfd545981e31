/* source.h -- what load publishes: Put or Record of a number of keys, or
 * RegisterAppeal spread over units. */
#ifndef SUYUAN_BENCH_SOURCE_H
#define SUYUAN_BENCH_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_PAYLOAD_MAX_BYTES 4096
#define SOURCE_FILLER_MAX_BYTES 3900
#define SOURCE_KEY_SIZE 64

struct source {
	const char *prefix;  /* of the appeals' ids: another one each run */
	uint64_t keys, from; /* how many, and the number of the first */
	size_t bytes;        /* filler of a Put or Record */
	bool record;
	char *text;   /* the file of units */
	char **units; /* its lines; NULL: Put, Record */
	size_t units_nr;
};

/* Units to register appeals for, one a line. 0 or -1. */
int source_read_units(struct source *source, const char *path);
/* The service that takes it, and the event's type. */
const char *source_service(const struct source *source);
const char *source_type(const struct source *source);
/* Number n of them: its key and payload. Length of the payload. */
size_t source_make(const struct source *source, uint64_t n, int64_t now_us,
		   char key_r[SOURCE_KEY_SIZE],
		   uint8_t payload_r[SOURCE_PAYLOAD_MAX_BYTES]);
void source_close(struct source *source);

#endif
