/* keys.h -- CURVE keys in files: which key is which principal. What a principal
 * may do stands in the directory. */
#ifndef SUYUAN_KEYS_H
#define SUYUAN_KEYS_H

#include <stdbool.h>

#include <uv.h>

#include "error.h"

#define KEY_Z85_SIZE 41  /* 40 characters and NUL */
#define PRINCIPAL_MAX 64 /* [a-z0-9_.-]+, NUL included */
/* Of a public key, to be compared by people and named in commands: the first 8
 * bytes of its SHA-256 in hexadecimal. No principal has a colon. */
#define KEY_FINGERPRINT_PREFIX "sha256:"
#define KEY_FINGERPRINT_SIZE (sizeof(KEY_FINGERPRINT_PREFIX) + 16)

struct bus_key {
	char public_z85[KEY_Z85_SIZE];
	char secret_z85[KEY_Z85_SIZE];
};

/* Two lines: "public Z85", "secret Z85". */
int key_load(const char *path, struct bus_key *key_r, struct error *err);
/* The public half alone, as whoever keeps the secret hands it over. */
int key_load_public(const char *path, char public_z85_r[KEY_Z85_SIZE],
		    struct error *err);
/* Makes a pair, writes PATH with mode 0600; refuses to overwrite. */
int key_make(const char *path, struct bus_key *key_r, struct error *err);

bool key_valid(const char *public_z85);
bool principal_valid(const char *name);
void key_fingerprint(const char *public_z85, char text_r[KEY_FINGERPRINT_SIZE]);

/* One line of the registry. No key begins with '#': 2^32 has no such first
 * digit.
 */
enum key_line { KEY_LINE_COMMENT, KEY_LINE_ENTRY, KEY_LINE_BAD };
enum key_line key_line_read(const char *line, char key_r[KEY_Z85_SIZE],
			    char principal_r[PRINCIPAL_MAX]);

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
/* The n-th line from 0; false past the end. */
bool registry_at(const struct registry *reg, unsigned n,
		 const char **public_z85_r, const char **principal_r);

/* Changes of the file (keys_edit.c). A line that stands there already is no
 * fault; the key of another principal is. */
int registry_add(const char *path, const char *public_z85,
		 const char *principal, struct error *err);
/* All keys of a principal, or the one of a fingerprint. How many, -1: failed.
 */
int registry_drop(const char *path, const char *what, struct error *err);

#endif
