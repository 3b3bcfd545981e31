/* get.c -- a whole case: its time line and what it holds, folded anew from its
 * facts; and one of its files.
 */
#include <string.h>

#include "items.h"
#include "policies.h"
#include "subjects.h"
#include "timeutil.h"

enum { CASE, FACTS, OTHERS }; /* statements, from the first on */

/* Columns of SQL_GET_TIMELINE after those of a fact. */
enum { COL_ACCEPTED, COL_TEXT, COL_FILE_NAME, COL_LOOKUP };

struct got {
	struct arena *arena;
	const struct replica *replica;
	const struct db_result *res;
	int first;                 /* statement of the case */
	struct appeal_facts facts; /* as stored */
	struct appeal_fact *fact;  /* by n */
	struct appeal_fact **order;
	size_t n;
	int extra; /* first column after those of a fact */
	struct case_items items;
	Sy__V1__Appeal *appeal;
	int64_t now_us;
};

/* What a person wrote with the fact n; -1: none. */
static char *text_of(const struct got *g, int n, int col)
{
	return n < 0 ? (char *)""
		     : (char *)db_get_text(g->res, g->first + FACTS, n,
					   g->extra + col);
}

static void facts_read(struct got *g)
{
	g->n = (size_t)db_rows(g->res, g->first + FACTS);
	g->fact = arena_alloc(g->arena, (g->n + 1) * sizeof(g->fact[0]));
	g->order = arena_alloc(g->arena, (g->n + 1) * sizeof(g->order[0]));
	for (size_t i = 0; i < g->n; i++)
		g->extra = store_fact(g->arena, g->res, g->first + FACTS,
				      (int)i, 0, &g->fact[i]);
}

/* --- the time line --- */

/* Codes of a registration or a classification, and what a rule added. */
static Sy__V1__AppealDetail *codes_detail(const struct got *g,
					  const struct appeal_fact *f)
{
	Sy__V1__AppealDetail *d = arena_alloc(g->arena, sizeof(*d));
	struct appeal_facts codes;

	sy__v1__appeal_detail__init(d);
	appeal_facts_init(&codes);
	appeal_codes_take(&codes, f);
	d->kind = (char *)codes.code[CODE_KIND];
	d->channel = (char *)codes.code[CODE_CHANNEL];
	d->topic = (char *)codes.code[CODE_TOPIC];
	d->element = (char *)codes.code[CODE_ELEMENT];
	d->product = (char *)codes.code[CODE_PRODUCT];
	d->segment = (char *)codes.code[CODE_SEGMENT];
	d->unit = (char *)codes.code[CODE_UNIT];
	d->intake_unit = (char *)codes.code[CODE_INTAKE_UNIT];
	d->department = (char *)codes.code[CODE_DEPARTMENT];
	d->green_channel = codes.green_channel;
	if (f->detail != NULL)
		d->received_at_us = f->detail->received_at_us;
	return d;
}

static Sy__V1__LookupResult *lookup_of(const struct got *g, int n)
{
	size_t len;
	const uint8_t *bytes = db_get_bytes(g->res, g->first + FACTS, n,
					    g->extra + COL_LOOKUP, &len);

	return db_is_null(g->res, g->first + FACTS, n, g->extra + COL_LOOKUP)
		       ? NULL
		       : sy__v1__lookup_result__unpack(&g->arena->allocator,
						       len, bytes);
}

static Sy__V1__TimelineEntry *entry_make(const struct got *g,
					 const struct appeal_fact *f)
{
	Sy__V1__TimelineEntry *e = arena_alloc(g->arena, sizeof(*e));

	sy__v1__timeline_entry__init(e);
	e->type = (char *)fact_names[f->type];
	e->occurred_at_us = f->occurred_at_us;
	e->accepted_at_us = db_get_time(g->res, g->first + FACTS, f->n,
					g->extra + COL_ACCEPTED);
	e->source = (char *)f->source;
	e->text = text_of(g, f->n, COL_TEXT);
	e->lookup = lookup_of(g, f->n);
	e->detail = f->type == FACT_REGISTER || f->type == FACT_CLASSIFY
			    ? codes_detail(g, f)
			    : (Sy__V1__AppealDetail *)f->detail;
	if (!db_is_null(g->res, g->first + FACTS, f->n, g->extra - 1)) {
		e->refused = arena_alloc(g->arena, sizeof(*e->refused));
		sy__v1__error__init(e->refused);
		e->refused->code = SY__V1__ERROR_CODE__STATE;
		e->refused->field = (char *)"occurred_at_us";
		e->refused->text = (char *)f->why;
	}
	return e;
}

