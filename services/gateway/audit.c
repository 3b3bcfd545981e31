/* audit.c -- who did what, and who read what is personal: stored before the
 * answer goes out. What comes while rows are on their way to the disk goes
 * together in the next statement. */
#include <stdlib.h>
#include <string.h>

#include <unicode/ustring.h>
#include <utlist.h>

#include "bus/must.h"
#include "log.h"
#include "sessions.h"
#include "timeutil.h"

#define BATCH_MAX 200
#define OBJECT_MAX 200
#define LIST_DEFAULT 100
#define LIST_MAX 500

static struct metric written =
	METRIC(METRIC_COUNTER, "suyuan_gateway_audit_rows_total",
	       "Rows of the audit that were stored.");
static struct metric lost =
	METRIC(METRIC_COUNTER, "suyuan_gateway_audit_failed_total",
	       "Rows that could not be stored; their answers were not given.");

struct entry {
	struct request *req;
	audit_written_cb *cb;
	char principal[PRINCIPAL_MAX];
	char unit[GRANT_CODE_MAX];
	const char *action; /* static */
	char object[OBJECT_MAX + 1];
	Sy__V1__ErrorCode outcome;
	uint8_t trace_id[16];
	char address[48];
	struct entry *prev, *next;
};

struct audit {
	struct gateway *gw;
	struct entry *waiting, *sent;
	uv_timer_t soon;
	bool busy, trimming, closed;
	int users; /* pipes on their way, and the timer */
};

static void audit_unref(struct audit *a)
{
	if (--a->users == 0)
		free(a);
}

/* --- writing ---------------------------------------------------------------
 */

static void soon(struct audit *a);

static void answer_all(struct entry *list, bool ok)
{
	struct entry *e, *next;

	DL_FOREACH_SAFE (list, e, next) {
		struct request *req = e->req;
		audit_written_cb *cb = e->cb;

		metric_add(ok ? &written : &lost, 1);
		free(e);
		cb(req, ok);
	}
}

static void free_all(struct entry **list)
{
	struct entry *e, *next;

	DL_FOREACH_SAFE (*list, e, next)
		free(e);
	*list = NULL;
}

static void added_cb(const struct db_result *res, void *arg)
{
	struct audit *a = arg;
	struct entry *done = a->sent;

	a->sent = NULL;
	a->busy = false;
	if (a->closed) {
		free_all(&done);
	} else {
		if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
			log_error("audit_add: %s", res->text);
		if (a->waiting)
			soon(a);
		answer_all(done, res->outcome == DB_OK);
	}
	audit_unref(a);
}

enum column {
	COLUMN_PRINCIPAL,
	COLUMN_UNIT,
	COLUMN_ACTION,
	COLUMN_OBJECT,
	COLUMN_OUTCOME,
	COLUMN_TRACE_ID,
	COLUMN_ADDRESS,
	COLUMNS,
};

static void put_column(struct db_pipe *pipe, const struct entry *e,
		       enum column column)
{
	switch (column) {
	case COLUMN_PRINCIPAL:
		db_array_text(pipe, e->principal);
		return;
	case COLUMN_UNIT:
		db_array_text(pipe, e->unit);
		return;
	case COLUMN_ACTION:
		db_array_text(pipe, e->action);
		return;
	case COLUMN_OBJECT:
		db_array_text(pipe, e->object);
		return;
	case COLUMN_OUTCOME:
		db_array_int(pipe, e->outcome);
		return;
	case COLUMN_TRACE_ID:
		db_array_data(pipe, e->trace_id, sizeof(e->trace_id));
		return;
	case COLUMN_ADDRESS:
		db_array_text(pipe, e->address);
		return;
	case COLUMNS:
		return;
	}
}

static void send_waiting(struct audit *a)
{
	static const enum db_array_type types[COLUMNS] = {
		[COLUMN_PRINCIPAL] = DB_ARRAY_TEXT,
		[COLUMN_UNIT] = DB_ARRAY_TEXT,
		[COLUMN_ACTION] = DB_ARRAY_TEXT,
		[COLUMN_OBJECT] = DB_ARRAY_TEXT,
		[COLUMN_OUTCOME] = DB_ARRAY_I16,
		[COLUMN_TRACE_ID] = DB_ARRAY_BYTES,
		[COLUMN_ADDRESS] = DB_ARRAY_TEXT,
	};
	struct db_pipe *pipe;
	struct entry *e;

	for (int n = 0; a->waiting && n < BATCH_MAX; n++) {
		e = a->waiting;
		DL_DELETE(a->waiting, e);
		DL_APPEND(a->sent, e);
	}
	a->busy = true;
	a->users++;
	pipe = db_pipe_new(a->gw->db);
	db_exec(pipe, SQL_AUDIT_ADD);
	for (int column = 0; column < COLUMNS; column++) {
		db_array_begin(pipe, types[column]);
		DL_FOREACH (a->sent, e)
			put_column(pipe, e, (enum column)column);
		db_array_end(pipe);
	}
	db_pipe_run(pipe, added_cb, a);
}

