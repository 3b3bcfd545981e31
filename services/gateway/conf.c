/* conf.c -- what the gateway reads from its environment. */
#include <stddef.h>

#include "gateway.h"

#define STRING(name_, field_, fallback_, help_)                                \
	{                                                                      \
		.name = (name_), .type = CONF_STRING,                          \
		.offset = offsetof(struct gateway_conf, field_),               \
		.fallback = (fallback_), .help = (help_)                       \
	}
#define INTEGER(name_, field_, fallback_, max_, help_)                         \
	{                                                                      \
		.name = (name_), .type = CONF_INT,                             \
		.offset = offsetof(struct gateway_conf, field_),               \
		.fallback = (fallback_), .min = 0, .max = (max_),              \
		.help = (help_)                                                \
	}

static const struct conf_entry gateway_conf_entries[] = {
	STRING("SUYUAN_COMPLAINTS", complaints, NULL,
	       "endpoint of the complaints service"),
	STRING("SUYUAN_KPI", kpi, NULL, "endpoint of the kpi service"),
	STRING("SUYUAN_SOCIAL", social, "",
	       "endpoint of the social service; empty for none"),
	STRING("SUYUAN_WEB_DIR", web_dir, "",
	       "folder of the built pages; empty for none"),
	STRING("SUYUAN_PATH_PREFIX", path_prefix, "",
	       "path below which everything stands, like /quality; or empty"),
	STRING("SUYUAN_SEAL_KEY", seal_key, NULL,
	       "64 hexadecimal digits with which cookies are sealed"),
	STRING("SUYUAN_SECURE_COOKIE", secure_cookie, "auto",
	       "yes, no, or auto: no on a loopback address only"),
	STRING("SUYUAN_TRUST_PROXY", trust_proxy, "no",
	       "yes when a proxy in front sets X-Forwarded-For"),
	INTEGER("SUYUAN_CONNECTIONS_PER_ADDRESS", per_address, "200", 2000,
		"connections of one address at a time; 0 for no limit"),
	INTEGER("SUYUAN_RATE", rate, "200", 1000000,
		"requests a second of one caller; 0 for no limit"),
	INTEGER("SUYUAN_RATE_ADDRESS", rate_address, "500", 1000000,
		"requests a second of one address; 0 for no limit"),
	INTEGER("SUYUAN_AUDIT_DAYS", audit_days, "1095", 36500,
		"days that the audit is kept; 0 for ever"),
	{ 0 },
};

const struct conf_entry *const gateway_conf_tables[] = {
	service_conf_entries,
	gateway_conf_entries,
	NULL,
};
