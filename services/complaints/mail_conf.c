/* mail_conf.c -- the variables of mail and webhooks, all checked at the start:
 * an installation finds out then, not at the first letter that does not go.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complaints.h"

#define STRING(name_, field_, fallback_, help_)                                \
	{                                                                      \
		.name = (name_), .type = CONF_STRING,                          \
		.offset = offsetof(struct complaints_conf, mail.field_),       \
		.fallback = (fallback_), .help = (help_)                       \
	}
#define NUMBER(name_, field_, fallback_, min_, max_, help_)                    \
	{                                                                      \
		.name = (name_), .type = CONF_INT,                             \
		.offset = offsetof(struct complaints_conf, mail.field_),       \
		.fallback = (fallback_), .min = (min_), .max = (max_),         \
		.help = (help_)                                                \
	}

const struct conf_entry mail_conf_entries[] = {
	SMTP_CONF(struct complaints_conf, mail.smtp),
	STRING("SUYUAN_MAIL_LANG", lang, "ru",
	       "language of mails whose policy names none: ru, zh, en"),
	STRING("SUYUAN_PUBLIC_URL", public_url, "",
	       "where customers reach the pages; empty: no links in mails"),
	STRING("SUYUAN_OUTSIDE_CA_FILE", ca_file, "",
	       "certificates that mail servers and webhooks are checked "
	       "against; empty: the system's"),
	STRING("SUYUAN_SECRETS_DIR", secrets_dir, "",
	       "folder with the passwords of mailboxes and the keys of "
	       "webhooks"),
	NUMBER("SUYUAN_OUTGOING_RETRY_MS", retry_ms, "30000", 10, 3600000,
	       "pause after the first failed attempt, doubled up to 120 times "
	       "it"),
	NUMBER("SUYUAN_OUTGOING_DAYS", give_up_days, "4", 1, 30,
	       "days after which a message that nobody takes is given up"),
	NUMBER("SUYUAN_OUTGOING_TIMEOUT_MS", timeout_ms, "60000", 100, 600000,
	       "longest time of one attempt"),
	NUMBER("SUYUAN_IMAP_POLL_MS", poll_ms, "30000", 100, 3600000,
	       "time from one look into the mailboxes to the next"),
	NUMBER("SUYUAN_MAIL_MAX_BYTES", max_bytes, "26214400", 1024, 104857600,
	       "larger mails are not fetched"),
	NUMBER("SUYUAN_MAIL_PER_HOUR", per_hour, "20", 1, 100000,
	       "mails of one sender within an hour that are taken"),
	{ 0 },
};

/* --- all of it --- */

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words != NULL && strcmp(text, *words) != 0)
		words++;
	return *words != NULL;
}

int mail_conf_check(const struct mail_conf *conf, struct mail_from *from_r,
		    struct error *err)
{
	static const char *const langs[] = { "ru", "zh", "en", NULL };
	static const char *const pages[] = { "https", "http", NULL };
	struct stat st;

	if (smtp_conf_check(&conf->smtp, from_r, err) < 0)
		return -1;
	if (!is_one_of(conf->lang, langs))
		return error_set(err, "SUYUAN_MAIL_LANG: not ru, zh or en");
	if (conf->public_url[0] != '\0' &&
	    !outside_url_acceptable(conf->public_url, pages))
		return error_set(err, "SUYUAN_PUBLIC_URL: not https://host");
	if (conf->ca_file[0] != '\0' && access(conf->ca_file, R_OK) < 0)
		return error_set(err, "SUYUAN_OUTSIDE_CA_FILE: cannot be read");
	if (conf->secrets_dir[0] != '\0' &&
	    (stat(conf->secrets_dir, &st) < 0 || !S_ISDIR(st.st_mode)))
		return error_set(err, "SUYUAN_SECRETS_DIR: not a folder");
	return 0;
}
