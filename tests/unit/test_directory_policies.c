/* test_directory_policies.c -- policies, calendars and merges of units: what
 * may stand in the directory, and in which form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bus/grant.h"
#include "directory/catalog.h"
#include "directory/rules.h"

struct fixture {
	struct arena arena;
	struct catalog c;
	struct put_result r;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	arena_init(&f.arena);
	catalog_init(&f.c, &f.arena);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	arena_reset(&((struct fixture *)*state)->arena);
	return 0;
}

static enum put_outcome put(struct fixture *f,
			    Sy__V1__DirectoryRecord__RecordCase sort,
			    const void *message)
{
	Sy__V1__DirectoryRecord r = SY__V1__DIRECTORY_RECORD__INIT;

	r.record_case = sort;
	r.unit = (Sy__V1__Unit *)message; /* of a union of pointers */
	rules_put(&f->c, &r, &f->r);
	return f->r.outcome;
}

static void put_unit(struct fixture *f, const char *code, const char *parent,
		     int32_t from, int32_t to)
{
	Sy__V1__Unit u = SY__V1__UNIT__INIT;

	u.code = (char *)code;
	u.parent = (char *)parent;
	u.valid_from_day = from;
	u.valid_to_day = to;
	assert_int_equal(put(f, SY__V1__DIRECTORY_RECORD__RECORD_UNIT, &u),
			 PUT_CHANGED);
}

/* --- clocks ----------------------------------------------------------------
 */

static Sy__V1__ClockRule good_clock(void)
{
	Sy__V1__ClockRule c = SY__V1__CLOCK_RULE__INIT;

	c.clock = (char *)"answer";
	c.start = SY__V1__CLOCK_MOMENT__AT_REGISTRATION;
	c.stop = SY__V1__CLOCK_MOMENT__AT_FINAL_ANSWER;
	c.measure = SY__V1__CLOCK_MEASURE__CALENDAR_DAYS;
	c.amount = 30;
	return c;
}

static enum put_outcome put_clock(struct fixture *f, Sy__V1__ClockRule *c)
{
	Sy__V1__Policy p = SY__V1__POLICY__INIT;

	p.code = (char *)"p";
	p.rule_case = SY__V1__POLICY__RULE_CLOCK;
	p.clock = c;
	return put(f, SY__V1__DIRECTORY_RECORD__RECORD_POLICY, &p);
}

static void refused(struct fixture *f, Sy__V1__ClockRule c, const char *field)
{
	assert_int_equal(put_clock(f, &c), PUT_REFUSED);
	assert_string_equal(f->r.field, field);
}

/* Of all pairs of moments those in the order of a case's life. */
static void moments(void **state)
{
	/* rows: start, columns: stop, as the enum counts from 1 */
	static const char *const good[] = {
		".xxxxxxxx", /* receipt */
		"..xxxxxxx", /* registration */
		"...xxxxxx", /* routing */
		"....xxx.x", /* first answer */
		".....xx..", /* resolution */
		"......x..", /* informing */
		".........", /* closing */
		"..xxxxx.x", /* classification */
		"....xxx..", /* final answer */
	};
	struct fixture *f = *state;

	for (int start = 1; start <= 9; start++)
		for (int stop = 1; stop <= 9; stop++) {
			Sy__V1__ClockRule c = good_clock();
			bool is;

			c.start = (Sy__V1__ClockMoment)start;
			c.stop = (Sy__V1__ClockMoment)stop;
			is = put_clock(f, &c) != PUT_REFUSED;
			if (is != (good[start - 1][stop - 1] == 'x'))
				fail_msg("start %d stop %d", start, stop);
		}
}

static void amounts(void **state)
{
	struct fixture *f = *state;
	Sy__V1__ClockRule c = good_clock();

	assert_int_equal(put_clock(f, &c), PUT_CHANGED);
	assert_int_equal(put_clock(f, &c), PUT_UNCHANGED);
	c.warn_before = 30;
	refused(f, c, "policy.clock.warn_before");
	c.warn_before = 29;
	assert_int_equal(put_clock(f, &c), PUT_CHANGED);
	c.amount = 3651;
	refused(f, c, "policy.clock.amount");
	c.measure = SY__V1__CLOCK_MEASURE__WORKING_TIME; /* minutes */
	assert_int_equal(put_clock(f, &c), PUT_CHANGED);
	c.measure = (Sy__V1__ClockMeasure)9;
	refused(f, c, "policy.clock.measure");
	c = good_clock();
	c.start = (Sy__V1__ClockMoment)77;
	refused(f, c, "policy.clock.start");
	c = good_clock();
	c.start = c.stop = SY__V1__CLOCK_MOMENT__MOMENT_NONE;
	refused(f, c, "policy.clock.start");
	c.clock = (char *)"task";
	assert_int_equal(put_clock(f, &c), PUT_CHANGED);
}

