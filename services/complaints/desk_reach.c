/* desk_reach.c -- whom a record is for, and the case that something stands
 * beside, as far as who asks may see it.
 */
#include <string.h>

#include "desk.h"
#include "timeutil.h"

static int32_t today(void)
{
	return (int32_t)(time_now_us() / US_PER_DAY);
}

bool desk_governs(const struct replica *replica, const struct bus_grant *grant,
		  const char *unit)
{
	return grant->unit[0] == '\0' ||
	       (unit[0] != '\0' &&
		replica_in_subtree(replica, unit, grant->unit, today()));
}

bool desk_visible(const struct replica *replica, const struct bus_grant *grant,
		  const char *unit)
{
	return unit[0] == '\0' || desk_governs(replica, grant, unit) ||
	       replica_in_subtree(replica, grant->unit, unit, today());
}

/* --- cases --- */

struct look {
	struct bus_request *req;
	desk_case_cb *cb;
};

static const char *text(struct arena *arena, const struct db_result *res,
			int col)
{
	return arena_strdup(arena, db_get_text(res, 0, 0, col));
}

static bool reaches(struct bus_request *req, const struct desk_case *c,
		    const char *source)
{
	struct complaints *svc = bus_request_svc(req);
	struct appeal_facts facts = {
		.registered_at_us = c->registered_at_us,
		.registered_day = c->registered_day,
		.code = { [CODE_UNIT] = c->unit },
	};

	return grant_reaches(svc->replica, bus_request_grant(req),
			     bus_request_principal(req), source, &facts);
}

static void looked_cb(const struct db_result *res, void *arg)
{
	const struct look *look = arg;
	struct bus_request *req = look->req;
	struct arena *arena = bus_request_arena(req);
	struct desk_case *c = arena_alloc(arena, sizeof(*c));
	const uint8_t *id;
	size_t len;
	int col = 2;

	if (bus_reply_db_error(req, res))
		return;
	if (db_rows(res, 0) == 1) {
		id = db_get_bytes(res, 0, 0, 0, &len);
		if (len == sizeof(c->id))
			memcpy(c->id, id, len);
		c->id_text =
			uuid_format(c->id, arena_alloc(arena, UUID_TEXT_MAX));
		c->external_id = text(arena, res, col++);
		c->state = (Sy__V1__AppealState)db_get_i64(res, 0, 0, col++);
		c->unit = text(arena, res, col++);
		c->department = text(arena, res, col++);
		c->kind = text(arena, res, col++);
		c->topic = text(arena, res, col++);
		c->product = text(arena, res, col++);
		c->segment = text(arena, res, col++);
		c->registered_at_us = db_get_time(res, 0, 0, col++);
		c->registered_day = db_get_i32(res, 0, 0, col++);
		c->due_us = db_get_time(res, 0, 0, col++);
		c->person_name = text(arena, res, col++);
	}
	/* the same answer as for none: ids of other units tell nothing */
	if (db_rows(res, 0) != 1 ||
	    !reaches(req, c, db_get_text(res, 0, 0, 1))) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "appeal_id",
				"no such appeal");
		return;
	}
	look->cb(req, c);
}

void desk_case_read(struct bus_request *req, const char *appeal_id,
		    desk_case_cb *cb)
{
	struct look *look = arena_alloc(bus_request_arena(req), sizeof(*look));
	uint8_t id[UUID_BYTES];
	struct db_pipe *pipe;

	if (uuid_parse(appeal_id, id) < 0) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "appeal_id",
				"is not a UUID");
		return;
	}
	look->req = req;
	look->cb = cb;
	pipe = bus_request_pipe(req);
	db_exec(pipe, DESK_SQL_CASE);
	db_uuid(pipe, id);
	db_bool(pipe, (bus_request_grant(req)->roles & ROLE_HANDLER) != 0);
	db_text(pipe, bus_request_principal(req));
	db_pipe_run(pipe, looked_cb, look);
}
