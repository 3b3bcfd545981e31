/* handlers.c -- the dispatch table, and ListAppeals. What writes is judged in
 * decide.c; get.c answers with a whole case.
 */
#include <string.h>

#include <sodium.h>

#include "complaints.h"
#include "timeutil.h"

#define LIST_DEFAULT 50
#define LIST_MAX 500
/* registered_at in us and appeal_id, in hex */
#define CURSOR_BYTES (8 + UUID_BYTES)

/* --- ListAppeals --- */

static uint32_t list_limit(const Sy__V1__ListAppealsRequest *msg)
{
	return msg->limit == 0 ? LIST_DEFAULT : msg->limit;
}

static char *cursor_make(struct arena *arena, int64_t registered_at_us,
			 const uint8_t id[UUID_BYTES])
{
	char *hex = arena_alloc(arena, 2 * CURSOR_BYTES + 1);
	uint8_t bytes[CURSOR_BYTES];

	for (int i = 0; i < 8; i++)
		bytes[i] =
			(uint8_t)((uint64_t)registered_at_us >> (56 - 8 * i));
	memcpy(bytes + 8, id, UUID_BYTES);
	return sodium_bin2hex(hex, 2 * CURSOR_BYTES + 1, bytes, sizeof(bytes));
}

static bool cursor_read(const char *hex, int64_t *registered_at_us_r,
			uint8_t id_r[UUID_BYTES])
{
	uint8_t bytes[CURSOR_BYTES];
	uint64_t us = 0;
	size_t len = 0;

	if (strlen(hex) != 2 * CURSOR_BYTES ||
	    sodium_hex2bin(bytes, sizeof(bytes), hex, strlen(hex), NULL, &len,
			   NULL) != 0 ||
	    len != sizeof(bytes))
		return false;
	for (int i = 0; i < 8; i++)
		us = us << 8 | bytes[i];
	/* what no appeal has, and timestamptz could not hold */
	if (us < (uint64_t)TIME_MIN_US ||
	    us > (uint64_t)(time_now_us() + 2 * US_PER_DAY))
		return false;
	*registered_at_us_r = (int64_t)us;
	memcpy(id_r, bytes + 8, UUID_BYTES);
	return true;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	const Sy__V1__ListAppealsRequest *msg =
		(const Sy__V1__ListAppealsRequest *)bus_request_message(req);
	Sy__V1__ListAppealsReply reply = SY__V1__LIST_APPEALS_REPLY__INIT;
	struct appeal_facts facts;
	size_t n, len;

	if (bus_reply_db_error(req, res))
		return;
	n = (size_t)db_rows(res, 0);
	reply.n_appeals = n;
	reply.appeals = arena_alloc(arena, (n + 1) * sizeof(reply.appeals[0]));
	for (size_t i = 0; i < n; i++) {
		Sy__V1__AppealRow *row = arena_alloc(arena, sizeof(*row));

		sy__v1__appeal_row__init(row);
		row->appeal_id = store_id_text(arena, res, 0, (int)i);
		row->source = (char *)db_get_text(res, 0, (int)i, 1);
		row->external_id = (char *)db_get_text(res, 0, (int)i, 2);
		row->revision = (uint64_t)db_get_i64(res, 0, (int)i, 3);
		row->facts = arena_alloc(arena, sizeof(*row->facts));
		store_facts(arena, res, 0, (int)i, STORE_FACTS_COL, &facts);
		facts_to_proto(&facts, row->facts);
		reply.appeals[i] = row;
	}
	if (n > 0 && n == list_limit(msg))
		reply.next_cursor =
			cursor_make(arena, facts.registered_at_us,
				    db_get_bytes(res, 0, (int)n - 1, 0, &len));
	bus_reply(req, &reply.base);
}

