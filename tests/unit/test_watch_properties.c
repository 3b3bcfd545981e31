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
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "text/normal.h"
#include "text/watch.h"
#include "text/words.h"

#define SETS 50
#define RULES 40
#define TEXTS 40

static uint64_t state;
static struct arena arena; /* of one set */
static struct words *words;

static uint32_t below(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % n);
}

#define ANY(list) ((list)[below(sizeof(list) / sizeof((list)[0]))])

/* --- what is said --- */

static const char *const vocabulary[] = {
	"почта",        "почты",    "Почтой",  "почтальон", "посылка",
	"посылки",      "ПОСЫЛКУ",  "ещё",     "еще",       "очередь",
	"нет",          "не",       "окон",    "окно",      "утеря",
	"утеряли",      "и",        "И",       "post",      "posts",
	"Posted",       "parcel",   "parcels", "lost",      "dying",
	"die",          "relation", "relate",  "office",    "ofice",
	"and",          "or",       "near",    "cat",       "cut",
	"coat",         "快",       "递",      "快递",      "很快",
	"好吃",         "不",       "送",      "送餐",      "餐",
	"递快",         "😡",        "😀",       "7",         "2026",
	"s10",          "№5",       "naïve",   "ＡＢＣ",    "é",
	"cafe\xcc\x81", "ёлка",     "ЁЛКИ",    "елка",      "банк",
};
static const char *const gaps[] = { " ",  " ",  " ", ", ", ". ", "-",
				    "  ", "\n", "",  "! ", "'",  " — " };

static char *say(uint32_t n)
{
	char *text = arena_strdup(&arena, "");

	for (uint32_t i = 0; i < n; i++)
		text = arena_printf(&arena, "%s%s%s", text, ANY(vocabulary),
				    ANY(gaps));
	return text;
}

/* --- a text as words, and a field as its value --- */

struct token {
	const char *s;
	size_t begin, end;
	bool single, glued;
};
struct tokens {
	struct token *t;
	size_t n;
};

static int class_of(UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;
	UScriptCode script = uscript_getScript(c, &status);
	int8_t type = u_charType(c);

	if (script == USCRIPT_HAN || type == U_OTHER_SYMBOL)
		return 2;
	return u_isalnum(c) || type == U_NON_SPACING_MARK;
}

static void cut(struct tokens *out, const char *s, size_t len, const char *more)
{
	int before = 0, class;

	out->n = 0;
	out->t = arena_alloc(&arena, (len + 1) * sizeof(*out->t));
	for (int32_t at = 0, next; at < (int32_t)len; at = next) {
		UChar32 c;

		next = at;
		U8_NEXT((const uint8_t *)s, next, (int32_t)len, c);
		class = c < 0x80 && strchr(more, c) ? 1 : class_of(c);
		if (class == 2 || (class == 1 && before != 1))
			out->t[out->n++] = (struct token){
				.begin = (size_t)at,
				.single = class == 2,
				.glued = class == 2 && before == 2,
			};
		if (class != 0)
			out->t[out->n - 1].end = (size_t)next;
		before = class;
	}
	for (size_t i = 0; i < out->n; i++) {
		size_t n = out->t[i].end - out->t[i].begin;
		char *copy = arena_memdup(&arena, s + out->t[i].begin, n + 1);

		copy[n] = '\0';
		out->t[i].s = copy;
	}
}

/* --- rules --- */

enum kind { AND, OR, NOT, NEAR, TERM, FIELD, REACH };

struct rule {
	enum kind kind;
	struct rule *child[4];
	size_t nr;
	unsigned n;           /* of NEAR; of reach */
	const char *text;     /* as it is written */
	struct tokens *asked; /* of a term, with * ? ~ */
	const char *value;
};

static const char *const patterns[] = {
	"почт*", "*лка", "*сыл*", "c?t", "po*t*", "c*t",  "пос?лк?",
	"?очта", "*ed",  "ок*",   "*te", "о??но", "c??t", "e*e",
};
static const char *const stems[] = { "~почтой", "~посылок", "~relations",
				     "~dies",   "~posting", "~ёлкой",
				     "~parcel", "~окна" };
