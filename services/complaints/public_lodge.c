/* public_lodge.c -- an appeal or an application that a customer lodges: it gets
 * its number and code, and is registered as all others are. Repeating the
 * request goes on where the first one stopped: same number, code and time.
 */
#include <string.h>

#include "public.h"
#include "timeutil.h"

struct lodging {
	struct bus_request *req;
	struct public_made made;
	const char *number;
	Sy__V1__ErrorCode outcome;
};

/* Only the outcome is told: which of the codes was it? */
static const char *unknown_field(struct bus_request *req)
{
	const Sy__V1__LodgeAppealRequest *msg =
		(const void *)bus_request_message(req);
	const struct complaints *svc = bus_request_svc(req);
	int64_t now_us = time_now_us();
	int32_t day;

	if (unit_at(svc->replica, msg->unit, now_us, &day) == NULL)
		return "unit";
	return replica_term(svc->replica, "kind", msg->kind, day) == NULL
		       ? "kind"
		       : "topic";
}

static void refuse(struct lodging *l)
{
	switch ((int)l->outcome) {
	case SY__V1__ERROR_CODE__UNKNOWN_CODE:
		bus_reply_error(l->req, l->outcome, unknown_field(l->req),
				"is not in the directory");
		break;
	case SY__V1__ERROR_CODE__BUSY:
	case SY__V1__ERROR_CODE__RETRY:
		bus_reply_error(l->req, SY__V1__ERROR_CODE__RETRY, "",
				"could not be registered just now");
		break;
	default:
		bus_reply_error(l->req, l->outcome, "",
				"could not be registered");
		break;
	}
}

static void dropped_cb(const struct db_result *res, void *arg)
{
	struct lodging *l = arg;

	/* a row without an appeal opens nothing: the refusal is the answer */
	(void)res;
	refuse(l);
}

static void registered_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct lodging *l = arg;
	Sy__V1__LodgeAppealReply reply = SY__V1__LODGE_APPEAL_REPLY__INIT;
	struct db_pipe *pipe;

	l->outcome = code;
	if (code == SY__V1__ERROR_CODE__OK) {
		reply.number = (char *)l->number;
		reply.code = l->made.code;
		bus_reply(l->req, &reply.base);
		return;
	}
	if (code == SY__V1__ERROR_CODE__BUSY ||
	    code == SY__V1__ERROR_CODE__RETRY) {
		refuse(l);
		return;
	}
	pipe = bus_request_pipe(l->req);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_UNLODGE);
	db_text(pipe, l->number);
	db_text(pipe, PUBLIC_SOURCE);
	db_pipe_run(pipe, dropped_cb, l);
}

static void numbered_cb(const struct db_result *res, void *arg)
{
	struct lodging *l = arg;
	const Sy__V1__LodgeAppealRequest *msg =
		(const void *)bus_request_message(l->req);
	Sy__V1__RegisterAppealRequest fact =
		SY__V1__REGISTER_APPEAL_REQUEST__INIT;
	Sy__V1__Person person = SY__V1__PERSON__INIT;

	if (bus_reply_db_error(l->req, res))
		return;
	if (db_rows(res, 0) != 1) {
		bus_reply_error(l->req, SY__V1__ERROR_CODE__FORBIDDEN, "",
				"too many were lodged from here: try again in "
				"an hour");
		return;
	}
	l->number = arena_strdup(bus_request_arena(l->req),
				 db_get_text(res, 0, 0, 0));
	fact.external_id = (char *)l->number;
	fact.kind = msg->kind;
	fact.channel = (char *)PUBLIC_CHANNEL;
	fact.topic = msg->topic;
	fact.unit = msg->unit;
	fact.text = msg->text;
	fact.occurred_at_us = db_get_time(res, 0, 0, 1);
	person.name = msg->person->name;
	person.phone = msg->person->phone;
	person.email = msg->person->email;
	person.address = msg->person->address;
	fact.person = &person;
	public_command(l->req, "RegisterAppeal", &fact.base, registered_cb, l);
}

void handle_lodge_appeal(struct bus_request *req)
{
	const Sy__V1__LodgeAppealRequest *msg =
		(const void *)bus_request_message(req);
	uint8_t caller[PUBLIC_HASH_BYTES];
	const char *text, *field = public_lodging_fault(msg, &text);
	struct lodging *l;
	struct db_pipe *pipe;

	if (field != NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s",
				text);
		return;
	}
	l = arena_alloc(bus_request_arena(req), sizeof(*l));
	l->req = req;
	if (!public_make(req, &l->made))
		return;
	public_caller_hash(bus_request_svc(req), msg->caller, caller);
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_LODGE);
	db_bytes(pipe, l->made.attempt, sizeof(l->made.attempt));
	db_bytes(pipe, l->made.code_hash, sizeof(l->made.code_hash));
	db_bytes(pipe, caller, sizeof(caller));
	db_i32(pipe, PUBLIC_PER_HOUR);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_FORGET);
	db_pipe_run(pipe, numbered_cb, l);
}
