/* tally.c -- what a batch has changed of the counts: after - before of each of
 * its mentions, summed by cell. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "mentions.h"
#include "timeutil.h"

static int tally_order(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;
	int order;

	if (x->hour != y->hour)
		return x->hour < y->hour ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	if (x->mention_class != y->mention_class)
		return x->mention_class < y->mention_class ? -1 : 1;
	if (x->sentiment != y->sentiment)
		return x->sentiment < y->sentiment ? -1 : 1;
	order = strcmp(x->unit, y->unit);
	if (order == 0)
		order = strcmp(x->topic, y->topic);
	return order != 0 ? order : strcmp(x->source, y->source);
}

static int32_t hour_of(int64_t at_us)
{
	return (int32_t)(at_us / US_PER_HOUR);
}

static void add(struct tallies *sums, const Sy__V1__MentionStored *stored,
		int sign)
{
	const Sy__V1__MentionFacts *f;

	if (!mention_counts(stored))
		return;
	f = stored->facts;
	sums->t[sums->n++] = (struct tally){
		.hour = hour_of(f->published_at_us),
		.day = f->published_day,
		.unit = f->unit,
		.topic = f->topic,
		.source = f->source,
		.mention_class = f->mention_class,
		.sentiment = f->sentiment,
		.mentions = sign,
		.reach = sign * (int64_t)f->reach,
	};
}

struct tallies tally_sum(struct arena *arena, const struct mention *first)
{
	struct tallies sums = { 0 };
	size_t changed = 0, n = 0;

	for (const struct mention *m = first; m != NULL; m = m->next)
		changed += m->cause != NULL;
	sums.t = arena_alloc(arena, (2 * changed + 1) * sizeof(*sums.t));
	for (const struct mention *m = first; m != NULL; m = m->next) {
		if (m->cause == NULL)
			continue;
		add(&sums, m->before, -1);
		add(&sums, m->after, 1);
	}
	qsort(sums.t, sums.n, sizeof(*sums.t), tally_order);
	for (size_t i = 0, end; i < sums.n; i = end) {
		struct tally sum = sums.t[i];

		for (end = i + 1;
		     end < sums.n && tally_order(&sums.t[i], &sums.t[end]) == 0;
		     end++) {
			sum.mentions += sums.t[end].mentions;
			sum.reach += sums.t[end].reach;
		}
		if (sum.mentions != 0 || sum.reach != 0)
			sums.t[n++] = sum;
	}
	sums.n = n;
	return sums;
}
