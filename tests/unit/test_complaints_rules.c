/* test_complaints_rules.c -- the life of a case, its clock, and the fields of
 * requests: every row of the transition table, every order of arrival. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "complaints/complaints.h"
#include "timeutil.h"

#define T0 (INT64_C(1740000000) * US_PER_S)
#define NOW (T0 + 400 * US_PER_DAY)
#define FACTS_MAX 8

static struct clock_policy policy_rows[] = {
	{ 10957, 48 * US_PER_HOUR },
	{ 20500, 24 * US_PER_HOUR },
};
static const struct clock_policies policies = { policy_rows, 2 };

static struct appeal_fact fact(enum fact_type type, int64_t hours)
{
	struct appeal_fact f = { .type = type,
				 .occurred_at_us = T0 + hours * US_PER_HOUR,
				 .source = "office",
				 .text = "" };

	for (int i = 0; i < CODE_NR; i++)
		f.code[i] = "";
	if (type == FACT_REGISTER) {
		f.code[CODE_KIND] = "complaint";
		f.code[CODE_TOPIC] = "queue";
		f.code[CODE_UNIT] = "U1";
	}
	return f;
}

static struct appeal_facts folded(struct appeal_fact *facts, size_t n)
{
	struct appeal_fact *order[FACTS_MAX];
	struct appeal_facts after;

	for (size_t i = 0; i < n; i++)
		facts[i].n = (int)i;
	appeal_fold(facts, n, order, &after);
	after.registered_day = (int32_t)(after.registered_at_us / US_PER_DAY);
	appeal_clock(&after, &policies, NOW);
	return after;
}

/* --- the table --- */

/* A shortest life that leads to each state. */
static size_t path_to(Sy__V1__AppealState state, struct appeal_fact *facts)
{
	size_t n = 0;

	switch (state) {
	case SY__V1__APPEAL_STATE__APPEAL_NONE:
	case SY__V1__APPEAL_STATE__APPEAL_PENDING:
		return 0;
	case SY__V1__APPEAL_STATE__APPEAL_REGISTERED:
		facts[n++] = fact(FACT_REGISTER, 1);
		return n;
	case SY__V1__APPEAL_STATE__APPEAL_CLASSIFIED:
		facts[n++] = fact(FACT_REGISTER, 1);
		facts[n++] = fact(FACT_CLASSIFY, 2);
		return n;
	case SY__V1__APPEAL_STATE__APPEAL_ANSWERED:
		facts[n++] = fact(FACT_REGISTER, 1);
		facts[n++] = fact(FACT_ANSWER, 2);
		return n;
	case SY__V1__APPEAL_STATE__APPEAL_RESOLVED:
		facts[n++] = fact(FACT_REGISTER, 1);
		facts[n++] = fact(FACT_RESOLVE, 2);
		return n;
	case SY__V1__APPEAL_STATE__APPEAL_CLOSED:
		facts[n++] = fact(FACT_REGISTER, 1);
		facts[n++] = fact(FACT_ANSWER, 2);
		facts[n++] = fact(FACT_CLOSE, 3);
		return n;
	case _SY__V1__APPEAL_STATE_IS_INT_SIZE:
		break;
	}
	fail();
	return 0;
}

static void test_table_is_complete(void **state)
{
	(void)state;
	assert_int_equal(transitions_nr, 6 * FACT_NR);
	for (size_t i = 0; i < transitions_nr; i++) {
		const struct transition *t = &transitions[i];

		/* the fold finds rows by their place */
		assert_int_equal(t->from, 1 + (int)(i / FACT_NR));
		assert_int_equal(t->fact, i % FACT_NR);
		assert_true(strlen(t->sentence) > 10);
		if (t->fit != FIT_TAKEN)
			assert_int_equal(t->to, t->from);
	}
}

/* What the table must say, written down a second time: columns are register,
 * classify, answer, resolve, close; "-" refused, "w" waits. */
