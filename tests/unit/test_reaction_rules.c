/* test_reaction_rules.c -- the life of a point of reaction as a table, and its
 * three chained clocks, with worked examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "social/reaction_rules.h"
#include "timeutil.h"

#define S(state) SY__V1__REACTION_STATE__REACTION_##state
#define CLOCK(state) SY__V1__CLOCK_STATE__CLOCK_##state
#define STATES_NR (S(MERGED) + 1)
#define HOUR (60 * US_PER_MINUTE)

static struct arena arena;
static struct reaction_limits limits;
static Sy__V1__ReactionRule *rule;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	rule = reaction_rule_usual(&arena);
	limits = (struct reaction_limits){
		.rule = rule,
		.policy = "p",
		.zone = zone_get("Europe/Moscow"),
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

/* In Moscow, all year UTC + 3. */
static int64_t at(int day, int hour, int minute)
{
	return zone_to_utc_us(limits.zone, 2026, 3, day, hour, minute, 0);
}

/* --- the life --- */

static void every_pair_once(void **state)
{
	(void)state;
	for (int step = 0; step < STEP_NR; step++)
		for (int from = 0; from < STATES_NR; from++) {
			int rows = 0;

			for (int i = 0; i < REACTION_ROWS_MAX; i++)
				rows += (reaction_transitions[step][i].from &
					 (1U << from)) != 0;
			if (rows != 1)
				fail_msg("%s from state %d: %d rows",
					 reaction_step_names[step], from, rows);
			assert_non_null(
				reaction_transition((Sy__V1__ReactionState)from,
						    (enum reaction_step)step)
					->sentence);
		}
}

/* Rows: what happens; columns: state from NONE on; the letter of what it
 * becomes, '.' where it has no place. Nobody owns it, there is no appeal. */
static void the_table(void **state)
{
	static const char letters[] = "-oaAFRrDM";
	static const char *const becomes[STEP_NR] = {
		[STEP_OPENED] = "o........",    [STEP_ASSIGNED] = ".oo.FR...",
		[STEP_ANSWERED] = ".AAAF.r..",  [STEP_FORWARDED] = ".FFF.....",
		[STEP_RESULT] = "....R....",    [STEP_REPORTED] = "....rr...",
		[STEP_DISMISSED] = ".DD......", [STEP_REOPENED] = "...o.FFo.",
		[STEP_MERGED] = ".MM......",    [STEP_REFUSED] = "....o....",
		[STEP_WITHDRAWN] = "....DD...", [STEP_RESUMED] = ".....FFF.",
	};

	(void)state;
	for (int step = 0; step < STEP_NR; step++)
		for (int from = 0; from < STATES_NR; from++) {
			struct reaction_life life = {
				.state = (Sy__V1__ReactionState)from,
				.answered_us = 1,
				.forwarded_us = from == S(FORWARDED) ||
						from == S(RESULT) ||
						from == S(REPORTED),
			};
			const char *why = reaction_take(
				&life, (enum reaction_step)step, 5);
			char got = why != NULL ? '.' : letters[life.state];

			if (got != becomes[step][from])
				fail_msg("%s from state %d: %c, not %c",
					 reaction_step_names[step], from, got,
					 becomes[step][from]);
			/* what is refused changes nothing */
			if (why != NULL)
				assert_int_equal(life.state, from);
		}
}

static struct reaction_life opened(int64_t published_us)
{
	struct reaction_life life = { .published_us = published_us };

	assert_null(reaction_take(&life, STEP_OPENED, published_us));
	return life;
}

static void forwarded_and_back(void **state)
{
	struct reaction_life life = opened(100);

	(void)state;
	life.owned = true;
	assert_null(reaction_take(&life, STEP_ASSIGNED, 110));
	assert_int_equal(life.state, S(ASSIGNED));
	assert_null(reaction_take(&life, STEP_FORWARDED, 120));
	assert_int_equal(life.answered_us, 120);
	assert_null(reaction_take(&life, STEP_REFUSED, 130));
	assert_int_equal(life.state, S(ASSIGNED));
	assert_int_equal(life.answered_us, 0);
	assert_int_equal(life.forwarded_us, 0);
	/* an answer before it stays */
	assert_null(reaction_take(&life, STEP_ANSWERED, 140));
	assert_null(reaction_take(&life, STEP_FORWARDED, 150));
	assert_int_equal(life.answered_us, 140);
	assert_null(reaction_take(&life, STEP_REFUSED, 160));
	assert_int_equal(life.state, S(ANSWERED));
	assert_int_equal(life.answered_us, 140);
}

