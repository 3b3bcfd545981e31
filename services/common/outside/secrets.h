/* secrets.h -- what a service says to others to be let in: files of the
 * deployment, named by records that hold no secret themselves. And the URLs
 * beside them, which must not hold one either. */
#ifndef SUYUAN_OUTSIDE_SECRETS_H
#define SUYUAN_OUTSIDE_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

/* Name of a file in the folder of secrets, not a path. */
bool secret_name_acceptable(const char *name);
/* Of an endpoint or a mailbox: lower-case letters, digits, '-', '_', '.'. */
bool outside_name_acceptable(const char *name);
/* The content of a file in a folder of secrets without the newline at its
 * end; NULL: there is none. Caller frees. */
char *outside_secret(const char *dir, const char *name, size_t *len_r);
/* Scheme is one of a NULL-terminated list, there is a host and no password. */
bool outside_url_acceptable(const char *url, const char *const *schemes);

#endif
