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
#include "lookup.h"
#include "mail.h"
#include "service.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "uuid.h"

/* --- rules.c: the life of a case --- */

/* As stored: appended to, never renumbered. */
enum fact_type {
	FACT_REGISTER,
	FACT_CLASSIFY,
	FACT_ANSWER,
	FACT_RESOLVE,
	FACT_CLOSE,
	FACT_ROUTE,
	FACT_INVESTIGATE,
	FACT_INFORM,
	FACT_REOPEN,
	FACT_WITHDRAW,
	FACT_ESCALATE,
	FACT_MERGE,
	FACT_NOTE,
	FACT_RATE,
	FACT_PAUSE_CLOCK,
	FACT_RESUME_CLOCK,
	FACT_EXTEND_CLOCK,
	FACT_MAKE_PROMISE,
	FACT_SETTLE_PROMISE,
	FACT_PROPOSE_REMEDY,
	FACT_DECIDE_REMEDY,
	FACT_OPEN_TASK,
	FACT_SETTLE_TASK,
	FACT_LINK,
	FACT_MARK_REPEAT,
	FACT_FLAG_RED_LINE,
	FACT_DECIDE_RED_LINE,
	FACT_ATTACH_FILE,
	FACT_KEEP_LOOKUP,
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
	/* What it says besides. NULL: nothing; never of ROUTE and what follows.
	 */
	const Sy__V1__AppealDetail *detail;
	const Sy__V1__AttachFileRequest *file; /* NULL once stored */
	const Sy__V1__LookupResult *lookup;    /* likewise */
	/* Set by appeal_fold. Refused is for good: folds pass over it. */
	enum fact_fit fit;
	const char *why; /* FIT_REFUSED, FIT_WAITS: a sentence */
};

/* What may be counted of a case; times in us, 0 = not yet. What a reopening
 * undoes is 0 again. */
struct appeal_facts {
	Sy__V1__AppealState state;
	const char *code[CODE_NR]; /* as all strings here: never NULL */
	int64_t registered_at_us;
	int32_t registered_day; /* not set by appeal_fold */
	int64_t first_answer_at_us;
	Sy__V1__ClockState first_response; /* set by clocks_judge */
	int64_t first_response_due_us;     /* likewise */
	int64_t resolved_at_us;
	int64_t closed_at_us;

	/* Kept packed in the row. */
	int64_t received_at_us;
	int64_t informed_at_us;
	int64_t last_resolved_at_us; /* whatever was reopened since */
	const char *handler;
	const char *merged_into, *repeat_of, *matter; /* appeal_id */
	const char *red_line;
	Sy__V1__EscalationLevel escalation;
	Sy__V1__RedLineOutcome red_line_outcome;
	uint32_t reopened;
	uint32_t promises_open, promises_kept, promises_broken;
	uint32_t tasks_open, attachments;
	uint32_t rating;
	bool green_channel;
	bool repeat_provisional; /* this and what follows: as of judged_us */
	Sy__V1__AppealClock **clocks;
	size_t clocks_nr;
	int64_t judged_us;
	int64_t next_due_us; /* of what runs, or is promised or to be done */
	int64_t wake_us;     /* when time changes it next */
};
void appeal_facts_init(struct appeal_facts *facts);
/* Closed, withdrawn or merged: nobody works on it. */
bool appeal_ended(Sy__V1__AppealState state);

struct transition {
	unsigned from; /* states, a bit each */
	enum fact_fit fit;
	Sy__V1__AppealState to; /* NONE: it stays */
	const char *sentence;
};
/* Rows a fact; what is left has no states. */
#define TRANSITIONS_MAX 12
extern const struct transition transitions[FACT_NR][TRANSITIONS_MAX];
/* from: PENDING or what comes after it. */
const struct transition *transition_find(Sy__V1__AppealState from,
					 enum fact_type fact);

/* A case may hold this many facts: each one folds all others again. */
#define CASE_FACTS_MAX 1000

extern const char *const code_names[CODE_NR]; /* as in the .proto */

