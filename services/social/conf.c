/* conf.c -- the variables of this service beside those that all have. */
#include "social.h"

static const struct conf_entry entries[] = {
	{ "SUYUAN_SUBJECT_KEY", CONF_STRING,
	  offsetof(struct social_conf, subject_key), NULL, 0, 0,
	  "Key of mentions' ids and authors' pseudonyms, 64 hex digits; never "
	  "changes." },
	{ "SUYUAN_COMPLAINTS", CONF_STRING,
	  offsetof(struct social_conf, complaints), "", 0, 0,
	  "Endpoint of the complaints service, that reactions are forwarded "
	  "to; empty: none." },
	{ "SUYUAN_MENTION_KEEP_DAYS", CONF_INT,
	  offsetof(struct social_conf, keep_days), "90", 1, 3650,
	  "days that mentions are kept; what is counted of them stays" },
	{ "SUYUAN_CLUSTER_MEMORY_MB", CONF_INT,
	  offsetof(struct social_conf, cluster_memory_mb), "128", 4, 1048576,
	  "memory for the texts that new ones are compared with; how far back "
	  "that reaches is a metric" },
	{ "SUYUAN_SECRETS_DIR", CONF_STRING,
	  offsetof(struct social_conf, secrets_dir), "", 0, 0,
	  "folder with what feeds send to be let in, a file each" },
	{ "SUYUAN_OUTSIDE_CA_FILE", CONF_STRING,
	  offsetof(struct social_conf, ca_file), "", 0, 0,
	  "certificates that servers outside are checked against; empty: the "
	  "system's" },
	{ "SUYUAN_FEED_INSIDE", CONF_STRING,
	  offsetof(struct social_conf, feed_inside), "", 0, 0,
	  "private addresses that feeds may be fetched from: 10.1.0.0/16; "
	  "divided by commas, empty: none" },
	{ "SUYUAN_LEXICON", CONF_STRING, offsetof(struct social_conf, lexicon),
	  "", 0, 0,
	  "Files of word lists, divided by colons: what mentions are told "
	  "apart by until a model is in use; empty: nothing." },
	{ "SUYUAN_SPIKE_EVERY_S", CONF_INT,
	  offsetof(struct social_conf, spike_every_s), "300", 1, 3600,
	  "seconds from one look for spikes to the next" },
	SMTP_CONF(struct social_conf, digest.smtp),
	{ "SUYUAN_DIGEST_TO", CONF_STRING,
	  offsetof(struct social_conf, digest.to), "", 0, 0,
	  "addresses that get the digest of the day before, divided by commas; "
	  "empty: nobody" },
	{ "SUYUAN_DIGEST_AT", CONF_STRING,
	  offsetof(struct social_conf, digest.at), "07:30", 0, 0,
	  "local time of day at which it is mailed" },
	{ "SUYUAN_DIGEST_ZONE", CONF_STRING,
	  offsetof(struct social_conf, digest.zone), "Europe/Moscow", 0, 0,
	  "zone of the installation, which its days are of" },
	{ "SUYUAN_DIGEST_LANG", CONF_STRING,
	  offsetof(struct social_conf, digest.lang), "ru", 0, 0,
	  "language of the digest: ru, zh, en" },
	{ "SUYUAN_DIGEST_RETRY_MS", CONF_INT,
	  offsetof(struct social_conf, digest.retry_ms), "300000", 10, 86400000,
	  "pause after a mail server did not take it" },
	BUS_LOG_CONF(struct social_conf, log),
	{ 0 },
};

const struct conf_entry *const social_conf_tables[] = {
	service_conf_entries,
	entries,
	NULL,
};

int social_conf_check(struct social_conf *conf, struct error *err)
{
	return outside_hosts_read(conf->feed_inside, "SUYUAN_FEED_INSIDE",
				  &conf->feeds_inside, err);
}
