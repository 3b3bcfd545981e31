/* desk_decide.c -- judges the items of a batch over the records that read
 * found: which version a code gets, and who may say so. The rules are in
 * desk_rules.c.
 */
#include <string.h>

#include "desk.h"
#include "timeutil.h"

/* An article lies this deep in the tree at most. */
#define DEPTH_MAX 16

struct desk_decision {
	struct complaints *svc;
	struct bus_batch *batch;
	struct desk_records *records;
	bool directory_fresh;
	bool wait; /* for the directory */
};

static bool refuse(struct bus_item *item, Sy__V1__ErrorCode code,
		   const char *field, const char *text)
{
	bus_refuse(item, code, field, "%s", text);
	return false;
}

/* --- who may --- */

static bool unknown(struct desk_decision *d, struct bus_item *item,
		    const char *field)
{
	if (d->directory_fresh)
		return refuse(item, SY__V1__ERROR_CODE__UNKNOWN_CODE, field,
			      "is not in the directory");
	d->wait = true;
	return false;
}

static bool unit_good(struct desk_decision *d, struct bus_item *item,
		      const char *unit)
{
	if (unit[0] != '\0' && !replica_unit_known(d->svc->replica, unit))
		return unknown(d, item, "unit");
	return desk_governs(d->svc->replica, item->grant, unit) ||
	       refuse(item, SY__V1__ERROR_CODE__SCOPE, "unit",
		      "lies outside of the principal's subtree");
}

static bool is_handler(struct desk_decision *d, struct bus_item *item,
		       const char *principal, const char *field,
		       struct bus_grant *grant_r)
{
	if (!replica_grant(d->svc->replica, principal, grant_r))
		return unknown(d, item, field);
	return (grant_r->roles & ROLE_HANDLER) ||
	       refuse(item, SY__V1__ERROR_CODE__INVALID, field,
		      "is no handler");
}

/* Who is seated must reach the cases, and be of the administrator's part. */
static bool seat_good(struct desk_decision *d, struct bus_item *item,
		      const Sy__V1__PutSeatRequest *req)
{
	struct bus_grant holder, deputy;

	if (!is_handler(d, item, req->code, "code", &holder))
		return false;
	if (!desk_governs(d->svc->replica, item->grant, holder.unit))
		return refuse(item, SY__V1__ERROR_CODE__SCOPE, "code",
			      "is not of the principal's subtree");
	if (!desk_governs(d->svc->replica, &holder, req->unit))
		return refuse(item, SY__V1__ERROR_CODE__SCOPE, "unit",
			      "lies outside of that handler's subtree");
	if (req->department[0] != '\0' &&
	    !replica_department(d->svc->replica, req->department,
				(int32_t)(d->batch->now_us / US_PER_DAY)))
		return unknown(d, item, "department");
	if (req->deputy[0] == '\0')
		return true;
	if (!is_handler(d, item, req->deputy, "deputy", &deputy))
		return false;
	return desk_governs(d->svc->replica, &deputy, req->unit) ||
	       refuse(item, SY__V1__ERROR_CODE__SCOPE, "deputy",
		      "does not see the seat's unit");
}

/* The parent is there and not below the article itself. */
static bool parent_good(struct desk_decision *d, struct bus_item *item,
			const struct desk_asked *a)
{
	const char *up = a->parent;

	for (int depth = 0; up[0] != '\0'; depth++) {
		const struct desk_record *r =
			records_find(d->records, DESK_ARTICLE, up);

		if (strcmp(up, a->code) == 0 || depth == DEPTH_MAX)
			return refuse(
				item, SY__V1__ERROR_CODE__INVALID, "parent",
				depth == DEPTH_MAX
					? "lies too deep"
					: "lies below the article itself");
		if (r == NULL)
			return refuse(item, SY__V1__ERROR_CODE__NOT_FOUND,
				      "parent", "there is no such article");
		up = r->parent;
	}
	return true;
}

