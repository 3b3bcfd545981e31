/* mail_rules.h -- what mails and webhooks follow, pure: numbers of cases, ids
 * of messages, outcomes of an attempt, what a mail that came in is. Nothing
 * here touches a socket or a table. */
#ifndef SUYUAN_MAIL_RULES_H
#define SUYUAN_MAIL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "mail/read.h"
#include "suyuan/v1/complaints_mail.pb-c.h"
#include "uuid.h"

/* --- how customers name a case --- */

#define CASE_NUMBER_MAX 24
#define CASE_NUMBER_DIGITS 15
/* "SY-1234A-BCDEF-67890": the last 60 bits of the id, all random. Returns
 * text. */
char *case_number(const uint8_t appeal_id[UUID_BYTES],
		  char text[CASE_NUMBER_MAX]);
/* The first number in a subject, as the digits at the end of appeal_id's text;
 * in any case, with or without hyphens. False: there is none. */
bool case_number_find(const char *subject,
		      char digits_r[CASE_NUMBER_DIGITS + 1]);

/* --- Message-IDs, the same at each attempt --- */

#define MESSAGE_ID_MAX 192
/* "APPEAL.REVISION@DOMAIN", without brackets. Returns text. */
char *message_id_make(const uint8_t appeal_id[UUID_BYTES], int64_t revision,
		      const char *domain, char text[MESSAGE_ID_MAX]);
/* True: one of ours, of this domain. */
bool message_id_read(const char *id, const char *domain,
		     uint8_t appeal_id_r[UUID_BYTES]);

/* --- sending --- */

enum sent {
	SENT_DONE,
	SENT_LATER,   /* not taken now */
	SENT_REFUSED, /* for good */
	/* All was handed over and no answer came: it may have been taken. */
	SENT_UNKNOWN,
	/* For good: no template of the rule's code is approved, or it has not
	 * the language. */
	SENT_NO_TEMPLATE,
	SENT_NO_LANGUAGE,
	SENT_NR,
};
extern const char *const sent_names[SENT_NR];

struct attempt {
	bool over;     /* the protocol ended well */
	bool handed;   /* everything was written to the other side */
	bool envelope; /* the status is about this message's addresses */
	long status;   /* last status, 0 = none */
};
/* A refusal of who we are (greeting, password) is not one of the message. */
enum sent smtp_sent(const struct attempt *a);
/* For good is only what says that this message will never do: 400, 410, 413,
 * 422. */
enum sent http_sent(const struct attempt *a);

/* Value of the header X-Suyuan-Signature: "t=UNIX,v1=HEX", HMAC-SHA-256 under
 * the key over "UNIX.BODY". */
#define SIGNATURE_MAX 96
char *webhook_signature(const uint8_t *key, size_t key_len, int64_t at_s,
			const char *body, size_t len, char text[SIGNATURE_MAX]);

/* --- mail that came in --- */

/* Of whom it is: MAIL_ASIDE_NONE for a person's. own is our address. */
Sy__V1__MailAsideReason mail_judge(const struct mail *mail, const char *own,
				   const char *domain);

/* What an appeal is called by: what its Message-ID, or else the whole mail,
 * hashes to. Room for EXTERNAL_ID_MAX + 1. */
void mail_external_id(const struct mail *mail, const uint8_t *raw, size_t len,
		      char *out);
/* The appeal's text: subject, body, names of the files that were left out. */
const char *mail_appeal_text(struct arena *arena, const struct mail *mail);

#endif
