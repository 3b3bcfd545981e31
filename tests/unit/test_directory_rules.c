/* test_directory_rules.c -- what may stand in the directory, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dir/shape.h"
#include "directory/catalog.h"
#include "directory/rules.h"
#include "timeutil.h"

struct fixture {
	struct arena arena;
	struct catalog c;
	struct put_result r;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	arena_init(&f.arena);
	catalog_init(&f.c, &f.arena);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	arena_reset(&((struct fixture *)*state)->arena);
	return 0;
}

static Sy__V1__DirectoryRecord *record(struct fixture *f,
				       Sy__V1__DirectoryRecord__RecordCase sort)
{
	Sy__V1__DirectoryRecord *r = arena_alloc(&f->arena, sizeof(*r));

	sy__v1__directory_record__init(r);
	r->record_case = sort;
	return r;
}

static Sy__V1__Unit *unit(struct fixture *f, const char *code,
			  const char *parent, int32_t from, int32_t to)
{
	Sy__V1__Unit *u = arena_alloc(&f->arena, sizeof(*u));

	sy__v1__unit__init(u);
	u->code = (char *)code;
	u->parent = (char *)parent;
	u->valid_from_day = from;
	u->valid_to_day = to;
	return u;
}

static enum put_outcome put_record(struct fixture *f,
				   const Sy__V1__DirectoryRecord *r)
{
	rules_put(&f->c, r, &f->r);
	return f->r.outcome;
}

static enum put_outcome put_unit_of(struct fixture *f, Sy__V1__Unit *u)
{
	Sy__V1__DirectoryRecord *r =
		record(f, SY__V1__DIRECTORY_RECORD__RECORD_UNIT);

	r->unit = u;
	return put_record(f, r);
}

static enum put_outcome put_unit(struct fixture *f, const char *code,
				 const char *parent, int32_t from, int32_t to)
{
	return put_unit_of(f, unit(f, code, parent, from, to));
}

static enum put_outcome put_term(struct fixture *f, const char *taxonomy,
				 const char *code, const char *parent,
				 const char *class)
{
	Sy__V1__DirectoryRecord *r =
		record(f, SY__V1__DIRECTORY_RECORD__RECORD_TERM);

	r->term = arena_alloc(&f->arena, sizeof(*r->term));
	sy__v1__term__init(r->term);
	r->term->taxonomy = (char *)taxonomy;
	r->term->code = (char *)code;
	r->term->parent = (char *)parent;
	r->term->class_ = (char *)class;
	return put_record(f, r);
}

static enum put_outcome put_denominator(struct fixture *f, const char *code,
					int64_t value, int32_t from, int32_t to)
{
	Sy__V1__DirectoryRecord *r =
		record(f, SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR);

	r->denominator = arena_alloc(&f->arena, sizeof(*r->denominator));
	sy__v1__denominator__init(r->denominator);
	r->denominator->unit = (char *)code;
	r->denominator->measure = (char *)"customers";
	r->denominator->value = value;
	r->denominator->valid_from_day = from;
	r->denominator->valid_to_day = to;
	return put_record(f, r);
}

static enum put_outcome put_principal(struct fixture *f, const char *name,
				      char **roles, size_t roles_nr,
				      char **streams, size_t streams_nr,
				      const char *code)
{
	Sy__V1__DirectoryRecord *r =
		record(f, SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL);

	r->principal = arena_alloc(&f->arena, sizeof(*r->principal));
	sy__v1__principal__init(r->principal);
	r->principal->name = (char *)name;
	r->principal->roles = roles;
	r->principal->n_roles = roles_nr;
	r->principal->streams = streams;
	r->principal->n_streams = streams_nr;
	r->principal->unit = (char *)code;
	return put_record(f, r);
}

#define assert_changed(call) assert_int_equal((call), PUT_CHANGED)
#define assert_unchanged(call) assert_int_equal((call), PUT_UNCHANGED)
#define assert_refused(f, call, code_, field_)                                 \
	do {                                                                   \
		assert_int_equal((call), PUT_REFUSED);                         \
		assert_int_equal((f)->r.code, SY__V1__ERROR_CODE__##code_);    \
		assert_string_equal((f)->r.field, (field_));                   \
		assert_true((f)->r.text[0]);                                   \
	} while (0)

/* --- the shape -------------------------------------------------------------
 */

