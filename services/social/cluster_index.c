/* cluster_index.c -- see cluster_index.h. Nothing is allocated for a text:
 * rings and tables grow by half until the budget is reached, and then turn. */
#include "cluster_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "timeutil.h"

/* A cache line of slots. */
#define WAYS 16
/* A slot: 8 bits of the band's key, 24 of the text's number. */
#define NUMBER_BITS 24
#define NUMBER_MASK ((UINT32_C(1) << NUMBER_BITS) - 1)
#define TEXTS_MAX ((size_t)NUMBER_MASK)
#define TEXTS_FIRST 1024
/* Buckets are three quarters full. */
#define TEXTS_PER_BUCKET 12
/* Until the real mean is known: 100 characters. */
#define SHINGLES_FIRST (TEXTS_FIRST * 96)
/* Of no text any more, but held still by callers and merged ones. */
#define GROUPS_BESIDES 1024
/* Of so many proposals the likeliest are compared. */
#define CONFIRM_MAX 48

struct text_entry {
	uint32_t group;
	uint32_t first; /* of its shingles in the ring */
	uint16_t n, chars;
	uint32_t at_s;
};

struct group {
	struct cluster_group g;
	uint32_t parent; /* itself: a root; free: the next free one */
	uint32_t refs;   /* texts, merged groups, callers; 0: free */
};

struct cluster_index {
	size_t memory_bytes;
	uint32_t window_s;

	struct text_entry *texts; /* a ring by number */
	size_t texts_cap, live;
	uint64_t next; /* number of the next text, from 1 */

	uint32_t *shingles; /* a ring; a text's stand together */
	size_t shingles_cap, head;

	uint32_t (*slots)[WAYS]; /* bands of buckets each */
	size_t buckets;

	struct group *groups;
	size_t groups_cap, groups_nr, groups_used;
	uint32_t free_group; /* UINT32_MAX: none */
	bool bound;          /* the last text that went made room */
};

#define NO_GROUP UINT32_MAX

static void *must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

/* --- groups --- */

uint32_t cluster_index_group(struct cluster_index *index,
			     const struct cluster_group *group)
{
	uint32_t g = index->free_group;

	if (g != NO_GROUP) {
		index->free_group = index->groups[g].parent;
	} else {
		if (index->groups_nr == index->groups_cap) {
			size_t cap = index->texts_cap + GROUPS_BESIDES;

			index->groups_cap =
				cap > index->groups_cap
					? cap
					: index->groups_cap + GROUPS_BESIDES;
			index->groups = must(
				reallocarray(index->groups, index->groups_cap,
					     sizeof(index->groups[0])));
		}
		g = (uint32_t)index->groups_nr++;
	}
	index->groups[g] =
		(struct group){ .g = *group, .parent = g, .refs = 1 };
	index->groups_used++;
	return g;
}

struct cluster_group *cluster_index_of(struct cluster_index *index,
				       uint32_t group)
{
	return &index->groups[group].g;
}

uint32_t cluster_index_root(const struct cluster_index *index, uint32_t group)
{
	while (index->groups[group].parent != group)
		group = index->groups[group].parent;
	return group;
}

void cluster_index_hold(struct cluster_index *index, uint32_t group)
{
	index->groups[group].refs++;
}

void cluster_index_drop(struct cluster_index *index, uint32_t group)
{
	while (--index->groups[group].refs == 0) {
		uint32_t parent = index->groups[group].parent;

		index->groups[group].parent = index->free_group;
		index->free_group = group;
		index->groups_used--;
		if (parent == group)
			return;
		group = parent;
	}
}

void cluster_index_merge(struct cluster_index *index, uint32_t into,
			 uint32_t from)
{
	index->groups[from].parent = into;
	index->groups[into].refs++;
}

/* --- texts --- */

static struct text_entry *entry_of(const struct cluster_index *index,
				   uint64_t number)
{
	assert(index->texts_cap > 0);
	return &index->texts[number % index->texts_cap];
}

static struct text_entry *oldest(const struct cluster_index *index)
{
	return entry_of(index, index->next - index->live);
}

static struct shingles set_of(const struct cluster_index *index,
			      const struct text_entry *entry)
{
	return (struct shingles){ .h = index->shingles + entry->first,
				  .n = entry->n,
				  .chars = entry->chars };
}

