/* handlers.c -- what the directory takes: one way to write, PutRecord, whose
 * batches are judged by rules.c, and the questions. Those that pages ask stand
 * in lists.c, those about people in sign_in.c, invites.c, api_tokens.c. */
#include <string.h>

#include "changes.h"
#include "directory.h"
#include "lists.h"
#include "people.h"
#include "store.h"
#include "timeutil.h"

/* Of a record's key: a taxonomy, two codes and the slashes between. */
#define ASSUMED_MAX 200
#define LIST_LIMIT_DEFAULT 100
#define LIST_LIMIT_MAX 1000

/* --- PutRecord -------------------------------------------------------------
 */

/* Of one batch, until it is committed or starts again. */
struct put {
	struct catalog catalog;
	uint64_t revision; /* that the catalog was read at */
	int64_t *notes;    /* that became events */
	size_t notes_nr;
};

static bool is_note(const struct bus_item *item)
{
	return item->method->request ==
	       &sy__v1__note_security_request__descriptor;
}

/* Of a note: the principal that it is about, as far as to find it. */
static const Sy__V1__DirectoryRecord *item_record(const struct bus_item *item,
						  struct arena *arena)
{
	const Sy__V1__NoteSecurityRequest *note = (const void *)item->request;
	Sy__V1__DirectoryRecord *record;

	if (!is_note(item))
		return ((const Sy__V1__PutRecordRequest *)item->request)
			->record;
	record = arena_alloc(arena, sizeof(*record));
	sy__v1__directory_record__init(record);
	record->record_case = SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL;
	record->principal = arena_alloc(arena, sizeof(*record->principal));
	sy__v1__principal__init(record->principal);
	record->principal->name = note->principal;
	return record;
}

static bool is_merge(const struct bus_item *item)
{
	return item->method->request ==
	       &sy__v1__merge_units_request__descriptor;
}

/* What a merge has to look at: the unit as one that ends, hence with all that
 * hangs on it, the other one, and the centre. */
static size_t merge_records(const struct bus_item *item, struct arena *arena,
			    const Sy__V1__DirectoryRecord **records)
{
	const Sy__V1__MergeUnitsRequest *ask = (const void *)item->request;
	Sy__V1__DirectoryRecord *r = arena_alloc(arena, 3 * sizeof(*r));
	Sy__V1__Unit *u = arena_alloc(arena, 2 * sizeof(*u));

	for (int i = 0; i < 3; i++) {
		sy__v1__directory_record__init(&r[i]);
		records[i] = &r[i];
	}
	for (int i = 0; i < 2; i++) {
		sy__v1__unit__init(&u[i]);
		r[i].record_case = SY__V1__DIRECTORY_RECORD__RECORD_UNIT;
		r[i].unit = &u[i];
	}
	u[0].code = ask->unit;
	u[0].valid_to_day = 1;
	u[1].code = ask->into;
	r[2].record_case = SY__V1__DIRECTORY_RECORD__RECORD_CENTRE;
	r[2].centre = arena_alloc(arena, sizeof(*r[2].centre));
	sy__v1__centre__init(r[2].centre);
	r[2].centre->unit = ask->unit;
	return 3;
}

static void put_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const Sy__V1__DirectoryRecord **records = arena_alloc(
		&batch->arena, (3 * batch->n + 1) * sizeof(*records));
	size_t n = 0;

	(void)svc;
	for (size_t i = 0; i < batch->n; i++)
		if (is_merge(batch->items[i]))
			n += merge_records(batch->items[i], &batch->arena,
					   records + n);
		else
			records[n++] =
				item_record(batch->items[i], &batch->arena);
	store_read(pipe, &batch->arena, records, n);
	db_exec(pipe, SQL_READ_NOTES);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < batch->n; i++)
		if (is_note(batch->items[i]))
			db_array_int(pipe,
				     ((const Sy__V1__NoteSecurityRequest *)batch
					      ->items[i]
					      ->request)
					     ->note_id);
	db_array_end(pipe);
}

/* Who could put a key could make tokens for everybody: the directory makes them
 * itself, an administrator may only revoke. */
