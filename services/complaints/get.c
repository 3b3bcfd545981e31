static bool is_handler(const struct bus_grant *grant)
{
	return (grant->roles & ROLE_HANDLER) != 0;
}

/* --- GetAppeal --- */

static void timeline_fill(struct arena *arena, const struct db_result *res,
			  Sy__V1__Appeal *appeal)
{
	enum { TIMELINE = 1 };
	size_t n = (size_t)db_rows(res, TIMELINE);
	Sy__V1__TimelineEntry *entries =
		arena_alloc(arena, (n + 1) * sizeof(*entries));

	appeal->timeline =
		arena_alloc(arena, (n + 1) * sizeof(appeal->timeline[0]));
	appeal->n_timeline = n;
	for (size_t i = 0; i < n; i++) {
		Sy__V1__TimelineEntry *e = &entries[i];
		int row = (int)i;
		int64_t type = db_get_i64(res, TIMELINE, row, 0);

		sy__v1__timeline_entry__init(e);
		if (type >= 0 && type < FACT_NR)
			e->type = (char *)fact_names[type];
		e->occurred_at_us = db_get_time(res, TIMELINE, row, 1);
		e->accepted_at_us = db_get_time(res, TIMELINE, row, 2);
		e->source = (char *)db_get_text(res, TIMELINE, row, 3);
		e->text = (char *)db_get_text(res, TIMELINE, row, 4);
		if (!db_is_null(res, TIMELINE, row, 5)) {
			Sy__V1__Error *why = arena_alloc(arena, sizeof(*why));

			sy__v1__error__init(why);
			why->code = SY__V1__ERROR_CODE__STATE;
			why->field = (char *)"occurred_at";
			why->text = (char *)db_get_text(res, TIMELINE, row, 5);
			e->refused = why;
		}
		/* the appeal's own words are those of the registration */
		if (type == FACT_REGISTER)
			appeal->text = e->text;
		appeal->timeline[i] = e;
	}
}

static void person_fill(struct arena *arena, const struct db_result *res,
			int col, Sy__V1__Appeal *appeal)
{
	Sy__V1__Person *person;

	if (db_is_null(res, 0, 0, col))
		return;
	person = arena_alloc(arena, sizeof(*person));
	sy__v1__person__init(person);
	person->name = (char *)db_get_text(res, 0, 0, col);
	person->phone = (char *)db_get_text(res, 0, 0, col + 1);
	person->email = (char *)db_get_text(res, 0, 0, col + 2);
	person->address = (char *)db_get_text(res, 0, 0, col + 3);
	appeal->person = person;
}

static char *id_text(struct arena *arena, const struct db_result *res, int row)
{
	char *text = arena_alloc(arena, UUID_TEXT_MAX);
	size_t len;
	const uint8_t *id = db_get_bytes(res, 0, row, 0, &len);

	return len == UUID_BYTES ? uuid_format(id, text) : text;
}

static void got_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct complaints *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__GetAppealReply reply = SY__V1__GET_APPEAL_REPLY__INIT;
	Sy__V1__Appeal appeal = SY__V1__APPEAL__INIT;
	Sy__V1__AppealFacts proto;
	struct appeal_facts facts;

	if (bus_reply_db_error(req, res))
		return;
	if (db_rows(res, 0) == 1)
		store_facts(res, 0, 0, STORE_FACTS_COL, &facts);
	/* the same answer as for none: ids of other units tell nothing */
	if (db_rows(res, 0) != 1 ||
	    !grant_reaches(svc->replica, bus_request_grant(req),
			   bus_request_principal(req),
			   db_get_text(res, 0, 0, 1), &facts)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "appeal",
				"no such appeal");
		return;
	}
	appeal.appeal_id = id_text(arena, res, 0);
	appeal.source = (char *)db_get_text(res, 0, 0, 1);
	appeal.external_id = (char *)db_get_text(res, 0, 0, 2);
	appeal.revision = (uint64_t)db_get_i64(res, 0, 0, 3);
	facts_to_proto(&facts, &proto);
	appeal.facts = &proto;
	person_fill(arena, res, STORE_FACTS_COL + STORE_FACTS_COLS, &appeal);
	timeline_fill(arena, res, &appeal);
	reply.appeal = &appeal;
	bus_reply(req, &reply.base);
}

static void case_params(struct db_pipe *pipe, const struct bus_request *req,
			const Sy__V1__AppealRef *ref)
{
	uint8_t id[UUID_BYTES];

	if (ref->appeal_id[0] != '\0' && uuid_parse(ref->appeal_id, id) == 0)
		db_uuid(pipe, id);
	else
		db_null(pipe);
	db_text(pipe, bus_request_principal(req));
	db_text(pipe, ref->external_id);
	db_bool(pipe, is_handler(bus_request_grant(req)));
}

static void handle_get_appeal(struct bus_request *req)
{
	const Sy__V1__GetAppealRequest *msg =
		(const Sy__V1__GetAppealRequest *)bus_request_message(req);
	struct problem problem;
	struct db_pipe *pipe;

	if (!ref_check(msg->appeal, &problem)) {
		bus_reply_error(req, problem.code, problem.field, "%s",
				problem.text);
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_GET);
	case_params(pipe, req, msg->appeal);
	db_exec(pipe, SQL_GET_TIMELINE);
	case_params(pipe, req, msg->appeal);
	db_pipe_run(pipe, got_cb, req);
}

