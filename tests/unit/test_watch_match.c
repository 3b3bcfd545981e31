/* test_watch_match.c -- watch rules as a set: which match, what is shown of a
 * text, and that no text and no set of rules takes long. What they mean in all
 * their combinations is in test_watch_properties.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text/normal.h"
#include "text/watch.h"

#define RULES_MAX 2000

static struct arena arena;

struct matcher {
	struct watch_set *set;
	struct watch_scratch *scratch;
};

static struct matcher matcher_of(const char *const *rules, size_t n)
{
	static struct watch_rule list[RULES_MAX];
	struct watch_problem problem = { 0 };
	struct matcher m;
	struct error err;
	size_t failed;

	for (size_t i = 0; i < n; i++)
		list[i] = (struct watch_rule){ rules[i], strlen(rules[i]) };
	if (watch_set_compile(&m.set, list, n, &failed, &problem) < 0)
		fail_msg("rule %zu: %zu: %s", failed, problem.column,
			 problem.text);
	assert_int_equal(watch_scratch_open(&m.scratch, m.set, &err), 0);
	return m;
}

static void matcher_close(struct matcher *m)
{
	watch_scratch_close(&m->scratch);
	watch_set_free(&m->set);
}

static struct watch_hits match(struct matcher *m, const char *raw)
{
	static const struct watch_subject_value values[] = {
		{ WATCH_SOURCE, "vk" },   { WATCH_LANG, "ru" },
		{ WATCH_TOPIC, "queue" }, { WATCH_TOPIC, "staff" },
		{ WATCH_UNIT, "644099" }, { WATCH_AUTHOR, "иван_77" },
	};
	struct text text = text_normalise(&arena, raw, strlen(raw));
	struct watch_subject subject = { text.s, text.len, values, 6, 500 };
	struct watch_hits hits;

	watch_match(m->scratch, &subject, &hits);
	return hits;
}

/* "0 2 5": the rules that match. */
static const char *matching(const char *const *rules, size_t n,
			    const char *text)
{
	struct matcher m = matcher_of(rules, n);
	struct watch_hits hits = match(&m, text);
	char *out = arena_strdup(&arena, "");

	assert_false(hits.cut);
	for (size_t i = 0; i < hits.n; i++)
		out = arena_printf(&arena, "%s%s%u", out, i ? " " : "",
				   hits.rules[i]);
	matcher_close(&m);
	return out;
}
#define MATCHING(rules, text)                                                  \
	matching(rules, sizeof(rules) / sizeof((rules)[0]), text)

static void test_words_are_whole(void **unused)
{
	static const char *const rules[] = {
		"почта",        "почт",           "почт*",
		"*чта",         "п?чта",          "~почтой",
		"\"на почта\"", "\"почта, НА!\"", "почтамт OR на",
	};

	(void)unused;
	assert_string_equal(MATCHING(rules, "Наша ПОЧТА."), "0 2 3 4 5");
	assert_string_equal(MATCHING(rules, "почтамт"), "2 8");
	assert_string_equal(MATCHING(rules, "почта - на"), "0 2 3 4 5 7 8");
	assert_string_equal(MATCHING(rules, ""), "");
}

static void test_chinese_is_found_inside(void **unused)
{
	static const char *const rules[] = {
		"快递",         "递很",       "\"快 递\"", "快 NEAR/2 很",
		"快 NEAR/1 很", "iphone手机", "手机",      "\"机 abc\"",
	};

	(void)unused;
	assert_string_equal(MATCHING(rules, "我的快递很慢"), "0 1 3");
	assert_string_equal(MATCHING(rules, "快，递"), "2");
	assert_string_equal(MATCHING(rules, "iPhone手机ABC"), "5 6 7");
}

static void test_near_counts_words_either_way(void **unused)
{
	static const char *const rules[] = {
		"почта NEAR/1 нет",  "почта NEAR/2 нет",
		"нет NEAR/3 почта",  "почта NEAR/9 почта",
		"поч* NEAR/9 почта", "(а OR почта) NEAR/3 (б OR \"нет окон\")",
	};

	(void)unused;
	assert_string_equal(MATCHING(rules, "почта, нет"), "0 1 2");
	assert_string_equal(MATCHING(rules, "нет у нас почта"), "2");
	assert_string_equal(MATCHING(rules, "почта где нет окон"), "1 2 5");
	/* a word is not near itself */
	assert_string_equal(MATCHING(rules, "почта а почта"), "3 4");
}

