/* test_complaints_rules.c -- the life of a case, its clock, and the fields of
 * requests: every row of the transition table, every order of arrival. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case_facts.h"

#define STATES_NR 12 /* PENDING and what comes after it */

/* --- the table --- */

/* The shortest lives that lead to each state. */
static const enum fact_type paths[STATES_NR + 1][4] = {
	[SY__V1__APPEAL_STATE__APPEAL_CLASSIFIED] = { FACT_CLASSIFY },
	[SY__V1__APPEAL_STATE__APPEAL_ROUTED] = { FACT_ROUTE },
	[SY__V1__APPEAL_STATE__APPEAL_ANSWERED] = { FACT_ANSWER },
	[SY__V1__APPEAL_STATE__APPEAL_INVESTIGATED] = { FACT_INVESTIGATE },
	[SY__V1__APPEAL_STATE__APPEAL_RESOLVED] = { FACT_RESOLVE },
	[SY__V1__APPEAL_STATE__APPEAL_INFORMED] = { FACT_RESOLVE, FACT_INFORM },
	[SY__V1__APPEAL_STATE__APPEAL_CLOSED] = { FACT_ANSWER, FACT_CLOSE },
	[SY__V1__APPEAL_STATE__APPEAL_WITHDRAWN] = { FACT_WITHDRAW },
	[SY__V1__APPEAL_STATE__APPEAL_REOPENED] = { FACT_WITHDRAW,
						    FACT_REOPEN },
	[SY__V1__APPEAL_STATE__APPEAL_MERGED] = { FACT_MERGE },
};

static size_t path_to(unsigned state, struct appeal_fact *facts)
{
	size_t n = 0;

	if (state == SY__V1__APPEAL_STATE__APPEAL_PENDING)
		return 0;
	facts[n++] = fact(FACT_REGISTER, 1);
	for (const enum fact_type *p = paths[state]; *p != 0; p++, n++)
		facts[n] = fact(*p, 1 + (int64_t)n);
	return n;
}

static void test_each_pair_has_one_row(void **state)
{
	(void)state;
	for (int type = 0; type < FACT_NR; type++) {
		const struct transition *rows = transitions[type];
		unsigned seen = 0;
		size_t n = 0;

		for (; rows[n].from != 0; n++) {
			assert_true(n + 1 < TRANSITIONS_MAX);
			assert_int_equal(seen & rows[n].from, 0);
			seen |= rows[n].from;
			assert_true(strlen(rows[n].sentence) > 10);
			if (rows[n].fit == FIT_REFUSED)
				assert_int_equal(rows[n].to, 0);
		}
		assert_int_equal(seen, (2U << STATES_NR) - 2);
	}
}

/* What the table must say, written down a second time, a row a fact. States as
 * in the .proto: pending, registered, classified, answered, resolved, closed,
 * routed, investigated, informed, reopened, withdrawn, merged. "-" refused, "w"
 * waits, "." taken and stays, else the letter of the state that follows. */
static const char *const wanted[FACT_NR] = {
	[FACT_REGISTER] = "R-----------",
	[FACT_CLASSIFY] = "-C...-....--",
	[FACT_ANSWER] = "-AA...AA.A.-",
	[FACT_RESOLVE] = "-SSS--SS-S--",
	[FACT_CLOSE] = "-wwXX-wwXw--",
	[FACT_ROUTE] = "-TT..-....--",
	[FACT_INVESTIGATE] = "-III--I.-I--",
	[FACT_INFORM] = "-ww.N.ww.w--",
	[FACT_REOPEN] = "-wwwOOwwOwO-",
	[FACT_WITHDRAW] = "-WWW--WW-W--",
	[FACT_ESCALATE] = "-..........-",
	[FACT_MERGE] = "-MMMM-MMMM--",
	[FACT_NOTE] = "-...........",
	[FACT_RATE] = "-www..ww...-",
	[FACT_PAUSE_CLOCK] = "-....-....--",
	[FACT_RESUME_CLOCK] = "-....-....--",
	[FACT_EXTEND_CLOCK] = "-....-....--",
	[FACT_MAKE_PROMISE] = "-....-....--",
	[FACT_SETTLE_PROMISE] = "-...........",
	[FACT_PROPOSE_REMEDY] = "-....-....--",
	[FACT_DECIDE_REMEDY] = "-...........",
	[FACT_OPEN_TASK] = "-....-....--",
	[FACT_SETTLE_TASK] = "-...........",
	[FACT_LINK] = "-...........",
	[FACT_MARK_REPEAT] = "-...........",
	[FACT_FLAG_RED_LINE] = "-...........",
	[FACT_DECIDE_RED_LINE] = "-...........",
	[FACT_ATTACH_FILE] = "-..........-",
	[FACT_KEEP_LOOKUP] = "-...........",
};

