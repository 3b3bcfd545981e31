/* watch_set.c -- many rules as one: their terms without repeats, one literal
 * for each, all literals in one hyperscan database; of each rule its guard,
 * terms of which one must be there if the rule is to match. A rule is looked at
 * only when a term of its guard was found, so thousands of others cost nothing.
 * Guards are chosen to be rare. What is scanned is in watch_match.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "text/watch_internal.h"

#define TERMS_OF_SET_MAX 300000

/* A name and its number. */
struct named {
	uint32_t nr;
	UT_hash_handle hh;
	size_t len;
	char *name;
};
struct names {
	struct named *table;
	const struct named **by_nr;
	uint32_t n, size;
};

struct pair {
	uint32_t key, value;
};
struct pairs {
	struct pair *p;
	size_t n, size;
};

struct build {
	struct watch_set *set;
	struct arena arena;  /* until the set is compiled */
	struct arena rule;   /* of one rule */
	struct words *words; /* once there is a stem */
	struct names terms, literals;
	struct pairs terms_of, rules_of;
	uint32_t terms_size;
	size_t code_nr, code_size;
	uint32_t least_size, most_size;
	struct error err;
	struct watch_problem *problem;
};

/* --- things that grow --- */

static void *grow(void *old, size_t n, size_t *size, size_t each)
{
	void *p;

	if (n < *size)
		return old;
	*size = *size == 0 ? 256 : 2 * *size;
	p = realloc(old, *size * each);
	if (p == NULL)
		abort(); /* as an arena does */
	return p;
}

static void *grow32(void *old, uint32_t n, uint32_t *size, size_t each)
{
	size_t wide = *size;
	void *p = grow(old, n, &wide, each);

	*size = (uint32_t)wide;
	return p;
}

static void pairs_add(struct pairs *pairs, uint32_t key, uint32_t value)
{
	pairs->p = grow(pairs->p, pairs->n, &pairs->size, sizeof(*pairs->p));
	pairs->p[pairs->n++] = (struct pair){ key, value };
}

/* By counting; in a list the order is that of adding. */
static struct watch_lists lists_of(struct arena *arena,
				   const struct pairs *pairs, uint32_t keys_nr)
{
	struct watch_lists lists = {
		.from = arena_alloc(arena, (keys_nr + 2) * sizeof(uint32_t)),
		.list = arena_alloc(arena, (pairs->n + 1) * sizeof(uint32_t)),
	};
	uint32_t *at = lists.from + 1;

	for (size_t i = 0; i < pairs->n; i++)
		lists.from[pairs->p[i].key + 2]++;
	for (uint32_t k = 1; k <= keys_nr; k++)
		lists.from[k + 1] += lists.from[k];
	/* what is filled ends where the next begins */
	for (size_t i = 0; i < pairs->n; i++)
		lists.list[at[pairs->p[i].key]++] = pairs->p[i].value;
	return lists;
}

static uint32_t number_of(struct build *b, struct names *names,
			  const char *name, size_t len, bool *new_r)
{
	struct named *found;

	HASH_FIND(hh, names->table, name, len, found);
	*new_r = found == NULL;
	if (found != NULL)
		return found->nr;
	found = arena_alloc(&b->arena, sizeof(*found));
	found->name = arena_memdup(&b->arena, name, len);
	found->len = len;
	found->nr = names->n;
	HASH_ADD_KEYPTR(hh, names->table, found->name, len, found);
	names->by_nr = grow32((void *)names->by_nr, names->n, &names->size,
			      sizeof(found));
	names->by_nr[names->n++] = found;
	return found->nr;
}

/* --- literals --- */

#define LITERAL_BYTES (WATCH_PHRASE_MAX + 4)

struct literal {
	char s[2 * LITERAL_BYTES];
	size_t len;
};

static void literal_add(struct literal *l, const char *s, size_t len)
{
	memcpy(l->s + l->len, s, len);
	l->len += len;
}

/* The longest run of a pattern, with the ends of the word that it has. */
static void literal_of_pattern(struct literal *l, const char *s, size_t len,
			       const char *before, const char *behind)
{
	size_t at = 0, run = 0;

	watch_longest(s, len, &at, &run);
	if (at == 0)
		literal_add(l, before, strlen(before));
	literal_add(l, s + at, run);
	if (at + run == len)
		literal_add(l, behind, strlen(behind));
}

/* What a stem and the words that have it begin with. Snowball's Russian only
 * cuts; its English also writes anew the last two letters (tie: tying). */
