/* export.c -- lists and reports as CSV files (RFC 4180). A list's file has the
 * rows that the same question shows page by page, in their order. Pages are
 * asked for one after another until there are no more, or EXPORT_ROWS_MAX rows:
 * then X-Next-Cursor says where the next file goes on, which has no head.
 * Nothing personal is in it.
 *
 * A column is a field of a message, as JSON has it. What a
 * spreadsheet would take for a formula begins with an apostrophe.
 */
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/kpi.pb-c.h"
#include "json/pbjson.h"

#define EXPORT_ROWS_MAX 10000
#define PAGE_ROWS 500
#define FILE_TYPE "text/csv; charset=utf-8; header=present"

struct export
{
	char *text;
	size_t len, size;
	size_t rows;
};

static void put(struct export *e, const char *text, size_t len)
{
	if (e->size < e->len + len) {
		e->size = 2 * (e->len + len) + 65536;
		e->text = realloc(e->text, e->size);
		if (!e->text)
			abort();
	}
	memcpy(e->text + e->len, text, len);
	e->len += len;
}

/* Also what begins with a blank: some programs take that away first. */
static bool is_formula(const char *text)
{
	text += strspn(text, " \t\r\n");
	return *text && strchr("=+-@", *text);
}

static void put_cell(struct export *e, const char *text, bool first)
{
	if (!first)
		put(e, ",", 1);
	put(e, "\"", 1);
	if (is_formula(text))
		put(e, "'", 1);
	for (; *text; text++) {
		if (*text == '"')
			put(e, "\"", 1);
		put(e, text, 1);
	}
	put(e, "\"", 1);
}

static void put_value(struct export *e, const json_t *value, bool first)
{
	char *other;

	if (!value || json_is_string(value)) {
		put_cell(e, value ? json_string_value(value) : "", first);
		return;
	}
	other = json_dumps(value, JSON_ENCODE_ANY);
	if (!other)
		abort();
	put_cell(e, other, first);
	free(other);
}

/* Is it one value? */
static bool is_column(const ProtobufCFieldDescriptor *field)
{
	return field->label != PROTOBUF_C_LABEL_REPEATED &&
	       field->type != PROTOBUF_C_TYPE_MESSAGE;
}

static void put_columns(struct export *e, const ProtobufCMessageDescriptor *of,
			const json_t *values, bool first)
{
	for (unsigned i = 0; i < of->n_fields; i++) {
		const char *name = of->fields[i].name;

		if (!is_column(&of->fields[i]))
			continue;
		if (values)
			put_value(e, json_object_get(values, name), first);
		else
			put_cell(e, name, first);
		first = false;
	}
}

/* values NULL: the names. */
static void put_row(struct export *e, const json_t *values)
{
	const json_t *facts = values ? json_object_get(values, "facts") : NULL;

	put_columns(e, &sy__v1__appeal_row__descriptor, values, true);
	put_columns(e, &sy__v1__appeal_facts__descriptor, facts, false);
	put(e, "\r\n", 2);
}

/* --- pages -----------------------------------------------------------------
 */

static void finish(struct request *req)
{
	struct export *e = req->scratch;

	request_reply_static(req, FILE_TYPE, e->text, e->len);
	free(e->text);
}

static void audited_cb(struct request *req, bool ok)
{
	if (ok) {
		finish(req);
		return;
	}
	free(((struct export *)req->scratch)->text);
	request_fail(req, SY__V1__ERROR_CODE__BUSY, NULL,
		     "the audit cannot be written just now");
}

static void ask(struct request *req);

static void paged_cb(struct request *req, const Sy__V1__Error *error,
		     const ProtobufCMessage *message)
{
	const Sy__V1__ListAppealsReply *page =
		(const Sy__V1__ListAppealsReply *)message;
	Sy__V1__ListAppealsRequest *asked =
		(Sy__V1__ListAppealsRequest *)req->message;
	struct export *e = req->scratch;

	if (error) {
		free(e->text);
		request_fail_error(req, error);
		return;
	}
	for (size_t i = 0; i < page->n_appeals; i++) {
		json_t *row = pbjson_from_message(&page->appeals[i]->base);

		put_row(e, row);
		json_decref(row);
	}
	e->rows += page->n_appeals;
	asked->cursor = page->next_cursor;
	if (*page->next_cursor && e->rows < EXPORT_ROWS_MAX) {
		ask(req);
		return;
	}
	if (*page->next_cursor)
		request_add_header(req, "X-Next-Cursor", page->next_cursor);
	if (req->route->audit == AUDIT_NO)
		finish(req);
	else
		audit_write(req, req->route->operation, NULL, "",
			    SY__V1__ERROR_CODE__OK, audited_cb);
}

static void ask(struct request *req)
{
	request_ask(req, req->route->peer, req->route->rpc, req->message,
		    &req->caller->actor_token, NULL, paged_cb);
}

void handle_export(struct request *req)
{
	Sy__V1__ListAppealsRequest *asked =
		(Sy__V1__ListAppealsRequest *)req->message;
	struct export *e = arena_alloc(&req->arena, sizeof(*e));

	req->scratch = e;
	if (!*asked->cursor)
		put_row(e, NULL);
	asked->limit = PAGE_ROWS;
	request_add_header(req, MHD_HTTP_HEADER_CONTENT_DISPOSITION,
			   "attachment; filename=\"appeals.csv\"");
	ask(req);
}

/* --- the report ------------------------------------------------------------
 */

static void reported_cb(struct request *req, const Sy__V1__Error *error,
			const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *of =
		&sy__v1__appeal_report_row__descriptor;
	const Sy__V1__GetAppealReportReply *report =
		(const Sy__V1__GetAppealReportReply *)message;
	struct export e = { 0 };

	if (error) {
		request_fail_error(req, error);
		return;
	}
	put_columns(&e, of, NULL, true);
	put(&e, "\r\n", 2);
	for (size_t i = 0; i < report->n_rows; i++) {
		json_t *row = pbjson_from_message(&report->rows[i]->base);

		put_columns(&e, of, row, true);
		put(&e, "\r\n", 2);
		json_decref(row);
	}
	request_add_header(req, MHD_HTTP_HEADER_CONTENT_DISPOSITION,
			   "attachment; filename=\"report.csv\"");
	request_reply_static(req, FILE_TYPE, e.text, e.len);
	free(e.text);
}

void handle_report_export(struct request *req)
{
	request_ask(req, req->route->peer, req->route->rpc, req->message,
		    &req->caller->actor_token, NULL, reported_cb);
}
