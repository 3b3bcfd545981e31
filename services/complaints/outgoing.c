/* outgoing.c -- sends what the table "outgoing" holds.
 *
 *   waiting --claim--> sending --taken----------> sent
 *      ^                 |  |---refused for good-> failed
 *      +--pause, later---+  |---no answer: unknown, tried again
 *                           +---process died: found when its lease is over
 *
 * The attempt is committed before its first byte goes out, and its outcome as
 * soon as it is known: what is sent twice was sent in between, and has the same
 * Message-ID or idempotency key. Several replicas may send at once.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "complaints.h"
#include "fault.h"
#include "log.h"
#include "metrics.h"
#include "outside/headers.h"
#include "timeutil.h"

/* Of mails and of webhooks, each: an endpoint that hangs holds up no mail. */
#define SLOTS 8
#define TICK_MS 250
#define COUNT_EVERY 20 /* ticks */
/* The pause doubles up to this many times the first. */
#define PAUSE_FACTOR_MAX 120
/* Of the 20 s that a process has to drain. */
#define DRAIN_MS 10000

enum kind { KIND_MAIL, KIND_WEBHOOK, KIND_NR };

struct sending {
	struct outgoing *o;
	enum kind kind;
	struct arena arena;
	struct notice notice;
	CURL *easy;
	struct curl_slist *to, *headers;
	char *data; /* of upload, owned */
	struct upload upload;
	struct sending *next;
};

struct outgoing {
	struct complaints *svc;
	struct db_conn *conn;
	uv_timer_t tick;
	uint64_t ticks;
	bool claiming[KIND_NR];
	int in_flight[KIND_NR]; /* claimed, and not recorded yet */
	struct sending *first;  /* that libcurl has */
	int pipes;
	bool draining, closing, closed;
	void (*drained_cb)(void *arg);
	void *drained_arg;
	uv_timer_t drain_timer;
	struct metric *outcomes[KIND_NR][SENT_NR];
};

static struct metric expired =
	METRIC(METRIC_COUNTER, "suyuan_outgoing_failed_total",
	       "Messages that were refused for good, have no text, or were "
	       "taken by nobody for days");
static struct metric waiting = METRIC(METRIC_GAUGE, "suyuan_outgoing_waiting",
				      "Messages that are not sent yet");
static struct metric oldest =
	METRIC(METRIC_GAUGE, "suyuan_outgoing_oldest_seconds",
	       "Age of the oldest message that is not sent yet");

/* --- the end of one --- */

static void sending_free(struct sending *s)
{
	curl_easy_cleanup(s->easy);
	curl_slist_free_all(s->to);
	outside_headers_free(&s->headers);
	if (s->data != NULL)
		sodium_memzero(s->data, s->upload.len);
	free(s->data);
	arena_reset(&s->arena);
	free(s);
}

static void free_if_over(struct outgoing *o)
{
	if (o->closing && o->closed && o->pipes == 0)
		free(o);
}

static void check_drained(struct outgoing *o)
{
	void (*cb)(void *arg) = o->drained_cb;

	if (!o->draining || cb == NULL || o->in_flight[KIND_MAIL] > 0 ||
	    o->in_flight[KIND_WEBHOOK] > 0 || o->claiming[KIND_MAIL] ||
	    o->claiming[KIND_WEBHOOK])
		return;
	o->drained_cb = NULL;
	uv_timer_stop(&o->drain_timer);
	cb(o->drained_arg);
}

struct ended {
	struct outgoing *o;
	enum kind kind;
};

static void recorded_cb(const struct db_result *res, void *arg)
{
	struct ended *ended = arg;
	struct outgoing *o = ended->o;
	enum kind kind = ended->kind;

	free(ended);
	o->pipes--;
	/* not recorded: its lease ends, and it is sent once more */
	if (res->outcome != DB_OK)
		log_error("outgoing: an outcome was not recorded: %s",
			  res->text);
	o->in_flight[kind]--;
	if (o->closing)
		free_if_over(o);
	else
		check_drained(o);
}