/* A match of nothing is no match, so that both are one record. */
static void one_form(void **state)
{
	struct fixture *f = *state;
	Sy__V1__ClockRule c = good_clock();
	Sy__V1__PolicyMatch match = SY__V1__POLICY_MATCH__INIT;

	assert_int_equal(put_clock(f, &c), PUT_CHANGED);
	c.match = &match;
	assert_int_equal(put_clock(f, &c), PUT_UNCHANGED);
	match.unit = (char *)"east";
	refused(f, c, "policy.clock.match.unit");
	assert_int_equal(f->r.code, SY__V1__ERROR_CODE__UNKNOWN_CODE);
	catalog_assume(&f->c, "unit/east");
	assert_int_equal(put_clock(f, &c), PUT_CHANGED);
	assert_string_equal(f->r.key, "policy/p");
}

/* --- reactions -------------------------------------------------------------
 */

static enum put_outcome put_reaction(struct fixture *f,
				     Sy__V1__ReactionRule *rule)
{
	Sy__V1__Policy p = SY__V1__POLICY__INIT;

	p.code = (char *)"r";
	p.rule_case = SY__V1__POLICY__RULE_REACTION;
	p.reaction = rule;
	return put(f, SY__V1__DIRECTORY_RECORD__RECORD_POLICY, &p);
}

/* What a rule leaves out is what it says in full. */
static void reactions(void **state)
{
	struct fixture *f = *state;
	Sy__V1__ReactionRule rule = SY__V1__REACTION_RULE__INIT;
	Sy__V1__PolicyMatch match = SY__V1__POLICY_MATCH__INIT;
	const Sy__V1__ReactionRule *is;

	assert_int_equal(put_reaction(f, &rule), PUT_CHANGED);
	is = f->r.after->policy->reaction;
	assert_int_equal(is->priority, 3);
	assert_int_equal(is->min_mentions, 1);
	assert_int_equal(is->answer_minutes, 1440);
	assert_int_equal(is->inquiry_days, 8);
	assert_int_equal(is->inquiry_days_max, 14);
	assert_int_equal(is->report_minutes, 1440);
	rule.priority = 3;
	rule.inquiry_days = 8;
	assert_int_equal(put_reaction(f, &rule), PUT_UNCHANGED);
	rule.priority = 6;
	assert_int_equal(put_reaction(f, &rule), PUT_REFUSED);
	assert_string_equal(f->r.field, "policy.reaction.priority");
	rule.priority = 1;
	rule.inquiry_days = 15;
	assert_int_equal(put_reaction(f, &rule), PUT_REFUSED);
	assert_string_equal(f->r.field, "policy.reaction.inquiry_days_max");
	rule.inquiry_days_max = 15;
	assert_int_equal(put_reaction(f, &rule), PUT_CHANGED);
	rule.match = &match;
	match.kind = (char *)"complaint"; /* a case has this, no mention */
	assert_int_equal(put_reaction(f, &rule), PUT_REFUSED);
	assert_string_equal(f->r.field, "policy.reaction.match.kind");
	/* neither class nor source is a term that must be known */
	match.kind = (char *)"claim";
	match.channel = (char *)"vk";
	assert_int_equal(put_reaction(f, &rule), PUT_CHANGED);
	match.topic = (char *)"queue";
	assert_int_equal(put_reaction(f, &rule), PUT_REFUSED);
	assert_int_equal(f->r.code, SY__V1__ERROR_CODE__UNKNOWN_CODE);
}

/* --- spam ------------------------------------------------------------------
 */

static enum put_outcome put_spam(struct fixture *f, Sy__V1__SpamRule *rule)
{
	Sy__V1__Policy p = SY__V1__POLICY__INIT;

	p.code = (char *)"s";
	p.rule_case = SY__V1__POLICY__RULE_SPAM;
	p.spam = rule;
	return put(f, SY__V1__DIRECTORY_RECORD__RECORD_POLICY, &p);
}

/* A rule says all of it: what is left out is refused. */
static void spam(void **state)
{
	struct fixture *f = *state;
	Sy__V1__SpamRule rule = SY__V1__SPAM_RULE__INIT;
	const struct {
		uint32_t *value;
		const char *field;
		uint32_t most;
	} fields[] = {
		{ &rule.burst, "policy.spam.burst", UINT32_MAX },
		{ &rule.copies_least, "policy.spam.copies_least", UINT32_MAX },
		{ &rule.copies_percent, "policy.spam.copies_percent", 100 },
		{ &rule.links_least, "policy.spam.links_least", UINT32_MAX },
		{ &rule.links_percent, "policy.spam.links_percent", 100 },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		assert_int_equal(put_spam(f, &rule), PUT_REFUSED);
		assert_string_equal(f->r.field, fields[i].field);
		if (fields[i].most < UINT32_MAX) {
			*fields[i].value = fields[i].most + 1;
			assert_int_equal(put_spam(f, &rule), PUT_REFUSED);
			assert_string_equal(f->r.field, fields[i].field);
		}
		*fields[i].value = fields[i].most;
	}
	assert_int_equal(put_spam(f, &rule), PUT_CHANGED);
	assert_int_equal(put_spam(f, &rule), PUT_UNCHANGED);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		*fields[i].value = 1;
		assert_int_equal(put_spam(f, &rule), PUT_CHANGED);
	}
	assert_int_equal(f->r.after->policy->spam->links_percent, 1);
}

