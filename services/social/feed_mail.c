/* feed_mail.c -- one look into a mailbox: the mails behind the last one become
 * items, like those of a document. Nothing is changed on the server; how far it
 * was read is kept by who asks, once the mentions are.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <utlist.h>

#include "feeds.h"
#include "mail/read.h"
#include "outside/imap.h"
#include "outside/secrets.h"

#define TIMEOUT_MS 30000
#define MAIL_MAX_BYTES (4 << 20)

struct feed_mail {
	struct social *svc;
	struct arena *arena; /* of the items */
	struct feed_mailed mailed;
	void (*cb)(const struct feed_mailed *m, void *arg);
	void *arg;
	struct imap *imap;
	struct imap_list list; /* as it was when the look began */
	size_t at, end;        /* the next of it, and where the look ends */
	size_t most;
	bool listed;
	int64_t uidvalidity, uid; /* read up to here */
	uv_timer_t later;         /* what ends before it began */
	struct feed_mail *prev, *next;
};

static void freed_cb(uv_handle_t *handle)
{
	free(handle->data);
}

void feed_mail_cut(struct feed_mail *m)
{
	if (m == NULL)
		return;
	DL_DELETE(m->svc->mails, m);
	imap_close(&m->imap);
	uv_close((uv_handle_t *)&m->later, freed_cb);
}

void feed_mails_cut(struct social *svc)
{
	while (svc->mails != NULL)
		feed_mail_cut(svc->mails);
}

static void tell_cb(uv_timer_t *later)
{
	struct feed_mail *m = later->data;

	m->mailed.place = arena_printf(m->arena, "%" PRId64 ":%" PRId64,
				       m->uidvalidity, m->uid);
	m->cb(&m->mailed, m->arg);
	feed_mail_cut(m);
}

static void end(struct feed_mail *m, const char *problem)
{
	if (problem != NULL)
		m->mailed.problem = arena_strdup(m->arena, problem);
	uv_timer_start(&m->later, tell_cb, 0, 0);
}

/* What the mail says is its text, and who wrote it its author. */
static void take(struct feed_mail *m, const uint8_t *raw, size_t len,
		 int64_t received_us)
{
	struct feed_document *d = &m->mailed.document;
	struct feed_item *item = feed_item_room(d);
	struct mail mail;
	unsigned char hash[16];
	char hex[2 * sizeof(hash) + 1];

	if (item == NULL)
		return;
	m->mailed.bytes += len;
	if (mail_parse(m->arena, raw, len, &mail) < 0) {
		d->refused++;
		return;
	}
	item->external_id = mail.message_id;
	if (mail.message_id[0] == '\0') {
		crypto_generichash(hash, sizeof(hash), raw, len, NULL, 0);
		sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
		item->external_id = arena_printf(m->arena, "mail:%s", hex);
	}
	item->title = mail.subject;
	item->text = mail.text;
	item->author = mail.sender;
	item->published_at_us = received_us;
	if (feed_item_finish(m->arena, item))
		d->n++;
	else
		d->refused++;
}

static void next(struct feed_mail *m)
{
	while (m->at < m->end &&
	       m->list.entries[m->at].bytes > MAIL_MAX_BYTES) {
		m->uid = m->list.entries[m->at++].uid;
		m->mailed.document.refused++;
	}
	if (m->at == m->end)
		end(m, NULL);
	else
		imap_fetch(m->imap, m->list.uidvalidity,
			   m->list.entries[m->at].uid, MAIL_MAX_BYTES);
}

static void listed(struct feed_mail *m)
{
	m->list = *imap_list(m->imap);
	m->listed = true;
	/* another mailbox under the same name: from its beginning */
	if (m->uidvalidity != m->list.uidvalidity && m->uid != 0) {
		m->uidvalidity = m->list.uidvalidity;
		m->uid = 0;
		m->listed = false;
		imap_look(m->imap, 0);
		return;
	}
	m->uidvalidity = m->list.uidvalidity;
	m->mailed.listed = m->list.n;
	m->end = m->list.n < m->most ? m->list.n : m->most;
	next(m);
}

static void imap_cb(enum imap_outcome outcome, void *arg)
{
	struct feed_mail *m = arg;
	const uint8_t *raw;
	size_t len;

	if (outcome == IMAP_FAILED) {
		m->mailed.denied = imap_denied(m->imap);
		end(m, imap_forbidden(m->imap) ? FEED_INSIDE_PROBLEM
					       : imap_problem(m->imap));
		return;
	}
	if (!m->listed) {
		listed(m);
		return;
	}
	if (outcome == IMAP_OK) {
		raw = imap_mail(m->imap, &len);
		take(m, raw, len, m->list.entries[m->at].received_us);
	} else {
		m->mailed.document.refused++;
	}
	m->uid = m->list.entries[m->at++].uid;
	next(m);
}

struct feed_mail *
feed_mail_start(struct social *svc, struct arena *arena,
		const Sy__V1__Feed *feed, const char *place, size_t most,
		void (*cb)(const struct feed_mailed *m, void *arg), void *arg)
{
	struct feed_mail *m = calloc(1, sizeof(*m));
	char *secret;
	size_t len;

	if (m == NULL)
		abort();
	m->svc = svc;
	m->arena = arena;
	m->most = most;
	DL_APPEND(svc->mails, m);
	m->cb = cb;
	m->arg = arg;
	feed_document_open(arena, &m->mailed.document);
	if (sscanf(place, "%" SCNd64 ":%" SCNd64, &m->uidvalidity, &m->uid) !=
	    2)
		m->uidvalidity = m->uid = 0;
	uv_timer_init(&svc->service.loop, &m->later);
	m->later.data = m;
	secret = outside_secret(svc->conf.secrets_dir, feed->secret, &len);
	if (secret == NULL) {
		end(m, "the deployment has no secret of that name");
		return m;
	}
	m->imap = imap_open(&svc->service.loop, feed->url, feed->secret_header,
			    secret, svc->conf.ca_file, &svc->conf.feeds_inside,
			    TIMEOUT_MS, imap_cb, m);
	sodium_memzero(secret, len);
	free(secret);
	imap_look(m->imap, m->uid);
	return m;
}
