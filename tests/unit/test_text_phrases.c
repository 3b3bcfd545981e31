/* test_text_phrases.c -- phrases, the gazetteer and word lists: against a naive
 * search, by known answers, and the tables that come with the profiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/gazetteer.h"
#include "text/lexicon.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	srand(9);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static struct tokens tokens_of(const char *raw)
{
	struct text t = text_normalise(&arena, raw, strlen(raw));

	return text_tokens(&arena, &t);
}

/* --- phrases --- */

/* Words are single letters, texts and phrases strings of them. */
static const char *spaced(const char *letters)
{
	char *out = arena_alloc(&arena, 2 * strlen(letters) + 1);

	for (size_t i = 0; letters[i] != '\0'; i++) {
		out[2 * i] = letters[i];
		out[2 * i + 1] = ' ';
	}
	return out;
}

static void random_letters(char *out, size_t most)
{
	size_t n = 1 + (size_t)rand() % most;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)('a' + rand() % 3);
	out[n] = '\0';
}

static void test_as_a_naive_search(void **state)
{
	(void)state;
	for (int round = 0; round < 500; round++) {
		char phrase[20][8], text[60];
		struct phrases *p;
		struct phrase_match m[64];
		struct tokens k;
		size_t n, found = 0;

		assert_int_equal(phrases_open(&p,
					      round % 2 ? PHRASES_STARS
							: PHRASES_STEMMED,
					      1, NULL),
				 0);
		for (uint32_t i = 0; i < 20; i++) {
			random_letters(phrase[i], 6);
			assert_int_equal(phrases_add(p, &arena,
						     spaced(phrase[i]), i,
						     NULL),
					 0);
		}
		random_letters(text, 50);
		k = tokens_of(spaced(text));
		n = phrases_find(p, &arena, &k, m, 64);
		for (size_t i = 0; text[i] != '\0';) {
			size_t longest = 0, which = 0;

			for (size_t w = 0; w < 20; w++) {
				size_t len = strlen(phrase[w]);

				if (len > longest &&
				    strncmp(text + i, phrase[w], len) == 0) {
					longest = len;
					which = w;
				}
			}
			if (longest == 0) {
				i++;
				continue;
			}
			assert_true(found < n);
			assert_int_equal(m[found].first, i);
			assert_int_equal(m[found].last, i + longest - 1);
			assert_string_equal(phrase[m[found].value],
					    phrase[which]);
			found++;
			i += longest;
		}
		assert_int_equal(found, n);
		phrases_close(p);
		arena_reset(&arena);
	}
}

static void test_many_phrases(void **state)
{
	struct phrases *p;
	struct phrase_match m[2];

	(void)state;
	assert_int_equal(phrases_open(&p, PHRASES_STEMMED, 1, NULL), 0);
	for (uint32_t i = 0; i < 50000; i++) {
		assert_int_equal(
			phrases_add(p, &arena,
				    arena_printf(&arena, "office %u in %u", i,
						 i % 100),
				    i, NULL),
			0);
		if (i % 1000 == 0)
			arena_reset(&arena);
	}
	for (uint32_t i = 0; i < 50000; i += 77) {
		struct tokens k = tokens_of(arena_printf(
			&arena, "the Office %u, in %u!", i, i % 100));

		assert_int_equal(phrases_find(p, &arena, &k, m, 2), 1);
		assert_int_equal(m[0].value, i);
		k = tokens_of(arena_printf(&arena, "office %u in %u", i,
					   (i + 1) % 100));
		assert_int_equal(phrases_find(p, &arena, &k, m, 2), 0);
	}
	phrases_close(p);
}

/* Stars upon stars: bounded, whatever is asked. */
static void test_stars_do_not_explode(void **state)
{
	char *raw = arena_alloc(&arena, TEXT_MAX_BYTES);
	static struct phrase_match m[100000];
	struct phrases *p;
	struct tokens k;

	(void)state;
	assert_int_equal(phrases_open(&p, PHRASES_STARS, 1, NULL), 0);
	for (int n = 1; n < 12; n++)
		for (int words = 1; words < 12; words++) {
			char *phrase = arena_strdup(&arena, "");

			for (int i = 0; i < words; i++)
				phrase =
					arena_printf(&arena, "%s %.*s*", phrase,
						     n, "aaaaaaaaaaaa");
			assert_int_equal(
				phrases_add(
					p, &arena,
					arena_printf(&arena, "%s b", phrase), 1,
					NULL),
				0);
		}
	for (size_t i = 0; i + 1 < TEXT_MAX_BYTES; i++)
		raw[i] = i % 13 == 12 ? ' ' : 'a';
	k = tokens_of(raw);
	assert_int_equal(phrases_find(p, &arena, &k, m, 100000), 0);
	phrases_close(p);
}

