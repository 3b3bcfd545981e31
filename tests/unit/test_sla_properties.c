/* test_sla_properties.c -- what must hold of every clock, whatever its rule,
 * its calendar and what happened to it: thousands of cases at random, each from
 * a seed that a failure names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock/sla.h"
#include "random_calendar.h"

#define CASES 6000
#define EVENTS_MAX 12

struct life {
	struct calendar *calendar;
	struct sla_rule rule;
	struct sla_event events[EVENTS_MAX];
	size_t n;
	int64_t end_us; /* some time after the last event */
};

static bool in_days(const struct sla_rule *rule)
{
	return rule->measure == SLA_CALENDAR_DAYS ||
	       rule->measure == SLA_WORKING_DAYS;
}

static int64_t random_amount(const struct sla_rule *rule, unsigned *seed)
{
	if (in_days(rule))
		return 1 + below(seed, 15);
	return 1 + below(seed, 60 * 60 * 100) * US_PER_S;
}

static struct sla_rule random_rule(const struct calendar *calendar,
				   unsigned *seed)
{
	struct sla_rule rule = { .measure = (enum sla_measure)below(seed, 4),
				 .may_pause = below(seed, 8) != 0,
				 .calendar = calendar,
				 .zone = random_zone(seed) };

	rule.amount = random_amount(&rule, seed);
	if (below(seed, 2) == 0)
		rule.warn_before = random_amount(&rule, seed);
	if (below(seed, 2) == 0)
		rule.extension_max = random_amount(&rule, seed);
	return rule;
}

static void random_life(struct life *life, unsigned seed, bool pauses)
{
	int64_t us = random_instant(&seed);
	size_t n = (size_t)below(&seed, EVENTS_MAX);

	life->calendar = random_calendar(&seed);
	life->rule = random_rule(life->calendar, &seed);
	life->n = 0;
	life->events[life->n++] = (struct sla_event){ us, SLA_START, 0 };
	for (size_t i = 1; i < n; i++) {
		enum sla_what what =
			(enum sla_what)(SLA_STOP + below(&seed, 5));

		if (below(&seed, 3) == 0)
			what = below(&seed, 2) ? SLA_PAUSE : SLA_RESUME;
		us += below(&seed, below(&seed, 2) ? 4 * 86400 : 7200) *
		      US_PER_S;
		if (!pauses && (what == SLA_PAUSE || what == SLA_RESUME))
			continue;
		life->events[life->n++] =
			(struct sla_event){ us, what,
					    random_amount(&life->rule, &seed) };
	}
	life->end_us = us + below(&seed, 10 * 86400) * US_PER_S;
}

static struct sla_result judge(const struct life *life, int64_t now_us)
{
	return sla_judge(&life->rule, life->events, life->n, now_us);
}

static bool closed(const struct sla_result *v)
{
	return v->state == SLA_MET || v->stopped_us != 0;
}

/* A mistake's seed. */
static void hold(bool good, unsigned seed, const char *what)
{
	if (!good)
		fail_msg("seed %u: %s", seed, what);
}

/* A life and the same without its last pause: judged at any later time, what
 * is left is never less with it. */
static void test_pause_never_shortens(void **state)
{
	int paused = 0;

	(void)state;
	for (unsigned seed = 1; seed <= CASES; seed++) {
		struct sla_result with, without;
		struct life life;
		unsigned more = seed;
		int64_t from, to;

		random_life(&life, seed, false);
		from = life.end_us;
		to = from + below(&more, 3 * 86400) * US_PER_S;
		if (below(&more, 3) == 0)
			to = from + below(&more, 86400);
		without = judge(&life, to);
		life.events[life.n++] =
			(struct sla_event){ from, SLA_PAUSE, 0 };
		life.events[life.n++] = (struct sla_event){ to, SLA_RESUME, 0 };
		with = judge(&life, to);
		hold(with.due_us >= without.due_us, seed, "due earlier");
		hold(with.remaining_us >= without.remaining_us, seed,
		     "less is left");
		hold(with.warn_us >= without.warn_us, seed, "warned earlier");
		hold(with.paused_us == 0 || with.paused_us == to - from, seed,
		     "another pause");
		paused += with.due_us > without.due_us;
		calendar_free(life.calendar);
	}
	assert_true(paused > CASES / 20);
}

