/* check.c -- the fields of a request, before any look-up: what is missing, too
 * long, malformed or out of range. Sentences name the limit, never a value.
 * Strings are valid UTF-8 without NUL: the bus has seen to that.
 */
#include <ctype.h>
#include <string.h>

#include "complaints.h"
#include "timeutil.h"
#include "utf8.h"

static bool bad(struct problem *problem, const char *field, const char *text)
{
	*problem = (struct problem){ SY__V1__ERROR_CODE__INVALID, field, text };
	return false;
}

bool code_check(const char *code, const char *field, struct problem *problem_r)
{
	if (strlen(code) >= CODE_MAX)
		return bad(problem_r, field, "is longer than 63 bytes");
	if (utf8_has_control(code))
		return bad(problem_r, field, "holds a control character");
	return true;
}

/* Later ones than timestamptz holds do not fit into an int64. */
bool time_is_storable(int64_t us)
{
	return us >= -719162 * US_PER_DAY; /* the year 1 */
}

static bool external_id_check(const char *id, const char *field,
			      struct problem *problem)
{
	if (id[0] == '\0')
		return bad(problem, field, "is missing");
	if (strlen(id) > EXTERNAL_ID_MAX)
		return bad(problem, field, "is longer than 128 bytes");
	if (utf8_has_control(id))
		return bad(problem, field, "holds a control character");
	return true;
}

bool ref_check(const Sy__V1__AppealRef *ref, struct problem *problem_r)
{
	uint8_t id[UUID_BYTES];

	if (ref == NULL ||
	    (ref->appeal_id[0] == '\0' && ref->external_id[0] == '\0'))
		return bad(problem_r, "appeal", "is missing");
	if (ref->appeal_id[0] != '\0' && ref->external_id[0] != '\0')
		return bad(problem_r, "appeal",
			   "has both an appeal_id and an external_id");
	if (ref->appeal_id[0] != '\0') {
		if (uuid_parse(ref->appeal_id, id) < 0)
			return bad(problem_r, "appeal.appeal_id",
				   "is not a UUID");
		return true;
	}
	return external_id_check(ref->external_id, "appeal.external_id",
				 problem_r);
}

static bool person_check(const Sy__V1__Person *person, struct problem *problem)
{
	static const char too_long[] = "is longer than 512 bytes";

	if (person == NULL)
		return true;
	if (strlen(person->name) > PERSON_FIELD_MAX)
		return bad(problem, "person.name", too_long);
	if (strlen(person->phone) > PERSON_FIELD_MAX)
		return bad(problem, "person.phone", too_long);
	if (strlen(person->email) > PERSON_FIELD_MAX)
		return bad(problem, "person.email", too_long);
	if (strlen(person->address) > PERSON_FIELD_MAX)
		return bad(problem, "person.address", too_long);
	if (strlen(person->handle) > PERSON_FIELD_MAX)
		return bad(problem, "person.handle", too_long);
	return true;
}

static bool time_check(const struct asked *a, bool timed, int64_t now_us,
		       struct problem *problem)
{
	if (a->said_us == 0 && timed)
		return bad(problem, "occurred_at_us", "is missing");
	if (a->fact.occurred_at_us < TIME_MIN_US)
		return bad(problem, "occurred_at_us", "lies before 2000-01-01");
	if (a->fact.occurred_at_us > now_us + US_PER_DAY)
		return bad(problem, "occurred_at_us",
			   "lies more than a day ahead of now");
	if (a->received_us != 0 && a->received_us < TIME_MIN_US)
		return bad(problem, "received_at_us", "lies before 2000-01-01");
	if (a->received_us > a->fact.occurred_at_us)
		return bad(problem, "received_at_us",
			   "lies after the registration");
	return true;
}

static bool codes_check(const struct asked *a, struct problem *problem)
{
	static const enum appeal_code required[] = { CODE_KIND, CODE_CHANNEL,
						     CODE_UNIT };
	bool any = false;

	for (int i = 0; i < CODE_NR; i++) {
		if (!code_check(a->fact.code[i], code_names[i], problem))
			return false;
		any |= a->fact.code[i][0] != '\0';
	}
	if (a->fact.type == FACT_CLASSIFY && !any)
		return bad(problem, "", "a classification says nothing");
	if (a->fact.type != FACT_REGISTER)
		return true;
	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		if (a->fact.code[required[i]][0] == '\0')
			return bad(problem, code_names[required[i]],
				   "is missing");
	}
	return true;
}

bool asked_check(const struct asked *asked, bool timed, int64_t now_us,
		 struct problem *problem_r)
{
	if (asked->fact.type == FACT_REGISTER) {
		if (!external_id_check(asked->external_id, "external_id",
				       problem_r))
			return false;
	} else if (!ref_check(asked->ref, problem_r)) {
		return false;
	}
	if (!time_check(asked, timed, now_us, problem_r) ||
	    !codes_check(asked, problem_r) ||
	    !person_check(asked->person, problem_r))
		return false;
	if (strlen(asked->text) > TEXT_MAX)
		return bad(problem_r, "text", "is longer than 65536 bytes");
	return asked->fact.type <= FACT_CLOSE ||
	       asked_check_life(asked, problem_r);
}

/* Fewer digits are an extension or a placeholder, not a person. */
#define PHONE_DIGITS_MIN 5

size_t contact_phone(const char *phone, char out[CONTACT_MAX])
{
	size_t len = 0;

	for (const char *s = phone; *s != '\0'; s++) {
		if (*s >= '0' && *s <= '9' && len < PERSON_FIELD_MAX)
			out[len++] = *s;
	}
	return len >= PHONE_DIGITS_MIN ? len : 0;
}

/* Without blanks, in lower case; 0 where mark is not in it. */
static size_t contact_marked(const char *text, char mark, char out[CONTACT_MAX])
{
	size_t len = 0;

	if (strchr(text, mark) == NULL)
		return 0;
	for (const char *s = text; *s != '\0'; s++) {
		if (!isspace((unsigned char)*s) && len < PERSON_FIELD_MAX)
			out[len++] = (char)tolower((unsigned char)*s);
	}
	return len;
}

size_t contact_email(const char *email, char out[CONTACT_MAX])
{
	return contact_marked(email, '@', out);
}

size_t contact_handle(const char *handle, char out[CONTACT_MAX])
{
	return contact_marked(handle, ':', out);
}

size_t contact_normalise(const Sy__V1__Person *person, char out[CONTACT_MAX])
{
	size_t len;

	if (person == NULL)
		return 0;
	len = contact_phone(person->phone, out);
	if (len == 0)
		len = contact_email(person->email, out);
	if (len == 0)
		len = contact_handle(person->handle, out);
	return len;
}
