/* complaints.h -- the complaints service: what customers say, from the first
 * word to the closing.
 *
 * A case is the fold of its facts in the order in which they happened; facts
 * may arrive late and in any order. rules.c and check.c are pure, facts.c keeps
 * the cases of one batch, decide.c judges, store.c reads and writes.
 */
#ifndef SUYUAN_COMPLAINTS_H
#define SUYUAN_COMPLAINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uthash.h>

#include "bus/server.h"
#include "dir/replica.h"
#include "mail.h"
#include "service.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "uuid.h"

/* --- rules.c: the life of a case --- */

/* In the order of the life: what happened at the same instant is taken so. */
enum fact_type {
	FACT_REGISTER,
	FACT_CLASSIFY,
	FACT_ANSWER,
	FACT_RESOLVE,
	FACT_CLOSE,
	FACT_NR,
};

enum appeal_code {
	CODE_KIND,
	CODE_CHANNEL,
	CODE_TOPIC,
	CODE_ELEMENT,
	CODE_PRODUCT,
	CODE_SEGMENT,
	CODE_UNIT,
	CODE_INTAKE_UNIT,
	CODE_DEPARTMENT,
	CODE_NR,
};

enum fact_fit {
	FIT_TAKEN,   /* it has its effect */
	FIT_WAITS,   /* for another fact; no effect yet */
	FIT_REFUSED, /* the life of the case has no place for it */
};

struct appeal_fact {
	enum fact_type type;
	int n; /* order of acceptance, from 0 */
	int64_t occurred_at_us;
	const char *source;
	uint8_t body_hash[16];
	const char *code[CODE_NR]; /* "" = not said; never NULL */
	const char *text;          /* personal; NULL once stored */
	/* Set by appeal_fold. Refused is for good: folds pass over it. */
	enum fact_fit fit;
	const char *why; /* FIT_REFUSED, FIT_WAITS: a sentence */
};

/* What may be counted of a case; times in us, 0 = not yet. */
struct appeal_facts {
	Sy__V1__AppealState state;
	const char *code[CODE_NR]; /* never NULL */
	int64_t registered_at_us;
	int32_t registered_day; /* not set by appeal_fold */
	int64_t first_answer_at_us;
	Sy__V1__ClockState first_response; /* set by appeal_clock */
	int64_t first_response_due_us;     /* likewise */
	int64_t resolved_at_us;
	int64_t closed_at_us;
};

struct transition {
	Sy__V1__AppealState from;
	enum fact_type fact;
	enum fact_fit fit;
	Sy__V1__AppealState to;
	const char *sentence;
};
extern const struct transition transitions[];
extern const size_t transitions_nr;

/* A case may hold this many facts: each one folds all others again. */
#define CASE_FACTS_MAX 1000

extern const char *const code_names[CODE_NR]; /* as in the .proto */

/* Folds the n facts of a case in the order of their happening; sets fit and why
 * of each. State PENDING: none of them is a registration, and nothing has an
 * effect. order is room for n pointers. */
void appeal_fold(struct appeal_fact *facts, size_t n,
		 struct appeal_fact **order, struct appeal_facts *after_r);

struct clock_policy {
	int32_t valid_from_day;
	int64_t limit_us;
};
/* Ascending by valid_from_day. */
struct clock_policies {
	struct clock_policy *rows;
	size_t n;
};

/* The first-response clock of a folded case: runs from the registration, stops
 * at the first answer, within the limit of the policy of registered_day. */
void appeal_clock(struct appeal_facts *facts,
		  const struct clock_policies *policies, int64_t now_us);

/* --- check.c: the fields of a request, before any look-up --- */

#define EXTERNAL_ID_MAX 128
#define CODE_MAX 64
#define PERSON_FIELD_MAX 512
#define TEXT_MAX 65536

struct problem {
	Sy__V1__ErrorCode code;
	const char *field;
	const char *text; /* a sentence, without values */
};

/* What an item asks for, in the shape that all five facts share. */
struct asked {
	struct appeal_fact fact; /* n, fit and source are not set */
	int64_t said_us;         /* occurred_at, 0 = not said */
	const Sy__V1__AppealRef *ref;
	const char *external_id; /* FACT_REGISTER */
	const Sy__V1__Person *person;
	const char *text;
};

/* Reads a request message of one of the five types. envelope_us is taken where
 * the request has no time of its own, now_us where neither has. */
void asked_read(struct asked *asked_r, enum fact_type type,
		const ProtobufCMessage *request, int64_t envelope_us,
		int64_t now_us);
/* True: all fields are well-formed. timed: a missing time is an error. */
bool asked_check(const struct asked *asked, bool timed, int64_t now_us,
		 struct problem *problem_r);
bool ref_check(const Sy__V1__AppealRef *ref, struct problem *problem_r);

/* The phone's digits, or the e-mail in lower case: what makes two appeals those
 * of one customer. Returns its length, 0: neither is known. */
#define CONTACT_MAX (PERSON_FIELD_MAX + 8)
size_t contact_normalise(const Sy__V1__Person *person, char out[CONTACT_MAX]);

/* --- facts.c: the cases of one batch --- */

struct appeal_case {
	uint8_t id[UUID_BYTES];
	char id_text[UUID_TEXT_MAX];
	const char *source;
	const char *external_id;
	uint64_t revision_read; /* 0: not stored yet */
	uint64_t revision;
	struct appeal_facts now; /* as the last event said */
	struct appeal_facts read;
	struct appeal_fact *facts; /* by n */
	size_t facts_nr, facts_cap;
	size_t facts_stored; /* this many were read */
	bool *refused_now; /* by n: stored facts that a registration refused */
	bool has_subject;
	uint8_t subject[32];
	const Sy__V1__Person *person; /* of a registration in this batch */
	bool timer_stale;             /* a timer that stopped long ago */
	const void *key;
	size_t key_len;
	UT_hash_handle hh_key, hh_id;
	struct appeal_case *next; /* in order of appearance */
};

