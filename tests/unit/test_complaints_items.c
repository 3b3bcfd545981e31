/* test_complaints_items.c -- promises, remedies, tasks, red lines: every pair
 * of every table, and that the order of arrival changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "complaints/items.h"
#include "timeutil.h"

#define T0 (INT64_C(1740000000) * US_PER_S)
#define FACTS_MAX 32

/* A fact with room for its detail. */
struct said {
	struct appeal_fact fact;
	Sy__V1__AppealDetail detail;
};

static struct arena arena;

static void say(struct said *s, enum fact_type type, const char *item,
		int state, int64_t hour)
{
	sy__v1__appeal_detail__init(&s->detail);
	s->detail.item = (char *)item;
	s->detail.state = (uint32_t)state;
	s->fact = (struct appeal_fact){
		.type = type,
		.occurred_at_us = T0 + hour * US_PER_HOUR,
		.source = "anna",
	};
}

/* As the fold of a case does it. */
static struct case_items folded(struct said *said, size_t n)
{
	struct said *order[FACTS_MAX];
	struct case_items items;

	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		said[i].fact.n = (int)i;
		said[i].fact.detail = &said[i].detail;
		for (; at > 0 && order[at - 1]->fact.occurred_at_us >
					 said[i].fact.occurred_at_us;
		     at--)
			order[at] = order[at - 1];
		order[at] = &said[i];
	}
	items_open(&items, &arena);
	for (size_t i = 0; i < n; i++) {
		struct appeal_fact *f = &order[i]->fact;
		int woken;

		f->fit = items_take(&items, f, &f->why);
		if (f->fit != FIT_TAKEN)
			continue;
		while ((woken = items_woken(&items)) >= 0) {
			f = &said[woken].fact;
			f->fit = items_take(&items, f, &f->why);
		}
	}
	return items;
}

/* --- the tables --- */

static const enum fact_type opening[ITEM_KIND_NR] = {
	[ITEM_PROMISE] = FACT_MAKE_PROMISE,
	[ITEM_REMEDY] = FACT_PROPOSE_REMEDY,
	[ITEM_TASK] = FACT_OPEN_TASK,
	[ITEM_RED_LINE] = FACT_FLAG_RED_LINE,
};
static const enum fact_type settling[ITEM_KIND_NR] = {
	[ITEM_PROMISE] = FACT_SETTLE_PROMISE,
	[ITEM_REMEDY] = FACT_DECIDE_REMEDY,
	[ITEM_TASK] = FACT_SETTLE_TASK,
	[ITEM_RED_LINE] = FACT_DECIDE_RED_LINE,
};

/* What the tables must say, written down a second time: a row for each state,
 * absent first; t taken, 2 taken from a second person, v taken when it is said
 * to be verified later, w waits, - refused. */
#define WANTED_MAX 8
static const char *const wanted[ITEM_KIND_NR][WANTED_MAX] = {
	/* kept broken renegotiated */
	[ITEM_PROMISE] = { "www", "ttt", "---", "---", "ttt" },
	/* approved refused paid verified disproved */
	[ITEM_REMEDY] = { "wwwww", "22vww", "--tww", "-----", "---22", "-----",
			  "-----" },
	/* done declined */
	[ITEM_TASK] = { "ww", "tt", "--", "--" },
	/* flag confirmed dismissed */
	[ITEM_RED_LINE] = { "tww", "wtt", "---", "tww" },
};

static void test_tables_are_complete(void **state)
{
	(void)state;
	for (int kind = 0; kind < ITEM_ATTACHMENT; kind++) {
		const struct item_table *table = &item_tables[kind];
		size_t nr = (size_t)table->asked_nr;

		for (size_t i = 0; i < table->rows_nr; i++) {
			const struct item_transition *t = &table->rows[i];

			assert_int_equal(t->from, ITEM_ABSENT + (int)(i / nr));
			assert_int_equal(t->asked,
					 table->asked_first + (int)(i % nr));
			assert_ptr_equal(item_transition((enum item_kind)kind,
							 t->from, t->asked),
					 t);
			assert_true(strlen(t->sentence) > 10);
			assert_int_equal(t->unmet != NULL,
					 t->need != NEED_NOTHING);
		}
		assert_in_range(table->rows_nr / nr, 1, WANTED_MAX - 1);
		for (size_t i = 0; i < WANTED_MAX; i++)
			assert_int_equal(wanted[kind][i] != NULL,
					 i < table->rows_nr / nr);
		assert_null(item_transition((enum item_kind)kind, ITEM_ABSENT,
					    table->asked_first - 1));
		assert_null(
			item_transition((enum item_kind)kind, ITEM_ABSENT,
					table->asked_first + table->asked_nr));
	}
}