/* Doubles, and is never quite the same: what failed together need not be tried
 * together. */
static int32_t pause_ms(const struct outgoing *o, int32_t attempt)
{
	int64_t first = o->svc->conf.mail.retry_ms;
	int64_t pause = first << (attempt < 8 ? attempt - 1 : 7);

	if (pause > first * PAUSE_FACTOR_MAX)
		pause = first * PAUSE_FACTOR_MAX;
	return (int32_t)(pause - pause / 4 +
			 randombytes_uniform((uint32_t)(pause / 2 + 1)));
}

static void record(struct outgoing *o, enum kind kind, const struct notice *n,
		   enum sent sent, long status)
{
	static const int32_t state[SENT_NR] = {
		[SENT_DONE] = SY__V1__OUTGOING_STATE__OUTGOING_SENT,
		[SENT_REFUSED] = SY__V1__OUTGOING_STATE__OUTGOING_FAILED,
		[SENT_LATER] = SY__V1__OUTGOING_STATE__OUTGOING_WAITING,
		[SENT_UNKNOWN] = SY__V1__OUTGOING_STATE__OUTGOING_WAITING,
		[SENT_NO_TEMPLATE] = SY__V1__OUTGOING_STATE__OUTGOING_FAILED,
		[SENT_NO_LANGUAGE] = SY__V1__OUTGOING_STATE__OUTGOING_FAILED,
	};
	struct db_pipe *pipe = db_pipe_new(o->conn);
	struct ended *ended = malloc(sizeof(*ended));

	if (ended == NULL)
		abort();
	*ended = (struct ended){ o, kind };
	metric_add(o->outcomes[kind][sent], 1);
	if (state[sent] == SY__V1__OUTGOING_STATE__OUTGOING_FAILED)
		metric_add(&expired, 1);
	db_exec(pipe, MAIL_OUTGOING_ENDED);
	db_uuid(pipe, n->appeal_id);
	db_i64(pipe, n->revision);
	db_text(pipe, n->channel);
	db_i32(pipe, n->attempt);
	db_text(pipe, sent_names[sent]);
	db_i32(pipe, (int32_t)status);
	db_i32(pipe, state[sent]);
	db_i32(pipe, pause_ms(o, n->attempt));
	db_text(pipe, kind == KIND_MAIL ? n->subject : "");
	db_text(pipe, kind == KIND_MAIL ? n->body : "");
	o->pipes++;
	db_pipe_run(pipe, recorded_cb, ended);
}

static void ended_cb(CURL *easy, CURLcode code, void *arg)
{
	struct sending *s = arg;
	struct outgoing *o = s->o;
	struct attempt a = {
		.over = code == CURLE_OK,
		.handed = s->upload.at == s->upload.len,
		.envelope = code == CURLE_SEND_ERROR,
	};
	enum sent sent;

	fault_point("outgoing_before_record");
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &a.status);
	sent = s->kind == KIND_MAIL ? smtp_sent(&a) : http_sent(&a);
	if (sent != SENT_DONE)
		log_info("outgoing: %s, attempt %d: %s, status %ld: %s",
			 s->kind == KIND_MAIL ? "mail" : s->notice.channel,
			 s->notice.attempt, sent_names[sent], a.status,
			 curl_easy_strerror(code));
	for (struct sending **p = &o->first; *p != NULL; p = &(*p)->next) {
		if (*p == s) {
			*p = s->next;
			break;
		}
	}
	record(o, s->kind, &s->notice, sent, a.status);
	sending_free(s);
}

/* --- the start of one --- */

/* SENT_DONE: it can be sent. */
static enum sent mail_prepare(struct sending *s)
{
	const struct mail_conf *conf = &s->o->svc->conf.mail;
	const struct mail_from *from = &s->o->svc->mail_from;
	char code[RATING_CODE_MAX];
	const char *link = "";

