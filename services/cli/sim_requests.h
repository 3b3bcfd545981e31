/* sim_requests.h -- a simulated appeal's facts as requests. */
#ifndef SUYUAN_CLI_SIM_REQUESTS_H
#define SUYUAN_CLI_SIM_REQUESTS_H

#include "offices.h"
#include "pump.h"
#include "sim.h"
#include "suyuan/v1/complaints.pb-c.h"

struct sim_requests {
	struct offices offices;
	int64_t from_us; /* beginning of the window */
	uint64_t seed;
	/* Of the event made last. */
	char external_id[64], phone[24], name[64], text[160];
	Sy__V1__AppealRef ref;
	Sy__V1__Person person;
	union {
		Sy__V1__RegisterAppealRequest registered;
		Sy__V1__ClassifyAppealRequest classified;
		Sy__V1__AnswerAppealRequest answered;
		Sy__V1__ResolveAppealRequest resolved;
		Sy__V1__CloseAppealRequest closed;
	} request;
};

void sim_requests_init(struct sim_requests *r);
void sim_requests_close(struct sim_requests *r);

/* The event lives until the next call. Its external id names seed and window,
 * so that two simulations do not meet. */
void sim_request(struct sim_requests *r, enum sim_type type, uint64_t i,
		 const struct sim_appeal *a, struct pump_event *event_r);

#endif
