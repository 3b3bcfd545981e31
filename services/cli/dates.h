/* dates.h -- times as files write them: an ICU pattern in a zone, or RFC 3339.
 */
#ifndef SUYUAN_CLI_DATES_H
#define SUYUAN_CLI_DATES_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct dates;

/* pattern NULL: RFC 3339, zone is not looked at. zone: IANA, NULL = UTC. */
int dates_open(struct dates **d_r, const char *pattern, const char *zone,
	       struct error *err);
void dates_close(struct dates **d);

/* The whole text must be one date. Where clocks go back, the first of the two
 * times is taken. 0 or -1. */
int dates_parse(struct dates *d, const char *text, size_t len, int64_t *us_r);

#endif
