/* params.c -- records to the parameters of store.c's statements. The way back:
 * rows.c. */
#include <string.h>

#include "store.h"

/* The fields that an array parameter is made of. */
typedef const char *text_of_fn(const Sy__V1__DirectoryRecord *record);
typedef int64_t int_of_fn(const struct version *v);

static const char *key_code(const Sy__V1__DirectoryRecord *r)
{
	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		return r->unit->code;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		return r->department->code;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		return r->term->code;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		return r->denominator->unit;
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		return r->principal->name;
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
		return r->signing_key->key_id;
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return "";
}

static const char *parent_code(const Sy__V1__DirectoryRecord *r)
{
	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		return r->unit->parent;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		return r->department->parent;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		return r->term->parent;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return "";
}

/* The unit that a record names besides its parent. */
static const char *unit_code(const Sy__V1__DirectoryRecord *r)
{
	if (r->record_case == SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR)
		return r->denominator->unit;
	if (r->record_case == SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL)
		return r->principal->unit;
	return "";
}

static int32_t last_day(const Sy__V1__DirectoryRecord *r)
{
	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		return r->unit->valid_to_day;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		return r->department->valid_to_day;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		return r->term->valid_to_day;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		return r->denominator->valid_to_day;
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return 0;
}

static Sy__V1__Label *const *names_of(const Sy__V1__DirectoryRecord *r,
				      size_t *n_r)
{
	*n_r = 0;
	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		*n_r = r->unit->n_names;
		return r->unit->names;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		*n_r = r->department->n_names;
		return r->department->names;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		*n_r = r->term->n_names;
		return r->term->names;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return NULL;
}

static const char *name_in(const Sy__V1__DirectoryRecord *r, const char *lang)
{
	size_t n;
	Sy__V1__Label *const *names = names_of(r, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i]->lang, lang) == 0)
			return names[i]->text;
	return "";
}

static const char *name_ru(const Sy__V1__DirectoryRecord *r)
{
	return name_in(r, "ru");
}

static const char *name_zh(const Sy__V1__DirectoryRecord *r)
{
	return name_in(r, "zh");
}

static const char *name_en(const Sy__V1__DirectoryRecord *r)
{
	return name_in(r, "en");
}

static const char *unit_level(const Sy__V1__DirectoryRecord *r)
{
	return r->unit->level;
}

static const char *unit_zone(const Sy__V1__DirectoryRecord *r)
{
	return r->unit->zone;
}

static const char *term_taxonomy(const Sy__V1__DirectoryRecord *r)
{
	return r->term->taxonomy;
}

static const char *term_class(const Sy__V1__DirectoryRecord *r)
{
	return r->term->class_;
}

static const char *denominator_measure(const Sy__V1__DirectoryRecord *r)
{
	return r->denominator->measure;
}

static int64_t version_from(const struct version *v)
{
	return v->from_day;
}

static int64_t version_to(const struct version *v)
{
	return last_day(v->record);
}

static int64_t version_revision(const struct version *v)
{
	return (int64_t)v->revision;
}

static int64_t version_value(const struct version *v)
{
	return v->record->denominator->value;
}

static int64_t version_revoked(const struct version *v)
{
	return v->record->principal->revoked;
}

static int64_t version_person(const struct version *v)
{
	return v->record->principal->person;
}

static int64_t version_key_revoked(const struct version *v)
{
	return v->record->signing_key->revoked;
}

static const char *principal_display_name(const Sy__V1__DirectoryRecord *r)
{
	return r->principal->display_name;
}

static const char *principal_lang(const Sy__V1__DirectoryRecord *r)
{
	return r->principal->lang;
}

/* --- reading ---------------------------------------------------------------
 */

struct asked {
	struct db_pipe *pipe;
	const Sy__V1__DirectoryRecord *const *records;
	size_t n;
};

static bool is(const Sy__V1__DirectoryRecord *r,
	       Sy__V1__DirectoryRecord__RecordCase sort)
{
	return r && r->record_case == sort;
}