static void literal_of_stem(struct literal *l, const char *s, size_t len)
{
	bool cyrillic = ((uint8_t)s[0] & 0xfc) == 0xd0;
	size_t end = cyrillic || len <= 2 ? len : len - 2;

	if (!cyrillic && len == 2)
		end = 1;
	while (end > 1 && end < len && (s[end] & 0xc0) == 0x80)
		end--;
	literal_add(l, " ", 1);
	literal_add(l, s, end);
}

static void literal_of_part(struct literal *l, const struct watch_part *part)
{
	switch (part->kind) {
	case WATCH_EXACT:
		if (!part->single)
			literal_add(l, " ", 1);
		literal_add(l, part->s, part->len);
		if (!part->single)
			literal_add(l, " ", 1);
		return;
	case WATCH_GLOB:
		literal_of_pattern(l, part->s, part->len, " ", " ");
		return;
	case WATCH_STEM:
		literal_of_stem(l, part->s, part->len);
		return;
	}
}

/* As it stands in a spaced text. */
static void literal_of_words(struct literal *l, const struct watch_term *term)
{
	for (uint32_t i = 0; i < term->parts_nr; i++) {
		const struct watch_part *part = &term->parts[i];

		if (i == 0 ? !part->single : !part->glued)
			literal_add(l, " ", 1);
		literal_add(l, part->s, part->len);
		if (i + 1 == term->parts_nr && !part->single)
			literal_add(l, " ", 1);
	}
}

static void literal_of_anchor(struct literal *l, struct watch_term *term)
{
	struct literal one;

	for (uint32_t i = 0; i < term->parts_nr; i++) {
		one.len = 0;
		literal_of_part(&one, &term->parts[i]);
		if (one.len > l->len) {
			*l = one;
			term->anchor = i;
		}
	}
}

/* --- terms --- */

static int stem_parts(struct build *b, struct watch_part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct watch_part *part = &parts[i];

		if (part->kind == WATCH_STEM) {
			if (b->words == NULL &&
			    words_open(&b->words, &b->err) < 0)
				return -1;
			part->s = words_stem(b->words, part->s, part->len,
					     &part->len);
			b->set->stems = true;
		}
		part->s = arena_memdup(&b->set->arena, part->s, part->len);
	}
	return 0;
}

static int fill_term(struct build *b, struct watch_term *term,
		     struct literal *l, const struct watch_node *node)
{
	struct watch_part value = { 0 }, *parts = &value;
	char before[] = { WATCH_MARK, WATCH_LETTER(node->field), '\0' };
	const char behind[] = { WATCH_MARK, '\0' };
	size_t n = node->op == WATCH_TERM ? node->parts_nr : 1;

	*term = (struct watch_term){ .parts_nr = (uint32_t)n,
				     .field = WATCH_NO_FIELD };
	parts = arena_alloc(&b->set->arena, n * sizeof(*parts));
	term->parts = parts;
	if (node->op == WATCH_TERM) {
		memcpy(parts, node->parts, n * sizeof(*parts));
		term->exact = true;
		for (size_t i = 0; i < n; i++)
			if (parts[i].kind != WATCH_EXACT)
				term->exact = false;
		if (stem_parts(b, parts, n) < 0)
			return -1;
		if (term->exact)
			literal_of_words(l, term);
		else
			literal_of_anchor(l, term);
		return 0;
	}
	parts->s = arena_strdup(&b->set->arena, node->value);
	parts->len = strlen(node->value);
	term->field = node->field;
	term->exact = memchr(parts->s, '*', parts->len) == NULL;
	if (term->exact) {
		literal_add(l, before, 2);
		literal_add(l, parts->s, parts->len);
		literal_add(l, behind, 1);
	} else {
		parts->kind = WATCH_GLOB;
		literal_of_pattern(l, parts->s, parts->len, before, behind);
	}
	return 0;
}

/* -1: no memory, or too many of them. */
static int64_t term_of(struct build *b, const struct watch_node *node)
{
	struct watch_set *set = b->set;
	struct literal literal = { .len = 0 };
	size_t len;
	char *name = watch_print_node(&b->rule, node, &len);
	bool new;
	uint32_t nr = number_of(b, &b->terms, name, len, &new), l;

	if (!new)
		return nr;
	if (nr >= TERMS_OF_SET_MAX)
		return error_set(&b->err,
				 "the rules of a set have at most %d "
				 "different words, phrases and values",
				 TERMS_OF_SET_MAX);
	set->terms =
		grow32(set->terms, nr, &b->terms_size, sizeof(*set->terms));
	if (fill_term(b, &set->terms[nr], &literal, node) < 0)
		return -1;
	l = number_of(b, &b->literals, literal.s, literal.len, &new);
	pairs_add(&b->terms_of, l, nr);
	return nr;
}

/* --- guards --- */

#define COST_NUMBER 100000
#define COST_NONE 100000000