struct cases {
	struct arena *arena;
	struct appeal_case *by_key, *by_id; /* during decide only */
	struct appeal_case *first, **last;
	struct outgoing_note *notes;
};

/* Which case an item points at, by one of the two; the other is NULL, and both
 * are where the item is malformed. */
void item_points_at(const struct bus_item *item, const char **external_id_r,
		    const char **appeal_id_r);
void cases_open(struct cases *cases, struct arena *arena);
/* Frees the hash tables; the cases stay in the arena. */
void cases_close_index(struct cases *cases);
struct appeal_case *cases_find_key(const struct cases *cases,
				   const char *source, const char *external_id);
struct appeal_case *cases_find_id(const struct cases *cases,
				  const uint8_t id[UUID_BYTES]);
/* Strings are not copied. */
struct appeal_case *cases_add(struct cases *cases, const uint8_t id[UUID_BYTES],
			      const char *source, const char *external_id);
/* Room for one more fact, zeroed, not counted yet. */
struct appeal_fact *case_fact_room(struct cases *cases, struct appeal_case *c);
bool case_registered(const struct appeal_case *c);
void facts_to_proto(const struct appeal_facts *facts, Sy__V1__AppealFacts *out);
extern const char *const fact_names[FACT_NR];  /* of the methods */
extern const char *const fact_events[FACT_NR]; /* of the log's types */

/* --- the service --- */

struct complaints_conf {
	struct service_conf common; /* first */
	char *subject_key;          /* SUYUAN_SUBJECT_KEY: 64 hex digits */
	struct bus_log_conf log;
	struct mail_conf mail;
};
extern const struct conf_entry *const complaints_conf_tables[];

struct timers;

struct complaints {
	struct complaints_conf conf;
	struct service service;
	struct replica *replica;
	struct bus_server *bus;
	struct timers *timers;
	struct transfers *transfers;
	struct outgoing *outgoing;
	struct intake_mail *intake_mail;
	struct mail_from mail_from;
	struct clock_policies policies;
	bool started;
	uint8_t subject_key[32];
	uint8_t hash_key[32]; /* for body hashes, derived */
};

/* keyed.c. 0, or -1: the subject key is not 64 hex digits. */
int complaints_keys(struct complaints *svc, struct error *err);
/* Of the body without what points at the case and without its time: these are
 * compared by themselves. */
void body_hash(const struct complaints *svc, struct arena *arena,
	       struct asked *asked, const ProtobufCMessage *request);
/* The pseudonym of c->person. */
void subject_make(const struct complaints *svc, struct appeal_case *c);

/* handlers.c: the dispatch table, ended by a row without a name; the rows of
 * the five facts come first, in the order of enum fact_type. */
enum { METHOD_CLOCK_DUE = FACT_NR };
extern const struct bus_method complaints_methods[];

/* decide.c */
enum bus_decision complaints_decide(void *svc, struct bus_batch *batch,
				    const struct db_result *res, int first,
				    bool directory_fresh);

/* codes.c. The unit at its own local day of the instant, NULL: not valid then.
 */
const struct replica_unit *unit_at(const struct replica *replica,
				   const char *code, int64_t us,
				   int32_t *day_r);
/* The first that the directory does not have on that day, CODE_NR: none. */
enum appeal_code codes_unknown(const struct replica *replica,
			       const char *const code[CODE_NR], int32_t day);
/* bus_domain.confirm_directory */
void complaints_confirm(void *svc);
/* True: the grant reaches this case. */
bool grant_reaches(const struct replica *replica, const struct bus_grant *grant,
		   const char *principal, const char *source,
		   const struct appeal_facts *facts);

/* --- store.c --- */

enum complaints_sql {
	SQL_READ,
	SQL_CLAIM,
	SQL_INSERT,
	SQL_UPDATE,
	SQL_FACTS,
	SQL_FACTS_REFUSED,
	SQL_PERSONS,
	SQL_TEXTS,
	SQL_TIMERS_PUT,
	SQL_TIMERS_DROP,
	SQL_GET,
	SQL_GET_TIMELINE,
	SQL_LIST_ALL,
	SQL_LIST_SUBTREE,
	SQL_LIST_WAITING_ALL,
	SQL_LIST_WAITING_SUBTREE,
	SQL_CLOCK_NOW,
	SQL_TIMERS_DUE,
	SQL_POLICIES,
	SQL_NR,
	/* On the bus's connections those of other files follow. */
	SQL_MAIL = SQL_NR,
	SQL_ALL_NR = SQL_MAIL + MAIL_SQL_NR,
};
extern const struct db_statement complaints_sql[SQL_NR];

#define FIRST_RESPONSE "first_response"

void complaints_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
/* The cases that read found. */
void store_cases(struct cases *cases, const struct db_result *res, int first);
/* write.c */
void complaints_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe);

/* Columns of SQL_GET and the lists: appeal_id, source, external_id, revision,
 * then what this reads, from column STORE_FACTS_COL on. Strings live in res. */
#define STORE_FACTS_COL 4
#define STORE_FACTS_COLS (1 + CODE_NR + 7)
void store_facts(const struct db_result *res, int statement, int row, int col,
		 struct appeal_facts *facts_r);

/* --- timers.c --- */

/* ready_cb is called when the policies were read, so that clocks can be judged.
 */
int timers_open(struct timers **t_r, struct complaints *svc,
		void (*ready_cb)(void *arg), struct error *err);
bool timers_ready(const struct timers *t);
void timers_close(struct timers **t);

#endif