static void again(void **state)
{
	struct reaction_life life = opened(100);

	(void)state;
	assert_null(reaction_take(&life, STEP_FORWARDED, 110));
	/* a result that lies before the forwarding came with it */
	assert_null(reaction_take(&life, STEP_RESULT, 90));
	assert_int_equal(life.result_us, 110);
	assert_null(reaction_take(&life, STEP_REPORTED, 130));
	assert_null(reaction_take(&life, STEP_REOPENED, 140));
	assert_int_equal(life.state, S(FORWARDED));
	assert_int_equal(life.forwarded_us, 140);
	assert_int_equal(life.answered_us, 110);
	assert_int_equal(life.result_us, 0);
	assert_int_equal(life.reported_us, 0);
	assert_null(reaction_take(&life, STEP_WITHDRAWN, 150));
	assert_int_equal(life.state, S(DISMISSED));
	assert_null(reaction_take(&life, STEP_RESUMED, 160));
	assert_int_equal(life.state, S(FORWARDED));
	assert_int_equal(life.ended_us, 0);
	assert_null(reaction_take(&life, STEP_REPORTED, 170));
	assert_int_equal(life.result_us, 170);
}

/* --- the clocks --- */

static struct reaction_clocks judge(const struct reaction_life *life,
				    int64_t now_us)
{
	return reaction_judge(&arena, &limits, life, NULL, 0, now_us);
}

static void is(const struct reaction_clocks *all, size_t i, const char *name,
	       Sy__V1__ClockState clock, int64_t due_us)
{
	assert_true(i < all->n);
	assert_string_equal(all->clock[i]->clock, name);
	assert_int_equal(all->clock[i]->state, clock);
	assert_int_equal(all->clock[i]->due_us, due_us);
}

/* Published on Monday, 2 March 2026, at 10:00; answered within a day. */
static void first_day(void **state)
{
	struct reaction_life life = opened(at(2, 10, 0));
	struct reaction_clocks all;

	(void)state;
	all = judge(&life, at(2, 11, 0));
	assert_int_equal(all.n, 1);
	is(&all, 0, "reaction", CLOCK(RUNNING), at(3, 10, 0));
	assert_false(all.clock[0]->warned);
	assert_int_equal(all.clock[0]->warn_us, at(3, 4, 0));
	assert_int_equal(all.wake_us, at(3, 4, 0));
	assert_int_equal(all.next_due_us, at(3, 10, 0));
	all = judge(&life, at(3, 4, 0));
	assert_true(all.clock[0]->warned);
	assert_int_equal(all.wake_us, at(3, 10, 0) + 1);
	/* exactly at the due time is in time */
	all = judge(&life, at(3, 10, 0));
	is(&all, 0, "reaction", CLOCK(RUNNING), at(3, 10, 0));
	all = judge(&life, at(3, 10, 0) + 1);
	is(&all, 0, "reaction", CLOCK(BREACHED), at(3, 10, 0));
	assert_int_equal(all.wake_us, 0);
	/* it is still the first that somebody must do something about */
	assert_int_equal(all.next_due_us, at(3, 10, 0));
	assert_null(reaction_take(&life, STEP_ANSWERED, at(3, 10, 0)));
	all = judge(&life, at(9, 0, 0));
	is(&all, 0, "reaction", CLOCK(MET), at(3, 10, 0));
	assert_int_equal(all.next_due_us, 0);
	assert_int_equal(all.wake_us, 0);
}

/* Forwarded on Monday at 18:00: 8 days usual, so the last second of Tuesday the
 * 10th; 14 at most, so that of Monday the 16th. */
static void chain(void **state)
{
	struct reaction_life life = opened(at(2, 10, 0));
	struct reaction_clocks all;

	(void)state;
	assert_null(reaction_take(&life, STEP_FORWARDED, at(2, 18, 0)));
	all = judge(&life, at(2, 18, 0));
	assert_int_equal(all.n, 2);
	is(&all, 0, "reaction", CLOCK(MET), at(3, 10, 0));
	is(&all, 1, "inquiry", CLOCK(RUNNING), at(17, 0, 0));
	assert_int_equal(all.clock[1]->warn_us, at(11, 0, 0));
	assert_int_equal(reaction_task_due(&limits, at(2, 18, 0)),
			 at(11, 0, 0));
	all = judge(&life, at(11, 0, 0));
	assert_true(all.clock[1]->warned);
	assert_null(reaction_take(&life, STEP_RESULT, at(12, 9, 0)));
	all = judge(&life, at(12, 9, 0));
	assert_int_equal(all.n, 3);
	is(&all, 1, "inquiry", CLOCK(MET), at(17, 0, 0));
	is(&all, 2, "report", CLOCK(RUNNING), at(13, 9, 0));
	assert_int_equal(all.next_due_us, at(13, 9, 0));
	assert_null(reaction_take(&life, STEP_REPORTED, at(13, 9, 1)));
	all = judge(&life, at(13, 9, 1));
	is(&all, 2, "report", CLOCK(BREACHED), at(13, 9, 0));
	assert_int_equal(all.next_due_us, 0);
	/* taken up again: the inquiry runs anew, and no report is due */
	assert_null(reaction_take(&life, STEP_REOPENED, at(14, 0, 0)));
	all = judge(&life, at(14, 0, 0));
	assert_int_equal(all.n, 2);
	is(&all, 1, "inquiry", CLOCK(RUNNING), at(29, 0, 0));
}

/* The same in working days of a week of five: 8 end with Thursday the 12th, 14
 * with Friday the 20th. */