static void codes(void **state)
{
	char longest[64], longer[65];

	(void)state;
	memset(longest, 'a', 63);
	longest[63] = '\0';
	memset(longer, 'a', 64);
	longer[64] = '\0';
	assert_true(shape_code_valid("a"));
	assert_true(shape_code_valid("7"));
	assert_true(shape_code_valid("ops-101000.msk_1"));
	assert_true(shape_code_valid(longest));
	assert_false(shape_code_valid(longer));
	assert_false(shape_code_valid(""));
	assert_false(shape_code_valid("Msk"));
	assert_false(shape_code_valid(".a"));
	assert_false(shape_code_valid("-a"));
	assert_false(shape_code_valid("_a"));
	assert_false(shape_code_valid("a b"));
	assert_false(shape_code_valid("a/b"));
	assert_false(shape_code_valid("почта"));
}

static void record_without_body(void **state)
{
	struct fixture *f = *state;
	Sy__V1__DirectoryRecord *r =
		record(f, SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET);

	assert_refused(f, put_record(f, r), INVALID, "record");
}

static void unit_fields(void **state)
{
	struct fixture *f = *state;
	Sy__V1__Unit *u = unit(f, "a", "", 0, 0);

	assert_refused(f, put_unit(f, "", "", 0, 0), INVALID, "unit.code");
	assert_refused(f, put_unit(f, "a", "B", 0, 0), INVALID, "unit.parent");
	u->level = (char *)"Big office";
	assert_refused(f, put_unit_of(f, u), INVALID, "unit.level");
	u->level = (char *)"office";
	u->zone = (char *)"Europe/Atlantis";
	assert_refused(f, put_unit_of(f, u), INVALID, "unit.zone");
	u->zone = (char *)"Asia/Yekaterinburg";
	assert_changed(put_unit_of(f, u));
	/* 1899 comes before day 0 */
	assert_refused(f, put_unit(f, "b", "", -25567, 0), INVALID,
		       "unit.valid_from_day");
	assert_refused(f, put_unit(f, "b", "", 0, -1), INVALID,
		       "unit.valid_to_day");
	assert_refused(f, put_unit(f, "b", "", TIME_DAY_MAX, 0), INVALID,
		       "unit.valid_from_day");
	assert_refused(f, put_unit(f, "b", "", 5, 5), INVALID,
		       "unit.valid_to_day");
	assert_refused(f, put_unit(f, "b", "", 5, 4), INVALID,
		       "unit.valid_to_day");
	assert_changed(put_unit(f, "b", "", 5, 6));
	/* what was refused left nothing behind */
	assert_int_equal(f->c.changes, 2);
}

static enum put_outcome put_named(struct fixture *f, size_t n,
				  const char *const *pairs)
{
	Sy__V1__Unit *u = unit(f, "named", "", 0, 0);

	u->names = arena_alloc(&f->arena, n * sizeof(*u->names));
	u->n_names = n;
	for (size_t i = 0; i < n; i++) {
		u->names[i] = arena_alloc(&f->arena, sizeof(**u->names));
		sy__v1__label__init(u->names[i]);
		u->names[i]->lang = (char *)pairs[2 * i];
		u->names[i]->text = (char *)pairs[2 * i + 1];
	}
	return put_unit_of(f, u);
}

static void names(void **state)
{
	static const char *const good[] = { "en", "Post", "ru", "Почта" };
	static const char *const turned[] = { "ru", "Почта", "en", "Post" };
	static const char *const twice[] = { "ru", "a", "ru", "b" };
	static const char *const french[] = { "fr", "Poste" };
	static const char *const empty[] = { "en", "" };
	static const char *const control[] = { "en", "a\tb" };
	struct fixture *f = *state;
	char text[1024] = "";
	const char *const wide[] = { "ru", text };

	for (int i = 0; i < 200; i++)
		strcat(text, "ё");
	assert_changed(put_named(f, 1, wide)); /* 200 characters, 400 bytes */
	strcat(text, "ё");
	assert_refused(f, put_named(f, 1, wide), INVALID, "unit.names");
	assert_changed(put_named(f, 2, good));
	assert_string_equal(f->r.after->unit->names[0]->lang, "ru");
	assert_string_equal(f->r.after->unit->names[1]->text, "Post");
	assert_unchanged(put_named(f, 2, turned));
	assert_refused(f, put_named(f, 2, twice), INVALID, "unit.names");
	assert_refused(f, put_named(f, 1, french), INVALID, "unit.names");
	assert_refused(f, put_named(f, 1, empty), INVALID, "unit.names");
	assert_refused(f, put_named(f, 1, control), INVALID, "unit.names");
}

