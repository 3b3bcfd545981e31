/* test_directory_people.c -- what makes a person, a password, a code; and what
 * an administrator of a subtree may change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "bus/grant.h"
#include "directory/catalog.h"
#include "directory/rules.h"
#include "directory/secrets.h"

#define TODAY 20000

struct fixture {
	struct arena arena;
	struct catalog c;
	struct put_result r;
	struct bus_grant grant; /* of an administrator of "east" */
};

static Sy__V1__DirectoryRecord *record(struct fixture *f,
				       Sy__V1__DirectoryRecord__RecordCase sort)
{
	Sy__V1__DirectoryRecord *r = arena_alloc(&f->arena, sizeof(*r));

	sy__v1__directory_record__init(r);
	r->record_case = sort;
	return r;
}

static Sy__V1__DirectoryRecord *unit(struct fixture *f, const char *code,
				     const char *parent, int32_t from)
{
	Sy__V1__DirectoryRecord *r =
		record(f, SY__V1__DIRECTORY_RECORD__RECORD_UNIT);

	r->unit = arena_alloc(&f->arena, sizeof(*r->unit));
	sy__v1__unit__init(r->unit);
	r->unit->code = (char *)code;
	r->unit->parent = (char *)parent;
	r->unit->valid_from_day = from;
	return r;
}

/* A principal with one role, "" = none. */
static Sy__V1__DirectoryRecord *principal(struct fixture *f, const char *name,
					  const char *role, const char *code,
					  bool person)
{
	Sy__V1__DirectoryRecord *r =
		record(f, SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL);
	Sy__V1__Principal *p = arena_alloc(&f->arena, sizeof(*p));

	sy__v1__principal__init(p);
	p->name = (char *)name;
	p->roles = arena_alloc(&f->arena, sizeof(*p->roles));
	p->roles[0] = (char *)role;
	p->n_roles = role[0] != '\0';
	p->unit = (char *)code;
	p->person = person;
	r->principal = p;
	return r;
}

static enum put_outcome put(struct fixture *f, Sy__V1__DirectoryRecord *r)
{
	rules_put(&f->c, r, &f->r);
	return f->r.outcome;
}

static int setup(void **state)
{
	static struct fixture f;
	static const char *const units[][2] = {
		{ "post", "" },       { "east", "post" },   { "west", "post" },
		{ "east-1", "east" }, { "west-1", "west" },
	};

	memset(&f, 0, sizeof(f));
	arena_init(&f.arena);
	catalog_init(&f.c, &f.arena);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		assert_int_equal(put(&f, unit(&f, units[i][0], units[i][1], 0)),
				 PUT_CHANGED);
	f.grant.roles = ROLE_ADMIN | ROLE_READER | ROLE_HANDLER;
	strcpy(f.grant.unit, "east");
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	arena_reset(&((struct fixture *)*state)->arena);
	return 0;
}

static void assert_refused(const struct fixture *f, Sy__V1__ErrorCode code,
			   const char *field)
{
	assert_int_equal(f->r.outcome, PUT_REFUSED);
	assert_int_equal(f->r.code, code);
	assert_string_equal(f->r.field, field);
}

/* --- records ---------------------------------------------------------------
 */

static void persons(void **state)
{
	struct fixture *f = *state;
	Sy__V1__DirectoryRecord *r = principal(f, "anna", "reader", "", true);

	r->principal->display_name = (char *)"Анна 安娜";
	r->principal->lang = (char *)"zh";
	assert_int_equal(put(f, r), PUT_CHANGED);
	assert_true(f->r.after->principal->person);
	assert_string_equal(f->r.after->principal->lang, "zh");
	assert_int_equal(put(f, r), PUT_UNCHANGED);
	r->principal->lang = (char *)"fr";
	put(f, r);
	assert_refused(f, SY__V1__ERROR_CODE__INVALID, "principal.lang");
	r->principal->lang = (char *)"";
	r->principal->display_name = (char *)"a\nb";
	put(f, r);
	assert_refused(f, SY__V1__ERROR_CODE__INVALID,
		       "principal.display_name");
	put(f, principal(f, "anna", "gateway", "", true));
	assert_refused(f, SY__V1__ERROR_CODE__INVALID, "principal.roles");
	r = principal(f, "robot", "gateway", "", false);
	assert_int_equal(put(f, r), PUT_CHANGED);
	r->principal->lang = (char *)"ru";
	put(f, r);
	assert_refused(f, SY__V1__ERROR_CODE__INVALID, "principal.lang");
	r->principal->lang = (char *)"";
	r->principal->display_name = (char *)"Robot";
	put(f, r);
	assert_refused(f, SY__V1__ERROR_CODE__INVALID,
		       "principal.display_name");
}

