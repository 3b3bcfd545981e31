/* mail_take.c -- the facts that a mail becomes, one command after another: a
 * registration, or a note or a reopening of the case that it answers; then its
 * files.
 */
#include <string.h>

#include <sodium.h>

#include "desk.h"
#include "mail_intake.h"
#include "utf8.h"

static void attach_next(struct intake_mail *m);
static void note(struct intake_mail *m);

/* What the answer to a command means for its mail. */
static enum mail_end end_of(Sy__V1__ErrorCode code)
{
	switch (code) {
	case SY__V1__ERROR_CODE__OK:
		return MAIL_END_TAKEN;
	case SY__V1__ERROR_CODE__CONFLICT:
	case SY__V1__ERROR_CODE__INVALID:
	case SY__V1__ERROR_CODE__STATE:
	case SY__V1__ERROR_CODE__TOO_LARGE:
	case SY__V1__ERROR_CODE__NOT_FOUND:
		return MAIL_END_REFUSED;
	case SY__V1__ERROR_CODE__UNKNOWN_CODE:
		return MAIL_END_UNKNOWN_CODE;
	case SY__V1__ERROR_CODE__FORBIDDEN:
	case SY__V1__ERROR_CODE__SCOPE:
	case SY__V1__ERROR_CODE__BUSY:
	case SY__V1__ERROR_CODE__RETRY:
	case SY__V1__ERROR_CODE__INTERNAL:
	case SY__V1__ERROR_CODE__UNKNOWN_METHOD:
	case SY__V1__ERROR_CODE__KEY_REUSED:
	case SY__V1__ERROR_CODE__MALFORMED:
	case SY__V1__ERROR_CODE__FENCED:
	case SY__V1__ERROR_CODE__TIMEOUT:
	case _SY__V1__ERROR_CODE_IS_INT_SIZE:
		break;
	}
	return MAIL_END_LATER;
}

static void command(struct intake_mail *m, enum fact_type type,
		    const ProtobufCMessage *request,
		    void (*cb)(Sy__V1__ErrorCode code, void *arg))
{
	m->in_hand = &complaints_methods[type];
	m->waits++;
	bus_server_command(m->svc->bus, m->in_hand, request, cb, m);
}

/* --- files --- */

static void attached_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct intake_mail *m = arg;
	enum mail_end end = end_of(code);

	if (intake_mail_over(m))
		return;
	m->in_hand = NULL;
	if (end == MAIL_END_LATER) {
		intake_mail_ended(m, end);
		return;
	}
	/* one that is refused stays with the mail on the server */
	m->file++;
	attach_next(m);
}

static void attach_next(struct intake_mail *m)
{
	Sy__V1__AttachFileRequest req = SY__V1__ATTACH_FILE_REQUEST__INIT;
	Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;
	const struct mail_file *f = &m->mail.files[m->file];

	while (m->file < m->mail.files_nr && f->too_large)
		f = &m->mail.files[++m->file];
	if (m->file >= m->mail.files_nr) {
		intake_mail_ended(m, MAIL_END_TAKEN);
		return;
	}
	ref.appeal_id = m->appeal_text;
	req.appeal = &ref;
	req.attachment =
		arena_printf(&m->arena, "mail-%s-%zu", m->name, m->file);
	req.file_name = (char *)f->name;
	req.media_type = (char *)f->media_type;
	req.content.data = (uint8_t *)f->content;
	req.content.len = f->len;
	req.occurred_at_us = m->received_us;
	command(m, FACT_ATTACH_FILE, &req.base, attached_cb);
}

/* --- a case of its own --- */

static void registered_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct intake_mail *m = arg;
	enum mail_end end = end_of(code);

	if (intake_mail_over(m))
		return;
	m->in_hand = NULL;
	if (end != MAIL_END_TAKEN)
		intake_mail_ended(m, end);
	else
		attach_next(m);
}

static void register_it(struct intake_mail *m)
{
	Sy__V1__RegisterAppealRequest req =
		SY__V1__REGISTER_APPEAL_REQUEST__INIT;
	Sy__V1__Person person = SY__V1__PERSON__INIT;

	person.name =
		arena_printf(&m->arena, "%.*s",
			     utf8_fit(m->mail.sender_name, PERSON_FIELD_MAX),
			     m->mail.sender_name);
	person.email = (char *)m->mail.sender;
	req.external_id = m->external_id;
	req.kind = (char *)m->box.kind;
	req.channel = (char *)m->box.channel;
	req.topic = (char *)m->box.topic;
	req.unit = (char *)m->box.unit;
	req.department = (char *)m->box.department;
	req.person = &person;
	req.text = (char *)mail_appeal_text(&m->arena, &m->mail);
	if (m->answers[0] != '\0')
		req.text = arena_printf(&m->arena, "%s\n[%s?]", req.text,
					m->answers);
	req.occurred_at_us = m->received_us;
	command(m, FACT_REGISTER, &req.base, registered_cb);
}

/* --- an answer to a case --- */

static void added_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct intake_mail *m = arg;
	enum mail_end end = end_of(code);

	if (intake_mail_over(m))
		return;
	m->in_hand = NULL;
	if (end == MAIL_END_REFUSED && !m->reopened_in_vain) {
		/* the life has no reopening there: colleagues read it */
		m->reopened_in_vain = true;
		note(m);
	} else if (end != MAIL_END_TAKEN) {
		intake_mail_ended(m, end);
	} else {
		attach_next(m);
	}
}

