/* replica_mem.h -- the directory in memory: versions by code. A put that is
 * older than what is known of the same version changes nothing, so that the log
 * and the tables may be read in any order. */
#ifndef SUYUAN_REPLICA_MEM_H
#define SUYUAN_REPLICA_MEM_H

#include "dir/replica.h"

struct mem_entry;
struct mem_principal;
struct mem_key;
struct mem_policies;
struct mem_calendar;

/* Of a public key for Ed25519. */
#define SIGNING_KEY_BYTES 32

struct replica_mem {
	struct mem_entry *units, *departments, *terms;
	struct mem_principal *principals;
	struct mem_key *keys;
	struct mem_policies *policies; /* NULL: none yet */
	struct mem_calendar *calendars;
	uint64_t revision; /* all changes up to here are in */
};

/* One version; until_day 0 = open. What does not apply is "". */
struct mem_version {
	const char *code;
	int32_t from_day, until_day;
	const char *parent;
	const char *zone, *calendar; /* units */
	const char *class;           /* terms */
	uint64_t revision;
};
void mem_put_unit(struct replica_mem *m, const struct mem_version *v);
void mem_put_department(struct replica_mem *m, const struct mem_version *v);
void mem_put_term(struct replica_mem *m, const char *taxonomy,
		  const struct mem_version *v);
/* roles of enum bus_role; streams divided by commas, * = all. */
void mem_put_principal(struct replica_mem *m, const char *name, uint32_t roles,
		       const char *streams, const char *unit, bool revoked,
		       uint64_t revision);
/* len must be SIGNING_KEY_BYTES: a key of another kind is nobody's. */
void mem_put_signing_key(struct replica_mem *m, const char *key_id,
			 const uint8_t *public_key, size_t len, bool revoked,
			 uint64_t revision);
/* The packed message: as they come from the tables, and are packed from the
 * log. */
void mem_put_policy(struct replica_mem *m, const uint8_t *body, size_t len,
		    uint64_t revision);
void mem_put_calendar(struct replica_mem *m, const uint8_t *body, size_t len,
		      uint64_t revision);
void mem_put_calendar_day(struct replica_mem *m, const uint8_t *body,
			  size_t len, uint64_t revision);
void mem_free(struct replica_mem *m);
/* Parts of mem_free: mem_policies.c, mem_calendars.c. */
void mem_free_policies(struct replica_mem *m);
void mem_free_calendars(struct replica_mem *m);

/* As in replica.h. */
const struct replica_unit *mem_unit(const struct replica_mem *m,
				    const char *code, int32_t day);
const struct replica_unit *mem_unit_place(const struct replica_mem *m,
					  const char *code, int32_t day);
bool mem_unit_known(const struct replica_mem *m, const char *code);
bool mem_in_subtree(const struct replica_mem *m, const char *unit,
		    const char *root, int32_t day);
const char *mem_term(const struct replica_mem *m, const char *taxonomy,
		     const char *code, int32_t day);
/* Code of the parent as of mem_unit_place, "" = root; NULL: it has none yet. */
const char *mem_unit_parent(const struct replica_mem *m, const char *code,
			    int32_t day);
/* "" = root; NULL: not valid that day. */
const char *mem_term_parent(const struct replica_mem *m, const char *taxonomy,
			    const char *code, int32_t day);
bool mem_department(const struct replica_mem *m, const char *code, int32_t day);
bool mem_grant(const struct replica_mem *m, const char *principal,
	       struct bus_grant *grant_r);
const struct calendar *mem_unit_calendar(const struct replica_mem *m,
					 const char *unit, int32_t day);
const struct calendar *mem_calendar(const struct replica_mem *m,
				    const char *code);
void mem_policies(const struct replica_mem *m, Sy__V1__Policy__RuleCase kind,
		  int32_t day, const struct policy_case *of,
		  bool (*each_cb)(const Sy__V1__Policy *policy, void *arg),
		  void *arg);
void mem_policies_if(struct replica_mem *m, const struct policy_if *what,
		     int32_t day, const struct policy_case *of,
		     bool (*each_cb)(const Sy__V1__Policy *policy, void *arg),
		     void *arg);
const Sy__V1__Policy *mem_policy(const struct replica_mem *m, const char *code,
				 int32_t day);
const uint8_t *mem_signing_key(const struct replica_mem *m, const char *key_id);

/* What a replica (replica.h) looks up in; replica.c has it. */
struct replica;
struct replica_mem *replica_memory(const struct replica *r);

#endif
