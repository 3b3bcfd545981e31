/* test_watch_properties.c -- watch rules against an evaluator that knows
 * nothing of literals, guards and scanning: it cuts a text into words by ICU's
 * properties and walks a rule of its own over them. Random rules, random texts
 * in three languages.
 *
 * WATCH_SEED=n for another run; it is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_rule.h"
#include "text/normal.h"
#include "text/watch.h"
#include "text/words.h"

#define SETS 50
#define RULES 40
#define TEXTS 40

static struct words *words;

/* --- whether it matches --- */

struct mention {
	struct text text;
	struct tokens tokens;
	struct watch_subject subject;
};

static bool like(const char *p, const char *s)
{
	if (*p == '\0')
		return *s == '\0';
	if (*p == '*') {
		for (;; s++) {
			if (like(p + 1, s))
				return true;
			if (*s == '\0')
				return false;
		}
	}
	if (*s == '\0')
		return false;
	if (*p != '?')
		return *p == *s && like(p + 1, s + 1);
	do
		s++;
	while ((*s & 0xc0) == 0x80);
	return like(p + 1, s);
}

static const char *lexeme(const char *word)
{
	struct word_list list = words_of_text(words, &arena, word, 10);

	return list.n > 0 ? list.w[0].lexeme : "";
}

static bool is_word(const struct token *asked, const struct token *t)
{
	if (asked->s[0] == '~')
		return !t->single &&
		       strcmp(lexeme(asked->s + 1), lexeme(t->s)) == 0;
	return asked->single == t->single && like(asked->s, t->s);
}

static bool stands_at(const struct rule *term, const struct tokens *tokens,
		      size_t at)
{
	if (tokens->n - at < term->asked->n)
		return false;
	for (size_t i = 0; i < term->asked->n; i++)
		if (!is_word(&term->asked->t[i], &tokens->t[at + i]) ||
		    (i > 0 &&
		     term->asked->t[i].glued != tokens->t[at + i].glued))
			return false;
	return true;
}

static bool side_at(const struct rule *side, const struct tokens *tokens,
		    size_t at, size_t which)
{
	if (side->kind == TERM)
		return which == 0 && stands_at(side, tokens, at);
	return which < side->nr && stands_at(side->child[which], tokens, at);
}

static size_t length(const struct rule *side, size_t which)
{
	return side->kind == TERM ? side->asked->n
				  : side->child[which]->asked->n;
}

static bool near(const struct rule *r, const struct tokens *t)
{
	for (int turn = 0; turn < 2; turn++) {
		const struct rule *a = r->child[turn], *b = r->child[!turn];

		for (size_t i = 0; i < t->n; i++)
			for (size_t j = i + 1; j < t->n; j++)
				for (size_t p = 0; p < 9; p++) {
					size_t end;

					if (!side_at(a, t, i, p % 3) ||
					    !side_at(b, t, j, p / 3))
						continue;
					end = i + length(a, p % 3) - 1;
					if (j > end && j - end <= r->n)
						return true;
				}
	}
	return false;
}

static bool compares(const struct rule *r, int64_t reach)
{
	int64_t n = r->n;

	if (strcmp(r->text, ">") == 0)
		return reach > n;
	if (strcmp(r->text, ">=") == 0)
		return reach >= n;
	if (strcmp(r->text, "<") == 0)
		return reach < n;
	return strcmp(r->text, "<=") == 0 ? reach <= n : reach == n;
}

static bool has_value(const struct rule *r, const struct mention *m)
{
	static const char *const names[] = { "source",    "lang",  "class",
					     "sentiment", "topic", "unit",
					     "author" };
	size_t len = strcspn(r->text, ":");

	for (size_t i = 0; i < m->subject.values_nr; i++) {
		const struct watch_subject_value *v = &m->subject.values[i];

		if (strncmp(names[v->field], r->text, len) == 0 &&
		    like(r->value, v->value))
			return true;
	}
	return false;
}

static bool holds(const struct rule *r, const struct mention *m)
{
	switch (r->kind) {
	case TERM:
		for (size_t i = 0; i < m->tokens.n; i++)
			if (stands_at(r, &m->tokens, i))
				return true;
		return false;
	case FIELD:
		return has_value(r, m);
	case REACH:
		return compares(r, m->subject.reach);
	case NEAR:
		return near(r, &m->tokens);
	case NOT:
		return !holds(r->child[0], m);
	case AND:
	case OR:
		break;
	}
	for (size_t i = 0; i < r->nr; i++)
		if (holds(r->child[i], m) == (r->kind == OR))
			return r->kind == OR;
	return r->kind == AND;
}

/* Nothing that the rule names is there: does it match all the same? */
static bool holds_of_nothing(const struct rule *r, bool negated)
{
	switch (r->kind) {
	case TERM:
	case FIELD:
	case NEAR:
		return false;
	case REACH:
		return !negated && r->n == 0 && strcmp(r->text, ">=") == 0;
	case NOT:
		return !holds_of_nothing(r->child[0], !negated);
	case AND:
	case OR:
		break;
	}
	for (size_t i = 0; i < r->nr; i++)
		if (holds_of_nothing(r->child[i], negated) == (r->kind == OR))
			return r->kind == OR;
	return r->kind == AND;
}