static void evict(struct cluster_index *index)
{
	uint32_t group = oldest(index)->group;

	index->live--;
	cluster_index_drop(index, group);
}

/* Where n shingles fit behind the newest, -1: nowhere. */
static int64_t place_for(const struct cluster_index *index, size_t n)
{
	size_t tail;

	if (index->live == 0)
		return n <= index->shingles_cap ? 0 : -1;
	tail = oldest(index)->first;
	if (index->head <= tail)
		return index->head + n < tail ? (int64_t)index->head : -1;
	if (index->head + n <= index->shingles_cap)
		return (int64_t)index->head;
	return n < tail ? 0 : -1;
}

/* --- tables --- */

static uint32_t *bucket_of(const struct cluster_index *index, size_t band,
			   uint64_t key)
{
	size_t bucket = (size_t)((key >> 32) * index->buckets >> 32);

	return index->slots[band * index->buckets + bucket];
}

static uint32_t slot_of(uint64_t key, uint64_t number)
{
	return (uint32_t)(key & 0xff) << NUMBER_BITS |
	       (uint32_t)(number & NUMBER_MASK);
}

/* How many texts ago, as far as a slot can tell. */
static uint32_t age_of(const struct cluster_index *index, uint32_t slot)
{
	return (uint32_t)(index->next - slot) & NUMBER_MASK;
}

static void put_slots(struct cluster_index *index,
		      const uint64_t band[MINHASH_BANDS], uint64_t number)
{
	for (size_t b = 0; b < MINHASH_BANDS; b++) {
		uint32_t *bucket = bucket_of(index, b, band[b]);
		uint32_t most = 0;
		size_t at = 0;

		for (size_t way = 0; way < WAYS; way++) {
			uint32_t age = age_of(index, bucket[way]);

			if (age > most) {
				most = age;
				at = way;
			}
		}
		bucket[at] = slot_of(band[b], number);
	}
}

static size_t tables_bytes(size_t buckets)
{
	return buckets * MINHASH_BANDS * WAYS * sizeof(uint32_t);
}

/* --- growing --- */

/* Groups count as many as there may be without asking again. */
static size_t bytes_of(const struct cluster_index *index)
{
	size_t groups = index->texts_cap + GROUPS_BESIDES;

	if (groups < index->groups_cap)
		groups = index->groups_cap;
	return index->texts_cap * sizeof(index->texts[0]) +
	       index->shingles_cap * sizeof(index->shingles[0]) +
	       tables_bytes(index->buckets) + groups * sizeof(index->groups[0]);
}

static void rebuild_tables(struct cluster_index *index)
{
	free(index->slots);
	index->buckets = index->texts_cap / TEXTS_PER_BUCKET + 1;
	index->slots = must(aligned_alloc(64, tables_bytes(index->buckets)));
	memset(index->slots, 0, tables_bytes(index->buckets));
	for (uint64_t i = index->next - index->live; i < index->next; i++) {
		struct shingles set = set_of(index, entry_of(index, i));
		struct cluster_probe probe;

		if (cluster_probe_make(&probe, &set))
			put_slots(index, probe.band, i);
	}
}

static bool grow_texts(struct cluster_index *index)
{
	size_t cap = index->texts_cap + index->texts_cap / 2 + 1;
	size_t more =
		(cap - index->texts_cap) *
		(sizeof(struct text_entry) + sizeof(struct group) +
		 MINHASH_BANDS * WAYS * sizeof(uint32_t) / TEXTS_PER_BUCKET);
	struct text_entry *texts;

	if (cap > TEXTS_MAX || bytes_of(index) + more > index->memory_bytes)
		return false;
	texts = must(calloc(cap, sizeof(texts[0])));
	for (uint64_t i = index->next - index->live; i < index->next; i++)
		texts[i % cap] = *entry_of(index, i);
	free(index->texts);
	index->texts = texts;
	index->texts_cap = cap;
	rebuild_tables(index);
	return true;
}