static bool key_refused(struct bus_item *item,
			const Sy__V1__DirectoryRecord *record,
			const struct put *put, struct arena *arena)
{
	struct entry *e;

	if (record->record_case !=
		    SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY ||
	    item->method->roles == 0)
		return false;
	e = catalog_find(&put->catalog,
			 arena_printf(arena, "signing_key/%s",
				      record->signing_key->key_id));
	if (e && e->n && record->signing_key->revoked &&
	    record->signing_key->public_key.len == SIGNING_KEY_BYTES &&
	    memcmp(record->signing_key->public_key.data,
		   e->versions[0]->record->signing_key->public_key.data,
		   SIGNING_KEY_BYTES) == 0)
		return false;
	bus_refuse(item, SY__V1__ERROR_CODE__FORBIDDEN, "signing_key",
		   "keys are made by the directory, and can only be revoked");
	return true;
}

static void emit_put(struct bus_batch *batch, const struct bus_item *item,
		     const struct put_result *r)
{
	Sy__V1__RecordPut payload = SY__V1__RECORD_PUT__INIT;

	payload.before = (Sy__V1__DirectoryRecord *)r->before;
	payload.after = (Sy__V1__DirectoryRecord *)r->after;
	bus_emit(batch, item,
		 &(struct bus_event){
			 .type = "RecordPut",
			 .key = r->key,
			 .revision = r->revision,
			 .occurred_at_us = item->occurred_at_us
						   ? item->occurred_at_us
						   : batch->now_us,
			 .payload = &payload.base,
		 });
}

static void put_one(struct bus_batch *batch, struct put *put,
		    struct bus_item *item)
{
	Sy__V1__PutRecordReply *reply;
	Sy__V1__DirectoryRecord none = SY__V1__DIRECTORY_RECORD__INIT;
	const Sy__V1__DirectoryRecord *record =
		item_record(item, &batch->arena);
	struct put_result r;

	if (record && key_refused(item, record, put, &batch->arena))
		return;
	if (!record)
		record = &none;
	if (rules_within(&put->catalog, record, item->grant,
			 (int32_t)(batch->now_us / US_PER_DAY), &r))
		rules_put(&put->catalog, record, &r);
	if (r.outcome == PUT_REFUSED) {
		bus_refuse(item, r.code, r.field, "%s", r.text);
		return;
	}
	reply = arena_alloc(&batch->arena, sizeof(*reply));
	sy__v1__put_record_reply__init(reply);
	reply->changed = r.outcome == PUT_CHANGED;
	item->reply = &reply->base;
	if (r.outcome == PUT_UNCHANGED)
		return;
	emit_put(batch, item, &r);
}

static void merge_one(struct bus_batch *batch, struct put *put,
		      struct bus_item *item)
{
	const Sy__V1__MergeUnitsRequest *ask = (const void *)item->request;
	const struct merge merge = { ask->unit, ask->into, ask->day };
	Sy__V1__MergeUnitsReply *reply =
		arena_alloc(&batch->arena, sizeof(*reply));
	struct merge_result m;

	rules_merge(&put->catalog, &merge, item->grant,
		    (int32_t)(batch->now_us / US_PER_DAY), &m);
	if (m.refused) {
		bus_refuse(item, m.refused->code, m.refused->field, "%s",
			   m.refused->text);
		return;
	}
	sy__v1__merge_units_reply__init(reply);
	merge_tell(&put->catalog, ask->unit, &m, reply);
	item->reply = &reply->base;
	for (size_t i = 0; i < m.n; i++)
		if (m.puts[i].outcome == PUT_CHANGED)
			emit_put(batch, item, &m.puts[i]);
}

