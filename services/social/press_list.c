/* press_list.c -- the questions of the press, due first. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "press.h"
#include "timeutil.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 200
#define NEVER_US INT64_C(4102444800000000)

struct listing {
	struct bus_request *req;
	uint32_t limit;
};

static Sy__V1__PressQuestion *question_of(struct arena *arena,
					  const struct db_result *res, int row)
{
	const Sy__V1__PressStored *stored;
	Sy__V1__PressQuestion *press;
	const uint8_t *bytes;
	size_t len;

	bytes = db_get_bytes(res, 0, row, 2, &len);
	stored = sy__v1__press_stored__unpack(&arena->allocator, len, bytes);
	press = stored->press;
	bytes = db_get_bytes(res, 0, row, 0, &len);
	press->press_id = uuid_format(bytes, arena_alloc(arena, UUID_TEXT_MAX));
	press->revision = (uint64_t)db_get_i64(res, 0, row, 1);
	press->asked_by = (char *)db_get_text(res, 0, row, 3);
	press->question = (char *)db_get_text(res, 0, row, 4);
	return press;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct listing *l = arg;
	struct arena *arena = bus_request_arena(l->req);
	Sy__V1__ListPressQuestionsReply reply =
		SY__V1__LIST_PRESS_QUESTIONS_REPLY__INIT;
	int rows;

	if (bus_reply_db_error(l->req, res))
		return;
	rows = db_rows(res, 0);
	reply.questions =
		arena_alloc(arena, ((size_t)rows + 1) * sizeof(void *));
	for (int row = 0; row < rows && row < (int)l->limit; row++) {
		Sy__V1__PressQuestion *press = question_of(arena, res, row);

		reply.questions[reply.n_questions++] = press;
		if (row + 1 == (int)l->limit && rows > row + 1)
			reply.next_cursor = arena_printf(
				arena, "%" PRId64 ".%s",
				db_get_time(res, 0, row, 5), press->press_id);
	}
	bus_reply(l->req, &reply.base);
}

void handle_list_press_questions(struct bus_request *req)
{
	const Sy__V1__ListPressQuestionsRequest *asked =
		(const void *)bus_request_message(req);
	struct listing *l = arena_alloc(bus_request_arena(req), sizeof(*l));
	uint8_t id[UUID_BYTES] = { 0 };
	char text[UUID_TEXT_MAX] = "";
	struct db_pipe *pipe;
	int64_t due_us = 1;

	l->req = req;
	l->limit = asked->limit != 0 ? asked->limit : LIMIT_DEFAULT;
	if (l->limit > LIMIT_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", LIMIT_MAX);
		return;
	}
	if (asked->state > SY__V1__PRESS_STATE__PRESS_CLOSED) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "state",
				"is no state");
		return;
	}
	if (asked->cursor[0] != '\0' &&
	    (sscanf(asked->cursor, "%" SCNd64 ".%36s", &due_us, text) != 2 ||
	     due_us <= 0 || due_us > NEVER_US || uuid_parse(text, id) < 0)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "cursor",
				"is of no page of this list");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, PRESS_SQL_LIST);
	db_text(pipe, bus_request_grant(req)->unit);
	db_text(pipe, asked->unit);
	db_i32(pipe, (int32_t)(time_now_us() / US_PER_DAY));
	db_i32(pipe, (int32_t)asked->state);
	db_time(pipe, due_us);
	db_uuid(pipe, id);
	db_i64(pipe, l->limit + 1);
	db_bool(pipe, (bus_request_grant(req)->roles & ROLE_HANDLER) != 0);
	db_pipe_run(pipe, listed_cb, l);
}
