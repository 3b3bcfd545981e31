/* mail_intake.c -- looks into the mailboxes, one after another, and makes
 * appeals of what has come.
 *
 *   lease a mailbox -> list -> for each mail: fetch -> parse -> judge -> ask
 *       -> register, or a note or reopening of the case it answers
 *       -> its files, one by one -> all up to this one is done
 *
 * The row of mail_taken is written in the transaction of the fact, the facts
 * have natural keys, and "done" comes last: whenever the process dies, the next
 * look goes on at the same mail and finds what is there already.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "complaints.h"
#include "fault.h"
#include "log.h"
#include "mail_intake.h"
#include "metrics.h"
#include "outside/imap.h"
#include "timeutil.h"

#define TICK_MS 250

static struct metric taken =
	METRIC(METRIC_COUNTER, "suyuan_mail_taken_total",
	       "Mails that became appeals or were added to one");
static struct metric aside = METRIC(METRIC_COUNTER, "suyuan_mail_aside_total",
				    "Mails that were put aside");
static struct metric failed = METRIC(METRIC_COUNTER, "suyuan_mail_failed_total",
				     "Looks into a mailbox that failed");

static void next_mail(struct intake_mail *m);

/* --- the end of a look --- */

static void released_cb(const struct db_result *res, void *arg)
{
	struct intake_mail *m = arg;

	if (intake_mail_over(m))
		return;
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("mailbox: %s", res->text);
	m->busy = false;
}

/* The lease is kept for the time to the next look. problem "" = all went well,
 * soon: there is more. */
static void release(struct intake_mail *m, const char *problem, bool soon)
{
	struct db_pipe *pipe = db_pipe_new(m->conn);

	if (problem[0] != '\0') {
		metric_add(&failed, 1);
		log_warn("mailbox %s: %s", m->box.name, problem);
	}
	db_exec(pipe, MAIL_BOX_POLLED);
	db_text(pipe, m->box.name);
	db_i32(pipe, soon ? 0 : (int32_t)m->svc->conf.mail.poll_ms);
	db_text(pipe, problem);
	imap_close(&m->imap);
	arena_reset(&m->arena);
	arena_reset(&m->box_arena);
	intake_mail_run(m, pipe, released_cb);
}

/* --- the end of a mail --- */

static void done_cb(const struct db_result *res, void *arg)
{
	struct intake_mail *m = arg;

	if (intake_mail_over(m))
		return;
	if (res->outcome != DB_OK) {
		release(m, "the database does not take it", false);
		return;
	}
	next_mail(m);
}

static void mail_done(struct intake_mail *m, Sy__V1__MailAsideReason reason)
{
	const struct imap_entry *e = &imap_list(m->imap)->entries[m->at];
	struct db_pipe *pipe = db_pipe_new(m->conn);

	if (reason != SY__V1__MAIL_ASIDE_REASON__MAIL_ASIDE_NONE) {
		metric_add(&aside, 1);
		db_exec(pipe, MAIL_ASIDE_PUT);
		db_text(pipe, m->box.name);
		db_i64(pipe, m->uidvalidity);
		db_i64(pipe, e->uid);
		db_i32(pipe, (int32_t)reason);
		db_i64(pipe, e->bytes);
	}
	db_exec(pipe, MAIL_BOX_DONE);
	db_text(pipe, m->box.name);
	db_i64(pipe, m->uidvalidity);
	db_i64(pipe, e->uid);
	db_i32(pipe, intake_mail_lease_ms(m));
	m->at++;
	fault_point("mail_before_done");
	intake_mail_run(m, pipe, done_cb);
}

void intake_mail_ended(struct intake_mail *m, enum mail_end end)
{
	switch (end) {
	case MAIL_END_TAKEN:
		metric_add(&taken, 1);
		mail_done(m, SY__V1__MAIL_ASIDE_REASON__MAIL_ASIDE_NONE);
		return;
	case MAIL_END_REFUSED:
		mail_done(m, SY__V1__MAIL_ASIDE_REASON__MAIL_REFUSED);
		return;
	case MAIL_END_UNKNOWN_CODE:
		release(m, "the directory does not have its codes", false);
		return;
	case MAIL_END_LATER:
		release(m, "the service takes nothing now", false);
		return;
	}
}

/* --- one mail --- */

