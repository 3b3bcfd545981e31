/* cluster_index.h -- the texts of the last days of one language, and which of
 * them are near-copies of a new one: pure, in memory, of bounded size.
 *
 * Locality-sensitive hashing (Broder 1997; Leskovec, Rajaraman, Ullman 2014,
 * ch. 3): 32 bands of 4 MinHash values, each band a table of buckets of 16
 * slots, a cache line each, of which a new text overwrites the oldest. What the
 * bands propose is confirmed by the exact Jaccard similarity of the sets, which
 * stand in a ring: when the budget of memory is reached the oldest text goes,
 * whose slots are overwritten in time.
 *
 * Texts belong to groups (union-find): a mention alone, or a cluster. A group
 * lives as long as a text, a merged group or a caller holds it.
 */
#ifndef SUYUAN_SOCIAL_CLUSTER_INDEX_H
#define SUYUAN_SOCIAL_CLUSTER_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/minhash.h"
#include "uuid.h"

/* Texts are cut at so many characters before they are compared: copies of a
 * long one are alike from their beginning on. */
#define CLUSTER_TEXT_CHARS 4096
/* Groups that one text is near to; a text of more would be made to be slow. */
#define CLUSTER_NEAR_MAX 16

struct cluster_index;

struct cluster_group {
	uint8_t id[UUID_BYTES]; /* of the mention or the cluster */
	bool cluster;
	int64_t edited_at_us; /* of the mention, as it was indexed */
};

/* At least a megabyte. */
struct cluster_index *cluster_index_new(size_t memory_bytes, int64_t window_us);
void cluster_index_free(struct cluster_index **index);

/* What is asked and added, made once. */
struct cluster_probe {
	struct shingles set;
	uint64_t band[MINHASH_BANDS];
};
/* False: the text is empty, and like nothing. */
bool cluster_probe_make(struct cluster_probe *probe_r,
			const struct shingles *set);

/* Groups with a text near to this one, each once, not older than the window at
 * at_us. same_r: an equal text is there that will stay for long, so this one
 * need not be added. */
size_t cluster_index_find(struct cluster_index *index,
			  const struct cluster_probe *probe, int64_t at_us,
			  uint32_t groups_r[CLUSTER_NEAR_MAX], bool *same_r);
/* Times of a caller never go back by much. */
void cluster_index_add(struct cluster_index *index,
		       const struct cluster_probe *probe, int64_t at_us,
		       uint32_t group);

/* Held by the caller, once. */
uint32_t cluster_index_group(struct cluster_index *index,
			     const struct cluster_group *group);
/* Is there until the next group is made. */
struct cluster_group *cluster_index_of(struct cluster_index *index,
				       uint32_t group);
/* What it has been merged into, or itself. */
uint32_t cluster_index_root(const struct cluster_index *index, uint32_t group);
/* Of two roots. */
void cluster_index_merge(struct cluster_index *index, uint32_t into,
			 uint32_t from);
void cluster_index_hold(struct cluster_index *index, uint32_t group);
void cluster_index_drop(struct cluster_index *index, uint32_t group);

struct cluster_index_size {
	size_t texts, groups, bytes;
	int64_t window_us; /* how far back it reaches, when memory binds */
};
struct cluster_index_size cluster_index_size(const struct cluster_index *index);
/* How many average texts would fit: what is worth loading. */
size_t cluster_index_room(const struct cluster_index *index);

#endif
