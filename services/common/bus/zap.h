/* zap.h -- our own ZAP handler (RFC 27): a key that the registry does not hold
 * does not get through the handshake. Messages of keys that were revoked later
 * are refused one by one (server.c). */
#ifndef SUYUAN_ZAP_H
#define SUYUAN_ZAP_H

#include <uv.h>

#include "bus/keys.h"

struct zap;

/* Must be open before any socket binds. The registry is borrowed. */
int zap_open(struct zap **zap_r, uv_loop_t *loop,
	     const struct registry *registry, struct error *err);
void zap_close(struct zap **zap);

#endif
