/* test_complaints_clocks.c -- the clocks of a case: what starts, stops, pauses
 * and restarts them, and what happened to peers and must not happen here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case_facts.h"

/* --- the clock --- */

static Sy__V1__ClockState clock_of(int64_t answer_us, int64_t now_us)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_ANSWER, 0) };
	struct appeal_facts f;

	facts[1].occurred_at_us = answer_us;
	f = folded_at(facts, answer_us == 0 ? 1 : 2, now_us);
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
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0) };
	const int64_t day = INT64_C(20500) * US_PER_DAY;
	struct appeal_facts f;

	(void)state;
	facts[0].occurred_at_us = day - 1;
	f = folded_at(facts, 1, day);
	assert_int_equal(f.first_response_due_us, day - 1 + 48 * US_PER_HOUR);
	facts[0].occurred_at_us = day;
	f = folded_at(facts, 1, day);
	assert_int_equal(f.first_response_due_us, day + 24 * US_PER_HOUR);
	facts[0].occurred_at_us = 10956 * US_PER_DAY;
	f = folded_at(facts, 1, day);
	assert_int_equal(f.first_response, SY__V1__CLOCK_STATE__CLOCK_NONE);
	assert_int_equal(f.first_response_due_us, 0);
}

/* --- more than the first response --- */

static struct sla_rule elapsed(int64_t hours)
{
	return (struct sla_rule){ .measure = SLA_ELAPSED,
				  .amount = hours * US_PER_HOUR,
				  .may_pause = true,
				  .extension_max = 10 * US_PER_HOUR,
				  .zone = zone_get("UTC") };
}

/* By the topic: an answer within 72 hours, of "rude" within 24. */
static size_t choose_two(void *arg, const struct appeal_facts *facts,
			 int32_t day,
			 struct clock_rule rules_r[CASE_CLOCKS_MAX])
{
	const bool rude = strcmp(facts->code[CODE_TOPIC], "rude") == 0;
	size_t n = choose(arg, facts, day, rules_r);

	rules_r[n] = (struct clock_rule){
		.clock = "answer",
		.policy = rude ? "rude" : "all",
		.start = SY__V1__CLOCK_MOMENT__AT_REGISTRATION,
		.stop = SY__V1__CLOCK_MOMENT__AT_FINAL_ANSWER,
		.sla = elapsed(rude ? 24 : 72),
	};
	return n + 1;
}

/* The version of any other day than the registration's: 12 hours. */
static void version_12(void *arg, const struct appeal_facts *facts, int32_t day,
		       struct clock_rule *rule)
{
	(void)arg;
	(void)facts;
	(void)day;
	if (strcmp(rule->clock, "answer") == 0)
		rule->sla.amount = 12 * US_PER_HOUR;
}

static const struct clock_source two = { choose_two, version_12, NULL };

static struct appeal_facts judged_from(struct appeal_fact *facts, size_t n,
				       struct clocks_before known,
				       int64_t now_us)
{
	struct appeal_fact *order[FACTS_MAX];
	struct case_items items;
	struct appeal_facts after;

	for (size_t i = 0; i < n; i++)
		facts[i].n = (int)i;
	items_open(&items, &arena);
	appeal_fold(facts, n, order, &items, &after);
	after.registered_day = (int32_t)(after.registered_at_us / US_PER_DAY);
	clocks_judge(&two, &arena, order, n, known, &after, now_us);
	return after;
}

static struct appeal_facts judged_two(struct appeal_fact *facts, size_t n,
				      int64_t now_us)
{
	return judged_from(facts, n, (struct clocks_before){ 0 }, now_us);
}

static const Sy__V1__AppealClock *answer_of(const struct appeal_facts *f)
{
	assert_int_equal(f->clocks_nr, 2);
	assert_string_equal(f->clocks[1]->clock, "answer");
	return f->clocks[1];
}

static void test_two_clocks(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_ANSWER, 10) };
	struct appeal_facts f = judged_two(facts, 2, T0 + 20 * US_PER_HOUR);

	(void)state;
	assert_int_equal(f.first_response, SY__V1__CLOCK_STATE__CLOCK_MET);
	assert_int_equal(answer_of(&f)->state,
			 SY__V1__CLOCK_STATE__CLOCK_RUNNING);
	assert_int_equal(f.next_due_us, T0 + 72 * US_PER_HOUR);
	assert_int_equal(f.wake_us, T0 + 72 * US_PER_HOUR + 1);
}

