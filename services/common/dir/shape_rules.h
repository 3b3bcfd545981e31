/* shape_rules.h -- between shape_policy.c and the rules that have files of
 * their own. As in shape.h. */
#ifndef SUYUAN_DIR_SHAPE_RULES_H
#define SUYUAN_DIR_SHAPE_RULES_H

#include "dir/shape.h"

/* A match of nothing is none: *out_r is NULL. */
int normal_match(struct arena *arena, struct shape_fault *r, const char *field,
		 const Sy__V1__PolicyMatch *in, Sy__V1__PolicyMatch **out_r);
/* shape_lookup.c */
Sy__V1__LookupRule *normal_lookup(struct arena *arena,
				  const Sy__V1__LookupRule *in,
				  struct shape_fault *r);

#endif