/* The note's row, if it is still there: another process may have been first. */
static void note_one(struct bus_batch *batch, struct put *put,
		     struct bus_item *item, const struct db_result *res,
		     int statement)
{
	const Sy__V1__NoteSecurityRequest *ask = (const void *)item->request;
	Sy__V1__PrincipalSecurityEvent payload =
		SY__V1__PRINCIPAL_SECURITY_EVENT__INIT;
	const char *key =
		arena_printf(&batch->arena, "principal/%s", ask->principal);
	uint64_t revision;
	int row = 0;

	while (row < db_rows(res, statement) &&
	       db_get_i64(res, statement, row, 0) != ask->note_id)
		row++;
	if (row == db_rows(res, statement) ||
	    (revision = catalog_touch(&put->catalog, key)) == 0) {
		bus_refuse(item, SY__V1__ERROR_CODE__STATE, "note_id",
			   "is not there any more");
		return;
	}
	payload.principal = (char *)db_get_text(res, statement, row, 2);
	payload.what = (char *)db_get_text(res, statement, row, 3);
	payload.by = (char *)db_get_text(res, statement, row, 4);
	payload.token_id = (char *)db_get_text(res, statement, row, 5);
	put->notes[put->notes_nr++] = ask->note_id;
	bus_emit(batch, item,
		 &(struct bus_event){
			 .type = "PrincipalSecurityEvent",
			 .key = key,
			 .revision = revision,
			 .occurred_at_us = db_get_time(res, statement, row, 1),
			 .payload = &payload.base,
		 });
}

static enum bus_decision put_decide(void *svc, struct bus_batch *batch,
				    const struct db_result *res, int first,
				    bool directory_fresh)
{
	struct put *put = arena_alloc(&batch->arena, sizeof(*put));

	(void)svc;
	(void)directory_fresh; /* it is us */
	catalog_init(&put->catalog, &batch->arena);
	put->revision = store_load(&put->catalog, res, first);
	batch->directory_rev = put->revision;
	batch->scratch = put;
	put->notes = arena_alloc(&batch->arena,
				 (batch->n + 1) * sizeof(*put->notes));
	for (size_t i = 0; i < batch->n; i++)
		if (is_note(batch->items[i]))
			note_one(batch, put, batch->items[i], res,
				 first + STORE_SORTS_NR + 1);
		else if (is_merge(batch->items[i]))
			merge_one(batch, put, batch->items[i]);
		else
			put_one(batch, put, batch->items[i]);
	return BUS_DECIDED;
}

static void put_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const struct put *put = batch->scratch;

	(void)svc;
	store_write(pipe, &put->catalog, put->revision);
	if (!put->notes_nr)
		return;
	db_exec(pipe, SQL_DELETE_NOTES);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < put->notes_nr; i++)
		db_array_int(pipe, put->notes[i]);
	db_array_end(pipe);
}

const struct bus_domain directory_domain = {
	.read = put_read,
	.decide = put_decide,
	.write = put_write,
};

/* --- CheckRecords ----------------------------------------------------------
 */

/* What a record replaces from its first day on; NULL: nothing of its key. */
static const Sy__V1__DirectoryRecord *held_before(const struct catalog *c,
						  const struct put_result *r)
{
	const struct entry *e = catalog_find(c, r->key);

	if (r->before)
		return r->before;
	for (size_t i = 1; e && i < e->n; i++)
		if (e->versions[i]->record == r->after)
			return e->versions[i - 1]->record;
	return NULL;
}

static void check_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	const Sy__V1__CheckRecordsRequest *ask =
		(const void *)bus_request_message(req);
	Sy__V1__CheckRecordsReply reply = SY__V1__CHECK_RECORDS_REPLY__INIT;
	struct catalog catalog;

	if (bus_reply_db_error(req, res))
		return;
	catalog_init(&catalog, arena);
	store_load(&catalog, res, 0);
	for (size_t i = 0; i < ask->n_assumed; i++)
		catalog_assume(&catalog, ask->assumed[i]);
	reply.problems = arena_alloc(arena, (ask->n_records + 1) *
						    sizeof(*reply.problems));
	for (size_t i = 0; i < ask->n_records; i++) {
		Sy__V1__RecordProblem *problem;
		struct put_result r;

		if (rules_within(&catalog, ask->records[i],
				 bus_request_grant(req),
				 (int32_t)(time_now_us() / US_PER_DAY), &r))
			rules_put(&catalog, ask->records[i], &r);
		reply.would_change += r.outcome == PUT_CHANGED;
		if (r.outcome == PUT_CHANGED)
			changes_count(arena, held_before(&catalog, &r), r.after,
				      &reply);
		reply.unchanged += r.outcome == PUT_UNCHANGED;
		if (r.outcome != PUT_REFUSED)
			continue;
		problem = arena_alloc(arena, sizeof(*problem));
		sy__v1__record_problem__init(problem);
		problem->index = (uint32_t)i;
		problem->error = arena_alloc(arena, sizeof(*problem->error));
		sy__v1__error__init(problem->error);
		problem->error->code = r.code;
		problem->error->field = (char *)r.field;
		problem->error->text = (char *)r.text;
		reply.problems[reply.n_problems++] = problem;
	}
	bus_reply(req, &reply.base);
}

