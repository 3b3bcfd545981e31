/* test_social_labels.c -- what a person says of a mention, and what stays of it
 * when its source edits it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "social/labels.h"

#define C(name) SY__V1__MENTION_CLASS__MENTION_##name
#define S(name) SY__V1__SENTIMENT__SENTIMENT_##name

static struct arena arena;

static Sy__V1__MentionFacts facts_now = SY__V1__MENTION_FACTS__INIT;
static Sy__V1__MentionStored stored = SY__V1__MENTION_STORED__INIT;

/* A claim of north about delivery, of which nothing is sure. */
static int reset(void **state)
{
	(void)state;
	arena_reset(&arena);
	sy__v1__mention_facts__init(&facts_now);
	sy__v1__mention_stored__init(&stored);
	facts_now.mention_class = C(CLAIM);
	facts_now.sentiment = S(NEGATIVE);
	facts_now.topic = (char *)"delivery";
	facts_now.topics = &facts_now.topic;
	facts_now.n_topics = 1;
	facts_now.unit = (char *)"north";
	facts_now.model = 7;
	stored.facts = &facts_now;
	stored.unsure = true;
	return 0;
}

static Sy__V1__CorrectMentionRequest request(void)
{
	return (Sy__V1__CorrectMentionRequest)
		SY__V1__CORRECT_MENTION_REQUEST__INIT;
}

static struct correction read_good(const Sy__V1__CorrectMentionRequest *req)
{
	struct correction c;
	const char *field;

	assert_true(correction_read(req, &c, &field));
	assert_null(field);
	return c;
}

static void labels_and_back(void **state)
{
	(void)state;
	for (int i = C(CLASS_NONE); i <= C(OTHER); i++)
		assert_int_equal(
			class_of_label(label_of_class((Sy__V1__MentionClass)i)),
			i);
	for (int i = S(NONE); i <= S(POSITIVE); i++)
		assert_int_equal(sentiment_of_label(label_of_sentiment(
					 (Sy__V1__Sentiment)i)),
				 i);
	assert_int_equal(class_of_label("gripe"), C(CLASS_NONE));
	assert_int_equal(class_of_label(""), C(CLASS_NONE));
	assert_string_equal(label_of_class((Sy__V1__MentionClass)99), "");
	assert_string_equal(label_of_sentiment((Sy__V1__Sentiment)99), "");
	assert_int_equal(said_of_head("class"), SAID_CLASS);
	assert_int_equal(said_of_head("sentiment"), SAID_SENTIMENT);
	assert_int_equal(said_of_head("topic"), SAID_TOPIC);
	assert_int_equal(said_of_head("unit"), SAID_UNIT);
	assert_int_equal(said_of_head("x"), 0);
}

static void what_is_no_correction(void **state)
{
	Sy__V1__CorrectMentionRequest req = request();
	struct correction c;
	const char *field;

	(void)state;
	assert_false(correction_read(&req, &c, &field));
	assert_string_equal(field, "");
	req.mention_class = (Sy__V1__MentionClass)99;
	assert_false(correction_read(&req, &c, &field));
	assert_string_equal(field, "mention_class");
	req.mention_class = (Sy__V1__MentionClass)-1;
	assert_false(correction_read(&req, &c, &field));
	req = request();
	req.sentiment = (Sy__V1__Sentiment)99;
	assert_false(correction_read(&req, &c, &field));
	assert_string_equal(field, "sentiment");
}

