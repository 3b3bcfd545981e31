/* test_duty_rules.c -- which replica does what, and that it comes to rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "duty/duty.h"

#define MEMBERS_MAX 6

/* What each replica would see by itself. */
struct world {
	int duties_nr, members_nr;
	int owner[DUTIES_MAX];
	uint64_t knows[MEMBERS_MAX];
};

static void look(const struct world *w, int me, struct duty_view *view,
		 struct duty_member *members)
{
	memset(view, 0, sizeof(*view));
	view->duties_nr = w->duties_nr;
	view->members_nr = w->members_nr;
	view->members = members;
	view->me = me;
	for (int m = 0; m < w->members_nr; m++)
		members[m] = (struct duty_member){ .knows = w->knows[m] };
	for (int d = 0; d < w->duties_nr; d++) {
		view->owner[d] = w->owner[d];
		if (w->owner[d] >= 0)
			members[w->owner[d]].owned++;
	}
}

/* All look at the same moment, and then move; how many moves. */
static int step(struct world *w)
{
	struct duty_member members[MEMBERS_MAX];
	struct world before = *w;
	struct duty_view view;
	int moves = 0;

	for (int m = 0; m < w->members_nr; m++) {
		uint64_t take;
		int give;

		look(&before, m, &view, members);
		give = duty_rules_give(&view);
		take = duty_rules_take(&view);
		if (give >= 0) {
			assert_int_equal(w->owner[give], m);
			w->owner[give] = -1;
			moves++;
		}
		for (int d = 0; d < w->duties_nr; d++) {
			if ((take >> d & 1) == 0)
				continue;
			/* nobody else took it: they see the same */
			assert_int_equal(w->owner[d], -1);
			assert_true(w->knows[m] >> d & 1);
			w->owner[d] = m;
			moves++;
		}
	}
	return moves;
}

static void rest(struct world *w)
{
	int count[MEMBERS_MAX] = { 0 }, rounds = 0;

	while (step(w) > 0)
		assert_true(++rounds < 200);
	for (int d = 0; d < w->duties_nr; d++)
		if (w->owner[d] >= 0)
			count[w->owner[d]]++;
	for (int d = 0; d < w->duties_nr; d++)
		for (int m = 0; m < w->members_nr; m++)
			if (w->knows[m] >> d & 1) {
				assert_true(w->owner[d] >= 0);
				assert_true(count[w->owner[d]] <= count[m] + 1);
			}
}

static void test_alone(void **state)
{
	struct world w = { .duties_nr = 10, .members_nr = 1 };

	(void)state;
	memset(w.owner, -1, sizeof(w.owner));
	w.knows[0] = UINT64_MAX;
	assert_int_equal(step(&w), 10);
	assert_int_equal(step(&w), 0);
}

static void test_scale(void **state)
{
	struct world w = { .duties_nr = 10, .members_nr = 1 };

	(void)state;
	memset(w.owner, -1, sizeof(w.owner));
	for (int m = 0; m < 4; m++)
		w.knows[m] = UINT64_MAX;
	rest(&w);
	w.members_nr = 4;
	rest(&w);
	/* the last two have died */
	w.members_nr = 2;
	for (int d = 0; d < w.duties_nr; d++)
		if (w.owner[d] >= 2)
			w.owner[d] = -1;
	rest(&w);
}

/* Give and take of one duty need not be seen by all at once. */
static void test_one_at_a_time(void **state)
{
	struct world w = { .duties_nr = 6, .members_nr = 2 };

	(void)state;
	memset(w.owner, 0, sizeof(w.owner));
	w.knows[0] = w.knows[1] = UINT64_MAX;
	assert_int_equal(step(&w), 1);
	assert_int_equal(step(&w), 1);
	assert_int_equal(w.owner[5], 1);
}

/* A version that does not know a duty is not waited for. */
static void test_versions(void **state)
{
	struct world w = { .duties_nr = 4, .members_nr = 2 };

	(void)state;
	memset(w.owner, -1, sizeof(w.owner));
	w.knows[0] = 0xf;
	w.knows[1] = 0x1;
	rest(&w);
	w.knows[0] = 0xe;
	w.owner[0] = -1;
	rest(&w);
	assert_int_equal(w.owner[0], 1);
	w.knows[1] = 0; /* nobody does it: it stays free */
	w.owner[0] = -1;
	assert_int_equal(step(&w), 0);
}

static void test_random(void **state)
{
	(void)state;
	srandom(7);
	for (int round = 0; round < 5000; round++) {
		struct world w = {
			.duties_nr = 1 + (int)(random() % 20),
			.members_nr = 1 + (int)(random() % MEMBERS_MAX),
		};

		for (int m = 0; m < w.members_nr; m++)
			w.knows[m] = UINT64_MAX;
		for (int d = 0; d < w.duties_nr; d++)
			w.owner[d] = (int)(random() % (w.members_nr + 1)) - 1;
		rest(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