static void test_table_rows(void **state)
{
	static const char states[] = "?PRCASXTINOWM";

	(void)state;
	for (int type = 0; type < FACT_NR; type++) {
		assert_int_equal(strlen(wanted[type]), STATES_NR);
		for (unsigned from = 1; from <= STATES_NR; from++) {
			const struct transition *t =
				transition_find(from, (enum fact_type)type);
			char want = wanted[type][from - 1];

			if (want == '-') {
				assert_int_equal(t->fit, FIT_REFUSED);
			} else if (want == 'w') {
				assert_int_equal(t->fit, FIT_WAITS);
			} else {
				assert_int_equal(t->fit, FIT_TAKEN);
				assert_int_equal(want == '.' ? '?' : want,
						 states[t->to]);
			}
		}
	}
}

/* Those whose items have no place for them of their own. */
static bool needs_item(enum fact_type type)
{
	return type == FACT_SETTLE_PROMISE || type == FACT_DECIDE_REMEDY ||
	       type == FACT_SETTLE_TASK || type == FACT_DECIDE_RED_LINE;
}

static void test_each_transition(void **state)
{
	(void)state;
	for (int type = 0; type < FACT_NR; type++) {
		for (unsigned from = 2; from <= STATES_NR; from++) {
			const struct transition *t =
				transition_find(from, (enum fact_type)type);
			struct appeal_fact facts[FACTS_MAX];
			size_t n = path_to(from, facts);
			struct appeal_facts after;

			after = folded(facts, n);
			assert_int_equal(after.state, from);
			facts[n++] = fact((enum fact_type)type, 10);
			after = folded(facts, n);
			if (needs_item((enum fact_type)type) &&
			    t->fit == FIT_TAKEN) {
				assert_int_equal(facts[n - 1].fit, FIT_WAITS);
				continue;
			}
			assert_int_equal(facts[n - 1].fit, t->fit);
			if (t->fit == FIT_TAKEN) {
				assert_int_equal(after.state,
						 t->to == 0 ? from : t->to);
				assert_null(facts[n - 1].why);
			} else {
				assert_int_equal(after.state, from);
				assert_string_equal(facts[n - 1].why,
						    t->sentence);
			}
		}
	}
}

/* What the fold knows and the state does not. */
static void test_after_an_answer(void **state)
{
	struct appeal_fact facts[] = {
		fact(FACT_REGISTER, 0),    fact(FACT_ANSWER, 1),
		fact(FACT_INVESTIGATE, 2), fact(FACT_INFORM, 3),
		fact(FACT_CLOSE, 4),       fact(FACT_REOPEN, 5),
		fact(FACT_CLOSE, 6),       fact(FACT_ANSWER, 7),
	};
	struct appeal_facts after = folded(facts, 5);

	(void)state;
	assert_int_equal(after.state, SY__V1__APPEAL_STATE__APPEAL_CLOSED);
	assert_int_equal(after.informed_at_us, T0 + 3 * US_PER_HOUR);
	/* a reopening wants an answer of its own before the closing */
	after = folded(facts, 7);
	assert_int_equal(after.state, SY__V1__APPEAL_STATE__APPEAL_REOPENED);
	assert_int_equal(facts[6].fit, FIT_WAITS);
	assert_int_equal(after.closed_at_us, 0);
	assert_int_equal(after.informed_at_us, 0);
	after = folded(facts, 8);
	assert_int_equal(after.state, SY__V1__APPEAL_STATE__APPEAL_CLOSED);
	assert_int_equal(after.closed_at_us, T0 + 6 * US_PER_HOUR);
	assert_int_equal(after.reopened, 1);
	assert_int_equal(after.first_answer_at_us, T0 + US_PER_HOUR);
}