static unsigned cost_of_field(enum watch_field field)
{
	switch (field) {
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

/* How often it may be there: short words more often than long ones, and a
 * phrase as often as its longest. */
static unsigned cost_of_term(const struct watch_node *node)
{
	unsigned least = COST_NUMBER, cost;

	for (size_t i = 0; i < node->parts_nr; i++) {
		const struct watch_part *part = &node->parts[i];

		cost = (unsigned)(1000 / (part->len * part->len) + 1);
		if (part->kind != WATCH_EXACT)
			cost *= 4;
		least = cost < least ? cost : least;
	}
	return least;
}

/* Of the guard that a node has; the same shape as watch_unguarded(). */
static unsigned cost_of(const struct watch_node *node, bool negated)
{
	unsigned sum = 0, least = COST_NONE, cost;
	bool all = (node->op == WATCH_OR) != negated;
	int64_t bound, most;

	switch (node->op) {
	case WATCH_TERM:
		return negated ? COST_NONE : cost_of_term(node);
	case WATCH_FIELD:
		return negated ? COST_NONE : cost_of_field(node->field);
	case WATCH_NUMBER:
		watch_bounds(node, &bound, &most);
		return negated || (bound <= 0 && most == INT64_MAX)
			       ? COST_NONE
			       : COST_NUMBER;
	case WATCH_NOT:
		return cost_of(node->child, !negated);
	case WATCH_NEAR:
		if (negated)
			return COST_NONE;
		all = false;
		break;
	case WATCH_AND:
	case WATCH_OR:
		break;
	}
	for (const struct watch_node *c = node->child; c; c = c->next) {
		cost = cost_of(c, negated);
		sum += cost;
		least = cost < least ? cost : least;
	}
	cost = all ? sum : least;
	return cost < COST_NONE ? cost : COST_NONE;
}

static void guard_number(struct build *b, const struct watch_node *node,
			 uint32_t rule)
{
	struct watch_set *set = b->set;
	int64_t least, most;

	watch_bounds(node, &least, &most);
	if (least != INT64_MIN) {
		set->least = grow32(set->least, set->least_nr, &b->least_size,
				    sizeof(*set->least));
		set->least[set->least_nr++] =
			(struct watch_threshold){ least, rule };
	} else {
		set->most = grow32(set->most, set->most_nr, &b->most_size,
				   sizeof(*set->most));
		set->most[set->most_nr++] =
			(struct watch_threshold){ most, rule };
	}
}

static void guard(struct build *b, const struct watch_node *node, bool negated,
		  uint32_t rule)
{
	bool all = (node->op == WATCH_OR) != negated, new;
	const struct watch_node *best = NULL;
	size_t len;
	char *name;

	switch (node->op) {
	case WATCH_TERM:
	case WATCH_FIELD:
		name = watch_print_node(&b->rule, node, &len);
		pairs_add(&b->rules_of,
			  number_of(b, &b->terms, name, len, &new), rule);
		return;
	case WATCH_NUMBER:
		guard_number(b, node, rule);
		return;
	case WATCH_NOT:
		guard(b, node->child, !negated, rule);
		return;
	case WATCH_NEAR:
		all = false;
		break;
	case WATCH_AND:
	case WATCH_OR:
		break;
	}
	for (const struct watch_node *c = node->child; c; c = c->next) {
		if (all)
			guard(b, c, negated, rule);
		else if (best == NULL ||
			 cost_of(c, negated) < cost_of(best, negated))
			best = c;
	}
	if (best != NULL)
		guard(b, best, negated, rule);
}

/* --- rules --- */

static void problem_set(struct build *b)
{
	b->problem->column = 1;
	snprintf(b->problem->text, sizeof(b->problem->text), "%.*s",
		 (int)sizeof(b->problem->text) - 1, b->err.text);
}

static int code_of(struct build *b, const struct watch_node *node)
{
	struct watch_set *set = b->set;
	size_t at = b->code_nr;
	struct watch_code code = { .op = node->op };
	int64_t term;

	set->code = grow(set->code, at, &b->code_size, sizeof(*set->code));
	b->code_nr++;
	if (node->op == WATCH_TERM || node->op == WATCH_FIELD) {
		term = term_of(b, node);
		if (term < 0)
			return -1;
		code.arg = (uint32_t)term;
	} else if (node->op == WATCH_NUMBER) {
		watch_bounds(node, &code.least, &code.most);
	} else if (node->op == WATCH_NEAR) {
		code.arg = (uint32_t)node->number;
	}
	for (const struct watch_node *c = node->child; c; c = c->next) {
		code.nr++;
		if (code_of(b, c) < 0)
			return -1;
	}
	code.skip = (uint32_t)(b->code_nr - at);
	set->code[at] = code;
	return 0;
}

static int add_rule(struct build *b, const struct watch_rule *rule, uint32_t nr)
{
	const struct watch_tree *tree;

	if (watch_parse(&b->rule, rule->text, rule->len, &tree, b->problem) < 0)
		return -1;
	b->set->code_at[nr] = (uint32_t)b->code_nr;
	if (code_of(b, tree->root) < 0) {
		problem_set(b);
		return -1;
	}
	guard(b, tree->root, false, nr);
	arena_reset(&b->rule);
	return 0;
}

/* --- the set --- */

static int scan_compile(struct build *b)
{
	size_t n = b->literals.n, bytes = 0;
	struct arena *arena = &b->arena;
	const char **s = arena_alloc(arena, n * sizeof(*s) + 1);
	size_t *len = arena_alloc(arena, n * sizeof(*len) + 1);
	unsigned *id = arena_alloc(arena, n * sizeof(*id) + 1);
	unsigned *flags = arena_alloc(arena, n * sizeof(*flags) + 1);
	hs_compile_error_t *why = NULL;

	for (size_t i = 0; i < n; i++) {
		s[i] = b->literals.by_nr[i]->name;
		len[i] = b->literals.by_nr[i]->len;
		id[i] = (unsigned)i;
	}
	if (n > 0 &&
	    hs_compile_lit_multi(s, flags, id, len, (unsigned)n, HS_MODE_BLOCK,
				 NULL, &b->set->db, &why) != HS_SUCCESS) {
		error_set(&b->err, "hyperscan: %s",
			  why != NULL ? why->message : "failed");
		hs_free_compile_error(why);
		return -1;
	}
	if (b->set->db != NULL)
		hs_database_size(b->set->db, &bytes);
	b->set->bytes += bytes;
	return 0;
}

static int ascending(const void *a, const void *b)
{
	const struct watch_threshold *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

static void finish(struct build *b)
{
	struct watch_set *set = b->set;

	set->terms_nr = b->terms.n;
	set->literals_nr = b->literals.n;
	set->terms_of = lists_of(&set->arena, &b->terms_of, b->literals.n);
	set->rules_of = lists_of(&set->arena, &b->rules_of, b->terms.n);
	if (set->least_nr > 0)
		qsort(set->least, set->least_nr, sizeof(*set->least),
		      ascending);
	if (set->most_nr > 0)
		qsort(set->most, set->most_nr, sizeof(*set->most), ascending);
	set->bytes += b->code_nr * sizeof(*set->code) +
		      set->terms_nr * (sizeof(*set->terms) +
				       2 * sizeof(struct watch_part)) +
		      (b->terms_of.n + b->rules_of.n + set->terms_nr +
		       set->literals_nr) *
			      sizeof(uint32_t);
}

static void build_close(struct build *b)
{
	HASH_CLEAR(hh, b->terms.table);
	HASH_CLEAR(hh, b->literals.table);
	free((void *)b->terms.by_nr);
	free((void *)b->literals.by_nr);
	free(b->terms_of.p);
	free(b->rules_of.p);
	words_close(&b->words);
	arena_reset(&b->arena);
	arena_reset(&b->rule);
}

int watch_set_compile(struct watch_set **set_r, const struct watch_rule *rules,
		      size_t n, size_t *failed_r, struct watch_problem *problem)
{
	struct watch_set *set = calloc(1, sizeof(*set));
	struct build b = { .set = set, .problem = problem };
	size_t i = 0;

	*set_r = NULL;
	if (set == NULL)
		abort();
	arena_init(&set->arena);
	arena_init(&b.arena);
	arena_init(&b.rule);
	set->rules_nr = (uint32_t)n;
	set->code_at = arena_alloc(&set->arena, (n + 1) * sizeof(uint32_t));
	while (i < n && add_rule(&b, &rules[i], (uint32_t)i) == 0)
		i++;
	*failed_r = i;
	if (i == n && scan_compile(&b) == 0) {
		finish(&b);
		*set_r = set;
	} else {
		if (i == n)
			problem_set(&b);
		watch_set_free(&set);
	}
	build_close(&b);
	return *set_r != NULL ? 0 : -1;
}

void watch_set_free(struct watch_set **set_p)
{
	struct watch_set *set = set_p != NULL ? *set_p : NULL;

	if (set == NULL)
		return;
	*set_p = NULL;
	hs_free_database(set->db);
	free(set->terms);
	free(set->code);
	free(set->least);
	free(set->most);
	arena_reset(&set->arena);
	free(set);
}

size_t watch_set_bytes(const struct watch_set *set)
{
	return set->bytes;
}