	if (conf->public_url[0] != '\0' &&
	    notice_is_rated(s->notice.event, s->notice.channel))
		link = arena_printf(&s->arena, "%s/rate/%s", conf->public_url,
				    rating_code(s->o->svc, s->notice.appeal_id,
						s->notice.revision, code));
	/* what may have been sent before goes out once more as it was */
	if (s->notice.body[0] == '\0') {
		enum sent sent = notice_render(&s->notice, link, &s->arena);

		if (sent != SENT_DONE) {
			log_error("outgoing: a mail has no text: %s",
				  sent_names[sent]);
			return sent;
		}
	}
	s->data = notice_compose(&s->notice, from, &s->upload.len);
	if (s->data == NULL)
		return SENT_REFUSED;
	s->to = curl_slist_append(NULL, s->notice.address);
	smtp_set(s->easy, &conf->smtp, from, s->to, s->upload.len);
	return SENT_DONE;
}

static size_t drop_cb(char *data, size_t size, size_t n, void *arg)
{
	(void)data;
	(void)arg;
	return size * n;
}

static enum sent webhook_prepare(struct sending *s)
{
	char signature[SIGNATURE_MAX];
	const char *name = strchr(s->notice.channel, '/');
	char id[UUID_TEXT_MAX];
	size_t key_len = 0;
	char *key = outside_secret(s->o->svc->conf.mail.secrets_dir,
				   s->notice.secret, &key_len);

	/* a secret or an endpoint that is missing is ours to mend */
	if (key == NULL || s->notice.url[0] == '\0') {
		free(key);
		log_error("outgoing: %s is off, or its secret is missing",
			  s->notice.channel);
		return SENT_LATER;
	}
	s->data = strdup(s->notice.json);
	if (s->data == NULL)
		abort();
	s->upload.len = strlen(s->data);
	webhook_signature((const uint8_t *)key, key_len,
			  time_now_us() / US_PER_S, s->data, s->upload.len,
			  signature);
	sodium_memzero(key, key_len);
	free(key);
	outside_header_add(&s->headers, "Content-Type",
			   "application/cloudevents+json");
	outside_header_add(&s->headers, "X-Suyuan-Signature", signature);
	outside_header_add(&s->headers, "Idempotency-Key",
			   arena_printf(&s->arena, "%s.%lld.%s",
					uuid_format(s->notice.appeal_id, id),
					(long long)s->notice.revision,
					name + 1));
	outside_header_add(&s->headers, "Expect", "");
	curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(s->easy, CURLOPT_URL, s->notice.url);
	curl_easy_setopt(s->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)s->upload.len);
	curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
	curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, drop_cb);
	return SENT_DONE;
}

static void notice_read(struct notice *n, struct arena *a,
			const struct db_result *res, int row)
{
	const char *text[13];
	size_t len;
	const uint8_t *id = db_get_bytes(res, 0, row, 0, &len);
	int i = 0;

	if (len == UUID_BYTES)
		memcpy(n->appeal_id, id, UUID_BYTES);
	n->revision = db_get_i64(res, 0, row, 1);
	n->channel = arena_strdup(a, db_get_text(res, 0, row, 2));
	n->event = arena_strdup(a, db_get_text(res, 0, row, 3));
	n->template = arena_strdup(a, db_get_text(res, 0, row, 4));
	n->lang = arena_strdup(a, db_get_text(res, 0, row, 5));
	n->attempt = db_get_i32(res, 0, row, 6);
	n->created_at_us = db_get_time(res, 0, row, 7);
	n->registered_day = db_get_i32(res, 0, row, 8);
	n->due_day = db_get_i32(res, 0, row, 9);
	for (int col = 10; col < 16; col++)
		text[i++] = arena_strdup(a, db_get_text(res, 0, row, col));
	n->first_revision = db_get_i64(res, 0, row, 16);
	for (int col = 17; col < 24; col++)
		text[i++] = arena_strdup(a, db_get_text(res, 0, row, col));
	n->address = text[0];
	n->name = text[1];
	n->text = text[2];
	n->subject = text[3];
	n->body = text[4];
	n->customer_id = text[5];
	n->url = text[6];
	n->secret = text[7];
	n->json = text[8];
	n->external_id = text[9];
	n->unit_name = text[10];
	n->department_name = text[11];
	n->topic_name = text[12];
	if (db_is_null(res, 0, row, 24))
		return;
	n->template_body = db_get_bytes(res, 0, row, 24, &n->template_body_len);
	n->template_body =
		arena_memdup(a, n->template_body, n->template_body_len);
}

