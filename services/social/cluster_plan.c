/* cluster_plan.c -- the items of a step meet the index one after another: each
 * is alone, or comes to the group of the texts that it is near to; groups that
 * it joins become one. What the database has to say comes after
 * (cluster_rules).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clusters.h"

static size_t slot_of(const struct cluster_plan *plan, uint32_t root)
{
	size_t slot = root * UINT32_C(0x9e3779b1) & (plan->slots_nr - 1);

	while (plan->slots[slot] != 0 &&
	       plan->joins[plan->slots[slot] - 1].group != root)
		slot = (slot + 1) & (plan->slots_nr - 1);
	return slot;
}

static struct cluster_join *find(const struct cluster_plan *plan, uint32_t root)
{
	uint32_t at = plan->slots[slot_of(plan, root)];

	return at != 0 ? &plan->joins[at - 1] : NULL;
}

static void add_mention(struct cluster_plan *plan, struct cluster_join *join,
			const uint8_t id[UUID_BYTES], int64_t edited_at_us)
{
	struct cluster_mention *m;

	if (join->mentions_nr == join->mentions_cap) {
		struct cluster_mention *old = join->mentions;

		join->mentions_cap = 2 * join->mentions_cap + 4;
		join->mentions = arena_alloc(
			plan->arena, join->mentions_cap * sizeof(old[0]));
		if (join->mentions_nr > 0)
			memcpy(join->mentions, old,
			       join->mentions_nr * sizeof(old[0]));
	}
	m = &join->mentions[join->mentions_nr++];
	memset(m, 0, sizeof(*m));
	memcpy(m->id, id, UUID_BYTES);
	m->edited_at_us = edited_at_us;
}

static void add_cluster(struct cluster_plan *plan, struct cluster_join *join,
			const uint8_t id[UUID_BYTES])
{
	struct cluster_state *c;

	if (join->clusters_nr == join->clusters_cap) {
		struct cluster_state *old = join->clusters;

		join->clusters_cap = 2 * join->clusters_cap + 1;
		join->clusters = arena_alloc(
			plan->arena, join->clusters_cap * sizeof(old[0]));
		if (join->clusters_nr > 0)
			memcpy(join->clusters, old,
			       join->clusters_nr * sizeof(old[0]));
	}
	c = &join->clusters[join->clusters_nr++];
	*c = (struct cluster_state){ .topic = "", .unit = "" };
	memcpy(c->id, id, UUID_BYTES);
}

/* What the group is made of so far. */
static void add_group(struct cluster_plan *plan, struct cluster_join *join,
		      const struct cluster_group *g)
{
	if (g->cluster)
		add_cluster(plan, join, g->id);
	else
		add_mention(plan, join, g->id, g->edited_at_us);
}

static struct cluster_join *join_of(struct cluster_index *index,
				    struct cluster_plan *plan, uint32_t root)
{
	struct cluster_group *g = cluster_index_of(index, root);
	struct cluster_join *join = find(plan, root);

	if (join != NULL)
		return join;
	assert(plan->joins != NULL && plan->joins_nr < plan->items_nr);
	plan->slots[slot_of(plan, root)] = (uint32_t)plan->joins_nr + 1;
	join = &plan->joins[plan->joins_nr++];
	*join = (struct cluster_join){ .group = root };
	cluster_index_hold(index, root);
	add_group(plan, join, g);
	if (!g->cluster) {
		join->made = true;
		uuid_make(g->id);
		g->cluster = true;
	}
	return join;
}

/* Clusters before mentions, the oldest first: their ids are times. */
static uint32_t oldest(struct cluster_index *index, const uint32_t *roots,
		       size_t n)
{
	uint32_t best = roots[0];

	for (size_t i = 1; i < n; i++) {
		const struct cluster_group *a = cluster_index_of(index, best);
		const struct cluster_group *b =
			cluster_index_of(index, roots[i]);

		if (b->cluster &&
		    (!a->cluster || memcmp(b->id, a->id, UUID_BYTES) < 0))
			best = roots[i];
	}
	return best;
}

