/* smtp.h -- letters that a service writes: to which server, by whom, and how
 * one is put on the wire. */
#ifndef SUYUAN_SMTP_H
#define SUYUAN_SMTP_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "outside/secrets.h"
#include "outside/transfer.h"

struct _GMimeMessage; /* of gmime, whose names are not for everybody */

struct smtp_conf {
	char *url, *tls, *user, *password, *from;
};

/* The rows of a service's table of variables; field: its struct smtp_conf. */
#define SMTP_STRING(name_, conf_, field_, fallback_, help_)                    \
	{                                                                      \
		.name = (name_), .type = CONF_STRING,                          \
		.offset = offsetof(conf_, field_), .fallback = (fallback_),    \
		.help = (help_)                                                \
	}
#define SMTP_CONF(conf_, field_)                                               \
	SMTP_STRING("SUYUAN_SMTP_URL", conf_, field_.url, "",                  \
		    "smtp://host:port or smtps://host:port; empty: no mail "   \
		    "goes out"),                                               \
		SMTP_STRING("SUYUAN_SMTP_TLS", conf_, field_.tls, "starttls",  \
			    "of an smtp:// server: starttls, or none"),        \
		SMTP_STRING("SUYUAN_SMTP_USER", conf_, field_.user, "",        \
			    "login at the mail server; empty: none"),          \
		SMTP_STRING("SUYUAN_SMTP_PASSWORD", conf_, field_.password,    \
			    "", "its password"),                               \
		SMTP_STRING("SUYUAN_MAIL_FROM", conf_, field_.from, "",        \
			    "sender of all mail: Name <address>")

/* SUYUAN_MAIL_FROM, taken apart. */
struct mail_from {
	char *name, *address;
	const char *domain; /* of the address */
};
/* Checks all of it, and fills from_r: NULLs while no mail goes out. */
int smtp_conf_check(const struct smtp_conf *conf, struct mail_from *from_r,
		    struct error *err);
void mail_from_free(struct mail_from *from);

/* One address that can stand in an envelope: local@domain, no blanks, brackets
 * or control characters. */
bool address_acceptable(const char *address);

/* The message with this body as it goes over the wire; takes the message.
 * subtype: plain, html. Caller frees; NULL: no memory. */
char *letter_write(struct _GMimeMessage *message, const char *subtype,
		   const char *body, size_t *len_r);
/* A transfer becomes that of a letter of len bytes; to is kept until its end.
 * What is uploaded the caller says (transfer_upload). */
void smtp_set(CURL *easy, const struct smtp_conf *conf,
	      const struct mail_from *from, struct curl_slist *to, size_t len);

#endif
