/* repeat.c -- whether a case is the repeat of an earlier one (C9); pure. */
#include <string.h>

#include "subjects.h"

bool same_matter(const char *topic, const char *product,
		 const char *other_topic, const char *other_product,
		 bool same_product)
{
	return topic[0] != '\0' && strcmp(topic, other_topic) == 0 &&
	       (!same_product || strcmp(product, other_product) == 0);
}

bool repeat_find(const struct earlier_case *cases, size_t n, const char *topic,
		 const char *product, bool same_product, int64_t window_us,
		 int64_t at_us, struct repeat *repeat_r)
{
	const struct earlier_case *found = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct earlier_case *c = &cases[i];

		if (c->ended_at_us == 0 || c->ended_at_us > at_us ||
		    at_us - c->ended_at_us >= window_us ||
		    c->registered_at_us >= at_us ||
		    !same_matter(topic, product, c->topic, c->product,
				 same_product))
			continue;
		if (found == NULL || c->ended_at_us > found->ended_at_us)
			found = c;
	}
	if (found == NULL)
		return false;
	/* a chain is counted at its first case */
	repeat_r->first =
		found->first[0] != '\0' ? found->first : found->id_text;
	repeat_r->window_end_us = found->ended_at_us + window_us;
	return true;
}
