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

#include "complaints.h"

#define CONTACT_BYTES 32
/* Phone, e-mail, handle. */
#define CONTACTS_MAX 3

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
	const struct bus_item *cause; /* of a change in this batch */
	struct subject_link *next;
};

struct subjects {
	struct arena *arena;
	struct contact *contacts; /* hash */
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
/* True: the store has another subject for it, or none that it should have. */
bool contact_changed(const struct contact *c);

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

#endif
