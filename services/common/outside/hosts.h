/* hosts.h -- whom a service may ask outside; pure. A host counts by its name
 * and port, as the URL says them; what the name is resolved to must be public
 * besides, or be listed as an address: whoever holds the name does not thereby
 * reach what is inside.
 */
#ifndef SUYUAN_OUTSIDE_HOSTS_H
#define SUYUAN_OUTSIDE_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/socket.h>

#include "error.h"

#define OUTSIDE_HOST_MAX 254
#define OUTSIDE_HOSTS_MAX 64

/* Whom a URL asks. */
struct outside_origin {
	bool secure;                 /* https */
	char host[OUTSIDE_HOST_MAX]; /* in lower case, an IPv6 without [] */
	uint16_t port;
};
/* False: anything but http(s)://host[:port] with nothing or a path behind it;
 * no user, no password. */
bool outside_origin(const char *url, struct outside_origin *origin_r);

bool outside_same_origin(const struct outside_origin *a,
			 const struct outside_origin *b);

struct outside_host {
	char host[OUTSIDE_HOST_MAX]; /* a name or an address; "": a range */
	uint16_t port;               /* 0: the scheme's own */
	int family;                  /* AF_UNSPEC: of a name */
	uint8_t net[16];
	unsigned prefix; /* bits */
};
struct outside_hosts {
	struct outside_host host[OUTSIDE_HOSTS_MAX];
	size_t n;
};
/* "track.example, gis.example:8443, 10.1.0.0/16, [::1]:80". -1: not such a
 * list; variable: that it comes from. */
int outside_hosts_read(const char *text, const char *variable,
		       struct outside_hosts *hosts_r, struct error *err);
bool outside_hosts_allow(const struct outside_hosts *hosts,
			 const struct outside_origin *origin);
/* What a name was resolved to: public, or listed as address or range. */
bool outside_hosts_reach(const struct outside_hosts *hosts,
			 const struct sockaddr *address);

#endif