static void test_tables_rows(void **state)
{
	(void)state;
	for (int kind = 0; kind < ITEM_ATTACHMENT; kind++) {
		const struct item_table *table = &item_tables[kind];
		size_t nr = (size_t)table->asked_nr;

		for (size_t i = 0; i < table->rows_nr; i++) {
			const struct item_transition *t = &table->rows[i];
			char want = wanted[kind][i / nr][i % nr];

			assert_int_equal(t->fit, want == 'w'   ? FIT_WAITS
						 : want == '-' ? FIT_REFUSED
							       : FIT_TAKEN);
			assert_int_equal(t->need,
					 want == '2'   ? NEED_SECOND_PERSON
					 : want == 'v' ? NEED_VERIFY_LATER
						       : NEED_NOTHING);
		}
	}
}

/* The facts that bring an item of the kind into the state. */
static size_t path_to(struct said *said, enum item_kind kind, int state)
{
	size_t n = 0;
	int via = 0;

	if (state == ITEM_ABSENT)
		return 0;
	say(&said[n++], opening[kind], "x", 0, 1);
	if (kind == ITEM_REMEDY && state >= SY__V1__REMEDY_STATE__REMEDY_PAID) {
		said[0].detail.verify_later = true;
		via = SY__V1__REMEDY_STATE__REMEDY_PAID;
	}
	if (via != 0)
		say(&said[n++], settling[kind], "x", via, 2);
	if (state != 0 && state != via)
		say(&said[n++], settling[kind], "x", state, 3);
	for (size_t i = 1; i < n; i++)
		said[i].fact.source = "boris";
	return n;
}

static void test_each_transition(void **state)
{
	(void)state;
	for (int k = 0; k < ITEM_ATTACHMENT; k++) {
		enum item_kind kind = (enum item_kind)k;

		for (size_t i = 0; i < item_tables[k].rows_nr; i++) {
			const struct item_transition *t =
				&item_tables[k].rows[i];
			bool flags = kind == ITEM_RED_LINE && t->asked == 0;
			struct said said[FACTS_MAX];
			size_t n = path_to(said, kind, t->from);
			const struct case_item *item;
			struct case_items items;

			say(&said[n], flags ? opening[k] : settling[k], "x",
			    t->asked, 5);
			said[n].fact.source = "boris";
			if (n > 0 && t->need == NEED_VERIFY_LATER)
				said[0].detail.verify_later = true;
			items = folded(said, n + 1);
			assert_int_equal(said[n].fact.fit, t->fit);
			for (size_t j = 0; j < n; j++)
				assert_int_equal(said[j].fact.fit, FIT_TAKEN);
			if (t->fit == FIT_TAKEN)
				assert_null(said[n].fact.why);
			else
				assert_string_equal(said[n].fact.why,
						    t->sentence);
			item = items_find(&items, kind, "x");
			if (t->fit != FIT_TAKEN && t->from == ITEM_ABSENT) {
				assert_null(item);
				continue;
			}
			assert_int_equal(item->state, t->fit == FIT_TAKEN
							      ? t->asked
							      : t->from);
			if (t->fit == FIT_TAKEN && !flags)
				assert_int_equal(item->settled_n, n);
		}
	}
	arena_reset(&arena);
}

/* --- single rules --- */

