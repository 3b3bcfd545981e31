/* subject_handlers.c -- answers about customers: their cases and links, what
 * was erased, how long what is personal is kept.
 */
#include <string.h>

#include "subjects.h"
#include "timeutil.h"

#define LIST_DEFAULT 50
#define LIST_MAX 200
#define ERASURES_DEFAULT 100
#define ERASURES_MAX 500

/* --- shared with subject_export.c --- */

void subject_params(struct db_pipe *pipe, const struct subject_asked *asked)
{
	uint8_t id[UUID_BYTES];

	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < asked->contacts.n; i++)
		db_array_data(pipe, asked->contacts.id[i], CONTACT_BYTES);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_UUID);
	if (asked->appeal_id[0] != '\0' &&
	    uuid_parse(asked->appeal_id, id) == 0)
		db_array_data(pipe, id, sizeof(id));
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_UUID);
	db_array_end(pipe);
}

static char *text_at(const struct db_result *res, int st, int row, int col)
{
	return (char *)db_get_text(res, st, row, col);
}

void subject_links_fill(struct arena *arena, const struct db_result *res,
			int st, Sy__V1__SubjectLink ***links_r, size_t *n_r)
{
	*n_r = (size_t)db_rows(res, st);
	*links_r = arena_alloc(arena, (*n_r + 1) * sizeof(**links_r));
	for (int row = 0; row < (int)*n_r; row++) {
		Sy__V1__SubjectLink *l = arena_alloc(arena, sizeof(*l));

		sy__v1__subject_link__init(l);
		l->link_id = text_at(res, st, row, 0);
		l->revision = (uint64_t)db_get_i64(res, st, row, 1);
		l->by_rule = db_get_bool(res, st, row, 2);
		l->appeal_id = text_at(res, st, row, 3);
		l->other_appeal_id = text_at(res, st, row, 4);
		l->made_by = text_at(res, st, row, 5);
		l->made_at_us = db_get_time(res, st, row, 6);
		l->text = text_at(res, st, row, 7);
		l->split = db_get_bool(res, st, row, 8);
		l->split_by = text_at(res, st, row, 9);
		l->split_at_us = db_get_time(res, st, row, 10);
		l->split_text = text_at(res, st, row, 11);
		(*links_r)[row] = l;
	}
}

/* --- ListSubjectAppeals --- */

enum { ASKED, CASES, LINKS }; /* statements */

static uint32_t list_limit(const Sy__V1__ListSubjectAppealsRequest *msg)
{
	return msg->limit == 0 ? LIST_DEFAULT : msg->limit;
}

static void cases_fill(struct bus_request *req, const struct db_result *res,
		       const struct appeal_facts *asked,
		       Sy__V1__ListSubjectAppealsReply *reply)
{
	const Sy__V1__ListSubjectAppealsRequest *msg =
		(const Sy__V1__ListSubjectAppealsRequest *)bus_request_message(
			req);
	struct arena *arena = bus_request_arena(req);
	size_t n = (size_t)db_rows(res, CASES);
	struct appeal_facts facts;

	reply->more = n > list_limit(msg);
	n = reply->more ? list_limit(msg) : n;
	reply->appeals = arena_alloc(arena, (n + 1) * sizeof(void *));
	reply->same_matter = arena_alloc(arena, (n + 1) * sizeof(char *));
	for (int row = 0; row < (int)n; row++) {
		Sy__V1__AppealRow *out = arena_alloc(arena, sizeof(*out));

		store_facts(arena, res, CASES, row, STORE_FACTS_COL, &facts);
		sy__v1__appeal_row__init(out);
		out->appeal_id = store_id_text(arena, res, CASES, row);
		out->source = text_at(res, CASES, row, 1);
		out->external_id = text_at(res, CASES, row, 2);
		out->revision = (uint64_t)db_get_i64(res, CASES, row, 3);
		out->facts = arena_alloc(arena, sizeof(*out->facts));
		facts_to_proto(&facts, out->facts);
		reply->appeals[reply->n_appeals++] = out;
		if (strcmp(out->appeal_id, msg->appeal_id) != 0 &&
		    !appeal_ended(facts.state) && !appeal_ended(asked->state) &&
		    same_matter(asked->code[CODE_TOPIC], "",
				facts.code[CODE_TOPIC], "", false))
			reply->same_matter[reply->n_same_matter++] =
				out->appeal_id;
	}
}

static bool asked_reached(struct bus_request *req, const struct db_result *res,
			  struct appeal_facts *facts_r)
{
	const struct complaints *svc = bus_request_svc(req);

	if (db_rows(res, ASKED) != 1)
		return false;
	store_facts(bus_request_arena(req), res, ASKED, 0, STORE_FACTS_COL,
		    facts_r);
	return grant_reaches(svc->replica, bus_request_grant(req),
			     bus_request_principal(req),
			     db_get_text(res, ASKED, 0, 1), facts_r);
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__ListSubjectAppealsReply reply =
		SY__V1__LIST_SUBJECT_APPEALS_REPLY__INIT;
	struct appeal_facts asked;

