/* policies.c -- what the directory's policies say of a case: its clocks, where
 * it goes, what a remedy needs, by when a task is due, how long a repeat is
 * one.
 */
#include <string.h>

#include "policies.h"
#include "timeutil.h"

static struct policy_case case_codes(const struct appeal_facts *facts)
{
	return (struct policy_case){
		.kind = facts->code[CODE_KIND],
		.channel = facts->code[CODE_CHANNEL],
		.topic = facts->code[CODE_TOPIC],
		.segment = facts->code[CODE_SEGMENT],
		.unit = facts->code[CODE_UNIT],
		.product = facts->code[CODE_PRODUCT],
	};
}

/* --- clocks --- */

/* What of the directory holds on that day for a clock of the unit's cases. */
static void place_fill(const struct replica *r, const Sy__V1__ClockRule *from,
		       const char *unit, int32_t day, struct sla_rule *rule)
{
	const struct replica_unit *u = replica_unit_place(r, unit, day);

	if (u != NULL)
		rule->zone = u->zone;
	if (from->calendar[0] != '\0')
		rule->calendar = replica_calendar(r, from->calendar);
	else
		rule->calendar = replica_unit_calendar(r, unit, day);
}

static bool rule_fill(const Sy__V1__ClockRule *from, struct sla_rule *rule)
{
	int64_t unit = 1;

	switch ((int)from->measure) {
	case SY__V1__CLOCK_MEASURE__ELAPSED_TIME:
		rule->measure = SLA_ELAPSED;
		unit = US_PER_MINUTE;
		break;
	case SY__V1__CLOCK_MEASURE__WORKING_TIME:
		rule->measure = SLA_WORKING;
		unit = US_PER_MINUTE;
		break;
	case SY__V1__CLOCK_MEASURE__CALENDAR_DAYS:
		rule->measure = SLA_CALENDAR_DAYS;
		break;
	case SY__V1__CLOCK_MEASURE__WORKING_DAYS:
		rule->measure = SLA_WORKING_DAYS;
		break;
	default:
		return false;
	}
	rule->amount = (int64_t)from->amount * unit;
	rule->warn_before = (int64_t)from->warn_before * unit;
	rule->extension_max = (int64_t)from->extension_max * unit;
	rule->may_pause = from->may_pause;
	return from->amount > 0;
}

struct choice {
	const struct replica *replica;
	const char *unit;
	int32_t day;
	struct clock_rule *rules;
	size_t n;
};

static bool clock_known(const struct choice *c, const char *clock)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->rules[i].clock, clock) == 0)
			return true;
	}
	return strcmp(clock, CLOCK_TASK) == 0;
}

static bool clock_cb(const Sy__V1__Policy *policy, void *arg)
{
	const Sy__V1__ClockRule *from = policy->clock;
	struct choice *c = arg;
	struct clock_rule *rule = &c->rules[c->n];

	if (clock_known(c, from->clock))
		return true;
	*rule = (struct clock_rule){
		.clock = from->clock,
		.policy = policy->code,
		.start = from->start,
		.stop = from->stop,
	};
	if (!rule_fill(from, &rule->sla))
		return true;
	place_fill(c->replica, from, c->unit, c->day, &rule->sla);
	/* the directory took the unit back */
	if (rule->sla.zone == NULL)
		return true;
	return ++c->n < CASE_CLOCKS_MAX;
}

static size_t choose(void *arg, const struct appeal_facts *facts, int32_t day,
		     struct clock_rule rules_r[CASE_CLOCKS_MAX])
{
	const struct policy_case of = case_codes(facts);
	struct choice c = {
		.replica = arg,
		.unit = of.unit,
		.day = day,
		.rules = rules_r,
	};

	replica_policies(arg, SY__V1__POLICY__RULE_CLOCK, day, &of, clock_cb,
			 &c);
	return c.n;
}

static void version_take(const struct replica *replica,
			 const Sy__V1__Policy *policy,
			 const struct appeal_facts *facts, int32_t day,
			 struct clock_rule *rule)
{
	struct sla_rule sla = rule->sla;

	if (policy == NULL || policy->rule_case != SY__V1__POLICY__RULE_CLOCK ||
	    !rule_fill(policy->clock, &sla))
		return;
	place_fill(replica, policy->clock, facts->code[CODE_UNIT], day, &sla);
	rule->sla = sla;
}

static void version(void *arg, const struct appeal_facts *facts, int32_t day,
		    struct clock_rule *rule)
{
	version_take(arg, replica_policy(arg, rule->policy, day), facts, day,
		     rule);
}

struct clock_source policies_clocks(const struct replica *replica)
{
	return (struct clock_source){ choose, version, (void *)replica };
}

/* --- as things would be --- */