static void test_withdrawn_comes_to_nothing(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_WITHDRAW, 60),
				       fact(FACT_REOPEN, 70) };
	struct appeal_facts f = judged_two(facts, 2, NOW);

	(void)state;
	assert_int_equal(answer_of(&f)->state, SY__V1__CLOCK_STATE__CLOCK_NONE);
	/* what was breached by then stays so */
	assert_int_equal(f.first_response, SY__V1__CLOCK_STATE__CLOCK_BREACHED);
	assert_int_equal(f.wake_us, 0);
	f = judged_two(facts, 3, T0 + 71 * US_PER_HOUR);
	assert_int_equal(answer_of(&f)->state,
			 SY__V1__CLOCK_STATE__CLOCK_RUNNING);
}

static void test_reopening(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_RESOLVE, 10),
				       fact(FACT_CLOSE, 11),
				       fact(FACT_REOPEN, 100) };
	struct appeal_facts f = judged_two(facts, 4, T0 + 101 * US_PER_HOUR);

	(void)state;
	assert_int_equal(answer_of(&f)->started_at_us, T0 + 100 * US_PER_HOUR);
	/* the version of the day on which it started again */
	assert_int_equal(answer_of(&f)->due_us, T0 + 112 * US_PER_HOUR);
	assert_int_equal(f.first_response, SY__V1__CLOCK_STATE__CLOCK_MET);
	assert_int_equal(f.clocks[0]->stopped_at_us, T0 + 10 * US_PER_HOUR);
}

static void test_pause(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_PAUSE_CLOCK, 10),
				       fact(FACT_RESUME_CLOCK, 40),
				       fact(FACT_CLASSIFY, 50) };
	struct appeal_facts f = judged_two(facts, 2, T0 + 90 * US_PER_HOUR);

	(void)state;
	assert_int_equal(answer_of(&f)->state,
			 SY__V1__CLOCK_STATE__CLOCK_PAUSED);
	/* of one that may not be paused it changes nothing */
	assert_int_equal(f.first_response_due_us, T0 + 48 * US_PER_HOUR);
	f = judged_two(facts, 3, T0 + 41 * US_PER_HOUR);
	assert_int_equal(answer_of(&f)->due_us, T0 + 102 * US_PER_HOUR);
	/* another policy keeps the pause */
	facts[3].code[CODE_TOPIC] = "rude";
	f = judged_two(facts, 4, T0 + 51 * US_PER_HOUR);
	assert_string_equal(answer_of(&f)->policy, "rude");
	assert_int_equal(answer_of(&f)->due_us, T0 + 54 * US_PER_HOUR);
}

static void test_codes_after_the_stop(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_RESOLVE, 30),
				       fact(FACT_CLASSIFY, 31),
				       fact(FACT_CLASSIFY, 20) };
	struct appeal_facts f;

	(void)state;
	facts[2].code[CODE_TOPIC] = "rude";
	facts[3].code[CODE_TOPIC] = "rude";
	f = judged_two(facts, 3, NOW);
	assert_string_equal(answer_of(&f)->policy, "all");
	assert_int_equal(answer_of(&f)->state, SY__V1__CLOCK_STATE__CLOCK_MET);
	f = judged_two(facts, 4, NOW);
	assert_string_equal(answer_of(&f)->policy, "rude");
	assert_int_equal(answer_of(&f)->state,
			 SY__V1__CLOCK_STATE__CLOCK_BREACHED);
}

static void test_what_stopped_is_kept(void **state)
{
	struct appeal_fact facts[] = { fact(FACT_REGISTER, 0),
				       fact(FACT_RESOLVE, 30),
				       fact(FACT_NOTE, 40) };
	struct appeal_facts was = judged_two(facts, 2, NOW), f;

	(void)state;
	/* as a policy that was corrected since would have it */
	was.clocks[1]->due_us = T0 + 29 * US_PER_HOUR;
	was.clocks[1]->state = SY__V1__CLOCK_STATE__CLOCK_BREACHED;
	f = judged_from(facts, 3,
			(struct clocks_before){ &was, T0 + 40 * US_PER_HOUR },
			NOW);
	assert_int_equal(answer_of(&f)->state,
			 SY__V1__CLOCK_STATE__CLOCK_BREACHED);
	/* what is new lies before the stop: judged again */
	f = judged_from(facts, 3,
			(struct clocks_before){ &was, T0 + 20 * US_PER_HOUR },
			NOW);
	assert_int_equal(answer_of(&f)->state, SY__V1__CLOCK_STATE__CLOCK_MET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_answers_and_the_clock),
		cmocka_unit_test(test_late_news_of_an_answer),
		cmocka_unit_test(test_policy_of_the_day),
		cmocka_unit_test(test_two_clocks),
		cmocka_unit_test(test_withdrawn_comes_to_nothing),
		cmocka_unit_test(test_reopening),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_codes_after_the_stop),
		cmocka_unit_test(test_what_stopped_is_kept),
	};

	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_reset(&arena);
	return failed;
}
