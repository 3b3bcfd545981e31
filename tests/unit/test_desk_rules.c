/* test_desk_rules.c -- templates' fields, the life of versions, whose case it
 * will be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "complaints/desk.h"

static struct arena arena;

/* --- templates --- */

static void test_fields_are_known(void **state)
{
	static const char *const good[] = {
		"",
		"no field",
		"{ {{person.name}} }",
		"{{ person.name }}{{appeal.external_id}}",
		"{{due.answer}} }} {",
		"{{unit.name}}{{department.name}}{{appeal.registered}}",
	};
	char buf[FIELD_FAULT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(template_fault(good[i], buf));
}

static void test_unknown_fields_are_named(void **state)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
		{ "{{person.nmae}}",
		  "has the field person.nmae, which there is not" },
		{ "{{person.name}} {{ due }}",
		  "has the field due, which there is not" },
		{ "{{}}", "has a field that there is not" },
		{ "{{+7 900 123}}", "has a field that there is not" },
		{ "{{PERSON.NAME}}", "has a field that there is not" },
		{ "{{имя}}", "has a field that there is not" },
		{ "{{person.name", "has a field that does not end" },
		{ "{{person.name}} {{", "has a field that does not end" },
		{ "{{{person.name}}}", "has a field that there is not" },
		{ "{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}",
		  "has a field that there is not" },
	};
	char buf[FIELD_FAULT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(template_fault(cases[i].text, buf),
				    cases[i].fault);
}

static void test_fill(void **state)
{
	const char *value[FIELDS_NR] = {
		[FIELD_PERSON_NAME] = "{{unit.name}}",
		[FIELD_EXTERNAL_ID] = "cc-1",
		[FIELD_UNIT_NAME] = "",
	};
	uint32_t missing;

	(void)state;
	assert_string_equal(template_fill(&arena, "plain", value, &missing),
			    "plain");
	assert_int_equal(missing, 0);
	/* what was filled in is not looked at again */
	assert_string_equal(
		template_fill(&arena,
			      "{{person.name}}: {{appeal.external_id}}.", value,
			      &missing),
		"{{unit.name}}: cc-1.");
	assert_int_equal(missing, 0);
	assert_string_equal(template_fill(&arena,
					  "{{ unit.name }}|{{due.answer}}|"
					  "{{appeal.external_id}}",
					  value, &missing),
			    "||cc-1");
	assert_int_equal(missing,
			 1u << FIELD_UNIT_NAME | 1u << FIELD_DUE_ANSWER);
}

static void test_days(void **state)
{
	char buf[32];

	(void)state;
	assert_string_equal(day_in_words(20162, "ru", buf), "15.03.2025");
	assert_string_equal(day_in_words(20162, "zh", buf), "2025年3月15日");
	assert_string_equal(day_in_words(20162, "en", buf), "15 March 2025");
	assert_string_equal(day_in_words(0, "en", buf), "1 January 1970");
}

/* --- versions --- */

static Sy__V1__ErrorCode decide(const struct desk_life *life, uint32_t version,
				Sy__V1__DeskState wanted, const char *by)
{
	struct problem problem;

	return desk_may_decide(life, version, wanted, by, &problem)
		       ? SY__V1__ERROR_CODE__OK
		       : problem.code;
}

#define APPROVED SY__V1__DESK_STATE__DESK_APPROVED
#define RETIRED SY__V1__DESK_STATE__DESK_RETIRED

static void test_versions(void **state)
{
	const struct desk_life life = {
		.last = 3, .draft = 3, .approved = 2, .draft_author = "anna"
	};
	const struct desk_life none = { .last = 2, .draft_author = "" };

	(void)state;
	assert_int_equal(decide(&life, 3, APPROVED, "boris"),
			 SY__V1__ERROR_CODE__OK);
	assert_int_equal(decide(&life, 3, APPROVED, "anna"),
			 SY__V1__ERROR_CODE__FORBIDDEN);
	assert_int_equal(decide(&life, 2, APPROVED, "boris"),
			 SY__V1__ERROR_CODE__STATE);
	assert_int_equal(decide(&life, 1, APPROVED, "boris"),
			 SY__V1__ERROR_CODE__STATE);
	assert_int_equal(decide(&life, 1, RETIRED, "boris"),
			 SY__V1__ERROR_CODE__STATE);
	/* one's own draft may be withdrawn, and what is in force by anyone */
	assert_int_equal(decide(&life, 3, RETIRED, "anna"),
			 SY__V1__ERROR_CODE__OK);
	assert_int_equal(decide(&life, 2, RETIRED, "anna"),
			 SY__V1__ERROR_CODE__OK);
	assert_int_equal(decide(&life, 4, APPROVED, "boris"),
			 SY__V1__ERROR_CODE__NOT_FOUND);
	assert_int_equal(decide(&life, 0, RETIRED, "boris"),
			 SY__V1__ERROR_CODE__NOT_FOUND);
	assert_int_equal(decide(&life, 3, SY__V1__DESK_STATE__DESK_DRAFT, "x"),
			 SY__V1__ERROR_CODE__INVALID);
	assert_int_equal(decide(&none, 2, APPROVED, "boris"),
			 SY__V1__ERROR_CODE__STATE);
}