static bool put_allowed(struct desk_decision *d, struct bus_item *item,
			const struct desk_asked *a, const struct desk_record *r)
{
	/* nobody else's record, and a private view is of no unit */
	if (a->kind != DESK_VIEW && r != NULL && !unit_good(d, item, r->unit))
		return false;
	if ((a->kind != DESK_VIEW || a->unit[0] != '\0') &&
	    a->kind != DESK_SEAT && !unit_good(d, item, a->unit))
		return false;
	switch (a->kind) {
	case DESK_SEAT:
		if (a->unit[0] != '\0' &&
		    !replica_unit_known(d->svc->replica, a->unit))
			return unknown(d, item, "unit");
		return seat_good(d, item, (const void *)item->request);
	case DESK_ARTICLE:
		return parent_good(d, item, a);
	case DESK_TEMPLATE:
	case DESK_VIEW:
		break;
	}
	return true;
}

/* --- versions --- */

static struct desk_version *version_in(const struct desk_record *r,
				       Sy__V1__DeskState state)
{
	struct desk_version *v = r->versions;

	while (v != NULL && v->state != state)
		v = v->next;
	return v;
}

static void reply(struct desk_decision *d, struct bus_item *item,
		  const char *code, const struct desk_version *v,
		  bool duplicate)
{
	Sy__V1__DeskReply *msg = arena_alloc(&d->batch->arena, sizeof(*msg));
	const char *slash = strrchr(code, '/');

	sy__v1__desk_reply__init(msg);
	msg->code = (char *)(slash != NULL ? slash + 1 : code);
	msg->version = v->version;
	msg->state = v->state;
	msg->duplicate = duplicate;
	item->verdict = SY__V1__ERROR_CODE__OK;
	item->duplicate = duplicate;
	item->reply = &msg->base;
}

static void becomes(struct desk_record *r, struct desk_version *v,
		    Sy__V1__DeskState state, const struct bus_item *item)
{
	if (v == NULL)
		return;
	v->state = state;
	v->decided_by = item->principal;
	r->revision = r->revision_read + 1;
}

static ProtobufCBinaryData pack(struct arena *arena,
				const ProtobufCMessage *msg)
{
	ProtobufCBinaryData body = { .len = protobuf_c_message_get_packed_size(
					     msg) };

	body.data = arena_alloc(arena, body.len + 1);
	protobuf_c_message_pack(msg, body.data);
	return body;
}

