/* mail_judge.c -- what a mail that came in is, and what an appeal takes from
 * it; pure. mail_parse.c makes the struct mail. */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "complaints.h"
#include "mail_rules.h"
#include "utf8.h"

static bool is_automatic(const struct mail *m)
{
	/* RFC 3834, 5; "no" is a person's */
	if (m->auto_submitted[0] != '\0' &&
	    strncasecmp(m->auto_submitted, "no", 2) != 0)
		return true;
	if (strcasecmp(m->precedence, "bulk") == 0 ||
	    strcasecmp(m->precedence, "list") == 0 ||
	    strcasecmp(m->precedence, "junk") == 0 ||
	    strcasecmp(m->precedence, "auto_reply") == 0)
		return true;
	return m->list || m->null_return || m->delivery_report ||
	       strncasecmp(m->sender, "mailer-daemon@", 14) == 0 ||
	       strncasecmp(m->sender, "postmaster@", 11) == 0;
}

Sy__V1__MailAsideReason mail_judge(const struct mail *m, const char *own,
				   const char *domain)
{
	uint8_t ours[UUID_BYTES];

	if (!address_acceptable(m->sender))
		return SY__V1__MAIL_ASIDE_REASON__MAIL_MALFORMED;
	if ((own[0] != '\0' && strcasecmp(m->sender, own) == 0) ||
	    (domain[0] != '\0' && message_id_read(m->message_id, domain, ours)))
		return SY__V1__MAIL_ASIDE_REASON__MAIL_OWN;
	if (is_automatic(m))
		return SY__V1__MAIL_ASIDE_REASON__MAIL_AUTOMATIC;
	if (m->subject[0] == '\0' && m->text[0] == '\0' && m->files_nr == 0)
		return SY__V1__MAIL_ASIDE_REASON__MAIL_MALFORMED;
	return SY__V1__MAIL_ASIDE_REASON__MAIL_ASIDE_NONE;
}

void mail_external_id(const struct mail *m, const uint8_t *raw, size_t len,
		      char *out)
{
	uint8_t hash[24];
	char hex[2 * sizeof(hash) + 1];
	size_t id_len = strlen(m->message_id);
	bool plain = id_len > 0 && id_len <= EXTERNAL_ID_MAX - 5;

	for (size_t i = 0; i < id_len; i++)
		plain = plain && m->message_id[i] > ' ' &&
			m->message_id[i] < 0x7f;
	if (plain) {
		snprintf(out, EXTERNAL_ID_MAX + 1, "mail:%s", m->message_id);
		return;
	}
	/* strange ids by themselves; mails without one by all they are */
	if (id_len > 0)
		crypto_generichash(hash, sizeof(hash),
				   (const uint8_t *)m->message_id, id_len, NULL,
				   0);
	else
		crypto_generichash(hash, sizeof(hash), raw, len, NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	snprintf(out, EXTERNAL_ID_MAX + 1, "mail:%s", hex);
}

const char *mail_appeal_text(struct arena *arena, const struct mail *m)
{
	const char *body = m->text[0] != '\0' ? "\n\n" : "";
	char *text = arena_printf(arena, "%s%s%.*s", m->subject, body,
				  utf8_fit(m->text, MAIL_TEXT_MAX), m->text);

	for (size_t i = 0; i < m->files_nr; i++) {
		if (!m->files[i].too_large)
			continue;
		text = arena_printf(arena, "%s\n[%.*s: %zu B]", text,
				    utf8_fit(m->files[i].name, 100),
				    m->files[i].name, m->files[i].len);
	}
	if (m->files_left_out > 0)
		text = arena_printf(arena, "%s\n[+%zu]", text,
				    m->files_left_out);
	return text;
}
