/* reactions.h -- the part of the service that answers: points of reaction (S6),
 * their clocks (S7) and what becomes of those that are forwarded into
 *complaints (S8).
 *
 *	mentions of the batch --rules--> reactions_open.c --+
 *	people -------------------------> reactions_decide.c +-> effects
 *	time, complaints, clusters -----> reactions_hear.c --+     |
 *	                                      reactions_write.c <--+
 *	reaction_tell --> reactions_duty.c --> complaints
 *	complaints' log --> reactions_follow.c --> appeal_heard --> HearAppeals
 *
 * reaction_rules.h has the life and the clocks. A reaction has the id of its
 * mention, so that a mention has one at most, for ever.
 */
#ifndef SUYUAN_SOCIAL_REACTIONS_H
#define SUYUAN_SOCIAL_REACTIONS_H

#include "clusters.h"
#include "mentions.h"
#include "reaction_rules.h"

/* --- the reactions of a batch: reactions_set.c --- */

/* What is sent to complaints. */
struct tell {
	struct reaction *r;
	uint32_t n;
	const char *method;
	const ProtobufCMessage *request;
	struct tell *next;
};

/* The statements of read, in order. */
enum {
	READ_REACTIONS,
	READ_MENTIONS,
	READ_SAID,
	READ_CLUSTERS,
	READ_HEARD,
	READ_TELLS,
};

/* What a step said besides its facts. */
struct said {
	const char *text, *url, *template, *reason; /* NULL: nothing */
};

struct effect {
	struct reaction *r;
	const struct bus_item *cause;
	const char *step, *clock, *by;
	struct said said;
	int64_t revision;
	int64_t at_us;
	Sy__V1__ReactionFacts before, after;
	bool first; /* there was nothing before */
	struct effect *next;
};

struct reaction {
	uint8_t id[UUID_BYTES];
	char id_text[UUID_TEXT_MAX];
	int64_t revision_read, revision; /* 0: not there yet */
	Sy__V1__ReactionStored *now;
	/* As the last event said. Shallow: what it points at is never changed
	 * in place, nor what now points at. */
	Sy__V1__ReactionFacts last;
	int64_t next_due_us, wake_us;
	struct reaction *next;
};

struct reactions {
	const struct social *svc;
	struct bus_batch *batch;
	struct arena *arena;
	struct reaction *first;
	struct effect *effects, **effects_end;
	struct tell *tells, **tells_end;
	/* Rows that are done with. */
	struct told {
		const uint8_t *reaction;
		uint32_t n;
		bool all; /* and what waits behind it */
	} * told;
	size_t told_nr;
	int64_t *heard, *asked;
	size_t heard_nr, asked_nr;
	/* answers of read: at + READ_... */
	const struct db_result *res;
	int at;
	bool directory_fresh, wait;
};

struct reaction *reactions_find(const struct reactions *all,
				const uint8_t id[UUID_BYTES]);
/* One that is to be opened. */
struct reaction *reactions_add(struct reactions *all,
			       const uint8_t id[UUID_BYTES]);
void reactions_load(struct reactions *all, const struct db_result *res,
		    int statement);

struct reaction_life reaction_life_of(const Sy__V1__ReactionStored *stored);
/* What time alone has changed since it was judged last. Before any step. */
void reaction_pass(struct reactions *all, const struct bus_item *item,
		   struct reaction *r);
/* Takes the step, judges the clocks and makes the event. NULL, or why not, and
 * then nothing else has changed. Other facts are what they will
 * be. */
const char *reaction_step(struct reactions *all, const struct bus_item *item,
			  struct reaction *r, enum reaction_step step,
			  int64_t at_us, const char *by,
			  const struct said *said);
/* Something else has happened: the facts are what they will be. */
void reaction_note(struct reactions *all, const struct bus_item *item,
		   struct reaction *r, const char *step, int64_t at_us,
		   const char *by, const struct said *said);
struct tell *reaction_tell(struct reactions *all, struct reaction *r,
			   const char *method, const ProtobufCMessage *request);
void reaction_told(struct reactions *all, const struct reaction *r, uint32_t n,
		   bool whole);
struct reaction_limits reaction_limits(const struct social *svc,
				       const Sy__V1__ReactionStored *stored,
				       int64_t now_us);

/* --- reactions_open.c: which mentions need one --- */

/* Those that came with this batch. */
void reactions_open_batch(struct reactions *all);
/* It has changed in this batch, so that it is to be looked at again. */
bool mention_to_judge(const struct mention *m);
/* The rule of the directory that asks for a reaction, and its policy's code;
 * else, where a watch rule wants one, the usual rule and "watch:" with its
 * code. NULL: none does. */
