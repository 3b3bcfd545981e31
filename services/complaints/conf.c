/* conf.c -- the variables of this service beside those that all have. */
#include "complaints.h"

static const struct conf_entry entries[] = {
	{ "SUYUAN_SUBJECT_KEY", CONF_STRING,
	  offsetof(struct complaints_conf, subject_key), NULL, 0, 0,
	  "Key of the customers' pseudonyms, 64 hex digits; never changes." },
	BUS_LOG_CONF(struct complaints_conf, log),
	{ 0 },
};

const struct conf_entry *const complaints_conf_tables[] = {
	service_conf_entries, entries, mail_conf_entries,
	lookup_conf_entries,  NULL,
};
