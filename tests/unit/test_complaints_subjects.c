/* test_complaints_subjects.c -- sets of contacts against a model that tries all
 * paths, and which case repeats which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "complaints/subjects.h"
#include "timeutil.h"

#define T0 (INT64_C(1740000000) * US_PER_S)
#define CONTACTS_NR 8

static struct arena arena;

static const uint8_t *id_of(int n)
{
	static uint8_t ids[CONTACTS_NR][CONTACT_BYTES];

	/* the order of numbers is not that of ids */
	memset(ids[n], (n * 5 + 3) % CONTACTS_NR, CONTACT_BYTES);
	return ids[n];
}

/* --- sets --- */

static size_t members(const struct contact *root)
{
	size_t n = 0;

	for (const struct contact *c = root; c != NULL; c = c->next) {
		assert_ptr_equal(c->root, root);
		n++;
	}
	return n;
}

static void join(struct subjects *s, int a, int b)
{
	struct contact *one = subjects_contact(s, id_of(a));
	struct contact *other = subjects_contact(s, id_of(b));
	struct subject_link *l = subjects_link(s, one, other);

	if (l == NULL)
		l = subjects_link_add(s, one, other);
	l->split = false;
	contacts_join(one, other);
}

static void test_joined(void **state)
{
	struct subjects s;
	struct contact *a;

	(void)state;
	subjects_open(&s, &arena);
	a = subjects_contact(&s, id_of(0));
	assert_ptr_equal(a, subjects_contact(&s, id_of(0)));
	assert_false(a->touched);
	join(&s, 0, 1);
	join(&s, 2, 3);
	join(&s, 1, 3);
	assert_int_equal(a->root->nr, 4);
	assert_int_equal(members(a->root), 4);
	assert_true(contacts_joined(a, subjects_contact(&s, id_of(2))));
	assert_false(contacts_joined(a, subjects_contact(&s, id_of(4))));
	for (int i = 0; i < 4; i++)
		assert_true(subjects_contact(&s, id_of(i))->touched);
	subjects_close_index(&s);
	arena_reset(&arena);
}

/* The smaller set is renamed: a store with a large one has little to write. */
static void test_the_larger_keeps_its_name(void **state)
{
	struct subjects s;

	(void)state;
	subjects_open(&s, &arena);
	for (int i = 0; i < 3; i++)
		subjects_stored(&s, id_of(i), id_of(1));
	assert_int_equal(members(subjects_contact(&s, id_of(0))->root), 3);
	join(&s, 5, 6);
	join(&s, 5, 0);
	assert_memory_equal(subjects_contact(&s, id_of(6))->root->id, id_of(1),
			    CONTACT_BYTES);
	assert_int_equal(members(subjects_contact(&s, id_of(6))->root), 5);
	subjects_close_index(&s);
	arena_reset(&arena);
}

/* Rows may come in any order, the set's name before it or after it. */
static void test_stored_in_any_order(void **state)
{
	unsigned seed = 3;

	(void)state;
	for (int round = 0; round < 200; round++) {
		int order[4] = { 0, 1, 2, 3 };
		struct subjects s;

		subjects_open(&s, &arena);
		for (int i = 3; i > 0; i--) {
			int j = rand_r(&seed) % (i + 1);
			int swap = order[i];

			order[i] = order[j];
			order[j] = swap;
		}
		for (int i = 0; i < 4; i++) {
			subjects_stored(&s, id_of(order[i]), id_of(2));
			subjects_stored(&s, id_of(order[i]), id_of(2));
		}
		assert_int_equal(members(subjects_contact(&s, id_of(2))), 4);
		assert_true(subjects_contact(&s, id_of(0))->stored);
		assert_false(subjects_contact(&s, id_of(0))->touched);
		subjects_close_index(&s);
		arena_reset(&arena);
	}
}