static void term_classes(void **state)
{
	struct fixture *f = *state;

	assert_changed(put_term(f, "kind", "complaint", "", "complaint"));
	assert_changed(put_term(f, "kind", "praise", "", "other"));
	assert_refused(f, put_term(f, "kind", "x", "", ""), INVALID,
		       "term.class");
	assert_refused(f, put_term(f, "kind", "x", "", "remote"), INVALID,
		       "term.class");
	assert_changed(put_term(f, "channel", "web", "", "remote"));
	assert_changed(put_term(f, "channel", "desk", "", "in_person"));
	assert_refused(f, put_term(f, "channel", "x", "", "other"), INVALID,
		       "term.class");
	assert_changed(put_term(f, "topic", "loss", "", ""));
	assert_refused(f, put_term(f, "topic", "x", "", "other"), INVALID,
		       "term.class");
	assert_refused(f, put_term(f, "colour", "x", "", ""), INVALID,
		       "term.taxonomy");
	assert_refused(f, put_term(f, "unit", "x", "", ""), INVALID,
		       "term.taxonomy");
}

static void principals(void **state)
{
	struct fixture *f = *state;
	char *roles[] = { (char *)"admin", (char *)"reader", (char *)"admin" };
	char *same[] = { (char *)"reader", (char *)"admin" };
	char *wrong[] = { (char *)"king" };
	char *streams[] = { (char *)"kpi", (char *)"*", (char *)"complaints",
			    (char *)"kpi" };
	char *bad[] = { (char *)"a b" };
	char *many[17];
	const Sy__V1__Principal *p;

	assert_changed(put_principal(f, "root", roles, 3, streams, 4, ""));
	p = f->r.after->principal;
	assert_int_equal(p->n_roles, 2);
	assert_string_equal(p->roles[0], "reader");
	assert_string_equal(p->roles[1], "admin");
	assert_int_equal(p->n_streams, 3);
	assert_string_equal(p->streams[0], "*");
	assert_string_equal(p->streams[1], "complaints");
	assert_string_equal(p->streams[2], "kpi");
	assert_unchanged(put_principal(f, "root", same, 2, streams, 3, ""));
	assert_refused(f, put_principal(f, "x", wrong, 1, NULL, 0, ""), INVALID,
		       "principal.roles");
	assert_refused(f, put_principal(f, "x", NULL, 0, bad, 1, ""), INVALID,
		       "principal.streams");
	for (size_t i = 0; i < 17; i++)
		many[i] = (char *)"s";
	assert_refused(f, put_principal(f, "x", NULL, 0, many, 17, ""), INVALID,
		       "principal.streams");
	assert_refused(f, put_principal(f, "X", NULL, 0, NULL, 0, ""), INVALID,
		       "principal.name");
	assert_refused(f, put_principal(f, "x", NULL, 0, NULL, 0, "nowhere"),
		       UNKNOWN_CODE, "principal.unit");
	assert_changed(put_unit(f, "somewhere", "", 0, 0));
	assert_changed(put_principal(f, "x", NULL, 0, NULL, 0, "somewhere"));
}

/* --- repetition, revisions, before and after -------------------------------
 */

static void repetition_changes_nothing(void **state)
{
	struct fixture *f = *state;
	Sy__V1__Unit *u = unit(f, "a", "", 10, 0);

	assert_changed(put_unit_of(f, u));
	assert_string_equal(f->r.key, "unit/a");
	assert_int_equal(f->r.revision, 1);
	assert_null(f->r.before);
	assert_unchanged(put_unit_of(f, u));
	assert_int_equal(f->c.changes, 1);

	u->level = (char *)"office";
	assert_changed(put_unit_of(f, u));
	assert_int_equal(f->r.revision, 2);
	assert_string_equal(f->r.before->unit->level, "");
	assert_string_equal(f->r.after->unit->level, "office");

	/* another first day: another version of the same key */
	u->valid_from_day = 20;
	assert_changed(put_unit_of(f, u));
	assert_int_equal(f->r.revision, 3);
	assert_null(f->r.before);
	assert_int_equal(f->c.changes, 3);
}