/* In the measure of the rule nothing is used up by a pause. */
static void test_pause_keeps_the_measure(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= CASES; seed++) {
		unsigned more = seed;
		struct sla_result at_pause, at_resume;
		struct life life;
		int64_t from, to, left;

		random_life(&life, seed, false);
		from = life.end_us;
		to = from + below(&more, 20 * 86400) * US_PER_S;
		at_pause = judge(&life, from);
		life.events[life.n++] =
			(struct sla_event){ from, SLA_PAUSE, 0 };
		life.events[life.n++] = (struct sla_event){ to, SLA_RESUME, 0 };
		at_resume = judge(&life, to);
		if (at_pause.state == SLA_RUNNING && life.rule.may_pause &&
		    life.rule.measure == SLA_WORKING) {
			left = calendar_open_us(life.calendar, life.rule.zone,
						from, at_pause.due_us);
			hold(calendar_open_us(life.calendar, life.rule.zone, to,
					      at_resume.due_us) == left,
			     seed, "open time was lost or won");
		} else if (at_pause.state == SLA_RUNNING &&
			   life.rule.may_pause &&
			   life.rule.measure == SLA_ELAPSED) {
			hold(at_resume.remaining_us == at_pause.remaining_us,
			     seed, "time was lost or won");
		}
		calendar_free(life.calendar);
	}
}

/* Going through a life step by step: an answer holds until the time that it
 * names itself, and what is decided stays decided until a reopening. */
static void test_step_by_step(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= CASES; seed++) {
		struct sla_result before = { .state = SLA_NONE }, v;
		struct life life;
		size_t all;

		random_life(&life, seed, true);
		all = life.n;
		for (life.n = 1; life.n <= all; life.n++) {
			const struct sla_event *last = &life.events[life.n - 1];
			int64_t until =
				life.n < all ? last[1].at_us : life.end_us;

			v = judge(&life, last->at_us);
			if (last->what != SLA_RESTART && closed(&before))
				hold(v.state == before.state &&
					     v.due_us == before.due_us &&
					     v.stopped_us == before.stopped_us,
				     seed, "a closed clock changed");
			if (last->what != SLA_RESTART &&
			    before.state == SLA_BREACHED)
				hold(v.state == SLA_BREACHED &&
					     v.due_us == before.due_us,
				     seed, "a breach was healed");
			before = judge(&life, until);
			if (v.state != SLA_PAUSED)
				hold(before.due_us == v.due_us &&
					     before.warn_us == v.warn_us,
				     seed, "time alone moved the due time");
			if (closed(&v) || v.state == SLA_BREACHED)
				hold(before.state == v.state &&
					     before.paused_us == v.paused_us,
				     seed, "time alone changed it");
			hold((v.next_us != 0) == (v.state == SLA_RUNNING), seed,
			     "next is of a clock that runs");
			if (v.state != SLA_RUNNING)
				continue;
			hold(v.next_us > last->at_us, seed, "next is past");
			hold(judge(&life, v.next_us - 1).state == SLA_RUNNING &&
				     judge(&life, v.next_us - 1).next_us ==
					     v.next_us,
			     seed, "changed before next");
			hold(judge(&life, v.next_us).next_us != v.next_us, seed,
			     "nothing changed at next");
		}
		calendar_free(life.calendar);
	}
}

static void test_due_grows_with_the_amount(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= CASES; seed++) {
		struct sla_result less, more;
		struct life life;

		random_life(&life, seed, true);
		less = judge(&life, life.end_us);
		life.rule.amount += in_days(&life.rule) ? 1 : 1 + seed;
		more = judge(&life, life.end_us);
		hold(more.due_us >= less.due_us, seed, "due earlier");
		hold(less.state != SLA_MET || more.state == SLA_MET, seed,
		     "met with less and not with more");
		calendar_free(life.calendar);
	}
}

/* Another policy judges the same pauses: of a clock that neither breaches, they
 * are as long under both. */
static void test_another_rule_keeps_pauses(void **state)
{
	int kept = 0;

	(void)state;
	for (unsigned seed = 1; seed <= CASES; seed++) {
		struct sla_result old, changed;
		unsigned more = seed;
		struct life life;

		random_life(&life, seed, true);
		life.rule.may_pause = true;
		old = judge(&life, life.end_us);
		life.rule = random_rule(life.calendar, &more);
		life.rule.may_pause = true;
		changed = judge(&life, life.end_us);
		hold(old.started_us == changed.started_us &&
			     old.stopped_us == changed.stopped_us,
		     seed, "another start or stop");
		if (old.state != SLA_BREACHED &&
		    changed.state != SLA_BREACHED) {
			hold(old.paused_us == changed.paused_us, seed,
			     "pauses were lost");
			hold((old.state == SLA_PAUSED) ==
				     (changed.state == SLA_PAUSED),
			     seed, "the open pause was lost");
			kept += old.paused_us > 0;
		}
		calendar_free(life.calendar);
	}
	assert_true(kept > CASES / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pause_never_shortens),
		cmocka_unit_test(test_pause_keeps_the_measure),
		cmocka_unit_test(test_step_by_step),
		cmocka_unit_test(test_due_grows_with_the_amount),
		cmocka_unit_test(test_another_rule_keeps_pauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
