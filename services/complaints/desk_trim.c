/* desk_trim.c -- once an hour what is past its time goes: drafts are personal
 * data and may not stay because nobody looks. As a command of the service to
 * itself, by any replica: deleting twice does nothing.
 */
#include <stdlib.h>

#include "desk.h"

#define FIRST_MS 2000
#define EACH_MS (3600 * 1000)

struct desk_trim {
	struct complaints *svc;
	uv_timer_t tick;
};

static void tick_cb(uv_timer_t *tick)
{
	struct desk_trim *t = tick->data;
	Sy__V1__TrimDeskRequest req = SY__V1__TRIM_DESK_REQUEST__INIT;

	if (t->svc->started)
		bus_server_command(t->svc->bus, &desk_methods[DESK_TRIM],
				   &req.base, NULL, NULL);
}

int desk_trim_open(struct desk_trim **t_r, struct complaints *svc,
		   struct error *err)
{
	struct desk_trim *t = calloc(1, sizeof(*t));

	*t_r = t;
	if (t == NULL)
		return error_set(err, "desk: no memory");
	t->svc = svc;
	uv_timer_init(&svc->service.loop, &t->tick);
	t->tick.data = t;
	return uv_timer_start(&t->tick, tick_cb, FIRST_MS, EACH_MS);
}

static void closed_cb(uv_handle_t *handle)
{
	free(handle->data);
}

void desk_trim_close(struct desk_trim **t_p)
{
	struct desk_trim *t = t_p != NULL ? *t_p : NULL;

	if (t == NULL)
		return;
	*t_p = NULL;
	uv_close((uv_handle_t *)&t->tick, closed_cb);
}