static size_t choose_if(void *arg, const struct appeal_facts *facts,
			int32_t day, struct clock_rule rules_r[CASE_CLOCKS_MAX])
{
	const struct policies_if *a = arg;
	const struct policy_case of = case_codes(facts);
	struct choice c = {
		.replica = a->replica,
		.unit = of.unit,
		.day = day,
		.rules = rules_r,
	};

	replica_policies_if(a->replica, &a->what, day, &of, clock_cb, &c);
	return c.n;
}

static void version_if(void *arg, const struct appeal_facts *facts, int32_t day,
		       struct clock_rule *rule)
{
	const struct policies_if *a = arg;

	version_take(a->replica,
		     strcmp(rule->policy, a->what.policy->code) == 0
			     ? a->what.policy
			     : replica_policy(a->replica, rule->policy, day),
		     facts, day, rule);
}

struct clock_source policies_clocks_if(const struct policies_if *a)
{
	return (struct clock_source){ choose_if, version_if, (void *)a };
}

struct match_search {
	const Sy__V1__Policy *wanted;
	bool found;
};

static bool match_cb(const Sy__V1__Policy *policy, void *arg)
{
	struct match_search *s = arg;

	s->found = policy == s->wanted;
	return !s->found;
}

bool policies_match_if(const struct policies_if *a,
		       const struct appeal_facts *facts, int32_t day)
{
	const struct policy_case of = case_codes(facts);
	const struct policy_if there = { a->what.policy, false };
	struct match_search s = { .wanted = a->what.policy };

	replica_policies_if(a->replica, &there, day, &of, match_cb, &s);
	return s.found;
}

const Sy__V1__ClockRule *policies_clock(const struct replica *replica,
					const char *policy, int32_t day)
{
	const Sy__V1__Policy *p = replica_policy(replica, policy, day);

	return p != NULL && p->rule_case == SY__V1__POLICY__RULE_CLOCK
		       ? p->clock
		       : NULL;
}

/* --- the others: the first that matches --- */

struct search {
	const char *named; /* a clock or a remedy; NULL: any */
	const Sy__V1__Policy *found;
};

static bool first_cb(const Sy__V1__Policy *policy, void *arg)
{
	struct search *s = arg;
	const char *name = "";

	if (policy->rule_case == SY__V1__POLICY__RULE_CLOCK)
		name = policy->clock->clock;
	else if (policy->rule_case == SY__V1__POLICY__RULE_REMEDY &&
		 policy->remedy->remedy[0] != '\0')
		name = policy->remedy->remedy;
	/* a rule for all remedies stands behind one for this */
	if (s->named == NULL || strcmp(name, s->named) == 0) {
		s->found = policy;
		return false;
	}
	if (name[0] == '\0' && s->found == NULL)
		s->found = policy;
	return true;
}

const Sy__V1__Policy *policies_first(const struct replica *replica,
				     Sy__V1__Policy__RuleCase kind, int32_t day,
				     const struct appeal_facts *facts,
				     const char *named)
{
	const struct policy_case of = case_codes(facts);
	struct search s = { .named = named };

	replica_policies(replica, kind, day, &of, first_cb, &s);
	return s.found;
}

void policies_lookups(const struct replica *replica, int32_t day,
		      const struct appeal_facts *facts,
		      bool (*each_cb)(const Sy__V1__Policy *policy, void *arg),
		      void *arg)
{
	const struct policy_case of = case_codes(facts);

	replica_policies(replica, SY__V1__POLICY__RULE_LOOKUP, day, &of,
			 each_cb, arg);
}

int64_t policies_task_due(const struct replica *replica,
			  const struct appeal_facts *facts, int32_t day,
			  const char *unit, int64_t opened_us)
{
	const struct sla_event start = { opened_us, SLA_START, 0 };
	const Sy__V1__Policy *policy = policies_first(
		replica, SY__V1__POLICY__RULE_CLOCK, day, facts, CLOCK_TASK);
	struct sla_rule rule = { 0 };

	if (policy == NULL || !rule_fill(policy->clock, &rule))
		return 0;
	/* the hours of those who are to do it */
	place_fill(replica, policy->clock,
		   unit[0] != '\0' ? unit : facts->code[CODE_UNIT], day, &rule);
	if (rule.zone == NULL)
		return 0;
	return sla_judge(&rule, &start, 1, opened_us).due_us;
}

int64_t policies_end_of_day(const struct replica *replica,
			    const struct appeal_facts *facts, int64_t us,
			    uint32_t days)
{
	const struct replica_unit *unit = replica_unit_place(
		replica, facts->code[CODE_UNIT], facts->registered_day);

	if (unit == NULL)
		return us + days * US_PER_DAY;
	return zone_day_start_us(unit->zone, zone_local_day(unit->zone, us) +
						     (int32_t)days + 1);
}