static void test_reopened_resolution(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_RESOLVE, 1),
				       fact(FACT_REOPEN, 5),
				       fact(FACT_RESOLVE, 9) };
	struct appeal_facts after = folded(facts, 3);

	(void)state;
	assert_int_equal(after.resolved_at_us, 0);
	assert_int_equal(after.last_resolved_at_us, T0 + US_PER_HOUR);
	after = folded(facts, 4);
	assert_int_equal(after.resolved_at_us, T0 + 9 * US_PER_HOUR);
	assert_int_equal(after.last_resolved_at_us, after.resolved_at_us);
}

static void test_before_the_registration(void **state)
{
	(void)state;
	for (int type = FACT_CLASSIFY; type < FACT_NR; type++) {
		struct appeal_fact facts[] = { fact((enum fact_type)type, 0),
					       fact(FACT_REGISTER, 1) };
		struct appeal_facts after = folded(facts, 2);

		assert_int_equal(facts[0].fit, FIT_REFUSED);
		assert_int_equal(facts[1].fit, FIT_TAKEN);
		assert_int_equal(after.state,
				 SY__V1__APPEAL_STATE__APPEAL_REGISTERED);
		assert_int_equal(after.first_answer_at_us, 0);
		/* for good: the next fold passes over it */
		facts[0].occurred_at_us += 2 * US_PER_HOUR;
		folded(facts, 2);
		assert_int_equal(facts[0].fit, FIT_REFUSED);
	}
}

static void test_pending(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_ANSWER, 2),
				       fact(FACT_CLOSE, 3) };
	struct appeal_facts after = folded(facts, 2);

	(void)state;
	assert_int_equal(after.state, SY__V1__APPEAL_STATE__APPEAL_PENDING);
	assert_int_equal(facts[0].fit, FIT_WAITS);
	assert_int_equal(after.first_answer_at_us, 0);
	assert_int_equal(after.first_response, SY__V1__CLOCK_STATE__CLOCK_NONE);
	assert_string_equal(after.code[CODE_UNIT], "");
}

static void test_closed_before_the_answer(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_CLOSE, 3),
				       fact(FACT_ANSWER, 5) };
	struct appeal_facts after = folded(facts, 2);

	(void)state;
	assert_int_equal(after.state, SY__V1__APPEAL_STATE__APPEAL_REGISTERED);
	assert_int_equal(after.closed_at_us, 0);
	after = folded(facts, 3);
	assert_int_equal(after.state, SY__V1__APPEAL_STATE__APPEAL_CLOSED);
	assert_int_equal(after.closed_at_us, T0 + 3 * US_PER_HOUR);
	assert_int_equal(after.first_answer_at_us, T0 + 5 * US_PER_HOUR);
}

static void test_same_instant(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_CLOSE, 1),
				       fact(FACT_RESOLVE, 1),
				       fact(FACT_ANSWER, 1),
				       fact(FACT_CLASSIFY, 1),
				       fact(FACT_REGISTER, 1) };
	struct appeal_facts after = folded(facts, 5);

	(void)state;
	assert_int_equal(after.state, SY__V1__APPEAL_STATE__APPEAL_CLOSED);
	for (int i = 0; i < 5; i++)
		assert_int_equal(facts[i].fit, FIT_TAKEN);
}