/* An array of what text says of the records of a sort; ended: only of those
 * that have a last day. */
static void array_of(const struct asked *a,
		     Sy__V1__DirectoryRecord__RecordCase sort, text_of_fn *text,
		     bool ended)
{
	db_array_begin(a->pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < a->n; i++)
		if (is(a->records[i], sort) &&
		    (!ended || last_day(a->records[i])))
			db_array_text(a->pipe, text(a->records[i]));
	db_array_end(a->pipe);
}

/* What code and parent say of the sort's records, in turn: two such arrays side
 * by side make pairs. */
static void codes_and_parents(const struct asked *a,
			      Sy__V1__DirectoryRecord__RecordCase sort,
			      text_of_fn *code, text_of_fn *parent)
{
	db_array_begin(a->pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < a->n; i++) {
		if (!is(a->records[i], sort))
			continue;
		db_array_text(a->pipe, code(a->records[i]));
		db_array_text(a->pipe, parent(a->records[i]));
	}
	db_array_end(a->pipe);
}

static void unit_codes(const struct asked *a)
{
	db_array_begin(a->pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < a->n; i++) {
		const Sy__V1__DirectoryRecord *r = a->records[i];

		if (is(r, SY__V1__DIRECTORY_RECORD__RECORD_UNIT)) {
			db_array_text(a->pipe, key_code(r));
			db_array_text(a->pipe, parent_code(r));
		} else if (r && unit_code(r)[0]) {
			db_array_text(a->pipe, unit_code(r));
		}
	}
	db_array_end(a->pipe);
}

void store_read(struct db_pipe *pipe,
		const Sy__V1__DirectoryRecord *const *records, size_t n)
{
	const struct asked a = { .pipe = pipe, .records = records, .n = n };

	db_exec(pipe, SQL_READ_REVISION);
	db_exec(pipe, SQL_READ_UNITS);
	unit_codes(&a);
	array_of(&a, SY__V1__DIRECTORY_RECORD__RECORD_UNIT, key_code, true);
	array_of(&a, SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL, key_code,
		 false);

	db_exec(pipe, SQL_READ_DEPARTMENTS);
	codes_and_parents(&a, SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT,
			  key_code, parent_code);
	array_of(&a, SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT, key_code,
		 true);

	db_exec(pipe, SQL_READ_TERMS);
	codes_and_parents(&a, SY__V1__DIRECTORY_RECORD__RECORD_TERM,
			  term_taxonomy, term_taxonomy);
	codes_and_parents(&a, SY__V1__DIRECTORY_RECORD__RECORD_TERM, key_code,
			  parent_code);
	array_of(&a, SY__V1__DIRECTORY_RECORD__RECORD_TERM, term_taxonomy,
		 true);
	array_of(&a, SY__V1__DIRECTORY_RECORD__RECORD_TERM, key_code, true);

	db_exec(pipe, SQL_READ_DENOMINATORS);
	array_of(&a, SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR, key_code,
		 false);
	array_of(&a, SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR,
		 denominator_measure, false);

	db_exec(pipe, SQL_READ_PRINCIPALS);
	array_of(&a, SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL, key_code,
		 false);

	db_exec(pipe, SQL_READ_SIGNING_KEYS);
	array_of(&a, SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY, key_code,
		 false);
}

/* --- writing ---------------------------------------------------------------
 */

struct writing {
	struct db_pipe *pipe;
	const struct catalog *catalog;
	Sy__V1__DirectoryRecord__RecordCase sort;
};

static void texts(const struct writing *w, text_of_fn *text)
{
	db_array_begin(w->pipe, DB_ARRAY_TEXT);
	for (const struct version *v = w->catalog->dirty; v; v = v->next_dirty)
		if (v->record->record_case == w->sort)
			db_array_text(w->pipe, text(v->record));
	db_array_end(w->pipe);
}