static const char *const phrases[] = {
	"\"нет окон\"",  "\"почт* не\"",    "\"~посылка утеряли\"",
	"\"快递 很快\"", "\"post office\"", "快递",
	"\"not and\"",   "递快递",          "\"快 递\"",
	"почта-окно",    "\"送餐 post\"",   "\"й 😡\"",
};
static const char *const fields[] = {
	"source:vk",
	"source:v*",
	"lang:RU",
	"topic:delivery",
	"topic:\"lost goods\"",
	"unit:644*",
	"author:*bot",
	"author:\"a \\\"b\\\"\"",
	"class:claim",
	"sentiment:neg*ive",
	"unit:644099",
};

static void make_term(struct rule *r)
{
	const char *plain;
	char *bare, *to;

	switch (below(8)) {
	case 0:
	case 1:
		r->text = ANY(patterns);
		break;
	case 2:
		r->text = ANY(stems);
		break;
	case 3:
		r->text = ANY(phrases);
		break;
	case 4:
		r->text = arena_printf(&arena, "\"%s %s\"", ANY(vocabulary),
				       ANY(vocabulary));
		break;
	default:
		r->text = ANY(vocabulary);
	}
	/* without quotes, folded */
	plain = text_normalise(&arena, r->text, strlen(r->text)).s;
	bare = to = arena_strdup(&arena, plain);
	for (; *plain; plain++)
		if (*plain != '"')
			*to++ = *plain;
	*to = '\0';
	r->asked = arena_alloc(&arena, sizeof(*r->asked));
	cut(r->asked, bare, strlen(bare), "*?~");
}

static void make_field(struct rule *r)
{
	const char *value;
	char *to;

	r->text = ANY(fields);
	value = strchr(r->text, ':') + 1;
	value = text_normalise(&arena, value, strlen(value)).s;
	r->value = to = arena_strdup(&arena, value);
	if (*value == '"') {
		for (value++; value[1] != '\0'; value++)
			if (*value != '\\')
				*to++ = *value;
		*to = '\0';
	}
}

static struct rule *make(unsigned depth)
{
	static const char *const signs[] = { ">", ">=", "<", "<=", "=" };
	struct rule *r = arena_alloc(&arena, sizeof(*r));
	uint32_t what = below(depth == 0 ? 10 : 22);

	if (what < 8) {
		r->kind = TERM;
		make_term(r);
	} else if (what == 8) {
		r->kind = FIELD;
		make_field(r);
	} else if (what == 9) {
		r->kind = REACH;
		r->n = below(30);
		r->text = ANY(signs);
	} else if (what < 12) {
		r->kind = NEAR;
		r->n = 1 + below(6);
		for (r->nr = 0; r->nr < 2; r->nr++) {
			struct rule *side = arena_alloc(&arena, sizeof(*side));

			r->child[r->nr] = side;
			side->kind = below(3) > 0 ? TERM : OR;
			if (side->kind == TERM)
				make_term(side);
			for (; side->kind == OR && side->nr < 3; side->nr++) {
				side->child[side->nr] =
					arena_alloc(&arena, sizeof(*side));
				side->child[side->nr]->kind = TERM;
				make_term(side->child[side->nr]);
			}
		}
	} else if (what < 14) {
		r->kind = NOT;
		r->child[r->nr++] = make(depth - 1);
	} else {
		r->kind = what < 18 ? AND : OR;
		for (uint32_t n = 2 + below(3); r->nr < n; r->nr++)
			r->child[r->nr] = make(depth - 1);
	}
	return r;
}

/* With more brackets than needed, and ANDs left out here and there. */
static const char *write_rule(const struct rule *r)
{
	char *out;

	switch (r->kind) {
	case TERM:
	case FIELD:
		return r->text;
	case REACH:
		return arena_printf(&arena, "reach%s%u", r->text, r->n);
	case NOT:
		return arena_printf(&arena, "NOT (%s)",
				    write_rule(r->child[0]));
	case NEAR:
		return arena_printf(&arena, "(%s) NEAR/%u (%s)",
				    write_rule(r->child[0]), r->n,
				    write_rule(r->child[1]));
	case AND:
	case OR:
		break;
	}
	out = arena_printf(&arena, "(%s)", write_rule(r->child[0]));
	for (size_t i = 1; i < r->nr; i++)
		out = arena_printf(&arena, "%s%s(%s)", out,
				   r->kind == OR ? " OR "
				   : below(2)    ? " AND "
						 : " ",
				   write_rule(r->child[i]));
	return out;
}

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