static void test_table_rows(void **state)
{
	static const char *const rows[] = {
		"R----", /* pending */
		"-CASw", /* registered */
		"-CASw", /* classified */
		"-AASX", /* answered */
		"-SS-X", /* resolved */
		"--X--", /* closed */
	};

	(void)state;
	for (size_t i = 0; i < transitions_nr; i++) {
		const struct transition *t = &transitions[i];
		char want = rows[i / FACT_NR][i % FACT_NR];

		switch (want) {
		case '-':
			assert_int_equal(t->fit, FIT_REFUSED);
			break;
		case 'w':
			assert_int_equal(t->fit, FIT_WAITS);
			break;
		default:
			assert_int_equal(t->fit, FIT_TAKEN);
			assert_int_equal(
				t->to,
				1 + (int)(strchr("PRCASX", want) - "PRCASX"));
		}
	}
}

static void test_each_transition(void **state)
{
	(void)state;
	for (size_t i = FACT_NR; i < transitions_nr; i++) {
		const struct transition *t = &transitions[i];
		struct appeal_fact facts[FACTS_MAX];
		size_t n = path_to(t->from, facts);
		struct appeal_facts after;

		facts[n++] = fact(t->fact, 10);
		after = folded(facts, n);
		assert_int_equal(facts[n - 1].fit, t->fit);
		assert_int_equal(after.state, t->to);
		if (t->fit == FIT_TAKEN)
			assert_null(facts[n - 1].why);
		else
			assert_string_equal(facts[n - 1].why, t->sentence);
	}
}