static void timeline_fill(struct got *g)
{
	Sy__V1__Appeal *appeal = g->appeal;

	appeal->timeline = arena_alloc(g->arena, (g->n + 1) * sizeof(void *));
	for (size_t i = 0; i < g->n; i++) {
		Sy__V1__TimelineEntry *e = entry_make(g, g->order[i]);

		/* the appeal's own words are those of the registration */
		if (g->order[i]->type == FACT_REGISTER)
			appeal->text = e->text;
		appeal->timeline[appeal->n_timeline++] = e;
	}
}

/* --- what it holds --- */

static Sy__V1__Promise *promise_make(const struct got *g,
				     const struct case_item *i)
{
	Sy__V1__Promise *p = arena_alloc(g->arena, sizeof(*p));

	sy__v1__promise__init(p);
	p->promise = (char *)i->code;
	p->text = text_of(g, i->opened_n, COL_TEXT);
	p->owner = i->said->owner;
	p->due_us = i->due_us;
	p->state = (Sy__V1__PromiseState)i->state;
	p->made_at_us = i->opened_at_us;
	p->settled_at_us = i->settled_at_us;
	p->overdue = item_overdue(i, g->now_us);
	return p;
}

static Sy__V1__Remedy *remedy_make(const struct got *g,
				   const struct case_item *i)
{
	Sy__V1__Remedy *r = arena_alloc(g->arena, sizeof(*r));

	sy__v1__remedy__init(r);
	r->remedy_id = (char *)i->code;
	r->remedy = i->said->remedy;
	r->amount_minor = i->said->amount_minor;
	r->currency = i->said->currency;
	r->state = (Sy__V1__RemedyState)i->state;
	r->proposed_by = (char *)i->opened_by;
	if (i->decided_by != NULL)
		r->decided_by = (char *)i->decided_by;
	r->verify_later = i->said->verify_later;
	r->proposed_at_us = i->opened_at_us;
	r->text = text_of(g, i->opened_n, COL_TEXT);
	return r;
}

static Sy__V1__Task *task_make(const struct got *g, const struct case_item *i)
{
	Sy__V1__Task *t = arena_alloc(g->arena, sizeof(*t));

	sy__v1__task__init(t);
	t->task = (char *)i->code;
	t->unit = i->said->unit;
	t->department = i->said->department;
	t->text = text_of(g, i->opened_n, COL_TEXT);
	t->state = (Sy__V1__TaskState)i->state;
	t->due_us = i->due_us;
	t->opened_at_us = i->opened_at_us;
	t->settled_at_us = i->settled_at_us;
	t->outcome_text = text_of(g, i->settled_n, COL_TEXT);
	t->overdue = item_overdue(i, g->now_us);
	return t;
}

static Sy__V1__Attachment *attachment_make(const struct got *g,
					   const struct case_item *i)
{
	Sy__V1__Attachment *a = arena_alloc(g->arena, sizeof(*a));

	sy__v1__attachment__init(a);
	a->attachment = (char *)i->code;
	a->file_name = text_of(g, i->opened_n, COL_FILE_NAME);
	a->media_type = i->said->media_type;
	a->bytes = i->said->bytes;
	a->attached_at_us = i->opened_at_us;
	return a;
}

static void items_fill(struct got *g)
{
	const size_t room = (g->items.nr + 1) * sizeof(void *);
	Sy__V1__Appeal *a = g->appeal;

	a->promises = arena_alloc(g->arena, room);
	a->remedies = arena_alloc(g->arena, room);
	a->tasks = arena_alloc(g->arena, room);
	a->attachments = arena_alloc(g->arena, room);
	for (const struct case_item *i = g->items.first; i != NULL;
	     i = i->next) {
		switch (i->kind) {
		case ITEM_PROMISE:
			a->promises[a->n_promises++] = promise_make(g, i);
			break;
		case ITEM_REMEDY:
			a->remedies[a->n_remedies++] = remedy_make(g, i);
			break;
		case ITEM_TASK:
			a->tasks[a->n_tasks++] = task_make(g, i);
			break;
		case ITEM_ATTACHMENT:
			a->attachments[a->n_attachments++] =
				attachment_make(g, i);
			break;
		case ITEM_RED_LINE: /* stands in the facts */
		case ITEM_KIND_NR:
			break;
		}
	}
}

static void others_fill(struct got *g)
{
	const size_t n = (size_t)db_rows(g->res, g->first + OTHERS);
	Sy__V1__Appeal *a = g->appeal;

	a->same_matter = arena_alloc(g->arena, (n + 1) * sizeof(char *));
	a->repeats = arena_alloc(g->arena, (n + 1) * sizeof(char *));
	for (size_t i = 0; i < n; i++) {
		char *id = store_id_text(g->arena, g->res, g->first + OTHERS,
					 (int)i);

		if (db_get_bool(g->res, g->first + OTHERS, (int)i, 1))
			a->repeats[a->n_repeats++] = id;
		else
			a->same_matter[a->n_same_matter++] = id;
	}
}

