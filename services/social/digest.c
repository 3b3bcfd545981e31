/* digest.c -- who asks for a digest gets it; those of SUYUAN_DIGEST_TO get that
 * of the day before by mail, each once: a row a day and address says whether it
 * went. A letter that was sent when the answer was lost is sent again under the
 * same Message-ID, by which it is known.
 */
#include "digest.h"

#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "bus/must.h"
#include "log.h"
#include "mention_read.h"
#include "metrics.h"
#include "timeutil.h"

#define TICK_MS 2000
#define TIMEOUT_MS 60000
#define STATEMENT_TIMEOUT_MS 60000
/* Days of which a letter that nobody took is tried still. */
#define DAYS_MAX 3

struct digest_mailer {
	struct social *svc;
	struct db_conn *conn;
	struct transfers *transfers;
	struct duty *duty;
	const struct zone *zone;
	struct mail_from from;
	int at_minutes;
	struct arena arena; /* of the whole life: the addresses */
	const char **to;
	size_t to_nr;

	/* Of the letter that is being sent. */
	bool busy, closing, held;
	uint64_t epoch;
	struct arena letter;
	struct digest_day day;
	int32_t first_hour;
	const char *address;
	CURL *easy;
	struct curl_slist *rcpt;
	char *data;
	struct upload upload;
};

static struct metric sent =
	METRIC(METRIC_COUNTER, "suyuan_social_digests_mailed_total",
	       "Digests that a mail server took.");
static struct metric failed =
	METRIC(METRIC_COUNTER, "suyuan_social_digests_failed_total",
	       "Attempts to mail a digest that failed.");

/* --- one that is asked for --- */

struct asking {
	struct bus_request *req;
	struct digest_day day;
	int32_t first_hour;
	const char *unit;
};

static void answered_cb(const struct db_result *res, void *arg)
{
	struct asking *a = arg;
	const struct social *svc = bus_request_svc(a->req);
	struct arena *arena = bus_request_arena(a->req);
	bool texts = bus_request_grant(a->req)->roles & ROLE_HANDLER;
	Sy__V1__Digest *d;

	if (bus_reply_db_error(a->req, res))
		return;
	d = digest_take(res, 0, &a->day, a->first_hour, a->unit, texts, arena);
	d->html = digest_html(arena, d, svc->conf.digest.lang);
	bus_reply(a->req, &d->base);
}

static void first_hour_cb(const struct db_result *res, void *arg)
{
	struct asking *a = arg;
	struct db_pipe *pipe;

	if (bus_reply_db_error(a->req, res))
		return;
	a->first_hour =
		db_is_null(res, 0, 0, 0) ? INT32_MAX : db_get_i32(res, 0, 0, 0);
	pipe = bus_request_pipe(a->req);
	digest_ask(pipe, &a->day, a->first_hour, a->unit);
	db_pipe_run(pipe, answered_cb, a);
}

void handle_get_digest(struct bus_request *req)
{
	const Sy__V1__GetDigestRequest *asked =
		(const void *)bus_request_message(req);
	const struct social *svc = bus_request_svc(req);
	const struct zone *zone = zone_get(svc->conf.digest.zone);
	int32_t today = zone_local_day(zone, time_now_us());
	int32_t day = asked->day != 0 ? asked->day : today - 1;
	const char *root;
	struct asking *a;
	struct db_pipe *pipe;

	if (day < 0 || day > today) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "day",
				"has not come yet");
		return;
	}
	if (!social_scope(req, asked->unit, &root))
		return;
	a = arena_alloc(bus_request_arena(req), sizeof(*a));
	*a = (struct asking){
		.req = req,
		.day = digest_day_of(zone, day),
		.unit = root,
	};
	pipe = bus_request_pipe(req);
	db_exec(pipe, WARN_SQL_SPIKES_FIRST_HOUR);
	db_pipe_run(pipe, first_hour_cb, a);
}

/* --- the letter --- */

static void letter_free(struct digest_mailer *m)
{
	if (m->easy != NULL) {
		transfer_cut(m->transfers, m->easy);
		curl_easy_cleanup(m->easy);
	}
	curl_slist_free_all(m->rcpt);
	free(m->data);
	m->easy = NULL;
	m->rcpt = NULL;
	m->data = NULL;
	arena_reset(&m->letter);
}