static void test_bad_phrases(void **state)
{
	struct phrases *p;
	struct error err;
	char *long_one = arena_strdup(&arena, "");

	(void)state;
	for (int i = 0; i <= PHRASE_TOKENS_MAX; i++)
		long_one = arena_printf(&arena, "%s w%d", long_one, i);
	assert_int_equal(phrases_open(&p, PHRASES_STARS, 0, &err), 0);
	assert_int_equal(phrases_add(p, &arena, "", 0, &err), -1);
	assert_int_equal(phrases_add(p, &arena, "*", 0, &err), -1);
	assert_int_equal(phrases_add(p, &arena, "a *", 0, &err), -1);
	assert_int_equal(phrases_add(p, &arena, "快*", 0, &err), -1);
	assert_int_equal(phrases_add(p, &arena, long_one, 0, &err), -1);
	phrases_close(p);
	phrases_close(NULL);
}

/* --- gazetteer --- */

static struct gazetteer *gazetteer(void)
{
	static const struct gazetteer_name names[] = {
		{ "Почтовое отделение 101000", "m1" },
		{ "101000", "m1" },
		{ "Мясницкая, 26", "m1" },
		{ "Новосибирск", "n0" },
		{ "Новосибирск 7", "n7" },
		{ "ул. Ленина, 5", "n7" },
		{ "ул. Ленина 5", "n9" },
		{ "北京邮政", "b0" },
		{ "北京邮政中关村支局", "b1" },
		{ "中关村支局", "b1" },
		{ "ы", "x" },
		{ "京", "x" },
		{ "!!!", "x" },
		{ "Khabarovsk Main", "k1" },
	};
	struct gazetteer *g;
	struct error err;

	assert_int_equal(
		gazetteer_open(&g, names, sizeof(names) / sizeof(*names), &err),
		0);
	assert_int_equal(gazetteer_left_out(g), 3);
	return g;
}

/* "text=unit,unit text=unit" */
static const char *found(const struct gazetteer *g, const char *raw)
{
	struct tokens k = tokens_of(raw);
	struct gazetteer_hits hits = gazetteer_find(g, &arena, &k);
	char *out = arena_strdup(&arena, "");

	for (size_t i = 0; i < hits.n; i++) {
		const struct gazetteer_hit *h = &hits.h[i];

		out = arena_printf(&arena, "%s%s%.*s=", out, i ? " " : "",
				   (int)(h->end - h->begin), k.s + h->begin);
		for (size_t u = 0; u < h->units_nr; u++)
			out = arena_printf(&arena, "%s%s%s", out, u ? "," : "",
					   h->units[u]);
	}
	return out;
}

static void test_offices(void **state)
{
	static const char *const pairs[][2] = {
		{ "в отделении 101000 очередь", "101000=m1" },
		{ "В ПОЧТОВОМ ОТДЕЛЕНИИ №101000",
		  "почтовом отделении №101000=m1" },
		{ "в почтовом отделении 101000",
		  "почтовом отделении 101000=m1" },
		{ "1010001 и 2101000", "" },
		{ "в Новосибирске плохо", "новосибирске=n0" },
		{ "Новосибирск-7 и Новосибирска",
		  "новосибирск-7=n7 новосибирска=n0" },
		{ "на ул. Ленина, 5.", "ул. ленина, 5=n7,n9" },
		{ "новосибирскэнерго", "" },
		{ "我在北京邮政中关村支局排队", "北京邮政中关村支局=b1" },
		{ "去北京邮政", "北京邮政=b0" },
		{ "中关村支局不错", "中关村支局=b1" },
		{ "khabarovsk main office", "khabarovsk main=k1" },
		{ "khabarovsk", "" },
		{ "", "" },
	};
	struct gazetteer *g = gazetteer();

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_string_equal(found(g, pairs[i][0]), pairs[i][1]);
	gazetteer_close(g);
	gazetteer_close(NULL);
}

static void test_too_many_candidates_and_hits(void **state)
{
	struct gazetteer_name *names =
		arena_alloc(&arena, 2000 * sizeof(*names));
	char *raw = arena_alloc(&arena, TEXT_MAX_BYTES);
	struct gazetteer *g;
	struct gazetteer_hits hits;
	struct tokens k;

	(void)state;
	for (int i = 0; i < 2000; i++)
		names[i] = (struct gazetteer_name){
			"Почта России", arena_printf(&arena, "u%d", i / 2)
		};
	assert_int_equal(gazetteer_open(&g, names, 2000, NULL), 0);
	for (size_t i = 0; i < 500; i++)
		strcat(raw, "почта россии. ");
	k = tokens_of(raw);
	hits = gazetteer_find(g, &arena, &k);
	assert_int_equal(hits.n, GAZETTEER_HITS_MAX);
	assert_int_equal(hits.h[0].units_nr, GAZETTEER_UNITS_MAX);
	assert_string_equal(hits.h[0].units[0], "u0");
	assert_string_equal(hits.h[0].units[1], "u1");
	gazetteer_close(g);
}