static void note(struct intake_mail *m)
{
	Sy__V1__NoteAppealRequest req = SY__V1__NOTE_APPEAL_REQUEST__INIT;
	Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;

	ref.appeal_id = m->appeal_text;
	req.appeal = &ref;
	req.text = arena_printf(&m->arena, "%s\n\n%s", m->mail.sender,
				mail_appeal_text(&m->arena, &m->mail));
	req.occurred_at_us = m->received_us;
	command(m, FACT_NOTE, &req.base, added_cb);
}

static void reopen(struct intake_mail *m)
{
	Sy__V1__ReopenAppealRequest req = SY__V1__REOPEN_APPEAL_REQUEST__INIT;
	Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;

	ref.appeal_id = m->appeal_text;
	req.appeal = &ref;
	req.text = (char *)mail_appeal_text(&m->arena, &m->mail);
	req.occurred_at_us = m->received_us;
	command(m, FACT_REOPEN, &req.base, added_cb);
}

/* --- which of them --- */

static bool is_over(int64_t state)
{
	return state == SY__V1__APPEAL_STATE__APPEAL_RESOLVED ||
	       state == SY__V1__APPEAL_STATE__APPEAL_INFORMED ||
	       state == SY__V1__APPEAL_STATE__APPEAL_CLOSED;
}

static void case_is(struct intake_mail *m, const struct db_result *res, int col)
{
	size_t len;
	const uint8_t *id = db_get_bytes(res, 0, 0, col, &len);

	if (len == UUID_BYTES)
		memcpy(m->appeal_id, id, UUID_BYTES);
	uuid_format(m->appeal_id, m->appeal_text);
}

/* Columns of MAIL_TAKEN_FIND. */
enum { KNOWN, OF_SENDER, NAMED, STATE, SAME_SENDER, IS_CUSTOMER };

void intake_mail_take(struct intake_mail *m, const struct db_result *res)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)m->external_id,
			   strlen(m->external_id), NULL, 0);
	sodium_bin2hex(m->name, sizeof(m->name), hash, sizeof(hash));
	m->file = 0;
	m->reopened_in_vain = true;
	m->answers[0] = '\0';
	if (!db_is_null(res, 0, 0, KNOWN)) {
		/* the same mail again; another sender's has but its name */
		if (!db_get_bool(res, 0, 0, SAME_SENDER)) {
			intake_mail_ended(m, MAIL_END_REFUSED);
			return;
		}
		case_is(m, res, KNOWN);
		attach_next(m);
		return;
	}
	if (db_is_null(res, 0, 0, NAMED)) {
		register_it(m);
		return;
	}
	case_is(m, res, NAMED);
	if (!db_get_bool(res, 0, 0, IS_CUSTOMER)) {
		/* a person judges whether it belongs there */
		case_number(m->appeal_id, m->answers);
		register_it(m);
		return;
	}
	m->reopened_in_vain = !is_over(db_get_i64(res, 0, 0, STATE));
	if (m->reopened_in_vain)
		note(m);
	else
		reopen(m);
}

/* --- in the transaction --- */

/* A command of this process about the mail in hand: it is the only one that
 * sends such. */
static bool is_in_hand(const struct intake_mail *m, const struct bus_item *item)
{
	union {
		const ProtobufCMessage *base;
		const Sy__V1__RegisterAppealRequest *reg;
		const Sy__V1__NoteAppealRequest *note;
		const Sy__V1__ReopenAppealRequest *reopen;
	} req = { .base = item->request };

	if (item->event != NULL || item->method != m->in_hand ||
	    strcmp(item->principal, m->svc->service.name) != 0 ||
	    item->verdict != SY__V1__ERROR_CODE__OK || item->reply == NULL)
		return false;
	if (item->request->descriptor ==
	    &sy__v1__register_appeal_request__descriptor)
		return strcmp(req.reg->external_id, m->external_id) == 0;
	if (item->request->descriptor ==
	    &sy__v1__note_appeal_request__descriptor)
		return req.note->occurred_at_us == m->received_us &&
		       strcmp(req.note->appeal->appeal_id, m->appeal_text) == 0;
	if (item->request->descriptor ==
	    &sy__v1__reopen_appeal_request__descriptor)
		return req.reopen->occurred_at_us == m->received_us &&
		       strcmp(req.reopen->appeal->appeal_id, m->appeal_text) ==
			       0;
	return false;
}

void intake_mail_write(struct intake_mail *m, struct bus_batch *batch,
		       struct db_pipe *pipe)
{
	if (m == NULL || m->in_hand == NULL)
		return;
	for (size_t i = 0; i < batch->n; i++) {
		const struct bus_item *item = batch->items[i];
		const Sy__V1__AppealReply *reply =
			(const Sy__V1__AppealReply *)item->reply;

		if (!is_in_hand(m, item) ||
		    uuid_parse(reply->appeal_id, m->appeal_id) < 0)
			continue;
		uuid_format(m->appeal_id, m->appeal_text);
		db_exec(pipe, SQL_MAIL + MAIL_TAKEN);
		db_text(pipe, m->box.name);
		db_i64(pipe, m->uidvalidity);
		db_i64(pipe, imap_list(m->imap)->entries[m->at].uid);
		db_uuid(pipe, m->appeal_id);
		db_text(pipe, m->external_id);
		db_text(pipe, m->mail.message_id);
		db_bytes(pipe, m->sender, sizeof(m->sender));
	}
}
