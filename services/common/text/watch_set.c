/* watch_set.c -- many rules as one: their terms without repeats, one literal
 * for each, all literals in one hyperscan database; each rule as an array, and
 * its guard (watch_guard.c). What is scanned is in watch_match.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "text/watch_build.h"

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
	uint32_t n;
	size_t size;
};

struct build {
	struct watch_set *set;
	struct arena arena;  /* until the set is compiled */
	struct arena rule;   /* of one rule */
	struct words *words; /* once there is a stem */
	struct names terms, literals;
	struct watch_pairs terms_of;
	uint32_t *uses; /* of each term */
	size_t terms_size, uses_size, code_nr, code_size;
	struct error err;
	struct watch_problem *problem;
};

/* --- things that grow --- */

void *watch_grow(void *old, size_t n, size_t *size, size_t each)
{
	void *p;

	if (n < *size)
		return old;
	*size = *size == 0 ? 256 : 2 * *size;
	p = realloc(old, *size * each);
	if (p == NULL)
		abort();
	return p;
}

void watch_pairs_add(struct watch_pairs *pairs, uint32_t key, uint32_t value)
{
	pairs->p =
		watch_grow(pairs->p, pairs->n, &pairs->size, sizeof(*pairs->p));
	pairs->p[pairs->n++] = (struct watch_pair){ key, value };
}

/* By counting. */
struct watch_lists watch_lists_of(struct arena *arena,
				  const struct watch_pairs *pairs,
				  uint32_t keys_nr)
{
	struct watch_lists lists = {
		.from = arena_alloc(arena,
				    ((size_t)keys_nr + 2) * sizeof(uint32_t)),
		.list = arena_alloc(arena, (pairs->n + 1) * sizeof(uint32_t)),
	};
	uint32_t *at = lists.from + 1;

	for (size_t i = 0; i < pairs->n; i++)
		lists.from[pairs->p[i].key + 2]++;
	for (uint32_t k = 1; k <= keys_nr; k++)
		lists.from[k + 1] += lists.from[k];
	/* where a list has been filled to is where the next one begins */
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
	names->by_nr = watch_grow((void *)names->by_nr, names->n, &names->size,
				  sizeof(found));
	names->by_nr[names->n++] = found;
	return found->nr;
}

/* --- terms --- */

/* Out of the rule's memory into the set's; stems in the place of words. */
static int keep_parts(struct build *b, struct watch_part *parts, size_t n)
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
		     const struct watch_node *node)
{
	bool words = node->op == WATCH_TERM;
	size_t n = words ? node->parts_nr : 1;
	struct watch_part *parts =
		arena_alloc(&b->set->arena, n * sizeof(*parts));

	*term = (struct watch_term){
		.parts = parts,
		.parts_nr = (uint32_t)n,
		.field = words ? (uint32_t)WATCH_NO_FIELD : node->field,
		.exact = true,
	};
	if (words) {
		memcpy(parts, node->parts, n * sizeof(*parts));
	} else {
		parts->s = node->value;
		parts->len = strlen(node->value);
		if (memchr(parts->s, '*', parts->len) != NULL)
			parts->kind = WATCH_GLOB;
	}
	for (size_t i = 0; i < n; i++)
		if (parts[i].kind != WATCH_EXACT)
			term->exact = false;
	return keep_parts(b, parts, n);
}

/* -1: no memory, or too many of them. */
static int64_t term_of(struct build *b, const struct watch_node *node)
{
	struct watch_set *set = b->set;
	struct watch_literal literal;
	size_t len;
	char *name = watch_print_node(&b->rule, node, &len);
	bool new;
	uint32_t nr = number_of(b, &b->terms, name, len, &new), l;

	if (!new) {
		b->uses[nr]++;
		return nr;
	}
	if (nr >= TERMS_OF_SET_MAX)
		return error_set(&b->err,
				 "the rules of a set have at most %d "
				 "different words, phrases and values",
				 TERMS_OF_SET_MAX);
	set->terms =
		watch_grow(set->terms, nr, &b->terms_size, sizeof(*set->terms));
	b->uses = watch_grow(b->uses, nr, &b->uses_size, sizeof(*b->uses));
	b->uses[nr] = 1;
	if (fill_term(b, &set->terms[nr], node) < 0)
		return -1;
	watch_literal_of(&literal, &set->terms[nr]);
	l = number_of(b, &b->literals, literal.s, literal.len, &new);
	watch_pairs_add(&b->terms_of, l, nr);
	return nr;
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

	set->code =
		watch_grow(set->code, at, &b->code_size, sizeof(*set->code));
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

static void finish(struct build *b)
{
	struct watch_set *set = b->set;

	set->terms_nr = b->terms.n;
	set->terms_of =
		watch_lists_of(&set->arena, &b->terms_of, b->literals.n);
	watch_guards(set, b->uses);
	set->bytes += b->code_nr * sizeof(*set->code) +
		      set->terms_nr * (sizeof(*set->terms) +
				       2 * sizeof(struct watch_part)) +
		      (b->terms_of.n + b->literals.n) * sizeof(uint32_t);
}

static void build_close(struct build *b)
{
	HASH_CLEAR(hh, b->terms.table);
	HASH_CLEAR(hh, b->literals.table);
	free((void *)b->terms.by_nr);
	free((void *)b->literals.by_nr);
	free(b->terms_of.p);
	free(b->uses);
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
