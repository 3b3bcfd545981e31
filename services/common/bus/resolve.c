/* resolve.c -- addresses of a service, found by ourselves: libzmq would take
 * the first address only and resolve in its I/O thread, where it stops every
 * socket of the process for as long as the name server is silent. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/client_internal.h"
#include "bus/must.h"
#include "log.h"
#include "timeutil.h"

#define RESOLVE_EVERY_US (3 * US_PER_S)
/* A name server that answers with a part of the addresses now and then must
 * not cost connections. */
#define ABSENT_MAX 2

int endpoint_parse(const char *endpoint, char *host, size_t host_size,
		   int *first_r, int *last_r)
{
	static const char scheme[] = "tcp://";
	const char *name = endpoint + sizeof(scheme) - 1, *colon;
	size_t len;
	char *end;
	long first, last;

	if (strncmp(endpoint, scheme, sizeof(scheme) - 1) != 0)
		return -1;
	colon = strrchr(name, ':');
	if (!colon || colon == name)
		return -1;
	len = (size_t)(colon - name);
	if (*name == '[' && name[len - 1] == ']') {
		name++;
		len -= 2;
	}
	if (len == 0 || len >= host_size)
		return -1;
	memcpy(host, name, len);
	host[len] = '\0';
	first = last = strtol(colon + 1, &end, 10);
	if (end == colon + 1)
		return -1;
	if (*end == '-') {
		const char *second = end + 1;

		last = strtol(second, &end, 10);
		if (end == second)
			return -1;
	}
	if (*end || first < 1 || last > 65535 || last < first ||
	    last - first >= CLIENT_REPLICAS_MAX)
		return -1;
	*first_r = (int)first;
	*last_r = (int)last;
	return 0;
}

static struct dialled *find(const struct bus_client *client,
			    const char *endpoint)
{
	for (int i = 0; i < client->replicas_nr; i++)
		if (client->replicas[i] &&
		    strcmp(client->replicas[i]->endpoint, endpoint) == 0)
			return client->replicas[i];
	return NULL;
}

static void add(struct bus_client *client, const char *endpoint)
{
	struct dialled *d;
	int i = 0;

	while (i < CLIENT_REPLICAS_MAX && client->replicas[i])
		i++;
	if (i == CLIENT_REPLICAS_MAX) {
		log_warn("%s has more than %d addresses; not all are dialled",
			 client->host, CLIENT_REPLICAS_MAX);
		return;
	}
	d = must_calloc(1, sizeof(*d));
	d->client = client;
	d->index = i;
	snprintf(d->endpoint, sizeof(d->endpoint), "%s", endpoint);
	client->replicas[i] = d;
	if (i >= client->replicas_nr)
		client->replicas_nr = i + 1;
	dialled_open(d);
}

static void reconcile(struct bus_client *client, const struct addrinfo *list)
{
	for (int i = 0; i < client->replicas_nr; i++)
		if (client->replicas[i])
			client->replicas[i]->absent_nr++;
	for (; list; list = list->ai_next) {
		char host[NI_MAXHOST], endpoint[CLIENT_ENDPOINT_MAX];
		bool six = list->ai_family == AF_INET6;

		if (getnameinfo(list->ai_addr, list->ai_addrlen, host,
				sizeof(host), NULL, 0, NI_NUMERICHOST) != 0 ||
		    strlen(host) > 64)
			continue;
		for (int port = client->port_first; port <= client->port_last;
		     port++) {
			struct dialled *d;

			snprintf(endpoint, sizeof(endpoint),
				 six ? "tcp://[%.64s]:%d" : "tcp://%.64s:%d",
				 host, port);
			d = find(client, endpoint);
			if (d)
				d->absent_nr = 0;
			else
				add(client, endpoint);
		}
	}
	for (int i = 0; i < client->replicas_nr; i++) {
		struct dialled *d = client->replicas[i];

		/* One that still answers is kept, whatever the names say. */
		if (!d || d->absent_nr < ABSENT_MAX || d->connected)
			continue;
		dialled_close(d);
		client->replicas[i] = NULL;
		free(d);
	}
}

static void resolved_cb(uv_getaddrinfo_t *req, int status,
			struct addrinfo *list)
{
	struct bus_client *client = req->data;

	client->resolving = false;
	if (client->closed) {
		uv_freeaddrinfo(list);
		client_unref(client);
		return;
	}
	client->resolve_at_us = time_monotonic_us() + RESOLVE_EVERY_US;
	client->unresolved = status;
	if (status == 0)
		reconcile(client, list);
	uv_freeaddrinfo(list);
	client_unref(client);
}

void client_resolve(struct bus_client *client)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_family = AF_UNSPEC };

	client->resolver.data = client;
	if (uv_getaddrinfo(client->loop, &client->resolver, resolved_cb,
			   client->host, NULL, &hints) < 0) {
		client->resolve_at_us = time_monotonic_us() + RESOLVE_EVERY_US;
		return;
	}
	client->resolving = true;
	client->handles_open++;
}
