/* cluster_spam.c -- authors who say too much, the same, or nothing but links:
 * what each has said within the hour, in a table of fixed size in which the
 * stalest gives way. Pure; what it forgets after a hand-over it counts anew.
 */
#include <stdlib.h>

#include "clusters.h"
#include "timeutil.h"

#define AUTHORS ((size_t)1 << 15)
#define PROBES 8

struct spam_author {
	int64_t author;
	int32_t hour;
	uint32_t posts, copies, links;
};
struct spam_table {
	struct spam_author authors[AUTHORS];
};

const struct spam_policy spam_policy_usual = {
	.burst = 100,
	.copies_least = 10,
	.copies_percent = 80,
	.links_least = 20,
	.links_percent = 95,
};

bool spam_policy_cb(const Sy__V1__Policy *policy, void *arg)
{
	const Sy__V1__SpamRule *rule = policy->spam;

	*(struct spam_policy *)arg = (struct spam_policy){
		.burst = rule->burst,
		.copies_least = rule->copies_least,
		.copies_percent = rule->copies_percent,
		.links_least = rule->links_least,
		.links_percent = rule->links_percent,
	};
	return false;
}

struct spam_table *spam_table_new(void)
{
	struct spam_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	return t;
}

void spam_table_free(struct spam_table **t)
{
	free(*t);
	*t = NULL;
}

static struct spam_author *find(struct spam_table *t, int64_t author)
{
	/* a pseudonym is a hash already */
	size_t first = (size_t)author & (AUTHORS - 1);
	struct spam_author *stalest = &t->authors[first];

	for (size_t i = 0; i < PROBES; i++) {
		struct spam_author *a =
			&t->authors[(first + i) & (AUTHORS - 1)];

		if (a->posts > 0 && a->author == author)
			return a;
		if (a->hour < stalest->hour)
			stalest = a;
	}
	*stalest = (struct spam_author){ .author = author };
	return stalest;
}

static bool share(uint32_t part, uint32_t all, uint32_t least, uint32_t percent)
{
	return all >= least && (uint64_t)part * 100 >= (uint64_t)all * percent;
}

bool spam_seen(struct spam_table *t, const struct spam_policy *policy,
	       int64_t author, int64_t at_us, bool copy, bool link)
{
	struct spam_author *a = find(t, author);
	int32_t hour = (int32_t)(at_us / US_PER_HOUR);

	if (a->hour != hour)
		*a = (struct spam_author){ .author = author, .hour = hour };
	a->posts++;
	a->copies += copy;
	a->links += link;
	return a->posts >= policy->burst ||
	       (copy && share(a->copies, a->posts, policy->copies_least,
			      policy->copies_percent)) ||
	       (link && share(a->links, a->posts, policy->links_least,
			      policy->links_percent));
}
