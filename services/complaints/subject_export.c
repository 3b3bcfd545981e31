/* subject_export.c -- everything that is kept about a customer, case by case:
 * for the customer who asks for it.
 */
#include <string.h>

#include "desk.h"
#include "mail.h"
#include "subjects.h"
#include "timeutil.h"

#define PAGE 20

/* Two rounds: which cases, then all of each. */
struct export
{
	struct bus_request *req;
	char *next_cursor;
	char **ids;
	size_t n;
	Sy__V1__SubjectLink **links;
	size_t links_nr;
};

enum { CASES, BEYOND, LINKS }; /* statements of the first round */

static void messages_fill(struct arena *arena, const struct db_result *res,
			  int st, Sy__V1__ExportSubjectReply *reply)
{
	reply->n_messages = (size_t)db_rows(res, st);
	reply->messages =
		arena_alloc(arena, (reply->n_messages + 1) * sizeof(void *));
	for (int row = 0; row < db_rows(res, st); row++) {
		Sy__V1__ExportedMessage *m = arena_alloc(arena, sizeof(*m));

		sy__v1__exported_message__init(m);
		m->appeal_id = (char *)db_get_text(res, st, row, 10);
		m->message = outgoing_fill(arena, res, st, row, true);
		m->address = (char *)db_get_text(res, st, row, 11);
		reply->messages[row] = m;
	}
}

static void drafts_fill(struct arena *arena, const struct db_result *res,
			int st, Sy__V1__ExportSubjectReply *reply)
{
	reply->n_drafts = (size_t)db_rows(res, st);
	reply->drafts =
		arena_alloc(arena, (reply->n_drafts + 1) * sizeof(void *));
	for (int row = 0; row < db_rows(res, st); row++) {
		Sy__V1__ExportedDraft *d = arena_alloc(arena, sizeof(*d));

		sy__v1__exported_draft__init(d);
		d->draft = draft_fill(arena, res, st, row);
		d->author = (char *)db_get_text(res, st, row, 5);
		reply->drafts[row] = d;
	}
}

static void filled_cb(const struct db_result *res, void *arg)
{
	struct export *x = arg;
	struct bus_request *req = x->req;
	const struct complaints *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ExportSubjectReply reply = SY__V1__EXPORT_SUBJECT_REPLY__INIT;
	struct appeal_facts facts;

	if (bus_reply_db_error(req, res))
		return;
	reply.appeals = arena_alloc(arena, (x->n + 1) * sizeof(void *));
	for (size_t i = 0; i < x->n; i++) {
		int st = (int)i * GET_STATEMENTS;

		store_facts(arena, res, st, 0, STORE_FACTS_COL, &facts);
		reply.appeals[i] = arena_alloc(arena, sizeof(Sy__V1__Appeal));
		get_fill(arena, svc, res, st, &facts, reply.appeals[i]);
	}
	reply.n_appeals = x->n;
	messages_fill(arena, res, (int)x->n * GET_STATEMENTS, &reply);
	drafts_fill(arena, res, (int)x->n * GET_STATEMENTS + 1, &reply);
	reply.links = x->links;
	reply.n_links = x->links_nr;
	if (x->next_cursor != NULL)
		reply.next_cursor = x->next_cursor;
	bus_reply(req, &reply.base);
}

static void put_cases(struct db_pipe *pipe, const struct db_result *res,
		      size_t n)
{
	size_t len;

	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < n; i++) {
		const uint8_t *id = db_get_bytes(res, CASES, (int)i, 0, &len);

		if (len == UUID_BYTES)
			db_array_data(pipe, id, len);
	}
	db_array_end(pipe);
}

static void found_cb(const struct db_result *res, void *arg)
{
	struct export *x = arg;
	struct bus_request *req = x->req;
	struct arena *arena = bus_request_arena(req);
	size_t found = (size_t)db_rows(res, CASES);
	struct db_pipe *pipe;

	if (bus_reply_db_error(req, res))
		return;
	x->n = found > PAGE ? PAGE : found;
	/* half of what is kept would look like all */
	if (db_get_bool(res, BEYOND, 0, 0)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "",
				"a case lies outside of the principal's "
				"subtree");
		return;
	}
	subject_links_fill(arena, res, LINKS, &x->links, &x->links_nr);
	/* res goes before these are sent */
	for (size_t i = 0; i < x->links_nr; i++) {
		Sy__V1__SubjectLink *l = x->links[i];

		l->link_id = arena_strdup(arena, l->link_id);
		l->appeal_id = arena_strdup(arena, l->appeal_id);
		l->other_appeal_id = arena_strdup(arena, l->other_appeal_id);
		l->made_by = arena_strdup(arena, l->made_by);
		l->text = arena_strdup(arena, l->text);
		l->split_by = arena_strdup(arena, l->split_by);
		l->split_text = arena_strdup(arena, l->split_text);
	}
	if (found > PAGE)
		x->next_cursor = store_id_text(arena, res, CASES, PAGE - 1);
	pipe = bus_request_pipe(req);
	for (size_t i = 0; i < x->n; i++) {
		Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;

		ref.appeal_id = store_id_text(arena, res, CASES, (int)i);
		get_ask(pipe, req, &ref, true);
	}
	db_exec(pipe, SQL_MAIL + MAIL_OUTGOING_EXPORT);
	put_cases(pipe, res, x->n);
	db_exec(pipe, DESK_SQL_DRAFTS_EXPORT);
	put_cases(pipe, res, x->n);
	db_pipe_run(pipe, filled_cb, x);
}

void handle_export_subject(struct bus_request *req)
{
	const Sy__V1__ExportSubjectRequest *msg =
		(const Sy__V1__ExportSubjectRequest *)bus_request_message(req);
	const struct complaints *svc = bus_request_svc(req);
	struct subject_asked asked = { .appeal_id = msg->appeal_id };
	struct export *x = arena_alloc(bus_request_arena(req), sizeof(*x));
	struct problem problem;
	uint8_t id[UUID_BYTES];
	struct db_pipe *pipe;

	if (!subject_named(msg->appeal_id, msg->phone, msg->email, msg->handle,
			   &problem)) {
		bus_reply_error(req, problem.code, problem.field, "%s",
				problem.text);
		return;
	}
	if (msg->cursor[0] != '\0' && uuid_parse(msg->cursor, id) < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "cursor",
				"is not one that a page has given");
		return;
	}
	if (msg->appeal_id[0] == '\0')
		asked.contacts.n =
			pseudonyms_make(svc, msg->phone, msg->email,
					msg->handle, asked.contacts.id);
	x->req = req;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_SUBJECT_LIST);
	subject_params(pipe, &asked);
	db_i64(pipe, PAGE + 1);
	if (msg->cursor[0] != '\0')
		db_uuid(pipe, id);
	else
		db_null(pipe);
	db_text(pipe, ""); /* all of them, or none */
	db_text(pipe, "");
	db_exec(pipe, SQL_SUBJECT_BEYOND);
	subject_params(pipe, &asked);
	db_text(pipe, bus_request_grant(req)->unit);
	db_text(pipe, bus_request_principal(req));
	if (msg->cursor[0] == '\0') {
		db_exec(pipe, SQL_LINK_LIST);
		subject_params(pipe, &asked);
	}
	db_pipe_run(pipe, found_cb, x);
}