static void absorb(struct cluster_index *index, struct cluster_plan *plan,
		   struct cluster_join *into, uint32_t root)
{
	struct cluster_join *from = find(plan, root);

	if (from == NULL) {
		add_group(plan, into, cluster_index_of(index, root));
	} else {
		for (size_t i = 0; i < from->mentions_nr; i++)
			add_mention(plan, into, from->mentions[i].id,
				    from->mentions[i].edited_at_us);
		for (size_t i = 0; i < from->clusters_nr; i++)
			add_cluster(plan, into, from->clusters[i].id);
		from->mentions_nr = from->clusters_nr = 0;
	}
	cluster_index_merge(index, into->group, root);
}

/* One of the groups is of this very mention, whose text is another now. */
static bool meets_itself(struct cluster_index *index, const uint32_t *roots,
			 size_t n, const struct cluster_item *item)
{
	for (size_t i = 0; i < n; i++) {
		struct cluster_group *g = cluster_index_of(index, roots[i]);

		if (g->cluster || memcmp(g->id, item->id, UUID_BYTES) != 0)
			continue;
		g->edited_at_us = item->edited_at_us;
		return true;
	}
	return false;
}

static void look_at_author(struct cluster_plan *plan,
			   const struct cluster_item *item, bool copy)
{
	/* an edit is not said anew */
	if (!item->has_author || item->known)
		return;
	if (spam_seen(plan->authors, &plan->policy, item->author,
		      item->accepted_at_us, copy, item->link))
		memcpy(plan->spam[plan->spam_nr++], item->id, UUID_BYTES);
}

static void put(struct cluster_index *index, struct cluster_plan *plan,
		const struct cluster_item *item)
{
	struct cluster_group alone = { .edited_at_us = item->edited_at_us };
	uint32_t near[CLUSTER_NEAR_MAX], root;
	struct cluster_probe probe;
	struct cluster_join *join;
	bool same, itself;
	size_t n;

	if (!cluster_probe_make(&probe, &item->set))
		return;
	n = cluster_index_find(index, &probe, item->accepted_at_us, near,
			       &same);
	look_at_author(plan, item, n > 0);
	if (n == 0) {
		memcpy(alone.id, item->id, UUID_BYTES);
		root = cluster_index_group(index, &alone);
		cluster_index_add(index, &probe, item->accepted_at_us, root);
		cluster_index_drop(index, root);
		return;
	}
	root = oldest(index, near, n);
	itself = meets_itself(index, near, n, item);
	if (n > 1 || !itself) {
		join = join_of(index, plan, root);
		for (size_t i = 0; i < n; i++)
			if (near[i] != root)
				absorb(index, plan, join, near[i]);
		if (!itself)
			add_mention(plan, join, item->id, item->edited_at_us);
	}
	if (!same)
		cluster_index_add(index, &probe, item->accepted_at_us, root);
}

void cluster_plan(struct cluster_index *index, struct cluster_plan *plan)
{
	for (plan->slots_nr = 64; plan->slots_nr < 2 * plan->items_nr;)
		plan->slots_nr *= 2;
	plan->slots = arena_alloc(plan->arena,
				  plan->slots_nr * sizeof(plan->slots[0]));
	plan->joins = arena_alloc(plan->arena, (plan->items_nr + 1) *
						       sizeof(plan->joins[0]));
	plan->joins_nr = 0;
	plan->spam = arena_alloc(plan->arena,
				 (plan->items_nr + 1) * sizeof(plan->spam[0]));
	plan->spam_nr = 0;
	for (size_t i = 0; i < plan->items_nr; i++)
		if (!plan->items[i].gone)
			put(index, plan, &plan->items[i]);
}

void cluster_plan_undo(struct cluster_index *index,
		       const struct cluster_join *join)
{
	struct cluster_group *g = cluster_index_of(index, join->group);

	memset(g, 0, sizeof(*g));
	if (join->mentions_nr == 0)
		return; /* a mention that is nowhere: it will not be found */
	memcpy(g->id, join->mentions[0].id, UUID_BYTES);
	g->edited_at_us = join->mentions[0].edited_at_us;
}