static void handle_check_records(struct bus_request *req)
{
	const Sy__V1__CheckRecordsRequest *ask =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	for (size_t i = 0; i < ask->n_assumed; i++) {
		if (strlen(ask->assumed[i]) <= ASSUMED_MAX)
			continue;
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "assumed",
				"at most %d characters each", ASSUMED_MAX);
		return;
	}
	pipe = bus_request_pipe(req);
	store_read(pipe, bus_request_arena(req),
		   (const Sy__V1__DirectoryRecord *const *)ask->records,
		   ask->n_records);
	db_pipe_run(pipe, check_cb, req);
}

/* --- ListUnits -------------------------------------------------------------
 */

static void list_units_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	const Sy__V1__ListUnitsRequest *ask =
		(const void *)bus_request_message(req);
	Sy__V1__ListUnitsReply reply = SY__V1__LIST_UNITS_REPLY__INIT;
	uint32_t limit = ask->limit ? ask->limit : LIST_LIMIT_DEFAULT;
	int rows;

	if (bus_reply_db_error(req, res))
		return;
	rows = db_rows(res, 0);
	reply.units =
		arena_alloc(arena, (size_t)(rows + 1) * sizeof(*reply.units));
	for (int row = 0; row < rows && reply.n_units < limit; row++)
		reply.units[reply.n_units++] = store_unit(arena, res, 0, row);
	if (reply.n_units < (size_t)rows)
		reply.next_code = reply.units[reply.n_units - 1]->code;
	bus_reply(req, &reply.base);
}

static void handle_list_units(struct bus_request *req)
{
	const Sy__V1__ListUnitsRequest *ask =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;
	uint32_t limit;
	int32_t day;

	if (!list_limit(req, ask->limit, LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX,
			&limit))
		return;
	if (!list_day(req, ask->day, &day))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_LIST_UNITS);
	db_text(pipe, ask->parent);
	db_i32(pipe, day);
	db_text(pipe, ask->after_code);
	db_i32(pipe, (int32_t)limit + 1);
	db_text(pipe, bus_request_grant(req)->unit);
	db_pipe_run(pipe, list_units_cb, req);
}

/* --- GetDirectoryStatus ----------------------------------------------------
 */

static void status_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__GetDirectoryStatusReply reply =
		SY__V1__GET_DIRECTORY_STATUS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.revision = (uint64_t)db_get_i64(res, 0, 0, 0);
	reply.units = (uint64_t)db_get_i64(res, 0, 0, 1);
	reply.departments = (uint64_t)db_get_i64(res, 0, 0, 2);
	reply.terms = (uint64_t)db_get_i64(res, 0, 0, 3);
	reply.denominators = (uint64_t)db_get_i64(res, 0, 0, 4);
	reply.principals = (uint64_t)db_get_i64(res, 0, 0, 5);
	bus_reply(req, &reply.base);
}

static void handle_get_directory_status(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_STATUS);
	db_pipe_run(pipe, status_cb, req);
}

#define ROLES_PAGES                                                            \
	(ROLE_READER | ROLE_HANDLER | ROLE_ADMIN | ROLE_AUDITOR | ROLE_PRIVACY)
#define ROLES_ANY (ROLES_PAGES | ROLE_PUBLISHER | ROLE_CONSUMER)
/* Who must write them must be able to look them up. */
#define ROLES_CODES (ROLES_PAGES | ROLE_PUBLISHER)