	if (bus_reply_db_error(req, res))
		return;
	if (!asked_reached(req, res, &asked)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "appeal_id",
				"no such appeal");
		return;
	}
	cases_fill(req, res, &asked, &reply);
	subject_links_fill(bus_request_arena(req), res, LINKS, &reply.links,
			   &reply.n_links);
	bus_reply(req, &reply.base);
}

void handle_list_subject_appeals(struct bus_request *req)
{
	const Sy__V1__ListSubjectAppealsRequest *msg =
		(const Sy__V1__ListSubjectAppealsRequest *)bus_request_message(
			req);
	const struct subject_asked asked = { .appeal_id = msg->appeal_id };
	struct db_pipe *pipe;
	uint8_t id[UUID_BYTES];

	if (uuid_parse(msg->appeal_id, id) < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "appeal_id",
				"is not a UUID");
		return;
	}
	if (msg->limit > LIST_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", LIST_MAX);
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_GET);
	db_uuid(pipe, id);
	db_text(pipe, "");
	db_text(pipe, "");
	db_bool(pipe, false);
	db_exec(pipe, SQL_SUBJECT_LIST);
	subject_params(pipe, &asked);
	db_i64(pipe, (int64_t)list_limit(msg) + 1);
	db_null(pipe);
	db_text(pipe, bus_request_grant(req)->unit);
	db_text(pipe, bus_request_principal(req));
	db_exec(pipe, SQL_LINK_LIST);
	subject_params(pipe, &asked);
	db_pipe_run(pipe, listed_cb, req);
}

/* --- ListErasures --- */

static uint32_t erasures_limit(const Sy__V1__ListErasuresRequest *msg)
{
	return msg->limit == 0 ? ERASURES_DEFAULT : msg->limit;
}

/* "id id id" */
static void ids_fill(struct arena *arena, const char *text,
		     Sy__V1__Erasure *erasure)
{
	char *ids = arena_strdup(arena, text);
	char *rest = ids;

	erasure->appeal_ids =
		arena_alloc(arena, (strlen(ids) / (UUID_TEXT_MAX - 1) + 1) *
					   sizeof(char *));
	for (char *id; (id = strsep(&rest, " ")) != NULL && id[0] != '\0';)
		erasure->appeal_ids[erasure->n_appeal_ids++] = id;
}

static void erasures_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__ListErasuresRequest *msg =
		(const Sy__V1__ListErasuresRequest *)bus_request_message(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListErasuresReply reply = SY__V1__LIST_ERASURES_REPLY__INIT;
	size_t n;

	if (bus_reply_db_error(req, res))
		return;
	n = (size_t)db_rows(res, 0);
	reply.n_erasures = n;
	reply.erasures = arena_alloc(arena, (n + 1) * sizeof(void *));
	for (int row = 0; row < (int)n; row++) {
		Sy__V1__Erasure *e = arena_alloc(arena, sizeof(*e));

		sy__v1__erasure__init(e);
		e->erasure_id = store_id_text(arena, res, 0, row);
		e->erased_at_us = db_get_time(res, 0, row, 1);
		e->cause = (Sy__V1__ErasureCause)db_get_i64(res, 0, row, 2);
		e->erased_by = text_at(res, 0, row, 3);
		ids_fill(arena, db_get_text(res, 0, row, 4), e);
		reply.erasures[row] = e;
	}
	if (n > 0 && n == erasures_limit(msg))
		reply.next_cursor = reply.erasures[n - 1]->erasure_id;
	bus_reply(req, &reply.base);
}

void handle_list_erasures(struct bus_request *req)
{
	const Sy__V1__ListErasuresRequest *msg =
		(const Sy__V1__ListErasuresRequest *)bus_request_message(req);
	struct db_pipe *pipe;
	uint8_t id[UUID_BYTES];

	if (erasures_limit(msg) > ERASURES_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", ERASURES_MAX);
		return;
	}
	if (!time_is_storable(msg->from_us) || !time_is_storable(msg->to_us)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID,
				time_is_storable(msg->from_us) ? "to_us"
							       : "from_us",
				"is not a time of this system");
		return;
	}
	if (msg->cursor[0] != '\0' && uuid_parse(msg->cursor, id) < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "cursor",
				"is not one that a list has given");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_ERASURES);
	db_time(pipe, msg->from_us);
	db_time(pipe, msg->to_us);
	if (msg->cursor[0] != '\0')
		db_uuid(pipe, id);
	else
		db_null(pipe);
	db_i64(pipe, (int64_t)erasures_limit(msg));
	db_pipe_run(pipe, erasures_cb, req);
}

/* --- ListRetentions --- */

static void retentions_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListRetentionsReply reply = SY__V1__LIST_RETENTIONS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.n_retentions = (size_t)db_rows(res, 0);
	reply.retentions =
		arena_alloc(arena, (reply.n_retentions + 1) * sizeof(void *));
	for (int row = 0; row < (int)reply.n_retentions; row++) {
		Sy__V1__Retention *r = arena_alloc(arena, sizeof(*r));

		sy__v1__retention__init(r);
		r->kind = text_at(res, 0, row, 0);
		r->days = (uint32_t)db_get_i32(res, 0, row, 1);
		reply.retentions[row] = r;
	}
	bus_reply(req, &reply.base);
}

void handle_list_retentions(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_RETENTIONS);
	db_pipe_run(pipe, retentions_cb, req);
}
