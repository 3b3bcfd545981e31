/* codes.c -- the codes of a case against the directory, and how far a grant
 * reaches.
 */
#include <string.h>

#include "complaints.h"
#include "timeutil.h"

/* A unit's zone needs a day to be found, and the day needs the zone: no zone is
 * more than a day off. */
const struct replica_unit *unit_at(const struct replica *r, const char *code,
				   int64_t us, int32_t *day_r)
{
	int32_t utc_day = (int32_t)(us / US_PER_DAY);

	for (int32_t near = utc_day - 1; near <= utc_day + 1; near++) {
		const struct replica_unit *unit = replica_unit(r, code, near);

		if (unit == NULL)
			continue;
		*day_r = zone_local_day(unit->zone, us);
		unit = replica_unit(r, code, *day_r);
		if (unit != NULL)
			return unit;
	}
	return NULL;
}

static bool code_known(const struct replica *r, int i, const char *code,
		       int32_t day)
{
	switch ((enum appeal_code)i) {
	case CODE_UNIT:
	case CODE_INTAKE_UNIT:
		return replica_unit(r, code, day) != NULL;
	case CODE_DEPARTMENT:
		return replica_department(r, code, day);
	case CODE_KIND:
	case CODE_CHANNEL:
	case CODE_TOPIC:
	case CODE_ELEMENT:
	case CODE_PRODUCT:
	case CODE_SEGMENT:
	case CODE_NR:
		break;
	}
	return replica_term(r, code_names[i], code, day) != NULL;
}

enum appeal_code codes_unknown(const struct replica *r,
			       const char *const code[CODE_NR], int32_t day)
{
	int i = 0;

	while (i < CODE_NR &&
	       (code[i][0] == '\0' || code_known(r, i, code[i], day)))
		i++;
	return (enum appeal_code)i;
}

bool grant_reaches(const struct replica *replica, const struct bus_grant *grant,
		   const char *principal, const char *source,
		   const struct appeal_facts *facts)
{
	if (grant->unit[0] == '\0' || strcmp(principal, source) == 0)
		return true;
	/* pending: nobody but its source knows whose it will be */
	return facts->registered_at_us != 0 &&
	       replica_in_subtree(replica, facts->code[CODE_UNIT], grant->unit,
				  facts->registered_day);
}

static void confirmed_cb(bool ok, void *arg)
{
	struct complaints *svc = arg;

	if (svc->bus != NULL)
		bus_directory_confirmed(svc->bus, ok);
}

void complaints_confirm(void *arg)
{
	struct complaints *svc = arg;

	replica_confirm(svc->replica, CONFIRM_MS, confirmed_cb, svc);
}
