/* mention_read.h -- what the questions about mentions share: the columns of a
 * whole one, and the message that they become. */
#ifndef SUYUAN_SOCIAL_MENTION_READ_H
#define SUYUAN_SOCIAL_MENTION_READ_H

#include "mentions.h"

/* Of mention m, mention_key k, mention_text t. */
#define MENTION_COLUMNS                                                        \
	"m.mention_id::text, k.revision, k.edited_at, k.brought_by,"           \
	" m.accepted_at, m.stored, t.external_id, t.url, t.in_reply_to,"       \
	" t.author, t.title, t.text"
#define MENTION_COLUMNS_NR 12

/* personal: with author, title and text. NULL: no such row. Everything is the
 * arena's. */
Sy__V1__Mention *mention_of_row(struct arena *arena,
				const struct db_result *res, int statement,
				int row, bool personal);

/* --- mention_list_store.c --- */

#define MENTION_WALK 20000
/* A subtree of so many units is read unit by unit. */
#define MENTION_UNITS_FEW 200

struct mention_list_ask {
	const Sy__V1__ListMentionsRequest *msg;
	const char *root; /* of the subtree; "": everything */
	int64_t from_us, to_us;
	size_t limit;
	/* The page begins behind this one. */
	int64_t at_us, n;
	bool in_cluster; /* only those of this one */
	uint8_t cluster[UUID_BYTES];
	bool few; /* units in the subtree */
};
/* The rows of the page and one more: MENTION_COLUMNS, n. */
void mention_list_put_page(struct db_pipe *pipe,
			   const struct mention_list_ask *ask);
/* Where a walk ends that is as long as it may be: time, n. */
void mention_list_put_walked(struct db_pipe *pipe,
			     const struct mention_list_ask *ask);
/* Behind the row of this time and number. */
char *mention_cursor_make(struct arena *arena, int64_t at_us, int64_t n);
/* How many units there are, at most MENTION_UNITS_FEW + 1. */
void mention_list_put_units(struct db_pipe *pipe,
			    const struct mention_list_ask *ask);

/* --- mention_counts_store.c --- */

#define MENTION_SPLITS_MAX 3

struct mention_counts_ask {
	const Sy__V1__GetMentionCountsRequest *msg;
	const char *root;
	uint32_t limit;
};
/* Keys as they are split by, mentions, reach; one row more than the limit. */
void mention_counts_put(struct db_pipe *pipe,
			const struct mention_counts_ask *ask);

/* --- reach.c --- */

/* A code in a question: short, on one line. False: refused and answered. */
bool social_code_good(struct bus_request *req, const char *code,
		      const char *field);

/* Of days that are asked for (NULL: none) the first and the last instant; what
 * they leave open stays. False: refused and answered. */
bool social_days(struct bus_request *req, const Sy__V1__DayRange *days,
		 int64_t *from_us, int64_t *to_us);

/* The root of the subtree that is asked about: of the asked unit, else of all
 * that the principal sees ("": everything). False: refused and answered. */
bool social_scope(struct bus_request *req, const char *unit,
		  const char **root_r);

#endif