static void test_fields_are_whole_values(void **unused)
{
	static const char *const rules[] = {
		"source:vk",
		"source:v",
		"source:v*",
		"topic:queue",
		"topic:staff",
		"topic:que*e",
		"unit:644*",
		"unit:44099",
		"author:*_77",
		"lang:vk",
		"vk",
		"reach>499",
		"reach>500",
		"reach<=500",
		"reach=500",
		"reach>5 NOT lang:ru",
		"source:vk reach<1000 NOT спам",
	};

	(void)unused;
	assert_string_equal(MATCHING(rules, "a"), "0 2 3 4 5 6 8 11 13 14 16");
	assert_string_equal(MATCHING(rules, "vk спам"),
			    "0 2 3 4 5 6 8 10 11 13 14");
}

/* What a text says cannot be taken for a field, nor the reverse. */
static void test_a_text_cannot_pose_as_a_field(void **unused)
{
	static const char *const rules[] = { "source:ok", "*ok*",
					     "author:*ok" };
	static const struct watch_subject_value values[] = {
		{ WATCH_AUTHOR, "a\x01\x41ok\x01 ok b" },
	};
	struct matcher m = matcher_of(rules, 3);
	struct watch_subject subject = { "\x01\x41ok\x01", 5, values, 1, 0 };
	struct watch_hits hits;

	(void)unused;
	watch_match(m.scratch, &subject, &hits);
	assert_int_equal(hits.n, 1);
	assert_int_equal(hits.rules[0], 1); /* the word "aok" */
	matcher_close(&m);
}

static const char *shown(const char *rule, const char *raw)
{
	struct matcher m = matcher_of(&rule, 1);
	struct text text = text_normalise_mapped(&arena, raw, strlen(raw));
	struct watch_subject subject = { text.s, text.len, NULL, 0, 0 };
	char *out = arena_strdup(&arena, "");
	struct watch_range_list list;
	struct watch_hits hits;

	watch_match(m.scratch, &subject, &hits);
	assert_int_equal(hits.n, 1);
	list = watch_ranges(m.scratch, &arena, 0);
	for (size_t i = 0; i < list.n; i++)
		out = arena_printf(&arena, "%s[%.*s]", out,
				   (int)(list.r[i].end - list.r[i].begin),
				   text.s + list.r[i].begin);
	matcher_close(&m);
	return out;
}

static void test_what_is_shown(void **unused)
{
	(void)unused;
	assert_string_equal(shown("почт* нет", "Почта: нет почтальона, нет"),
			    "[почта][нет][почтальона][нет]");
	assert_string_equal(shown("а OR б NOT в", "б, г"), "[б]");
	assert_string_equal(shown("\"нет окон\"", "тут нет: Окон, нет"),
			    "[нет: окон]");
	/* only those that are near */
	assert_string_equal(shown("а NEAR/2 б", "а г г а б г г г а"), "[а][б]");
	assert_string_equal(shown("快 很", "我的快递很慢 快"), "[快][很][快]");
	assert_string_equal(shown("递很 快递", "我的快递很慢"), "[快递很]");
	assert_string_equal(shown("reach>=0 reach=0", "а"), "");
}

static void test_the_rule_that_fails_is_told(void **unused)
{
	static const struct watch_rule rules[] = { { "a", 1 },
						   { "a OR", 4 },
						   { "(", 1 } };
	struct watch_problem problem;
	struct watch_set *set;
	size_t failed;

	(void)unused;
	assert_int_equal(watch_set_compile(&set, rules, 3, &failed, &problem),
			 -1);
	assert_null(set);
	assert_int_equal(failed, 1);
	assert_int_equal(problem.column, 5);
	watch_set_free(&set);
	watch_set_free(NULL);
	watch_scratch_close(NULL);
}

static void test_sets_without_literals_or_rules(void **unused)
{
	static const char *const numbers[] = { "reach>1", "reach<2" };
	struct matcher m = matcher_of(numbers, 0);
	struct watch_hits hits = match(&m, "a");

	(void)unused;
	assert_int_equal(hits.n, 0);
	matcher_close(&m);
	assert_string_equal(MATCHING(numbers, "a"), "0");
}

static void test_the_same_rule_twice_matches_twice(void **unused)
{
	static const char *const rules[] = { "a b", "b", "a b", "A AND b" };

	(void)unused;
	assert_string_equal(MATCHING(rules, "b a"), "0 1 2 3");
	assert_string_equal(MATCHING(rules, "b"), "1");
}

