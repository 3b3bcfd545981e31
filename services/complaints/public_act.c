/* public_act.c -- what a customer adds to a case: words, a file, a withdrawal,
 * a reopening, a rating. Each becomes the fact that staff would record for
 * somebody who came to the counter; a request that is repeated has the time of
 * the first, so that it is the same fact again.
 */
#include <string.h>

#include <sodium.h>

#include "items.h"
#include "public.h"

#define ATTACHMENT_CODE_MAX 20

struct telling {
	struct bus_request *req;
	const char *number;
	struct public_made made;
};

static void told_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct telling *t = arg;
	Sy__V1__TellAppealReply reply = SY__V1__TELL_APPEAL_REPLY__INIT;

	switch ((int)code) {
	case SY__V1__ERROR_CODE__OK:
		bus_reply(t->req, &reply.base);
		break;
	case SY__V1__ERROR_CODE__STATE:
		bus_reply_error(t->req, code, "act",
				"the case takes none such now");
		break;
	default:
		bus_reply_error(t->req, code, "", "could not be recorded");
		break;
	}
}

static Sy__V1__AttachFileRequest file_of(const Sy__V1__TellAppealRequest *msg)
{
	Sy__V1__AttachFileRequest fact = SY__V1__ATTACH_FILE_REQUEST__INIT;

	fact.file_name = msg->file_name;
	fact.media_type = msg->media_type;
	fact.content = msg->content;
	return fact;
}

static void attach(struct telling *t, Sy__V1__AppealRef *ref, int64_t at_us)
{
	Sy__V1__AttachFileRequest fact =
		file_of((const void *)bus_request_message(t->req));
	char code[ATTACHMENT_CODE_MAX] = "own-";

	sodium_bin2hex(code + 4, sizeof(code) - 4, t->made.attempt, 6);
	fact.appeal = ref;
	fact.attachment = code;
	fact.occurred_at_us = at_us;
	public_command(t->req, "AttachFile", &fact.base, told_cb, t);
}

static void timed_cb(const struct db_result *res, void *arg)
{
	struct telling *t = arg;
	const Sy__V1__TellAppealRequest *msg =
		(const void *)bus_request_message(t->req);
	Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;
	Sy__V1__NoteAppealRequest note = SY__V1__NOTE_APPEAL_REQUEST__INIT;
	Sy__V1__WithdrawAppealRequest withdraw =
		SY__V1__WITHDRAW_APPEAL_REQUEST__INIT;
	Sy__V1__ReopenAppealRequest reopen =
		SY__V1__REOPEN_APPEAL_REQUEST__INIT;
	Sy__V1__RateAppealRequest rate = SY__V1__RATE_APPEAL_REQUEST__INIT;
	int64_t at_us;

	if (bus_reply_db_error(t->req, res))
		return;
	at_us = db_get_time(res, 0, 0, 0);
	ref.external_id = (char *)t->number;
	switch ((int)msg->act) {
	case SY__V1__PUBLIC_ACT__ACT_ADD:
		note.appeal = &ref;
		note.text = msg->text;
		note.occurred_at_us = at_us;
		public_command(t->req, "NoteAppeal", &note.base, told_cb, t);
		break;
	case SY__V1__PUBLIC_ACT__ACT_WITHDRAW:
		withdraw.appeal = &ref;
		withdraw.text = msg->text;
		withdraw.occurred_at_us = at_us;
		public_command(t->req, "WithdrawAppeal", &withdraw.base,
			       told_cb, t);
		break;
	case SY__V1__PUBLIC_ACT__ACT_REOPEN:
		reopen.appeal = &ref;
		reopen.text = msg->text;
		reopen.occurred_at_us = at_us;
		public_command(t->req, "ReopenAppeal", &reopen.base, told_cb,
			       t);
		break;
	case SY__V1__PUBLIC_ACT__ACT_RATE:
		rate.appeal = &ref;
		rate.rating = msg->rating;
		rate.text = msg->text;
		rate.occurred_at_us = at_us;
		public_command(t->req, "RateAppeal", &rate.base, told_cb, t);
		break;
	default: /* checked before */
		attach(t, &ref, at_us);
		break;
	}
}

static void tell_known_cb(struct bus_request *req, const char *number,
			  void *arg)
{
	struct telling *t = arg;
	struct db_pipe *pipe = bus_request_pipe(req);

	t->number = number;
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_ACT);
	db_bytes(pipe, t->made.attempt, sizeof(t->made.attempt));
	db_pipe_run(pipe, timed_cb, t);
}

void handle_tell_appeal(struct bus_request *req)
{
	const Sy__V1__TellAppealRequest *msg =
		(const void *)bus_request_message(req);
	const char *text, *field = public_act_fault(msg, &text);
	Sy__V1__AttachFileRequest file = file_of(msg);
	struct problem problem;
	struct telling *t;

	if (field == NULL && msg->act == SY__V1__PUBLIC_ACT__ACT_ATTACH &&
	    !attachment_check(&file, &problem)) {
		field = problem.field;
		text = problem.text;
	}
	if (field != NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s",
				text);
		return;
	}
	t = arena_alloc(bus_request_arena(req), sizeof(*t));
	t->req = req;
	if (!public_make(req, &t->made))
		return;
	public_known(req, msg->number, msg->code, msg->caller, tell_known_cb,
		     t);
}
