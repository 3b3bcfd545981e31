/* guard.c -- see guard.h. */
#include "outside/guard.h"

#include <sys/socket.h>

static curl_socket_t open_cb(void *arg, curlsocktype purpose,
			     struct curl_sockaddr *to)
{
	struct outside_guard *guard = arg;

	if (purpose != CURLSOCKTYPE_IPCXN ||
	    !outside_hosts_reach(guard->hosts, &to->addr)) {
		guard->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void outside_guard_set(struct outside_guard *guard,
		       const struct outside_hosts *hosts, CURL *easy)
{
	*guard = (struct outside_guard){ .hosts = hosts };
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_cb);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, guard);
}

bool outside_guard_barred(const struct outside_guard *guard, CURLcode code)
{
	return guard->refused && code == CURLE_COULDNT_CONNECT;
}