/* Every set of heads: those change, the others do not. */
static void only_what_was_said(void **state)
{
	for (uint32_t said = 1; said < 16; said++) {
		struct corrected_head heads[CORRECTED_HEADS_MAX];
		Sy__V1__CorrectMentionRequest req = request();
		const Sy__V1__MentionStored *after;
		struct correction c;
		size_t n;

		reset(state);
		if (said & SAID_CLASS)
			req.mention_class = C(PRAISE);
		if (said & SAID_SENTIMENT)
			req.sentiment = S(POSITIVE);
		if (said & SAID_TOPIC)
			req.topic = (char *)"staff";
		if (said & SAID_UNIT)
			req.unit = (char *)"-";
		c = read_good(&req);
		assert_int_equal(c.said, said);
		after = correction_apply(&arena, &stored, &c);
		assert_non_null(after);
		assert_int_equal(after->said, said);
		assert_true(after->facts->corrected);
		assert_int_equal(after->unsure, !(said & SAID_CLASS));
		assert_int_equal(after->facts->model, 7);
		n = correction_changes(&facts_now, after->facts, heads);
		assert_int_equal(n, __builtin_popcount(said));
		for (size_t i = 0; i < n; i++)
			assert_true(said & said_of_head(heads[i].head));
		/* what was there is as it was */
		assert_false(facts_now.corrected);
		assert_string_equal(facts_now.topic, "delivery");
		/* and the same again is nothing */
		assert_null(correction_apply(&arena, after, &c));
	}
}

static void agreeing_is_saying(void **state)
{
	struct corrected_head heads[CORRECTED_HEADS_MAX];
	Sy__V1__CorrectMentionRequest req = request();
	const Sy__V1__MentionStored *after;
	struct correction c;

	(void)state;
	req.mention_class = C(CLAIM);
	c = read_good(&req);
	after = correction_apply(&arena, &stored, &c);
	assert_non_null(after);
	assert_false(after->unsure);
	assert_int_equal(correction_changes(&facts_now, after->facts, heads),
			 0);
}

static void none_is_a_topic_too(void **state)
{
	Sy__V1__CorrectMentionRequest req = request();
	const Sy__V1__MentionStored *after;
	struct correction c;

	(void)state;
	req.topic = (char *)SAID_NONE;
	c = read_good(&req);
	after = correction_apply(&arena, &stored, &c);
	assert_string_equal(after->facts->topic, "");
	assert_int_equal(after->facts->n_topics, 0);
}

static void spam_and_back(void **state)
{
	Sy__V1__CorrectMentionRequest req = request();
	const Sy__V1__MentionStored *after;
	struct correction c;

	(void)state;
	req.mention_class = C(SPAM);
	c = read_good(&req);
	after = correction_apply(&arena, &stored, &c);
	assert_true(after->facts->spam);
	req.mention_class = C(CLAIM);
	c = read_good(&req);
	after = correction_apply(&arena, after, &c);
	assert_false(after->facts->spam);
}

/* For every set of heads that was said. */
static void an_edit_keeps_it(void **state)
{
	(void)state;
	for (uint32_t said = 0; said < 16; said++) {
		Sy__V1__MentionFacts new_facts = SY__V1__MENTION_FACTS__INIT;
		Sy__V1__MentionStored edited = SY__V1__MENTION_STORED__INIT;

		new_facts.mention_class = C(NEWS);
		new_facts.sentiment = S(NEUTRAL);
		new_facts.topic = (char *)"price";
		new_facts.unit = (char *)"east";
		edited.facts = &new_facts;
		stored.said = said;
		facts_now.corrected = said != 0;
		correction_keep(&edited, &stored);
		assert_int_equal(new_facts.mention_class,
				 said & SAID_CLASS ? C(CLAIM) : C(NEWS));
		assert_int_equal(new_facts.sentiment, said & SAID_SENTIMENT
							      ? S(NEGATIVE)
							      : S(NEUTRAL));
		assert_string_equal(new_facts.topic,
				    said & SAID_TOPIC ? "delivery" : "price");
		assert_string_equal(new_facts.unit,
				    said & SAID_UNIT ? "north" : "east");
		assert_int_equal(edited.said, said);
		assert_int_equal(new_facts.corrected, said != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(labels_and_back, reset),
		cmocka_unit_test_setup(what_is_no_correction, reset),
		cmocka_unit_test_setup(only_what_was_said, reset),
		cmocka_unit_test_setup(agreeing_is_saying, reset),
		cmocka_unit_test_setup(none_is_a_topic_too, reset),
		cmocka_unit_test_setup(spam_and_back, reset),
		cmocka_unit_test_setup(an_edit_keeps_it, reset),
	};
	int failed;

	arena_init(&arena);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_reset(&arena);
	return failed;
}