/* Folds the n facts of a case in the order of their happening; sets fit and why
 * of each. State PENDING: none of them is a registration, and nothing has an
 * effect. order is room for n pointers, items was opened. */
struct case_items;
void appeal_fold(struct appeal_fact *facts, size_t n,
		 struct appeal_fact **order, struct case_items *items,
		 struct appeal_facts *after_r);

/* What a registration, a classification or a routing says of the codes. */
bool appeal_codes_changed_by(const struct appeal_fact *fact);
void appeal_codes_take(struct appeal_facts *after,
		       const struct appeal_fact *fact);

/* --- asked.c, check.c: the fields of a request, before any look-up --- */

#define EXTERNAL_ID_MAX 128
#define CODE_MAX 64
#define PERSON_FIELD_MAX 512
#define TEXT_MAX 65536

struct problem {
	Sy__V1__ErrorCode code;
	const char *field;
	const char *text; /* a sentence, without values */
};

/* What an item asks for, in the shape that all facts share. */
struct asked {
	struct appeal_fact fact; /* n, fit, source and detail are not set */
	int64_t said_us;         /* occurred_at, 0 = not said */
	int64_t received_us;     /* FACT_REGISTER, 0 = not said */
	const Sy__V1__AppealRef *ref;
	const char *external_id; /* FACT_REGISTER */
	const Sy__V1__Person *person;
	const char *text;
	const ProtobufCMessage *request;
};

/* Reads a request message of one of the types. envelope_us is taken where the
 * request has no time of its own, now_us where neither has. */
void asked_read(struct asked *asked_r, enum fact_type type,
		const ProtobufCMessage *request, int64_t envelope_us,
		int64_t now_us);
/* What the request says besides, field by field. NULL of the first five. */
Sy__V1__AppealDetail *asked_detail(struct arena *arena,
				   const struct asked *asked);
/* Its case is pointed at by a ref in field 1, its time is field 13. */
#define REQUEST_REF_FIELD 1
#define REQUEST_TIME_FIELD 13

/* True: all fields are well-formed. timed: a missing time is an error. */
bool asked_check(const struct asked *asked, bool timed, int64_t now_us,
		 struct problem *problem_r);
/* check_life.c: the fields that only one type has. */
bool asked_check_life(const struct asked *asked, struct problem *problem_r);
bool code_check(const char *code, const char *field, struct problem *problem_r);
/* May it be a parameter of a statement? */
bool time_is_storable(int64_t us);
bool ref_check(const Sy__V1__AppealRef *ref, struct problem *problem_r);

/* What makes two appeals those of one customer: a phone's digits, an e-mail or
 * a handle ("telegram:name") in lower case. Returns its length, 0: it is none.
 */
#define CONTACT_MAX (PERSON_FIELD_MAX + 8)
size_t contact_phone(const char *phone, char out[CONTACT_MAX]);
size_t contact_email(const char *email, char out[CONTACT_MAX]);
size_t contact_handle(const char *handle, char out[CONTACT_MAX]);
/* The first of these three that is known. */
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
	bool *refused_now;   /* by n: stored facts that were refused now */
	bool has_subject;
	uint8_t subject[32];
	bool erased;                  /* nothing personal is stored any more */
	const Sy__V1__Person *person; /* of a registration in this batch */
	bool relied_on;               /* another is judged by how it stands */
	bool timer_stale;             /* a timer that stopped long ago */
	bool folded;                  /* each fact's fit is known */
	const void *key;
	size_t key_len;
	UT_hash_handle hh_key, hh_id;
	struct appeal_case *next; /* in order of appearance */
};

struct cases {
	struct arena *arena;
	struct appeal_case *by_key, *by_id; /* during decide only */
	struct appeal_case *first, **last;
	struct subject_batch *subjects; /* subjects.h */
	struct outgoing_note *notes;
};

/* Which case an item points at, by one of the first two; the other is NULL, and
 * both are where the item is malformed. other_id: of a case that it names
 * besides, or NULL. */