static void test_codes(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_CLASSIFY, 4),
				       fact(FACT_CLASSIFY, 2) };
	struct appeal_facts after;

	(void)state;
	facts[1].code[CODE_TOPIC] = "late";
	facts[2].code[CODE_TOPIC] = "rude";
	facts[2].code[CODE_DEPARTMENT] = "D1";
	after = folded(facts, 3);
	assert_string_equal(after.code[CODE_TOPIC], "late");
	assert_string_equal(after.code[CODE_DEPARTMENT], "D1");
	assert_string_equal(after.code[CODE_UNIT], "U1");
}

/* --- order of arrival --- */

static bool same_facts(const struct appeal_facts *a,
		       const struct appeal_facts *b)
{
	for (int i = 0; i < CODE_NR; i++) {
		/* NOLINTNEXTLINE: the fold sets every code */
		if (strcmp(a->code[i], b->code[i]) != 0)
			return false;
	}
	return a->state == b->state &&
	       a->registered_at_us == b->registered_at_us &&
	       a->first_answer_at_us == b->first_answer_at_us &&
	       a->first_response == b->first_response &&
	       a->first_response_due_us == b->first_response_due_us &&
	       a->resolved_at_us == b->resolved_at_us &&
	       a->closed_at_us == b->closed_at_us &&
	       a->informed_at_us == b->informed_at_us &&
	       a->reopened == b->reopened && a->rating == b->rating &&
	       a->escalation == b->escalation &&
	       a->promises_kept == b->promises_kept &&
	       a->tasks_open == b->tasks_open;
}

/* Takes the facts one by one in the given order, as decide.c does: folds after
 * each, and no fact that fits in the end may be refused on the way. */
static struct appeal_facts arrive(const struct appeal_fact *facts,
				  const int *arrival, size_t n)
{
	struct appeal_fact taken[FACTS_MAX];
	struct appeal_facts after = { 0 };

	for (size_t i = 0; i < n; i++) {
		taken[i] = facts[arrival[i]];
		after = folded(taken, i + 1);
		for (size_t j = 0; j <= i; j++)
			assert_int_not_equal(taken[j].fit, FIT_REFUSED);
	}
	return after;
}

static void permute(const struct appeal_fact *facts, int *arrival, size_t at,
		    size_t n, const struct appeal_facts *want, int *count)
{
	if (at == n) {
		struct appeal_facts got = arrive(facts, arrival, n);

		assert_true(same_facts(&got, want));
		(*count)++;
		return;
	}
	for (size_t i = at; i < n; i++) {
		int kept = arrival[at];

		arrival[at] = arrival[i];
		arrival[i] = kept;
		permute(facts, arrival, at + 1, n, want, count);
		kept = arrival[at];
		arrival[at] = arrival[i];
		arrival[i] = kept;
	}
}

/* Random facts of which all fit when folded at once, and none waits but a
 * closing. Of what is done once (a resolution, an end) there is one: a second
 * has its place only when the reopening before it has come. */