static void test_four_eyes(void **state)
{
	static const int judged[] = {
		SY__V1__REMEDY_STATE__REMEDY_APPROVED,
		SY__V1__REMEDY_STATE__REMEDY_REFUSED,
		SY__V1__REMEDY_STATE__REMEDY_VERIFIED,
		SY__V1__REMEDY_STATE__REMEDY_DISPROVED,
	};
	struct case_items items;
	struct said said[3];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		say(&said[0], FACT_PROPOSE_REMEDY, "r", 0, 1);
		said[0].detail.verify_later = true;
		say(&said[1], FACT_DECIDE_REMEDY, "r",
		    SY__V1__REMEDY_STATE__REMEDY_PAID, 2);
		say(&said[2], FACT_DECIDE_REMEDY, "r", judged[i],
		    i < 2 ? 1 : 3);
		if (i < 2) {
			said[1] = said[2];
			folded(said, 2);
			assert_int_equal(said[1].fact.fit, FIT_REFUSED);
			assert_non_null(strstr(said[1].fact.why, "another"));
			continue;
		}
		folded(said, 3);
		/* to pay is not to judge */
		assert_int_equal(said[1].fact.fit, FIT_TAKEN);
		assert_int_equal(said[2].fact.fit, FIT_REFUSED);
		said[2].fact.source = "boris";
		items = folded(said, 3);
		assert_int_equal(said[2].fact.fit, FIT_TAKEN);
		assert_string_equal(
			items_find(&items, ITEM_REMEDY, "r")->decided_by,
			"boris");
	}
	arena_reset(&arena);
}

static void test_payment_wants_approval(void **state)
{
	struct case_items items;
	struct said said[3];

	(void)state;
	say(&said[0], FACT_PROPOSE_REMEDY, "r", 0, 1);
	say(&said[1], FACT_DECIDE_REMEDY, "r",
	    SY__V1__REMEDY_STATE__REMEDY_PAID, 3);
	items = folded(said, 2);
	assert_int_equal(said[1].fact.fit, FIT_WAITS);
	/* an approval after the payment does not make it right */
	say(&said[2], FACT_DECIDE_REMEDY, "r",
	    SY__V1__REMEDY_STATE__REMEDY_APPROVED, 4);
	said[2].fact.source = "boris";
	items = folded(said, 3);
	assert_int_equal(said[1].fact.fit, FIT_WAITS);
	assert_int_equal(items_find(&items, ITEM_REMEDY, "r")->state,
			 SY__V1__REMEDY_STATE__REMEDY_APPROVED);
	/* one that lay before it does, late news or not */
	said[2].fact.occurred_at_us = T0 + 2 * US_PER_HOUR;
	items = folded(said, 3);
	assert_int_equal(said[1].fact.fit, FIT_TAKEN);
	assert_int_equal(items_find(&items, ITEM_REMEDY, "r")->state,
			 SY__V1__REMEDY_STATE__REMEDY_PAID);
	/* under the limit it needed none */
	say(&said[0], FACT_PROPOSE_REMEDY, "r",
	    SY__V1__REMEDY_STATE__REMEDY_APPROVED, 1);
	items = folded(said, 2);
	assert_int_equal(said[1].fact.fit, FIT_TAKEN);
	arena_reset(&arena);
}

static void test_codes_are_used_once(void **state)
{
	static const enum fact_type opens[] = { FACT_MAKE_PROMISE,
						FACT_PROPOSE_REMEDY,
						FACT_OPEN_TASK,
						FACT_ATTACH_FILE };
	struct said said[5];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		say(&said[0], opens[i], "a", 0, 1);
		say(&said[1], opens[i], "b", 0, 2);
		say(&said[2], opens[i], "a", 0, 3);
		/* of another kind it is another item */
		say(&said[3], opens[(i + 1) % 4], "a", 0, 4);
		folded(said, 4);
		assert_int_equal(said[1].fact.fit, FIT_TAKEN);
		assert_int_equal(said[2].fact.fit, FIT_REFUSED);
		assert_int_equal(said[3].fact.fit, FIT_TAKEN);
	}
	arena_reset(&arena);
}

static void test_a_case_holds_so_many(void **state)
{
	struct case_items items;
	struct said s;
	const char *why;

	(void)state;
	items_open(&items, &arena);
	for (int i = 0; i <= CASE_ITEMS_MAX; i++) {
		say(&s, FACT_OPEN_TASK, arena_printf(&arena, "t%d", i), 0, i);
		s.fact.detail =
			arena_memdup(&arena, &s.detail, sizeof(s.detail));
		assert_int_equal(items_take(&items, &s.fact, &why),
				 i < CASE_ITEMS_MAX ? FIT_TAKEN : FIT_REFUSED);
	}
	assert_int_equal(items_count(&items).tasks_open, CASE_ITEMS_MAX);
	arena_reset(&arena);
}

