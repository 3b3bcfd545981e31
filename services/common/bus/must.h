/* must.h -- memory that must be there: like the arena, the dialling side ends
 * the process when memory is out, a crash that the logs survive. */
#ifndef SUYUAN_BUS_MUST_H
#define SUYUAN_BUS_MUST_H

#include <stdlib.h>

static inline void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		abort();
	return p;
}

static inline void *must_realloc(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (!p)
		abort();
	return p;
}

#endif
