/* duty_rules.c -- which replica does what: each about as many, and what has
 * moved comes to rest. */
#include "duty/duty.h"

static bool knows(const struct duty_member *m, int duty)
{
	return (m->knows >> duty & 1) != 0;
}

/* -1: nobody knows it. The first of those that have equally few. */
static int least(const struct duty_view *view, int duty)
{
	int found = -1;

	for (int m = 0; m < view->members_nr; m++)
		if (knows(&view->members[m], duty) &&
		    (found < 0 ||
		     view->members[m].owned < view->members[found].owned))
			found = m;
	return found;
}

uint64_t duty_rules_take(struct duty_view *view)
{
	uint64_t take = 0;

	for (int d = 0; d < view->duties_nr; d++) {
		int m = view->owner[d] < 0 ? least(view, d) : -1;

		if (m < 0)
			continue;
		view->members[m].owned++;
		if (m == view->me)
			take |= UINT64_C(1) << d;
	}
	return take;
}

int duty_rules_give(const struct duty_view *view)
{
	int mine = view->members_nr ? view->members[view->me].owned : 0;
	int give = -1;

	for (int d = 0; d < view->duties_nr; d++) {
		if (view->owner[d] < 0)
			return -1;
		/* At a difference of one it would go to and fro. */
		if (view->owner[d] == view->me &&
		    view->members[least(view, d)].owned + 2 <= mine)
			give = d;
	}
	return give;
}
