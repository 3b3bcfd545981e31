/* mapping_identity.h -- records that speak our language already. */
#ifndef SUYUAN_CLI_MAPPING_IDENTITY_H
#define SUYUAN_CLI_MAPPING_IDENTITY_H

#include "mapping_internal.h"

int identity_bind(struct mapping *m, const struct records *records,
		  struct error *err);
int identity_apply(struct mapping *m, const struct record *record,
		   struct arena *arena, struct mapped_event *event_r,
		   struct problem *problem);

#endif
