/* replica_store.c -- the replica's statements, and records into parameters. */
#include "dir/replica_store.h"

#include <string.h>

/* clang-format off */
const struct db_statement replica_statements[REPLICA_SQL_NR] = {
	[REPLICA_SQL_REVISION] = { "dir_revision",
		"SELECT coalesce(max(revision), 0) FROM dir_revision" },
	[REPLICA_SQL_UNITS] = { "dir_units",
		"SELECT code, valid_from_day, until_day, parent, zone, calendar,"
		" revision FROM dir_unit WHERE revision > $1::bigint" },
	[REPLICA_SQL_DEPARTMENTS] = { "dir_departments",
		"SELECT code, valid_from_day, until_day, parent, ''::text,"
		" ''::text, revision FROM dir_department"
		" WHERE revision > $1::bigint" },
	[REPLICA_SQL_TERMS] = { "dir_terms",
		"SELECT code, valid_from_day, until_day, parent, ''::text,"
		" class, revision, taxonomy FROM dir_term"
		" WHERE revision > $1::bigint" },
	[REPLICA_SQL_PRINCIPALS] = { "dir_principals",
		"SELECT name, roles, streams, unit, revoked, revision"
		" FROM dir_principal WHERE revision > $1::bigint" },
	[REPLICA_SQL_SIGNING_KEYS] = { "dir_signing_keys",
		"SELECT key_id, public_key, revoked, revision"
		" FROM dir_signing_key WHERE revision > $1::bigint" },
	[REPLICA_SQL_CALENDARS] = { "dir_calendars",
		"SELECT body, revision FROM dir_calendar"
		" WHERE revision > $1::bigint" },
	[REPLICA_SQL_CALENDAR_DAYS] = { "dir_calendar_days",
		"SELECT body, revision FROM dir_calendar_day"
		" WHERE revision > $1::bigint" },
	[REPLICA_SQL_POLICIES] = { "dir_policies",
		"SELECT body, revision FROM dir_policy"
		" WHERE revision > $1::bigint" },
	[REPLICA_SQL_PUT_UNITS] = { "dir_put_units",
		"SELECT dir_put_units($1::text[], $2::int[], $3::int[],"
		" $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::text[], $10::text[], $11::bigint[])" },
	[REPLICA_SQL_PUT_DEPARTMENTS] = { "dir_put_departments",
		"SELECT dir_put_departments($1::text[], $2::int[], $3::int[],"
		" $4::text[], $5::text[], $6::text[], $7::text[],"
		" $8::bigint[])" },
	[REPLICA_SQL_PUT_TERMS] = { "dir_put_terms",
		"SELECT dir_put_terms($1::text[], $2::text[], $3::int[],"
		" $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::text[], $10::bigint[])" },
	[REPLICA_SQL_PUT_DENOMINATORS] = { "dir_put_denominators",
		"SELECT dir_put_denominators($1::text[], $2::text[], $3::int[],"
		" $4::int[], $5::bigint[], $6::bigint[])" },
	[REPLICA_SQL_PUT_PRINCIPALS] = { "dir_put_principals",
		"SELECT dir_put_principals($1::text[], $2::int[], $3::text[],"
		" $4::text[], $5::boolean[], $6::boolean[], $7::text[],"
		" $8::text[], $9::bigint[])" },
	[REPLICA_SQL_PUT_SIGNING_KEYS] = { "dir_put_signing_keys",
		"SELECT dir_put_signing_keys($1::text[], $2::bytea[],"
		" $3::boolean[], $4::bigint[])" },
	[REPLICA_SQL_PUT_CALENDARS] = { "dir_put_calendars",
		"SELECT dir_put_calendars($1::text[], $2::int[], $3::bytea[],"
		" $4::bigint[])" },
	[REPLICA_SQL_PUT_CALENDAR_DAYS] = { "dir_put_calendar_days",
		"SELECT dir_put_calendar_days($1::text[], $2::int[],"
		" $3::bytea[], $4::bigint[])" },
	[REPLICA_SQL_PUT_EMPLOYEES] = { "dir_put_employees",
		"SELECT dir_put_employees($1::text[], $2::int[], $3::int[],"
		" $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::bigint[])" },
	[REPLICA_SQL_PUT_CENTRES] = { "dir_put_centres",
		"SELECT dir_put_centres($1::text[], $2::int[], $3::int[],"
		" $4::boolean[], $5::int[], $6::int[], $7::bytea[],"
		" $8::bigint[])" },
	[REPLICA_SQL_PUT_POLICIES] = { "dir_put_policies",
		"SELECT dir_put_policies($1::text[], $2::int[], $3::bytea[],"
		" $4::bigint[])" },
	[REPLICA_SQL_ADVANCE] = { "dir_advance",
		"INSERT INTO dir_revision (revision) VALUES ($1::bigint)" },
	[REPLICA_SQL_ANALYZE] = { "dir_analyze",
		"ANALYZE dir_unit, dir_unit_path, dir_denominator,"
		" dir_employee" },
};

