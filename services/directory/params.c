/* params.c -- records to the parameters of store.c's statements: a table says
 * of each sort where its fields stand. The way back: rows.c. */
#include <stddef.h>
#include <string.h>

#include "dir/refs.h"
#include "store.h"

#define SORT(name) SY__V1__DIRECTORY_RECORD__RECORD_##name
#define SORTS_NR (SORT(POLICY) + 1)
/* Where a field stands in its message; 0 is the base of every message, hence
 * no field. Of a repeated field: its count, which its pointer follows. */
#define AT(message, field) offsetof(Sy__V1__##message, field)
#define COLUMNS_MAX 11

typedef Sy__V1__DirectoryRecord__RecordCase sort_t;

enum form {
	END,
	TEXT,
	LIST,    /* of texts: joined by commas */
	NAME_RU, /* of repeated labels the one in that language */
	NAME_ZH,
	NAME_EN,
	FROM_DAY, /* of the version */
	BODY,     /* the whole message, packed */
	UNITS,    /* that a policy names, joined by commas */
	DAY,
	NUMBER, /* 64 bits */
	FLAG,
	BYTES,
};

/* One array parameter of the statement that writes a sort. */
struct column {
	enum form form;
	size_t at;
};

static const struct sort {
	int write; /* statement; its last parameter is the revision */
	size_t to_day;
	struct column columns[COLUMNS_MAX + 1];
} sorts[SORTS_NR] = {
	[SORT(UNIT)] = {
		.write = SQL_WRITE_UNITS,
		.to_day = AT(Unit, valid_to_day),
		.columns = {
			{ TEXT, AT(Unit, code) },
			{ FROM_DAY, 0 },
			{ DAY, AT(Unit, valid_to_day) },
			{ TEXT, AT(Unit, parent) },
			{ TEXT, AT(Unit, level) },
			{ TEXT, AT(Unit, zone) },
			{ TEXT, AT(Unit, calendar) },
			{ NAME_RU, AT(Unit, n_names) },
			{ NAME_ZH, AT(Unit, n_names) },
			{ NAME_EN, AT(Unit, n_names) },
		},
	},
	[SORT(DEPARTMENT)] = {
		.write = SQL_WRITE_DEPARTMENTS,
		.to_day = AT(Department, valid_to_day),
		.columns = {
			{ TEXT, AT(Department, code) },
			{ FROM_DAY, 0 },
			{ DAY, AT(Department, valid_to_day) },
			{ TEXT, AT(Department, parent) },
			{ NAME_RU, AT(Department, n_names) },
			{ NAME_ZH, AT(Department, n_names) },
			{ NAME_EN, AT(Department, n_names) },
		},
	},
	[SORT(TERM)] = {
		.write = SQL_WRITE_TERMS,
		.to_day = AT(Term, valid_to_day),
		.columns = {
			{ TEXT, AT(Term, taxonomy) },
			{ TEXT, AT(Term, code) },
			{ FROM_DAY, 0 },
			{ DAY, AT(Term, valid_to_day) },
			{ TEXT, AT(Term, parent) },
			{ TEXT, AT(Term, class_) },
			{ NAME_RU, AT(Term, n_names) },
			{ NAME_ZH, AT(Term, n_names) },
			{ NAME_EN, AT(Term, n_names) },
		},
	},
	[SORT(DENOMINATOR)] = {
		.write = SQL_WRITE_DENOMINATORS,
		.to_day = AT(Denominator, valid_to_day),
		.columns = {
			{ TEXT, AT(Denominator, unit) },
			{ TEXT, AT(Denominator, measure) },
			{ FROM_DAY, 0 },
			{ DAY, AT(Denominator, valid_to_day) },
			{ NUMBER, AT(Denominator, value) },
		},
	},
	[SORT(PRINCIPAL)] = {
		.write = SQL_WRITE_PRINCIPALS,
		.columns = {
			{ TEXT, AT(Principal, name) },
			{ LIST, AT(Principal, n_roles) },
			{ LIST, AT(Principal, n_streams) },
			{ TEXT, AT(Principal, unit) },
			{ FLAG, AT(Principal, revoked) },
			{ FLAG, AT(Principal, person) },
			{ TEXT, AT(Principal, display_name) },
			{ TEXT, AT(Principal, lang) },
		},
	},
	[SORT(SIGNING_KEY)] = {
		.write = SQL_WRITE_SIGNING_KEYS,
		.columns = {
			{ TEXT, AT(SigningKey, key_id) },
			{ BYTES, AT(SigningKey, public_key) },
			{ FLAG, AT(SigningKey, revoked) },
		},
	},
	[SORT(CALENDAR)] = {
		.write = SQL_WRITE_CALENDARS,
		.columns = {
			{ TEXT, AT(Calendar, code) },
			{ FROM_DAY, 0 },
			{ DAY, AT(Calendar, valid_to_day) },
			{ BODY, 0 },
		},
	},
	[SORT(CALENDAR_DAY)] = {
		.write = SQL_WRITE_CALENDAR_DAYS,
		.columns = {
			{ TEXT, AT(CalendarDay, calendar) },
			{ DAY, AT(CalendarDay, day) },
			{ BODY, 0 },
		},
	},
	[SORT(EMPLOYEE)] = {
		.write = SQL_WRITE_EMPLOYEES,
		.columns = {
			{ TEXT, AT(Employee, code) },
			{ FROM_DAY, 0 },
			{ DAY, AT(Employee, valid_to_day) },
			{ TEXT, AT(Employee, name) },
			{ TEXT, AT(Employee, position) },
			{ TEXT, AT(Employee, unit) },
			{ TEXT, AT(Employee, department) },
			{ TEXT, AT(Employee, principal) },
		},
	},
	[SORT(CENTRE)] = {
		.write = SQL_WRITE_CENTRES,
		.columns = {
			{ TEXT, AT(Centre, unit) },
			{ FROM_DAY, 0 },
			{ DAY, AT(Centre, valid_to_day) },
			{ FLAG, AT(Centre, open) },
			{ DAY, AT(Centre, planned_day) },
			{ DAY, AT(Centre, opened_day) },
			{ BODY, 0 },
		},
	},
	[SORT(POLICY)] = {
		.write = SQL_WRITE_POLICIES,
		.columns = {
			{ TEXT, AT(Policy, code) },
			{ FROM_DAY, 0 },
			{ DAY, AT(Policy, valid_to_day) },
			/* the enum of the rule's field, as wide as a day */
			{ DAY, AT(Policy, rule_case) },
			{ UNITS, 0 },
			{ BODY, 0 },
		},
	},
};

