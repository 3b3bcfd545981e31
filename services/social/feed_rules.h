/* feed_rules.h -- what a feed must be, and when it is asked again; pure. */
#ifndef SUYUAN_SOCIAL_FEED_RULES_H
#define SUYUAN_SOCIAL_FEED_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "suyuan/v1/social_feed.pb-c.h"

#define FEED_EVERY_DEFAULT_S 300
#define FEED_EVERY_MIN_S 30
#define FEED_EVERY_MAX_S 604800
/* Of one look: what is left comes with the next. */
#define FEED_PAGES_MAX 10

struct feed_fault {
	char field[64];
	char text[160];
};
/* True: well-formed. Whether its unit is there is the directory's to say. */
bool feed_check(const Sy__V1__Feed *feed, struct feed_fault *fault_r);
/* Those of its mentions: its own, or its code. */
const char *feed_source(const Sy__V1__Feed *feed);

/* After so many failures in a row: its own interval, doubled with each up to
 * six hours, or what the server asked for (0: nothing), at most a day. spread:
 * 0 to 1, so that feeds made together are not asked together. */
int64_t feed_next_us(const Sy__V1__Feed *feed, uint32_t failures,
		     int64_t retry_after_s, double spread, int64_t now_us);

/* The address with the parameter added or replaced; token is encoded. NULL:
 * longer than an address may be. */
char *feed_page_url(struct arena *arena, const char *url, const char *parameter,
		    const char *token);

/* Words for what an HTTP status says, NULL: a document came. */
const char *feed_status_problem(long status);

#endif
