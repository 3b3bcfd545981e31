/* versions.c -- records as they are stored: all versions of one, and all of a
 * sort for an export. */
#include <string.h>

#include "catalog.h"
#include "lists.h"
#include "store.h"
#include "timeutil.h"

#define KEY_BYTES_MAX 200
#define LIMIT_DEFAULT 500
#define LIMIT_MAX 1000

#define SORT(name) SY__V1__DIRECTORY_RECORD__RECORD_##name

static const struct {
	const char *name; /* also the first part of its keys, but of terms */
	Sy__V1__DirectoryRecord__RecordCase sort;
	int all; /* statement */
} sorts[] = {
	{ "unit", SORT(UNIT), SQL_ALL_OF_UNITS },
	{ "department", SORT(DEPARTMENT), SQL_ALL_OF_DEPARTMENTS },
	{ "term", SORT(TERM), SQL_ALL_OF_TERMS },
	{ "denominator", SORT(DENOMINATOR), SQL_ALL_OF_DENOMINATORS },
	{ "principal", SORT(PRINCIPAL), SQL_ALL_OF_PRINCIPALS },
	{ "calendar", SORT(CALENDAR), SQL_ALL_OF_CALENDARS },
	{ "calendar_day", SORT(CALENDAR_DAY), SQL_ALL_OF_CALENDAR_DAYS },
	{ "employee", SORT(EMPLOYEE), SQL_ALL_OF_EMPLOYEES },
	{ "centre", SORT(CENTRE), SQL_ALL_OF_CENTRES },
	{ "policy", SORT(POLICY), SQL_ALL_OF_POLICIES },
};
#define SORTS_NR (sizeof(sorts) / sizeof(sorts[0]))

/* --- GetRecordVersions -----------------------------------------------------
 */

/* A record of that key, as far as to find it; NULL: keys do not look like
 * that. */
static Sy__V1__DirectoryRecord *of_key(struct arena *arena, const char *key)
{
	Sy__V1__DirectoryRecord *r = arena_alloc(arena, sizeof(*r));
	char *first = arena_strdup(arena, key);
	char *code = strchr(first, '/');

	if (!code || !code[1])
		return NULL;
	*code++ = '\0';
	sy__v1__directory_record__init(r);
	r->record_case = SORT(TERM);
	for (size_t i = 0; i < SORTS_NR; i++)
		if (strcmp(sorts[i].name, first) == 0)
			r->record_case = sorts[i].sort;
/* The member's message, with the code in that field. */
#define STUB(member, type, init, field)                                        \
	do {                                                                   \
		r->member = arena_alloc(arena, sizeof(type));                  \
		init(r->member);                                               \
		r->member->field = code;                                       \
	} while (0)
	switch (r->record_case) {
	case SORT(UNIT):
		STUB(unit, Sy__V1__Unit, sy__v1__unit__init, code);
		return r;
	case SORT(DEPARTMENT):
		STUB(department, Sy__V1__Department, sy__v1__department__init,
		     code);
		return r;
	case SORT(TERM):
		STUB(term, Sy__V1__Term, sy__v1__term__init, code);
		r->term->taxonomy = first;
		return r;
	case SORT(DENOMINATOR):
		STUB(denominator, Sy__V1__Denominator,
		     sy__v1__denominator__init, unit);
		r->denominator->measure = strchr(code, '/');
		if (!r->denominator->measure)
			return NULL;
		*r->denominator->measure++ = '\0';
		return r;
	case SORT(CALENDAR):
		STUB(calendar, Sy__V1__Calendar, sy__v1__calendar__init, code);
		return r;
	case SORT(EMPLOYEE):
		STUB(employee, Sy__V1__Employee, sy__v1__employee__init, code);
		return r;
	case SORT(CENTRE):
		STUB(centre, Sy__V1__Centre, sy__v1__centre__init, unit);
		return r;
	case SORT(POLICY):
		STUB(policy, Sy__V1__Policy, sy__v1__policy__init, code);
		return r;
	/* no versions, or not for everybody: ListPrincipals, GetCalendar */
	case SORT(PRINCIPAL):
	case SORT(SIGNING_KEY):
	case SORT(CALENDAR_DAY):
	case SORT(_NOT_SET):
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
#undef STUB
	return NULL;
}

static void versions_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	const Sy__V1__GetRecordVersionsRequest *ask =
		(const void *)bus_request_message(req);
	Sy__V1__GetRecordVersionsReply reply =
		SY__V1__GET_RECORD_VERSIONS_REPLY__INIT;
	struct catalog catalog;
	const struct entry *e;

	if (bus_reply_db_error(req, res))
		return;
	catalog_init(&catalog, arena);
	store_load(&catalog, res, 0);
	e = catalog_find(&catalog, ask->key);
	if (!e || !e->n) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "key",
				"is not known");
		return;
	}
	if (!rules_sees(&catalog, e, bus_request_grant(req),
			(int32_t)(time_now_us() / US_PER_DAY))) {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "key",
				"lies outside of your subtree");
		return;
	}
	reply.versions = arena_alloc(arena, e->n * sizeof(*reply.versions));
	for (size_t i = e->n; i-- > 0;)
		reply.versions[reply.n_versions++] =
			(Sy__V1__DirectoryRecord *)e->versions[i]->record;
	reply.revision = e->revision;
	bus_reply(req, &reply.base);
}