/* The root of what may be listed, NULL: refused and answered. */
static const char *list_root(struct bus_request *req, const char *asked)
{
	struct complaints *svc = bus_request_svc(req);
	const struct bus_grant *grant = bus_request_grant(req);
	int32_t today = (int32_t)(time_now_us() / US_PER_DAY);

	if (asked[0] == '\0')
		return grant->unit;
	if (!replica_unit_known(svc->replica, asked)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__UNKNOWN_CODE, "unit",
				"is not in the directory");
		return NULL;
	}
	if (grant->unit[0] != '\0' &&
	    !replica_in_subtree(svc->replica, asked, grant->unit, today)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "unit",
				"lies outside of the principal's subtree");
		return NULL;
	}
	return asked;
}

static void handle_list_appeals(struct bus_request *req)
{
	const Sy__V1__ListAppealsRequest *msg =
		(const Sy__V1__ListAppealsRequest *)bus_request_message(req);
	const char *root;
	int64_t before_us = 0;
	uint8_t id[UUID_BYTES];
	struct db_pipe *pipe;

	if (list_limit(msg) > LIST_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "limit",
				"is more than %d", LIST_MAX);
		return;
	}
	if (msg->cursor[0] != '\0' &&
	    !cursor_read(msg->cursor, &before_us, id)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "cursor",
				"is not one that a list has given");
		return;
	}
	root = list_root(req, msg->unit);
	if (root == NULL)
		return;
	pipe = bus_request_pipe(req);
	if (msg->order == SY__V1__APPEAL_ORDER__WAITING_FIRST)
		db_exec(pipe, root[0] != '\0' ? SQL_LIST_WAITING_SUBTREE
					      : SQL_LIST_WAITING_ALL);
	else
		db_exec(pipe,
			root[0] != '\0' ? SQL_LIST_SUBTREE : SQL_LIST_ALL);
	db_i32(pipe, (int32_t)msg->state);
	db_text(pipe, msg->kind);
	db_text(pipe, msg->topic);
	db_time(pipe, msg->from_us);
	db_time(pipe, msg->to_us);
	db_time(pipe, before_us);
	if (before_us != 0)
		db_uuid(pipe, id);
	else
		db_null(pipe);
	db_i64(pipe, (int64_t)list_limit(msg));
	if (root[0] != '\0')
		db_text(pipe, root);
	db_pipe_run(pipe, listed_cb, req);
}

/* --- who may call what --- */

#define WRITERS (ROLE_PUBLISHER | ROLE_HANDLER)
#define READERS (ROLE_READER | ROLE_HANDLER)