struct points_at {
	const char *external_id, *appeal_id, *other_id;
};
struct points_at item_points_at(const struct bus_item *item);
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
/* What facts_to_proto says that has no column. */
void facts_more_to_proto(const struct appeal_facts *facts,
			 Sy__V1__AppealFacts *out);
extern const char *const fact_names[FACT_NR];  /* of the methods */
extern const char *const fact_events[FACT_NR]; /* of the log's types */

/* --- the service --- */

struct complaints_conf {
	struct service_conf common; /* first */
	char *subject_key;          /* SUYUAN_SUBJECT_KEY: 64 hex digits */
	struct bus_log_conf log;
	struct mail_conf mail;
	struct lookup_conf lookup;
};
extern const struct conf_entry *const complaints_conf_tables[];

struct timers;
struct desk_trim;
struct search;

struct complaints {
	struct complaints_conf conf;
	struct service service;
	struct replica *replica;
	struct bus_server *bus;
	struct timers *timers;
	struct forgetter *forgetter;
	struct desk_trim *desk_trim;
	struct search *search;
	struct transfers *transfers;
	struct outgoing *outgoing;
	struct intake_mail *intake_mail;
	struct lookups *lookups;
	struct mail_from mail_from;
	bool started;
	uint8_t subject_key[32];
	uint8_t hash_key[32]; /* for body hashes, derived */
	/* What the batch on its way has asked about customers (subject_read.c);
	 * decide may be shown a part of its items. */
	bool asked_intake, asked_ends;
};

/* keyed.c. 0, or -1: the subject key is not 64 hex digits. */
int complaints_keys(struct complaints *svc, struct error *err);
/* Of the body without what points at the case and without its time: these are
 * compared by themselves. */
void body_hash(const struct complaints *svc, struct arena *arena,
	       struct asked *asked, const ProtobufCMessage *request);
/* The pseudonym of c->person. */
void subject_make(const struct complaints *svc, struct appeal_case *c);
/* Those of all that is known of a person; how many. */
#define CONTACTS_MAX 3
size_t pseudonyms_make(const struct complaints *svc, const char *phone,
		       const char *email, const char *handle,
		       uint8_t out[CONTACTS_MAX][32]);

/* handlers.c: the dispatch table, ended by a row without a name; the rows of
 * the facts come first, in the order of enum fact_type. */
enum {
	METHOD_CLOCK_DUE = FACT_NR,
	METHOD_MERGE_SUBJECTS,
	METHOD_SPLIT_SUBJECTS,
	METHOD_ERASE_SUBJECT,
	METHOD_PUT_RETENTION,
	METHOD_FORGET_APPEALS, /* the service to itself */
};
extern const struct bus_method complaints_methods[];

/* parts.c: the cases and what is around them, ended by NULL. */
extern const struct part *const complaints_parts[];

/* get.c */
#define GET_STATEMENTS 3
/* Adds the statements of one whole case; personal: with that of everyone, not
 * only of the asking source. */
void get_ask(struct db_pipe *pipe, const struct bus_request *req,
	     const Sy__V1__AppealRef *ref, bool personal);
/* What they answered, from statement first on; facts: of its one row. */
void get_fill(struct arena *arena, const struct complaints *svc,
	      const struct db_result *res, int first,
	      const struct appeal_facts *facts, Sy__V1__Appeal *appeal);
/* The case alone, as the first answer of a pipe; what is personal of it as
 * above. */
void case_ask(struct db_pipe *pipe, const struct bus_request *req,
	      const Sy__V1__AppealRef *ref, bool personal);
/* False: answered. The same answer as for none: ids of other units tell
 * nothing. */
bool case_reached(struct bus_request *req, const struct db_result *res,
		  struct appeal_facts *facts_r);
/* NULL: nothing is known, or may be. */
Sy__V1__Person *case_person(struct arena *arena, const struct db_result *res,
			    int statement);