/* The oneof's members are all pointers to messages: any of them is it. */
static const void *field(const Sy__V1__DirectoryRecord *r, size_t at)
{
	return (const char *)r->unit + at;
}

static const char *text_at(const Sy__V1__DirectoryRecord *r, size_t at)
{
	return at ? *(char *const *)field(r, at) : "";
}

static int32_t last_day(const Sy__V1__DirectoryRecord *r)
{
	size_t at = sorts[r->record_case].to_day;

	return at ? *(const int32_t *)field(r, at) : 0;
}

/* --- reading ---------------------------------------------------------------
 */

struct asked {
	struct db_pipe *pipe;
	const Sy__V1__DirectoryRecord *const *records;
	size_t n;
	struct record_ref *refs; /* of all of them */
	size_t refs_nr;
};

static bool is(const Sy__V1__DirectoryRecord *r, sort_t sort)
{
	return r && r->record_case == sort;
}

/* A field of the sort's records; ended: only of those that have a last day. */
static void texts_of(const struct asked *a, sort_t sort, size_t at, bool ended)
{
	for (size_t i = 0; i < a->n; i++)
		if (is(a->records[i], sort) &&
		    (!ended || last_day(a->records[i])))
			db_array_text(a->pipe, text_at(a->records[i], at));
}

static void array_of(const struct asked *a, sort_t sort, size_t at, bool ended)
{
	db_array_begin(a->pipe, DB_ARRAY_TEXT);
	texts_of(a, sort, at, ended);
	db_array_end(a->pipe);
}

/* The codes of the sort's records and those that other records name. */
static void codes_of(const struct asked *a, sort_t sort, size_t at,
		     const char *of)
{
	db_array_begin(a->pipe, DB_ARRAY_TEXT);
	texts_of(a, sort, at, false);
	for (size_t i = 0; i < a->refs_nr; i++)
		if (strcmp(a->refs[i].of, of) == 0)
			db_array_text(a->pipe, a->refs[i].code);
	db_array_end(a->pipe);
}

static bool is_term(const struct record_ref *ref)
{
	return strcmp(ref->of, "unit") != 0 &&
	       strcmp(ref->of, "department") != 0 &&
	       strcmp(ref->of, "calendar") != 0 &&
	       strcmp(ref->of, "principal") != 0;
}

