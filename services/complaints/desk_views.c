/* desk_views.c -- saved views of the list of cases: one's own, and what others
 * share with the units that one works in.
 */
#include <string.h>

#include "desk.h"

static Sy__V1__SavedView *view_of(struct arena *arena,
				  const struct desk_row *row)
{
	const Sy__V1__PutViewRequest *put = desk_row_body(
		arena, row, &sy__v1__put_view_request__descriptor);
	Sy__V1__SavedView *v = arena_alloc(arena, sizeof(*v));

	if (put == NULL)
		return NULL;
	sy__v1__saved_view__init(v);
	v->code = put->code;
	v->unit = put->unit;
	v->name = put->name;
	v->filter = put->filter;
	v->n_filter = put->n_filter;
	v->columns = put->columns;
	v->n_columns = put->n_columns;
	v->owner = (char *)row->owner;
	v->changed_at_us = row->made_at_us;
	return v;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct complaints *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListViewsReply reply = SY__V1__LIST_VIEWS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	reply.views = arena_alloc(arena, ((size_t)db_rows(res, 0) + 1) *
						 sizeof(void *));
	for (int i = 0; i < db_rows(res, 0); i++) {
		struct desk_row row;
		Sy__V1__SavedView *v;
		bool own;

		desk_row_read(res, 0, i, &row);
		own = strcmp(row.owner, bus_request_principal(req)) == 0;
		if (!own && !desk_visible(svc->replica, bus_request_grant(req),
					  row.unit))
			continue;
		v = view_of(arena, &row);
		if (v != NULL)
			reply.views[reply.n_views++] = v;
	}
	bus_reply(req, &reply.base);
}

void handle_list_views(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, DESK_SQL_VIEWS);
	db_i32(pipe, DESK_VIEW);
	db_text(pipe, bus_request_principal(req));
	db_pipe_run(pipe, listed_cb, req);
}
