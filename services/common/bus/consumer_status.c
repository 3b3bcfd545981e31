/* consumer_status.c -- where the consumers of this process stand, told from
 * memory: it answers while the database does not. Shards that another replica
 * takes are told as they were read with the last renewal of the leases. */
#include <string.h>

#include "bus/consumer_internal.h"

static const struct consumer *open_consumers;

void status_add(struct consumer *c)
{
	c->next_open = open_consumers;
	open_consumers = c;
}

void status_remove(const struct consumer *c)
{
	const struct consumer **at = &open_consumers;

	while (*at && *at != c)
		at = (const struct consumer **)&(*at)->next_open;
	if (*at)
		*at = c->next_open;
}

static Sy__V1__ConsumerShard *tell_shard(const struct shard *s,
					 struct arena *arena)
{
	Sy__V1__ConsumerShard *to = arena_alloc(arena, sizeof(*to));

	sy__v1__consumer_shard__init(to);
	to->shard = s->number;
	to->position = s->at.offset;
	to->head_offset = s->head;
	to->owned = s->owned;
	if (s->at.offset) {
		to->event_id.len = sizeof(s->at.event_id);
		to->event_id.data = arena_memdup(arena, s->at.event_id,
						 sizeof(s->at.event_id));
	}
	if (s->stuck)
		to->stuck = arena_strdup(arena, s->why);
	return to;
}

static Sy__V1__ConsumerStatus *tell_one(const struct consumer *c,
					struct arena *arena)
{
	Sy__V1__ConsumerStatus *to = arena_alloc(arena, sizeof(*to));

	sy__v1__consumer_status__init(to);
	to->consumer = arena_strdup(arena, c->name);
	to->stream = arena_strdup(arena, c->stream);
	to->shards = arena_alloc(arena,
				 (size_t)c->o.shards_nr * sizeof(*to->shards));
	for (int i = 0; i < c->o.shards_nr; i++)
		to->shards[to->n_shards++] = tell_shard(&c->shards[i], arena);
	return to;
}

const Sy__V1__GetConsumersReply *consumers_tell(struct arena *arena)
{
	Sy__V1__GetConsumersReply *reply = arena_alloc(arena, sizeof(*reply));
	size_t n = 0;

	sy__v1__get_consumers_reply__init(reply);
	for (const struct consumer *c = open_consumers; c; c = c->next_open)
		n++;
	reply->consumers =
		arena_alloc(arena, (n + 1) * sizeof(*reply->consumers));
	for (const struct consumer *c = open_consumers; c; c = c->next_open)
		reply->consumers[reply->n_consumers++] = tell_one(c, arena);
	return reply;
}
