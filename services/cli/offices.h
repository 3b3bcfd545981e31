/* offices.h -- the codes of the offices in a units.csv. */
#ifndef SUYUAN_CLI_OFFICES_H
#define SUYUAN_CLI_OFFICES_H

#include "arena.h"
#include "error.h"

struct offices {
	struct arena arena;
	const char **codes;
	size_t n, cap;
};

/* Units of level office; at least one. */
int offices_load(struct offices *o, const char *path, struct error *err);
void offices_close(struct offices *o);

#endif
