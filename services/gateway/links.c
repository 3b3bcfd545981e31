/* links.c -- the services that are asked. */
#include "parts.h"

int links_open(struct gateway *gw, struct error *err)
{
	const char *const endpoints[PEERS_NR] = {
		[PEER_DIRECTORY] = gw->conf.common.directory,
		[PEER_COMPLAINTS] = gw->conf.complaints,
		[PEER_KPI] = gw->conf.kpi,
		[PEER_SOCIAL] = gw->conf.social,
	};

	for (int i = PEER_GATEWAY + 1; i < PEERS_NR; i++) {
		const struct bus_client_options options = {
			.loop = &gw->service.loop,
			.endpoint = endpoints[i],
			.server_key = registry_key(gw->service.registry,
						   peer_names[i]),
			.key = &gw->service.key,
		};

		if (!*endpoints[i])
			continue;
		if (!options.server_key)
			return error_set(err, "the registry has no key of %s",
					 peer_names[i]);
		if (bus_client_open(&gw->peers[i], &options, err) < 0)
			return error_prefix(err, "%s", peer_names[i]);
	}
	return 0;
}

void links_close(struct gateway *gw)
{
	for (int i = 0; i < PEERS_NR; i++)
		bus_client_close(&gw->peers[i]);
}
