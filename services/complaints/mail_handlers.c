/* mail_handlers.c -- webhooks and mailboxes as an administrator keeps them,
 * and what was put aside.
 */
#include <stdlib.h>
#include <string.h>

#include "bus/parts.h"
#include "complaints.h"
#include "desk.h"
#include "timeutil.h"

#define ASIDE_DEFAULT 100
#define LIST_MAX 500
#define URL_MAX 500
#define LOGIN_MAX 200
#define PROBLEM_MAX 1000

static bool refuse(struct bus_request *req, const char *field, const char *text)
{
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s", text);
	return false;
}

/* What a webhook and a mailbox have in common. */
static bool outside_check(struct bus_request *req, const char *name,
			  const char *url, const char *secret,
			  const char *const *schemes, const char *scheme_text)
{
	struct complaints *svc = bus_request_svc(req);
	size_t len;
	char *content;

	/* it reaches customers and secrets of all units */
	if (bus_request_grant(req)->unit[0] != '\0') {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "",
				"only somebody who sees all may change it");
		return false;
	}
	if (!outside_name_acceptable(name))
		return refuse(req, "name",
			      "has 1 to 64 lower-case letters, digits and -_.");
	if (strlen(url) > URL_MAX || !outside_url_acceptable(url, schemes))
		return refuse(req, "url", scheme_text);
	if (!secret_name_acceptable(secret))
		return refuse(req, "secret",
			      "is not the name of a file in the folder of "
			      "secrets");
	content = outside_secret(svc->conf.mail.secrets_dir, secret, &len);
	if (content == NULL)
		return refuse(req, "secret",
			      "there is no such file in the folder of secrets");
	memset(content, 0, len);
	free(content);
	return true;
}

/* --- webhooks --- */

static void webhook_put_cb(const struct db_result *res, void *arg)
{
	Sy__V1__PutWebhookReply reply = SY__V1__PUT_WEBHOOK_REPLY__INIT;
	struct bus_request *req = arg;
	const Sy__V1__PutWebhookRequest *ask =
		(const void *)bus_request_message(req);

	if (bus_reply_db_error(req, res))
		return;
	reply.changed = db_rows(res, 0) > 0;
	reply.name = ask->webhook->name;
	bus_reply(req, &reply.base);
}

static void handle_put_webhook(struct bus_request *req)
{
	static const char *const schemes[] = { "https", NULL };
	const Sy__V1__PutWebhookRequest *ask =
		(const void *)bus_request_message(req);
	const Sy__V1__Webhook *w = ask->webhook;
	struct db_pipe *pipe;

	if (w == NULL) {
		refuse(req, "webhook", "is missing");
		return;
	}
	if (!outside_check(req, w->name, w->url, w->secret, schemes,
			   "is not https://host/path without user and "
			   "password"))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_MAIL + MAIL_WEBHOOK_PUT);
	db_text(pipe, w->name);
	db_text(pipe, w->url);
	db_text(pipe, w->secret);
	db_bool(pipe, w->rightful);
	db_bool(pipe, w->off);
	db_pipe_run(pipe, webhook_put_cb, req);
}

static void webhooks_cb(const struct db_result *res, void *arg)
{
	Sy__V1__ListWebhooksReply reply = SY__V1__LIST_WEBHOOKS_REPLY__INIT;
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);

	if (bus_reply_db_error(req, res))
		return;
	reply.n_webhooks = (size_t)db_rows(res, 0);
	reply.webhooks = arena_alloc(arena, (reply.n_webhooks + 1) *
						    sizeof(reply.webhooks[0]));
	for (int row = 0; row < db_rows(res, 0); row++) {
		Sy__V1__Webhook *w = arena_alloc(arena, sizeof(*w));

		sy__v1__webhook__init(w);
		w->name = (char *)db_get_text(res, 0, row, 0);
		w->url = (char *)db_get_text(res, 0, row, 1);
		w->secret = (char *)db_get_text(res, 0, row, 2);
		w->rightful = db_get_bool(res, 0, row, 3);
		w->off = db_get_bool(res, 0, row, 4);
		reply.webhooks[row] = w;
	}
	bus_reply(req, &reply.base);
}

static void handle_list_webhooks(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_MAIL + MAIL_WEBHOOK_LIST);
	db_pipe_run(pipe, webhooks_cb, req);
}

/* --- mailboxes --- */

static void mailbox_put_cb(const struct db_result *res, void *arg)
{
	Sy__V1__PutMailboxReply reply = SY__V1__PUT_MAILBOX_REPLY__INIT;
	struct bus_request *req = arg;
	const Sy__V1__PutMailboxRequest *ask =
		(const void *)bus_request_message(req);

	if (bus_reply_db_error(req, res))
		return;
	reply.changed = db_rows(res, 0) > 0;
	reply.name = ask->mailbox->name;
	bus_reply(req, &reply.base);
}

