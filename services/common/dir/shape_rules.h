/* shape_rules.h -- between shape_policy.c and the rules that have files of
 * their own. As in shape.h. */
#ifndef SUYUAN_DIR_SHAPE_RULES_H
#define SUYUAN_DIR_SHAPE_RULES_H

#include "dir/shape.h"

/* Ten years. */
#define DAYS_MAX 3650
#define MINUTES_MAX (DAYS_MAX * 24 * 60)

/* A match of nothing is none: *out_r is NULL. */
int normal_match(struct arena *arena, struct shape_fault *r, const char *field,
		 const Sy__V1__PolicyMatch *in, Sy__V1__PolicyMatch **out_r);
/* shape_lookup.c */
Sy__V1__LookupRule *normal_lookup(struct arena *arena,
				  const Sy__V1__LookupRule *in,
				  struct shape_fault *r);
/* shape_reaction.c */
Sy__V1__ReactionRule *normal_reaction(struct arena *arena,
				      const Sy__V1__ReactionRule *in,
				      struct shape_fault *r);

#endif
