/* grants.h -- the directory's own answer to "who may do what" and "who signs":
 * all principals and signing keys in memory, read again twice a second, so that
 * a revocation holds within a second whichever replica it was given to. */
#ifndef SUYUAN_DIRECTORY_GRANTS_H
#define SUYUAN_DIRECTORY_GRANTS_H

#include <uv.h>

#include "bus/grant.h"
#include "error.h"

struct grants;

/* read_cb: after each reading; n is how many there are. */
int grants_open(struct grants **g_r, uv_loop_t *loop, const char *url,
		void (*read_cb)(size_t n, void *arg), void *arg,
		struct error *err);
/* A bus_grant_fn; arg is the grants. */
bool grants_answer(void *arg, const char *principal, struct bus_grant *grant_r);
/* An actor_key_fn; arg is the grants. */
const uint8_t *grants_actor_key(void *arg, const char *key_id);
/* The id and the secret of the newest key that is not revoked; NULL: there is
 * none. */
const char *grants_signer(const struct grants *g, const uint8_t **secret_r);
void grants_close(struct grants **g);

#endif
