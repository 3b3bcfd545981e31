/* social.h -- the social service: what is said about the organisation in
 * networks, reviews and news.
 *
 * It is made of parts (services/common/bus/parts.h) that share one transaction;
 * the first, mentions (mentions.h), brings them in and counts them, the others
 * follow it.
 */
#ifndef SUYUAN_SOCIAL_H
#define SUYUAN_SOCIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/parts.h"
#include "dir/replica.h"
#include "mail/smtp.h"
#include "outside/hosts.h"
#include "service.h"
#include "suyuan/v1/social.pb-c.h"
#include "uuid.h"

struct digest_conf {
	struct smtp_conf smtp;
	char *to;   /* SUYUAN_DIGEST_TO: addresses, divided by commas */
	char *at;   /* SUYUAN_DIGEST_AT: 07:30 */
	char *zone; /* SUYUAN_DIGEST_ZONE */
	char *lang; /* SUYUAN_DIGEST_LANG */
	int64_t retry_ms;
};

struct social_conf {
	struct service_conf common; /* first: service.c reads it */
	char *subject_key;
	char *complaints; /* SUYUAN_COMPLAINTS: endpoint, "" = none */
	char *lexicon;
	int64_t keep_days;
	int64_t cluster_memory_mb;
	int64_t spike_every_s;
	struct digest_conf digest;
	struct bus_log_conf log;
	char *secrets_dir; /* SUYUAN_SECRETS_DIR */
	char *ca_file;     /* SUYUAN_OUTSIDE_CA_FILE */
	char *feed_inside; /* SUYUAN_FEED_INSIDE, as written */
	struct outside_hosts feeds_inside;
};
extern const struct conf_entry *const social_conf_tables[];
/* What more than one variable says. */
int social_conf_check(struct social_conf *conf, struct error *err);

#define SOCIAL_KEY_BYTES 32
#define PSEUDONYM_BYTES 32

struct clusters;
struct digest_mailer;
struct duties;
struct feeds;
struct reactions_duty;
struct reader;
struct settings;
struct transfers;
struct upkeep;
struct warnings;
struct watch_book;

struct social {
	struct service service;
	struct social_conf conf;
	uint8_t subject_key[SOCIAL_KEY_BYTES]; /* of authors */
	uint8_t id_key[SOCIAL_KEY_BYTES];      /* of mentions */
	struct bus_server *bus;
	struct replica *replica;
	struct settings *settings;
	struct reader *reader; /* understand.h */
	struct upkeep *upkeep;
	struct duties *duties;
	struct reactions_duty *reactions;
	struct consumer *complaints; /* its log; NULL: there is none */
	struct clusters *clusters;
	struct warnings *warnings;
	struct digest_mailer *digest;
	struct transfers *transfers; /* to hosts outside */
	struct feeds *feeds;
	struct feed_mail *mails;    /* looks into mailboxes, feeds.h */
	struct watch_book *watches; /* watches.h; NULL: none are read yet */
	bool started;
};

/* --- parts.c --- */

extern const struct part *const social_parts[]; /* ended by NULL */

/* --- keyed.c --- */

int social_keys(struct social *svc, struct error *err);
/* The same source and external_id have the same id for ever; without the key it
 * cannot be computed. */
void mention_id_make(const struct social *svc, const char *source,
		     const char *external_id, uint8_t id_r[UUID_BYTES]);
void author_pseudonym(const struct social *svc, const char *source,
		      const char *author, uint8_t out[PSEUDONYM_BYTES]);

/* --- reach.c: who sees what --- */

/* True: what is of this unit is seen by the principal; what is of none, by
 * those who see everything. */
bool social_sees(const struct social *svc, const struct bus_grant *grant,
		 const char *unit);
#define UNITS_MAX 16 /* candidates of a mention */
/* The one that a text names, if it names one and perhaps what that lies under;
 * else the nearest unit that all of these lie under; "": there is none. */
const char *social_common_unit(const struct social *svc, char *const *units,
			       size_t n);

/* --- scope_store.c --- */

/* In a composed statement: the column's unit is this one or lies under it; "":
 * nothing is added. */
void social_put_scope(struct db_pipe *pipe, const char *column,
		      const char *unit);

#endif
