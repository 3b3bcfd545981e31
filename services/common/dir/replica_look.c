/* replica_look.c -- the look-ups of replica.h, over what is in memory:
 * replica_mem.c, mem_policies.c, mem_calendars.c. */
#include "dir/replica.h"

#include "clock/zone.h"
#include "dir/replica_mem.h"
#include "timeutil.h"

const struct replica_unit *replica_unit(const struct replica *r,
					const char *code, int32_t day)
{
	return mem_unit(replica_memory(r), code, day);
}

const struct replica_unit *replica_unit_place(const struct replica *r,
					      const char *code, int32_t day)
{
	return mem_unit_place(replica_memory(r), code, day);
}

int32_t replica_local_day(const struct replica *r, const char *code, int64_t us)
{
	int32_t day = (int32_t)(us / US_PER_DAY);
	const struct replica_unit *u = replica_unit_place(r, code, day);

	return u ? zone_local_day(u->zone, us) : day;
}

bool replica_unit_known(const struct replica *r, const char *code)
{
	return mem_unit_known(replica_memory(r), code);
}

bool replica_in_subtree(const struct replica *r, const char *unit,
			const char *root, int32_t day)
{
	return mem_in_subtree(replica_memory(r), unit, root, day);
}

const char *replica_term(const struct replica *r, const char *taxonomy,
			 const char *code, int32_t day)
{
	return mem_term(replica_memory(r), taxonomy, code, day);
}

bool replica_department(const struct replica *r, const char *code, int32_t day)
{
	return mem_department(replica_memory(r), code, day);
}

const struct calendar *replica_unit_calendar(const struct replica *r,
					     const char *unit, int32_t day)
{
	return mem_unit_calendar(replica_memory(r), unit, day);
}

const struct calendar *replica_calendar(const struct replica *r,
					const char *code)
{
	return mem_calendar(replica_memory(r), code);
}

void replica_policies(const struct replica *r, Sy__V1__Policy__RuleCase kind,
		      int32_t day, const struct policy_case *of,
		      bool (*each_cb)(const Sy__V1__Policy *policy, void *arg),
		      void *arg)
{
	mem_policies(replica_memory(r), kind, day, of, each_cb, arg);
}

void replica_policies_if(struct replica *r, const struct policy_if *what,
			 int32_t day, const struct policy_case *of,
			 bool (*each_cb)(const Sy__V1__Policy *policy,
					 void *arg),
			 void *arg)
{
	mem_policies_if(replica_memory(r), what, day, of, each_cb, arg);
}

const Sy__V1__Policy *replica_policy(const struct replica *r, const char *code,
				     int32_t day)
{
	return mem_policy(replica_memory(r), code, day);
}

bool replica_grant(void *arg, const char *principal, struct bus_grant *grant_r)
{
	const struct replica *r = arg;

	return mem_grant(replica_memory(r), principal, grant_r);
}

const uint8_t *replica_actor_key(void *arg, const char *key_id)
{
	const struct replica *r = arg;

	return mem_signing_key(replica_memory(r), key_id);
}
