/* subjects.h -- customers behind appeals: contacts that are one customer, cases
 * that repeat an earlier one, and what of a customer is kept, shown and erased.
 *
 * A contact (phone, e-mail, handle) is its pseudonym. A case keeps the first
 * contact of its customer for ever; links between contacts make sets, and a set
 * is a subject. So a link can be taken back and no case is written for it.
 * subject_sets.c and repeat.c are pure.
 */
#ifndef SUYUAN_SUBJECTS_H
#define SUYUAN_SUBJECTS_H

#include "decide.h"

#define CONTACT_BYTES 32
/* Who shows and erases what is kept of customers. */
#define KEEPERS (ROLE_PRIVACY | ROLE_ADMIN)

/* --- subject_sets.c: contacts and their sets --- */

struct contact {
	uint8_t id[CONTACT_BYTES];
	struct contact *root; /* whose id stands for the set; may be itself */
	struct contact *next; /* in the set */
	struct contact *last; /* of a root */
	size_t nr;            /* of a root: contacts in its set */
	bool stored;
	uint8_t subject_read[CONTACT_BYTES];
	bool touched; /* its set was changed */
	bool forgotten;
	struct contact *later;   /* in order of appearance */
	struct earlier *earlier; /* cases */
	UT_hash_handle hh;
};

/* Two contacts are one customer, or are known not to be. */
struct subject_link {
	uint8_t id[UUID_BYTES];
	char id_text[UUID_TEXT_MAX];
	struct contact *a, *b; /* a's id is the smaller */
	int64_t revision_read, revision;
	bool by_rule, split;
	char appeal_id[UUID_TEXT_MAX], other_appeal_id[UUID_TEXT_MAX];
	const char *principal, *text; /* of the last change */
	int64_t changed_us;
	struct bus_item *cause; /* of a change in this batch */
	struct subject_link *next;
};

struct subjects {
	struct arena *arena;
	struct contact *contacts; /* hash, during decide only */
	struct contact *first, **last;
	struct subject_link *links, **links_last;
};

/* A phone that a whole office gives is no person's: rules stop here. */
#define SET_MAX_BY_RULE 10
#define SET_MAX 50

void subjects_open(struct subjects *s, struct arena *arena);
/* Frees the hash table; the rest stays in the arena. */
void subjects_close_index(struct subjects *s);
/* A contact that is not known is a set of its own. */
struct contact *subjects_contact(struct subjects *s,
				 const uint8_t id[CONTACT_BYTES]);
/* As the store says. */
void subjects_stored(struct subjects *s, const uint8_t id[CONTACT_BYTES],
		     const uint8_t subject[CONTACT_BYTES]);
struct subject_link *subjects_link_add(struct subjects *s, struct contact *a,
				       struct contact *b);
struct subject_link *subjects_link(const struct subjects *s,
				   const struct contact *a,
				   const struct contact *b);
bool contacts_joined(const struct contact *a, const struct contact *b);
/* The smaller set takes the name of the larger. */
void contacts_join(struct contact *a, struct contact *b);
/* The link is not counted any more: the set falls into what the others hold
 * together. All links of the set must be known. */
void subjects_split(struct subjects *s, struct subject_link *link);

/* --- repeat.c: the same customer, the same matter, again --- */

/* A case of the same customer. */
struct earlier_case {
	char id_text[UUID_TEXT_MAX];
	const char *topic, *product;
	const char *first; /* that it repeats itself, or "" */
	int64_t registered_at_us;
	int64_t ended_at_us; /* closed, or else resolved; 0 = it is open */
};

struct repeat {
	const char *first;     /* appeal_id */
	int64_t window_end_us; /* of the case that it follows */
};
/* Of the cases that ended within the window before at_us the one that ended
 * last is repeated. A case that is open is no repeat. False: it is none. */
bool repeat_find(const struct earlier_case *cases, size_t n, const char *topic,
		 const char *product, bool same_product, int64_t window_us,
		 int64_t at_us, struct repeat *repeat_r);
