/* replica_store.c -- the replica's statements, and records into parameters. */
#include "dir/replica_store.h"

#include <string.h>

/* clang-format off */
const struct db_statement replica_statements[REPLICA_SQL_NR] = {
	[REPLICA_SQL_REVISION] = { "dir_revision",
		"SELECT coalesce(max(revision), 0) FROM dir_revision" },
	[REPLICA_SQL_UNITS] = { "dir_units",
		"SELECT code, valid_from_day, until_day, parent, zone, ''::text,"
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
	[REPLICA_SQL_PUT_UNITS] = { "dir_put_units",
		"SELECT dir_put_units($1::text[], $2::int[], $3::int[],"
		" $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::text[], $10::bigint[])" },
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
	[REPLICA_SQL_ADVANCE] = { "dir_advance",
		"INSERT INTO dir_revision (revision) VALUES ($1::bigint)" },
};

#define SEARCH_PATH_SQL "SELECT set_config('search_path', $1, false)"
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

#define RECORD_SORTS_NR (SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY + 1)

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

static uint32_t principal_roles(const Sy__V1__Principal *principal)
{
	uint32_t roles = 0;

	for (size_t i = 0; i < principal->n_roles; i++)
		roles |= grant_role(principal->roles[i]);
	return roles;
}

static const char *principal_streams(struct arena *arena,
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
	db_array_int(p->pipe, principal_roles(c->record->principal));
	db_array_end(p->pipe);
	db_array_begin(p->pipe, DB_ARRAY_TEXT);
	EACH(p, c)
	db_array_text(p->pipe,
		      principal_streams(&p->arena, c->record->principal));
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
		case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
		case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
		case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
		case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
		case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
			break;
		}
	}
	db_exec(pipe, REPLICA_SQL_ADVANCE);
	db_i64(pipe, (int64_t)revision);
	arena_reset(&p.arena);
}

/* --- into memory -----------------------------------------------------------
 */

void replica_mem_take(struct replica_mem *mem,
		      const struct replica_change *changes, size_t n,
		      uint64_t revision)
{
	struct arena arena;

	arena_init(&arena);
	for (const struct replica_change *c = changes; c < changes + n; c++) {
		const Sy__V1__DirectoryRecord *r = c->record;
		struct mem_version v = { .parent = "",
					 .zone = "",
					 .class = "",
					 .revision = c->revision };

		switch (r->record_case) {
		case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
			v.code = r->unit->code;
			v.from_day = r->unit->valid_from_day;
			v.until_day = r->unit->valid_to_day;
			v.parent = r->unit->parent;
			v.zone = r->unit->zone;
			mem_put_unit(mem, &v);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
			v.code = r->department->code;
			v.from_day = r->department->valid_from_day;
			v.until_day = r->department->valid_to_day;
			v.parent = r->department->parent;
			mem_put_department(mem, &v);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
			v.code = r->term->code;
			v.from_day = r->term->valid_from_day;
			v.until_day = r->term->valid_to_day;
			v.parent = r->term->parent;
			v.class = r->term->class_;
			mem_put_term(mem, r->term->taxonomy, &v);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
			mem_put_principal(
				mem, r->principal->name,
				principal_roles(r->principal),
				principal_streams(&arena, r->principal),
				r->principal->unit, r->principal->revoked,
				c->revision);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
			mem_put_signing_key(mem, r->signing_key->key_id,
					    r->signing_key->public_key.data,
					    r->signing_key->public_key.len,
					    r->signing_key->revoked,
					    c->revision);
			break;
		case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
			/* only SQL divides */
		case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
		case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
		case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
		case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
		case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
		case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
			break;
		}
	}
	arena_reset(&arena);
	if (revision > mem->revision)
		mem->revision = revision;
}

void replica_load(struct db_pipe *pipe, uint64_t revision)
{
	db_exec(pipe, REPLICA_SQL_REVISION);
	for (int sql = REPLICA_SQL_UNITS; sql < REPLICA_LOAD_NR; sql++) {
		db_exec(pipe, sql);
		db_i64(pipe, (int64_t)revision);
	}
}