static void test_before_the_registration(void **state)
{
	(void)state;
	for (enum fact_type type = FACT_CLASSIFY; type < FACT_NR; type++) {
		struct appeal_fact facts[] = { fact(type, 0),
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
	       a->closed_at_us == b->closed_at_us;
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

/* Random facts of which all fit when folded at once. */
static size_t random_life(struct appeal_fact *facts)
{
	static const char *const topics[] = { "", "late", "rude", "lost" };

	for (;;) {
		size_t n = 1 + (size_t)(rand() % 6);
		bool fits = true;

		facts[0] = fact(FACT_REGISTER, 0);
		for (size_t i = 1; i < n; i++) {
			facts[i] = fact((enum fact_type)(1 + rand() % 4),
					rand() % 60);
			if (facts[i].type == FACT_CLASSIFY)
				facts[i].code[CODE_TOPIC] = topics[rand() % 4];
		}
		folded(facts, n);
		for (size_t i = 0; i < n; i++)
			fits &= facts[i].fit != FIT_REFUSED;
		/* two facts of a type at one instant have no order but that
		 * of arrival */
		for (size_t i = 0; i < n; i++) {
			for (size_t j = 0; j < i; j++)
				fits &= facts[i].type != facts[j].type ||
					facts[i].occurred_at_us !=
						facts[j].occurred_at_us;
		}
		if (fits)
			return n;
	}
}

static void test_any_order_of_arrival(void **state)
{
	int count = 0, closed = 0;

	(void)state;
	srand(7);
	for (int round = 0; round < 300; round++) {
		struct appeal_fact facts[FACTS_MAX];
		int arrival[FACTS_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };
		size_t n = random_life(facts);
		struct appeal_facts want = folded(facts, n);

		closed += want.state == SY__V1__APPEAL_STATE__APPEAL_CLOSED;
		permute(facts, arrival, 0, n, &want, &count);
	}
	assert_true(count > 10000);
	assert_true(closed > 20);
}

/* --- the clock --- */

static Sy__V1__ClockState clock_of(int64_t answer_us, int64_t now_us)
{
	struct appeal_facts f = { .registered_at_us = T0,
				  .registered_day = (int32_t)(T0 / US_PER_DAY),
				  .first_answer_at_us = answer_us };

	appeal_clock(&f, &policies, now_us);
	assert_int_equal(f.first_response_due_us, T0 + 48 * US_PER_HOUR);
	return f.first_response;
}

static void test_clock(void **state)
{
	const int64_t due = T0 + 48 * US_PER_HOUR;

	(void)state;
	assert_int_equal(clock_of(0, T0), SY__V1__CLOCK_STATE__CLOCK_RUNNING);
	assert_int_equal(clock_of(0, due), SY__V1__CLOCK_STATE__CLOCK_RUNNING);
	assert_int_equal(clock_of(0, due + 1),
			 SY__V1__CLOCK_STATE__CLOCK_BREACHED);
	assert_int_equal(clock_of(due, NOW), SY__V1__CLOCK_STATE__CLOCK_MET);
	assert_int_equal(clock_of(due + 1, NOW),
			 SY__V1__CLOCK_STATE__CLOCK_BREACHED);
	assert_int_equal(clock_of(T0, NOW), SY__V1__CLOCK_STATE__CLOCK_MET);
}

static void test_answers_and_the_clock(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_ANSWER, 10),
				       fact(FACT_ANSWER, 90),
				       fact(FACT_CLOSE, 95) };
	struct appeal_facts one = folded(facts, 2), two = folded(facts, 3);

	(void)state;
	/* a later answer restarts nothing */
	assert_int_equal(one.first_response, SY__V1__CLOCK_STATE__CLOCK_MET);
	assert_int_equal(two.first_response, SY__V1__CLOCK_STATE__CLOCK_MET);
	assert_int_equal(two.first_answer_at_us, one.first_answer_at_us);
	assert_int_equal(two.first_response_due_us, one.first_response_due_us);
	/* the clock of a closed case does not run */
	two = folded(facts, 4);
	assert_int_equal(two.state, SY__V1__APPEAL_STATE__APPEAL_CLOSED);
	assert_int_equal(two.first_response, SY__V1__CLOCK_STATE__CLOCK_MET);
}

static void test_late_news_of_an_answer(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_RESOLVE, 60),
				       fact(FACT_ANSWER, 47) };
	struct appeal_facts after = folded(facts, 1);

	(void)state;
	assert_int_equal(after.first_response,
			 SY__V1__CLOCK_STATE__CLOCK_BREACHED);
	after = folded(facts, 2);
	assert_int_equal(after.first_response,
			 SY__V1__CLOCK_STATE__CLOCK_BREACHED);
	after = folded(facts, 3);
	assert_int_equal(after.first_response, SY__V1__CLOCK_STATE__CLOCK_MET);
	assert_int_equal(after.state, SY__V1__APPEAL_STATE__APPEAL_RESOLVED);
}

static void test_policy_of_the_day(void **state)
{
	struct appeal_facts f = { .registered_at_us = T0 };

	(void)state;
	f.registered_day = 20499;
	appeal_clock(&f, &policies, T0);
	assert_int_equal(f.first_response_due_us, T0 + 48 * US_PER_HOUR);
	f.registered_day = 20500;
	appeal_clock(&f, &policies, T0);
	assert_int_equal(f.first_response_due_us, T0 + 24 * US_PER_HOUR);
	f.registered_day = 10956;
	appeal_clock(&f, &policies, T0);
	assert_int_equal(f.first_response, SY__V1__CLOCK_STATE__CLOCK_NONE);
	assert_int_equal(f.first_response_due_us, 0);
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
		cmocka_unit_test(test_table_is_complete),
		cmocka_unit_test(test_table_rows),
		cmocka_unit_test(test_each_transition),
		cmocka_unit_test(test_before_the_registration),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_closed_before_the_answer),
		cmocka_unit_test(test_same_instant),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_any_order_of_arrival),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_answers_and_the_clock),
		cmocka_unit_test(test_late_news_of_an_answer),
		cmocka_unit_test(test_policy_of_the_day),
		cmocka_unit_test(test_random_lives_and_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