const char replica_search_path_sql[] =
	"SELECT set_config('search_path', $1, false)";
/* clang-format on */

int replica_decode(struct arena *arena, const struct consumer_event *events,
		   size_t n, struct replica_change **changes_r, size_t *n_r,
		   struct error *err)
{
	struct replica_change *changes =
		arena_alloc(arena, (n + 1) * sizeof(*changes));
	size_t nr = 0;

	for (size_t i = 0; i < n; i++) {
		const Sy__V1__Event *event = events[i].event;
		const Sy__V1__RecordPut *put;

		if (strcmp(event->type, "RecordPut") != 0)
			continue;
		put = sy__v1__record_put__unpack(&arena->allocator,
						 event->payload.len,
						 event->payload.data);
		if (!put || !put->after)
			return error_set(err, "offset %llu: not a RecordPut",
					 (unsigned long long)events[i].offset);
		changes[nr++] =
			(struct replica_change){ .revision = events[i].offset,
						 .record = put->after };
	}
	*changes_r = changes;
	*n_r = nr;
	return 0;
}

#define RECORD_SORTS_NR (SY__V1__DIRECTORY_RECORD__RECORD_POLICY + 1)

/* --- records to parameters -------------------------------------------------
 */

struct params {
	struct arena arena; /* of joined lists */
	struct db_pipe *pipe;
	const struct replica_change *changes;
	size_t n;
	Sy__V1__DirectoryRecord__RecordCase sort;
};

#define EACH(p, c)                                                             \
	for (const struct replica_change *c = (p)->changes;                    \
	     c < (p)->changes + (p)->n; c++)                                   \
		if (c->record->record_case == (p)->sort)

#define TEXTS(p, field)                                                        \
	do {                                                                   \
		db_array_begin((p)->pipe, DB_ARRAY_TEXT);                      \
		EACH(p, c)                                                     \
		db_array_text((p)->pipe, c->record->field);                    \
		db_array_end((p)->pipe);                                       \
	} while (0)

#define INTS(p, type, field)                                                   \
	do {                                                                   \
		db_array_begin((p)->pipe, (type));                             \
		EACH(p, c)                                                     \
		db_array_int((p)->pipe, c->record->field);                     \
		db_array_end((p)->pipe);                                       \
	} while (0)

static const char *name_in(Sy__V1__Label *const *names, size_t n,
			   const char *lang)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i]->lang, lang) == 0)
			return names[i]->text;
	return "";
}

static const char *record_name(const Sy__V1__DirectoryRecord *r,
			       const char *lang)
{
	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		return name_in(r->unit->names, r->unit->n_names, lang);
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		return name_in(r->department->names, r->department->n_names,
			       lang);
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		return name_in(r->term->names, r->term->n_names, lang);
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return "";
}

static void names(const struct params *p)
{
	static const char *const languages[] = { "ru", "zh", "en" };

	for (size_t l = 0; l < 3; l++) {
		db_array_begin(p->pipe, DB_ARRAY_TEXT);
		EACH(p, c)
		db_array_text(p->pipe, record_name(c->record, languages[l]));
		db_array_end(p->pipe);
	}
}

static void revisions(const struct params *p)
{
	db_array_begin(p->pipe, DB_ARRAY_I64);
	EACH(p, c)
	db_array_int(p->pipe, (int64_t)c->revision);
	db_array_end(p->pipe);
}

static void put_units(const struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_UNITS);
	TEXTS(p, unit->code);
	INTS(p, DB_ARRAY_I32, unit->valid_from_day);
	INTS(p, DB_ARRAY_I32, unit->valid_to_day);
	TEXTS(p, unit->parent);
	TEXTS(p, unit->level);
	TEXTS(p, unit->zone);
	TEXTS(p, unit->calendar);
	names(p);
	revisions(p);
}

static void put_departments(const struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_DEPARTMENTS);
	TEXTS(p, department->code);
	INTS(p, DB_ARRAY_I32, department->valid_from_day);
	INTS(p, DB_ARRAY_I32, department->valid_to_day);
	TEXTS(p, department->parent);
	names(p);
	revisions(p);
}

static void put_terms(const struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_TERMS);
	TEXTS(p, term->taxonomy);
	TEXTS(p, term->code);
	INTS(p, DB_ARRAY_I32, term->valid_from_day);
	INTS(p, DB_ARRAY_I32, term->valid_to_day);
	TEXTS(p, term->parent);
	TEXTS(p, term->class_);
	names(p);
	revisions(p);
}

static void put_denominators(const struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_DENOMINATORS);
	TEXTS(p, denominator->unit);
	TEXTS(p, denominator->measure);
	INTS(p, DB_ARRAY_I32, denominator->valid_from_day);
	INTS(p, DB_ARRAY_I32, denominator->valid_to_day);
	INTS(p, DB_ARRAY_I64, denominator->value);
	revisions(p);
}