static bool same(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* Views and seats are in force at once; texts wait for a second person. */
static bool needs_approval(enum desk_kind kind)
{
	return kind == DESK_TEMPLATE || kind == DESK_ARTICLE;
}

/* An erasure looks into this, and not into bodies. */
static const char *typed(struct arena *arena, const ProtobufCMessage *request)
{
	const Sy__V1__PutViewRequest *view =
		(const Sy__V1__PutViewRequest *)request;

	if (request->descriptor != &sy__v1__put_view_request__descriptor)
		return "";
	for (size_t i = 0; i < view->n_filter; i++) {
		if (strcmp(view->filter[i]->field, "text") == 0)
			return arena_printf(arena, "%s\n%s", view->name,
					    view->filter[i]->value);
	}
	return view->name;
}

static void decide_put(struct desk_decision *d, struct bus_item *item,
		       const struct desk_asked *a)
{
	struct arena *arena = &d->batch->arena;
	struct desk_record *r = records_find(d->records, a->kind, a->code);
	ProtobufCBinaryData body;
	struct desk_version *live, *v;
	Sy__V1__DeskState state = needs_approval(a->kind)
					  ? SY__V1__DESK_STATE__DESK_DRAFT
					  : SY__V1__DESK_STATE__DESK_APPROVED;

	if (!put_allowed(d, item, a, r))
		return;
	body = pack(arena, item->request);
	if (r == NULL) {
		r = records_add(d->records, a->kind, a->code);
		r->owner = item->principal;
	}
	live = version_in(r, SY__V1__DESK_STATE__DESK_DRAFT);
	if (live == NULL)
		live = version_in(r, SY__V1__DESK_STATE__DESK_APPROVED);
	if (live != NULL && same(&live->body, &body)) {
		reply(d, item, a->code, live, true);
		return;
	}
	becomes(r, version_in(r, state), SY__V1__DESK_STATE__DESK_RETIRED,
		item);
	v = arena_alloc(arena, sizeof(*v));
	*v = (struct desk_version){
		.version = ++r->last,
		.state = state,
		.author = item->principal,
		.decided_by = "",
		.typed = typed(arena, item->request),
		.body = body,
		.request = item->request,
		.next = r->versions,
	};
	r->versions = v;
	r->unit = a->unit;
	r->parent = a->parent;
	r->revision = r->revision_read + 1;
	reply(d, item, a->code, v, false);
}

static void decide_version(struct desk_decision *d, struct bus_item *item,
			   const struct desk_asked *a)
{
	struct desk_record *r = records_find(d->records, a->kind, a->code);
	struct desk_version *draft, *approved, *v;
	struct desk_life life;
	struct problem problem = { .field = "", .text = "" };

	if (r == NULL) {
		refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "code",
		       "there is none such");
		return;
	}
	if (!unit_good(d, item, r->unit))
		return;
	draft = version_in(r, SY__V1__DESK_STATE__DESK_DRAFT);
	approved = version_in(r, SY__V1__DESK_STATE__DESK_APPROVED);
	life = (struct desk_life){
		.last = r->last,
		.draft = draft != NULL ? draft->version : 0,
		.approved = approved != NULL ? approved->version : 0,
		.draft_author = draft != NULL ? draft->author : "",
	};
	v = draft != NULL && draft->version == a->version ? draft : approved;
	if (!desk_may_decide(&life, a->version, a->state, item->principal,
			     &problem) ||
	    v == NULL) {
		refuse(item, problem.code, problem.field, problem.text);
		return;
	}
	if (a->state == SY__V1__DESK_STATE__DESK_APPROVED)
		becomes(r, approved, SY__V1__DESK_STATE__DESK_RETIRED, item);
	becomes(r, v, a->state, item);
	reply(d, item, a->code, v, false);
}

static void decide_drop(struct desk_decision *d, struct bus_item *item,
			const struct desk_asked *a)
{
	struct desk_record *r = records_find(d->records, a->kind, a->code);
	struct desk_version *v =
		r != NULL ? version_in(r, SY__V1__DESK_STATE__DESK_APPROVED)
			  : NULL;

	if (v == NULL) {
		refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "code",
		       "there is none such");
		return;
	}
	if (a->kind == DESK_SEAT && !unit_good(d, item, r->unit))
		return;
	becomes(r, v, SY__V1__DESK_STATE__DESK_RETIRED, item);
	reply(d, item, a->code, v, false);
}

static void decide_item(struct desk_decision *d, struct bus_item *item)
{
	struct desk_fault fault;
	struct desk_asked a;

	if (!desk_request_check(item, &fault)) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, fault.field,
		       fault.text);
		return;
	}
	desk_asked_read(&a, item, &d->batch->arena);
	switch (a.act) {
	case ACT_PUT:
		decide_put(d, item, &a);
		break;
	case ACT_DECIDE:
		decide_version(d, item, &a);
		break;
	case ACT_DROP:
		decide_drop(d, item, &a);
		break;
	case ACT_TRIM:
		d->records->trim = true;
		break;
	}
}

enum bus_decision desk_decide(void *svc, struct bus_batch *batch,
			      const struct db_result *res, int first,
			      bool directory_fresh)
{
	struct desk_records *records =
		arena_alloc(&batch->arena, sizeof(*records));
	struct desk_decision d = {
		.svc = svc,
		.batch = batch,
		.records = records,
		.directory_fresh = directory_fresh,
	};

	records->arena = &batch->arena;
	records->end = &records->first;
	store_records(records, res, first);
	for (size_t i = 0; i < batch->n && !d.wait; i++)
		decide_item(&d, batch->items[i]);
	if (d.wait)
		return BUS_WAIT_DIRECTORY;
	batch->scratch = records;
	return BUS_DECIDED;
}