static void what_is_stored_counts(void **state)
{
	struct fixture *f = *state;
	Sy__V1__DirectoryRecord *stored =
		record(f, SY__V1__DIRECTORY_RECORD__RECORD_UNIT);

	stored->unit = unit(f, "a", "", 0, 0);
	catalog_load(&f->c, stored, 7);
	assert_unchanged(put_unit(f, "a", "", 0, 0));
	assert_changed(put_unit(f, "a", "", 0, 100));
	assert_int_equal(f->r.revision, 8);
	assert_ptr_equal(f->r.before, stored);
}

static void dirty_versions_once(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;

	assert_changed(put_unit(f, "a", "", 0, 0));
	assert_changed(put_unit(f, "a", "", 0, 50));
	assert_changed(put_unit(f, "a", "", 0, 60));
	for (const struct version *v = f->c.dirty; v; v = v->next_dirty) {
		assert_int_equal(v->revision, 3);
		assert_int_equal(v->to_day, 60);
		n++;
	}
	assert_int_equal(n, 1);
}

/* --- the tree --------------------------------------------------------------
 */

static void parents_must_exist(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, put_unit(f, "a", "root", 0, 0), UNKNOWN_CODE,
		       "unit.parent");
	assert_changed(put_unit(f, "root", "", 0, 0));
	assert_changed(put_unit(f, "a", "root", 0, 0));
	assert_refused(f, put_unit(f, "a", "a", 0, 0), INVALID, "unit.parent");
	/* a term's parent is sought in its own taxonomy */
	assert_changed(put_term(f, "topic", "post", "", ""));
	assert_refused(f, put_term(f, "cause", "loss", "post", ""),
		       UNKNOWN_CODE, "term.parent");
	assert_changed(put_term(f, "topic", "loss", "post", ""));
}

static void parents_must_last(void **state)
{
	struct fixture *f = *state;

	assert_changed(put_unit(f, "root", "", 100, 200));
	assert_refused(f, put_unit(f, "a", "root", 99, 150), INVALID,
		       "unit.parent");
	assert_refused(f, put_unit(f, "a", "root", 100, 0), INVALID,
		       "unit.parent");
	assert_refused(f, put_unit(f, "a", "root", 100, 201), INVALID,
		       "unit.parent");
	assert_changed(put_unit(f, "a", "root", 100, 200));
	/* the root goes on, with another version behind the first */
	assert_changed(put_unit(f, "root", "", 200, 0));
	assert_changed(put_unit(f, "b", "root", 150, 0));
	/* a gap is not covered */
	assert_changed(put_unit(f, "c", "", 0, 10));
	assert_changed(put_unit(f, "c", "", 20, 0));
	assert_refused(f, put_unit(f, "d", "c", 5, 30), INVALID, "unit.parent");
	assert_changed(put_unit(f, "d", "c", 20, 30));
}

static void a_parent_may_not_end_before_its_children(void **state)
{
	struct fixture *f = *state;

	assert_changed(put_unit(f, "root", "", 0, 0));
	assert_changed(put_unit(f, "a", "root", 0, 0));
	assert_refused(f, put_unit(f, "root", "", 0, 500), INVALID,
		       "unit.valid_to_day");
	/* what was refused is not there */
	assert_changed(put_unit(f, "b", "root", 0, 0));
	assert_refused(f, put_unit(f, "root", "", 300, 500), INVALID,
		       "unit.valid_to_day");
	assert_int_equal(catalog_find(&f->c, "unit/root")->n, 1);
	/* first the children */
	assert_changed(put_unit(f, "a", "root", 0, 500));
	assert_refused(f, put_unit(f, "root", "", 0, 500), INVALID,
		       "unit.valid_to_day");
	assert_changed(put_unit(f, "other", "", 0, 0));
	assert_changed(put_unit(f, "b", "other", 400, 0)); /* moves away */
	assert_changed(put_unit(f, "root", "", 0, 500));
}

