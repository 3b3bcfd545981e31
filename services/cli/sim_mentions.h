/* sim_mentions.h -- what is said about the simulated post in networks, reviews
 * and news, in three languages: claims, questions, praise, news, advertising;
 * stories that many repeat in slightly other words; some edited, some deleted.
 * A pure function of a seed and a number. */
#ifndef SUYUAN_CLI_SIM_MENTIONS_H
#define SUYUAN_CLI_SIM_MENTIONS_H

#include "offices.h"
#include "pump.h"
#include "suyuan/v1/social.pb-c.h"

struct sim_mentions {
	const struct offices *offices;
	uint64_t seed;
	int64_t from_us;  /* when the first one was published */
	int64_t every_us; /* between two */
	/* Of the event made last. */
	char external_id[64], key[128], author[32], url[96], text[1024];
	union {
		Sy__V1__PutMentionRequest put;
		Sy__V1__DeleteMentionRequest deleted;
	} request;
};

/* Event i; lives until the next call. Ids name seed and beginning, so that two
 * simulations do not meet. */
void sim_mention(struct sim_mentions *s, uint64_t i,
		 struct pump_event *event_r);

#endif
