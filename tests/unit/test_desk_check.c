/* test_desk_check.c -- the fields of the desk's requests: what is refused, and
 * which field is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "complaints/desk.h"
#include "timeutil.h"

static struct desk_fault fault;

#define REFUSED(call, field_)                                                  \
	do {                                                                   \
		assert_false(call);                                            \
		assert_string_equal(fault.field, field_);                      \
		assert_true(fault.text[0] != '\0');                            \
	} while (0)

static char long_text[TEXT_MAX + 2];

static void test_codes(void **state)
{
	static const char *const bad[] = { "",     "a/b",  "-",
					   "a\nb", "\x7f", "\xc2\x85" };
	char longest[CODE_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		REFUSED(desk_code_good(bad[i], "code", &fault), "code");
	memset(longest, 'a', sizeof(longest));
	longest[CODE_MAX + 1] = '\0';
	REFUSED(desk_code_good(longest, "code", &fault), "code");
	longest[CODE_MAX] = '\0';
	assert_true(desk_code_good(longest, "code", &fault));
	assert_true(desk_code_good("ответ-1", "code", &fault));
}

static void test_template(void **state)
{
	Sy__V1__PutTemplateRequest req = SY__V1__PUT_TEMPLATE_REQUEST__INIT;
	Sy__V1__Label ru = SY__V1__LABEL__INIT, en = SY__V1__LABEL__INIT;
	Sy__V1__Label *texts[] = { &ru, &en };
	char *topics[] = { (char *)"delivery", (char *)"" };

	(void)state;
	req.code = (char *)"first";
	REFUSED(template_check(&req, &fault), "texts");
	req.texts = texts;
	req.n_texts = 2;
	ru.lang = en.lang = (char *)"ru";
	ru.text = en.text = (char *)"Text\nin lines";
	REFUSED(template_check(&req, &fault), "texts[1].lang");
	en.lang = (char *)"fr";
	REFUSED(template_check(&req, &fault), "texts[1].lang");
	en.lang = (char *)"en";
	assert_true(template_check(&req, &fault));
	en.text = (char *)"";
	REFUSED(template_check(&req, &fault), "texts[1].text");
	en.text = (char *)"{{no}}";
	REFUSED(template_check(&req, &fault), "texts[1].text");
	assert_non_null(strstr(fault.text, " no,"));
	en.text = long_text;
	REFUSED(template_check(&req, &fault), "texts[1].text");
	req.n_texts = 1;
	req.topics = topics;
	req.n_topics = 2;
	REFUSED(template_check(&req, &fault), "topics[1]");
	req.n_topics = 1;
	assert_true(template_check(&req, &fault));
}

static void test_article(void **state)
{
	Sy__V1__PutArticleRequest req = SY__V1__PUT_ARTICLE_REQUEST__INIT;
	Sy__V1__ArticleText zh = SY__V1__ARTICLE_TEXT__INIT;
	Sy__V1__ArticleText *texts[] = { &zh };

	(void)state;
	req.code = (char *)"lost";
	REFUSED(article_check(&req, &fault), "texts");
	req.texts = texts;
	req.n_texts = 1;
	zh.lang = (char *)"zh";
	REFUSED(article_check(&req, &fault), "texts[0].title");
	zh.title = (char *)"包裹";
	REFUSED(article_check(&req, &fault), "texts[0].body");
	zh.body = (char *)"{{braces}} mean nothing here";
	assert_true(article_check(&req, &fault));
	req.parent = (char *)"a/b";
	REFUSED(article_check(&req, &fault), "parent");
}

static void test_view(void **state)
{
	Sy__V1__PutViewRequest req = SY__V1__PUT_VIEW_REQUEST__INIT;
	Sy__V1__ViewField unit = SY__V1__VIEW_FIELD__INIT;
	Sy__V1__ViewField other = SY__V1__VIEW_FIELD__INIT;
	Sy__V1__ViewField *filter[] = { &unit, &other };

	(void)state;
	req.code = (char *)"mine";
	REFUSED(view_check(&req, &fault), "name");
	req.name = (char *)"Mine";
	assert_true(view_check(&req, &fault));
	req.filter = filter;
	req.n_filter = 2;
	unit.field = (char *)"unit";
	other.field = (char *)"cursor";
	REFUSED(view_check(&req, &fault), "filter[1].field");
	other.field = (char *)"unit";
	REFUSED(view_check(&req, &fault), "filter[1].field");
	other.field = (char *)"order";
	assert_true(view_check(&req, &fault));
	other.value = long_text;
	REFUSED(view_check(&req, &fault), "filter[1].value");
}

static void test_seat(void **state)
{
	Sy__V1__PutSeatRequest req = SY__V1__PUT_SEAT_REQUEST__INIT;

	(void)state;
	REFUSED(seat_check(&req, &fault), "code");
	req.code = (char *)"anna";
	assert_true(seat_check(&req, &fault));
	req.deputy = (char *)"anna";
	REFUSED(seat_check(&req, &fault), "deputy");
	req.deputy = (char *)"boris";
	req.away_from_us = TIME_MIN_US + 5;
	assert_true(seat_check(&req, &fault));
	req.away_to_us = TIME_MIN_US + 5;
	REFUSED(seat_check(&req, &fault), "away_to_us");
	req.away_to_us++;
	assert_true(seat_check(&req, &fault));
	req.away_from_us = TIME_MIN_US - 1;
	REFUSED(seat_check(&req, &fault), "away_from_us");
	req.away_from_us = 0;
	req.away_to_us = INT64_MAX;
	REFUSED(seat_check(&req, &fault), "away_to_us");
	req.away_to_us = 0;
	req.capacity = UINT32_MAX;
	REFUSED(seat_check(&req, &fault), "capacity");
}

static void test_draft(void **state)
{
	Sy__V1__SaveDraftRequest req = SY__V1__SAVE_DRAFT_REQUEST__INIT;

	(void)state;
	REFUSED(draft_check(&req, &fault), "kind");
	req.kind = (char *)"AnswerAppeal";
	assert_true(draft_check(&req, &fault)); /* empty: none any more */
	req.text = long_text;
	REFUSED(draft_check(&req, &fault), "text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),   cmocka_unit_test(test_template),
		cmocka_unit_test(test_article), cmocka_unit_test(test_view),
		cmocka_unit_test(test_seat),    cmocka_unit_test(test_draft),
	};

	memset(long_text, 'x', sizeof(long_text) - 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