/* The texts move to the beginning of the larger ring, in their order. */
static bool grow_shingles(struct cluster_index *index)
{
	size_t cap = index->shingles_cap + index->shingles_cap / 2, head = 0;
	size_t more = (cap - index->shingles_cap) * sizeof(uint32_t);
	uint32_t *ring;

	if (cap > UINT32_MAX || bytes_of(index) + more > index->memory_bytes)
		return false;
	ring = must(calloc(cap, sizeof(ring[0])));
	for (uint64_t i = index->next - index->live; i < index->next; i++) {
		struct text_entry *entry = entry_of(index, i);

		memcpy(ring + head, index->shingles + entry->first,
		       entry->n * sizeof(ring[0]));
		entry->first = (uint32_t)head;
		head += entry->n;
	}
	free(index->shingles);
	index->shingles = ring;
	index->shingles_cap = cap;
	index->head = head;
	return true;
}

static void make_room(struct cluster_index *index, size_t n, uint32_t now_s)
{
	while (index->live > 0 &&
	       oldest(index)->at_s + index->window_s < now_s) {
		evict(index);
		index->bound = false;
	}
	while (index->live == index->texts_cap && !grow_texts(index)) {
		evict(index);
		index->bound = true;
	}
	while (place_for(index, n) < 0) {
		if (index->live > 0 && !grow_shingles(index)) {
			evict(index);
			index->bound = true;
		}
	}
}

/* --- asking and adding --- */

bool cluster_probe_make(struct cluster_probe *probe_r,
			const struct shingles *set)
{
	struct minhash m;

	probe_r->set = *set;
	text_minhash(&m, set);
	return minhash_bands(&m, probe_r->band);
}

struct proposal {
	uint32_t age;
	uint32_t bands;
};

/* Open addressing, at most half full; an age is never 0. */
#define TALLY_BITS 10
struct tally {
	struct proposal of[1 << TALLY_BITS];
	uint16_t used[MINHASH_BANDS * WAYS]; /* places, as they were taken */
	size_t used_nr;
};

static void tally(struct tally *t, uint32_t age)
{
	size_t at = age * UINT32_C(0x9e3779b1) >> (32 - TALLY_BITS);

	while (t->of[at].age != age && t->of[at].age != 0)
		at = (at + 1) & ((1 << TALLY_BITS) - 1);
	if (t->of[at].age == 0) {
		t->of[at].age = age;
		t->used[t->used_nr++] = (uint16_t)at;
	}
	t->of[at].bands++;
}

/* Texts by their age, with how many bands propose them. */
static void look_up(const struct cluster_index *index,
		    const struct cluster_probe *probe, struct tally *t)
{
	const uint32_t *bucket[MINHASH_BANDS];

	for (size_t b = 0; b < MINHASH_BANDS; b++) {
		bucket[b] = bucket_of(index, b, probe->band[b]);
		__builtin_prefetch(bucket[b]);
	}
	for (size_t b = 0; b < MINHASH_BANDS; b++) {
		uint32_t tag = (uint32_t)(probe->band[b] & 0xff);

		for (size_t way = 0; way < WAYS; way++) {
			uint32_t slot = bucket[b][way];
			uint32_t age;

			if (slot >> NUMBER_BITS != tag)
				continue;
			age = age_of(index, slot);
			if (age > 0 && age <= index->live)
				tally(t, age);
		}
	}
}

/* The likeliest first. */
static size_t propose(const struct cluster_index *index,
		      const struct cluster_probe *probe,
		      struct proposal proposals_r[MINHASH_BANDS * WAYS])
{
	struct tally t = { .used_nr = 0 };
	size_t place[MINHASH_BANDS + 1] = { 0 }, n = 0;

	look_up(index, probe, &t);
	for (size_t i = 0; i < t.used_nr; i++)
		place[t.of[t.used[i]].bands]++;
	for (size_t bands = MINHASH_BANDS; bands >= MINHASH_BANDS_LEAST;
	     bands--) {
		size_t of = place[bands];

		place[bands] = n;
		n += of;
	}
	for (size_t i = 0; i < t.used_nr; i++) {
		struct proposal one = t.of[t.used[i]];

		if (one.bands >= MINHASH_BANDS_LEAST)
			proposals_r[place[one.bands]++] = one;
	}
	return n;
}

