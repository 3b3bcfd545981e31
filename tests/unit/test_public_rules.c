/* test_public_rules.c -- what a customer is told of a case, what may be asked
 * for, and the slots of a centre. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "complaints/public.h"

/* --- what a customer is told --- */

static void test_every_state_has_its_words(void **state)
{
	(void)state;
	for (int s = SY__V1__APPEAL_STATE__APPEAL_REGISTERED;
	     s <= SY__V1__APPEAL_STATE__APPEAL_MERGED; s++)
		assert_int_not_equal(public_state((Sy__V1__AppealState)s, 0),
				     SY__V1__PUBLIC_STATE__PUBLIC_NONE);
	assert_int_equal(
		public_state(SY__V1__APPEAL_STATE__APPEAL_INVESTIGATED, 1),
		SY__V1__PUBLIC_STATE__PUBLIC_REOPENED);
}

static void test_notes_are_never_told(void **state)
{
	(void)state;
	for (int type = 0; type < FACT_NR; type++) {
		Sy__V1__PublicWordKind kind =
			public_word_kind((enum fact_type)type, false);

		if (type == FACT_NOTE || type == FACT_ATTACH_FILE ||
		    type == FACT_ROUTE || type == FACT_CLASSIFY ||
		    type > FACT_RATE)
			assert_int_equal(kind,
					 SY__V1__PUBLIC_WORD_KIND__WORD_NONE);
	}
	assert_int_equal(public_word_kind(FACT_NOTE, true),
			 SY__V1__PUBLIC_WORD_KIND__WORD_ADDED);
	assert_int_equal(public_word_kind(FACT_ANSWER, false),
			 SY__V1__PUBLIC_WORD_KIND__WORD_ANSWER);
}

static void test_steps(void **state)
{
	static const struct {
		Sy__V1__ClockState clock;
		int64_t due, stopped;
		bool ended;
		Sy__V1__PublicStepState told;
	} cases[] = {
		{ SY__V1__CLOCK_STATE__CLOCK_RUNNING, 100, 0, false,
		  SY__V1__PUBLIC_STEP_STATE__STEP_RUNNING },
		{ SY__V1__CLOCK_STATE__CLOCK_RUNNING, 49, 0, false,
		  SY__V1__PUBLIC_STEP_STATE__STEP_OVERDUE },
		{ SY__V1__CLOCK_STATE__CLOCK_RUNNING, 50, 0, false,
		  SY__V1__PUBLIC_STEP_STATE__STEP_RUNNING },
		{ SY__V1__CLOCK_STATE__CLOCK_RUNNING, 100, 0, true,
		  SY__V1__PUBLIC_STEP_STATE__STEP_DROPPED },
		{ SY__V1__CLOCK_STATE__CLOCK_MET, 100, 40, true,
		  SY__V1__PUBLIC_STEP_STATE__STEP_DONE },
		{ SY__V1__CLOCK_STATE__CLOCK_BREACHED, 30, 40, false,
		  SY__V1__PUBLIC_STEP_STATE__STEP_DONE_LATE },
		{ SY__V1__CLOCK_STATE__CLOCK_BREACHED, 30, 0, false,
		  SY__V1__PUBLIC_STEP_STATE__STEP_OVERDUE },
		{ SY__V1__CLOCK_STATE__CLOCK_PAUSED, 30, 0, false,
		  SY__V1__PUBLIC_STEP_STATE__STEP_PAUSED },
		{ SY__V1__CLOCK_STATE__CLOCK_NONE, 30, 0, true,
		  SY__V1__PUBLIC_STEP_STATE__STEP_DROPPED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Sy__V1__AppealClock clock = SY__V1__APPEAL_CLOCK__INIT;

		clock.state = cases[i].clock;
		clock.due_us = cases[i].due;
		clock.stopped_at_us = cases[i].stopped;
		assert_int_equal(public_step_state(&clock, cases[i].ended, 50),
				 cases[i].told);
	}
}

/* --- what may be asked for --- */

static void test_persons(void **state)
{
	static const struct {
		const char *name, *phone, *email, *fault;
	} cases[] = {
		{ "Vera", "+7 (900) 555-01-02", "", NULL },
		{ "Vera", "", "v@example.org", NULL },
		{ "", "12345", "", "person.name" },
		{ " \t", "12345", "", "person.name" },
		{ "Vera", "", "", "person.phone" },
		{ "Vera", "1234", "", "person.phone" },
		{ "Vera", "1234567890123456", "", "person.phone" },
		{ "Vera", "12345x", "", "person.phone" },
		{ "Vera", "", "@b", "person.email" },
		{ "Vera", "", "a@", "person.email" },
		{ "Vera", "", "a@b@c", "person.email" },
		{ "Vera", "12345", "a@b\r\nBcc: c@d", "person.email" },
	};
	const char *text;

	(void)state;
	assert_string_equal(public_person_fault(NULL, &text), "person.name");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Sy__V1__PublicPerson p = SY__V1__PUBLIC_PERSON__INIT;
		const char *fault;

		p.name = (char *)cases[i].name;
		p.phone = (char *)cases[i].phone;
		p.email = (char *)cases[i].email;
		fault = public_person_fault(&p, &text);
		if (cases[i].fault == NULL)
			assert_null(fault);
		else
			assert_string_equal(fault, cases[i].fault);
	}
}

