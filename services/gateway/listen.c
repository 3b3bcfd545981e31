/* listen.c -- the socket that HTTP listens on. Our own, because libmicrohttpd
 * does not say why it cannot bind. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"

/* "tcp://host:port" or "tcp://[v6]:port" taken apart. */
static int endpoint_split(const char *endpoint, char host[256], char port[8])
{
	const char *colon;
	size_t len;

	if (strncmp(endpoint, "tcp://", 6) != 0)
		return -1;
	endpoint += 6;
	colon = strrchr(endpoint, ':');
	if (!colon || colon == endpoint)
		return -1;
	len = (size_t)(colon - endpoint);
	if (*endpoint == '[' && endpoint[len - 1] == ']') {
		endpoint++;
		len -= 2;
	}
	if (len >= 256 || strlen(colon + 1) >= 8 ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return -1;
	memcpy(host, endpoint, len);
	host[len] = '\0';
	strcpy(port, colon + 1);
	return 0;
}

int http_listen(const char *endpoint, struct error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE };
	struct addrinfo *list;
	char host[256], port[8];
	int fd, res, one = 1;

	if (endpoint_split(endpoint, host, port) < 0)
		return error_set(err, "SUYUAN_BIND: not tcp://HOST:PORT");
	res = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hints,
			  &list);
	if (res != 0)
		return error_set(err, "SUYUAN_BIND: %s", gai_strerror(res));
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, list->ai_addr, list->ai_addrlen) < 0 ||
	    listen(fd, SOMAXCONN) < 0) {
		error_set(err, "%s: %s", endpoint, strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	return fd;
}

bool endpoint_is_loopback(const char *endpoint)
{
	char host[256], port[8];
	struct in_addr v4;

	if (endpoint_split(endpoint, host, port) < 0)
		return false;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0;
}