uint32_t replica_roles(const Sy__V1__Principal *principal)
{
	uint32_t roles = 0;

	for (size_t i = 0; i < principal->n_roles; i++)
		roles |= grant_role(principal->roles[i]);
	return roles;
}

const char *replica_streams(struct arena *arena,
			    const Sy__V1__Principal *principal)
{
	const char *text = "";

	for (size_t i = 0; i < principal->n_streams; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? "," : "",
				    principal->streams[i]);
	return text;
}

static void put_principals(struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_PRINCIPALS);
	TEXTS(p, principal->name);
	db_array_begin(p->pipe, DB_ARRAY_I32);
	EACH(p, c)
	db_array_int(p->pipe, replica_roles(c->record->principal));
	db_array_end(p->pipe);
	db_array_begin(p->pipe, DB_ARRAY_TEXT);
	EACH(p, c)
	db_array_text(p->pipe,
		      replica_streams(&p->arena, c->record->principal));
	db_array_end(p->pipe);
	TEXTS(p, principal->unit);
	INTS(p, DB_ARRAY_BOOL, principal->revoked);
	INTS(p, DB_ARRAY_BOOL, principal->person);
	TEXTS(p, principal->display_name);
	TEXTS(p, principal->lang);
	revisions(p);
}

static void put_signing_keys(const struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_SIGNING_KEYS);
	TEXTS(p, signing_key->key_id);
	db_array_begin(p->pipe, DB_ARRAY_BYTES);
	EACH(p, c)
	db_array_data(p->pipe, c->record->signing_key->public_key.data,
		      c->record->signing_key->public_key.len);
	db_array_end(p->pipe);
	INTS(p, DB_ARRAY_BOOL, signing_key->revoked);
	revisions(p);
}

/* The messages as they are. */
static void bodies(struct params *p)
{
	db_array_begin(p->pipe, DB_ARRAY_BYTES);
	EACH(p, c)
	{
		/* The oneof's members are all pointers to messages. */
		const ProtobufCMessage *m = &c->record->policy->base;
		size_t len = protobuf_c_message_get_packed_size(m);
		uint8_t *body = arena_alloc(&p->arena, len + 1);

		protobuf_c_message_pack(m, body);
		db_array_data(p->pipe, body, len);
	}
	db_array_end(p->pipe);
}

static void put_calendars(struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_CALENDARS);
	TEXTS(p, calendar->code);
	INTS(p, DB_ARRAY_I32, calendar->valid_from_day);
	bodies(p);
	revisions(p);
}

static void put_calendar_days(struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_CALENDAR_DAYS);
	TEXTS(p, calendar_day->calendar);
	INTS(p, DB_ARRAY_I32, calendar_day->day);
	bodies(p);
	revisions(p);
}

static void put_policies(struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_POLICIES);
	TEXTS(p, policy->code);
	INTS(p, DB_ARRAY_I32, policy->valid_from_day);
	bodies(p);
	revisions(p);
}

static void put_employees(const struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_EMPLOYEES);
	TEXTS(p, employee->code);
	INTS(p, DB_ARRAY_I32, employee->valid_from_day);
	INTS(p, DB_ARRAY_I32, employee->valid_to_day);
	TEXTS(p, employee->name);
	TEXTS(p, employee->position);
	TEXTS(p, employee->unit);
	TEXTS(p, employee->department);
	TEXTS(p, employee->principal);
	revisions(p);
}

static void put_centres(struct params *p)
{
	db_exec(p->pipe, REPLICA_SQL_PUT_CENTRES);
	TEXTS(p, centre->unit);
	INTS(p, DB_ARRAY_I32, centre->valid_from_day);
	INTS(p, DB_ARRAY_I32, centre->valid_to_day);
	INTS(p, DB_ARRAY_BOOL, centre->open);
	INTS(p, DB_ARRAY_I32, centre->planned_day);
	INTS(p, DB_ARRAY_I32, centre->opened_day);
	bodies(p);
	revisions(p);
}

void replica_store(struct db_pipe *pipe, const struct replica_change *changes,
		   size_t n, uint64_t revision)
{
	bool some[RECORD_SORTS_NR] = { 0 };
	struct params p = { .pipe = pipe, .changes = changes, .n = n };

	arena_init(&p.arena);
	for (size_t i = 0; i < n; i++)
		if (changes[i].record->record_case < RECORD_SORTS_NR)
			some[changes[i].record->record_case] = true;
	for (int sort = 0; sort < RECORD_SORTS_NR; sort++) {
		if (!some[sort])
			continue;
		p.sort = (Sy__V1__DirectoryRecord__RecordCase)sort;
		switch (p.sort) {
		case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
			put_units(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
			put_departments(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
			put_terms(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
			put_denominators(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
			put_principals(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
			put_signing_keys(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
			put_calendars(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
			put_calendar_days(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
			put_employees(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
			put_centres(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
			put_policies(&p);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
		case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
			break;
		}
	}
	db_exec(pipe, REPLICA_SQL_ADVANCE);
	db_i64(pipe, (int64_t)revision);
	arena_reset(&p.arena);
}