/* Reached over links that are not split, tried one by one. */
static bool reaches(const bool linked[CONTACTS_NR][CONTACTS_NR], int a, int b)
{
	bool seen[CONTACTS_NR] = { 0 };

	seen[a] = true;

	for (int round = 0; round < CONTACTS_NR; round++) {
		for (int i = 0; i < CONTACTS_NR; i++) {
			for (int j = 0; j < CONTACTS_NR; j++) {
				if (seen[i] && linked[i][j])
					seen[j] = true;
			}
		}
	}
	return seen[b];
}

static void test_joins_and_splits(void **state)
{
	unsigned seed = 11;
	size_t parted = 0;

	(void)state;
	for (int round = 0; round < 300; round++) {
		bool linked[CONTACTS_NR][CONTACTS_NR] = { 0 };
		struct subjects s;

		subjects_open(&s, &arena);
		for (int step = 0; step < 30; step++) {
			int a = rand_r(&seed) % CONTACTS_NR;
			int b = rand_r(&seed) % CONTACTS_NR;

			if (a == b)
				continue;
			if (rand_r(&seed) % 3 > 0 || !linked[a][b]) {
				join(&s, a, b);
				linked[a][b] = linked[b][a] = true;
			} else {
				subjects_split(
					&s,
					subjects_link(
						&s,
						subjects_contact(&s, id_of(a)),
						subjects_contact(&s,
								 id_of(b))));
				linked[a][b] = linked[b][a] = false;
				parted += !reaches(linked, a, b);
			}
			for (int i = 0; i < CONTACTS_NR; i++) {
				struct contact *c =
					subjects_contact(&s, id_of(i));

				assert_int_equal(members(c->root), c->root->nr);
				for (int j = 0; j < CONTACTS_NR; j++)
					assert_int_equal(
						contacts_joined(
							c,
							subjects_contact(
								&s, id_of(j))),
						i == j ||
							reaches(linked, i, j));
			}
		}
		subjects_close_index(&s);
		arena_reset(&arena);
	}
	assert_true(parted > 100);
}

static void test_links_by_their_ends(void **state)
{
	struct subjects s;
	struct subject_link *l;

	(void)state;
	subjects_open(&s, &arena);
	for (int i = 0; i < CONTACTS_NR - 1; i++) {
		struct contact *a = subjects_contact(&s, id_of(i));
		struct contact *b = subjects_contact(&s, id_of(i + 1));

		assert_null(subjects_link(&s, a, b));
		l = subjects_link_add(&s, a, b);
		assert_true(memcmp(l->a->id, l->b->id, CONTACT_BYTES) < 0);
		assert_ptr_equal(subjects_link(&s, a, b), l);
		assert_ptr_equal(subjects_link(&s, b, a), l);
	}
	subjects_close_index(&s);
	arena_reset(&arena);
}

/* --- repeats --- */

#define DAY US_PER_DAY

static struct earlier_case ended(const char *id, int64_t from, int64_t to)
{
	struct earlier_case c = {
		.topic = "price",
		.product = "gas",
		.first = "",
		.registered_at_us = T0 + from * DAY,
		.ended_at_us = to == 0 ? 0 : T0 + to * DAY,
	};

	snprintf(c.id_text, sizeof(c.id_text), "%s", id);
	return c;
}

static const char *repeated(const struct earlier_case *cases, size_t n,
			    int64_t at_us, bool same_product)
{
	struct repeat repeat = { "", 0 };

	repeat_find(cases, n, "price", "gas", same_product, 30 * DAY, at_us,
		    &repeat);
	return repeat.first;
}

