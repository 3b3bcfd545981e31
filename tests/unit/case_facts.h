/* case_facts.h -- facts of cases for unit tests, folded and judged by a policy
 * that needs no directory. */
#ifndef CASE_FACTS_H
#define CASE_FACTS_H

#include "clock/zone.h"
#include "complaints/clocks.h"
#include "complaints/items.h"
#include "timeutil.h"

#define T0 (INT64_C(1740000000) * US_PER_S)
#define NOW (T0 + 400 * US_PER_DAY)
#define FACTS_MAX 10

static struct arena arena;

/* --- a policy: first_response 48 hours, from day 20500 on 24 --- */

static inline size_t choose(void *arg, const struct appeal_facts *facts,
			    int32_t day,
			    struct clock_rule rules_r[CASE_CLOCKS_MAX])
{
	(void)arg;
	(void)facts;
	if (day < 10957)
		return 0;
	rules_r[0] = (struct clock_rule){
		.clock = FIRST_RESPONSE,
		.policy = "p",
		.start = SY__V1__CLOCK_MOMENT__AT_REGISTRATION,
		.stop = SY__V1__CLOCK_MOMENT__AT_FIRST_ANSWER,
		.sla = { .measure = SLA_ELAPSED,
			 .amount = (day < 20500 ? 48 : 24) * US_PER_HOUR,
			 .zone = zone_get("UTC") },
	};
	return 1;
}

static inline void version(void *arg, const struct appeal_facts *facts,
			   int32_t day, struct clock_rule *rule)
{
	(void)arg;
	(void)facts;
	(void)day;
	(void)rule;
}

static const struct clock_source source = { choose, version, NULL };

static inline struct appeal_fact fact(enum fact_type type, int64_t hours)
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
	if (type > FACT_CLOSE) {
		Sy__V1__AppealDetail *said = arena_alloc(&arena, sizeof(*said));

		sy__v1__appeal_detail__init(said);
		said->item = (char *)"one";
		said->state = 1;
		said->rating = 1 + (uint32_t)(hours & 3);
		said->level = SY__V1__ESCALATION_LEVEL__ESCALATION_MANAGEMENT;
		f.detail = said;
	}
	return f;
}

static inline struct appeal_facts folded_at(struct appeal_fact *facts, size_t n,
					    int64_t now_us)
{
	struct appeal_fact *order[FACTS_MAX];
	struct case_items items;
	struct appeal_facts after;

	for (size_t i = 0; i < n; i++)
		facts[i].n = (int)i;
	items_open(&items, &arena);
	appeal_fold(facts, n, order, &items, &after);
	if (after.registered_at_us == 0)
		return after;
	after.registered_day = (int32_t)(after.registered_at_us / US_PER_DAY);
	clocks_judge(&source, &arena, order, n, (struct clocks_before){ 0 },
		     &after, now_us);
	return after;
}

static inline struct appeal_facts folded(struct appeal_fact *facts, size_t n)
{
	return folded_at(facts, n, NOW);
}

#endif
