/* mentions.h -- the first part of the service: mentions come in, are edited and
 * deleted at their source, and counted. Other parts see the mentions of the
 * batch and change their facts through this file; the counts follow.
 *
 * mention_check.c and mention_rules.c are pure; a batch goes through
 * mentions_read.c, mentions_decide.c, mentions_write.c; mentions_store.c holds
 * every statement.
 */
#ifndef SUYUAN_SOCIAL_MENTIONS_H
#define SUYUAN_SOCIAL_MENTIONS_H

#include "social.h"
#include "understand.h"

/* --- mention_check.c: the fields of a request, before any look-up --- */

struct mention_fault {
	char field[64];
	char text[160];
};
/* True: all good. Of times mention_time_good says. */
bool mention_check(const Sy__V1__PutMentionRequest *mention,
		   struct mention_fault *fault_r);
bool author_check(const Sy__V1__EraseAuthorRequest *request,
		  struct mention_fault *fault_r);
bool mention_ref_check(const char *source, const char *external_id,
		       struct mention_fault *fault_r);
/* 2000 to a day ahead of now. */
bool mention_time_good(int64_t at_us, int64_t now_us);

/* --- mentions_prepare.c: before the batch --- */

/* What is known of one PutMention before its turn. */
struct prepared {
	uint8_t id[UUID_BYTES];
	bool good;
	struct mention_fault fault; /* of one that is not good */
	struct understanding u;
	bool has_author;
	int64_t author; /* of the pseudonym */
};
void mentions_prepare(void *svc, struct bus_item *item, struct arena *arena);

/* --- the mentions of a batch --- */

struct mention {
	uint8_t id[UUID_BYTES];
	bool known;  /* its key was there before this batch */
	bool kept;   /* and its row: retention has not taken it */
	int32_t day; /* where its row is */
	int64_t n;
	int32_t revision_read, revision;
	const char *brought_by; /* principal */
	int64_t accepted_at_us, edited_at_us;
	/* NULL: there is none. Never changed in place. */
	const Sy__V1__MentionStored *before, *after;
	/* What came with this batch: the newest version, and what was found of
	 * it before. NULL: nothing came. */
	const Sy__V1__PutMentionRequest *text;
	const struct prepared *prepared;
	/* Deleted or erased: the text goes, and whatever anybody has made of
	 * it. */
	bool text_gone;
	/* The last item that changed it; NULL: it was only read. */
	const struct bus_item *cause;
	struct mention *next; /* in order of arrival */
};

struct mentions;

/* Of the batch that is being decided or written; from parts that come later. */
struct mentions *mentions_of_batch(void);
struct mention *mentions_first(const struct mentions *all);
/* NULL: not read, not new. */
struct mention *mentions_find(const struct mentions *all,
			      const uint8_t id[UUID_BYTES]);
/* For what another part asks of mentions by id: adds the statement to its read,
 * and in its decide takes the answer in. What this batch has changed already
 * stays as it is. */
void mentions_read_ids(struct db_pipe *pipe, const uint8_t *ids, size_t n);
void mentions_load(struct mentions *all, const struct db_result *res,
		   int statement);
/* The facts become these, which live as long as the batch: class, sentiment,
 * topic, unit (and with it the day: social_day), spam, corrected may differ.
 * Counts and the row follow. */
void mentions_change(struct mentions *all, struct mention *m,
		     const Sy__V1__MentionStored *after,
		     const struct bus_item *cause);
/* It goes at its source, with its text. */
void mention_delete(struct mentions *all, struct mention *m,
		    const struct bus_item *cause);
/* Its author is forgotten: the text goes for good, what is counted stays. */
void mention_erase(struct mentions *all, struct mention *m,
		   const struct bus_item *cause);
/* It counts: not deleted. */
bool mention_counts(const Sy__V1__MentionStored *stored);

/* --- mention_rules.c: what becomes of a mention that comes --- */

enum mention_step {
	MENTION_NEW,
	MENTION_CHANGED, /* edited or deleted */
	MENTION_SAME,    /* no effect: a repeat, or older than what is known */
	MENTION_UNKNOWN, /* to be deleted, and never seen */
	MENTION_FOREIGN, /* another principal brought it */
};
/* m NULL: never seen. */
enum mention_step mention_put_judge(const struct mention *m,
				    const char *principal,
				    int64_t edited_at_us);
enum mention_step mention_delete_judge(const struct mention *m,
				       const char *principal);
/* The version that a source knows by its own time of it. */
Sy__V1__MentionStored *mention_make(struct arena *arena,
				    const Sy__V1__PutMentionRequest *mention,
				    const struct understanding *u,
				    const char *unit, int64_t published_at_us);

/* --- tally.c: sums, pure --- */

struct tally {
	int32_t hour, day; /* of publication: UTC; local to the unit */
	const char *unit, *topic, *source;
	Sy__V1__MentionClass mention_class;
	Sy__V1__Sentiment sentiment;
	int64_t mentions, reach;
};
struct tallies {
	struct tally *t;
	size_t n;
};
/* after - before over all mentions; zeroes are left out. */
struct tallies tally_sum(struct arena *arena, const struct mention *first);

/* --- meters.c --- */

void mention_meters_open(void);
/* A batch is about to be written. */
void mention_meters_batch(const struct bus_batch *batch,
			  const struct mention *first);

/* --- mentions_store.c --- */

#define MENTIONS_AT_ONCE 1000 /* of one PutMentions */
#define ERASED_AT_ONCE 5000   /* of one EraseAuthor */

#define MENTIONS_SQL_FIRST 0
enum mentions_sql {
	MENTIONS_SQL_NOW = MENTIONS_SQL_FIRST,
	MENTIONS_SQL_READ,
	MENTIONS_SQL_READ_AUTHOR,
	MENTIONS_SQL_CLAIM,
	MENTIONS_SQL_ADD,
	MENTIONS_SQL_ADD_TEXT,
	MENTIONS_SQL_CHANGE,
	MENTIONS_SQL_CHANGE_TEXT,
	MENTIONS_SQL_DROP_TEXT,
	MENTIONS_SQL_TALLY,
	MENTIONS_SQL_GET,
	MENTIONS_SQL_SETTING_TOUCH,
	MENTIONS_SQL_END,
};
extern const struct db_statement
	mentions_sql[MENTIONS_SQL_END - MENTIONS_SQL_FIRST];

void mentions_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
enum bus_decision mentions_decide(void *svc, struct bus_batch *batch,
				  const struct db_result *res, int first,
				  bool directory_fresh);
void mentions_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe);

enum mentions_method {
	MENTIONS_PUT,
	MENTIONS_PUT_MANY,
	MENTIONS_DELETE,
	MENTIONS_ERASE_AUTHOR,
};
extern const struct bus_method mentions_methods[];
extern const struct part mentions_part;

/* --- mention_get.c --- */

void handle_get_mention(struct bus_request *req);
/* --- mention_list.c --- */
void handle_list_mentions(struct bus_request *req);
/* --- mention_counts.c --- */
void handle_get_mention_counts(struct bus_request *req);

#endif