/* --- codes --- */

static void test_codes_are_copied_by_hand(void **state)
{
	uint8_t bytes[PUBLIC_CODE_BYTES];
	char code[PUBLIC_CODE_MAX], back[PUBLIC_CODE_MAX];

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	bytes[0] = 0x08; /* 00001 000.. */
	bytes[15] = 0x01;
	code_make(bytes, code);
	assert_string_equal(code, "1000-0000-0000-0000-0000-0000-04");
	code_normalise(" IOoo 0000-0000 00000000-0000-O4\t", back);
	assert_string_equal(back, "10000000000000000000000004");
	memset(bytes, 0xff, sizeof(bytes));
	code_make(bytes, code);
	assert_string_equal(code, "zzzz-zzzz-zzzz-zzzz-zzzz-zzzz-zw");
	/* a flood is cut, and fits no code */
	char flood[200];

	memset(flood, 'z', sizeof(flood) - 1);
	flood[sizeof(flood) - 1] = '\0';
	code_normalise(flood, back);
	assert_int_equal(strlen(back), PUBLIC_CODE_MAX - 1);
}

/* --- slots --- */

static void test_slots_end_before_closing(void **state)
{
	struct day_hours hours = { .open = { { 540, 600 }, { 840, 865 } },
				   .n = 2 };
	uint16_t minute[SLOTS_DAY_MAX];

	(void)state;
	assert_int_equal(slots_of_day(&hours, 20, minute), 4);
	assert_int_equal(minute[0], 540);
	assert_int_equal(minute[2], 580);
	assert_int_equal(minute[3], 840);
	assert_int_equal(slots_of_day(&hours, 25, minute), 3);
	assert_int_equal(minute[2], 840);
	assert_int_equal(slots_of_day(&hours, 61, minute), 0);
	assert_int_equal(slots_of_day(&hours, 0, minute), 0);
	hours = (struct day_hours){ .open = { { 0, 1440 } }, .n = 1 };
	assert_int_equal(slots_of_day(&hours, 5, minute), SLOTS_DAY_MAX);
	assert_int_equal(minute[SLOTS_DAY_MAX - 1], 1435);
	hours.n = 0;
	assert_int_equal(slots_of_day(&hours, 20, minute), 0);
}

static void test_the_emptiest_is_suggested(void **state)
{
	struct slot slots[] = {
		{ 1, 540, 2, 2 }, { 1, 560, 2, 1 },  { 2, 540, 4, 1 },
		{ 2, 560, 8, 2 }, { 3, 540, 10, 3 }, { 4, 540, 2, 1 },
		{ 5, 540, 2, 1 }, { 6, 540, 2, 0 },
	};
	const size_t n = sizeof(slots) / sizeof(slots[0]);

	(void)state;
	/* a quarter each: the earlier; the empty one is too far off */
	assert_ptr_equal(slots_suggest(slots, n), &slots[2]);
	slots[2].taken = 2;
	assert_ptr_equal(slots_suggest(slots, n), &slots[3]);
	assert_ptr_equal(slots_suggest(slots, 1), NULL);
	assert_ptr_equal(slots_suggest(slots, 0), NULL);
	/* a day without room is none of the five */
	slots[1].taken = 2;
	assert_ptr_equal(slots_suggest(slots, n), &slots[7]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_state_has_its_words),
		cmocka_unit_test(test_notes_are_never_told),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_persons),
		cmocka_unit_test(test_codes_are_copied_by_hand),
		cmocka_unit_test(test_slots_end_before_closing),
		cmocka_unit_test(test_the_emptiest_is_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