/* --- seats --- */

static const char delivery[] = "delivery", staff[] = "staff", vip[] = "vip";
static char *const deliveries[] = { (char *)delivery };
static char *const several[] = { (char *)staff, (char *)vip };

static struct seat a_seat(const char *principal, uint32_t load)
{
	return (struct seat){ .principal = principal,
			      .department = "",
			      .deputy = "",
			      .load = load,
			      .serves_unit = true };
}

static struct seat_need need_of(const char *topic, const char *segment)
{
	return (struct seat_need){ .department = "",
				   .code = { topic, "", segment, "" } };
}

static const char *pick(const struct seat *seats, size_t n,
			const struct seat_need *need)
{
	const struct seat *s = seat_pick(seats, n, need, 1000);

	return s != NULL ? s->principal : "nobody";
}

static void test_skills(void **state)
{
	struct seat s = a_seat("anna", 0);
	struct seat_need need = need_of("delivery", "");

	(void)state;
	assert_true(seat_skilled(&s, &need)); /* no skills: all */
	s.skills = deliveries;
	s.skills_nr = 1;
	assert_true(seat_skilled(&s, &need));
	need.code[0] = "staff";
	assert_false(seat_skilled(&s, &need));
	need.code[0] = "";
	assert_false(seat_skilled(&s, &need));
	s.skills = several;
	s.skills_nr = 2;
	need = need_of("delivery", "vip"); /* one that fits is enough */
	assert_true(seat_skilled(&s, &need));
	s.department = "claims";
	assert_true(seat_skilled(&s, &need)); /* the case has none yet */
	need.department = "lines";
	assert_false(seat_skilled(&s, &need));
	need.department = "claims";
	assert_true(seat_skilled(&s, &need));
}

static void test_away(void **state)
{
	struct seat s = a_seat("anna", 0);

	(void)state;
	assert_false(seat_away(&s, 1000));
	s.away_from_us = 1000;
	assert_true(seat_away(&s, 1000));
	assert_false(seat_away(&s, 999));
	assert_true(seat_away(&s, INT64_MAX)); /* nobody knows until when */
	s.away_to_us = 2000;
	assert_true(seat_away(&s, 1999));
	assert_false(seat_away(&s, 2000));
	s.away_from_us = 0;
	assert_true(seat_away(&s, 1));
}

static void test_pick(void **state)
{
	struct seat seats[] = { a_seat("carl", 2), a_seat("boris", 1),
				a_seat("anna", 1), a_seat("dora", 0) };
	const struct seat_need need = need_of("delivery", "");

	(void)state;
	assert_string_equal(pick(seats, 0, &need), "nobody");
	assert_string_equal(pick(seats, 3, &need), "anna"); /* by name */
	seats[2].capacity = 5; /* less room than without a limit */
	assert_string_equal(pick(seats, 3, &need), "boris");
	seats[1].capacity = 1;
	assert_string_equal(pick(seats, 3, &need), "anna");
	seats[2].capacity = 1;
	assert_string_equal(pick(seats, 3, &need), "carl");
	assert_string_equal(pick(seats, 4, &need), "dora");
	seats[3].serves_unit = false;
	assert_string_equal(pick(seats, 4, &need), "carl");
	seats[0].skills = several;
	seats[0].skills_nr = 2;
	assert_string_equal(pick(seats, 4, &need), "nobody");
}

static void test_deputies(void **state)
{
	struct seat seats[] = { a_seat("anna", 0), a_seat("boris", 0),
				a_seat("carl", 9) };
	const struct seat_need need = need_of("delivery", "");

	(void)state;
	seats[0].skills = deliveries;
	seats[0].skills_nr = 1;
	seats[0].deputy = "boris";
	seats[1].skills = several;
	seats[1].skills_nr = 2;
	seats[2].skills = several;
	seats[2].skills_nr = 2;
	assert_string_equal(pick(seats, 3, &need), "anna");
	seats[0].away_from_us = 500;
	assert_string_equal(pick(seats, 3, &need), "boris");
	seats[1].capacity = 1;
	seats[1].load = 1; /* a deputy has a limit too */
	assert_string_equal(pick(seats, 3, &need), "nobody");
	seats[1].load = 0;
	seats[1].away_to_us = 2000; /* and may be away */
	assert_string_equal(pick(seats, 3, &need), "nobody");
	seats[1].away_to_us = 0;
	seats[0].serves_unit = false; /* nothing there to stand in for */
	assert_string_equal(pick(seats, 3, &need), "nobody");
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_known),
		cmocka_unit_test(test_unknown_fields_are_named),
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_skills),
		cmocka_unit_test(test_away),
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_deputies),
	};

	arena_init(&arena);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