const Sy__V1__ReactionRule *reaction_wanted(const struct social *svc,
					    const Sy__V1__MentionFacts *facts,
					    uint64_t mentions, uint64_t reach,
					    int64_t now_us, struct arena *arena,
					    const char **policy_r);
struct reaction *reaction_open(struct reactions *all,
			       const struct bus_item *item,
			       const struct mention *m,
			       const Sy__V1__ReactionRule *rule,
			       const char *policy, uint32_t priority);
/* The facts of the mention have changed. */
void reaction_follow_mention(struct reactions *all, const struct bus_item *item,
			     struct reaction *r, const struct mention *m);

/* --- reactions_decide.c, reactions_hear.c, forward_asks.c --- */

void reactions_decide_person(struct reactions *all, struct bus_item *item);
void reactions_decide_self(struct reactions *all, struct bus_item *item);

/* What the mention of a reaction says, for its appeal. */
struct mention_said {
	const char *text, *title, *author, *url;
};
/* false: not there any more. */
bool mention_said(const struct reactions *all, const uint8_t id[UUID_BYTES],
		  struct mention_said *said_r);

/* The commands that make an appeal of a reaction and a task for its branch. */
void forward_tell(struct reactions *all, struct reaction *r,
		  const Sy__V1__ForwardReactionRequest *asked, const char *kind,
		  const char *topic, const struct mention_said *said,
		  int64_t at_us);
void answer_tell(struct reactions *all, struct reaction *r, const char *text,
		 int64_t at_us);
void report_tell(struct reactions *all, struct reaction *r, const char *text,
		 int64_t at_us);
void reopen_tell(struct reactions *all, struct reaction *r, int64_t at_us);

/* --- the part --- */

#define REACTIONS_SQL_FIRST CLUSTERS_SQL_END
enum reactions_sql {
	REACTIONS_SQL_READ = REACTIONS_SQL_FIRST,
	REACTIONS_SQL_SAID,
	REACTIONS_SQL_CLUSTERS,
	REACTIONS_SQL_HEARD,
	REACTIONS_SQL_TELLS,
	REACTIONS_SQL_CLAIM,
	REACTIONS_SQL_ADD,
	REACTIONS_SQL_CHANGE,
	REACTIONS_SQL_STEPS,
	REACTIONS_SQL_SAY,
	REACTIONS_SQL_TELL,
	REACTIONS_SQL_TOLD,
	REACTIONS_SQL_HEARD_DROP,
	REACTIONS_SQL_ASK,
	REACTIONS_SQL_ASKED,
	REACTIONS_SQL_ERASE,
	REACTIONS_SQL_GET,
	REACTIONS_SQL_GET_STEPS,
	REACTIONS_SQL_QUEUE,
	REACTIONS_SQL_HISTORY,
	REACTIONS_SQL_COUNT,
	REACTIONS_SQL_END,
};
extern const struct db_statement
	reactions_sql[REACTIONS_SQL_END - REACTIONS_SQL_FIRST];

enum reactions_method {
	REACTIONS_OPEN,
	REACTIONS_ASSIGN,
	REACTIONS_ANSWER,
	REACTIONS_FORWARD,
	REACTIONS_REPORT,
	REACTIONS_DISMISS,
	REACTIONS_REOPEN,
	/* the service to itself */
	REACTIONS_JUDGE,
	REACTIONS_DUE,
	REACTIONS_TOLD,
	REACTIONS_HEAR,
};
extern const struct bus_method reactions_methods[];
extern const struct part reactions_part;

void reactions_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
void reactions_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe);

/* --- reactions_get.c --- */

/* NULL: there is none such. Without its steps. */
Sy__V1__Reaction *reaction_of_row(struct arena *arena,
				  const struct db_result *res, int statement,
				  int row);
void handle_list_reactions(struct bus_request *req);
void handle_get_reaction(struct bus_request *req);

/* --- reactions_duty_store.c: on connections of their own --- */

enum { DUTY_DUE, DUTY_ASKS, DUTY_HEARD, DUTY_TELLS, DUTY_TRIM, DUTY_NR };
extern const struct db_statement reactions_duty_sql[DUTY_NR];
enum { FOLLOW_NOTE, FOLLOW_NR };
extern const struct db_statement reactions_follow_sql[FOLLOW_NR];

/* --- reactions_duty.c: what waits for somebody to do it --- */

struct reactions_duty;
int reactions_duty_open(struct reactions_duty **d_r, struct social *svc,
			struct duties *duties, struct error *err);
void reactions_duty_close(struct reactions_duty **d);

/* --- reactions_follow.c: the log of complaints --- */

/* Once the directory is ready; svc->complaints is its consumer. 0 too where
 * there is no complaints. */
int reactions_follow(struct social *svc, struct error *err);

#endif
