/* mentions_set.h -- what the files of the part mentions share. */
#ifndef SUYUAN_SOCIAL_MENTIONS_SET_H
#define SUYUAN_SOCIAL_MENTIONS_SET_H

#include "mentions.h"

struct mentions {
	struct arena *arena;
	struct mention **slots; /* open addressing; a power of two of them */
	size_t slots_nr, n;
	struct mention *first, **end;
	/* Where the new ones go. */
	int64_t batch_n;
	int64_t now_us; /* of the database */
	uint32_t added;
};

struct mentions *mentions_open(struct arena *arena, size_t expected);
/* One that is not there yet. */
struct mention *mentions_add(struct mentions *all,
			     const uint8_t id[UUID_BYTES]);

#endif
