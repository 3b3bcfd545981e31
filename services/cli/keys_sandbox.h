/* keys_sandbox.h -- principals whose publications are tried out: they may
 * publish, everything is judged, nothing takes effect. */
#ifndef SUYUAN_CLI_KEYS_SANDBOX_H
#define SUYUAN_CLI_KEYS_SANDBOX_H

#include "cli.h"

/* Each name is a sandbox in the directory then, below unit (NULL: sees all).
 * One that is something else already stays so: -1. */
int keys_sandbox_prepare(struct cli *cli, char **names, int n, const char *unit,
			 struct error *err);

#endif
