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
	BUS_LOG_CONF(struct social_conf, log),
	{ 0 },
};

const struct conf_entry *const social_conf_tables[] = {
	service_conf_entries,
	entries,
	NULL,
};
