/* clocks.h -- the clocks of a case (C5): which there are is chosen by its codes
 * among the policies of the day, how they stand follows from its facts. Pure:
 * policies are asked for through functions, time is passed in.
 *
 * Which policy, which version, which calendar
 *  - Policies of the day of the registration are chosen from, by the codes of
 *    the case; of several with the same clock the first that the directory
 *    names (the highest order).
 *  - The version of that policy, and the calendar, are those of the local day
 *    on which the clock started: for one that was restarted, of that day. If
 *    the policy has ended by then, the version of the registration's day holds.
 *    So a new version never changes a clock that has started.
 *  - Other codes choose anew, for clocks that had not stopped when the codes
 *    changed; those that had stay as they are.
 *  - A version or a calendar that is corrected in place holds for clocks that
 *    run; what had stopped before the newest fact stays as it was judged.
 *  - A clock of a row from before there were policies, which none of them takes
 *    over, keeps its due time.
 *
 * What stops and restarts
 *  - Its own moment; and every clock stops when the case is closed. When it is
 *    withdrawn or merged, a clock that was not breached by then comes to
 *    nothing: CLOCK_NONE, neither met nor breached.
 *  - A reopening restarts, anew, the clocks that had stopped at a resolution or
 *    later, and what only the withdrawal had stopped.
 */
#ifndef SUYUAN_CLOCKS_H
#define SUYUAN_CLOCKS_H

#include "clock/sla.h"
#include "complaints.h"

/* A case has no more; others are passed over. */
#define CASE_CLOCKS_MAX 16
/* Of sub-tasks (C8), not of the case. */
#define CLOCK_TASK "task"

struct clock_rule {
	const char *clock, *policy;
	Sy__V1__ClockMoment start, stop;
	struct sla_rule sla;
};

struct clock_source {
	/* The clocks of a case with the codes of facts on that day. */
	size_t (*choose)(void *arg, const struct appeal_facts *facts,
			 int32_t day,
			 struct clock_rule rules_r[CASE_CLOCKS_MAX]);
	/* The same rule in its version, and with the calendar, of that day. */
	void (*version)(void *arg, const struct appeal_facts *facts,
			int32_t day, struct clock_rule *rule);
	void *arg;
};

/* What was judged before, and from when on something is new: clocks that had
 * stopped earlier are kept. before NULL: nothing was. */
struct clocks_before {
	const struct appeal_facts *before;
	int64_t since_us;
};

/* Of the facts as appeal_fold has ordered and fitted them; after is what it
 * made of them, with registered_day. Sets clocks and the two fields of the
 * first response; next_due_us and wake_us are brought forward to theirs. */
void clocks_judge(const struct clock_source *source, struct arena *arena,
		  struct appeal_fact *const *order, size_t n,
		  struct clocks_before known, struct appeal_facts *after,
		  int64_t now_us);

#endif