static void found_cb(const struct db_result *res, void *arg)
{
	struct intake_mail *m = arg;
	bool known;

	if (intake_mail_over(m))
		return;
	if (res->outcome != DB_OK) {
		release(m, "the database does not answer", false);
		return;
	}
	known = !db_is_null(res, 0, 0, 0);
	if (!known && db_get_i64(res, 0, 0, 1) >= m->svc->conf.mail.per_hour) {
		mail_done(m, SY__V1__MAIL_ASIDE_REASON__MAIL_TOO_MANY);
		return;
	}
	intake_mail_take(m, res);
}

/* The pseudonym of a sender, for counting. */
static void sender_make(struct intake_mail *m)
{
	char address[256];
	size_t len = 0;

	for (const char *p = m->mail.sender;
	     *p != '\0' && len < sizeof(address); p++)
		address[len++] = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	crypto_auth_hmacsha256(m->sender, (const uint8_t *)address, len,
			       m->svc->subject_key);
}

static void find(struct intake_mail *m)
{
	struct db_pipe *pipe = db_pipe_new(m->conn);
	char digits[CASE_NUMBER_DIGITS + 1] = "";
	const char *domain = m->svc->mail_from.domain;
	uint8_t contact[CONTACTS_MAX][32];
	uint8_t id[UUID_BYTES];
	bool ours = false;

	for (size_t i = 0; domain != NULL && i < m->mail.refers_nr && !ours;
	     i++)
		ours = message_id_read(m->mail.refers[i], domain, id);
	sender_make(m);
	db_exec(pipe, MAIL_TAKEN_FIND);
	db_text(pipe, m->external_id);
	db_bytes(pipe, m->sender, sizeof(m->sender));
	if (ours)
		db_uuid(pipe, id);
	else
		db_null(pipe);
	db_text(pipe, case_number_find(m->mail.subject, digits) ? digits : "");
	if (pseudonyms_make(m->svc, "", m->mail.sender, "", contact) > 0)
		db_bytes(pipe, contact[0], sizeof(contact[0]));
	else
		db_null(pipe);
	db_text(pipe, m->mail.sender);
	intake_mail_run(m, pipe, found_cb);
}

static void fetched(struct intake_mail *m)
{
	const struct imap_entry *e = &imap_list(m->imap)->entries[m->at];
	const struct mail_from *from = &m->svc->mail_from;
	Sy__V1__MailAsideReason reason;
	size_t len;
	const uint8_t *raw = imap_mail(m->imap, &len);

	arena_reset(&m->arena);
	if (mail_parse(&m->arena, raw, len, &m->mail) < 0) {
		mail_done(m, SY__V1__MAIL_ASIDE_REASON__MAIL_MALFORMED);
		return;
	}
	reason = mail_judge(&m->mail, from->address ? from->address : "",
			    from->domain ? from->domain : "");
	if (reason != SY__V1__MAIL_ASIDE_REASON__MAIL_ASIDE_NONE) {
		mail_done(m, reason);
		return;
	}
	mail_external_id(&m->mail, raw, len, m->external_id);
	m->received_us = e->received_us != 0 ? e->received_us : time_now_us();
	find(m);
}

static void next_mail(struct intake_mail *m)
{
	const struct imap_list *list = imap_list(m->imap);
	const struct imap_entry *e = &list->entries[m->at];
	int64_t max = m->svc->conf.mail.max_bytes;

	m->in_hand = NULL;
	if (m->at == list->n || m->svc->service.draining) {
		release(m, "", list->n == IMAP_LIST_MAX);
		return;
	}
	if (e->bytes > max) {
		mail_done(m, SY__V1__MAIL_ASIDE_REASON__MAIL_TOO_LARGE);
		return;
	}
	imap_fetch(m->imap, m->uidvalidity, e->uid, max);
}

/* --- a look --- */

static void listed(struct intake_mail *m)
{
	const struct imap_list *list = imap_list(m->imap);

	if (list->uidvalidity == 0) {
		release(m, "the server names no UIDVALIDITY", false);
		return;
	}
	/* The mailbox was made anew: all in it is new, and what was taken
	 * before is known by its Message-ID. */
	if (list->uidvalidity != m->box.uidvalidity && m->box.uid != 0) {
		m->box.uid = 0;
		m->box.uidvalidity = list->uidvalidity;
		imap_look(m->imap, 0);
		return;
	}
	m->uidvalidity = list->uidvalidity;
	m->at = 0;
	next_mail(m);
}

