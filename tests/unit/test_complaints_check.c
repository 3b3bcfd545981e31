/* test_complaints_check.c -- the fields of requests: each limit from both
 * sides, the field named, and no value in the sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "complaints/complaints.h"
#include "timeutil.h"

#define NOW (INT64_C(1780000000) * US_PER_S)

static char long_text[TEXT_MAX + 2];

/* len bytes of 'q', valid until the next call with another len. */
static char *text_of(size_t len)
{
	memset(long_text, 'q', len);
	long_text[len] = '\0';
	return long_text;
}

static Sy__V1__Person person;
static Sy__V1__RegisterAppealRequest good_register(void)
{
	Sy__V1__RegisterAppealRequest req =
		SY__V1__REGISTER_APPEAL_REQUEST__INIT;

	sy__v1__person__init(&person);
	req.external_id = (char *)"A-1";
	req.kind = (char *)"complaint";
	req.channel = (char *)"web";
	req.unit = (char *)"U1";
	req.person = &person;
	req.occurred_at_us = NOW - US_PER_DAY;
	return req;
}

static Sy__V1__AppealRef by_key(void)
{
	Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;

	ref.external_id = (char *)"A-1";
	return ref;
}

static bool check(enum fact_type type, const ProtobufCMessage *req,
		  struct problem *problem)
{
	struct asked asked;

	*problem = (struct problem){ SY__V1__ERROR_CODE__OK, "", "" };
	asked_read(&asked, type, req, 0, NOW);
	return asked_check(&asked, true, NOW, problem);
}

static void assert_bad(enum fact_type type, const ProtobufCMessage *req,
		       const char *field)
{
	struct problem problem;

	assert_false(check(type, req, &problem));
	assert_int_equal(problem.code, SY__V1__ERROR_CODE__INVALID);
	assert_string_equal(problem.field, field);
	assert_true(strlen(problem.text) > 5);
}

static void assert_good(enum fact_type type, const ProtobufCMessage *req)
{
	struct problem problem;

	if (!check(type, req, &problem))
		fail_msg("%s: %s", problem.field, problem.text);
}

static void test_register_good(void **state)
{
	Sy__V1__RegisterAppealRequest req = good_register();

	(void)state;
	assert_good(FACT_REGISTER, &req.base);
	req.person = NULL;
	assert_good(FACT_REGISTER, &req.base);
}

static void test_external_id(void **state)
{
	static const char *const bad[] = { "", "a\nb", "a\x7f", "\xc2\x85",
					   "\t" };
	Sy__V1__RegisterAppealRequest req = good_register();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		req.external_id = (char *)bad[i];
		assert_bad(FACT_REGISTER, &req.base, "external_id");
	}
	req.external_id = text_of(EXTERNAL_ID_MAX);
	assert_good(FACT_REGISTER, &req.base);
	req.external_id = text_of(EXTERNAL_ID_MAX + 1);
	assert_bad(FACT_REGISTER, &req.base, "external_id");
	req.external_id = (char *)"\xc2\xa0 no-break space is no control";
	assert_good(FACT_REGISTER, &req.base);
}

static void test_codes(void **state)
{
	Sy__V1__RegisterAppealRequest req = good_register();
	char **field[CODE_NR] = {
		[CODE_KIND] = &req.kind,
		[CODE_CHANNEL] = &req.channel,
		[CODE_TOPIC] = &req.topic,
		[CODE_ELEMENT] = &req.element,
		[CODE_PRODUCT] = &req.product,
		[CODE_SEGMENT] = &req.segment,
		[CODE_UNIT] = &req.unit,
		[CODE_INTAKE_UNIT] = &req.intake_unit,
		[CODE_DEPARTMENT] = &req.department,
	};

	(void)state;
	for (int i = 0; i < CODE_NR; i++) {
		char *kept = *field[i];

		*field[i] = text_of(CODE_MAX - 1);
		assert_good(FACT_REGISTER, &req.base);
		*field[i] = text_of(CODE_MAX);
		assert_bad(FACT_REGISTER, &req.base, code_names[i]);
		*field[i] = (char *)"a\x01";
		assert_bad(FACT_REGISTER, &req.base, code_names[i]);
		*field[i] = (char *)"";
		if (i == CODE_KIND || i == CODE_CHANNEL || i == CODE_UNIT)
			assert_bad(FACT_REGISTER, &req.base, code_names[i]);
		else
			assert_good(FACT_REGISTER, &req.base);
		*field[i] = kept;
	}
}

static void test_person_and_text(void **state)
{
	Sy__V1__RegisterAppealRequest req = good_register();
	struct {
		char **value;
		const char *name;
	} fields[] = {
		{ &person.name, "person.name" },
		{ &person.phone, "person.phone" },
		{ &person.email, "person.email" },
		{ &person.address, "person.address" },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		*fields[i].value = text_of(PERSON_FIELD_MAX);
		assert_good(FACT_REGISTER, &req.base);
		*fields[i].value = text_of(PERSON_FIELD_MAX + 1);
		assert_bad(FACT_REGISTER, &req.base, fields[i].name);
		*fields[i].value = (char *)"";
	}
	req.text = text_of(TEXT_MAX);
	assert_good(FACT_REGISTER, &req.base);
	req.text = text_of(TEXT_MAX + 1);
	assert_bad(FACT_REGISTER, &req.base, "text");
}