static void close_if_done(struct digest_mailer *m)
{
	if (m->held || m->busy)
		return;
	letter_free(m);
	transfers_close(&m->transfers);
	mail_from_free(&m->from);
	arena_reset(&m->arena);
	free(m);
}

/* True: there is nothing more to do about it. */
static bool over(struct digest_mailer *m, const struct db_result *res)
{
	bool ok = res == NULL || res->outcome == DB_OK;

	m->busy = false;
	if (m->closing) {
		close_if_done(m);
		return true;
	}
	if (!ok && (res->outcome == DB_FAILED || res->outcome == DB_DATA))
		log_error("digest: %s %s", res->sqlstate, res->text);
	if (!ok)
		letter_free(m);
	return !ok;
}

static void recorded_cb(const struct db_result *res, void *arg)
{
	struct digest_mailer *m = arg;

	if (over(m, res))
		return;
	metric_add(&sent, 1);
	letter_free(m);
}

static void ended_cb(CURL *easy, CURLcode code, void *arg)
{
	struct digest_mailer *m = arg;
	struct db_pipe *pipe;

	(void)easy;
	if (over(m, NULL))
		return;
	if (code != CURLE_OK) {
		log_warn("digest: a mail server did not take it: %s",
			 curl_easy_strerror(code));
		metric_add(&failed, 1);
		letter_free(m);
		return;
	}
	m->busy = true;
	pipe = warn_pipe(m->conn);
	duty_claim(m->duty, m->epoch, pipe);
	db_exec(pipe, WARN_SQL_MAIL_SENT);
	db_i32(pipe, m->day.day);
	db_text(pipe, m->address);
	db_pipe_run(pipe, recorded_cb, m);
}

static char *compose(struct digest_mailer *m, const Sy__V1__Digest *d,
		     size_t *len_r)
{
	const char *lang = m->svc->conf.digest.lang;
	GMimeMessage *message = g_mime_message_new(TRUE);
	GDateTime *date = g_date_time_new_now_utc();
	uint8_t hash[PSEUDONYM_BYTES];

	/* The same for the day and the address, whoever sends it and when. */
	author_pseudonym(m->svc, "digest", m->address, hash);
	g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM,
				   m->from.name, m->from.address);
	g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL,
				   m->address);
	g_mime_message_set_subject(
		message, digest_title(&m->letter, m->day.day, lang), "utf-8");
	g_mime_message_set_date(message, date);
	g_date_time_unref(date);
	g_mime_message_set_message_id(
		message,
		arena_printf(&m->letter,
			     "digest.%d.%02x%02x%02x%02x%02x%02x@%s",
			     m->day.day, hash[0], hash[1], hash[2], hash[3],
			     hash[4], hash[5], m->from.domain));
	g_mime_object_set_header(GMIME_OBJECT(message), "Auto-Submitted",
				 "auto-generated", "utf-8");
	return letter_write(message, "html", digest_html(&m->letter, d, lang),
			    len_r);
}

static void made_cb(const struct db_result *res, void *arg)
{
	struct digest_mailer *m = arg;
	const struct digest_conf *conf = &m->svc->conf.digest;
	Sy__V1__Digest *d;

	if (over(m, res))
		return;
	d = digest_take(res, 0, &m->day, m->first_hour, "", true, &m->letter);
	m->upload = (struct upload){ 0 };
	m->data = compose(m, d, &m->upload.len);
	m->upload.data = m->data;
	m->rcpt = curl_slist_append(NULL, m->address);
	m->easy = transfer_new(m->svc->conf.ca_file, TIMEOUT_MS);
	if (m->data == NULL || m->rcpt == NULL || m->easy == NULL) {
		letter_free(m);
		return;
	}
	m->busy = true;
	smtp_set(m->easy, &conf->smtp, &m->from, m->rcpt, m->upload.len);
	transfer_upload(m->easy, &m->upload);
	transfer_start(m->transfers, m->easy, ended_cb, m);
}

/* --- whose turn it is --- */

static void taken_cb(const struct db_result *res, void *arg)
{
	struct digest_mailer *m = arg;
	struct db_pipe *pipe;
	int st = res->n - 2; /* behind the claim and the rows of the day */

	if (over(m, res) || db_rows(res, st) == 0)
		return;
	m->day = digest_day_of(m->zone, db_get_i32(res, st, 0, 0));
	m->address = arena_strdup(&m->letter, db_get_text(res, st, 0, 1));
	m->first_hour = db_is_null(res, st + 1, 0, 0)
				? INT32_MAX
				: db_get_i32(res, st + 1, 0, 0);
	m->busy = true;
	pipe = warn_pipe(m->conn);
	digest_ask(pipe, &m->day, m->first_hour, "");
	db_pipe_run(pipe, made_cb, m);
}