static void begin(struct outgoing *o, enum kind kind,
		  const struct db_result *res, int row)
{
	struct sending *s = calloc(1, sizeof(*s));
	enum sent sent;

	if (s == NULL)
		abort();
	s->o = o;
	s->kind = kind;
	arena_init(&s->arena);
	notice_read(&s->notice, &s->arena, res, row);
	s->easy = transfer_new(o->svc->conf.mail.ca_file,
			       o->svc->conf.mail.timeout_ms);
	if (s->easy == NULL)
		abort();
	sent = kind == KIND_MAIL ? mail_prepare(s) : webhook_prepare(s);
	if (sent != SENT_DONE) {
		record(o, kind, &s->notice, sent, 0);
		sending_free(s);
		return;
	}
	s->upload.data = s->data;
	transfer_upload(s->easy, &s->upload);
	s->next = o->first;
	o->first = s;
	fault_point("outgoing_before_send");
	transfer_start(o->svc->transfers, s->easy, ended_cb, s);
}

/* --- claiming --- */

static void claimed(struct outgoing *o, enum kind kind,
		    const struct db_result *res)
{
	o->pipes--;
	o->claiming[kind] = false;
	if (o->closing) {
		free_if_over(o);
		return;
	}
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("outgoing: %s", res->text);
	if (res->outcome == DB_OK && db_rows(res, 0) > 0) {
		o->in_flight[kind] += db_rows(res, 0);
		for (int row = 0; row < db_rows(res, 0); row++)
			begin(o, kind, res, row);
	}
	check_drained(o);
}

static void claimed_mails_cb(const struct db_result *res, void *arg)
{
	claimed(arg, KIND_MAIL, res);
}

static void claimed_webhooks_cb(const struct db_result *res, void *arg)
{
	claimed(arg, KIND_WEBHOOK, res);
}

static void claim(struct outgoing *o, enum kind kind)
{
	const struct mail_conf *conf = &o->svc->conf.mail;
	struct db_pipe *pipe;

	if (o->claiming[kind] || o->in_flight[kind] >= SLOTS ||
	    (kind == KIND_MAIL && conf->smtp.url[0] == '\0'))
		return;
	o->claiming[kind] = true;
	o->pipes++;
	pipe = db_pipe_new(o->conn);
	db_exec(pipe, MAIL_OUTGOING_CLAIM);
	db_i32(pipe, SLOTS - o->in_flight[kind]);
	/* longer than any attempt */
	db_i32(pipe, (int32_t)(2 * conf->timeout_ms));
	db_bool(pipe, kind == KIND_MAIL);
	db_pipe_run(pipe,
		    kind == KIND_MAIL ? claimed_mails_cb : claimed_webhooks_cb,
		    o);
}

static void counted_cb(const struct db_result *res, void *arg)
{
	struct outgoing *o = arg;

	o->pipes--;
	if (o->closing) {
		free_if_over(o);
		return;
	}
	if (res->outcome != DB_OK)
		return;
	if (db_rows(res, 0) > 0)
		log_error("outgoing: %d messages were given up",
			  db_rows(res, 0));
	metric_add(&expired, db_rows(res, 0));
	metric_set(&waiting, (double)db_get_i64(res, 1, 0, 0));
	metric_set(&oldest, (double)db_get_i64(res, 1, 0, 1));
}