static void test_times(void **state)
{
	Sy__V1__RegisterAppealRequest req = good_register();

	(void)state;
	req.occurred_at_us = TIME_MIN_US;
	assert_good(FACT_REGISTER, &req.base);
	req.occurred_at_us = TIME_MIN_US - 1;
	assert_bad(FACT_REGISTER, &req.base, "occurred_at_us");
	req.occurred_at_us = NOW + US_PER_DAY;
	assert_good(FACT_REGISTER, &req.base);
	req.occurred_at_us = NOW + US_PER_DAY + 1;
	assert_bad(FACT_REGISTER, &req.base, "occurred_at_us");
	req.occurred_at_us = INT64_MAX;
	assert_bad(FACT_REGISTER, &req.base, "occurred_at_us");
	req.occurred_at_us = INT64_MIN;
	assert_bad(FACT_REGISTER, &req.base, "occurred_at_us");
	/* nobody said when */
	req.occurred_at_us = 0;
	assert_bad(FACT_REGISTER, &req.base, "occurred_at_us");
}

static void test_whose_time(void **state)
{
	Sy__V1__RegisterAppealRequest req = good_register();
	struct asked asked;

	(void)state;
	req.occurred_at_us = NOW - 5;
	asked_read(&asked, FACT_REGISTER, &req.base, NOW - 9, NOW);
	assert_int_equal(asked.fact.occurred_at_us, NOW - 5);
	req.occurred_at_us = 0;
	asked_read(&asked, FACT_REGISTER, &req.base, NOW - 9, NOW);
	assert_int_equal(asked.fact.occurred_at_us, NOW - 9);
	asked_read(&asked, FACT_REGISTER, &req.base, 0, NOW);
	assert_int_equal(asked.said_us, 0);
	assert_int_equal(asked.fact.occurred_at_us, NOW);
	assert_string_equal(asked.fact.code[CODE_INTAKE_UNIT], "U1");
}

static void test_ref(void **state)
{
	Sy__V1__AnswerAppealRequest req = SY__V1__ANSWER_APPEAL_REQUEST__INIT;
	Sy__V1__AppealRef ref = by_key();

	(void)state;
	req.occurred_at_us = NOW;
	assert_bad(FACT_ANSWER, &req.base, "appeal");
	req.appeal = &ref;
	assert_good(FACT_ANSWER, &req.base);
	ref.appeal_id = (char *)"0190163d-8694-739b-aea5-966c26f8ad91";
	assert_bad(FACT_ANSWER, &req.base, "appeal");
	ref.external_id = (char *)"";
	assert_good(FACT_ANSWER, &req.base);
	ref.appeal_id = (char *)"0190163d";
	assert_bad(FACT_ANSWER, &req.base, "appeal.appeal_id");
	ref.appeal_id = (char *)"";
	assert_bad(FACT_ANSWER, &req.base, "appeal");
	ref.external_id = text_of(EXTERNAL_ID_MAX + 1);
	assert_bad(FACT_ANSWER, &req.base, "appeal.external_id");
}

static void test_other_facts(void **state)
{
	Sy__V1__ClassifyAppealRequest classify =
		SY__V1__CLASSIFY_APPEAL_REQUEST__INIT;
	Sy__V1__ResolveAppealRequest resolve =
		SY__V1__RESOLVE_APPEAL_REQUEST__INIT;
	Sy__V1__CloseAppealRequest closing = SY__V1__CLOSE_APPEAL_REQUEST__INIT;
	Sy__V1__AppealRef ref = by_key();

	(void)state;
	classify.appeal = resolve.appeal = closing.appeal = &ref;
	classify.occurred_at_us = resolve.occurred_at_us =
		closing.occurred_at_us = NOW;
	assert_bad(FACT_CLASSIFY, &classify.base, "");
	classify.topic = (char *)"late";
	assert_good(FACT_CLASSIFY, &classify.base);
	classify.department = text_of(CODE_MAX);
	assert_bad(FACT_CLASSIFY, &classify.base, "department");
	assert_good(FACT_RESOLVE, &resolve.base);
	resolve.text = text_of(TEXT_MAX + 1);
	assert_bad(FACT_RESOLVE, &resolve.base, "text");
	assert_good(FACT_CLOSE, &closing.base);
	closing.occurred_at_us = 1;
	assert_bad(FACT_CLOSE, &closing.base, "occurred_at_us");
}

static void assert_contact(const char *phone, const char *email,
			   const char *want)
{
	char out[CONTACT_MAX];
	size_t len;

	sy__v1__person__init(&person);
	person.phone = (char *)phone;
	person.email = (char *)email;
	len = contact_normalise(&person, out);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(out, want, len);
}

static void test_contact(void **state)
{
	char out[CONTACT_MAX];

	(void)state;
	assert_contact("+7 (916) 123-45-67", "", "79161234567");
	assert_contact("8 916", "A@B.ru ", "a@b.ru");
	assert_contact("79161234567", "a@b.ru", "79161234567");
	assert_contact("none", "nobody", "");
	assert_contact("", "", "");
	assert_int_equal(contact_normalise(NULL, out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_register_good),
		cmocka_unit_test(test_external_id),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_person_and_text),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_whose_time),
		cmocka_unit_test(test_ref),
		cmocka_unit_test(test_other_facts),
		cmocka_unit_test(test_contact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