static void tick_cb(struct duty *duty, void *arg)
{
	struct digest_mailer *m = arg;
	int64_t now_us = time_now_us();
	int32_t today = zone_local_day(m->zone, now_us);
	struct db_pipe *pipe;

	if (m->busy || !db_conn_up(m->conn) || !m->svc->started)
		return;
	m->busy = true;
	m->epoch = duty_epoch(duty);
	pipe = warn_pipe(m->conn);
	duty_claim(duty, m->epoch, pipe);
	if (now_us >=
	    zone_day_start_us(m->zone, today) + m->at_minutes * US_PER_MINUTE) {
		db_exec(pipe, WARN_SQL_MAIL_ADD);
		db_i32(pipe, today - 1);
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < m->to_nr; i++)
			db_array_text(pipe, m->to[i]);
		db_array_end(pipe);
	}
	db_exec(pipe, WARN_SQL_MAIL_TAKE);
	db_i32(pipe, today - DAYS_MAX);
	db_i32(pipe, (int32_t)m->svc->conf.digest.retry_ms);
	db_exec(pipe, WARN_SQL_SPIKES_FIRST_HOUR);
	db_pipe_run(pipe, taken_cb, m);
}

/* --- its life --- */

void digest_close(struct digest_mailer **m_p)
{
	struct digest_mailer *m = m_p != NULL ? *m_p : NULL;

	if (m == NULL)
		return;
	*m_p = NULL;
	m->closing = m->held = true;
	/* A letter that is half sent will be sent again, as itself. */
	if (m->easy != NULL && m->transfers != NULL) {
		transfer_cut(m->transfers, m->easy);
		m->busy = false;
	}
	db_conn_close(&m->conn);
	m->held = false;
	close_if_done(m);
}

static int conf_check(struct digest_mailer *m, struct error *err)
{
	const struct digest_conf *conf = &m->svc->conf.digest;

	m->zone = zone_get(conf->zone);
	if (m->zone == NULL)
		return error_set(err, "SUYUAN_DIGEST_ZONE: not a zone");
	if (digest_time_read(conf->at, &m->at_minutes) < 0)
		return error_set(err, "SUYUAN_DIGEST_AT: not a time like "
				      "07:30");
	if (strcmp(conf->lang, "ru") != 0 && strcmp(conf->lang, "zh") != 0 &&
	    strcmp(conf->lang, "en") != 0)
		return error_set(err, "SUYUAN_DIGEST_LANG: not ru, zh or en");
	if (digest_to_read(&m->arena, conf->to, &m->to, &m->to_nr) < 0)
		return error_set(err, "SUYUAN_DIGEST_TO: not addresses");
	if (smtp_conf_check(&conf->smtp, &m->from, err) < 0)
		return -1;
	if (m->to_nr > 0 && conf->smtp.url[0] == '\0')
		return error_set(err, "SUYUAN_DIGEST_TO: wants "
				      "SUYUAN_SMTP_URL");
	return 0;
}

int digest_open(struct digest_mailer **m_r, struct social *svc,
		struct duties *duties, struct error *err)
{
	struct digest_mailer *m = must_calloc(1, sizeof(*m));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "social digest",
		.statements = warn_sql,
		.statements_nr = WARN_SQL_END - WARN_SQL_FIRST,
		.statement_timeout_ms = STATEMENT_TIMEOUT_MS,
	};

	*m_r = m;
	m->svc = svc;
	arena_init(&m->arena);
	arena_init(&m->letter);
	metric_show(&sent);
	metric_show(&failed);
	if (conf_check(m, err) < 0 ||
	    transfers_open(&m->transfers, &svc->service.loop, err) < 0)
		goto fail;
	if (m->to_nr == 0)
		return 0; /* nobody to write to */
	if (db_conn_open(&m->conn, &svc->service.loop, &options, err) < 0)
		goto fail;
	m->duty = duties_add(duties, &(struct duty_options){
					     .name = "digest",
					     .tick = tick_cb,
					     .tick_ms = TICK_MS,
					     .arg = m,
				     });
	return 0;
fail:
	digest_close(m_r);
	return -1;
}
