/* test_watch.c -- the language of watch rules: what a rule is understood as,
 * what is wrong with one and where, and its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text/watch.h"

static struct arena arena;

static int teardown(void **unused)
{
	(void)unused;
	arena_reset(&arena);
	return 0;
}

static const char *printed_bytes(const char *rule, size_t len)
{
	const struct watch_tree *tree;
	struct watch_problem problem;

	if (watch_parse(&arena, rule, len, &tree, &problem) < 0)
		return arena_printf(&arena, "%zu: %s", problem.column,
				    problem.text);
	return watch_print(tree);
}

static const char *printed(const char *rule)
{
	return printed_bytes(rule, strlen(rule));
}

struct pair {
	const char *rule, *printed;
};

static void check(const struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(printed(pairs[i].rule), pairs[i].printed);
		assert_string_equal(printed(pairs[i].printed),
				    pairs[i].printed);
	}
}
#define CHECK(pairs) check(pairs, sizeof(pairs) / sizeof((pairs)[0]))

static void test_operators_bind_as_they_should(void **unused)
{
	static const struct pair pairs[] = {
		{ "a b", "a AND b" },
		{ "a b OR c d", "a AND b OR c AND d" },
		{ "a AND (b OR c)", "a AND (b OR c)" },
		{ "(a (b (c)))", "a AND b AND c" },
		{ "(a OR b) OR (c OR d)", "a OR b OR c OR d" },
		{ "a NOT b c", "a AND NOT b AND c" },
		{ "a NOT (b OR c)", "a AND NOT (b OR c)" },
		{ "a NOT NOT (b c)", "a AND b AND c" },
		{ "a NOT b NEAR/3 c", "a AND NOT b NEAR/3 c" },
		{ "a b NEAR/12 (c OR d)", "a AND b NEAR/12 (c OR d)" },
		{ "NOT (NOT a OR NOT b)", "NOT (NOT a OR NOT b)" },
		{ "a(b)\"c d\"e", "a AND b AND \"c d\" AND e" },
		{ "a\tAND\n b\xe3\x80\x80OR c", "a AND b OR c" },
	};

	(void)unused;
	CHECK(pairs);
}

static void test_only_capitals_are_keywords(void **unused)
{
	static const struct pair pairs[] = {
		{ "a and b", "a AND and AND b" },
		{ "a И b", "a AND и AND b" },
		{ "ANDROID NOTE ORAL NEARBY",
		  "android AND note AND oral AND nearby" },
		{ "\"AND\"", "and" },
		{ "ＡＮＤ", "and" },
	};

	(void)unused;
	CHECK(pairs);
}

static void test_words_are_folded_and_cut_like_texts(void **unused)
{
	static const struct pair pairs[] = {
		{ "ПОЧТА", "почта" },
		{ "Ещё", "еще" },
		{ "e-mail", "\"e mail\"" },
		{ "\"Don't,  panic!\"", "\"don t panic\"" },
		{ "cafe\xcc\x81", "café" },
		{ "Ｐｏｓｔ", "post" },
		{ "快递", "快递" },
		{ "iPhone手机", "\"iphone 手机\"" },
		{ "\"快 递\"", "\"快 递\"" },
		{ "😡", "😡" },
		{ "«нет окон»", "\"нет окон\"" },
		{ "“нет окон” „und so“", "\"нет окон\" AND \"und so\"" },
		{ "（a OR b）c", "(a OR b) AND c" },
		{ "\"say \\\"hi\\\" \\\\\"", "\"say hi\"" },
		{ "почт* ?очта *БАНК", "почт* AND ?очта AND *банк" },
		{ "\"почт* ~России\" ~окна", "\"почт* ~россии\" AND ~окна" },
		{ "\"где посылка?\"", "\"где посылка\"" },
	};

	(void)unused;
	CHECK(pairs);
}

static void test_fields(void **unused)
{
	static const struct pair pairs[] = {
		{ "source:VK", "source:vk" },
		{ "SOURCE:rss:habr.com/x", "source:\"rss:habr.com/x\"" },
		{ "topic:\"Lost  Goods\"", "topic:\"lost goods\"" },
		{ "unit:644*", "unit:644*" },
		{ "author:\"a \\\"b\\\"\"", "author:\"a \\\"b\\\"\"" },
		{ "lang：zh", "lang:zh" },
		{ "reach>1000", "reach>1000" },
		{ "reach>=1 reach<=0009 class:claim sentiment:negative",
		  "reach>=1 AND reach<=9 AND class:claim AND "
		  "sentiment:negative" },
		{ "reach=5 OR reach<3", "reach=5 OR reach<3" },
	};

	(void)unused;
	CHECK(pairs);
}

static void test_values_are_told_with_their_columns(void **unused)
{
	const char *rule = "почта source:VK OR unit:644* \"x\"";
	const struct watch_tree *tree;
	struct watch_problem problem;
	struct watch_value_list list;

	(void)unused;
	assert_int_equal(
		watch_parse(&arena, rule, strlen(rule), &tree, &problem), 0);
	list = watch_values(tree);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.v[0].field, WATCH_SOURCE);
	assert_string_equal(list.v[0].value, "vk");
	assert_int_equal(list.v[0].column, 14);
	assert_int_equal(list.v[1].field, WATCH_UNIT);
	assert_string_equal(list.v[1].value, "644*");
	assert_int_equal(list.v[1].column, 25);
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Columns are characters: Cyrillic before the fault makes no difference. */
static void test_problems_say_where(void **unused)
{
	static const struct pair pairs[] = {
		{ "", "1: expected a word" },
		{ "   ", "4: expected a word" },
		{ "почта AND", "10: expected a word" },
		{ "почта AND AND нет", "11: expected a word" },
		{ "почта OR )", "10: expected a word" },
		{ "(почта", "1: this ( has no )" },
		{ "почта) нет", "6: there is no (" },
		{ "почта ()", "8: expected a word" },
		{ "почта \"нет окон", "7: this quote is not closed" },
		{ "\"а \\n\"", "5: after \\ inside" },
		{ "почта NEAR нет", "7: expected NEAR/ and a number" },
		{ "почта NEAR/0 нет", "7: expected NEAR/ and a number" },
		{ "почта NEAR/101 нет", "7: expected NEAR/ and a number" },
		{ "почта NEAR/3x нет", "7: expected NEAR/ and a number" },
		{ "почта NEAR/99999999999999999999 нет",
		  "7: expected NEAR/ and a number" },
		{ "почта NEAR/3", "13: expected a word" },
		{ "почта NEAR/3 (нет окон)", "14: NEAR joins words" },
		{ "lang:ru NEAR/3 нет", "1: NEAR joins words" },
		{ "а NEAR/3 б NEAR/3 в", "12: NEAR joins two" },
		{ "привет сайт:почта", "8: no such field" },
		{ "привет http://x", "8: no such field" },
		{ "lang: ru", "6: expected a value" },
		{ "lang>3", "5: expected : and a value" },
		{ "reach:3", "6: reach is compared" },
		{ "reach>много", "7: expected a whole number" },
		{ "reach>3x", "8: expected a whole number" },
		{ "reach>1234567890123456", "22: a number has at most" },
		{ "а * б", "3: * and ? stand with" },
		{ "а б* в", "3: * and ? stand with" },
		{ "*а?б*", "1: * and ? stand with" },
		{ "unit:*", "6: * and ? stand with" },
		{ "c?t-shop", "1: a word with ? stands by itself" },
		{ "快递*", "1: Chinese and symbols" },
		{ "~快", "1: Chinese and symbols" },
		{ "~ окно", "1: ~ stands right before" },
		{ "~окн*", "1: ~ stands right before" },
		{ "ок~но", "1: ~ stands right before" },
		{ "привет !!!", "8: there is no letter" },
		{ "\"—\"", "1: there is no letter" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *got = printed(pairs[i].rule);

		if (!begins(got, pairs[i].printed))
			fail_msg("%s: %s", pairs[i].rule, got);
	}
	assert_string_equal(printed_bytes("ab\xff", 3),
			    "3: this is no UTF-8 text");
	assert_string_equal(printed_bytes("a\0b", 3),
			    "2: this is no UTF-8 text");
}

static void test_a_rule_that_matches_everything_is_refused(void **unused)
{
	static const char *const alone = "NOT by itself matches every mention";
	static const struct pair pairs[] = {
		{ "NOT спам", "1: " },        { "почта OR NOT спам", "10: " },
		{ "почта (NOT а OR б)", "" }, { "NOT (а б)", "1: " },
		{ "NOT а NOT б", "1: " },     { "NOT reach>5", "1: " },
		{ "NOT спам lang:ru", "" },   { "reach>5 NOT спам", "" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *got = printed(pairs[i].rule);
		bool refused = strstr(got, alone) != NULL;

		assert_int_equal(refused, pairs[i].printed[0] != '\0');
		assert_true(!refused || begins(got, pairs[i].printed));
	}
	assert_string_equal(
		printed("почта OR reach>=0"),
		"10: reach is never less: this matches every mention");
	assert_string_equal(printed("почта reach>=0"), "почта AND reach>=0");
}

static const char *repeated(const char *before, const char *what, size_t n,
			    const char *behind, size_t *len_r)
{
	size_t len = strlen(what), at = strlen(before);
	char *s = arena_alloc(&arena, at + n * len + strlen(behind) + 1);

	memcpy(s, before, at);
	for (size_t i = 0; i < n; i++, at += len)
		memcpy(s + at, what, len);
	strcpy(s + at, behind);
	*len_r = at + strlen(behind);
	return s;
}

static const char *of_many(const char *before, const char *what, size_t n,
			   const char *behind)
{
	size_t len;
	const char *s = repeated(before, what, n, behind, &len);

	return printed_bytes(s, len);
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void test_limits_are_named_at_once(void **unused)
{
	double began;

	(void)unused;
	assert_non_null(strstr(of_many("", "a OR ", 999, "b"), " OR b"));
	assert_string_equal(of_many("", "a ", 1001, ""),
			    "2001: a rule has at most 1000 words, phrases and "
			    "fields");
	began = cpu_ms();
	assert_string_equal(of_many("", "term OR ", 100000, "b"),
			    "1: a rule is at most 65536 bytes, and 1000 words, "
			    "phrases and fields");
	assert_true(cpu_ms() - began < 50);
	assert_string_equal(of_many("\"", "ы", 250, "\""),
			    of_many("", "ы", 250, ""));
	assert_string_equal(of_many("a \"", "ы", 251, "\""),
			    "3: a word, phrase or value is at most 500 bytes");
	assert_string_equal(of_many("lang:", "ы", 251, ""),
			    "6: a word, phrase or value is at most 500 bytes");
	/* one character becomes eighteen */
	assert_string_equal(of_many("", "\xef\xb7\xba ", 20, ""),
			    of_many("", "\xef\xb7\xba ", 20, ""));
	assert_string_equal(of_many("",
				    "\xef\xb7\xba\xef\xb7\xba"
				    "\xef\xb7\xba\xef\xb7\xba ",
				    900, ""),
			    "1: a rule is at most 65536 bytes after folding");
}

static void test_depth(void **unused)
{
	char rule[200];

	(void)unused;
	for (int n = 31; n <= 34; n++) {
		memset(rule, '(', (size_t)n);
		rule[n] = 'a';
		memset(rule + n + 1, ')', (size_t)n);
		rule[2 * n + 1] = '\0';
		assert_string_equal(printed(rule),
				    n <= 32 ? "a"
					    : "34: brackets and NOT go at most "
					      "32 deep");
	}
	assert_string_equal(of_many("", "(", 60000, ""),
			    "34: brackets and NOT go at most 32 deep");
	assert_string_equal(of_many("", "NOT ", 10000, "a"),
			    "129: brackets and NOT go at most 32 deep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operators_bind_as_they_should),
		cmocka_unit_test(test_only_capitals_are_keywords),
		cmocka_unit_test(test_words_are_folded_and_cut_like_texts),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_values_are_told_with_their_columns),
		cmocka_unit_test(test_problems_say_where),
		cmocka_unit_test(
			test_a_rule_that_matches_everything_is_refused),
		cmocka_unit_test(test_limits_are_named_at_once),
		cmocka_unit_test(test_depth),
	};

	arena_init(&arena);
	return cmocka_run_group_tests_name("watch", tests, NULL, teardown);
}
