/* rows.c -- rows of store.c's statements to records. The way in: params.c. */
#include <stdlib.h>
#include <string.h>

#include "store.h"

/* A row that is being read, column by column. */
struct cursor {
	struct arena *arena;
	const struct db_result *res;
	int statement, row, col;
};

static char *next_text(struct cursor *at)
{
	return arena_strdup(at->arena, db_get_text(at->res, at->statement,
						   at->row, at->col++));
}

static int32_t next_i32(struct cursor *at)
{
	return db_get_i32(at->res, at->statement, at->row, at->col++);
}

static int64_t next_i64(struct cursor *at)
{
	return db_get_i64(at->res, at->statement, at->row, at->col++);
}

static bool next_bool(struct cursor *at)
{
	return db_get_bool(at->res, at->statement, at->row, at->col++);
}

/* Three columns: ru, zh, en. */
static Sy__V1__Label **next_names(struct cursor *at, size_t *n_r)
{
	static const char *const languages[] = { "ru", "zh", "en" };
	Sy__V1__Label **names = arena_alloc(at->arena, 3 * sizeof(*names));

	*n_r = 0;
	for (size_t l = 0; l < 3; l++) {
		char *text = next_text(at);
		Sy__V1__Label *label;

		if (!text[0])
			continue;
		label = arena_alloc(at->arena, sizeof(*label));
		sy__v1__label__init(label);
		label->lang = arena_strdup(at->arena, languages[l]);
		label->text = text;
		names[(*n_r)++] = label;
	}
	return names;
}

/* "a,b,c" */
static char **next_list(struct cursor *at, size_t *n_r)
{
	char *text = next_text(at), *save = NULL;
	char **list =
		arena_alloc(at->arena, (strlen(text) / 2 + 1) * sizeof(*list));

	*n_r = 0;
	for (char *word = strtok_r(text, ",", &save); word;
	     word = strtok_r(NULL, ",", &save))
		list[(*n_r)++] = word;
	return list;
}

static Sy__V1__Unit *next_unit(struct cursor *at)
{
	Sy__V1__Unit *u = arena_alloc(at->arena, sizeof(*u));

	sy__v1__unit__init(u);
	u->code = next_text(at);
	u->valid_from_day = next_i32(at);
	u->valid_to_day = next_i32(at);
	u->parent = next_text(at);
	u->level = next_text(at);
	u->zone = next_text(at);
	u->calendar = next_text(at);
	u->names = next_names(at, &u->n_names);
	return u;
}

static Sy__V1__Principal *next_principal(struct cursor *at)
{
	Sy__V1__Principal *p = arena_alloc(at->arena, sizeof(*p));

	sy__v1__principal__init(p);
	p->name = next_text(at);
	p->roles = next_list(at, &p->n_roles);
	p->streams = next_list(at, &p->n_streams);
	p->unit = next_text(at);
	p->revoked = next_bool(at);
	p->person = next_bool(at);
	p->display_name = next_text(at);
	p->lang = next_text(at);
	return p;
}

static Sy__V1__Department *next_department(struct cursor *at)
{
	Sy__V1__Department *d = arena_alloc(at->arena, sizeof(*d));

	sy__v1__department__init(d);
	d->code = next_text(at);
	d->valid_from_day = next_i32(at);
	d->valid_to_day = next_i32(at);
	d->parent = next_text(at);
	d->names = next_names(at, &d->n_names);
	return d;
}

static Sy__V1__Term *next_term(struct cursor *at)
{
	Sy__V1__Term *t = arena_alloc(at->arena, sizeof(*t));

	sy__v1__term__init(t);
	t->taxonomy = next_text(at);
	t->code = next_text(at);
	t->valid_from_day = next_i32(at);
	t->valid_to_day = next_i32(at);
	t->parent = next_text(at);
	t->class_ = next_text(at);
	t->names = next_names(at, &t->n_names);
	return t;
}

static Sy__V1__SigningKey *next_signing_key(struct cursor *at)
{
	Sy__V1__SigningKey *k = arena_alloc(at->arena, sizeof(*k));
	const uint8_t *key;

	sy__v1__signing_key__init(k);
	k->key_id = next_text(at);
	key = db_get_bytes(at->res, at->statement, at->row, at->col++,
			   &k->public_key.len);
	k->public_key.data = arena_memdup(at->arena, key, k->public_key.len);
	k->revoked = next_bool(at);
	return k;
}

Sy__V1__Unit *store_unit(struct arena *arena, const struct db_result *res,
			 int statement, int row)
{
	struct cursor at = { arena, res, statement, row, 0 };

	return next_unit(&at);
}

Sy__V1__Principal *store_principal(struct arena *arena,
				   const struct db_result *res, int statement,
				   int row)
{
	struct cursor at = { arena, res, statement, row, 0 };

	return next_principal(&at);
}