static void imap_cb(enum imap_outcome outcome, void *arg)
{
	struct intake_mail *m = arg;
	bool listing = m->uidvalidity == 0;

	switch (outcome) {
	case IMAP_OK:
		if (listing)
			listed(m);
		else
			fetched(m);
		return;
	case IMAP_GONE:
		mail_done(m, SY__V1__MAIL_ASIDE_REASON__MAIL_ASIDE_NONE);
		return;
	case IMAP_LARGE:
		mail_done(m, SY__V1__MAIL_ASIDE_REASON__MAIL_TOO_LARGE);
		return;
	case IMAP_FAILED: {
		char problem[128];

		snprintf(problem, sizeof(problem), "%s", imap_problem(m->imap));
		release(m, problem, false);
		return;
	}
	}
}

static void leased_cb(const struct db_result *res, void *arg)
{
	struct intake_mail *m = arg;
	const char **const text[] = { &m->box.name,      &m->box.url,
				      &m->box.login,     &m->box.secret,
				      &m->box.kind,      &m->box.channel,
				      &m->box.topic,     &m->box.unit,
				      &m->box.department };
	const struct mail_conf *conf = &m->svc->conf.mail;
	char *password;
	size_t len;

	if (intake_mail_over(m))
		return;
	if (res->outcome != DB_OK || db_rows(res, 0) == 0) {
		if (res->outcome == DB_FAILED)
			log_error("mailbox: %s", res->text);
		m->busy = false;
		return;
	}
	for (int i = 0; i < 9; i++)
		*text[i] =
			arena_strdup(&m->box_arena, db_get_text(res, 0, 0, i));
	m->box.uidvalidity = db_get_i64(res, 0, 0, 9);
	m->box.uid = db_get_i64(res, 0, 0, 10);
	m->uidvalidity = 0;
	password = outside_secret(conf->secrets_dir, m->box.secret, &len);
	if (password == NULL) {
		release(m, "its secret is not there", false);
		return;
	}
	m->imap = imap_open(&m->svc->service.loop, m->box.url, m->box.login,
			    password, conf->ca_file, NULL, conf->timeout_ms,
			    imap_cb, m);
	sodium_memzero(password, len);
	free(password);
	imap_look(m->imap, m->box.uid);
}

static void tick_cb(uv_timer_t *tick)
{
	struct intake_mail *m = tick->data;
	struct db_pipe *pipe;

	if (m->busy || !m->svc->started || m->svc->service.draining ||
	    !db_conn_up(m->conn))
		return;
	m->busy = true;
	pipe = db_pipe_new(m->conn);
	db_exec(pipe, MAIL_BOX_LEASE);
	db_i32(pipe, intake_mail_lease_ms(m));
	intake_mail_run(m, pipe, leased_cb);
}

/* --- life --- */

int32_t intake_mail_lease_ms(const struct intake_mail *m)
{
	return (int32_t)(2 * m->svc->conf.mail.timeout_ms);
}

void intake_mail_run(struct intake_mail *m, struct db_pipe *pipe,
		     db_pipe_cb *cb)
{
	m->waits++;
	db_pipe_run(pipe, cb, m);
}

bool intake_mail_over(struct intake_mail *m)
{
	bool closing = m->closing;

	m->waits--;
	if (closing && m->closed && m->waits == 0)
		free(m);
	return closing;
}

static void closed_cb(uv_handle_t *handle)
{
	struct intake_mail *m = handle->data;

	m->closed = true;
	m->waits++;
	intake_mail_over(m);
}

void intake_mail_close(struct intake_mail **m_p)
{
	struct intake_mail *m = *m_p;

	if (m == NULL)
		return;
	*m_p = NULL;
	m->closing = true;
	imap_close(&m->imap);
	arena_reset(&m->arena);
	arena_reset(&m->box_arena);
	db_conn_close(&m->conn);
	uv_close((uv_handle_t *)&m->tick, closed_cb);
}

int intake_mail_open(struct intake_mail **m_r, struct complaints *svc,
		     struct error *err)
{
	struct intake_mail *m = calloc(1, sizeof(*m));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "complaints mail",
		.statements = mail_sql,
		.statements_nr = MAIL_SQL_NR,
		.statement_timeout_ms = 5000,
	};

	*m_r = NULL;
	if (m == NULL)
		return error_set(err, "mail: no memory");
	m->svc = svc;
	arena_init(&m->arena);
	arena_init(&m->box_arena);
	metric_show(&taken);
	metric_show(&aside);
	metric_show(&failed);
	uv_timer_init(&svc->service.loop, &m->tick);
	m->tick.data = m;
	if (db_conn_open(&m->conn, &svc->service.loop, &options, err) < 0) {
		intake_mail_close(&m);
		return -1;
	}
	uv_timer_start(&m->tick, tick_cb, TICK_MS, TICK_MS);
	*m_r = m;
	return 0;
}
