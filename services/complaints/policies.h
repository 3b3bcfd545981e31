/* policies.h -- what the directory's policies say of a case. */
#ifndef SUYUAN_POLICIES_H
#define SUYUAN_POLICIES_H

#include "clocks.h"

struct clock_source policies_clocks(const struct replica *replica);
/* The same as if a clock's policy were otherwise; lives as long as a. */
struct policies_if {
	struct replica *replica;
	struct policy_if what;
};
struct clock_source policies_clocks_if(const struct policies_if *a);
/* Is the policy, as it would be, one of those for the case? */
bool policies_match_if(const struct policies_if *a,
		       const struct appeal_facts *facts, int32_t day);
/* The rule of that policy on that day; NULL: none. */
const Sy__V1__ClockRule *policies_clock(const struct replica *replica,
					const char *policy, int32_t day);
/* The first policy of that kind for the case; named: of that clock, or for that
 * remedy, or else for all remedies. NULL: none. */
const Sy__V1__Policy *policies_first(const struct replica *replica,
				     Sy__V1__Policy__RuleCase kind, int32_t day,
				     const struct appeal_facts *facts,
				     const char *named);
/* Each look-up for the case that is there on that day, in its order, until
 * each_cb answers false. */
void policies_lookups(const struct replica *replica, int32_t day,
		      const struct appeal_facts *facts,
		      bool (*each_cb)(const Sy__V1__Policy *policy, void *arg),
		      void *arg);
/* By when a task of the unit is due; 0: no policy says. */
int64_t policies_task_due(const struct replica *replica,
			  const struct appeal_facts *facts, int32_t day,
			  const char *unit, int64_t opened_us);
/* The end of the local day so many days after. */
int64_t policies_end_of_day(const struct replica *replica,
			    const struct appeal_facts *facts, int64_t us,
			    uint32_t days);

#endif
