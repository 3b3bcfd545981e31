/* watch_guard.c -- of each rule a guard: terms of which one must be in a text
 * if the rule is to match. The rarer they are, the fewer rules are looked at in
 * vain, so thousands that do not match cost nothing. */
#include <stdlib.h>

#include "text/watch_build.h"

#define COST_NUMBER 10000
#define COST_NONE UINT64_MAX

struct guards {
	struct watch_set *set;
	const uint32_t *uses;
	struct watch_pairs rules_of;
	size_t least_size, most_size;
};

static uint64_t cost_of_field(uint32_t field)
{
	switch ((enum watch_field)field) {
	case WATCH_UNIT:
	case WATCH_AUTHOR:
		return 20;
	case WATCH_TOPIC:
		return 100;
	case WATCH_SOURCE:
	case WATCH_LANG:
	case WATCH_CLASS:
	case WATCH_SENTIMENT:
	case WATCH_VALUES_NR:
	case WATCH_FIELDS_NR:
		break;
	}
	return 500;
}

/* How often it may be there: a short word more often than a long one, and one
 * that many rules ask for more often than one that a single rule does. A phrase
 * is as rare as its rarest word. */
static uint64_t cost_of_term(const struct guards *g, uint32_t nr)
{
	const struct watch_term *term = &g->set->terms[nr];
	uint64_t least = COST_NONE, cost;

	if (term->field != WATCH_NO_FIELD)
		return cost_of_field(term->field);
	for (uint32_t i = 0; i < term->parts_nr; i++) {
		const struct watch_part *part = &term->parts[i];

		cost = 1000 / (part->len * part->len) + 1;
		if (part->kind != WATCH_EXACT)
			cost *= 4;
		least = cost < least ? cost : least;
	}
	return least * g->uses[nr];
}

/* Any of the children guards the node, or all of them together do. */
static bool any_guards(const struct watch_code *code, bool negated)
{
	return code->op == WATCH_NEAR || (code->op == WATCH_AND) == !negated;
}

/* COST_NONE: it has no guard; watch_unguarded() has seen to it that a rule has.
 */
static uint64_t cost_of(const struct guards *g, const struct watch_code *code,
			bool negated)
{
	uint64_t sum = 0, least = COST_NONE, cost;
	const struct watch_code *child = code + 1;

	switch (code->op) {
	case WATCH_TERM:
	case WATCH_FIELD:
		return negated ? COST_NONE : cost_of_term(g, code->arg);
	case WATCH_NUMBER:
		return negated || (code->least <= 0 && code->most == INT64_MAX)
			       ? COST_NONE
			       : COST_NUMBER;
	case WATCH_NOT:
		return cost_of(g, child, !negated);
	case WATCH_NEAR:
		if (negated)
			return COST_NONE;
		break;
	case WATCH_AND:
	case WATCH_OR:
		break;
	}
	for (uint32_t i = 0; i < code->nr; i++, child += child->skip) {
		cost = cost_of(g, child, negated);
		least = cost < least ? cost : least;
		sum = sum == COST_NONE || cost == COST_NONE ? COST_NONE
							    : sum + cost;
	}
	return any_guards(code, negated) ? least : sum;
}

static void guard_by_number(struct guards *g, const struct watch_code *code,
			    uint32_t rule)
{
	struct watch_set *set = g->set;

	if (code->least != INT64_MIN) {
		set->least = watch_grow(set->least, set->least_nr,
					&g->least_size, sizeof(*set->least));
		set->least[set->least_nr++] =
			(struct watch_threshold){ code->least, rule };
	} else {
		set->most = watch_grow(set->most, set->most_nr, &g->most_size,
				       sizeof(*set->most));
		set->most[set->most_nr++] =
			(struct watch_threshold){ code->most, rule };
	}
}

static void guard(struct guards *g, const struct watch_code *code, bool negated,
		  uint32_t rule)
{
	const struct watch_code *child = code + 1, *best = NULL;
	uint64_t least = COST_NONE, cost;

	switch (code->op) {
	case WATCH_TERM:
	case WATCH_FIELD:
		watch_pairs_add(&g->rules_of, code->arg, rule);
		return;
	case WATCH_NUMBER:
		guard_by_number(g, code, rule);
		return;
	case WATCH_NOT:
		guard(g, child, !negated, rule);
		return;
	case WATCH_NEAR:
	case WATCH_AND:
	case WATCH_OR:
		break;
	}
	for (uint32_t i = 0; i < code->nr; i++, child += child->skip) {
		if (!any_guards(code, negated)) {
			guard(g, child, negated, rule);
			continue;
		}
		cost = cost_of(g, child, negated);
		if (cost < least) {
			least = cost;
			best = child;
		}
	}
	if (best != NULL)
		guard(g, best, negated, rule);
}

static int ascending(const void *a, const void *b)
{
	const struct watch_threshold *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

void watch_guards(struct watch_set *set, const uint32_t *uses)
{
	struct guards g = { .set = set, .uses = uses };

	for (uint32_t i = 0; i < set->rules_nr; i++)
		guard(&g, set->code + set->code_at[i], false, i);
	set->rules_of = watch_lists_of(&set->arena, &g.rules_of, set->terms_nr);
	if (set->least_nr > 0)
		qsort(set->least, set->least_nr, sizeof(*set->least),
		      ascending);
	if (set->most_nr > 0)
		qsort(set->most, set->most_nr, sizeof(*set->most), ascending);
	set->bytes += (g.rules_of.n + set->terms_nr) * sizeof(uint32_t) +
		      (g.least_size + g.most_size) * sizeof(*set->least);
	free(g.rules_of.p);
}
