/* records_path.h -- a file of records on its way to events, as `suyuan publish`
 * takes it: used by the CSV, JSON lines and mapping targets. */
#ifndef SUYUAN_FUZZ_RECORDS_PATH_H
#define SUYUAN_FUZZ_RECORDS_PATH_H

#include "cli/mapping.h"
#include "fuzz.h"

/* What came out, as one number: the same bytes must give the same events,
 * however they are cut into pieces. */
struct outcome {
	uint64_t records, events, bad, lines;
	uint64_t hash;
};

/* Feeds the bytes in pieces of at most piece (0: all at once) through records
 * and mapping; checks each record, event and problem. */
struct outcome records_path(enum record_format format, struct mapping *mapping,
			    const uint8_t *data, size_t size, size_t piece);

/* A problem's texts are UTF-8 and not empty. */
void require_problem(const struct problem *problem);

#endif