void handle_get_record_versions(struct bus_request *req)
{
	const Sy__V1__GetRecordVersionsRequest *ask =
		(const void *)bus_request_message(req);
	struct arena *arena = bus_request_arena(req);
	const Sy__V1__DirectoryRecord *record = NULL;
	struct db_pipe *pipe;

	if (strlen(ask->key) <= KEY_BYTES_MAX)
		record = of_key(arena, ask->key);
	if (!record) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "key",
				"wants a key like unit/CODE or policy/CODE");
		return;
	}
	pipe = bus_request_pipe(req);
	store_read(pipe, arena, &record, 1);
	db_pipe_run(pipe, versions_cb, req);
}

/* --- ListRecords -----------------------------------------------------------
 */

struct ask {
	struct bus_request *req;
	Sy__V1__DirectoryRecord__RecordCase sort;
	uint32_t limit;
};

static void list_records_cb(const struct db_result *res, void *arg)
{
	const struct ask *ask = arg;
	struct arena *arena = bus_request_arena(ask->req);
	Sy__V1__ListRecordsReply reply = SY__V1__LIST_RECORDS_REPLY__INIT;
	const char *key = "";
	int32_t day = 0;
	size_t rows;

	if (bus_reply_db_error(ask->req, res))
		return;
	rows = (size_t)db_rows(res, 0);
	reply.records = arena_alloc(arena, (rows + 1) * sizeof(*reply.records));
	while (reply.n_records < rows && reply.n_records < ask->limit) {
		reply.records[reply.n_records] =
			store_record(arena, res, 0, (int)reply.n_records,
				     ask->sort, &key, &day);
		reply.n_records++;
	}
	if (reply.n_records < rows) {
		reply.next_key = (char *)key;
		reply.next_day = day;
	}
	bus_reply(ask->req, &reply.base);
}

void handle_list_records(struct bus_request *req)
{
	const Sy__V1__ListRecordsRequest *in =
		(const void *)bus_request_message(req);
	struct ask *ask = arena_alloc(bus_request_arena(req), sizeof(*ask));
	struct db_pipe *pipe;
	size_t i = 0;

	ask->req = req;
	while (i < SORTS_NR && strcmp(sorts[i].name, in->sort) != 0)
		i++;
	if (i == SORTS_NR) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "sort",
				"is no sort of records");
		return;
	}
	if (bus_request_grant(req)->unit[0]) {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "sort",
				"only somebody who sees all may export");
		return;
	}
	if (!list_limit(req, in->limit, LIMIT_DEFAULT, LIMIT_MAX, &ask->limit))
		return;
	ask->sort = sorts[i].sort;
	pipe = bus_request_pipe(req);
	db_exec(pipe, sorts[i].all);
	db_text(pipe, in->after_key);
	db_i32(pipe, in->after_day);
	db_i32(pipe, (int32_t)ask->limit + 1);
	db_pipe_run(pipe, list_records_cb, ask);
}