static void signing_keys(void **state)
{
	struct fixture *f = *state;
	Sy__V1__DirectoryRecord *r =
		record(f, SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY);
	uint8_t key[SIGNING_KEY_BYTES] = { 1 };

	r->signing_key = arena_alloc(&f->arena, sizeof(*r->signing_key));
	sy__v1__signing_key__init(r->signing_key);
	r->signing_key->key_id = (char *)"k1";
	r->signing_key->public_key.data = key;
	r->signing_key->public_key.len = sizeof(key) - 1;
	put(f, r);
	assert_refused(f, SY__V1__ERROR_CODE__INVALID,
		       "signing_key.public_key");
	r->signing_key->public_key.len = sizeof(key);
	assert_int_equal(put(f, r), PUT_CHANGED);
	assert_string_equal(f->r.key, "signing_key/k1");
	assert_false(rules_within(&f->c, r, &f->grant, TODAY, &f->r));
	assert_refused(f, SY__V1__ERROR_CODE__SCOPE, "record");
}

/* What happens to a person counts with the changes of the record. */
static void touched(void **state)
{
	struct fixture *f = *state;
	uint64_t changes = f->c.changes;

	assert_int_equal(catalog_touch(&f->c, "principal/anna"), 0);
	assert_int_equal(f->c.changes, changes);
	put(f, principal(f, "anna", "reader", "", true));
	assert_int_equal(f->r.revision, 1);
	assert_int_equal(catalog_touch(&f->c, "principal/anna"), 2);
	assert_int_equal(catalog_touch(&f->c, "principal/anna"), 3);
	put(f, principal(f, "anna", "handler", "", true));
	assert_int_equal(f->r.revision, 4);
	assert_int_equal(f->c.changes, changes + 4);
}

/* --- the subtree of an administrator ---------------------------------------
 */

static bool within(struct fixture *f, Sy__V1__DirectoryRecord *r)
{
	memset(&f->r, 0, sizeof(f->r));
	return rules_within(&f->c, r, &f->grant, TODAY, &f->r);
}

static void units_within(void **state)
{
	struct fixture *f = *state;

	assert_true(within(f, unit(f, "east-2", "east", 0)));
	assert_true(within(f, unit(f, "east-2", "east-1", 0)));
	assert_true(within(f, unit(f, "east-1", "east", 100)));
	assert_false(within(f, unit(f, "east-1", "west", 100)));
	assert_refused(f, SY__V1__ERROR_CODE__SCOPE, "unit.parent");
	/* taken from elsewhere */
	assert_false(within(f, unit(f, "west-1", "east", 100)));
	assert_false(within(f, unit(f, "east", "post", 100)));
	assert_false(within(f, unit(f, "east", "east-1", 100)));
	assert_false(within(f, unit(f, "post", "", 100)));
	assert_false(within(f, unit(f, "new", "", 0)));
	assert_false(within(f, unit(f, "new", "nowhere", 0)));
	f->grant.unit[0] = '\0';
	assert_true(within(f, unit(f, "new", "", 0)));
}

static void principals_within(void **state)
{
	struct fixture *f = *state;
	Sy__V1__DirectoryRecord *r;
	char *streams[] = { (char *)"complaints" };

	assert_true(within(f, principal(f, "a", "reader", "east", true)));
	assert_true(within(f, principal(f, "a", "admin", "east-1", true)));
	assert_false(within(f, principal(f, "a", "reader", "west", true)));
	assert_refused(f, SY__V1__ERROR_CODE__SCOPE, "principal.unit");
	assert_false(within(f, principal(f, "a", "reader", "", true)));
	/* a role that the administrator has not, or that sees whole logs */
	assert_false(within(f, principal(f, "a", "auditor", "east", true)));
	assert_refused(f, SY__V1__ERROR_CODE__SCOPE, "principal.roles");
	f->grant.roles |= ROLE_CONSUMER | ROLE_GATEWAY;
	assert_false(within(f, principal(f, "a", "consumer", "east", true)));
	assert_false(within(f, principal(f, "a", "gateway", "east", false)));
	r = principal(f, "a", "reader", "east", false);
	r->principal->streams = streams;
	r->principal->n_streams = 1;
	assert_false(within(f, r));
	assert_refused(f, SY__V1__ERROR_CODE__SCOPE, "principal.streams");
	/* somebody of elsewhere is not pulled over, nor one above reduced */
	put(f, principal(f, "w", "reader", "west", true));
	assert_false(within(f, principal(f, "w", "reader", "east", true)));
	put(f, principal(f, "boss", "auditor", "east", true));
	assert_false(within(f, principal(f, "boss", "", "east", true)));
	put(f, principal(f, "all", "reader", "", true));
	assert_false(within(f, principal(f, "all", "reader", "east", true)));
	put(f, principal(f, "e", "reader", "east-1", true));
	assert_true(within(f, principal(f, "e", "handler", "east", true)));
}

