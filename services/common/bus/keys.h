/* keys.h -- CURVE keys in files: which key is which principal. What a principal
 * may do stands in the directory. */
#ifndef SUYUAN_KEYS_H
#define SUYUAN_KEYS_H

#include <uv.h>

#include "error.h"

#define KEY_Z85_SIZE 41  /* 40 characters and NUL */
#define PRINCIPAL_MAX 64 /* [a-z0-9_.-]+, NUL included */

struct bus_key {
	char public_z85[KEY_Z85_SIZE];
	char secret_z85[KEY_Z85_SIZE];
};

/* Two lines: "public Z85", "secret Z85". */
int key_load(const char *path, struct bus_key *key_r, struct error *err);
/* Makes a pair, writes PATH with mode 0600; refuses to overwrite. */
int key_make(const char *path, struct bus_key *key_r, struct error *err);

/* The registry: lines "Z85 principal", '#' comments. One public key a
 * principal may be replaced; several keys may name the same principal. */
struct registry;

/* Loads, and looks every 500 ms whether the file changed (a damaged new version
 * is logged and the old one kept). loop may be NULL: no reloading. */
int registry_open(struct registry **reg_r, uv_loop_t *loop, const char *path,
		  struct error *err);
void registry_close(struct registry **reg);
/* NULL: no such key. Valid until the next reload. */
const char *registry_principal(const struct registry *reg,
			       const char *public_z85);
/* The first key of a principal, NULL if none. */
const char *registry_key(const struct registry *reg, const char *principal);
/* Appends a line to the file, under a lock on it. */
int registry_add(const char *path, const char *public_z85,
		 const char *principal, struct error *err);

#endif
