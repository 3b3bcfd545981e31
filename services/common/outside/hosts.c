/* hosts.c -- see hosts.h. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outside/hosts.h"

#define HTTPS "https://"
#define HTTP "http://"

/* --- whom a URL asks --- */

/* At the end of the host; "": it is none. */
static const char *url_host(const char *at, struct outside_origin *o)
{
	bool v6 = *at == '[';
	size_t len;

	at += v6;
	len = strspn(at, v6 ? "0123456789abcdefABCDEF:."
			    : "0123456789abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ-.");
	if (len == 0 || len >= sizeof(o->host) || (v6 && at[len] != ']'))
		return NULL;
	for (size_t i = 0; i < len; i++)
		o->host[i] = (char)tolower((unsigned char)at[i]);
	o->host[len] = '\0';
	return at + len + v6;
}

bool outside_origin(const char *url, struct outside_origin *o)
{
	const char *at = url;
	char *end;
	unsigned long port;

	*o = (struct outside_origin){ 0 };
	o->secure = strncmp(url, HTTPS, strlen(HTTPS)) == 0;
	if (!o->secure && strncmp(url, HTTP, strlen(HTTP)) != 0)
		return false;
	at = url_host(at + strlen(o->secure ? HTTPS : HTTP), o);
	if (at == NULL)
		return false;
	o->port = o->secure ? 443 : 80;
	if (*at == ':') {
		if (!isdigit((unsigned char)at[1]))
			return false;
		port = strtoul(at + 1, &end, 10);
		if (port < 1 || port > 65535)
			return false;
		o->port = (uint16_t)port;
		at = end;
	}
	return *at == '\0' || *at == '/';
}

/* --- the list --- */

/* An address, with its family, in the bytes of net. */
static bool address_read(const char *text, struct outside_host *h)
{
	if (inet_pton(AF_INET, text, h->net) == 1) {
		h->family = AF_INET;
		h->prefix = 32;
	} else if (inet_pton(AF_INET6, text, h->net) == 1) {
		h->family = AF_INET6;
		h->prefix = 128;
	}
	return h->family != AF_UNSPEC;
}

static bool range_read(char *text, struct outside_host *h)
{
	char *slash = strchr(text, '/'), *end;
	unsigned long bits;

	*slash = '\0';
	if (!address_read(text, h) || !isdigit((unsigned char)slash[1]))
		return false;
	bits = strtoul(slash + 1, &end, 10);
	if (*end != '\0' || bits > h->prefix)
		return false;
	h->prefix = (unsigned)bits;
	return true;
}

static bool entry_read(char *text, struct outside_host *h)
{
	struct outside_origin origin;
	char url[OUTSIDE_HOST_MAX + 32];
	bool bare_v6 = text[0] != '[' && strchr(text, ':') != NULL &&
		       strchr(text, ':') != strrchr(text, ':');

	if (strchr(text, '/') != NULL)
		return range_read(text, h);
	if ((size_t)snprintf(url, sizeof(url),
			     bare_v6 ? "https://[%s]" : "https://%s",
			     text) >= sizeof(url) ||
	    !outside_origin(url, &origin))
		return false;
	memcpy(h->host, origin.host, sizeof(h->host));
	h->port = bare_v6 || text[strlen(text) - 1] == ']' ||
				  strrchr(text, ':') == NULL
			  ? 0
			  : origin.port;
	address_read(h->host, h);
	return true;
}

bool outside_same_origin(const struct outside_origin *a,
			 const struct outside_origin *b)
{
	return a->secure == b->secure && a->port == b->port &&
	       strcmp(a->host, b->host) == 0;
}

int outside_hosts_read(const char *text, const char *variable,
		       struct outside_hosts *hosts, struct error *err)
{
	char *copy = strdup(text), *save = NULL;

	if (copy == NULL)
		return error_set(err, "%s: no memory", variable);
	*hosts = (struct outside_hosts){ 0 };
	for (char *word = strtok_r(copy, ", \t", &save); word != NULL;
	     word = strtok_r(NULL, ", \t", &save)) {
		if (hosts->n == OUTSIDE_HOSTS_MAX) {
			free(copy);
			return error_set(err, "%s: more than %d entries",
					 variable, OUTSIDE_HOSTS_MAX);
		}
		if (!entry_read(word, &hosts->host[hosts->n])) {
			free(copy);
			return error_set(err,
					 "%s: entry %zu is not a host, "
					 "host:port or ADDRESS/BITS",
					 variable, hosts->n + 1);
		}
		hosts->n++;
	}
	free(copy);
	return 0;
}

bool outside_hosts_allow(const struct outside_hosts *hosts,
			 const struct outside_origin *origin)
{
	uint16_t own = origin->secure ? 443 : 80;

	for (size_t i = 0; i < hosts->n; i++) {
		const struct outside_host *h = &hosts->host[i];

		if (h->host[0] != '\0' && strcmp(h->host, origin->host) == 0 &&
		    origin->port == (h->port != 0 ? h->port : own))
			return true;
	}
	return false;
}

/* --- addresses --- */

static bool within(const uint8_t *address, const uint8_t *net, unsigned prefix)
{
	unsigned whole = prefix / 8, rest = prefix % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(address, net, whole) == 0 &&
	       (rest == 0 || (address[whole] & mask) == (net[whole] & mask));
}

static bool is_public_v4(const uint8_t a[4])
{
	/* this net, private, carriers', own, link, special, benchmarks,
	 * multicast and what is kept back */
	static const struct {
		uint8_t net[4];
		unsigned prefix;
	} inside[] = {
		{ { 0 }, 8 },          { { 10 }, 8 },
		{ { 100, 64 }, 10 },   { { 127 }, 8 },
		{ { 169, 254 }, 16 },  { { 172, 16 }, 12 },
		{ { 192, 0, 0 }, 24 }, { { 192, 168 }, 16 },
		{ { 198, 18 }, 15 },   { { 224 }, 3 },
	};

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		if (within(a, inside[i].net, inside[i].prefix))
			return false;
	}
	return true;
}

/* Only what is routed worldwide, and holds no address of IPv4 in itself. */
static bool is_public_v6(const uint8_t a[16])
{
	static const uint8_t global[16] = { 0x20 };
	static const uint8_t ietf[16] = { 0x20, 0x01 }; /* Teredo and so on */
	static const uint8_t six_to_4[16] = { 0x20, 0x02 };
	static const uint8_t documents[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	return within(a, global, 3) && !within(a, ietf, 23) &&
	       !within(a, six_to_4, 16) && !within(a, documents, 32);
}

static bool listed(const struct outside_hosts *hosts, int family,
		   const uint8_t *address)
{
	for (size_t i = 0; i < hosts->n; i++) {
		if (hosts->host[i].family == family &&
		    within(address, hosts->host[i].net, hosts->host[i].prefix))
			return true;
	}
	return false;
}

bool outside_hosts_reach(const struct outside_hosts *hosts,
			 const struct sockaddr *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	const uint8_t *a;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		a = (const uint8_t *)&v4.sin_addr;
		return is_public_v4(a) || listed(hosts, AF_INET, a);
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&v6, address, sizeof(v6));
	a = v6.sin6_addr.s6_addr;
	if (memcmp(a, mapped, sizeof(mapped)) == 0)
		return is_public_v4(a + 12) || listed(hosts, AF_INET, a + 12);
	return is_public_v6(a) || listed(hosts, AF_INET6, a);
}