Sy__V1__Department *store_department(struct arena *arena,
				     const struct db_result *res, int statement,
				     int row)
{
	struct cursor at = { arena, res, statement, row, 0 };

	return next_department(&at);
}

Sy__V1__Term *store_term(struct arena *arena, const struct db_result *res,
			 int statement, int row)
{
	struct cursor at = { arena, res, statement, row, 0 };

	return next_term(&at);
}

static Sy__V1__Employee *next_employee(struct cursor *at)
{
	Sy__V1__Employee *e = arena_alloc(at->arena, sizeof(*e));

	sy__v1__employee__init(e);
	e->code = next_text(at);
	e->valid_from_day = next_i32(at);
	e->valid_to_day = next_i32(at);
	e->name = next_text(at);
	e->position = next_text(at);
	e->unit = next_text(at);
	e->department = next_text(at);
	e->principal = next_text(at);
	return e;
}

/* A message that is kept packed: as this service once wrote it. */
static ProtobufCMessage *next_body(struct cursor *at,
				   const ProtobufCMessageDescriptor *desc)
{
	size_t len;
	const uint8_t *body =
		db_get_bytes(at->res, at->statement, at->row, at->col++, &len);
	ProtobufCMessage *m = protobuf_c_message_unpack(
		desc, &at->arena->allocator, len, body);

	if (!m)
		abort(); /* the row is no record: nothing may be decided on it
			  */
	return m;
}

ProtobufCMessage *store_body(struct arena *arena, const struct db_result *res,
			     int statement, int row,
			     const ProtobufCMessageDescriptor *desc)
{
	struct cursor at = { arena, res, statement, row, 0 };

	return next_body(&at, desc);
}

Sy__V1__Employee *store_employee(struct arena *arena,
				 const struct db_result *res, int statement,
				 int row)
{
	struct cursor at = { arena, res, statement, row, 0 };

	return next_employee(&at);
}

static void read_record(struct cursor *at,
			Sy__V1__DirectoryRecord__RecordCase sort,
			Sy__V1__DirectoryRecord *r)
{
	r->record_case = sort;
	switch (sort) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		r->unit = next_unit(at);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		r->department = next_department(at);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		r->term = next_term(at);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR: {
		Sy__V1__Denominator *d = arena_alloc(at->arena, sizeof(*d));

		sy__v1__denominator__init(d);
		d->unit = next_text(at);
		d->measure = next_text(at);
		d->valid_from_day = next_i32(at);
		d->valid_to_day = next_i32(at);
		d->value = next_i64(at);
		r->denominator = d;
		return;
	}
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		r->principal = next_principal(at);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
		r->signing_key = next_signing_key(at);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
		r->employee = next_employee(at);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
		r->calendar = (Sy__V1__Calendar *)next_body(
			at, &sy__v1__calendar__descriptor);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
		r->calendar_day = (Sy__V1__CalendarDay *)next_body(
			at, &sy__v1__calendar_day__descriptor);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
		r->centre = (Sy__V1__Centre *)next_body(
			at, &sy__v1__centre__descriptor);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
		r->policy = (Sy__V1__Policy *)next_body(
			at, &sy__v1__policy__descriptor);
		return;
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		return;
	}
}

Sy__V1__DirectoryRecord *store_record(struct arena *arena,
				      const struct db_result *res,
				      int statement, int row,
				      Sy__V1__DirectoryRecord__RecordCase sort,
				      const char **key_r, int32_t *day_r)
{
	struct cursor at = { arena, res, statement, row, 0 };
	Sy__V1__DirectoryRecord *r = arena_alloc(arena, sizeof(*r));

	sy__v1__directory_record__init(r);
	read_record(&at, sort, r);
	*key_r = next_text(&at);
	*day_r = next_i32(&at);
	return r;
}

uint64_t store_load(struct catalog *c, const struct db_result *res, int first)
{
	/* In the order of the SQL_READ_ statements after the revision. */
	static const Sy__V1__DirectoryRecord__RecordCase sorts[] = {
		SY__V1__DIRECTORY_RECORD__RECORD_UNIT,
		SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT,
		SY__V1__DIRECTORY_RECORD__RECORD_TERM,
		SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR,
		SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL,
		SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY,
		SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR,
		SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY,
		SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE,
		SY__V1__DIRECTORY_RECORD__RECORD_CENTRE,
		SY__V1__DIRECTORY_RECORD__RECORD_POLICY,
	};

	for (int s = 0; s < STORE_SORTS_NR; s++)
		for (int row = 0; row < db_rows(res, first + 1 + s); row++) {
			struct cursor at = { c->arena, res, first + 1 + s, row,
					     0 };
			Sy__V1__DirectoryRecord *r =
				arena_alloc(c->arena, sizeof(*r));

			sy__v1__directory_record__init(r);
			read_record(&at, sorts[s], r);
			catalog_load(c, r, (uint64_t)next_i64(&at));
		}
	return (uint64_t)db_get_i64(res, first, 0, 0);
}