/* --- bounds --- */

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static const char *many(const char *what, size_t bytes)
{
	size_t len = strlen(what), n = bytes / len;
	char *s = arena_alloc(&arena, n * len + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(s + i * len, what, len);
	s[n * len] = '\0';
	return s;
}

#define TEXT_BYTES (64 * 1024)
/* Far above what is seen, under sanitisers and on a busy machine too. */
#define BOUND_MS 2000

static void bounded(struct matcher *m, const char *text, bool *cut_r)
{
	struct watch_subject subject = { text, strlen(text), NULL, 0, 0 };
	double began = cpu_ms();
	struct watch_hits hits;

	watch_match(m->scratch, &subject, &hits);
	assert_true(cpu_ms() - began < BOUND_MS);
	*cut_r = hits.cut;
	for (size_t i = 0; i < hits.n; i++)
		watch_ranges(m->scratch, &arena, hits.rules[i]);
	assert_true(cpu_ms() - began < 2 * BOUND_MS);
}

/* Not normalised: as bad as any caller could hand them in. */
static void test_strange_texts_take_no_longer(void **unused)
{
	static const char *const rules[] = {
		"a NEAR/100 (a OR aa OR a*a)",
		"*aa*",
		"a*b",
		"\"a a a a a a a a b\"",
		"*ab*ab*c",
		"~aaaa",
		"快 NEAR/5 递",
		"*́a*",
		"ab*",
	};
	static const char *const texts[] = {
		"\xcc\x81",     /* a mark */
		"\xe2\x80\xae", /* right-to-left override */
		"a ",
		"a",
		"ab ",
		"ab",
		"\xff",
		"\x01",
		"\xd0",
		"\xe5",
		"\xf0\x9f",
		"快",
		"快递",
		"aaaa ",
		"a\xe2\x80\xae\x62",
		"\xe2\x80\x8d",
	};
	struct matcher m = matcher_of(rules, 9);
	bool cut;

	(void)unused;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		bounded(&m, many(texts[i], TEXT_BYTES), &cut);
		arena_reset(&arena);
	}
	bounded(&m, many("a ", WATCH_TEXT_BYTES + 2), &cut);
	assert_true(cut);
	matcher_close(&m);
}

/* Each literal is in each place of the text. */
static void test_rules_that_hit_everywhere_are_cut_short(void **unused)
{
	static const char *rules[RULES_MAX];
	struct matcher m;
	bool cut;

	(void)unused;
	for (size_t i = 0; i < 200; i++)
		rules[i] = arena_printf(&arena, "*%s*b%zu",
					many("a", 2 + i % 100), i);
	m = matcher_of(rules, 200);
	bounded(&m, many("a", TEXT_BYTES), &cut);
	assert_true(cut);
	bounded(&m, "aaa b", &cut);
	assert_false(cut);
	matcher_close(&m);
}

/* --- threads --- */

static void *match_cb(void *arg)
{
	const struct watch_set *set = arg;
	struct watch_scratch *scratch;
	struct watch_subject subject = { .text = "нет окон на почте",
					 .len = strlen("нет окон на почте") };
	struct watch_hits hits;
	struct error err;
	size_t n = 0;

	if (watch_scratch_open(&scratch, set, &err) < 0)
		return NULL;
	for (int i = 0; i < 2000; i++) {
		watch_match(scratch, &subject, &hits);
		n += hits.n == 2;
	}
	watch_scratch_close(&scratch);
	return n == 2000 ? arg : NULL;
}

static void test_threads_share_a_set(void **unused)
{
	static const char *const rules[] = { "~почта", "окон NEAR/2 нет",
					     "~окно" };
	struct matcher m = matcher_of(rules, 3);
	pthread_t threads[3];
	void *done;

	(void)unused;
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, match_cb, m.set), 0);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &done);
		assert_ptr_equal(done, m.set);
	}
	matcher_close(&m);
}

static int teardown(void **unused)
{
	(void)unused;
	arena_reset(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_whole),
		cmocka_unit_test(test_chinese_is_found_inside),
		cmocka_unit_test(test_near_counts_words_either_way),
		cmocka_unit_test(test_fields_are_whole_values),
		cmocka_unit_test(test_a_text_cannot_pose_as_a_field),
		cmocka_unit_test(test_what_is_shown),
		cmocka_unit_test(test_the_rule_that_fails_is_told),
		cmocka_unit_test(test_sets_without_literals_or_rules),
		cmocka_unit_test(test_the_same_rule_twice_matches_twice),
		cmocka_unit_test(test_strange_texts_take_no_longer),
		cmocka_unit_test(test_rules_that_hit_everywhere_are_cut_short),
		cmocka_unit_test(test_threads_share_a_set),
	};

	arena_init(&arena);
	return cmocka_run_group_tests_name("watch_match", tests, NULL,
					   teardown);
}