static void ints(const struct writing *w, enum db_array_type type,
		 int_of_fn *value)
{
	db_array_begin(w->pipe, type);
	for (const struct version *v = w->catalog->dirty; v; v = v->next_dirty)
		if (v->record->record_case == w->sort)
			db_array_int(w->pipe, value(v));
	db_array_end(w->pipe);
}

static void lists(const struct writing *w, bool roles)
{
	db_array_begin(w->pipe, DB_ARRAY_TEXT);
	for (const struct version *v = w->catalog->dirty; v;
	     v = v->next_dirty) {
		const Sy__V1__Principal *p = v->record->principal;
		size_t n;
		char **list, *text;

		if (v->record->record_case != w->sort)
			continue;
		n = roles ? p->n_roles : p->n_streams;
		list = roles ? p->roles : p->streams;
		text = arena_strdup(w->catalog->arena, n ? list[0] : "");
		for (size_t i = 1; i < n; i++)
			text = arena_printf(w->catalog->arena, "%s,%s", text,
					    list[i]);
		db_array_text(w->pipe, text);
	}
	db_array_end(w->pipe);
}

static void names(const struct writing *w)
{
	texts(w, name_ru);
	texts(w, name_zh);
	texts(w, name_en);
}

static void days(const struct writing *w)
{
	ints(w, DB_ARRAY_I32, version_from);
	ints(w, DB_ARRAY_I32, version_to);
}

static void public_keys(const struct writing *w)
{
	db_array_begin(w->pipe, DB_ARRAY_BYTES);
	for (const struct version *v = w->catalog->dirty; v; v = v->next_dirty)
		if (v->record->record_case == w->sort)
			db_array_data(w->pipe,
				      v->record->signing_key->public_key.data,
				      v->record->signing_key->public_key.len);
	db_array_end(w->pipe);
}

static void write_sort(const struct writing *w)
{
	switch (w->sort) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		db_exec(w->pipe, SQL_WRITE_UNITS);
		texts(w, key_code);
		days(w);
		texts(w, parent_code);
		texts(w, unit_level);
		texts(w, unit_zone);
		names(w);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		db_exec(w->pipe, SQL_WRITE_DEPARTMENTS);
		texts(w, key_code);
		days(w);
		texts(w, parent_code);
		names(w);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		db_exec(w->pipe, SQL_WRITE_TERMS);
		texts(w, term_taxonomy);
		texts(w, key_code);
		days(w);
		texts(w, parent_code);
		texts(w, term_class);
		names(w);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		db_exec(w->pipe, SQL_WRITE_DENOMINATORS);
		texts(w, key_code);
		texts(w, denominator_measure);
		days(w);
		ints(w, DB_ARRAY_I64, version_value);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		db_exec(w->pipe, SQL_WRITE_PRINCIPALS);
		texts(w, key_code);
		lists(w, true);
		lists(w, false);
		texts(w, unit_code);
		ints(w, DB_ARRAY_BOOL, version_revoked);
		ints(w, DB_ARRAY_BOOL, version_person);
		texts(w, principal_display_name);
		texts(w, principal_lang);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
		db_exec(w->pipe, SQL_WRITE_SIGNING_KEYS);
		texts(w, key_code);
		public_keys(w);
		ints(w, DB_ARRAY_BOOL, version_key_revoked);
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		return;
	}
	ints(w, DB_ARRAY_I64, version_revision);
}

void store_write(struct db_pipe *pipe, const struct catalog *c,
		 uint64_t revision)
{
	bool some[SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY + 1] = { 0 };

	if (!c->changes)
		return;
	for (const struct version *v = c->dirty; v; v = v->next_dirty)
		some[v->record->record_case] = true;
	db_exec(pipe, SQL_ADVANCE);
	db_i64(pipe, (int64_t)revision);
	db_i32(pipe, (int32_t)c->changes);
	for (int sort = SY__V1__DIRECTORY_RECORD__RECORD_UNIT;
	     sort <= SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY; sort++) {
		const struct writing w = {
			pipe, c, (Sy__V1__DirectoryRecord__RecordCase)sort
		};

		if (some[sort])
			write_sort(&w);
	}
}
