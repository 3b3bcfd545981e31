/* conf.c -- the variables of this service beside those that all have. */
#include "social.h"

static const struct conf_entry entries[] = {
	{ "SUYUAN_SUBJECT_KEY", CONF_STRING,
	  offsetof(struct social_conf, subject_key), NULL, 0, 0,
	  "Key of mentions' ids and authors' pseudonyms, 64 hex digits; never "
	  "changes." },
	{ "SUYUAN_MENTION_KEEP_DAYS", CONF_INT,
	  offsetof(struct social_conf, keep_days), "90", 1, 3650,
	  "days that mentions are kept; what is counted of them stays" },
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