/* Two arrays side by side: taxonomies and codes. */
static void term_codes(const struct asked *a)
{
	db_array_begin(a->pipe, DB_ARRAY_TEXT);
	texts_of(a, SORT(TERM), AT(Term, taxonomy), false);
	for (size_t i = 0; i < a->refs_nr; i++)
		if (is_term(&a->refs[i]))
			db_array_text(a->pipe, a->refs[i].of);
	db_array_end(a->pipe);
	db_array_begin(a->pipe, DB_ARRAY_TEXT);
	texts_of(a, SORT(TERM), AT(Term, code), false);
	for (size_t i = 0; i < a->refs_nr; i++)
		if (is_term(&a->refs[i]))
			db_array_text(a->pipe, a->refs[i].code);
	db_array_end(a->pipe);
}

static void calendar_days(const struct asked *a)
{
	array_of(a, SORT(CALENDAR_DAY), AT(CalendarDay, calendar), false);
	db_array_begin(a->pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < a->n; i++)
		if (is(a->records[i], SORT(CALENDAR_DAY)))
			db_array_int(a->pipe, a->records[i]->calendar_day->day);
	db_array_end(a->pipe);
}

static void find_refs(struct asked *a, struct arena *arena)
{
	struct record_ref refs[RECORD_REFS_MAX];

	for (size_t i = 0; i < a->n; i++)
		if (a->records[i])
			a->refs_nr += record_refs(a->records[i], refs);
	a->refs = arena_alloc(arena, (a->refs_nr + 1) * sizeof(*a->refs));
	a->refs_nr = 0;
	for (size_t i = 0; i < a->n; i++) {
		size_t n;

		if (!a->records[i])
			continue;
		n = record_refs(a->records[i], refs);
		memcpy(a->refs + a->refs_nr, refs, n * sizeof(*refs));
		a->refs_nr += n;
	}
}

void store_read(struct db_pipe *pipe, struct arena *arena,
		const Sy__V1__DirectoryRecord *const *records, size_t n)
{
	struct asked a = { .pipe = pipe, .records = records, .n = n };

	find_refs(&a, arena);
	db_exec(pipe, SQL_READ_REVISION);
	db_exec(pipe, SQL_READ_UNITS);
	codes_of(&a, SORT(UNIT), AT(Unit, code), "unit");
	array_of(&a, SORT(UNIT), AT(Unit, code), true);
	array_of(&a, SORT(PRINCIPAL), AT(Principal, name), false);
	array_of(&a, SORT(EMPLOYEE), AT(Employee, code), false);

	db_exec(pipe, SQL_READ_DEPARTMENTS);
	codes_of(&a, SORT(DEPARTMENT), AT(Department, code), "department");
	array_of(&a, SORT(DEPARTMENT), AT(Department, code), true);

	db_exec(pipe, SQL_READ_TERMS);
	term_codes(&a);
	array_of(&a, SORT(TERM), AT(Term, taxonomy), true);
	array_of(&a, SORT(TERM), AT(Term, code), true);

	db_exec(pipe, SQL_READ_DENOMINATORS);
	array_of(&a, SORT(DENOMINATOR), AT(Denominator, unit), false);
	array_of(&a, SORT(DENOMINATOR), AT(Denominator, measure), false);

	db_exec(pipe, SQL_READ_PRINCIPALS);
	codes_of(&a, SORT(PRINCIPAL), AT(Principal, name), "principal");
	array_of(&a, SORT(UNIT), AT(Unit, code), true);

	db_exec(pipe, SQL_READ_SIGNING_KEYS);
	array_of(&a, SORT(SIGNING_KEY), AT(SigningKey, key_id), false);

	db_exec(pipe, SQL_READ_CALENDARS);
	codes_of(&a, SORT(CALENDAR), AT(Calendar, code), "calendar");

	db_exec(pipe, SQL_READ_CALENDAR_DAYS);
	calendar_days(&a);

	db_exec(pipe, SQL_READ_EMPLOYEES);
	array_of(&a, SORT(EMPLOYEE), AT(Employee, code), false);
	array_of(&a, SORT(UNIT), AT(Unit, code), true);

	db_exec(pipe, SQL_READ_CENTRES);
	array_of(&a, SORT(CENTRE), AT(Centre, unit), false);

	db_exec(pipe, SQL_READ_POLICIES);
	array_of(&a, SORT(POLICY), AT(Policy, code), false);
	array_of(&a, SORT(UNIT), AT(Unit, code), true);
}

/* --- writing ---------------------------------------------------------------
 */

struct repeated {
	size_t n;
	void *const *items;
};

static struct repeated repeated_at(const Sy__V1__DirectoryRecord *r, size_t at)
{
	return (struct repeated){
		*(const size_t *)field(r, at),
		*(void *const *const *)field(r, at + sizeof(size_t)),
	};
}

static const char *name_in(const struct repeated names, const char *lang)
{
	for (size_t i = 0; i < names.n; i++) {
		const Sy__V1__Label *label = names.items[i];

		if (strcmp(label->lang, lang) == 0)
			return label->text;
	}
	return "";
}