static void mailbox_put(struct bus_request *req)
{
	const Sy__V1__Mailbox *b =
		((const Sy__V1__PutMailboxRequest *)bus_request_message(req))
			->mailbox;
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_MAIL + MAIL_BOX_PUT);
	db_text(pipe, b->name);
	db_text(pipe, b->url);
	db_text(pipe, b->user);
	db_text(pipe, b->secret);
	db_text(pipe, b->kind);
	db_text(pipe, b->channel);
	db_text(pipe, b->topic);
	db_text(pipe, b->unit);
	db_text(pipe, b->department);
	db_bool(pipe, b->off);
	db_pipe_run(pipe, mailbox_put_cb, req);
}

/* Of the codes that every appeal of this mailbox will have; CODE_NR: all are in
 * the directory today. */
static enum appeal_code mailbox_unknown(const struct bus_request *req)
{
	const struct complaints *svc = bus_request_svc(req);
	const Sy__V1__Mailbox *b =
		((const Sy__V1__PutMailboxRequest *)bus_request_message(req))
			->mailbox;
	const char *code[CODE_NR];

	for (int i = 0; i < CODE_NR; i++)
		code[i] = "";
	code[CODE_KIND] = b->kind;
	code[CODE_CHANNEL] = b->channel;
	code[CODE_TOPIC] = b->topic;
	code[CODE_UNIT] = b->unit;
	code[CODE_DEPARTMENT] = b->department;
	return codes_unknown(svc->replica, code,
			     (int32_t)(time_now_us() / US_PER_DAY));
}

/* A code that was unknown may have been on its way. */
static void mailbox_confirmed_cb(bool ok, void *arg)
{
	struct bus_request *req = arg;
	enum appeal_code unknown = mailbox_unknown(req);

	if (unknown == CODE_NR)
		mailbox_put(req);
	else if (!ok)
		bus_reply_error(req, SY__V1__ERROR_CODE__BUSY, "",
				"the directory does not answer");
	else
		bus_reply_error(req, SY__V1__ERROR_CODE__UNKNOWN_CODE,
				code_names[unknown],
				"is not in the directory today");
}

static void handle_put_mailbox(struct bus_request *req)
{
	static const char *const schemes[] = { "imaps", "imap", NULL };
	const Sy__V1__PutMailboxRequest *ask =
		(const void *)bus_request_message(req);
	const Sy__V1__Mailbox *b = ask->mailbox;
	struct complaints *svc = bus_request_svc(req);

	if (b == NULL) {
		refuse(req, "mailbox", "is missing");
		return;
	}
	if (!outside_check(req, b->name, b->url, b->secret, schemes,
			   "is not imaps://host/FOLDER without user and "
			   "password"))
		return;
	if (strchr(b->url, ';') != NULL || strchr(b->url, '?') != NULL) {
		refuse(req, "url", "names more than a folder");
		return;
	}
	if (b->user[0] == '\0' || strlen(b->user) > LOGIN_MAX) {
		refuse(req, "user", "has 1 to 200 bytes");
		return;
	}
	/* told, not put; but nothing is taken unseen at any length */
	if (strlen(b->problem) > PROBLEM_MAX) {
		refuse(req, "problem", "is longer than 1000 bytes");
		return;
	}
	if (b->kind[0] == '\0')
		refuse(req, "kind", "is missing");
	else if (b->channel[0] == '\0')
		refuse(req, "channel", "is missing");
	else if (b->unit[0] == '\0')
		refuse(req, "unit", "is missing");
	else if (mailbox_unknown(req) == CODE_NR)
		mailbox_put(req);
	else
		replica_confirm(svc->replica, CONFIRM_MS, mailbox_confirmed_cb,
				req);
}

static void mailboxes_cb(const struct db_result *res, void *arg)
{
	Sy__V1__ListMailboxesReply reply = SY__V1__LIST_MAILBOXES_REPLY__INIT;
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);

	if (bus_reply_db_error(req, res))
		return;
	reply.n_mailboxes = (size_t)db_rows(res, 0);
	reply.mailboxes = arena_alloc(
		arena, (reply.n_mailboxes + 1) * sizeof(reply.mailboxes[0]));
	for (int row = 0; row < db_rows(res, 0); row++) {
		Sy__V1__Mailbox *b = arena_alloc(arena, sizeof(*b));

		sy__v1__mailbox__init(b);
		b->name = (char *)db_get_text(res, 0, row, 0);
		b->url = (char *)db_get_text(res, 0, row, 1);
		b->user = (char *)db_get_text(res, 0, row, 2);
		b->secret = (char *)db_get_text(res, 0, row, 3);
		b->kind = (char *)db_get_text(res, 0, row, 4);
		b->channel = (char *)db_get_text(res, 0, row, 5);
		b->topic = (char *)db_get_text(res, 0, row, 6);
		b->unit = (char *)db_get_text(res, 0, row, 7);
		b->department = (char *)db_get_text(res, 0, row, 8);
		b->off = db_get_bool(res, 0, row, 9);
		b->polled_at_us = db_get_time(res, 0, row, 10);
		b->problem = (char *)db_get_text(res, 0, row, 11);
		b->taken = (uint64_t)db_get_i64(res, 0, row, 12);
		b->aside = (uint64_t)db_get_i64(res, 0, row, 13);
		reply.mailboxes[row] = b;
	}
	bus_reply(req, &reply.base);
}