void replica_load_rows(struct replica_mem *mem, const struct db_result *res,
		       int first)
{
	uint64_t revision = (uint64_t)db_get_i64(res, first, 0, 0);
	int keys = first + REPLICA_SQL_SIGNING_KEYS;

	for (int sql = REPLICA_SQL_UNITS; sql <= REPLICA_SQL_TERMS; sql++) {
		int at = first + sql;

		for (int row = 0; row < db_rows(res, at); row++) {
			const struct mem_version v = {
				.code = db_get_text(res, at, row, 0),
				.from_day = db_get_i32(res, at, row, 1),
				.until_day = db_get_i32(res, at, row, 2),
				.parent = db_get_text(res, at, row, 3),
				.zone = db_get_text(res, at, row, 4),
				.class = db_get_text(res, at, row, 5),
				.revision =
					(uint64_t)db_get_i64(res, at, row, 6),
			};

			if (sql == REPLICA_SQL_UNITS)
				mem_put_unit(mem, &v);
			else if (sql == REPLICA_SQL_DEPARTMENTS)
				mem_put_department(mem, &v);
			else
				mem_put_term(mem, db_get_text(res, at, row, 7),
					     &v);
		}
	}
	first += REPLICA_SQL_PRINCIPALS;
	for (int row = 0; row < db_rows(res, first); row++)
		mem_put_principal(mem, db_get_text(res, first, row, 0),
				  (uint32_t)db_get_i32(res, first, row, 1),
				  db_get_text(res, first, row, 2),
				  db_get_text(res, first, row, 3),
				  db_get_bool(res, first, row, 4),
				  (uint64_t)db_get_i64(res, first, row, 5));
	for (int row = 0; row < db_rows(res, keys); row++) {
		size_t len;
		const uint8_t *key = db_get_bytes(res, keys, row, 1, &len);

		mem_put_signing_key(mem, db_get_text(res, keys, row, 0), key,
				    len, db_get_bool(res, keys, row, 2),
				    (uint64_t)db_get_i64(res, keys, row, 3));
	}
	if (revision > mem->revision)
		mem->revision = revision;
}

static int load_all(struct replica_mem *mem, PGconn *pg, const char *schema,
		    struct error *err)
{
	PGresult *results[REPLICA_LOAD_NR] = { 0 };
	const char *const path[] = { schema }, *const zero[] = { "0" };
	PGresult *res =
		PQexecParams(pg, SEARCH_PATH_SQL, 1, NULL, path, NULL, NULL, 0);
	int status = PQresultStatus(res) == PGRES_TUPLES_OK ? 0 : -1;

	PQclear(res);
	for (int i = 0; i < REPLICA_LOAD_NR && status == 0; i++) {
		results[i] = PQexecParams(pg, replica_statements[i].sql,
					  i == REPLICA_SQL_REVISION ? 0 : 1,
					  NULL, zero, NULL, NULL, 1);
		if (PQresultStatus(results[i]) != PGRES_TUPLES_OK)
			status = -1;
	}
	if (status < 0)
		error_set(err, "directory replica: %s", PQerrorMessage(pg));
	else
		replica_load_rows(mem,
				  &(struct db_result){ .outcome = DB_OK,
						       .failed_statement = -1,
						       .results = results,
						       .n = REPLICA_LOAD_NR },
				  0);
	for (int i = 0; i < REPLICA_LOAD_NR; i++)
		PQclear(results[i]);
	return status;
}

int replica_load_blocking(struct replica_mem *mem, const char *url,
			  const char *schema, struct error *err)
{
	PGconn *pg = PQconnectdb(url);
	int status;

	if (PQstatus(pg) == CONNECTION_OK)
		status = load_all(mem, pg, schema, err);
	else
		status = error_set(err, "directory replica: %s",
				   PQerrorMessage(pg));
	PQfinish(pg);
	return status;
}
