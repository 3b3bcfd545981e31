/* desk_rows.c -- versions of records as the lists' statements give them. */
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