static void handle_list_mailboxes(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_MAIL + MAIL_BOX_LIST);
	db_pipe_run(pipe, mailboxes_cb, req);
}

/* --- put aside --- */

static void aside_cb(const struct db_result *res, void *arg)
{
	Sy__V1__ListMailAsideReply reply = SY__V1__LIST_MAIL_ASIDE_REPLY__INIT;
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);

	if (bus_reply_db_error(req, res))
		return;
	reply.n_mails = (size_t)db_rows(res, 0);
	reply.mails = arena_alloc(arena,
				  (reply.n_mails + 1) * sizeof(reply.mails[0]));
	for (int row = 0; row < db_rows(res, 0); row++) {
		Sy__V1__MailAside *m = arena_alloc(arena, sizeof(*m));

		sy__v1__mail_aside__init(m);
		m->mailbox = (char *)db_get_text(res, 0, row, 0);
		m->uidvalidity = (uint64_t)db_get_i64(res, 0, row, 1);
		m->uid = (uint64_t)db_get_i64(res, 0, row, 2);
		m->reason = (Sy__V1__MailAsideReason)db_get_i64(res, 0, row, 3);
		m->bytes = (uint64_t)db_get_i64(res, 0, row, 4);
		m->put_at_us = db_get_time(res, 0, row, 5);
		reply.mails[row] = m;
	}
	bus_reply(req, &reply.base);
}

static void handle_list_mail_aside(struct bus_request *req)
{
	const Sy__V1__ListMailAsideRequest *ask =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (ask->limit > LIST_MAX) {
		refuse(req, "limit", "is more than 500");
		return;
	}
	/* what timestamptz could not hold */
	if (ask->before_us < 0 ||
	    ask->before_us > time_now_us() + 2 * US_PER_DAY) {
		refuse(req, "before_us", "is not a time of this system");
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_MAIL + MAIL_ASIDE_LIST);
	db_text(pipe, ask->mailbox);
	db_time(pipe, ask->before_us);
	db_i64(pipe, ask->limit == 0 ? ASIDE_DEFAULT : ask->limit);
	db_pipe_run(pipe, aside_cb, req);
}

/* --- who may call what --- */

/* clang-format off */
static const struct bus_method mail_methods[] = {
	{ "PutWebhook", ROLE_ADMIN, BUS_READ,
		&sy__v1__put_webhook_request__descriptor, handle_put_webhook },
	{ "ListWebhooks", ROLE_ADMIN, BUS_READ,
		&sy__v1__list_webhooks_request__descriptor,
		handle_list_webhooks },
	{ "PutMailbox", ROLE_ADMIN, BUS_READ,
		&sy__v1__put_mailbox_request__descriptor, handle_put_mailbox },
	{ "ListMailboxes", ROLE_ADMIN, BUS_READ,
		&sy__v1__list_mailboxes_request__descriptor,
		handle_list_mailboxes },
	{ "ListMailAside", ROLE_ADMIN, BUS_READ,
		&sy__v1__list_mail_aside_request__descriptor,
		handle_list_mail_aside },
	{ "ListOutgoing", ROLE_READER | ROLE_HANDLER, BUS_READ,
		&sy__v1__list_outgoing_request__descriptor,
		handle_list_outgoing },
	{ "FindOutgoing", ROLE_ADMIN, BUS_READ,
		&sy__v1__find_outgoing_request__descriptor,
		handle_find_outgoing },
	{ "RetryOutgoing", ROLE_ADMIN, BUS_READ,
		&sy__v1__retry_outgoing_request__descriptor,
		handle_retry_outgoing },
	{ 0 },
};
/* clang-format on */

static void mail_write(void *arg, struct bus_batch *batch, struct db_pipe *pipe)
{
	struct complaints *svc = arg;

	intake_mail_write(svc->intake_mail, batch, pipe);
}

/* All of its methods read: nothing of it is ever to be decided. */
const struct part mail_part = {
	.methods = mail_methods,
	.statements_first = SQL_MAIL,
	.statements = mail_sql,
	.statements_nr = MAIL_SQL_NR,
	.write = mail_write,
};