static size_t random_life(struct appeal_fact *facts)
{
	static const char *const topics[] = { "", "late", "rude", "lost" };
	static const enum fact_type types[] = {
		FACT_CLASSIFY,     FACT_ANSWER,       FACT_RESOLVE,
		FACT_CLOSE,        FACT_ROUTE,        FACT_INVESTIGATE,
		FACT_INFORM,       FACT_REOPEN,       FACT_ESCALATE,
		FACT_NOTE,         FACT_RATE,         FACT_PAUSE_CLOCK,
		FACT_RESUME_CLOCK, FACT_MAKE_PROMISE, FACT_SETTLE_PROMISE,
		FACT_OPEN_TASK,    FACT_SETTLE_TASK,  FACT_ATTACH_FILE,
		FACT_ANSWER,       FACT_RESOLVE,      FACT_CLOSE,
	};

	for (;;) {
		size_t n = 1 + (size_t)(rand() % 6);
		bool fits = true;

		facts[0] = fact(FACT_REGISTER, 0);
		for (size_t i = 1; i < n; i++) {
			facts[i] =
				fact(types[(size_t)rand() %
					   (sizeof(types) / sizeof(types[0]))],
				     rand() % 60);
			if (facts[i].type == FACT_CLASSIFY)
				facts[i].code[CODE_TOPIC] = topics[rand() % 4];
		}
		if (n > 2 && rand() % 4 == 0) {
			facts[1] = fact(FACT_RESOLVE, rand() % 10);
			facts[2] = fact(FACT_REOPEN, 10 + rand() % 50);
		}
		folded(facts, n);
		for (size_t i = 0; i < n; i++)
			fits &= facts[i].fit == FIT_TAKEN ||
				(facts[i].fit == FIT_WAITS &&
				 facts[i].type == FACT_CLOSE);
		/* two facts of a type at one instant have no order but that
		 * of arrival */
		for (size_t i = 0; i < n; i++) {
			for (size_t j = 0; j < i; j++)
				fits &= facts[i].type != facts[j].type ||
					(facts[i].occurred_at_us !=
						 facts[j].occurred_at_us &&
					 facts[i].type != FACT_RESOLVE &&
					 facts[i].type != FACT_CLOSE);
		}
		/* what goes on after a reopening must not come before it */
		for (size_t i = 0; i < n; i++) {
			for (size_t j = 0; j < n; j++)
				fits &= facts[i].type != FACT_REOPEN ||
					facts[j].occurred_at_us <=
						facts[i].occurred_at_us ||
					facts[j].type == FACT_ANSWER ||
					facts[j].type == FACT_NOTE ||
					facts[j].type == FACT_RATE;
		}
		if (fits)
			return n;
	}
}

static void test_any_order_of_arrival(void **state)
{
	int count = 0, closed = 0, reopened = 0;

	(void)state;
	srand(7);
	for (int round = 0; round < 300; round++) {
		struct appeal_fact facts[FACTS_MAX];
		int arrival[FACTS_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
		size_t n = random_life(facts);
		struct appeal_facts want = folded(facts, n);

		closed += want.state == SY__V1__APPEAL_STATE__APPEAL_CLOSED;
		reopened += want.reopened > 0;
		permute(facts, arrival, 0, n, &want, &count);
	}
	assert_true(count > 10000);
	assert_true(closed > 5);
	assert_true(reopened > 20);
}

static void test_random_lives_and_the_clock(void **state)
{
	(void)state;
	srand(11);
	for (int round = 0; round < 3000; round++) {
		struct appeal_fact facts[FACTS_MAX];
		size_t n = random_life(facts);
		struct appeal_facts all = folded(facts, n);
		int64_t first = INT64_MAX;

		for (size_t i = 0; i < n; i++) {
			if ((facts[i].type == FACT_ANSWER ||
			     facts[i].type == FACT_RESOLVE) &&
			    facts[i].occurred_at_us < first)
				first = facts[i].occurred_at_us;
		}
		assert_int_equal(all.first_answer_at_us,
				 first == INT64_MAX ? 0 : first);
		assert_int_equal(all.first_response,
				 first <= T0 + 48 * US_PER_HOUR
					 ? SY__V1__CLOCK_STATE__CLOCK_MET
					 : SY__V1__CLOCK_STATE__CLOCK_BREACHED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_pair_has_one_row),
		cmocka_unit_test(test_table_rows),
		cmocka_unit_test(test_each_transition),
		cmocka_unit_test(test_after_an_answer),
		cmocka_unit_test(test_reopened_resolution),
		cmocka_unit_test(test_before_the_registration),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_closed_before_the_answer),
		cmocka_unit_test(test_same_instant),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_any_order_of_arrival),
		cmocka_unit_test(test_random_lives_and_the_clock),
	};

	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_reset(&arena);
	return failed;
}
