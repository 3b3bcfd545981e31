/* conf.h -- configuration is a table over environment variables, checked as a
 * whole. Each NAME may come as NAME_FILE (a secret: the file's content, one
 * trailing newline dropped). An unknown SUYUAN_* variable is an error. */
#ifndef SUYUAN_CONF_H
#define SUYUAN_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum conf_type { CONF_STRING, CONF_INT };

struct conf_entry {
	const char *name; /* SUYUAN_..., NULL ends a table */
	enum conf_type type;
	size_t offset;        /* of char * (owned) or int64_t in the struct */
	const char *fallback; /* NULL: required */
	int64_t min, max;     /* CONF_INT: inclusive */
	const char *help;     /* one sentence, unit included */
};

/* Fills the struct at base from several tables (a NULL-terminated array of
 * pointers, e.g. the common table and the service's own, both with offsets
 * into the same struct). All problems are collected into err. */
int conf_load(const struct conf_entry *const *tables, void *base,
	      struct error *err);

/* The bytes that a secret's hex digits say; err names the variable. */
int conf_key(const char *variable, const char *hex, uint8_t *key_r,
	     size_t bytes, struct error *err);

/* Frees the strings. */
void conf_unload(const struct conf_entry *const *tables, void *base);

#endif