static void test_says_nothing(void **state)
{
	static const enum fact_type types[] = { FACT_SETTLE_PROMISE,
						FACT_DECIDE_REMEDY,
						FACT_SETTLE_TASK,
						FACT_DECIDE_RED_LINE };
	struct said said;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		say(&said, types[i], "x", 0, 1);
		folded(&said, 1);
		assert_int_equal(said.fact.fit, FIT_REFUSED);
		say(&said, types[i], "x", 99, 1);
		folded(&said, 1);
		assert_int_equal(said.fact.fit, FIT_REFUSED);
	}
	arena_reset(&arena);
}

static void test_due(void **state)
{
	struct case_items items;
	struct said said[4];

	(void)state;
	say(&said[0], FACT_MAKE_PROMISE, "p", 0, 1);
	said[0].detail.due_us = T0 + 10 * US_PER_HOUR;
	say(&said[1], FACT_OPEN_TASK, "t", 0, 2);
	said[1].detail.due_us = T0 + 20 * US_PER_HOUR;
	items = folded(said, 2);
	assert_int_equal(items_due_us(&items, T0), T0 + 10 * US_PER_HOUR);
	assert_int_equal(items_due_us(&items, T0 + 10 * US_PER_HOUR),
			 T0 + 20 * US_PER_HOUR);
	assert_false(item_overdue(items_find(&items, ITEM_PROMISE, "p"),
				  T0 + 10 * US_PER_HOUR));
	assert_true(item_overdue(items_find(&items, ITEM_PROMISE, "p"),
				 T0 + 10 * US_PER_HOUR + 1));

	say(&said[2], FACT_SETTLE_PROMISE, "p",
	    SY__V1__PROMISE_STATE__PROMISE_RENEGOTIATED, 3);
	said[2].detail.due_us = T0 + 30 * US_PER_HOUR;
	say(&said[3], FACT_SETTLE_TASK, "t", SY__V1__TASK_STATE__TASK_DONE, 4);
	items = folded(said, 4);
	assert_int_equal(items_due_us(&items, T0), T0 + 30 * US_PER_HOUR);
	assert_int_equal(items_count(&items).promises_open, 1);
	assert_int_equal(items_count(&items).tasks_open, 0);
	assert_int_equal(items_find(&items, ITEM_PROMISE, "p")->settled_at_us,
			 0);
	assert_int_equal(items_find(&items, ITEM_TASK, "t")->settled_at_us,
			 T0 + 4 * US_PER_HOUR);
	arena_reset(&arena);
}

/* Clocks differ: what settles it is dated before what it settles. */
static void test_settled_before_it_was_made(void **state)
{
	struct case_items items;
	struct said said[3];

	(void)state;
	say(&said[0], FACT_SETTLE_PROMISE, "p",
	    SY__V1__PROMISE_STATE__PROMISE_KEPT, 1);
	say(&said[1], FACT_SETTLE_TASK, "other", SY__V1__TASK_STATE__TASK_DONE,
	    2);
	say(&said[2], FACT_MAKE_PROMISE, "p", 0, 3);
	items = folded(said, 3);
	assert_int_equal(said[0].fact.fit, FIT_TAKEN);
	assert_null(said[0].fact.why);
	assert_int_equal(said[1].fact.fit, FIT_WAITS);
	assert_int_equal(items_count(&items).promises_kept, 1);
	arena_reset(&arena);
}