static const char *const values[] = { "vk",       "ok",         "ru",
				      "delivery", "lost goods", "644099",
				      "644",      "spambot",    "a \"b\"",
				      "claim",    "negative",   "" };

static struct mention *mention(void)
{
	struct mention *m = arena_alloc(&arena, sizeof(*m));
	struct watch_subject_value *v;
	const char *raw = say(below(30));

	m->text = text_normalise(&arena, raw, strlen(raw));
	cut(&m->tokens, m->text.s, m->text.len, "");
	m->subject.text = m->text.s;
	m->subject.len = m->text.len;
	m->subject.reach = below(40);
	m->subject.values_nr = below(8);
	v = arena_alloc(&arena, 8 * sizeof(*v));
	for (size_t i = 0; i < m->subject.values_nr; i++)
		v[i] = (struct watch_subject_value){
			.field = (enum watch_field)below(WATCH_VALUES_NR),
			.value = ANY(values),
		};
	m->subject.values = v;
	return m;
}

/* --- the property --- */

static size_t refused, matched, compared;

/* A rule that is accepted, and its text or the text printed of it. */
static struct rule *acceptable(struct watch_rule *text)
{
	const struct watch_tree *tree, *again;
	struct watch_problem problem;
	struct rule *r;
	int failed;

	do {
		r = make(3);
		text->text = write_rule(r);
		text->len = strlen(text->text);
		failed = watch_parse(&arena, text->text, text->len, &tree,
				     &problem);
		if ((failed != 0) != holds_of_nothing(r, false))
			fail_msg("%s: %s", text->text,
				 failed ? problem.text : "accepted");
		refused += failed != 0;
	} while (failed);
	assert_int_equal(watch_parse(&arena, watch_print(tree),
				     strlen(watch_print(tree)), &again,
				     &problem),
			 0);
	assert_string_equal(watch_print(again), watch_print(tree));
	if (below(2)) {
		text->text = watch_print(tree);
		text->len = strlen(text->text);
	}
	return r;
}

/* Every place of a term, and nothing else. */
static void check_ranges(struct watch_scratch *scratch, uint32_t nr,
			 const struct rule *r, const struct mention *m)
{
	struct watch_range_list list = watch_ranges(scratch, &arena, nr);
	size_t end = 0, n = 0;

	for (size_t i = 0; i < list.n; i++) {
		assert_true(i == 0 || list.r[i].begin > end);
		assert_true(list.r[i].end > list.r[i].begin);
		end = list.r[i].end;
		assert_true(end <= m->text.len);
	}
	if (r->kind != TERM)
		return;
	for (size_t i = 0; i < m->tokens.n; i++) {
		const struct token *t = &m->tokens.t[i];

		if (!stands_at(r, &m->tokens, i))
			continue;
		while (n < list.n && list.r[n].end < t->begin)
			n++;
		assert_true(n < list.n && list.r[n].begin <= t->begin &&
			    list.r[n].end >= t[r->asked->n - 1].end);
	}
}

static void compare(struct watch_scratch *scratch, struct rule *const *rules,
		    const struct watch_rule *texts, const struct mention *m)
{
	struct watch_hits hits;
	size_t at = 0;

	watch_match(scratch, &m->subject, &hits);
	assert_false(hits.cut);
	for (uint32_t i = 0; i < RULES; i++) {
		bool expected = holds(rules[i], m);
		bool found = at < hits.n && hits.rules[at] == i;

		if (found != expected)
			fail_msg("seed, rule, text: %.*s\n%s\nexpected %d",
				 (int)texts[i].len, texts[i].text, m->text.s,
				 expected);
		if (found) {
			check_ranges(scratch, i, rules[i], m);
			at++;
		}
		matched += found;
		compared++;
	}
	assert_int_equal(at, hits.n);
}

static void one_set(void)
{
	struct watch_rule texts[RULES];
	struct rule *rules[RULES];
	struct watch_problem problem = { 0 };
	struct watch_scratch *scratch;
	struct watch_set *set;
	struct error err;
	size_t failed;

	for (int i = 0; i < RULES; i++)
		rules[i] = acceptable(&texts[i]);
	if (watch_set_compile(&set, texts, RULES, &failed, &problem) < 0)
		fail_msg("rule %zu: %s", failed, problem.text);
	assert_int_equal(watch_scratch_open(&scratch, set, &err), 0);
	for (int i = 0; i < TEXTS; i++)
		compare(scratch, rules, texts, mention());
	watch_scratch_close(&scratch);
	watch_set_free(&set);
	arena_reset(&arena);
}

static void test_the_set_says_what_a_plain_evaluator_says(void **unused)
{
	const char *seed = getenv("WATCH_SEED");
	struct error err;

	(void)unused;
	state = seed != NULL ? strtoull(seed, NULL, 10) : 20261;
	print_message("WATCH_SEED=%llu\n", (unsigned long long)state);
	arena_init(&arena);
	assert_int_equal(words_open(&words, &err), 0);
	for (int i = 0; i < SETS; i++)
		one_set();
	words_close(&words);
	print_message("%zu answers compared, %zu of them yes; %zu rules "
		      "refused\n",
		      compared, matched, refused);
	assert_true(matched > compared / 20 && matched < compared / 2);
	assert_true(refused > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_set_says_what_a_plain_evaluator_says),
	};

	return cmocka_run_group_tests_name("watch_properties", tests, NULL,
					   NULL);
}