/* clang-format off */
const struct bus_method complaints_methods[] = {
	[FACT_REGISTER] = { "RegisterAppeal", WRITERS, BUS_WRITE,
		&sy__v1__register_appeal_request__descriptor, NULL },
	[FACT_CLASSIFY] = { "ClassifyAppeal", WRITERS, BUS_WRITE,
		&sy__v1__classify_appeal_request__descriptor, NULL },
	[FACT_ANSWER] = { "AnswerAppeal", WRITERS, BUS_WRITE,
		&sy__v1__answer_appeal_request__descriptor, NULL },
	[FACT_RESOLVE] = { "ResolveAppeal", WRITERS, BUS_WRITE,
		&sy__v1__resolve_appeal_request__descriptor, NULL },
	[FACT_CLOSE] = { "CloseAppeal", WRITERS, BUS_WRITE,
		&sy__v1__close_appeal_request__descriptor, NULL },
	[FACT_ROUTE] = { "RouteAppeal", WRITERS, BUS_WRITE,
		&sy__v1__route_appeal_request__descriptor, NULL },
	[FACT_INVESTIGATE] = { "InvestigateAppeal", WRITERS, BUS_WRITE,
		&sy__v1__investigate_appeal_request__descriptor, NULL },
	[FACT_INFORM] = { "InformCustomer", WRITERS, BUS_WRITE,
		&sy__v1__inform_customer_request__descriptor, NULL },
	[FACT_REOPEN] = { "ReopenAppeal", WRITERS, BUS_WRITE,
		&sy__v1__reopen_appeal_request__descriptor, NULL },
	[FACT_WITHDRAW] = { "WithdrawAppeal", WRITERS, BUS_WRITE,
		&sy__v1__withdraw_appeal_request__descriptor, NULL },
	[FACT_ESCALATE] = { "EscalateAppeal", WRITERS, BUS_WRITE,
		&sy__v1__escalate_appeal_request__descriptor, NULL },
	[FACT_MERGE] = { "MergeAppeal", WRITERS, BUS_WRITE,
		&sy__v1__merge_appeal_request__descriptor, NULL },
	[FACT_NOTE] = { "NoteAppeal", WRITERS, BUS_WRITE,
		&sy__v1__note_appeal_request__descriptor, NULL },
	[FACT_RATE] = { "RateAppeal", WRITERS, BUS_WRITE,
		&sy__v1__rate_appeal_request__descriptor, NULL },
	[FACT_PAUSE_CLOCK] = { "PauseClock", WRITERS, BUS_WRITE,
		&sy__v1__pause_clock_request__descriptor, NULL },
	[FACT_RESUME_CLOCK] = { "ResumeClock", WRITERS, BUS_WRITE,
		&sy__v1__resume_clock_request__descriptor, NULL },
	[FACT_EXTEND_CLOCK] = { "ExtendClock", WRITERS, BUS_WRITE,
		&sy__v1__extend_clock_request__descriptor, NULL },
	[FACT_MAKE_PROMISE] = { "MakePromise", WRITERS, BUS_WRITE,
		&sy__v1__make_promise_request__descriptor, NULL },
	[FACT_SETTLE_PROMISE] = { "SettlePromise", WRITERS, BUS_WRITE,
		&sy__v1__settle_promise_request__descriptor, NULL },
	[FACT_PROPOSE_REMEDY] = { "ProposeRemedy", WRITERS, BUS_WRITE,
		&sy__v1__propose_remedy_request__descriptor, NULL },
	[FACT_DECIDE_REMEDY] = { "DecideRemedy", WRITERS, BUS_WRITE,
		&sy__v1__decide_remedy_request__descriptor, NULL },
	[FACT_OPEN_TASK] = { "OpenTask", WRITERS, BUS_WRITE,
		&sy__v1__open_task_request__descriptor, NULL },
	[FACT_SETTLE_TASK] = { "SettleTask", WRITERS, BUS_WRITE,
		&sy__v1__settle_task_request__descriptor, NULL },
	[FACT_LINK] = { "LinkAppeal", WRITERS, BUS_WRITE,
		&sy__v1__link_appeal_request__descriptor, NULL },
	[FACT_MARK_REPEAT] = { "MarkRepeat", WRITERS, BUS_WRITE,
		&sy__v1__mark_repeat_request__descriptor, NULL },
	[FACT_FLAG_RED_LINE] = { "FlagRedLine", WRITERS, BUS_WRITE,
		&sy__v1__flag_red_line_request__descriptor, NULL },
	[FACT_DECIDE_RED_LINE] = { "DecideRedLine", WRITERS, BUS_WRITE,
		&sy__v1__decide_red_line_request__descriptor, NULL },
	[FACT_ATTACH_FILE] = { "AttachFile", WRITERS, BUS_WRITE,
		&sy__v1__attach_file_request__descriptor, NULL },
	/* no role: only the service itself, by its timers */
	[METHOD_CLOCK_DUE] = { "ClockDue", 0, BUS_WRITE,
		&sy__v1__clock_due_request__descriptor, NULL },
	{ "GetAppeal", READERS, BUS_READ,
		&sy__v1__get_appeal_request__descriptor, handle_get_appeal },
	{ "GetAttachment", READERS, BUS_READ,
		&sy__v1__get_attachment_request__descriptor,
		handle_get_attachment },
	{ "ListAppeals", READERS, BUS_READ,
		&sy__v1__list_appeals_request__descriptor,
		handle_list_appeals },
	{ "PreviewPolicy", ROLE_ADMIN, BUS_READ,
		&sy__v1__preview_policy_request__descriptor,
		handle_preview_policy },
	{ "GetPublisherReport", ROLE_PUBLISHER | ROLE_HANDLER | ROLE_ADMIN,
		BUS_READ, &sy__v1__get_publisher_report_request__descriptor,
		bus_handle_publisher_report },
	{ 0 },
};
/* clang-format on */
