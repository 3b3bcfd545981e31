/* ops.h -- the operations port: /livez, /readyz, /metrics over libmicrohttpd,
 * whose epoll descriptor stands in the libuv loop. */
#ifndef SUYUAN_OPS_H
#define SUYUAN_OPS_H

#include <stdbool.h>
#include <uv.h>

#include "error.h"

struct ops;

/* True when ready; otherwise *why_r is set to a static sentence. */
typedef bool ops_ready_fn(void *arg, const char **why_r);

/* Listens on host:port (port 0: any, see ops_port). */
int ops_open(struct ops **ops_r, uv_loop_t *loop, const char *host, int port,
	     ops_ready_fn *ready, void *arg, struct error *err);
int ops_port(const struct ops *ops);
/* NULL and pointers to NULL do nothing; clears the caller's pointer. The
 * loop must run once more for its handles to close. */
void ops_close(struct ops **ops);

#endif
