/* replica.h -- this service's own copy of the directory: local tables
 * (migration component "directory_replica"), fed by the directory's log from
 * offset 0, and the same in memory for checks at intake. Directory first: ready
 * only when the whole log was applied once. */
#ifndef SUYUAN_REPLICA_H
#define SUYUAN_REPLICA_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/consumer.h"
#include "bus/grant.h"
#include "clock/calendar.h"
#include "clock/zone.h"
#include "suyuan/v1/directory.pb-c.h"

struct replica;

struct replica_options {
	uv_loop_t *loop;
	const char *endpoint; /* of the directory */
	const char *server_key;
	const struct bus_key *key;
	const char *service; /* consumer name */
	const char *db_url;
	const char *schema;
	void (*ready_cb)(
		void *arg); /* once, when first caught up; may be NULL */
	void *arg;
};

/* Loads what the local tables hold (blocking, before the loop runs), then
 * follows. */
int replica_open(struct replica **r_r, const struct replica_options *options,
		 struct error *err);
bool replica_ready(const struct replica *r, const char **why_r);
uint64_t replica_revision(const struct replica *r);
void replica_confirm(struct replica *r, int timeout_ms,
		     void (*cb)(bool ok, void *arg), void *arg);
/* Gives the lease back and closes, while the loop runs on. What is being
 * confirmed is forgotten, its cb not called. NULL does nothing. */
void replica_close(struct replica **r);

/* Look-ups by code and local day; NULL: not known or not valid that day. The
 * pointers live until the loop next runs. */
struct replica_unit {
	const char *code;
	const char *parent; /* "" = root */
	const struct zone
		*zone; /* its own or the nearest ancestor's, else UTC */
	int32_t valid_from_day, valid_to_day; /* [from, to); to 0 = open */
};
const struct replica_unit *replica_unit(const struct replica *r,
					const char *code, int32_t day);
/* Where a unit lies: as replica_unit, but one that has ended lies where it lay
 * last, so that what happened at it has an owner, a zone and a calendar ever
 * after. What asks for the tree (replica_in_subtree, the table dir_unit_path)
 * goes by this; what asks whether there is such a unit, by replica_unit. NULL:
 * not yet, or never. */
const struct replica_unit *replica_unit_place(const struct replica *r,
					      const char *code, int32_t day);
/* The day of that time at the unit, ended or not; in UTC if it is not known. */
int32_t replica_local_day(const struct replica *r, const char *code,
			  int64_t us);
/* Known at all, whatever the day. */
bool replica_unit_known(const struct replica *r, const char *code);
/* True if unit lies in the subtree of root on that day; root "" = everything.
 */
bool replica_in_subtree(const struct replica *r, const char *unit,
			const char *root, int32_t day);
/* class of the term ("" if it has none), NULL: not valid. */
const char *replica_term(const struct replica *r, const char *taxonomy,
			 const char *code, int32_t day);
bool replica_department(const struct replica *r, const char *code, int32_t day);

/* --- policies and calendars: immutable until the loop next runs. --- */

/* The unit's calendar on that day, or the nearest ancestor's; NULL: none. */
const struct calendar *replica_unit_calendar(const struct replica *r,
					     const char *unit, int32_t day);
/* NULL: not known. */
const struct calendar *replica_calendar(const struct replica *r,
					const char *code);

/* Codes of a case, "" = not known; what a policy's match is held against. */
struct policy_case {
	const char *kind, *channel, *topic, *segment, *unit, *product;
};
/* Calls each_cb for every policy of that kind that is valid on the day and
 * matches, by descending order, of the same order those first that name more of
 * the case, then by code, until it answers false. policy lives until the loop
 * next runs. */
void replica_policies(const struct replica *r, Sy__V1__Policy__RuleCase kind,
		      int32_t day, const struct policy_case *of,
		      bool (*each_cb)(const Sy__V1__Policy *policy, void *arg),
		      void *arg);
/* A policy as it would be on every day; ended: as if there were none of its
 * code. */
struct policy_if {
	const Sy__V1__Policy *policy;
	bool ended;
};
/* The same of the kind of that policy, as if it held. */
void replica_policies_if(struct replica *r, const struct policy_if *what,
			 int32_t day, const struct policy_case *of,
			 bool (*each_cb)(const Sy__V1__Policy *policy,
					 void *arg),
			 void *arg);
/* Valid on that day, whatever its match; NULL: none. */
const Sy__V1__Policy *replica_policy(const struct replica *r, const char *code,
				     int32_t day);
/* A bus_grant_fn; arg is the replica. */
bool replica_grant(void *arg, const char *principal, struct bus_grant *grant_r);
/* An actor_key_fn; arg is the replica. */
const uint8_t *replica_actor_key(void *arg, const char *key_id);

#endif