/* The same topic, and product if that counts; no topic is no matter. */
bool same_matter(const char *topic, const char *product,
		 const char *other_topic, const char *other_product,
		 bool same_product);

/* --- one batch --- */

/* What the store knows of a case, or the batch. */
struct earlier {
	const struct appeal_case *c; /* NULL: it is not in the batch */
	uint8_t id[UUID_BYTES];
	struct earlier_case e;
	struct earlier *next;
};

/* bus_item.scratch of a registration: the pseudonyms in it. */
struct contacts_said {
	size_t n;
	uint8_t id[CONTACTS_MAX][CONTACT_BYTES];
};

/* A case of a customer who is asked about. */
struct subject_case {
	uint8_t id[UUID_BYTES];
	int64_t revision;
	const char *source;
	struct appeal_facts facts;
	bool has_subject;
	uint8_t subject[CONTACT_BYTES];
};

/* bus_item.scratch of a method about customers. */
struct subject_cases {
	struct subject_case *cases;
	size_t n;
};

struct erasure {
	uint8_t id[UUID_BYTES];
	Sy__V1__ErasureCause cause;
	const char *by;
	const struct subject_case *cases;
	size_t n;
	struct contact *forgotten; /* a set that goes, or NULL */
	struct bus_item *item;
	struct erasure *next;
};

struct subject_batch {
	struct subjects s;
	struct erasure *erasures, **erasures_last;
	const Sy__V1__PutRetentionRequest **retentions;
	size_t retentions_nr;
};

/* An erasure takes so many cases at once. */
#define ERASE_MAX 500
#define RETENTION_DAYS_MAX 36500

/* subject_read.c. Adds the questions of registrations and classifications, then
 * those of the methods about subjects, item by item. */
void subjects_read(struct complaints *svc, struct bus_batch *batch,
		   struct db_pipe *pipe, const struct points_at *to);
/* What they have answered; the first at statement first. */
void subjects_load(struct decision *d, const struct db_result *res, int first);
/* The pseudonyms that a method names by phone, e-mail or handle. */
const struct contacts_said *subjects_said(struct complaints *svc,
					  struct arena *arena,
					  const struct bus_item *item);

/* subject_intake.c. A case was registered: its contacts are one customer. */
void subjects_registered(struct decision *d, struct bus_item *item,
			 struct appeal_case *c);
/* Marks a case that repeats an earlier one: once it is known what it is about
 * and nobody has judged it. True: there is one more fact to fold. */
bool subjects_mark_repeat(struct decision *d, struct appeal_case *c,
			  const struct appeal_facts *after);

/* News that the case was ended: what was registered since may repeat it. */
void subjects_ended(struct decision *d, const struct bus_item *item,
		    const struct appeal_case *ended);

/* subject_decide.c */
/* True: by a case, or by exactly one contact, well-formed. */
bool subject_named(const char *appeal_id, const char *phone, const char *email,
		   const char *handle, struct problem *problem_r);
void subjects_decide(struct decision *d, struct bus_item *item);
void subjects_emit(const struct decision *d);

/* subject_write.c */
void subjects_write(struct db_pipe *pipe, const struct subject_batch *batch);

/* --- subject_handlers.c, subject_export.c --- */

/* A customer, by a case or by contacts. */
struct subject_asked {
	struct contacts_said contacts;
	const char *appeal_id; /* or "" */
};
/* The parameters $1 to $3 of statements about a customer. */
void subject_params(struct db_pipe *pipe, const struct subject_asked *asked);
/* Strings live in res. */
void subject_links_fill(struct arena *arena, const struct db_result *res,
			int st, Sy__V1__SubjectLink ***links_r, size_t *n_r);
void handle_list_subject_appeals(struct bus_request *req);
void handle_list_erasures(struct bus_request *req);
void handle_list_retentions(struct bus_request *req);
void handle_export_subject(struct bus_request *req);

/* forget.c -- looks for cases that were kept long enough. */
int forgetter_open(struct forgetter **f_r, struct complaints *svc,
		   struct error *err);
void forgetter_close(struct forgetter **f);

#endif
