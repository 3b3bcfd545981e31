/* upkeep.h -- what goes on beside the messages: partitions for the days ahead,
 * the end of what was kept long enough, the fold of the counts.
 */
#ifndef SUYUAN_SOCIAL_UPKEEP_H
#define SUYUAN_SOCIAL_UPKEEP_H

#include "social.h"

/* ready_cb is called once the days ahead have their partitions. */
int upkeep_open(struct upkeep **u_r, struct social *svc,
		void (*ready_cb)(void *arg), struct error *err);
bool upkeep_ready(const struct upkeep *u);
void upkeep_close(struct upkeep **u); /* NULL does nothing */

#endif