/* --- what time and the law say --- */

/* While a clock is paused its due time moves: as of now. */
static void paused_fill(struct got *g, const struct appeal_facts *folded)
{
	const struct clock_source source = policies_clocks(g->replica);
	struct appeal_facts now = *folded;

	now.registered_day = g->facts.registered_day;
	clocks_judge(&source, g->arena, g->order, g->n,
		     (struct clocks_before){ 0 }, &now, g->now_us);
	for (size_t i = 0; i < g->facts.clocks_nr; i++) {
		for (size_t j = 0; j < now.clocks_nr; j++) {
			if (g->facts.clocks[i]->state ==
				    SY__V1__CLOCK_STATE__CLOCK_PAUSED &&
			    strcmp(g->facts.clocks[i]->clock,
				   now.clocks[j]->clock) == 0)
				g->facts.clocks[i] = now.clocks[j];
		}
	}
}

/* With each answer begins the time in which the customer may turn to the
 * regulator. */
static void outside_fill(struct got *g)
{
	const Sy__V1__Policy *policy;
	int64_t answered_us = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct appeal_fact *f = g->order[i];

		if (f->fit == FIT_TAKEN &&
		    (f->type == FACT_ANSWER || f->type == FACT_RESOLVE ||
		     f->type == FACT_INFORM))
			answered_us = f->occurred_at_us;
	}
	if (answered_us == 0)
		return;
	policy = policies_first(g->replica, SY__V1__POLICY__RULE_OUTSIDE_APPEAL,
				g->facts.registered_day, &g->facts, NULL);
	if (policy == NULL)
		return;
	g->appeal->outside_appeal_until_us =
		policies_end_of_day(g->replica, &g->facts, answered_us,
				    policy->outside_appeal->days);
	g->appeal->outside_appeal_texts = policy->outside_appeal->texts;
	g->appeal->n_outside_appeal_texts = policy->outside_appeal->n_texts;
}

/* --- GetAppeal --- */

#define PERSON_COL (STORE_FACTS_COL + STORE_FACTS_COLS)
#define PERSON_COLS 5

Sy__V1__Person *case_person(struct arena *arena, const struct db_result *res,
			    int st)
{
	const int col = PERSON_COL;
	Sy__V1__Person *person;

	if (db_is_null(res, st, 0, col))
		return NULL;
	person = arena_alloc(arena, sizeof(*person));
	sy__v1__person__init(person);
	person->name = (char *)db_get_text(res, st, 0, col);
	person->phone = (char *)db_get_text(res, st, 0, col + 1);
	person->email = (char *)db_get_text(res, st, 0, col + 2);
	person->address = (char *)db_get_text(res, st, 0, col + 3);
	person->handle = (char *)db_get_text(res, st, 0, col + 4);
	return person;
}

int64_t case_erased_us(const struct db_result *res, int st)
{
	return db_get_time(res, st, 0, PERSON_COL + PERSON_COLS);
}

bool case_reached(struct bus_request *req, const struct db_result *res,
		  struct appeal_facts *facts_r)
{
	const struct complaints *svc = bus_request_svc(req);

	if (db_rows(res, CASE) == 1) {
		store_facts(bus_request_arena(req), res, CASE, 0,
			    STORE_FACTS_COL, facts_r);
		if (grant_reaches(svc->replica, bus_request_grant(req),
				  bus_request_principal(req),
				  db_get_text(res, CASE, 0, 1), facts_r))
			return true;
	}
	bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "appeal",
			"no such appeal");
	return false;
}

void get_fill(struct arena *arena, const struct complaints *svc,
	      const struct db_result *res, int first,
	      const struct appeal_facts *facts, Sy__V1__Appeal *appeal)
{
	struct appeal_facts folded;
	struct got g = {
		.arena = arena,
		.replica = svc->replica,
		.res = res,
		.first = first,
		.facts = *facts,
		.appeal = appeal,
		.now_us = time_now_us(),
	};

	facts_read(&g);
	items_open(&g.items, g.arena);
	appeal_fold(g.fact, g.n, g.order, &g.items, &folded);
	if (folded.registered_at_us != 0)
		paused_fill(&g, &folded);
	sy__v1__appeal__init(appeal);
	appeal->appeal_id = store_id_text(g.arena, res, first + CASE, 0);
	appeal->source = (char *)db_get_text(res, first + CASE, 0, 1);
	appeal->external_id = (char *)db_get_text(res, first + CASE, 0, 2);
	appeal->revision = (uint64_t)db_get_i64(res, first + CASE, 0, 3);
	appeal->facts = arena_alloc(arena, sizeof(*appeal->facts));
	facts_to_proto(&g.facts, appeal->facts);
	appeal->person = case_person(arena, res, first + CASE);
	appeal->erased_at_us = case_erased_us(res, first + CASE);
	timeline_fill(&g);
	items_fill(&g);
	others_fill(&g);
	outside_fill(&g);
}

