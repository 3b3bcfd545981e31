/* replay_check.c -- see replay_check.h. */
#include "replay_check.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

/* A table of its own, since a log may have tens of millions of keys. Two keys
 * of one hash are one in 10^5 at that size, and would be a false alarm. */
struct replay_key {
	uint64_t hash; /* 0: free */
	uint64_t seen; /* shard in the highest byte, revision */
};

#define SHARD_SHIFT 56
#define REVISION_MASK ((UINT64_C(1) << SHARD_SHIFT) - 1)

static struct replay_key *slot_of(struct replay_key *keys, size_t cap,
				  uint64_t hash)
{
	size_t at = hash & (cap - 1);

	while (keys[at].hash && keys[at].hash != hash)
		at = (at + 1) & (cap - 1);
	return &keys[at];
}

static void grow(struct replay_check *c)
{
	size_t cap = c->keys_cap ? 2 * c->keys_cap : 1024;
	struct replay_key *keys = calloc(cap, sizeof(*keys));

	if (!keys)
		abort();
	for (size_t i = 0; i < c->keys_cap; i++)
		if (c->keys[i].hash)
			*slot_of(keys, cap, c->keys[i].hash) = c->keys[i];
	free(c->keys);
	c->keys = keys;
	c->keys_cap = cap;
}

/* The revisions of a key that was there before what is read begin anywhere. */
static const char *check_key(struct replay_check *c,
			     const struct replay_event *e, bool from_start)
{
	uint64_t hash = XXH64(e->key, strlen(e->key), 0);
	const char *wrong = NULL;
	struct replay_key *key;

	if (2 * c->keys_nr >= c->keys_cap)
		grow(c);
	hash += hash == 0;
	key = slot_of(c->keys, c->keys_cap, hash);
	if (!key->hash) {
		c->keys_nr++;
		if (from_start && e->revision != 1)
			wrong = "the key does not begin with revision 1";
	} else if (key->seen >> SHARD_SHIFT != e->shard) {
		wrong = "the key stands in two shards";
	} else if (e->revision != (key->seen & REVISION_MASK) + 1) {
		wrong = "the key leaves a revision out, or has it twice";
	}
	*key = (struct replay_key){ hash,
				    (uint64_t)e->shard << SHARD_SHIFT |
					    (e->revision & REVISION_MASK) };
	return wrong;
}

const char *replay_check_event(struct replay_check *c,
			       const struct replay_event *e)
{
	struct replay_shard *s = &c->shards[e->shard];
	const char *wrong = NULL, *key_wrong;

	if (s->next == 0)
		s->first = e->offset;
	else if (e->offset != s->next)
		wrong = "the offset does not follow";
	else if (e->accepted_at_us < s->accepted_at_us)
		wrong = "the time goes back";
	/* Events without a revision are of no entity. */
	key_wrong = e->revision ? check_key(c, e, s->first == 1) : NULL;
	if (!wrong)
		wrong = key_wrong;
	s->next = e->offset + 1;
	s->accepted_at_us = e->accepted_at_us;
	memcpy(s->event_id, e->event_id, sizeof(s->event_id));
	c->events++;
	c->problems += wrong != NULL;
	return wrong;
}

void replay_check_close(struct replay_check *c)
{
	free(c->keys);
	c->keys = NULL;
	c->keys_cap = c->keys_nr = 0;
}