static void a_later_first_day_ends_the_version_before(void **state)
{
	struct fixture *f = *state;
	const struct entry *e;

	assert_changed(put_unit(f, "a", "", 0, 0));
	assert_changed(put_unit(f, "a", "", 300, 0));
	assert_changed(put_unit(f, "a", "", 100, 150));
	e = catalog_find(&f->c, "unit/a");
	assert_int_equal(e->n, 3);
	assert_int_equal(e->versions[1]->from_day, 100);
	assert_int_equal(entry_end(e, 0, INT32_MAX), 100);
	assert_int_equal(entry_end(e, 100, 150), 150);
	assert_int_equal(entry_end(e, 300, INT32_MAX), INT32_MAX);
	assert_null(entry_version(e, 1));
	assert_ptr_equal(entry_version(e, 300), e->versions[2]);
}

static void no_unit_is_above_itself(void **state)
{
	struct fixture *f = *state;

	assert_changed(put_unit(f, "a", "", 0, 0));
	assert_changed(put_unit(f, "b", "a", 0, 0));
	assert_changed(put_unit(f, "c", "b", 0, 0));
	assert_refused(f, put_unit(f, "a", "c", 0, 0), INVALID, "unit.parent");
	assert_refused(f, put_unit(f, "a", "b", 700, 0), INVALID,
		       "unit.parent");
	/* on other days it may be the other way round */
	assert_changed(put_unit(f, "b", "", 500, 0));
	assert_changed(put_unit(f, "a", "c", 500, 0));
	assert_refused(f, put_unit(f, "a", "c", 499, 0), INVALID,
		       "unit.parent");
}

static void depth_is_bounded(void **state)
{
	struct fixture *f = *state;
	char codes_[40][16];

	snprintf(codes_[0], sizeof(codes_[0]), "u0");
	assert_changed(put_unit(f, codes_[0], "", 0, 0));
	for (int i = 1; i <= DIRECTORY_DEPTH_MAX; i++) {
		snprintf(codes_[i], sizeof(codes_[i]), "u%d", i);
		assert_changed(put_unit(f, codes_[i], codes_[i - 1], 0, 0));
	}
	assert_refused(f,
		       put_unit(f, "deep", codes_[DIRECTORY_DEPTH_MAX], 0, 0),
		       INVALID, "unit.parent");
}

static void assumed_codes(void **state)
{
	struct fixture *f = *state;

	catalog_assume(&f->c, "unit/branch");
	catalog_assume(&f->c, "kind/top");
	assert_changed(put_unit(f, "a", "branch", 0, 0));
	assert_changed(put_denominator(f, "branch", 5, 0, 0));
	assert_changed(put_term(f, "kind", "x", "top", "other"));
	assert_refused(f, put_term(f, "topic", "x", "top", ""), UNKNOWN_CODE,
		       "term.parent");
}

/* --- denominators ----------------------------------------------------------
 */

static void denominators(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, put_denominator(f, "a", 1, 0, 0), UNKNOWN_CODE,
		       "denominator.unit");
	assert_changed(put_unit(f, "a", "", 100, 200));
	assert_refused(f, put_denominator(f, "a", 1, 99, 0), INVALID,
		       "denominator.unit");
	assert_refused(f, put_denominator(f, "a", 1, 200, 0), INVALID,
		       "denominator.unit");
	assert_refused(f, put_denominator(f, "a", -1, 100, 0), INVALID,
		       "denominator.value");
	assert_changed(put_denominator(f, "a", 0, 100, 0));
	assert_string_equal(f->r.key, "denominator/a/customers");
	assert_changed(put_denominator(f, "a", INT64_MAX, 130, 0));
	assert_unchanged(put_denominator(f, "a", INT64_MAX, 130, 0));
	assert_int_equal(
		entry_end(catalog_find(&f->c, "denominator/a/customers"), 100,
			  INT32_MAX),
		130);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(codes),
		TEST(record_without_body),
		TEST(unit_fields),
		TEST(names),
		TEST(term_classes),
		TEST(principals),
		TEST(repetition_changes_nothing),
		TEST(what_is_stored_counts),
		TEST(dirty_versions_once),
		TEST(parents_must_exist),
		TEST(parents_must_last),
		TEST(a_parent_may_not_end_before_its_children),
		TEST(a_later_first_day_ends_the_version_before),
		TEST(no_unit_is_above_itself),
		TEST(depth_is_bounded),
		TEST(assumed_codes),
		TEST(denominators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
