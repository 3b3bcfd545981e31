/* guard.h -- holds a transfer to addresses that may be asked (hosts.h),
 * whatever its host's name is resolved to. */
#ifndef SUYUAN_OUTSIDE_GUARD_H
#define SUYUAN_OUTSIDE_GUARD_H

#include <stdbool.h>

#include <curl/curl.h>

#include "outside/hosts.h"

struct outside_guard {
	const struct outside_hosts *hosts;
	bool refused; /* an address of the host */
};

/* The guard and its hosts stay where they are as long as easy does. */
void outside_guard_set(struct outside_guard *guard,
		       const struct outside_hosts *hosts, CURL *easy);
/* Whether it is why the transfer ended with this code: a host may have another
 * address, that was reached. */
bool outside_guard_barred(const struct outside_guard *guard, CURLcode code);

#endif