/* --- word lists --- */

static struct lexicon *lexicon(const char *rows)
{
	const char *csv = arena_printf(
		&arena, "lang,head,label,pattern,weight\n%s", rows);
	struct lexicon_file file = { "words.csv", csv, strlen(csv) };
	struct lexicon *l;
	struct error err;

	if (lexicon_load(&l, &file, 1, &err) < 0)
		fail_msg("%s", err.text);
	return l;
}

static const char *said(const struct lexicon *l, const char *raw,
			const char *lang, const char *head)
{
	struct tokens k = tokens_of(raw);
	struct predictions list = lexicon_predict(l, &arena, &k, lang);
	const struct prediction *p = prediction_of(&list, head);
	double sum = 0;

	if (p == NULL)
		return NULL;
	for (size_t i = 0; i < p->labels_nr; i++)
		sum += p->probabilities[i];
	assert_true(fabs(sum - 1) < 1e-9);
	return p->label;
}

static void test_word_lists_answer(void **state)
{
	struct lexicon *l = lexicon("*,mood,neutral,,0.5\n"
				    "ru,negator,,не,-0.8\n"
				    "ru,mood,bad,ужас*,1.5\n"
				    "ru,mood,bad,не работа*,1\n"
				    "ru,mood,good,рад,1.5\n"
				    "zh,negator,,不,-0.8\n"
				    "zh,mood,good,好吃,1.5\n"
				    "zh,mood,bad,太慢,1.5\n"
				    "*,mood,good,👍,2\n"
				    "*,mood,good,\":)\",2\n"
				    "ru,topic,parcel,посылк*,1\n");
	static const char *const pairs[][3] = {
		{ "ru", "УЖАСНО!", "bad" },
		{ "ru", "ничего", "neutral" },
		{ "ru", "я рад", "good" },
		{ "ru", "радио", "neutral" },
		{ "ru", "я совсем не очень рад", "neutral" },
		{ "ru", "не работает", "bad" },
		{ "ru", "не, работает", "bad" },
		{ "zh", "好吃", "good" },
		{ "zh", "不好吃", "neutral" },
		{ "zh", "送得太慢了", "bad" },
		{ "en", "太慢 ужас", "neutral" },
		{ "en", "ok 👍", "good" },
		{ "", "ok :)", "good" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_string_equal(said(l, pairs[i][1], pairs[i][0], "mood"),
				    pairs[i][2]);
	assert_string_equal(said(l, "где посылка", "ru", "topic"), "parcel");
	/* no rows for it */
	assert_null(said(l, "快递", "zh", "topic"));
	lexicon_close(l);
	lexicon_close(NULL);
}

static void test_a_pattern_counts_once(void **state)
{
	struct lexicon *l =
		lexicon("*,mood,neutral,,2\nru,mood,bad,ужас,1.5\n");

	(void)state;
	assert_string_equal(said(l, "ужас ужас ужас", "ru", "mood"), "neutral");
	lexicon_close(l);
}

static void test_word_lists_explain(void **state)
{
	struct lexicon *l = lexicon("ru,mood,bad,ужас*,1.5\n"
				    "ru,mood,bad,не работает,1\n"
				    "ru,mood,good,рад,1.5\n");
	struct tokens k = tokens_of("Ужасно рад: не  работает");
	struct reasons r =
		lexicon_explain(l, &arena, &k, "ru", "mood", "bad", 9);

	(void)state;
	assert_int_equal(r.n, 2);
	assert_memory_equal(k.s + r.r[0].begin, "ужасно", strlen("ужасно"));
	assert_int_equal(r.r[1].end, k.len);
	assert_int_equal(lexicon_explain(l, &arena, &k, "ru", "mood", "x", 9).n,
			 0);
	lexicon_close(l);
}

static void test_bad_word_lists(void **state)
{
	static const char *const pairs[][2] = {
		{ "lang,head\n", "row 1: five fields" },
		{ "a,b,c,d,e\n", "row 1: expected lang" },
		{ "H,ru,mood,bad,x\n", "row 2: five fields" },
		{ "H,ru,mood,bad,x,\n", "row 2: weight" },
		{ "H,ru,mood,bad,x,nan\n", "row 2: weight" },
		{ "H,ru,mood,bad,x,1e9\n", "row 2: weight" },
		{ "H,ru,,bad,x,1\n", "row 2: head or label" },
		{ "H,ru,mood,,x,1\n", "row 2: head or label" },
		{ "H,,mood,bad,x,1\n", "row 2: no language" },
		{ "H,ru,negator,bad,x,1\n", "row 2: a negator has no label" },
		{ "H,ru,negator,,,1\n", "row 2: a negator needs a pattern" },
		{ "H,ru,mood,bad,* x,1\n", "row 2: a star" },
		{ "H,ru,mood,bad,x,1\nru,mood,bad,y,1,7\n",
		  "row 3: more than five" },
		{ "H,ru,mood,bad,\"x,1\n", "quotation mark" },
		{ "\xff\xfe", "no UTF-8" },
		{ "H,1,a,a,a,1\n2,a,a,a,1\n3,a,a,a,1\n4,a,a,a,1\n5,a,a,a,1\n"
		  "6,a,a,a,1\n7,a,a,a,1\n8,a,a,a,1\n",
		  "too many languages" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const char *rows = pairs[i][0];
		const char *csv = rows[0] == 'H'
					  ? arena_printf(&arena,
							 "lang,head,label,"
							 "pattern,weight\n%s",
							 rows + 2)
					  : rows;
		struct lexicon_file f = { "words.csv", csv, strlen(csv) };
		struct lexicon *l;
		struct error err;

		assert_int_equal(lexicon_load(&l, &f, 1, &err), -1);
		assert_null(l);
		if (strstr(err.text, pairs[i][1]) == NULL)
			fail_msg("%s, expected %s", err.text, pairs[i][1]);
	}
}

/* What comes with the profiles can be read, and does what a reader expects. */
static void test_shipped_word_lists(void **state)
{
	static const char *const names[] = { "lexicon", "lexicon_post",
					     "lexicon_telecom",
					     "lexicon_grid" };
	static const struct {
		const char *lang, *text, *head, *label;
	} asked[] = {
		{ "ru", "Верните деньги! Посылку потеряли, на почте нахамили",
		  "class", "claim" },
		{ "ru", "Спасибо сотрудникам, быстро и вежливо", "class",
		  "praise" },
		{ "ru", "Спасибо сотрудникам, быстро и вежливо", "sentiment",
		  "positive" },
		{ "ru", "Ужасное обслуживание", "sentiment", "negative" },
		{ "ru", "Подскажите, до скольки работает отделение?", "class",
		  "question" },
		{ "ru", "Очередь на час, работает одно окно", "topic",
		  "queue" },
		{ "zh", "快递太慢了，三天没动，投诉", "class", "claim" },
		{ "zh", "快递太慢了，三天没动，投诉", "sentiment", "negative" },
		{ "zh", "感谢快递小哥，服务很好", "sentiment", "positive" },
		{ "zh", "请问营业厅几点关门？", "class", "question" },
		{ "zh", "加微信领取红包", "class", "spam" },
		{ "zh", "手机没信号", "topic", "coverage" },
		{ "en", "Where is my parcel? Still waiting, terrible service",
		  "sentiment", "negative" },
		{ "en", "The parcel arrived damaged", "topic", "damage" },
	};
	struct lexicon_file files[4];
	struct lexicon *l;
	struct error err;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char *csv = arena_alloc(&arena, 1 << 20);
		FILE *f = fopen(arena_printf(&arena,
					     "deploy/profiles/common/%s.csv",
					     names[i]),
				"r");

		assert_non_null(f);
		files[i] = (struct lexicon_file){ names[i], csv,
						  fread(csv, 1, 1 << 20, f) };
		fclose(f);
	}
	if (lexicon_load(&l, files, 4, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		assert_string_equal(
			said(l, asked[i].text, asked[i].lang, asked[i].head),
			asked[i].label);
	lexicon_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_a_naive_search),
		cmocka_unit_test(test_many_phrases),
		cmocka_unit_test(test_stars_do_not_explode),
		cmocka_unit_test(test_bad_phrases),
		cmocka_unit_test(test_offices),
		cmocka_unit_test(test_too_many_candidates_and_hits),
		cmocka_unit_test(test_word_lists_answer),
		cmocka_unit_test(test_a_pattern_counts_once),
		cmocka_unit_test(test_word_lists_explain),
		cmocka_unit_test(test_bad_word_lists),
		cmocka_unit_test(test_shipped_word_lists),
	};

	return cmocka_run_group_tests_name("text_phrases", tests, setup,
					   teardown);
}