/* clang-format off */
const struct bus_method directory_methods[] = {
	{ "PutRecord",          ROLE_ADMIN,  BUS_WRITE,
	  &sy__v1__put_record_request__descriptor,           NULL },
	{ "CheckRecords",       ROLE_ADMIN,  BUS_READ,
	  &sy__v1__check_records_request__descriptor,        handle_check_records },
	{ "ListUnits",          ROLES_CODES, BUS_READ,
	  &sy__v1__list_units_request__descriptor,           handle_list_units },
	{ "GetDirectoryStatus", ROLE_READER, BUS_READ,
	  &sy__v1__get_directory_status_request__descriptor, handle_get_directory_status },
	{ "SearchUnits",        ROLES_CODES, BUS_READ,
	  &sy__v1__search_units_request__descriptor,         handle_search_units },
	{ "GetUnit",            ROLES_CODES, BUS_READ,
	  &sy__v1__get_unit_request__descriptor,             handle_get_unit },
	{ "ListTerms",          ROLES_CODES, BUS_READ,
	  &sy__v1__list_terms_request__descriptor,           handle_list_terms },
	{ "ListDepartments",    ROLES_PAGES, BUS_READ,
	  &sy__v1__list_departments_request__descriptor,     handle_list_departments },
	{ "ListPolicies",       ROLES_PAGES, BUS_READ,
	  &sy__v1__list_policies_request__descriptor,        handle_list_policies },
	{ "ListCalendars",      ROLES_PAGES, BUS_READ,
	  &sy__v1__list_calendars_request__descriptor,       handle_list_calendars },
	{ "GetCalendar",        ROLES_PAGES, BUS_READ,
	  &sy__v1__get_calendar_request__descriptor,         handle_get_calendar },
	{ "ListEmployees",      ROLES_PAGES, BUS_READ,
	  &sy__v1__list_employees_request__descriptor,       handle_list_employees },
	{ "ListCentres",        ROLES_PAGES, BUS_READ,
	  &sy__v1__list_centres_request__descriptor,         handle_list_centres },
	{ "GetRecordVersions",  ROLES_PAGES, BUS_READ,
	  &sy__v1__get_record_versions_request__descriptor,  handle_get_record_versions },
	{ "ListRecords",        ROLE_ADMIN | ROLE_AUDITOR, BUS_READ,
	  &sy__v1__list_records_request__descriptor,         handle_list_records },
	{ "MergeUnits",         ROLE_ADMIN,  BUS_WRITE,
	  &sy__v1__merge_units_request__descriptor,          NULL },
	{ "ListPrincipals",     ROLE_ADMIN | ROLE_AUDITOR, BUS_READ,
	  &sy__v1__list_principals_request__descriptor,      handle_list_principals },

	{ "SignIn",             ROLE_GATEWAY, BUS_READ,
	  &sy__v1__sign_in_request__descriptor,              handle_sign_in },
	{ "RenewSession",       ROLE_GATEWAY, BUS_READ,
	  &sy__v1__renew_session_request__descriptor,        handle_renew_session },
	{ "SignOut",            ROLE_GATEWAY, BUS_READ,
	  &sy__v1__sign_out_request__descriptor,             handle_sign_out },
	{ "AcceptInvite",       ROLE_GATEWAY, BUS_READ,
	  &sy__v1__accept_invite_request__descriptor,        handle_accept_invite },
	{ "ExchangeApiToken",   ROLE_GATEWAY, BUS_READ,
	  &sy__v1__exchange_api_token_request__descriptor,   handle_exchange_api_token },
	{ "ChangePassword",     ROLES_ANY,   BUS_READ,
	  &sy__v1__change_password_request__descriptor,      handle_change_password },
	{ "MakeInvite",         ROLE_ADMIN,  BUS_READ,
	  &sy__v1__make_invite_request__descriptor,          handle_make_invite },
	{ "MakeApiToken",       ROLE_ADMIN,  BUS_READ,
	  &sy__v1__make_api_token_request__descriptor,       handle_make_api_token },
	{ "RevokeApiToken",     ROLE_ADMIN,  BUS_READ,
	  &sy__v1__revoke_api_token_request__descriptor,     handle_revoke_api_token },
	{ "ListApiTokens",      ROLE_ADMIN | ROLE_AUDITOR, BUS_READ,
	  &sy__v1__list_api_tokens_request__descriptor,      handle_list_api_tokens },

	/* Without a role: the directory to itself. */
	{ "NoteSecurity",       0,           BUS_WRITE,
	  &sy__v1__note_security_request__descriptor,        NULL },
	{ "PutSigningKey",      0,           BUS_WRITE,
	  &sy__v1__put_record_request__descriptor,           NULL },
	{ 0 },
};
/* clang-format on */
