/* sla.c -- see sla.h. */
#include "clock/sla.h"

struct sla_result sla_elapsed(int64_t start_us, int64_t stop_us,
			      int64_t limit_us, int64_t now_us)
{
	struct sla_result res = { .state = SLA_NONE };

	if (start_us == 0)
		return res;
	res.due_us = start_us + limit_us;
	if (stop_us != 0) {
		res.state = stop_us <= res.due_us ? SLA_MET : SLA_BREACHED;
	} else if (now_us > res.due_us) {
		res.state = SLA_BREACHED;
	} else {
		res.state = SLA_RUNNING;
		res.remaining_us = res.due_us - now_us;
	}
	return res;
}