static void got_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	Sy__V1__GetAppealReply reply = SY__V1__GET_APPEAL_REPLY__INIT;
	Sy__V1__Appeal appeal;
	struct appeal_facts facts;

	if (bus_reply_db_error(req, res) || !case_reached(req, res, &facts))
		return;
	get_fill(bus_request_arena(req), bus_request_svc(req), res, 0, &facts,
		 &appeal);
	reply.appeal = &appeal;
	bus_reply(req, &reply.base);
}

static void ref_params(struct db_pipe *pipe, const struct bus_request *req,
		       const Sy__V1__AppealRef *ref)
{
	uint8_t id[UUID_BYTES];

	if (ref->appeal_id[0] != '\0' && uuid_parse(ref->appeal_id, id) == 0)
		db_uuid(pipe, id);
	else
		db_null(pipe);
	db_text(pipe, bus_request_principal(req));
	db_text(pipe, ref->external_id);
}

/* Those of these roles may read everyone's personal data. */
static bool is_any(const struct bus_request *req, uint32_t roles)
{
	return (bus_request_grant(req)->roles & roles) != 0;
}

static bool ref_given(struct bus_request *req, const Sy__V1__AppealRef *ref)
{
	struct problem problem;

	if (ref_check(ref, &problem))
		return true;
	bus_reply_error(req, problem.code, problem.field, "%s", problem.text);
	return false;
}

void case_ask(struct db_pipe *pipe, const struct bus_request *req,
	      const Sy__V1__AppealRef *ref, bool personal)
{
	db_exec(pipe, SQL_GET);
	ref_params(pipe, req, ref);
	db_bool(pipe, personal);
}

void get_ask(struct db_pipe *pipe, const struct bus_request *req,
	     const Sy__V1__AppealRef *ref, bool personal)
{
	case_ask(pipe, req, ref, personal);
	db_exec(pipe, SQL_GET_TIMELINE);
	ref_params(pipe, req, ref);
	db_bool(pipe, personal);
	db_exec(pipe, SQL_GET_OTHERS);
	ref_params(pipe, req, ref);
}

void handle_get_appeal(struct bus_request *req)
{
	const Sy__V1__GetAppealRequest *msg =
		(const Sy__V1__GetAppealRequest *)bus_request_message(req);
	struct db_pipe *pipe;

	if (!ref_given(req, msg->appeal))
		return;
	pipe = bus_request_pipe(req);
	get_ask(pipe, req, msg->appeal, is_any(req, ROLE_HANDLER));
	db_pipe_run(pipe, got_cb, req);
}

/* --- GetAttachment --- */

static void file_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__GetAttachmentRequest *msg =
		(const Sy__V1__GetAttachmentRequest *)bus_request_message(req);
	Sy__V1__GetAttachmentReply reply = SY__V1__GET_ATTACHMENT_REPLY__INIT;
	Sy__V1__Attachment attachment = SY__V1__ATTACHMENT__INIT;
	const int col = STORE_FACTS_COL + STORE_FACTS_COLS;
	const Sy__V1__AppealDetail *detail;
	struct appeal_facts facts;
	const uint8_t *bytes;
	size_t len;

	if (bus_reply_db_error(req, res) || !case_reached(req, res, &facts))
		return;
	bytes = db_get_bytes(res, CASE, 0, col + 1, &len);
	detail = detail_unpack(bus_request_arena(req), FACT_ATTACH_FILE, bytes,
			       len);
	attachment.attachment = msg->attachment;
	attachment.attached_at_us = db_get_time(res, CASE, 0, col);
	attachment.file_name = (char *)db_get_text(res, CASE, 0, col + 2);
	if (detail != NULL) {
		attachment.media_type = detail->media_type;
		attachment.bytes = detail->bytes;
	}
	bytes = db_get_bytes(res, CASE, 0, col + 3, &len);
	reply.attachment = &attachment;
	reply.content = (ProtobufCBinaryData){ len, (uint8_t *)bytes };
	bus_reply(req, &reply.base);
}

void handle_get_attachment(struct bus_request *req)
{
	const Sy__V1__GetAttachmentRequest *msg =
		(const Sy__V1__GetAttachmentRequest *)bus_request_message(req);
	struct db_pipe *pipe;

	if (!ref_given(req, msg->appeal))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_GET_ATTACHMENT);
	ref_params(pipe, req, msg->appeal);
	db_bool(pipe, is_any(req, ROLE_HANDLER | KEEPERS));
	db_text(pipe, msg->attachment);
	db_pipe_run(pipe, file_cb, req);
}