/* A role that takes something away: whoever may give publisher may give it, and
 * with any other role it would not take away enough. */
static void sandboxes(void **state)
{
	static char *const publishes[] = { (char *)"sandbox",
					   (char *)"publisher" };
	static char *const handles[] = { (char *)"sandbox", (char *)"handler" };
	struct fixture *f = *state;
	Sy__V1__DirectoryRecord *r = principal(f, "try", "", "east", false);

	r->principal->roles = (char **)publishes;
	r->principal->n_roles = 2;
	assert_false(within(f, r)); /* this one is no publisher */
	f->grant.roles |= ROLE_PUBLISHER;
	assert_true(within(f, r));
	put(f, r);
	assert_int_equal(f->r.outcome, PUT_CHANGED);
	assert_string_equal(f->r.after->principal->roles[0], "publisher");
	assert_string_equal(f->r.after->principal->roles[1], "sandbox");
	r->principal->roles = (char **)handles;
	put(f, r);
	assert_refused(f, SY__V1__ERROR_CODE__INVALID, "principal.roles");
}

/* --- passwords, codes, tokens ----------------------------------------------
 */

static void passwords(void **state)
{
	char text[4 * 257 + 1] = "";

	(void)state;
	assert_false(password_acceptable(""));
	assert_false(password_acceptable("elevenchars"));
	assert_true(password_acceptable("twelve chars"));
	assert_true(password_acceptable("            "));
	/* characters, not bytes */
	assert_false(password_acceptable("одиннадцать"));
	assert_true(password_acceptable("двенадцать 1"));
	assert_false(password_acceptable("密码密码"));
	for (int i = 0; i < 256; i++)
		strcat(text, "密");
	assert_true(password_acceptable(text));
	strcat(text, "a");
	assert_false(password_acceptable(text));
}

static void notes(void **state)
{
	char text[202];

	(void)state;
	assert_true(note_acceptable(""));
	assert_true(note_acceptable("форма на сайте"));
	assert_false(note_acceptable("a\tb"));
	memset(text, 'a', 201);
	text[201] = '\0';
	assert_false(note_acceptable(text));
	text[200] = '\0';
	assert_true(note_acceptable(text));
}

static void codes(void **state)
{
	char code[SECRET_TEXT_MAX], other[SECRET_TEXT_MAX];
	char token[SECRET_TEXT_MAX], id[TOKEN_ID_MAX];
	uint8_t a[SECRET_HASH_BYTES], b[SECRET_HASH_BYTES];

	(void)state;
	secret_make_code(code);
	secret_make_code(other);
	assert_int_equal(strlen(code), 32);
	assert_int_equal(strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_"),
			 32);
	assert_string_not_equal(code, other);
	secret_make_token(token, id);
	assert_int_equal(strlen(id), 16);
	assert_int_equal(strlen(token), 3 + 16 + 1 + 32);
	assert_memory_equal(token, "sy_", 3);
	assert_memory_equal(token + 3, id, 16);
	secret_hash(code, a);
	secret_hash(code, b);
	assert_memory_equal(a, b, sizeof(a));
	secret_hash(other, b);
	assert_memory_not_equal(a, b, sizeof(a));
}

/* A file without the column person does not take people their way in. */
static void persons_stay(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, principal(f, "vera", "reader", "east", true)),
			 PUT_CHANGED);
	put(f, principal(f, "vera", "reader", "west", false));
	assert_refused(f, SY__V1__ERROR_CODE__INVALID, "principal.person");
	assert_int_equal(put(f, principal(f, "vera", "reader", "west", true)),
			 PUT_CHANGED);
	assert_int_equal(put(f, principal(f, "robot", "reader", "", false)),
			 PUT_CHANGED);
	assert_int_equal(put(f, principal(f, "robot", "reader", "east", true)),
			 PUT_CHANGED);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(persons),           TEST(persons_stay),
		TEST(signing_keys),      TEST(touched),
		TEST(units_within),      TEST(principals_within),
		TEST(sandboxes),         cmocka_unit_test(passwords),
		cmocka_unit_test(notes), cmocka_unit_test(codes),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
