/* replay_check.h -- is what is read a log? Offsets dense and times never going
 * back in each shard, revisions dense in each key, a key in one shard. Pure:
 * fed with events in the order of their shards, whoever read them. */
#ifndef SUYUAN_CLI_REPLAY_CHECK_H
#define SUYUAN_CLI_REPLAY_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLAY_SHARDS_MAX 64

struct replay_event {
	uint32_t shard;
	uint64_t offset, revision;
	int64_t accepted_at_us;
	uint8_t event_id[16];
	const char *key;
};

/* Where a shard is: nothing of it was seen while next is 0. */
struct replay_shard {
	uint64_t first, next;
	int64_t accepted_at_us;
	uint8_t event_id[16]; /* of next - 1 */
};

struct replay_key;

struct replay_check {
	struct replay_shard shards[REPLAY_SHARDS_MAX];
	uint64_t events, keys_nr, problems;
	struct replay_key *keys; /* 16 bytes each, by the hash of the key */
	size_t keys_cap;
};

/* NULL, or what is wrong with it; it is the place to go on from all the same.
 */
const char *replay_check_event(struct replay_check *c,
			       const struct replay_event *event);
void replay_check_close(struct replay_check *c);

#endif