int64_t case_erased_us(const struct db_result *res, int statement);
void handle_get_appeal(struct bus_request *req);
void handle_get_attachment(struct bus_request *req);
/* preview.c */
void handle_preview_policy(struct bus_request *req);
/* appeal_id of a row, its column 0. */
char *store_id_text(struct arena *arena, const struct db_result *res,
		    int statement, int row);

/* list.c */
void handle_list_appeals(struct bus_request *req);

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
/* An unknown code waits this long for the directory, then it is BUSY. */
#define CONFIRM_MS 3000
/* bus_domain.confirm_directory */
void complaints_confirm(void *svc);
/* True: the grant reaches this case. */
bool grant_reaches(const struct replica *replica, const struct bus_grant *grant,
		   const char *principal, const char *source,
		   const struct appeal_facts *facts);

/* --- store.c, store_read.c --- */

enum complaints_sql {
	SQL_READ,
	SQL_READ_LATER,
	SQL_CLAIM,
	SQL_INSERT,
	SQL_UPDATE,
	SQL_FACTS,
	SQL_FACTS_REFUSED,
	SQL_PERSONS,
	SQL_TEXTS,
	SQL_ATTACHMENTS,
	SQL_LOOKUPS,
	SQL_TIMERS_PUT,
	SQL_TIMERS_DROP,
	SQL_GET,
	SQL_GET_TIMELINE,
	SQL_GET_OTHERS,
	SQL_GET_ATTACHMENT,
	SQL_PREVIEW_ALL,
	SQL_PREVIEW_SUBTREE,
	SQL_SEARCH_MARK,
	SQL_CLOCK_NOW,
	SQL_TIMERS_DUE,
	SQL_SUBJECT_MEMBERS,
	SQL_SUBJECT_LINKS,
	SQL_SUBJECT_EARLIER,
	SQL_SUBJECT_APPEALS,
	SQL_SUBJECT_WRITE,
	SQL_SUBJECT_LIST,
	SQL_SUBJECT_BEYOND,
	SQL_LINK_INSERT,
	SQL_LINK_CHANGE,
	SQL_LINK_DROP,
	SQL_LINK_LIST,
	SQL_ERASE,
	SQL_DESK_FORGET,
	SQL_ERASURES,
	SQL_RETENTION_PUT,
	SQL_RETENTION_DROP,
	SQL_RETENTIONS,
	SQL_RETENTION_DUE,
	SQL_NR,
};
extern const struct db_statement complaints_sql[SQL_NR];
/* Of the case "a", in every list. */
extern const char appeal_columns[];

#define FIRST_RESPONSE "first_response"

void complaints_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
/* The cases that read found. */
void store_cases(struct cases *cases, const struct db_result *res, int first);
/* One fact, from column col on; returns the column after it. */
int store_fact(struct arena *arena, const struct db_result *res, int statement,
	       int row, int col, struct appeal_fact *fact_r);
/* write.c */
void complaints_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe);

/* Columns of SQL_GET and the lists: appeal_id, source, external_id, revision,
 * then what this reads, from column STORE_FACTS_COL on. Strings live in res and
 * in the arena. */
#define STORE_FACTS_COL 4
#define STORE_FACTS_COLS (1 + CODE_NR + 8)
void store_facts(struct arena *arena, const struct db_result *res,
		 int statement, int row, int col, struct appeal_facts *facts_r);

/* What has no column of its own, packed. */
void *more_pack(struct arena *arena, const struct appeal_facts *facts,
		size_t *len_r);
/* bytes NULL: nothing but the columns is known. Strings are the arena's. */
void more_unpack(struct arena *arena, const uint8_t *bytes, size_t len,
		 struct appeal_facts *facts);
const Sy__V1__AppealDetail *detail_unpack(struct arena *arena,
					  enum fact_type type,
					  const uint8_t *bytes, size_t len);

/* --- timers.c --- */

/* ready_cb is called when timers can be looked for. */
int timers_open(struct timers **t_r, struct complaints *svc,
		void (*ready_cb)(void *arg), struct error *err);
bool timers_ready(const struct timers *t);
void timers_close(struct timers **t);

#endif
