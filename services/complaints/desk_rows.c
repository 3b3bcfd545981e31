/* desk_rows.c -- versions of records as the lists' statements give them, and
 * the lists of them that who asks may see. */
#include <string.h>

#include "desk.h"

void desk_row_read(const struct db_result *res, int st, int row,
		   struct desk_row *row_r)
{
	struct desk_row *r = row_r;
	int col = 0;

	r->code = db_get_text(res, st, row, col++);
	r->owner = db_get_text(res, st, row, col++);
	r->unit = db_get_text(res, st, row, col++);
	r->used = (uint64_t)db_get_i64(res, st, row, col++);
	r->version = (uint32_t)db_get_i32(res, st, row, col++);
	r->state = (Sy__V1__DeskState)db_get_i64(res, st, row, col++);
	r->author = db_get_text(res, st, row, col++);
	r->decided_by = db_get_text(res, st, row, col++);
	r->made_at_us = db_get_time(res, st, row, col++);
	r->decided_at_us = db_get_time(res, st, row, col++);
	r->body.data = (uint8_t *)db_get_bytes(res, st, row, col, &r->body.len);
}

void *desk_row_body(struct arena *arena, const struct desk_row *row,
		    const ProtobufCMessageDescriptor *desc)
{
	return protobuf_c_message_unpack(desc, &arena->allocator, row->body.len,
					 row->body.data);
}

bool desk_offered(char *const *codes, size_t n, const char *code)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(codes[i], code) == 0)
			return true;
	return n == 0 || code[0] == '\0';
}

int desk_lang(char *const *langs, size_t n, const char *asked)
{
	for (size_t i = 0; i < n; i++)
		if (asked[0] == '\0' || strcmp(langs[i], asked) == 0)
			return (int)i;
	return -1;
}

/* --- lists, and all versions of one --- */

#define LIST_DEFAULT 100
#define LIST_MAX 500

bool desk_row_visible(struct bus_request *req, const struct desk_row *row)
{
	struct complaints *svc = bus_request_svc(req);

	return row->version != 0 &&
	       desk_visible(svc->replica, bus_request_grant(req), row->unit);
}

void desk_rows_make(struct bus_request *req, const struct db_result *res,
		    desk_make_fn *make, struct desk_made *made_r)
{
	size_t rows = (size_t)db_rows(res, 0);
	struct desk_row row = { .code = "" };

	*made_r = (struct desk_made){
		.records = arena_alloc(bus_request_arena(req),
				       (rows + 1) * sizeof(void *)),
	};
	for (int i = 0; i < (int)rows; i++) {
		const char *before = row.code;
		void *record;

		desk_row_read(res, 0, i, &row);
		made_r->codes += strcmp(before, row.code) != 0;
		record = desk_row_visible(req, &row) ? make(req, &row) : NULL;
		if (record != NULL)
			made_r->records[made_r->n++] = record;
	}
	made_r->last_code = (char *)row.code;
}

char *desk_next_code(const struct desk_made *made, uint32_t limit)
{
	bool full = made->codes == (limit != 0 ? limit : LIST_DEFAULT);

	return full ? made->last_code : (char *)"";
}

void desk_list_ask(struct bus_request *req, enum desk_kind kind,
		   const char *after_code, Sy__V1__DeskState state,
		   uint32_t limit, db_pipe_cb *cb)
{
	struct db_pipe *pipe;

	if (limit > LIST_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", LIST_MAX);
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, DESK_SQL_LIST);
	db_i32(pipe, (int32_t)kind);
	db_text(pipe, after_code);
	db_i32(pipe, (int32_t)state);
	db_i64(pipe, limit != 0 ? limit : LIST_DEFAULT);
	db_pipe_run(pipe, cb, req);
}