static void test_the_later_stands(void **state)
{
	struct case_items items;
	struct said said[6];

	(void)state;
	say(&said[0], FACT_RATE, "", 0, 5);
	said[0].detail.rating = 4;
	say(&said[1], FACT_RATE, "", 0, 4);
	said[1].detail.rating = 1;
	say(&said[2], FACT_LINK, "", 0, 1);
	said[2].detail.other_appeal = "m1";
	say(&said[3], FACT_LINK, "", 0, 2);
	say(&said[4], FACT_MARK_REPEAT, "", 0, 1);
	said[4].detail.other_appeal = "r1";
	said[4].detail.due_us = T0;
	say(&said[5], FACT_MARK_REPEAT, "", 0, 2);
	said[5].detail.other_appeal = "r2";
	items = folded(said, 6);
	assert_int_equal(items.rating, 4);
	assert_string_equal(items.matter, "");
	assert_string_equal(items.repeat_of, "r2");
	assert_int_equal(items.repeat_until_us, 0);
	arena_reset(&arena);
}

/* --- any order of arrival --- */

/* A life of n facts, each of which fits when it happens. */
static void random_life(struct said *said, size_t n, unsigned *seed)
{
	static const char *const codes[] = { "a", "b", "c" };
	static const char *const people[] = { "anna", "boris", "cyril" };

	for (size_t i = 0, tried = 0; i < n; tried++) {
		int kind = rand_r(seed) % ITEM_ATTACHMENT;
		bool opens = rand_r(seed) % 3 == 0;
		struct said *s = &said[i];

		say(s, opens ? opening[kind] : settling[kind],
		    codes[rand_r(seed) % 3], 0, (int64_t)i + 1);
		if (!opens)
			s->detail.state =
				1 +
				(uint32_t)rand_r(seed) %
					(uint32_t)item_tables[kind].asked_nr;
		s->detail.due_us = T0 + rand_r(seed) % 1000;
		s->detail.verify_later = rand_r(seed) % 2 == 0;
		s->fact.source = people[rand_r(seed) % 3];
		if (tried > 500) /* all is settled */
			say(s, FACT_NOTE, "", 0, (int64_t)i + 1);
		folded(said, i + 1);
		i += s->fact.fit == FIT_TAKEN;
	}
}

static char *described(const struct case_items *items, const struct said *said)
{
	char *text = arena_strdup(&arena, "");

	for (const struct case_item *i = items->first; i != NULL; i = i->next) {
		text = arena_printf(
			&arena, "%s%d %s=%d due %lld at %lld %lld by %s\n",
			text, i->kind, i->code, i->state, (long long)i->due_us,
			(long long)i->opened_at_us,
			i->settled_n < 0 ? 0LL
					 : (long long)said[i->settled_n]
						   .fact.occurred_at_us,
			i->decided_by == NULL ? "-" : i->decided_by);
	}
	return text;
}

static void test_any_order_of_arrival(void **state)
{
	unsigned seed = 7;
	size_t waited = 0, taken = 0;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct said said[FACTS_MAX], arrived[FACTS_MAX];
		size_t n = 4 + (size_t)rand_r(&seed) % 16;
		struct case_items items;
		char *want;

		random_life(said, n, &seed);
		items = folded(said, n);
		want = described(&items, said);
		for (size_t i = 1; i < n; i++) {
			size_t j = (size_t)rand_r(&seed) % (i + 1);
			struct said swap = said[i];

			said[i] = said[j];
			said[j] = swap;
		}
		for (size_t i = 0; i < n; i++) {
			arrived[i] = said[i];
			items = folded(arrived, i + 1);
			for (size_t j = 0; j <= i; j++) {
				enum fact_fit fit = arrived[j].fact.fit;

				assert_int_not_equal(fit, FIT_REFUSED);
				waited += fit == FIT_WAITS;
				taken += fit == FIT_TAKEN;
			}
		}
		assert_string_equal(described(&items, arrived), want);
		arena_reset(&arena);
	}
	/* it was not all notes */
	assert_true(waited > 2000 && taken > 20000);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_are_complete),
		cmocka_unit_test(test_tables_rows),
		cmocka_unit_test(test_each_transition),
		cmocka_unit_test(test_four_eyes),
		cmocka_unit_test(test_payment_wants_approval),
		cmocka_unit_test(test_codes_are_used_once),
		cmocka_unit_test(test_a_case_holds_so_many),
		cmocka_unit_test(test_says_nothing),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_settled_before_it_was_made),
		cmocka_unit_test(test_the_later_stands),
		cmocka_unit_test(test_any_order_of_arrival),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