static void test_window(void **state)
{
	const struct earlier_case a = ended("a", 1, 10);
	const struct earlier_case open = ended("b", 1, 0);
	struct repeat repeat;

	(void)state;
	assert_string_equal(repeated(&a, 1, a.ended_at_us - 1, false), "");
	assert_string_equal(repeated(&a, 1, a.ended_at_us, false), "a");
	assert_string_equal(
		repeated(&a, 1, a.ended_at_us + 30 * DAY - 1, false), "a");
	assert_string_equal(repeated(&a, 1, a.ended_at_us + 30 * DAY, false),
			    "");
	assert_string_equal(repeated(&open, 1, T0 + 20 * DAY, false), "");
	assert_string_equal(repeated(&open, 0, T0 + 20 * DAY, false), "");
	assert_true(repeat_find(&a, 1, "price", "", false, 30 * DAY,
				T0 + 20 * DAY, &repeat));
	assert_int_equal(repeat.window_end_us, T0 + 40 * DAY);
	/* no window, no repeat */
	assert_false(repeat_find(&a, 1, "price", "", false, 0, a.ended_at_us,
				 &repeat));
}

static void test_matter(void **state)
{
	struct earlier_case a = ended("a", 1, 10);

	(void)state;
	a.product = "water";
	assert_string_equal(repeated(&a, 1, T0 + 20 * DAY, false), "a");
	assert_string_equal(repeated(&a, 1, T0 + 20 * DAY, true), "");
	a.topic = "staff";
	assert_string_equal(repeated(&a, 1, T0 + 20 * DAY, false), "");
	assert_false(same_matter("", "", "", "", false));
	assert_true(same_matter("x", "p", "x", "q", false));
	assert_false(same_matter("x", "p", "x", "q", true));
}

static void test_the_last_and_its_first(void **state)
{
	struct earlier_case cases[3] = { ended("a", 1, 5), ended("b", 8, 15),
					 ended("c", 9, 12) };

	(void)state;
	assert_string_equal(repeated(cases, 3, T0 + 20 * DAY, false), "b");
	cases[1].first = "a";
	assert_string_equal(repeated(cases, 3, T0 + 20 * DAY, false), "a");
	/* what was registered after it is no earlier case */
	assert_string_equal(repeated(cases + 1, 2, T0 + 7 * DAY, false), "");
	/* ended before it was registered: of files out of order */
	cases[0] = ended("a", 9, 5);
	assert_string_equal(repeated(cases, 1, T0 + 7 * DAY, false), "");
}

static int open_all(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

/* --- what is kept long enough --- */

static void test_reopened_is_not_forgotten(void **state)
{
	struct subject_case known[] = {
		/* since it was looked up */
		{ .facts.state = SY__V1__APPEAL_STATE__APPEAL_REOPENED },
		{ .revision = 7,
		  .facts.state = SY__V1__APPEAL_STATE__APPEAL_CLOSED },
		{ .revision = 8,
		  .facts.state = SY__V1__APPEAL_STATE__APPEAL_WITHDRAWN },
		{ .revision = 9,
		  .facts.state = SY__V1__APPEAL_STATE__APPEAL_MERGED },
	};
	struct subject_cases list = { .cases = known, .n = 4 };
	struct bus_item item = {
		.method = &complaints_methods[METHOD_FORGET_APPEALS],
		.scratch = &list,
	};
	struct complaints svc = { .service.name = "complaints" };
	struct subject_batch sb = { .erasures_last = &sb.erasures };
	struct cases cases = { .subjects = &sb };
	struct bus_batch batch = { .n = 1 };
	struct decision d = { .svc = &svc, .batch = &batch, .cases = &cases };

	(void)state;
	arena_init(&batch.arena);
	subjects_decide(&d, &item);
	assert_non_null(sb.erasures);
	assert_int_equal(sb.erasures->n, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sb.erasures->cases[i].revision, 7 + i);
	arena_reset(&batch.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_the_larger_keeps_its_name),
		cmocka_unit_test(test_stored_in_any_order),
		cmocka_unit_test(test_joins_and_splits),
		cmocka_unit_test(test_links_by_their_ends),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_matter),
		cmocka_unit_test(test_the_last_and_its_first),
		cmocka_unit_test(test_reopened_is_not_forgotten),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
