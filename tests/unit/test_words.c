/* test_words.c -- words of texts and questions: one form for all that mean the
 * same, in three languages, and what a question becomes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "complaints/complaints.h"
#include "complaints/search.h"
#include "text/words.h"

struct fixture {
	struct words *words;
	struct arena arena;
};

static int setup(void **state)
{
	static struct fixture f;
	struct error err;

	arena_init(&f.arena);
	assert_int_equal(words_open(&f.words, &err), 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_reset(&f->arena);
	words_close(&f->words);
	return 0;
}

/* "lexeme@position lexeme@position" */
static const char *texted(struct fixture *f, const char *text)
{
	struct word_list list = words_of_text(f->words, &f->arena, text, 1000);
	char *out = arena_strdup(&f->arena, "");

	for (size_t i = 0; i < list.n; i++)
		out = arena_printf(&f->arena, "%s%s%s@%d", out, i ? " " : "",
				   list.w[i].lexeme, list.w[i].position);
	return out;
}

static void test_forms_of_a_word_are_one(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(texted(f, "Parcels, PARCEL; parcel's!"),
			    "parcel@0 parcel@1 parcel@2");
	assert_string_equal(texted(f, "Посылки посылку ПОСЫЛКА"),
			    "посылк@0 посылк@1 посылк@2");
	/* with and without dots, composed and decomposed, full width */
	assert_string_equal(texted(f, "ещё еще"), "ещ@0 ещ@1");
	assert_string_equal(texted(f, "мой мои\xcc\x86"), "мо@0 мо@1");
	assert_string_equal(texted(f, "\xef\xbc\xa1\xef\xbc\xa2 ab"),
			    "ab@0 ab@1");
	assert_string_equal(texted(f, "AB-123 12,5"), "ab@0 123@1 12,5@2");
}

static void test_chinese_by_characters_and_pairs(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(texted(f, "态度差"),
			    "态@0 态度@0 度@1 度差@1 差@2");
	assert_string_equal(texted(f, "差，差"), "差@0 差@1");
	assert_string_equal(texted(f, "快递EMS丢"),
			    "快@0 快递@0 递@1 em@2 丢@3");
}

static void test_offsets_are_of_the_text(void **state)
{
	struct fixture *f = *state;
	const char *text = "\xf0\x9f\x98\x80 Где посылка?";
	struct word_list list = words_of_text(f->words, &f->arena, text, 10);

	assert_int_equal(list.n, 2);
	assert_int_equal(list.w[1].begin, strlen("\xf0\x9f\x98\x80 Где "));
	assert_int_equal(list.w[1].end - list.w[1].begin, strlen("посылка"));
}

static void test_bounds(void **state)
{
	struct fixture *f = *state;
	char lots[1001];

	memset(lots, 'a', 1000);
	lots[1000] = '\0';
	assert_int_equal(strlen(words_of_text(f->words, &f->arena, lots, 10)
					.w[0]
					.lexeme),
			 60);
	assert_int_equal(words_of_text(f->words, &f->arena, "a b c d", 3).n, 3);
	assert_int_equal(words_of_text(f->words, &f->arena, "", 3).n, 0);
	assert_int_equal(words_of_text(f->words, &f->arena, " ,.!", 3).n, 0);
	/* not UTF-8 */
	assert_int_equal(words_of_text(f->words, &f->arena, "\xff\xfe", 3).n,
			 0);
}

static void asked(struct fixture *f, const char *text, const char *wanted)
{
	struct question q;

	assert_null(question_read(f->words, &f->arena, text, &q));
	assert_string_equal(q.tsquery, wanted);
}

static void test_questions(void **state)
{
	struct fixture *f = *state;

	asked(f, "lost parcels ", "(('lost')) & (('parcel'))");
	asked(f, "lost parc", "(('lost')) & (('parc':*))");
	asked(f, "\"lost parcels\"", "(('lost' <-> 'parcel'))");
	asked(f, "parcel -rude ", "(('parcel')) & !(('rude'))");
	asked(f, "AB-123 ", "(('ab' <-> '123'))");
	asked(f, "快递员态度差", "(('快递') & ('员') & ('态度') & ('差'))");
	asked(f, "\"快递员\"", "(('快递' <2> '员'))");
	asked(f, "\"态度差\"", "(('态度' <2> '差'))");
	/* one or two letters begin too many words */
	asked(f, "по", "(('по'))");
	/* what a question to PostgreSQL would be made of is none here */
	asked(f, "a'b | c & !d:* ", "(('a''b')) & (('c')) & (('d'))");
	asked(f, "\\' ) x ", "(('x'))");
	asked(f, "\"open ", "(('open'))");
}

static void test_refused_questions(void **state)
{
	struct fixture *f = *state;
	char lots[1200];
	struct question q;

	memset(lots, 'x', sizeof(lots) - 1);
	lots[sizeof(lots) - 1] = '\0';
	assert_non_null(question_read(f->words, &f->arena, lots, &q));
	assert_non_null(question_read(f->words, &f->arena, "-rude", &q));
	assert_non_null(question_read(f->words, &f->arena, " ,!", &q));
}

/* "before[hit]after" */
static const char *excerpt(struct fixture *f, const char *question,
			   const char *text)
{
	Sy__V1__AppealRow row = SY__V1__APPEAL_ROW__INIT;
	struct question q;
	char *out = arena_strdup(&f->arena, "");

	assert_null(question_read(f->words, &f->arena, question, &q));
	if (!excerpt_make(f->words, &f->arena, &q, text, &row))
		return "";
	for (size_t i = 0; i < row.n_excerpt; i++)
		out = arena_printf(&f->arena,
				   row.excerpt[i]->hit ? "%s[%s]" : "%s%s", out,
				   row.excerpt[i]->text);
	return out;
}

static void test_excerpts(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(excerpt(f, "parcels ", "My parcel is lost."),
			    "My [parcel] is lost\u2026");
	assert_string_equal(excerpt(f, "посылка", "Где моя посылка?"),
			    "Где моя [посылка]\u2026");
	assert_string_equal(excerpt(f, "态度差 ", "服务态度很差"),
			    "服务[态度]很[差]");
	assert_string_equal(excerpt(f, "nothing ", "My parcel"), "");
	/* the place where most of the words are */
	assert_non_null(strstr(
		excerpt(f, "red box ",
			"A red one. It is a long way from here to there, and "
			"there are many other words between the two of them, "
			"quite a lot of words indeed. The red box is here."),
		"[red] [box]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms_of_a_word_are_one),
		cmocka_unit_test(test_chinese_by_characters_and_pairs),
		cmocka_unit_test(test_offsets_are_of_the_text),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_refused_questions),
		cmocka_unit_test(test_excerpts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
