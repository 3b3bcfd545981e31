/* count.c -- what an event of each log adds to cells: those of the facts after
 * it less those of the facts before, as rules.c says. Everything comes from the
 * event, so a log always gives the same cells. */
#include <string.h>

#include "kpi.h"
#include "timeutil.h"

static void add_leaves(struct cell_table *table, const struct leaf *leaves,
		       int n, int64_t accepted_at_us, int sign)
{
	int32_t accepted_day = (int32_t)(accepted_at_us / US_PER_DAY);

	for (int i = 0; i < n; i++)
		cell_table_add(table, &leaves[i], accepted_day, sign);
}

int count_complaints(struct cell_table *table, struct arena *scratch,
		     const Sy__V1__Event *event, int64_t accepted_at_us,
		     struct error *err)
{
	struct leaf leaves[LEAVES_MAX];
	const Sy__V1__AppealChanged *changed = sy__v1__appeal_changed__unpack(
		&scratch->allocator, event->payload.len, event->payload.data);

	if (!changed)
		return error_set(err, "payload of type %s is no AppealChanged",
				 event->type);
	/* A fact that was refused leaves the appeal as it is. */
	if (!changed->after)
		return 0;
	add_leaves(table, leaves, rules_leaves(changed->before, leaves),
		   accepted_at_us, -1);
	add_leaves(table, leaves, rules_leaves(changed->after, leaves),
		   accepted_at_us, 1);
	return 0;
}

static int count_mentions(struct cell_table *table, struct arena *scratch,
			  const Sy__V1__Event *event, int64_t accepted_at_us,
			  struct error *err)
{
	struct leaf leaves[LEAVES_MAX];
	const Sy__V1__MentionsTallied *tallied =
		sy__v1__mentions_tallied__unpack(&scratch->allocator,
						 event->payload.len,
						 event->payload.data);

	if (!tallied)
		return error_set(err, "payload is no MentionsTallied");
	for (size_t i = 0; i < tallied->n_tallies; i++)
		add_leaves(table, leaves,
			   rules_mention_leaves(tallied->tallies[i], leaves),
			   accepted_at_us, 1);
	return 0;
}

static int count_reaction(struct cell_table *table, struct arena *scratch,
			  const Sy__V1__Event *event, int64_t accepted_at_us,
			  struct error *err)
{
	struct leaf leaves[LEAVES_MAX];
	const Sy__V1__ReactionChanged *changed =
		sy__v1__reaction_changed__unpack(&scratch->allocator,
						 event->payload.len,
						 event->payload.data);

	if (!changed)
		return error_set(err, "payload is no ReactionChanged");
	add_leaves(table, leaves,
		   rules_reaction_leaves(changed->before, leaves),
		   accepted_at_us, -1);
	add_leaves(table, leaves, rules_reaction_leaves(changed->after, leaves),
		   accepted_at_us, 1);
	return 0;
}

int count_social(struct cell_table *table, struct arena *scratch,
		 const Sy__V1__Event *event, int64_t accepted_at_us,
		 struct error *err)
{
	if (strcmp(event->type, "MentionsTallied") == 0)
		return count_mentions(table, scratch, event, accepted_at_us,
				      err);
	if (strcmp(event->type, "ReactionChanged") == 0)
		return count_reaction(table, scratch, event, accepted_at_us,
				      err);
	/* Clusters, spikes, watches: nothing is counted of them. */
	return 0;
}
