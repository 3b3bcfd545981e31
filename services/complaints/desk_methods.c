/* desk_methods.c -- who may call what of the desk, and the part it is of the
 * service.
 */
#include "desk.h"

#define AUTHORS (ROLE_HANDLER | ROLE_ADMIN)
#define READERS (ROLE_READER | ROLE_HANDLER | ROLE_ADMIN)
/* Nobody has signed in: the gateway asks with its own key. */
#define EVERYBODY (ROLE_GATEWAY | READERS)

/* clang-format off */
const struct bus_method desk_methods[] = {
	[DESK_PUT_TEMPLATE] = { "PutTemplate", AUTHORS, BUS_WRITE,
		&sy__v1__put_template_request__descriptor, NULL },
	[DESK_DECIDE_TEMPLATE] = { "DecideTemplate", AUTHORS, BUS_WRITE,
		&sy__v1__decide_template_request__descriptor, NULL },
	[DESK_PUT_ARTICLE] = { "PutArticle", AUTHORS, BUS_WRITE,
		&sy__v1__put_article_request__descriptor, NULL },
	[DESK_DECIDE_ARTICLE] = { "DecideArticle", AUTHORS, BUS_WRITE,
		&sy__v1__decide_article_request__descriptor, NULL },
	[DESK_PUT_VIEW] = { "PutView", READERS, BUS_WRITE,
		&sy__v1__put_view_request__descriptor, NULL },
	[DESK_DROP_VIEW] = { "DropView", READERS, BUS_WRITE,
		&sy__v1__drop_view_request__descriptor, NULL },
	[DESK_PUT_SEAT] = { "PutSeat", ROLE_ADMIN, BUS_WRITE,
		&sy__v1__put_seat_request__descriptor, NULL },
	[DESK_DROP_SEAT] = { "DropSeat", ROLE_ADMIN, BUS_WRITE,
		&sy__v1__drop_seat_request__descriptor, NULL },
	/* no role: only the service itself */
	[DESK_TRIM] = { "TrimDesk", 0, BUS_WRITE,
		&sy__v1__trim_desk_request__descriptor, NULL },

	{ "ListTemplates", READERS, BUS_READ,
		&sy__v1__list_templates_request__descriptor,
		handle_list_templates },
	{ "GetTemplate", READERS, BUS_READ,
		&sy__v1__get_template_request__descriptor,
		handle_get_template },
	{ "RenderTemplate", ROLE_HANDLER, BUS_READ,
		&sy__v1__render_template_request__descriptor,
		handle_render_template },
	{ "ListArticles", READERS, BUS_READ,
		&sy__v1__list_articles_request__descriptor,
		handle_list_articles },
	{ "GetArticle", READERS, BUS_READ,
		&sy__v1__get_article_request__descriptor, handle_get_article },
	{ "SearchArticles", READERS, BUS_READ,
		&sy__v1__search_articles_request__descriptor,
		handle_search_articles },
	{ "GetFaq", EVERYBODY, BUS_READ,
		&sy__v1__get_faq_request__descriptor, handle_get_faq },
	{ "GetFaqArticle", EVERYBODY, BUS_READ,
		&sy__v1__get_faq_article_request__descriptor,
		handle_get_faq_article },
	{ "SearchFaq", EVERYBODY, BUS_READ,
		&sy__v1__search_faq_request__descriptor, handle_search_faq },
	{ "ListViews", READERS, BUS_READ,
		&sy__v1__list_views_request__descriptor, handle_list_views },
	{ "SaveDraft", ROLE_HANDLER, BUS_READ,
		&sy__v1__save_draft_request__descriptor, handle_save_draft },
	{ "ListDrafts", ROLE_HANDLER, BUS_READ,
		&sy__v1__list_drafts_request__descriptor, handle_list_drafts },
	{ "SetPresence", ROLE_HANDLER, BUS_READ,
		&sy__v1__set_presence_request__descriptor,
		handle_set_presence },
	{ "ListSeats", AUTHORS, BUS_READ,
		&sy__v1__list_seats_request__descriptor, handle_list_seats },
	{ "AssignNext", AUTHORS, BUS_READ,
		&sy__v1__assign_next_request__descriptor,
		handle_assign_next },
	{ "MakeRatingLink", ROLE_HANDLER, BUS_READ,
		&sy__v1__make_rating_link_request__descriptor,
		handle_make_rating_link },
	{ "RateByCode", ROLE_GATEWAY, BUS_READ,
		&sy__v1__rate_by_code_request__descriptor,
		handle_rate_by_code },
	{ 0 },
};
/* clang-format on */

const struct part desk_part = {
	.methods = desk_methods,
	.statements_first = DESK_SQL_FIRST,
	.statements = desk_sql,
	.statements_nr = DESK_SQL_END - DESK_SQL_FIRST,
	.read = desk_read,
	.decide = desk_decide,
	.write = desk_write,
};