/* --- calendars -------------------------------------------------------------
 */

static enum put_outcome put_hours(struct fixture *f, Sy__V1__Hours **hours,
				  size_t n)
{
	Sy__V1__Calendar c = SY__V1__CALENDAR__INIT;
	Sy__V1__WeekDay day = SY__V1__WEEK_DAY__INIT, *week = &day;

	day.weekday = 3;
	day.hours = hours;
	day.n_hours = n;
	c.code = (char *)"c";
	c.week = &week;
	c.n_week = 1;
	return put(f, SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR, &c);
}

static void hours(void **state)
{
	struct fixture *f = *state;
	Sy__V1__Hours all[9], *list[9];

	for (uint32_t i = 0; i < 9; i++) {
		sy__v1__hours__init(&all[i]);
		all[i].from_minute = 100 * i;
		all[i].to_minute = 100 * i + 100; /* touching is apart */
		list[i] = &all[i];
	}
	assert_int_equal(put_hours(f, list, 8), PUT_CHANGED);
	assert_int_equal(put_hours(f, list, 9), PUT_REFUSED);
	assert_string_equal(f->r.field, "calendar.week.hours");
	all[1].from_minute = 99;
	assert_int_equal(put_hours(f, list, 2), PUT_REFUSED);
	all[1].from_minute = 1440;
	all[1].to_minute = 1440;
	assert_int_equal(put_hours(f, list, 2), PUT_REFUSED);
	all[1].from_minute = 1439;
	assert_int_equal(put_hours(f, list, 2), PUT_CHANGED);
	/* a day without hours is closed, and left out */
	assert_int_equal(put_hours(f, list, 0), PUT_CHANGED);
	assert_int_equal(f->r.after->calendar->n_week, 0);
}

/* --- merges ----------------------------------------------------------------
 */

static struct merge_result merge(struct fixture *f, const char *unit,
				 const char *into, int32_t day,
				 const char *root)
{
	const struct merge m = { unit, into, day };
	struct bus_grant grant = { .roles = ROLE_ADMIN };
	struct merge_result r;

	strcpy(grant.unit, root);
	rules_merge(&f->c, &m, &grant, 0, &r);
	return r;
}

static const char *parent_on(struct fixture *f, const char *key, int32_t day)
{
	const struct entry *e = catalog_find(&f->c, key);

	for (size_t i = e->n; i-- > 0;)
		if (e->versions[i]->from_day <= day)
			return e->versions[i]->to_day > day
				       ? e->versions[i]->record->unit->parent
				       : "ended";
	return "none";
}

static void merged(void **state)
{
	struct fixture *f = *state;
	struct merge_result r;
	uint64_t changes;

	put_unit(f, "top", "", 0, 0);
	put_unit(f, "west", "top", 0, 0);
	put_unit(f, "a", "west", 0, 0);
	put_unit(f, "b", "top", 0, 0);
	put_unit(f, "c", "a", 0, 0);
	put_unit(f, "c", "b", 300, 0);
	put_unit(f, "d", "c", 0, 0);
	changes = f->c.changes;
	/* into what lies below it: refused, and nothing is left of it */
	r = merge(f, "a", "d", 100, "");
	assert_non_null(r.refused);
	assert_int_equal(f->c.changes, changes);
	assert_string_equal(parent_on(f, "unit/c", 100), "a");
	/* by who does not see both */
	r = merge(f, "a", "b", 100, "west");
	assert_int_equal(r.refused->code, SY__V1__ERROR_CODE__SCOPE);
	assert_int_equal(f->c.changes, changes);
	r = merge(f, "a", "b", 100, "");
	assert_null(r.refused);
	assert_int_equal(f->c.changes, changes + 2);
	assert_string_equal(parent_on(f, "unit/c", 99), "a");
	assert_string_equal(parent_on(f, "unit/c", 100), "b");
	assert_string_equal(parent_on(f, "unit/c", 300), "b");
	assert_string_equal(parent_on(f, "unit/d", 100), "c");
	assert_string_equal(parent_on(f, "unit/a", 99), "west");
	assert_string_equal(parent_on(f, "unit/a", 100), "ended");
	/* again: it is so already */
	r = merge(f, "a", "b", 100, "");
	assert_null(r.refused);
	assert_int_equal(f->c.changes, changes + 2);
	r = merge(f, "a", "b", 200, "");
	assert_string_equal(r.refused->field, "unit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(moments, setup, teardown),
		cmocka_unit_test_setup_teardown(amounts, setup, teardown),
		cmocka_unit_test_setup_teardown(one_form, setup, teardown),
		cmocka_unit_test_setup_teardown(reactions, setup, teardown),
		cmocka_unit_test_setup_teardown(spam, setup, teardown),
		cmocka_unit_test_setup_teardown(hours, setup, teardown),
		cmocka_unit_test_setup_teardown(merged, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