static const char *joined(struct arena *arena, const struct repeated list)
{
	const char *text = list.n ? list.items[0] : "";

	for (size_t i = 1; i < list.n; i++)
		text = arena_printf(arena, "%s,%s", text,
				    (const char *)list.items[i]);
	return text;
}

static const char *policy_units(struct arena *arena, const Sy__V1__Policy *p)
{
	const Sy__V1__PolicyMatch *match = policy_match(p);
	const char *about = match ? match->unit : "";
	const char *to = p->rule_case == SY__V1__POLICY__RULE_ROUTING
				 ? p->routing->unit
				 : "";

	return arena_printf(arena, "%s%s%s", about,
			    about[0] && to[0] ? "," : "", to);
}

static void put_body(struct db_pipe *pipe, struct arena *arena,
		     const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	uint8_t *body = arena_alloc(arena, len + 1);

	protobuf_c_message_pack(message, body);
	db_array_data(pipe, body, len);
}

static void put(struct db_pipe *pipe, struct arena *arena,
		const struct version *v, const struct column *column)
{
	const Sy__V1__DirectoryRecord *r = v->record;
	const void *at = field(r, column->at);

	switch (column->form) {
	case TEXT:
		db_array_text(pipe, text_at(r, column->at));
		break;
	case LIST:
		db_array_text(pipe, joined(arena, repeated_at(r, column->at)));
		break;
	case NAME_RU:
		db_array_text(pipe, name_in(repeated_at(r, column->at), "ru"));
		break;
	case NAME_ZH:
		db_array_text(pipe, name_in(repeated_at(r, column->at), "zh"));
		break;
	case NAME_EN:
		db_array_text(pipe, name_in(repeated_at(r, column->at), "en"));
		break;
	case FROM_DAY:
		db_array_int(pipe, v->from_day);
		break;
	case DAY:
		db_array_int(pipe, *(const int32_t *)at);
		break;
	case UNITS:
		db_array_text(pipe, policy_units(arena, r->policy));
		break;
	case BODY:
		put_body(pipe, arena, &r->unit->base);
		break;
	case NUMBER:
		db_array_int(pipe, *(const int64_t *)at);
		break;
	case FLAG:
		db_array_int(pipe, *(const protobuf_c_boolean *)at);
		break;
	case BYTES:
		db_array_data(pipe, ((const ProtobufCBinaryData *)at)->data,
			      ((const ProtobufCBinaryData *)at)->len);
		break;
	case END:
		break;
	}
}

static const enum db_array_type types[] = {
	[TEXT] = DB_ARRAY_TEXT,    [LIST] = DB_ARRAY_TEXT,
	[NAME_RU] = DB_ARRAY_TEXT, [NAME_ZH] = DB_ARRAY_TEXT,
	[NAME_EN] = DB_ARRAY_TEXT, [FROM_DAY] = DB_ARRAY_I32,
	[DAY] = DB_ARRAY_I32,      [NUMBER] = DB_ARRAY_I64,
	[FLAG] = DB_ARRAY_BOOL,    [BYTES] = DB_ARRAY_BYTES,
	[BODY] = DB_ARRAY_BYTES,   [UNITS] = DB_ARRAY_TEXT,
};

static void write_sort(struct db_pipe *pipe, const struct catalog *c,
		       const struct sort *sort)
{
	const struct version *v;

	db_exec(pipe, sort->write);
	for (const struct column *column = sort->columns; column->form;
	     column++) {
		db_array_begin(pipe, types[column->form]);
		for (v = c->dirty; v; v = v->next_dirty)
			if (&sorts[v->record->record_case] == sort)
				put(pipe, c->arena, v, column);
		db_array_end(pipe);
	}
	db_array_begin(pipe, DB_ARRAY_I64);
	for (v = c->dirty; v; v = v->next_dirty)
		if (&sorts[v->record->record_case] == sort)
			db_array_int(pipe, (int64_t)v->revision);
	db_array_end(pipe);
}

void store_write(struct db_pipe *pipe, const struct catalog *c,
		 uint64_t revision)
{
	bool some[SORTS_NR] = { 0 };

	if (!c->changes)
		return;
	for (const struct version *v = c->dirty; v; v = v->next_dirty)
		some[v->record->record_case] = true;
	db_exec(pipe, SQL_ADVANCE);
	db_i64(pipe, (int64_t)revision);
	db_i32(pipe, (int32_t)c->changes);
	for (int sort = SORT(UNIT); sort < SORTS_NR; sort++)
		if (some[sort])
			write_sort(pipe, c, &sorts[sort]);
}
