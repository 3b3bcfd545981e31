/* grant.c -- roles by name, streams by list. */
#include "bus/grant.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t role;
} roles[] = {
	{ "reader", ROLE_READER },       { "handler", ROLE_HANDLER },
	{ "publisher", ROLE_PUBLISHER }, { "consumer", ROLE_CONSUMER },
	{ "admin", ROLE_ADMIN },         { "gateway", ROLE_GATEWAY },
	{ "auditor", ROLE_AUDITOR },     { "sandbox", ROLE_SANDBOX },
	{ "privacy", ROLE_PRIVACY },
};

uint32_t grant_role(const char *name)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i].name, name) == 0)
			return roles[i].role;
	return 0;
}

const char *grant_wanted(uint32_t wanted, char text_r[GRANT_WANTED_SIZE])
{
	size_t len =
		(size_t)snprintf(text_r, GRANT_WANTED_SIZE, "wants the role");

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (!(wanted & roles[i].role))
			continue;
		wanted &= ~roles[i].role;
		len += (size_t)snprintf(text_r + len, GRANT_WANTED_SIZE - len,
					" %s%s", roles[i].name,
					wanted ? " or" : "");
	}
	return text_r;
}

bool grant_stream(const struct bus_grant *grant, const char *stream)
{
	if (grant->all_streams)
		return true;
	for (int i = 0; i < grant->streams_nr; i++)
		if (strcmp(grant->streams[i], stream) == 0)
			return true;
	return false;
}