static void soon_cb(uv_timer_t *timer)
{
	struct audit *a = timer->data;
	struct entry *refused = a->waiting;

	if (a->busy || !refused)
		return;
	if (db_conn_up(a->gw->db)) {
		send_waiting(a);
		return;
	}
	/* Nobody waits ten seconds to hear that it is not possible. */
	a->waiting = NULL;
	answer_all(refused, false);
}

static void soon(struct audit *a)
{
	if (!a->busy && !uv_is_active((uv_handle_t *)&a->soon))
		uv_timer_start(&a->soon, soon_cb, 0, 0);
}

static bool is_utf8(const char *text)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t len;

	/* Measures only, so it ends with a buffer that is too small. */
	u_strFromUTF8(NULL, 0, &len, text, -1, &status);
	return status != U_INVALID_CHAR_FOUND;
}

/* Whole characters; and none that the database would refuse, together with the
 * rows of others. */
static void copy_text(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size);

	if (len == size) {
		len--;
		while (len > 0 && ((unsigned char)from[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(to, from, len);
	to[len] = '\0';
	if (is_utf8(to))
		return;
	for (char *p = to; *p; p++)
		if (*p & 0x80)
			*p = '?';
}

void audit_write(struct request *req, const char *action, const char *principal,
		 const char *object, Sy__V1__ErrorCode outcome,
		 audit_written_cb *cb)
{
	struct audit *a = req->gw->audit;
	const Sy__V1__Principal *by =
		req->caller ? req->caller->principal : NULL;
	struct entry *e = must_calloc(1, sizeof(*e));
	struct bus_grant grant = { 0 };

	*e = (struct entry){
		.req = req, .cb = cb, .action = action, .outcome = outcome
	};
	if (!principal)
		principal = by ? by->name : "";
	copy_text(e->principal, sizeof(e->principal), principal);
	if (!by && principal[0])
		replica_grant(req->gw->replica, principal, &grant);
	copy_text(e->unit, sizeof(e->unit), by ? by->unit : grant.unit);
	copy_text(e->object, sizeof(e->object), object ? object : "");
	copy_text(e->address, sizeof(e->address), req->address);
	memcpy(e->trace_id, req->trace.id, sizeof(e->trace_id));
	DL_APPEND(a->waiting, e);
	soon(a);
}

/* --- reading ---------------------------------------------------------------
 */

static Sy__V1__AuditEntry *entry_at(const struct db_result *res, int row,
				    struct arena *arena)
{
	Sy__V1__AuditEntry *e = arena_alloc(arena, sizeof(*e));
	const ProtobufCEnumValue *outcome =
		protobuf_c_enum_descriptor_get_value(
			&sy__v1__error_code__descriptor,
			db_get_i32(res, ASK_AUDIT_ROWS, row, AUDIT_OUTCOME));
	const uint8_t *trace;
	char *hex;
	size_t len;

	sy__v1__audit_entry__init(e);
	e->audit_id = arena_printf(
		arena, "%lld",
		(long long)db_get_i64(res, ASK_AUDIT_ROWS, row, AUDIT_ID));
	e->at_us = db_get_time(res, ASK_AUDIT_ROWS, row, AUDIT_AT);
	e->principal = arena_strdup(
		arena, db_get_text(res, ASK_AUDIT_ROWS, row, AUDIT_PRINCIPAL));
	e->action = arena_strdup(
		arena, db_get_text(res, ASK_AUDIT_ROWS, row, AUDIT_ACTION));
	e->object = arena_strdup(
		arena, db_get_text(res, ASK_AUDIT_ROWS, row, AUDIT_OBJECT));
	e->outcome = (char *)(outcome ? outcome->name : "INTERNAL");
	e->address = arena_strdup(
		arena, db_get_text(res, ASK_AUDIT_ROWS, row, AUDIT_ADDRESS));
	trace = db_get_bytes(res, ASK_AUDIT_ROWS, row, AUDIT_TRACE_ID, &len);
	hex = arena_alloc(arena, 2 * len + 1);
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", trace[i]);
	e->trace_id = hex;
	return e;
}

static int64_t page_limit(const Sy__V1__ListAuditRequest *ask)
{
	return ask->limit ? ask->limit : LIST_DEFAULT;
}

static void fail_not_now(struct request *req)
{
	request_fail(req, SY__V1__ERROR_CODE__BUSY, "",
		     "the audit cannot be read now");
}

static void list_cb(const struct db_result *res, void *arg)
{
	struct request *req = arg;
	const Sy__V1__ListAuditRequest *ask = (const void *)req->message;
	Sy__V1__ListAuditReply reply = SY__V1__LIST_AUDIT_REPLY__INIT;
	int64_t limit = page_limit(ask);
	int rows = db_rows(res, ASK_AUDIT_ROWS);

	if (!req->gw->audit)
		return; /* all is being closed */
	if (res->outcome != DB_OK) {
		if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
			log_error("audit_list: %s", res->text);
		fail_not_now(req);
		return;
	}
	reply.entries =
		arena_alloc(&req->arena, ((size_t)rows + 1) * sizeof(void *));
	for (int row = 0; row < rows && row < limit; row++)
		reply.entries[reply.n_entries++] =
			entry_at(res, row, &req->arena);
	/* One more was asked for: it tells whether there is more. */
	if (rows > limit) {
		const Sy__V1__AuditEntry *last =
			reply.entries[reply.n_entries - 1];

		reply.next_cursor =
			arena_printf(&req->arena, "%lld.%s",
				     (long long)last->at_us, last->audit_id);
	}
	request_reply(req, &reply.base);
}

/* "at_us.audit_id" of the last entry of the page before. */
static int read_cursor(const char *text, struct audit_question *q)
{
	char *end;

	if (!text[0])
		return 0;
	q->before_at_us = strtoll(text, &end, 10);
	if (*end != '.' || q->before_at_us <= 0)
		return -1;
	q->before_id = strtoll(end + 1, &end, 10);
	return *end == '\0' && q->before_id > 0 ? 0 : -1;
}

void handle_audit(struct request *req)
{
	const Sy__V1__ListAuditRequest *ask = (const void *)req->message;
	struct audit_question q = {
		.from_us = ask->from_us,
		.to_us = ask->to_us,
		.principal = ask->principal,
		.action = ask->action,
		.unit = req->caller->principal->unit,
		.limit = page_limit(ask) + 1,
	};
	struct db_pipe *pipe;

	if (ask->limit > LIST_MAX) {
		request_fail(req, SY__V1__ERROR_CODE__INVALID, "limit",
			     "must be at most %d", LIST_MAX);
		return;
	}
	if (read_cursor(ask->cursor, &q) < 0) {
		request_fail(req, SY__V1__ERROR_CODE__INVALID, "cursor",
			     "is not of a page of this list");
		return;
	}
	if (!db_conn_up(req->gw->db)) {
		fail_not_now(req);
		return;
	}
	pipe = db_pipe_new(req->gw->db);
	store_audit_list(pipe, &q);
	db_pipe_run(pipe, list_cb, req);
}

/* --- life ------------------------------------------------------------------
 */

static void trimmed_cb(const struct db_result *res, void *arg)
{
	struct audit *a = arg;

	a->trimming = false;
	if (!a->closed && res->outcome == DB_FAILED)
		log_error("audit_trim: %s", res->text);
	audit_unref(a);
}

void audit_trim(struct gateway *gw)
{
	struct audit *a = gw->audit;
	struct db_pipe *pipe;

	if (!a || a->trimming || gw->conf.audit_days == 0)
		return;
	a->trimming = true;
	a->users++;
	pipe = db_pipe_new(gw->db);
	db_exec(pipe, SQL_AUDIT_TRIM);
	db_i64(pipe, gw->conf.audit_days);
	db_pipe_run(pipe, trimmed_cb, a);
}

void audit_open(struct gateway *gw)
{
	struct audit *a = must_calloc(1, sizeof(*a));

	metric_show(&written);
	metric_show(&lost);
	a->gw = gw;
	uv_timer_init(&gw->service.loop, &a->soon);
	a->soon.data = a;
	a->users = 1;
	gw->audit = a;
}

static void closed_cb(uv_handle_t *handle)
{
	audit_unref(handle->data);
}

void audit_close(struct gateway *gw)
{
	struct audit *a = gw->audit;

	if (!a)
		return;
	gw->audit = NULL;
	a->closed = true;
	free_all(&a->waiting);
	uv_close((uv_handle_t *)&a->soon, closed_cb);
}
