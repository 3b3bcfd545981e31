/* desk_records.c -- the keyed records of one batch, in its arena, and what an
 * item asks of one, in the shape that all kinds share.
 */
#include <string.h>

#include "desk.h"

struct desk_record *records_find(const struct desk_records *records,
				 enum desk_kind kind, const char *code)
{
	struct desk_record *r = records->first;

	while (r != NULL && (r->kind != kind || strcmp(r->code, code) != 0))
		r = r->next;
	return r;
}

struct desk_record *records_add(struct desk_records *records,
				enum desk_kind kind, const char *code)
{
	struct desk_record *r = arena_alloc(records->arena, sizeof(*r));

	r->kind = kind;
	r->code = code;
	r->owner = r->unit = r->parent = "";
	*records->end = r;
	records->end = &r->next;
	return r;
}

char *view_key(struct arena *arena, const char *owner, const char *code)
{
	return arena_printf(arena, "%s/%s", owner, code);
}

void desk_asked_read(struct desk_asked *a, const struct bus_item *item,
		     struct arena *arena)
{
	const void *request = item->request;

	*a = (struct desk_asked){ .code = "", .unit = "", .parent = "" };
	switch ((enum desk_method)(item->method - desk_methods)) {
	case DESK_PUT_TEMPLATE: {
		const Sy__V1__PutTemplateRequest *req = request;

		a->kind = DESK_TEMPLATE;
		a->code = req->code;
		a->unit = req->unit;
		break;
	}
	case DESK_DECIDE_TEMPLATE: {
		const Sy__V1__DecideTemplateRequest *req = request;

		a->kind = DESK_TEMPLATE;
		a->act = ACT_DECIDE;
		a->code = req->code;
		a->version = req->version;
		a->state = req->state;
		break;
	}
	case DESK_PUT_ARTICLE: {
		const Sy__V1__PutArticleRequest *req = request;

		a->kind = DESK_ARTICLE;
		a->code = req->code;
		a->unit = req->unit;
		a->parent = req->parent;
		break;
	}
	case DESK_DECIDE_ARTICLE: {
		const Sy__V1__DecideArticleRequest *req = request;

		a->kind = DESK_ARTICLE;
		a->act = ACT_DECIDE;
		a->code = req->code;
		a->version = req->version;
		a->state = req->state;
		break;
	}
	case DESK_PUT_VIEW: {
		const Sy__V1__PutViewRequest *req = request;

		a->kind = DESK_VIEW;
		a->code = view_key(arena, item->principal, req->code);
		a->unit = req->unit;
		break;
	}
	case DESK_DROP_VIEW: {
		const Sy__V1__DropViewRequest *req = request;

		a->kind = DESK_VIEW;
		a->act = ACT_DROP;
		a->code = view_key(arena, item->principal, req->code);
		break;
	}
	case DESK_PUT_SEAT: {
		const Sy__V1__PutSeatRequest *req = request;

		a->kind = DESK_SEAT;
		a->code = req->code;
		a->unit = req->unit;
		break;
	}
	case DESK_DROP_SEAT: {
		const Sy__V1__DropSeatRequest *req = request;

		a->kind = DESK_SEAT;
		a->act = ACT_DROP;
		a->code = req->code;
		break;
	}
	case DESK_TRIM:
	case DESK_WRITES_NR:
		a->act = ACT_TRIM;
		break;
	}
}

bool desk_request_check(const struct bus_item *item, struct desk_fault *fault_r)
{
	const void *req = item->request;

	switch ((enum desk_method)(item->method - desk_methods)) {
	case DESK_PUT_TEMPLATE:
		return template_check(req, fault_r);
	case DESK_PUT_ARTICLE:
		return article_check(req, fault_r);
	case DESK_PUT_VIEW:
		return view_check(req, fault_r);
	case DESK_PUT_SEAT:
		return seat_check(req, fault_r);
	case DESK_DECIDE_TEMPLATE:
		return desk_code_good(
			((const Sy__V1__DecideTemplateRequest *)req)->code,
			"code", fault_r);
	case DESK_DECIDE_ARTICLE:
		return desk_code_good(
			((const Sy__V1__DecideArticleRequest *)req)->code,
			"code", fault_r);
	case DESK_DROP_VIEW:
		return desk_code_good(
			((const Sy__V1__DropViewRequest *)req)->code, "code",
			fault_r);
	case DESK_DROP_SEAT:
		return desk_code_good(
			((const Sy__V1__DropSeatRequest *)req)->code, "code",
			fault_r);
	case DESK_TRIM:
	case DESK_WRITES_NR:
		break;
	}
	return true;
}
