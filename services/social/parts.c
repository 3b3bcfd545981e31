/* parts.c -- what the service is made of. They read, decide and write in this
 * order: who follows mentions comes after them.
 */
#include "clusters.h"
#include "feeds.h"
#include "mentions.h"
#include "models.h"
#include "press.h"
#include "warnings.h"
#include "watches.h"

const struct part *const social_parts[] = {
	&mentions_part, &clusters_part, &reactions_part,
	&press_part,    &warn_part,     &feeds_part,
	&watches_part,  &models_part,   NULL
};
