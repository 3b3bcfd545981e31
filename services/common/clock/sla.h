/* sla.h -- clocks of a case: pure functions of what happened and of the policy
 * of the day. Now: elapsed time; working time comes with calendars (D6). */
#ifndef SUYUAN_SLA_H
#define SUYUAN_SLA_H

#include <stdint.h>

enum sla_state { SLA_NONE, SLA_RUNNING, SLA_MET, SLA_BREACHED };

struct sla_result {
	enum sla_state state;
	int64_t due_us;       /* 0 for SLA_NONE */
	int64_t remaining_us; /* while running; 0 otherwise */
};

/* A clock that starts at start_us (0: never started -> SLA_NONE) and must be
 * stopped within limit_us. stop_us: when it was stopped, 0 = not yet. Stopped
 * exactly at the due time is met. now_us decides running against breached:
 * breached when now_us > due. */
struct sla_result sla_elapsed(int64_t start_us, int64_t stop_us,
			      int64_t limit_us, int64_t now_us);

#endif