static void working_days(void **state)
{
	struct reaction_life life = opened(at(2, 10, 0));
	struct calendar *calendar = calendar_new();
	struct day_hours week[7] = { 0 };
	struct reaction_clocks all;

	(void)state;
	for (int day = 0; day < 5; day++) {
		week[day].n = 1;
		week[day].open[0] = (struct hours){ 9 * 60, 18 * 60 };
	}
	assert_int_equal(calendar_set_week(calendar, 0, week, NULL), 0);
	limits.calendar = calendar;
	assert_null(reaction_take(&life, STEP_FORWARDED, at(2, 18, 0)));
	all = judge(&life, at(2, 18, 0));
	is(&all, 0, "reaction", CLOCK(MET), at(3, 10, 0));
	is(&all, 1, "inquiry", CLOCK(RUNNING), at(21, 0, 0));
	assert_int_equal(all.clock[1]->warn_us, at(13, 0, 0));
	assert_int_equal(reaction_task_due(&limits, at(2, 18, 0)),
			 at(13, 0, 0));
	/* usual and most are the same: nothing to warn of */
	rule->inquiry_days = 14;
	all = judge(&life, at(2, 18, 0));
	assert_int_equal(all.clock[1]->warn_us, 0);
	calendar_free(calendar);
}

static void dismissed(void **state)
{
	struct reaction_life life = opened(at(2, 10, 0)), late = life;
	struct reaction_clocks all;

	(void)state;
	assert_null(reaction_take(&life, STEP_DISMISSED, at(2, 12, 0)));
	all = judge(&life, at(5, 0, 0));
	is(&all, 0, "reaction", CLOCK(NONE), at(3, 10, 0));
	assert_int_equal(all.wake_us, 0);
	assert_null(reaction_take(&late, STEP_DISMISSED, at(4, 12, 0)));
	all = judge(&late, at(5, 0, 0));
	is(&all, 0, "reaction", CLOCK(BREACHED), at(3, 10, 0));
	assert_null(reaction_take(&life, STEP_REOPENED, at(5, 12, 0)));
	all = judge(&life, at(5, 12, 0));
	is(&all, 0, "reaction", CLOCK(RUNNING), at(6, 12, 0));
}

/* A clock that stopped stays as it was judged, whatever rule holds later. */
static void past_stays(void **state)
{
	struct reaction_life life = opened(at(2, 10, 0));
	struct reaction_clocks before, all;

	(void)state;
	assert_null(reaction_take(&life, STEP_FORWARDED, at(2, 18, 0)));
	before = judge(&life, at(2, 18, 0));
	rule->answer_minutes = 60;
	rule->inquiry_days_max = 9;
	all = reaction_judge(&arena, &limits, &life, before.clock, before.n,
			     at(2, 19, 0));
	is(&all, 0, "reaction", CLOCK(MET), at(3, 10, 0));
	is(&all, 1, "inquiry", CLOCK(RUNNING), at(12, 0, 0));
	/* and of nothing remembered the same comes out */
	all = judge(&life, at(2, 19, 0));
	is(&all, 0, "reaction", CLOCK(BREACHED), at(2, 11, 0));
}

/* --- rules --- */

static void fits(void **state)
{
	Sy__V1__MentionFacts facts = SY__V1__MENTION_FACTS__INIT;
	char *watches[] = { (char *)"ceo", (char *)"fire" };

	(void)state;
	assert_true(reaction_rule_fits(rule, &facts, 1, 0));
	rule->sentiment = SY__V1__SENTIMENT__SENTIMENT_NEGATIVE;
	assert_false(reaction_rule_fits(rule, &facts, 1, 0));
	facts.sentiment = SY__V1__SENTIMENT__SENTIMENT_NEGATIVE;
	rule->min_reach = 100;
	assert_false(reaction_rule_fits(rule, &facts, 1, 99));
	assert_true(reaction_rule_fits(rule, &facts, 1, 100));
	rule->min_mentions = 5;
	assert_false(reaction_rule_fits(rule, &facts, 4, 100));
	assert_true(reaction_rule_fits(rule, &facts, 5, 100));
	rule->watch = (char *)"fire";
	assert_false(reaction_rule_fits(rule, &facts, 5, 100));
	facts.watches = watches;
	facts.n_watches = 2;
	assert_true(reaction_rule_fits(rule, &facts, 5, 100));
	assert_string_equal(
		reaction_appeal_kind(rule,
				     SY__V1__MENTION_CLASS__MENTION_QUESTION),
		"enquiry");
	rule->appeal_kind = (char *)"statement";
	assert_string_equal(
		reaction_appeal_kind(rule,
				     SY__V1__MENTION_CLASS__MENTION_QUESTION),
		"statement");
	assert_string_equal(
		mention_class_code(SY__V1__MENTION_CLASS__MENTION_OTHER),
		"other");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_pair_once),    TEST(the_table),
		TEST(forwarded_and_back), TEST(again),
		TEST(first_day),          TEST(chain),
		TEST(working_days),       TEST(dismissed),
		TEST(past_stays),         TEST(fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