static void count(struct outgoing *o)
{
	struct db_pipe *pipe = db_pipe_new(o->conn);

	o->pipes++;
	db_exec(pipe, MAIL_OUTGOING_EXPIRE);
	db_i32(pipe, (int32_t)o->svc->conf.mail.give_up_days);
	db_exec(pipe, MAIL_OUTGOING_WAITING);
	db_pipe_run(pipe, counted_cb, o);
}

static void tick_cb(uv_timer_t *tick)
{
	struct outgoing *o = tick->data;

	if (o->draining || !o->svc->started || !db_conn_up(o->conn))
		return;
	for (int kind = 0; kind < KIND_NR; kind++)
		claim(o, (enum kind)kind);
	if (o->ticks++ % COUNT_EVERY == 0)
		count(o);
}

/* --- life --- */

static void drain_timeout_cb(uv_timer_t *timer)
{
	struct outgoing *o = timer->data;

	/* what was cut off is recorded as it stands */
	while (o->first != NULL) {
		struct sending *s = o->first;

		transfer_cut(o->svc->transfers, s->easy);
		ended_cb(s->easy, CURLE_OPERATION_TIMEDOUT, s);
	}
	check_drained(o);
}

void outgoing_drain(struct outgoing *o, void (*drained_cb)(void *arg),
		    void *arg)
{
	o->draining = true;
	o->drained_cb = drained_cb;
	o->drained_arg = arg;
	uv_timer_start(&o->drain_timer, drain_timeout_cb, DRAIN_MS, 0);
	check_drained(o);
}

static void drain_timer_closed_cb(uv_handle_t *handle)
{
	struct outgoing *o = handle->data;

	o->closed = true;
	free_if_over(o);
}

static void tick_closed_cb(uv_handle_t *handle)
{
	struct outgoing *o = handle->data;

	uv_close((uv_handle_t *)&o->drain_timer, drain_timer_closed_cb);
}

void outgoing_close(struct outgoing **o_p)
{
	struct outgoing *o = *o_p;

	if (o == NULL)
		return;
	*o_p = NULL;
	o->closing = true;
	while (o->first != NULL) {
		struct sending *s = o->first;

		o->first = s->next;
		transfer_cut(o->svc->transfers, s->easy);
		sending_free(s);
	}
	db_conn_close(&o->conn);
	uv_close((uv_handle_t *)&o->tick, tick_closed_cb);
}

static void make_metrics(struct outgoing *o)
{
	static const char *const kinds[KIND_NR] = { "email", "webhook" };

	for (int kind = 0; kind < KIND_NR; kind++)
		for (int sent = 0; sent < SENT_NR; sent++)
			o->outcomes[kind][sent] = metric_new(
				METRIC_COUNTER,
				"suyuan_outgoing_attempts_total",
				"Attempts to send a message, by outcome",
				"channel=\"%s\",outcome=\"%s\"", kinds[kind],
				sent_names[sent]);
	metric_show(&expired);
	metric_show(&waiting);
	metric_show(&oldest);
}

int outgoing_open(struct outgoing **o_r, struct complaints *svc,
		  struct error *err)
{
	struct outgoing *o = calloc(1, sizeof(*o));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "complaints outgoing",
		.statements = mail_sql,
		.statements_nr = MAIL_SQL_NR,
		.statement_timeout_ms = 5000,
	};

	*o_r = NULL;
	if (o == NULL)
		return error_set(err, "outgoing: no memory");
	o->svc = svc;
	make_metrics(o);
	uv_timer_init(&svc->service.loop, &o->tick);
	uv_timer_init(&svc->service.loop, &o->drain_timer);
	o->tick.data = o;
	o->drain_timer.data = o;
	if (db_conn_open(&o->conn, &svc->service.loop, &options, err) < 0) {
		outgoing_close(&o);
		return -1;
	}
	uv_timer_start(&o->tick, tick_cb, TICK_MS, TICK_MS);
	*o_r = o;
	return 0;
}