static bool known(const uint32_t *groups, size_t n, uint32_t group)
{
	for (size_t i = 0; i < n; i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool equal(const struct shingles *a, const struct shingles *b)
{
	return a->n == b->n && memcmp(a->h, b->h, a->n * sizeof(a->h[0])) == 0;
}

size_t cluster_index_find(struct cluster_index *index,
			  const struct cluster_probe *probe, int64_t at_us,
			  uint32_t groups_r[CLUSTER_NEAR_MAX], bool *same_r)
{
	struct proposal proposals[MINHASH_BANDS * WAYS];
	size_t n = propose(index, probe, proposals), found = 0, compared = 0;
	uint32_t now_s = (uint32_t)(at_us / US_PER_S);

	*same_r = false;
	for (size_t i = 0;
	     i < n && compared < CONFIRM_MAX && found < CLUSTER_NEAR_MAX; i++) {
		struct text_entry *entry =
			entry_of(index, index->next - proposals[i].age);
		struct shingles set = set_of(index, entry);
		uint32_t root = cluster_index_root(index, entry->group);
		bool had = known(groups_r, found, root), same;

		if (entry->at_s + index->window_s < now_s ||
		    (had && proposals[i].bands < MINHASH_BANDS))
			continue;
		compared++;
		same = equal(&probe->set, &set);
		if (!same && (had || !shingles_near(&probe->set, &set)))
			continue;
		if (!had)
			groups_r[found++] = root;
		if (same && proposals[i].age <= index->live / 2)
			*same_r = true;
	}
	return found;
}

void cluster_index_add(struct cluster_index *index,
		       const struct cluster_probe *probe, int64_t at_us,
		       uint32_t group)
{
	size_t n = probe->set.n;
	uint32_t at_s = (uint32_t)(at_us / US_PER_S);
	int64_t place;

	if (n > UINT16_MAX || n > index->memory_bytes / sizeof(uint32_t) / 4)
		return;
	make_room(index, n, at_s);
	place = place_for(index, n);
	memcpy(index->shingles + place, probe->set.h,
	       n * sizeof(index->shingles[0]));
	index->head = (size_t)place + n;
	cluster_index_hold(index, group);
	*entry_of(index, index->next) = (struct text_entry){
		.group = group,
		.first = (uint32_t)place,
		.n = (uint16_t)n,
		.chars = (uint16_t)(probe->set.chars < UINT16_MAX
					    ? probe->set.chars
					    : UINT16_MAX),
		.at_s = at_s,
	};
	put_slots(index, probe->band, index->next);
	index->next++;
	index->live++;
}

/* --- its life --- */

struct cluster_index *cluster_index_new(size_t memory_bytes, int64_t window_us)
{
	struct cluster_index *index = must(calloc(1, sizeof(*index)));

	index->memory_bytes = memory_bytes;
	index->window_s = (uint32_t)(window_us / US_PER_S);
	index->next = 1;
	index->free_group = NO_GROUP;
	index->texts_cap = TEXTS_FIRST;
	index->texts = must(calloc(TEXTS_FIRST, sizeof(index->texts[0])));
	index->shingles_cap = SHINGLES_FIRST;
	index->shingles =
		must(calloc(SHINGLES_FIRST, sizeof(index->shingles[0])));
	rebuild_tables(index);
	return index;
}

void cluster_index_free(struct cluster_index **index_p)
{
	struct cluster_index *index = *index_p;

	if (index == NULL)
		return;
	*index_p = NULL;
	free(index->texts);
	free(index->shingles);
	free(index->slots);
	free(index->groups);
	free(index);
}

struct cluster_index_size cluster_index_size(const struct cluster_index *index)
{
	struct cluster_index_size size = {
		.texts = index->live,
		.groups = index->groups_used,
		.bytes = bytes_of(index),
		.window_us = index->window_s * US_PER_S,
	};

	if (index->bound && index->live > 0)
		size.window_us = (entry_of(index, index->next - 1)->at_s -
				  oldest(index)->at_s) *
				 US_PER_S;
	return size;
}

size_t cluster_index_room(const struct cluster_index *index)
{
	const size_t text_bytes =
		96 * sizeof(uint32_t) + sizeof(struct text_entry) +
		sizeof(struct group) +
		MINHASH_BANDS * WAYS * sizeof(uint32_t) / TEXTS_PER_BUCKET;
	size_t n = index->memory_bytes / text_bytes;

	return n < TEXTS_MAX ? n : TEXTS_MAX;
}
